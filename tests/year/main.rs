//! A simulated year: what backupmon says of every job at every scan, against a ground truth written from the contract.
//!
//! Each seed is a year of twenty agents in eleven time zones with two hundred jobs, and everything that goes wrong in
//! the field (`script`). A server that really scans (`server`) and an oracle that knows only the contract (`oracle`)
//! see the same deposits at the same moments (`deposit`); at each scan every job's status and cause and all open
//! incidents must be equal. Apart from that, each fault that was injected must be told in the first scan in which it
//! can be known, and no incident may be opened where no fault was injected.
//!
//! ```text
//! cargo test --test year -- --nocapture                                   45 days, three seeds
//! contrib/year                                                            a year, three seeds: what .ci/run does
//! contrib/year 100                                                        a hundred years
//! YEAR_SEEDS=7 YEAR_DAYS=60 cargo test --test year -- --nocapture         one seed, two months
//! ```

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::disallowed_methods,
    clippy::maybe_infinite_iter,
    clippy::type_complexity,
    clippy::unused_self,
    reason = "a test sets up its own files, times itself, and fails by a panic"
)]

mod calendar;
mod deeds;
mod deposit;
#[allow(dead_code, reason = "the world has it for the tests of the scan")]
#[path = "../support/faulty_store.rs"]
mod faulty_store;
mod fleet;
mod maintenance;
mod oracle;
mod rng;
mod script;
mod server;
mod watch;
#[allow(dead_code, reason = "the year wants less of it than the tests of the scan")]
#[path = "../scan/world.rs"]
mod world;
mod year;

use std::collections::BTreeMap;
use std::sync::Mutex;
use std::thread;

#[test]
fn every_bad_backup_is_told_when_it_can_be_known_and_nothing_else_is() {
    let days: i64 =
        std::env::var("YEAR_DAYS").map_or(45, |days| days.parse().expect("YEAR_DAYS is a number"));
    let agents: usize = std::env::var("YEAR_AGENTS").map_or(20, |agents| agents.parse().expect("a number"));
    let queue = Mutex::new(seeds(&std::env::var("YEAR_SEEDS").unwrap_or_else(|_| "1,2,3".to_owned())));
    let failures = Mutex::new(Vec::new());
    let totals = Mutex::new([("judged", BTreeMap::new()), ("opened", BTreeMap::new())]);
    println!("{}", year::HEADINGS);
    thread::scope(|scope| {
        let work = || {
            while let Some(seed) = { queue.lock().unwrap().pop() } {
                let tally = year::live(seed, agents, days);
                println!("{tally}");
                for ((_, total), counts) in
                    totals.lock().unwrap().iter_mut().zip([&tally.census, &tally.opened])
                {
                    for (word, count) in counts {
                        *total.entry(*word).or_insert(0) += count;
                    }
                }
                if !tally.is_clean() {
                    failures.lock().unwrap().push(tally.to_string());
                }
            }
        };
        for _ in 0..thread::available_parallelism().map_or(1, usize::from) {
            scope.spawn(work);
        }
    });
    for (what, counts) in totals.into_inner().unwrap() {
        let counts: Vec<String> = counts.iter().map(|(word, count)| format!("{word} {count}")).collect();
        println!("{what}: {}", counts.join(", "));
    }
    let failures = failures.into_inner().unwrap();
    assert!(failures.is_empty(), "\n{}", failures.join("\n"));
}

/// `1,2,3` or `1..100`, the last one with it; the last comes first.
fn seeds(text: &str) -> Vec<u64> {
    let number = |text: &str| text.trim().parse().expect("YEAR_SEEDS is `1,2,3` or `1..100`");
    match text.split_once("..") {
        Some((from, to)) => (number(from)..=number(to)).rev().collect(),
        None => text.split(',').map(number).rev().collect(),
    }
}
