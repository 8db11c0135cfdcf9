//! History: entries, the times without a good backup, and what operators did.

use chrono::TimeDelta;
use serde_json::Value;

use crate::harness::{Site, assert_shape, word};
use crate::report::Report;

const AGENT: &str = "SIRPACAM_DOUALA_NEWBELL";

/// Good, failed, missed, good again; every day at eight.
fn four_days() -> Site {
    let mut site = Site::configured("[defaults]\nevery = '24h'\ngrace = '2h'\n");
    let good = |day: u32| Report::of(AGENT).good("SDMC_2020", format!("day {day}"));
    site.deposit(&good(1));
    site.run(["run", "-q"]).silent();
    site.pass(TimeDelta::days(1)).deposit(&Report::of(AGENT).failed("SDMC_2020", "BACKUP", "=disk full"));
    site.run(["run", "-q"]).silent();
    site.pass(TimeDelta::days(1)).pass(TimeDelta::hours(3)).run(["run", "-q"]).silent();
    site.pass(TimeDelta::hours(21)).deposit(&good(4));
    site.run(["run", "-q"]).silent();
    site
}

fn entries(site: &Site, arguments: &[&str]) -> Vec<String> {
    let mut words = vec!["history", "--json"];
    words.extend(arguments);
    let document = site.run(words).json();
    assert_shape("history", &document);
    let status = |entry: &Value| word(&entry["status"]).to_owned();
    document["entries"].as_array().unwrap().iter().map(status).collect()
}

#[test]
fn entries_are_chosen_by_job_time_and_status() {
    let site = four_days();
    assert_eq!(entries(&site, &[]), ["SUCCESS", "FAILED", "MISSING", "SUCCESS"]);
    assert_eq!(entries(&site, &["--since", "30h"]), ["MISSING", "SUCCESS"]);
    assert_eq!(entries(&site, &["--since", "2020-06-18"]), ["SUCCESS"]);
    assert_eq!(entries(&site, &["--status", "failed,MISSING"]), ["FAILED", "MISSING"]);
    assert!(entries(&site, &["--city", "YAOUNDE"]).is_empty());
    insta::assert_snapshot!(site.run(["history", &format!("{AGENT}/SDMC_2020")]).done());
    insta::assert_snapshot!(site.run(["history", "--since", "soon"]));
}

#[test]
fn a_spreadsheet_runs_nothing_that_an_agent_wrote() {
    let csv = four_days().run(["history", "--csv"]).done();
    assert_eq!(csv.lines().count(), 5);
    assert!(csv.starts_with("id,job_id,agent,database,status"), "{csv}");
    assert!(!csv.contains(",=") && !csv.contains("\"="), "{csv}");
}

#[test]
fn a_gap_lasts_from_the_first_bad_entry_to_the_next_good_one() {
    let mut site = four_days();
    insta::assert_snapshot!(site.run(["history", "--gaps"]).done());
    insta::assert_snapshot!(site.run(["history", "--gaps", "--csv"]).done());
    assert_eq!(site.run(["history", "--gaps", "--since", "1h"]).json_gaps(), 1);
    site.pass(TimeDelta::days(10));
    assert_eq!(site.run(["history", "--gaps", "--since", "1d", "--json"]).json_gaps(), 0);
}

trait Gaps {
    fn json_gaps(self) -> usize;
}

impl Gaps for crate::harness::Ran {
    /// How many gaps are in the document, or in the table.
    fn json_gaps(self) -> usize {
        let text = self.done();
        match serde_json::from_str::<Value>(&text) {
            Ok(document) => document["gaps"].as_array().unwrap().len(),
            Err(_) => text.lines().count() - 1,
        }
    }
}

#[test]
fn changes_by_operators_are_found_by_their_job() {
    let site = four_days();
    let job = format!("{AGENT}/SDMC_2020");
    site.run(["versions", "pin", &job, "--reason", "audit"]).done();
    let changes = |words: &[&str]| {
        let document = site.run([&["history", "--operators", "--json"][..], words].concat()).json();
        document["changes"].as_array().unwrap().len()
    };
    assert_eq!((changes(&[]), changes(&[&job]), changes(&["--agent", "S*"])), (1, 1, 1));
    assert_eq!((changes(&["--city", "YAOUNDE"]), changes(&["--since", "2020-07-01"])), (0, 0));
    assert!(site.run(["history", "--operators"]).done().contains("pin version"));
}
