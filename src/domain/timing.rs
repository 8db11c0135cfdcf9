//! Which time of a report counts, and how old a thing is (SPEC section 4, rules 1 and 3).

use chrono::{MappedLocalTime, NaiveDateTime, TimeDelta, TimeZone};
use chrono_tz::Tz;

use super::job::FileIdentity;
use super::{OwnTime, Time};

/// An own time without zone that is this near to the received one says nothing: it may be any zone's.
const ANY_ZONE: TimeDelta = TimeDelta::hours(14);
/// A clock further ahead than this is a problem of its agent.
const SKEW: TimeDelta = TimeDelta::minutes(15);

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Timing {
    /// The time that counts.
    pub time: Time,
    /// The own time in UTC, as far as it can be known.
    pub own: Option<Time>,
    /// How far the agent's clock is ahead, when that is a problem.
    pub skew: Option<TimeDelta>,
}

/// Rule 1. `timezone` is the configured one; `None` where nobody configured any.
#[must_use]
pub fn time_that_counts(own: OwnTime, received: Time, timezone: Option<Tz>) -> Timing {
    let own = match own {
        OwnTime::Absent => return Timing { time: received, own: None, skew: None },
        OwnTime::Zoned(time) => time,
        OwnTime::Naive(local) => match timezone {
            Some(timezone) => from_local(local, timezone),
            None => {
                let utc = local.and_utc();
                if (utc - received).abs() <= ANY_ZONE {
                    return Timing { time: received, own: Some(utc), skew: None };
                }
                utc
            }
        },
    };
    let ahead = own - received;
    Timing { time: own.min(received), own: Some(own), skew: (ahead > SKEW).then_some(ahead) }
}

/// A local time in UTC: the first of two; in a gap, as far after it as the clock had been set.
fn from_local(local: NaiveDateTime, timezone: Tz) -> Time {
    match timezone.from_local_datetime(&local) {
        MappedLocalTime::Single(time) | MappedLocalTime::Ambiguous(time, _) => time.to_utc(),
        MappedLocalTime::None => {
            // Read with the offset that held a day before, as a clock that was not yet set would.
            let before = timezone.from_local_datetime(&(local - TimeDelta::days(1))).earliest();
            before.map_or_else(|| local.and_utc(), |day_before| day_before.to_utc() + TimeDelta::days(1))
        }
    }
}

/// A file's own time stamp, in nanoseconds since the epoch.
#[must_use]
pub fn stamp(nanoseconds: i64) -> Time {
    chrono::DateTime::from_timestamp_nanos(nanoseconds)
}

/// Rule 3: `now - min(arrival, first seen)`, where arrival is the later of mtime and ctime, leaving out a time after now.
#[must_use]
pub fn age(identity: &FileIdentity, first_seen: Time, now: Time) -> TimeDelta {
    let arrival = [identity.mtime, identity.ctime].map(stamp).into_iter().filter(|time| *time <= now).max();
    now - arrival.map_or(first_seen, |arrival| arrival.min(first_seen))
}

/// When a report was received: the earlier of when it was first seen and its file's ctime.
#[must_use]
pub fn received(identity: &FileIdentity, first_seen: Time) -> Time {
    first_seen.min(stamp(identity.ctime))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Time {
        text.parse().unwrap()
    }

    fn naive(text: &str) -> OwnTime {
        OwnTime::Naive(text.parse().unwrap())
    }

    #[test]
    fn the_own_time_counts_but_never_after_the_received_one() {
        let received = at("2026-06-15T12:00:00Z");
        let zoned = |text| time_that_counts(OwnTime::Zoned(at(text)), received, None);
        assert_eq!(zoned("2026-06-15T08:00:00Z").time, at("2026-06-15T08:00:00Z"));
        assert_eq!(
            zoned("2026-06-15T12:15:00Z"),
            Timing { time: received, own: Some(at("2026-06-15T12:15:00Z")), skew: None }
        );
        assert_eq!(zoned("2026-06-15T12:15:01Z").skew, Some(TimeDelta::seconds(901)));
        assert_eq!(
            time_that_counts(OwnTime::Absent, received, None),
            Timing { time: received, own: None, skew: None }
        );
    }

    #[test]
    fn a_time_without_zone_and_without_configured_zone_is_only_trusted_from_afar() {
        let received = at("2026-06-15T12:00:00Z");
        let free = |text| time_that_counts(naive(text), received, None);
        assert_eq!(free("2026-06-16T02:00:00").time, received);
        assert_eq!(free("2026-06-16T02:00:00").skew, None);
        assert_eq!(free("2026-06-14T21:59:59").time, at("2026-06-14T21:59:59Z"));
        assert!(free("2026-06-16T02:00:01").skew.is_some());
        let there = time_that_counts(naive("2026-06-15T11:00:00"), received, Some(chrono_tz::Africa::Douala));
        assert_eq!(there.time, at("2026-06-15T10:00:00Z"));
    }

    #[test]
    fn a_local_time_in_the_gap_or_the_overlap_has_one_meaning() {
        let paris = |text: &str| from_local(text.parse().unwrap(), chrono_tz::Europe::Paris);
        assert_eq!(paris("2026-03-29T02:30:00"), at("2026-03-29T01:30:00Z"));
        assert_eq!(paris("2026-10-25T02:30:00"), at("2026-10-25T00:30:00Z"));
    }

    #[test]
    fn a_stamp_in_the_future_makes_nothing_young() {
        let now = at("2026-06-15T12:00:00Z");
        let nanos = |text: &str| at(text).timestamp_nanos_opt().unwrap();
        let file = |mtime: &str, ctime: &str| FileIdentity {
            device: 1,
            inode: 1,
            size: 1,
            mtime: nanos(mtime),
            ctime: nanos(ctime),
        };
        let seen = at("2026-06-15T11:00:00Z");
        assert_eq!(
            age(&file("2026-06-15T10:00:00Z", "2026-06-15T10:30:00Z"), seen, now),
            TimeDelta::minutes(90)
        );
        assert_eq!(
            age(&file("2026-06-15T10:00:00Z", "2026-06-15T13:00:00Z"), seen, now),
            TimeDelta::minutes(120)
        );
        assert_eq!(
            age(&file("2027-01-01T00:00:00Z", "2027-01-01T00:00:00Z"), seen, now),
            TimeDelta::minutes(60)
        );
        assert_eq!(
            age(&file("2026-06-15T11:59:00Z", "2026-06-15T11:59:00Z"), now, now),
            TimeDelta::minutes(1)
        );
    }
}
