//! Taking a version away.

use super::Vault;
use super::error::{Result, VaultError, VersionRef};
use super::layout::{PINNED, is_folder};
use super::marks::has_mark;
use crate::domain::JobKey;
use crate::files::{self, TempDir};

impl Vault {
    /// Removes a version; `false` when it is gone already. It loses its name first, so that a crash leaves no half
    /// version under a good one.
    ///
    /// # Errors
    /// When it is the current one or pinned, or cannot be removed whole.
    pub fn remove(&self, key: &JobKey, name: &str) -> Result<bool> {
        let folder = self.version_folder(key, name)?;
        let version = || VersionRef::new(key, name);
        if self.current(key)?.as_deref() == Some(name) {
            return Err(VaultError::Current(version()));
        }
        if !is_folder(&folder)? {
            return Ok(false);
        }
        if has_mark(&folder, PINNED)? {
            return Err(VaultError::Pinned(version()));
        }
        let temps = self.temp_folder();
        files::create_dirs(&temps)?;
        TempDir::take_over(&folder, &temps)?.remove()?;
        Ok(true)
    }
}
