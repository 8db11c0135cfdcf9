//! The life of jobs as the operator meets it: quiet maintenance, the turn of the year, a trial in the digest.

use std::fs;

use chrono::TimeDelta;

use crate::harness::Site;
use crate::mail::{self, Fault, Server};
use crate::report::Report;

const AGENT: &str = "SIRPACAM_DOUALA_NEWBELL";
const HOURS: fn(i64) -> TimeDelta = TimeDelta::hours;

#[test]
fn a_muted_window_tells_at_its_end_what_is_still_bad_and_no_more() {
    let server = Server::start(Fault::None, &[]);
    let window =
        "[[maintenance]]\nwhen = '2020-06-15 09:00 / 2020-06-15 12:00'\ntimezone = 'UTC'\nmute = 'all'\n";
    let mut site = Site::configured(&format!("{window}{}", mail::section(server.port)));
    let send = |site: &Site, healed: bool| {
        let report = Report::of(AGENT).failed("STAYS", "BACKUP", "disk full");
        site.deposit(&if healed {
            report.good("HEALS", "whole")
        } else {
            report.failed("HEALS", "BACKUP", "disk full")
        });
    };
    site.pass(HOURS(1));
    send(&site, false);
    site.run(["run"]).silent();
    assert_eq!(site.statuses()[&format!("{AGENT}/STAYS")], "PAUSED backup_failed");
    site.pass(HOURS(1));
    send(&site, true);
    site.run(["run"]).silent();
    site.pass(HOURS(2) - TimeDelta::seconds(1)).run(["run"]).silent();
    assert!(mail::taken(&server).is_empty());
    site.pass(TimeDelta::seconds(1)).run(["run"]).silent();
    let mails = mail::taken(&server);
    assert_eq!(mails.len(), 1);
    assert!(mails[0].0.contains("STAYS") && !mails[0].1.contains("HEALS"), "{}", mails[0].1);
    assert_eq!(site.statuses()[&format!("{AGENT}/STAYS")], "FAILED backup_failed");
}

#[test]
fn the_years_that_are_over_are_mailed_once_with_the_line_that_retires_them() {
    let server = Server::start(Fault::None, &[]);
    let defaults = "[defaults]\nat = ['04:00']\ntimezone = 'UTC'\n";
    let mut site =
        Site::configured(&format!("{defaults}{}", mail::section(server.port))).at("2019-12-31T03:00:00Z");
    for day in 0..20 {
        let year = if day == 0 { 2019 } else { 2020 };
        let name = |database: &str| format!("{database}_{year}");
        let report = Report::of(AGENT).good(&name("COMPTA"), format!("compta {day}"));
        site.deposit(&report.good(&name("VENTES"), format!("ventes {day}")));
        site.run(["run"]).silent();
        site.pass(HOURS(24));
    }
    let retiring: Vec<String> = mail::taken(&server)
        .into_iter()
        .map(|(_, text)| text)
        .filter(|t| t.contains("jobs retire"))
        .collect();
    assert_eq!(retiring.len(), 1);
    // Unwrapped: a mail may fold a long line.
    let text = retiring[0].split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(
        text.contains("backupmon jobs retire sirpacam_douala_newbell.compta_2019-5a25ec83 sirpacam_douala_newbell.ventes_2019-438f0e1f --reason"),
        "{text}"
    );
    assert!(
        text.contains("COMPTA_2019: no report came, and its year is over") && !text.contains("reports again"),
        "{text}"
    );
    let health = site.document("site/api/health.json");
    assert_eq!((&health["status"], &health["alerts"]), (&"warning".into(), &1.into()));
    assert_eq!(site.statuses()[&format!("{AGENT}/COMPTA_2019")], "MISSING no_report");
    let page = site.read("site/index.html");
    assert!(page.contains("backupmon jobs retire"), "{page}");
}

