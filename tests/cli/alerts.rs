//! Alerts: listed, looked at, taken on.

use chrono::TimeDelta;
use serde_json::Value;

use crate::harness::{Site, assert_shape, word};
use crate::report::Report;

const AGENT: &str = "SIRPACAM_DOUALA_NEWBELL";
const OTHER: &str = "SDMC_YAOUNDE_CENTRE";

/// Two jobs of two agents have failed, and one agent sent junk.
fn troubled() -> Site {
    let mut site = Site::new();
    site.deposit(&Report::of(AGENT).failed("PAIE", "BACKUP", "disk full").good("SDMC_2020", "bytes"));
    site.deposit(&Report::of(OTHER).failed("VENTES", "TRANSFER", "line cut"));
    site.place(&format!("deposits/{OTHER}/log/junk.json"), "no json");
    site.pass(TimeDelta::minutes(15)).run(["run", "-q"]).silent();
    site
}

fn alerts(site: &Site, arguments: &[&str]) -> Vec<Value> {
    let mut words = vec!["alerts", "list", "--json"];
    words.extend(arguments);
    let document = site.run(words).json();
    assert_shape("alerts", &document);
    document["alerts"].as_array().unwrap().clone()
}

fn kinds(alerts: &[Value]) -> Vec<String> {
    let name = |alert: &Value| alert["database"].as_str().unwrap_or(word(&alert["kind"])).to_owned();
    let mut kinds: Vec<String> = alerts.iter().map(name).collect();
    kinds.sort();
    kinds
}

fn id_of(site: &Site, name: &str) -> String {
    let found = alerts(site, &[]).into_iter().find(|alert| kinds(std::slice::from_ref(alert)) == [name]);
    found.unwrap()["id"].to_string()
}

#[test]
fn a_selector_means_its_jobs_and_where_it_speaks_of_agents_their_troubles_too() {
    let site = troubled();
    assert_eq!(kinds(&alerts(&site, &[])), ["PAIE", "VENTES", "report_unreadable"]);
    assert_eq!(kinds(&alerts(&site, &["--agent", "SDMC_*"])), ["VENTES", "report_unreadable"]);
    assert_eq!(kinds(&alerts(&site, &["--database", "V*"])), ["VENTES"]);
    assert_eq!(kinds(&alerts(&site, &["--city", "DOUALA"])), ["PAIE"]);
    insta::assert_snapshot!(site.run(["alerts", "list"]).done());
    assert!(Site::new().run(["alerts", "list"]).exits(1).stderr.contains("it is not there"));
}

#[test]
fn an_alert_is_shown_with_its_entries_and_what_to_do_next() {
    let site = troubled();
    let id = id_of(&site, "PAIE");
    insta::assert_snapshot!(site.run(["alerts", "show", &id]).done());
    let document = site.run(["alerts", "show", &id, "--json"]).json();
    assert_eq!(document["entries"][0]["cause"], "backup_failed");
    assert!(document["acknowledgement"].is_null() && document["messages"].as_array().unwrap().is_empty());
    insta::assert_snapshot!(site.run(["alerts", "show", "99"]));
}

#[test]
fn who_takes_it_on_is_recorded_and_a_recovery_ends_it_all_the_same() {
    let mut site = troubled();
    let job = format!("{AGENT}/PAIE");
    let ack = ["alerts", "ack", &job, "--until", "3d", "--reason", "Paul is on site"];
    assert!(site.run([&ack[..], &["--dry-run"]].concat()).done().contains("dry run"));
    assert!(alerts(&site, &[]).iter().all(|alert| alert["acknowledged"] == false));
    site.run(ack).done();
    let taken: Vec<Value> =
        alerts(&site, &[]).into_iter().filter(|alert| alert["acknowledged"] == true).collect();
    assert_eq!(kinds(&taken), ["PAIE"]);
    let changes = site.run(["history", &job, "--operators", "--json"]).json();
    assert_eq!(word(&changes["changes"][0]["why"]), "Paul is on site");
    assert!(word(&changes["changes"][0]["what"]).ends_with("until 2020-06-18T08:15:00Z"), "{changes}");
    let shown = site.run(["alerts", "show", &id_of(&site, "PAIE")]).done();
    assert!(shown.contains("until 2020-06-18T08:15:00Z: Paul is on site"), "{shown}");

    site.pass(TimeDelta::hours(1));
    site.deposit(&Report::of(AGENT).good("PAIE", "salaries"));
    site.run(["run", "-q"]).silent();
    assert_eq!(kinds(&alerts(&site, &["--agent", AGENT])), Vec::<String>::new());
    assert_eq!(kinds(&alerts(&site, &["--agent", AGENT, "--all"])), ["PAIE"]);
}

#[test]
fn an_alert_of_an_agent_is_taken_on_by_its_number_or_with_its_agent() {
    let site = troubled();
    let id = id_of(&site, "report_unreadable");
    site.run(["alerts", "ack", "--alert", &id, "--reason", "they were called"]).done();
    let silenced =
        site.run(["alerts", "silence", "--agent", OTHER, "--until", "2020-07-01", "--reason", "moving"]);
    assert_eq!(silenced.done().lines().count(), 2);
    assert_eq!(alerts(&site, &[]).iter().filter(|alert| alert["acknowledged"] == true).count(), 2);
}

#[test]
fn nothing_is_taken_on_by_mistake() {
    let site = troubled();
    for (words, expected) in [
        (&["alerts", "ack", "--reason", "x"][..], "no job is named"),
        (&["alerts", "ack", "--alert", "99", "--reason", "x"], "no open alert has the number 99"),
        (&["alerts", "ack", "--database", "SDMC_2020", "--reason", "x"], "no open alert is meant"),
        (&["alerts", "ack", "--agent", "*", "--until", "2020-01-01", "--reason", "x"], "is over already"),
        (&["alerts", "ack", "--agent", "NOBODY*", "--reason", "x"], "no job matches"),
    ] {
        let ran = site.run(words).exits(2);
        assert!(ran.stderr.contains(expected), "{words:?}: {ran}");
    }
    assert!(alerts(&site, &[]).iter().all(|alert| alert["acknowledged"] == false));
}
