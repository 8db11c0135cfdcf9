//! From a draft to a version, in the order that survives a crash at any point: everything in the draft durable, one
//! rename, the folder of versions durable. Only then may `current_version` be switched and the state be told.

use std::path::Path;

use super::error::{Result, VaultError, VersionRef};
use super::health::examine;
use super::layout::{HELD, PINNED, VERSIONS, dump_name, is_folder};
use super::listing::read_record;
use super::marks::{has_mark, read_mark};
use super::{Draft, Health, Vault};
use crate::domain::JobKey;
use crate::domain::version::{VersionRecord, version_name};
use crate::files::{self, TempDir};
use crate::intake::Quiet;

#[derive(Debug, Clone, PartialEq)]
pub struct Published {
    /// As it is on the disk: with the names of the version and of its dump.
    pub record: VersionRecord,
    /// Whether the version on the disk is held. A version that was there already keeps its own mark.
    pub held: bool,
    pub outcome: Outcome,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    New,
    /// The same version with the same bytes: a run before this one was cut off after its rename.
    AlreadyThere,
    /// The same version was there with damaged bytes.
    Replaced,
}

impl Vault {
    /// Makes the draft a version of `key`, durably. `held` is why its bytes are suspicious, where they are.
    ///
    /// Agent, database and the two names in `record` are set here; the digest must be the one of the bytes that were
    /// written, for they are not read again. Twice the same is the same.
    ///
    /// # Errors
    /// When a write failed or anything cannot be made durable; the versions are then as they were.
    pub fn publish(
        &self,
        key: &JobKey,
        draft: Draft,
        record: &VersionRecord,
        held: Option<&str>,
    ) -> Result<Published> {
        let record = VersionRecord {
            agent: key.agent.to_string(),
            database: key.database.to_string(),
            version: version_name(record.report_time, &record.sha256),
            file_name: dump_name(&record.file_name)?,
            ..record.clone()
        };
        let versions = self.job_folder(key)?.join(VERSIONS);
        files::create_dirs(&versions)?;
        let folder = draft.complete(&record, held)?;
        let place = versions.join(&record.version);
        match folder.publish_noreplace(&place)? {
            None => Ok(Published { record, held: held.is_some(), outcome: Outcome::New }),
            Some(folder) => self.meet(key, folder, &place, record),
        }
    }

    /// There is a version of that name already.
    fn meet(&self, key: &JobKey, folder: TempDir, place: &Path, record: VersionRecord) -> Result<Published> {
        is_folder(place)?;
        if let (Health::Whole, Ok(existing)) = (examine(place, &Quiet)?, read_record(place)?) {
            if existing.sha256 != record.sha256 {
                return Err(VaultError::Occupied(VersionRef::new(key, &record.version)));
            }
            // The run that made it may have died before this.
            files::sync_dir(place.parent().unwrap_or(place))?;
            return Ok(Published {
                record: existing,
                held: has_mark(place, HELD)?,
                outcome: Outcome::AlreadyThere,
            });
        }
        let is_current = self.current(key)?.as_ref() == Some(&record.version);
        let held = carry_marks(place, folder.path(), is_current)?;
        folder.replace(place)?;
        Ok(Published { record, held, outcome: Outcome::Replaced })
    }
}

/// Pins and holds are the operator's word and outlive damaged bytes. A version that is current was not held, or has
/// been accepted. Gives whether the new one is held.
fn carry_marks(old: &Path, new: &Path, is_current: bool) -> Result<bool> {
    if let Some(pin) = read_mark(old, PINNED)? {
        files::write_new(&new.join(PINNED), &pin)?;
    }
    let hold = new.join(HELD);
    match read_mark(old, HELD)? {
        Some(reason) => files::write_atomic(&hold, &reason)?,
        None if is_current => {
            files::remove_file(&hold)?;
            files::sync_dir(new)?;
        }
        None => {}
    }
    has_mark(new, HELD)
}
