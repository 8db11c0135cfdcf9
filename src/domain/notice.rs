//! Who is told what, and when (SPEC section 8): pure decisions over incidents and what was told before.

use super::Time;

/// Which of its news a recipient has been told.
#[derive(Debug, Clone, PartialEq)]
pub struct Told {
    pub incident: i64,
    pub cause: Option<String>,
    pub resolved: bool,
    pub at: Time,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum News {
    Opened,
    Changed,
    Reminder,
    Resolved,
}
