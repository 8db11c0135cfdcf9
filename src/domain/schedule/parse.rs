//! From the schedule keys of settings to a checked [`Schedule`].

use std::sync::Arc;

use chrono::{NaiveTime, Timelike};
use chrono_tz::Tz;
use croner::Cron;
use croner::parser::{CronParser, Seconds, Year};

use super::day_rule::DayRule;
use super::days::Days;
use super::occurrences::{Calendar, times_of};
use super::{
    DEFAULT_EARLY, DEFAULT_EVERY, DEFAULT_GRACE_CALENDAR, DEFAULT_GRACE_EVERY, Kind, Plan, Schedule,
};
use crate::domain::settings::{Settings, Span};

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

/// Below this a scan every few minutes could not tell one cycle from the next.
const SHORTEST_EVERY: Span = Span::minutes(1);

pub(super) fn schedule(settings: &Settings, server_timezone: Tz) -> Result<Schedule, ScheduleError> {
    let timezone = match &settings.timezone {
        Some(name) => timezone(name)?,
        None => server_timezone,
    };
    let kind = kind(settings)?;
    let default_grace = match kind {
        Kind::Calendar(_) => DEFAULT_GRACE_CALENDAR,
        Kind::Every(_) => DEFAULT_GRACE_EVERY,
    };
    Ok(Schedule {
        timezone,
        grace: settings.grace.unwrap_or(default_grace).delta(),
        early: settings.early.unwrap_or(DEFAULT_EARLY).delta(),
        kind,
    })
}

fn kind(settings: &Settings) -> Result<Kind, ScheduleError> {
    if settings.days.is_some() && settings.at.is_none() {
        return Err(ScheduleError::DaysWithoutAt);
    }
    match (&settings.cron, &settings.at, settings.every) {
        (Some(expression), None, None) => cron(expression),
        (None, Some(times), None) => at(times, settings.days.as_deref()),
        (None, None, every) => match every.unwrap_or(DEFAULT_EVERY) {
            every if every < SHORTEST_EVERY => Err(ScheduleError::TooOften),
            every => Ok(Kind::Every(every)),
        },
        _ => Err(ScheduleError::Several),
    }
}

fn timezone(name: &str) -> Result<Tz, ScheduleError> {
    name.trim().parse().map_err(|_| ScheduleError::Timezone(name.to_owned()))
}

/// Five fields, or a nickname such as `@daily`. Seconds are refused: nobody dumps a database by the second, and a
/// sixth field is more often a slip that would shift the meaning of all others.
fn cron(expression: &str) -> Result<Kind, ScheduleError> {
    let fields: Vec<&str> = expression.split_whitespace().collect();
    let written = fields.join(" ");
    let refuse = |reason: String| ScheduleError::Cron(written.clone(), reason);
    if fields.len() != 5 && !written.starts_with('@') {
        let found = fields.len();
        return Err(refuse(format!("write five fields (minute, hour, day, month, weekday), not {found}")));
    }
    let parser = CronParser::builder().seconds(Seconds::Disallowed).year(Year::Disallowed).build();
    let cron: Cron = parser.parse(&written).map_err(|error| refuse(error.to_string()))?;
    let calendar = Calendar::new(DayRule::of_cron(&cron), times_of(&cron)).ok_or(ScheduleError::Never)?;
    Ok(Kind::Calendar(Arc::new(Plan { text: format!("cron \"{written}\""), calendar })))
}

fn at(times: &[String], days: Option<&str>) -> Result<Kind, ScheduleError> {
    let mut times = times.iter().map(|text| time_of_day(text)).collect::<Result<Vec<_>, _>>()?;
    times.sort_unstable();
    times.dedup();
    let days = days.map_or(Ok(Days::DAILY), str::parse)?;
    let written: Vec<String> = times.iter().map(|time| write_time_of_day(*time)).collect();
    let text = format!("at {} {days}", written.join(","));
    let calendar = Calendar::new(DayRule::weekly(days), times).ok_or(ScheduleError::NoTime)?;
    Ok(Kind::Calendar(Arc::new(Plan { text, calendar })))
}

/// A time of day, `HH:MM` or `HH:MM:SS`, from `0:00` to `23:59:59`.
///
/// # Errors
/// When the text is anything else.
pub fn time_of_day(text: &str) -> Result<NaiveTime, ScheduleError> {
    parse_time_of_day(text.trim()).ok_or_else(|| ScheduleError::TimeOfDay(text.to_owned()))
}

fn parse_time_of_day(text: &str) -> Option<NaiveTime> {
    let mut parts = text.split(':');
    let hour = number(parts.next()?, 1)?;
    let minute = number(parts.next()?, 2)?;
    let second = parts.next().map_or(Some(0), |part| number(part, 2))?;
    if parts.next().is_some() {
        return None;
    }
    NaiveTime::from_hms_opt(hour, minute, second)
}

/// At most two digits, and at least `digits`.
fn number(text: &str, digits: usize) -> Option<u32> {
    let is_plain = (digits..=2).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit());
    if is_plain { text.parse().ok() } else { None }
}

fn write_time_of_day(time: NaiveTime) -> String {
    let form = if time.second() == 0 { "%H:%M" } else { "%H:%M:%S" };
    time.format(form).to_string()
}
