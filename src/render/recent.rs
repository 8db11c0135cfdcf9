//! What the last days of a job come to: a mark and a size for each. Small enough to be kept for every job of a large
//! fleet, and made of the history alone, so that it holds until the job has news.

use chrono::{Datelike, NaiveDate, TimeDelta};
use chrono_tz::Tz;
use serde::{Deserialize, Serialize};

use crate::domain::entry::Hold;
use crate::domain::{Entry, Status, Time};

/// Days that a strip shows.
pub const DAYS: usize = 30;
const STALE: TimeDelta = TimeDelta::days(30);

/// What became of a day's backup.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Mark {
    /// Nothing was judged.
    Nothing,
    Good,
    Unchanged,
    /// Good, but after its deadline; of today also: expected, and not yet here.
    Late,
    Missing,
    Failed,
    /// The bytes or the content are wrong.
    Integrity,
    /// Suspicious, and held.
    Held,
    Paused,
}

impl Mark {
    /// As strips and files write it; also the class that gives it its look.
    #[must_use]
    pub const fn letter(self) -> char {
        match self {
            Mark::Nothing => '.',
            Mark::Good => 'S',
            Mark::Unchanged => 'U',
            Mark::Late => 'L',
            Mark::Missing => 'M',
            Mark::Failed => 'F',
            Mark::Integrity => 'I',
            Mark::Held => 'H',
            Mark::Paused => 'P',
        }
    }

    /// Every mark that says something, the worst first.
    pub const WORST_FIRST: [Mark; 8] = [
        Mark::Held,
        Mark::Integrity,
        Mark::Failed,
        Mark::Missing,
        Mark::Late,
        Mark::Unchanged,
        Mark::Good,
        Mark::Paused,
    ];

    fn from_letter(letter: char) -> Option<Self> {
        let all = [Mark::Nothing].into_iter().chain(Self::WORST_FIRST);
        all.into_iter().find(|mark| mark.letter() == letter)
    }

    /// A backup was expected, and there is no good one of that day.
    #[must_use]
    pub fn is_bad(self) -> bool {
        match self {
            Mark::Missing | Mark::Failed | Mark::Integrity | Mark::Held => true,
            Mark::Nothing | Mark::Good | Mark::Unchanged | Mark::Late | Mark::Paused => false,
        }
    }

    /// A backup was expected and judged.
    #[must_use]
    pub fn is_expected(self) -> bool {
        !matches!(self, Mark::Nothing | Mark::Paused)
    }
}

/// A size with three digits, in two bytes: what a chart can show of it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Rough(u16);

const EXPONENTS: u16 = 32;

impl Rough {
    #[must_use]
    pub fn of(bytes: u64) -> Self {
        let (mut digits, mut exponent) = (bytes, 0);
        while digits > 999 {
            digits = digits.div_euclid(10) + u64::from(digits % 10 >= 5 && digits < 9990);
            exponent += 1;
        }
        Self(u16::try_from(digits).unwrap_or(999) * EXPONENTS + exponent)
    }

    #[must_use]
    pub fn bytes(self) -> u64 {
        u64::from(self.0 / EXPONENTS).saturating_mul(10_u64.saturating_pow(u32::from(self.0 % EXPONENTS)))
    }
}

/// The last [`DAYS`] days up to the job's newest entry.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Recent {
    /// Day of the newest entry, counted from the year 1; `None` before the first.
    last: Option<i32>,
    #[serde(with = "letters")]
    marks: [Mark; DAYS],
    /// Of each day's newest good backup; 0 where there was none.
    sizes: [Rough; DAYS],
}

impl Default for Recent {
    fn default() -> Self {
        Self { last: None, marks: [Mark::Nothing; DAYS], sizes: [Rough::default(); DAYS] }
    }
}

impl Recent {
    /// `newest_first` must reach back [`DAYS`] days from its first, or as far as the history does.
    #[must_use]
    pub fn of(newest_first: &[Entry], timezone: Tz) -> Self {
        let mut recent = Self::default();
        let judged = newest_first.iter().rev().filter(|entry| !entry.superseded);
        for (entry, status) in judged.filter_map(|entry| Some((entry, entry.status?))) {
            recent.note(entry, status, timezone);
        }
        recent
    }

