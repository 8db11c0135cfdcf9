//! What went wrong once, and must not again.

use backupmon::domain::Status;
use backupmon::source::Fault;
use backupmon::source::deposit::{DepositTree, FolderNames};
use backupmon::source::listed::{Place, Times};
use backupmon::store::{ReportState, Store as _};
use chrono::TimeDelta;
use serde_json::json;

use crate::world::{World, agent, at, failed, good, key};

const A: &str = "SIRPACAM_DOUALA_NEWBELL";
const MINUTES: fn(i64) -> TimeDelta = TimeDelta::minutes;
const HOURS: fn(i64) -> TimeDelta = TimeDelta::hours;
const DAYS: fn(i64) -> TimeDelta = TimeDelta::days;

fn fleet(size: usize) -> World {
    let mut world = World::new("2026-06-15T08:00:00Z", "");
    for n in 0..size {
        world.report(&format!("A_{n:02}"), "2026-06-15T07:59:00Z", json!({"DB": failed("BACKUP", "x")}));
    }
    world.scan();
    world
}

/// The kinds of the open incidents that are no job's own.
fn problems(world: &World) -> Vec<&'static str> {
    world.troubles().into_iter().filter(|kind| *kind != "job").collect()
}

fn rows(world: &World) -> Vec<(String, ReportState)> {
    let rows = world.store.reports_of(&agent(A)).unwrap();
    rows.into_iter().map(|record| (record.file, record.state)).collect()
}

#[test]
fn a_rejected_report_whose_file_is_only_touched_stays_rejected_and_is_told_once() {
    let mut world = World::new("2026-06-15T08:00:00Z", "");
    let written = world.now - HOURS(1);
    world.source.put_report(&agent(A), "r.json", "", Times { mtime: written, ctime: written });
    assert_eq!(world.scan().reports.rejected, 1);
    for _ in 0..3 {
        world.pass(HOURS(24));
        let touched = Times { mtime: written, ctime: world.now };
        world.source.put_report(&agent(A), "r.json", "", touched);
        let again = world.scan();
        assert_eq!((again.reports.rejected, again.reports.waiting), (0, 0));
        assert_eq!(rows(&world), [("r.json".to_owned(), ReportState::Rejected)]);
        assert_eq!(world.pass(MINUTES(15)).scan().reports.rejected, 0);
    }
    assert_eq!(problems(&world), ["report_unreadable", "agent_never_reported"]);
}

#[test]
fn a_rejected_report_that_is_overwritten_and_put_back_leaves_nothing_behind() {
    let mut world = World::new("2026-06-15T08:00:00Z", "");
    let written = world.now - HOURS(1);
    world.source.put_report(&agent(A), "r.json", "{", Times { mtime: written, ctime: written });
    world.scan();
    world.pass(HOURS(1));
    world.source.put_report(&agent(A), "r.json", "{\"agent", world.now);
    assert_eq!(world.scan().reports.waiting, 1);
    world.pass(MINUTES(5));
    world.source.put_report(&agent(A), "r.json", "{", Times { mtime: written, ctime: world.now });
    world.scan();
    assert_eq!(rows(&world), [("r.json".to_owned(), ReportState::Rejected)]);
    // The agent's name becomes known as an alias: what was rejected is read after all, when its file is touched.
    let own = json!({"agent_id": "OTHER", "databases": {"DB": failed("BACKUP", "x")}}).to_string();
    let put = |world: &mut World, bytes: &str, mtime| {
        world.source.put_report(&agent(A), "s.json", bytes, Times { mtime, ctime: world.now });
        world.scan()
    };
    put(&mut world, &own, written);
    world.pass(HOURS(1));
    put(&mut world, &own, written);
    assert_eq!(put(&mut world, "{", written + HOURS(3)).reports.waiting, 1);
    world.configure("[[rule]]\nmatch = { agent = \"SIRPACAM_*\" }\naliases = [\"OTHER\"]");
    assert_eq!(put(&mut world, &own, written).reports.judged, 1);
    assert_eq!(rows(&world)[1..], [("s.json".to_owned(), ReportState::Judged)]);
}

