//! `[[maintenance]]` as an operator writes it, and when that is, by SPEC section 5 alone.

use chrono::{Days, NaiveDateTime, TimeDelta, Weekday};
use chrono_tz::Tz;

use super::calendar::{On, Seconds, date, fires_at};

#[derive(Debug, Clone)]
pub enum When {
    Once(NaiveDateTime, NaiveDateTime),
    /// Days, and times of day as hour and minute; across midnight where the end is not later.
    Weekly(On, (u32, u32), (u32, u32)),
}

#[derive(Debug, Clone)]
pub struct Maintenance {
    pub when: When,
    pub zone: Tz,
}

impl Maintenance {
    pub fn recurs(&self) -> bool {
        matches!(self.when, When::Weekly(..))
    }

    /// When it is, as far as that touches these moments.
    pub fn spans(&self, from: Seconds, to: Seconds) -> Vec<(Seconds, Seconds)> {
        match &self.when {
            When::Once(begin, end) => vec![(fires_at(self.zone, *begin), fires_at(self.zone, *end))],
            When::Weekly(on, begin, end) => {
                let days = (date(from) - TimeDelta::days(2)).iter_days();
                let days =
                    days.take_while(|day| *day <= date(to) + TimeDelta::days(2)).filter(|day| on.has(*day));
                let span = |day: chrono::NaiveDate| {
                    let last = if end > begin { day } else { day + Days::new(1) };
                    let at = |day: chrono::NaiveDate, (hour, minute)| {
                        fires_at(self.zone, day.and_hms_opt(hour, minute, 0).unwrap())
                    };
                    (at(day, *begin), at(last, *end))
                };
                days.map(span).collect()
            }
        }
    }

    /// The section that says so, for one agent.
    pub fn text(&self, agent: &str) -> String {
        let when = match &self.when {
            When::Once(begin, end) => {
                format!("{} / {}", begin.format("%Y-%m-%d %H:%M"), end.format("%Y-%m-%d %H:%M"))
            }
            When::Weekly(on, begin, end) => {
                let days = match on {
                    On::Daily => "daily".to_owned(),
                    On::Weekdays => "mon-fri".to_owned(),
                    On::Weekly(day) => day.to_string().to_lowercase(),
                    On::Monthly(day) => panic!("no maintenance is written for each {day}th"),
                };
                format!("{days} {:02}:{:02}-{:02}:{:02}", begin.0, begin.1, end.0, end.1)
            }
        };
        format!(
            "[[maintenance]]\nwhen = \"{when}\"\ntimezone = \"{}\"\nmatch = {{ agent = {agent:?} }}\n",
            self.zone.name()
        )
    }

    /// What some agents have: every night, across midnight; on Sundays; on working days; and once for days.
    pub fn of(number: usize, zone: Tz, once: Seconds) -> Vec<Self> {
        let whens = match number % 10 {
            2 => vec![When::Weekly(On::Daily, (22, 0), (0, 30))],
            4 => vec![When::Weekly(On::Weekly(Weekday::Sun), (1, 0), (5, 0))],
            6 => {
                vec![When::Weekly(On::Weekdays, (22, 0), (2, 15)), When::Weekly(On::Daily, (2, 10), (2, 40))]
            }
            7 => {
                let begin = chrono::DateTime::from_timestamp(once - once % 60, 0).unwrap().naive_utc();
                vec![When::Once(begin, begin + TimeDelta::hours(61))]
            }
            _ => Vec::new(),
        };
        whens.into_iter().map(|when| Self { when, zone }).collect()
    }
}
