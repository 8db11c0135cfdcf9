//! What lies in the tree, read from the tree alone.

use std::ffi::OsStr;
use std::fs::DirEntry;
use std::io;
use std::path::{Path, PathBuf};

use super::Vault;
use super::current::read_current;
use super::error::{Result, VaultError};
use super::layout::{HELD, PINNED, RECORD, VERSIONS, entries, fits, is_folder, is_ours};
use super::marks::has_mark;
use crate::domain::text::printable;
use crate::domain::version::VersionRecord;
use crate::domain::{AgentId, DatabaseName, JobKey, Version};
use crate::files::{self, Context};

/// A record holds the agent's entry of a report of at most 16 MiB, written out with blanks.
const RECORD_LIMIT: u64 = 64 * 1024 * 1024;

/// A version as its folder describes it. Its bytes were not read.
#[derive(Debug, Clone, PartialEq)]
pub struct OnDisk {
    pub key: JobKey,
    pub record: VersionRecord,
    pub pinned: bool,
    pub held: bool,
    /// `current_version` names it.
    pub current: bool,
}

/// What a version's folder says without a look into its files.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Glance {
    pub name: String,
    pub pinned: bool,
    pub held: bool,
}

/// Something in the tree that is no version of ours: reported, and left alone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Foreign {
    pub path: PathBuf,
    /// A sentence fragment.
    pub reason: String,
}

/// What lies in one folder.
#[derive(Debug, Default, PartialEq)]
pub struct Listing {
    /// Ordered by name, so by the report's time.
    pub versions: Vec<OnDisk>,
    pub foreign: Vec<Foreign>,
}

impl OnDisk {
    /// The version as the state knows it: verified when it was promoted.
    #[must_use]
    pub fn version(&self) -> Version {
        let record = &self.record;
        Version {
            job: self.key.id(),
            name: record.version.clone(),
            file_name: record.file_name.clone(),
            report_time: record.report_time,
            promoted_at: record.promoted_at,
            sha256: record.sha256,
            size_bytes: record.size_bytes,
            content_bytes: record.content_bytes,
            warnings: record.warnings.clone(),
            pinned: self.pinned,
            held: self.held,
            damaged: false,
            verified_at: record.promoted_at,
        }
    }
}

impl Listing {
    fn stray(path: PathBuf, reason: impl Into<String>) -> Self {
        Self { foreign: vec![Foreign { path, reason: reason.into() }], ..Self::default() }
    }
}

impl Vault {
    /// The names in a job's folder of versions, without a look into them: for a comparison with the state. What is new
    /// is then read with [`list`](Self::list).
    ///
    /// # Errors
    /// When the folder cannot be listed.
    pub fn names(&self, key: &JobKey) -> Result<Vec<String>> {
        let versions = self.job_folder(key)?.join(VERSIONS);
        Ok(entries(&versions)?.iter().map(|entry| entry.file_name().to_string_lossy().into_owned()).collect())
    }

    /// What lies in a job's folder of versions, by the names and marks alone: for a comparison with the state. What is
    /// new is then read with [`list`](Self::list). What is no folder is left out.
    ///
    /// # Errors
    /// When the folder cannot be listed.
    pub fn glance(&self, key: &JobKey) -> Result<Vec<Glance>> {
        let versions = self.job_folder(key)?.join(VERSIONS);
        let mut found = Vec::new();
        for entry in entries(&versions)? {
            let path = entry.path();
            if !entry.file_type().at("look at", &path)?.is_dir() {
                continue;
            }
            found.push(Glance {
                name: entry.file_name().to_string_lossy().into_owned(),
                pinned: has_mark(&path, PINNED)?,
                held: has_mark(&path, HELD)?,
            });
        }
        Ok(found)
    }

    /// Whether the folder of a version is there; no look into it. A look that fails by the machine's failure proves
    /// nothing: the version is believed to be there, and not made again.
    pub fn has(&self, key: &JobKey, name: &str) -> bool {
        match self.version_folder(key, name) {
            Ok(folder) => std::fs::metadata(&folder)
                .at("look at", &folder)
                .map_or_else(|error| error.is_monitors_failure(), |meta| meta.is_dir()),
            Err(VaultError::File(error)) => error.is_monitors_failure(),
            Err(_) => false,
        }
    }

    /// The versions of one job.
    ///
    /// # Errors
    /// When a folder or a file in it cannot be read by the machine's failure.
    pub fn list(&self, key: &JobKey) -> Result<Listing> {
        list_job(&self.job_folder(key)?)
    }

    /// The whole tree, one listing for each folder of a job, in the order of names. What lies where no job's folder can
    /// be is foreign.
    ///
    /// # Errors
    /// When the root cannot be listed; an item is an error when its own folder cannot.
    pub fn all(&self) -> Result<impl Iterator<Item = Result<Listing>>> {
        self.all_but(|_, _| false)
    }

