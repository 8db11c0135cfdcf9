//! When a `[[maintenance]]` window is open.
//!
//! | written | open |
//! | --- | --- |
//! | `2026-12-24 18:00 / 2026-12-26 06:00` | once, from the one to the other |
//! | `2026-12-25`, `2026-12-24 / 2026-12-26` | whole days, the last one too |
//! | `sun 01:00-05:00`, `mon-fri 22:00-02:00` | every week, across midnight where the end is not later |
//! | `daily 22:00-02:00` | every day |
//! | `sat,sun` | whole days, every week |
//! | `sat 20:00 - mon 06:00` | every week, over several days |
//! | `cron 0 2 1 * * for 4h` | from each occurrence on, that long |
//!
//! Both ends are by the clock on the wall, and become instants by the rule of a job's schedule.

use std::fmt;
use std::str::FromStr;

use chrono::{DateTime, Days, NaiveDate, NaiveDateTime, NaiveTime, TimeDelta, Utc, Weekday};
use chrono_tz::Tz;
use croner::{Cron, Direction};

use crate::domain::Time;
use crate::domain::schedule::local::instant;
use crate::domain::schedule::{self, Window};
use crate::domain::settings::Span;

#[derive(Debug, Clone, PartialEq)]
pub struct When {
    text: String,
    form: Form,
}

#[derive(Debug, Clone, PartialEq)]
enum Form {
    Once { from: NaiveDateTime, until: NaiveDateTime },
    Weekly(Vec<Weekly>),
    Cron { cron: Box<Cron>, open: TimeDelta },
}

/// A stretch of every week, by the clock on the wall.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Weekly {
    /// Since the start of Monday.
    from: TimeDelta,
    open: TimeDelta,
}

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BadWhen {
    #[error(
        "`{0}` is no time of a window; write for example `2026-12-24 18:00 / 2026-12-26 06:00`, `2026-12-25`, `sun 01:00-05:00`, `daily 22:00-02:00`, `sat 20:00 - mon 06:00` or `cron 0 2 1 * * for 4h`"
    )]
    Unknown(String),
    #[error("`{0}` ends before it begins")]
    Backwards(String),
    #[error("`{0}` is no cron expression: {1}")]
    Cron(String, String),
    #[error("`{0}` is open for no time, or for more than a year")]
    Length(String),
}

impl fmt::Display for When {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl FromStr for When {
    type Err = BadWhen;

