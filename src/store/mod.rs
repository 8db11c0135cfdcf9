//! The memory between runs, in the domain's verbs and in whole units of work.
//!
//! No SQL type leaves this module. A unit of work is committed whole or not at all.

pub mod kept;
mod sqlite;

use std::collections::HashMap;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

pub use self::kept::KeptReports;
pub use self::sqlite::Sqlite;

use crate::domain::forecast::Holdings;
use crate::domain::incident::{Acknowledgement, IncidentChange};
use crate::domain::job::FileIdentity;
pub use crate::domain::notice::{News, Told};
use crate::domain::status::words;
use crate::domain::{AgentId, Digest, Entry, Incident, Job, JobId, JobKey, Status, Time, Version};

#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    #[error("the state `{path}` cannot be opened: {reason}")]
    Open { path: PathBuf, reason: String },
    #[error("`{path}` is not a state of backupmon: {reason}")]
    NotAState { path: PathBuf, reason: String },
    #[error("the state `{path}` was written by a newer backupmon (schema {found}, this one knows {known})")]
    Newer { path: PathBuf, found: i64, known: i64 },
    #[error("the state `{path}` is locked by another program")]
    Locked { path: PathBuf },
    #[error("the state `{path}` is damaged: {reason}")]
    Damaged { path: PathBuf, reason: String },
    #[error("the state `{path}` cannot be written: {reason}")]
    ReadOnly { path: PathBuf, reason: String },
    #[error("the disk of the state `{path}` is full")]
    Full { path: PathBuf },
    #[error("the state could not {action}: {reason}")]
    Failed { action: &'static str, reason: String },
}

pub type Result<T> = std::result::Result<T, StoreError>;

/// What the state says of itself.
#[derive(Debug, Clone, PartialEq)]
pub struct Meta {
    pub created_at: Time,
    /// Created under `--now`: only such a state is written under `--now`.
    pub fixed_clock: bool,
    /// The newest scan that was finished.
    pub last_scan: Option<ScanMark>,
    /// The newest run of `check`, by the clock of that run; within a day somebody watches backupmon.
    pub last_check_at: Option<Time>,
    pub last_heartbeat_at: Option<Time>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ScanMark {
    pub id: i64,
    pub started_at: Time,
    pub finished_at: Time,
}

/// A scan that was begun, and ended unless it was killed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BegunScan {
    pub id: i64,
    pub started_at: Time,
    pub finished_at: Option<Time>,
}

#[derive(Debug, Clone, PartialEq)]
pub struct Agent {
    pub id: AgentId,
    pub root: PathBuf,
    pub first_seen: Time,
    /// Received time of its newest readable report.
    pub last_report_at: Option<Time>,
    /// mtime of `log/` in nanoseconds when it was last listed whole.
    pub log_mtime: Option<i64>,
    /// A hash over names, sizes and times of the dumps, for `dumps_without_report`, and since when they are so: since
    /// the newest report, or since a change that no report followed.
    pub dumps: Option<(Digest, Time)>,
}

words! {
    ReportState {
        /// Unreadable but young: may still be on its way.
        Arriving = "arriving",
        /// Read; at least one of its entries is not judged yet.
        Open = "open",
        Judged = "judged",
        Rejected = "rejected",
        /// Same content as one that was judged before.
        Duplicate = "duplicate",
    }
}

/// A report file that was seen. One row per agent, file name, content and mtime.
#[derive(Debug, Clone, PartialEq)]
pub struct ReportRecord {
    /// 0 until the state has given one.
    pub id: i64,
    pub agent: AgentId,
    /// Name of the file in `log/`.
    pub file: String,
    /// `None` while it could not be read whole.
    pub content: Option<Digest>,
    pub identity: FileIdentity,
    pub first_seen: Time,
    /// The earlier of `first_seen` and the file's ctime.
    pub received_at: Time,
    pub state: ReportState,
    /// Why it was rejected.
    pub reason: Option<String>,
}

/// One transaction. Whatever is empty is left alone.
///
/// A report's id of 0, in an entry or in the state of a job, means the unit's own report. Only a good backup may keep
/// its 0 in a unit without one: its report is not known, as of a version that was adopted from the disk.
#[derive(Debug, Default)]
pub struct Unit {
    pub agents: Vec<Agent>,
    /// Inserted when `id` is 0, else updated.
    pub report: Option<ReportRecord>,
    /// Inserted or replaced whole.
    pub jobs: Vec<Job>,
    pub entries: Vec<Entry>,
    /// Entries, by id, whose hold an operator has ended: good after all.
    pub accepted: Vec<i64>,
    /// Inserted or replaced whole, by job and name.
    pub versions: Vec<Version>,
    /// Versions that are gone from the disk.
    pub versions_removed: Vec<(JobId, String)>,
    pub incidents: Vec<IncidentChange>,
    pub audit: Vec<AuditLine>,
}

