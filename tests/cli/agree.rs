//! Site, documents, metrics, badge, feed, `check` and mail of one run say the same.

use std::collections::BTreeMap;

use crate::harness::Site;
use crate::mail::{self, Server};
use crate::report::Report;

/// Counts by status.
type Counts = BTreeMap<String, u64>;

#[test]
fn all_that_goes_out_of_one_run_agrees() {
    let server = Server::start(mail::Fault::None, &[]);
    let sections = format!(
        "[scan]\ntrial_days = 0\nsettle = '0s'\n[site]\nbase_url = 'https://backup.example/'\n{}",
        mail::section(server.port)
    );
    let mut site = Site::configured(&sections);
    site.deposit(&Report::of("A_B_C").good("one", "first bytes").good("two", "second bytes"));
    site.deposit(&Report::of("D_E_F").good("three", "third bytes"));
    site.run(["run", "-q"]).silent();
    site.pass(chrono::TimeDelta::hours(2));
    site.deposit(&Report::of("A_B_C").failed("one", "BACKUP", "disk full").says(
        "two",
        "two.bin",
        "other bytes",
    ));
    site.dump("A_B_C", "two.bin", "what came instead");
    site.deposit(&Report::of("D_E_F").good("three", "third bytes, changed"));
    site.run(["run", "-q"]).silent();

    let health = site.document("site/api/health.json");
    let counts: Counts = serde_json::from_value(health["jobs"].clone()).unwrap();
    assert_eq!((counts["FAILED"], counts["HASH_MISMATCH"], counts["SUCCESS"]), (1, 1, 1), "{health}");
    assert_eq!((health["status"].as_str(), health["alerts"].as_u64()), (Some("critical"), Some(2)));

    let listed = site.document("site/api/jobs.json");
    let metrics = site.read("site/metrics.prom");
    let index = site.read("site/index.html");
    for (status, n) in &counts {
        let jobs = listed["jobs"].as_array().unwrap();
        assert_eq!(jobs.iter().filter(|job| job["status"] == **status).count() as u64, *n, "{status}");
        assert!(metrics.contains(&format!("backupmon_jobs{{status=\"{status}\"}} {n}\n")), "{status}");
    }
    assert!(index.contains("<h1>2 of 3 backups are at risk</h1>"));
    assert!(site.read("site/badge.svg").contains("2 of 3 at risk"));
    let scan = health["scan_id"].as_u64().unwrap();
    for (path, mark) in [
        ("index.html", format!("data-scan=\"{scan}\"")),
        ("alerts.html", format!("data-scan=\"{scan}\"")),
        ("data/stamp.js", format!("\"scan_id\":{scan}")),
        ("metrics.prom", format!("backupmon_scan_id {scan}")),
        ("feed.atom", format!("scan_id {scan}")),
        ("badge.svg", format!("scan_id {scan}")),
    ] {
        assert!(site.read(&format!("site/{path}")).contains(&mark), "{path}");
    }
    assert_eq!(listed["scan_id"], scan);

    let check = site.run(["check"]).exits(2).stdout;
    assert!(check.starts_with("BACKUPMON CRITICAL: 1 hash mismatch, 1 failed of 3 jobs | "), "{check}");
    assert_eq!(site.read("site/feed.atom").matches("<entry>").count(), 2);
    let mails = mail::taken(&server);
    let [(subject, text)] = mails.as_slice() else { panic!("{mails:?}") };
    assert!(subject.contains("2 critical"), "{subject}");
    let alerts = site.document("site/api/alerts.json");
    for alert in alerts["alerts"].as_array().unwrap() {
        let database = alert["database"].as_str().unwrap();
        assert!(text.contains(&format!("A_B_C/{database}")), "{text}");
        let page = format!("jobs/{}.html", alert["job_id"].as_str().unwrap());
        assert!(index.contains(&page) && site.path("site").join(&page).exists(), "{page}");
    }
}
