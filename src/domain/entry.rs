//! One line of a job's history: a judged report, or a missed cycle.

use serde::{Deserialize, Serialize};

use super::status::words;
use super::{Cause, Digest, JobId, Status, Time, Warning};

#[derive(Debug, Clone, PartialEq)]
pub struct Entry {
    /// 0 until the state has given one.
    pub id: i64,
    pub job: JobId,
    /// `None` for a superseded report that the agent does not call failed.
    pub status: Option<Status>,
    pub cause: Option<Cause>,
    pub message: String,
    pub warnings: Vec<Warning>,
    /// Name of the report's file; `None` for a missed cycle.
    pub report: Option<String>,
    /// The state's id of the report; `None` for a missed cycle.
    pub report_id: Option<i64>,
    /// The time that counts (SPEC section 4, rule 1).
    pub report_time: Option<Time>,
    /// For a missed cycle its deadline, not the moment at which it was noticed.
    pub judged_at: Time,
    /// The occurrence that it covers or that was missed; `None` for a report under `every`.
    pub cycle: Option<Time>,
    /// What the server itself measured; `None` where nothing was read.
    pub sha256: Option<Digest>,
    pub size_bytes: Option<u64>,
    /// Size of the stream before compression, where it was read to its end.
    pub content_bytes: Option<u64>,
    /// What is inside, by its magic bytes, where it was looked at.
    pub kind: Option<String>,
    /// Set where the backup was suspicious.
    pub hold: Option<Hold>,
    /// Checksum that the agent gave, as it wrote it.
    pub reported_sha256: Option<String>,
    /// Size of the staged file that the agent gave, in bytes.
    pub reported_size: Option<u64>,
    pub superseded: bool,
    /// Name of the version that was promoted from it.
    pub version: Option<String>,
    /// How long the agent says that it took, in seconds, and each step's part where known.
    pub agent_seconds: AgentSeconds,
}

words! {
    /// What became of a suspicious backup.
    Hold {
        /// It counts for nothing: it is no good one.
        Held = "held",
        /// Good after all: what comes is measured by it, and no longer by what was before it.
        Accepted = "accepted",
    }
}

impl Entry {
    /// An entry that says nothing yet but what it is about, for a caller to fill in.
    #[must_use]
    pub fn blank(job: &JobId, message: String, judged_at: Time) -> Self {
        Self {
            id: 0,
            job: job.clone(),
            status: None,
            cause: None,
            message,
            warnings: Vec::new(),
            report: None,
            report_id: None,
            report_time: None,
            judged_at,
            cycle: None,
            sha256: None,
            size_bytes: None,
            content_bytes: None,
            kind: None,
            hold: None,
            reported_sha256: None,
            reported_size: None,
            superseded: false,
            version: None,
            agent_seconds: AgentSeconds::default(),
        }
    }

    /// A good backup: what a later one is measured by. The store's own query says the same.
    #[must_use]
    pub fn is_good(&self) -> bool {
        self.status.is_some_and(Status::is_ok) && !self.superseded && self.hold != Some(Hold::Held)
    }
}

/// Durations that the agent reports, in seconds; `None` where a time is absent or they run backwards.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct AgentSeconds {
    pub backup: Option<u64>,
    pub compress: Option<u64>,
    pub transfer: Option<u64>,
}
