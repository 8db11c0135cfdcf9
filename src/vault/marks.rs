//! `.pinned` and `.held`: files in the version's folder, so that they survive the state.

use std::io;
use std::path::Path;

use super::Vault;
use super::error::Result;
use super::layout::{HELD, PINNED};
use crate::domain::JobKey;
use crate::files::{self, Context};

/// More than any reason.
const MARK_LIMIT: u64 = 64 * 1024;

pub(super) fn has_mark(version: &Path, mark: &str) -> Result<bool> {
    let path = version.join(mark);
    match path.symlink_metadata() {
        Ok(_) => Ok(true),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(false),
        Err(error) => Ok(Err(error).at("look at", &path)?),
    }
}

pub(super) fn read_mark(version: &Path, mark: &str) -> Result<Option<Vec<u8>>> {
    Ok(files::read_limited(&version.join(mark), MARK_LIMIT)?)
}

impl Vault {
    /// A pinned version is never removed.
    ///
    /// # Errors
    /// When there is no such version, or the mark cannot be made durable.
    pub fn set_pinned(&self, key: &JobKey, name: &str, pinned: bool) -> Result<()> {
        self.set_mark(key, name, PINNED, pinned.then_some(""))
    }

    /// A held version never becomes the current one. `None` accepts it.
    ///
    /// # Errors
    /// When there is no such version, or the mark cannot be made durable.
    pub fn set_held(&self, key: &JobKey, name: &str, reason: Option<&str>) -> Result<()> {
        self.set_mark(key, name, HELD, reason)
    }

    fn set_mark(&self, key: &JobKey, name: &str, mark: &str, text: Option<&str>) -> Result<()> {
        let folder = self.existing_version(key, name)?;
        let path = folder.join(mark);
        if let Some(text) = text {
            let temps = self.temp_folder();
            files::create_dirs(&temps)?;
            files::write_atomic_from(&temps, &path, text.as_bytes())?;
        } else if files::remove_file(&path)? {
            files::sync_dir(&folder)?;
        }
        Ok(())
    }
}
