//! What is expected, changed from the command line.

use std::io::{BufRead as _, BufReader};
use std::process::Stdio;

use backupmon::files::Lock;
use chrono::TimeDelta;
use serde_json::{Value, json};

use crate::harness::{Site, assert_shape, word};
use crate::report::Report;

const AGENT: &str = "SIRPACAM_DOUALA_NEWBELL";

fn job(database: &str) -> String {
    format!("{AGENT}/{database}")
}

/// Two good databases and one that failed, as a run has left them.
fn site() -> Site {
    let mut site = Site::new().env("LOGNAME", "ops");
    let report =
        Report::of(AGENT).good("A_2024", "aaaa").good("A_2025", "bbbb").failed("B", "BACKUP", "no disk");
    site.deposit(&report);
    site.pass(TimeDelta::minutes(20)).run(["run"]).silent();
    site
}

fn listed(site: &Site, arguments: &[&str]) -> Vec<String> {
    let words = ["jobs", "list", "--json"].into_iter().chain(arguments.iter().copied());
    let document = site.run(words).exits(0).json();
    assert_shape("jobs", &document);
    let jobs = document["jobs"].as_array().unwrap().iter();
    jobs.map(|job| format!("{} {}", word(&job["database"]), word(&job["status"]))).collect()
}

fn shown(site: &Site, database: &str) -> Value {
    site.run(["jobs", "show", "--json", &job(database)]).exits(0).json()
}

fn refuses(site: &Site, words: &[&str], told: &str) {
    let refused = site.run(words).exits(2);
    assert!(refused.stderr.contains(told), "{words:?}\n{refused}");
}

fn audit(site: &Site) -> Vec<String> {
    use backupmon::store::{Sqlite, Store as _};
    let store = Sqlite::open_read_only(&site.path("state/state.db")).unwrap();
    let lines = store.audit(100).unwrap().into_iter();
    lines.map(|line| format!("{} {} ({})", line.who, line.what, line.why.unwrap_or_default())).collect()
}

#[test]
fn a_list_is_what_holds_now_and_records_nothing() {
    let mut site = site();
    assert_eq!(listed(&site, &[]), ["A_2024 SUCCESS", "A_2025 SUCCESS", "B FAILED"]);
    assert_eq!(listed(&site, &["--year", "2025"]), ["A_2025 SUCCESS"]);
    assert_eq!(listed(&site, &["--status", "failed"]), ["B FAILED"]);
    assert_eq!(listed(&site, &["--database", "X*"]), [""; 0]);
    let id = word(&shown(&site, "B")["id"]).to_owned();
    assert_eq!(listed(&site, &[&id, "--status", "FAILED,MISSING"]), ["B FAILED"]);
    site.pass(TimeDelta::hours(25));
    assert_eq!(listed(&site, &[]), ["A_2024 LATE", "A_2025 LATE", "B FAILED"]);
    site.pass(TimeDelta::hours(24));
    assert_eq!(listed(&site, &[]), ["A_2024 MISSING", "A_2025 MISSING", "B MISSING"]);
    assert_eq!(shown(&site, "B")["entries"].as_array().unwrap().len(), 1, "nothing is recorded");
    refuses(&site, &["jobs", "list", &job("A_2023")], "did you mean `SIRPACAM_DOUALA_NEWBELL/A_202");
}

#[test]
fn a_list_is_given_beside_a_running_scan() {
    let site = site();
    let _run = Lock::acquire(&site.path("state/lock"), site.now()).unwrap().unwrap();
    assert_eq!(listed(&site, &[]).len(), 3);
    let _ = site.run(["agents", "list"]).done();
}

