//! A server's clock that ran ahead for a while, and was set right.

use backupmon::domain::Status;
use chrono::TimeDelta;
use serde_json::json;

use crate::world::{World, agent, at, failed, good, key};

const A: &str = "SIRPACAM_DOUALA_NEWBELL";
/// An agent whose reports carry their own time.
const TIMED: &str = "HYDROCAM_KRIBI_PORT";
const HOURS: fn(i64) -> TimeDelta = TimeDelta::hours;

/// The clock is a year ahead.
fn ahead() -> World {
    World::new("2027-06-15T08:00:00Z", "")
}

/// The clock is right again, and a report shows it.
fn set_right(world: &mut World) {
    world.now = at("2026-06-15T08:00:00Z");
    timed(world);
    world.scan();
}

fn timed(world: &mut World) {
    let own = world.now.to_rfc3339();
    world.report(TIMED, &own, json!({"DB": failed("BACKUP", "x")}));
}

#[test]
fn a_report_that_waited_then_is_judged_and_hides_no_later_one() {
    let mut world = ahead();
    let job = key(A, "DB");
    world.report(A, "", json!({"DB": good("DB.sql", b"one")}));
    world.source.put_report(&agent(A), "arriving.json", "{", world.now);
    assert_eq!(world.scan().reports.waiting, 2);
    set_right(&mut world);
    assert_eq!(world.pass(HOURS(1)).scan().reports.rejected, 1, "what was arriving has arrived");
    assert_eq!(world.history(&job), ["FAILED file_absent"]);
    world.pass(HOURS(1)).dump(A, "DB.sql", b"two");
    world.report(A, "", json!({"DB": good("DB.sql", b"two")}));
    world.scan();
    assert_eq!(world.status(&job), Status::Success);
}

#[test]
fn agents_are_not_waited_for_until_then() {
    let mut world = ahead();
    let silent = "HYDROCAM_EDEA_PORT";
    world.source.put_agent(&agent(silent));
    world.report(A, "", json!({"DB": failed("BACKUP", "x")}));
    world.scan();
    set_right(&mut world);
    for day in 0..5 {
        world.dump(A, "DB.sql", format!("day {day}").as_bytes());
        world.pass(HOURS(24));
        timed(&mut world);
        world.scan();
    }
    let told: Vec<_> = world.troubles().into_iter().filter(|kind| *kind != "job").collect();
    // Nothing has shown yet that the one report of that job is not from a year ahead.
    assert_eq!(told, ["clock_skew", "agent_never_reported", "dumps_without_report"]);
}

#[test]
fn a_bad_backup_in_the_first_scan_after_it_is_told() {
    let mut world = ahead();
    let job = key(A, "DB");
    world.dump(A, "DB.sql", b"one");
    world.report(A, "", json!({"DB": good("DB.sql", b"one")}));
    world.scan();
    assert_eq!(world.status(&job), Status::Success);
    world.now = at("2026-06-15T08:00:00Z");
    world.report(A, "2026-06-15T07:00:00Z", json!({"DB": failed("BACKUP", "disk full")}));
    world.scan();
    assert_eq!(world.status(&job), Status::Failed);
}
