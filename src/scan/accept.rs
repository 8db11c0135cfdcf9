//! An operator's word that what is held is good: the held version becomes current, and the next backup is compared with
//! it.

use crate::domain::job::GoodBackup;
use crate::domain::ledger::{self, Acceptance};
use crate::domain::{Entry, Job, Time, Version};
use crate::store::{Store, StoreError, Unit};
use crate::vault::{Vault, VaultError};

/// Who says so, and why.
#[derive(Debug, Clone, Copy)]
pub struct Word<'a> {
    pub who: &'a str,
    pub why: Option<&'a str>,
    pub now: Time,
}

#[derive(Debug, thiserror::Error)]
pub enum AcceptError {
    #[error("neither its history nor its versions say what is held")]
    NothingHeld,
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error(transparent)]
    Vault(#[from] VaultError),
}

/// Takes what is held of `job` as good, on the disk first: a crash before the state knows of it leaves a version that is
/// accepted again. Puts what the state must learn into `unit`, but for the job itself; gives the version's name, if it
/// has one. Without a vault nothing is changed on the disk.
///
/// # Errors
/// When nothing is known of what is held, or the version cannot be made current; the job is then as it was.
pub fn accept(
    store: &dyn Store,
    vault: Option<&Vault>,
    job: &mut Job,
    word: Word,
    unit: &mut Unit,
) -> Result<Option<String>, AcceptError> {
    let entry = store.held_entries(&job.id, 1)?.pop();
    let version = version_of(entry.as_ref(), &store.versions(Some(&job.id))?);
    let (good, verified_at) =
        good_backup(job, entry.as_ref(), version.as_ref()).ok_or(AcceptError::NothingHeld)?;
    if let (Some(version), Some(vault)) = (&version, vault) {
        vault.set_held(&job.key, &version.name, None)?;
        vault.switch(&job.key, &version.name)?;
    }
    let Word { who, why, now } = word;
    unit.incidents.push(ledger::accept(job, Acceptance { good, verified_at, who, why, now }));
    unit.accepted.extend(entry.map(|entry| entry.id));
    let name = version.as_ref().map(|version| version.name.clone());
    unit.versions.extend(version.map(|version| Version { held: false, ..version }));
    Ok(name)
}

/// The version that has the held bytes. One that is damaged is no backup, whoever accepts it.
fn version_of(entry: Option<&Entry>, versions: &[Version]) -> Option<Version> {
    let is_meant = |version: &&Version| match entry {
        Some(entry) => entry.sha256 == Some(version.sha256),
        // A history that was pruned or lost: the disk still knows.
        None => version.held,
    };
    versions.iter().rev().filter(|version| !version.damaged).find(is_meant).cloned()
}

/// The held backup as a good one, and when it was verified: by the history, else by the version on the disk.
fn good_backup(job: &Job, entry: Option<&Entry>, version: Option<&Version>) -> Option<(GoodBackup, Time)> {
    let file = |sha256| {
        let staged = job.state.staged.as_ref().filter(|mark| mark.sha256 == sha256);
        staged.map(|mark| mark.file.clone()).or_else(|| version.map(|version| version.file_name.clone()))
    };
    let name = version.map(|version| version.name.clone());
    if let Some(entry) = entry {
        let sha256 = entry.sha256?;
        let good = GoodBackup {
            sha256,
            size_bytes: entry.size_bytes?,
            content_bytes: entry.content_bytes,
            report_time: entry.report_time?,
            // 0: not known, as of an entry that was made of a version on the disk.
            report: entry.report_id.unwrap_or_default(),
            file: file(sha256).unwrap_or_default(),
            version: name,
        };
        return Some((good, entry.judged_at));
    }
    let version = version?;
    let good = GoodBackup {
        sha256: version.sha256,
        size_bytes: version.size_bytes,
        content_bytes: version.content_bytes,
        report_time: version.report_time,
        // Its report is not known.
        report: 0,
        file: version.file_name.clone(),
        version: name,
    };
    Some((good, version.verified_at))
}
