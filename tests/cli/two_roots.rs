//! Deposits on two disks, of which one is not mounted.

use std::fs;

use chrono::TimeDelta;

use crate::harness::{Site, word};
use crate::report::Report;

#[test]
fn an_empty_root_beside_a_full_one_is_not_mounted_and_nothing_of_it_becomes_missing() {
    let mut site = Site::new();
    site.configure("[scan]\ntrial_days = 0\n[defaults]\nevery = '1h'\ngrace = '1h'\n");
    let config =
        site.read("config.toml").replace("deposits = 'deposits'", "deposits = ['deposits', 'second']");
    fs::write(site.path("config.toml"), config).unwrap();
    for agent in ["A", "B", "C", "D", "E"] {
        site.deposit(&Report::of(agent).good("DB", agent));
    }
    fs::create_dir(site.path("second")).unwrap();
    for agent in ["D", "E"] {
        let (from, to) = (site.path(&format!("deposits/{agent}")), site.path(&format!("second/{agent}")));
        fs::rename(from, to).unwrap();
    }
    site.run(["run"]).silent();
    fs::rename(site.path("second"), site.path("disk")).unwrap();
    fs::create_dir(site.path("second")).unwrap();
    let ran = site.pass(TimeDelta::hours(3)).run(["run"]).exits(1);
    assert!(ran.stderr.contains("is empty though agents are known under it"), "{ran}");
    let alerts = site.run(["alerts", "list"]).stdout;
    assert!(alerts.contains("deposits_unavailable") && !alerts.contains("deposit_unreadable"), "{alerts}");
    assert_eq!(missing(&site), ["A/DB", "B/DB", "C/DB"], "the other root's are waited for as ever");
    // Mounted again; and what has only moved to the other root is not missed.
    fs::remove_dir(site.path("second")).unwrap();
    fs::create_dir(site.path("second")).unwrap();
    for agent in ["D", "E"] {
        fs::rename(site.path(&format!("disk/{agent}")), site.path(&format!("deposits/{agent}"))).unwrap();
    }
    let _ = site.run(["run"]).exits(0);
    assert!(!site.run(["alerts", "list"]).stdout.contains("deposits_unavailable"));
}

#[test]
fn the_only_agent_of_a_root_may_have_been_taken_away() {
    let site = Site::new();
    site.configure("");
    let config =
        site.read("config.toml").replace("deposits = 'deposits'", "deposits = ['deposits', 'second']");
    fs::write(site.path("config.toml"), config).unwrap();
    for agent in ["A", "B"] {
        site.deposit(&Report::of(agent).good("DB", agent));
    }
    fs::create_dir(site.path("second")).unwrap();
    fs::rename(site.path("deposits/B"), site.path("second/B")).unwrap();
    site.run(["run"]).silent();
    fs::rename(site.path("second/B"), site.path("elsewhere")).unwrap();
    let _ = site.run(["run"]).exits(0);
    let alerts = site.run(["alerts", "list"]).stdout;
    assert!(alerts.contains("deposit_unreadable") && !alerts.contains("deposits_unavailable"), "{alerts}");
}

fn missing(site: &Site) -> Vec<String> {
    let listed = site.run(["jobs", "list", "--status", "MISSING", "--json"]).json();
    let name = |job: &serde_json::Value| format!("{}/{}", word(&job["agent"]), word(&job["database"]));
    listed["jobs"].as_array().unwrap().iter().map(name).collect()
}
