//! The rules of SPEC section 4, on a whole scan with everything but the deposits real.

mod agents;
mod behind;
mod dumps;
mod failing;
#[allow(dead_code, reason = "a scan wants less of it than the contract of the store")]
#[path = "../support/faulty_store.rs"]
mod faulty_store;
mod gone;
mod hasty;
mod held;
mod life;
mod mended;
mod model;
mod plausible;
mod properties;
mod set_right;
mod windows;
mod world;

use backupmon::domain::Status;
use backupmon::source::Fault;
use backupmon::source::listed::Place;
use chrono::TimeDelta;
use serde_json::json;
use world::{World, agent, failed, good, key};

const A: &str = "SIRPACAM_DOUALA_NEWBELL";
const MINUTES: fn(i64) -> TimeDelta = TimeDelta::minutes;
const HOURS: fn(i64) -> TimeDelta = TimeDelta::hours;

#[test]
fn a_good_backup_is_proven_kept_and_not_read_again() {
    let mut world = World::new("2026-06-15T08:00:00Z", "");
    let job = key(A, "SDMC_2025");
    world.dump(A, "SDMC_2025.bin", b"some bytes");
    world.report(A, "2026-06-15T07:30:00Z", json!({"SDMC_2025": good("SDMC_2025.bin", b"some bytes")}));
    let first = world.scan();
    assert_eq!(
        (first.not_done.len(), first.reports.judged, first.versions_promoted, first.files_read),
        (0, 1, 1, 1)
    );
    assert_eq!(world.status(&job), Status::Success);
    let version = world.job(&job).state.current_version.unwrap();
    assert_eq!(world.vault.current(&job).unwrap(), Some(version.clone()));
    assert!(version.starts_with("20260615T073000Z-"), "{version}");
    let second = world.pass(MINUTES(15)).scan();
    assert_eq!((second.files_read, second.reports.judged, second.versions_promoted), (0, 0, 0));
    assert_eq!(world.history(&job), ["SUCCESS"]);
    // The same bytes once more: no copy, no reading, and the newest backup is a day younger.
    world.pass(HOURS(24));
    world.report(A, "2026-06-16T07:30:00Z", json!({"SDMC_2025": good("SDMC_2025.bin", b"some bytes")}));
    let third = world.scan();
    assert_eq!((third.files_read, third.reports.judged, third.versions_promoted), (0, 1, 0));
    assert_eq!(world.status(&job), Status::Unchanged);
    assert_eq!(world.job(&job).state.last_success_at, Some(world::at("2026-06-16T07:30:00Z")));
    assert_eq!(world.job(&job).state.last_change_at, Some(world::at("2026-06-15T07:30:00Z")));
}

#[test]
fn what_is_absent_or_differs_may_still_be_on_its_way_until_both_have_settled() {
    let mut world = World::new("2026-06-15T08:00:00Z", "");
    let (absent, differs) = (key(A, "ABSENT"), key(A, "DIFFERS"));
    world.dump(A, "differs.bin", b"half");
    world.report(
        A,
        "2026-06-15T07:59:00Z",
        json!({"ABSENT": good("absent.bin", b"x"), "DIFFERS": good("differs.bin", b"half and half")}),
    );
    let first = world.scan();
    assert_eq!((first.reports.waiting, first.reports.judged), (1, 0));
    assert!(world.standing(&absent).verifying && world.standing(&differs).verifying);
    assert!(world.history(&absent).is_empty() && world.history(&differs).is_empty());
    world.pass(MINUTES(9)).scan();
    assert!(world.history(&absent).is_empty());
    world.pass(MINUTES(1)).scan();
    assert_eq!(world.history(&absent), ["FAILED file_absent"]);
    assert_eq!(world.history(&differs), ["HASH_MISMATCH hash_differs"]);
    assert_eq!(world.troubles(), ["job", "job"]);
    // What arrives at last, whole, is a good backup of the same report.
    world.pass(MINUTES(30));
    world.dump(A, "absent.bin", b"x");
    world.dump(A, "differs.bin", b"half and half");
    let healed = world.scan();
    assert_eq!(healed.versions_promoted, 2);
    assert_eq!(world.history(&absent), ["FAILED file_absent", "SUCCESS"]);
    assert_eq!(world.history(&differs), ["HASH_MISMATCH hash_differs", "SUCCESS"]);
    assert!(world.troubles().is_empty());
}

