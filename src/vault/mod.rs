//! Versions on disk: promotion, `current_version`, recovery, verification, restore (SPEC section 7).
//!
//! ```text
//! VALIDATED/.backupmon/tmp/                 drafts, links and removed versions under temporary names
//! VALIDATED/AGENT/DATABASE/current_version  -> versions/NAME
//! VALIDATED/AGENT/DATABASE/versions/NAME/   the dump, SHA256SUMS, report.json, .pinned, .held
//! ```
//!
//! A version is made whole and durable as a draft, then gets its name by one rename. What a crash leaves half done lies
//! under a temporary name in one folder, so that [`Vault::recover`] looks at nothing else. The whole tree must be one
//! file system. It is ours: agents cannot write in it. Still no link in it is followed; the text of `current_version`
//! is read. The tree describes itself: everything that reads works without the state.
//!
//! What to promote, to hold and to remove is decided elsewhere.

mod current;
mod draft;
mod error;
mod health;
mod layout;
mod listing;
mod marks;
mod publish;
mod remove;
mod rename;
mod restore;
mod sums;

use std::io;
use std::path::{Path, PathBuf};

pub use current::{believed_until, newest_good};
pub use draft::Draft;
pub use error::{Result, VaultError, VersionRef};
pub use health::Health;
pub use listing::{Foreign, Glance, Listing, OnDisk};
pub use publish::{Outcome, Published};
pub use rename::Move;
pub use restore::RestoredFile;
pub use sums::line as sums_line;

use crate::files::{self, Context, FolderLock, Lock, Space};
use layout::{OWN_FOLDER, TEMP_FOLDER, is_ours};

/// The validated root. Cheap to make: nothing is looked at or created before it is needed.
#[derive(Debug)]
pub struct Vault {
    root: PathBuf,
    folders: layout::FolderNames,
    /// Held while this process alone works in it.
    claim: Option<FolderLock>,
}

/// Whether the validated folder is what the state believes it to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mounted {
    Yes,
    /// Nothing is there although versions are known: most likely the file system is not mounted. Promote nothing.
    AbsentOrEmpty,
}

impl Vault {
    #[must_use]
    pub fn new(root: PathBuf) -> Self {
        Self { root, folders: layout::FolderNames::default(), claim: None }
    }

    /// Works in it alone from now on; `false` when another process does so already. That one has another state, whose
    /// lock is not ours, and its drafts look like what a killed run has left behind.
    ///
    /// # Errors
    /// When our own folder in it cannot be made.
    pub fn claim(&mut self) -> Result<bool> {
        files::create_dirs(&self.temp_folder())?;
        match FolderLock::acquire(&self.own_folder()) {
            Ok(claim) => {
                self.claim = claim;
                Ok(self.claim.is_some())
            }
            Err(error) => {
                tracing::debug!("whether another server works there cannot be seen: {error}");
                Ok(true)
            }
        }
    }

    #[must_use]
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// Where backupmon keeps what is not a version: drafts, and the copies of the state.
    #[must_use]
    pub fn own_folder(&self) -> PathBuf {
        self.root.join(OWN_FOLDER)
    }

    /// Where a killed run's leavings are looked for.
    #[must_use]
    pub fn temp_folder(&self) -> PathBuf {
        self.own_folder().join(TEMP_FOLDER)
    }

    /// Removes what a killed run left behind, and gives the paths. The lock is asked for because the drafts of a living
    /// run look the same.
    ///
    /// # Errors
    /// When something cannot be removed.
    pub fn recover(&self, _held: &Lock) -> Result<Vec<PathBuf>> {
        Ok(files::remove_temps(&self.temp_folder())?)
    }

    /// `known_versions`: the state knows at least one version.
    ///
    /// # Errors
    /// When the folder is there and cannot be listed.
    pub fn is_mounted(&self, known_versions: bool) -> Result<Mounted> {
        if !known_versions {
            return Ok(Mounted::Yes);
        }
        let entries = match std::fs::read_dir(&self.root) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Mounted::AbsentOrEmpty),
            entries => entries.at("list", &self.root)?,
        };
        for entry in entries {
            let entry = entry.at("list", &self.root)?;
            // Our own folder may have been made on the bare mount point, and an empty file system has `lost+found`.
            if !is_ours(&entry.file_name()) && entry.file_type().at("look at", &entry.path())?.is_dir() {
                return Ok(Mounted::Yes);
            }
        }
        Ok(Mounted::AbsentOrEmpty)
    }

    /// # Errors
    /// When the file system does not answer.
    pub fn space(&self) -> Result<Space> {
        Ok(files::free_space(&self.root)?)
    }
}

#[cfg(test)]
mod tests;
