//! PostgreSQL archives (`pg_dump -Fc`, and the `toc.dat` of `-Ft` and `-Fd`): header, table of contents, data blocks.
//!
//! The table of contents comes first, so that it lists well in a file that was cut at 60 %; only a walk over all data
//! blocks shows that each entry's data is there. A dump written to a pipe has no offsets, so none are used. Layout:
//! `pg_backup_archiver.c` and `pg_backup_custom.c` of PostgreSQL 8.4 (archive version 1.11) to 18 (1.16).

use std::io::{self, BufRead, Read};

use flate2::read::ZlibDecoder;

use super::inside::{Flaw, fill, skip};

pub(super) const MAGIC: &[u8] = b"PGDMP";

const CUSTOM: u8 = 1;
const TAR: u8 = 3;
const DIRECTORY: u8 = 5;

const DATA: u8 = 1;
const BLOBS: u8 = 3;

/// An entry of this state has no data block.
const NO_DATA: u8 = 3;

/// Walks a custom-format archive to its end.
pub(super) fn walk(reader: &mut dyn BufRead) -> Result<(), Flaw> {
    skip(reader, MAGIC.len() as u64, "the magic")?;
    let mut archive = Archive::open(reader)?;
    match archive.format {
        CUSTOM => {
            let promised = archive.table_of_contents()?;
            archive.data_blocks(promised)
        }
        // A lone `toc.dat`.
        TAR | DIRECTORY => archive.table_of_contents().map(drop),
        other => Err(Flaw::Damaged(format!("archive format {other}"))),
    }
}

/// Walks the `toc.dat` of a tar or directory dump, whose magic is already read.
pub(super) fn walk_toc(reader: &mut dyn BufRead) -> Result<(), Flaw> {
    Archive::open(reader)?.table_of_contents().map(drop)
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Compression {
    Zlib,
    /// None, or one that is walked over and not decompressed: lz4 and zstd carry no checksum there.
    Other,
}

/// The entries that have data: how many, and the sum of their ids. Enough to miss none, without keeping them.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
struct Promised {
    blocks: u64,
    ids: i64,
}

impl Promised {
    fn count(&mut self, id: i64) {
        self.blocks += 1;
        self.ids = self.ids.wrapping_add(id);
    }
}

struct Archive<'a> {
    reader: &'a mut dyn BufRead,
    /// The second number of the archive version; the first is 1.
    minor: u8,
    int_size: usize,
    offset_size: u64,
    format: u8,
    compression: Compression,
}

impl<'a> Archive<'a> {
    /// Reads the header behind the magic.
    fn open(reader: &'a mut dyn BufRead) -> Result<Self, Flaw> {
        let mut head = [0; 6];
        fill(reader, &mut head, "the rest of the header")?;
        let [major, minor, _revision, int_size, offset_size, format] = head;
        if major != 1 || !(11..=16).contains(&minor) {
            return Err(Flaw::Unknown(format!("archive version {major}.{minor}")));
        }
        if !(1..=8).contains(&int_size) || !(1..=16).contains(&offset_size) {
            return Err(Flaw::Damaged("the header".to_owned()));
        }
        let mut archive = Self {
            reader,
            minor,
            int_size: usize::from(int_size),
            offset_size: u64::from(offset_size),
            format,
            compression: Compression::Other,
        };
        archive.compression = archive.read_compression()?;
        // Seven numbers are the time of the dump.
        for _ in 0..7 {
            archive.int()?;
        }
        // The database's name, the server's version, pg_dump's version.
        archive.strings(3)?;
        Ok(archive)
    }

    fn read_compression(&mut self) -> Result<Compression, Flaw> {
        let compressed_by_zlib = if self.minor >= 15 { self.byte()? == 1 } else { self.int()? != 0 };
        Ok(if compressed_by_zlib { Compression::Zlib } else { Compression::Other })
    }

    fn table_of_contents(&mut self) -> Result<Promised, Flaw> {
        let mut promised = Promised::default();
        let count = self.int()?;
        for _ in 0..count {
            let id = self.entry()?;
            if self.format != CUSTOM {
                // The name of its file.
                self.string()?;
            } else if self.data_state()? != NO_DATA {
                promised.count(id);
            }
        }
        Ok(promised)
    }

    /// One entry up to what the format adds to it; gives its id.
    fn entry(&mut self) -> Result<i64, Flaw> {
        let id = self.int()?;
        if id <= 0 {
            return Err(Flaw::Damaged(format!("an entry of the table of contents has the id {id}")));
        }
        let _had_dumper = self.int()?;
        // Table oid, oid, tag, description.
        self.strings(4)?;
        let _section = self.int()?;
        // Definition, DROP, COPY, namespace, tablespace.
        self.strings(5)?;
        if self.minor >= 14 {
            let _table_access_method = self.string()?;
        }
        if self.minor >= 16 {
            let _relkind = self.int()?;
        }
        // Owner, WITH OIDS.
        self.strings(2)?;
        // Dependencies, up to an absent one.
        while self.string()? {}
        Ok(id)
    }

