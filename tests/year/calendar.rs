//! When backups are expected, by SPEC section 5 alone: every day of the year is walked, and every time of day on it.

use chrono::{Datelike, Days, MappedLocalTime, NaiveDate, NaiveDateTime, TimeDelta, TimeZone, Weekday};
use chrono_tz::Tz;

/// Seconds since the epoch, in UTC.
pub type Seconds = i64;

pub const MINUTE: i64 = 60;
pub const HOUR: i64 = 3600;
pub const DAY: i64 = 86_400;

#[derive(Debug, Clone)]
pub enum On {
    Daily,
    Weekdays,
    Weekly(Weekday),
    /// Also the 29th and the 31st, which not every month has.
    Monthly(u32),
}

#[derive(Debug, Clone)]
pub enum Rhythm {
    At(On, Vec<(u32, u32)>),
    Every(i64),
}

#[derive(Debug, Clone)]
pub struct Plan {
    pub zone: Tz,
    pub rhythm: Rhythm,
    pub grace: i64,
    pub early: i64,
}

impl On {
    pub fn has(&self, day: NaiveDate) -> bool {
        match self {
            On::Daily => true,
            On::Weekdays => !matches!(day.weekday(), Weekday::Sat | Weekday::Sun),
            On::Weekly(weekday) => day.weekday() == *weekday,
            On::Monthly(number) => day.day() == *number,
        }
    }
}

impl Plan {
    /// Every occurrence between two moments, ascending; none for `every`.
    pub fn occurrences(&self, from: Seconds, to: Seconds) -> Vec<Seconds> {
        let Rhythm::At(on, times) = &self.rhythm else { return Vec::new() };
        let first = date(from).checked_sub_days(Days::new(2)).unwrap();
        let mut found: Vec<Seconds> = first
            .iter_days()
            .take_while(|day| *day <= date(to) + TimeDelta::days(2))
            .filter(|day| on.has(*day))
            .flat_map(|day| {
                times.iter().map(move |(hour, minute)| day.and_hms_opt(*hour, *minute, 0).unwrap())
            })
            .map(|wall| fires_at(self.zone, wall))
            .filter(|time| (from..=to).contains(time))
            .collect();
        found.sort_unstable();
        found.dedup();
        found
    }
}

/// "A local time that does not exist fires at the first instant after the gap; one that exists twice fires once, at
/// the first."
pub fn fires_at(zone: Tz, wall: NaiveDateTime) -> Seconds {
    (0..)
        .find_map(|minutes| match zone.from_local_datetime(&(wall + TimeDelta::minutes(minutes))) {
            MappedLocalTime::Single(time) | MappedLocalTime::Ambiguous(time, _) => Some(time.timestamp()),
            MappedLocalTime::None => None,
        })
        .unwrap()
}

pub fn date(time: Seconds) -> NaiveDate {
    chrono::DateTime::from_timestamp(time, 0).unwrap().date_naive()
}

pub fn wall(zone: Tz, time: Seconds) -> NaiveDateTime {
    chrono::DateTime::from_timestamp(time, 0).unwrap().with_timezone(&zone).naive_local()
}
