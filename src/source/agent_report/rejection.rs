//! Why a report is no report, in words that an agent's maker can act on.

use serde_json::error::Category;

use crate::domain::AgentId;
use crate::domain::text::{cut, printable};

use super::DATABASE_LIMIT;

/// Longest foreign text in a message, in characters.
const SHOWN: usize = 80;

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Rejection {
    #[error("the report is empty; it may have been cut off on its way")]
    Empty,
    #[error("the report is encoded as UTF-16; write it as UTF-8")]
    Utf16,
    #[error("the report is not UTF-8 (byte 0x{byte:02X} in line {line}); write it as UTF-8")]
    NotUtf8 { byte: u8, line: usize },
    #[error("the report is JSON with comments (line {line} column {column}); JSON has none, leave them out")]
    Comments { line: usize, column: usize },
    /// Holds what the parser says, with line and column.
    #[error("the report ends too early: {0}; it may have been cut off on its way, send it again whole")]
    CutOff(String),
    /// Holds what the parser says, with line and column.
    #[error("the report is not JSON: {0}; write it with a JSON library")]
    NotJson(String),
    #[error("the report is {found}; it must be a JSON object with `agent_id` and `databases`")]
    NotAnObject { found: &'static str },
    #[error(
        "the report has no `{key}`; it must name its agent in `agent_id` and its databases in `databases`"
    )]
    Missing { key: &'static str },
    #[error("`{key}` of the report is {found}; it must be {expected}")]
    WrongType { key: &'static str, found: &'static str, expected: &'static str },
    #[error("`{key}` stands twice in the report; it must stand there once")]
    KeyTwice { key: &'static str },
    #[error("the report names the database `{}` twice; each must stand there once", shown(name))]
    DatabaseTwice { name: String },
    #[error("the report names more than {DATABASE_LIMIT} databases; split it over several reports")]
    TooManyDatabases,
    #[error(
        "the report speaks for another agent: `agent_id` is `{}`, but it lies in the folder of `{agent}`; if the agent \
         may call itself so, add that to `aliases` in a rule for it",
        shown(said)
    )]
    OtherAgent { said: String, agent: AgentId },
}

impl Rejection {
    /// Tells the ways apart in which text can fail to be JSON.
    pub(super) fn of_syntax(text: &str, error: &serde_json::Error) -> Self {
        let (line, column) = (error.line(), error.column());
        if comment_at(text, line, column) {
            return Self::Comments { line, column };
        }
        match error.classify() {
            Category::Eof => Self::CutOff(error.to_string()),
            Category::Syntax | Category::Data | Category::Io => Self::NotJson(error.to_string()),
        }
    }
}

fn shown(text: &str) -> String {
    printable(&cut(text, SHOWN))
}

/// Whether the parser stopped at a comment. `column` counts bytes from 1, and points at the byte that it could not
/// read or at the one before.
fn comment_at(text: &str, line: usize, column: usize) -> bool {
    let Some(line) = text.split('\n').nth(line.saturating_sub(1)) else { return false };
    let rest = line.as_bytes().get(column.saturating_sub(1)..).unwrap_or_default();
    [&b"//"[..], b"/*", b"#"].iter().any(|start| rest.starts_with(start))
}
