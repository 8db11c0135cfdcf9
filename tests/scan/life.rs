//! The life of a job: trial, turn of the year, retirement, removal, agents that never start, pauses, edits.

use backupmon::domain::job::Job;
use backupmon::domain::orphan::Orphan;
use backupmon::domain::{Severity, Status};
use backupmon::scan::orphans;
use backupmon::store::{Store as _, Unit};
use chrono::TimeDelta;
use serde_json::{Value, json};

use crate::world::{World, agent, at, failed, good, key};

const A: &str = "SIRPACAM_DOUALA_NEWBELL";
const DAYS: fn(i64) -> TimeDelta = TimeDelta::days;
const HOURS: fn(i64) -> TimeDelta = TimeDelta::hours;
const DAILY: &str = "[defaults]\nat = [\"04:00\"]\ntimezone = \"Africa/Douala\"\ngrace = \"2h\"";

/// The agent saves these databases now, all well, in one report.
fn save(world: &mut World, agent: &str, databases: &[&str]) {
    let bytes = format!("{agent} at {}", world.now);
    let mut entries = serde_json::Map::new();
    for database in databases {
        let content = format!("{database} of {bytes}");
        let file = format!("{database}.bin");
        world.dump(agent, &file, content.as_bytes());
        entries.insert((*database).to_owned(), good(&file, content.as_bytes()));
    }
    let own = world.now.to_rfc3339();
    world.report(agent, &own, Value::Object(entries));
}

/// So many days of backups at this hour, each with its scan.
fn days_of(world: &mut World, count: i64, databases: &[&str]) {
    for _ in 0..count {
        save(world, A, databases);
        world.scan();
        world.pass(DAYS(1));
    }
}

fn edit(world: &mut World, key: &backupmon::domain::JobKey, change: impl FnOnce(&mut Job)) {
    let mut job = world.job(key);
    change(&mut job);
    world.store.commit(&Unit { jobs: vec![job], ..Unit::default() }).unwrap();
}

#[test]
fn a_year_that_ends_is_missing_for_a_while_and_then_part_of_one_item() {
    let mut world = World::new("2025-12-29T03:00:00Z", DAILY);
    let old = [key(A, "COMPTA_2025"), key(A, "VENTES_2025")];
    days_of(&mut world, 3, &["COMPTA_2025", "VENTES_2025", "STOCK"]);
    // New Year: the agent saves the new databases only.
    let new = ["COMPTA_2026", "VENTES_2026", "STOCK"];
    days_of(&mut world, 14, &new);
    assert_eq!(world.now, at("2026-01-15T03:00:00Z"));
    for job in &old {
        assert_eq!((world.status(job), world.standing(job).severity), (Status::Missing, Severity::Critical));
    }
    assert_eq!(world.troubles(), ["job", "job"]);
    days_of(&mut world, 1, &new);
    for job in &old {
        assert_eq!((world.status(job), world.standing(job).severity), (Status::Missing, Severity::Inactive));
    }
    assert_eq!(world.troubles(), ["year_over"]);
    let item = world.open_incidents().remove(0);
    assert_eq!((item.subject.agent.as_deref(), item.severity), (None, Severity::Warning));
    assert!(item.message.starts_with("2 databases"), "{}", item.message);
    days_of(&mut world, 5, &new);
    assert_eq!(world.troubles(), ["year_over"]);
    assert_eq!(world.open_incidents()[0].id, item.id);
    // One of them is retired, the other comes again.
    edit(&mut world, &old[0], |job| job.retired_at = Some(at("2026-01-20T00:00:00Z")));
    world.scan();
    assert!(world.open_incidents()[0].message.starts_with("1 database "));
    save(&mut world, A, &["VENTES_2025"]);
    world.scan();
    assert_eq!(world.status(&old[1]), Status::Success);
    assert!(world.troubles().is_empty(), "{:?}", world.troubles());
    // And stays away once more: it is missing again as ever.
    world.pass(DAYS(2)).scan();
    assert_eq!(world.standing(&old[1]).severity, Severity::Critical);
}

