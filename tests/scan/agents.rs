//! Agents that never start, and dumps that nobody reports (SPEC section 4, rule 7).

use backupmon::domain::Status;
use backupmon::source::Fault;
use backupmon::source::listed::Place;
use chrono::TimeDelta;
use serde_json::json;

use crate::world::{World, agent, failed, key};

const A: &str = "SIRPACAM_DOUALA_NEWBELL";
const SECONDS: fn(i64) -> TimeDelta = TimeDelta::seconds;
const HOURS: fn(i64) -> TimeDelta = TimeDelta::hours;
const DAYS: fn(i64) -> TimeDelta = TimeDelta::days;

fn report(world: &mut World) {
    let own = world.now.to_rfc3339();
    world.report(A, &own, json!({"DB": failed("BACKUP", "x")}));
}

/// Whether this problem is open after a scan now.
fn told(world: &mut World, problem: &str) -> bool {
    world.scan();
    world.troubles().contains(&problem)
}

#[test]
fn an_agent_that_never_reported_is_told_three_days_after_it_was_first_seen() {
    let mut world = World::new("2026-06-15T08:00:00Z", "");
    world.source.put_agent(&agent(A));
    world.scan();
    world.pass(DAYS(3) - SECONDS(1));
    assert!(!told(&mut world, "agent_never_reported"));
    world.pass(SECONDS(1));
    // A report that cannot be read is none.
    world.source.put_report(&agent(A), "x.json", "{", world.now - HOURS(1));
    assert!(told(&mut world, "agent_never_reported"));
    assert_eq!(world.troubles(), ["report_unreadable", "agent_never_reported"]);
    world.pass(HOURS(1));
    report(&mut world);
    world.scan();
    assert_eq!(world.troubles(), ["job"]);
}

#[test]
fn dumps_that_change_without_a_report_are_told_after_three_days_and_until_one_comes() {
    let mut world = World::new("2026-06-15T08:00:00Z", "");
    report(&mut world);
    world.scan();
    for day in 1..=3 {
        world.pass(DAYS(1) - SECONDS(1));
        assert!(!told(&mut world, "dumps_without_report"), "day {day}");
        world.pass(SECONDS(1));
        world.dump(A, "db.bin", format!("day {day}").as_bytes());
        assert_eq!(told(&mut world, "dumps_without_report"), day == 3, "day {day}");
    }
    world.pass(DAYS(1));
    assert!(told(&mut world, "dumps_without_report"));
    report(&mut world);
    assert!(!told(&mut world, "dumps_without_report"));
    world.pass(DAYS(10));
    assert!(!told(&mut world, "dumps_without_report"), "nothing has changed since that report");
}

#[test]
fn an_agent_that_has_never_reported_is_told_for_its_changing_dumps_too() {
    let mut world = World::new("2026-06-15T08:00:00Z", "");
    world.dump(A, "db.bin", b"first");
    world.scan();
    world.pass(DAYS(2));
    world.dump(A, "db.bin", b"second");
    assert!(!told(&mut world, "dumps_without_report"));
    world.pass(DAYS(1));
    assert!(told(&mut world, "dumps_without_report"));
}

#[test]
fn a_weekly_agent_that_writes_its_dumps_before_its_report_is_no_alarm() {
    let mut world = World::new("2026-06-14T01:00:00Z", "[defaults]\nevery = \"7d\"");
    for week in 0..3 {
        world.dump(A, "db.bin", format!("week {week}").as_bytes());
        for _ in 0..5 {
            assert!(!told(&mut world, "dumps_without_report"), "week {week}");
            world.pass(HOURS(1));
        }
        report(&mut world);
        for _ in 0..(7 * 24 - 5) / 7 {
            assert!(!told(&mut world, "dumps_without_report"), "week {week}");
            world.pass(HOURS(7));
        }
        world.now = crate::world::at("2026-06-14T01:00:00Z") + DAYS(7 * (week + 1));
    }
    // In the fourth week the report does not come.
    world.dump(A, "db.bin", b"week 4");
    assert!(!told(&mut world, "dumps_without_report"));
    world.pass(HOURS(6));
    assert!(told(&mut world, "dumps_without_report"));
}

#[test]
fn what_could_not_be_read_or_was_not_asked_for_is_no_silence() {
    let mut world = World::new("2026-06-15T08:00:00Z", "");
    world.source.put_agent(&agent(A));
    world.scan();
    world.pass(DAYS(3));
    world.source.inject(Place::Agent(agent(A)), Fault::Monitors("Stale file handle".into()));
    assert!(!told(&mut world, "agent_never_reported"));
}

#[test]
fn what_cannot_be_read_for_ever_is_told_when_its_deadline_is_over() {
    let mut world = World::new("2026-06-15T08:00:00Z", "");
    world.report(A, "2026-06-15T07:59:00Z", json!({"DB": failed("BACKUP", "x")}));
    world.scan();
    world.pass(TimeDelta::hours(20)).source.inject(Place::Agent(agent(A)), Fault::Monitors("EIO".into()));
    assert_eq!(world.scan().not_done.len(), 1);
    assert_eq!(world.troubles(), ["job"], "its deadline has not come");
    world.pass(TimeDelta::hours(24));
    for _ in 0..2 {
        world.scan();
        assert_eq!(world.troubles(), ["job", "backlog"], "and it is not MISSING");
        world.pass(TimeDelta::minutes(15));
    }
    world.source.heal(&Place::Agent(agent(A)));
    world.scan();
    assert_eq!(world.troubles(), ["job"]);
    assert_eq!(world.status(&key(A, "DB")), Status::Missing);
}
