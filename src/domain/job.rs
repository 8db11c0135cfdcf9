//! A job, and what is known of it.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use super::labels::{Labels, year_in};
use super::own::Own;
use super::schedule::{Schedule, Window};
use super::settling::Unmet;
use super::verdict::ContentStream;
use super::version::GoodCopy;
use super::{Cause, Digest, JobId, JobKey, Settings, Status, Time, Warning};

/// One expected backup.
#[derive(Debug, Clone, PartialEq)]
pub struct Job {
    pub id: JobId,
    pub key: JobKey,
    /// Only what an operator set; the rest comes from the agent's id and the database's name.
    pub labels: Own<Labels>,
    /// Only what an operator set on this job; the rest is inherited.
    pub settings: Own<Settings>,
    pub added_at: Time,
    /// When the schedule that holds for it last changed, by whatever edit.
    pub schedule_changed_at: Time,
    /// The schedule that held at the last scan, as text, to notice a change of rule or default.
    pub schedule_seen: String,
    /// Discovered, and not yet reported on `trial_days` different days.
    pub on_trial: bool,
    pub retired_at: Option<Time>,
    /// Removed by an operator: remembered, so that it is not discovered again.
    pub ignored: bool,
    /// Pauses by the operator, oldest first; an ended one has its end.
    pub pauses: Vec<Pause>,
    pub state: JobState,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Pause {
    pub from: Time,
    pub until: Option<Time>,
    pub who: String,
    pub reason: String,
}

impl Pause {
    #[must_use]
    pub fn window(&self) -> Window {
        Window { from: self.from, until: self.until }
    }
}

/// What the judgements so far amount to.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct JobState {
    /// The newest judgement: never `Late`, `Paused` or `Retired`, which are derived.
    pub status: Status,
    pub cause: Option<Cause>,
    pub message: Option<String>,
    pub warnings: Vec<Warning>,
    /// Since when the status is what it is.
    pub since: Time,
    /// Rank of the newest judged report.
    pub newest: Option<Rank>,
    /// Newest time that counts of any report that named the job, judged or superseded: what covers cycles.
    pub covered_by: Option<Time>,
    /// Due time of the newest missed cycle that has its entry.
    pub missed_through: Option<Time>,
    /// The newest judged report, to look at it again when its staged file changes.
    pub judged_report: Option<i64>,
    /// Why that one was bad: the status may meanwhile be MISSING for another cycle.
    pub judged_cause: Option<Cause>,
    /// The report whose staged file is still on its way.
    pub waiting: Option<Box<Waiting>>,
    /// The staged file when it was last read.
    pub staged: Option<StagedMark>,
    pub last_success_at: Option<Time>,
    pub last_report_at: Option<Time>,
    /// Time of the last good backup whose bytes were new.
    pub last_change_at: Option<Time>,
    pub last_verified_at: Option<Time>,
    /// The last good backup (not a held one).
    pub good: Option<GoodBackup>,
    pub current_version: Option<String>,
    /// Newest version is held: the job is critical whatever its status.
    pub held: bool,
    /// Different days on which it was reported, while on trial.
    pub trial_days: Vec<NaiveDate>,
    /// A newer year of its family came since its own last report.
    pub outrun: Option<Outrun>,
}

impl JobState {
    /// The job waits for the file of `report`: from now on, or still, if it waited for an earlier one's or for this one.
    pub fn wait_for(&mut self, report: i64, now: Time) -> &mut Waiting {
        let former = self.waiting.take();
        self.waiting.insert(Box::new(Waiting {
            report,
            staged_seen: None,
            since: former.as_ref().map_or(now, |former| former.since),
            unmet: former.and_then(|former| former.unmet),
        }))
    }

    #[must_use]
    pub fn new(added_at: Time) -> Self {
        Self {
            status: Status::Pending,
            cause: None,
            message: None,
            warnings: Vec::new(),
            since: added_at,
            newest: None,
            covered_by: None,
            missed_through: None,
            judged_report: None,
            judged_cause: None,
            waiting: None,
            staged: None,
            last_success_at: None,
            last_report_at: None,
            last_change_at: None,
            last_verified_at: None,
            good: None,
            current_version: None,
            held: false,
            trial_days: Vec::new(),
            outrun: None,
        }
    }

