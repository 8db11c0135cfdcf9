//! The state is not the truth: whatever became of it, the next run ends in what lies on the disk.

use std::collections::BTreeMap;
use std::fs;
use std::path::PathBuf;

use chrono::TimeDelta;
use serde_json::Value;

use crate::harness::{Ran, Site, word};
use crate::mail::{self, Server};
use crate::report::Report;

const AGENT: &str = "SIRPACAM_DOUALA_NEWBELL";
const OTHER: &str = "HYDROCAM_KRIBI_PORT";
const DAILY: &str = "[defaults]\nat = ['08:00']\ngrace = '6h'\ntimezone = 'UTC'\n";
const STATE: [&str; 3] = ["state/state.db", "state/state.db-wal", "state/state.db-shm"];

/// A fleet that is mailed about, with what it has come to.
struct Fleet {
    site: Site,
    server: Server,
}

/// What must not depend on the state: the versions with their marks, and what is said of each job.
#[derive(Debug, PartialEq)]
struct End {
    versions: String,
    statuses: BTreeMap<String, String>,
    current: BTreeMap<String, Value>,
}

impl Fleet {
    fn new() -> Self {
        Self::configured("")
    }

    /// Jobs are on trial for no time, unless `sections` has a `[scan]` of its own.
    fn configured(sections: &str) -> Self {
        let server = Server::start(mail::Fault::None, &[]);
        let scan = if sections.contains("[scan]") { "" } else { "[scan]\ntrial_days = 0\n" };
        let site = Site::configured(&format!("{scan}{DAILY}{sections}{}", mail::section(server.port)));
        Self { site, server }
    }

    /// One day: new bytes of two databases of one agent, a failure now and then, and the other agent's.
    fn day(&mut self, n: usize) {
        let one = format!("day {n} of ONE, as long as ever");
        let mut report = Report::of(AGENT).good("ONE", one);
        report = if n.is_multiple_of(3) {
            report.failed("TWO", "BACKUP", "disk full")
        } else {
            report.good("TWO", format!("{n} of TWO"))
        };
        self.site.deposit(&report);
        self.site.deposit(&Report::of(OTHER).good("ONE", format!("{n} of {OTHER}")));
        self.run().silent();
        self.site.pass(TimeDelta::days(1));
    }

    fn run(&self) -> Ran {
        self.site.run(["run"])
    }

    fn end(&self) -> End {
        let versions = [AGENT, OTHER].map(|agent| self.site.tree(&format!("validated/{agent}"))).join("\n");
        let jobs = self.site.document("site/api/jobs.json")["jobs"].clone();
        let current = jobs
            .as_array()
            .unwrap()
            .iter()
            .map(|job| {
                (
                    format!("{}/{}", word(&job["agent"]), word(&job["database"])),
                    job["current_version"].clone(),
                )
            })
            .collect();
        End { versions, statuses: self.site.statuses(), current }
    }

    /// The state as it is now, to be put back later.
    fn keep_state(&self) -> PathBuf {
        let kept = self.site.path("kept.db");
        let _ = fs::remove_file(&kept);
        fs::copy(self.site.path(STATE[0]), &kept).unwrap();
        assert!(!self.site.path(STATE[1]).exists(), "a run leaves one file");
        kept
    }

    fn lose_state(&self) {
        for part in STATE {
            let _ = fs::remove_file(self.site.path(part));
        }
    }

    fn subjects(&self) -> Vec<String> {
        mail::taken(&self.server).into_iter().map(|(subject, _)| subject).collect()
    }

    fn versions(&self, job: &str) -> Vec<PathBuf> {
        let folder = self.site.path(&format!("validated/{job}/versions"));
        let mut found: Vec<PathBuf> =
            fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
        found.sort();
        found
    }
}

fn job(database: &str) -> String {
    format!("{AGENT}/{database}")
}

#[test]
fn the_state_of_last_week_ends_in_the_same_and_nobody_is_told_of_what_was_never_missing() {
    let mut fleet = Fleet::new();
    for n in 1..4 {
        fleet.day(n);
    }
    let old = fleet.keep_state();
    for n in 4..11 {
        fleet.day(n);
    }
    let pinned = fleet.versions(&job("ONE"))[5].file_name().unwrap().to_str().unwrap().to_owned();
    fleet.site.run(["versions", "pin", &job("ONE"), "--version", &pinned, "--reason", "the audit"]).done();
    fleet.site.pass(TimeDelta::hours(-1));
    fleet.run().silent();
    let (before, told) = (fleet.end(), fleet.subjects());

    fleet.lose_state();
    fs::rename(old, fleet.site.path(STATE[0])).unwrap();
    fleet.site.pass(TimeDelta::minutes(15));
    fleet.run().silent();
    assert_eq!(fleet.end(), before);
    assert!(fleet.site.alerts().contains("state_damaged -/-: the state did not know the last run"));
    let since: Vec<String> = fleet.subjects().split_off(told.len());
    assert!(!since.iter().any(|subject| subject.contains("critical")), "{since:?}");
    let history = fleet.site.run(["history", &job("TWO"), "--json"]).json();
    let statuses: Vec<&str> =
        history["entries"].as_array().unwrap().iter().map(|entry| word(&entry["status"])).collect();
    assert!(!statuses.contains(&"MISSING"), "{statuses:?}");
    assert_eq!(statuses.iter().filter(|status| **status == "SUCCESS").count(), 7, "{statuses:?}");
    assert_eq!(fleet.site.run(["state", "check"]).done(), "the state is sound and agrees with the disk\n");

    fleet.site.pass(TimeDelta::minutes(15));
    fleet.run().silent();
    assert_eq!(fleet.end(), before);
    assert_eq!(fleet.site.alerts(), "", "the next run knows its state again");
}

