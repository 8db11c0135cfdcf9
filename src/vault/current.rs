//! `current_version`: the link that says which version to restore.

use std::fs;
use std::io;
use std::path::Path;

use super::Vault;
use super::error::{Result, VaultError, VersionRef};
use super::layout::{CURRENT, HELD, VERSIONS, checked_version, is_folder};
use super::marks::has_mark;
use crate::domain::{Job, JobKey, Time, Version};
use crate::files::{self, Context};

impl Vault {
    /// The version that `current_version` names, whether it exists or not; `None` when there is no link, or one that
    /// we did not make.
    ///
    /// # Errors
    /// When the link cannot be read.
    pub fn current(&self, key: &JobKey) -> Result<Option<String>> {
        let folder = self.job_folder(key)?;
        if is_folder(&folder)? { read_current(&folder) } else { Ok(None) }
    }

    /// Makes `name` the current version, durably and in one step.
    ///
    /// # Errors
    /// When there is no such version or it is held; the link is then as it was.
    pub fn switch(&self, key: &JobKey, name: &str) -> Result<()> {
        let version = self.existing_version(key, name)?;
        if has_mark(&version, HELD)? {
            return Err(VaultError::Held(VersionRef::new(key, name)));
        }
        let temps = self.temp_folder();
        files::create_dirs(&temps)?;
        let link = self.job_folder(key)?.join(CURRENT);
        Ok(files::swap_symlink(&link, &Path::new(VERSIONS).join(name), &temps)?)
    }
}

/// The text of the link is read, and never followed.
pub(super) fn read_current(job: &Path) -> Result<Option<String>> {
    let link = job.join(CURRENT);
    let target = match fs::read_link(&link) {
        // `InvalidInput`: it is there, but it is no link.
        Err(error) if matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::InvalidInput) => {
            return Ok(None);
        }
        target => target.at("read the link", &link)?,
    };
    let name = target.strip_prefix(VERSIONS).ok().and_then(Path::to_str);
    Ok(name.filter(|name| checked_version(name).is_ok()).map(str::to_owned))
}

/// What `current_version` should name: the newest version that is neither held nor damaged. By the report's time, for a
/// backup that was promoted late is still the older one. A version of a report after `until` was made by a clock that
/// ran ahead, and comes last.
#[must_use]
pub fn newest_good(versions: &[Version], until: Time) -> Option<&Version> {
    let rank = |version: &Version| (version.report_time <= until, version.report_time, version.promoted_at);
    versions.iter().filter(|version| !version.held && !version.damaged).max_by_key(|version| rank(version))
}

/// Until when the reports of a job's versions are believed: now, or the last good backup's time where that is later, for
/// it is the clock of now that may be wrong.
#[must_use]
pub fn believed_until(job: &Job, now: Time) -> Time {
    job.state.good.as_ref().map_or(now, |good| good.report_time.max(now))
}
