//! What an agent says: a report and its entries, read but not yet believed.

use chrono::NaiveDateTime;

use super::{Digest, Time};

/// One readable report file of an agent.
#[derive(Debug, Clone, PartialEq)]
pub struct Report {
    /// SHA-256 of the report's bytes.
    pub content: Digest,
    pub started: OwnTime,
    /// `operation_end_time` (or `operation_timestamp`).
    pub own: OwnTime,
    /// `overall_status`, when it is one of the two words that fail every database.
    pub overall_failed: Option<String>,
    pub logs_summary: Option<String>,
    /// In the order of the file. A name appears once.
    pub entries: Vec<ReportEntry>,
}

/// What a report says of one database.
#[derive(Debug, Clone, PartialEq)]
pub struct ReportEntry {
    /// As the agent wrote it; not yet checked to be a name.
    pub name: String,
    /// `Err` holds the reason why the entry is invalid, a sentence fragment.
    pub claim: Result<Claim, String>,
    /// The entry as the agent wrote it, JSON text. Kept as text because a value takes several times the memory,
    /// and the entries of all new reports are held at once.
    pub raw: Box<str>,
}

impl ReportEntry {
    /// The entry as the agent wrote it, for `report.json` of a version; null where it is no JSON.
    #[must_use]
    pub fn value(&self) -> serde_json::Value {
        serde_json::from_str(&self.raw).unwrap_or_default()
    }
}

#[derive(Debug, Clone, PartialEq)]
pub struct Claim {
    pub backup: Step,
    pub compress: Step,
    pub transfer: Step,
    /// Last component of `staged_file_name`; `None` where the agent gave none.
    pub staged_file: Option<String>,
}

/// BACKUP, COMPRESS or TRANSFER of one database. A section that is absent is a done step that says nothing.
#[derive(Debug, Clone, PartialEq)]
pub struct Step {
    pub done: bool,
    pub checksum: Checksum,
    pub size: Option<u64>,
    pub started: OwnTime,
    pub ended: OwnTime,
    /// The agent's message, when it is one (`null`, `"null"` and `""` are none).
    pub error: Option<String>,
}

impl Default for Step {
    fn default() -> Self {
        Self {
            done: true,
            checksum: Checksum::Absent,
            size: None,
            started: OwnTime::Absent,
            ended: OwnTime::Absent,
            error: None,
        }
    }
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Checksum {
    Absent,
    Valid(Digest),
    /// Text that is no SHA-256, or two keys that differ; holds what to show.
    Invalid(String),
}

/// A time as an agent wrote it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OwnTime {
    Absent,
    Zoned(Time),
    /// Without zone: meant in the agent's own.
    Naive(NaiveDateTime),
}
