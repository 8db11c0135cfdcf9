//! Reads a staged file once and feeds all who need it: digest, content check, copy into the vault.
//!
//! The readers are nested like dolls: [`tap`] takes the file's bytes and hashes and copies what passes, a decoder reads
//! from it, the check of what is inside reads from the decoder, all in one thread; only reading ahead has its own. Whoever gives up, what lies below goes
//! on to its own end, so that nothing an agent puts into a file can keep it from being hashed.

pub mod content;
mod supply;
mod tap;

use std::io::{self, Write};
use std::thread;

use crate::domain::verdict::{ContentStream, Measurement};
use crate::files::ended_early;
use crate::source::StagedFile;
use content::Look;
use supply::Supply;
use tap::{Passed, Stop, Tap};

/// Who else is told how much was read.
pub trait Progress: Sync {
    fn advance(&self, bytes: u64);

    /// The time for reading is over: not even the file that is being read is read to its end.
    fn deadline_is_over(&self) -> bool {
        false
    }
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
    /// The time for reading was over before the end of the file.
    OutOfTime,
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
    let passed = if before.size < supply::LARGE {
        pass(Supply::direct(file, before.size), before.size, copy, wants, progress)
    } else {
        pass_with_reader(file, before.size, copy, wants, progress)
    };
    let (look, Passed { sha256, bytes, copy_error }) = match passed {
        Ok(passed) => passed,
        Err(Stop::Grew) => return Intake::Changed,
        Err(Stop::OutOfTime) => return Intake::OutOfTime,
        Err(Stop::Failed(error)) => return Intake::Failed(error),
    };
    match file.identity() {
        Ok(after) if after == before && bytes == before.size => {}
        // Nobody has touched it: what is not known is no fault of the agent's.
        Ok(after) if after == before => return Intake::Failed(ended_early(bytes, before.size)),
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

fn pass(
    supply: Supply,
    size: u64,
    copy: Option<&mut dyn Write>,
    wants: Wants,
    progress: &dyn Progress,
) -> Result<(Look, Passed), Stop> {
    let mut tap = Tap::new(supply, copy, size, progress);
    let look = if wants.content_check || wants.stream_digest {
        content::look(&mut tap, size, wants)
    } else {
        Look::default()
    };
    Ok((look, tap.finish()?))
}

/// As [`pass`], with a thread that reads ahead.
fn pass_with_reader(
    file: &mut dyn StagedFile,
    size: u64,
    copy: Option<&mut dyn Write>,
    wants: Wants,
    progress: &dyn Progress,
) -> Result<(Look, Passed), Stop> {
    thread::scope(|scope| {
        let (supply, reader) = supply::reading_ahead(size);
        thread::Builder::new().spawn_scoped(scope, || reader.run(file)).map_err(Stop::Failed)?;
        pass(supply, size, copy, wants, progress)
    })
}

#[cfg(test)]
mod testing;
#[cfg(test)]
mod tests;