    fn data_state(&mut self) -> Result<u8, Flaw> {
        let state = self.byte()?;
        if !(1..=NO_DATA).contains(&state) {
            return Err(Flaw::Damaged(format!("an entry's data state is {state}")));
        }
        skip(self.reader, self.offset_size, "an offset")?;
        Ok(state)
    }

    fn data_blocks(&mut self, promised: Promised) -> Result<(), Flaw> {
        let mut found = Promised::default();
        while !self.reader.fill_buf()?.is_empty() {
            let kind = self.byte()?;
            let id = self.int()?;
            found.count(id);
            match kind {
                DATA => self.data(id)?,
                BLOBS => {
                    while self.int()? != 0 {
                        self.data(id)?;
                    }
                }
                other => return Err(Flaw::Damaged(format!("block {} is of kind {other}", found.blocks))),
            }
        }
        if found.blocks < promised.blocks {
            return Err(Flaw::Short(format!(
                "the data of {} of {} entries",
                promised.blocks - found.blocks,
                promised.blocks
            )));
        }
        if found != promised {
            return Err(Flaw::Damaged("its data blocks are not those of its table of contents".to_owned()));
        }
        Ok(())
    }

    /// The data of one table or large object: chunks up to an empty one.
    fn data(&mut self, id: i64) -> Result<(), Flaw> {
        let zlib = self.compression == Compression::Zlib;
        let mut chunks = Chunks { archive: self, left: 0, ended: false, flaw: None };
        let inflated = if zlib { inflate(&mut chunks) } else { Ok(()) };
        // What zlib left, or all; the archive's own flaw comes before what follows from it.
        let _ = io::copy(&mut chunks, &mut io::sink());
        match chunks.flaw {
            Some(flaw) => Err(flaw),
            None => inflated.map_err(|error| {
                Flaw::Damaged(format!("the compressed data of entry {id} does not unpack: {error}"))
            }),
        }
    }

    fn byte(&mut self) -> Result<u8, Flaw> {
        let mut byte = [0];
        fill(self.reader, &mut byte, "a byte")?;
        Ok(byte[0])
    }

    /// A sign and bytes from the lowest.
    fn int(&mut self) -> Result<i64, Flaw> {
        let negative = match self.byte()? {
            0 => false,
            1 => true,
            other => return Err(Flaw::Damaged(format!("a number has the sign {other}"))),
        };
        let mut bytes = [0; 8];
        fill(self.reader, &mut bytes[..self.int_size], "a number")?;
        let value = i64::from_le_bytes(bytes);
        Ok(if negative { value.wrapping_neg() } else { value })
    }

    /// Skips a string; gives whether there is one.
    fn string(&mut self) -> Result<bool, Flaw> {
        let Ok(length) = u64::try_from(self.int()?) else { return Ok(false) };
        skip(self.reader, length, "a name or a definition")?;
        Ok(true)
    }

    fn strings(&mut self, count: u8) -> Result<(), Flaw> {
        for _ in 0..count {
            self.string()?;
        }
        Ok(())
    }
}

/// Unpacks to nowhere, for zlib's own checksum. An entry without data may have no zlib stream at all.
fn inflate(chunks: &mut Chunks) -> io::Result<()> {
    let mut first = [0];
    if chunks.read(&mut first)? == 0 {
        return Ok(());
    }
    io::copy(&mut ZlibDecoder::new(first.as_slice().chain(chunks)), &mut io::sink()).map(drop)
}

/// The chunks of one block as one stream.
struct Chunks<'a, 'b> {
    archive: &'a mut Archive<'b>,
    left: u64,
    ended: bool,
    flaw: Option<Flaw>,
}

impl Chunks<'_, '_> {
    fn next_length(&mut self) -> Result<u64, Flaw> {
        let length = self.archive.int()?;
        u64::try_from(length).map_err(|_| Flaw::Damaged(format!("a chunk of data has the length {length}")))
    }

    fn try_read(&mut self, out: &mut [u8]) -> Result<usize, Flaw> {
        if self.left == 0 {
            self.left = self.next_length()?;
            self.ended = self.left == 0;
        }
        if self.ended || out.is_empty() {
            return Ok(0);
        }
        let room = usize::try_from(self.left).unwrap_or(usize::MAX).min(out.len());
        let count = self.archive.reader.read(&mut out[..room])?;
        if count == 0 {
            return Err(Flaw::Short(format!("{} bytes of an entry's data", self.left)));
        }
        self.left -= count as u64;
        Ok(count)
    }
}

impl Read for Chunks<'_, '_> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        if self.ended || self.flaw.is_some() {
            return Ok(0);
        }
        self.try_read(out).map_err(|flaw| {
            self.flaw = Some(flaw);
            io::Error::other("the archive ends or is damaged")
        })
    }
}

#[cfg(test)]
mod tests;
