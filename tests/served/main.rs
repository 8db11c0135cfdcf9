//! The site as other programs take it: through nginx, by Prometheus, in a feed reader.
//!
//! What is in `contrib/` is run as it is there, by the programs that it is for. A program that is not installed skips
//! its tests, and says so by name.

mod feed;
#[path = "../cli/harness.rs"]
#[allow(dead_code, reason = "shared with the tests of the command line")]
mod harness;
mod nginx;
mod nginx_server;
mod openapi;
mod prometheus;
#[path = "../cli/report.rs"]
#[allow(dead_code, reason = "shared with the tests of the command line")]
mod report;

use std::process::{Command, Stdio};

use harness::Site;
use report::Report;

const AGENT: &str = "SIRPACAM_DOUALA_NEWBELL";

/// A site with a good backup, a bad one, and one that recovered.
fn site() -> Site {
    let mut site = Site::configured("[site]\nbase_url = 'https://backups.example.org'\n");
    site.deposit(&Report::of(AGENT).good("SDMC_2020", "one").failed("PAIE", "BACKUP", "disk full"));
    site.run(["run", "-q"]).silent();
    site.pass(chrono::TimeDelta::hours(20));
    let bad = "a \"quoted\" & <odd> reason\\";
    site.deposit(&Report::of(AGENT).good("PAIE", "salaries").failed("SDMC_2020", "TRANSFER", bad));
    site.run(["run", "-q"]).silent();
    site
}

/// Whether the program is there; else says which test is skipped.
fn is_there(program: &str, test: &str) -> bool {
    let there = Command::new("sh")
        .args(["-c", &format!("command -v {program}")])
        .stdout(Stdio::null())
        .status()
        .is_ok_and(|status| status.success());
    if !there {
        eprintln!("skipped: {test} needs {program}, which is not installed");
    }
    there
}
