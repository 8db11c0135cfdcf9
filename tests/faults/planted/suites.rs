//! Who is asked whether it sees a bug: the suites beside this one, and those of other tests.

use std::process::{Command, Output};

use super::bugs::Bug;
use super::copy::Copy;
use crate::set::Set;

/// A suite that hangs on a bug has not said that it sees it.
const PATIENCE: &str = "180";
const TIMED_OUT: i32 = 124;

pub struct Suite {
    pub name: &'static str,
    /// The file of tests that it is in; `faults` is this one.
    pub test: &'static str,
    /// Which of them are asked of a bug that is the suite's own; all where there is none.
    own: &'static [&'static str],
    /// Which are asked of the others.
    few: &'static [&'static str],
    /// What else limits these.
    limits: &'static [(&'static str, &'static str)],
    /// The same in words, where these are not those of the limits.
    share: &'static str,
}

impl Suite {
    const fn of_faults(name: &'static str, limits: &'static [(&'static str, &'static str)]) -> Self {
        Self { name, test: "faults", own: &[], few: &[], limits, share: "" }
    }
}

/// Cases of each kind and work.
const FEW: (&str, &str) = ("FAULTS_MOST", "2");

pub const SUITES: [Suite; 18] = [
    Suite::of_faults("kill", &[FEW, ("FAULTS_WORK", "later run")]),
    Suite::of_faults("errors", &[FEW, ("FAULTS_WORK", "later run")]),
    Suite::of_faults("power", &[FEW, ("FAULTS_WORK", "later run")]),
    Suite::of_faults("crash states", &[("FAULTS_MOST", "8"), ("FAULTS_WORK", "later run")]),
    Suite::of_faults("crash after kill", &[FEW, ("FAULTS_WORK", "later run")]),
    Suite::of_faults("full disk", &[FEW]),
    Suite::of_faults("races", &[("FAULTS_MOST", "8")]),
    Suite::of_faults("flaky mount", &[FEW]),
    Suite::of_faults("state damage", &[("FAULTS_MOST", "4")]),
    Suite {
        name: "hostile",
        test: "hostile",
        own: &["no_hostile_deposit"],
        few: &["no_hostile_deposit"],
        limits: &[("FAULTS_MOST", "6")],
        share: "six deposits",
    },
    Suite {
        name: "sinks",
        test: "hostile",
        own: &["sinks::"],
        few: &["no_string_steers"],
        limits: &[],
        share: "all strings, without a browser",
    },
    Suite {
        name: "content",
        test: "content",
        own: &[],
        few: &["every_dump_that_is_made"],
        limits: &[],
        share: "whole dumps",
    },
    Suite {
        name: "model",
        test: "scan",
        own: &["model", "properties"],
        few: &["model", "properties"],
        limits: &[],
        share: "forty schedules",
    },
    Suite { name: "properties", test: "properties", own: &[], few: &[], limits: &[], share: "all" },
    Suite {
        name: "clock",
        test: "hostile",
        own: &["a_clock_that_jumps"],
        few: &["a_clock_that_jumps"],
        limits: &[("FAULTS_MOST", "2")],
        share: "two jumps",
    },
    Suite {
        name: "notify",
        test: "notify",
        own: &[],
        few: &["delivery::", "crashes::"],
        limits: &[],
        share: "delivery and crashes",
    },
    Suite {
        name: "silence",
        test: "hostile",
        own: &["silence::"],
        few: &["the_check_is_unknown", "the_heartbeat"],
        limits: &[],
        share: "check and heartbeat",
    },
    Suite {
        name: "year",
        test: "year",
        own: &[],
        few: &[],
        limits: &[("YEAR_SEEDS", "1"), ("YEAR_DAYS", "20"), ("YEAR_AGENTS", "6")],
        share: "twenty days of six agents",
    },
];

/// What a suite said of a bug.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Answer {
    /// So many of those that were tried are not as they should be.
    Tried {
        broken: usize,
        tried: usize,
    },
    /// Not even the undisturbed work comes to its end.
    AtOnce,
    /// It cannot be run here.
    Skipped,
    Hangs,
}