#[test]
fn show_names_the_source_of_each_value_and_the_rule_that_keeps_each_version() {
    let site = site();
    site.run(["jobs", "edit", &job("A_2025"), "--at", "13:00,18:00", "--days", "mon-fri"]).done();
    site.configure("[defaults]\ngrace = '3h'\n[[rule]]\nmatch = { database = 'A_*' }\nkeep_last = 5\n");
    let text = site.run(["jobs", "show", &job("A_2025")]).done();
    let line = |start: &str| {
        text.lines()
            .find(|line| line.starts_with(start))
            .unwrap()
            .split_whitespace()
            .collect::<Vec<_>>()
            .join(" ")
    };
    for (key, expected) in [
        ("at ", "at 13:00, 18:00 job"),
        ("days ", "days mon-fri job"),
        ("grace ", "grace 3h [defaults]"),
        ("keep_last ", "keep_last 5 rule 1"),
        ("early ", "early 1h built in"),
        ("content_check ", "content_check auto built in"),
    ] {
        assert_eq!(line(key), expected);
    }
    let document = shown(&site, "A_2025");
    assert_shape("job", &document);
    assert_eq!(
        document["versions"][0]["kept_by"],
        json!([
            "keep_last",
            "keep_within",
            "keep_daily",
            "keep_weekly",
            "keep_monthly",
            "min_good",
            "current"
        ])
    );
    assert!(shown(&site, "B")["alerts"][0]["cause"] == "backup_failed");
    assert_eq!(site.run(["jobs", "show", "none"]).status, 2);
}

#[test]
fn next_shows_due_and_deadline_in_both_times() {
    let site = site();
    site.run([
        "jobs",
        "edit",
        &job("A_2025"),
        "--at",
        "13:00",
        "--days",
        "mon-fri",
        "--timezone",
        "Africa/Douala",
    ])
    .done();
    let next = site.run(["jobs", "next", &job("A_2025"), "--count", "2", "--json"]).exits(0).json();
    assert_eq!(
        next["cycles"],
        json!([
            {"due": "2020-06-15T12:00:00Z", "deadline": "2020-06-15T14:00:00Z",
             "due_local": "2020-06-15T13:00:00+01:00", "deadline_local": "2020-06-15T15:00:00+01:00"},
            {"due": "2020-06-16T12:00:00Z", "deadline": "2020-06-16T14:00:00Z",
             "due_local": "2020-06-16T13:00:00+01:00", "deadline_local": "2020-06-16T15:00:00+01:00"},
        ])
    );
    let text = site.run(["jobs", "next", &job("A_2025"), "--count", "1"]).done();
    assert!(text.contains("2020-06-15T12:00:00Z") && text.contains("13:00:00+01:00"), "{text}");
}

#[test]
fn a_job_can_be_expected_before_it_was_ever_reported() {
    let mut site = site();
    let added = site.run([
        "jobs",
        "add",
        &job("C"),
        "--every",
        "1h",
        "--grace",
        "10min",
        "--json",
        "--label",
        "year=2031",
    ]);
    let added = added.exits(0).json();
    assert_shape("job", &added);
    assert_eq!(
        (word(&added["status"]), &added["year"], &added["trial"]),
        ("PENDING", &json!(2031), &json!(false))
    );
    let again = site.run(["jobs", "add", &job("C")]).exits(2);
    assert!(again.stderr.contains("expected already") && again.stderr.contains("jobs edit"), "{again}");
    site.pass(TimeDelta::minutes(69));
    assert_eq!(word(&shown(&site, "C")["status"]), "LATE");
    site.pass(TimeDelta::minutes(1)).run(["run"]).silent();
    assert_eq!(word(&shown(&site, "C")["status"]), "MISSING");
    for (words, told) in [
        (vec!["jobs", "add", "nonsense"], "AGENT/DATABASE"),
        (vec!["jobs", "add", "A/.."], "`.` or `..`"),
        (vec!["jobs", "add", "A/b", "--timezone", "Mars"], "timezone"),
        (vec!["jobs", "add", "A/b", "--cron", "* *"], "cron"),
        (vec!["jobs", "add", "A/b", "--every", "1d", "--recipients", "nobody"], "recipients"),
    ] {
        refuses(&site, &words, told);
    }
}

