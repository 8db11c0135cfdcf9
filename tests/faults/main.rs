//! A run may be killed at any moment: nothing good is lost meanwhile, and the next run comes to the same end.
//!
//! Each test does a small piece of work under `strace`, which kills the program at the N-th call of one system call, for
//! every call that changes a file or sends a mail. Without `strace`, or where tracing is not allowed, it is skipped by
//! name. `BACKUPMON_FAULTS=all` tries every N; the quick set tries some of each.
//!
//! `strace` counts the calls of each thread apart, so there is one reading thread. What that one does is then hit by the
//! calls that only it makes.

#[path = "../cli/harness.rs"]
#[expect(dead_code, reason = "shared with the tests of the command line, which need more of it")]
mod harness;
#[path = "../cli/report.rs"]
#[expect(dead_code, reason = "shared with the tests of the command line, which need more of it")]
mod report;

mod end;
mod mail;
mod strace;
mod sweep;
mod work;

use harness::Site;
use work::{FirstDay, LaterDay, Work as _};

#[test]
fn a_first_run_that_is_killed() {
    sweep::kill("a_first_run_that_is_killed", &FirstDay);
}

#[test]
fn a_later_run_that_is_killed() {
    sweep::kill("a_later_run_that_is_killed", &LaterDay);
}

#[test]
fn the_check_of_the_end_can_fail() {
    let (mut site, server) = (Site::in_memory(), mail::Server::start());
    FirstDay.begin(&mut site, &server);
    site.run(["run"]).silent();
    let before = end::of(&site);
    let link = site.path("validated/SIRPACAM_DOUALA_NEWBELL/ONE/current_version");
    std::fs::remove_file(&link).unwrap();
    assert_ne!(end::of(&site), before);
    assert_eq!(end::faults_of_versions(&site), [""; 0]);
    std::os::unix::fs::symlink("versions/nowhere", &link).unwrap();
    assert_eq!(end::faults_of_versions(&site).len(), 1);
    assert_eq!(server.subjects().len(), 1);
}
