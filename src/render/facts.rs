//! What a [`super::View`] is built from: plain values, gathered by the caller at one moment.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use chrono_tz::Tz;

use super::Language;
use crate::domain::forecast::Forecast;
use crate::domain::notice::News;
use crate::domain::orphan::Orphan;
use crate::domain::retention::Fate;
use crate::domain::settings::{Effective, Span};
use crate::domain::standing::Standing;
use crate::domain::version::GoodCopy;
use crate::domain::{AgentId, Entry, Incident, Job, JobKey, Labels, Time, Version};

/// Everything that the outputs of one run speak of.
#[derive(Debug, Clone)]
pub struct Facts<'a> {
    /// The frozen moment of the run.
    pub now: Time,
    /// When the state was created: what tells two installations apart.
    pub created_at: Time,
    /// The newest finished scan; `None` before the first.
    pub scan: Option<Scan>,
    /// Distance between two scans, by the configuration.
    pub interval: Span,
    /// Version of backupmon.
    pub version: &'a str,
    pub title: &'a str,
    pub language: Language,
    /// Where the site is served, for links in feed and mail.
    pub base_url: Option<&'a str>,
    /// In which the site shows times.
    pub timezone: Tz,
    /// All that are not ignored, retired ones too, in any order.
    pub jobs: Vec<JobFact<'a>>,
    pub agents: Vec<AgentFact<'a>>,
    /// Open ones, and those resolved in the last 30 days.
    pub incidents: Vec<&'a Incident>,
    pub undelivered: Undelivered,
    /// How long the oldest staged file waits to be read, in seconds; 0 without a backlog.
    pub backlog_seconds: u64,
    /// The validated folder's file system, where it could be asked.
    pub disk: Option<Disk>,
    /// When it is full; only the site's outputs speak of it.
    pub forecast: Option<Forecast>,
    /// What belongs to no job, as far as it is known.
    pub orphans: Vec<Orphan>,
    /// How the paused ones among the jobs rest, by id.
    pub rests: HashMap<&'a str, Rest>,
    /// A heartbeat is configured, or `check` ran within a day.
    pub watched: bool,
}

/// A scan that came to its end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Scan {
    pub id: i64,
    pub started_at: Time,
    pub finished_at: Time,
}

/// Shares what it is made of, for there are as many as jobs.
#[derive(Debug, Clone)]
pub struct JobFact<'a> {
    pub job: &'a Job,
    /// With those of the agent and of the name ([`Job::labels_with`]).
    pub labels: Arc<Labels>,
    pub effective: &'a Effective,
    /// At [`Facts::now`].
    pub standing: Arc<Standing>,
    /// What a restore would give where the last good backup is not kept ([`crate::domain::job::JobState::kept`]).
    pub older_copy: Option<&'a GoodCopy>,
}

#[derive(Debug, Clone)]
pub struct AgentFact<'a> {
    pub id: &'a AgentId,
    pub labels: Labels,
    pub first_seen: Time,
    pub last_report_at: Option<Time>,
}

/// How long a paused job rests, and whether anybody is told of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Rest {
    /// When something is expected of it again; `None` for no end.
    pub until: Option<Time>,
    /// A window with `mute = "all"`: nobody is told of it meanwhile.
    pub muted: bool,
}

/// Messages that nobody has accepted yet.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Undelivered {
    pub count: usize,
    /// When the oldest was written.
    pub oldest: Option<Time>,
}

/// Sizes in bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Disk {
    pub free: u64,
    pub total: u64,
}

/// What only a job's own page and document show; loaded for one job at a time.
#[derive(Debug, Clone, Default)]
pub struct JobDetails {
    /// Newest first.
    pub entries: Vec<Entry>,
    /// Newest first; the fate is `None` where retention was not computed.
    pub versions: Vec<(Version, Option<Fate>)>,
    /// Newest first, resolved ones too.
    pub incidents: Vec<Incident>,
    /// What was sent of these incidents, newest first.
    pub messages: Vec<Message>,
}

/// A message to one recipient about one incident.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Message {
    pub recipient: String,
    pub incident: i64,
    pub news: News,
    pub written_at: Time,
    /// `None` while nobody has accepted it.
    pub sent_at: Option<Time>,
    /// Why the newest attempt failed.
    pub error: Option<String>,
}

/// A version with what a list of versions says beside it. The list may come from a tree alone, without any job.
#[derive(Debug, Clone, Copy)]
pub struct VersionFact<'v> {
    pub version: &'v Version,
    /// `None` where nobody knows whose it is.
    pub key: Option<&'v JobKey>,
    /// `current_version` names it.
    pub current: bool,
    /// By retention, where that was computed.
    pub fate: Option<&'v Fate>,
}

impl<'v> VersionFact<'v> {
    #[must_use]
    pub fn of_job(version: &'v Version, job: Option<&'v Job>, fate: Option<&'v Fate>) -> Self {
        let current = job.and_then(|job| job.state.current_version.as_deref());
        Self { version, key: job.map(|job| &job.key), current: current == Some(version.name.as_str()), fate }
    }
}

impl Facts<'_> {
    /// Leaves only the jobs that `keep` wants, with their agents and what is wrong with either; the
    /// server's own problems stay, for they touch every answer.
    pub fn narrow(&mut self, mut keep: impl FnMut(&JobFact) -> bool) {
        self.jobs.retain(|fact| keep(fact));
        let jobs: HashSet<&str> = self.jobs.iter().map(|fact| fact.job.id.as_str()).collect();
        let agents: HashSet<&str> = self.jobs.iter().map(|fact| fact.job.key.agent.as_str()).collect();
        self.agents.retain(|agent| agents.contains(agent.id.as_str()));
        self.incidents.retain(|incident| match (&incident.subject.agent, &incident.subject.job) {
            (None, None) => true,
            (_, Some(job)) => jobs.contains(job.as_str()),
            (Some(agent), None) => agents.contains(agent.as_str()),
        });
    }
}