#[test]
fn a_file_that_was_judged_before_is_waited_for_until_the_cycle_is_over() {
    let mut world = World::new("2026-06-15T08:00:00Z", "");
    let job = key(A, "DB");
    world.dump(A, "db.bin", b"first");
    world.report(A, "2026-06-15T07:59:00Z", json!({"DB": good("db.bin", b"first")}));
    world.scan();
    world.pass(HOURS(24));
    world.report(A, "2026-06-16T07:59:00Z", json!({"DB": good("db.bin", b"second")}));
    assert_eq!(world.scan().files_read, 0, "a file that has not changed is not read again");
    assert_eq!(world.status(&job), Status::Late, "shown from due on, also while verifying");
    assert!(world.standing(&job).verifying);
    world.pass(HOURS(5)).scan();
    assert_eq!(world.history(&job), ["SUCCESS"]);
    world.pass(HOURS(1)).scan();
    assert_eq!(world.history(&job), ["SUCCESS", "FAILED file_not_replaced"]);
}

#[test]
fn a_file_that_keeps_changing_is_told_at_last() {
    let mut world = World::new("2026-06-15T08:00:00Z", "");
    let job = key(A, "DB");
    world.report(A, "2026-06-15T07:59:00Z", json!({"DB": good("db.bin", b"whole")}));
    for step in 0..36 {
        world.dump(A, "db.bin", format!("part {step}").as_bytes());
        world.scan();
        assert!(world.history(&job).is_empty(), "step {step}");
        world.pass(MINUTES(10));
    }
    world.dump(A, "db.bin", b"part 36");
    world.scan();
    assert_eq!(world.history(&job), ["FAILED never_settled"]);
}

#[test]
fn the_agents_own_failures_are_judged_at_once() {
    let mut world = World::new("2026-06-15T08:00:00Z", "");
    world.dump(A, "same.bin", b"x");
    world.report(
        A,
        "2026-06-15T07:59:00Z",
        json!({
            "B": failed("BACKUP", "disk full"), "C": failed("COMPRESS", "null"), "T": failed("TRANSFER", "refused"),
            "NONE": {"staged_file_name": "x"}, "BAD": {"BACKUP": {"status": "perhaps"}},
            "JUNK": {"sha256": "INVALID_HASH_1_1", "staged_file_name": "junk.bin"},
            "S1": good("same.bin", b"x"), "S2": good("same.bin", b"x"),
        }),
    );
    world.scan();
    let history = |name: &str| world.history(&key(A, name));
    assert_eq!(history("B"), ["FAILED backup_failed"]);
    assert_eq!(history("C"), ["FAILED compress_failed"]);
    assert_eq!(history("T"), ["FAILED transfer_failed"]);
    assert_eq!(history("NONE"), ["FAILED entry_invalid"]);
    assert_eq!(history("BAD"), ["FAILED entry_invalid"]);
    assert_eq!(history("JUNK"), ["HASH_MISMATCH hash_invalid"]);
    assert_eq!(history("S1"), ["FAILED same_file"]);
    assert_eq!(history("S2"), ["FAILED same_file"]);
    assert!(world.entries(&key(A, "B"))[0].message.contains("disk full"));
}

#[test]
fn of_several_reports_only_the_newest_is_compared() {
    let mut world = World::new("2026-06-15T08:00:00Z", "");
    let job = key(A, "DB");
    world.dump(A, "db.bin", b"third");
    world.report(A, "2026-06-15T05:00:00Z", json!({"DB": good("db.bin", b"first")}));
    world.report(A, "2026-06-15T07:00:00Z", json!({"DB": good("db.bin", b"third")}));
    world.report(A, "2026-06-15T06:00:00Z", json!({"DB": failed("BACKUP", "oh")}));
    let summary = world.scan();
    assert_eq!((summary.reports.superseded, summary.files_read), (2, 1));
    assert_eq!(world.history(&job), ["superseded", "FAILED backup_failed", "SUCCESS"]);
    assert!(world.troubles().is_empty());
    // An old one after a new one changes nothing.
    world.pass(MINUTES(30));
    world.report(A, "2026-06-15T06:30:00Z", json!({"DB": failed("BACKUP", "late news")}));
    world.scan();
    assert_eq!(world.status(&job), Status::Success);
    assert!(world.troubles().is_empty());
    // Unless its bytes lie there and were never judged: a clock was set back.
    world.pass(MINUTES(30));
    world.dump(A, "db.bin", b"fourth");
    world.report(A, "2026-06-15T06:40:00Z", json!({"DB": good("db.bin", b"fourth")}));
    world.scan();
    assert_eq!(world.job(&job).state.good.unwrap().report_time, world.now);
    assert_eq!(world.history(&job).last().unwrap(), "SUCCESS");
}

