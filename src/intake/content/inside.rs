//! What lies in a container, or in the open: recognised by its first bytes and handed to the check of its kind.

use std::io::{self, BufRead, Read};

use super::container::Container;
use super::{MAX_DEPTH, look_into, pgdmp, plain_dump, sqlite, tar};
use crate::domain::Cause;
use crate::domain::verdict::{Content, ContentFault, Layer, UNKNOWN_KIND};

/// How many first bytes decide the kind. Tools may write a line or two before a plain dump's header.
const HEAD: u64 = 4096;

/// What was found.
pub(super) struct Inside {
    /// A stable word for people and for comparison with history.
    pub kind: String,
    /// Whether `kind` says more than that the bytes are unknown.
    pub recognised: bool,
    pub layer: Layer,
    pub fault: Option<ContentFault>,
    /// Why it could not be judged although it was recognised.
    pub unchecked: Option<String>,
}

/// Why a structure is not whole, or not judged.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Flaw {
    /// Ends before its own structure does; holds what is missing.
    Short(String),
    /// Contradicts itself; holds where.
    Damaged(String),
    /// A plain dump without its closing line; holds that line.
    NoTrailer(&'static str),
    /// Of a version that is not known here.
    Unknown(String),
}

impl From<io::Error> for Flaw {
    /// Where the container broke, its own failure is told instead of this one.
    fn from(error: io::Error) -> Self {
        match error.kind() {
            io::ErrorKind::UnexpectedEof => Self::Short("more bytes".to_owned()),
            _ => Self::Damaged(error.to_string()),
        }
    }
}

/// Formats that are known by name only: what is in them cannot be judged.
const NOT_JUDGED: [(&[u8], &str, Layer); 6] = [
    (b"TAPE", "SQL Server backup", Layer::Dump),
    (b"PK\x03\x04", "ZIP archive", Layer::Compressed),
    (b"PK\x05\x06", "ZIP archive", Layer::Compressed),
    (b"7z\xbc\xaf\x27\x1c", "7-Zip archive", Layer::Compressed),
    (b"Rar!\x1a\x07", "RAR archive", Layer::Compressed),
    (b"\x04\x22\x4d\x18", "lz4 data", Layer::Compressed),
];

/// Looks at what `reader` gives, `depth` containers deep. May leave the end unread.
pub(super) fn look(reader: &mut dyn BufRead, limit: u64, depth: u8) -> Inside {
    let head = first_bytes(reader);
    let mut whole = head.as_slice().chain(&mut *reader);
    if head.is_empty() {
        return nothing(reader, depth);
    }
    let container = if depth > 0 && depth < MAX_DEPTH { Container::recognise(&head) } else { None };
    if let Some(container) = container {
        let content = look_into(container, &mut whole, limit, false, depth + 1);
        let kind = content.kind.unwrap_or_else(|| container.name().to_owned());
        let Content { fault, unchecked, .. } = content;
        return Inside { kind, recognised: true, layer: Layer::Compressed, fault, unchecked };
    }
    if head.starts_with(pgdmp::MAGIC) {
        return judged("PostgreSQL custom dump", Layer::Dump, pgdmp::walk(&mut whole));
    }
    if head.starts_with(sqlite::MAGIC) {
        return judged("SQLite database", Layer::Dump, sqlite::check(&mut whole));
    }
    if tar::is_header(&head) {
        let (form, result) = tar::walk(&mut whole);
        return judged(form.kind(), form.layer(), result);
    }
    if let Some((_, kind, layer)) = NOT_JUDGED.iter().find(|(magic, _, _)| head.starts_with(magic)) {
        return judged(kind, *layer, Ok(()));
    }
    // Last, for it looks beyond the first byte: a tar's first member may be a plain dump.
    if let Some(dump) = plain_dump::recognise(&head) {
        return judged(dump.kind, Layer::Dump, dump.check(&mut whole));
    }
    if plain_dump::is_mysql_without_comments(&head) {
        return judged("MySQL or MariaDB dump without comments", Layer::Dump, Ok(()));
    }
    unknown(&mut whole)
}

fn judged(kind: &str, layer: Layer, result: Result<(), Flaw>) -> Inside {
    let fault = |cause, message| (Some(ContentFault { cause, message }), None);
    let (fault, unchecked) = match result {
        Ok(()) => (None, None),
        Err(Flaw::Short(missing)) => fault(
            Cause::Truncated,
            format!("the {kind} is shorter than its own structure says: missing {missing}"),
        ),
        Err(Flaw::Damaged(place)) => fault(Cause::BadArchive, format!("the {kind} is damaged: {place}")),
        Err(Flaw::NoTrailer(line)) => fault(
            Cause::NoDumpTrailer,
            format!("the {kind} has no closing line `{line}`: it was cut off or aborted"),
        ),
        Err(Flaw::Unknown(reason)) => (None, Some(format!("the {kind} is not known here: {reason}"))),
    };
    Inside { kind: kind.to_owned(), recognised: true, layer, fault, unchecked }
}

fn nothing(reader: &mut dyn BufRead, depth: u8) -> Inside {
    // A container that broke before its first byte is no empty one.
    let broken = reader.fill_buf().is_err();
    let message = if depth == 0 { "the file has no bytes" } else { "it decompresses to nothing" };
    let fault = (!broken).then(|| ContentFault { cause: Cause::Empty, message: message.to_owned() });
    let kind = if broken { UNKNOWN_KIND } else { "nothing" };
    Inside { kind: kind.to_owned(), recognised: false, layer: Layer::Dump, fault, unchecked: None }
}

/// Bytes of no known kind: not judged, but where all of them are zero, which is what is left of a file whose blocks
/// never reached the disk.
fn unknown(whole: &mut dyn BufRead) -> Inside {
    let only_zeros = loop {
        match whole.fill_buf() {
            Ok([]) => break true,
            Ok(chunk) if chunk.iter().all(|byte| *byte == 0) => {
                let count = chunk.len();
                whole.consume(count);
            }
            Ok(_) | Err(_) => break false,
        }
    };
    let message = "it consists of zero bytes only".to_owned();
    let fault = only_zeros.then_some(ContentFault { cause: Cause::Empty, message });
    Inside { kind: UNKNOWN_KIND.to_owned(), recognised: false, layer: Layer::Dump, fault, unchecked: None }
}

/// At most [`HEAD`] bytes; fewer where it ends or breaks, which shows again to whoever reads on.
fn first_bytes(reader: &mut dyn BufRead) -> Vec<u8> {
    let mut head = Vec::new();
    // What came before an error stays in `head`.
    let _ = reader.take(HEAD).read_to_end(&mut head);
    head
}

/// Skips exactly `count` bytes.
///
/// # Errors
/// [`Flaw::Short`], missing `what`.
pub(super) fn skip(reader: &mut dyn BufRead, count: u64, what: &str) -> Result<(), Flaw> {
    let skipped = io::copy(&mut reader.take(count), &mut io::sink())?;
    if skipped < count { Err(Flaw::Short(format!("{} bytes of {what}", count - skipped))) } else { Ok(()) }
}

/// Fills `out`.
///
/// # Errors
/// [`Flaw::Short`], missing `what`.
pub(super) fn fill(reader: &mut dyn BufRead, out: &mut [u8], what: &str) -> Result<(), Flaw> {
    reader.read_exact(out).map_err(|error| match Flaw::from(error) {
        Flaw::Short(_) => Flaw::Short(what.to_owned()),
        flaw => flaw,
    })
}
