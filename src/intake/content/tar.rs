//! Tar archives (ustar, pax, GNU): from header to header up to the end-of-archive mark, without which tar was stopped
//! or the file cut. Of the members only a PostgreSQL table of contents is looked into.

use std::io::{BufRead, Read};

use super::inside::{Flaw, fill, skip};
use super::pgdmp;
use crate::domain::verdict::Layer;

const BLOCK: usize = 512;
type Header = [u8; BLOCK];

/// A pax header is read up to this many bytes, for the `size` in it.
const MAX_PAX: u64 = 64 * 1024;

/// What wrote it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Form {
    Plain,
    /// `pg_dump -Ft`: its table of contents is the first member.
    PgTar,
    /// The folder of `pg_dump -Fd`, packed.
    PgDirectory,
}

impl Form {
    pub fn kind(self) -> &'static str {
        match self {
            Self::Plain => "tar",
            Self::PgTar => "PostgreSQL tar dump",
            Self::PgDirectory => "PostgreSQL directory dump in tar",
        }
    }

    pub fn layer(self) -> Layer {
        match self {
            Self::PgTar => Layer::Dump,
            Self::Plain | Self::PgDirectory => Layer::Archive,
        }
    }
}

/// Whether a header of a member, with the right checksum, comes first.
pub(super) fn is_header(head: &[u8]) -> bool {
    head.first_chunk::<BLOCK>().is_some_and(|header| &header[257..262] == b"ustar" && checksum_agrees(header))
}

/// Walks to the end-of-archive mark; what follows it (tar pads to 10 KiB) is not looked at.
pub(super) fn walk(reader: &mut dyn BufRead) -> (Form, Result<(), Flaw>) {
    let mut form = Form::Plain;
    let mut toc = Ok(());
    let result = members(reader, &mut form, &mut toc);
    (form, result.and(toc))
}

fn members(reader: &mut dyn BufRead, form: &mut Form, toc: &mut Result<(), Flaw>) -> Result<(), Flaw> {
    let mut size_from_pax = None;
    let mut first = true;
    loop {
        let mut header = [0; BLOCK];
        fill(reader, &mut header, "the end-of-archive mark")?;
        if header.iter().all(|byte| *byte == 0) {
            return Ok(());
        }
        if !checksum_agrees(&header) {
            return Err(Flaw::Damaged("a member's header has a wrong checksum".to_owned()));
        }
        let size = size(&header[124..136])?;
        match header[156] {
            b'x' => size_from_pax = pax_size(reader, size)?,
            // Headers that describe the next member or all of them.
            b'g' | b'L' | b'K' => skip(reader, padded(size), "a header's text")?,
            // Links, devices, folders and FIFOs have no data, whatever size they give.
            b'1'..=b'6' => size_from_pax = None,
            kind => {
                if kind == b'S' {
                    sparse_headers(reader, &header)?;
                }
                let size = size_from_pax.take().unwrap_or(size);
                let inside = member(reader, &header, size, first, form)?;
                *toc = std::mem::replace(toc, Ok(())).and(inside);
            }
        }
        first = false;
    }
}

/// Reads one member's data; gives what is wrong inside a table of contents.
fn member(
    reader: &mut dyn BufRead,
    header: &Header,
    size: u64,
    first: bool,
    form: &mut Form,
) -> Result<Result<(), Flaw>, Flaw> {
    let name = until_nul(&header[..100]);
    let mut inside = Ok(());
    let mut rest = padded(size);
    if name.rsplit(|byte| *byte == b'/').next() == Some(b"toc.dat") && size > pgdmp::MAGIC.len() as u64 {
        let mut magic = [0; pgdmp::MAGIC.len()];
        fill(reader, &mut magic, "a member's data")?;
        rest -= magic.len() as u64;
        if magic == *pgdmp::MAGIC {
            *form = if first && name == b"toc.dat" { Form::PgTar } else { Form::PgDirectory };
            let mut data = reader.take(size - magic.len() as u64);
            inside = pgdmp::walk_toc(&mut data);
            rest = data.limit() + (padded(size) - size);
        }
    }
    skip(reader, rest, "a member's data")?;
    Ok(inside)
}

/// Old GNU sparse members: blocks of further map entries lie between header and data.
fn sparse_headers(reader: &mut dyn BufRead, header: &Header) -> Result<(), Flaw> {
    let mut more = header[482] != 0;
    while more {
        let mut extension = [0; BLOCK];
        fill(reader, &mut extension, "a sparse member's map")?;
        more = extension[504] != 0;
    }
    Ok(())
}

/// The size in a pax header, which replaces the one in the next member's (files over 8 GiB).
fn pax_size(reader: &mut dyn BufRead, size: u64) -> Result<Option<u64>, Flaw> {
    let mut text = vec![0; usize::try_from(size.min(MAX_PAX)).unwrap_or_default()];
    fill(reader, &mut text, "a pax header")?;
    skip(reader, padded(size) - text.len() as u64, "a pax header")?;
    let mut found = None;
    let mut records = text.as_slice();
    // A record is its own length in decimal, a blank, `key=value` and a newline.
    while let Some((length, record)) = next_record(records) {
        if let Some(value) = record.strip_prefix(b"size=") {
            found = std::str::from_utf8(value).ok().and_then(|value| value.parse().ok());
        }
        records = &records[length..];
    }
    Ok(found)
}

fn next_record(records: &[u8]) -> Option<(usize, &[u8])> {
    let blank = records.iter().position(|byte| *byte == b' ')?;
    let length: usize = std::str::from_utf8(&records[..blank]).ok()?.parse().ok()?;
    let record = records.get(blank + 1..length)?;
    Some((length, record.strip_suffix(b"\n")?))
}

/// Octal digits, or with the highest bit set a number in base 256 (GNU, for what does not fit).
fn size(field: &[u8]) -> Result<u64, Flaw> {
    let number = match field {
        [0x80, 0, 0, 0, low @ ..] => <[u8; 8]>::try_from(low).ok().map(u64::from_be_bytes),
        _ => octal(field),
    };
    number.ok_or_else(|| Flaw::Damaged("a member's header has no readable size".to_owned()))
}

/// Blank is zero, as some tars write it where there is no size.
fn octal(field: &[u8]) -> Option<u64> {
    match until_nul(field).trim_ascii() {
        [] => Some(0),
        digits => std::str::from_utf8(digits).ok().and_then(|digits| u64::from_str_radix(digits, 8).ok()),
    }
}

/// The sum of all bytes, the checksum's own taken as blanks.
fn checksum_agrees(header: &Header) -> bool {
    let sum = |bytes: &[u8]| bytes.iter().map(|byte| u64::from(*byte)).sum::<u64>();
    let blanks = 8 * u64::from(b' ');
    octal(&header[148..156])
        .is_some_and(|written| written == sum(&header[..148]) + blanks + sum(&header[156..]))
}

fn until_nul(field: &[u8]) -> &[u8] {
    field.split(|byte| *byte == 0).next().unwrap_or_default()
}

fn padded(size: u64) -> u64 {
    size.checked_next_multiple_of(BLOCK as u64).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests;
