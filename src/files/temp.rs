//! Files and folders under a temporary name, which vanish unless they are published.

use std::fs::DirBuilder;
use std::io::{self, Write};
use std::os::unix::fs::DirBuilderExt;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};

use rustix::fs::{CWD, RenameFlags, renameat_with};
use rustix::io::Errno;

use super::folder::{parent_of, rename, rename_noreplace, set_folder_mode, sync_dir};
use super::{Access, Context, NewFile, Result};

/// What every temporary name begins with: a killed run's leftovers are known by it.
pub(super) const PREFIX: &str = ".tmp-";
/// Leftovers of a killed run that had our process id can occupy names, but never this many.
const ATTEMPTS: usize = 10_000;

/// Tries `create` on fresh names in `folder` until one is free.
pub(super) fn with_free_name<T>(
    folder: &Path,
    mut create: impl FnMut(&Path) -> Result<T>,
) -> Result<(PathBuf, T)> {
    static COUNTER: AtomicU64 = AtomicU64::new(0);
    let mut attempt = 0;
    loop {
        let number = COUNTER.fetch_add(1, Ordering::Relaxed);
        let path = folder.join(format!("{PREFIX}{}-{number}", std::process::id()));
        attempt += 1;
        match create(&path) {
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists && attempt < ATTEMPTS => {}
            result => return result.map(|made| (path, made)),
        }
    }
}

/// After a rename of `from` to `to`. When the new name cannot be made durable it is given up: a later look would find it
/// in memory and believe it to be on the disk.
fn sync_or_take_back(from: &Path, to: &Path) -> Result<()> {
    sync_dir(parent_of(to)).inspect_err(|_| {
        let _ = rename(to, from);
    })
}

/// Removes what lies under a temporary name when it goes out of scope, as far as it can: what stays is removed by
/// [`remove_temps`](super::remove_temps) in the next run.
#[derive(Debug)]
struct Leftover(Option<PathBuf>);

impl Leftover {
    fn keep(mut self) {
        self.0 = None;
    }
}

impl Drop for Leftover {
    fn drop(&mut self) {
        if let Some(path) = &self.0 {
            let _ = super::remove_tree(path);
        }
    }
}

#[derive(Debug)]
pub struct TempFile {
    // Before `leftover`: the file is closed before it is removed.
    file: NewFile,
    leftover: Leftover,
}

impl TempFile {
    /// # Errors
    /// When it cannot be created in `folder`.
    pub fn new_in(folder: &Path) -> Result<Self> {
        let (path, file) = with_free_name(folder, NewFile::create)?;
        Ok(Self { file, leftover: Leftover(Some(path)) })
    }

    #[must_use]
    pub fn path(&self) -> &Path {
        self.file.path()
    }

    /// Makes it durable under the name `to`, which it replaces.
    ///
    /// # Errors
    /// When any write, the fsync or the rename failed; `to` is then as it was, or (only when the folder's fsync failed)
    /// already new, but not durable.
    pub fn publish(self, to: &Path) -> Result<()> {
        let from = self.path().to_owned();
        self.file.finish(Access::Plain)?;
        rename(&from, to)?;
        self.leftover.keep();
        sync_dir(parent_of(to))
    }

    /// As [`publish`](Self::publish), but replaces nothing: `false` when `to` exists.
    ///
    /// # Errors
    /// As for [`publish`](Self::publish).
    pub fn publish_noreplace(self, to: &Path) -> Result<bool> {
        let from = self.path().to_owned();
        self.file.finish(Access::Plain)?;
        if !rename_noreplace(&from, to)? {
            return Ok(false);
        }
        sync_or_take_back(&from, to)?;
        self.leftover.keep();
        Ok(true)
    }

    /// As [`publish`](Self::publish), but only atomic and not durable.
    ///
    /// # Errors
    /// When a write or the rename failed; `to` is then as it was.
    pub fn publish_unsynced(self, to: &Path) -> Result<()> {
        let from = self.path().to_owned();
        self.file.finish_unsynced(Access::Plain)?;
        rename(&from, to)?;
        self.leftover.keep();
        Ok(())
    }

    /// As [`publish_noreplace`](Self::publish_noreplace), but only atomic and not durable.
    ///
    /// # Errors
    /// As for [`publish_unsynced`](Self::publish_unsynced).
    pub fn publish_noreplace_unsynced(self, to: &Path) -> Result<bool> {
        let from = self.path().to_owned();
        self.file.finish_unsynced(Access::Plain)?;
        if !rename_noreplace(&from, to)? {
            return Ok(false);
        }
        self.leftover.keep();
        Ok(true)
    }
}

impl Write for TempFile {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.file.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[derive(Debug)]
pub struct TempDir {
    path: PathBuf,
    leftover: Leftover,
}

impl TempDir {
    /// # Errors
    /// When it cannot be created in `folder`.
    pub fn new_in(folder: &Path) -> Result<Self> {
        let (path, ()) = with_free_name(folder, |path| {
            DirBuilder::new().mode(0o750).create(path).at("create", path)?;
            set_folder_mode(path)
        })?;
        Ok(Self { leftover: Leftover(Some(path.clone())), path })
    }

    /// Takes over `path` by renaming it to a temporary name in `folder`: it is then removed like any other.
    /// Durable, so that after a crash no half removed folder lies under its good name.
    ///
    /// # Errors
    /// When it cannot be renamed.
    pub fn take_over(path: &Path, folder: &Path) -> Result<Self> {
        let (temp, ()) = with_free_name(folder, |temp| {
            if rename_noreplace(path, temp)? {
                return Ok(());
            }
            Err(io::Error::from(io::ErrorKind::AlreadyExists)).at("create", temp)
        })?;
        let taken = Self { leftover: Leftover(Some(temp.clone())), path: temp };
        sync_dir(parent_of(path))?;
        Ok(taken)
    }

    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Renames it to `to` when there is nothing yet, durably; what is in it must be durable already. Gives itself back
    /// when `to` exists.
    ///
    /// # Errors
    /// When the rename or the fsync of the folder failed.
    pub fn publish_noreplace(self, to: &Path) -> Result<Option<Self>> {
        if !rename_noreplace(&self.path, to)? {
            return Ok(Some(self));
        }
        sync_or_take_back(&self.path, to)?;
        self.leftover.keep();
        Ok(None)
    }

    /// Puts itself in the place of the folder `at`, durably, and removes what was there.
    ///
    /// # Errors
    /// When the rename or the fsync of the folder failed.
    pub fn replace(self, at: &Path) -> Result<()> {
        match renameat_with(CWD, &self.path, CWD, at, RenameFlags::EXCHANGE) {
            // The temporary name now means the old folder, and goes with it.
            Ok(()) => sync_dir(parent_of(at)),
            // Without exchange the name is free for a moment; a crash then leaves it free, and the next run fills it.
            Err(Errno::INVAL | Errno::NOSYS) => {
                let _old = Self::take_over(at, parent_of(&self.path))?;
                rename(&self.path, at)?;
                self.leftover.keep();
                sync_dir(parent_of(at))
            }
            Err(errno) => Err(errno).at("replace", at),
        }
    }

    /// Removes it now, and says when that fails.
    ///
    /// # Errors
    /// When something in it cannot be removed.
    pub fn remove(self) -> Result<()> {
        super::remove_tree(&self.path)?;
        self.leftover.keep();
        Ok(())
    }
}
