//! What only a file can be: absent, empty, foreign, newer, locked, read-only, damaged, read beside a writer.

use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::{Path, PathBuf};
use std::time::Duration;

use backupmon::store::{EntryFilter, Result, Sqlite, Store, StoreError, Unit};
use rusqlite::Connection;
use tempfile::TempDir;

use crate::sample::*;

fn folder() -> (TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("state.db");
    (folder, path)
}

fn open(path: &Path) -> Result<Sqlite> {
    Sqlite::open_patiently(path, at(0), true, Duration::ZERO)
}

fn error(path: &Path) -> StoreError {
    open(path).err().expect("it should not open")
}

fn mode(path: &Path) -> u32 {
    fs::metadata(path).unwrap().permissions().mode() & 0o7777
}

#[test]
fn an_absent_state_is_created_with_its_folders_and_marked_once() {
    let (folder, _) = folder();
    let path = folder.path().join("a/b/state.db");
    {
        let state = open(&path).unwrap();
        let meta = state.meta().unwrap();
        assert_eq!((meta.created_at, meta.fixed_clock), (at(0), true));
        assert_eq!((meta.last_scan, meta.last_check_at), (None, None));
        assert_eq!((mode(&path), mode(&folder.path().join("a/b/state.db-wal"))), (0o640, 0o640));
        assert_eq!(mode(path.parent().unwrap()), 0o750);
    }
    let again = Sqlite::open(&path, at(9), false).unwrap().meta().unwrap();
    assert_eq!((again.created_at, again.fixed_clock), (at(0), true));
    assert_eq!(fs::read_dir(path.parent().unwrap()).unwrap().count(), 1, "no copy, no log left");
}

#[test]
fn an_empty_file_is_a_new_state_unless_its_log_says_that_it_was_one() {
    let (_folder, path) = folder();
    fs::write(&path, "").unwrap();
    open(&path).unwrap();
    fs::write(&path, "").unwrap();
    fs::write(path.with_extension("db-wal"), "frames").unwrap();
    let error = error(&path);
    assert!(matches!(error, StoreError::Damaged { .. }), "{error}");
}

#[test]
fn what_is_no_state_is_named_and_left_as_it_is() {
    let (folder, path) = folder();
    let text = folder.path().join("text");
    fs::write(&text, "deposits = [\"/srv\"]\n".repeat(100)).unwrap();
    let other = folder.path().join("other.db");
    Connection::open(&other).unwrap().execute_batch("CREATE TABLE t (a)").unwrap();
    for (name, path, reason) in [
        ("folder", folder.path(), "it is a folder"),
        ("device", Path::new("/dev/null"), "it is no regular file"),
        ("text", &text, "it is no SQLite file"),
        ("other program", &other, "it is an SQLite file of another program"),
    ] {
        let before = fs::read(path).ok();
        for error in [error(path), Sqlite::open_read_only(path).err().unwrap()] {
            assert!(matches!(error, StoreError::NotAState { .. }), "{name}: {error}");
            assert!(error.to_string().ends_with(reason), "{name}: {error}");
        }
        assert_eq!(fs::read(path).ok(), before, "{name}");
    }
    symlink("/nowhere/at/all", &path).unwrap();
    assert!(matches!(error(&path), StoreError::Open { .. }));
}

#[test]
fn a_newer_state_is_refused_and_a_schema_of_no_number_is_damage() {
    let (_folder, path) = folder();
    drop(open(&path).unwrap());
    let set =
        |version: i64| Connection::open(&path).unwrap().pragma_update(None, "user_version", version).unwrap();
    set(Sqlite::schema() + 1);
    for error in [error(&path), Sqlite::open_read_only(&path).err().unwrap()] {
        assert!(matches!(error, StoreError::Newer { .. }), "{error}");
    }
    set(0);
    assert!(matches!(error(&path), StoreError::Damaged { .. }));
}

