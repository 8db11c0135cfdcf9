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
    let text = |name: &str| without_space(name, site.read(&format!("{folder}/{name}")));
    shown.map(|name| (name.to_owned(), text(name))).collect()
}

/// Leaves out what is told of the disk: others write on it meanwhile.
fn without_space(name: &str, text: String) -> String {
    let (begin, end) = match name {
        "index.html" => ("<section class=\"sec\" aria-labelledby=\"hsv\">", "</section>"),
        "api/health.json" => ("\"disk_full_at\":", "\n"),
        _ => return text,
    };
    let (before, after) = text.split_once(begin).unwrap_or_else(|| panic!("{name} tells of the space"));
    let (_, after) = after.split_once(end).unwrap();
    format!("{before}{after}")
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

#[test]
fn what_somebody_paused_or_took_on_says_who_until_when_and_why() {
    let site = Site::configured("[site]\nlanguage = 'en'\n").at("2020-06-15T20:00:00Z");
    site.deposit(&Report::of(AGENT).good("RESTS", "r").failed("FAILS", "BACKUP", "disk full"));
    site.run(["run", "-q"]).silent();
    let job = format!("{AGENT}/RESTS");
    let pause = |reason: &str| {
        let until = "2020-06-17T08:00:00Z";
        site.run(["jobs", "pause", &job, "--reason", reason, "--until", until, "--yes"]).done();
        site.run(["report"]).silent();
    };
    pause("moved to <b>another</b> server");
    for page in ["site/index.html".to_owned(), job_page(&site, "RESTS")] {
        let text = site.read(&page);
        assert!(text.contains("until Wed 17 Jun 2020") && text.contains("Paused by "), "{page}");
        assert!(text.contains("moved to &#60;b&#62;another"), "{page}");
    }
    let page = site.read(&job_page(&site, "RESTS"));
    assert!(!page.contains("<b>verified"), "{page}");
    pause("broken");
    check(&site, "another reason");

    let id = site.document("site/api/alerts.json")["alerts"][0]["id"].to_string();
    site.run(["alerts", "ack", "--alert", &id, "--until", "2h", "--reason", "a new disk comes"]).done();
    site.run(["report"]).silent();
    for page in ["site/index.html", "site/alerts.html"] {
        let text = site.read(page);
        assert!(text.contains("until Mon 15 Jun 2020") && text.contains(": a new disk comes"), "{page}");
    }
}

/// The pieces that the search of a large fleet loads.
fn pieces(site: &Site) -> usize {
    site.tree("site/data").lines().filter(|name| name.contains("jobs-")).count()
}

#[test]
fn a_fleet_that_shrinks_leaves_no_piece_of_its_list_behind() {
    let site = Site::new();
    let job =
        |n: usize| serde_json::json!({"agent": AGENT, "database": format!("db_{n:03}"), "every": "24h"});
    let jobs = serde_json::json!({"jobs": (0..210).map(job).collect::<Vec<_>>()}).to_string();
    site.command(["jobs", "import", "-"]).input(jobs).run().done();
    site.run(["report"]).silent();
    assert_eq!(pieces(&site), 1, "{}", site.tree("site/data"));
    check(&site, "an import");
    site.run(["jobs", "remove", "--database", "db_1*", "--reason", "gone", "--yes"]).done();
    check(&site, "a removal of half");
    assert_eq!(pieces(&site), 0, "{}", site.tree("site/data"));
    assert_eq!(site.tree("site/jobs").lines().count(), 110);
}
