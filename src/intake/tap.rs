//! The one reading of a staged file: every byte passes here once, on its way to the digest, the copy and the content
//! check, however the latter ends.

use std::io::{self, BufRead, Read, Write};

use sha2::{Digest as _, Sha256};

use super::Progress;
use super::supply::{Buffer, Supply};
use crate::domain::Digest;
/// Why the reading ended before the end of the file.
#[derive(Debug)]
pub(super) enum Stop {
    /// There are more bytes than its size said: somebody writes to it.
    Grew,
    OutOfTime,
    Failed(io::Error),
}

/// What passed.
pub(super) struct Passed {
    pub sha256: Digest,
    pub bytes: u64,
    pub copy_error: Option<io::Error>,
}

/// A reader whose every byte is hashed, copied and counted at the moment at which it is read.
pub(super) struct Tap<'f, 'c, 'p> {
    supply: Supply<'f>,
    copy: Option<&'c mut (dyn Write + 'c)>,
    copy_error: Option<io::Error>,
    progress: &'p dyn Progress,
    hasher: Sha256,
    promised: u64,
    passed: u64,
    buffer: Buffer,
    /// How much of the buffer is consumed.
    consumed: usize,
    at_end: bool,
    stop: Option<Stop>,
}

impl<'f, 'c, 'p> Tap<'f, 'c, 'p> {
    /// `promised` is the size of the file in bytes; not one byte after it is handed on.
    pub fn new(
        supply: Supply<'f>,
        copy: Option<&'c mut (dyn Write + 'c)>,
        promised: u64,
        progress: &'p dyn Progress,
    ) -> Self {
        Self {
            supply,
            copy,
            copy_error: None,
            progress,
            hasher: Sha256::new(),
            promised,
            passed: 0,
            buffer: Buffer::default(),
            consumed: 0,
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

    /// Replaces the buffer.
    fn refill(&mut self) {
        self.consumed = 0;
        if self.passed < self.promised && self.progress.deadline_is_over() {
            self.stop = Some(Stop::OutOfTime);
            return;
        }
        match self.supply.next(std::mem::take(&mut self.buffer)) {
            Ok(buffer) => self.buffer = buffer,
            Err(error) => {
                self.stop = Some(Stop::Failed(error));
                return;
            }
        }
        let fresh = self.buffer.filled();
        if fresh.is_empty() {
            self.at_end = true;
            return;
        }
        let count = fresh.len() as u64;
        self.passed += count;
        if self.passed > self.promised {
            self.stop = Some(Stop::Grew);
            return;
        }
        self.hasher.update(fresh);
        if let Some(error) = self.copy.as_mut().and_then(|copy| copy.write_all(fresh).err()) {
            (self.copy, self.copy_error) = (None, Some(error));
        }
        self.progress.advance(count);
    }
}

impl BufRead for Tap<'_, '_, '_> {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        if self.consumed == self.buffer.filled().len() && !self.at_end && self.stop.is_none() {
            self.refill();
        }
        if self.stop.is_some() {
            return Err(io::Error::other("the staged file cannot be read further"));
        }
        Ok(&self.buffer.filled()[self.consumed..])
    }

    fn consume(&mut self, amount: usize) {
        self.consumed = self.buffer.filled().len().min(self.consumed.saturating_add(amount));
    }
}

impl Read for Tap<'_, '_, '_> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        let count = self.fill_buf()?.read(out)?;
        self.consume(count);
        Ok(count)
    }
}