#[test]
fn the_digest_names_what_did_not_come_on_trial_and_when_a_pause_ends() {
    let server = Server::start(Fault::None, &[]);
    let scan = "[scan]\ntrial_days = 3\n[defaults]\nat = ['09:00']\ntimezone = 'UTC'\ngrace = '2h'\n";
    let window = "[[maintenance]]\nwhen = '2020-06-16 / 2020-06-20'\ntimezone = 'UTC'\nmatch = { database = 'QUIET*' }\n";
    let mail = mail::section(server.port).replace("digest = 'off'", "digest = 'daily 10:30'");
    let mut site = Site::configured(&format!("{scan}{window}{mail}"));
    let report = Report::of(AGENT).good("COMES", "1").good("STAYS_AWAY", "2");
    site.deposit(&report.good("QUIET_1", "3").good("QUIET_2", "4"));
    site.run(["run"]).silent();
    let digest = |site: &Site| -> String {
        site.run(["run"]).silent();
        let (_, text) = mail::taken(&server).pop().unwrap();
        text.split_whitespace().collect::<Vec<_>>().join(" ")
    };
    // An hour and a half after it was due it is late, and no more than that.
    site.pass(HOURS(24) + TimeDelta::minutes(150));
    site.deposit(&Report::of(AGENT).good("COMES", "5"));
    assert_eq!(site.now().to_rfc3339(), "2020-06-16T10:30:00+00:00");
    let text = digest(&site);
    assert!(text.contains("ON TRIAL: 2 All of them reported in time."), "{text}");
    site.pass(HOURS(24));
    site.deposit(&Report::of(AGENT).good("COMES", "6"));
    let text = digest(&site);
    assert!(text.contains("ON TRIAL: 1 These did not come: SIRPACAM_DOUALA_NEWBELL/STAYS_AWAY"), "{text}");
    assert!(
        text.contains(
            "QUIET_1, SIRPACAM_DOUALA_NEWBELL/QUIET_2: by [[maintenance]] until Sun 21 Jun 2020, 00:00 UTC"
        ),
        "{text}"
    );
}

#[test]
fn an_agent_that_comes_under_a_new_name_is_shown_with_the_line_that_renames_it() {
    let mut site = Site::configured("[defaults]\nevery = '24h'\ngrace = '1h'\n");
    let report = |agent: &str, day: i64| Report::of(agent).good("COMPTA", format!("{agent} {day}"));
    site.deposit(&report("OLD_SITE", 0).good("VENTES", "v"));
    site.run(["run"]).silent();
    site.pass(HOURS(20));
    site.deposit(&report("NEW_SITE", 1));
    site.run(["run"]).silent();
    let rename = "backupmon agents rename OLD_SITE NEW_SITE";
    assert!(!site.read("site/index.html").contains(rename), "it is late, and no more");
    site.pass(HOURS(6)).run(["run"]).silent();
    let page = site.read("site/index.html");
    assert!(page.contains(rename) && page.contains("1 of its 2 databases"), "{page}");
}

#[test]
fn an_agent_that_came_under_a_new_name_takes_over_what_the_old_one_was() {
    let mut site = Site::configured("[defaults]\nevery = '24h'\ngrace = '1h'\n");
    let report = |agent: &str, day: i64| Report::of(agent).good("COMPTA", format!("{agent} {day}"));
    site.deposit(&report("OLD_SITE", 0).good("VENTES", "v"));
    site.run(["run"]).silent();
    site.run(["jobs", "edit", "OLD_SITE/COMPTA", "--grace", "90min"]).done();
    site.pass(HOURS(26));
    site.run(["run"]).silent();
    site.deposit(&report("NEW_SITE", 1));
    site.run(["run"]).silent();
    let open = |site: &Site| {
        let alerts = site.run(["alerts", "list", "--json"]).exits(0).json();
        let alerts = alerts["alerts"].as_array().unwrap().clone();
        alerts.iter().map(|alert| format!("{}/{}", alert["agent"], alert["database"])).collect::<Vec<_>>()
    };
    assert!(open(&site).contains(&"\"OLD_SITE\"/\"COMPTA\"".to_owned()), "{:?}", open(&site));
    let planned = site.run(["agents", "rename", "OLD_SITE", "NEW_SITE", "--dry-run"]).done();
    assert!(planned.contains("would rename to NEW_SITE/COMPTA"), "{planned}");
    site.run(["agents", "rename", "OLD_SITE", "NEW_SITE", "--reason", "reinstalled"]).done();

    let job = site.run(["jobs", "show", "NEW_SITE/COMPTA", "--json"]).exits(0).json();
    assert_eq!((&job["status"], &job["schedule"]["grace"]), (&"SUCCESS".into(), &5_400.into()));
    let entries = job["entries"].as_array().unwrap();
    assert_eq!(entries.len(), 3, "two backups and the cycle missed between them: {entries:?}");
    assert_eq!(job["versions"].as_array().unwrap().len(), 2);
    assert_eq!(open(&site), ["\"NEW_SITE\"/\"VENTES\""], "what came again is well again");

    // The old folder still lies there.
    for _ in 0..2 {
        site.pass(TimeDelta::minutes(15)).run(["run"]).silent();
        let tree = site.tree("validated");
        assert!(!tree.contains("OLD_SITE"), "{tree}");
        assert_eq!(site.proven_versions(), 3);
        let jobs = site.run(["jobs", "list", "--json"]).exits(0).json();
        let jobs: Vec<_> = jobs["jobs"].as_array().unwrap().iter().map(|job| job["agent"].clone()).collect();
        assert_eq!(jobs, ["NEW_SITE", "NEW_SITE"]);
    }
}

