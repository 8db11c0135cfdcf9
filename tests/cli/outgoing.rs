//! `notify` and `report`, alone; and reports that are moved out of the way.

use std::fs;
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _};
use std::path::Path;

use chrono::TimeDelta;

use crate::harness::Site;
use crate::report::Report;

const AGENT: &str = "SIRPACAM_DOUALA_NEWBELL";

#[test]
fn a_report_writes_only_what_changed_and_never_removes_what_is_not_its_own() {
    let site = Site::new();
    site.deposit(&Report::of(AGENT).good("SDMC_2020", "bytes"));
    site.run(["run", "-q"]).silent();
    site.run(["report"]).silent();
    let first = site.run(["report", "--out", "elsewhere", "--json"]).json();
    assert!(first["files_changed"].as_u64().unwrap() > 5, "{first}");
    let page = site.path("elsewhere/agents.html");
    let inode = |path: &Path| fs::metadata(path).unwrap().ino();
    let before = inode(&page);
    let again = site.run(["report", "--out", "elsewhere", "--json"]).json();
    // The free space, which overview, health.json and metrics tell, may have changed meanwhile.
    assert!(again["files_changed"].as_u64().unwrap() <= 3, "{again}");
    assert_eq!(inode(&page), before);
    assert_eq!(site.read("elsewhere/api/jobs.json"), site.read("site/api/jobs.json"));
    site.place("mine/jobs/list.html", "my own");
    site.run(["report", "--out", "mine"]).silent();
    assert_eq!(site.read("mine/jobs/list.html"), "my own");
    // In a site of ours the page of a job that is gone goes.
    site.place("site/jobs/gone.html", "old");
    site.run(["report"]).silent();
    assert!(!site.path("site/jobs/gone.html").exists());
}

#[test]
fn a_page_is_made_again_when_it_is_gone_or_its_job_has_news_and_only_then() {
    let mut site = Site::configured("[scan]\ntrial_days = 0\n");
    site.deposit(&Report::of(AGENT).good("ONE", "first").good("TWO", "second"));
    site.run(["run", "-q"]).silent();
    let pages = |site: &Site| -> Vec<(String, u64, u64)> {
        let listed = site.document("site/api/jobs.json");
        let ids = listed["jobs"].as_array().unwrap().iter().map(|job| job["id"].as_str().unwrap().to_owned());
        ids.map(|id| {
            let inode = |path: String| fs::metadata(site.path(&path)).unwrap().ino();
            (id.clone(), inode(format!("site/jobs/{id}.html")), inode(format!("site/api/jobs/{id}.json")))
        })
        .collect()
    };
    let before = pages(&site);
    // What is remembered says that nothing changed, and is right.
    site.run(["report"]).silent();
    assert_eq!(pages(&site), before);
    // Without it, all pages are made and compared.
    let one = format!("site/jobs/{}.html", before[0].0);
    fs::write(site.path(&one), "somebody's").unwrap();
    fs::remove_file(site.path("site/data/.pages.json")).unwrap();
    site.run(["report"]).silent();
    assert!(site.read(&one).contains("<h1><bdi>ONE</bdi></h1>"));
    fs::remove_file(site.path(&format!("site/api/jobs/{}.json", before[1].0))).unwrap();
    site.run(["report"]).silent();
    let before = pages(&site);

    site.pass(TimeDelta::hours(3));
    site.deposit(&Report::of(AGENT).good("ONE", "first, changed"));
    site.run(["run", "-q"]).silent();
    let after = pages(&site);
    assert!(after[0].1 != before[0].1 && after[0].2 != before[0].2, "the one with news");
    assert_eq!(after[1], before[1], "and not the other");
    // Time alone: what did not come is late, and then missing.
    site.pass(TimeDelta::hours(40));
    site.run(["run", "-q"]).silent();
    let late = pages(&site);
    assert!(late[1].1 != after[1].1);
    assert!(site.read(&format!("site/jobs/{}.html", late[1].0)).contains("Missing"));
}

#[test]
fn what_would_be_sent_is_shown_and_stays_to_be_sent() {
    let site = Site::configured("[[webhook]]\nkind = 'json'\nurl = 'http://127.0.0.1:9/hook'\n");
    // Its address often is a secret.
    fs::set_permissions(site.path("config.toml"), fs::Permissions::from_mode(0o600)).unwrap();
    site.deposit(&Report::of(AGENT).failed("PAIE", "BACKUP", "disk full"));
    site.run(["scan"]).silent();
    for _ in 0..2 {
        let shown = site.run(["notify", "--dry-run"]).done();
        assert!(shown.contains("webhook:1") && shown.contains(AGENT), "{shown}");
    }
    let ran = site.run(["notify", "--json"]).exits(1);
    assert!(ran.stderr.contains("a message was not delivered: webhook:1"), "{ran}");
    assert!(ran.stdout.contains("\"waiting\": 1"), "{ran}");
    insta::assert_snapshot!(site.run(["notify", "--test", "nobody@example.org"]));
    insta::assert_snapshot!(Site::new().run(["notify"]));
}

#[test]
fn judged_and_rejected_reports_are_moved_where_it_is_configured() {
    let mut site = Site::configured("[scan]\ntrial_days = 0\narchive_reports = 'move'\n");
    let log = format!("deposits/{AGENT}/log");
    site.deposit(&Report::of(AGENT).named("good.json").good("SDMC_2020", "one"));
    site.deposit(&Report::of(AGENT).named("waits.json").says("PAIE", "PAIE.bin", "not there yet"));
    site.place(&format!("{log}/junk.json"), "no json");
    site.run(["scan", "--dry-run"]).done();
    assert_eq!(site.tree(&log), "good.json\njunk.json\nwaits.json");
    site.run(["run", "-q"]).silent();
    // What is not settled yet stays to be read again.
    assert_eq!(site.tree(&log), "_archive/good.json\njunk.json\nwaits.json");
    site.pass(TimeDelta::minutes(15)).run(["run", "-q"]).silent();
    assert_eq!(site.tree(&log), "_archive/good.json\n_archive/waits.json\n_rejected/junk.json");
    assert_eq!(site.tree("state/reports").lines().count(), 3, "the bytes are kept in any case");

    // Another report of the same name overwrites nothing, and one that is sent again is left alone.
    site.pass(TimeDelta::days(1));
    site.deposit(&Report::of(AGENT).named("good.json").good("SDMC_2020", "two"));
    site.run(["run", "-q"]).silent();
    assert_eq!(
        site.tree(&log),
        "_archive/good.1.json\n_archive/good.json\n_archive/waits.json\n_rejected/junk.json"
    );
    assert_eq!(site.statuses()[&format!("{AGENT}/SDMC_2020")], "SUCCESS");
    assert_eq!(site.statuses()[&format!("{AGENT}/PAIE")], "FAILED file_absent");
}
