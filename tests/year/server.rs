//! The code under test, in process: deposits in a list, state in memory, a clock that the year turns.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use backupmon::config::{Config, Environment};
use backupmon::domain::incident::{IncidentChange, Subject};
use backupmon::domain::standing::standing;
use backupmon::domain::{AgentId, DatabaseName, Digest, Job, JobId, JobKey, Time};
use backupmon::intake::Progress;
use backupmon::scan::summary::Summary;
use backupmon::scan::world::windows;
use backupmon::scan::{Observer, Scan};
use backupmon::source::Fault;
use backupmon::source::listed::{Listed, Place, Times};
use backupmon::store::kept::KeptReports;
use backupmon::store::{EntryFilter, Sqlite, Store, Unit};
use chrono::{SecondsFormat, TimeZone};
use serde_json::{Map, Value, json};

use super::calendar::{Seconds, wall};
use super::deposit::{Entry, Event, Report, What};
use super::fleet::Fleet;
use super::oracle::{Key, Shown, Trouble};

pub struct Server {
    pub source: Listed,
    pub store: Sqlite,
    config: Config,
    kept: KeptReports,
    agents: Vec<AgentId>,
    ids: BTreeMap<JobId, Key>,
    _folder: tempfile::TempDir,
}

/// Whose rules the year does not live through yet.
const LEFT_OUT: [&str; 1] = ["dumps_without_report"];

struct Unwatched;

impl Progress for Unwatched {
    fn advance(&self, _bytes: u64) {}
}

impl Observer for Unwatched {
    fn reading(&self, _files: u64, _bytes: u64) {}
    fn interval_is_over(&self) -> bool {
        false
    }
    fn publish(&self, _store: &mut dyn Store) {}
    fn deadline_is_over(&self) -> bool {
        false
    }
}

pub fn time(seconds: Seconds) -> Time {
    Time::from_timestamp(seconds, 0).unwrap()
}

/// In memory where the machine has such a folder: thousands of kept reports are synced each.
fn folder() -> tempfile::TempDir {
    let memory = Path::new("/dev/shm");
    if memory.is_dir() { tempfile::tempdir_in(memory).unwrap() } else { tempfile::tempdir().unwrap() }
}

impl Server {
    pub fn new(fleet: &Fleet, now: Seconds) -> Self {
        let folder = folder();
        let root = folder.path();
        let text = format!(
            "[paths]\ndeposits = {:?}\nvalidated = {:?}\nstate = {:?}\nsite = {:?}\n[scan]\nthreads = 1\n{}",
            root.join("deposits"),
            root.join("validated"),
            root.join("state/state.db"),
            root.join("site"),
            fleet.config()
        );
        let environment = Environment {
            vars: BTreeMap::new(),
            home: Some(PathBuf::from("/nonexistent")),
            current_dir: root.to_owned(),
            system_file: root.join("none.toml"),
            server_timezone: chrono_tz::UTC,
        };
        Self {
            source: Listed::new(root.join("deposits")),
            store: Sqlite::in_memory(time(now), true).unwrap(),
            config: Config::from_toml(&text, &root.join("config.toml"), &environment).unwrap(),
            kept: KeptReports::new(root.join("state/reports")),
            agents: fleet.agents.iter().map(|agent| AgentId::new(&agent.name).unwrap()).collect(),
            ids: BTreeMap::new(),
            _folder: folder,
        }
    }

    fn key(&self, key: &Key) -> JobKey {
        JobKey { agent: self.agents[key.0].clone(), database: DatabaseName::new(&key.1).unwrap() }
    }

    /// `jobs add`.
    pub fn add(&mut self, key: &Key, now: Seconds) {
        let job = Job::new(self.key(key), time(now), false);
        self.store.commit(&Unit { jobs: vec![job], ..Unit::default() }).unwrap();
    }

    /// `jobs retire`.
    pub fn retire(&mut self, key: &Key, now: Seconds) {
        let key = self.key(key);
        let mut job = self.store.jobs().unwrap().into_iter().find(|job| job.key == key).unwrap();
        job.retired_at = Some(time(now));
        let subject = Subject::job(&key.agent, &job.id);
        let incidents = vec![IncidentChange::Resolve { subject, at: time(now) }];
        self.store.commit(&Unit { jobs: vec![job], incidents, ..Unit::default() }).unwrap();
    }

    pub fn set_root_gone(&mut self, gone: bool) {
        if gone {
            self.source.inject(Place::Root, Fault::Monitors("Stale file handle".into()));
        } else {
            self.source.heal(&Place::Root);
        }
    }

    pub fn apply(&mut self, event: &Event, ctime: Seconds) {
        let agent = self.agents[event.agent].clone();
        let now = time(ctime);
        match &event.what {
            What::Report { file, report } => {
                let text = text_of(agent.as_str(), report);
                self.source.put_report(&agent, file, text.to_string(), now);
            }
            What::Unreadable { file } => self.source.put_report(&agent, file, *b"{\"agent_id\": ", now),
            What::Dump { file, blob, mtime } => {
                self.source.put_dump(&agent, file, &*blob.bytes, Times { mtime: time(*mtime), ctime: now });
            }
            What::RemoveDump { file } => drop(self.source.remove_dump(&agent, file)),
            What::RemoveReport { file } => drop(self.source.remove_report(&agent, file, now)),
            What::FolderGone => self.source.inject(Place::Agent(agent), Fault::Absent),
            What::FolderBack => self.source.heal(&Place::Agent(agent)),
        }
    }