#[test]
fn two_agents_that_report_side_by_side_are_never_made_one() {
    let mut site = Site::configured("");
    for agent in ["OLD_SITE", "NEW_SITE"] {
        site.deposit(&Report::of(agent).good("COMPTA", agent));
    }
    site.run(["run"]).silent();
    site.pass(HOURS(24)).deposit(&Report::of("OLD_SITE").good("COMPTA", "again"));
    site.run(["run"]).silent();
    let refused = site.run(["agents", "rename", "OLD_SITE", "NEW_SITE"]);
    let told = refused.exits(2).stderr;
    assert!(told.contains("side by side"), "{told}");
    assert_eq!(site.proven_versions(), 3);
}

fn rename_folder(site: &Site, from: &str, to: &str) {
    fs::rename(site.path(&format!("deposits/{from}")), site.path(&format!("deposits/{to}"))).unwrap();
}

fn two_databases(agent: &str, day: i64) -> Report {
    Report::of(agent).good("COMPTA", format!("{agent} {day}")).good("VENTES", format!("{day} of {agent}"))
}

/// Whatever the order, the site goes on under its new name, and nothing is said of the old one.
fn goes_on_as_new(site: &mut Site) {
    for day in 1..4 {
        site.pass(HOURS(24)).deposit(&two_databases("NEW_SITE", day));
        site.run(["run"]).silent();
    }
    let good: Vec<(String, String)> = site.statuses().into_iter().collect();
    let name = |database: &str| (format!("NEW_SITE/{database}"), "SUCCESS".to_owned());
    assert_eq!(good, ["COMPTA", "VENTES"].map(name));
    assert_eq!(site.alerts(), "");
    let tree = site.tree("validated");
    assert!(!tree.contains("OLD_SITE"), "{tree}");
    assert_eq!(site.proven_versions(), 8);
}

#[test]
fn an_agent_whose_folder_is_renamed_before_the_command_is_not_missed_for_ever() {
    let mut site = Site::configured("[defaults]\nevery = '24h'\ngrace = '1h'\n");
    site.deposit(&two_databases("OLD_SITE", 0));
    site.run(["run"]).silent();
    site.pass(HOURS(1));
    rename_folder(&site, "OLD_SITE", "NEW_SITE");
    let _told = site.run(["run"]);
    assert!(site.alerts().contains("deposit_unreadable OLD_SITE/-: its folder is gone"), "{}", site.alerts());
    site.run(["agents", "rename", "OLD_SITE", "NEW_SITE"]).done();
    site.pass(TimeDelta::minutes(15));
    let _told = site.run(["run"]);
    assert!(!site.alerts().contains("OLD_SITE/-"), "{}", site.alerts());
    goes_on_as_new(&mut site);
}

#[test]
fn an_agent_whose_folder_is_renamed_after_the_command_leaves_no_jobs_behind() {
    let mut site = Site::configured("[defaults]\nevery = '24h'\ngrace = '1h'\n");
    site.deposit(&two_databases("OLD_SITE", 0));
    site.run(["run"]).silent();
    site.pass(HOURS(1));
    site.run(["agents", "rename", "OLD_SITE", "NEW_SITE"]).done();
    let _told = site.run(["run"]);
    let jobs: Vec<String> = site.statuses().into_keys().collect();
    assert_eq!(jobs, ["NEW_SITE/COMPTA", "NEW_SITE/VENTES"]);
    rename_folder(&site, "OLD_SITE", "NEW_SITE");
    goes_on_as_new(&mut site);
}

#[test]
fn a_renamed_agent_can_be_given_its_old_name_back() {
    let mut site = Site::configured("");
    site.deposit(&two_databases("OLD_SITE", 0));
    site.run(["run"]).silent();
    site.run(["agents", "rename", "OLD_SITE", "NEW_SITE"]).done();
    site.pass(TimeDelta::minutes(15)).run(["scan"]).silent();
    site.run(["agents", "rename", "NEW_SITE", "OLD_SITE"]).done();
    site.pass(TimeDelta::minutes(15)).run(["run"]).silent();
    site.pass(HOURS(23)).deposit(&two_databases("OLD_SITE", 1));
    site.run(["run"]).silent();
    let jobs: Vec<String> = site.statuses().into_keys().collect();
    assert_eq!(jobs, ["OLD_SITE/COMPTA", "OLD_SITE/VENTES"]);
    assert_eq!((site.alerts(), site.proven_versions()), (String::new(), 4));
    assert!(site.run(["history", "OLD_SITE/COMPTA"]).stdout.matches("SUCCESS").count() >= 2);
}
