//! The stretches of a job's history in which no good backup came.

use super::{Cause, Entry, Time};

/// From the first bad entry after a good backup, or after nothing, to the next good one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Gap {
    /// When the first bad entry was judged; for a missed cycle its deadline.
    pub from: Time,
    /// When the next good backup was judged; `None` while there is none.
    pub until: Option<Time>,
    /// Report time of the last good backup before it; `None` where the history knows none.
    pub last_good: Option<Time>,
    /// How many entries were bad.
    pub entries: usize,
    /// Their causes, each once, in the order of their first.
    pub causes: Vec<Cause>,
}

/// The gaps in the entries of one job, oldest first. `covers` says whether a report at a time covers the cycle that was
/// due at another one: a good backup for an older cycle does not end what a missed one began.
///
/// A superseded entry says nothing, for what replaced it was judged.
#[must_use]
pub fn gaps(entries: &[Entry], covers: impl Fn(Time, Time) -> bool) -> Vec<Gap> {
    let mut gaps = Vec::new();
    let mut open: Option<Gap> = None;
    let mut last_good: Option<Time> = None;
    let mut missed: Option<Time> = None;
    for entry in entries.iter().filter(|entry| !entry.superseded) {
        let Some(status) = entry.status else { continue };
        if status.is_ok() {
            let time = entry.report_time.unwrap_or(entry.judged_at);
            last_good = last_good.max(Some(time));
            if missed.is_none_or(|due| covers(time, due)) {
                missed = None;
                gaps.extend(open.take().map(|gap| Gap { until: Some(entry.judged_at), ..gap }));
            }
        } else if status.is_critical() {
            let gap = open.get_or_insert(Gap {
                from: entry.judged_at,
                until: None,
                last_good,
                entries: 0,
                causes: Vec::new(),
            });
            gap.entries += 1;
            if let Some(cause) = entry.cause.filter(|cause| !gap.causes.contains(cause)) {
                gap.causes.push(cause);
            }
            // Of a judged report the cycle is the one that it covers; only a missed one is still waited for.
            if entry.report.is_none() {
                missed = missed.max(entry.cycle);
            }
        }
    }
    gaps.extend(open);
    gaps
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{JobId, Status};

    fn day(n: u32) -> Time {
        format!("2020-06-{n:02}T12:00:00Z").parse().unwrap()
    }

    /// An entry judged on that day, of a report of the day `report`, or for the missed cycle of that day.
    fn entry(judged: u32, status: Status, cause: Option<Cause>, report: Option<u32>) -> Entry {
        Entry {
            status: Some(status),
            cause,
            report: report.map(|n| n.to_string()),
            report_time: report.map(day),
            cycle: Some(day(report.unwrap_or(judged))),
            ..Entry::blank(&JobId::from_text("a"), String::new(), day(judged))
        }
    }

    fn good(judged: u32, report: u32) -> Entry {
        entry(judged, Status::Success, None, Some(report))
    }

    fn failed(judged: u32) -> Entry {
        entry(judged, Status::Failed, Some(Cause::BackupFailed), Some(judged))
    }

    fn missed(judged: u32) -> Entry {
        entry(judged, Status::Missing, Some(Cause::NoReport), None)
    }

    fn found(entries: &[Entry]) -> Vec<(Time, Option<Time>, Option<Time>, usize)> {
        let gaps = gaps(entries, |report, due| report >= due);
        gaps.iter().map(|gap| (gap.from, gap.until, gap.last_good, gap.entries)).collect()
    }

    #[test]
    fn a_gap_lasts_from_the_first_bad_entry_to_the_next_good_one() {
        assert_eq!(found(&[good(1, 1), good(2, 2)]), []);
        assert_eq!(
            found(&[good(1, 1), failed(2), missed(3), good(4, 4), good(5, 5), failed(6)]),
            [(day(2), Some(day(4)), Some(day(1)), 2), (day(6), None, Some(day(5)), 1)]
        );
        assert_eq!(found(&[missed(2), missed(3)]), [(day(2), None, None, 2)], "never any good one");
        let causes = |entries: &[Entry]| gaps(entries, |_, _| true).remove(0).causes;
        assert_eq!(causes(&[failed(1), missed(2), failed(3)]), [Cause::BackupFailed, Cause::NoReport]);
    }

    #[test]
    fn a_good_backup_for_an_older_cycle_ends_nothing_but_is_the_last_good_one_from_then_on() {
        let late = [good(1, 1), missed(3), good(4, 2), failed(5), good(6, 6), missed(8)];
        assert_eq!(found(&late), [(day(3), Some(day(6)), Some(day(1)), 2), (day(8), None, Some(day(6)), 1)]);
    }

    #[test]
    fn what_was_superseded_neither_begins_nor_ends_a_gap() {
        let superseded = |entry: Entry| Entry { superseded: true, ..entry };
        let silent = Entry { status: None, ..superseded(good(2, 2)) };
        assert_eq!(found(&[superseded(failed(1)), silent, good(3, 3)]), []);
        assert_eq!(found(&[failed(1), superseded(good(2, 2))]), [(day(1), None, None, 1)]);
    }
}
