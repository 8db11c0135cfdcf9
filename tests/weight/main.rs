//! Time, memory and weight of the site of a large fleet, by the program itself:
//! `cargo test --release --test weight -- --ignored --nocapture`.

mod deposits;
mod fleet;

use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

use backupmon::store::Sqlite;

use crate::deposits::deposit;
use crate::fleet::{JOBS_EACH, MONTH, fill, news, now};

/// Of the large fleet: 20,000 jobs.
const AGENTS: usize = 400;
const JOBS: usize = AGENTS * JOBS_EACH;
/// What a command may take at [`JOBS`] jobs.
const PROMISE: u64 = 64 * 1024 * 1024;
/// What the program itself takes of it, with the pages of its file.
const ITSELF: u64 = 16 * 1024 * 1024;
/// What `SQLite` keeps of the file's pages, at most.
const CACHE: u64 = 2 * 1024 * 1024;

const PATHS: &str =
    "[paths]\ndeposits = \"deposits\"\nvalidated = \"validated\"\nstate = \"state.db\"\nsite = \"site\"\n";

/// What one run of a command took.
#[derive(Debug)]
struct Cost {
    said: serde_json::Value,
    /// Time of a processor: what a busy machine distorts least.
    worked: Duration,
    /// Of resident memory, at its highest.
    bytes: u64,
}

impl Cost {
    /// Files that `report` changed.
    fn changed(&self) -> u64 {
        self.said["files_changed"].as_u64().unwrap()
    }

    fn tell(&self, what: &str) {
        println!("{what}: {} ms of a processor, {} kB of memory", self.worked.as_millis(), self.bytes / 1024);
    }
}

/// Under the moment of the fleet; a command that is asked for `--json` says what it did.
fn run(folder: &Path, command: &[&str]) -> Cost {
    measure(folder, &[&["--now", &now().to_rfc3339()], command].concat())
}

fn measure(folder: &Path, arguments: &[&str]) -> Cost {
    let mut child = Command::new(env!("CARGO_BIN_EXE_backupmon"))
        .args(["--config", "config.toml"])
        .args(arguments)
        .current_dir(folder)
        .stdout(fs::File::create(folder.join("said.json")).unwrap())
        .stderr(Stdio::inherit())
        .spawn()
        .unwrap();
    let (mut bytes, mut worked) = (0, Duration::ZERO);
    while child.try_wait().unwrap().is_none() {
        bytes = bytes.max(peak(child.id()).unwrap_or_default());
        worked = worked.max(processor(child.id()).unwrap_or_default());
        std::thread::sleep(Duration::from_millis(2));
    }
    // What is found is told by the exit code of `check`. A table is no document.
    let said = serde_json::from_slice(&fs::read(folder.join("said.json")).unwrap()).unwrap_or_default();
    Cost { said, worked, bytes }
}

/// A folder with a fleet of so many agents, and its state.
fn fleet_of(agents: usize, days: i64) -> (tempfile::TempDir, Sqlite) {
    let folder = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).unwrap();
    fs::write(folder.path().join("config.toml"), PATHS).unwrap();
    let mut store = Sqlite::open(&folder.path().join("state.db"), fleet::begin(), true).unwrap();
    fill(&mut store, agents, days);
    (folder, store)
}

/// `VmHWM` of a process, in bytes.
fn peak(process: u32) -> Option<u64> {
    let status = fs::read_to_string(format!("/proc/{process}/status")).ok()?;
    let line = status.lines().find(|line| line.starts_with("VmHWM:"))?;
    Some(line.split_whitespace().nth(1)?.parse::<u64>().ok()? * 1024)
}

/// Time that the threads of a process ran, in the hundredths of a second of `/proc`.
fn processor(process: u32) -> Option<Duration> {
    let stat = fs::read_to_string(format!("/proc/{process}/stat")).ok()?;
    let fields: Vec<&str> = stat.rsplit_once(')')?.1.split_whitespace().collect();
    let ticks: u64 = fields.get(11)?.parse::<u64>().ok()? + fields.get(12)?.parse::<u64>().ok()?;
    Some(Duration::from_millis(ticks * 10))
}

