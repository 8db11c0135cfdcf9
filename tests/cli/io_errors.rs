//! A disk that answers one look with an I/O error: nothing is made or removed for it, and the exit says what was not done.
//!
//! Each test had a bug behind it; that every call fails once is tried by the suite `errors` of the faults.

use std::path::{Path, PathBuf};
use std::process::Command;

use chrono::TimeDelta;

use crate::harness::{Ran, Site};
use crate::report::Report;

const AGENT: &str = "SIRPACAM_DOUALA_NEWBELL";
const JOB: &str = "SIRPACAM_DOUALA_NEWBELL/DB";

/// Says so where nothing can be traced.
fn can_trace(test: &str) -> bool {
    let traced = Command::new("strace").args(["-o", "/dev/null", "true"]).output();
    let works = traced.is_ok_and(|output| output.status.success());
    if !works {
        eprintln!("skipped: {test} needs strace, and to be allowed ptrace");
    }
    works
}

/// `backupmon ARGUMENTS`, while each of `calls` on this very path, or in this folder, fails.
fn with_io_error(site: &Site, arguments: &[&str], calls: &str, path: &Path) -> Ran {
    let (trace, inject) = (format!("trace={calls}"), format!("inject={calls}:error=EIO"));
    let path = path.to_str().unwrap();
    let log = site.path("strace.log");
    let log = log.to_str().unwrap();
    let ran = site
        .command(arguments)
        .under("strace", ["-f", "-qq", "-o", log, "-P", path, "-e", &trace, "-e", &inject])
        .run();
    assert!(site.read("strace.log").contains("(INJECTED)"), "nothing was asked of {path}:\n{ran}");
    ran
}

fn versions(site: &Site) -> Vec<PathBuf> {
    let folder = site.path(&format!("validated/{JOB}/versions"));
    let Ok(entries) = std::fs::read_dir(folder) else { return Vec::new() };
    let mut found: Vec<PathBuf> = entries.map(|entry| entry.unwrap().path()).collect();
    found.sort();
    found
}

#[test]
fn a_version_that_cannot_be_looked_at_is_not_taken_for_absent() {
    if !can_trace("a_version_that_cannot_be_looked_at_is_not_taken_for_absent") {
        return;
    }
    let rules = "[retention]\nkeep_last = 1\nkeep_within = '1s'\nkeep_daily = 0\nkeep_weekly = 0\nkeep_monthly = 0\nmin_good = 1\n";
    let mut site = Site::configured(rules);
    site.deposit(&Report::of(AGENT).good("DB", "the same every day"));
    site.run(["run"]).silent();
    site.pass(TimeDelta::days(1));
    site.deposit(&Report::of(AGENT).good("DB", "the same every day"));
    site.run(["run"]).silent();
    let before = versions(&site);
    assert_eq!(before.len(), 1);
    for command in ["promote", "run"] {
        let _ = with_io_error(&site, &[command], "%%stat", &before[0]);
        assert_eq!(versions(&site), before, "{command}");
    }
    site.run(["run"]).silent();
    assert_eq!((versions(&site), site.proven_versions()), (before, 1));
}

#[test]
fn what_is_left_to_promote_and_cannot_be_looked_at_is_not_done() {
    if !can_trace("what_is_left_to_promote_and_cannot_be_looked_at_is_not_done") {
        return;
    }
    let site = Site::new();
    let report = site.deposit(&Report::of(AGENT).good("DB", "some bytes"));
    site.run(["scan"]).silent();
    let databases = site.path(&format!("deposits/{AGENT}/databases"));
    let ran = with_io_error(&site, &["promote"], "%%stat", &databases).exits(1);
    assert!(ran.stderr.contains(AGENT) && ran.stderr.contains("Input/output error"), "{ran}");
    assert!(versions(&site).is_empty());
    // Its own report too: the kept bytes of it are read, whether or not the agent still has it.
    std::fs::remove_file(report).unwrap();
    let kept = site.tree("state/reports");
    let kept = site.path(&format!("state/reports/{}", kept.lines().next().unwrap()));
    let ran = with_io_error(&site, &["promote"], "openat,open", &kept).exits(1);
    assert!(ran.stderr.contains("cannot be read again now"), "{ran}");
    assert!(versions(&site).is_empty());
    site.run(["promote"]).silent();
    assert_eq!(site.proven_versions(), 1);
}

#[test]
fn what_the_site_remembers_and_cannot_be_kept_is_not_done() {
    if !can_trace("what_the_site_remembers_and_cannot_be_kept_is_not_done") {
        return;
    }
    let site = Site::new();
    site.deposit(&Report::of(AGENT).good("DB", "some bytes"));
    site.run(["scan"]).silent();
    let memory = site.path("site/data/.pages.json");
    let ran = with_io_error(&site, &["report"], "renameat2", &memory).exits(1);
    assert!(ran.stderr.contains(".pages.json") && ran.stderr.contains("Input/output error"), "{ran}");
    assert!(site.path("site/index.html").is_file() && site.path("site/metrics.prom").is_file());
    site.run(["report"]).silent();
    assert!(memory.is_file());
}
