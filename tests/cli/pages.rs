//! What is remembered of the pages never shows: the site is always the one that a new folder would get.

use std::collections::BTreeMap;
use std::fs;

use chrono::TimeDelta;

use crate::harness::Site;
use crate::report::Report;

const AGENT: &str = "SIRPACAM_DOUALA_NEWBELL";
const OTHER: &str = "SIRPACAM_BAFOUSSAM_MARCHEA";

/// Every file of a site; neither what is remembered nor the free space, which the metrics tell.
fn files(site: &Site, folder: &str) -> BTreeMap<String, String> {
    let names = site.tree(folder);
    let shown = names.lines().filter(|name| !matches!(*name, "data/.pages.json" | "metrics.prom"));
    shown.map(|name| (name.to_owned(), site.read(&format!("{folder}/{name}")))).collect()
}

/// Writes the site, and another one into a new folder; they must be the same.
fn check(site: &Site, after: &str) {
    site.run(["report"]).silent();
    let fresh = format!("fresh-{}", after.replace(' ', "-"));
    site.run(["report", "--out", &fresh]).silent();
    let (site, fresh) = (files(site, "site"), files(site, &fresh));
    let differ: Vec<_> = fresh.iter().filter(|(name, text)| site.get(*name) != Some(*text)).collect();
    let named: Vec<_> = differ.iter().map(|(name, _)| name).collect();
    assert!(named.is_empty(), "after {after}: {named:?}");
    assert_eq!(site.len(), fresh.len(), "after {after}");
}

fn job_page(site: &Site, database: &str) -> String {
    let listed = site.document("site/api/jobs.json");
    let is_it = |job: &&serde_json::Value| job["database"] == database;
    let job = listed["jobs"].as_array().unwrap().iter().find(is_it).unwrap();
    format!("site/jobs/{}.html", job["id"].as_str().unwrap())
}

#[test]
fn a_site_with_a_memory_is_the_one_that_a_new_folder_gets() {
    let mut site = Site::new().at("2020-06-15T20:00:00Z");
    let good = Report::of(AGENT).good("ONE", "first").good("TWO", "second");
    site.deposit(&good.failed("THREE", "BACKUP", "disk full"));
    site.deposit(&Report::of(OTHER).good("FOUR", "fourth"));
    site.run(["run", "-q"]).silent();
    check(&site, "a run");

    let mut sections = String::new();
    for (after, section) in [
        ("another language", "[site]\nlanguage = 'fr'\n"),
        ("another title", "title = 'Ours'\n"),
        ("another contact", "[[rule]]\nmatch = { database = 'TWO' }\ncontact = 'Paul'\nevery = '90d'\n"),
    ] {
        sections += section;
        site.configure(&sections);
        check(&site, after);
    }

    let id = site.document("site/api/alerts.json")["alerts"][0]["id"].to_string();
    site.run(["alerts", "ack", "--alert", &id, "--until", "2h", "--reason", "known"]).done();
    check(&site, "an acknowledgement");
    site.pass(TimeDelta::minutes(125));
    check(&site, "the end of the acknowledgement");
    site.pass(TimeDelta::hours(3));
    check(&site, "midnight");

    let one = job_page(&site, "ONE");
    fs::remove_file(site.path(&one)).unwrap();
    check(&site, "a page deleted");
    for (after, page) in
        [("a page cut", one.as_str()), ("an agent cut", "site/agents/SIRPACAM_DOUALA_NEWBELL.html")]
    {
        let half = site.read(page).len() / 2;
        fs::write(site.path(page), &site.read(page)[..half]).unwrap();
        check(&site, after);
    }
    // As after a reset of the storage alone, which no start of the machine tells of: the page of before.
    let before = site.read(&one).replace("first", "FIRST");
    fs::write(site.path(&one), before).unwrap();
    site.touch(&site.path(&one), site.now() - TimeDelta::days(1));
    check(&site, "an older page of the same length");
    site.place("site/data/jobs-3.js", "bmPiece(3,[])");
    check(&site, "a fleet that was larger");

    site.run(["report", "--out", "second"]).silent();
    site.deposit(&Report::of(AGENT).good("ONE", "first, changed"));
    site.run(["run", "-q"]).silent();
    check(&site, "news");
    site.run(["report", "--out", "second"]).silent();
    assert_eq!(files(&site, "second"), files(&site, "site"), "two folders in turn");

    site.pass(TimeDelta::days(31));
    check(&site, "a month without a scan");
    // Of a job that has no news in the month.
    assert!(site.read(&job_page(&site, "TWO")).contains("clock_jumped"), "the month is seen at all");
    site.run(["run", "-q"]).silent();
    check(&site, "the first scan after it");
    assert!(!site.read(&job_page(&site, "TWO")).contains("clock_jumped"));
    site.pass(TimeDelta::days(-20));
    check(&site, "a clock set back");
}
