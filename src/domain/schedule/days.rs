//! The days of a week, as `days` writes them.

use std::fmt;
use std::str::FromStr;

use chrono::Weekday;

use super::ScheduleError;

/// A set of weekdays, never empty: `mon-fri`, `sat,sun`, `fri-mon`, `daily`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Days {
    /// Bit 0 is Monday.
    mask: u8,
}

const ORDER: [Weekday; 7] =
    [Weekday::Mon, Weekday::Tue, Weekday::Wed, Weekday::Thu, Weekday::Fri, Weekday::Sat, Weekday::Sun];

impl Days {
    pub const DAILY: Self = Self { mask: 0b111_1111 };

    #[must_use]
    pub const fn contains(self, day: Weekday) -> bool {
        self.mask & bit(day) != 0
    }
}

const fn bit(day: Weekday) -> u8 {
    1 << day.num_days_from_monday()
}

impl FromStr for Days {
    type Err = ScheduleError;

    /// Lists and ranges of English names, short or long, in any case; a range may go around the end of the week.
    fn from_str(text: &str) -> Result<Self, ScheduleError> {
        let refuse = || ScheduleError::Days(text.to_owned());
        if text.trim().eq_ignore_ascii_case("daily") {
            return Ok(Self::DAILY);
        }
        let mut mask = 0;
        for part in text.split(',') {
            let (first, last) = part.split_once('-').unwrap_or((part, part));
            let mut day: Weekday = first.trim().parse().map_err(|_| refuse())?;
            let last: Weekday = last.trim().parse().map_err(|_| refuse())?;
            mask |= bit(day);
            while day != last {
                day = day.succ();
                mask |= bit(day);
            }
        }
        Ok(Self { mask })
    }
}

impl fmt::Display for Days {
    /// Runs of at least three as ranges, so that one set has one text: `mon-fri`, `sat,sun`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if *self == Self::DAILY {
            return f.write_str("daily");
        }
        let days: Vec<Weekday> = ORDER.into_iter().filter(|day| self.contains(*day)).collect();
        let words: Vec<String> = days
            .chunk_by(|day, next| day.succ() == *next)
            .flat_map(|run| match run {
                [first, _, .., last] => vec![format!("{}-{}", word(*first), word(*last))],
                few => few.iter().map(|day| word(*day)).collect(),
            })
            .collect();
        f.write_str(&words.join(","))
    }
}

fn word(day: Weekday) -> String {
    day.to_string().to_lowercase()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_are_read_in_every_usual_way_and_written_in_one() {
        for (text, written) in [
            ("mon-fri", "mon-fri"),
            ("MON - Fri", "mon-fri"),
            ("sun,sat", "sat,sun"),
            ("daily", "daily"),
            ("Daily", "daily"),
            ("mon-sun", "daily"),
            ("mon,wed-fri", "mon,wed-fri"),
            ("fri-mon", "mon,fri-sun"),
            ("sat-sun", "sat,sun"),
            ("tue-tue", "tue"),
            ("Monday,thursday", "mon,thu"),
        ] {
            let days: Days = text.parse().unwrap();
            assert_eq!(days.to_string(), written, "{text}");
            assert_eq!(written.parse(), Ok(days));
        }
        for bad in ["", ",", "mon,", "mon-", "-fri", "mon-wed-fri", "8", "lundi", "mo", "daily,mon"] {
            assert_eq!(bad.parse::<Days>(), Err(ScheduleError::Days(bad.to_owned())), "{bad}");
        }
    }
}