#[test]
fn agents_that_go_one_by_one_are_their_own_problem_each() {
    let mut world = fleet(30);
    for n in 0..4 {
        world.pass(DAYS(30));
        world.source.remove_agent(&agent(&format!("A_{n:02}")));
        assert!(world.scan().not_done.is_empty(), "{n}");
    }
    assert_eq!(problems(&world), ["deposit_unreadable"; 4]);
    let missed = world.history(&key("A_20", "DB")).len();
    world.pass(DAYS(30)).scan();
    assert!(world.history(&key("A_20", "DB")).len() > missed);
    // Two more at once are still theirs; three are the server's.
    for (n, kind) in [(10, "deposit_unreadable"), (20, "deposits_unavailable")] {
        world.pass(HOURS(1));
        for gone in n..n + if n == 10 { 2 } else { 3 } {
            world.source.remove_agent(&agent(&format!("A_{gone}")));
        }
        world.scan();
        assert_eq!(problems(&world).last(), Some(&kind));
    }
    assert_eq!(problems(&world).len(), 7);
}

#[test]
fn the_folder_of_an_agent_that_is_retired_is_missed_by_nobody() {
    let mut world = fleet(12);
    for n in 0..3 {
        let name = format!("A_{n:02}");
        let mut job = world.job(&key(&name, "DB"));
        if n == 0 {
            job.ignored = true;
        } else {
            job.retired_at = Some(world.now);
        }
        world.store.commit(&backupmon::store::Unit { jobs: vec![job], ..Default::default() }).unwrap();
        world.source.remove_agent(&agent(&name));
    }
    world.pass(HOURS(1));
    assert!(world.scan().not_done.is_empty());
    assert!(problems(&world).is_empty(), "{:?}", problems(&world));
}

#[test]
fn folders_that_were_never_readable_do_not_make_the_deposits_unavailable() {
    let mut world = fleet(5);
    for name in ["NEW_1", "NEW_2", "NEW_3"] {
        world.source.put_agent(&agent(name));
        world.source.inject(Place::Agent(agent(name)), Fault::Agents("permission denied".into()));
    }
    assert!(world.scan().not_done.is_empty());
    assert_eq!(problems(&world), ["deposit_unreadable"; 3]);
}

#[test]
fn an_open_report_replaced_by_what_is_no_file_is_judged_from_its_kept_bytes() {
    let mut world = World::new("2026-06-15T08:00:00Z", "");
    let file = world.report(A, "2026-06-15T07:59:00Z", json!({"DB": good("db.bin", b"x")}));
    world.scan();
    world.source.inject(Place::Report(agent(A), file.clone()), Fault::WrongKind("a symbolic link"));
    assert_eq!(world.pass(HOURS(1)).scan().reports.rejected, 1);
    assert_eq!(world.history(&key(A, "DB")), ["FAILED file_absent"]);
    assert!(problems(&world).contains(&"report_unreadable"));
    assert_eq!(world.pass(HOURS(1)).scan().reports.rejected, 0, "told once");
    assert_eq!(rows(&world), [(file.clone(), ReportState::Judged), (file, ReportState::Rejected)]);
}

#[test]
fn a_scan_of_one_agent_says_nothing_of_the_server() {
    let mut world = fleet(10);
    let whole = world.store.meta().unwrap().last_scan;
    for n in 0..3 {
        world.source.remove_agent(&agent(&format!("A_{n:02}")));
    }
    world.pass(HOURS(1)).scan_agent("A_05");
    assert_eq!(world.store.meta().unwrap().last_scan, whole, "the others were not looked at");
    world.pass(HOURS(1)).scan();
    assert_eq!(problems(&world), ["deposits_unavailable"]);
    world.pass(HOURS(40)).scan_agent("A_05");
    assert_eq!(problems(&world), ["deposits_unavailable"]);
    assert_eq!(world.history(&key("A_05", "DB")).last().unwrap(), "MISSING no_report");
    // Whether its folder is gone or not mounted, the look at it alone cannot tell.
    world.scan_agent("A_01");
    assert_eq!(problems(&world), ["deposits_unavailable"]);
    assert_eq!(world.history(&key("A_01", "DB")), ["FAILED backup_failed"]);
}