#[test]
fn a_year_that_goes_on_beside_the_new_one_is_not_over() {
    let mut world = World::new("2026-01-01T03:00:00Z", DAILY);
    days_of(&mut world, 20, &["DB_2025", "DB_2026"]);
    assert!(world.troubles().is_empty());
    // An agent may split its databases over several reports.
    for _ in 0..20 {
        save(&mut world, A, &["DB_2026"]);
        save(&mut world, A, &["DB_2025"]);
        world.scan();
        world.pass(DAYS(1));
    }
    assert!(world.troubles().is_empty());
    // Both fall silent: nothing newer came, and both are missing.
    world.pass(DAYS(30)).scan();
    assert_eq!(world.troubles(), ["job", "job"]);
}

#[test]
fn a_year_that_does_not_start_is_told_after_its_day_until_it_starts_or_is_answered() {
    let mut world = World::new("2026-01-28T03:00:00Z", DAILY);
    let both = ["DB_2024", "DB_2025"];
    days_of(&mut world, 4, &both);
    assert_eq!(world.now, at("2026-02-01T03:00:00Z"));
    assert!(world.troubles().is_empty(), "31 January is not over");
    days_of(&mut world, 1, &both);
    assert_eq!(world.troubles(), ["year_not_started"]);
    let told = world.open_incidents().remove(0);
    assert_eq!(told.database.as_deref(), Some("DB_2025"));
    days_of(&mut world, 3, &both);
    assert_eq!(world.open_incidents()[0].id, told.id);
    days_of(&mut world, 1, &["DB_2024", "DB_2025", "DB_2026"]);
    assert!(world.troubles().is_empty());
    edit(&mut world, &key(A, "DB_2026"), |job| job.ignored = true);
    world.scan();
    assert_eq!(world.troubles(), ["year_not_started"]);
    edit(&mut world, &key(A, "DB_2025"), |job| job.retired_at = Some(job.added_at));
    world.scan();
    assert!(!world.troubles().contains(&"year_not_started"));
}

#[test]
fn the_day_of_year_start_can_be_set_and_is_the_servers() {
    let config = "[scan]\ntrial_days = 0\nyear_start = \"03-31\"";
    let mut world = World::new("2026-03-31T23:59:00Z", config);
    save(&mut world, A, &["DB_2024", "DB_2025"]);
    world.scan();
    assert!(world.troubles().is_empty());
    world.pass(TimeDelta::minutes(1)).scan();
    assert_eq!(world.troubles(), ["year_not_started"]);
}

#[test]
fn a_retired_job_that_reports_again_is_kept_and_told_once() {
    let mut world = World::new("2026-06-15T03:00:00Z", DAILY);
    let job = key(A, "DB");
    days_of(&mut world, 2, &["DB"]);
    let now = world.now;
    edit(&mut world, &job, |job| job.retired_at = Some(now));
    world.pass(DAYS(3)).scan();
    assert!(world.troubles().is_empty(), "nothing is expected of it");
    save(&mut world, A, &["DB"]);
    assert_eq!(world.scan().versions_promoted, 1);
    assert_eq!(world.status(&job), Status::Retired);
    assert_eq!(world.troubles(), ["retired_reports"]);
    let told = world.open_incidents().remove(0);
    // A failure of it is no alarm, and no further news.
    world.pass(DAYS(1));
    let own = world.now.to_rfc3339();
    world.report(A, &own, json!({"DB": failed("BACKUP", "no space")}));
    world.scan();
    assert_eq!(world.history(&job).last().unwrap(), "FAILED backup_failed");
    let open = world.open_incidents();
    assert_eq!((open.len(), &open[0]), (1, &told));
    edit(&mut world, &job, |job| job.retired_at = None);
    world.scan();
    assert!(!world.troubles().contains(&"retired_reports"));
}

#[test]
fn a_report_from_before_the_retirement_is_no_news() {
    let mut world = World::new("2026-06-15T03:00:00Z", DAILY);
    days_of(&mut world, 1, &["DB"]);
    save(&mut world, A, &["DB"]);
    world.pass(HOURS(1));
    let now = world.now;
    edit(&mut world, &key(A, "DB"), |job| job.retired_at = Some(now));
    world.scan();
    assert_eq!(world.history(&key(A, "DB")).len(), 2);
    assert!(world.troubles().is_empty());
}

