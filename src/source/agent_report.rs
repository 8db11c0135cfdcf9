//! Reads an agent's report: bytes in, a [`Report`] or the reason why it is none out.
//!
//! Agents in the field disagree on details; SPEC section 3 has the table. This file reads the report as a whole,
//! `entry` one database of it, `fields` single values. What is wrong with the whole rejects the report; what is
//! wrong with one database makes that entry invalid and leaves the others alone.
//!
//! Nothing here recurses and nothing is parsed that is not needed, so depth and size of what an agent invents cost
//! no more than the bytes of the report.

mod entry;
mod fields;
mod object;
mod rejection;

use std::collections::HashSet;

use serde_json::value::RawValue;

use crate::domain::text::cut;
use crate::domain::{AgentId, Digest, OwnTime, Report, ReportEntry};

use fields::{Scalar, kind_of, scalar};
use object::Object;
pub use rejection::Rejection;

/// Most databases that one report may name. At the usual 800 bytes each, the limit on its size is met first.
pub const DATABASE_LIMIT: usize = 20_000;
/// Longest `logs_summary` that is kept, in characters; the whole text stays in the kept report.
const SUMMARY_LIMIT: usize = 10_000;
/// Most keys of ours that one report may hold, the same ones counted again and again.
const TOP_KEY_LIMIT: usize = 100;
/// The words of `overall_status` that fail every database, in lower case.
const OVERALL_FAILURES: [&str; 2] = ["failed_globally", "failed"];
const BOM: &str = "\u{feff}";

/// Reads the bytes of a report that lies in the folder of `agent`, which may also call itself by its `aliases`.
///
/// # Errors
/// When nothing in the report can be believed: a [`Rejection`]. An entry that is invalid is no error; it holds its
/// own reason.
pub fn read(bytes: &[u8], agent: &AgentId, aliases: &[&str]) -> Result<Report, Rejection> {
    let top = Top::read(text_of(bytes)?)?;
    check_speaker(top.required("agent_id")?, agent, aliases)?;
    let entries = entries(top.required("databases")?)?;
    let (own, other) = (top.time("operation_end_time"), top.time("operation_timestamp"));
    Ok(Report {
        content: Digest::of(bytes),
        started: top.time("operation_start_time"),
        own: if own == OwnTime::Absent { other } else { own },
        overall_failed: top
            .text("overall_status")
            .filter(|status| OVERALL_FAILURES.contains(&status.to_lowercase().as_str())),
        logs_summary: top.text("logs_summary").map(|text| cut(&text, SUMMARY_LIMIT)),
        entries,
    })
}

/// The report as text, without a byte order mark.
fn text_of(bytes: &[u8]) -> Result<&str, Rejection> {
    if looks_like_utf16(bytes) {
        return Err(Rejection::Utf16);
    }
    let text = std::str::from_utf8(bytes).map_err(|error| {
        let before = &bytes[..error.valid_up_to()];
        Rejection::NotUtf8 {
            byte: bytes.get(error.valid_up_to()).copied().unwrap_or_default(),
            line: before.split(|byte| *byte == b'\n').count(),
        }
    })?;
    let text = text.strip_prefix(BOM).unwrap_or(text);
    if text.trim().is_empty() { Err(Rejection::Empty) } else { Ok(text) }
}

/// A mark of UTF-16 in either order, or its first `{` without a mark.
fn looks_like_utf16(bytes: &[u8]) -> bool {
    [[0xff, 0xfe], [0xfe, 0xff], [b'{', 0], [0, b'{']].iter().any(|start| bytes.starts_with(start))
}

/// The keys of the report that mean something to us.
struct Top<'a>(Object<'a>);

impl<'a> Top<'a> {
    const KEYS: [&'static str; 7] = [
        "agent_id",
        "databases",
        "operation_start_time",
        "operation_end_time",
        "operation_timestamp",
        "overall_status",
        "logs_summary",
    ];

    fn read(text: &'a str) -> Result<Self, Rejection> {
        if !text.trim_start().starts_with('{') {
            let value: &RawValue =
                serde_json::from_str(text).map_err(|error| Rejection::of_syntax(text, &error))?;
            return Err(Rejection::NotAnObject { found: kind_of(value) });
        }
        let object = Object::read_only(text, TOP_KEY_LIMIT, |key| Self::KEYS.contains(&key))
            .map_err(|error| Rejection::of_syntax(text, &error))?;
        if object.cut_off {
            let twice = |key: &&str| object.all(key).count() > 1;
            let key = Self::KEYS.into_iter().find(twice).unwrap_or("databases");
            return Err(Rejection::KeyTwice { key });
        }
        Ok(Self(object))
    }

    /// A key that must stand there once and not be null.
    fn required(&self, key: &'static str) -> Result<&'a RawValue, Rejection> {
        let mut found = self.0.all(key);
        let value = found.next().filter(|value| value.get() != "null");
        if found.next().is_some() {
            return Err(Rejection::KeyTwice { key });
        }
        value.ok_or(Rejection::Missing { key })
    }

    /// Text without blanks around it; the last one where the key stands twice, and nothing where it is no text.
    fn text(&self, key: &str) -> Option<String> {
        match scalar(self.0.all(key).last()?) {
            Ok(Scalar::Text(text)) => Some(text.trim().to_owned()).filter(|text| !text.is_empty()),
            Ok(Scalar::Number(_) | Scalar::Bool(_) | Scalar::Null | Scalar::Compound) | Err(_) => None,
        }
    }

    fn time(&self, key: &str) -> OwnTime {
        self.text(key).map_or(OwnTime::Absent, |text| fields::time(&text))
    }
}

/// An agent may only speak for itself: for the folder that it writes in, whatever its case, or for an alias of it.
fn check_speaker(said: &RawValue, agent: &AgentId, aliases: &[&str]) -> Result<(), Rejection> {
    let Ok(Scalar::Text(name)) = scalar(said) else {
        return Err(Rejection::WrongType { key: "agent_id", found: kind_of(said), expected: "text" });
    };
    if name.trim().is_empty() {
        return Err(Rejection::Missing { key: "agent_id" });
    }
    let lower = name.to_lowercase();
    let itself = aliases.iter().copied().chain([agent.as_str()]).any(|own| own.to_lowercase() == lower);
    if itself { Ok(()) } else { Err(Rejection::OtherAgent { said: name, agent: agent.clone() }) }
}

fn entries(databases: &RawValue) -> Result<Vec<ReportEntry>, Rejection> {
    if !databases.get().starts_with('{') {
        let found = kind_of(databases);
        return Err(Rejection::WrongType {
            key: "databases",
            found,
            expected: "an object with one key per database",
        });
    }
    let object = Object::read_only(databases.get(), DATABASE_LIMIT, |_| true)
        .map_err(|error| Rejection::of_syntax(databases.get(), &error))?;
    let mut names = HashSet::new();
    if let Some((name, _)) = object.pairs.iter().find(|(name, _)| !names.insert(name.as_str())) {
        return Err(Rejection::DatabaseTwice { name: name.clone() });
    }
    if object.cut_off {
        return Err(Rejection::TooManyDatabases);
    }
    Ok(object
        .pairs
        .into_iter()
        .map(|(name, raw)| ReportEntry { name, claim: entry::claim(raw), raw: raw.get().into() })
        .collect())
}

#[cfg(test)]
mod tests;
