//! Versions on the shelf: listed, pinned, verified, restored, promoted late, and pruned.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};

use chrono::TimeDelta;
use serde_json::Value;

use crate::harness::{Site, assert_shape, word};
use crate::report::Report;

const AGENT: &str = "SIRPACAM_DOUALA_NEWBELL";
const JOB: &str = "SIRPACAM_DOUALA_NEWBELL/SDMC_2020";

/// `days` daily backups of `SDMC_2020`, each of other bytes, and a good one of PAIE with the first.
fn kept(days: i64) -> Site {
    let mut site = Site::new();
    for day in 0..days {
        if day > 0 {
            site.pass(TimeDelta::days(1));
        }
        let report = Report::of(AGENT).good("SDMC_2020", format!("bytes of day {day}"));
        site.deposit(&if day == 0 { report.good("PAIE", "salaries") } else { report });
        site.run(["run", "-q"]).silent();
    }
    site
}

fn versions(site: &Site, arguments: &[&str]) -> Vec<Value> {
    let mut words = vec!["versions", "list", "--json"];
    words.extend(arguments);
    let document = site.run(words).exits(0).json();
    assert_shape("versions", &document);
    document["versions"].as_array().unwrap().clone()
}

fn named(version: &Value) -> String {
    word(&version["version"]).to_owned()
}

fn folder(site: &Site, version: &str) -> PathBuf {
    site.path(&format!("validated/{JOB}/versions/{version}"))
}

/// Writes other bytes of the same length over a version's dump.
fn damage(site: &Site, version: &str) {
    let dump = folder(site, version).join("SDMC_2020.bin");
    let bytes = fs::read(&dump).unwrap();
    fs::set_permissions(&dump, fs::Permissions::from_mode(0o640)).unwrap();
    fs::write(&dump, bytes.iter().map(|byte| byte ^ 1).collect::<Vec<_>>()).unwrap();
}

fn current(site: &Site) -> String {
    let link = fs::read_link(site.path(&format!("validated/{JOB}/current_version"))).unwrap();
    link.file_name().unwrap().to_str().unwrap().to_owned()
}

#[test]
fn the_list_says_what_is_kept_and_by_which_rule_and_the_tree_alone_says_it_too() {
    let site = kept(2);
    insta::assert_snapshot!(site.run(["versions", "list", JOB]).done());
    let of_state = versions(&site, &[]);
    assert_eq!(of_state.len(), 3);
    let of_tree = versions(&site, &["--tree", "validated"]);
    let shown = |versions: &[Value]| -> Vec<(String, String, bool)> {
        let row = |v: &Value| (word(&v["database"]).to_owned(), named(v), v["current"].as_bool().unwrap());
        versions.iter().map(row).collect()
    };
    assert_eq!(shown(&of_tree), shown(&of_state));
    assert_eq!(versions(&site, &["--tree", "validated", "--database", "P*"]).len(), 1);
    insta::assert_snapshot!(site.run(["versions", "list", "--tree", "validated", "--status", "FAILED"]));
    insta::assert_snapshot!(site.run(["versions", "list", "--tree", "validated", "A/b"]));
}

#[test]
fn a_pin_is_a_mark_in_the_folder_with_a_record_of_who_and_why() {
    let site = kept(2);
    let old = named(&versions(&site, &[JOB])[0]);
    let pin = ["versions", "pin", JOB, "--version", &old, "--reason", "year-end audit"];
    assert!(site.run([&pin[..], &["--dry-run"]].concat()).done().contains("would pin"));
    assert!(!folder(&site, &old).join(".pinned").exists());
    site.run(pin).done();
    assert!(folder(&site, &old).join(".pinned").exists());
    assert_eq!(versions(&site, &[JOB])[0]["pinned"], true);
    let changes = site.run(["history", JOB, "--operators", "--json"]).json();
    let change = &changes["changes"][0];
    assert_eq!((word(&change["what"]), word(&change["why"])), ("pin version", "year-end audit"));
    site.run(["versions", "unpin", JOB]).done();
    assert!(!folder(&site, &old).join(".pinned").exists());
    insta::assert_snapshot!(site.run(["versions", "unpin", JOB]));
    insta::assert_snapshot!(site.run(["versions", "pin"]));
    // Without a version's name it is the current one.
    site.run(["versions", "pin", JOB]).done();
    assert!(folder(&site, &current(&site)).join(".pinned").exists());
}