#[test]
fn a_lost_state_begins_again_from_its_copy_and_what_came_since_is_on_the_disk() {
    let mut fleet = Fleet::new();
    for n in 1..3 {
        fleet.day(n);
    }
    fleet.site.run(["jobs", "edit", &job("ONE"), "--grace", "5h", "--reason", "slow"]).done();
    fleet.day(4);
    // More came on the day of the copy.
    fleet.site.pass(TimeDelta::hours(-20));
    fleet.site.deposit(&Report::of(AGENT).good("ONE", "in the afternoon"));
    fleet.run().silent();
    let before = fleet.end();
    fleet.lose_state();
    fleet.site.pass(TimeDelta::minutes(15));
    let ran = fleet.run().exits(0);
    assert!(ran.stderr.contains("was gone: it begins again from its copy"), "{ran}");
    assert_eq!(fleet.end(), before);
    assert_eq!(fleet.site.run(["jobs", "export"]).json()["jobs"][1]["grace"], 18_000);
    fleet.site.pass(TimeDelta::minutes(15));
    fleet.run().silent();
    assert_eq!(fleet.end(), before);
}

#[test]
fn without_state_copies_and_kept_reports_the_versions_speak_for_themselves() {
    let rules = "[retention]\nkeep_last = 1\nkeep_within = '1s'\nkeep_daily = 3\nmin_good = 1\n";
    let mut fleet = Fleet::configured(&format!("[scan]\ntrial_days = 3\n{rules}"));
    for n in 1..6 {
        fleet.day(n);
    }
    fleet.site.run(["versions", "pin", &job("ONE"), "--reason", "the audit"]).done();
    let before = fleet.end();
    fs::remove_dir_all(fleet.site.path("state")).unwrap();
    for copy in fs::read_dir(fleet.site.path("validated/.backupmon")).unwrap() {
        let copy = copy.unwrap().path();
        if copy.extension().is_some_and(|extension| extension == "db") {
            fs::remove_file(copy).unwrap();
        }
    }
    for agent in [AGENT, OTHER] {
        fs::remove_dir_all(fleet.site.path(&format!("deposits/{agent}/log"))).unwrap();
    }
    fleet.run().silent();
    let after = fleet.end();
    assert_eq!(after.versions, before.versions, "nothing is removed, and marks stay");
    assert_eq!(after.current, before.current);
    let listed = fleet.site.run(["versions", "list", &job("ONE"), "--json"]).json();
    let pins = listed["versions"].as_array().unwrap().iter().filter(|version| version["pinned"] == true);
    assert_eq!(pins.count(), 1);
    // On trial again: that it is still expected is not known.
    fleet.site.pass(TimeDelta::days(5));
    fleet.run().silent();
    let statuses = fleet.site.statuses();
    assert!(!statuses.values().any(|status| status.starts_with("MISSING")), "{statuses:?}");
}

#[test]
fn a_version_that_was_taken_away_by_hand_counts_for_no_rule_and_is_told() {
    let rules = "[retention]\nkeep_last = 2\nkeep_within = '1s'\nkeep_daily = 0\nkeep_weekly = 0\nkeep_monthly = 0\nmin_good = 2\n";
    let mut fleet = Fleet::configured(rules);
    for n in 1..3 {
        fleet.day(n);
    }
    let [first, second] = &fleet.versions(&job("ONE"))[..] else { panic!("two stay") };
    fs::remove_dir_all(second).unwrap();
    // The next good one makes two of those that the state believes in, beside the first.
    fleet.site.deposit(&Report::of(AGENT).good("ONE", "the third"));
    fleet.run().silent();
    assert!(first.exists(), "the state counted on a version that is not there");
    assert_eq!(fleet.versions(&job("ONE")).len(), 2);
    assert_eq!(fleet.site.proven_versions(), 6);
    let alerts = fleet.site.document("site/api/alerts.json");
    let kinds: Vec<&str> =
        alerts["alerts"].as_array().unwrap().iter().map(|alert| word(&alert["kind"])).collect();
    assert!(kinds.contains(&"version_damaged"), "{kinds:?}");
    fleet.site.pass(TimeDelta::minutes(15));
    fleet.run().silent();
    assert_eq!(fleet.site.alerts(), "", "a new good version ends it");
    assert_eq!(fleet.site.run(["state", "check"]).done(), "the state is sound and agrees with the disk\n");
}

#[test]
fn marks_that_were_set_or_taken_on_the_disk_count() {
    let mut fleet = Fleet::new();
    for n in 1..6 {
        fleet.day(n);
    }
    fleet.site.deposit(&Report::of(AGENT).good("ONE", "!"));
    fleet.run().silent();
    let versions = fleet.versions(&job("ONE"));
    fs::write(versions[0].join(".pinned"), "").unwrap();
    fleet.site.pass(TimeDelta::days(1));
    fleet.run().silent();
    let listed = fleet.site.run(["versions", "list", &job("ONE"), "--json"]).json();
    let pinned: Vec<&str> = listed["versions"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|version| version["pinned"] == true)
        .map(|version| word(&version["version"]))
        .collect();
    assert_eq!(pinned, [versions[0].file_name().unwrap().to_str().unwrap()]);
}
