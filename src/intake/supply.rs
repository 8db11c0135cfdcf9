//! Where a tap gets its buffers from: straight from the file, or from a thread that reads ahead.
//!
//! Reading from the page cache takes a quarter of the time of hashing. In a thread of its own it overlaps; that is worth
//! a thread only for a large file.

use std::io;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};

use crate::source::StagedFile;

/// Bytes per buffer. Smaller costs calls, larger falls out of the second-level cache between digest and decoder.
const BUFFER: usize = 256 * 1024;
/// Buffers on their way, beside the one at work.
const AHEAD: usize = 2;
/// From this size on, in bytes, a thread reads ahead.
pub(super) const LARGE: u64 = 8 << 20;

#[derive(Default)]
pub(super) struct Buffer {
    bytes: Box<[u8]>,
    filled: usize,
}

impl Buffer {
    /// No larger than a file of `size` bytes needs, with one to see that it grew.
    fn for_file_of(size: u64) -> Self {
        let capacity = usize::try_from(size.saturating_add(1)).map_or(BUFFER, |size| size.min(BUFFER));
        Self { bytes: vec![0; capacity].into_boxed_slice(), filled: 0 }
    }

    pub fn filled(&self) -> &[u8] {
        &self.bytes[..self.filled]
    }

    /// Replaces what it holds; whole but at the end of the file, where nothing is left of it at last.
    fn refill(&mut self, file: &mut dyn StagedFile) -> io::Result<()> {
        self.filled = 0;
        while self.filled < self.bytes.len() {
            match file.read(&mut self.bytes[self.filled..]) {
                Ok(0) => break,
                Ok(count) => self.filled = self.bytes.len().min(self.filled.saturating_add(count)),
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }
}

pub(super) enum Supply<'a> {
    Direct(&'a mut dyn StagedFile, Buffer),
    Ahead { full: Receiver<io::Result<Buffer>>, spent: SyncSender<Buffer> },
}

impl<'a> Supply<'a> {
    pub fn direct(file: &'a mut dyn StagedFile, size: u64) -> Self {
        Self::Direct(file, Buffer::for_file_of(size))
    }

    /// Hands out the next buffer for a spent one; an empty one at the end of the file.
    ///
    /// # Errors
    /// What the operating system says to the reading.
    pub fn next(&mut self, old: Buffer) -> io::Result<Buffer> {
        match self {
            Self::Direct(file, first) => {
                let mut buffer = if old.bytes.is_empty() { std::mem::take(first) } else { old };
                buffer.refill(*file)?;
                Ok(buffer)
            }
            Self::Ahead { full, spent } => {
                if !old.bytes.is_empty() {
                    // The reader has gone only where it has already sent the end.
                    let _ = spent.try_send(old);
                }
                full.recv().unwrap_or_else(|_| Err(io::Error::other("the reading thread ended early")))
            }
        }
    }
}

/// What the reading thread holds; it ends with the file or with its supply.
pub(super) struct Reader {
    full: SyncSender<io::Result<Buffer>>,
    spent: Receiver<Buffer>,
}

/// The two ends of reading ahead in a file of `size` bytes.
pub(super) fn reading_ahead(size: u64) -> (Supply<'static>, Reader) {
    let (full_in, full) = sync_channel(AHEAD + 1);
    let (spent, spent_out) = sync_channel(AHEAD + 1);
    for _ in 0..=AHEAD {
        // There is room for all of them.
        let _ = spent.try_send(Buffer::for_file_of(size));
    }
    (Supply::Ahead { full, spent }, Reader { full: full_in, spent: spent_out })
}

impl Reader {
    pub fn run(self, file: &mut dyn StagedFile) {
        for mut buffer in self.spent {
            let result = buffer.refill(file).map(|()| buffer);
            let goes_on = matches!(&result, Ok(buffer) if buffer.filled > 0);
            if self.full.send(result).is_err() || !goes_on {
                return;
            }
        }
    }
}
