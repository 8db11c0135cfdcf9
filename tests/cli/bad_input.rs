//! Whatever is wrong with what it is given: a message that names thing, reason and mend, the right exit code, nothing
//! lost, and no harm to the others.

mod configuration;
mod deposits;
mod reports;
mod server;

use crate::harness::{Ran, Site};
use crate::report::Report;

const HONEST: &str = "SIRPACAM_DOUALA_NEWBELL";
const HOSTILE: &str = "SIRPACAM_DOUALA_AKWA";
/// Debian's `nobody`.
const NOBODY: u32 = 65_534;

/// A server with one honest agent.
fn honest() -> Site {
    let site = Site::new();
    site.deposit(&Report::of(HONEST).good("DB", "an honest dump"));
    site
}

/// Whatever happened to others, the honest agent's backup is judged, kept and shown.
#[track_caller]
fn assert_unharmed(site: &Site) {
    let name = format!("{HONEST}/DB");
    assert_eq!(site.statuses().get(&name).map(String::as_str), Some("SUCCESS"));
    let kept = format!("validated/{name}/current_version/DB.bin");
    assert_eq!(site.read(&kept), "an honest dump");
}

/// Why a test that needs another user, or a file system of its own, cannot be run here; says so.
fn is_skipped(test: &str) -> bool {
    let skipped = !rustix::process::getuid().is_root();
    if skipped {
        eprintln!("skipped: {test} needs root");
    }
    skipped
}

/// A run that must end by a message and an exit code of its own.
fn run(site: &Site) -> Ran {
    site.run(["run"])
}
