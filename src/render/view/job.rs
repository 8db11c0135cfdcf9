//! A job as outputs show it: what follows from its state, its standing and what is kept of it.

use std::sync::Arc;

use crate::domain::settings::Effective;
use crate::domain::standing::Standing;
use crate::domain::version::GoodCopy;
use crate::domain::{Cause, Digest, IncidentKind, Job, Labels, Problem, Severity, Status, Time};

#[derive(Debug, Clone)]
pub struct JobView<'a> {
    pub job: &'a Job,
    pub labels: Arc<Labels>,
    pub effective: &'a Effective,
    pub standing: Arc<Standing>,
    /// What a restore would give where the last good backup is not kept.
    pub older_copy: Option<&'a GoodCopy>,
}

impl JobView<'_> {
    #[must_use]
    pub fn agent(&self) -> &str {
        self.job.key.agent.as_str()
    }

    #[must_use]
    pub fn database(&self) -> &str {
        self.job.key.database.as_str()
    }

    /// Neither retired nor paused, or paused with a trouble that a pause does not stop.
    #[must_use]
    pub fn is_watched(&self) -> bool {
        self.standing.severity != Severity::Inactive
    }

    /// The status; of a paused job that is at risk that of what came.
    #[must_use]
    pub fn trouble_status(&self) -> Status {
        match self.standing.status {
            Status::Paused if self.standing.cause.is_some() => self.job.state.status,
            status => status,
        }
    }

    /// Its own newest backup is what is wrong; damage is a version's.
    #[must_use]
    pub fn is_bad(&self) -> bool {
        self.is_critical() && (self.trouble_status().is_critical() || self.job.state.held)
    }

    /// Its year is over, and it is part of the fleet's one item.
    #[must_use]
    pub fn is_over(&self) -> bool {
        self.standing.status == Status::Missing && !self.is_watched()
    }

    #[must_use]
    pub fn is_damaged(&self) -> bool {
        self.standing.damaged_since.is_some()
    }

    #[must_use]
    pub fn is_retired(&self) -> bool {
        self.standing.status == Status::Retired
    }

    #[must_use]
    pub fn is_critical(&self) -> bool {
        self.standing.severity == Severity::Critical
    }

    /// What a restore would give now: the newest version that is kept, unheld and undamaged.
    #[must_use]
    pub fn copy(&self) -> Option<GoodCopy> {
        self.job.state.kept().or(self.older_copy.copied())
    }

    /// Time of the last good copy: what would be restored now is as of then.
    #[must_use]
    pub fn last_good(&self) -> Option<Time> {
        self.copy().map(|copy| copy.as_of)
    }

    /// When the last good backup was made, where no whole copy of it is kept: it was verified when it came, and cannot be
    /// restored.
    #[must_use]
    pub fn unkept(&self) -> Option<Time> {
        let state = &self.job.state;
        let good = state.good.as_ref().filter(|_| state.kept().is_none())?;
        Some(state.last_success_at.unwrap_or(good.report_time))
    }

    /// Of the copy that a restore would give; where there is none, of the last good backup.
    #[must_use]
    pub fn digest_and_size(&self) -> Option<(Digest, u64)> {
        let good = self.job.state.good.as_ref().map(|good| (good.sha256, good.size_bytes));
        self.copy().map(|copy| (copy.sha256, copy.size_bytes)).or(good)
    }

    /// Late, or worse.
    #[must_use]
    pub fn is_overdue(&self) -> bool {
        self.is_critical() || self.standing.status == Status::Late
    }

    /// `cause`'s word, or `version_held` where the hold alone is what is wrong.
    #[must_use]
    pub fn trouble_word(&self) -> &'static str {
        match self.standing.cause {
            Some(cause) => cause.word(),
            None if self.job.state.held => Problem::VersionHeld.word(),
            None => self.standing.status.word(),
        }
    }

    /// Whether an open problem of the job needs anybody. A retired one expects nothing; what it has must stay whole.
    #[must_use]
    pub fn is_touched_by(&self, kind: IncidentKind) -> bool {
        !self.is_retired() || kind == IncidentKind::Problem(Problem::VersionDamaged)
    }

    /// Its backup is expected and does not come; of a job on trial its status does not tell.
    #[must_use]
    pub fn is_absent(&self) -> bool {
        self.standing.status == Status::Missing
            || (self.job.on_trial && self.job.is_absent(&self.effective.schedule))
    }

    pub(super) fn was_judged(&self) -> bool {
        let state = &self.job.state;
        state.status != Status::Pending
            || state.newest.is_some()
            || self.standing.cause == Some(Cause::NoReport)
    }
}
