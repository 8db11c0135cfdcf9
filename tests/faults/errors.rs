//! R2: each call on a file or a socket may fail, once or from some moment on.

use std::path::Path;

use crate::harness::Site;
use crate::set::{Outcome, Set};
use crate::story::{Expected, Stage};
use crate::strace::{Injected, Injection, Moment, moments};
use crate::tally::Tally;
use crate::work;

const CALLS: &str = "%file,%desc,%network";
/// Memory is no file: what fails there ends the C library, and not us.
const NO_FILES: [&str; 2] = ["execve", "mmap"];
/// Cases of each work that the quick set tries.
const FEW: usize = 20;

const WRITES: [&str; 14] = [
    "fallocate",
    "fdatasync",
    "fsync",
    "ftruncate",
    "link",
    "linkat",
    "mkdir",
    "pwrite64",
    "rename",
    "renameat",
    "renameat2",
    "symlink",
    "write",
    "writev",
];
const NETWORK: [&str; 13] = [
    "connect",
    "getpeername",
    "getsockname",
    "getsockopt",
    "poll",
    "recvfrom",
    "recvmsg",
    "sendmsg",
    "sendto",
    "setsockopt",
    "shutdown",
    "socket",
    "ppoll",
];
/// What is repeated after a signal.
const INTERRUPTED: [&str; 12] = [
    "connect",
    "fallocate",
    "fsync",
    "fdatasync",
    "ftruncate",
    "openat",
    "openat2",
    "poll",
    "pwrite64",
    "read",
    "recvfrom",
    "write",
];

struct Case {
    moment: Moment,
    inject: &'static str,
    ever_after: bool,
}

impl Case {
    fn name(&self) -> String {
        let Moment { call, n } = &self.moment;
        let after = if self.ever_after { " and ever after" } else { "" };
        format!("{} at {call} {n}{after}", self.inject)
    }

    fn is_of_network(&self) -> bool {
        NETWORK.contains(&self.moment.call.as_str())
    }
}

pub fn suite(set: Set) -> Tally {
    let mut tally = Tally::default();
    for work in &work::ALL {
        let expected = Expected::of(work);
        let moments = moments(work, CALLS).into_iter();
        let moments =
            moments.filter(|moment| !NO_FILES.contains(&moment.call.as_str()) && set.wants(&moment.call));
        let cases = set.some(moments.flat_map(cases_of).collect(), FEW);
        let name = |case: &Case| format!("{}: {}", work.name, case.name());
        tally += &set.sweep(
            cases,
            name,
            || Stage::set(work, Site::in_memory()),
            |stage, case| one(stage, case, &expected),
        );
    }
    tally
}

fn cases_of(moment: Moment) -> Vec<Case> {
    let call = moment.call.as_str();
    let mut injections = vec![("error=EIO", false), ("error=EIO", true)];
    if WRITES.contains(&call) || call == "openat" {
        injections.extend([("error=ENOSPC", false), ("error=ENOSPC", true), ("error=EDQUOT", false)]);
    }
    if INTERRUPTED.contains(&call) {
        injections.push(("error=EINTR", false));
    }
    let case = |(inject, ever_after)| Case { moment: moment.clone(), inject, ever_after };
    injections.into_iter().map(case).collect()
}

fn one(stage: &mut Stage, case: &Case, expected: &Expected) -> Outcome {
    let mut story = stage.begin();
    let injection = Injection { moment: &case.moment, inject: case.inject, ever_after: case.ever_after };
    let injected = injection.run(&story);
    // Rust's own library ends a program that cannot close a folder, which Linux never refuses.
    if injected.hits.is_empty() || injected.ran.stderr.contains("unexpected error during closedir") {
        return Outcome { not_reached: true, ..Outcome::default() };
    }
    story.ambiguous = 1;
    let failed = write_that_failed(&injected, &story.site().path(""));
    let failed = failed.filter(|_| case.inject != "error=EINTR");
    story.ended(&injected.ran, expected, failed);
    story.look();
    // A mail that was not accepted is tried again when its pause is over.
    if case.is_of_network() || injected.ran.stderr.contains("a message was not delivered") {
        story.repair_later(expected)
    } else {
        story.repair(expected)
    }
}

/// The first write, sync or rename of our own data among the calls that failed. Not so the state's main file: what is
/// to be written there lies durably in its log, and is written there once more by who opens it next.
fn write_that_failed<'i>(injected: &'i Injected, root: &Path) -> Option<&'i str> {
    let ours = ["validated", "state", "site"].map(|folder| root.join(folder).display().to_string());
    injected.hits.iter().map(String::as_str).find(|hit| {
        let call = hit.trim_start_matches(|c: char| c.is_ascii_digit()).trim_start();
        let is_write =
            WRITES.iter().any(|write| call.strip_prefix(write).is_some_and(|rest| rest.starts_with('(')));
        is_write && !hit.contains("/state/state.db>") && ours.iter().any(|folder| hit.contains(folder))
    })
}
