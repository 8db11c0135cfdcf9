//! What could be restored now is what is kept and whole, and every output says the same of it.

use std::fs;

use chrono::TimeDelta;
use serde_json::Value;

use crate::harness::{Site, word};
use crate::mail::{self, Server};
use crate::report::Report;

const AGENT: &str = "BONABERI";

/// The only job, as the site was written last.
fn job(site: &Site) -> Value {
    site.document("site/api/jobs.json")["jobs"][0].clone()
}

fn page(site: &Site) -> String {
    site.read(&format!("site/jobs/{}.html", word(&job(site)["id"])))
}

/// One byte of the current version is not what it was.
fn damage(site: &Site, database: &str) {
    let folder = site.path(&format!("validated/{AGENT}/{database}/current_version"));
    let dump = folder.join(format!("{database}.bin"));
    let mut bytes = fs::read(&dump).unwrap();
    bytes[0] ^= 1;
    fs::remove_file(&dump).unwrap();
    fs::write(&dump, bytes).unwrap();
}

/// A backup of Monday and one of Tuesday, whose version is damaged since.
fn damaged(sections: &str) -> Site {
    let mut site = Site::configured(sections);
    site.deposit(&Report::of(AGENT).good("stock", "bytes of Monday"));
    site.run(["run", "-q"]).silent();
    site.pass(TimeDelta::days(1));
    site.deposit(&Report::of(AGENT).good("stock", "bytes of Tuesday"));
    site.run(["run", "-q"]).silent();
    assert_eq!(word(&job(&site)["last_good_copy_at"]), "2020-06-16T08:00:00Z");
    damage(&site, "stock");
    // The deposit has the next one on its way: what is damaged is not promoted again.
    site.dump(AGENT, "stock.bin", "bytes of Wednesday, half");
    let _found = site.run(["verify", "--all", "-q"]).exits(0);
    site
}

#[test]
fn a_damaged_version_is_no_copy_and_what_is_named_is_what_a_restore_gives() {
    let server = Server::start(mail::Fault::None, &[]);
    let site = damaged(&mail::section(server.port));
    site.run(["run", "-q"]).silent();
    let restore = site.run(["restore", "BONABERI/stock", "--to", "out", "--dry-run", "--json"]).done();
    let restore: Value = serde_json::from_str(&restore).unwrap();
    let (given, job) = (restore.to_string(), job(&site));
    assert!(given.contains("20200615T080000Z-"), "{given}");
    assert_eq!(word(&job["last_good_copy_at"]), "2020-06-15T08:00:00Z");
    assert_eq!(word(&job["last_success_at"]), "2020-06-16T08:00:00Z");
    assert_eq!(job["size_bytes"], "bytes of Monday".len(), "of the copy");
    assert!(word(&job["current_version"]).ends_with(&word(&job["sha256"])[..8]), "{job}");
    let page = page(&site);
    assert!(page.contains("you would get the copy of Mon 15 Jun 2020, 08:00."), "{page}");
    assert!(
        page.contains("The backup of Tue 16 Jun 2020, 08:00 was verified when it came, but no whole copy")
    );
    let metric = format!("{{agent=\"BONABERI\",database=\"stock\",job=\"{}\"}} 1592208000", word(&job["id"]));
    let metrics = site.read("site/metrics.prom");
    assert!(metrics.contains(&format!("backupmon_job_last_success_timestamp_seconds{metric}")), "{metrics}");
    assert!(site.run(["check"]).exits(2).stdout.contains(" oldest_success=86400s;"));
    let (_, text) = mail::taken(&server).pop().unwrap();
    assert!(text.contains("Last good:  Mon 15 Jun 2020, 08:00 UTC (24 h old"), "{text}");
}

