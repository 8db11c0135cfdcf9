//! Whether a bad look at a staged file is final, or the file may still be on its way (SPEC section 4, rule 3).

use chrono::TimeDelta;

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
    let Patience { settle, arrival, report_age, cycle_deadline } = *patience;
    match look {
        _ if report_age < settle => Settled::NotYet,
        Look::OldFile if report_age >= arrival || cycle_deadline.is_some_and(|deadline| now >= deadline) => {
            Settled::Because(Cause::FileNotReplaced)
        }
        Look::NoFile => Settled::AsFound,
        Look::OtherFile { age } if age >= settle => Settled::AsFound,
        Look::OtherFile { .. } if report_age >= arrival => Settled::Because(Cause::NeverSettled),
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
}