/// What jobs add is measured between two fleets, so that the program itself, which is larger in a debug build, is not in
/// it.
#[test]
fn what_a_job_takes_of_memory_leaves_room_for_twenty_thousand() {
    let (small, large) = (20, 60);
    let [(small_folder, _), (large_folder, _)] = [small, large].map(|agents| fleet_of(agents, 3));
    let jobs = ((large - small) * JOBS_EACH) as u64;
    let room = (PROMISE - ITSELF - CACHE) / JOBS as u64 * jobs + CACHE;
    for command in [&["report"][..], &["check"], &["agents", "list"], &["jobs", "list"]] {
        let costs = [small_folder.path(), large_folder.path()].map(|folder| run(folder, command));
        let [few, many] = costs.map(|cost| cost.bytes);
        let more = many.saturating_sub(few);
        println!("{command:?}: {jobs} jobs more take {} kB, may take {} kB", more / 1024, room / 1024);
        assert!(more > 0 && few > 4 * 1024 * 1024, "{command:?}: nothing was measured");
        assert!(more <= room, "{command:?}: {jobs} jobs more take {more} bytes");
    }
}

#[test]
#[ignore = "wants a release build; takes a minute"]
fn the_site_of_a_large_fleet_costs_what_it_may() {
    let (folder, mut store) = fleet_of(AGENTS, MONTH);
    let root = folder.path();
    let all = run(root, &["report", "--json"]);
    all.tell("report, all pages of 20,000 jobs new");
    let none = run(root, &["report", "--json"]);
    none.tell("report, nothing changed");
    news(&mut store, JOBS / 100);
    drop(store);
    let usual = run(root, &["report", "--json"]);
    usual.tell("report, a hundredth changed");
    let check = run(root, &["check"]);
    check.tell("check");
    let list = run(root, &["jobs", "list"]);
    list.tell("jobs list");
    let size = |path: &str| fs::metadata(root.join("site").join(path)).unwrap().len();
    for path in
        ["index.html", "agents.html", "alerts.html", "api/jobs.json", "metrics.prom", "data/.pages.json"]
    {
        println!("{path}: {} kB", size(path) / 1000);
    }
    let jobs = fs::read_dir(root.join("site/jobs")).unwrap();
    let pages: u64 = jobs.map(|page| page.unwrap().metadata().unwrap().len()).sum();
    println!("a job's page: {} kB", pages / JOBS as u64 / 1000);

    // The times are printed only: they say nothing where something else is at work. The overview, health.json and the
    // metrics tell of the disk, on which these pages were just written.
    assert!(all.changed() > 2 * JOBS as u64 && none.changed() <= 3, "{all:?} {none:?}");
    assert!(usual.changed() < JOBS as u64 / 20, "{usual:?}");
    assert!(size("index.html") < 350_000);
    for cost in [&all, &none, &usual, &check, &list] {
        assert!(cost.bytes < PROMISE, "{} kB", cost.bytes / 1024);
    }
}

/// The real thing: deposits that are verified and promoted, and a run that finds nothing new.
#[test]
#[ignore = "wants a release build; takes two minutes"]
fn a_quiet_run_over_a_large_fleet_stays_small() {
    let folder = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).unwrap();
    let root = folder.path();
    fs::write(root.join("config.toml"), format!("{PATHS}[scan]\nsettle = \"0s\"\n")).unwrap();
    deposit(&root.join("deposits"), AGENTS);
    let first = measure(root, &["run", "--json"]);
    first.tell("first run, 20,000 jobs");
    assert_eq!(first.said["versions_promoted"], JOBS as u64, "{first:?}");
    // The first that finds nothing new makes the pages anew in which a settling time has passed.
    let quiet = [(); 3].map(|()| measure(root, &["run", "--json"]));
    for cost in &quiet {
        cost.tell("quiet run");
        assert_eq!(cost.said["reports"]["judged"], 0);
        assert!(cost.bytes < PROMISE, "{} kB", cost.bytes / 1024);
    }
}
