//! `run` and `scan`, in their simplest cases.

use chrono::TimeDelta;

use crate::harness::{Site, assert_shape};
use crate::report::Report;

const AGENT: &str = "SIRPACAM_DOUALA_NEWBELL";

#[test]
fn a_run_keeps_what_is_proven_and_says_nothing() {
    let site = Site::new();
    site.deposit(&Report::of(AGENT).at("2020-06-15T07:30:00Z").good("SDMC_2020", "some bytes"));
    site.run(["run"]).silent();
    insta::assert_snapshot!(site.tree("validated"), @r"
    .backupmon/jobs-20200615.json
    .backupmon/last-run.json
    .backupmon/state-20200615.db
    SIRPACAM_DOUALA_NEWBELL/SDMC_2020/current_version -> versions/20200615T073000Z-0d22cdcc
    SIRPACAM_DOUALA_NEWBELL/SDMC_2020/versions/20200615T073000Z-0d22cdcc/SDMC_2020.bin
    SIRPACAM_DOUALA_NEWBELL/SDMC_2020/versions/20200615T073000Z-0d22cdcc/SHA256SUMS
    SIRPACAM_DOUALA_NEWBELL/SDMC_2020/versions/20200615T073000Z-0d22cdcc/report.json
    ");
    assert_eq!(site.proven_versions(), 1);
    assert_eq!(site.statuses()["SIRPACAM_DOUALA_NEWBELL/SDMC_2020"], "SUCCESS");
}

#[test]
fn a_scan_judges_and_keeps_nothing() {
    let mut site = Site::new();
    site.deposit(&Report::of(AGENT).good("SDMC_2020", "some bytes").failed("PAIE", "BACKUP", "disk full"));
    let first = site.run(["scan", "--json"]).exits(0).json();
    assert_shape("scan", &first);
    assert_eq!((&first["files_read"], &first["jobs"]["FAILED"]), (&1.into(), &1.into()));
    assert!(!site.path("validated").exists() && !site.path("site").exists());
    let again = site.pass(TimeDelta::minutes(15)).run(["scan", "--json"]).exits(0).json();
    assert_eq!((&again["files_read"], &again["reports"]["judged"]), (&0.into(), &0.into()));
}

#[test]
fn wrong_words_and_no_deposits_are_told_with_the_mend() {
    let site = Site::new();
    insta::assert_snapshot!(site.run(["scan", "--agent", "a/b"]), @r"
    exit 2
    --- stderr
    error: `a/b` is no agent's name: the name holds a slash, a backslash or a control character
    ");
    insta::assert_snapshot!(site.command(["run"]).unconfigured().run(), @r"
    exit 2
    --- stderr
    error: no deposit folder is configured
    hint: set `deposits` in [paths] of the configuration, or say `backupmon run --deposits DIR`
    ");
}

#[test]
fn an_agent_that_nobody_knows_is_a_slip_of_the_pen() {
    let site = Site::new();
    site.deposit(&Report::of(AGENT).failed("PAIE", "BACKUP", "disk full"));
    insta::assert_snapshot!(site.run(["scan", "--agent", "SIRPACAM_DUALA_NEWBELL"]), @r"
    exit 2
    --- stderr
    error: agent `SIRPACAM_DUALA_NEWBELL` is not known
    hint: see `backupmon agents list`
    ");
    site.run(["scan", "--agent", AGENT]).done();
}

#[test]
fn a_stderr_that_cannot_be_written_ends_no_run() {
    let site = Site::new();
    site.deposit(&Report::of(AGENT).good("SDMC_2020", "bytes"));
    // What goes wrong is told on stderr: a folder stands where a page shall be.
    std::fs::create_dir_all(site.path("site/index.html")).unwrap();
    let ran = site.command(["run"]).under("sh", ["-c", "exec \"$@\" 2>/dev/full", "sh"]).run().exits(1);
    assert_eq!(ran.stdout, "");
    assert_eq!(site.proven_versions(), 1);
    // An error that ends a command is told by other code.
    let unknown = site.command(["jobs", "show", "nothing"]);
    let ran = unknown.under("sh", ["-c", "exec \"$@\" 2>/dev/full", "sh"]).run().exits(2);
    assert_eq!(ran.stdout, "");
}
