//! How the readers of a language write spans, sizes and times.

use chrono::{Datelike, NaiveDate, TimeDelta, Timelike};
use chrono_tz::Tz;

use super::Words;
use crate::domain::Time;

/// Units of sizes beyond the byte, each a thousand times the one before.
const UNITS: [&str; 5] = ["unit-kilo", "unit-mega", "unit-giga", "unit-tera", "unit-peta"];
const WEEKDAYS: [&str; 7] =
    ["weekday-1", "weekday-2", "weekday-3", "weekday-4", "weekday-5", "weekday-6", "weekday-7"];
const MONTHS: [&str; 12] = [
    "month-1", "month-2", "month-3", "month-4", "month-5", "month-6", "month-7", "month-8", "month-9",
    "month-10", "month-11", "month-12",
];

impl Words {
    /// `Sun 22 Nov 2026, 10:30` in `timezone`.
    #[must_use]
    pub fn when(&self, time: Time, timezone: Tz) -> String {
        let local = time.with_timezone(&timezone);
        let clock = format!("{:02}:{:02}", local.hour(), local.minute());
        self.say(
            "date-and-time",
            [("date", self.calendar_day(local.date_naive()).into()), ("time", clock.into())],
        )
    }

    /// `22 Nov, 10:30` in `timezone`: a time of these weeks.
    #[must_use]
    pub fn soon(&self, time: Time, timezone: Tz) -> String {
        let local = time.with_timezone(&timezone);
        let clock = format!("{:02}:{:02}", local.hour(), local.minute());
        self.say("date-and-time", [("date", self.day(local.date_naive()).into()), ("time", clock.into())])
    }

    /// `Sun 22 Nov 2026`.
    #[must_use]
    pub fn calendar_day(&self, date: NaiveDate) -> String {
        let day = match date.day() {
            1 => self.text("first-of-month").to_owned(),
            day => day.to_string(),
        };
        let year = date.year().to_string();
        self.say(
            "date",
            [
                ("weekday", self.named(&WEEKDAYS, date.weekday().num_days_from_monday()).into()),
                ("day", day.into()),
                ("month", self.named(&MONTHS, date.month0()).into()),
                ("year", year.into()),
            ],
        )
    }

    /// `22 Nov`: a day of these weeks.
    #[must_use]
    pub fn day(&self, date: NaiveDate) -> String {
        let day =
            if date.day() == 1 { self.text("first-of-month").to_owned() } else { date.day().to_string() };
        self.say("day", [("day", day.into()), ("month", self.named(&MONTHS, date.month0()).into())])
    }

    fn named(&self, keys: &[&'static str], at: u32) -> &str {
        keys.get(at as usize).map_or("", |key| self.text(key))
    }

    /// Two units under 10 h and 10 d, one above; negative is zero.
    #[must_use]
    pub fn span(&self, span: TimeDelta) -> String {
        let minutes = span.num_minutes().max(0).unsigned_abs();
        let (hours, days) = (minutes / 60, minutes / 1440);
        let measure = |n: u64, unit: &str| self.measure(&self.number(n), unit);
        let two = |first: String, n: u64, unit: &str| {
            if n == 0 { first } else { format!("{first} {}", measure(n, unit)) }
        };
        match (days, hours) {
            (_, 0) => measure(minutes, self.text("unit-minute")),
            (_, 1..10) => two(measure(hours, self.text("unit-hour")), minutes % 60, self.text("unit-minute")),
            (_, 10..48) => measure(hours, self.text("unit-hour")),
            (0..10, _) => two(measure(days, self.text("unit-day")), hours % 24, self.text("unit-hour")),
            (10.., _) => measure(days, self.text("unit-day")),
        }
    }

    /// Decimal units, as disks and networks are sold: `1.6 GB`, `1,6 Go`.
    #[must_use]
    pub fn bytes(&self, bytes: u64) -> String {
        if bytes < 1000 {
            return self.measure(&bytes.to_string(), self.text("unit-byte"));
        }
        #[expect(clippy::cast_precision_loss, reason = "three digits are shown")]
        let mut value = bytes as f64 / 1000.0;
        let mut unit = 0;
        while value >= 999.95 && unit + 1 < UNITS.len() {
            value /= 1000.0;
            unit += 1;
        }
        let number = format!("{value:.1}").replace('.', self.text("decimal-mark"));
        self.measure(&number, self.text(UNITS[unit]))
    }

    pub(super) fn measure(&self, number: &str, unit: &str) -> String {
        self.say("measure", [("number", number.into()), ("unit", unit.into())])
    }
}

#[cfg(test)]
mod tests {
    use super::super::Language;
    use super::*;

    fn words(code: &str) -> &'static Words {
        Language::from_code(code).unwrap().words()
    }

    #[test]
    fn sizes_have_the_units_and_the_mark_of_the_language() {
        assert_eq!(words("fr").bytes(62_233_088), "62,2 Mo");
        assert_eq!(words("en").bytes(62_233_088), "62.2 MB");
        assert_eq!(words("en").bytes(999), "999 B");
        assert_eq!(words("en").bytes(999_950), "1.0 MB");
        assert_eq!(words("fr").bytes(u64::MAX), "18446,7 Po");
    }

    #[test]
    fn spans_have_two_units_where_both_say_something() {
        for (minutes, english, french) in [
            (-5, "0 min", "0 min"),
            (59, "59 min", "59 min"),
            (61, "1 h 1 min", "1 h 1 min"),
            (120, "2 h", "2 h"),
            (700, "11 h", "11 h"),
            (2881, "2 d", "2 j"),
            (2945, "2 d 1 h", "2 j 1 h"),
            (20_000, "13 d", "13 j"),
        ] {
            assert_eq!(words("en").span(TimeDelta::minutes(minutes)), english, "{minutes}");
            assert_eq!(words("fr").span(TimeDelta::minutes(minutes)), french, "{minutes}");
        }
    }

    #[test]
    fn times_have_the_names_of_the_language() {
        let at = |text: &str| text.parse::<Time>().unwrap();
        let douala = chrono_tz::Africa::Douala;
        assert_eq!(words("en").when(at("2026-11-22T09:30:59Z"), douala), "Sun 22 Nov 2026, 10:30");
        assert_eq!(words("fr").when(at("2026-08-01T09:05:00Z"), douala), "sam. 1er août 2026, 10:05");
    }
}
