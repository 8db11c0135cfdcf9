//! A server in memory: deposits in a list, state in memory, versions in a temporary folder, a clock that the test turns.

use std::path::{Path, PathBuf};

use backupmon::clock::{Clock as _, FixedClock};
use backupmon::config::Config;
use backupmon::config::Environment;
use backupmon::domain::job::Job;
use backupmon::domain::standing::{Standing, standing};
use backupmon::domain::{AgentId, DatabaseName, Digest, Entry, Incident, JobKey, Status, Time, Version};
use backupmon::intake::Progress;
use backupmon::scan::accept::{self, Word};
use backupmon::scan::openings::windows;
use backupmon::scan::promote::{apply_retention, promote_pending};
use backupmon::scan::summary::Summary;
use backupmon::scan::{self, Observer, Scan};
use backupmon::source::Source;
use backupmon::source::listed::Listed;
use backupmon::store::Sqlite;
use backupmon::store::kept::KeptReports;
use backupmon::store::{EntryFilter, Store, Unit};
use backupmon::vault::Vault;
use chrono::TimeDelta;
use serde_json::{Value, json};

use crate::faulty_store::{Fault, FaultyStore};

pub struct World {
    pub now: Time,
    pub source: Listed,
    pub store: Sqlite,
    pub config: Config,
    pub vault: Vault,
    /// Whether scans promote; the simulated year does without.
    pub keeps_versions: bool,
    pub kept: KeptReports,
    reports: usize,
    /// The run's deadline is over before it reads anything.
    pub late: bool,
    /// So far the clock is set on, or back, while a scan goes on.
    pub clock_step: TimeDelta,
    root: PathBuf,
    _folder: tempfile::TempDir,
}

/// Nobody looks; a scan ends at the moment at which it began, unless its deadline is said to be over.
pub struct Unwatched {
    pub now: Time,
    pub late: bool,
}

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
        self.late
    }
    fn now(&self) -> Time {
        self.now
    }
}

/// In memory where the machine has such a folder: what is kept is synced.
fn folder() -> tempfile::TempDir {
    let memory = Path::new("/dev/shm");
    if memory.is_dir() { tempfile::tempdir_in(memory).unwrap() } else { tempfile::tempdir().unwrap() }
}

pub fn at(text: &str) -> Time {
    text.parse().unwrap()
}

pub fn agent(name: &str) -> AgentId {
    AgentId::new(name).unwrap()
}

pub fn key(agent_name: &str, database: &str) -> JobKey {
    JobKey { agent: agent(agent_name), database: DatabaseName::new(database).unwrap() }
}

/// A good entry: the staged file `NAME.sql` and its checksum.
pub fn good(file: &str, bytes: &[u8]) -> Value {
    json!({
        "BACKUP": {"status": true}, "COMPRESS": {"status": true, "sha256": Digest::of(bytes).to_string()},
        "TRANSFER": {"status": true}, "staged_file_name": file,
    })
}

pub fn failed(step: &str, message: &str) -> Value {
    json!({step: {"status": "False", "error_message": message}, "staged_file_name": ""})
}

impl World {
    /// Begins at `now` with this configuration; jobs are on trial for no time unless it says otherwise.
    pub fn new(now: &str, config: &str) -> Self {
        let folder = folder();
        let root = folder.path().to_owned();
        let (text, file, environment) = Self::configuration(&root, config);
        std::fs::create_dir_all(root.join("validated")).unwrap();
        let now = FixedClock::at(at(now)).now();
        Self {
            now,
            source: Listed::new(root.join("deposits")),
            store: Sqlite::in_memory(now, true).unwrap(),
            config: Config::from_toml(&text, &file, &environment).unwrap(),
            vault: Vault::new(root.join("validated")),
            keeps_versions: true,
            kept: KeptReports::new(root.join("state/reports")),
            reports: 0,
            late: false,
            clock_step: TimeDelta::zero(),
            root,
            _folder: folder,
        }
    }

    fn configuration(root: &Path, config: &str) -> (String, PathBuf, Environment) {
        let text = format!(
            "[promote]\nmin_free = '0'\n[paths]\ndeposits = {:?}\nvalidated = {:?}\nstate = {:?}\nsite = {:?}\n{}\n{config}",
            root.join("deposits"),
            root.join("validated"),
            root.join("state/state.db"),
            root.join("site"),
            if config.contains("[scan]") { "" } else { "[scan]\ntrial_days = 0" },
        );
        let environment = Environment {
            vars: std::collections::BTreeMap::new(),
            home: Some(PathBuf::from("/nonexistent")),
            current_dir: root.to_owned(),
            system_file: root.join("none.toml"),
            server_timezone: chrono_tz::UTC,
        };
        (text, root.join("config.toml"), environment)
    }

    /// Reads another configuration from now on; the paths stay.
    pub fn configure(&mut self, config: &str) {
        let (text, file, environment) = Self::configuration(&self.root, config);
        self.config = Config::from_toml(&text, &file, &environment).unwrap();
    }

    pub fn pass(&mut self, span: TimeDelta) -> &mut Self {
        self.now += span;
        self
    }

    /// Puts a report of `agent` with these entries, that ended at its own time `own`; it lies there since now.
    pub fn report(&mut self, agent_name: &str, own: &str, entries: Value) -> String {
        self.reports += 1;
        let file = format!("{:04}.json", self.reports);
        let mut report = json!({"agent_id": agent_name, "databases": entries});
        if !own.is_empty() {
            report["operation_end_time"] = json!(own);
        }
        self.source.put_report(&agent(agent_name), &file, report.to_string(), self.now);
        file
    }

