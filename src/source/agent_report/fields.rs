//! Single values of an entry, in all the forms that agents write them.
//!
//! Reasons are sentence fragments that name the key, what was found and what is expected.

use std::collections::HashSet;

use chrono::{DateTime, Datelike, NaiveDateTime, Utc};
use serde_json::value::RawValue;

use crate::domain::text::{cut, printable};
use crate::domain::{Checksum, OwnTime};

use super::object::Object;

/// Longest foreign text in a reason, in characters.
const SHOWN: usize = 80;
/// Longest message of an agent that is kept, in characters; the whole text stays in the kept report.
const ERROR_LIMIT: usize = 2_000;
/// Longest file name on the file systems that we know, in bytes.
const FILE_NAME_LIMIT: usize = 255;
/// Years that a report can be from. Before it lie the zero dates of databases and of .NET, which mean "none".
const YEARS: std::ops::RangeInclusive<i32> = 1970..=9999;

/// A value that is no container. `Number` holds its text.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Scalar<'a> {
    Null,
    Bool(bool),
    Number(&'a str),
    Text(String),
    /// A list or an object.
    Compound,
}

/// # Errors
/// When text holds an escape that stands for no character.
pub(super) fn scalar(raw: &RawValue) -> Result<Scalar<'_>, serde_json::Error> {
    let text = raw.get();
    Ok(match text.as_bytes().first() {
        Some(b'"') => Scalar::Text(serde_json::from_str(text)?),
        Some(b't') => Scalar::Bool(true),
        Some(b'f') => Scalar::Bool(false),
        Some(b'n') | None => Scalar::Null,
        Some(b'[' | b'{') => Scalar::Compound,
        Some(_) => Scalar::Number(text),
    })
}

/// What a value is, for a sentence.
pub(super) fn kind_of(raw: &RawValue) -> &'static str {
    match raw.get().as_bytes().first() {
        Some(b'"') => "text",
        Some(b't' | b'f') => "true or false",
        Some(b'n') | None => "null",
        Some(b'[') => "a list",
        Some(b'{') => "an object",
        Some(_) => "a number",
    }
}

/// An object inside an entry whose keys stand there once: a step's section, or the entry itself.
#[derive(Debug)]
pub(super) struct Section<'a> {
    /// What stands before a key in a reason: `COMPRESS.`, or nothing for the entry itself.
    prefix: String,
    object: Object<'a>,
}

impl<'a> Section<'a> {
    pub fn read(name: &str, raw: &'a RawValue) -> Result<Self, String> {
        let (label, prefix) = if name.is_empty() {
            ("the entry".to_owned(), String::new())
        } else {
            (format!("`{name}`"), format!("{name}."))
        };
        if !raw.get().starts_with('{') {
            return Err(format!("{label} is `{}`; expected an object", shown(raw.get())));
        }
        let object = Object::read_only(raw.get(), usize::MAX, |_| true)
            .map_err(|error| format!("{label} cannot be read: {error}"))?;
        let mut keys = HashSet::new();
        if let Some((key, _)) = object.pairs.iter().find(|(key, _)| !keys.insert(key.as_str())) {
            return Err(format!("`{prefix}{}` stands twice; expected once", shown(key)));
        }
        Ok(Self { prefix, object })
    }

    pub fn pairs(&self) -> impl Iterator<Item = (&str, &'a RawValue)> {
        self.object.pairs.iter().map(|(key, value)| (key.as_str(), *value))
    }

    /// `true`, `false`, or nothing where the agent gives no status.
    pub fn status(&self) -> Result<Option<bool>, String> {
        let expected = "a status: true, false, 1, 0, success, ok, completed, failed, failure or error";
        self.read_key("status", expected, |value| match value {
            Scalar::Bool(done) => Some(Some(done)),
            Scalar::Number("1") => Some(Some(true)),
            Scalar::Number("0") => Some(Some(false)),
            Scalar::Text(word) => match word.trim().to_lowercase().as_str() {
                "true" | "1" | "success" | "ok" | "completed" => Some(Some(true)),
                "false" | "0" | "failed" | "failure" | "error" => Some(Some(false)),
                "" | "null" => Some(None),
                _ => None,
            },
            Scalar::Number(_) | Scalar::Compound | Scalar::Null => None,
        })
    }

    /// The text of every checksum that is given, without blanks around it.
    pub fn checksums(&self) -> Result<Vec<String>, String> {
        let mut found = Vec::new();
        for key in ["sha256_checksum", "sha256"] {
            found.extend(self.text(key)?);
        }
        Ok(found)
    }

    /// In bytes.
    pub fn size(&self) -> Result<Option<u64>, String> {
        for key in ["size", "size_bytes"] {
            let bytes = self.read_key(key, "a whole number of bytes", |value| match value {
                Scalar::Number(digits) => whole_number(digits).map(Some),
                Scalar::Text(text) if text.trim().is_empty() => Some(None),
                Scalar::Text(text) => whole_number(text.trim()).map(Some),
                Scalar::Bool(_) | Scalar::Compound | Scalar::Null => None,
            })?;
            if bytes.is_some() {
                return Ok(bytes);
            }
        }
        Ok(None)
    }

