//! All outputs of one view give the same counts and the same scan.

use backupmon::domain::Status;
use backupmon::domain::job::Outrun;
use backupmon::render::site::Site;
use backupmon::render::{nagios, table};
use serde_json::Value;

use crate::fleet::{Fleet, ago, recents};

fn json(text: &str) -> Value {
    serde_json::from_str(text).unwrap()
}

#[test]
fn counts_agree_in_every_output() {
    let fleet = Fleet::mixed();
    let view = fleet.view();
    let site = fleet.site();
    let health = json(&site["api/health.json"]);
    let jobs = json(&site["api/jobs.json"]);
    let jobs = jobs["jobs"].as_array().unwrap();
    let metrics = &site["metrics.prom"];
    let check = nagios::check(&view, None).text;
    let shown = table::jobs(&view, view.jobs.iter().filter(|job| !job.is_retired()), table::Style::default());
    assert_eq!(jobs.len(), 11, "RETIRED ones are left out");
    for status in Status::ALL {
        let word = status.word();
        let n = fleet.jobs.iter().filter(|(_, s)| s == status).count();
        assert_eq!(health["jobs"][word], n, "health {word}");
        assert!(metrics.contains(&format!("backupmon_jobs{{status=\"{word}\"}} {n}\n")), "metrics {word}");
        if *status == Status::Retired {
            continue;
        }
        assert_eq!(jobs.iter().filter(|job| job["status"] == word).count(), n, "jobs {word}");
        let one_hot = metrics.lines().filter(|line| line.contains(&format!("state=\"{word}\"}} 1"))).count();
        assert_eq!(one_hot, n, "one-hot {word}");
        assert_eq!(
            shown.lines().filter(|line| line.split_whitespace().nth(1) == Some(word)).count(),
            n,
            "table {word}"
        );
        let chip = format!("<b>{n}</b> {}", view.words().status(*status));
        assert!(site["index.html"].contains(&chip), "index {chip}");
    }
    assert_eq!(health["status"], "critical");
    assert_eq!(health["alerts"], 2);
    assert!(metrics.contains("backupmon_health{status=\"critical\"} 1\n"));
    assert!(metrics.contains("backupmon_alerts_open{kind=\"job\"} 2\n"));
    assert!(metrics.contains("backupmon_alerts_open{kind=\"version_damaged\"} 0\n"));
    assert!(metrics.contains("backupmon_jobs_at_risk 5\n"));
    assert!(metrics.contains("backupmon_scan_duration_seconds 3600\n"));
    assert!(site["badge.svg"].contains("5 of 10 at risk"));
    assert!(site["badge.json"].contains("\"message\": \"5 of 10 at risk\""), "{}", site["badge.json"]);
    assert!(site["index.html"].contains("<h1>5 of 10 backups are at risk</h1>"));
    let line = check.lines().next().unwrap();
    assert!(
        line.starts_with("BACKUPMON CRITICAL: 1 hash mismatch, 1 corrupt, 1 failed and more of 10 jobs | "),
        "{line}"
    );
    assert!(line.split(" | ").next().unwrap().len() <= 80, "{line}");
    assert!(line.contains(" missing=2;;0;0;10 ") && line.contains("ok=2;;;0;10"), "{line}");
    assert_eq!(site["feed.atom"].matches("<entry>").count(), 3);
    assert_eq!(site["feed.atom"].matches("Recovered: ").count(), 1);
}

#[test]
fn what_speaks_of_the_run_carries_its_scan_and_nothing_else_does() {
    let fleet = Fleet::mixed();
    let site = fleet.site();
    for (path, mark) in [
        ("index.html", "data-scan=\"7\""),
        ("alerts.html", "data-scan=\"7\""),
        ("api/jobs.json", "\"scan_id\": 7"),
        ("api/alerts.json", "\"scan_id\": 7"),
        ("api/health.json", "\"scan_id\": 7"),
        ("data/stamp.js", "\"scan_id\":7"),
        ("metrics.prom", "backupmon_scan_id 7"),
        ("feed.atom", "scan_id 7"),
        ("badge.svg", "scan_id 7"),
    ] {
        assert!(site[path].contains(mark), "{path}");
    }
    let mut later = Fleet::mixed();
    later.scan = Some(backupmon::render::Scan {
        id: 8,
        started_at: crate::fleet::ago(1),
        finished_at: crate::fleet::now(),
    });
    for (path, before) in &site {
        // Shields refuses a field that is not its own.
        let is_single = ["jobs/", "agents/", "api/jobs/", "assets/", "badge.json", "data/jobs"]
            .iter()
            .any(|folder| path.starts_with(folder));
        assert_eq!(later.site()[path] == *before, is_single, "{path}");
    }
}

#[test]
fn the_stamp_comes_last() {
    let fleet = Fleet::mixed();
    let mut paths = Vec::new();
    let view = fleet.view();
    let recents = recents(&view);
    Site::new(&view)
        .lists(&recents, &mut |path, _| {
            paths.push(path.to_owned());
            Ok(())
        })
        .unwrap();
    assert_eq!(paths.last().unwrap(), "data/stamp.js");
}

#[test]
fn what_is_held_is_no_success_and_each_kind_of_integrity_has_its_own_filter() {
    let mut fleet = Fleet::of(&[
        ("A", "good", Status::Success),
        ("A", "held", Status::Success),
        ("A", "forged", Status::HashMismatch),
        ("A", "cut", Status::Corrupt),
    ]);
    fleet.jobs[1].0.state.held = true;
    let site = fleet.site();
    let index = &site["index.html"];
    for (filter, words) in [("S", "Success"), ("H", "Held"), ("h", "Hash mismatch"), ("c", "Corrupt")] {
        assert!(index.contains(&format!("data-s=\"{filter}\"")), "{filter}: {index}");
        assert!(index.contains(&format!("<option value=\"{filter}\">{words}</option>")), "{words}");
        assert!(index.contains(&format!("<b>1</b> {words}")), "{words}");
    }
    assert!(site["agents.html"].contains("1 Held"), "an agent is not all green");
    assert!(site["metrics.prom"].contains("backupmon_jobs_at_risk 3\n"), "as the page counts");
}

#[test]
fn a_year_that_is_over_is_in_every_list_and_at_no_risk() {
    let mut fleet =
        Fleet::of(&[("A", "compta_2025", Status::Missing), ("A", "compta_2026", Status::Success)]);
    fleet.jobs[0].0.state.outrun = Some(Outrun { since: ago(900), over_at: Some(ago(500)) });
    let site = fleet.site();
    assert_eq!(json(&site["api/health.json"])["jobs"]["MISSING"], 1, "as in the list of jobs");
    assert!(site["metrics.prom"].contains("backupmon_jobs{status=\"MISSING\"} 1\n"));
    assert!(site["metrics.prom"].contains("database=\"compta_2025\",job=\"a.compta_2025-"));
    let over = |line: &&str| line.starts_with("backupmon_job_year_over{") && line.ends_with(" 1");
    assert_eq!(site["metrics.prom"].lines().filter(over).count(), 1);
    let check = nagios::check(&fleet.view(), None).text;
    assert!(
        check.starts_with("BACKUPMON OK: all good of 1 job | ") && check.contains(" missing=0;"),
        "{check}"
    );
    let index = &site["index.html"];
    assert!(index.contains("because its year is over"), "{index}");
    assert!(index.contains("year over") && index.contains("<b>1</b> Missing"), "{index}");
}
