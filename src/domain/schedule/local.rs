//! Between the wall clock of a time zone and instants.
//!
//! The one rule for daylight saving: a wall time that does not exist is the first instant after the gap, one that
//! exists twice is its first instant. So wall times in order are instants in order, though several may coincide.

use chrono::{LocalResult, NaiveDateTime, Offset, TimeZone};
use chrono_tz::{GapInfo, Tz};

use crate::domain::Time;

/// The instant at which the clocks of `timezone` first show `wall`, or are first past it.
/// `None` only at the ends of representable time.
#[must_use]
pub fn instant(timezone: Tz, wall: NaiveDateTime) -> Option<Time> {
    match timezone.from_local_datetime(&wall) {
        LocalResult::Single(time) | LocalResult::Ambiguous(time, _) => Some(time.to_utc()),
        LocalResult::None => GapInfo::new(&wall, &timezone)?.end.map(|end| end.to_utc()),
    }
}

/// What the clocks of `timezone` show at `time`. `None` only at the ends of representable time.
#[must_use]
pub fn wall(timezone: Tz, time: Time) -> Option<NaiveDateTime> {
    let utc = time.naive_utc();
    utc.checked_add_offset(timezone.offset_from_utc_datetime(&utc).fix())
}

/// Whether the clocks have shown `wall` before and now, at `time`, show it again.
pub(super) fn is_second_pass(timezone: Tz, wall: NaiveDateTime, time: Time) -> bool {
    matches!(timezone.from_local_datetime(&wall), LocalResult::Ambiguous(first, _) if first.to_utc() < time)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(zone: &str, wall: &str) -> String {
        let wall = NaiveDateTime::parse_from_str(wall, "%Y-%m-%d %H:%M").unwrap();
        instant(zone.parse().unwrap(), wall).unwrap().format("%Y-%m-%d %H:%M").to_string()
    }

    #[test]
    fn a_gap_ends_at_its_first_instant_and_a_doubled_hour_begins_at_its_first() {
        for (zone, wall, utc) in [
            ("Europe/Paris", "2025-03-30 02:00", "2025-03-30 01:00"),
            ("Europe/Paris", "2025-03-30 02:59", "2025-03-30 01:00"),
            ("Europe/Paris", "2025-03-30 03:00", "2025-03-30 01:00"),
            ("Europe/Paris", "2025-10-26 02:30", "2025-10-26 00:30"),
            ("America/New_York", "2025-03-09 02:30", "2025-03-09 07:00"),
            ("America/New_York", "2025-11-02 01:30", "2025-11-02 05:30"),
            ("Pacific/Auckland", "2025-09-28 02:15", "2025-09-27 14:00"),
            ("Pacific/Auckland", "2025-04-06 02:15", "2025-04-05 13:15"),
            ("Australia/Lord_Howe", "2025-10-05 02:10", "2025-10-04 15:30"),
            ("Australia/Lord_Howe", "2025-04-06 01:45", "2025-04-05 14:45"),
            // Clocks go back for Ramadan (overlap) and forward after it (gap).
            ("Africa/Casablanca", "2025-02-23 02:30", "2025-02-23 01:30"),
            ("Africa/Casablanca", "2025-04-06 02:30", "2025-04-06 02:00"),
            // A gap over midnight, and one of a whole day.
            ("Africa/Cairo", "2025-04-25 00:10", "2025-04-24 22:00"),
            ("Pacific/Apia", "2011-12-30 12:00", "2011-12-30 10:00"),
        ] {
            assert_eq!(at(zone, wall), utc, "{zone} {wall}");
        }
    }

    #[test]
    fn wall_times_in_order_are_instants_in_order_in_every_zone() {
        let start = NaiveDateTime::parse_from_str("2024-12-31 23:30", "%Y-%m-%d %H:%M").unwrap();
        for zone in chrono_tz::TZ_VARIANTS {
            let mut last = Time::MIN_UTC;
            for step in 0..370 * 8 {
                let wall = start + chrono::TimeDelta::hours(3 * step);
                let time = instant(zone, wall).unwrap();
                assert!(time >= last, "{zone} {wall}");
                last = time;
            }
        }
    }

    #[test]
    fn the_ends_of_time_are_no_panic() {
        for zone in [Tz::Pacific__Kiritimati, Tz::America__Adak, Tz::UTC] {
            for time in [Time::MIN_UTC, Time::MAX_UTC] {
                let _ = wall(zone, time);
                let _ = instant(zone, time.naive_utc());
            }
        }
    }
}
