//! What the state remembers of an agent's report files.

use std::collections::HashMap;

use crate::domain::{OwnTime, Report};
use crate::source::ListedReport;
use crate::store::{ReportRecord, ReportState};

pub(super) struct Known {
    /// Oldest row first: a file may have been overwritten, and put back.
    by_file: HashMap<String, Vec<ReportRecord>>,
}

impl Known {
    pub fn of(records: Vec<ReportRecord>) -> Self {
        let mut known = Self { by_file: HashMap::new() };
        for record in records {
            known.add(record);
        }
        known
    }

    pub fn add(&mut self, record: ReportRecord) {
        self.by_file.entry(record.file.clone()).or_default().push(record);
    }

    /// The newest row of a file.
    pub fn newest(&self, file: &str) -> Option<&ReportRecord> {
        self.by_file.get(file)?.last()
    }

    /// Seen before and unchanged, so that it need not be read again.
    pub fn is_settled(&self, listed: &ListedReport) -> bool {
        let Ok(identity) = &listed.identity else { return false };
        self.by_file.get(&listed.file).is_some_and(|records| {
            records.iter().any(|record| record.identity == *identity && record.state != ReportState::Arriving)
        })
    }

    /// The same file as it was rejected before: what was not written since is not young again, whoever touched its
    /// inode, and was told.
    pub fn rejected_before(&self, record: &ReportRecord, reason: &str) -> Option<&ReportRecord> {
        self.by_file.get(&record.file)?.iter().find(|other| {
            other.state == ReportState::Rejected
                && other.identity.mtime == record.identity.mtime
                && other.content == record.content
                && (other.content.is_some() || other.reason.as_deref() == Some(reason))
        })
    }
}

/// The report that says the same, among those with the same content; without an own time also by its file's mtime.
pub(super) fn twin<'r>(
    same_content: &'r [ReportRecord],
    record: &ReportRecord,
    report: &Report,
) -> Option<&'r ReportRecord> {
    same_content.iter().find(|other| {
        matches!(other.state, ReportState::Open | ReportState::Judged)
            && (!matches!(report.own, OwnTime::Absent) || other.identity.mtime == record.identity.mtime)
    })
}
