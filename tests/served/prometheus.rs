//! `promtool` on the metrics, the alert rules and their tests; and the metrics that rules and dashboard speak of.

use std::collections::BTreeSet;
use std::fs;
use std::process::{Command, Output, Stdio};

use regex::Regex;

use crate::{is_there, site};

fn contrib(path: &str) -> String {
    format!("{}/contrib/{path}", env!("CARGO_MANIFEST_DIR"))
}

#[track_caller]
fn assert_well(output: &Output) {
    let said = [&output.stdout[..], &output.stderr[..]].concat();
    let said = String::from_utf8_lossy(&said);
    assert!(output.status.success() && !said.contains("FAILED"), "{said}");
}

#[test]
fn promtool_takes_the_metrics() {
    if !is_there("promtool", "promtool_takes_the_metrics") {
        return;
    }
    let metrics = fs::File::open(site().path("site/metrics.prom")).unwrap();
    let output = Command::new("promtool").args(["check", "metrics"]).stdin(Stdio::from(metrics)).output();
    let output = output.unwrap();
    assert_well(&output);
    assert!(output.stderr.is_empty() && output.stdout.is_empty(), "{output:?}");
}

#[test]
fn promtool_takes_the_alert_rules_and_they_fire_as_they_should() {
    if !is_there("promtool", "promtool_takes_the_alert_rules_and_they_fire_as_they_should") {
        return;
    }
    let promtool =
        |what, path: &str| Command::new("promtool").args([what, "rules", &contrib(path)]).output().unwrap();
    assert_well(&promtool("check", "prometheus/backupmon.rules.yml"));
    for tests in ["prometheus/backupmon.rules.test.yml", "prometheus/backupmon.days.test.yml"] {
        assert_well(&promtool("test", tests));
    }
}

#[test]
fn rules_and_dashboard_speak_of_metrics_that_are_there() {
    let name = Regex::new(r"backupmon_[a-z_]+").unwrap();
    let names = |text: &str| -> BTreeSet<String> {
        name.find_iter(text).map(|found| found.as_str().to_owned()).collect()
    };
    let metrics = site().read("site/metrics.prom");
    let written: BTreeSet<String> =
        metrics.lines().filter_map(|line| line.strip_prefix("# TYPE ")).flat_map(&names).collect();
    for path in ["prometheus/backupmon.rules.yml", "grafana/backupmon.json"] {
        let used = names(&fs::read_to_string(contrib(path)).unwrap());
        assert!(used.len() > 5, "{path}: {used:?}");
        let unknown: Vec<_> = used.difference(&written).collect();
        assert!(unknown.is_empty(), "{path} uses {unknown:?}, which metrics.prom has not");
    }
}

#[test]
fn the_dashboard_counts_jobs_at_risk_as_the_page_does() {
    let text = fs::read_to_string(contrib("grafana/backupmon.json")).unwrap();
    let board: serde_json::Value = serde_json::from_str(&text).unwrap();
    let at_risk = |kind: &str| {
        let mut panels = board["panels"].as_array().unwrap().iter();
        let panel = panels.find(|panel| panel["title"] == "Jobs at risk" && panel["type"] == kind).unwrap();
        panel["targets"][0]["expr"].as_str().unwrap().to_owned()
    };
    assert_eq!(at_risk("stat"), "backupmon_jobs_at_risk");
    for also in [
        "backupmon_job_held",
        "backupmon_job_damaged",
        "unless on (agent, database, job) backupmon_job_year_over",
    ] {
        assert!(at_risk("table").contains(also), "{also}");
    }
}

#[test]
fn the_dashboard_is_one_for_grafana() {
    let text = fs::read_to_string(contrib("grafana/backupmon.json")).unwrap();
    let board: serde_json::Value = serde_json::from_str(&text).unwrap();
    let panels = board["panels"].as_array().unwrap();
    let ids: BTreeSet<i64> = panels.iter().map(|panel| panel["id"].as_i64().unwrap()).collect();
    assert!(panels.len() > 8 && ids.len() == panels.len());
    for panel in panels {
        let (place, title) = (&panel["gridPos"], &panel["title"]);
        assert!(place["x"].as_u64().unwrap() + place["w"].as_u64().unwrap() <= 24, "{title}");
        for target in panel["targets"].as_array().unwrap() {
            assert!(!target["expr"].as_str().unwrap().is_empty(), "{title}");
            assert_eq!(target["datasource"]["uid"], "${datasource}", "{title}");
        }
    }
}
