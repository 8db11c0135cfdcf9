//! What `scan --json` and `run --json` say of what they did.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::domain::Status;

#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct ScanSummary {
    /// `None` under `--dry-run`, which begins no scan.
    pub scan_id: Option<i64>,
    pub reports: ReportCounts,
    /// Every status, also those that no job has; [`crate::render::View::counts`] gives them.
    pub jobs: BTreeMap<Status, usize>,
    /// Bytes of staged files.
    pub bytes_read: u64,
    pub files_read: u64,
    pub versions_promoted: u64,
    pub messages_sent: u64,
    pub duration_seconds: f64,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct ReportCounts {
    pub judged: u64,
    pub rejected: u64,
    pub superseded: u64,
    pub duplicate: u64,
    pub waiting: u64,
}
