//! When a backup is expected: occurrences, cycles, deadlines, daylight saving (SPEC section 5).

use chrono::TimeDelta;
use chrono_tz::Tz;

use super::settings::{Settings, Span};
use super::Time;

pub const DEFAULT_EVERY: Span = Span::hours(24);
pub const DEFAULT_GRACE_CALENDAR: Span = Span::hours(2);
pub const DEFAULT_GRACE_EVERY: Span = Span::hours(12);
pub const DEFAULT_EARLY: Span = Span::hours(1);
/// At most this many missed cycles get an entry after an outage.
pub const MISSED_LIMIT: usize = 400;

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ScheduleError {
    #[error("`{0}` is no cron expression: {1}")]
    Cron(String, String),
    #[error("`{0}` is no time of day; write for example `13:00`")]
    TimeOfDay(String),
    #[error("`{0}` names no days; write for example `mon-fri`, `sat,sun` or `daily`")]
    Days(String),
    #[error("`{0}` is no time zone; write an IANA name, for example `Africa/Douala`")]
    Timezone(String),
    #[error("`every` must be at least 1 min")]
    TooOften,
    #[error("only one of `cron`, `at` and `every` can be set")]
    Several,
    #[error("`days` goes with `at`")]
    DaysWithoutAt,
    #[error("`at` names no time")]
    NoTime,
    #[error("the schedule never fires")]
    Never,
}

/// A checked schedule, ready to compute with.
#[derive(Debug, Clone, PartialEq)]
pub struct Schedule {
    pub timezone: Tz,
    pub grace: TimeDelta,
    pub early: TimeDelta,
}

/// A stretch of time, half-open: `from` inside, `until` outside. `None`: no end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Window {
    pub from: Time,
    pub until: Option<Time>,
}

impl Window {
    #[must_use]
    pub fn contains(&self, time: Time) -> bool {
        self.from <= time && self.until.is_none_or(|until| time < until)
    }
}

/// What a job's cycles are counted from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Anchor {
    pub added: Time,
    pub schedule_changed: Time,
    /// Newest time that counts of any report that covers.
    pub covered_by: Option<Time>,
    /// Due time of the newest missed cycle already recorded.
    pub missed_through: Option<Time>,
}

/// One expected backup: when it is due and when it is missed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Cycle {
    pub due: Time,
    pub deadline: Time,
}

impl Schedule {
    /// Checks the schedule keys of `settings`; `timezone` holds where they name none.
    ///
    /// # Errors
    /// When a key is malformed, when two kinds of schedule are set, or when it never fires.
    pub fn new(_settings: &Settings, _server_timezone: Tz) -> Result<Self, ScheduleError> {
        unimplemented!()
    }

    /// The first cycle after all that is covered, missed and recorded, or paused: what the job now waits for.
    /// `None` while a window without end swallows all that follows.
    #[must_use]
    pub fn open_cycle(&self, _anchor: &Anchor, _windows: &[Window]) -> Option<Cycle> {
        unimplemented!()
    }

    /// The cycles after `anchor` whose deadline has come at `now`, oldest first, at most [`MISSED_LIMIT`] (the newest ones).
    #[must_use]
    pub fn missed(&self, _anchor: &Anchor, _windows: &[Window], _now: Time) -> Vec<Cycle> {
        unimplemented!()
    }

    /// The occurrence that a report at `time` covers; `None` under `every`, which has no occurrences of its own.
    #[must_use]
    pub fn covered_occurrence(&self, _time: Time) -> Option<Time> {
        unimplemented!()
    }

    /// Whether a report at `time` meets the cycle that was due at `due`.
    #[must_use]
    pub fn covers(&self, _time: Time, _due: Time) -> bool {
        unimplemented!()
    }

    /// The next `count` cycles after `now`, for `jobs next`. Under `every` counted from the anchor.
    #[must_use]
    pub fn upcoming(&self, _anchor: &Anchor, _windows: &[Window], _now: Time, _count: usize) -> Vec<Cycle> {
        unimplemented!()
    }
}