    pub fn dump(&mut self, agent_name: &str, file: &str, bytes: &[u8]) {
        self.source.put_dump(&agent(agent_name), file, bytes, self.now);
    }

    /// The folder or file of this name beside the state's.
    pub fn path(&self, name: &str) -> PathBuf {
        self.root.join(name)
    }

    /// Verifies and records, and copies nothing.
    pub fn scan_only(&mut self) -> Summary {
        self.scan_as(false, None, None)
    }

    pub fn scan(&mut self) -> Summary {
        self.scan_as(true, None, None)
    }

    /// Looks at one agent alone.
    pub fn scan_agent(&mut self, agent_name: &str) -> Summary {
        self.scan_as(true, None, Some(agent(agent_name)))
    }

    /// Scans other deposits than those in memory.
    pub fn scan_source(&mut self, source: &dyn Source) -> Summary {
        self.scan_as(true, Some(source), None)
    }

    fn scan_as(
        &mut self,
        promotes: bool,
        source: Option<&dyn Source>,
        only_agent: Option<AgentId>,
    ) -> Summary {
        let observer = self.observer();
        Scan {
            store: &mut self.store,
            source: source.unwrap_or(&self.source),
            config: &self.config,
            kept: &self.kept,
            vault: (promotes && self.keeps_versions).then_some(&self.vault),
            now: self.now,
            only_agent,
            dry_run: false,
            observer: &observer,
        }
        .run()
        .unwrap()
    }

    /// Scans, promotes and applies retention, as `run` does.
    pub fn run(&mut self) -> Summary {
        let observer = self.observer();
        whole_run(Scan {
            store: &mut self.store,
            source: &self.source,
            config: &self.config,
            kept: &self.kept,
            vault: Some(&self.vault),
            now: self.now,
            only_agent: None,
            dry_run: false,
            observer: &observer,
        })
        .unwrap()
    }

    /// A run that ends when its state fails at verb `nth`, as one that is killed there. Gives whether it came so far.
    pub fn run_that_dies(&mut self, nth: usize, fault: Fault) -> bool {
        let spare = Sqlite::in_memory(self.now, true).unwrap();
        let observer = self.observer();
        let mut store = FaultyStore::new(std::mem::replace(&mut self.store, spare), nth, fault);
        let ended = whole_run(Scan {
            store: &mut store,
            source: &self.source,
            config: &self.config,
            kept: &self.kept,
            vault: Some(&self.vault),
            now: self.now,
            only_agent: None,
            dry_run: false,
            observer: &observer,
        });
        let died = !store.is_armed();
        assert_eq!(ended.is_err(), died, "verb {nth}, {fault:?}");
        self.store = store.inner;
        died
    }

    /// Somebody says that what is held of the job is good.
    pub fn accept(&mut self, key: &JobKey) {
        let (mut job, mut unit) = (self.job(key), Unit::default());
        let word = Word { who: "somebody", why: Some("it was emptied"), now: self.now };
        accept::accept(&self.store, Some(&self.vault), &mut job, word, &mut unit).unwrap();
        unit.jobs.push(job);
        self.store.commit(&unit).unwrap();
    }

    fn observer(&self) -> Unwatched {
        Unwatched { now: self.now + self.clock_step, late: self.late }
    }

    pub fn versions(&self, key: &JobKey) -> Vec<Version> {
        self.store.versions(Some(&key.id())).unwrap()
    }

    pub fn job(&self, key: &JobKey) -> Job {
        self.store
            .jobs()
            .unwrap()
            .into_iter()
            .find(|job| job.key == *key)
            .unwrap_or_else(|| panic!("no job {key}"))
    }

    pub fn standing(&self, key: &JobKey) -> Standing {
        let job = self.job(key);
        let effective = self.config.effective(&job);
        let last = self
            .store
            .agents()
            .unwrap()
            .into_iter()
            .find(|a| a.id == key.agent)
            .and_then(|a| a.last_report_at);
        standing(
            &job,
            &effective.schedule,
            &windows(&self.config, &job, self.now),
            last,
            self.is_available(),
            self.now,
        )
    }

    fn is_available(&self) -> bool {
        !self.troubles().contains(&"deposits_unavailable")
    }

    pub fn status(&self, key: &JobKey) -> Status {
        self.standing(key).status
    }

    pub fn entries(&self, key: &JobKey) -> Vec<Entry> {
        self.store.entries(&EntryFilter { jobs: Some(vec![key.id()]), ..EntryFilter::default() }).unwrap()
    }

    /// `STATUS cause` of each entry, oldest first; `superseded` for one without a status.
    pub fn history(&self, key: &JobKey) -> Vec<String> {
        self.entries(key)
            .iter()
            .map(|entry| match (entry.status, entry.cause) {
                (Some(status), Some(cause)) => format!("{status} {cause}"),
                (Some(status), None) => status.to_string(),
                (None, _) => "superseded".to_owned(),
            })
            .collect()
    }

    pub fn open_incidents(&self) -> Vec<Incident> {
        self.store.incidents(None).unwrap()
    }

    /// The kinds of the open incidents.
    pub fn troubles(&self) -> Vec<&'static str> {
        self.open_incidents().iter().map(|incident| incident.subject.kind.word()).collect()
    }
}

fn whole_run(mut scan: Scan) -> backupmon::store::Result<Summary> {
    let last_scan = scan.store.meta()?.last_scan.map(|scan| scan.finished_at);
    let mut summary = scan.run()?;
    let mut jobs = scan::world::World::load(scan.store, scan.config, scan.vault, scan.now)?;
    promote_pending(&mut scan, &mut jobs, &mut summary)?;
    apply_retention(&mut scan, &jobs, &mut summary, None, last_scan)?;
    Ok(summary)
}