#[test]
fn late_and_missing_come_at_the_very_second_and_end_with_a_report() {
    let config = "[defaults]\nat = [\"13:00\"]\ntimezone = \"UTC\"\ngrace = \"2h\"";
    let mut world = World::new("2026-06-15T08:00:00Z", config);
    let job = key(A, "DB");
    world.dump(A, "db.bin", b"one");
    world.report(A, "2026-06-15T07:59:00Z", json!({"DB": good("db.bin", b"one")}));
    world.scan();
    let mut status_at = |time: &str| {
        world.now = world::at(time);
        world.scan();
        world.status(&job)
    };
    assert_eq!(status_at("2026-06-15T12:59:59Z"), Status::Success);
    assert_eq!(status_at("2026-06-15T13:00:00Z"), Status::Late);
    assert_eq!(status_at("2026-06-15T14:59:59Z"), Status::Late);
    assert_eq!(status_at("2026-06-15T15:00:00Z"), Status::Missing);
    assert_eq!(status_at("2026-06-17T16:00:00Z"), Status::Missing);
    assert_eq!(
        world.history(&job),
        ["SUCCESS", "MISSING no_report", "MISSING no_report", "MISSING no_report"]
    );
    assert_eq!(world.entries(&job)[2].judged_at, world::at("2026-06-16T15:00:00Z"));
    assert_eq!(world.troubles(), ["job"]);
    // A good one for a cycle before the newest missed one is kept, and the job stays MISSING.
    world.dump(A, "db.bin", b"two");
    world.report(A, "2026-06-16T13:10:00Z", json!({"DB": good("db.bin", b"two")}));
    assert_eq!(world.scan().versions_promoted, 1);
    assert_eq!(world.status(&job), Status::Missing);
    assert_eq!(world.troubles(), ["job"]);
    world.dump(A, "db.bin", b"three");
    world.report(A, "2026-06-17T15:30:00Z", json!({"DB": good("db.bin", b"three")}));
    world.scan();
    assert_eq!(world.status(&job), Status::Success);
    assert!(world.troubles().is_empty());
}

#[test]
fn what_was_missed_while_the_monitor_was_off_stands_in_the_history() {
    let config = "[defaults]\nat = [\"13:00\"]\ntimezone = \"UTC\"\ngrace = \"2h\"";
    let mut world = World::new("2026-06-15T13:30:00Z", config);
    let job = key(A, "DB");
    world.dump(A, "db.bin", b"one");
    world.report(A, "2026-06-15T13:10:00Z", json!({"DB": good("db.bin", b"one")}));
    world.scan();
    world.now = world::at("2026-06-18T14:00:00Z");
    world.dump(A, "db.bin", b"three");
    world.report(A, "2026-06-16T13:10:00Z", json!({"DB": good("db.bin", b"two")}));
    world.report(A, "2026-06-18T13:10:00Z", json!({"DB": good("db.bin", b"three")}));
    world.scan();
    assert_eq!(world.history(&job), ["SUCCESS", "MISSING no_report", "superseded", "SUCCESS"]);
    assert!(world.troubles().is_empty());
}

#[test]
fn a_job_on_trial_is_late_and_never_missing() {
    let mut world = World::new("2026-06-15T08:00:00Z", "[scan]\ntrial_days = 2");
    let job = key(A, "DB");
    world.dump(A, "db.bin", b"one");
    world.report(A, "2026-06-15T07:59:00Z", json!({"DB": good("db.bin", b"one")}));
    world.scan();
    world.pass(HOURS(25)).scan();
    assert_eq!(world.status(&job), Status::Late);
    world.pass(HOURS(12)).scan();
    assert_eq!(world.status(&job), Status::Success);
    assert!(world.troubles().is_empty());
    world.report(A, "2026-06-16T20:00:00Z", json!({"DB": good("db.bin", b"one")}));
    world.scan();
    assert!(!world.job(&job).on_trial);
    world.pass(HOURS(37)).scan();
    assert_eq!(world.status(&job), Status::Missing);
}

