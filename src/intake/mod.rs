//! Reads a staged file once and feeds all who need it: digest, content check, copy into the vault.

use std::io::{self, Write};

use crate::domain::verdict::Measurement;
use crate::source::StagedFile;

/// Who else is told how much was read.
pub trait Progress: Sync {
    fn advance(&self, bytes: u64);
}

/// Nobody looks.
pub struct Quiet;

impl Progress for Quiet {
    fn advance(&self, _bytes: u64) {}
}

/// What one pass is to find out, beside the digest.
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
    _file: &mut dyn StagedFile,
    _copy: Option<&mut dyn Write>,
    _wants: Wants,
    _progress: &dyn Progress,
) -> Intake {
    unimplemented!()
}
