//! Roots and folders of agents.

use std::fs;
use std::os::unix::fs::{PermissionsExt as _, symlink};

use chrono::TimeDelta;

use super::{HONEST, HOSTILE, NOBODY, assert_unharmed, honest, is_skipped, run};
use crate::harness::Site;
use crate::report::Report;

#[test]
fn no_deposit_root() {
    let site = Site::new();
    fs::remove_dir(site.path("deposits")).unwrap();
    insta::assert_snapshot!(run(&site), @r"
    exit 1
    --- stderr
    error: the deposit root `$SITE/deposits` cannot be read: it is not there; is its file system mounted? It is set by `deposits` in [paths]
    ");
    insta::assert_snapshot!(site.alerts(), @"deposits_unavailable -/-: the deposit root `$SITE/deposits` cannot be read: it is not there; is its file system mounted? It is set by `deposits` in [paths]");
}

#[test]
fn a_root_that_is_a_file() {
    let site = Site::new();
    fs::remove_dir(site.path("deposits")).unwrap();
    fs::write(site.path("deposits"), "").unwrap();
    insta::assert_snapshot!(run(&site), @r"
    exit 1
    --- stderr
    error: the deposit root `$SITE/deposits` cannot be read: it is no folder; name a folder by `deposits` in [paths]
    ");
}

#[test]
fn a_root_that_is_not_mounted_makes_nothing_missing() {
    let mut site = honest();
    run(&site).silent();
    fs::rename(site.path("deposits"), site.path("unmounted")).unwrap();
    fs::create_dir(site.path("deposits")).unwrap();
    insta::assert_snapshot!(site.pass(TimeDelta::days(3)).run(["run"]), @r"
    exit 1
    --- stderr
    error: the deposits are empty though agents are known; is their file system mounted?
    ");
    insta::assert_snapshot!(site.alerts(), @"deposits_unavailable -/-: the deposits are empty though agents are known; is their file system mounted?");
    let name = format!("{HONEST}/DB");
    assert_eq!(site.statuses()[&name], "LATE");
    fs::remove_dir(site.path("deposits")).unwrap();
    fs::rename(site.path("unmounted"), site.path("deposits")).unwrap();
    run(&site).silent();
    assert_eq!(site.statuses()[&name], "MISSING no_report");
}

#[test]
fn an_empty_root_on_the_first_day() {
    let site = Site::new();
    run(&site).silent();
    assert_eq!(site.document("site/api/health.json")["status"], "unknown", "nothing checked is never green");
}

#[test]
fn a_root_without_permission() {
    if is_skipped("a_root_without_permission") {
        return;
    }
    let site = honest();
    let own = |path: &str| std::os::unix::fs::chown(site.path(path), Some(NOBODY), Some(NOBODY)).unwrap();
    own("");
    let deposits = site.path("deposits");
    fs::set_permissions(&deposits, fs::Permissions::from_mode(0o700)).unwrap();
    insta::assert_snapshot!(site.command(["run"]).by_user(NOBODY).run(), @r"
    exit 1
    --- stderr
    error: the deposit root `$SITE/deposits` cannot be read: permission denied; let backupmon's user read it
    ");
    fs::set_permissions(&deposits, fs::Permissions::from_mode(0o755)).unwrap();
    site.command(["run"]).by_user(NOBODY).run().silent();
    assert_unharmed(&site);
}

#[test]
fn one_agents_folder_without_permission_is_that_agents_problem() {
    if is_skipped("one_agents_folder_without_permission_is_that_agents_problem") {
        return;
    }
    let site = honest();
    site.deposit(&Report::of(HOSTILE).good("DB", "x"));
    std::os::unix::fs::chown(site.path(""), Some(NOBODY), Some(NOBODY)).unwrap();
    let log = site.path(&format!("deposits/{HOSTILE}/log"));
    fs::set_permissions(&log, fs::Permissions::from_mode(0o700)).unwrap();
    site.command(["run"]).by_user(NOBODY).run().silent();
    insta::assert_snapshot!(site.alerts(), @"deposit_unreadable SIRPACAM_DOUALA_AKWA/-: its folder cannot be read: its folder `log` cannot be opened: permission denied");
    assert_unharmed(&site);
    fs::set_permissions(&log, fs::Permissions::from_mode(0o755)).unwrap();
    site.command(["run"]).by_user(NOBODY).run().silent();
    insta::assert_snapshot!(site.alerts(), @"");
}

#[test]
fn folders_and_files_that_are_no_agents() {
    let mut site = honest();
    site.place("deposits/README.txt", "hello");
    site.place("deposits/.hidden/log/x.json", "{");
    site.place("deposits/_archive/log/x.json", "{");
    site.place("deposits/lost+found/x", "");
    site.place("deposits/EMPTY/databases/x.zst", "");
    site.place("deposits/bell\u{7}\nname/log/x.json", "{");
    symlink("/etc", site.path("deposits/LINK")).unwrap();
    run(&site).silent();
    insta::assert_snapshot!(site.alerts(), @r"
    name_invalid bell\u{7}\u{a}name/-: the name of this deposit folder is no name of an agent: rename it
    deposit_unreadable LINK/-: its folder cannot be read: the agent's folder is a symbolic link
    ");
    site.pass(TimeDelta::days(3)).deposit(&Report::of(HONEST).good("DB", "an honest dump"));
    run(&site).silent();
    insta::assert_snapshot!(site.alerts(), @r"
    agent_never_reported EMPTY/-: no readable report came since its folder was first seen: is the agent set up to send them?
    name_invalid bell\u{7}\u{a}name/-: the name of this deposit folder is no name of an agent: rename it
    deposit_unreadable LINK/-: its folder cannot be read: the agent's folder is a symbolic link
    ");
    assert!(!site.tree("site").contains('\u{7}'));
}
