//! Which days of the calendar a schedule names, as one table for all months that look alike.
//!
//! Whatever `days` or a cron pattern says of a day (weekday, date, last, nearest weekday, nth weekday) depends on its
//! month's length and first weekday only. Croner is asked once for each of these 28 kinds of month; after that a day
//! is found by looking at bits, in any year, and without keeping croner's own pattern of 5 KB for every job.

use chrono::{Datelike, Months, NaiveDate, Weekday};
use croner::Cron;

use super::days::Days;

#[derive(Debug, PartialEq)]
pub(super) struct DayRule {
    /// Bit 0 is January.
    months: u16,
    /// By length less 28, then by first weekday from Monday; bit 0 is the first of the month.
    days: [[u32; 7]; 4],
}

const ALL_MONTHS: u16 = 0b1111_1111_1111;
/// The Gregorian calendar repeats itself, weekdays included: what has not come in so many months never does.
const CALENDAR_MONTHS: usize = 400 * 12;

impl DayRule {
    pub(super) fn weekly(days: Days) -> Self {
        Self::new(ALL_MONTHS, |_, _, weekday| days.contains(weekday))
    }

    pub(super) fn of_cron(cron: &Cron) -> Self {
        let pattern = &cron.pattern;
        let months = pattern.months.values().into_iter().fold(0, |months, month| months | 1 << (month - 1));
        Self::new(months, |first, day, weekday| {
            let asked = pattern.day_match(first.year(), first.month(), day, sunday_first(weekday));
            asked.unwrap_or(false)
        })
    }

    /// Asks `matches` for each day of each kind of month, given the first of one such month, the date and the weekday.
    fn new(months: u16, matches: impl Fn(NaiveDate, u32, Weekday) -> bool) -> Self {
        let mut rows = [[None; 7]; 4];
        // These years hold every kind of month.
        let years = 2000..2028;
        for first in
            years.flat_map(|year| (1..=12).filter_map(move |month| NaiveDate::from_ymd_opt(year, month, 1)))
        {
            let (length, weekday) = kind(first);
            rows[length][weekday].get_or_insert_with(|| {
                let weekdays = std::iter::successors(Some(first.weekday()), |day| Some(day.succ()));
                let days = (1..=u32::from(first.num_days_in_month())).zip(weekdays);
                days.filter(|(day, weekday)| matches(first, *day, *weekday))
                    .fold(0, |row, (day, _)| row | 1 << (day - 1))
            });
        }
        Self { months, days: rows.map(|of_length| of_length.map(Option::unwrap_or_default)) }
    }

    pub(super) fn first_from(&self, from: NaiveDate) -> Option<NaiveDate> {
        let mut month = from.with_day(1)?;
        let mut row = self.row(month) & u32::MAX << from.day0();
        for _ in 0..=CALENDAR_MONTHS {
            if row != 0 {
                return month.with_day(row.trailing_zeros() + 1);
            }
            month = month.checked_add_months(Months::new(1))?;
            row = self.row(month);
        }
        None
    }

    pub(super) fn last_until(&self, until: NaiveDate) -> Option<NaiveDate> {
        let mut month = until.with_day(1)?;
        let mut row = self.row(month) & u32::MAX >> (31 - until.day0());
        for _ in 0..=CALENDAR_MONTHS {
            if row != 0 {
                return month.with_day(u32::BITS - row.leading_zeros());
            }
            month = month.checked_sub_months(Months::new(1))?;
            row = self.row(month);
        }
        None
    }

    /// The days of the month of `day`.
    fn row(&self, day: NaiveDate) -> u32 {
        if self.months & 1 << day.month0() == 0 {
            return 0;
        }
        let (length, first) = kind(day);
        self.days[length][first]
    }
}

/// The length of the month of `day`, less 28, and the weekday on which it begins, from Monday.
fn kind(day: NaiveDate) -> (usize, usize) {
    let length = usize::from(day.num_days_in_month()).saturating_sub(28);
    // Five weeks on, so that the difference stays positive.
    let first = (day.weekday().num_days_from_monday() + 35 - day.day0()) % 7;
    (length.min(3), first as usize)
}

fn sunday_first(day: Weekday) -> croner::Weekday {
    match day {
        Weekday::Sun => croner::Weekday::Sunday,
        Weekday::Mon => croner::Weekday::Monday,
        Weekday::Tue => croner::Weekday::Tuesday,
        Weekday::Wed => croner::Weekday::Wednesday,
        Weekday::Thu => croner::Weekday::Thursday,
        Weekday::Fri => croner::Weekday::Friday,
        Weekday::Sat => croner::Weekday::Saturday,
    }
}

#[cfg(test)]
mod tests {
    use chrono::NaiveTime;

    use super::*;

    #[test]
    fn the_table_says_what_croner_says_of_every_day() {
        for pattern in [
            "0 0 * * mon-fri",
            "0 0 29 2 *",
            "0 0 L * *",
            "0 0 15W * *",
            "0 0 LW 2,6 *",
            "0 0 * * fri#5",
            "0 0 * * monL",
            "0 0 13 * fri",
            "0 0 29 * +mon",
            "0 0 */2 jan-mar sun",
        ] {
            let cron: Cron = pattern.parse().unwrap();
            let rule = DayRule::of_cron(&cron);
            let start = NaiveDate::from_ymd_opt(1890, 1, 1).unwrap();
            let mut last = None;
            for day in start.iter_days().take(60 * 365) {
                let matches = cron.is_time_matching(&day.and_time(NaiveTime::MIN)).unwrap();
                assert_eq!((rule.first_from(day) == Some(day)), matches, "{pattern} {day}");
                if matches {
                    assert_eq!(
                        rule.last_until(day.pred_opt().unwrap()).filter(|day| *day >= start),
                        last,
                        "{pattern} {day}"
                    );
                    assert_eq!(
                        rule.first_from(last.map_or(start, |day: NaiveDate| day.succ_opt().unwrap())),
                        Some(day)
                    );
                    last = Some(day);
                }
            }
        }
    }

    #[test]
    fn what_never_comes_is_given_up() {
        let never = DayRule::of_cron(&"0 0 30 2 *".parse().unwrap());
        let day = NaiveDate::from_ymd_opt(2025, 6, 20).unwrap();
        assert_eq!((never.first_from(day), never.last_until(day)), (None, None));
        let rare = DayRule::of_cron(&"0 0 29 2 *".parse().unwrap());
        assert_eq!(rare.last_until(NaiveDate::MIN), None);
        assert_eq!(rare.first_from(NaiveDate::MAX), None);
    }
}