    fn from_str(text: &str) -> Result<Self, BadWhen> {
        let trimmed = text.trim();
        let form = if let Some(rest) = trimmed.strip_prefix("cron ") {
            cron(rest)?
        } else if trimmed.starts_with(|c: char| c.is_ascii_digit()) {
            once(trimmed)?
        } else {
            weekly(trimmed).map(Form::Weekly).ok_or_else(|| BadWhen::Unknown(trimmed.to_owned()))?
        };
        Ok(Self { text: trimmed.to_owned(), form })
    }
}

fn once(text: &str) -> Result<Form, BadWhen> {
    let (first, last) = text.split_once('/').unwrap_or((text, text));
    let moment = |text: &str| {
        let text = text.trim();
        NaiveDateTime::parse_from_str(text, "%Y-%m-%d %H:%M")
            .or_else(|_| NaiveDateTime::parse_from_str(text, "%Y-%m-%dT%H:%M"))
    };
    let day = |text: &str| NaiveDate::parse_from_str(text.trim(), "%Y-%m-%d");
    let unknown = || BadWhen::Unknown(text.to_owned());
    let from = moment(first).or_else(|_| day(first).map(midnight)).map_err(|_| unknown())?;
    let until = match day(last) {
        Ok(last) => midnight(last.checked_add_days(Days::new(1)).ok_or_else(unknown)?),
        Err(_) => moment(last).map_err(|_| unknown())?,
    };
    if until <= from { Err(BadWhen::Backwards(text.to_owned())) } else { Ok(Form::Once { from, until }) }
}

fn cron(rest: &str) -> Result<Form, BadWhen> {
    let (expression, span) =
        rest.rsplit_once(" for ").ok_or_else(|| BadWhen::Unknown(format!("cron {rest}")))?;
    let refuse =
        |error: croner::errors::CronError| BadWhen::Cron(expression.trim().to_owned(), error.to_string());
    let cron = Cron::from_str(expression.trim()).map_err(refuse)?;
    // One that never fires (30 February) would be searched for in vain at every run.
    cron.find_next_occurrence(&DateTime::<Utc>::UNIX_EPOCH, true).map_err(refuse)?;
    let open: Span = span.trim().parse().map_err(|_| BadWhen::Unknown(format!("cron {rest}")))?;
    if open.0 == 0 || open > Span::days(366) {
        return Err(BadWhen::Length(format!("cron {rest}")));
    }
    Ok(Form::Cron { cron: Box::new(cron), open: open.delta() })
}

fn weekly(text: &str) -> Option<Vec<Weekly>> {
    let (days, hours) = text.split_once(' ').map_or((text, ""), |(days, hours)| (days, hours.trim()));
    let days = weekdays(days)?;
    if hours.is_empty() {
        return Some(
            days.iter()
                .map(|day| Weekly { from: since_monday(*day, TimeDelta::zero()), open: TimeDelta::days(1) })
                .collect(),
        );
    }
    let (from, until) = hours.split_once('-')?;
    let (from, until) = (clock(from)?, until.trim());
    if let Some((last, until)) = until.split_once(' ') {
        let ([first], Ok(last)) = (&days[..], last.parse::<Weekday>()) else {
            return None;
        };
        let (from, until) = (since_monday(*first, from), since_monday(last, clock(until)?));
        return Some(vec![Weekly { from, open: forward(from, until, TimeDelta::weeks(1))? }]);
    }
    let open = forward(from, clock(until)?, TimeDelta::days(1))?;
    Some(days.iter().map(|day| Weekly { from: since_monday(*day, from), open }).collect())
}

/// From `from` to the next `until`, which comes round every `period`; `None` where they are the same.
fn forward(from: TimeDelta, until: TimeDelta, period: TimeDelta) -> Option<TimeDelta> {
    match until - from {
        zero if zero.is_zero() => None,
        later if later > TimeDelta::zero() => Some(later),
        earlier => Some(earlier + period),
    }
}

/// As in a job's `days`.
fn weekdays(text: &str) -> Option<Vec<Weekday>> {
    let days: schedule::Days = text.parse().ok()?;
    let week = std::iter::successors(Some(Weekday::Mon), |day| Some(day.succ())).take(7);
    Some(week.filter(|day| days.contains(*day)).collect())
}

/// A time of day, `24:00` included.
fn clock(text: &str) -> Option<TimeDelta> {
    match text.trim() {
        "24:00" => Some(TimeDelta::days(1)),
        text => NaiveTime::parse_from_str(text, "%H:%M").ok().map(|time| time - NaiveTime::MIN),
    }
}

fn since_monday(day: Weekday, time: TimeDelta) -> TimeDelta {
    TimeDelta::days(i64::from(day.num_days_from_monday())) + time
}

fn midnight(day: NaiveDate) -> NaiveDateTime {
    day.and_time(NaiveTime::MIN)
}

impl When {
    /// Whether it is open again and again, without an end.
    #[must_use]
    pub fn recurs(&self) -> bool {
        match self.form {
            Form::Once { .. } => false,
            Form::Weekly(_) | Form::Cron { .. } => true,
        }
    }

    /// The windows that overlap `from` to `until`, oldest first, whole; those that touch are one.
    #[must_use]
    pub fn windows(&self, timezone: Tz, from: Time, until: Time) -> Vec<Window> {
        // A local time is never more than a day away from UTC.
        let day = TimeDelta::days(1);
        let (Some(first), Some(last)) =
            (from.naive_utc().checked_sub_signed(day), until.naive_utc().checked_add_signed(day))
        else {
            return Vec::new();
        };
        let mut found: Vec<Window> = self
            .local(first, last)
            .into_iter()
            .filter_map(|(start, end)| Some((instant(timezone, start)?, instant(timezone, end)?)))
            // Both ends in the gap of a changing clock: it is never open.
            .filter(|(start, end)| start < end && *start < until && *end > from)
            .map(|(start, end)| Window { from: start, until: Some(end) })
            .collect();
        found.sort_by_key(|window| window.from);
        joined(found)
    }