    /// The last good backup, where its version is kept and whole. Without one it was verified when it came, and what a
    /// restore would give is an older version, or nothing.
    #[must_use]
    pub fn kept(&self) -> Option<GoodCopy> {
        let good = self.good.as_ref().filter(|good| good.version.is_some())?;
        Some(GoodCopy {
            as_of: self.last_success_at.unwrap_or(good.report_time),
            sha256: good.sha256,
            size_bytes: good.size_bytes,
        })
    }
}

/// What is known of a job that newer years of its family leave behind (see [`super::family`]). Its next report ends it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Outrun {
    /// Time of the first good backup of a newer year since its own last report.
    pub since: Time,
    /// When its year was found to be over.
    pub over_at: Option<Time>,
}

/// Which of several reports is the newest: by the time that counts, then the own time, then the file's name.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Rank {
    pub time: Time,
    pub own: Option<Time>,
    pub file: String,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Waiting {
    pub report: i64,
    /// When this content of the staged file was first seen.
    pub staged_seen: Option<(FileIdentity, Time)>,
    /// Since when the job is without a verdict, whichever report has been the newest meanwhile.
    pub since: Time,
    /// Since a look found that the claimed file is not there; a file that nobody has looked at is not the agent's fault.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unmet: Option<Unmet>,
}

/// A staged file as it was when it was last read.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct StagedMark {
    pub file: String,
    pub identity: FileIdentity,
    pub sha256: Digest,
    /// What is inside, where it was looked at.
    pub kind: Option<String>,
    /// The stream before compression, where it was read to its end.
    pub stream: Option<ContentStream>,
}

/// Unchanged identity means unchanged bytes, for a file that nobody forges times on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct FileIdentity {
    pub device: u64,
    pub inode: u64,
    pub size: u64,
    /// Nanoseconds since the epoch.
    pub mtime: i64,
    /// Nanoseconds since the epoch; the kernel's, which an agent cannot set.
    pub ctime: i64,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct GoodBackup {
    pub sha256: Digest,
    pub size_bytes: u64,
    pub content_bytes: Option<u64>,
    pub report_time: Time,
    pub report: i64,
    /// Name of the staged file in the deposit.
    pub file: String,
    /// Its version, when it was promoted.
    pub version: Option<String>,
}

impl Job {
    /// A job as it begins: nothing judged yet.
    #[must_use]
    pub fn new(key: JobKey, added_at: Time, on_trial: bool) -> Self {
        Self {
            id: key.id(),
            key,
            labels: Own::default(),
            settings: Own::default(),
            added_at,
            schedule_changed_at: added_at,
            schedule_seen: String::new(),
            on_trial,
            retired_at: None,
            ignored: false,
            pauses: Vec::new(),
            state: JobState::new(added_at),
        }
    }

    /// Its year is over and nobody has retired it yet: newer years of its family come, and it has not for long.
    #[must_use]
    pub fn year_is_over(&self) -> bool {
        let over = self.state.outrun.is_some_and(|outrun| outrun.over_at.is_some());
        over && self.retired_at.is_none() && !self.ignored
    }

    /// A cycle was missed, and no report has met it since. On trial that is no status, but a line in the digest.
    #[must_use]
    pub fn is_absent(&self, schedule: &Schedule) -> bool {
        let state = &self.state;
        state
            .missed_through
            .is_some_and(|missed| state.covered_by.is_none_or(|covered| !schedule.covers(covered, missed)))
    }

    /// The job's own labels, with those of its agent's id and the year in its name where it has none.
    #[must_use]
    pub fn labels_with(&self, of_agent: &Labels) -> Labels {
        let mut labels = self.labels.or(of_agent);
        labels.year = self.labels.year.or_else(|| year_in(&self.key.database));
        labels
    }
}
