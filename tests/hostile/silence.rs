//! The monitor itself is dead: the page says so, the check says so, and the outer watch hears nothing.

use std::io::{BufRead, BufReader, Write as _};
use std::net::TcpListener;
use std::process::Command;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use chrono::TimeDelta;

use crate::browser::{self, Pages};
use crate::harness::Site;
use crate::mail::{self, Fault, Server};
use crate::report::Report;

const AGENT: &str = "SIRPACAM_DOUALA_NEWBELL";

/// One run with a good backup, by the machine's clock, so that a browser finds it fresh.
fn fresh() -> Site {
    let site = Site::in_memory();
    site.deposit(&Report::of(AGENT).good("DB", "bytes"));
    site.command(["run"]).by_the_machines_clock().run().silent();
    site
}

/// The same, of the site's time, which is long ago.
fn stale() -> Site {
    let site = Site::in_memory();
    site.deposit(&Report::of(AGENT).good("DB", "bytes"));
    site.run(["run"]).silent();
    site
}

#[test]
fn a_page_that_nobody_writes_any_more_turns_grey_in_the_browser() {
    if browser::is_missing("a_page_that_nobody_writes_any_more_turns_grey_in_the_browser") {
        return;
    }
    let pages = Pages::serve();
    let fresh = fresh();
    pages.of(fresh.path("site"));
    let page = pages.dom("index.html");
    assert!(page.contains("data-fresh=\"yes\"") && !page.contains("v-unknown"), "{page}");

    let stale = stale();
    // The file itself says that all is well.
    assert!(
        stale.read("site/index.html").contains("class=\"ver v-safe"),
        "{}",
        stale.read("site/index.html")
    );
    pages.of(stale.path("site"));
    let job = stale.tree("site").lines().find(|line| line.starts_with("jobs/")).unwrap().to_owned();
    for path in ["index.html", "alerts.html", &job] {
        let page = pages.dom(path);
        assert!(page.contains("data-fresh=\"old\""), "{path}: {page}");
        if path == "index.html" {
            assert!(page.contains("ver v-unknown") && !page.contains("ver v-safe"), "{page}");
        }
    }
    // A page of its own that finds no stamp knows nothing either.
    std::fs::remove_file(stale.path("site/data/stamp.js")).unwrap();
    let page = pages.dom(&job);
    assert!(page.contains("data-fresh=\"old\""), "{page}");
}

#[test]
fn the_check_is_unknown_when_no_scan_has_finished_for_long() {
    let mut site = stale();
    let check = |site: &Site, words: &[&str]| site.run(std::iter::once(&"check").chain(words)).status;
    site.pass(TimeDelta::minutes(10));
    assert_eq!((check(&site, &[]), check(&site, &["--max-age", "15m"])), (0, 0));
    assert_eq!(check(&site, &["--max-age", "5m"]), 2, "the last good copy is older");
    site.pass(TimeDelta::minutes(21));
    assert_eq!((check(&site, &[]), check(&site, &["--max-age", "1h"])), (3, 3));
    // Without a state nothing was ever checked.
    drop(Site::in_memory().run(["check"]).exits(3));
}

/// Answers every request with 200, and counts.
fn count_pings() -> (u16, Arc<AtomicUsize>) {
    let listener = TcpListener::bind(("127.0.0.1", 0)).unwrap();
    let port = listener.local_addr().unwrap().port();
    let pings = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&pings);
    thread::spawn(move || {
        for stream in listener.incoming() {
            let Ok(mut stream) = stream else { return };
            let mut line = String::new();
            if BufReader::new(&stream).read_line(&mut line).is_ok() && line.starts_with("GET /ping ") {
                counted.fetch_add(1, Ordering::SeqCst);
            }
            drop(stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"));
        }
    });
    (port, pings)
}

#[test]
fn the_heartbeat_stays_away_when_somebody_must_look() {
    let (port, pings) = count_pings();
    let count = || pings.swap(0, Ordering::SeqCst);
    let heartbeat = format!("[heartbeat]\nurl = 'http://127.0.0.1:{port}/ping'\n");
    let mut site = Site::in_memory();
    site.configure(&heartbeat);
    std::fs::set_permissions(site.path("config.toml"), std::os::unix::fs::PermissionsExt::from_mode(0o600))
        .unwrap();
    site.deposit(&Report::of(AGENT).good("DB", "bytes"));
    site.run(["run"]).silent();
    assert_eq!(count(), 1, "a whole run");
    drop(site.run(["run", "--dry-run"]).exits(0));
    drop(site.run(["scan"]).exits(0));
    drop(site.run(["report"]).exits(0));
    assert_eq!(count(), 0, "no whole run");

    // A message that reaches nobody.
    let closed = TcpListener::bind(("127.0.0.1", 0)).unwrap().local_addr().unwrap().port();
    site.configure(&format!("{heartbeat}{}", mail::section(closed)));
    site.pass(TimeDelta::hours(1)).deposit(&Report::of(AGENT).failed("DB", "BACKUP", "disk full"));
    drop(site.run(["run"]).exits(1));
    assert_eq!(count(), 0, "a message has reached nobody");
    // It reaches somebody at last, though a bad backup is a finding.
    let server = Server::start(Fault::None, &[]);
    site.configure(&format!("{heartbeat}{}", mail::section(server.port)));
    drop(site.pass(TimeDelta::hours(2)).run(["run"]).exits(0));
    assert_eq!((count(), server.seen(|seen| seen.messages.len())), (1, 1));

    // The state cannot be used.
    std::fs::write(site.path("state/state.db"), "no database at all, but text that is long enough").unwrap();
    for name in ["state/state.db-wal", "state/state.db-shm"] {
        drop(std::fs::remove_file(site.path(name)));
    }
    let ran = site.run(["run"]);
    assert!(ran.status != 0 && !ran.stderr.is_empty(), "{ran}");
    assert_eq!(count(), 0, "no state");
}

#[test]
fn the_units_cannot_hang_for_ever_and_are_closed_to_the_rest_of_the_system() {
    let units = format!("{}/contrib/systemd", env!("CARGO_MANIFEST_DIR"));
    let service = std::fs::read_to_string(format!("{units}/backupmon.service")).unwrap();
    let timer = std::fs::read_to_string(format!("{units}/backupmon.timer")).unwrap();
    let sets = |unit: &str, key: &str| unit.lines().any(|line| line.starts_with(key));
    // A oneshot has no limit of time unless it is given one.
    assert!(sets(&service, "Type=oneshot") && sets(&service, "TimeoutStartSec="));
    assert!(service.contains("OnFailure="), "it says where a failed run is told");
    assert!(sets(&timer, "OnCalendar=") && sets(&timer, "Persistent=true"));
    let analysed = Command::new("systemd-analyze")
        .args(["security", "--offline=true", "--no-pager", "--threshold=20"])
        .arg(format!("{units}/backupmon.service"))
        .output();
    let Ok(analysed) = analysed else {
        eprintln!("skipped: the exposure of the unit needs systemd-analyze");
        return;
    };
    let said = String::from_utf8_lossy(&analysed.stdout);
    println!("silence: {}", said.lines().last().unwrap_or_default().trim());
    assert!(analysed.status.success(), "an exposure of 2.0 or more:\n{said}");
}
