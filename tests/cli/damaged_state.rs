//! A state whose bits have flipped: it is told, no copy is made of it, and one command mends it.

use std::fs;
use std::path::Path;

use chrono::TimeDelta;

use crate::harness::Site;
use crate::report::Report;

const AGENT: &str = "BONABERI";
const STATE: &str = "state/state.db";

/// A server after two days, and so with two copies of its state.
fn two_days_old() -> Site {
    let mut site = Site::new();
    for day in ["Monday", "Tuesday"] {
        site.deposit(
            &Report::of(AGENT).good("stock", format!("bytes of {day}")).failed("caisse", "BACKUP", "no disk"),
        );
        site.run(["run"]).silent();
        site.pass(TimeDelta::days(1));
    }
    site.pass(TimeDelta::hours(-23));
    site
}

/// Turns the last letter of a word that stands in the file into its neighbour, wherever it stands.
fn flip_end_of(word: &str, path: &Path) {
    let mut bytes = fs::read(path).unwrap();
    let found: Vec<usize> = bytes
        .windows(word.len())
        .enumerate()
        .filter(|(_, w)| *w == word.as_bytes())
        .map(|(at, _)| at)
        .collect();
    assert!(!found.is_empty(), "`{word}` stands in {}", path.display());
    for at in found {
        bytes[at + word.len() - 1] ^= 1;
    }
    fs::write(path, bytes).unwrap();
}

fn copies(site: &Site) -> Vec<(String, Vec<u8>)> {
    let folder = fs::read_dir(site.path("validated/.backupmon")).unwrap();
    let mut copies: Vec<_> = folder
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "db"))
        .map(|path| (path.file_name().unwrap().to_str().unwrap().to_owned(), fs::read(&path).unwrap()))
        .collect();
    copies.sort();
    copies
}

#[test]
fn a_bit_in_the_words_of_the_schema_is_told_never_copied_and_mended_by_a_rebuild() {
    let mut site = two_days_old();
    let (versions, statuses) = (site.tree("validated/BONABERI"), site.statuses());
    flip_end_of("covered_by", &site.path(STATE));
    let before = copies(&site);
    assert_eq!(before.len(), 2);
    for command in [&["run"][..], &["scan"], &["state", "check"], &["state", "backup"], &["jobs", "list"]] {
        let ran = site.run(command).exits(1);
        assert!(
            ran.stderr.contains("is damaged: its table `jobs` is not built as backupmon builds it"),
            "{ran}"
        );
        assert!(ran.stderr.contains("backupmon state rebuild"), "{ran}");
    }
    let check = site.run(["check"]).exits(3);
    assert!(check.stdout.contains("is damaged"), "{check}");
    assert_eq!(copies(&site), before, "a damaged state is not copied");

    // A copy that was made of it all the same, as by an earlier backupmon, is not what a new state begins with.
    flip_end_of("covered_by", &site.path("validated/.backupmon").join(&before[1].0));
    let rebuilt = site.run(["state", "rebuild", "--yes"]).exits(0);
    assert!(rebuilt.stderr.contains(&format!("{}` is left out: ", before[1].0)), "{rebuilt}");
    site.run(["run"]).silent();
    assert_eq!((site.tree("validated/BONABERI"), site.statuses()), (versions, statuses));
    assert_eq!(site.run(["state", "check"]).done(), "the state is sound and agrees with the disk\n");
    site.pass(TimeDelta::days(1));
    site.run(["run"]).silent();
}

/// Fills the first page of a table with zeros.
fn spoil_table(table: &str, path: &Path) {
    let page: u32 = rusqlite::Connection::open(path)
        .unwrap()
        .query_row("SELECT rootpage FROM sqlite_schema WHERE name = ?1", [table], |row| row.get(0))
        .unwrap();
    let mut bytes = fs::read(path).unwrap();
    let end = page as usize * 4096;
    bytes[end - 4096..end].fill(0);
    fs::write(path, bytes).unwrap();
}

#[test]
fn a_page_that_no_run_needs_is_found_before_the_days_copy_and_takes_no_good_ones_place() {
    let mut site = two_days_old();
    let before = copies(&site);
    spoil_table("audit", &site.path(STATE));
    site.pass(TimeDelta::days(1));
    site.deposit(
        &Report::of(AGENT).good("stock", "bytes of Wednesday").failed("caisse", "BACKUP", "no disk"),
    );
    for command in [&["run"][..], &["run"], &["state", "backup"]] {
        let ran = site.run(command).exits(1);
        assert!(ran.stderr.contains("is damaged: "), "{ran}");
        assert!(ran.stderr.contains("backupmon state rebuild"), "{ran}");
        assert_eq!(copies(&site), before);
    }
    assert!(!site.tree("validated/BONABERI").contains("20200617"), "nothing is done by a damaged state");
    site.run(["state", "rebuild", "--yes"]).done();
    site.run(["run"]).silent();
    assert!(site.tree("validated/BONABERI").contains("current_version -> versions/20200617"));
    assert_eq!(copies(&site).len(), 3);
    assert_eq!(site.run(["state", "check"]).done(), "the state is sound and agrees with the disk\n");
}
