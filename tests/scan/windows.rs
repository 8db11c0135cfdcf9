//! Pauses, maintenance and edits of the schedule: what stops LATE and MISSING, for how long, and nothing else.

use backupmon::domain::job::Pause;
use backupmon::domain::{JobKey, Status};
use backupmon::store::{Store as _, Unit};
use serde_json::json;

use crate::world::{World, at, failed, good, key};

const A: &str = "SIRPACAM_DOUALA_NEWBELL";

/// One good backup at this time, and its scan.
fn begin(time: &str, config: &str) -> (World, JobKey) {
    let mut world = World::new(time, config);
    save(&mut world, b"first");
    world.scan();
    (world, key(A, "DB"))
}

fn save(world: &mut World, bytes: &[u8]) {
    world.dump(A, "db.bin", bytes);
    let own = world.now.to_rfc3339();
    world.report(A, &own, json!({"DB": good("db.bin", bytes)}));
}

/// The status that each of these moments shows, each after its scan.
fn statuses<const N: usize>(world: &mut World, job: &JobKey, times: [&str; N]) -> [Status; N] {
    times.map(|time| {
        world.now = at(time);
        world.scan();
        world.status(job)
    })
}

#[test]
fn inside_a_window_nothing_is_due_and_reports_are_judged_as_ever() {
    let config = "[defaults]\nat = [\"23:00\"]\ntimezone = \"Europe/Paris\"\n\
        [[maintenance]]\nwhen = \"2026-06-16 22:00 / 2026-06-17 06:00\"\ntimezone = \"Europe/Paris\"";
    let (mut world, job) = begin("2026-06-15T21:10:00Z", config);
    assert_eq!(
        statuses(
            &mut world,
            &job,
            ["2026-06-16T19:59:59Z", "2026-06-16T20:00:00Z", "2026-06-16T23:30:00Z", "2026-06-17T03:59:59Z"]
        ),
        [Status::Success, Status::Paused, Status::Paused, Status::Paused]
    );
    assert!(world.troubles().is_empty());
    world.report(A, "2026-06-17T03:30:00Z", json!({"DB": failed("BACKUP", "no space")}));
    world.scan();
    assert_eq!((world.status(&job), world.troubles()), (Status::Paused, vec!["job"]), "a failure is told");
    save(&mut world, b"second");
    assert_eq!(world.scan().versions_promoted, 1);
    // The first deadline is that of the first occurrence after the end.
    assert_eq!(
        statuses(
            &mut world,
            &job,
            ["2026-06-17T04:00:00Z", "2026-06-17T21:00:00Z", "2026-06-17T22:59:59Z", "2026-06-17T23:00:00Z"]
        ),
        [Status::Success, Status::Late, Status::Late, Status::Missing]
    );
}

#[test]
fn a_window_every_night_between_a_backup_and_its_deadline_hides_no_missed_one() {
    let config = "[defaults]\nat = [\"20:00\"]\ntimezone = \"Europe/Paris\"\ngrace = \"4h\"\n\
        [[maintenance]]\nwhen = \"daily 22:00-00:30\"\ntimezone = \"Europe/Paris\"";
    // The night in which the clocks go forward.
    let (mut world, job) = begin("2026-03-27T19:10:00Z", config);
    assert_eq!(
        statuses(
            &mut world,
            &job,
            ["2026-03-28T19:00:00Z", "2026-03-28T21:00:00Z", "2026-03-28T23:29:59Z", "2026-03-28T23:30:00Z"]
        ),
        [Status::Late, Status::Paused, Status::Paused, Status::Missing]
    );
    // Summer time.
    assert_eq!(
        statuses(&mut world, &job, ["2026-03-29T18:00:00Z", "2026-03-29T22:29:59Z", "2026-03-29T22:30:00Z"]),
        [Status::Missing, Status::Paused, Status::Missing]
    );
    assert_eq!(world.history(&job), ["SUCCESS", "MISSING no_report", "MISSING no_report"]);
    assert_eq!(world.entries(&job)[2].judged_at, at("2026-03-29T22:30:00Z"));
}

#[test]
fn maintenance_that_leaves_nothing_of_a_schedule_does_not_hold_for_its_job() {
    let day = "[defaults]\ncron = \"0 13 * * *\"\ngrace = \"2h\"\ntimezone = \"UTC\"\n";
    let every = "[defaults]\nevery = \"24h\"\ngrace = \"2h\"\ntimezone = \"UTC\"\n";
    let maintenance = |when: &str| format!("[[maintenance]]\nwhen = \"{when}\"\ntimezone = \"UTC\"\n");
    for config in [
        day.to_owned() + &maintenance("daily 12:00-16:00"),
        // They touch, and are one window without an end.
        day.to_owned() + &maintenance("mon-fri") + &maintenance("sat,sun"),
        every.to_owned() + &maintenance("mon-sun"),
    ] {
        let (mut world, job) = begin("2026-06-15T13:00:00Z", &config);
        assert_eq!(
            statuses(&mut world, &job, ["2026-06-16T14:59:59Z", "2026-06-16T15:00:00Z"]),
            [Status::Late, Status::Missing],
            "{config}"
        );
    }
    // One day of the week is enough, and so is what says until when: not one backup is due inside, nor at its end.
    let closed = maintenance("2026-06-15 / 2027-12-31");
    for (when, inside) in
        [(maintenance("mon-sat 12:00-16:00"), "2026-06-20T16:00:00Z"), (closed, "2027-12-31T15:00:00Z")]
    {
        let (mut world, job) =
            begin("2026-06-14T13:00:00Z", &(day.to_owned() + &when + &maintenance("daily 1:00-1:30")));
        let _ = statuses(&mut world, &job, [inside]);
        assert_eq!(world.history(&job), ["SUCCESS"], "{when}");
    }
}