    /// The first of the keys that holds a time.
    pub fn time(&self, keys: &[&str]) -> Result<OwnTime, String> {
        for key in keys {
            let found = self.text(key)?.map_or(OwnTime::Absent, |text| time(&text));
            if found != OwnTime::Absent {
                return Ok(found);
            }
        }
        Ok(OwnTime::Absent)
    }

    /// The agent's message.
    pub fn error(&self) -> Result<Option<String>, String> {
        for key in ["error_message", "error"] {
            let message = self.text(key)?.filter(|text| !text.eq_ignore_ascii_case("null"));
            if let Some(message) = message {
                return Ok(Some(cut(&message, ERROR_LIMIT)));
            }
        }
        Ok(None)
    }

    /// Last component of a name that may be a path on the agent's machine. It is never followed as a path.
    pub fn staged_file(&self) -> Result<Option<String>, String> {
        self.read_key("staged_file_name", "the name of a file", |value| match value {
            Scalar::Text(path) => {
                let name = path.rsplit(['/', '\\']).next().unwrap_or_default();
                if name.trim().is_empty() {
                    return Some(None);
                }
                let usable = name != "."
                    && name != ".."
                    && name.len() <= FILE_NAME_LIMIT
                    && !name.chars().any(char::is_control);
                usable.then(|| Some(name.to_owned()))
            }
            Scalar::Bool(_) | Scalar::Number(_) | Scalar::Compound | Scalar::Null => None,
        })
    }

    /// Text without blanks around it; nothing where it is absent, null or empty.
    fn text(&self, key: &str) -> Result<Option<String>, String> {
        self.read_key(key, "text", |value| match value {
            Scalar::Text(text) => Some(Some(text.trim().to_owned()).filter(|text| !text.is_empty())),
            Scalar::Bool(_) | Scalar::Number(_) | Scalar::Compound | Scalar::Null => None,
        })
    }

    /// Reads a key that may be absent or null. `understand` gives `None` for what it cannot be.
    fn read_key<T>(
        &self,
        key: &str,
        expected: &str,
        understand: impl FnOnce(Scalar<'a>) -> Option<Option<T>>,
    ) -> Result<Option<T>, String> {
        let Some(raw) = self.object.all(key).next().filter(|raw| raw.get() != "null") else {
            return Ok(None);
        };
        let wrong = || format!("`{}{key}` is `{}`; expected {expected}", self.prefix, shown(raw.get()));
        scalar(raw).ok().and_then(understand).ok_or_else(wrong)
    }
}

/// All that an agent wrote of one checksum must agree, whatever its case.
pub(super) fn checksum(texts: &[String]) -> Checksum {
    let Some(first) = texts.first() else { return Checksum::Absent };
    if let Some(other) = texts.iter().find(|other| !other.eq_ignore_ascii_case(first)) {
        return Checksum::Invalid(format!(
            "two that differ: {} and {}",
            cut(first, SHOWN),
            cut(other, SHOWN)
        ));
    }
    first.parse().map_or_else(|_| Checksum::Invalid(cut(first, SHOWN)), Checksum::Valid)
}

/// A time in any form of the table of SPEC section 3; what is none of them is absent.
pub(super) fn time(text: &str) -> OwnTime {
    let text = text.trim().replacen(['T', 't'], " ", 1);
    // The usual form first: it is read much faster than by a pattern.
    let zoned = DateTime::parse_from_rfc3339(&text)
        .or_else(|_| DateTime::parse_from_str(&text, "%Y-%m-%d %H:%M:%S%.f%#z"))
        .or_else(|_| DateTime::parse_from_str(&text, "%Y-%m-%d %H:%M:%S%.f %#z"));
    let time = match zoned {
        Ok(time) => OwnTime::Zoned(time.with_timezone(&Utc)),
        Err(_) => match NaiveDateTime::parse_from_str(&text, "%Y-%m-%d %H:%M:%S%.f") {
            Ok(time) => OwnTime::Naive(time),
            Err(_) => OwnTime::Absent,
        },
    };
    let year = match time {
        OwnTime::Absent => return time,
        OwnTime::Zoned(time) => time.year(),
        OwnTime::Naive(time) => time.year(),
    };
    if YEARS.contains(&year) { time } else { OwnTime::Absent }
}

/// Digits alone, up to what a file can be.
fn whole_number(digits: &str) -> Option<u64> {
    let bytes: u64 = digits.bytes().all(|byte| byte.is_ascii_digit()).then(|| digits.parse().ok())??;
    i64::try_from(bytes).is_ok().then_some(bytes)
}

/// On one line, however the agent laid it out.
fn shown(text: &str) -> String {
    let line: Vec<&str> = text.split_ascii_whitespace().collect();
    printable(&cut(&line.join(" "), SHOWN))
}
