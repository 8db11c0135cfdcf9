//! The program under `strace`.

use std::collections::BTreeMap;
use std::fs;
use std::process::Command;

use crate::harness::{Call, Site};

/// The calls that change what others see: files, locks, sockets.
const CALLS: [&str; 21] = [
    "chmod",
    "fallocate",
    "fchmod",
    "fchown",
    "fdatasync",
    "flock",
    "fsync",
    "ftruncate",
    "link",
    "mkdir",
    "openat",
    "pwrite64",
    "rename",
    "renameat2",
    "rmdir",
    "sendto",
    "symlink",
    "unlink",
    "unlinkat",
    "utimensat",
    "write",
];

/// Why nothing can be traced here.
pub fn missing() -> Option<&'static str> {
    match Command::new("strace").args(["-o", "/dev/null", "true"]).output() {
        Err(_) => Some("strace is not there (apt install strace)"),
        Ok(output) if !output.status.success() => Some("ptrace is not allowed"),
        Ok(_) => None,
    }
}

/// How often a thread makes each call at most, when nobody disturbs it.
pub fn count(site: &Site) -> BTreeMap<&'static str, usize> {
    let log = site.path("strace.log");
    let log_path = log.to_str().unwrap();
    let trace = format!("trace={}", CALLS.join(","));
    site.command(["run"]).under("strace", ["-f", "-qq", "-o", log_path, "-e", &trace]).run().silent();
    let mut of_thread: BTreeMap<(String, &str), usize> = BTreeMap::new();
    for line in fs::read_to_string(&log).unwrap().lines() {
        let (thread, rest) = line.split_once(char::is_whitespace).unwrap();
        if let Some(call) = CALLS.into_iter().find(|call| rest.trim_start().starts_with(&format!("{call}(")))
        {
            *of_thread.entry((thread.to_owned(), call)).or_default() += 1;
        }
    }
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    for ((_, call), count) in of_thread {
        let most = counts.entry(call).or_default();
        *most = count.max(*most);
    }
    counts
}

/// The run, killed when a thread begins its `n`-th `call`.
pub fn killed_at<'s>(site: &'s Site, call: &str, n: usize) -> Call<'s> {
    let (trace, inject) = (format!("trace={call}"), format!("inject={call}:signal=KILL:when={n}"));
    site.command(["run"]).under("strace", ["-f", "-qq", "-o", "/dev/null", "-e", &trace, "-e", &inject])
}