#[test]
fn a_discovered_job_on_trial_is_taken_off_it_and_not_missing_at_once() {
    let mut site = Site::configured("[scan]\ntrial_days = 3\n");
    site.deposit(&Report::of(AGENT).good("A", "aaaa").good("B", "bbbb"));
    site.pass(TimeDelta::minutes(20)).run(["run"]).silent();
    site.pass(TimeDelta::hours(37));
    assert_eq!(listed(&site, &[]), ["A SUCCESS", "B SUCCESS"], "its absence is no alarm");
    site.run(["jobs", "add", &job("A")]).done();
    site.run(["jobs", "edit", &job("B"), "--recipients", "me@example.org"]).done();
    assert_eq!(shown(&site, "A")["trial"], false);
    assert_eq!(listed(&site, &["--status", "MISSING"]), [""; 0]);
    site.pass(TimeDelta::hours(36)).run(["run"]).silent();
    assert_eq!(listed(&site, &[]), ["A MISSING", "B MISSING"]);
}

#[test]
fn an_edit_replaces_the_schedule_as_a_whole_and_alarms_nobody() {
    let mut site = site();
    let set = |words: &[&str]| {
        let all = ["jobs", "edit", "--database", "A_2025"].into_iter().chain(words.iter().copied());
        site.run(all).done()
    };
    assert!(set(&["--at", "13:00,18:00", "--days", "mon-fri", "--grace", "1h"]).contains("edited"));
    set(&["--cron", "0 6 * * *"]);
    let schedule = shown(&site, "A_2025")["schedule"].clone();
    assert_eq!(
        (&schedule["cron"], &schedule["at"], &schedule["grace"]),
        (&json!("0 6 * * *"), &Value::Null, &json!(3600))
    );
    set(&["--unset", "schedule,grace", "--reason", "as all others"]);
    assert_eq!(shown(&site, "A_2025")["assumed"], true);
    assert_eq!(
        audit(&site),
        [
            "ops jobs edit at=13:00,18:00, days=mon-fri, grace=1h ()",
            "ops jobs edit cron=0 6 * * * ()",
            "ops jobs edit unset schedule, grace (as all others)"
        ]
    );
    refuses(&site, &["jobs", "edit", "--database", "A*"], "nothing is to be set");
    refuses(&site, &["jobs", "edit", "--grace", "1h"], "no job is named");
    refuses(&site, &["jobs", "edit", "--database", "A*", "--unset", "graze"], "the keys are");
    // The new schedule's last occurrence and its deadline are over; still it is only the next one that counts.
    site.pass(TimeDelta::hours(8));
    site.run(["jobs", "edit", "--database", "A_2025", "--at", "09:00", "--grace", "5min"]).done();
    site.run(["run"]).silent();
    assert_eq!(word(&shown(&site, "A_2025")["status"]), "SUCCESS");
    assert_eq!(word(&shown(&site, "A_2025")["next_due"]), "2020-06-16T09:00:00Z");
}

#[test]
fn a_pause_stops_the_alarm_and_resume_does_not_make_one() {
    let mut site = site();
    let paused =
        site.run(["jobs", "pause", &job("A_2025"), "--until", "5d", "--reason", "holidays", "--json"]);
    assert_eq!(paused.exits(0).json()["jobs"][0]["status"], "PAUSED");
    site.pass(TimeDelta::days(4)).run(["run"]).silent();
    assert_eq!(listed(&site, &[]), ["A_2024 MISSING", "A_2025 PAUSED", "B MISSING"]);
    let text = site.run(["jobs", "show", &job("A_2025")]).done();
    assert!(text.contains("holidays") && text.contains("2020-06-20T08:20:00Z"), "{text}");
    site.run(["jobs", "resume", &job("A_2025")]).done();
    site.run(["run"]).silent();
    assert_eq!(word(&shown(&site, "A_2025")["status"]), "SUCCESS");
    let nothing = site.run(["jobs", "resume", &job("A_2025")]).exits(0);
    assert!(nothing.stderr.contains("neither paused nor retired"), "{nothing}");
    refuses(&site, &["jobs", "pause", &job("B"), "--until", "2020-01-01", "--reason", "x"], "not ahead");
    site.pass(TimeDelta::hours(36)).run(["run"]).silent();
    assert_eq!(word(&shown(&site, "A_2025")["status"]), "MISSING");
}

