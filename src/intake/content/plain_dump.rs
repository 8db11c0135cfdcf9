//! Plain dumps (SQL text) of PostgreSQL, MySQL and MariaDB: a header near the beginning promises a closing line near
//! the end, which the tools write only when they came through.

use std::io::BufRead;

use super::inside::Flaw;

/// Where the closing line is looked for, in bytes from the end: PostgreSQL 18 writes `\unrestrict` after it, and
/// scripts append a line or two of their own.
const TAIL: usize = 8 * 1024;

pub(super) struct PlainDump {
    pub kind: &'static str,
    header: &'static str,
    closing: &'static str,
}

/// The first header in the text decides: a cluster dump holds the dumps of its databases.
const KNOWN: [PlainDump; 4] = [
    PlainDump {
        kind: "PostgreSQL plain dump",
        header: "-- PostgreSQL database dump",
        closing: "-- PostgreSQL database dump complete",
    },
    PlainDump {
        kind: "PostgreSQL plain cluster dump",
        header: "-- PostgreSQL database cluster dump",
        closing: "-- PostgreSQL database cluster dump complete",
    },
    PlainDump { kind: "MySQL plain dump", header: "-- MySQL dump", closing: "-- Dump completed" },
    PlainDump { kind: "MariaDB plain dump", header: "-- MariaDB dump", closing: "-- Dump completed" },
];

/// By a header line, on whatever line of `head` it stands: the sandbox line or a password warning may precede it.
pub(super) fn recognise(head: &[u8]) -> Option<&'static PlainDump> {
    lines(head).find_map(|line| KNOWN.iter().find(|dump| says(line, dump.header)))
}

/// Made with `--skip-comments` or `--compact`: neither header nor closing line, so that nothing tells a cut.
pub(super) fn is_mysql_without_comments(head: &[u8]) -> bool {
    let first = lines(head).find(|line| !line.is_empty()).unwrap_or_default();
    [b"/*!40".as_slice(), b"/*!50", b"/*!80", b"/*!999999\\-", b"/*M!"]
        .iter()
        .any(|start| first.starts_with(start))
}

impl PlainDump {
    /// Reads to the end.
    pub fn check(&self, reader: &mut dyn BufRead) -> Result<(), Flaw> {
        let tail = last_bytes(reader)?;
        if lines(&tail).any(|line| says(line, self.closing)) {
            Ok(())
        } else {
            Err(Flaw::NoTrailer(self.closing))
        }
    }
}

/// `text` alone, or followed by a blank and more, such as a version or a date.
fn says(line: &[u8], text: &str) -> bool {
    matches!(line.strip_prefix(text.as_bytes()), Some([] | [b' ', ..]))
}

/// Lines without the end of line and what blanks precede it, and without a byte order mark.
fn lines(text: &[u8]) -> impl Iterator<Item = &[u8]> {
    let text = text.strip_prefix(b"\xef\xbb\xbf").unwrap_or(text);
    text.split(|byte| *byte == b'\n').map(<[u8]>::trim_ascii_end)
}

/// The last [`TAIL`] bytes, from the beginning of a line.
fn last_bytes(reader: &mut dyn BufRead) -> Result<Vec<u8>, Flaw> {
    let mut tail: Vec<u8> = Vec::with_capacity(2 * TAIL);
    let mut cut = false;
    loop {
        let chunk = reader.fill_buf()?;
        if chunk.is_empty() {
            break;
        }
        let count = chunk.len();
        tail.extend_from_slice(&chunk[count.saturating_sub(TAIL)..]);
        cut |= count > TAIL || tail.len() > TAIL;
        tail.drain(..tail.len().saturating_sub(TAIL));
        reader.consume(count);
    }
    if cut {
        // The end of a line of data may look like a line of its own.
        let begin = tail.iter().position(|byte| *byte == b'\n').map_or(tail.len(), |newline| newline + 1);
        tail.drain(..begin);
    }
    Ok(tail)
}
