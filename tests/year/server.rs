//! The code under test, in process: deposits in a list, state in memory, a clock that the year turns.

use std::collections::{BTreeMap, BTreeSet};

use backupmon::domain::incident::{IncidentChange, Subject};
use backupmon::domain::job::Pause;
use backupmon::domain::standing::standing;
use backupmon::domain::{AgentId, Cause, DatabaseName, Digest, Entry as Line, Incident, Job, JobKey, Time};
use backupmon::scan::openings::Openings;
use backupmon::scan::summary::Summary;
use backupmon::source::Fault;
use backupmon::source::listed::{Place, Times};
use backupmon::store::{AuditLine, EntryFilter, Store, Unit};
use chrono::{SecondsFormat, TimeZone};
use serde_json::{Map, Value, json};

use super::calendar::{Seconds, wall};
use super::deposit::{Entry, Event, Report, What};
use super::fleet::Fleet;
use super::oracle::{Key, Shown, Trouble};
use super::world::World;

pub struct Server {
    world: World,
    agents: Vec<AgentId>,
}

pub fn time(seconds: Seconds) -> Time {
    Time::from_timestamp(seconds, 0).unwrap()
}

/// What `fleet` says, as a configuration.
fn config(fleet: &Fleet) -> String {
    format!("[scan]\nthreads = 1\n{}", fleet.config())
}

impl Server {
    pub fn new(fleet: &Fleet, now: Seconds) -> Self {
        let mut world = World::new(&time(now).to_rfc3339(), &config(fleet));
        world.keeps_versions = false;
        let agents = fleet.agents.iter().map(|agent| AgentId::new(&agent.name).unwrap()).collect();
        Self { world, agents }
    }

    pub fn configure(&mut self, fleet: &Fleet) {
        self.world.configure(&config(fleet));
    }

    fn key(&self, key: &Key) -> JobKey {
        JobKey { agent: self.agents[key.0].clone(), database: DatabaseName::new(&key.1).unwrap() }
    }

    /// `jobs add`.
    pub fn add(&mut self, key: &Key, now: Seconds) {
        let job = Job::new(self.key(key), time(now), false);
        self.world.store.commit(&Unit { jobs: vec![job], ..Unit::default() }).unwrap();
    }

    /// `jobs retire`.
    pub fn retire(&mut self, key: &Key, now: Seconds) {
        let key = self.key(key);
        let mut job = self.world.store.jobs().unwrap().into_iter().find(|job| job.key == key).unwrap();
        job.retire(time(now));
        let subject = Subject::job(&key.agent, &job.id);
        let incidents = vec![IncidentChange::Resolve { subject, at: time(now) }];
        self.world.store.commit(&Unit { jobs: vec![job], incidents, ..Unit::default() }).unwrap();
    }

    /// `pause`.
    pub fn pause(&mut self, agent: usize, now: Seconds, until: Option<Seconds>) {
        let pause = Pause {
            from: time(now),
            until: until.map(time),
            who: "ada".to_owned(),
            reason: "the site moves".to_owned(),
        };
        self.change_jobs(agent, |job| job.pauses.push(pause.clone()));
    }

    /// `resume`.
    pub fn resume(&mut self, agent: usize, now: Seconds) {
        self.change_jobs(agent, |job| assert!(job.end_pauses(time(now))));
    }

    fn change_jobs(&mut self, agent: usize, change: impl Fn(&mut Job)) {
        let mut jobs = self.world.store.jobs().unwrap();
        jobs.retain(|job| job.key.agent == self.agents[agent]);
        jobs.iter_mut().for_each(change);
        self.world.store.commit(&Unit { jobs, ..Unit::default() }).unwrap();
    }

    /// The folder's new name, and `agents rename`.
    pub fn rename(&mut self, agent: usize, name: &str, gone: bool, now: Seconds) {
        let to = AgentId::new(name).unwrap();
        let from = std::mem::replace(&mut self.agents[agent], to.clone());
        self.world.source.rename_agent(&from, &to);
        if gone {
            self.world.source.heal(&Place::Agent(from.clone()));
            self.world.source.inject(Place::Agent(to.clone()), Fault::Absent);
        }
        let audit = AuditLine {
            at: time(now),
            who: "ada".to_owned(),
            what: format!("agents rename {from} to {to}"),
            target: to.to_string(),
            why: None,
        };
        self.world.store.rename_agent(&from, &to, &audit).unwrap();
    }