#[test]
fn what_is_retired_keeps_its_newest_good_version_and_ends_its_alarm() {
    let mut site = site();
    let retired = site.run(["jobs", "retire", "--agent", AGENT, "--reason", "closed"]).exits(0);
    assert!(retired.stderr.contains("B has no good version"), "{retired}");
    assert_eq!(listed(&site, &[]), [""; 0]);
    assert_eq!(listed(&site, &["--all"]), ["A_2024 RETIRED", "A_2025 RETIRED", "B RETIRED"]);
    let document = shown(&site, "A_2025");
    assert_eq!(document["versions"][0]["pinned"], true);
    assert!(site.tree("validated").contains("/.pinned"));
    assert!(!shown(&site, "B")["alerts"][0]["resolved_at"].is_null());
    site.pass(TimeDelta::days(3)).run(["run"]).silent();
    site.run(["jobs", "resume", "--agent", AGENT]).done();
    site.run(["run"]).silent();
    assert_eq!(listed(&site, &[]), ["A_2024 SUCCESS", "A_2025 SUCCESS", "B PENDING"]);
}

#[test]
fn what_is_removed_is_forgotten_but_never_deleted() {
    let mut site = site();
    let removed = site.run(["jobs", "remove", &job("A_2025"), &job("B"), "--json"]).exits(0).json();
    assert_eq!(removed["jobs"].as_array().unwrap().len(), 2);
    assert_eq!(listed(&site, &["--all"]), ["A_2024 SUCCESS"]);
    site.pass(TimeDelta::hours(1));
    site.deposit(&Report::of(AGENT).good("A_2025", "cccc").good("B", "dddd"));
    site.pass(TimeDelta::minutes(20)).run(["run"]).silent();
    assert_eq!(listed(&site, &["--all"]), ["A_2024 SUCCESS"], "it is not discovered again");
    assert_eq!(
        site.document("site/api/alerts.json")["alerts"]
            .as_array()
            .unwrap()
            .iter()
            .filter(|a| a["resolved_at"].is_null())
            .count(),
        0
    );
    assert_eq!(site.proven_versions(), 2);
    site.run(["jobs", "add", &job("B"), "--grace", "1h"]).done();
    assert_eq!(listed(&site, &[]), ["A_2024 SUCCESS", "B PENDING"]);
}

#[test]
fn a_change_wants_to_be_told_which_and_that_many_are_meant() {
    let site = Site::new();
    let report =
        (0..12).fold(Report::of(AGENT), |report, n| report.failed(&format!("D{n:02}"), "BACKUP", "x"));
    site.deposit(&report);
    let mut site = site;
    site.pass(TimeDelta::minutes(20)).run(["run"]).silent();
    for (words, told) in [
        (&["jobs", "retire"][..], "--agent '*'"),
        (&["jobs", "retire", "--database", "X*"], "no job matches"),
        (&["jobs", "retire", "--agent", "*"], "12 jobs"),
        (&["jobs", "retire", "--agent", "[", "--yes"], "no pattern"),
    ] {
        refuses(&site, words, told);
    }
    let planned = site.run(["jobs", "retire", "--agent", "*", "--dry-run"]).exits(0);
    assert_eq!(planned.stdout.matches("would retire").count(), 12, "{planned}");
    assert_eq!(listed(&site, &[]).len(), 12);
    let retired = site.run(["jobs", "retire", "--agent", "*", "--yes"]).exits(0);
    assert_eq!(retired.stderr.matches("has no good version").count(), 12, "{retired}");
    assert_eq!(listed(&site, &[]).len(), 0);
    assert_eq!(audit(&site).len(), 12);
}

