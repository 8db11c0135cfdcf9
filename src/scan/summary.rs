//! What a scan did, for people and for `--json`.

use super::unkept::Unkept;

#[derive(Debug, Clone, Default)]
pub struct Summary {
    pub scan_id: Option<i64>,
    pub reports: ReportCounts,
    /// Bytes of staged files that were read.
    pub bytes_read: u64,
    pub files_read: u64,
    pub versions_promoted: u64,
    pub versions_removed: u64,
    /// Versions on the disk that the state did not know, and versions of the state that the disk has no more.
    pub versions_adopted: u64,
    pub versions_gone: u64,
    /// Kept reports that the state did not know.
    pub reports_put_back: u64,
    /// The state did not know the last run: nothing is removed in this one.
    pub state_was_behind: bool,
    /// Files and bytes that a dry run would have read.
    pub would_read: (u64, u64),
    /// The run's deadline came before all was read: it is no whole run.
    pub cut_off: bool,
    /// What the operator should know, though everything was done.
    pub notes: Vec<String>,
    /// Good backups that could not be kept in this run: trying again is the next one's.
    pub unkept: Unkept,
    /// What this run had to do and did not: each a sentence. Not empty means exit 1.
    pub not_done: Vec<String>,
}

#[derive(Debug, Clone, Copy, Default)]
pub struct ReportCounts {
    pub judged: u64,
    pub rejected: u64,
    pub superseded: u64,
    pub duplicate: u64,
    /// Read, but an entry's file is still on its way; or not yet readable.
    pub waiting: u64,
}

impl Summary {
    /// Adds what another step of the same run did.
    pub fn absorb(&mut self, other: Self) {
        let (not_done, notes) = (std::mem::take(&mut self.not_done), std::mem::take(&mut self.notes));
        *self = other;
        self.not_done.splice(0..0, not_done);
        self.notes.splice(0..0, notes);
    }

    /// Tells what could not be kept since the last time.
    pub fn tell_unkept(&mut self) {
        for sentence in self.unkept.take_sentences() {
            self.not_done(sentence);
        }
    }

    /// The run's deadline came with so many files unread.
    pub fn cut_off(&mut self, unread: usize) {
        self.cut_off = true;
        self.not_done(format!("the run's deadline came with {unread} files unread; the next run goes on"));
    }

    pub fn not_done(&mut self, sentence: impl Into<String>) {
        let sentence = sentence.into();
        tracing::error!("{sentence}");
        self.not_done.push(sentence);
    }
}
