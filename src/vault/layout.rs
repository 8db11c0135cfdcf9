//! Where things lie, and under which names.
//!
//! The folders of an agent and of a database have their own names. Where the file system ignores case, a folder that is
//! found under a name may have been made for another one; the `report.json` of any version in it says for which. The
//! later of the two then gets `~` and 4 hex digits of the SHA-256 of its own name.

use std::collections::HashMap;
use std::ffi::OsStr;
use std::fs;
use std::io;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, OnceLock, PoisonError};

use super::Vault;
use super::error::{Result, VaultError, VersionRef, not_a_folder};
use super::listing::read_record;
use crate::domain::version::VersionRecord;
use crate::domain::{Digest, JobKey};
use crate::files::Context;

pub(super) const OWN_FOLDER: &str = ".backupmon";
pub(super) const TEMP_FOLDER: &str = "tmp";
pub(super) const VERSIONS: &str = "versions";
pub(super) const CURRENT: &str = "current_version";
pub(super) const SUMS: &str = "SHA256SUMS";
pub(super) const RECORD: &str = "report.json";
pub(super) const PINNED: &str = ".pinned";
pub(super) const HELD: &str = ".held";
/// A draft's dump until its name is known.
pub(super) const UNNAMED: &str = ".unnamed";

/// Longest name that Linux file systems take, in bytes.
const FILE_NAME_LIMIT: usize = 255;

/// A folder at the top that is no agent's.
pub(super) fn is_ours(name: &OsStr) -> bool {
    name.eq_ignore_ascii_case(OWN_FOLDER) || name == "lost+found"
}

fn is_component(name: &str) -> bool {
    !name.is_empty()
        && name != "."
        && name != ".."
        && !name.contains(['/', '\0'])
        && name.len() <= FILE_NAME_LIMIT
}

/// The name of a version as somebody typed or stored it, before it is joined to a path.
pub(super) fn checked_version(name: &str) -> Result<&str> {
    if is_component(name) && !name.starts_with('.') {
        Ok(name)
    } else {
        Err(VaultError::BadVersion(name.to_owned()))
    }
}

/// The name of a dump inside its version: that of the staged file, unless it would be taken for one of ours.
pub(super) fn dump_name(claimed: &str) -> Result<String> {
    if !is_component(claimed) {
        return Err(VaultError::BadFileName(claimed.to_owned()));
    }
    // Also where only the case differs, for the file system may ignore it.
    let is_taken = [SUMS, RECORD, PINNED, HELD, UNNAMED].iter().any(|own| own.eq_ignore_ascii_case(claimed));
    Ok(if is_taken { format!("dump-{claimed}") } else { claimed.to_owned() })
}

/// The folder name for the later of two that the file system takes for one.
fn clash_name(name: &str) -> String {
    format!("{name}~{}", Digest::of(name.as_bytes()).short(4))
}

/// Whether a folder can be the one of an agent or a database of that name.
pub(super) fn fits(folder: &OsStr, name: &str) -> bool {
    folder == name || folder == clash_name(name).as_str()
}

/// `true` for a folder, `false` when nothing is there.
pub(super) fn is_folder(path: &Path) -> Result<bool> {
    match fs::symlink_metadata(path) {
        Ok(meta) if meta.is_dir() => Ok(true),
        Ok(meta) => Err(not_a_folder(path, meta.file_type())),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(false),
        Err(error) => Ok(Err(error).at("look at", path)?),
    }
}

/// The entries of a folder in the order of their names; none when it is absent.
pub(super) fn entries(folder: &Path) -> Result<Vec<fs::DirEntry>> {
    let found = match fs::read_dir(folder) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        found => found.at("list", folder)?,
    };
    let mut entries = found.collect::<io::Result<Vec<_>>>().at("list", folder)?;
    entries.sort_by_key(fs::DirEntry::file_name);
    Ok(entries)
}

/// What was found out about folder names. Only asked for where the file system ignores case.
#[derive(Debug, Default)]
pub(super) struct FolderNames {
    ignores_case: OnceLock<bool>,
    /// By folder above and own name.
    known: Mutex<HashMap<(PathBuf, String), String>>,
}

impl FolderNames {
    #[cfg(test)]
    pub(super) fn pretend_to_ignore_case() -> Self {
        Self { ignores_case: OnceLock::from(true), known: Mutex::default() }
    }
}

