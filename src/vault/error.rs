//! What can go wrong with versions.

use std::path::{Path, PathBuf};

use crate::domain::JobKey;
use crate::domain::text::printable;
use crate::files::{FileError, shown};

pub type Result<T> = std::result::Result<T, VaultError>;

#[derive(Debug, thiserror::Error)]
pub enum VaultError {
    #[error(transparent)]
    File(#[from] FileError),
    #[error("`{}` is {what} and not a folder of versions; move it out of the validated folder", shown(path))]
    NotAFolder { path: PathBuf, what: &'static str },
    #[error("`{}` is not the name of a version", printable(.0))]
    BadVersion(String),
    #[error("`{}` cannot be the name of a file in a version", printable(.0))]
    BadFileName(String),
    #[error("the copy has {copied} bytes and the verified file {expected}, so it is not promoted")]
    ShortCopy { copied: u64, expected: u64 },
    #[error("{0} exists already with other bytes, and stays")]
    Occupied(VersionRef),
    #[error("{0} does not exist")]
    Absent(VersionRef),
    #[error("{0} is damaged: {1}")]
    Damaged(VersionRef, String),
    #[error("{0} is held; `backupmon promote --accept '{key}' --reason TEXT` accepts it", key = .0.key_text())]
    Held(VersionRef),
    #[error("{0} is the current one and is never removed")]
    Current(VersionRef),
    #[error("{0} is pinned; `backupmon versions unpin '{key}'` lets it go", key = .0.key_text())]
    Pinned(VersionRef),
    #[error("`{}` exists already and is not overwritten", shown(.0))]
    Exists(PathBuf),
}

impl VaultError {
    #[must_use]
    pub fn is_disk_full(&self) -> bool {
        matches!(self, VaultError::File(error) if error.is_disk_full())
    }

    /// The machine failed: it says nothing about the version.
    #[must_use]
    pub fn is_monitors_failure(&self) -> bool {
        matches!(self, VaultError::File(error) if error.is_monitors_failure())
    }
}

/// Names a version in a message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VersionRef {
    pub key: JobKey,
    pub version: String,
}

impl VersionRef {
    pub(super) fn new(key: &JobKey, version: &str) -> Self {
        Self { key: key.clone(), version: version.to_owned() }
    }

    fn key_text(&self) -> String {
        printable(&self.key.to_string())
    }
}

impl std::fmt::Display for VersionRef {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "version `{}` of {}", printable(&self.version), self.key_text())
    }
}

pub(super) fn not_a_folder(path: &Path, kind: std::fs::FileType) -> VaultError {
    let what = if kind.is_symlink() { "a symbolic link" } else { "a file" };
    VaultError::NotAFolder { path: path.to_owned(), what }
}