    pub fn set_root_gone(&mut self, gone: bool) {
        if gone {
            self.world.source.inject(Place::Root, Fault::Monitors("Stale file handle".into()));
        } else {
            self.world.source.heal(&Place::Root);
        }
    }

    pub fn apply(&mut self, event: &Event, ctime: Seconds) {
        let agent = self.agents[event.agent].clone();
        let now = time(ctime);
        match &event.what {
            What::Report { file, report } => {
                let text = text_of(agent.as_str(), report);
                self.world.source.put_report(&agent, file, text.to_string(), now);
            }
            What::Unreadable { file } => self.world.source.put_report(&agent, file, *b"{\"agent_id\": ", now),
            What::Dump { file, blob, mtime } => {
                self.world.source.put_dump(
                    &agent,
                    file,
                    &*blob.bytes,
                    Times { mtime: time(*mtime), ctime: now },
                );
            }
            What::RemoveDump { file } => drop(self.world.source.remove_dump(&agent, file)),
            What::RemoveReport { file } => drop(self.world.source.remove_report(&agent, file, now)),
            What::FolderGone => self.world.source.inject(Place::Agent(agent), Fault::Absent),
            What::FolderBack => self.world.source.heal(&Place::Agent(agent)),
        }
    }

    pub fn scan(&mut self, now: Seconds) -> Summary {
        self.world.now = time(now);
        self.world.scan()
    }

    /// What every job shows at that moment.
    pub fn shown(&self, now: Seconds) -> BTreeMap<Key, Shown> {
        let now = time(now);
        let available = !self.troubles().iter().any(|trouble| trouble.kind == "deposits_unavailable");
        let last_reports: BTreeMap<AgentId, Option<Time>> = self
            .world
            .store
            .agents()
            .unwrap()
            .into_iter()
            .map(|agent| (agent.id, agent.last_report_at))
            .collect();
        let mut openings = Openings::around(&self.world.config, now);
        let mut all = BTreeMap::new();
        for job in self.world.store.jobs().unwrap() {
            let schedule = &self.world.config.effective(&job).schedule;
            let last = last_reports.get(&job.key.agent).copied().flatten();
            let standing = standing(&job, schedule, &openings.of(&job, schedule), last, available, now);
            // What is left under an agent's former name is no job.
            let Some(agent) = self.agents.iter().position(|agent| *agent == job.key.agent) else {
                assert!(job.ignored, "{} is nobody's", job.key);
                continue;
            };
            let key = (agent, job.key.database.to_string());
            let shown = Shown {
                status: standing.status.word(),
                cause: standing.cause.map(backupmon::domain::Cause::word),
            };
            all.insert(key, shown);
        }
        all
    }

    pub fn troubles(&self) -> BTreeSet<Trouble> {
        let incidents = self.world.store.incidents(None).unwrap();
        let trouble = |incident: Incident| {
            let word = incident.cause.as_deref().and_then(Cause::from_word);
            let agent = incident.subject.agent;
            Trouble {
                kind: incident.subject.kind.word(),
                agent: agent.and_then(|name| self.agents.iter().position(|agent| agent.as_str() == name)),
                database: incident.database,
                cause: word.map(Cause::word),
            }
        };
        incidents.into_iter().map(trouble).collect()
    }

    /// All that the state holds, but for the scans themselves.
    pub fn dump(&self) -> String {
        let store = &self.world.store;
        let agents = store.agents().unwrap();
        let reports: Vec<_> = agents.iter().map(|agent| store.reports_of(&agent.id).unwrap()).collect();
        format!(
            "{:#?}\n{:#?}\n{:#?}\n{:#?}\n{:#?}",
            store.jobs().unwrap(),
            agents,
            reports,
            store.incidents(Some(Time::MIN_UTC)).unwrap(),
            store.entries(&EntryFilter { limit: Some(1000), ..EntryFilter::default() }).unwrap(),
        )
    }

    /// The newest lines of a job's history, for a difference to be understood.
    pub fn history(&self, key: &Key) -> Vec<String> {
        let filter =
            EntryFilter { jobs: Some(vec![self.key(key).id()]), limit: Some(6), ..EntryFilter::default() };
        let line = |entry: Line| {
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
        let mut lines: Vec<String> =
            self.world.store.entries(&filter).unwrap().into_iter().map(line).collect();
        let id = self.key(key);
        let job = self.world.store.jobs().unwrap().into_iter().find(|job| job.key == id);
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
