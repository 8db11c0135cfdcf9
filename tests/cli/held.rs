//! A backup that looks wrong is held back until somebody who knows better accepts it.

use chrono::TimeDelta;
use serde_json::Value;

use crate::harness::{Site, word};
use crate::report::Report;

const AGENT: &str = "SIRPACAM_DOUALA_NEWBELL";
const JOB: &str = "SIRPACAM_DOUALA_NEWBELL/SDMC_2026";

/// Each database's backup of the next day has so many bytes.
fn night(site: &mut Site, databases: &[&str], bytes: usize) {
    site.pass(TimeDelta::days(1));
    let mut report = Report::of(AGENT);
    for (n, database) in databases.iter().enumerate() {
        let dump = format!("{database} of {} {}", site.now(), "x".repeat(bytes + n));
        report = report.good(database, dump);
    }
    site.deposit(&report);
    site.run(["run"]).silent();
}

/// Databases with four good nights, and one that lost nearly everything.
fn held(databases: &[&str]) -> Site {
    let mut site = Site::new();
    for _ in 0..4 {
        night(&mut site, databases, 5000);
    }
    night(&mut site, databases, 100);
    site
}

fn alerts(site: &Site) -> Vec<String> {
    let document = site.document("site/api/alerts.json");
    let alerts = document["alerts"].as_array().unwrap().iter();
    alerts
        .filter(|alert| alert["resolved_at"].is_null())
        .map(|alert| word(&alert["kind"]).to_owned())
        .collect()
}

fn job(site: &Site) -> Value {
    site.document("site/api/jobs.json")["jobs"][0].clone()
}

fn current(site: &Site) -> String {
    let tree = site.tree(&format!("validated/{JOB}"));
    tree.lines().next().unwrap().replace("current_version -> versions/", "")
}

#[test]
fn an_accepted_version_becomes_current_and_what_is_like_it_is_no_wonder() {
    let mut site = held(&["SDMC_2026"]);
    let before = current(&site);
    let (shown, listed) = (job(&site), site.tree(&format!("validated/{JOB}")));
    assert_eq!((word(&shown["status"]), word(&shown["severity"])), ("SUCCESS", "critical"));
    assert_eq!((&shown["held"], &shown["warnings"][0]), (&Value::Bool(true), &Value::from("size_drop")));
    assert!(listed.contains("/.held"), "{listed}");
    assert_eq!(alerts(&site), ["version_held"]);
    // Looked at first: nothing changes.
    let dry =
        site.run(["promote", "--accept", JOB, "--reason", "old years were archived", "--dry-run"]).done();
    assert!(dry.contains(&format!("would accept {JOB}")), "{dry}");
    assert_eq!(current(&site), before);

    let said = site.run(["promote", "--accept", JOB, "--reason", "old years were archived"]).done();
    assert_eq!(said, format!("accepted {JOB}\n"));
    assert_ne!(current(&site), before);
    assert!(!site.tree("validated").contains(".held"));
    site.run(["run"]).silent();
    let shown = job(&site);
    assert_eq!((word(&shown["severity"]), word(&shown["current_version"])), ("ok", current(&site).as_str()));
    assert_eq!(shown["held"], Value::Bool(false));
    assert!(word(&shown["message"]).ends_with("old years were archived"), "{shown}");
    assert!(alerts(&site).is_empty());
    let again = site.run(["promote", "--accept", JOB, "--reason", "x"]).exits(2);
    assert!(again.stderr.contains("no version of these jobs is held"), "{again}");

    night(&mut site, &["SDMC_2026"], 120);
    assert_eq!((alerts(&site).len(), word(&job(&site)["severity"])), (0, "ok"));
    night(&mut site, &["SDMC_2026"], 5000);
    assert_eq!(job(&site)["warnings"][0], "size_jump");
    assert_eq!(site.proven_versions(), 7);
}

/// Whoever has only the disk, as beside a state that was lost, takes the mark away.
#[test]
fn a_hold_that_was_lifted_on_the_disk_is_an_acceptance() {
    let mut site = held(&["SDMC_2026"]);
    let before = current(&site);
    let tree = site.tree(&format!("validated/{JOB}"));
    let mark = tree.lines().find(|line| line.ends_with("/.held")).unwrap();
    let lifted = mark.split('/').nth(1).unwrap().to_owned();
    std::fs::remove_file(site.path(&format!("validated/{JOB}/{mark}"))).unwrap();
    // Once a day all is compared, whatever the state says.
    site.pass(TimeDelta::days(1));
    site.run(["run"]).silent();
    assert_ne!(lifted, before);
    assert_eq!(current(&site), lifted);
    let shown = job(&site);
    assert_eq!((word(&shown["current_version"]), word(&shown["severity"])), (lifted.as_str(), "pending"));
    assert_eq!((&shown["held"], alerts(&site).len()), (&Value::Bool(false), 0));
    // What is like it is no wonder from now on.
    night(&mut site, &["SDMC_2026"], 120);
    assert_eq!((alerts(&site).len(), word(&job(&site)["severity"])), (0, "ok"));
    assert_eq!(site.proven_versions(), 6);
}

#[test]
fn many_held_ones_are_one_cause_and_are_not_accepted_by_the_way() {
    let names: Vec<String> = (0..11).map(|n| format!("DB_{n:02}")).collect();
    let site = held(&names.iter().map(String::as_str).collect::<Vec<_>>());
    assert_eq!(alerts(&site).len(), 11);
    let page = site.read("site/index.html");
    assert!(
        page.contains("11 jobs of this agent were held in one scan: possible encryption or data loss"),
        "{page}"
    );
    let refused = site.run(["promote", "--accept", "--agent", AGENT, "--reason", "x"]).exits(2);
    assert!(refused.stderr.contains("would touch 11 jobs") && refused.stderr.contains("--yes"), "{refused}");
    let nobody = site.run(["promote", "--accept", "--reason", "x"]).exits(2);
    assert!(nobody.stderr.contains("no job is named"), "{nobody}");
    let document =
        site.run(["promote", "--accept", "--agent", AGENT, "--reason", "x", "--yes", "--json"]).json();
    assert_eq!(document["jobs"].as_array().unwrap().len(), 11);
    assert!(!site.tree("validated").contains(".held"));
}
