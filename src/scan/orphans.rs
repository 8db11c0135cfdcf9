//! Finds what belongs to no job, in the state, in the validated folder and in the deposits. Only looks.

use std::collections::HashSet;
use std::ffi::OsStr;

use crate::domain::orphan::{Orphan, Owned, of_versions};
use crate::domain::{Job, JobKey};
use crate::source::Source;
use crate::store::{Result, Store};
use crate::vault::{Vault, VaultError};

/// The versions of removed jobs, by the state alone: cheap enough for every run.
///
/// # Errors
/// When the state cannot be read.
pub fn of_removed_jobs(store: &dyn Store, removed: &[Job]) -> Result<Vec<Orphan>> {
    let mut found = Vec::new();
    for job in removed {
        let versions = store.versions(Some(&job.id))?;
        found.extend(versions.into_iter().map(|version| (job.key.clone(), version.size_bytes)));
    }
    Ok(of_versions(found, removed))
}

/// The versions of no job that lie on the disk. Folders of jobs are only listed, not looked into.
///
/// # Errors
/// When a folder cannot be listed.
pub fn in_vault(vault: &Vault, jobs: &[Job]) -> std::result::Result<Vec<Orphan>, VaultError> {
    let known: HashSet<(&OsStr, &OsStr)> = jobs
        .iter()
        .filter(|job| !job.ignored)
        .map(|job| (OsStr::new(job.key.agent.as_str()), OsStr::new(job.key.database.as_str())))
        .collect();
    let mut found: Vec<(JobKey, u64)> = Vec::new();
    for listing in vault.all_but(|agent, database| known.contains(&(agent, database)))? {
        found.extend(listing?.versions.into_iter().map(|version| (version.key, version.record.size_bytes)));
    }
    Ok(of_versions(found, jobs))
}

/// The staged files that no report of a job has named. A folder that cannot be looked at is another check's matter.
#[must_use]
pub fn in_deposits(source: &dyn Source, jobs: &[Job]) -> Vec<Orphan> {
    let owned = Owned::by(jobs);
    let mut orphans = Vec::new();
    for agent in source.agents().agents {
        let dumps = source.dumps(&agent).unwrap_or_default();
        let dumps = dumps.iter().map(|(file, identity)| (file.as_str(), identity.size));
        orphans.extend(owned.orphans(&agent.id, dumps));
    }
    orphans
}
