//! Which schedule the reports of a job follow: days, times, timezone and grace, from nothing but their times.
//!
//! A time of day is a pile of reports that lie close together on the clock. A weekday is expected when a report came on at
//! least half of its dates. What follows no times of day but comes in even steps is an `every`. What follows neither has
//! no suggestion: a guess would cry wolf or stay silent.

use std::collections::BTreeSet;

use chrono::{Datelike, NaiveDate, NaiveDateTime, TimeDelta, Timelike};
use chrono_tz::Tz;

use super::schedule::{Days, local};
use super::settings::Span;
use super::{Settings, Time};

/// Fewer reports say nothing.
pub const LEAST_REPORTS: usize = 5;

const DAY: u32 = 24 * 60;
const WEEKDAYS: [&str; 7] = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];
/// Two times of day further apart than this, in minutes, are two times.
const GAP: u32 = 90;
/// A pile of reports wider than this, in minutes, is no time of day.
const WIDEST: u32 = 4 * 60;
/// More times of day than this are rather an `every`.
const MOST_TIMES: usize = 4;
/// A time zone other than the first must bring the reports closer together by this, in minutes.
const CLEARLY: u32 = 15;

#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Unclear {
    #[error("fewer than {LEAST_REPORTS} reports")]
    TooFew,
    #[error("the reports do not cover a week yet")]
    TooShort,
    #[error("the reports follow no pattern")]
    NoPattern,
}

/// The schedule that reports at these times follow. Of `zones` the one counts in which they lie closest together; the
/// first where that is not clear.
///
/// # Errors
/// Why there is none.
pub fn suggest(times: &[Time], zones: &[Tz]) -> Result<Settings, Unclear> {
    let times: Vec<Time> = times.iter().copied().collect::<BTreeSet<_>>().into_iter().collect();
    if times.len() < LEAST_REPORTS {
        return Err(Unclear::TooFew);
    }
    let mut best: Option<Calendar> = None;
    let mut why = Unclear::NoPattern;
    for zone in zones {
        match Calendar::of(&times, *zone) {
            Ok(found) if best.as_ref().is_none_or(|best| found.width + CLEARLY < best.width) => {
                best = Some(found);
            }
            Ok(_) => {}
            Err(unclear) => why = unclear,
        }
    }
    match best {
        Some(calendar) => Ok(calendar.settings()),
        None => every(&times).ok_or(why),
    }
}

/// Times of day on weekdays.
struct Calendar {
    zone: Tz,
    piles: Vec<Pile>,
    days: Days,
    /// Of all piles together, in minutes.
    width: u32,
}

/// Reports that come at about the same time of day; minutes since midnight, over midnight where it ends after it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Pile {
    start: u32,
    width: u32,
    count: usize,
}

impl Calendar {
    fn of(times: &[Time], zone: Tz) -> Result<Self, Unclear> {
        let walls: Vec<NaiveDateTime> = times.iter().filter_map(|time| local::wall(zone, *time)).collect();
        let mut piles = piles(walls.iter().map(minute).collect());
        // A dump by hand now and then is no time of day.
        piles.retain(|pile| pile.count * 6 >= walls.len());
        let fits =
            !piles.is_empty() && piles.len() <= MOST_TIMES && piles.iter().all(|pile| pile.width <= WIDEST);
        if !fits {
            return Err(Unclear::NoPattern);
        }
        let dates: Vec<BTreeSet<NaiveDate>> = piles.iter().map(|pile| pile.dates(&walls)).collect();
        let days = weekdays(&dates)?;
        Ok(Self { zone, width: piles.iter().map(|pile| pile.width).sum(), piles, days })
    }

    fn settings(&self) -> Settings {
        let starts: Vec<u32> = self.piles.iter().map(|pile| pile.start / 15 * 15).collect();
        let spread =
            self.piles.iter().zip(&starts).map(|(pile, start)| pile.start + pile.width - start).max();
        // Half as much again as was ever seen.
        let grace = (spread.unwrap_or_default() * 3 / 2).div_ceil(30) * 30;
        Settings {
            at: Some(starts.iter().map(|start| format!("{:02}:{:02}", start / 60, start % 60)).collect()),
            days: Some(self.days.to_string()),
            timezone: Some(self.zone.name().to_owned()),
            grace: Some(Span::minutes(u64::from(grace.max(60)))),
            ..Settings::default()
        }
    }
}

