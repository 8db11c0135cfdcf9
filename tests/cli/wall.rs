//! What a run may write is decided twice: by its own code, and by the kernel.

use std::fs;
use std::io::Write as _;
use std::os::unix::fs::symlink;

use chrono::TimeDelta;

use crate::harness::Site;
use crate::report::Report;

const AGENT: &str = "SIRPACAM_DOUALA_NEWBELL";

/// In memory and not below `/tmp`, where anybody may write; `None`, said by name, where the kernel builds no wall.
fn walled() -> Option<Site> {
    let site = Site::in_memory();
    let told = site.run(["doctor"]).stdout;
    let stands = told.contains("second wall: OK (the kernel lets") && site.path("").starts_with("/dev/shm");
    if !stands {
        // Not by the macro, whose words a test that passes does not show.
        let _ = writeln!(std::io::stderr(), "skipped: wall: no Landlock, or no /dev/shm");
    }
    stands.then_some(site)
}

#[test]
fn a_run_cannot_be_led_out_of_its_folders_even_where_its_own_code_would_follow() {
    let Some(mut site) = walled() else { return };
    // The first run makes its folders; what it may not write in is known from then on.
    site.deposit(&Report::of(AGENT).good("SDMC", "some bytes"));
    site.run(["run"]).silent();
    let outside = site.path("outside");
    fs::create_dir(&outside).unwrap();
    fs::remove_dir_all(site.path("site/agents")).unwrap();
    site.pass(TimeDelta::days(1)).deposit(&Report::of(AGENT).good("SDMC", "other bytes"));
    symlink(&outside, site.path("site/agents")).unwrap();
    let ran = site.run(["run"]).exits(1);
    assert!(ran.stderr.contains("Permission denied"), "{ran}");
    assert_eq!(fs::read_dir(&outside).unwrap().count(), 0);
    assert_eq!(site.proven_versions(), 2, "all else is done");

    // The page alone, which is no child of strangers, is written by a command without the wall.
    site.run(["report", "-q"]).silent();
    assert!(outside.join(format!("{AGENT}.html")).exists(), "it is the wall that kept the run from it");
}

#[test]
fn behind_the_wall_everything_is_done_that_a_configuration_asks_for() {
    let Some(site) = walled() else { return };
    site.configure("[scan]\ntrial_days = 0\narchive_reports = 'move'\n");
    site.deposit(&Report::of(AGENT).good("SDMC", "some bytes"));
    site.run(["run"]).silent();
    assert!(site.path(&format!("deposits/{AGENT}/log/_archive")).is_dir());
    assert_eq!((site.proven_versions(), site.path("site/index.html").is_file()), (1, true));
}
