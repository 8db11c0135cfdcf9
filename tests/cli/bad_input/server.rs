//! The server's own troubles: its state, its disks, its mail.

use std::fs;
use std::net::TcpListener;
use std::os::unix::fs::PermissionsExt as _;
use std::process::Command;

use chrono::TimeDelta;
use rusqlite::Connection;

use super::{HONEST, HOSTILE, NOBODY, assert_unharmed, honest, is_skipped, run};
use crate::harness::Site;
use crate::mail::{self, Fault, Server};
use crate::report::Report;

/// The page as the last good run left it, so that a later one is seen not to touch it.
fn page(site: &Site) -> String {
    site.read("site/index.html")
}

/// A state that was used once, then spoilt; the run says so, changes nothing, and heals when the state does.
fn with_state(spoil: impl Fn(&Site)) -> String {
    let mut site = honest();
    run(&site).silent();
    let whole = fs::read(site.path("state/state.db")).unwrap();
    let (versions, before) = (site.tree("validated"), page(&site));
    spoil(&site);
    let said = site.pass(TimeDelta::minutes(15)).run(["run"]).exits(1).to_string();
    assert_eq!((site.tree("validated"), page(&site)), (versions, before));
    let state = site.path("state/state.db");
    let _ = fs::remove_dir(&state);
    fs::write(&state, whole).unwrap();
    run(&site).silent();
    assert_unharmed(&site);
    said
}