#[test]
fn what_one_of_an_agents_reports_shows_another_does_not_hide() {
    let mut world = World::new("2026-06-15T08:00:00Z", "[scan]\nmax_jobs_per_agent = 1\ntrial_days = 0");
    let bad = json!({"../x": failed("BACKUP", "x"), "B": failed("BACKUP", "x"), "C": failed("BACKUP", "x")});
    let report = |world: &mut World, entries| {
        let own = world.now.to_rfc3339();
        world.report(A, &own, entries);
    };
    for day in 0..3 {
        report(&mut world, bad.clone());
        report(&mut world, json!({"B": failed("BACKUP", "x")}));
        world.scan();
        assert_eq!(problems(&world), ["name_invalid", "too_many_jobs"], "day {day}");
        // The other half comes in another scan.
        world.pass(HOURS(1));
        report(&mut world, json!({"B": failed("BACKUP", "y")}));
        world.scan();
        assert_eq!(problems(&world), ["name_invalid", "too_many_jobs"], "day {day}");
        world.pass(HOURS(24));
    }
    let opened: Vec<_> = world.open_incidents().iter().map(|incident| incident.opened_at).collect();
    assert!(opened.iter().all(|opened| *opened == at("2026-06-15T08:00:00Z")), "{opened:?}");
    // It ends when a day and a half passed without it.
    world.pass(HOURS(11));
    report(&mut world, json!({"B": failed("BACKUP", "z")}));
    world.scan();
    assert!(problems(&world).is_empty(), "{:?}", problems(&world));
}

#[test]
fn a_clock_is_right_again_by_a_later_report_and_not_by_an_older_one() {
    let mut world = World::new("2026-06-15T08:00:00Z", "");
    world.report(A, "2026-06-15T07:59:00Z", json!({"WAITS": good("w.bin", b"w")}));
    world.report(A, "2027-06-15T07:00:00Z", json!({"DB": failed("BACKUP", "x")}));
    world.scan();
    assert_eq!(problems(&world), ["clock_skew"]);
    world.pass(MINUTES(5)).scan();
    assert_eq!(problems(&world), ["clock_skew"], "the older one that waits was right before");
    world.report(A, "", json!({"DB": failed("BACKUP", "x")}));
    world.scan();
    assert_eq!(problems(&world), ["clock_skew"], "a report without a time shows no clock");
    world.report(A, "2026-06-15T08:04:00Z", json!({"DB": failed("BACKUP", "y")}));
    world.scan();
    assert!(problems(&world).is_empty());
}

#[test]
fn a_report_that_waits_for_its_file_says_nothing_more_of_the_clock() {
    let mut world = World::new("2026-06-15T08:00:00Z", "");
    world.report(A, "2026-06-16T07:00:00Z", json!({"DB": failed("BACKUP", "x")}));
    world.scan();
    // Both came after it was told, and the newer one is ahead again.
    world.pass(MINUTES(5));
    world.report(A, "2026-06-15T08:04:00Z", json!({"WAITS": good("w.bin", b"w")}));
    world.pass(MINUTES(1));
    world.report(A, "2026-06-16T07:05:00Z", json!({"DB": failed("BACKUP", "y")}));
    for _ in 0..2 {
        world.scan();
        assert_eq!(problems(&world), ["clock_skew"]);
        world.pass(MINUTES(1));
    }

    world.report(A, "2026-06-16T07:08:00Z", json!({"WAITS_TOO": good("v.bin", b"v")}));
    world.pass(MINUTES(1));
    world.report(A, "2026-06-15T08:09:00Z", json!({"DB": failed("BACKUP", "z")}));
    for _ in 0..2 {
        world.scan();
        assert!(problems(&world).is_empty(), "it is right since, and the waiting one is no news");
        world.pass(MINUTES(1));
    }
}