#[test]
fn damage_is_told_and_current_version_moves_to_the_newest_good_one() {
    let mut site = kept(3);
    site.run(["verify", "--all"]).silent();
    let newest = current(&site);
    let before = named(&versions(&site, &[JOB])[1]);
    damage(&site, &newest);
    site.pass(TimeDelta::hours(1));
    let found = site.run(["verify", "--all", "--json", "--fail-on", "critical"]).exits(3);
    assert!(found.stderr.contains("is damaged: the SHA-256"), "{found}");
    let document: Value = serde_json::from_str(&found.stdout).unwrap();
    assert_eq!(
        (document["verified"].as_u64(), word(&document["damaged"][0]["version"])),
        (Some(3), newest.as_str())
    );
    assert_eq!(current(&site), before);
    let alerts = site.run(["alerts", "list", JOB, "--json"]).json();
    let alert = &alerts["alerts"][0];
    assert_eq!((word(&alert["kind"]), word(&alert["severity"])), ("version_damaged", "critical"));
    assert!(word(&alert["message"]).ends_with(&format!("current_version is {before}")), "{alert}");
    let rows = versions(&site, &[JOB]);
    assert_eq!((&rows[2]["damaged"], &rows[1]["current"]), (&true.into(), &true.into()));
    // The same damage again: still one alert, and a finding is no failure.
    assert!(site.run(["verify", "--all", "-q"]).exits(0).stderr.contains("is damaged"));

    // The deposit still has the same bytes, so the next run keeps them again; then all is whole.
    site.pass(TimeDelta::minutes(15)).run(["run", "-q"]).silent();
    assert_eq!(current(&site), newest);
    site.pass(TimeDelta::minutes(15)).run(["verify", JOB]).silent();
    let alerts = site.run(["alerts", "list", JOB, "--json", "--all"]).json();
    assert_eq!(alerts["alerts"].as_array().unwrap().len(), 1);
    assert!(alerts["alerts"][0]["resolved_at"].is_string(), "{alerts}");
}

#[test]
fn a_budget_reads_the_least_recently_verified_first_and_at_least_one() {
    let mut site = kept(3);
    let mut verified = Vec::new();
    for _ in 0..3 {
        site.pass(TimeDelta::hours(1));
        let document = site.run(["verify", JOB, "--budget", "1B", "--json"]).json();
        assert_eq!((&document["verified"], &document["left"]), (&1.into(), &2.into()));
        let now = site.now().format("%Y-%m-%dT%H:%M:%SZ").to_string();
        let rows = versions(&site, &[JOB]);
        verified.extend(rows.iter().filter(|row| row["verified_at"] == now.as_str()).map(named));
    }
    assert_eq!(verified, versions(&site, &[JOB]).iter().map(named).collect::<Vec<_>>());
    insta::assert_snapshot!(site.run(["verify"]));
}

#[test]
fn a_version_that_is_gone_is_damage_and_an_empty_folder_is_no_proof_of_it() {
    let mut site = kept(3);
    let newest = current(&site);
    fs::rename(site.path("validated"), site.path("unmounted")).unwrap();
    let ran = site.run(["verify", "--all"]).exits(1);
    assert!(ran.stderr.contains("is empty though versions are known"), "{ran}");
    fs::rename(site.path("unmounted"), site.path("validated")).unwrap();
    fs::remove_dir_all(folder(&site, &newest)).unwrap();
    let ran = site.pass(TimeDelta::minutes(5)).run(["verify", JOB]).exits(0);
    assert!(ran.stderr.contains("it is gone from the disk"), "{ran}");
    assert_ne!(current(&site), newest);
    let alerts = site.run(["alerts", "list", JOB, "--json"]).json();
    assert_eq!(alerts["alerts"][0]["kind"], "version_damaged");
}

/// Every file below a folder with its bytes.
fn bytes_of(folder: &Path) -> Vec<(String, Vec<u8>)> {
    let files = walkdir::WalkDir::new(folder).sort_by_file_name().into_iter().map(Result::unwrap);
    let name = |path: &Path| path.strip_prefix(folder).unwrap().display().to_string();
    files
        .filter(|entry| entry.file_type().is_file())
        .map(|entry| (name(entry.path()), fs::read(entry.path()).unwrap()))
        .collect()
}

#[test]
fn a_tree_alone_is_restored_byte_for_byte_when_all_else_is_lost() {
    let site = kept(3);
    fs::rename(site.path("validated"), site.path("rescued")).unwrap();
    for gone in ["state", "site", "deposits", "home"] {
        fs::remove_dir_all(site.path(gone)).unwrap();
    }
    // Not even a broken configuration stands in the way.
    fs::write(site.path("config.toml"), "this is [ no configuration").unwrap();
    let words = ["restore", "--tree", "rescued", "--to", "restored"];
    let planned = site.run([&words[..], &["--dry-run"]].concat());
    assert!(planned.stdout.contains("2 dumps of 22 B would be restored"), "{planned}");
    assert!(!site.path("restored").exists());
    site.run(words).done();
    let restored = bytes_of(&site.path("restored"));
    let dumps: Vec<_> = restored.iter().filter(|(name, _)| name.ends_with(".bin")).cloned().collect();
    assert_eq!(
        dumps,
        [
            (format!("{AGENT}/PAIE/PAIE.bin"), b"salaries".to_vec()),
            (format!("{AGENT}/SDMC_2020/SDMC_2020.bin"), b"bytes of day 2".to_vec()),
        ]
    );
    let check = std::process::Command::new("sha256sum")
        .args(["--strict", "-c", "SHA256SUMS"])
        .current_dir(site.path("restored"))
        .output()
        .unwrap();
    assert!(check.status.success(), "{check:?}");
    let list: Value = serde_json::from_str(&site.read("restored/RESTORED.json")).unwrap();
    assert_eq!(list["restored"].as_array().unwrap().len(), 2);

    // Again into the same folder: nothing is overwritten, and it is said.
    let again = site.run(words).exits(1);
    assert!(again.stderr.contains("exists already and is not overwritten"), "{again}");
    let now = bytes_of(&site.path("restored"));
    assert!(restored.iter().all(|file| now.contains(file)));
    // The tree was only read.
    assert_eq!(versions(&site, &["--tree", "rescued"]).len(), 4);
    site.run(["verify", "--all", "--tree", "rescued"]).silent();
}

