//! R2: each call on a file or a socket may fail, once or from some moment on.

use std::path::Path;

use crate::crash::record::is_log_of_state;
use crate::harness::Site;
use crate::set::{Outcome, Sample, Set};
use crate::story::{Expected, Stage};
use crate::strace::{Injected, Injection, Moment, moments};
use crate::tally::Tally;
use crate::work;

const CALLS: &str = "%file,%desc,%network";
/// Memory is no file: what fails there ends the C library, and not us.
const NO_FILES: [&str; 2] = ["execve", "mmap"];

/// Of each work the quick set tries so many, and the full one so many.
type Share = (usize, usize);
const OF_WRITES: Share = (12, 150);
/// Several of these wait until a mail server's time is over.
const OF_NETWORK: Share = (2, 16);
const OF_OTHERS: Share = (6, 70);

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
    for work in set.works(&work::ALL.each_ref()) {
        if set.is_enough(&tally) {
            break;
        }
        let expected = Expected::of(work);
        let moments = moments(work, CALLS).into_iter();
        let moments =
            moments.filter(|moment| !NO_FILES.contains(&moment.call.as_str()) && set.wants(&moment.call));
        let cases = sample(set, moments.flat_map(cases_of).collect());
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

/// Writes are looked at more closely: what fails there may lose something.
fn sample(set: Set, cases: Vec<Case>) -> Sample<Case> {
    let (network, files): (Vec<_>, Vec<_>) = cases.into_iter().partition(Case::is_of_network);
    let (writes, others): (Vec<_>, Vec<_>) =
        files.into_iter().partition(|case| WRITES.contains(&case.moment.call.as_str()));
    let parts = [(writes, OF_WRITES), (network, OF_NETWORK), (others, OF_OTHERS)];
    let parts = parts.map(|(cases, (quick, full))| set.sample(cases, quick, full));
    let of = parts.iter().map(|part| part.of).sum();
    Sample { cases: parts.into_iter().flat_map(|part| part.cases).collect(), of }
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
    if injected.hits().next().is_none() || injected.ran.stderr.contains("unexpected error during closedir") {
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

/// The first write, sync or rename of our own data among the calls that failed, whose failure must be told.
fn write_that_failed<'i>(injected: &'i Injected, root: &Path) -> Option<&'i str> {
    let ours = ["validated", "state", "site"].map(|folder| root.join(folder).display().to_string());
    let must_be_told = |(line, before): &(&str, &[String])| {
        let is_ours = ours.iter().any(|folder| line.contains(folder));
        is_ours && WRITES.iter().any(|call| is_call(line, call)) && !is_done_twice(line, before)
    };
    injected.hits().find(must_be_told).map(|(line, _)| line)
}

/// What `SQLite` does once more, and does not mind when it fails, for it was done before: to write into the main file
/// what lies durably in the log, to sync the log before that, and to sync the folder in which the program has made the
/// log's name durable. In the crash states that last sync does not count.
fn is_done_twice(line: &str, before: &[String]) -> bool {
    let Some(path) = path_of_handle(line) else { return false };
    // What finds the pages in the log is made anew by whoever opens it.
    let is_index = path.to_string_lossy().ends_with("-shm");
    // Without its last word a run counts as killed, and the next one makes all durable once more.
    let is_last_word = path.ends_with("state/lock") && line.contains(r#""ended\n""#);
    if path.ends_with("state/state.db") || is_index || is_last_word {
        return true;
    }
    let Some((last, earlier)) = before.split_last().filter(|_| is_call(line, "fsync")) else { return false };
    let last_path = path_of_handle(last);
    if is_log_of_state(path) {
        return !(is_call(last, "pwrite64") && last_path == Some(path));
    }
    let is_synced_first = |log: &Path| {
        is_log_of_state(log)
            && is_call(last, "fsync")
            && !earlier.iter().any(|line| is_call(line, "fsync") && path_of_handle(line) == Some(log))
    };
    last_path.is_some_and(|log| log.parent() == Some(path) && is_synced_first(log))
}

/// `12 fsync(7</srv/state>) = 0`.
fn is_call(line: &str, name: &str) -> bool {
    let call = line.trim_start_matches(|c: char| c.is_ascii_digit()).trim_start();
    call.strip_prefix(name).is_some_and(|rest| rest.starts_with('('))
}

/// `fsync(7</srv/state>) = 0`: the path.
fn path_of_handle(line: &str) -> Option<&Path> {
    line.split_once('<').and_then(|(_, rest)| rest.split_once('>')).map(|(path, _)| Path::new(path))
}