    fn note(&mut self, entry: &Entry, status: Status, timezone: Tz) {
        let day = day_of(moment_of(entry), timezone);
        let last = *self.last.get_or_insert(day);
        if day > last {
            self.shift(day - last);
            self.last = Some(day);
        }
        let Some(at) = position(self.last.unwrap_or(day) - day) else { return };
        let before = self.marks[at];
        self.marks[at] = match (status, entry.hold) {
            (Status::Success | Status::Unchanged, Some(Hold::Held)) => Mark::Held,
            (Status::Success | Status::Unchanged, _) if before == Mark::Missing => Mark::Late,
            (Status::Success, _) => Mark::Good,
            (Status::Unchanged, _) if matches!(before, Mark::Good | Mark::Late) => before,
            (Status::Unchanged, _) => Mark::Unchanged,
            (Status::Failed, _) => Mark::Failed,
            (Status::HashMismatch | Status::Corrupt, _) => Mark::Integrity,
            (Status::Missing, _) => Mark::Missing,
            // Derived states are never judged.
            (Status::Pending | Status::Late | Status::Paused | Status::Retired, _) => before,
        };
        if entry.is_good()
            && let Some(bytes) = entry.size_bytes
        {
            self.sizes[at] = Rough::of(bytes);
        }
    }

    fn shift(&mut self, days: i32) {
        let by = usize::try_from(days).unwrap_or(DAYS).min(DAYS);
        self.marks.rotate_left(by);
        self.marks[DAYS - by..].fill(Mark::Nothing);
        self.sizes.rotate_left(by);
        self.sizes[DAYS - by..].fill(Rough::default());
    }

    /// The day of the newest entry.
    #[must_use]
    pub fn last_day(&self) -> Option<NaiveDate> {
        NaiveDate::from_num_days_from_ce_opt(self.last?)
    }

    /// As it is on `day`: the days up to it, oldest first. What is newer is left out.
    #[must_use]
    pub fn until(&self, day: NaiveDate) -> Self {
        let Some(last) = self.last else { return Self::default() };
        let mut recent = self.clone();
        let ahead = day.num_days_from_ce() - last;
        if ahead >= 0 {
            recent.shift(ahead);
        } else {
            let by = usize::try_from(-ahead).unwrap_or(DAYS).min(DAYS);
            recent.marks.rotate_right(by);
            recent.marks[..by].fill(Mark::Nothing);
            recent.sizes.rotate_right(by);
            recent.sizes[..by].fill(Rough::default());
        }
        recent.last = Some(day.num_days_from_ce());
        recent
    }

    /// Oldest first.
    #[must_use]
    pub fn marks(&self) -> &[Mark; DAYS] {
        &self.marks
    }

    /// Says what is derived of the newest day, where nothing was judged on it.
    pub fn derive_newest(&mut self, mark: Mark) {
        if self.marks[DAYS - 1] == Mark::Nothing {
            self.marks[DAYS - 1] = mark;
        }
    }

    /// Bytes of each day's newest good backup, oldest day first.
    pub fn sizes(&self) -> impl DoubleEndedIterator<Item = Option<u64>> + '_ {
        self.sizes.iter().map(|size| Some(size.bytes()).filter(|bytes| *bytes > 0))
    }
}

/// To which day an entry belongs: that of its cycle, else of its report's time. What was older than all days that are shown
/// when it came (an agent's clock that stands still, or years of backups that are sent at once) belongs to the day on which
/// it came, or the strip of a job that has just been judged would be empty.
fn moment_of(entry: &Entry) -> Time {
    match entry.report_time {
        Some(own) if entry.judged_at - own > STALE => entry.judged_at,
        own => entry.cycle.or(own).unwrap_or(entry.judged_at),
    }
}

/// The day in which a moment lies, counted from the year 1.
fn day_of(time: Time, timezone: Tz) -> i32 {
    time.with_timezone(&timezone).date_naive().num_days_from_ce()
}

fn position(days_ago: i32) -> Option<usize> {
    (DAYS - 1).checked_sub(usize::try_from(days_ago).ok()?)
}

/// Marks as one text of [`DAYS`] letters.
mod letters {
    use serde::de::Error as _;
    use serde::{Deserialize as _, Deserializer, Serializer};

    use super::{DAYS, Mark};

    pub fn serialize<S: Serializer>(marks: &[Mark; DAYS], serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(&marks.iter().map(|mark| mark.letter()).collect::<String>())
    }

    pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<[Mark; DAYS], D::Error> {
        let letters = String::deserialize(deserializer)?;
        let marks: Option<Vec<Mark>> = letters.chars().map(Mark::from_letter).collect();
        marks.and_then(|marks| marks.try_into().ok()).ok_or_else(|| D::Error::custom("no marks of 30 days"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::entry::AgentSeconds;
    use crate::domain::{Cause, JobId};

    fn at(day: u32, hour: u32) -> Time {
        NaiveDate::from_ymd_opt(2026, 11, day).unwrap().and_hms_opt(hour, 0, 0).unwrap().and_utc()
    }

    fn entry(status: Status, judged_at: Time) -> Entry {
        Entry {
            id: 0,
            job: JobId::from_text("a"),
            status: Some(status),
            cause: status.is_critical().then_some(Cause::NoReport),
            message: String::new(),
            warnings: Vec::new(),
            report: None,
            report_id: None,
            report_time: None,
            judged_at,
            cycle: None,
            sha256: None,
            size_bytes: status.is_ok().then_some(1_626),
            content_bytes: None,
            kind: None,
            hold: None,
            reported_sha256: None,
            reported_size: None,
            superseded: false,
            version: None,
            agent_seconds: AgentSeconds::default(),
        }
    }

    fn letters(recent: &Recent) -> String {
        let text: String = recent.marks().iter().map(|mark| mark.letter()).collect();
        text.trim_start_matches('.').to_owned()
    }

    /// `entries` are oldest first.
    fn recent(entries: Vec<Entry>) -> Recent {
        let newest_first: Vec<Entry> = entries.into_iter().rev().collect();
        Recent::of(&newest_first, Tz::UTC)
    }

    #[test]
    fn the_last_word_of_a_day_counts_and_what_came_after_its_deadline_was_late() {
        let day = |day, statuses: &[Status]| -> Vec<Entry> {
            (10..).zip(statuses).map(|(hour, status)| entry(*status, at(day, hour))).collect()
        };
        let entries = [
            day(1, &[Status::Success]),
            day(2, &[Status::Failed, Status::Success]),
            day(3, &[Status::Missing, Status::Success, Status::Unchanged]),
            day(5, &[Status::Success, Status::Corrupt]),
            day(6, &[Status::Unchanged]),
            vec![Entry { hold: Some(Hold::Held), ..entry(Status::Success, at(7, 9)) }],
            vec![Entry { superseded: true, ..entry(Status::Failed, at(8, 9)) }],
        ];
        let recent = recent(entries.concat());
        assert_eq!(letters(&recent), "SSL.IUH");
        assert_eq!(recent.last_day(), at(7, 0).date_naive().into());
        let sizes: Vec<_> = recent.sizes().skip(DAYS - 7).collect();
        assert_eq!(sizes, [Some(1630), Some(1630), Some(1630), None, Some(1630), Some(1630), None]);
    }

    #[test]
    fn a_missed_cycle_belongs_to_the_day_on_which_it_was_due() {
        let missed = Entry { cycle: Some(at(3, 23)), ..entry(Status::Missing, at(4, 1)) };
        assert_eq!(recent(vec![missed]).last_day(), at(3, 0).date_naive().into());
        let douala = Recent::of(&[entry(Status::Success, at(3, 23))], chrono_tz::Africa::Douala);
        assert_eq!(douala.last_day(), at(4, 0).date_naive().into(), "the day of the server's zone");
    }

    #[test]
    fn a_report_far_older_than_its_arrival_belongs_to_the_day_on_which_it_came() {
        let came = |days_before| Entry {
            report_time: Some(at(20, 9) - TimeDelta::days(days_before)),
            cycle: Some(at(20, 8) - TimeDelta::days(days_before)),
            ..entry(Status::Success, at(20, 10))
        };
        assert_eq!(recent(vec![came(516)]).last_day(), at(20, 0).date_naive().into());
        assert_eq!(recent(vec![came(3)]).last_day(), at(17, 0).date_naive().into(), "read late");
    }

    #[test]
    fn a_strip_ends_on_the_day_that_is_asked_for() {
        let entries = (1..=28).map(|day| entry(Status::Success, at(day, 9))).collect();
        let recent = recent(entries);
        assert_eq!(letters(&recent).len(), 28);
        let day = |day| at(day, 0).date_naive();
        assert_eq!(letters(&recent.until(day(30))), format!("{}..", "S".repeat(28)));
        assert_eq!(letters(&recent.until(day(10))), "S".repeat(10));
        assert_eq!(letters(&recent.until(day(1) + chrono::TimeDelta::days(90))), "");
        let mut today = recent.until(day(29));
        today.derive_newest(Mark::Late);
        today.derive_newest(Mark::Paused);
        assert!(letters(&today).ends_with("SL"));
    }

    #[test]
    fn it_is_written_in_few_letters_and_read_back() {
        let recent = recent(vec![entry(Status::Success, at(1, 9)), entry(Status::Missing, at(2, 9))]);
        let text = serde_json::to_string(&recent).unwrap();
        assert!(text.contains(&format!("{}SM\"", ".".repeat(28))), "{text}");
        assert_eq!(serde_json::from_str::<Recent>(&text).unwrap(), recent);
        assert!(serde_json::from_str::<Recent>(&text.replace("SM", "S?")).is_err());
    }

    #[test]
    fn a_rough_size_has_three_digits() {
        for (bytes, rough) in [
            (0, 0),
            (999, 999),
            (1_004, 1_000),
            (1_626, 1_630),
            (9_996, 9_990),
            (u64::MAX, 18_400_000_000_000_000_000),
        ] {
            assert_eq!(Rough::of(bytes).bytes(), rough, "{bytes}");
        }
    }
}
