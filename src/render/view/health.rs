//! The fleet's verdict. Nothing checked is never green.

use chrono::TimeDelta;

use super::View;
use crate::domain::{Incident, IncidentKind, Severity};

/// A scan may end so long after the frozen moment of its run; one further ahead means that a clock was set back.
const SCAN_LEAD: TimeDelta = TimeDelta::hours(6);

/// The fleet's verdict.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Health {
    Ok,
    Unknown,
    Warning,
    Critical,
}

impl Health {
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Health::Ok => "ok",
            Health::Unknown => "unknown",
            Health::Warning => "warning",
            Health::Critical => "critical",
        }
    }
}

/// Why nothing can be said.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum UnknownReason {
    /// No job, or every one is paused or retired.
    NoJobs,
    NoScan,
    /// The newest finished scan is older than two intervals, or lies in the future.
    OldScan,
    /// No watched job was ever judged.
    NothingJudged,
}

impl View<'_> {
    pub(super) fn unknown_reason(&self) -> Option<UnknownReason> {
        let Some(scan) = self.scan else { return Some(UnknownReason::NoScan) };
        let age = self.generated_at - scan.finished_at;
        if age > self.two_intervals() || age < -SCAN_LEAD {
            return Some(UnknownReason::OldScan);
        }
        if self.tally.watched == 0 {
            return Some(UnknownReason::NoJobs);
        }
        let judged = self.jobs.iter().any(|job| job.is_watched() && job.was_judged());
        (!judged).then_some(UnknownReason::NothingJudged)
    }

    pub(super) fn verdict(&self) -> Health {
        if self.unknown.is_some() {
            return Health::Unknown;
        }
        let of_incidents =
            |severity| self.open_incidents().any(|i| i.severity == severity && self.counts_incident(i));
        if self.tally.at_risk > 0 || of_incidents(Severity::Critical) {
            Health::Critical
        } else if self.tally.warning > 0 || of_incidents(Severity::Warning) || self.undelivered.count > 0 {
            Health::Warning
        } else {
            Health::Ok
        }
    }

    /// A job's own trouble speaks through the job's standing; a problem speaks for itself.
    fn counts_incident(&self, incident: &Incident) -> bool {
        match incident.subject.kind {
            IncidentKind::Job => false,
            IncidentKind::Problem(_) => {
                let job = incident.subject.job.as_ref().and_then(|id| self.job(id.as_str()));
                job.is_none_or(|job| job.is_touched_by(incident.subject.kind))
            }
        }
    }
}
