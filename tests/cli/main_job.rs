//! What the program is for: `run` over the example fleet, from the deposits to versions, page and mail.

use std::fs;
use std::path::Path;

use backupmon::files::Lock;
use chrono::TimeDelta;

use crate::harness::{Site, assert_shape, moment};
use crate::mail::{self, Fault, Server};
use crate::report::Report;

const AGENT: &str = "SIRPACAM_DOUALA_NEWBELL";

/// The fleet of fixtures/deposits, three hours after it reported.
fn fleet(sections: &str) -> Site {
    let site = Site::configured(sections).at("2026-06-15T08:00:00Z");
    let fixtures = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/deposits");
    for entry in walkdir::WalkDir::new(&fixtures).min_depth(2).into_iter().map(Result::unwrap) {
        if entry.file_type().is_file() {
            let place = Path::new("deposits").join(entry.path().strip_prefix(&fixtures).unwrap());
            let path = site.place(place.to_str().unwrap(), fs::read(entry.path()).unwrap());
            site.touch(&path, moment("2026-06-15T05:15:00Z"));
        }
    }
    site
}

#[test]
fn the_example_fleet_is_judged_kept_and_shown() {
    let mut site = fleet("");
    site.run(["run"]).silent();
    let statuses: Vec<String> =
        site.statuses().iter().map(|(name, status)| format!("{name} {status}")).collect();
    insta::assert_snapshot!(statuses.join("\n"), @r"
    HYDROCAM_GAROUA_PLATEAU/PERSONNEL_GAROUA_2026 SUCCESS
    HYDROCAM_GAROUA_PLATEAU/RELEVES_GAROUA_2025 SUCCESS
    HYDROCAM_GAROUA_PLATEAU/RELEVES_GAROUA_2026 CORRUPT truncated
    HYDROCAM_KRIBI_PORT/ABONNES_KRIBI_2026 FAILED file_absent
    HYDROCAM_KRIBI_PORT/FACTURES_KRIBI_2026 SUCCESS
    HYDROCAM_KRIBI_PORT/RELEVES_KRIBI_2026 SUCCESS
    SIRPACAM_DOUALA_NEWBELL/COMPTA_NEWBELL_2024 SUCCESS
    SIRPACAM_DOUALA_NEWBELL/COMPTA_NEWBELL_2025 SUCCESS
    SIRPACAM_DOUALA_NEWBELL/COMPTA_NEWBELL_2026 SUCCESS
    SIRPACAM_DOUALA_NEWBELL/PAIE_NEWBELL_2026 FAILED backup_failed
    SIRPACAM_YAOUNDE_MOKOLO/CAISSE_MOKOLO_2026 SUCCESS
    SIRPACAM_YAOUNDE_MOKOLO/STOCK_MOKOLO_2026 SUCCESS
    SIRPACAM_YAOUNDE_MOKOLO/VENTES_MOKOLO_2026 HASH_MISMATCH hash_differs
    ");
    assert_eq!(site.proven_versions(), 9);
    let links: Vec<String> =
        site.tree("validated").lines().filter(|line| line.contains(" -> ")).map(str::to_owned).collect();
    insta::assert_snapshot!(links.join("\n"), @r"
    HYDROCAM_GAROUA_PLATEAU/PERSONNEL_GAROUA_2026/current_version -> versions/20260615T051302Z-15557dff
    HYDROCAM_GAROUA_PLATEAU/RELEVES_GAROUA_2025/current_version -> versions/20260615T051302Z-af73e21c
    HYDROCAM_KRIBI_PORT/FACTURES_KRIBI_2026/current_version -> versions/20260615T050244Z-41ec7c31
    HYDROCAM_KRIBI_PORT/RELEVES_KRIBI_2026/current_version -> versions/20260615T050244Z-9903fad8
    SIRPACAM_DOUALA_NEWBELL/COMPTA_NEWBELL_2024/current_version -> versions/20260615T040931Z-f9810a85
    SIRPACAM_DOUALA_NEWBELL/COMPTA_NEWBELL_2025/current_version -> versions/20260615T040931Z-9703a1c2
    SIRPACAM_DOUALA_NEWBELL/COMPTA_NEWBELL_2026/current_version -> versions/20260615T040931Z-fda6f24d
    SIRPACAM_YAOUNDE_MOKOLO/CAISSE_MOKOLO_2026/current_version -> versions/20260615T033240Z-3898adef
    SIRPACAM_YAOUNDE_MOKOLO/STOCK_MOKOLO_2026/current_version -> versions/20260615T033240Z-ad0282ad
    ");

    let before = site.tree("validated");
    let second = site.pass(TimeDelta::minutes(15)).run(["run", "--json"]).exits(0).json();
    insta::assert_snapshot!(second, @r#"{"scan_id":2,"reports":{"judged":0,"rejected":0,"superseded":0,"duplicate":0,"waiting":0},"jobs":{"PENDING":0,"SUCCESS":9,"UNCHANGED":0,"LATE":0,"FAILED":2,"HASH_MISMATCH":1,"CORRUPT":1,"MISSING":0,"PAUSED":0,"RETIRED":0},"bytes_read":0,"files_read":0,"versions_promoted":0,"messages_sent":0,"duration_seconds":0.0}"#);
    assert_eq!(site.tree("validated"), before);
}

#[test]
fn every_document_of_a_run_has_its_published_shape() {
    let site = fleet("");
    assert_shape("scan", &site.run(["run", "--json"]).exits(0).json());
    for name in ["jobs", "alerts", "health"] {
        assert_shape(name, &site.document(&format!("site/api/{name}.json")));
    }
    let files = site.tree("site/api/jobs");
    assert_eq!(files.lines().count(), 13);
    for file in files.lines() {
        assert_shape("job", &site.document(&format!("site/api/jobs/{file}")));
    }
}

#[test]
fn a_dry_run_tells_what_would_be_read_and_leaves_no_trace() {
    let site = fleet("");
    insta::assert_snapshot!(site.run(["run", "--dry-run"]), @r"
    exit 0
    --- stdout
    reports   1 judged, 0 rejected, 3 superseded, 0 seen before, 0 waiting
    jobs      11 PENDING, 2 FAILED
    read      0 B in 0 files
    versions  0 promoted
    messages  0 sent
    took      0.0 s
    dry run: nothing was changed; 11 files of 19.1 kB would be read, 0 versions removed
    ");
    for part in ["state", "validated", "site"] {
        assert!(!site.path(part).exists(), "{part}:\n{}", site.tree(part));
    }
}

#[test]
fn without_any_configuration_everything_lies_under_the_state_folder() {
    let site = fleet("");
    let run = site.command(["run", "--deposits", "deposits"]).env("XDG_STATE_HOME", site.path("xdg"));
    run.env("BACKUPMON_PROMOTE__MIN_FREE", "0").unconfigured().run().silent();
    assert!(!site.path("validated").exists(), "the configured place is not used");
    let tree = site.tree("xdg/backupmon");
    for part in [
        "state.db",
        "validated/HYDROCAM_KRIBI_PORT/RELEVES_KRIBI_2026/current_version -> ",
        "site/index.html",
    ] {
        assert!(tree.lines().any(|line| line.starts_with(part)), "{part}:\n{tree}");
    }
}

#[test]
fn what_was_found_changes_the_exit_code_only_where_that_is_asked_for() {
    let site = fleet("");
    site.run(["run"]).silent();
    for (arguments, expected) in [
        (["run", "--fail-on", "critical"], 3),
        (["scan", "--fail-on", "warning"], 3),
        (["run", "--fail-on", "everything"], 2),
        (["run", "--deposits", ""], 2),
    ] {
        let _ = site.run(arguments).exits(expected);
    }
    let good = Site::new();
    good.deposit(&Report::of(AGENT).good("DB", "bytes"));
    good.run(["run", "--fail-on", "warning"]).silent();
}

#[test]
fn a_person_who_asks_is_told_that_all_went_well() {
    let site = Site::new();
    site.deposit(&Report::of(AGENT).good("DB", "bytes"));
    insta::assert_snapshot!(site.run(["-v", "run"]), @r"
    exit 0
    --- stdout
    reports   1 judged, 0 rejected, 0 superseded, 0 seen before, 0 waiting
    jobs      1 SUCCESS
    read      5 B in 1 files
    versions  1 promoted
    messages  0 sent
    took      0.0 s
    page: $SITE/site/index.html
    ");
}

#[test]
fn one_mail_tells_of_all_jobs_and_the_next_run_sends_nothing_new() {
    let server = Server::start(Fault::None, &[]);
    let mut site = fleet(&mail::section(server.port));
    let first = site.run(["run", "--json"]).exits(0).json();
    assert_eq!(first["messages_sent"], 1);
    let second = site.pass(TimeDelta::minutes(15)).run(["run", "--json"]).exits(0).json();
    assert_eq!(second["messages_sent"], 0);
    site.pass(TimeDelta::minutes(60)).run(["run"]).silent();
    let mails = mail::taken(&server);
    assert_eq!(mails.len(), 1);
    insta::assert_snapshot!(mails[0].0, @"[backupmon] 4 critical: SIRPACAM_YAOUNDE_MOKOLO/VENTES_MOKOLO_2026, HYDROCAM_GAROUA_PLATEAU/RELEVES_GAROUA_2026 and 2 more");
    for (name, status) in site.statuses() {
        let database = name.split_once('/').unwrap().1;
        assert_eq!(mails[0].1.contains(database), status != "SUCCESS", "{name}:\n{}", mails[0].1);
    }
    // What was told as bad is told as good again.
    site.deposit(&Report::of(AGENT).good("PAIE_NEWBELL_2026", "paid"));
    site.run(["run"]).silent();
    let mails = mail::taken(&server);
    assert_eq!(mails.len(), 2);
    insta::assert_snapshot!(mails[1].0, @"[backupmon] 1 resolved: SIRPACAM_DOUALA_NEWBELL/PAIE_NEWBELL_2026");
}

#[test]
fn a_mail_that_nobody_takes_is_told_and_goes_out_later() {
    let refusing = Server::start(Fault::BusyAtData, &[]);
    let mut site = fleet(&mail::section(refusing.port));
    insta::assert_snapshot!(site.run(["run"]).to_string().replace(&refusing.port.to_string(), "PORT"), @r"
    exit 1
    --- stderr
    error: a message was not delivered: ops@example.org: transient error (421): too busy; it is kept and tried again
    ");
    assert_eq!(site.document("site/api/health.json")["undelivered"], 1);
    assert_eq!(site.proven_versions(), 9, "the rest is done");
    let server = Server::start(Fault::None, &[]);
    site.configure(&mail::section(server.port));
    site.pass(TimeDelta::hours(2)).run(["run"]).silent();
    assert_eq!(mail::taken(&server).len(), 1);
    assert_eq!(site.document("site/api/health.json")["undelivered"], 0);
}

#[test]
fn another_run_at_work_is_left_alone_and_one_that_hangs_is_told() {
    let mut site = Site::new();
    site.deposit(&Report::of(AGENT).good("DB", "bytes"));
    fs::create_dir_all(site.path("state")).unwrap();
    let lock = Lock::acquire(&site.path("state/lock"), site.now()).unwrap().unwrap();
    site.pass(TimeDelta::hours(6)).run(["run"]).silent();
    assert!(!site.path("state/state.db").exists());
    let pid = std::process::id().to_string();
    let hung = site.pass(TimeDelta::hours(1)).run(["run"]).to_string().replace(&pid, "PID");
    insta::assert_snapshot!(hung, @r"
    exit 1
    --- stderr
    error: another run (process PID) holds the lock and has made no progress since 2020-06-15 08:00:00 UTC
    hint: see what process PID waits for (a hung mount?) and end it; the lock ends with it
    ");
    drop(lock);
    site.run(["run"]).silent();
}

#[test]
fn another_time_on_a_real_state_is_only_tried() {
    let site = Site::new();
    site.command(["run"]).by_the_machines_clock().run().silent();
    site.deposit(&Report::of(AGENT).failed("DB", "BACKUP", "disk full"));
    let before = (site.read("site/api/jobs.json"), fs::read(site.path("state/state.db")).unwrap());
    insta::assert_snapshot!(site.run(["run"]), @r"
    exit 0
    --- stdout
    reports   1 judged, 0 rejected, 0 superseded, 0 seen before, 0 waiting
    jobs      1 FAILED
    read      0 B in 0 files
    versions  0 promoted
    messages  0 sent
    took      0.0 s
    dry run: nothing was changed; 0 files of 0 B would be read, 0 versions removed
    --- stderr
    warning: --now changes nothing on a state that was not created under it: this is a dry run
    ");
    assert_eq!((site.read("site/api/jobs.json"), fs::read(site.path("state/state.db")).unwrap()), before);
}
