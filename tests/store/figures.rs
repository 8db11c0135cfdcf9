//! Figures, not promises: `cargo test --release --test store figures -- --ignored --nocapture`.

use std::time::Instant;

use backupmon::domain::{Entry, JobId, Settings};
use backupmon::store::{EntryFilter, Sqlite, Store, Unit};

use crate::sample::*;

const AGENTS: usize = 400;
const JOBS_EACH: usize = 50;

fn key(agent: usize, job: usize) -> String {
    format!("SIRPACAM_DOUALA_{agent:03}/SDMC_DOUALA_AKWA_{job:03}_2025")
}

/// Nanoseconds that this thread ran on a processor: what a busy machine does not distort.
fn on_processor() -> f64 {
    let stat = std::fs::read_to_string("/proc/thread-self/schedstat").unwrap();
    stat.split(' ').next().unwrap().parse().unwrap()
}

fn timed<T>(what: &str, run: impl FnOnce() -> T) -> T {
    let (start, processor) = (Instant::now(), on_processor());
    let outcome = run();
    let processor = (on_processor() - processor) / 1e6;
    println!("{what}: {:.1} ms ({processor:.1} ms of processor)", start.elapsed().as_secs_f64() * 1e3);
    outcome
}

fn day(store: &mut Sqlite, day: i64) {
    for agent in 0..AGENTS {
        let name = format!("SIRPACAM_DOUALA_{agent:03}");
        let file = format!("2025-06-20_08-37-35_{name}_{day}.json");
        let mut unit =
            Unit { agents: vec![plain_agent(&name)], report: Some(report(&name, &file)), ..Unit::default() };
        for job in 0..JOBS_EACH {
            let key = key(agent, job);
            let mut full = full_job(&key);
            full.settings = Settings::default().into();
            full.pauses.clear();
            full.state.waiting = None;
            full.state.trial_days.clear();
            unit.jobs.push(full);
            let entry = full_entry(&key);
            let judged_at = at(day * 1440);
            unit.entries.push(Entry { report_id: Some(0), report: Some(file.clone()), judged_at, ..entry });
        }
        store.commit(&unit).unwrap();
    }
}

#[test]
#[ignore = "measures"]
fn figures() {
    let folder = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).unwrap();
    let path = folder.path().join("state.db");
    let mut store = Sqlite::open(&path, at(0), true).unwrap();
    timed("first 400 units of 50 jobs and 50 entries", || day(&mut store, 0));
    for n in 1..20 {
        day(&mut store, n);
    }
    timed("the same after 20 days (400,000 entries)", || day(&mut store, 20));
    println!("state: {} MB", std::fs::metadata(&path).unwrap().len() / 1_000_000);
    drop(store);
    let store = timed("open", || Sqlite::open(&path, at(0), true).unwrap());
    assert_eq!(timed("load 20,000 jobs", || store.jobs().unwrap()).len(), AGENTS * JOBS_EACH);
    timed("load them again", || store.jobs().unwrap());
    timed("last 30 entries of 20,000 jobs, one by one", || {
        for agent in 0..AGENTS {
            for job in 0..JOBS_EACH {
                let jobs: Option<Vec<JobId>> = Some(vec![id(&key(agent, job))]);
                store.entries(&EntryFilter { jobs, limit: Some(30), ..EntryFilter::default() }).unwrap();
            }
        }
    });
    let copy = folder.path().join("copy.db");
    timed("copy", || store.copy_to(&copy).unwrap());
    timed("check", || store.check().unwrap());
}
