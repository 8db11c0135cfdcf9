//! The fleet in numbers: how many jobs are what, and how old what could be restored is.

use super::View;
use crate::domain::{Severity, Status};

/// How many jobs are what. Paused and retired ones are in no number but their own and `total`.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Tally {
    pub total: usize,
    /// Neither paused nor retired, or paused and at risk: the denominator.
    pub watched: usize,
    /// Severity critical.
    pub at_risk: usize,
    /// Severity warning.
    pub warning: usize,
    /// SUCCESS or UNCHANGED, and not at risk.
    pub verified: usize,
    /// Of them, those with no warning.
    pub good: usize,
    /// Of the verified ones, those whose last good backup is not kept.
    pub unkept: usize,
    pub late: usize,
    pub pending: usize,
    pub paused: usize,
    pub retired: usize,
    /// At risk, with no good copy at all.
    pub uncovered: usize,
    /// With a schedule that nobody set.
    pub assumed: usize,
    pub on_trial: usize,
    /// MISSING, and not at risk: their year is over, and nobody has retired them.
    pub years_over: usize,
    /// Open incidents.
    pub alerts: usize,
}

/// Watched jobs by the age of their last good copy: under 24 h, 1 to 2 d, 2 to 7 d, older, never.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Ladder(pub [Step; 5]);

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Step {
    /// Jobs that are as their schedule wants them.
    pub planned: usize,
    /// Jobs that are as a schedule wants them that nobody set: whether that is as planned nobody knows.
    pub assumed: usize,
    /// Jobs that are late or critical.
    pub overdue: usize,
}

impl View<'_> {
    pub(super) fn count(&self) -> Tally {
        let mut tally =
            Tally { total: self.jobs.len(), alerts: self.open_incidents().count(), ..Tally::default() };
        for job in &self.jobs {
            match job.standing.status {
                Status::Retired => tally.retired += 1,
                Status::Paused => tally.paused += usize::from(!job.is_watched()),
                Status::Late => tally.late += 1,
                Status::Pending => tally.pending += 1,
                Status::Success | Status::Unchanged if !job.is_critical() => {
                    tally.verified += 1;
                    tally.good += usize::from(job.standing.severity == Severity::Ok);
                    tally.unkept += usize::from(job.unkept().is_some());
                }
                Status::Success
                | Status::Unchanged
                | Status::Failed
                | Status::HashMismatch
                | Status::Corrupt
                | Status::Missing => {}
            }
            if !job.is_watched() && job.standing.status.is_critical() {
                tally.years_over += 1;
            }
            if job.is_watched() {
                tally.watched += 1;
                tally.assumed += usize::from(job.effective.assumed);
                tally.on_trial += usize::from(job.job.on_trial);
                tally.warning += usize::from(job.standing.severity == Severity::Warning);
            }
            if job.is_critical() {
                tally.at_risk += 1;
                tally.uncovered += usize::from(job.last_good().is_none());
            }
        }
        tally
    }

    pub(super) fn restore_ladder(&self) -> Ladder {
        let mut ladder = Ladder::default();
        for job in self.jobs.iter().filter(|job| job.is_watched()) {
            let step = match job.last_good().map(|good| (self.generated_at - good).num_hours()) {
                None => 4,
                Some(hours) if hours < 24 => 0,
                Some(hours) if hours < 48 => 1,
                Some(hours) if hours < 168 => 2,
                Some(_) => 3,
            };
            let step = &mut ladder.0[step];
            // That nothing is kept of what came is as nobody planned it.
            let is_lacking = job.copy().is_none() && job.unkept().is_some();
            if job.is_overdue() || is_lacking {
                step.overdue += 1;
            } else if job.effective.assumed {
                step.assumed += 1;
            } else {
                step.planned += 1;
            }
        }
        ladder
    }
}
