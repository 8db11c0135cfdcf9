//! What goes to stdout. A closed pipe is a quiet end.

use std::io::{self, Write};

use anyhow::Result;
use serde::Serialize;

/// Writes text as it is.
///
/// # Errors
/// When stdout cannot be written, but for a closed pipe.
pub fn text(text: &str) -> Result<()> {
    written(io::stdout().lock().write_all(text.as_bytes()))
}

/// Writes one JSON document.
///
/// # Errors
/// As [`text`].
pub fn json(document: &impl Serialize) -> Result<()> {
    let mut out = io::stdout().lock();
    let result = serde_json::to_writer_pretty(&mut out, document).map_err(io::Error::from);
    written(result.and_then(|()| out.write_all(b"\n")))
}

fn written(result: io::Result<()>) -> Result<()> {
    match result {
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
        other => Ok(other?),
    }
}
