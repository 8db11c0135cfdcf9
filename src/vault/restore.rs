//! Copying a version out, verified while it is copied.

use std::path::{Path, PathBuf};

use super::Vault;
use super::error::{Result, VaultError, VersionRef};
use super::health::{by_record, by_sums, copy_hashed, differs, open_dump};
use crate::domain::{Digest, JobKey};
use crate::files::{self, TempFile};
use crate::intake::Progress;

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RestoredFile {
    pub path: PathBuf,
    pub sha256: Digest,
    pub size_bytes: u64,
}

impl Vault {
    /// Copies the dump of a version into the folder `to`, which is made when it is missing, under its own name. The
    /// file appears there whole, verified and durable, or not at all; nothing is overwritten. A version whose
    /// `report.json` is lost is restored by its `SHA256SUMS`.
    ///
    /// # Errors
    /// When the version is absent or damaged, or the file exists already, or cannot be written.
    pub fn restore(
        &self,
        key: &JobKey,
        name: &str,
        to: &Path,
        progress: &dyn Progress,
    ) -> Result<RestoredFile> {
        let version = self.existing_version(key, name)?;
        let damaged = |reason| VaultError::Damaged(VersionRef::new(key, name), reason);
        let expected = match by_record(&version)? {
            Ok(expected) => expected,
            Err(reason) => by_sums(&version)?.map_err(|_| damaged(reason))?,
        };
        let mut dump = open_dump(&version, &expected)?.map_err(damaged)?;
        let path = to.join(&expected.file_name);
        if path.symlink_metadata().is_ok() {
            return Err(VaultError::Exists(path));
        }
        files::create_dirs(to)?;
        let mut copy = TempFile::new_in(to)?;
        let (from_path, copy_path) = (version.join(&expected.file_name), copy.path().to_owned());
        let (sha256, size_bytes) = copy_hashed(&mut dump, &from_path, &mut copy, &copy_path, progress)?;
        if sha256 != expected.sha256 {
            return Err(damaged(differs(&expected, &sha256)));
        }
        if !copy.publish_noreplace(&path)? {
            return Err(VaultError::Exists(path));
        }
        Ok(RestoredFile { path, sha256, size_bytes })
    }
}