impl Pile {
    /// The dates on which the pile has a report; one after midnight belongs to the day on which the pile begins.
    fn dates(&self, walls: &[NaiveDateTime]) -> BTreeSet<NaiveDate> {
        let date = |wall: &NaiveDateTime| {
            let after = (minute(wall) + DAY - self.start) % DAY;
            let start = wall.checked_sub_signed(TimeDelta::minutes(after.into()))?;
            (after <= self.width).then(|| start.date())
        };
        walls.iter().filter_map(date).collect()
    }
}

fn minute(wall: &NaiveDateTime) -> u32 {
    wall.hour() * 60 + wall.minute()
}

/// Heaps times of day that lie within [`GAP`] of each other on the clock, in the order of their begins.
fn piles(mut minutes: Vec<u32>) -> Vec<Pile> {
    minutes.sort_unstable();
    let Some((first, last)) = minutes.first().copied().zip(minutes.last().copied()) else {
        return Vec::new();
    };
    let mut piles: Vec<Pile> = Vec::new();
    for minute in minutes {
        match piles.last_mut() {
            Some(pile) if minute - (pile.start + pile.width) <= GAP => {
                pile.width = minute - pile.start;
                pile.count += 1;
            }
            _ => piles.push(Pile { start: minute, width: 0, count: 1 }),
        }
    }
    // The clock is a circle: the last pile of the day may go on after midnight.
    if piles.len() > 1 && first + DAY - last <= GAP {
        let morning = piles.remove(0);
        if let Some(evening) = piles.last_mut() {
            evening.width = morning.start + morning.width + DAY - evening.start;
            evening.count += morning.count;
        }
    }
    piles
}

/// The weekdays on which reports are to be expected, when those came well enough.
fn weekdays(dates: &[BTreeSet<NaiveDate>]) -> Result<Days, Unclear> {
    let all: BTreeSet<NaiveDate> = dates.iter().flatten().copied().collect();
    let (Some(first), Some(last)) = (all.first(), all.last()) else { return Err(Unclear::NoPattern) };
    if *last - *first < TimeDelta::days(6) {
        return Err(Unclear::TooShort);
    }
    let mut chances = [0usize; 7];
    let mut hits = [0usize; 7];
    let mut met = [0usize; 7];
    let span = first.iter_days().take_while(|day| day <= last);
    for day in span {
        let weekday = day.weekday().num_days_from_monday() as usize;
        chances[weekday] += 1;
        hits[weekday] += usize::from(all.contains(&day));
        met[weekday] += dates.iter().filter(|dates| dates.contains(&day)).count();
    }
    let expected: Vec<usize> =
        (0..7).filter(|day| hits[*day] > 0 && hits[*day] * 2 >= chances[*day]).collect();
    let due: usize = expected.iter().map(|day| chances[*day] * dates.len()).sum();
    let came: usize = expected.iter().map(|day| met[*day]).sum();
    // Three of four: what comes more rarely would be MISSING more often than people bear.
    if due == 0 || came * 4 < due * 3 {
        return Err(Unclear::NoPattern);
    }
    let text: Vec<&str> = expected.iter().map(|day| WEEKDAYS[*day]).collect();
    text.join(",").parse().map_err(|_| Unclear::NoPattern)
}

/// Even steps, whatever the clock says.
fn every(times: &[Time]) -> Option<Settings> {
    let mut steps: Vec<i64> = times.windows(2).map(|pair| (pair[1] - pair[0]).num_minutes()).collect();
    steps.sort_unstable();
    let (typical, longest) = (*steps.get(steps.len() / 2)?, *steps.last()?);
    let (typical, longest) = (u64::try_from(typical).ok()?, u64::try_from(longest).ok()?);
    if typical == 0 || longest > typical * 3 {
        return None;
    }
    let whole = |minutes: u64| {
        let step = if minutes < 180 { 15 } else { 60 };
        minutes.div_ceil(step).max(1) * step
    };
    let every = whole(typical);
    let grace = whole(longest.saturating_sub(every).max(every / 2));
    Some(Settings {
        every: Some(Span::minutes(every)),
        grace: Some(Span::minutes(grace)),
        ..Settings::default()
    })
}

