//! Which of several causes people look at first: page, mail and `check` have one order.

use std::cmp::Reverse;

use super::{Cause, IncidentKind, Problem, Severity, Time};

/// The greater, the more urgent. The fields are compared in this order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Urgency {
    pub severity: Severity,
    /// It touches the whole server.
    pub is_servers: bool,
    /// Data may be lost or forged ([`is_doubtful`]).
    pub is_doubtful: bool,
    /// A job that suffers has no good copy at all.
    pub is_uncovered: bool,
    last_good: Reverse<Time>,
    pub jobs: usize,
}

impl Urgency {
    /// `last_good` is the oldest of the last good copies of the jobs that suffer; `None` where nobody asks, or one has none.
    #[must_use]
    pub fn new(
        severity: Severity,
        is_servers: bool,
        is_doubtful: bool,
        is_uncovered: bool,
        last_good: Option<Time>,
        jobs: usize,
    ) -> Self {
        let last_good = Reverse(last_good.unwrap_or(Time::MAX_UTC));
        Self { severity, is_servers, is_doubtful, is_uncovered, last_good, jobs }
    }
}

/// Data may be lost or forged: a version is held or damaged, or the bytes of a backup are not what they should be.
/// `cause` is the word of an incident's cause.
#[must_use]
pub fn is_doubtful(kind: IncidentKind, cause: Option<&str>) -> bool {
    match kind {
        IncidentKind::Problem(problem) => matches!(problem, Problem::VersionHeld | Problem::VersionDamaged),
        IncidentKind::Job => cause.and_then(Cause::from_word).is_some_and(Cause::is_about_bytes),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use chrono::TimeDelta;

    #[test]
    fn doubt_comes_before_what_is_absent_and_no_copy_before_an_old_one() {
        let now = Time::UNIX_EPOCH + TimeDelta::days(9);
        let critical = |is_servers, is_doubtful, is_uncovered: bool, days| {
            let last_good = (!is_uncovered).then(|| now - TimeDelta::days(days));
            Urgency::new(Severity::Critical, is_servers, is_doubtful, is_uncovered, last_good, 1)
        };
        let order = [
            critical(true, false, false, 0),
            critical(false, true, false, 1),
            critical(false, false, true, 0),
            critical(false, false, false, 5),
            critical(false, false, false, 1),
            Urgency::new(Severity::Warning, true, true, true, None, 9),
        ];
        assert!(order.is_sorted_by(|a, b| a > b), "{order:?}");
    }

    #[test]
    fn what_is_held_damaged_forged_or_cut_is_doubtful_and_silence_is_not() {
        let is_job = |cause| is_doubtful(IncidentKind::Job, Some(cause));
        assert!(is_job("hash_differs") && is_job("truncated"));
        assert!(!is_job("no_report") && !is_job("backup_failed") && !is_doubtful(IncidentKind::Job, None));
        let is_problem = |problem| is_doubtful(IncidentKind::Problem(problem), None);
        assert!(is_problem(Problem::VersionHeld) && is_problem(Problem::VersionDamaged));
        assert!(!is_problem(Problem::ClockSkew));
    }
}