/// Who changed what, when and why.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct AuditLine {
    pub at: Time,
    pub who: String,
    pub what: String,
    /// Job id, agent, version or incident.
    pub target: String,
    pub why: Option<String>,
}

#[derive(Debug, Clone, Default)]
pub struct EntryFilter {
    pub jobs: Option<Vec<JobId>>,
    /// Judged at or after.
    pub since: Option<Time>,
    pub status: Vec<Status>,
    /// The newest so many.
    pub limit: Option<usize>,
}

words! {
    MailKind {
        Alert = "alert",
        Digest = "digest",
    }
}

/// A mail that was bound to its news and never changes again.
#[derive(Debug, Clone, PartialEq)]
pub struct FrozenMail {
    /// 0 until the state has given one.
    pub id: i64,
    pub recipient: String,
    pub kind: MailKind,
    pub message_id: String,
    /// The whole message as it goes over the wire.
    pub bytes: Vec<u8>,
    /// What it tells.
    pub items: Vec<MailItem>,
    pub created_at: Time,
    pub attempts: u32,
    pub next_attempt_at: Time,
    pub last_error: Option<String>,
    pub sent_at: Option<Time>,
}

#[derive(Debug, Clone, PartialEq)]
pub struct MailItem {
    pub incident: i64,
    pub news: News,
    pub cause: Option<String>,
}

/// Where a job of an agent goes whose site was installed anew under another name.
#[derive(Debug, Clone)]
pub enum Heir {
    /// The new agent does not bring it: it only gets the new name.
    Renamed { from: JobId, to: JobKey },
    /// Both have it: history, versions and incidents of `left` go to `joined`, and both rows become what they are here.
    Joined { left: Box<Job>, joined: Box<Job> },
}

pub trait Store {
    fn meta(&self) -> Result<Meta>;
    /// The scan of that id, where it is remembered, and all that began after it, oldest first.
    fn scans_from(&self, id: i64) -> Result<Vec<BegunScan>>;
    fn agents(&self) -> Result<Vec<Agent>>;
    /// Visits all of them, also ignored and retired ones, ordered by agent and database: one at a time, for 20,000 jobs
    /// held twice are most of what a run may take.
    fn each_job(&self, visit: &mut dyn FnMut(Job)) -> Result<()>;
    /// As [`Store::each_job`], gathered.
    fn jobs(&self) -> Result<Vec<Job>> {
        let mut jobs = Vec::new();
        self.each_job(&mut |job| jobs.push(job))?;
        Ok(jobs)
    }
    /// A number per job, which is another one after every change of the job, its history, its versions, its incidents or
    /// the mails about them. Ignored jobs are among them.
    fn job_stamps(&self) -> Result<HashMap<JobId, i64>>;
    /// Every report file of the agent that is remembered, newest row last.
    fn reports_of(&self, agent: &AgentId) -> Result<Vec<ReportRecord>>;
    /// As [`Store::reports_of`], of the files that bear one of these names: what years of reports left behind costs
    /// nothing.
    fn reports_named(&self, agent: &AgentId, files: &[&str]) -> Result<Vec<ReportRecord>>;
    /// As [`Store::reports_of`], of the files with this content.
    fn reports_with_content(&self, agent: &AgentId, content: &Digest) -> Result<Vec<ReportRecord>>;
    /// The reports in state `Open`, of all agents, oldest first.
    fn open_reports(&self) -> Result<Vec<ReportRecord>>;
    fn report(&self, id: i64) -> Result<Option<ReportRecord>>;
    /// Digests of the reports received at or after, whose kept bytes a pruning must leave.
    fn report_contents(&self, since: Time) -> Result<Vec<Digest>>;
    /// The jobs that have an entry from this report.
    fn jobs_judged_from(&self, report: i64) -> Result<Vec<JobId>>;
    /// Whether these bytes were measured for an entry of the job before.
    fn judged_before(&self, job: &JobId, sha256: &Digest) -> Result<bool>;
    /// Oldest first by `judged_at`, then by id.
    fn entries(&self, filter: &EntryFilter) -> Result<Vec<Entry>>;
    /// The job's good backups (not held, not superseded), newest first: what the next one is measured by.
    fn good_entries(&self, job: &JobId, limit: usize) -> Result<Vec<Entry>>;
    /// The job's held backups since its newest good one, newest first.
    fn held_entries(&self, job: &JobId, limit: usize) -> Result<Vec<Entry>>;
    /// Of one job, or all; oldest report first.
    fn versions(&self, job: Option<&JobId>) -> Result<Vec<Version>>;
    /// Whether any version of any job is believed to be on the disk.
    fn has_versions(&self) -> Result<bool>;
    /// What all versions come to, and of them those promoted after `since`.
    fn holdings(&self, since: Time) -> Result<Holdings>;
    /// Open ones, and with `resolved_since` also those resolved at or after it. Ascending by id.
    fn incidents(&self, resolved_since: Option<Time>) -> Result<Vec<Incident>>;
    /// Those of these that are remembered, open or resolved, ascending by id.
    fn incidents_by_id(&self, ids: &[i64]) -> Result<Vec<Incident>>;
    /// The newest so many, oldest first.
    fn audit(&self, limit: usize) -> Result<Vec<AuditLine>>;

