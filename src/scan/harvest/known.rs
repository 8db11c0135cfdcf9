//! The report files of one agent that the state remembers.

use std::collections::HashMap;

use crate::domain::{Digest, OwnTime, Report};
use crate::source::ListedReport;
use crate::store::{ReportRecord, ReportState};

pub(super) struct Known {
    /// Oldest row first: a file may have been overwritten, and put back.
    by_file: HashMap<String, Vec<ReportRecord>>,
    /// Those that were readable.
    by_content: HashMap<Digest, Vec<ReportRecord>>,
}

impl Known {
    pub fn of(records: Vec<ReportRecord>) -> Self {
        let mut known = Self { by_file: HashMap::new(), by_content: HashMap::new() };
        for record in records {
            known.add(record);
        }
        known
    }

    pub fn add(&mut self, record: ReportRecord) {
        if let Some(content) = record.content
            && matches!(record.state, ReportState::Open | ReportState::Judged)
        {
            self.by_content.entry(content).or_default().push(record.clone());
        }
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

    /// The report that says the same: by content, and without an own time also by its file's mtime.
    pub fn twin(&self, record: &ReportRecord, report: &Report) -> Option<&ReportRecord> {
        self.by_content.get(record.content.as_ref()?)?.iter().find(|other| {
            !matches!(report.own, OwnTime::Absent) || other.identity.mtime == record.identity.mtime
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
