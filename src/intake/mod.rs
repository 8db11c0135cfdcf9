//! Reads a staged file once and feeds all who need it: digest, content check, copy into the vault.
//!
//! The readers are nested like dolls, all in one thread: [`tap`] reads the file and hashes and copies what passes, a
//! decoder reads from it, the check of what is inside reads from the decoder. Whoever gives up, what lies below goes
//! on to its own end, so that nothing an agent puts into a file can keep it from being hashed.

pub mod content;
mod tap;

use std::io::{self, Write};

use crate::domain::verdict::{ContentStream, Measurement};
use crate::source::StagedFile;
use content::Look;
use tap::{Passed, Stop, Tap};

/// Who else is told how much was read.
pub trait Progress: Sync {
    fn advance(&self, bytes: u64);
}

/// Nobody looks.
pub struct Quiet;

impl Progress for Quiet {
    fn advance(&self, _bytes: u64) {}
}

/// What one pass is to find out, beside the digest. With neither, nothing is decompressed.
#[derive(Debug, Clone, Copy)]
pub struct Wants {
    /// Recognise what is inside and judge whether it is whole.
    pub content_check: bool,
    /// Hash the decompressed stream, for BACKUP's checksum.
    pub stream_digest: bool,
}

#[derive(Debug)]
pub enum Intake {
    /// Read to the end, and it did not change meanwhile.
    Read {
        measurement: Box<Measurement>,
        /// Why the copy is not whole, when there was one and it failed; the measurement holds all the same.
        copy_error: Option<io::Error>,
    },
    /// It changed while it was read: not judged in this scan.
    Changed,
    /// The monitor's own failure.
    Failed(io::Error),
}

/// Reads `file` to its end, in one pass and bounded memory.
pub fn measure(
    file: &mut dyn StagedFile,
    copy: Option<&mut dyn Write>,
    wants: Wants,
    progress: &dyn Progress,
) -> Intake {
    let before = match file.identity() {
        Ok(identity) => identity,
        Err(error) => return Intake::Failed(error),
    };
    let mut tap = Tap::new(file, copy, before.size, progress);
    let look = if wants.content_check || wants.stream_digest {
        content::look(&mut tap, before.size, wants)
    } else {
        Look::default()
    };
    let Passed { sha256, bytes, copy_error } = match tap.finish() {
        Ok(passed) => passed,
        Err(Stop::Grew) => return Intake::Changed,
        Err(Stop::Failed(error)) => return Intake::Failed(error),
    };
    match file.identity() {
        Ok(after) if after == before && bytes == before.size => {}
        Ok(_) => return Intake::Changed,
        Err(error) => return Intake::Failed(error),
    }
    let Look { mut content, bare } = look;
    if let Some(layer) = bare {
        content.stream = Some(ContentStream { bytes, sha256: Some(sha256), layer });
    }
    let measurement = Measurement { identity: before, sha256, size_bytes: bytes, content };
    Intake::Read { measurement: Box::new(measurement), copy_error }
}

#[cfg(test)]
mod tests;
