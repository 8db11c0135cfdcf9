//! When a backup is expected: occurrences, cycles, deadlines, daylight saving (SPEC section 5).
//!
//! A *cycle* is one expected backup: due at a moment, missed from its deadline on. `parse` checks what was written
//! (five cron fields or a nickname such as `@daily`, never seconds); `day_rule` knows which days that names and
//! `occurrences` walks them on the wall clock, which [`local`] turns into instants by our own rule for daylight
//! saving; `calendar` and `every` derive the cycles of the two kinds of schedule from an [`Anchor`], and `window`
//! keeps pauses out of both. What a job is at a moment is decided elsewhere.

mod calendar;
mod day_rule;
mod days;
mod every;
pub mod local;
mod occurrences;
mod parse;
#[cfg(test)]
mod tests;
mod window;

use std::fmt;
use std::sync::Arc;

use chrono::TimeDelta;
use chrono_tz::Tz;

use super::Time;
use super::settings::{Settings, Span};
use calendar::CalendarCycles;
use every::EveryCycles;
use occurrences::{Calendar, Occurrences};
use window::Pauses;

pub use days::Days;
pub use parse::{ScheduleError, time_of_day};
pub use window::Window;

pub const DEFAULT_EVERY: Span = Span::hours(24);
pub const DEFAULT_GRACE_CALENDAR: Span = Span::hours(2);
pub const DEFAULT_GRACE_EVERY: Span = Span::hours(12);
pub const DEFAULT_EARLY: Span = Span::hours(1);
/// At most this many missed cycles get an entry after an outage.
pub const MISSED_LIMIT: usize = 400;

/// A checked schedule, ready to compute with; cheap to clone. Written, it tells one schedule from another:
/// `cron "0 13 * * mon-fri" Africa/Douala grace 2h early 1h`.
#[derive(Debug, Clone, PartialEq)]
pub struct Schedule {
    pub timezone: Tz,
    pub grace: TimeDelta,
    pub early: TimeDelta,
    kind: Kind,
}

#[derive(Debug, Clone, PartialEq)]
enum Kind {
    Calendar(Arc<Plan>),
    Every(Span),
}

/// A calendar, and how it was written.
#[derive(Debug, PartialEq)]
struct Plan {
    text: String,
    calendar: Calendar,
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
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Cycle {
    pub due: Time,
    pub deadline: Time,
}

/// The cycles of a schedule among windows.
enum Cycles<'a> {
    Calendar(CalendarCycles<'a>),
    Every(EveryCycles<'a>),
}

impl Schedule {
    /// Checks the schedule keys of `settings`; `server_timezone` holds where they name none.
    ///
    /// # Errors
    /// When a key is malformed, when two kinds of schedule are set, or when it never fires.
    pub fn new(settings: &Settings, server_timezone: Tz) -> Result<Self, ScheduleError> {
        parse::schedule(settings, server_timezone)
    }

    /// The schedule of a job for which nobody set one.
    #[must_use]
    pub fn assumed(server_timezone: Tz) -> Self {
        Self {
            timezone: server_timezone,
            grace: DEFAULT_GRACE_EVERY.delta(),
            early: DEFAULT_EARLY.delta(),
            kind: Kind::Every(DEFAULT_EVERY),
        }
    }

    /// The first cycle after all that is covered, missed and recorded, or paused: what the job now waits for.
    /// `None` while a window without end swallows all that follows.
    #[must_use]
    pub fn open_cycle(&self, anchor: &Anchor, windows: &[Window]) -> Option<Cycle> {
        match self.cycles(windows) {
            Cycles::Calendar(cycles) => cycles.open(anchor),
            Cycles::Every(cycles) => cycles.open(anchor),
        }
    }

    /// The cycles after `anchor` whose deadline has come at `now`, oldest first, at most [`MISSED_LIMIT`] (the newest ones).
    #[must_use]
    pub fn missed(&self, anchor: &Anchor, windows: &[Window], now: Time) -> Vec<Cycle> {
        match self.cycles(windows) {
            Cycles::Calendar(cycles) => cycles.missed(anchor, now),
            Cycles::Every(cycles) => cycles.missed(anchor, now),
        }
    }

    /// The distance of backups; `None` under a calendar.
    #[must_use]
    pub fn every(&self) -> Option<TimeDelta> {
        match &self.kind {
            Kind::Calendar(_) => None,
            Kind::Every(every) => Some(every.delta()),
        }
    }

    /// The occurrence that a report at `time` covers; `None` under `every`, which has no occurrences of its own.
    #[must_use]
    pub fn covered_occurrence(&self, time: Time) -> Option<Time> {
        match &self.kind {
            Kind::Calendar(plan) => self.occurrences(plan).covered(time, self.early),
            Kind::Every(_) => None,
        }
    }

    /// Whether a report at `time` meets the cycle that was due at `due`. Under `every` it does when the next backup
    /// after it is due later than that; windows are left out, for they only ever put a due time off.
    #[must_use]
    pub fn covers(&self, time: Time, due: Time) -> bool {
        match &self.kind {
            Kind::Calendar(_) => self.covered_occurrence(time).is_some_and(|occurrence| occurrence >= due),
            Kind::Every(every) => time.checked_add_signed(every.delta()).is_none_or(|next| next > due),
        }
    }

    /// The next `count` cycles that are due after `now` and not covered yet, for `jobs next`. Under `every` counted
    /// from the anchor.
    #[must_use]
    pub fn upcoming(&self, anchor: &Anchor, windows: &[Window], now: Time, count: usize) -> Vec<Cycle> {
        match self.cycles(windows) {
            Cycles::Calendar(cycles) => cycles.upcoming(anchor, now, count),
            Cycles::Every(cycles) => cycles.upcoming(anchor, now, count),
        }
    }

    fn cycles<'a>(&'a self, windows: &'a [Window]) -> Cycles<'a> {
        let (grace, early, pauses) = (self.grace, self.early, Pauses::new(windows));
        match &self.kind {
            Kind::Calendar(plan) => {
                Cycles::Calendar(CalendarCycles { occurrences: self.occurrences(plan), grace, early, pauses })
            }
            Kind::Every(every) => Cycles::Every(EveryCycles { every: *every, grace, pauses }),
        }
    }

    fn occurrences<'a>(&self, plan: &'a Plan) -> Occurrences<'a> {
        Occurrences { calendar: &plan.calendar, timezone: self.timezone }
    }
}

impl fmt::Display for Schedule {
    /// Only what decides: `every` knows neither time zone nor early.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let grace = whole(self.grace);
        match &self.kind {
            Kind::Calendar(plan) => {
                write!(f, "{} {} grace {grace} early {}", plan.text, self.timezone.name(), whole(self.early))
            }
            Kind::Every(every) => write!(f, "every {every} grace {grace}"),
        }
    }
}

fn whole(delta: TimeDelta) -> Span {
    Span(delta.num_seconds().unsigned_abs())
}
