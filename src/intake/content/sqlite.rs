//! SQLite databases: the pages that the header counts against the bytes that came.

use std::io::{self, BufRead};

use super::inside::{Flaw, fill};

pub(super) const MAGIC: &[u8] = b"SQLite format 3\0";
const HEADER: usize = 100;

/// Reads to the end. A file may be longer than its header says (a database grows in steps); a header whose page count
/// is stale, because something older than SQLite 3.7 wrote last, does not decide.
pub(super) fn check(reader: &mut dyn BufRead) -> Result<(), Flaw> {
    let mut header = [0; HEADER];
    fill(reader, &mut header, "the rest of the header")?;
    let page_size = match be16(&header, 16) {
        1 => 65_536,
        size if size >= 512 && size.is_power_of_two() => u64::from(size),
        size => return Err(Flaw::Damaged(format!("a page size of {size} bytes"))),
    };
    let (change_counter, pages, valid_for) = (be32(&header, 24), be32(&header, 28), be32(&header, 92));
    let counted = if pages > 0 && change_counter == valid_for { u64::from(pages) } else { 1 };
    let bytes = HEADER as u64 + io::copy(reader, &mut io::sink())?;
    let expected = counted * page_size;
    if bytes < expected {
        return Err(Flaw::Short(format!("{} of {expected} bytes", expected - bytes)));
    }
    Ok(())
}

fn be16(header: &[u8; HEADER], at: usize) -> u16 {
    u16::from_be_bytes([header[at], header[at + 1]])
}

fn be32(header: &[u8; HEADER], at: usize) -> u32 {
    u32::from_be_bytes([header[at], header[at + 1], header[at + 2], header[at + 3]])
}
