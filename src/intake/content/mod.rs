//! Whether what is inside a staged file is a whole backup, as far as its own bytes can tell.
//!
//! Two layers: a container (gzip, zstd, xz, bzip2; one inside another is opened once more), and what is inside or
//! lies there uncompressed. Both are told by their first bytes, never by a name. Everything is decompressed to its
//! end, so that the container's own checksums count, and nothing is kept but a tail of 8 KiB.
//!
//! # What is proven, and what is not
//!
//! | kind | proven | not proven |
//! | --- | --- | --- |
//! | gzip, xz, bzip2, zstd with checksum | no cut, no changed bit, nothing after the end (zero bytes are padding, but not for zstd) | a cut that leaves less than the magic (2 to 5 bytes), which is then unknown bytes; a cut exactly between two members or frames, but by what is inside or by BACKUP's size |
//! | zstd without checksum | no cut, nothing after the end | about seven of ten changed bits |
//! | PostgreSQL plain dump, also of a cluster | its closing line stands in the last 8 KiB | changed bits; that the statements before the end are right |
//! | MySQL and MariaDB plain dump | its closing line stands in the last 8 KiB | the same |
//! | the same without comments (`--skip-comments`, `--compact`) | nothing | there is no closing line: any cut |
//! | PostgreSQL custom dump (archive versions 1.11 to 1.16: PostgreSQL 8.4 to 18) | header, table of contents, each promised data block and none else; that zlib data unpacks and agrees with its checksum | changed bits in names and definitions, and in data that is stored, lz4 or zstd |
//! | PostgreSQL tar dump | as tar, and that its table of contents is whole | changed bits in the data |
//! | PostgreSQL directory dump in tar | the same | that all its files were packed; the files' own gzip |
//! | tar (ustar, pax, GNU) | each header's checksum, each member's length, the end-of-archive mark | what the members hold, packed dumps among them |
//! | SQLite database | as long as the pages that its header counts | changed bits; pages, where the header's count is stale; what was only in a `-wal` beside it |
//! | SQL Server backup, ZIP, 7-Zip, RAR, lz4 | recognised | not judged |
//! | unknown bytes | not all of them are zero, and there is at least one | not judged |
//!
//! Given up with a reason, and never called broken: what decompresses beyond [`MAX_RATIO`] or [`MAX_BYTES`], what
//! needs a window over 128 MiB, a PostgreSQL archive of another version.

mod container;
mod inside;
mod members;
mod pgdmp;
mod plain_dump;
mod sqlite;
mod stream;
mod tar;

use std::io::{self, BufRead, BufReader};

use super::Wants;
use crate::domain::Cause;
use crate::domain::verdict::{Content, ContentFault, ContentStream, Layer};
use container::Container;
use inside::Inside;
use stream::{Failure, Stream};

/// What would decompress to more than this many times its size is given up (SPEC section 6).
const MAX_RATIO: u64 = 20_000;
/// What would decompress to more than this many bytes is given up (SPEC section 6).
const MAX_BYTES: u64 = 16 << 40;
/// A container in a container in a container is not opened.
const MAX_DEPTH: u8 = 2;
/// How much is decompressed at once.
const CHUNK: usize = 128 * 1024;

/// What a look at the content gives.
#[derive(Default)]
pub(super) struct Look {
    pub content: Content,
    /// The file is no container but a recognised dump: the stream that BACKUP speaks of is the file itself.
    pub bare: Option<Layer>,
}

/// Reads as much of `file`, which is `size` bytes long, as it takes to judge it.
pub(super) fn look(file: &mut dyn BufRead, size: u64, wants: Wants) -> Look {
    let limit = size.saturating_mul(MAX_RATIO).min(MAX_BYTES);
    let container = file.fill_buf().ok().and_then(Container::recognise);
    let (content, bare) = if let Some(container) = container {
        (look_into(container, file, limit, wants.stream_digest, 1), None)
    } else {
        let Inside { kind, recognised, layer, fault, unchecked } = inside::look(file, limit, 0);
        let bare = (recognised && layer != Layer::Compressed).then_some(layer);
        (Content { kind: Some(kind), stream: None, fault, unchecked }, bare)
    };
    if wants.content_check {
        return Look { content, bare };
    }
    Look { content: Content { stream: content.stream, ..Content::default() }, bare }
}

/// Decompresses to the end, whatever is found inside, for the container's own checksums.
fn look_into(container: Container, packed: &mut dyn BufRead, limit: u64, digest: bool, depth: u8) -> Content {
    let decoder = match container.open(packed) {
        Ok(decoder) => decoder,
        Err(error) => {
            let unchecked = Some(format!("no decoder for {}: {error}", container.name()));
            return Content { unchecked, ..Content::default() };
        }
    };
    let mut stream = BufReader::with_capacity(CHUNK, Stream::new(decoder, limit, digest));
    let Inside { kind, mut fault, mut unchecked, layer, .. } = inside::look(&mut stream, limit, depth);
    drain(&mut stream);
    let (bytes, sha256, failure) = stream.into_inner().end();
    // A container that ends too early makes what is inside end too early: only the container's own fault is told.
    let whole = match failure {
        None => true,
        Some(failure) => {
            (fault, unchecked) = told(failure, container, bytes);
            false
        }
    };
    Content {
        kind: Some(format!("{kind} in {}", container.name())),
        stream: whole.then_some(ContentStream { bytes, sha256, layer }),
        fault,
        unchecked,
    }
}

fn told(failure: Failure, container: Container, bytes: u64) -> (Option<ContentFault>, Option<String>) {
    let name = container.name();
    let fault = |cause, message| (Some(ContentFault { cause, message }), None);
    match failure {
        Failure::Truncated => fault(
            Cause::Truncated,
            format!("the {name} data ends before its own end, after {bytes} decompressed bytes"),
        ),
        Failure::Damaged(reason) => fault(
            Cause::BadArchive,
            format!("the {name} data is damaged after {bytes} decompressed bytes: {reason}"),
        ),
        Failure::Bomb => {
            (None, Some(format!("it decompresses to over {MAX_RATIO} times its size, or over 16 TiB")))
        }
        Failure::WindowTooLarge => (
            None,
            Some(format!("its {name} data needs more than {} MiB of memory", container::MAX_WINDOW >> 20)),
        ),
    }
}

/// Reads to the end or to the first error, which the reader remembers where it matters.
fn drain(reader: &mut dyn BufRead) {
    loop {
        let count = match reader.fill_buf() {
            Ok([]) => return,
            Ok(chunk) => chunk.len(),
            Err(error) if error.kind() == io::ErrorKind::Interrupted => 0,
            Err(_) => return,
        };
        reader.consume(count);
    }
}

#[cfg(test)]
mod tests;