    /// Commits the unit and gives the id of its report, if it has one.
    fn commit(&mut self, unit: &Unit) -> Result<Option<i64>>;
    /// Gives the id of a scan that begins.
    fn begin_scan(&mut self, started_at: Time) -> Result<i64>;
    fn finish_scan(&mut self, id: i64, finished_at: Time) -> Result<()>;
    /// Forgets a scan that came to its end and is none of the whole, such as a look at one agent; one that was cut off
    /// stays, unfinished.
    fn forget_scan(&mut self, id: i64) -> Result<()>;
    fn acknowledge(
        &mut self,
        incident: i64,
        acknowledgement: Option<&Acknowledgement>,
        audit: &AuditLine,
    ) -> Result<()>;
    /// Gives a job another agent or database; its history, versions and incidents go with it. Refused where that job
    /// is there already.
    fn rename_job(&mut self, from: &JobId, to: &JobKey, audit: &AuditLine) -> Result<()>;
    /// Renames an agent with its reports and all its jobs; under the old name ignored ones are left, for reports that
    /// still come there. Refused where the new one is there already.
    fn rename_agent(&mut self, from: &AgentId, to: &AgentId, audit: &AuditLine) -> Result<()>;
    /// Hands the jobs of an agent over to one that is known already. The old agent stays, with its reports and without
    /// a problem.
    fn hand_over(&mut self, from: &AgentId, heirs: &[Heir], audit: &AuditLine) -> Result<()>;
    fn note_check(&mut self, at: Time) -> Result<()>;
    fn note_heartbeat(&mut self, at: Time) -> Result<()>;

    /// What this recipient has been told of incidents, open or resolved, that it has not yet been told as resolved.
    fn told(&self, recipient: &str) -> Result<Vec<Told>>;
    /// Everyone who was ever told anything or has a waiting mail.
    fn recipients(&self) -> Result<Vec<String>>;
    /// When the newest mail of that kind to this recipient was accepted: the one that was frozen last, whatever the clock
    /// said then.
    fn last_mail(&self, recipient: &str, kind: MailKind) -> Result<Option<Time>>;
    /// Not yet sent, oldest first. Only these have their bytes: a sent mail is kept without them.
    fn waiting_mails(&self) -> Result<Vec<FrozenMail>>;
    /// Mails that told of any of these incidents, sent or not, without their bytes.
    fn mails_about(&self, incidents: &[i64]) -> Result<Vec<FrozenMail>>;
    /// Freezes a mail, with its bytes, before its first attempt; gives its id.
    fn freeze_mail(&mut self, mail: &FrozenMail) -> Result<i64>;
    /// The server has accepted it: marks it sent and its items told, in one transaction.
    fn mail_sent(&mut self, id: i64, at: Time) -> Result<()>;
    fn mail_failed(&mut self, id: i64, error: &str, next_attempt_at: Time) -> Result<()>;
    /// Gives up a mail that was never accepted, because nobody is to be told there any more. What it would have told as
    /// resolved counts as told, or it would be news for ever; all else stays untold.
    fn withdraw_mail(&mut self, id: i64, audit: &AuditLine) -> Result<()>;

    /// Deletes entries judged before, with mails sent, scans begun and incidents resolved before; gives how many entries
    /// went. Stays: a job's newest entry, a recipient's newest mail of each kind, the newest finished scan, and an
    /// incident whose end somebody still has to be told.
    fn prune(&mut self, before: Time) -> Result<usize>;

    /// Reads the file once, as a copy does, and looks at how each page and row is built, before it is trusted with more:
    /// an error of damage names the first fault. [`Store::check`] looks at the values too.
    fn examine(&self) -> Result<()>;
    /// Reads the whole state, which takes some times as long as reading its file, and gives what is wrong with it.
    fn check(&self) -> Result<Vec<String>>;
    /// Writes a whole and synced copy, itself a state, to a path where there is nothing yet.
    fn copy_to(&self, target: &Path) -> Result<()>;
}