#[cfg(test)]
mod tests {
    use chrono_tz::{Africa, Europe, UTC};

    use super::*;
    use crate::domain::Schedule;

    fn said(times: &[&str], zones: &[Tz]) -> String {
        let times: Vec<Time> = times.iter().map(|text| text.parse().unwrap()).collect();
        written(&times, zones)
    }

    fn written(times: &[Time], zones: &[Tz]) -> String {
        match suggest(times, zones) {
            Ok(settings) => Schedule::new(&settings, UTC).unwrap().to_string(),
            Err(unclear) => unclear.to_string(),
        }
    }

    /// `count` days from a Monday on, at these minutes of the day in `zone`, jittered by up to `jitter` minutes.
    fn days(count: u32, on: &[u32], minutes: &[u32], jitter: u32, zone: Tz) -> Vec<Time> {
        let monday = NaiveDate::from_ymd_opt(2026, 3, 2).unwrap();
        let walls = (0..count).filter(|day| on.contains(&(day % 7))).flat_map(|day| {
            minutes.iter().map(move |minute| {
                let minute = i64::from(minute + (day * 7 + minute) % (jitter + 1));
                (monday + TimeDelta::days(day.into())).and_hms_opt(0, 0, 0).unwrap()
                    + TimeDelta::minutes(minute)
            })
        });
        walls.map(|wall| local::instant(zone, wall).unwrap()).collect()
    }

    const ALL: [u32; 7] = [0, 1, 2, 3, 4, 5, 6];

    #[test]
    fn days_times_and_grace_come_from_the_reports() {
        for (times, expected) in [
            (days(28, &[0, 1, 2, 3, 4], &[785], 10, UTC), "at 13:00 mon-fri UTC grace 1h early 1h"),
            (days(21, &ALL, &[780, 1080], 20, UTC), "at 13:00,18:00 daily UTC grace 1h early 1h"),
            (days(21, &ALL, &[60], 170, UTC), "at 01:00 daily UTC grace 4h30min early 1h"),
            (days(35, &[6], &[300], 0, UTC), "at 05:00 sun UTC grace 1h early 1h"),
            // Over midnight: a report after it belongs to the evening before.
            (days(28, &[0, 1, 2, 3, 4], &[1425], 30, UTC), "at 23:45 mon-fri UTC grace 1h early 1h"),
            (days(3, &ALL, &[780, 1080], 0, UTC), "the reports do not cover a week yet"),
        ] {
            let expected = expected.replace("4h30min", "270min");
            assert_eq!(written(&times, &[UTC]), expected, "{times:?}");
        }
    }

    #[test]
    fn a_dump_by_hand_and_an_absent_day_do_not_hide_the_pattern() {
        let mut times = days(28, &ALL, &[780], 5, UTC);
        times.remove(9);
        times.push("2026-03-14T20:11:00Z".parse().unwrap());
        assert_eq!(written(&times, &[UTC]), "at 13:00 daily UTC grace 1h early 1h");
    }

    #[test]
    fn the_clock_that_keeps_the_reports_together_is_meant() {
        // Over the change to summer time of 2026-03-29.
        let paris = days(42, &ALL, &[780], 5, Europe::Paris);
        assert!(written(&paris, &[UTC, Europe::Paris]).contains("13:00 daily Europe/Paris"));
        let douala = days(42, &ALL, &[780], 5, Africa::Douala);
        assert!(written(&douala, &[Africa::Douala, UTC]).contains("13:00 daily Africa/Douala"));
    }

    #[test]
    fn even_steps_are_an_interval_and_disorder_is_nothing() {
        let start: Time = "2026-03-02T00:10:00Z".parse().unwrap();
        let every =
            |minutes: i64| (0..40).map(|n| start + TimeDelta::minutes(n * minutes)).collect::<Vec<_>>();
        assert_eq!(written(&every(60), &[UTC]), "every 1h grace 30min");
        assert_eq!(written(&every(25 * 60), &[UTC]), "every 25h grace 13h");
        let wild: Vec<Time> = (0..30i64).map(|n| start + TimeDelta::minutes(n * n * n * 7)).collect();
        assert_eq!(written(&wild, &[UTC]), "the reports follow no pattern");
        assert_eq!(said(&["2026-03-02T13:00:00Z"; 9], &[UTC]), "fewer than 5 reports");
    }
}