    fn local(&self, first: NaiveDateTime, last: NaiveDateTime) -> Vec<(NaiveDateTime, NaiveDateTime)> {
        match &self.form {
            Form::Once { from, until } => vec![(*from, *until)],
            Form::Weekly(weekly) => {
                let monday = first.date().week(Weekday::Mon).checked_first_day();
                // One week earlier, for what began last Sunday and is still open.
                let start = monday.and_then(|monday| monday.checked_sub_days(Days::new(7)));
                let weeks = start
                    .into_iter()
                    .flat_map(|start| start.iter_weeks())
                    .take_while(|monday| midnight(*monday) < last);
                weeks
                    .flat_map(|monday| weekly.iter().map(move |stretch| (midnight(monday), *stretch)))
                    .filter_map(|(monday, stretch)| {
                        let from = monday.checked_add_signed(stretch.from)?;
                        Some((from, from.checked_add_signed(stretch.open)?))
                    })
                    .collect()
            }
            Form::Cron { cron, open } => {
                // The expression is asked about the clock on the wall, as if that were UTC.
                let Some(start) = first.checked_sub_signed(*open) else {
                    return Vec::new();
                };
                cron.iter_from(start.and_utc(), Direction::Forward)
                    .map(|occurrence| occurrence.naive_utc())
                    .take_while(|occurrence| *occurrence < last)
                    .filter_map(|occurrence| Some((occurrence, occurrence.checked_add_signed(*open)?)))
                    .collect()
            }
        }
    }
}

fn joined(sorted: Vec<Window>) -> Vec<Window> {
    let mut joined: Vec<Window> = Vec::new();
    for window in sorted {
        match joined.last_mut() {
            Some(last) if last.until >= Some(window.from) => {
                last.until = last.until.max(window.until);
            }
            _ => joined.push(window),
        }
    }
    joined
}

#[cfg(test)]
mod tests {
    use super::*;

    const FROM: &str = "2026-03-23T00:00:00Z";
    const UNTIL: &str = "2026-03-30T00:00:00Z";

    /// The windows of one week (Monday 23 March 2026, in which Europe changes its clocks), as text.
    fn week(when: &str, timezone: Tz) -> Vec<String> {
        let when: When = when.parse().unwrap();
        when.windows(timezone, FROM.parse().unwrap(), UNTIL.parse().unwrap())
            .iter()
            .map(|w| format!("{}/{}", w.from.format("%d %H:%M"), w.until.unwrap().format("%d %H:%M")))
            .collect()
    }

    #[test]
    fn every_form_opens_when_it_says() {
        let utc = |when| week(when, Tz::UTC).join(" ");
        assert_eq!(utc("2026-03-24 18:00 / 2026-03-26 06:00"), "24 18:00/26 06:00");
        assert_eq!(utc("2026-03-25"), "25 00:00/26 00:00");
        assert_eq!(utc("2026-03-24 / 2026-03-26"), "24 00:00/27 00:00");
        assert_eq!(utc("2026-04-24 / 2026-04-26"), "");
        assert_eq!(utc("wed 01:00-05:00"), "25 01:00/25 05:00");
        assert_eq!(utc("thu-fri 22:00-02:00"), "26 22:00/27 02:00 27 22:00/28 02:00");
        assert_eq!(utc("sat,sun"), "28 00:00/30 00:00", "days that touch are one window");
        assert_eq!(utc("sun 22:00-24:00"), "29 22:00/30 00:00");
        assert_eq!(utc("fri 20:00 - mon 06:00"), "20 20:00/23 06:00 27 20:00/30 06:00");
        assert_eq!(
            utc("daily 22:00-02:00").matches('/').count(),
            8,
            "the one of the Sunday before is still open"
        );
        assert_eq!(utc("cron 0 2 * * tue,thu for 30h"), "24 02:00/25 08:00 26 02:00/27 08:00");
    }

    #[test]
    fn local_time_is_turned_into_utc_at_each_end_of_a_window() {
        assert_eq!(week("wed 01:00-05:00", Tz::Africa__Douala), ["25 00:00/25 04:00"]);
        assert_eq!(
            week("sat 22:00-06:00", Tz::Europe__Paris),
            ["28 21:00/29 04:00"],
            "the night is an hour shorter"
        );
        assert_eq!(week("sun 02:10-02:50", Tz::Europe__Paris), [""; 0], "that time does not exist");
        assert_eq!(week("sun 02:30-05:00", Tz::Europe__Paris), ["29 01:00/29 03:00"]);
    }

    #[test]
    fn what_is_no_window_is_refused() {
        for bad in [
            "",
            "sunday-ish",
            "sun 25:00-26:00",
            "sun 01:00",
            "sun 01:00-01:00",
            "mon-tue 01:00 - wed 02:00",
            "2026-12-26 / 2026-12-24",
            "2026-13-01",
            "2026-12-24 18:00",
            "cron 0 2 * * *",
            "cron 0 99 * * * for 1h",
            "cron 0 2 * * * for 0",
            "+262142-12-31 / x",
        ] {
            assert!(bad.parse::<When>().is_err(), "{bad}");
        }
    }
}
