//! Whether a bad look at a staged file is final, or the file may still be on its way (SPEC section 4, rule 3).

use chrono::TimeDelta;
use serde::{Deserialize, Serialize};

use super::{Cause, Time, Verdict};

/// What a look found that is not the claimed file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Look {
    /// Nothing, or nothing that can be read.
    NoFile,
    /// A file that was judged before: the new one has not arrived.
    OldFile,
    /// Other bytes, this old.
    OtherFile { age: TimeDelta },
}

#[derive(Debug, Clone, Copy)]
pub struct Patience {
    pub settle: TimeDelta,
    pub arrival: TimeDelta,
    /// Age of the report.
    pub report_age: TimeDelta,
    /// Deadline of the cycle that the report covers, where it has one.
    pub cycle_deadline: Option<Time>,
    /// What an earlier report of the job has waited for in vain.
    pub unmet: Option<Unmet>,
    /// When somebody last looked, before this look.
    pub last_scan: Option<Time>,
}

/// A file that did not come, since the first of the reports that wait for one. A newer report takes over what patience
/// is left and gets none of its own: an agent that reports faster than a verdict is final would never be called bad.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Unmet {
    /// Since when that first report is there.
    pub since: Time,
    /// When the verdict on it would have been final, had the file stayed that of an earlier report.
    pub until: Time,
}

impl Patience {
    /// What the next report takes over while this one's file is still on its way.
    #[must_use]
    pub fn handed_on(&self, now: Time) -> Unmet {
        self.of_earlier(now).unwrap_or_else(|| {
            let since = self.since(now);
            // A late report has its settling time too.
            let settled = later(since, self.settle);
            let deadline = self.cycle_deadline.map(|deadline| deadline.max(settled));
            let arrival = later(since, self.arrival);
            Unmet { since, until: deadline.map_or(arrival, |deadline| deadline.min(arrival)) }
        })
    }

    fn since(&self, now: Time) -> Time {
        now - self.report_age
    }

    /// What is remembered of this very report is not an earlier one's: its time is reckoned anew at each look, by the
    /// settings of the moment. The state rounds times.
    fn of_earlier(&self, now: Time) -> Option<Unmet> {
        const ROUNDED: TimeDelta = TimeDelta::milliseconds(1);
        self.unmet.filter(|unmet| (unmet.since - self.since(now)).abs() >= ROUNDED)
    }

    /// Whether a file that keeps changing has had its time.
    #[must_use]
    pub fn is_over(&self, now: Time) -> bool {
        self.report_age >= self.arrival
            || self.counted(now).is_some_and(|unmet| now >= later(unmet.since, self.arrival))
    }

    /// What an earlier report has waited for counts once somebody has looked when its time was over: a file that came
    /// while nobody looked may be followed by that of the next report, which is still on its way.
    fn counted(&self, now: Time) -> Option<Unmet> {
        self.of_earlier(now).filter(|unmet| self.last_scan.is_some_and(|looked| looked >= unmet.until))
    }

    /// The time of the job's first waiting report is over, and a newer one has had time to settle since.
    fn is_used_up(&self, now: Time) -> bool {
        self.counted(now).is_some_and(|unmet| now >= later(unmet.until, self.settle))
    }
}

