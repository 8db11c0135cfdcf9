//! The only module that reads the time.
//!
//! A run asks [`Clock::now`] once and hands the answer down as a value; [`Clock::elapsed`] is for
//! durations and deadlines, because it cannot jump when somebody sets the time.

use std::time::{Duration, Instant};

use chrono::{DateTime, DurationRound as _, TimeDelta, Utc};

/// The domain's `Time`, which is not imported: this module stands below everything.
type Time = DateTime<Utc>;

pub trait Clock: Send + Sync {
    /// The time of day, in whole microseconds: what a state keeps is what was read, and a file that was
    /// just written does not lie in the future, as it would with whole seconds.
    fn now(&self) -> Time;

    /// How long ago this clock was made; never goes backwards.
    fn elapsed(&self) -> Duration;
}

#[derive(Debug, Clone, Copy)]
pub struct SystemClock {
    started: Instant,
}

impl SystemClock {
    #[must_use]
    #[expect(clippy::disallowed_methods, reason = "this is the module that reads the time")]
    pub fn start() -> Self {
        Self { started: Instant::now() }
    }
}

impl Clock for SystemClock {
    #[expect(clippy::disallowed_methods, reason = "this is the module that reads the time")]
    fn now(&self) -> Time {
        in_microseconds(Utc::now())
    }

    fn elapsed(&self) -> Duration {
        self.started.elapsed()
    }
}

/// A clock that stands still, for `--now` and for tests.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FixedClock {
    now: Time,
    elapsed: Duration,
}

impl FixedClock {
    #[must_use]
    pub fn at(now: Time) -> Self {
        Self { now: in_microseconds(now), elapsed: Duration::ZERO }
    }

    /// The same moment, `elapsed` after the clock was made: to test a deadline.
    #[must_use]
    pub fn with_elapsed(self, elapsed: Duration) -> Self {
        Self { elapsed, ..self }
    }
}

impl Clock for FixedClock {
    fn now(&self) -> Time {
        self.now
    }

    fn elapsed(&self) -> Duration {
        self.elapsed
    }
}

/// A time too far away to be rounded (before 1678, after 2262) is left as it is.
fn in_microseconds(time: Time) -> Time {
    time.duration_trunc(TimeDelta::microseconds(1)).unwrap_or(time)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn time_is_whole_microseconds_and_a_fixed_clock_stands_still() {
        let moment = "2026-01-02T03:04:05.123456789Z".parse().unwrap();
        let clock = FixedClock::at(moment).with_elapsed(Duration::from_secs(7));
        assert_eq!(clock.now().to_rfc3339(), "2026-01-02T03:04:05.123456+00:00");
        assert_eq!((clock.now(), clock.elapsed()), (clock.now(), Duration::from_secs(7)));
        let system = SystemClock::start();
        assert_eq!(system.now().timestamp_subsec_nanos() % 1000, 0);
        assert!(system.elapsed() <= system.elapsed());
    }
}
