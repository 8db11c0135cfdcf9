//! Every document that a command prints, or that the site serves, has the shape that is published in contrib/schema.

use std::collections::BTreeSet;
use std::fs;

use chrono::TimeDelta;
use serde_json::Value;

use crate::harness::{Site, assert_shape, word};
use crate::mail::{self, Fault, Server};
use crate::report::Report;

const AGENT: &str = "SIRPACAM_DOUALA_NEWBELL";
const JOB: &str = "SIRPACAM_DOUALA_NEWBELL/SDMC_2020";
/// Held to by tests of their own: what a webhook is sent (`outgoing`), and what only an embedding program sees.
const ELSEWHERE: [&str; 1] = ["webhook"];

/// A server with some of everything: good and bad backups, versions, an alert that somebody took on, a paused job.
fn lived_in(server: &Server) -> Site {
    let mut site =
        Site::configured(&format!("[defaults]\nevery = '24h'\ngrace = '2h'\n{}", mail::section(server.port)));
    for day in 0..6 {
        let report = Report::of(AGENT).good("SDMC_2020", format!("bytes of day {day}")).good("QUIET", "same");
        site.deposit(&if day == 3 {
            report.failed("PAIE", "BACKUP", "disk full")
        } else {
            report.good("PAIE", "p")
        });
        site.run(["run", "-q"]).silent();
        site.pass(TimeDelta::days(1));
    }
    site.deposit(&Report::of(AGENT).failed("PAIE", "BACKUP", "disk full").good("QUIET", "same"));
    site.run(["run", "-q"]).silent();
    site.run(["jobs", "pause", "--database", "QUIET", "--no-end", "--reason", "moving"]).done();
    site
}

#[test]
fn every_document_has_its_published_shape() {
    let server = Server::start(Fault::None, &[]);
    let site = lived_in(&server);
    let seen = &mut BTreeSet::new();
    let mut holds = |name: &str, document: Value| -> Value {
        assert_shape(name, &document);
        seen.insert(name.to_owned());
        document
    };
    let json = |words: &[&str]| site.run(words.iter().copied().chain(["--json"])).json();

    holds("jobs", json(&["jobs", "list", "--all"]));
    holds("job", json(&["jobs", "show", JOB]));
    holds("next", json(&["jobs", "next", JOB]));
    holds("suggest", json(&["jobs", "suggest"]));
    let exported = holds("export", json(&["jobs", "export"]));
    site.place("import.json", exported.to_string());
    holds("import", json(&["jobs", "import", "import.json", "--dry-run"]));
    holds("agents", json(&["agents", "list"]));
    let agent = holds("agent", json(&["agents", "show", AGENT]));
    assert_eq!(agent["jobs"].as_array().unwrap().len(), 3);
    holds("history", json(&["history"]));
    let gaps = holds("gaps", json(&["history", "--gaps"]));
    assert!(!gaps["gaps"].as_array().unwrap().is_empty());
    let changes = holds("changes", json(&["history", "--operators"]));
    assert_eq!(word(&changes["changes"][0]["why"]), "moving");
    let alerts = holds("alerts", json(&["alerts", "list", "--all"]));
    let number = alerts["alerts"][0]["id"].to_string();
    let alert = holds("alert", json(&["alerts", "show", &number]));
    assert!(!alert["messages"].as_array().unwrap().is_empty(), "{alert}");
    holds("versions", json(&["versions", "list"]));
    holds("verify", json(&["verify", "--all"]));
    let restored = holds("restore", json(&["restore", JOB, "--to", "restored", "--dry-run"]));
    assert_eq!(restored["restored"].as_array().unwrap().len(), 1);
    holds("restore", json(&["restore", JOB, "--to", "restored"]));
    for dry_run in [&[][..], &["--dry-run"]] {
        for (name, words) in [("promote", ["promote"]), ("prune", ["prune"]), ("notify", ["notify"])] {
            holds(name, json(&[&words, dry_run].concat()));
        }
        holds("scan", json(&[&["scan"], dry_run].concat()));
        holds("scan", json(&[&["run"], dry_run].concat()));
    }
    holds("check", json(&["check"]));
    holds("doctor", json(&["doctor"]));
    holds("report", json(&["report"]));
    holds("state-check", json(&["state", "check"]));
    holds("state-backup", json(&["state", "backup"]));
    holds("state-rebuild", json(&["state", "rebuild"]));
    for (name, path) in [
        ("jobs", "api/jobs.json"),
        ("alerts", "api/alerts.json"),
        ("health", "api/health.json"),
        ("badge", "badge.json"),
    ] {
        holds(name, site.document(&format!("site/{path}")));
    }
    for file in fs::read_dir(site.path("site/api/jobs")).unwrap() {
        let name = file.unwrap().file_name().into_string().unwrap();
        holds("job", site.document(&format!("site/api/jobs/{name}")));
    }

    let folder = format!("{}/contrib/schema", env!("CARGO_MANIFEST_DIR"));
    let published =
        fs::read_dir(folder).unwrap().map(|file| file.unwrap().file_name().into_string().unwrap());
    let published: BTreeSet<String> =
        published.map(|name| name.trim_end_matches(".schema.json").to_owned()).collect();
    seen.extend(ELSEWHERE.map(str::to_owned));
    assert_eq!(*seen, published, "each schema is held to a document");
}
