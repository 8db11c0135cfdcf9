//! Two servers on one validated folder, and one that came in another's place.

use std::fs::{self, File};
use std::os::unix::fs::symlink;
use std::path::Path;

use chrono::TimeDelta;

use crate::harness::Site;
use crate::report::Report;

const AGENT: &str = "SIRPACAM_DOUALA_NEWBELL";
const MINUTES: fn(i64) -> TimeDelta = TimeDelta::minutes;

/// A server that has kept one version.
fn server() -> Site {
    let mut site = Site::new();
    save(&mut site, "one");
    site.run(["run"]).silent();
    site
}

fn save(site: &mut Site, bytes: &str) {
    site.pass(MINUTES(15)).deposit(&Report::of(AGENT).good("DB", bytes));
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let to = to.join(entry.file_name());
        match entry.file_type().unwrap() {
            kind if kind.is_dir() => copy(&entry.path(), &to),
            kind if kind.is_symlink() => symlink(fs::read_link(entry.path()).unwrap(), to).unwrap(),
            _ => drop(fs::copy(entry.path(), to).unwrap()),
        }
    }
}

#[test]
fn a_server_whose_versions_another_one_took_over_says_so_and_touches_none() {
    let mut first = server();
    let mut second = Site::new();
    symlink(first.path("validated"), second.path("validated")).unwrap();
    second.pass(MINUTES(20));
    save(&mut second, "of the second");
    let _ = second.run(["run"]).exits(0);
    first.pass(MINUTES(60));
    save(&mut first, "two");
    let before = first.tree("validated");
    for _ in 0..2 {
        let ran = first.run(["run"]).exits(1);
        assert!(ran.stderr.contains("another server worked with the versions"), "{ran}");
        assert_eq!(first.tree("validated"), before);
        first.pass(MINUTES(15));
    }
    // It is judged all the same, and the second goes on without a word.
    assert!(first.run(["jobs", "list"]).stdout.contains("SUCCESS"));
    second.pass(MINUTES(60)).run(["run"]).silent();
    // Told that there is no other, the first takes them over.
    fs::remove_file(first.path("validated/.backupmon/last-run.json")).unwrap();
    let _ = first.run(["run"]).exits(0);
    assert_eq!(first.proven_versions(), 3);
    first.pass(MINUTES(15)).run(["run"]).silent();
}

#[test]
fn another_server_at_work_is_waited_for_until_the_next_run() {
    let mut site = server();
    let other = File::open(site.path("validated/.backupmon")).unwrap();
    other.lock().unwrap();
    save(&mut site, "two");
    let ran = site.run(["run"]).exits(1);
    assert!(ran.stderr.contains("another backupmon, with a state of its own, is at work"), "{ran}");
    assert_eq!(site.proven_versions(), 1);
    drop(other);
    site.pass(MINUTES(15)).run(["run"]).silent();
    assert_eq!(site.proven_versions(), 2);
}

#[test]
fn a_server_that_was_copied_to_a_new_machine_goes_on_without_a_word() {
    let mut old = server();
    save(&mut old, "two");
    let mut new = Site::new();
    for folder in ["deposits", "state", "validated"] {
        copy(&old.path(folder), &new.path(folder));
    }
    new.pass(MINUTES(60)).run(["run"]).silent();
    save(&mut new, "three");
    new.run(["run"]).silent();
    assert_eq!(new.proven_versions(), 3);
}

#[test]
fn an_operator_changes_nothing_of_versions_that_another_server_works_with() {
    const JOB: &str = "SIRPACAM_DOUALA_NEWBELL/DB";
    const CHANGES: [&[&str]; 5] = [
        &["versions", "pin", JOB, "--reason", "the audit"],
        &["jobs", "retire", JOB, "--reason", "sold"],
        &["jobs", "rename", JOB, "NEW"],
        &["agents", "rename", AGENT, "SIRPACAM_DOUALA_AKWA"],
        &["state", "backup"],
    ];
    let mut first = server();
    let other = File::open(first.path("validated/.backupmon")).unwrap();
    other.lock().unwrap();
    let before = (first.tree("validated"), first.run(["jobs", "list"]).stdout);
    for change in CHANGES {
        let ran = first.run(change).exits(1);
        assert!(ran.stderr.contains("another backupmon, with a state of its own, is at work"), "{ran}");
    }
    drop(other);
    let mut second = Site::new();
    symlink(first.path("validated"), second.path("validated")).unwrap();
    second.pass(MINUTES(20));
    save(&mut second, "of the second");
    let _ = second.run(["run"]).exits(0);
    first.pass(MINUTES(60));
    let taken_over = first.tree("validated");
    for change in CHANGES {
        let ran = first.run(change);
        assert_eq!(ran.status, 1, "{change:?}\n{ran}");
        assert!(ran.stderr.contains("another server worked with the versions"), "{ran}");
        assert_eq!(first.tree("validated"), taken_over);
    }
    first.pass(MINUTES(-60));
    assert_eq!(first.run(["jobs", "list"]).stdout, before.1);
}