impl Answer {
    pub fn is_caught(&self) -> bool {
        match self {
            Answer::Tried { broken, .. } => *broken > 0,
            Answer::AtOnce => true,
            Answer::Skipped | Answer::Hangs => false,
        }
    }
}

impl Suite {
    /// What it is asked of a bug that is not its own, in words.
    pub fn share(&self) -> String {
        if !self.share.is_empty() {
            return self.share.to_owned();
        }
        let limit = |(name, value): &(&str, &str)| match *name {
            "FAULTS_MOST" => format!("{value} cases of each kind and work"),
            _ => format!("in {}", value.replace(',', " and ")),
        };
        self.limits.iter().map(limit).collect::<Vec<_>>().join(", ")
    }

    /// Whether it sees the bug. `bug` is `None` for the sound program.
    pub fn ask(&self, bug: Option<&Bug>, copy: &Copy, set: Set) -> Answer {
        let answer = self.ask_once(bug, copy, set);
        let is_own = bug.is_some_and(|bug| bug.suite == self.name);
        // What a loaded machine makes a test of time say once, it does not say twice.
        let is_doubted = answer.is_caught() && self.test != "faults" && !is_own;
        if is_doubted { self.ask_once(bug, copy, set) } else { answer }
    }

    fn ask_once(&self, bug: Option<&Bug>, copy: &Copy, set: Set) -> Answer {
        let name = bug.map_or("nothing", |bug| &bug.name);
        let own = bug.filter(|bug| bug.suite == self.name);
        let mut command = Command::new("timeout");
        command.arg(PATIENCE).current_dir(&copy.root);
        if self.test == "faults" {
            command.arg(std::env::current_exe().unwrap()).arg(self.name);
        } else {
            command.arg(copy.test(self.test, name)).args(if own.is_some() { self.own } else { self.few });
        }
        command.env("BACKUPMON_UNDER_TEST", copy.program(name)).env("FAULTS", "quick");
        command.env("FAULTS_UNTIL_BROKEN", "1").env("FAULTS_SEED", set.seed.to_string());
        // A schedule that fails need not be the shortest one.
        command.env("PROPTEST_MAX_SHRINK_ITERS", "0").env("PROPTEST_RNG_SEED", set.seed.to_string());
        command.envs(self.limits.iter().copied());
        if let Some(bug) = own {
            command.env("FAULTS_CALLS", &bug.calls).env("FAULTS_WORK", &bug.work).env_remove("FAULTS_MOST");
        }
        let output = command.output().unwrap();
        if output.status.code() == Some(TIMED_OUT) {
            return Answer::Hangs;
        }
        if self.test == "faults" { of_faults(&output) } else { of_tests(&output) }
    }
}

fn of_faults(output: &Output) -> Answer {
    let printed = String::from_utf8_lossy(&output.stdout);
    if String::from_utf8_lossy(&output.stderr).contains(", undisturbed:") {
        return Answer::AtOnce;
    }
    if printed.contains(": SKIPPED: ") {
        return Answer::Skipped;
    }
    let tried = printed.lines().find_map(|line| line.strip_prefix("faults tried ")?.split(' ').next());
    let tried = tried.and_then(|tried| tried.parse().ok()).unwrap_or(0);
    Answer::Tried { broken: printed.lines().filter(|line| is_finding(line)).count(), tried }
}

/// `  first run: error=EIO at fsync 3: I6: exit 0 although ...`. That a suite failed by itself is none.
fn is_finding(line: &str) -> bool {
    let names_invariant = (1..=10).any(|n| line.contains(&format!(": I{n}: ")));
    line.starts_with("  ") && names_invariant && !line.contains("the test panicked")
}

/// `test result: FAILED. 4 passed; 1 failed; 0 ignored; …`.
fn of_tests(output: &Output) -> Answer {
    let printed = String::from_utf8_lossy(&output.stdout);
    let result = printed.lines().rev().find_map(|line| line.strip_prefix("test result: "));
    let count = |what: &str| -> usize {
        let words = result.unwrap_or_default().split(['.', ';']).map(str::trim);
        words.filter_map(|word| word.strip_suffix(what)?.trim().parse::<usize>().ok()).sum()
    };
    let (passed, broken) = (count("passed"), count("failed"));
    Answer::Tried { broken, tried: passed + broken }
}
