//! The decompressed stream of a container: counted, bounded, hashed where asked, and how it ended.

use std::io::{self, Read};

use sha2::{Digest as _, Sha256};

use super::container::wants_too_much_memory;
use crate::domain::Digest;

/// Why a stream was not read to its end.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Failure {
    /// The container ends before its own end.
    Truncated,
    /// Holds the decoder's reason.
    Damaged(String),
    /// More than the limit came out of it.
    Bomb,
    WindowTooLarge,
}

pub(super) struct Stream<'a> {
    decoder: Box<dyn Read + 'a>,
    limit: u64,
    bytes: u64,
    hasher: Option<Sha256>,
    failure: Option<Failure>,
}

impl<'a> Stream<'a> {
    /// Gives at most `limit` bytes.
    pub fn new(decoder: Box<dyn Read + 'a>, limit: u64, digest: bool) -> Self {
        Self { decoder, limit, bytes: 0, hasher: digest.then(Sha256::new), failure: None }
    }

    /// How many bytes came, their digest where it was asked for, and why there are no more, if not by its own end.
    pub fn end(self) -> (u64, Option<Digest>, Option<Failure>) {
        (self.bytes, self.hasher.map(|hasher| Digest(hasher.finalize().into())), self.failure)
    }

    fn fail(&mut self, failure: Failure) -> io::Error {
        self.failure = Some(failure);
        io::Error::other("the container cannot be read further")
    }
}

impl Read for Stream<'_> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        if self.failure.is_some() {
            return Err(io::Error::other("the container cannot be read further"));
        }
        let count = match self.decoder.read(out) {
            Ok(count) => count,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => return Err(error),
            Err(error) => return Err(self.fail(classify(&error))),
        };
        self.bytes = self.bytes.saturating_add(count as u64);
        if self.bytes > self.limit {
            return Err(self.fail(Failure::Bomb));
        }
        if let Some(hasher) = &mut self.hasher {
            hasher.update(&out[..count]);
        }
        Ok(count)
    }
}

fn classify(error: &io::Error) -> Failure {
    if error.kind() == io::ErrorKind::UnexpectedEof {
        Failure::Truncated
    } else if wants_too_much_memory(error) {
        Failure::WindowTooLarge
    } else {
        Failure::Damaged(error.to_string())
    }
}