#[test]
fn the_monitors_own_failures_make_nothing_bad() {
    let mut world = World::new("2026-06-15T08:00:00Z", "");
    let job = key(A, "DB");
    world.dump(A, "db.bin", b"one");
    world.report(A, "2026-06-15T07:59:00Z", json!({"DB": good("db.bin", b"one")}));
    world.source.inject(Place::Dump(agent(A), "db.bin".into()), Fault::Monitors("Input/output error".into()));
    assert_eq!(world.scan().not_done.len(), 1);
    world.pass(HOURS(40));
    assert_eq!(world.scan().not_done.len(), 1);
    assert!(world.history(&job).is_empty(), "{:?}", world.history(&job));
    world.source.heal(&Place::Dump(agent(A), "db.bin".into()));
    assert!(world.scan().not_done.is_empty());
    // That one was good; the next day's is over since, and that is no failure of the monitor's.
    assert_eq!(world.history(&job), ["MISSING no_report", "SUCCESS"]);
    world.report(A, "2026-06-16T23:59:00Z", json!({"DB": good("db.bin", b"one")}));
    world.scan();
    assert!(world.troubles().is_empty());
    world.source.inject(Place::Root, Fault::Monitors("Stale file handle".into()));
    world.pass(HOURS(100));
    assert_eq!(world.scan().not_done.len(), 1);
    assert_eq!(world.troubles(), ["deposits_unavailable"]);
    assert_eq!(world.status(&job), Status::Late, "nothing becomes MISSING, not even to the eye");
    world.source.heal(&Place::Root);
    world.scan();
    assert_eq!(world.troubles(), ["job"]);
}

#[test]
fn one_agents_folder_gone_is_that_agents_problem_and_many_are_the_servers() {
    let mut world = World::new("2026-06-15T08:00:00Z", "");
    let names = ["A_1", "A_2", "A_3", "A_4"];
    for name in names {
        world.report(name, "2026-06-15T07:59:00Z", json!({"DB": failed("BACKUP", "x")}));
    }
    world.scan();
    world.source.remove_agent(&agent("A_1"));
    assert!(world.scan().not_done.is_empty());
    assert!(world.troubles().contains(&"deposit_unreadable"));
    for name in ["A_2", "A_3", "A_4"] {
        world.source.remove_agent(&agent(name));
    }
    world.report("A_5", "2026-06-15T07:59:00Z", json!({"DB": failed("BACKUP", "x")}));
    assert_eq!(world.scan().not_done.len(), 1);
    assert!(world.troubles().contains(&"deposits_unavailable"));
}

#[test]
fn an_unreadable_report_waits_while_it_is_young_and_is_told_then() {
    let mut world = World::new("2026-06-15T08:00:00Z", "");
    world.source.put_report(&agent(A), "half.json", "{\"agent_id\": \"SIR", world.now);
    assert_eq!(world.scan().reports.waiting, 1);
    assert!(world.troubles().is_empty());
    let rejected = world.pass(MINUTES(10)).scan();
    assert_eq!((rejected.reports.rejected, rejected.not_done.len()), (1, 0));
    assert_eq!(world.troubles(), ["report_unreadable"]);
    assert_eq!(world.pass(MINUTES(10)).scan().reports.rejected, 0, "it is rejected once");
    world.report(A, "2026-06-15T08:19:00Z", json!({}));
    world.scan();
    assert!(world.troubles().is_empty());
}

#[test]
fn the_same_report_twice_changes_nothing() {
    let mut world = World::new("2026-06-15T08:00:00Z", "");
    let text = json!({"agent_id": A, "operation_end_time": "2026-06-15T07:00:00Z", "databases": {"DB": failed("BACKUP", "x")}});
    world.source.put_report(&agent(A), "a.json", text.to_string(), world.now);
    world.scan();
    world.pass(MINUTES(15));
    world.source.put_report(&agent(A), "b.json", text.to_string(), world.now);
    world.source.put_report(&agent(A), "a.json", text.to_string(), world.now);
    let second = world.scan();
    assert_eq!((second.reports.duplicate, second.reports.judged), (1, 0));
    assert_eq!(world.history(&key(A, "DB")).len(), 1);
    assert_eq!(world.pass(MINUTES(15)).scan().reports.duplicate, 0);
}

