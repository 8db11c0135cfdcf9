//! A file that did not exist before, written from its begin to its end.

use std::fs::{File, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use rustix::fs::{FallocateFlags, Mode, fallocate, fchmod};
use rustix::io::Errno;

use super::{Context, Result};

/// Reserving space costs a system call and pays only where a full disk would be noticed late.
const WORTH_RESERVING: u64 = 1024 * 1024;

/// Who may do what with a finished file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Access {
    /// 0640.
    Plain,
    /// 0440.
    ReadOnly,
}

impl Access {
    fn mode(self) -> Mode {
        match self {
            Access::Plain => Mode::RUSR | Mode::WUSR | Mode::RGRP,
            Access::ReadOnly => Mode::RUSR | Mode::RGRP,
        }
    }
}

#[derive(Debug)]
pub struct NewFile {
    file: File,
    path: PathBuf,
    written: u64,
    reserved: u64,
    /// A write has failed: what is in the file now is not what was meant.
    failed: Option<io::Error>,
}

impl NewFile {
    /// # Errors
    /// `AlreadyExists` when there is anything under that name, a dangling link included.
    pub fn create(path: &Path) -> Result<Self> {
        let file =
            OpenOptions::new().write(true).create_new(true).mode(0o640).open(path).at("create", path)?;
        Ok(Self { file, path: path.to_owned(), written: 0, reserved: 0, failed: None })
    }

    /// Reserves space for `bytes`, so that a full disk is noticed before they are written. Does nothing where the file
    /// system cannot.
    ///
    /// # Errors
    /// When there is not enough space.
    pub fn reserve(&mut self, bytes: u64) -> Result<()> {
        if bytes < WORTH_RESERVING {
            return Ok(());
        }
        match fallocate(&self.file, FallocateFlags::KEEP_SIZE, 0, bytes) {
            Ok(()) => self.reserved = bytes,
            Err(errno @ (Errno::NOSPC | Errno::DQUOT | Errno::FBIG)) => {
                return Err(errno).at("reserve space for", &self.path);
            }
            // Whatever else is wrong will be said by the writing.
            Err(_) => {}
        }
        Ok(())
    }

    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Bytes written so far.
    #[must_use]
    pub fn written(&self) -> u64 {
        self.written
    }

    /// # Errors
    /// The first write error, when there was one: with its path, which an [`io::Error`] lacks.
    pub fn check(&self) -> Result<()> {
        match &self.failed {
            None => Ok(()),
            Some(error) => Err(again(error)).at("write", &self.path),
        }
    }

    /// Sets the mode and makes the bytes durable; the folder's entry is not yet.
    ///
    /// # Errors
    /// Also when any write before failed. The file must then be thrown away.
    pub fn finish(self, access: Access) -> Result<()> {
        self.settle(access)?.sync_all().at("fsync", &self.path)
    }

    /// As [`finish`](Self::finish), without making anything durable.
    ///
    /// # Errors
    /// As for [`finish`](Self::finish).
    pub fn finish_unsynced(self, access: Access) -> Result<()> {
        self.settle(access).map(|_| ())
    }

    fn settle(&self, access: Access) -> Result<&File> {
        self.check()?;
        if self.reserved > self.written {
            self.file.set_len(self.written).at("cut", &self.path)?;
        }
        fchmod(&self.file, access.mode()).at("set the mode of", &self.path)?;
        Ok(&self.file)
    }
}

impl Write for NewFile {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let result = self.file.write(bytes);
        match &result {
            Ok(n) => self.written += *n as u64,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => {
                self.failed.get_or_insert_with(|| again(error));
            }
        }
        result
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// The same error once more, for `io::Error` cannot be cloned.
fn again(error: &io::Error) -> io::Error {
    error.raw_os_error().map_or_else(|| error.kind().into(), io::Error::from_raw_os_error)
}
