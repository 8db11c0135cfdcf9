//! A state that does not know what happened last, and a disk that cannot be asked.

use std::fs;
use std::time::SystemTime;

use backupmon::domain::{Severity, Status};
use backupmon::store::{Sqlite, Store as _};
use chrono::TimeDelta;
use serde_json::json;

use crate::world::{World, agent, failed, good, key};

const A: &str = "SIRPACAM_DOUALA_NEWBELL";
const HOURS: fn(i64) -> TimeDelta = TimeDelta::hours;
const MINUTES: fn(i64) -> TimeDelta = TimeDelta::minutes;

/// One good backup, judged.
fn world() -> World {
    let mut world = World::new("2026-06-15T08:00:00Z", "");
    good_one(&mut world, "2026-06-15T07:00:00Z", b"one");
    world.run();
    world
}

fn good_one(world: &mut World, own: &str, bytes: &[u8]) -> String {
    world.dump(A, "DB.sql", bytes);
    world.report(A, own, json!({"DB": good("DB.sql", bytes)}))
}

/// A run that was killed between its first and its last transaction.
fn kill_one(world: &mut World) {
    let now = world.now;
    world.store.begin_scan(now).unwrap();
}

/// A file where the folder of the kept reports was: it cannot be listed, whoever asks.
fn hide_kept_reports(world: &World) {
    fs::rename(world.path("state/reports"), world.path("aside")).unwrap();
    fs::write(world.path("state/reports"), "").unwrap();
}

fn show_kept_reports(world: &World) {
    fs::remove_file(world.path("state/reports")).unwrap();
    fs::rename(world.path("aside"), world.path("state/reports")).unwrap();
}

#[test]
fn kept_reports_that_cannot_be_compared_are_told_and_silence_nothing_else() {
    let mut world = world();
    kill_one(&mut world);
    hide_kept_reports(&world);
    let finished = world.store.meta().unwrap().last_scan;
    for _ in 0..2 {
        assert!(!world.pass(HOURS(40)).run().not_done.is_empty());
        let mut troubles = world.troubles();
        troubles.sort_unstable();
        assert_eq!(troubles, ["backlog", "state_damaged"]);
        assert!(world.open_incidents().iter().all(|incident| incident.severity == Severity::Critical));
        assert_eq!(world.history(&key(A, "DB")), ["SUCCESS"], "nothing is called MISSING by half a state");
        assert_eq!(world.store.meta().unwrap().last_scan, finished, "such a scan says nothing of the whole");
    }
    show_kept_reports(&world);
    assert!(world.pass(MINUTES(15)).run().not_done.is_empty());
    assert_eq!(world.troubles(), ["job"]);
    assert_eq!(world.status(&key(A, "DB")), Status::Missing);
}

#[test]
fn what_could_not_be_put_back_is_put_back_by_a_later_run() {
    let mut world = world();
    let copy = world.path("copy.db");
    world.store.copy_to(&copy).unwrap();
    world.pass(HOURS(24));
    let file = world.report(A, "2026-06-16T07:00:00Z", json!({"DB": failed("BACKUP", "disk full")}));
    world.run();
    let record = world.store.reports_of(&agent(A)).unwrap().pop().unwrap();
    let content = record.content.unwrap();
    let kept = world.path(&format!("state/reports/{}/{content}.gz", content.short(2)));
    fs::File::options().write(true).open(&kept).unwrap().set_modified(SystemTime::from(world.now)).unwrap();
    world.source.remove_report(&agent(A), &file, world.now);
    // Last week's state, and a disk that fails once.
    world.store = Sqlite::scratch_copy(&copy).unwrap();
    hide_kept_reports(&world);
    assert!(!world.pass(HOURS(2)).run().not_done.is_empty());
    assert_eq!(world.history(&key(A, "DB")).len(), 1);
    show_kept_reports(&world);
    let later = world.pass(HOURS(2)).run();
    assert_eq!(later.reports_put_back, 1);
    assert_eq!(world.history(&key(A, "DB")), ["SUCCESS", "FAILED backup_failed"]);
}

/// Two reports are rejected after the copy of the state was made; `readable`: one that can be read comes after them.
fn rejected_after_the_copy(readable: bool) -> World {
    let mut world = world();
    let copy = world.path("copy.db");
    world.store.copy_to(&copy).unwrap();
    world.pass(HOURS(2));
    world.source.put_report(&agent(A), "bad.json", "{", world.now);
    world.pass(HOURS(1)).run();
    assert_eq!(world.troubles(), ["report_unreadable"]);
    if readable {
        world.pass(HOURS(1));
        world.report(A, "2026-06-15T12:00:00Z", json!({"OTHER": failed("BACKUP", "disk full")}));
        world.run();
        assert_eq!(world.troubles(), ["job"]);
    }
    world.store = Sqlite::scratch_copy(&copy).unwrap();
    world.pass(MINUTES(15)).run();
    world
}

#[test]
fn a_rejected_report_that_a_restored_state_does_not_know_is_told_again() {
    let mut world = rejected_after_the_copy(false);
    assert!(world.troubles().contains(&"report_unreadable"), "{:?}", world.troubles());
    assert_eq!(world.pass(MINUTES(15)).run().reports.rejected, 0, "once");
    let world = rejected_after_the_copy(true);
    assert!(!world.troubles().contains(&"report_unreadable"), "a readable one had ended it");
}