#[test]
fn a_clock_that_is_ahead_is_the_agents_problem_told_once() {
    let mut world = World::new("2026-06-15T08:00:00Z", "");
    world.report(
        A,
        "2027-06-15T07:00:00Z",
        json!({"DB": failed("BACKUP", "x"), "DC": failed("BACKUP", "x")}),
    );
    world.scan();
    assert_eq!(world.troubles().iter().filter(|kind| **kind == "clock_skew").count(), 1);
    assert_eq!(world.entries(&key(A, "DB"))[0].report_time, Some(world.now));
    world.pass(HOURS(1));
    let own = world.now.to_rfc3339();
    world.report(A, &own, json!({"DB": failed("BACKUP", "x")}));
    world.scan();
    assert!(!world.troubles().contains(&"clock_skew"));
}

#[test]
fn bad_names_make_no_jobs_and_too_many_are_told() {
    let mut world = World::new("2026-06-15T08:00:00Z", "[scan]\nmax_jobs_per_agent = 2\ntrial_days = 0");
    world.report(
        A,
        "2026-06-15T07:00:00Z",
        json!({"../x": failed("BACKUP", "x"), "A": failed("BACKUP", "x"), "B": failed("BACKUP", "x"), "C": failed("BACKUP", "x")}),
    );
    world.scan();
    let troubles = world.troubles();
    assert!(troubles.contains(&"name_invalid") && troubles.contains(&"too_many_jobs"), "{troubles:?}");
    assert_eq!(troubles.iter().filter(|kind| **kind == "job").count(), 2);
}

#[test]
fn a_report_whose_folder_went_away_while_it_waited_is_judged_all_the_same() {
    let mut world = World::new("2026-06-15T08:00:00Z", "");
    world.report("OTHER", "2026-06-15T07:59:00Z", json!({}));
    world.report(A, "2026-06-15T07:59:00Z", json!({"DB": good("db.bin", b"x")}));
    world.scan();
    world.source.remove_agent(&agent(A));
    world.pass(MINUTES(15)).scan();
    assert_eq!(world.history(&key(A, "DB")), ["FAILED file_absent"]);
    assert!(world.troubles().contains(&"deposit_unreadable"));
}

#[test]
fn a_report_that_vanished_is_judged_from_its_kept_bytes() {
    let mut world = World::new("2026-06-15T08:00:00Z", "");
    let file = world.report(A, "2026-06-15T07:59:00Z", json!({"DB": good("db.bin", b"x")}));
    world.scan();
    world.source.remove_report(&agent(A), &file, world.now);
    world.pass(MINUTES(5));
    world.dump(A, "db.bin", b"x");
    world.scan();
    assert_eq!(world.history(&key(A, "DB")), ["SUCCESS"]);
}

#[test]
fn an_agent_that_gives_no_time_reports_anew_with_the_same_words() {
    let mut world = World::new("2026-06-15T08:00:00Z", "");
    let job = key(A, "DB");
    world.dump(A, "db.bin", b"x");
    let report = json!({"agent_id": A, "databases": {"DB": good("db.bin", b"x")}}).to_string();
    for day in 0..3 {
        world.source.put_report(&agent(A), "report.json", report.clone(), world.now);
        assert_eq!(world.scan().reports.judged, 1, "day {day}");
        world.pass(HOURS(24));
    }
    assert_eq!(world.history(&job), ["SUCCESS", "UNCHANGED", "UNCHANGED"]);
    assert_eq!(world.job(&job).state.last_success_at, Some(world.now - HOURS(24)));
}

#[test]
fn a_version_that_is_gone_from_the_disk_is_made_again_from_the_next_deposit() {
    let mut world = World::new("2026-06-15T08:00:00Z", "");
    let job = key(A, "DB");
    world.dump(A, "db.bin", b"x");
    world.report(A, "2026-06-15T07:59:00Z", json!({"DB": good("db.bin", b"x")}));
    world.scan();
    let version = world.job(&job).state.current_version.unwrap();
    std::fs::remove_dir_all(world.vault.version_folder(&job, &version).unwrap()).unwrap();
    world.pass(HOURS(24));
    world.report(A, "2026-06-16T07:59:00Z", json!({"DB": good("db.bin", b"x")}));
    assert_eq!(world.scan().versions_promoted, 1);
    let again = world.job(&job).state.current_version.unwrap();
    assert!(world.vault.has(&job, &again));
    assert_eq!(world.vault.current(&job).unwrap(), Some(again));
}

