//! Agents that deposit more than a scan can read: the others are served all the same, and what is left is told.

use std::fs;
use std::io::Write as _;

use backupmon::domain::Status;
use backupmon::source::deposit::{DepositTree, FolderNames};
use backupmon::store::{ReportRecord, ReportState, Store as _, Unit};
use chrono::TimeDelta;
use serde_json::{Value, json};

use crate::world::{World, agent, good, key};

const ENDLESS: u64 = 8 << 40;
const HONEST: &str = "ZZ_HONEST_AGENT";

/// A deposit on the disk, for a file that is none in memory.
fn deposit(world: &World, agent: &str, name: &str, databases: &Value) {
    let log = world.path("deposits").join(agent).join("log");
    fs::create_dir_all(&log).unwrap();
    fs::create_dir_all(log.with_file_name("databases")).unwrap();
    let report = json!({"agent_id": agent, "operation_end_time": world.now, "databases": databases});
    fs::write(log.join(name), report.to_string()).unwrap();
}

fn dump(world: &World, agent: &str, file: &str) -> fs::File {
    let folder = world.path("deposits").join(agent).join("databases");
    fs::create_dir_all(&folder).unwrap();
    fs::File::create(folder.join(file)).unwrap()
}

#[test]
fn files_without_end_delay_nobody_and_end_with_the_deadline() {
    let mut world = World::new("2026-06-15T08:00:00Z", "[scan]\nthreads = 2\ntrial_days = 0");
    // More readers' worth of endless files than there are readers, before the honest agent's in any order of names.
    for agent in ["A_STOLEN", "B_STOLEN", "C_STOLEN"] {
        dump(&world, agent, "endless.bin").set_len(ENDLESS).unwrap();
        let claim = good("endless.bin", b"whatever");
        deposit(&world, agent, "1.json", &json!({"ONE": claim, "TWO": good("absent.bin", b"x")}));
    }
    let source = DepositTree::new(vec![world.path("deposits")], FolderNames::default());
    let (job, endless) = (key(HONEST, "DB"), key("A_STOLEN", "ONE"));
    world.time_for = 4 << 20;
    for (day, bytes) in [b"first day", b"other day"].into_iter().enumerate() {
        dump(&world, HONEST, "db.bin").write_all(bytes).unwrap();
        deposit(&world, HONEST, &format!("{day}.json"), &json!({"DB": good("db.bin", bytes)}));
        let summary = world.scan_source(&source);
        assert_eq!(world.status(&job), Status::Success, "{:?}", summary.not_done);
        assert_eq!(summary.versions_promoted, 1);
        assert_eq!(summary.not_done, ["the run's deadline came with 3 files unread; the next run goes on"]);
        assert!(world.standing(&endless).verifying && world.history(&endless).is_empty());
        world.pass(TimeDelta::hours(24));
    }
    // The third day: what waits to be read for so long is told.
    world.scan_source(&source);
    assert!(world.troubles().contains(&"backlog"), "{:?}", world.troubles());
}

/// A report of tiny entries, which take far more memory than their bytes.
fn flood(world: &World, number: usize) -> String {
    let databases: serde_json::Map<String, Value> = (0..1000).map(|n| (format!("D{n}"), json!({}))).collect();
    let own = world.now - TimeDelta::minutes(1000) + TimeDelta::minutes(i64::try_from(number).unwrap());
    json!({"agent_id": FLOOD, "operation_end_time": own, "databases": databases}).to_string()
}

const FLOOD: &str = "A_FLOOD";
/// More than three scans take in.
const REPORTS: usize = 100;

fn flooded() -> World {
    let mut world = World::new("2026-06-15T08:00:00Z", "[scan]\nmax_jobs_per_agent = 3\ntrial_days = 0");
    for number in 0..REPORTS {
        let bytes = flood(&world, number);
        let at = world.now - TimeDelta::minutes(1000) + TimeDelta::minutes(i64::try_from(number).unwrap());
        world.source.put_report(&agent(FLOOD), &format!("{number:04}.json"), bytes, at);
    }
    world.dump(HONEST, "db.bin", b"honest");
    world.report(HONEST, "2026-06-15T07:30:00Z", json!({"DB": good("db.bin", b"honest")}));
    world
}

#[test]
fn a_flood_of_reports_comes_in_over_several_scans_the_newest_first_and_is_told() {
    let mut world = flooded();
    let first = world.scan();
    assert_eq!(world.status(&key(HONEST, "DB")), Status::Success);
    assert!(world.troubles().contains(&"deposit_unreadable"), "{:?}", world.troubles());
    let taken = world.store.reports_of(&agent(FLOOD)).unwrap();
    assert!(taken.len() < REPORTS / 2, "{} reports in one scan", taken.len());
    assert!(taken.iter().any(|report| report.file == format!("{:04}.json", REPORTS - 1)));
    assert_eq!(first.reports.waiting, (REPORTS - taken.len()) as u64);
    let job = world.job(&key(FLOOD, "D0")).state;
    for _ in 0..4 {
        world.pass(TimeDelta::minutes(15)).scan();
    }
    // The older ones came later: they are in the history, and changed nothing.
    assert_eq!(world.store.reports_of(&agent(FLOOD)).unwrap().len(), REPORTS);
    assert_eq!(world.job(&key(FLOOD, "D0")).state.newest, job.newest);
    assert_eq!(world.history(&key(FLOOD, "D0")).len(), REPORTS);
    assert!(!world.troubles().contains(&"deposit_unreadable"));
}

#[test]
fn reports_that_a_killed_run_left_open_do_not_come_back_all_at_once() {
    let mut world = flooded();
    // As many scans that died after their harvest: all are kept and open.
    for _ in 0..5 {
        world.pass(TimeDelta::minutes(15)).scan();
    }
    for report in world.store.reports_of(&agent(FLOOD)).unwrap() {
        let report = ReportRecord { state: ReportState::Open, ..report };
        world.store.commit(&Unit { report: Some(report), ..Unit::default() }).unwrap();
    }
    for number in 0..REPORTS {
        world.source.remove_report(&agent(FLOOD), &format!("{number:04}.json"), world.now);
    }
    let mut open = REPORTS;
    for scan in 1..=4 {
        world.pass(TimeDelta::minutes(15)).scan();
        let left = world.store.open_reports().unwrap().len();
        assert!(left < open && (scan > 1 || left > REPORTS / 2), "scan {scan}: {left} of {open} are left");
        open = left;
    }
    assert_eq!(open, 0);
}