#[test]
fn a_file_that_was_cut_off_is_damaged() {
    let (_folder, path) = folder();
    fill(&mut open(&path).unwrap());
    let whole = fs::read(&path).unwrap();
    fs::write(&path, &whole[..whole.len() / 2]).unwrap();
    let error = error(&path);
    assert!(matches!(error, StoreError::Damaged { .. }), "{error}");
}

#[test]
fn a_page_that_was_overwritten_is_found_by_the_check() {
    let (_folder, path) = folder();
    fill(&mut open(&path).unwrap());
    let mut bytes = fs::read(&path).unwrap();
    let last_page = bytes.len() - 4096;
    bytes[last_page..].fill(0xff);
    fs::write(&path, bytes).unwrap();
    let found = open(&path).and_then(|state| state.check());
    assert!(
        found.map_or_else(|error| matches!(error, StoreError::Damaged { .. }), |faults| !faults.is_empty())
    );
}

#[test]
fn another_writer_is_told_and_waits_for_nothing_for_ever() {
    let (_folder, path) = folder();
    let mut state = open(&path).unwrap();
    let mut other = open(&path).unwrap();
    let blocker = Connection::open(&path).unwrap();
    blocker.execute_batch("BEGIN IMMEDIATE").unwrap();
    assert!(matches!(state.begin_scan(at(1)), Err(StoreError::Locked { .. })));
    let empty = state.commit(&Unit::default());
    assert!(matches!(empty, Err(StoreError::Locked { .. })), "the lock comes before the first look");
    assert!(state.jobs().unwrap().is_empty(), "reading goes on");
    blocker.execute_batch("ROLLBACK").unwrap();
    state.begin_scan(at(1)).unwrap();
    other.begin_scan(at(2)).unwrap();
    drop((state, other));
    // Held whole, as a program does that knows no write-ahead log.
    blocker.execute_batch("PRAGMA locking_mode = EXCLUSIVE; BEGIN EXCLUSIVE").unwrap();
    assert!(matches!(error(&path), StoreError::Locked { .. }));
}

#[test]
fn a_reader_sees_one_moment_beside_a_writer_and_changes_nothing() {
    let (_folder, path) = folder();
    assert!(matches!(Sqlite::open_read_only(&path), Err(StoreError::Open { .. })));
    assert!(!path.exists(), "looking creates nothing");
    let mut writer = open(&path).unwrap();
    let mut reader = Sqlite::open_read_only(&path).unwrap();
    fill(&mut writer);
    assert_eq!(reader.jobs().unwrap(), []);
    assert_eq!(reader.entries(&EntryFilter::default()).unwrap(), []);
    assert!(matches!(reader.note_check(at(1)), Err(StoreError::ReadOnly { .. })));
    assert!(matches!(reader.commit(&Unit::default()), Err(StoreError::ReadOnly { .. })));
    assert_filled(&Sqlite::open_read_only(&path).unwrap());
}

#[test]
fn a_state_that_may_not_be_written_says_so() {
    if rustix::process::geteuid().is_root() {
        eprintln!("skipped: root may write whatever the mode");
        return;
    }
    let (_folder, path) = folder();
    drop(open(&path).unwrap());
    fs::set_permissions(&path, fs::Permissions::from_mode(0o440)).unwrap();
    let error = error(&path);
    assert!(matches!(error, StoreError::ReadOnly { .. }), "{error}");
}

#[test]
fn a_copy_is_a_whole_state_and_replaces_nothing() {
    let (folder, path) = folder();
    let mut state = open(&path).unwrap();
    fill(&mut state);
    let reader = Sqlite::open_read_only(&path).unwrap();
    for (name, store) in [("by-writer.db", &state), ("by-reader.db", &reader)] {
        let target = folder.path().join(name);
        store.copy_to(&target).unwrap();
        assert_filled(&open(&target).unwrap());
        assert_eq!(mode(&target), 0o640);
        assert!(store.copy_to(&target).is_err());
        assert_filled(store);
    }
    assert!(state.copy_to(&folder.path().join("absent/copy.db")).is_err());
}
