//! Which versions stay, and why: a pure plan with reasons (SPEC section 7).

use chrono_tz::Tz;

use super::settings::Span;
use super::{Time, Version};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Policy {
    pub keep_last: u32,
    pub keep_within: Span,
    pub keep_daily: u32,
    pub keep_weekly: u32,
    pub keep_monthly: u32,
    pub keep_yearly: u32,
    /// Never fewer than this many unsuspicious ones.
    pub min_good: u32,
    /// How long the `min_good` from before a hold stay.
    pub keep_suspect: Span,
}

impl Default for Policy {
    fn default() -> Self {
        Self {
            keep_last: 2,
            keep_within: Span::days(3),
            keep_daily: 7,
            keep_weekly: 4,
            keep_monthly: 6,
            keep_yearly: 0,
            min_good: 2,
            keep_suspect: Span::days(90),
        }
    }
}

/// What else decides, beside the list of versions.
#[derive(Debug, Clone, Copy)]
pub struct Circumstances<'a> {
    pub now: Time,
    /// The server's, in which days, weeks and months are counted.
    pub timezone: Tz,
    pub current_version: Option<&'a str>,
    /// The job's newest entry is critical or its newest version is held: nothing goes.
    pub job_is_critical: bool,
    /// The scan before this one, by the state; none for 30 days means that the clock has jumped.
    pub last_scan: Option<Time>,
    /// When the job was last held, and no longer is (or still is).
    pub last_held_at: Option<Time>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Rule {
    Last,
    Within,
    Daily,
    Weekly,
    Monthly,
    Yearly,
    MinGood,
    Current,
    Pinned,
    Held,
    BeforeHold,
    JobIsCritical,
    ClockJumped,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fate {
    /// Kept, by all these rules (at least one).
    Keep(Vec<Rule>),
    Remove,
}

#[derive(Debug, Clone, PartialEq)]
pub struct Decision {
    pub version: String,
    pub fate: Fate,
}

/// Decides for every version of one job; in the order of `versions`, each exactly once.
#[must_use]
pub fn plan(_policy: &Policy, _versions: &[Version], _circumstances: &Circumstances) -> Vec<Decision> {
    unimplemented!()
}
