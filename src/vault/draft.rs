//! A version that is being made: a folder under a temporary name with the dump in it.

use std::io::{self, Write};
use std::path::Path;

use super::Vault;
use super::error::{Result, VaultError};
use super::layout::{HELD, RECORD, SUMS, UNNAMED, is_folder};
use super::sums;
use crate::domain::version::VersionRecord;
use crate::files::{self, Access, Context, NewFile, TempDir};

/// To be fed with the bytes of the staged file in the one pass that verifies them. Dropped, it vanishes.
#[derive(Debug)]
pub struct Draft {
    // Before `folder`: the file is closed before the folder is removed.
    dump: NewFile,
    folder: TempDir,
}

impl Vault {
    /// Begins a version of about `size_hint` bytes, for which space is reserved at once where the file system can.
    ///
    /// # Errors
    /// When the folder cannot be made, or there is not enough space.
    pub fn begin(&self, size_hint: u64) -> Result<Draft> {
        let temps = self.temp_folder();
        files::create_dirs(&temps)?;
        is_folder(&temps)?;
        let folder = TempDir::new_in(&temps)?;
        let mut dump = NewFile::create(&folder.path().join(UNNAMED))?;
        dump.reserve(size_hint)?;
        Ok(Draft { dump, folder })
    }
}

impl Draft {
    /// Bytes that were written so far.
    #[must_use]
    pub fn written(&self) -> u64 {
        self.dump.written()
    }

    /// Makes dump, `SHA256SUMS`, `report.json` and `.held` durable under their names; only the folder still has its
    /// temporary one.
    pub(super) fn complete(self, record: &VersionRecord, held: Option<&str>) -> Result<TempDir> {
        let Self { dump, folder } = self;
        dump.check()?;
        if dump.written() != record.size_bytes {
            return Err(VaultError::ShortCopy { copied: dump.written(), expected: record.size_bytes });
        }
        let (unnamed, named) = (dump.path().to_owned(), folder.path().join(&record.file_name));
        dump.finish(Access::ReadOnly)?;
        files::rename(&unnamed, &named)?;
        let write = |name: &str, bytes: &[u8]| write_part(&folder.path().join(name), bytes);
        write(SUMS, sums::line(&record.sha256, &record.file_name).as_bytes())?;
        let path = folder.path().join(RECORD);
        write(RECORD, &serde_json::to_vec_pretty(record).map_err(io::Error::from).at("write", &path)?)?;
        if let Some(reason) = held {
            write(HELD, reason.as_bytes())?;
        }
        files::sync_dir(folder.path())?;
        Ok(folder)
    }
}

impl Write for Draft {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.dump.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// A durable file in a draft; its entry becomes durable with the draft's folder.
fn write_part(path: &Path, bytes: &[u8]) -> Result<()> {
    let mut file = NewFile::create(path)?;
    file.write_all(bytes).at("write", path)?;
    Ok(file.finish(Access::Plain)?)
}