    pub fn scan(&mut self, now: Seconds) -> Summary {
        Scan {
            store: &mut self.store,
            source: &self.source,
            config: &self.config,
            kept: &self.kept,
            vault: None,
            now: time(now),
            only_agent: None,
            dry_run: false,
            observer: &Unwatched,
        }
        .run()
        .unwrap()
    }

    /// What every job shows at that moment.
    pub fn shown(&mut self, now: Seconds) -> BTreeMap<Key, Shown> {
        let now = time(now);
        let last_reports: BTreeMap<AgentId, Option<Time>> =
            self.store.agents().unwrap().into_iter().map(|agent| (agent.id, agent.last_report_at)).collect();
        let mut all = BTreeMap::new();
        for job in self.store.jobs().unwrap() {
            let schedule = &self.config.effective(&job).schedule;
            let last = last_reports.get(&job.key.agent).copied().flatten();
            let standing = standing(&job, schedule, &windows(&self.config, &job, now), last, now);
            let agent = self.agents.iter().position(|agent| *agent == job.key.agent).unwrap();
            let key = (agent, job.key.database.to_string());
            self.ids.entry(job.id).or_insert_with(|| key.clone());
            let shown =
                Shown { status: standing.status.word(), cause: standing.cause.map(|cause| cause.word()) };
            all.insert(key, shown);
        }
        all
    }

    pub fn troubles(&self) -> BTreeSet<Trouble> {
        let incidents = self.store.incidents(None).unwrap();
        let trouble = |incident: backupmon::domain::Incident| {
            let word = incident.cause.as_deref().and_then(backupmon::domain::Cause::from_word);
            let agent = incident.subject.agent;
            Trouble {
                kind: incident.subject.kind.word(),
                agent: agent.and_then(|name| self.agents.iter().position(|agent| agent.as_str() == name)),
                database: incident.database,
                cause: word.map(backupmon::domain::Cause::word),
            }
        };
        incidents.into_iter().map(trouble).filter(|trouble| !LEFT_OUT.contains(&trouble.kind)).collect()
    }

    /// The newest lines of a job's history, for a difference to be understood.
    pub fn history(&self, key: &Key) -> Vec<String> {
        let filter =
            EntryFilter { jobs: Some(vec![self.key(key).id()]), limit: Some(6), ..EntryFilter::default() };
        let line = |entry: backupmon::domain::Entry| {
            format!(
                "{} {:?} {:?} report {:?} of {:?}: {}",
                entry.judged_at.to_rfc3339_opts(SecondsFormat::Secs, true),
                entry.status,
                entry.cause,
                entry.report,
                entry.report_time.map(|time| time.to_rfc3339()),
                entry.message
            )
        };
        let mut lines: Vec<String> = self.store.entries(&filter).unwrap().into_iter().map(line).collect();
        let id = self.key(key);
        let job = self.store.jobs().unwrap().into_iter().find(|job| job.key == id);
        let state = job.map(|job| {
            let state = job.state;
            format!(
                "{} {:?}, newest {:?}, covered by {:?}, missed through {:?}, waiting {:?}, on trial {}",
                state.status,
                state.cause,
                state.newest,
                state.covered_by,
                state.missed_through,
                state.waiting,
                job.on_trial
            )
        });
        lines.extend(state);
        lines
    }
}

/// The report as the agent writes it.
fn text_of(agent: &str, report: &Report) -> Value {
    let own = match report.naive_in {
        Some(zone) => json!(wall(zone, report.own).format("%Y-%m-%dT%H:%M:%S").to_string()),
        None => json!(chrono::Utc.timestamp_opt(report.own, 0).unwrap().to_rfc3339()),
    };
    let entries: Map<String, Value> =
        report.entries.iter().map(|(name, entry)| (name.clone(), text_of_entry(entry))).collect();
    let overall = if report.overall_failed { "failed_globally" } else { "completed" };
    json!({"agent_id": agent, "operation_end_time": own, "overall_status": overall, "databases": entries})
}

fn text_of_entry(entry: &Entry) -> Value {
    let good = |file: &str, digest: String| {
        json!({
            "BACKUP": {"status": true}, "COMPRESS": {"status": true, "sha256_checksum": digest},
            "TRANSFER": {"status": true}, "staged_file_name": file,
        })
    };
    match entry {
        Entry::Good { file, blob } => good(file, Digest::of(&blob.bytes).to_string()),
        Entry::Junk { file } => good(file, "INVALID_HASH_1_1".to_owned()),
        Entry::Invalid => json!({"BACKUP": {"status": [1, 2]}, "staged_file_name": 7}),
        Entry::Failed(step) => {
            json!({*step: {"status": "False", "error": "it broke"}, "staged_file_name": ""})
        }
    }
}