#[test]
fn a_removed_job_is_not_discovered_again_and_an_ignored_database_never_is() {
    let rule = "[[rule]]\nmatch = { database = \"*_TEST\" }\ndiscover = \"ignore\"";
    let mut world = World::new("2026-06-15T03:00:00Z", rule);
    save(&mut world, A, &["DB", "DB_TEST"]);
    world.scan();
    let names = |world: &World| -> Vec<String> {
        world.store.jobs().unwrap().iter().map(|job| job.key.database.to_string()).collect()
    };
    assert_eq!(names(&world), ["DB"]);
    edit(&mut world, &key(A, "DB"), |job| job.ignored = true);
    world.pass(DAYS(1));
    save(&mut world, A, &["DB", "DB_TEST"]);
    let summary = world.scan();
    assert_eq!((summary.reports.judged, summary.files_read), (1, 0), "the report is done with");
    assert_eq!(world.history(&key(A, "DB")).len(), 1);
    world.pass(DAYS(9)).scan();
    assert!(world.troubles().is_empty());
    assert!(world.vault.list(&key(A, "DB")).unwrap().versions.len() == 1, "its versions stay");
}

#[test]
fn an_agent_may_call_itself_by_an_alias_but_by_no_other_name() {
    let rule = format!("[[rule]]\nmatch = {{ agent = \"{A}\" }}\naliases = [\"newbell-old\"]");
    let mut world = World::new("2026-06-15T08:00:00Z", &rule);
    for (file, name) in [("1.json", "NewBell-Old"), ("2.json", "newbell-older")] {
        let report = json!({"agent_id": name, "operation_end_time": "2026-06-15T07:00:00Z", "databases": {file: failed("BACKUP", "x")}});
        world.source.put_report(&agent(A), file, report.to_string(), world.now - HOURS(1));
    }
    let summary = world.scan();
    assert_eq!((summary.reports.judged, summary.reports.rejected), (1, 1));
    assert_eq!(world.history(&key(A, "1.json")), ["FAILED backup_failed"]);
}

#[test]
fn days_of_trial_are_counted_by_the_jobs_own_calendar() {
    let config = "[scan]\ntrial_days = 2\n[defaults]\ntimezone = \"Africa/Douala\"";
    // Douala is an hour ahead: 22:30 and 23:30 UTC are two days, 23:30 and 22:30 on the next are one.
    for (times, trial) in [
        (["2026-06-15T22:30:00Z", "2026-06-15T23:30:00Z"], false),
        (["2026-06-15T23:30:00Z", "2026-06-16T22:30:00Z"], true),
    ] {
        let mut world = World::new("2026-06-15T22:00:00Z", config);
        for time in times {
            world.now = at(time);
            save(&mut world, A, &["DB"]);
            world.scan();
        }
        assert_eq!(world.job(&key(A, "DB")).on_trial, trial, "{times:?}");
    }
}

#[test]
fn what_belongs_to_no_job_is_found_in_state_deposits_and_versions() {
    let mut world = World::new("2026-06-15T03:00:00Z", "");
    save(&mut world, A, &["KEPT", "REMOVED"]);
    world.dump(A, "STRAY_2019.sql.gz", b"nobody reports it");
    world.scan();
    let shown = |orphans: Vec<Orphan>| -> Vec<(String, u64)> {
        orphans.iter().map(|orphan| (orphan.adopted_as(), orphan.bytes)).collect()
    };
    let stray = (format!("{A}/STRAY_2019"), 17);
    let all = |world: &World| {
        let jobs = world.store.jobs().unwrap();
        [
            shown(orphans::of_removed_jobs(&world.store, &jobs).unwrap()),
            shown(orphans::in_vault(&world.vault, &jobs).unwrap()),
            shown(orphans::in_deposits(&world.source, &jobs)),
        ]
    };
    assert_eq!(all(&world), [vec![], vec![], vec![stray.clone()]]);
    edit(&mut world, &key(A, "REMOVED"), |job| job.ignored = true);
    let size = world.job(&key(A, "REMOVED")).state.good.unwrap().size_bytes;
    let removed = (format!("{A}/REMOVED"), size);
    assert_eq!(all(&world), [vec![removed.clone()], vec![removed.clone()], vec![removed, stray]]);
}

#[test]
fn a_family_that_was_found_today_is_not_expected_to_have_begun_its_year() {
    let mut world = World::new("2026-11-22T08:00:00Z", "[scan]\ntrial_days = 3");
    let report = json!({"DB_2024": failed("BACKUP", "x"), "DB_2025": failed("BACKUP", "x")});
    world.report(A, "2025-06-20T08:00:00Z", report);
    world.scan();
    assert_eq!(world.troubles(), ["job", "job"]);
}