#[test]
fn what_is_verified_and_not_kept_is_no_copy() {
    let site = Site::configured("[promote]\nmin_free = '99%'\n");
    site.deposit(&Report::of(AGENT).good("stock", "bytes of Monday"));
    let _full = site.run(["run", "-q"]).exits(1);
    let (job, index, page) = (job(&site), site.read("site/index.html"), page(&site));
    assert_eq!((word(&job["status"]), &job["last_good_copy_at"]), ("SUCCESS", &Value::Null));
    assert!(index.contains("1 was verified when it came, but is not kept."), "{index}");
    assert!(!index.contains("1 has a verified copy"), "{index}");
    assert!(
        page.contains("There is no good copy to restore. The backup of Mon 15 Jun 2020, 08:00 was verified")
    );
    assert!(site.run(["check"]).stdout.contains(" oldest_success=U;"));
    assert!(site.run(["jobs", "list"]).stdout.contains(" not kept "));
}

#[test]
fn a_job_with_a_damaged_version_is_at_risk_whatever_its_status() {
    let mut site = damaged("");
    site.run(["report"]).silent();
    let job = job(&site);
    assert_eq!((word(&job["status"]), word(&job["severity"])), ("SUCCESS", "critical"));
    assert_eq!(job["damaged"], true);
    let check = site.run(["check"]).exits(2).stdout;
    assert!(check.starts_with("BACKUPMON CRITICAL: 1 damaged of 1 job | ok=0;;;0;1 "), "{check}");
    assert_eq!(check.matches("version_damaged BONABERI/stock").count(), 1, "one item: {check}");
    let index = site.read("site/index.html");
    assert!(index.contains("<h1>1 of 1 backups is at risk</h1>"), "{index}");
    assert!(site.read("site/metrics.prom").contains("backupmon_job_damaged{"), "a figure of its own");
    let page = page(&site);
    let hero = page.split("class=\"facts\"").next().unwrap();
    assert!(hero.contains("damaged") && hero.contains("version 20200616T080000Z-"), "{hero}");
    assert!(hero.contains(" is damaged: the SHA-256 of `stock.bin`"), "why comes before all: {hero}");
    assert!(site.run(["jobs", "list"]).stdout.contains("damaged"));

    // What is retired expects nothing, but is to be restored from one day.
    site.run(["jobs", "retire", "BONABERI/stock", "--reason", "sold"]).done();
    site.pass(TimeDelta::minutes(5));
    assert!(site.run(["check"]).stdout.contains("version_damaged BONABERI/stock"));
}

#[test]
fn a_failure_in_a_pause_is_seen_everywhere() {
    let mut site = Site::new();
    site.deposit(&Report::of(AGENT).good("caisse", "cash of Monday").good("stock", "stock of Monday"));
    site.run(["run", "-q"]).silent();
    site.run(["jobs", "pause", "BONABERI/caisse", "--until", "7d", "--reason", "stocktaking"]).done();
    site.run(["run", "-q"]).silent();
    let quiet = site.run(["check"]).exits(0).stdout;
    assert!(quiet.starts_with("BACKUPMON OK: "), "{quiet}");

    site.pass(TimeDelta::hours(2));
    site.deposit(&Report::of(AGENT).failed("caisse", "BACKUP", "disk full"));
    site.run(["run", "-q"]).silent();
    let jobs = site.document("site/api/jobs.json");
    let caisse = jobs["jobs"].as_array().unwrap().iter().find(|job| job["database"] == "caisse").unwrap();
    assert_eq!((word(&caisse["status"]), word(&caisse["severity"])), ("PAUSED", "critical"));
    assert_eq!((word(&caisse["cause"]), &caisse["active"]), ("backup_failed", &Value::Bool(false)));
    let check = site.run(["check"]).exits(2).stdout;
    assert!(check.starts_with("BACKUPMON CRITICAL: 1 failed"), "{check}");
    assert!(check.contains(" of 2 jobs |") && check.contains("backup_failed BONABERI/caisse"), "{check}");
    for path in ["site/index.html", "site/agents/BONABERI.html"] {
        let page = site.read(path);
        assert!(page.contains("1 of 2 backups is at risk") && page.contains("disk full"), "{path}: {page}");
    }
    let index = site.read("site/index.html");
    assert!(!index.contains("not watched, no alert") && !index.contains("1 more is paused"), "{index}");
    assert_eq!(site.document("site/api/health.json")["status"], "critical");
}