#[test]
fn an_export_is_taken_back_without_a_change_and_elsewhere_as_it_was() {
    let site = site();
    site.run([
        "jobs",
        "edit",
        &job("A_2025"),
        "--at",
        "13:00",
        "--days",
        "mon-fri",
        "--grace",
        "90s",
        "--keep-last",
        "4",
    ])
    .done();
    site.run(["jobs", "pause", &job("B"), "--no-end", "--reason", "x"]).done();
    let exported = site.run(["jobs", "export"]).done();
    let document: Value = serde_json::from_str(&exported).unwrap();
    assert_eq!(
        document["jobs"][1],
        json!({"agent": AGENT, "database": "A_2025", "company": null, "city": null, "neighborhood": null,
               "year": null, "cron": null, "at": ["13:00"], "days": "mon-fri", "every": null, "timezone": null,
               "grace": 90, "early": null, "recipients": null, "active": true, "keep_last": 4})
    );
    let take = |site: &Site, text: &str| site.command(["jobs", "import", "-", "--json"]).input(text).run();
    let counts = |created, updated, unchanged| json!({"created": created, "updated": updated, "unchanged": unchanged, "dry_run": false});
    assert_eq!(take(&site, &exported).exits(0).json(), counts(0, 0, 3));
    let other = Site::new();
    assert_eq!(take(&other, &exported).exits(0).json(), counts(3, 0, 0));
    assert_eq!(other.run(["jobs", "export"]).done(), exported);
    let one = json!({"jobs": [{"agent": AGENT, "database": "B", "grace": "4h", "active": true}]}).to_string();
    assert_eq!(take(&other, &one).exits(0).json(), counts(0, 1, 0));
    let job = shown(&other, "B");
    assert_eq!((&job["status"], &job["schedule"]["grace"]), (&json!("PENDING"), &json!(14_400)));
}

