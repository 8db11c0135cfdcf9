//! How long a command may take and how much it may hold.

use super::{Invariant, Violation};
use crate::harness::Ran;

/// What `timeout` gives when it had to end what it ran, and what a shell calls a death by SIGKILL.
const TIMED_OUT: [i32; 2] = [124, 137];
/// What is said by those who ask for memory and are given none: Rust, `SQLite`, the system.
const NO_MEMORY: [&str; 3] = ["memory allocation of", "out of memory", "Cannot allocate memory"];

/// A command that ran within limits of time and memory, and came up against one.
pub fn limits(ran: &Ran) -> Option<Violation> {
    let is_late = TIMED_OUT.contains(&ran.status);
    let is_large = NO_MEMORY.iter().any(|said| ran.stderr.contains(said));
    (is_late || is_large).then(|| {
        let limit = if is_late { "time" } else { "memory" };
        Invariant::EndsInTime.broken(format!("it came up against its limit of {limit}\n{ran}"))
    })
}