impl Vault {
    /// The folder of a job; it need not exist. No component of it is a link.
    pub(super) fn job_folder(&self, key: &JobKey) -> Result<PathBuf> {
        let (agent, database) = (key.agent.as_str(), key.database.as_str());
        let agents = self.folder_name(&self.root, agent, |folder| {
            for job in entries(folder)? {
                if let Some(record) = any_record(&job.path())? {
                    return Ok(Some(record.agent));
                }
            }
            Ok(None)
        })?;
        let above = self.root.join(agents);
        let databases = self
            .folder_name(&above, database, |folder| Ok(any_record(folder)?.map(|record| record.database)))?;
        let folder = above.join(databases);
        if is_folder(&above)? && is_folder(&folder)? {
            is_folder(&folder.join(VERSIONS))?;
        }
        Ok(folder)
    }

    /// The folder of a version that exists.
    pub(super) fn existing_version(&self, key: &JobKey, name: &str) -> Result<PathBuf> {
        let folder = self.version_folder(key, name)?;
        if is_folder(&folder)? { Ok(folder) } else { Err(VaultError::Absent(VersionRef::new(key, name))) }
    }

    /// Where a version lies or would lie.
    ///
    /// # Errors
    /// When `name` is no version's name, or a link or a file stands where a folder should be.
    pub fn version_folder(&self, key: &JobKey, name: &str) -> Result<PathBuf> {
        Ok(self.job_folder(key)?.join(VERSIONS).join(checked_version(name)?))
    }

    /// `owner` says for whom a folder was made, where it can be told.
    fn folder_name(
        &self,
        above: &Path,
        name: &str,
        owner: impl FnOnce(&Path) -> Result<Option<String>>,
    ) -> Result<String> {
        if above == self.root && is_ours(OsStr::new(name)) {
            return Ok(clash_name(name));
        }
        if !self.ignores_case() {
            return Ok(name.to_owned());
        }
        let place = (above.to_owned(), name.to_owned());
        if let Some(known) = self.folders.known.lock().unwrap_or_else(PoisonError::into_inner).get(&place) {
            return Ok(known.clone());
        }
        let folder = above.join(name);
        let owner = if is_folder(&folder)? { owner(&folder)? } else { return Ok(name.to_owned()) };
        let Some(owner) = owner else { return Ok(name.to_owned()) };
        let chosen = if owner == name { name.to_owned() } else { clash_name(name) };
        self.folders.known.lock().unwrap_or_else(PoisonError::into_inner).insert(place, chosen.clone());
        Ok(chosen)
    }

    /// Whether another spelling of our own folder leads to it. Not known before that folder exists.
    fn ignores_case(&self) -> bool {
        if let Some(known) = self.folders.ignores_case.get() {
            return *known;
        }
        let inode =
            |name: &str| fs::symlink_metadata(self.root.join(name)).ok().map(|meta| (meta.dev(), meta.ino()));
        match inode(OWN_FOLDER) {
            None => false,
            own => *self.folders.ignores_case.get_or_init(|| inode(&OWN_FOLDER.to_ascii_uppercase()) == own),
        }
    }
}

/// The record of any version of a job's folder.
fn any_record(job: &Path) -> Result<Option<VersionRecord>> {
    let versions = job.join(VERSIONS);
    if !job.symlink_metadata().is_ok_and(|meta| meta.is_dir()) || !is_folder(&versions)? {
        return Ok(None);
    }
    for version in entries(&versions)? {
        if let Ok(record) = read_record(&version.path())? {
            return Ok(Some(record));
        }
    }
    Ok(None)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_name_leads_out_of_its_folder_or_hides_one_of_ours() {
        for bad in ["", ".", "..", "a/b", "/", "a\0", &"x".repeat(256)] {
            assert!(dump_name(bad).is_err() && checked_version(bad).is_err(), "{bad:?}");
        }
        assert!(checked_version(".tmp-1").is_err());
        assert_eq!(dump_name("sha256sums").unwrap(), "dump-sha256sums");
        assert_eq!(dump_name(".held").unwrap(), "dump-.held");
        assert_eq!(dump_name("a.sql.gz").unwrap(), "a.sql.gz");
    }
}