    /// As [`all`](Self::all), without a look into the folders (of an agent, of a database) that are known.
    ///
    /// # Errors
    /// As [`all`](Self::all).
    pub fn all_but(
        &self,
        known: impl Fn(&OsStr, &OsStr) -> bool,
    ) -> Result<impl Iterator<Item = Result<Listing>>> {
        let agents = entries(&self.root)?.into_iter().filter(|entry| !is_ours(&entry.file_name()));
        Ok(agents.flat_map(move |agent| {
            let name = agent.file_name();
            below(&agent, |agent| match entries(agent) {
                Ok(jobs) => jobs
                    .iter()
                    .filter(|job| !known(&name, &job.file_name()))
                    .flat_map(|job| below(job, |job| vec![list_job(job)]))
                    .collect(),
                Err(error) => vec![Err(error)],
            })
        }))
    }
}

/// What `list` finds in a folder; what is no folder is foreign.
fn below(entry: &DirEntry, list: impl FnOnce(&Path) -> Vec<Result<Listing>>) -> Vec<Result<Listing>> {
    let path = entry.path();
    match entry.file_type().at("look at", &path) {
        Ok(kind) if kind.is_dir() => list(&path),
        Ok(_) => vec![Ok(Listing::stray(path, "it is not a folder"))],
        Err(error) => vec![Err(error.into())],
    }
}

fn list_job(job: &Path) -> Result<Listing> {
    let versions = job.join(VERSIONS);
    match is_folder(&versions) {
        Ok(true) => {}
        Ok(false) => return Ok(Listing::default()),
        Err(error @ VaultError::NotAFolder { .. }) => return Ok(Listing::stray(versions, error.to_string())),
        Err(error) => return Err(error),
    }
    let current = read_current(job)?;
    let mut listing = Listing::default();
    for entry in entries(&versions)? {
        match read_version(job, &entry, current.as_deref())? {
            Ok(version) => listing.versions.push(version),
            Err(reason) => listing.foreign.push(Foreign { path: entry.path(), reason }),
        }
    }
    Ok(listing)
}

fn read_version(
    job: &Path,
    entry: &DirEntry,
    current: Option<&str>,
) -> Result<std::result::Result<OnDisk, String>> {
    let path = entry.path();
    if !entry.file_type().at("look at", &path)?.is_dir() {
        return Ok(Err("it is not a folder".to_owned()));
    }
    let record = match read_record(&path)? {
        Ok(record) => record,
        Err(reason) => return Ok(Err(reason)),
    };
    let key = match belongs(job, entry, &record) {
        Ok(key) => key,
        Err(reason) => return Ok(Err(reason)),
    };
    let (pinned, held) = (has_mark(&path, PINNED)?, has_mark(&path, HELD)?);
    Ok(Ok(OnDisk { key, current: current == Some(record.version.as_str()), record, pinned, held }))
}

/// Whether the record speaks of the place where it lies: a version that was copied elsewhere by hand is not taken for
/// a backup of that place.
fn belongs(job: &Path, entry: &DirEntry, record: &VersionRecord) -> std::result::Result<JobKey, String> {
    let speaks_of =
        || format!("its {RECORD} speaks of {}", printable(&format!("{}/{}", record.agent, record.database)));
    let name = |name: Option<&Path>| name.and_then(Path::file_name).unwrap_or_default().to_owned();
    if !fits(&name(job.parent()), &record.agent) || !fits(&name(Some(job)), &record.database) {
        return Err(speaks_of());
    }
    if entry.file_name() != record.version.as_str() {
        return Err(format!("its {RECORD} speaks of version {}", printable(&record.version)));
    }
    match (AgentId::new(record.agent.clone()), DatabaseName::new(record.database.clone())) {
        (Ok(agent), Ok(database)) => Ok(JobKey { agent, database }),
        _ => Err(speaks_of()),
    }
}

/// The record of a version, or why it is none.
pub(super) fn read_record(version: &Path) -> Result<std::result::Result<VersionRecord, String>> {
    match read_part(version, RECORD, RECORD_LIMIT)? {
        Ok(bytes) => {
            Ok(serde_json::from_slice(&bytes)
                .map_err(|error| format!("its {RECORD} cannot be read: {error}")))
        }
        Err(reason) => Ok(Err(reason)),
    }
}

/// A small file of a version, or why it is not what it should be. Only the machine's own failure is an error.
pub(super) fn read_part(
    version: &Path,
    name: &str,
    limit: u64,
) -> Result<std::result::Result<Vec<u8>, String>> {
    match files::read_limited(&version.join(name), limit) {
        Ok(Some(bytes)) => Ok(Ok(bytes)),
        Ok(None) => Ok(Err(format!("it has no {name}"))),
        Err(error) if error.is_monitors_failure() || error.kind() == io::ErrorKind::PermissionDenied => {
            Err(error.into())
        }
        Err(error) => Ok(Err(format!("its {name} cannot be read: {}", error.source))),
    }
}
