//! Enemies and accidents from outside, met by the real program: deposits, clocks, names, a monitor that is dead.
//!
//! Each suite prints a line with its figures (`cargo test --test hostile -- --nocapture`). A quick set runs by default;
//! `FAULTS=full` runs all of it; `FAULTS_MOST=10` tries so many of each table, spread over it, `FAULTS_WORK=link` those
//! whose names hold this, and `FAULTS_UNTIL_BROKEN=1` ends with the first that harms. What a machine lacks is skipped by
//! name.

#[path = "../cli/harness.rs"]
#[expect(dead_code, reason = "shared with the tests of the command line, which need more of it")]
mod harness;
#[path = "../cli/mail.rs"]
mod mail;
#[path = "../cli/report.rs"]
mod report;

mod beside;
mod browser;
mod cases;
mod clock;
mod deposits;
mod ground;
mod share;
mod silence;
mod sinks;

/// Whether everything is to be tried, and not only the quick set.
fn is_full() -> bool {
    std::env::var_os("FAULTS").is_some_and(|set| set == "full")
}
