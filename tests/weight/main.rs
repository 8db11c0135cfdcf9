//! Time, memory and weight of the site of a large fleet, by the program itself:
//! `cargo test --release --test weight -- --ignored --nocapture`.

mod fleet;

use std::fs;
use std::io::Read as _;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

use backupmon::store::Sqlite;

use crate::fleet::{AGENTS, JOBS_EACH, fill, news, now};

const JOBS: usize = AGENTS * JOBS_EACH;

/// What one run of `report` took.
#[derive(Debug)]
struct Cost {
    changed: u64,
    /// Time of a processor: what a busy machine does not distort.
    worked: Duration,
    /// Of resident memory, at its highest.
    bytes: u64,
}

fn report(folder: &Path) -> Cost {
    let mut child = Command::new(env!("CARGO_BIN_EXE_backupmon"))
        .args(["--config", "config.toml", "--json", "--now", &now().to_rfc3339(), "report"])
        .current_dir(folder)
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let (mut bytes, mut worked) = (0, Duration::ZERO);
    while child.try_wait().unwrap().is_none() {
        bytes = bytes.max(peak(child.id()).unwrap_or_default());
        worked = worked.max(processor(child.id()).unwrap_or_default());
        std::thread::sleep(Duration::from_millis(2));
    }
    assert!(child.wait().unwrap().success());
    let mut out = String::new();
    child.stdout.take().unwrap().read_to_string(&mut out).unwrap();
    let document: serde_json::Value = serde_json::from_str(&out).unwrap();
    Cost { changed: document["files_changed"].as_u64().unwrap(), worked, bytes }
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

#[test]
#[ignore = "measures the time of a release build; takes a minute"]
fn the_site_of_a_large_fleet_costs_what_it_may() {
    let folder = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).unwrap();
    let root = folder.path();
    fs::write(
        root.join("config.toml"),
        "[paths]\ndeposits = \"deposits\"\nvalidated = \"validated\"\nstate = \"state.db\"\nsite = \"site\"\n",
    )
    .unwrap();
    let mut store = Sqlite::open(&root.join("state.db"), fleet::begin(), true).unwrap();
    fill(&mut store);
    let all = report(root);
    println!("all pages of {JOBS} jobs new: {all:?}");
    let none = report(root);
    println!("nothing changed: {none:?}");
    news(&mut store, JOBS / 100);
    drop(store);
    let usual = report(root);
    println!("a hundredth changed: {usual:?}");
    let size = |path: &str| fs::metadata(root.join("site").join(path)).unwrap().len();
    for path in
        ["index.html", "agents.html", "alerts.html", "api/jobs.json", "metrics.prom", "data/.pages.json"]
    {
        println!("{path}: {} kB", size(path) / 1000);
    }
    let jobs = fs::read_dir(root.join("site/jobs")).unwrap();
    let pages: u64 = jobs.map(|page| page.unwrap().metadata().unwrap().len()).sum();
    println!("a job's page: {} kB", pages / JOBS as u64 / 1000);

    // The overview, health.json and the metrics tell of the disk, on which these pages were just written.
    assert!(all.changed > 2 * JOBS as u64 && none.changed <= 3, "{all:?} {none:?}");
    assert!(usual.changed < JOBS as u64 / 20, "{usual:?}");
    assert!(size("index.html") < 350_000);
    for cost in [&all, &none, &usual] {
        assert!(cost.bytes < 64 * 1024 * 1024, "{cost:?}");
    }
    if !cfg!(debug_assertions) {
        assert!(all.worked < Duration::from_secs(10), "{all:?}");
        assert!(usual.worked < Duration::from_secs(1), "{usual:?}");
    }
}