#[test]
fn kept_bytes_that_cannot_be_read_now_are_not_lost() {
    let mut world = World::new("2026-06-15T08:00:00Z", "");
    let file = world.report(A, "2026-06-15T07:59:00Z", json!({"DB": good("db.bin", b"x")}));
    world.scan();
    let content = world.store.reports_of(&agent(A)).unwrap()[0].content.unwrap();
    let kept = world.path(&format!("state/reports/{}/{content}.gz", content.short(2)));
    let aside = world.path("aside");
    std::fs::rename(&kept, &aside).unwrap();
    // A folder in its place opens, and every read of it fails.
    std::fs::create_dir(&kept).unwrap();
    world.source.remove_report(&agent(A), &file, world.now);
    world.pass(MINUTES(5));
    assert_eq!(world.scan().not_done.len(), 1);
    world.pass(HOURS(30));
    assert_eq!(world.scan().not_done.len(), 1);
    assert_eq!(rows(&world), [(file.clone(), ReportState::Open)]);
    assert!(world.history(&key(A, "DB")).is_empty());
    assert_eq!(problems(&world), ["backlog"], "no report is told as lost");
    std::fs::remove_dir(&kept).unwrap();
    world.source.inject(Place::Report(agent(A), file.clone()), Fault::Monitors("Input/output error".into()));
    assert!(!world.scan().not_done.is_empty());
    assert_eq!(rows(&world), [(file.clone(), ReportState::Open)]);
    std::fs::rename(&aside, &kept).unwrap();
    world.source.heal(&Place::Report(agent(A), file.clone()));
    assert!(world.scan().not_done.is_empty());
    assert_eq!(world.history(&key(A, "DB")), ["FAILED file_absent"]);
}

#[test]
fn more_reports_than_are_taken_are_told_until_there_are_fewer() {
    let mut world = World::new("2099-06-15T08:00:00Z", "");
    let log = world.path("deposits").join(A).join("log");
    std::fs::create_dir_all(&log).unwrap();
    for n in 0..3 {
        let report = json!({"agent_id": A, "databases": {format!("DB{n}"): failed("BACKUP", "x")}});
        std::fs::write(log.join(format!("{n}.json")), report.to_string()).unwrap();
    }
    let tree = DepositTree::new(vec![world.path("deposits")], FolderNames::default()).with_file_limit(2);
    for _ in 0..2 {
        world.scan_source(&tree);
        assert_eq!(problems(&world), ["deposit_unreadable"]);
        assert_eq!(world.open_incidents().iter().map(|incident| incident.opened_at).max(), Some(world.now));
    }
    let told = world.open_incidents();
    world.pass(HOURS(1)).scan_source(&tree);
    assert_eq!(world.open_incidents(), told, "told once");
    std::fs::remove_file(log.join("0.json")).unwrap();
    world.scan_source(&tree);
    assert!(problems(&world).is_empty());
}

#[test]
fn a_rule_that_changes_before_the_second_scan_makes_nothing_missing() {
    let mut world = World::new("2026-06-15T08:00:00Z", "");
    world.dump(A, "db.bin", b"x");
    world.report(A, "2026-06-15T07:59:00Z", json!({"DB": good("db.bin", b"x")}));
    world.scan();
    let first = world.job(&key(A, "DB"));
    assert!(!first.schedule_seen.is_empty());
    world.configure("[defaults]\nat = [\"09:00\"]\ntimezone = \"UTC\"\ngrace = \"1h\"");
    world.pass(HOURS(30)).scan();
    assert_eq!(world.job(&key(A, "DB")).schedule_changed_at, world.now);
    assert_eq!(world.status(&key(A, "DB")), Status::Success);
}