#[test]
fn a_touched_bad_file_keeps_its_verdict_and_a_young_other_one_is_judged_when_settled() {
    let mut world = World::new("2026-06-15T08:00:00Z", "");
    let (bad, absent) = (key(A, "BAD"), key(A, "ABSENT"));
    world.dump(A, "bad.bin", b"wrong");
    world.report(
        A,
        "2026-06-15T07:59:00Z",
        json!({"BAD": good("bad.bin", b"right"), "ABSENT": good("absent.bin", b"right too")}),
    );
    world.pass(MINUTES(20)).scan();
    world.dump(A, "bad.bin", b"wrong");
    world.dump(A, "absent.bin", b"wrong too");
    world.pass(MINUTES(1)).scan();
    assert_eq!(world.history(&bad), ["HASH_MISMATCH hash_differs"]);
    assert_eq!(world.history(&absent), ["FAILED file_absent"]);
    world.pass(MINUTES(10)).scan();
    assert_eq!(world.history(&bad), ["HASH_MISMATCH hash_differs"]);
    assert_eq!(world.history(&absent), ["FAILED file_absent", "HASH_MISMATCH hash_differs"]);
    assert_eq!(world.pass(MINUTES(10)).scan().files_read, 0);
}

#[test]
fn what_is_judged_late_is_missing_in_the_same_scan_when_a_later_cycle_is_over() {
    let config = "[defaults]\nat = [\"13:00\"]\ntimezone = \"UTC\"\ngrace = \"2h\"";
    let mut world = World::new("2026-06-14T13:20:00Z", config);
    let job = key(A, "DB");
    world.dump(A, "db.bin", b"one");
    world.report(A, "2026-06-14T13:10:00Z", json!({"DB": good("db.bin", b"one")}));
    world.scan();
    // The monitor was off: the report of the 15th is judged when the deadline of the 16th is over too.
    world.now = world::at("2026-06-15T13:20:00Z");
    world.dump(A, "db.bin", b"two");
    world.report(A, "2026-06-15T13:10:00Z", json!({"DB": good("db.bin", b"two")}));
    world.now = world::at("2026-06-16T15:00:00Z");
    world.scan();
    assert_eq!(world.history(&job), ["SUCCESS", "SUCCESS", "MISSING no_report"]);
    assert_eq!(world.troubles(), ["job"]);
}

#[test]
fn a_deadline_ends_the_reading_and_the_next_run_goes_on() {
    let mut world = World::new("2026-06-15T08:00:00Z", "");
    let job = key(A, "DB");
    world.dump(A, "db.bin", b"x");
    world.report(A, "2026-06-15T07:59:00Z", json!({"DB": good("db.bin", b"x")}));
    world.late = true;
    let late = world.scan();
    assert_eq!((late.files_read, late.not_done.len(), late.reports.waiting), (0, 1, 1));
    assert!(late.not_done[0].contains("1 files unread"), "{:?}", late.not_done);
    world.late = false;
    assert!(world.pass(MINUTES(15)).scan().not_done.is_empty());
    assert_eq!(world.history(&job), ["SUCCESS"]);
}

#[test]
fn an_older_report_whose_file_never_came_is_waited_for_no_longer() {
    let config = "[defaults]\nat = [\"13:00\"]\ntimezone = \"UTC\"\ngrace = \"2h\"";
    let mut world = World::new("2026-06-15T14:00:00Z", config);
    let job = key(A, "DB");
    world.dump(A, "db.bin", b"one");
    world.report(A, "2026-06-15T13:10:00Z", json!({"DB": good("db.bin", b"one")}));
    world.scan();
    world.report(A, "2026-06-15T12:10:00Z", json!({"DB": good("db.bin", b"never sent")}));
    world.pass(MINUTES(1)).scan();
    assert!(!world.standing(&job).verifying);
    assert_eq!(world.history(&job), ["SUCCESS", "superseded"]);
    world.now = world::at("2026-06-16T15:00:00Z");
    world.scan();
    assert_eq!(world.status(&job), Status::Missing);
    assert_eq!(world.troubles(), ["job"]);
}

#[test]
fn what_waits_while_the_deposits_are_not_there_is_no_backlog() {
    let mut world = World::new("2026-06-15T08:00:00Z", "");
    world.report(A, "2026-06-15T07:59:00Z", json!({"DB": good("db.bin", b"x")}));
    world.scan();
    world.source.inject(Place::Root, Fault::Monitors("Stale file handle".into()));
    world.pass(HOURS(7)).scan();
    assert_eq!(world.troubles(), ["deposits_unavailable"]);
}
