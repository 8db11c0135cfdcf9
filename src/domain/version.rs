//! A promoted, verified copy under the validated root.

use serde::{Deserialize, Serialize};

use super::{Digest, JobId, Time, Warning};

#[derive(Debug, Clone, PartialEq)]
pub struct Version {
    pub job: JobId,
    /// Folder name: report time and first 8 hex digits of the SHA-256, `20250620T083735Z-292394b6`.
    pub name: String,
    /// Name of the dump inside the folder.
    pub file_name: String,
    pub report_time: Time,
    /// By the server's clock; what retention counts by.
    pub promoted_at: Time,
    pub sha256: Digest,
    pub size_bytes: u64,
    /// Size of the decompressed stream, where it was read to its end.
    pub content_bytes: Option<u64>,
    pub warnings: Vec<Warning>,
    pub pinned: bool,
    pub held: bool,
    pub damaged: bool,
    /// When its bytes were last read and found right.
    pub verified_at: Time,
}

/// The copy that a restore of a job would give.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct GoodCopy {
    /// The time of the newest report with these bytes: what is restored is the data of then.
    pub as_of: Time,
    pub sha256: Digest,
    pub size_bytes: u64,
}

impl From<&Version> for GoodCopy {
    fn from(version: &Version) -> Self {
        Self { as_of: version.report_time, sha256: version.sha256, size_bytes: version.size_bytes }
    }
}

/// The name of the folder of a version: twice the same is the same.
#[must_use]
pub fn version_name(report_time: Time, sha256: &Digest) -> String {
    format!("{}-{}", report_time.format("%Y%m%dT%H%M%SZ"), sha256.short(8))
}

/// `report.json` beside a version's dump: the agent's entry and the server's verdict, enough to rebuild the state.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct VersionRecord {
    pub agent: String,
    pub database: String,
    pub version: String,
    pub file_name: String,
    /// Name of the agent's report file, and the SHA-256 of its bytes.
    pub report: String,
    pub report_sha256: Digest,
    pub report_time: Time,
    pub promoted_at: Time,
    pub sha256: Digest,
    pub size_bytes: u64,
    pub content_bytes: Option<u64>,
    pub kind: Option<String>,
    pub warnings: Vec<Warning>,
    pub message: String,
    /// The agent's own entry, as it wrote it.
    pub entry: serde_json::Value,
}