fn later(time: Time, span: TimeDelta) -> Time {
    time.checked_add_signed(span).unwrap_or(Time::MAX_UTC)
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Settled {
    /// Look again in the next scan.
    NotYet,
    /// What was found stands.
    AsFound,
    /// It stands for another reason than what was found.
    Because(Cause),
}

/// Decides at `now`.
#[must_use]
pub fn settled(look: Look, patience: &Patience, now: Time) -> Settled {
    let Patience { settle, report_age, cycle_deadline, .. } = *patience;
    let deadline_has_come = cycle_deadline.is_some_and(|deadline| now >= deadline)
        || patience.counted(now).is_some_and(|unmet| now >= unmet.until);
    match look {
        _ if report_age < settle && !patience.is_used_up(now) => Settled::NotYet,
        Look::OldFile if deadline_has_come || patience.is_over(now) => {
            Settled::Because(Cause::FileNotReplaced)
        }
        Look::NoFile => Settled::AsFound,
        Look::OtherFile { age } if age >= settle => Settled::AsFound,
        Look::OtherFile { .. } if patience.is_over(now) => Settled::Because(Cause::NeverSettled),
        Look::OldFile | Look::OtherFile { .. } => Settled::NotYet,
    }
}

/// The verdict of a settled look: as found, or as the reason that stands instead says.
#[must_use]
pub fn verdict_of(settled: Cause, found: Verdict, file: &str) -> Verdict {
    let file = super::text::printable(file);
    let message = match settled {
        Cause::FileNotReplaced => {
            format!(
                "`{file}` is still the file of an earlier report: the new one did not arrive ({})",
                found.message
            )
        }
        _ => format!("`{file}` kept changing and never settled ({})", found.message),
    };
    let Verdict { sha256, size_bytes, inside, .. } = found;
    Verdict { sha256, size_bytes, inside, ..Verdict::failed(settled, message) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bad_look_is_final_only_when_nothing_can_still_arrive() {
        let minutes = TimeDelta::minutes;
        let now: Time = "2026-06-15T12:00:00Z".parse().unwrap();
        let settled_at = |look, report_age, deadline_in: Option<i64>| {
            let patience = Patience {
                settle: minutes(10),
                arrival: minutes(360),
                report_age: minutes(report_age),
                cycle_deadline: deadline_in.map(|m| now + minutes(m)),
                unmet: None,
                last_scan: None,
            };
            settled(look, &patience, now)
        };
        let other = |age| Look::OtherFile { age: minutes(age) };
        assert_eq!(settled_at(Look::NoFile, 9, None), Settled::NotYet);
        assert_eq!(settled_at(Look::NoFile, 10, None), Settled::AsFound);
        assert_eq!(settled_at(other(9), 20, None), Settled::NotYet);
        assert_eq!(settled_at(other(10), 9, None), Settled::NotYet);
        assert_eq!(settled_at(other(10), 10, None), Settled::AsFound);
        assert_eq!(settled_at(other(1), 360, None), Settled::Because(Cause::NeverSettled));
        assert_eq!(settled_at(Look::OldFile, 60, Some(1)), Settled::NotYet);
        assert_eq!(settled_at(Look::OldFile, 60, Some(0)), Settled::Because(Cause::FileNotReplaced));
        assert_eq!(
            settled_at(Look::OldFile, 9, Some(-60)),
            Settled::NotYet,
            "a late report has its time too"
        );
        assert_eq!(settled_at(Look::OldFile, 360, None), Settled::Because(Cause::FileNotReplaced));
    }

    #[test]
    fn a_newer_report_takes_over_what_patience_is_left() {
        let minutes = TimeDelta::minutes;
        let now: Time = "2026-06-15T12:00:00Z".parse().unwrap();
        let first = |deadline_in: i64| Patience {
            settle: minutes(10),
            arrival: minutes(360),
            report_age: minutes(4),
            cycle_deadline: Some(now + minutes(deadline_in)),
            unmet: None,
            last_scan: None,
        };
        let handed_on = |deadline_in: i64| {
            let Unmet { since, until } = first(deadline_in).handed_on(now);
            ((since - now).num_minutes(), (until - now).num_minutes())
        };
        assert_eq!(handed_on(120), (-4, 120));
        assert_eq!(handed_on(600), (-4, 356));
        assert_eq!(handed_on(-600), (-4, 6), "a late report has its time too");
        let unmet = first(120).handed_on(now);
        let after_look = |look, age, after, looked| {
            let patience = Patience {
                report_age: minutes(age),
                cycle_deadline: Some(now + minutes(900)),
                unmet: Some(unmet),
                last_scan: Some(now + minutes(looked)),
                ..first(0)
            };
            assert_eq!(
                patience.handed_on(now + minutes(after)),
                unmet,
                "the third gets no more than the second"
            );
            settled(look, &patience, now + minutes(after))
        };
        let newer = |look, age, after| after_look(look, age, after, after);
        assert_eq!(
            after_look(Look::NoFile, 0, 600, 119),
            Settled::NotYet,
            "nobody looked since its time was over"
        );
        assert_eq!(after_look(Look::NoFile, 0, 600, 120), Settled::AsFound);
        let young = Look::OtherFile { age: minutes(1) };
        assert_eq!(newer(Look::OldFile, 60, 119), Settled::NotYet);
        assert_eq!(newer(Look::OldFile, 60, 120), Settled::Because(Cause::FileNotReplaced));
        assert_eq!(newer(Look::OldFile, 9, 129), Settled::NotYet);
        assert_eq!(newer(Look::OldFile, 0, 130), Settled::Because(Cause::FileNotReplaced));
        assert_eq!(newer(Look::NoFile, 0, 129), Settled::NotYet);
        assert_eq!(newer(Look::NoFile, 0, 130), Settled::AsFound);
        assert_eq!(newer(young, 0, 355), Settled::NotYet);
        assert_eq!(newer(young, 0, 356), Settled::Because(Cause::NeverSettled));
    }
}
