//! Whatever befalls a run, nothing good is lost, nothing bad looks good, and the next run comes to the same end.
//!
//! Each suite puts the real program to one kind of fault, again and again, and asks one checker. `FAULTS=full` tries
//! every fault of each kind, the quick set some. What a suite needs and this machine lacks is said, and what was
//! skipped is named. `cargo test --test faults -- kill errors` runs those two.
//!
//! `strace` counts the calls of each thread apart, so there is one reading thread. What that one does is then hit by the
//! calls that only it makes.

#[path = "../support/checker/mod.rs"]
mod checker;
#[path = "../cli/harness.rs"]
#[expect(dead_code, reason = "shared with the tests of the command line, which need more of it")]
mod harness;
#[path = "../cli/report.rs"]
#[expect(dead_code, reason = "shared with the tests of the command line, which need more of it")]
mod report;
#[path = "../year/rng.rs"]
#[expect(dead_code, reason = "shared with the simulated year, which needs more of it")]
mod rng;

mod checks;
mod crash;
mod crash_after_kill;
mod crash_states;
mod errors;
mod figures;
mod flaky;
mod full_disk;
mod kill;
mod mail;
mod mount;
mod planted;
mod power;
mod promise;
mod races;
mod set;
mod state_damage;
mod story;
mod strace;
mod tally;
mod work;

use std::process::ExitCode;
use std::time::Instant;

use set::Set;
use tally::Tally;

/// One kind of fault.
struct Suite {
    name: &'static str,
    /// Why it cannot be run here.
    missing: fn() -> Option<String>,
    run: fn(Set) -> Tally,
}

const SUITES: [Suite; 11] = [
    Suite { name: "checks", missing: nothing, run: checks::suite },
    Suite { name: "kill", missing: strace::missing, run: kill::suite },
    Suite { name: "errors", missing: strace::missing, run: errors::suite },
    Suite { name: "power", missing: mount::no_disk, run: power::suite },
    Suite { name: "crash states", missing: strace::missing, run: crash_states::suite },
    Suite { name: "crash after kill", missing: strace::missing, run: crash_after_kill::suite },
    Suite { name: "full disk", missing: mount::missing, run: full_disk::suite },
    Suite { name: "races", missing: strace::missing, run: races::suite },
    Suite { name: "flaky mount", missing: flaky::missing, run: flaky::suite },
    Suite { name: "state damage", missing: nothing, run: state_damage::suite },
    Suite { name: "planted", missing: planted::not_asked, run: planted::suite },
];

fn nothing() -> Option<String> {
    None
}

fn main() -> ExitCode {
    let set = Set::of_environment();
    let asked: Vec<String> = std::env::args().skip(1).filter(|word| !word.starts_with('-')).collect();
    let is_asked = |suite: &&Suite| asked.is_empty() || asked.iter().any(|word| suite.name == word);
    let mut all = Tally::default();
    let mut skipped = Vec::new();
    println!("{}", figures::conditions(&set));
    let all_begun = Instant::now();
    for suite in SUITES.iter().filter(is_asked) {
        if let Some(reason) = (suite.missing)() {
            println!("{}: SKIPPED: {reason}", suite.name);
            skipped.push(suite.name);
            continue;
        }
        let begun = Instant::now();
        let tally = (suite.run)(set);
        let (name, Tally { tried, of, survived, .. }) = (suite.name, &tally);
        let silent = match tally.silently_wrong.len() {
            0 => String::new(),
            wrong => format!(", {wrong} silently wrong"),
        };
        println!("{name}: {tried} of {of} cases tried, {survived} survived{silent}, {:.0?}", begun.elapsed());
        for what in &tally.silently_wrong {
            println!("  silently wrong: {what}");
        }
        for finding in &tally.findings {
            println!("  {finding}");
        }
        all += &tally;
    }
    print!("{}", figures::of(&all, &skipped));
    println!("in {:.0?}", all_begun.elapsed());
    if all.is_clean() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}
