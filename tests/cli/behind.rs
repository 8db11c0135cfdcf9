//! Commands on a state that does not know the last run: they leave alone what the disk shows to be needed, and say what
//! brings the two together.

use std::fs;

use chrono::TimeDelta;

use crate::harness::{Site, word};
use crate::report::Report;

const AGENT: &str = "SIRPACAM_DOUALA_NEWBELL";
const JOB: &str = "SIRPACAM_DOUALA_NEWBELL/DB";
const STATE: &str = "state/state.db";
const LITTLE: &str = "[retention]\nkeep_last = 1\nkeep_within = '1s'\nkeep_daily = 0\nkeep_weekly = 0\nkeep_monthly = 0\nmin_good = 1\n";

/// A day's backup, under a name of its own: the agent keeps its old dumps.
fn deposit(site: &mut Site, day: usize, length: usize) {
    let (file, bytes) = (format!("DB-{day}.bin"), format!("{day} {}", "x".repeat(length)));
    site.pass(TimeDelta::days(1));
    site.dump(AGENT, &file, &bytes);
    site.deposit(&Report::of(AGENT).says("DB", &file, &bytes));
}

fn current(site: &Site) -> String {
    let link = fs::read_link(site.path(&format!("validated/{JOB}/current_version"))).unwrap();
    link.file_name().unwrap().to_str().unwrap().to_owned()
}

fn put_back(site: &Site, state: &str) {
    for part in ["-wal", "-shm"] {
        let _ = fs::remove_file(site.path(&format!("{STATE}{part}")));
    }
    fs::copy(site.path(state), site.path(STATE)).unwrap();
}

fn everything(site: &Site) -> [String; 2] {
    ["validated", "state/reports"].map(|folder| site.tree(folder))
}

#[test]
fn promote_and_prune_leave_the_disk_to_a_run_that_compares_it() {
    let mut site = Site::configured(LITTLE);
    deposit(&mut site, 1, 50);
    site.run(["run"]).silent();
    deposit(&mut site, 2, 50);
    // Verified and not kept yet: that is what the copy of the state knows of.
    site.run(["scan"]).silent();
    fs::copy(site.path(STATE), site.path("old.db")).unwrap();
    deposit(&mut site, 3, 50);
    site.configure("");
    site.run(["run"]).silent();
    deposit(&mut site, 4, 50);
    site.run(["run"]).silent();
    let (before, newest) = (everything(&site), current(&site));

    site.configure(&format!("[scan]\ntrial_days = 0\narchive_days = 1\n{LITTLE}"));
    put_back(&site, "old.db");
    for command in [
        &["promote"][..],
        &["promote", "--dry-run"],
        &["prune"],
        &["prune", "--dry-run"],
        &["verify", "--all"],
    ] {
        let ran = site.run(command).exits(1);
        assert!(ran.stderr.contains("the state does not know the last run"), "{command:?}: {ran}");
        assert!(ran.stderr.contains("the next `backupmon run` compares it with the disk"), "{ran}");
        assert_eq!((everything(&site), current(&site)), (before.clone(), newest.clone()), "{command:?}");
    }
    site.run(["run"]).silent();
    assert_eq!((everything(&site), current(&site)), (before, newest.clone()));
    // The state is the last run's again.
    site.run(["promote"]).silent();
    site.run(["prune"]).silent();
    assert_eq!((current(&site), site.proven_versions()), (newest, 1));
}

#[test]
fn what_an_old_state_takes_for_held_is_not_accepted() {
    let mut site = Site::new();
    for day in 1..5 {
        deposit(&mut site, day, 5000);
        site.run(["run"]).silent();
    }
    deposit(&mut site, 5, 50);
    site.run(["run"]).silent();
    fs::copy(site.path(STATE), site.path("old.db")).unwrap();
    deposit(&mut site, 6, 5000);
    site.run(["run"]).silent();
    let (before, newest) = (everything(&site), current(&site));
    put_back(&site, "old.db");
    let ran = site.run(["promote", "--accept", JOB, "--reason", "it is right"]).exits(1);
    assert!(ran.stderr.contains("nothing is accepted") && ran.stderr.contains("`backupmon run`"), "{ran}");
    assert_eq!((everything(&site), current(&site)), (before, newest));
}

#[test]
fn a_version_that_somebody_put_there_is_counted_before_others_are_removed() {
    let mut site = Site::configured(LITTLE);
    deposit(&mut site, 1, 50);
    site.run(["run"]).silent();
    let first = current(&site);
    let versions = |site: &Site| site.path(&format!("validated/{JOB}/versions"));
    // A version of long ago, from a tape: the state learns of it when all is compared, once a day.
    deposit(&mut site, 2, 50);
    site.run(["run"]).silent();
    let second = current(&site);
    assert!(!versions(&site).join(&first).exists(), "one is kept");
    let old = "20190615T080000Z-";
    let from = versions(&site).join(&second);
    let sha = second.split('-').nth(1).unwrap();
    let to = versions(&site).join(format!("{old}{sha}"));
    fs::create_dir(&to).unwrap();
    for file in fs::read_dir(&from).unwrap().map(Result::unwrap) {
        let bytes = fs::read(file.path()).unwrap();
        let text = String::from_utf8(bytes).unwrap();
        let text = text.replace(&second, &format!("{old}{sha}"));
        fs::write(to.join(file.file_name()), text).unwrap();
    }
    site.pass(TimeDelta::minutes(15) - TimeDelta::days(1));
    deposit(&mut site, 3, 50);
    let said = site.run(["run", "-v"]).exits(0);
    assert!(said.stdout.contains("the state does not know its version 20190615T080000Z-"), "{said}");
    assert!(from.exists() && to.exists(), "nothing of the job is removed");
    // Once it is known, the rules are for it as for all.
    site.pass(TimeDelta::days(1));
    site.run(["run"]).silent();
    assert_eq!(site.proven_versions(), 1, "{}", site.tree("validated"));
}

#[test]
fn init_beside_versions_says_that_they_are_there_and_what_comes_next() {
    let mut site = Site::new();
    deposit(&mut site, 1, 50);
    site.run(["run"]).silent();
    let init = |site: &Site| site.run(["init"]).done();
    let told = init(&site);
    assert!(told.contains("state left as it was") && told.contains("1 versions lie in"), "{told}");
    fs::remove_dir_all(site.path("state")).unwrap();
    fs::remove_dir_all(site.path("validated/.backupmon")).unwrap();
    let told = init(&site);
    assert!(told.contains("empty state written: $SITE/state/state.db"), "{told}");
    assert!(told.contains("1 versions lie in $SITE/validated already"), "{told}");
    assert!(told.contains("`backupmon run` takes over what the state does not know"), "{told}");
    site.run(["run"]).silent();
    let listed = site.run(["versions", "list", "--json"]).json();
    assert_eq!(word(&listed["versions"][0]["version"]), current(&site));

    // With a copy, it is not empty.
    fs::remove_dir_all(site.path("state")).unwrap();
    let told = site.run(["init"]).exits(0);
    assert!(told.stdout.contains("state begun again from its copy: $SITE/state/state.db"), "{told}");
}