#[test]
fn a_state_that_is_none() {
    insta::assert_snapshot!(with_state(|site| fs::write(site.path("state/state.db"), "not a database at all").unwrap()), @r"
    exit 1
    --- stderr
    error: `$SITE/state/state.db` is not a state of backupmon: it is no SQLite file
    hint: move it away, or name another file by `state` in [paths]
    ");
    insta::assert_snapshot!(with_state(|site| {
        fs::remove_file(site.path("state/state.db")).unwrap();
        fs::create_dir(site.path("state/state.db")).unwrap();
    }), @r"
    exit 1
    --- stderr
    error: `$SITE/state/state.db` is not a state of backupmon: it is a folder
    hint: move it away, or name another file by `state` in [paths]
    ");
    insta::assert_snapshot!(with_state(|site| {
        fs::remove_file(site.path("state/state.db")).unwrap();
        let db = Connection::open(site.path("state/state.db")).unwrap();
        db.execute_batch("CREATE TABLE recipes (name TEXT)").unwrap();
    }), @r"
    exit 1
    --- stderr
    error: `$SITE/state/state.db` is not a state of backupmon: it is an SQLite file of another program
    hint: move it away, or name another file by `state` in [paths]
    ");
}

#[test]
fn a_state_of_a_newer_version() {
    insta::assert_snapshot!(with_state(|site| {
        let db = Connection::open(site.path("state/state.db")).unwrap();
        db.pragma_update(None, "user_version", 99).unwrap();
    }), @r"
    exit 1
    --- stderr
    error: the state `$SITE/state/state.db` was written by a newer backupmon (schema 99, this one knows 1)
    hint: run that newer backupmon, or put the copy back that it left beside the state, `….v1-before-v99`
    ");
}

#[test]
fn a_state_that_is_cut_off() {
    insta::assert_snapshot!(with_state(|site| {
        let file = fs::File::options().write(true).open(site.path("state/state.db")).unwrap();
        file.set_len(9_000).unwrap();
    }), @r"
    exit 1
    --- stderr
    error: the state `$SITE/state/state.db` is damaged: database disk image is malformed
    hint: run `backupmon state rebuild`, or put the newest copy back from `.backupmon` under the validated folder
    ");
}

#[test]
fn a_state_that_is_read_only() {
    if is_skipped("a_state_that_is_read_only") {
        return;
    }
    let site = honest();
    for entry in walkdir::WalkDir::new(site.path("")).into_iter().map(Result::unwrap) {
        std::os::unix::fs::chown(entry.path(), Some(NOBODY), Some(NOBODY)).unwrap();
    }
    let run = || site.command(["run"]).by_user(NOBODY).run();
    run().silent();
    let mode =
        |path: &str, mode| fs::set_permissions(site.path(path), fs::Permissions::from_mode(mode)).unwrap();
    mode("state/state.db", 0o440);
    insta::assert_snapshot!(run(), @r"
    exit 1
    --- stderr
    error: the state `$SITE/state/state.db` cannot be written: Permission denied (os error 13)
    hint: let backupmon's user own the state, the `-wal` and `-shm` files beside it, and their folder
    ");
    for line in site.tree("state").lines().filter(|line| line.starts_with("state.db")) {
        mode(&format!("state/{line}"), 0o640);
    }
    run().silent();
    mode("state", 0o550);
    let refused = run().exits(1).stderr;
    assert!(
        refused.contains("` cannot be written: ") && refused.contains("hint: let backupmon's user own"),
        "{refused}"
    );
    mode("state", 0o750);
    run().silent();
    assert_unharmed(&site);
}

#[test]
fn a_state_that_another_program_has_locked() {
    let mut site = honest();
    run(&site).silent();
    let db = Connection::open(site.path("state/state.db")).unwrap();
    db.execute_batch("BEGIN EXCLUSIVE").unwrap();
    site.pass(TimeDelta::minutes(15)).deposit(&Report::of(HONEST).good("DB", "an honest dump"));
    insta::assert_snapshot!(run(&site), @r"
    exit 1
    --- stderr
    error: the state `$SITE/state/state.db` is locked by another program
    hint: `fuser -v $SITE/state/state.db` names the program that has it open; nothing is lost, the next run goes on
    ");
    db.execute_batch("ROLLBACK").unwrap();
    drop(db);
    run(&site).silent();
    assert_eq!(site.statuses()[&format!("{HONEST}/DB")], "UNCHANGED");
}

#[test]
fn folders_that_cannot_be_written() {
    if is_skipped("folders_that_cannot_be_written") {
        return;
    }
    let mut told = String::new();
    for part in ["site", "validated", "state"] {
        let site = honest();
        std::os::unix::fs::chown(site.path("deposits"), Some(NOBODY), Some(NOBODY)).unwrap();
        for folder in ["site", "validated", "state"] {
            fs::create_dir(site.path(folder)).unwrap();
            std::os::unix::fs::chown(site.path(folder), Some(NOBODY), Some(NOBODY)).unwrap();
        }
        fs::set_permissions(site.path(part), fs::Permissions::from_mode(0o555)).unwrap();
        told.push_str(&format!("{part}: {}", site.command(["run"]).by_user(NOBODY).run().exits(1)));
        fs::set_permissions(site.path(part), fs::Permissions::from_mode(0o755)).unwrap();
        site.command(["run"]).by_user(NOBODY).run().silent();
        assert_unharmed(&site);
    }
    insta::assert_snapshot!(told, @r"
    site: exit 1
    --- stderr
    error: the site was not written: cannot create `$SITE/site/jobs`: Permission denied (os error 13); see whether backupmon's user can write there, or set `site` in [paths]
    validated: exit 1
    --- stderr
    error: nothing is promoted: cannot create `$SITE/validated/.backupmon`: Permission denied (os error 13); see whether backupmon's user can write under the validated folder, or set `validated` in [paths]
    state: exit 1
    --- stderr
    error: cannot open the lock `$SITE/state/lock`: Permission denied (os error 13)
    hint: let backupmon's user own the folder of the state, or set `state` in [paths]
    ");
}

/// A small file system of its own at a folder of the site, until it is dropped.
struct Small<'s>(&'s Site, &'static str);

impl<'s> Small<'s> {
    /// `None` where that is not allowed; says so.
    fn mount(site: &'s Site, folder: &'static str, room: &str) -> Option<Self> {
        fs::create_dir_all(site.path(folder)).unwrap();
        let options = format!("size={room},mode=755");
        let mounted = Command::new("mount")
            .args(["-t", "tmpfs", "-o", &options, "backupmon-test"])
            .arg(site.path(folder))
            .output()
            .is_ok_and(|output| output.status.success());
        if !mounted {
            eprintln!("skipped: a full disk under {folder} needs root and mount");
        }
        mounted.then_some(Self(site, folder))
    }

    fn grow(&self) {
        let grown =
            Command::new("mount").args(["-o", "remount,size=64m"]).arg(self.0.path(self.1)).status().unwrap();
        assert!(grown.success());
    }
}

impl Drop for Small<'_> {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg(self.0.path(self.1)).status();
    }
}

/// A run on a disk that is too small for `folder`, then one on a larger disk.
fn on_a_full_disk(folder: &'static str, room: &str) -> Option<String> {
    let site = honest();
    // Compresses badly, so that it fills the disk of its kept report, too.
    let noise: String = (0_u32..20_000)
        .flat_map(|n| n.wrapping_mul(2_654_435_761).to_string().into_bytes())
        .map(char::from)
        .collect();
    site.configure("[promote]\nmin_free = '0'\n");
    site.deposit(&Report::of(HOSTILE).good("BIG", &noise).with("logs_summary", noise.clone().into()));
    let small = Small::mount(&site, folder, room)?;
    let said = run(&site).exits(1).to_string();
    small.grow();
    run(&site).silent();
    assert_unharmed(&site);
    assert_eq!(site.statuses()[&format!("{HOSTILE}/BIG")], "SUCCESS");
    assert_eq!(site.proven_versions(), 2);
    assert_eq!(site.alerts(), "");
    Some(said)
}

#[test]
fn a_full_disk_under_validated() {
    if let Some(said) = on_a_full_disk("validated", "64k") {
        // How much the copy of the state takes is no matter of this test.
        let said: Vec<_> = said.lines().map(|line| line.split(": it takes").next().unwrap()).collect();
        insta::assert_snapshot!(said.join("\n"), @r"
        exit 1
        --- stderr
        error: the verified backup of SIRPACAM_DOUALA_AKWA/BIG could not be kept: too little space under the validated folder: 65.5 kB free, 194.8 kB needed, 0 B to stay free
        error: today's copy of the state was not made: the state was not copied beside the versions
        ");
    }
}

#[test]
fn a_full_disk_under_the_state() {
    // Full at the state, at the report that is kept, at the log: whichever, the next run goes on.
    for size in ["128k", "192k", "256k", "320k"] {
        let _ = on_a_full_disk("state", size);
    }
    if let Some(said) = on_a_full_disk("state", "64k") {
        insta::assert_snapshot!(said, @r"
        exit 1
        --- stderr
        error: the disk of the state `$SITE/state/state.db` is full
        hint: free some space there; nothing is lost, the next run goes on
        ");
    }
}

#[test]
fn a_full_disk_under_the_site() {
    if let Some(said) = on_a_full_disk("site", "32k") {
        // Which file met the end of the disk is chance.
        let said: Vec<_> = said.lines().map(|line| line.split("`$SITE/site").next().unwrap()).collect();
        let said = said.join("\n");
        insta::assert_snapshot!(said, @r"
        exit 1
        --- stderr
        error: the site was not written: cannot write
        ");
    }
}

#[test]
fn a_mail_server_that_is_down() {
    let port = TcpListener::bind(("127.0.0.1", 0)).unwrap().local_addr().unwrap().port();
    let site = honest();
    site.configure(&mail::section(port));
    site.deposit(&Report::of(HOSTILE).failed("DB", "BACKUP", "disk full"));
    insta::assert_snapshot!(run(&site).to_string().replace(&port.to_string(), "PORT"), @r"
    exit 1
    --- stderr
    error: a message was not delivered: ops@example.org: 127.0.0.1:PORT: Connection error: Connection refused (os error 111); it is kept and tried again
    ");
    assert_unharmed(&site);
}

#[test]
fn a_mail_server_that_refuses_one_recipient_tells_the_other() {
    let server = Server::start(Fault::None, &["gone@example.org"]);
    let site = honest();
    let section = mail::section(server.port).replace("'ops@", "'gone@example.org', 'ops@");
    site.configure(&section);
    site.deposit(&Report::of(HOSTILE).failed("DB", "BACKUP", "disk full"));
    insta::assert_snapshot!(run(&site), @r"
    exit 1
    --- stderr
    error: a message was not delivered: gone@example.org: permanent error (550): no such user; it is kept and tried again
    ");
    insta::assert_snapshot!(site.alerts(), @r"
    mail_refused -/-: refused for good: gone@example.org: permanent error (550): no such user
    job SIRPACAM_DOUALA_AKWA/DB: the agent reports that BACKUP failed: disk full
    ");
    assert_eq!(mail::taken(&server).len(), 1);
    assert_unharmed(&site);
}

#[test]
#[ignore = "waits for as long as the program does: 30 s"]
fn a_mail_server_that_says_nothing() {
    let server = Server::start(Fault::NoBanner, &[]);
    let site = honest();
    site.configure(&mail::section(server.port));
    site.deposit(&Report::of(HOSTILE).failed("DB", "BACKUP", "disk full"));
    insta::assert_snapshot!(run(&site).to_string().replace(&server.port.to_string(), "PORT"), @r"
    exit 1
    --- stderr
    error: a message was not delivered: ops@example.org: 127.0.0.1:PORT: the server did not answer in time; it is kept and tried again
    ");
    assert_unharmed(&site);
}