#[test]
fn what_turns_out_to_be_damaged_is_replaced_by_the_version_before_it_and_that_is_told() {
    let site = kept(3);
    let rows = versions(&site, &[JOB]);
    damage(&site, &named(&rows[2]));
    let ran = site.run(["restore", JOB, "--to", "out"]).exits(1);
    assert!(ran.stderr.contains("is damaged") && ran.stderr.contains("is restored in its place"), "{ran}");
    assert_eq!(site.read(&format!("out/{JOB}/SDMC_2020.bin")), "bytes of day 1");
    // A version that was named is that one or none.
    let named = named(&rows[2]);
    let ran = site.run(["restore", JOB, "--version", &named, "--to", "named"]).exits(1);
    assert!(ran.stderr.contains("is damaged"), "{ran}");
    assert!(!site.path(&format!("named/{JOB}/SDMC_2020.bin")).exists());
}

#[test]
fn restore_knows_the_time_and_names_the_jobs_that_have_nothing() {
    let mut site = kept(3);
    site.deposit(&Report::of(AGENT).failed("VENTES", "BACKUP", "disk full"));
    site.pass(TimeDelta::minutes(15)).run(["run", "-q"]).silent();
    let words = ["restore", "--before", "2020-06-16T00:00:00Z", "--to", "out"];
    insta::assert_snapshot!(site.run([&words[..], &["--dry-run"]].concat()));
    site.run(words).done();
    assert_eq!(site.read(&format!("out/{JOB}/SDMC_2020.bin")), "bytes of day 0");
    insta::assert_snapshot!(site.run(["restore", "A/b", "--to", "out"]));
}

#[test]
fn what_a_scan_verified_is_promoted_when_it_is_asked_for() {
    let site = Site::new();
    site.deposit(&Report::of(AGENT).at("2020-06-15T07:30:00Z").good("SDMC_2020", "some bytes"));
    site.run(["scan"]).silent();
    insta::assert_snapshot!(site.run(["promote", "--dry-run"]));
    assert!(!site.path("validated").exists());
    site.run(["promote"]).silent();
    assert_eq!(site.proven_versions(), 1);
    let again = site.run(["promote", "--json"]).json();
    assert_eq!(again["versions_promoted"], 0);
    insta::assert_snapshot!(site.run(["promote", "--dry-run"]));
}

#[test]
fn prune_says_what_goes_and_why_before_it_goes() {
    let mut site = Site::configured(
        "[defaults]\nkeep_last = 1\nkeep_within = '1h'\nkeep_daily = 1\nkeep_weekly = 0\nkeep_monthly = 0\nmin_good = 1\n[retention]\nhistory_days = 2\n[scan]\ntrial_days = 0\narchive_days = 1\n",
    );
    for day in 0..4 {
        let report = Report::of(AGENT).good("SDMC_2020", format!("day {day}"));
        // The newest that is known of PAIE is old, and stays.
        site.deposit(&if day == 0 { report.good("PAIE", "salaries") } else { report });
        site.run(["run", "-q"]).silent();
        site.pass(TimeDelta::days(1));
    }
    let before = site.tree("state/reports").lines().count();
    let entries = |site: &Site| {
        let history = site.run(["history", "--json"]).json();
        history["entries"].as_array().unwrap().len()
    };
    let (all, planned) = (entries(&site), site.run(["prune", "--dry-run", "--json"]).json());
    assert_eq!((entries(&site), site.tree("state/reports").lines().count()), (all, before));
    let done = site.run(["prune", "--json"]).json();
    for what in ["history_entries", "kept_reports", "versions"] {
        assert_eq!(planned[what], done[what], "{what}");
    }
    assert_eq!(done["history_entries"], all - entries(&site));
    assert!(all > entries(&site));
    let left = site.tree("state/reports").lines().count();
    assert_eq!((&done["kept_reports"], left), (&(before - left).into(), 2));
    // The newest report is still there to be looked at again, and everything goes on.
    site.run(["run", "-q"]).silent();
    // A clock that jumped removes nothing.
    site.pass(TimeDelta::days(300));
    let ran = site.run(["prune"]).exits(1);
    assert!(ran.stderr.contains("the clock may be wrong"), "{ran}");
}