#[test]
fn an_import_is_whole_or_not_at_all() {
    let site = site();
    let good = json!({"agent": AGENT, "database": "NEW"});
    for (bad, told) in [
        (json!({"jobs": [good, {"agent": AGENT, "database": "B", "graze": 1}]}).to_string(), "jobs[1]"),
        (
            json!({"jobs": [good, {"agent": AGENT, "database": "B", "timezone": "Mars"}]}).to_string(),
            "timezone",
        ),
        (json!({"jobs": [good, good]}).to_string(), "twice"),
        (json!({"jobs": [good, {"agent": "a/b", "database": "B"}]}).to_string(), "jobs[1].agent"),
        (json!({"jobs": [good, {"agent": AGENT, "database": "B", "grace": "soon"}]}).to_string(), "duration"),
        (json!([good]).to_string(), "expected"),
        (r#"{"jobs": []} {"jobs": []}"#.to_owned(), "trailing"),
        ("{".to_owned(), "line 1"),
    ] {
        let refused = site.command(["jobs", "import", "-"]).input(bad.clone()).run().exits(2);
        assert!(refused.stderr.contains(told), "{bad}\n{refused}");
    }
    refuses(&site, &["jobs", "import", "none.json"], "no file");
    assert_eq!(listed(&site, &[]).len(), 3);
}

#[test]
fn a_change_waits_for_a_run_that_would_write_over_it() {
    let site = site();
    let run = Lock::acquire(&site.path("state/lock"), site.now()).unwrap().unwrap();
    let mut call = site.command(["jobs", "retire", &job("B"), "--now", &site.now().to_rfc3339(), "--config"]);
    let command = call.command.arg(site.path("config.toml"));
    let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let mut told = String::new();
    BufReader::new(child.stderr.as_mut().unwrap()).read_line(&mut told).unwrap();
    assert!(told.contains("a run is at work"), "{told}");
    assert_eq!(listed(&site, &["--status", "RETIRED"]), [""; 0]);
    drop(run);
    assert!(child.wait().unwrap().success());
    assert_eq!(listed(&site, &["--status", "RETIRED"]), ["B RETIRED"]);
}

#[test]
fn what_time_it_is_taken_for_changes_nothing_on_a_real_state() {
    let site = Site::new();
    let added = site.command(["jobs", "add", "A/b"]).by_the_machines_clock().run().exits(0);
    assert!(added.stderr.contains("no folder of the agent `A`"), "{added}");
    let dry = site.run(["jobs", "remove", "A/b"]).exits(0);
    assert!(dry.stderr.contains("dry run") && dry.stdout.contains("would remove A/b"), "{dry}");
    assert_eq!(
        site.run(["jobs", "list", "A/b", "--json"]).exits(0).json()["jobs"].as_array().unwrap().len(),
        1
    );
}

#[test]
fn agents_are_listed_with_their_jobs_and_problems() {
    let site = site();
    site.place("deposits/SIRPACAM_DOUALA_AKWA/log/x.json", "{");
    let mut site = site;
    site.pass(TimeDelta::minutes(20)).run(["run"]).silent();
    let list = site.run(["agents", "list"]).done();
    let line = list.lines().find(|line| line.starts_with("SIRPACAM_DOUALA_AKWA")).unwrap();
    assert!(line.contains("report_unreadable"), "{list}");
    let document = site.run(["agents", "list", "--json"]).exits(0).json();
    assert_shape("agents", &document);
    assert_eq!(document["agents"][0]["problems"], json!(["report_unreadable"]));
    let agent = site.run(["agents", "show", AGENT, "--json"]).exits(0).json();
    assert_eq!((agent["jobs"].as_array().unwrap().len(), &agent["city"]), (3, &json!("DOUALA")));
    let text = site.run(["agents", "show", AGENT]).done();
    assert!(text.contains("deposits/SIRPACAM_DOUALA_NEWBELL") && text.contains("A_2025"), "{text}");
    refuses(&site, &["agents", "show", "X"], "no agent");
}

#[test]
fn a_rename_takes_history_and_versions_along() {
    let mut site = site();
    site.run(["jobs", "edit", &job("A_2025"), "--grace", "5h"]).done();
    refuses(&site, &["jobs", "rename", &job("A_2025"), "A_2024"], "known already");
    let planned = site.run(["jobs", "rename", &job("A_2025"), "Z", "--dry-run"]).done();
    assert!(planned.contains("would rename to SIRPACAM_DOUALA_NEWBELL/Z"), "{planned}");
    site.run(["jobs", "rename", &job("A_2025"), "Z"]).done();
    let after = shown(&site, "Z");
    assert_eq!(
        (after["entries"].as_array().unwrap().len(), &after["schedule"]["grace"]),
        (1, &json!(18_000))
    );
    site.run(["agents", "rename", AGENT, "SIRPACAM_KRIBI_PORT", "--reason", "moved"]).done();
    let moved = site.run(["jobs", "show", "SIRPACAM_KRIBI_PORT/Z", "--json"]).exits(0).json();
    let version = word(&moved["current_version"]).to_owned();
    let tree = site.tree("validated");
    assert!(tree.contains(&format!("SIRPACAM_KRIBI_PORT/Z/current_version -> versions/{version}")), "{tree}");
    assert!(!tree.contains(AGENT) && !tree.contains("rename.json"), "{tree}");
    assert_eq!(site.proven_versions(), 2);
    std::fs::rename(site.path(&format!("deposits/{AGENT}")), site.path("deposits/SIRPACAM_KRIBI_PORT"))
        .unwrap();
    site.pass(TimeDelta::minutes(15)).run(["run"]).silent();
    assert_eq!(listed(&site, &[]), ["A_2024 SUCCESS", "B FAILED", "Z SUCCESS"]);
    assert_eq!(site.proven_versions(), 2, "nothing is promoted again");
}

#[test]
fn a_rename_that_was_cut_off_is_finished_by_the_next_run() {
    use backupmon::store::{AuditLine, Sqlite, Store as _};
    use backupmon::vault::{Move, Vault};
    let mut site = site();
    let moved = Move { from: job("A_2025").parse().unwrap(), to: job("Z").parse().unwrap() };
    Vault::new(site.path("validated")).note_moves(std::slice::from_ref(&moved)).unwrap();
    let mut store = Sqlite::open(&site.path("state/state.db"), site.now(), true).unwrap();
    let line =
        AuditLine { at: site.now(), who: "ops".into(), what: "x".into(), target: "x".into(), why: None };
    store.rename_job(&moved.from.id(), &moved.to, &line).unwrap();
    drop(store);
    site.pass(TimeDelta::minutes(15)).run(["run"]).silent();
    assert_eq!(listed(&site, &["--database", "Z"]), ["Z SUCCESS"]);
    assert!(site.tree("validated").contains("NEWBELL/Z/current_version"));
    assert!(!site.tree("validated").contains("A_2025/"), "{}", site.tree("validated"));
    // One that the state never did is dropped.
    Vault::new(site.path("validated"))
        .note_moves(&[Move { from: moved.to.clone(), to: job("Y").parse().unwrap() }])
        .unwrap();
    site.pass(TimeDelta::minutes(15)).run(["run"]).silent();
    assert!(site.tree("validated").contains("NEWBELL/Z/current_version"));
    assert!(!site.tree("validated").contains("rename.json"));
}

#[test]
fn suggested_schedules_come_from_the_reports_and_are_set_on_request() {
    let mut site = Site::new();
    for day in 0..10 {
        let report = Report::of(AGENT).good("A", format!("a{day}")).good("B", format!("b{day}"));
        site.deposit(&if day < 3 { report.good("C", format!("c{day}")) } else { report });
        site.pass(TimeDelta::minutes(20)).run(["run"]).silent();
        site.pass(TimeDelta::minutes(24 * 60 - 20));
    }
    let found = site.run(["jobs", "suggest", "--json"]).exits(0).json();
    assert_eq!(found["suggestions"][0]["at"], json!(["08:00"]));
    assert_eq!(
        (&found["suggestions"][0]["days"], &found["suggestions"][0]["grace"]),
        (&json!("daily"), &json!(3600))
    );
    assert_eq!(found["suggestions"][0]["jobs"].as_array().unwrap().len(), 2);
    assert_eq!((&found["undecided"][0]["database"], &found["applied"]), (&json!("C"), &json!(false)));
    assert_eq!(shown(&site, "A")["assumed"], true);
    let applied = site.run(["jobs", "suggest", &job("A"), "--apply"]).done();
    assert!(applied.contains("at 08:00 daily UTC") && applied.contains("set now"), "{applied}");
    let set = shown(&site, "A");
    assert_eq!((&set["assumed"], &set["schedule"]["at"]), (&json!(false), &json!(["08:00"])));
    assert_eq!(shown(&site, "B")["assumed"], true);
}

#[test]
fn a_removed_job_waits_for_nothing_and_begins_anew_when_it_is_added_again() {
    let mut site = Site::new();
    site.deposit(&Report::of("A").good("b", "the first"));
    site.run(["run"]).silent();
    site.pass(TimeDelta::hours(1));
    // The next one is on its way: its file is still that of the first.
    site.deposit(&Report::of("A").says("b", "b.bin", "the second"));
    site.dump("A", "b.bin", "the first");
    site.run(["run"]).silent();
    let verifying = |site: &Site| site.run(["jobs", "list", "--json"]).json()["jobs"][0]["verifying"].clone();
    assert_eq!(verifying(&site), true);
    site.run(["jobs", "remove", "A/b", "--reason", "sold", "-q"]).done();
    site.pass(TimeDelta::hours(8));
    site.run(["run"]).silent();
    assert_eq!(site.alerts(), "", "nobody waits for it");
    site.run(["jobs", "add", "A/b", "-q"]).done();
    assert_eq!(verifying(&site), false);
}

#[test]
fn a_renamed_job_does_not_wait_forever_for_a_report_of_its_old_name() {
    let mut site = Site::new();
    site.deposit(&Report::of("A").good("b", "the first"));
    site.run(["run"]).silent();
    site.pass(TimeDelta::hours(1));
    site.deposit(&Report::of("A").says("b", "b.bin", "the second"));
    site.dump("A", "b.bin", "the first");
    site.run(["run"]).silent();
    site.run(["jobs", "rename", "A/b", "c", "-q"]).done();
    site.pass(TimeDelta::hours(37));
    site.run(["run"]).silent();
    assert_eq!(site.statuses()["A/c"], "MISSING no_report");
}
