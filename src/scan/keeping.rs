//! What decides, beside a job's versions, which of them stay: gathered once for all jobs.

use std::collections::HashMap;

use chrono::TimeDelta;
use chrono_tz::Tz;

use crate::domain::retention::Circumstances;
use crate::domain::{IncidentKind, Job, JobId, Problem, Time, Version};
use crate::store::{Result, Store};

pub struct Keeping {
    now: Time,
    timezone: Tz,
    last_scan: Option<Time>,
    /// When each job was last held.
    holds: HashMap<JobId, Time>,
}

impl Keeping {
    /// `longest` is the longest `keep_suspect` of the jobs that will be asked for: so far back holds are looked for.
    ///
    /// # Errors
    /// When the state cannot be read.
    pub fn load(
        store: &dyn Store,
        longest: TimeDelta,
        timezone: Tz,
        last_scan: Option<Time>,
        now: Time,
    ) -> Result<Self> {
        let mut holds: HashMap<JobId, Time> = HashMap::new();
        for incident in store.incidents(Some(now - longest))? {
            if let (IncidentKind::Problem(Problem::VersionHeld), Some(job)) =
                (incident.subject.kind, incident.subject.job)
            {
                let newest = holds.entry(job).or_insert(incident.opened_at);
                *newest = (*newest).max(incident.opened_at);
            }
        }
        Ok(Self { now, timezone, last_scan, holds })
    }

    #[must_use]
    pub fn circumstances<'j>(&self, job: &'j Job, versions: &[Version]) -> Circumstances<'j> {
        Circumstances {
            now: self.now,
            timezone: self.timezone,
            current_version: job.state.current_version.as_deref(),
            job_is_critical: job.state.status.is_critical() || job.state.held,
            last_scan: self.last_scan,
            last_held_at: self.holds.get(&job.id).copied().max(last_doubt(versions)),
        }
    }
}

/// When a hold last began, by the versions alone: a state that was lost knows no incidents of then.
fn last_doubt(versions: &[Version]) -> Option<Time> {
    let is_doubted = |version: &&Version| version.warnings.iter().any(|warning| warning.is_suspicious());
    versions.iter().filter(is_doubted).map(|version| version.promoted_at).max()
}
