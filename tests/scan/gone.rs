//! Versions that somebody took away, or gave back, by hand; and those of a clock that ran ahead.

use std::fs;
use std::path::PathBuf;

use chrono::TimeDelta;
use serde_json::json;

use crate::world::{World, agent, at, good, key};

const A: &str = "SIRPACAM_DOUALA_NEWBELL";
const DAYS: fn(i64) -> TimeDelta = TimeDelta::days;
const SELDOM: &str = "[defaults]\nevery = '90d'";

/// Two good backups of two days, each with its version.
fn world() -> World {
    let mut world = World::new("2026-06-15T08:00:00Z", SELDOM);
    backup(&mut world, "2026-06-15T07:00:00Z", "one");
    world.run();
    world.pass(DAYS(1));
    backup(&mut world, "2026-06-16T07:00:00Z", "two");
    world.run();
    world
}

fn backup(world: &mut World, own: &str, bytes: &str) {
    world.dump(A, "DB.sql", bytes.as_bytes());
    world.report(A, own, json!({"DB": good("DB.sql", bytes.as_bytes())}));
}

/// The names of the versions, oldest report first.
fn names(world: &World) -> Vec<String> {
    let mut versions = world.versions(&key(A, "DB"));
    versions.sort_by_key(|version| version.report_time);
    versions.into_iter().map(|version| version.name).collect()
}

fn folder(world: &World, version: &str) -> PathBuf {
    world.path(&format!("validated/{A}/DB/versions/{version}"))
}

fn current(world: &World) -> (Option<String>, Option<String>) {
    (world.job(&key(A, "DB")).state.current_version, world.vault.current(&key(A, "DB")).unwrap())
}

#[test]
fn a_pinned_version_that_is_gone_is_told_until_there_is_a_new_one() {
    let mut world = world();
    let pinned = names(&world)[0].clone();
    world.vault.set_pinned(&key(A, "DB"), &pinned, true).unwrap();
    world.pass(DAYS(2)).run();
    assert!(world.troubles().is_empty());
    fs::remove_dir_all(folder(&world, &pinned)).unwrap();
    for _ in 0..3 {
        world.pass(DAYS(2)).run();
        assert_eq!(world.troubles(), ["version_damaged"]);
    }
    let own = world.now.to_rfc3339();
    backup(&mut world, &own, "three");
    world.run();
    world.pass(DAYS(1)).run();
    assert!(world.troubles().is_empty(), "{:?}", world.troubles());
}

#[test]
fn a_version_that_is_given_back_by_hand_ends_its_own_alarm() {
    let mut world = world();
    let newest = names(&world)[1].clone();
    let (there, aside) = (folder(&world, &newest), world.path("aside"));
    fs::rename(&there, &aside).unwrap();
    world.source.remove_dump(&agent(A), "DB.sql");
    world.pass(DAYS(2)).run();
    assert_eq!(world.troubles(), ["version_damaged"]);
    assert_ne!(current(&world).1, Some(newest.clone()));
    fs::rename(&aside, &there).unwrap();
    world.pass(DAYS(2)).run();
    assert!(world.troubles().is_empty(), "{:?}", world.troubles());
    assert_eq!(current(&world), (Some(newest.clone()), Some(newest.clone())));
    let good = world.job(&key(A, "DB")).state.good.unwrap();
    assert_eq!(good.version, Some(newest));
    assert_eq!(world.history(&key(A, "DB")), ["SUCCESS", "SUCCESS"]);
}

#[test]
fn versions_that_go_with_the_mark_of_the_vault_are_told() {
    let mut world = world();
    let newest = names(&world)[1].clone();
    fs::remove_dir_all(folder(&world, &newest)).unwrap();
    fs::remove_dir_all(world.path("validated/.backupmon")).unwrap();
    world.source.remove_dump(&agent(A), "DB.sql");
    world.pass(DAYS(2)).run();
    assert_eq!(world.troubles(), ["version_damaged", "state_damaged"]);
}

#[test]
fn current_version_does_not_go_back_to_a_version_of_a_clock_that_ran_ahead() {
    let mut world = world();
    let right = world.now;
    world.now = at("2027-06-16T08:00:00Z");
    backup(&mut world, "", "from the future");
    world.run();
    world.now = right + DAYS(1);
    backup(&mut world, "2026-06-17T07:00:00Z", "three");
    world.run();
    let [oldest, _, third, _] = &names(&world)[..] else { panic!("{:?}", names(&world)) };
    let is_third = (Some(third.clone()), Some(third.clone()));
    assert_eq!(current(&world), is_third);
    fs::remove_dir_all(folder(&world, oldest)).unwrap();
    world.pass(DAYS(2)).run();
    assert_eq!(names(&world).len(), 3);
    assert_eq!(current(&world), is_third);
}
