//! The one reading of a staged file: every byte passes here once, on its way to the digest, the copy and the content
//! check, however the latter ends.

use std::io::{self, BufRead, Read, Write};

use sha2::{Digest as _, Sha256};

use super::Progress;
use crate::domain::Digest;
use crate::source::StagedFile;

/// Bytes per read. Smaller costs calls, larger falls out of the second-level cache between digest and decoder.
const BUFFER: usize = 256 * 1024;

/// Why the reading ended before the end of the file.
#[derive(Debug)]
pub(super) enum Stop {
    /// There are more bytes than its size said: somebody writes to it.
    Grew,
    Failed(io::Error),
}

/// What passed.
pub(super) struct Passed {
    pub sha256: Digest,
    pub bytes: u64,
    pub copy_error: Option<io::Error>,
}

/// A reader whose every byte is hashed, copied and counted at the moment at which it is read.
pub(super) struct Tap<'a, 'c> {
    file: &'a mut dyn StagedFile,
    copy: Option<&'c mut (dyn Write + 'c)>,
    copy_error: Option<io::Error>,
    progress: &'a dyn Progress,
    hasher: Sha256,
    promised: u64,
    passed: u64,
    buffer: Box<[u8]>,
    /// What of the buffer is filled and not yet consumed.
    start: usize,
    end: usize,
    at_end: bool,
    stop: Option<Stop>,
}

impl<'a, 'c> Tap<'a, 'c> {
    /// `promised` is the size of the file in bytes; not one byte after it is handed on.
    pub fn new(
        file: &'a mut dyn StagedFile,
        copy: Option<&'c mut (dyn Write + 'c)>,
        promised: u64,
        progress: &'a dyn Progress,
    ) -> Self {
        Self {
            file,
            copy,
            copy_error: None,
            progress,
            hasher: Sha256::new(),
            promised,
            passed: 0,
            buffer: vec![0; BUFFER].into_boxed_slice(),
            start: 0,
            end: 0,
            at_end: false,
            stop: None,
        }
    }

    /// Reads what is left, for the digest and the copy.
    ///
    /// # Errors
    /// Why the end was not reached.
    pub fn finish(mut self) -> Result<Passed, Stop> {
        while self.stop.is_none() && !self.at_end {
            self.refill();
        }
        if let Some(stop) = self.stop {
            return Err(stop);
        }
        if let Some(copy) = &mut self.copy {
            self.copy_error = copy.flush().err();
        }
        Ok(Passed {
            sha256: Digest(self.hasher.finalize().into()),
            bytes: self.passed,
            copy_error: self.copy_error,
        })
    }

    /// Replaces the buffer, whole but at the end of the file.
    fn refill(&mut self) {
        (self.start, self.end) = (0, 0);
        while self.end < self.buffer.len() {
            match self.file.read(&mut self.buffer[self.end..]) {
                Ok(0) => {
                    self.at_end = true;
                    break;
                }
                Ok(read) => self.end += read.min(self.buffer.len() - self.end),
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => {
                    self.stop = Some(Stop::Failed(error));
                    break;
                }
            }
        }
        let fresh = &self.buffer[..self.end];
        let count = fresh.len() as u64;
        self.passed += count;
        if self.passed > self.promised {
            self.stop.get_or_insert(Stop::Grew);
            return;
        }
        self.hasher.update(fresh);
        if let Some(error) = self.copy.as_mut().and_then(|copy| copy.write_all(fresh).err()) {
            (self.copy, self.copy_error) = (None, Some(error));
        }
        self.progress.advance(count);
    }
}

impl BufRead for Tap<'_, '_> {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        if self.start == self.end && !self.at_end && self.stop.is_none() {
            self.refill();
        }
        if self.stop.is_some() {
            return Err(io::Error::other("the staged file cannot be read further"));
        }
        Ok(&self.buffer[self.start..self.end])
    }

    fn consume(&mut self, amount: usize) {
        self.start = self.end.min(self.start.saturating_add(amount));
    }
}

impl Read for Tap<'_, '_> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        let count = self.fill_buf()?.read(out)?;
        self.consume(count);
        Ok(count)
    }
}
