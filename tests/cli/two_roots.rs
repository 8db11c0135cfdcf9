//! Deposits on two disks, of which one is not mounted.

use std::fs;

use chrono::TimeDelta;

use crate::harness::Site;
use crate::report::Report;

#[test]
fn an_empty_root_beside_a_full_one_is_not_mounted_and_nothing_becomes_missing() {
    let mut site = Site::new();
    site.configure("[defaults]\nevery = '1h'\ngrace = '1h'\n");
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
    assert!(!site.run(["jobs", "list"]).stdout.contains("MISSING"));
    // Mounted again; and what has only moved to the other root is not missed.
    fs::remove_dir(site.path("second")).unwrap();
    fs::create_dir(site.path("second")).unwrap();
    for agent in ["D", "E"] {
        fs::rename(site.path(&format!("disk/{agent}")), site.path(&format!("deposits/{agent}"))).unwrap();
    }
    let _ = site.run(["run"]).exits(0);
    assert!(!site.run(["alerts", "list"]).stdout.contains("deposits_unavailable"));
}
