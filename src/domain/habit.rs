//! How often a job's backups change, and whether the same bytes came for too long (SPEC section 6).

use super::anomaly::Anomaly;
use super::entry::Entry;
use super::text::rfc3339;
use super::{Status, Time, Warning};

/// So many backups make a habit.
pub const HABIT: usize = 30;
/// With fewer, nine of ten says nothing.
const LEAST: usize = 10;

/// Where an UNCHANGED backup stands in a row of equal ones, told by the good entries before it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Row {
    First,
    /// The one at which the habit decides.
    Second,
    /// Decided to be no wonder.
    Usual,
    /// Decided to be too long; it stays so until the bytes change.
    TooLong,
}

impl Row {
    /// Two entries are enough.
    #[must_use]
    pub fn of(good_newest_first: &[Entry]) -> Self {
        let is_equal = |entry: &&Entry| entry.status == Some(Status::Unchanged);
        match (good_newest_first.first().filter(is_equal), good_newest_first.get(1).filter(is_equal)) {
            (None, _) => Self::First,
            (Some(last), _) if last.warnings.contains(&Warning::UnchangedTooLong) => Self::TooLong,
            (Some(_), None) => Self::Second,
            (Some(_), Some(_)) => Self::Usual,
        }
    }
}

/// At the second equal one: whether nine of ten backups before the row had new bytes. `good_newest_first` begins with
/// the first equal one and should hold [`HABIT`] more.
#[must_use]
pub fn second_equal(good_newest_first: &[Entry]) -> Option<Anomaly> {
    let before = good_newest_first.get(1..)?;
    let before = &before[..before.len().min(HABIT)];
    let changed = before.iter().filter(|entry| entry.status == Some(Status::Success)).count();
    let of = before.len();
    (of >= LEAST && changed * 10 >= of * 9).then(|| Anomaly {
        warning: Warning::UnchangedTooLong,
        sentence: format!("the same bytes for the second time, while {changed} of its last {of} were new"),
    })
}

/// The row goes on. `since` is the time of the backup whose bytes were new last.
#[must_use]
pub fn still_equal(since: Option<Time>) -> Anomaly {
    let sentence = match since {
        Some(since) => {
            format!("the same bytes since {}, while its backups used to be new", rfc3339(since))
        }
        None => "the same bytes, while its backups used to be new".to_owned(),
    };
    Anomaly { warning: Warning::UnchangedTooLong, sentence }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::Job;

    /// `n`ew, `e`qual, `w`arned, newest first.
    fn entries(letters: &str) -> Vec<Entry> {
        let job = Job::new("A/B".parse().unwrap(), Time::UNIX_EPOCH, false);
        let entry = |letter| Entry {
            status: Some(if letter == 'n' { Status::Success } else { Status::Unchanged }),
            warnings: if letter == 'w' { vec![Warning::UnchangedTooLong] } else { Vec::new() },
            ..Entry::blank(&job.id, String::new(), Time::UNIX_EPOCH)
        };
        letters.chars().map(entry).collect()
    }

    #[test]
    fn the_row_is_told_by_the_two_before() {
        for (letters, row) in [
            ("", Row::First),
            ("n", Row::First),
            ("ne", Row::First),
            ("en", Row::Second),
            ("e", Row::Second),
            ("ee", Row::Usual),
            ("we", Row::TooLong),
            ("nw", Row::First),
        ] {
            assert_eq!(Row::of(&entries(letters)), row, "{letters}");
        }
    }

    #[test]
    fn nine_of_ten_is_a_habit() {
        let changed = |new: usize, equal: usize| {
            second_equal(&entries(&format!("e{}{}", "n".repeat(new), "e".repeat(equal)))).is_some()
        };
        assert!(changed(27, 3) && !changed(26, 4));
        assert!(changed(9, 1) && changed(10, 0) && !changed(8, 2));
        assert!(!changed(9, 0), "nine are too few");
        assert!(changed(30, 30), "only the last thirty count");
        assert!(!changed(1, 29), "a job that rarely changes never warns");
        let told = second_equal(&entries(&format!("e{}", "n".repeat(29)))).unwrap();
        assert_eq!(told.sentence, "the same bytes for the second time, while 29 of its last 29 were new");
    }
}