#[test]
fn a_pause_over_backups_that_maintenance_would_hide_makes_none_of_them_missing() {
    let config = "[defaults]\nat = [\"12:00\"]\ngrace = \"2h\"\ntimezone = \"UTC\"\n\
        [[maintenance]]\nwhen = \"daily 11:00-16:00\"\ntimezone = \"UTC\"";
    let (mut world, job) = begin("2026-06-15T12:30:00Z", config);
    let mut paused = world.job(&job);
    let (from, until) = (world.now, Some(at("2026-09-15T20:00:00Z")));
    paused.pauses.push(Pause { from, until, who: "ada".into(), reason: "move".into() });
    world.store.commit(&Unit { jobs: vec![paused], ..Unit::default() }).unwrap();
    assert_eq!(
        statuses(&mut world, &job, ["2026-09-15T19:59:59Z", "2026-09-16T13:59:59Z", "2026-09-16T14:00:00Z"]),
        [Status::Paused, Status::Late, Status::Missing]
    );
    assert_eq!(world.history(&job), ["SUCCESS", "MISSING no_report"]);
}

#[test]
fn a_window_costs_a_monthly_backup_one_cycle_also_where_others_hide_the_next_two() {
    let config = "[defaults]\ncron = \"0 2 1 * *\"\ngrace = \"4h\"\ntimezone = \"UTC\"\n\
        [[maintenance]]\nwhen = \"mon-fri 22:00-02:15\"\ntimezone = \"UTC\"\n\
        [[maintenance]]\nwhen = \"daily 02:10-02:40\"\ntimezone = \"UTC\"";
    let (mut world, job) = begin("2027-07-01T03:00:00Z", config);
    // Those of September and October are not due; that of November meets a window before its deadline, as August's does.
    assert_eq!(
        statuses(&mut world, &job, ["2027-08-01T01:59:59Z", "2027-08-01T02:00:00Z", "2027-08-01T06:00:00Z"]),
        [Status::Success, Status::Late, Status::Missing]
    );
}

#[test]
fn a_pause_of_one_job_stops_its_cycles_and_no_others() {
    let config = "[defaults]\nevery = \"24h\"\ngrace = \"1h\"";
    let (mut world, job) = begin("2026-06-15T08:00:00Z", config);
    world.report(A, "2026-06-15T08:00:00Z", json!({"OTHER": good("db.bin", b"first")}));
    world.scan();
    let mut paused = world.job(&job);
    let pause = Pause {
        from: world.now,
        until: Some(at("2026-06-18T08:00:00Z")),
        who: "ada".into(),
        reason: "move".into(),
    };
    paused.pauses.push(pause);
    world.store.commit(&Unit { jobs: vec![paused], ..Unit::default() }).unwrap();
    assert_eq!(statuses(&mut world, &job, ["2026-06-17T12:00:00Z"]), [Status::Paused]);
    assert_eq!(world.status(&key(A, "OTHER")), Status::Missing);
    // Time inside does not count for `every`.
    assert_eq!(
        statuses(
            &mut world,
            &job,
            ["2026-06-18T08:00:00Z", "2026-06-19T07:59:59Z", "2026-06-19T08:00:00Z", "2026-06-19T09:00:00Z"]
        ),
        [Status::Success, Status::Success, Status::Late, Status::Missing]
    );
}

#[test]
fn another_schedule_by_a_rule_or_a_default_makes_nothing_missing_at_once() {
    let (mut world, job) = begin("2026-06-15T12:30:00Z", "[defaults]\nevery = \"7d\"");
    // Not one scan lies between its discovery and the edit.
    world.now = at("2026-06-17T18:00:00Z");
    for (config, due) in [
        ("[defaults]\nat = [\"12:00\"]\ngrace = \"1h\"\ntimezone = \"UTC\"", "2026-06-18T12:00:00Z"),
        ("[[rule]]\nmatch = { database = \"D*\" }\nevery = \"1h\"\ngrace = \"1h\"", "2026-06-17T19:00:00Z"),
    ] {
        world.configure(config);
        world.scan();
        let standing = world.standing(&job);
        assert_eq!((standing.status, standing.cycle.unwrap().due), (Status::Success, at(due)), "{config}");
        assert!(world.troubles().is_empty());
    }
    // Nor does the way back, and the new one holds from then on.
    assert_eq!(
        statuses(&mut world, &job, ["2026-06-17T19:00:00Z", "2026-06-17T20:00:00Z"]),
        [Status::Late, Status::Missing]
    );
}

#[test]
fn another_patience_forgives_no_backup_that_is_late_already() {
    let patience =
        |grace: &str| format!("[defaults]\nat = [\"13:00\"]\ngrace = \"{grace}\"\ntimezone = \"UTC\"");
    let (mut world, job) = begin("2026-06-15T12:30:00Z", &patience("2h"));
    assert_eq!(statuses(&mut world, &job, ["2026-06-16T14:45:00Z"]), [Status::Late]);
    world.configure(&patience("3h"));
    assert_eq!(
        statuses(&mut world, &job, ["2026-06-16T14:46:00Z", "2026-06-16T15:59:59Z"]),
        [Status::Late; 2]
    );
    // Were it counted by the hour that is over, it would be MISSING at once: then the next one is waited for.
    world.configure(&patience("1h"));
    assert_eq!(
        statuses(&mut world, &job, ["2026-06-16T15:59:59Z", "2026-06-17T13:00:00Z", "2026-06-17T14:00:00Z"]),
        [Status::Success, Status::Late, Status::Missing]
    );
}
