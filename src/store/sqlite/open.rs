//! Opens the file of the state, and tells what is not one.
//!
//! A whole check of a large file takes minutes and is `state check`'s. Opening looks at what costs nothing: the file's
//! kind, `SQLite`'s header, that the file is as long as its header says (`SQLite` does), whose it is, and its schema, word
//! for word.

use std::ffi::OsString;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

use rusqlite::config::DbConfig;
use rusqlite::{Connection, OpenFlags, params};
use rustix::io::Errno;

use super::errors::explain;
use super::migrate::{self, MIGRATIONS};
use super::shape;
use super::values::Micros;
use crate::domain::Time;
use crate::files::{self, FileError, TempFile};
use crate::store::{Result, StoreError};

/// `bkm1`, as in `sql/0001_first.sql`.
const APPLICATION_ID: i32 = 0x626b_6d31;
/// How long a writer waits for another: a scan holds the lock for one report at a time.
pub(super) const PATIENCE: Duration = Duration::from_secs(10);
/// The first read fixes the moment that a reader sees; the end of its connection ends it.
pub(super) const HOLD_MOMENT: &str = "BEGIN; SELECT one FROM meta;";
const CACHED_STATEMENTS: usize = 64;
const OPENING: &str = "be opened";

/// How a state that is not there yet begins.
#[derive(Clone, Copy)]
pub(super) struct Birth {
    pub at: Time,
    pub fixed_clock: bool,
}

/// Opens for reading and writing; creates, marks and migrates as needed.
pub(super) fn for_writing(
    path: &Path,
    birth: Birth,
    patience: Duration,
    migrations: &[&str],
) -> Result<Connection> {
    if !exists(path)? {
        create(path, birth, patience, migrations)?;
    }
    refuse_where_only_reading_is_allowed(path)?;
    let mut db = connect(path, path, OpenFlags::SQLITE_OPEN_READ_WRITE, patience)?;
    refuse_unless_writable(&db, path)?;
    let known = migrate::newest(migrations);
    match examine(&db, path, migrations)? {
        Found::Empty => {
            migrate::migrate(&mut db, migrations, |db| mark(db, birth))
                .map_err(|e| explain(path, OPENING, &e))?;
            // Another process may have been the first, with a schema of its own.
            examine(&db, path, migrations)?;
        }
        Found::Schema(found) if found < known => {
            copy_before_migration(&db, path, found, known)?;
            migrate::migrate(&mut db, migrations, |_| Ok(()))
                .map_err(|e| explain(path, "be brought to its new schema", &e))?;
        }
        Found::Schema(_) => {}
    }
    use_write_ahead_log(&db, path)?;
    keep_name_of_log(&db, path)?;
    Ok(db)
}

/// Opens for reading beside a running scan: all that is read is of one moment. Creates and migrates nothing.
pub(super) fn for_reading(path: &Path) -> Result<Connection> {
    let refuse = |reason: &str| StoreError::Open { path: path.to_owned(), reason: reason.to_owned() };
    let absent = "it is not there; `backupmon init` or the first `backupmon run` creates it";
    if !exists(path)? {
        return Err(refuse(absent));
    }
    let known = migrate::newest(MIGRATIONS);
    let look = |db: Connection| examine(&db, path, MIGRATIONS).map(|found| (db, found));
    let beside = connect(path, path, OpenFlags::SQLITE_OPEN_READ_ONLY, PATIENCE).and_then(look);
    let (db, found) = match beside {
        Err(StoreError::ReadOnly { .. }) if !has_write_ahead_log(path) => look(connect_beside_nobody(path)?),
        opened => opened,
    }?;
    match found {
        Found::Empty => return Err(refuse(absent)),
        Found::Schema(found) if found < known => {
            return Err(refuse(
                "an older backupmon wrote it; the next `backupmon run` brings it to the new schema",
            ));
        }
        Found::Schema(_) => {}
    }
    db.execute_batch(HOLD_MOMENT).map_err(|e| explain(path, OPENING, &e))?;
    Ok(db)
}

/// A state that lives as long as its connection.
pub(super) fn in_memory(birth: Birth) -> Result<Connection> {
    let path = Path::new(":memory:");
    let mut db = Connection::open_in_memory().map_err(|e| explain(path, OPENING, &e))?;
    db.set_prepared_statement_cache_capacity(CACHED_STATEMENTS);
    migrate::migrate(&mut db, MIGRATIONS, |db| mark(db, birth)).map_err(|e| explain(path, OPENING, &e))?;
    Ok(db)
}

/// The same state in memory; a reader's moment is copied.
pub(super) fn copied_to_memory(source: &Connection) -> rusqlite::Result<Connection> {
    const PAGES_AT_ONCE: i32 = 4096;
    let mut copy = Connection::open_in_memory()?;
    copy.set_prepared_statement_cache_capacity(CACHED_STATEMENTS);
    let backup = rusqlite::backup::Backup::new(source, &mut copy)?;
    backup.run_to_completion(PAGES_AT_ONCE, Duration::ZERO, None)?;
    drop(backup);
    copy.pragma_update(None, "foreign_keys", true)?;
    Ok(copy)
}

/// Part of the transaction that creates the schema: no state exists without its mark.
fn mark(db: &Connection, birth: Birth) -> rusqlite::Result<()> {
    db.execute(
        "INSERT INTO meta (one, created_at, fixed_clock) VALUES (1, ?1, ?2)",
        params![Micros(birth.at), birth.fixed_clock],
    )?;
    Ok(())
}

/// Whether there is a file; an error where there is something else.
fn exists(path: &Path) -> Result<bool> {
    let not_a_state =
        |reason: &str| StoreError::NotAState { path: path.to_owned(), reason: reason.to_owned() };
    match fs::metadata(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(false),
        Err(error) => Err(StoreError::Open { path: path.to_owned(), reason: error.to_string() }),
        Ok(found) if found.is_dir() => Err(not_a_state("it is a folder")),
        Ok(found) if !found.is_file() => Err(not_a_state("it is no regular file")),
        // What a creation leaves that was cut short, or `touch`: a new state. With a log beside it, it was one once.
        Ok(found) if found.len() == 0 && has_write_ahead_log(path) => Err(StoreError::Damaged {
            path: path.to_owned(),
            reason:
                "it is empty, but the `-wal` file beside it is not; put a copy back, see `backupmon state`"
                    .to_owned(),
        }),
        Ok(_) => Ok(true),
    }
}

fn has_write_ahead_log(path: &Path) -> bool {
    fs::metadata(with_suffix(path, "-wal")).is_ok_and(|log| log.len() > 0)
}

fn with_suffix(path: &Path, suffix: &str) -> PathBuf {
    let mut name = OsString::from(path);
    name.push(suffix);
    name.into()
}

/// A new state gets its name only once it is whole, in the mode in which it will be used: a reader can neither finish
/// nor undo what a creation that was cut short had begun.
fn create(path: &Path, birth: Birth, patience: Duration, migrations: &[&str]) -> Result<()> {
    let refused = |error: FileError| {
        let path = path.to_owned();
        if error.is_disk_full() {
            StoreError::Full { path }
        } else {
            StoreError::Open { path, reason: error.to_string() }
        }
    };
    let folder = folder_of(path);
    files::create_dirs(folder).map_err(refused)?;
    let draft = TempFile::new_in(folder).map_err(refused)?;
    let mut db = connect(path, draft.path(), OpenFlags::SQLITE_OPEN_READ_WRITE, patience)?;
    sync_commits(&db, false).map_err(|e| explain(path, OPENING, &e))?;
    migrate::migrate(&mut db, migrations, |db| mark(db, birth)).map_err(|e| explain(path, OPENING, &e))?;
    use_write_ahead_log(&db, path)?;
    empty_log(&db, path)?;
    db.close().map_err(|(_, error)| explain(path, OPENING, &error))?;
    // Where another process was faster, its state is the one.
    draft.publish_noreplace(path).map(drop).map_err(refused)
}

/// Opens what lies at `place`; an error speaks of the state at `path`.
fn connect(path: &Path, place: &Path, mode: OpenFlags, patience: Duration) -> Result<Connection> {
    let settle = || -> rusqlite::Result<Connection> {
        let db = Connection::open_with_flags(place, mode | OpenFlags::SQLITE_OPEN_NO_MUTEX)?;
        db.busy_timeout(patience)?;
        db.set_prepared_statement_cache_capacity(CACHED_STATEMENTS);
        db.pragma_update(None, "trusted_schema", false)?;
        db.pragma_update(None, "cell_size_check", true)?;
        db.pragma_update(None, "foreign_keys", true)?;
        // Else a cached statement may be compiled anew whenever it is used again, for a plan by the new values: that took
        // four times as long as to find the versions of one job, and without statistics the plan is the same.
        db.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true)?;
        sync_commits(&db, true)?;
        Ok(db)
    };
    settle().map_err(|e| explain(path, OPENING, &e))
}

/// Whether each commit is durable. Not so for a draft, which is synced as a whole before it gets its name: `SQLite` ignores
/// that the folder of a draft's journal could not be synced, and nobody ever looks for that journal.
fn sync_commits(db: &Connection, each: bool) -> rusqlite::Result<()> {
    let level = if each { "FULL" } else { "OFF" };
    db.pragma_update(None, "synchronous", level)
}

/// `SQLite` syncs the folder of its log together with the first commit, and ignores a failure: after a power cut the log
/// would have no name, and all that was committed into it would be gone. So this is done, and asked, before.
fn keep_name_of_log(db: &Connection, path: &Path) -> Result<()> {
    // The first read makes the file.
    migrate::version(db).map_err(|e| explain(path, OPENING, &e))?;
    files::sync_dir(folder_of(path))
        .map_err(|error| StoreError::Open { path: path.to_owned(), reason: error.to_string() })
}

fn folder_of(path: &Path) -> &Path {
    path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

/// For a user who may only read, as a monitor's plug-in: `SQLite` wants to create the log's index even to read, and cannot.
/// Without a log nobody writes, and the file alone is the state. Whoever begins to write meanwhile fills its log first;
/// only a log of a thousand pages within this read could reach the file, and the next look is right again.
fn connect_beside_nobody(path: &Path) -> Result<Connection> {
    let unnameable = || StoreError::Open { path: path.to_owned(), reason: "its path is no UTF-8".to_owned() };
    let path_in_uri = path.to_str().ok_or_else(unnameable)?;
    let path_in_uri = path_in_uri.replace('%', "%25").replace('?', "%3f").replace('#', "%23");
    let uri = PathBuf::from(format!("file:{path_in_uri}?immutable=1"));
    connect(path, &uri, OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_URI, PATIENCE)
}

/// Asked before `SQLite` opens the file: it would make the log and its index as read-only as the state is, and they
/// would stay in the way after the state was mended.
fn refuse_where_only_reading_is_allowed(path: &Path) -> Result<()> {
    let files = [path.to_owned(), with_suffix(path, "-wal"), with_suffix(path, "-shm")];
    for place in files.iter().map(PathBuf::as_path).chain([folder_of(path)]) {
        let allowed = rustix::fs::access(place, rustix::fs::Access::WRITE_OK);
        if let Err(errno @ (Errno::ACCESS | Errno::PERM | Errno::ROFS)) = allowed {
            let reason = io::Error::from(errno).to_string();
            return Err(StoreError::ReadOnly { path: place.to_owned(), reason });
        }
    }
    Ok(())
}

/// Where writing is not allowed, `SQLite` opens for reading without a word.
fn refuse_unless_writable(db: &Connection, path: &Path) -> Result<()> {
    if db.is_readonly(rusqlite::MAIN_DB).map_err(|e| explain(path, OPENING, &e))? {
        let reason = "its mode or its file system lets this user only read".to_owned();
        return Err(StoreError::ReadOnly { path: path.to_owned(), reason });
    }
    Ok(())
}

enum Found {
    Empty,
    Schema(i64),
}

fn examine(db: &Connection, path: &Path, migrations: &[&str]) -> Result<Found> {
    let known = migrate::newest(migrations);
    let read = || -> rusqlite::Result<(i64, i32, i64)> {
        let pages = db.pragma_query_value(None, "page_count", |row| row.get(0))?;
        let application = db.pragma_query_value(None, "application_id", |row| row.get(0))?;
        Ok((pages, application, migrate::version(db)?))
    };
    let (pages, application, schema) = read().map_err(|e| explain(path, OPENING, &e))?;
    if pages == 0 {
        return Ok(Found::Empty);
    }
    if application != APPLICATION_ID {
        let reason = "it is an SQLite file of another program".to_owned();
        return Err(StoreError::NotAState { path: path.to_owned(), reason });
    }
    if schema > known {
        return Err(StoreError::Newer { path: path.to_owned(), found: schema, known });
    }
    let made_by = usize::try_from(schema).ok().filter(|number| *number > 0).and_then(|n| migrations.get(..n));
    let Some(made_by) = made_by else {
        let reason = format!("{schema} is no number of a schema");
        return Err(StoreError::Damaged { path: path.to_owned(), reason });
    };
    shape::verify(db, path, made_by)?;
    Ok(Found::Schema(schema))
}

/// Leaves `state.db.v1-before-v2` beside the state. A copy under that name is whole: it gets it only once it is.
fn copy_before_migration(db: &Connection, path: &Path, found: i64, known: i64) -> Result<()> {
    let copy = with_suffix(path, &format!(".v{found}-before-v{known}"));
    let unfinished = with_suffix(&copy, ".tmp");
    let failed =
        |e: FileError| StoreError::Failed { action: "be copied before its migration", reason: e.to_string() };
    files::remove_file(&unfinished).map_err(failed)?;
    copy_to(db, path, &unfinished)?;
    files::rename(&unfinished, &copy).map_err(failed)
}

/// Writes a whole, compact and synced copy to `target`, which must not exist.
pub(super) fn copy_to(db: &Connection, path: &Path, target: &Path) -> Result<()> {
    const COPYING: &str = "be copied";
    let failed = |reason: String| StoreError::Failed { action: COPYING, reason };
    let said = |e: io::Error| failed(format!("`{}`: {e}", target.display()));
    let name = target.to_str().ok_or_else(|| failed(format!("`{}` is no UTF-8", target.display())))?;
    // SQLite takes an empty file for the copy, and would make one that others can read.
    files::write_new(target, b"").map_err(|e| failed(e.to_string()))?;
    sync_commits(db, false).map_err(|e| explain(path, COPYING, &e))?;
    let copied = db.execute("VACUUM INTO ?1", params![name]);
    sync_commits(db, true).map_err(|e| explain(path, COPYING, &e))?;
    copied.map_err(|e| match explain(path, COPYING, &e) {
        StoreError::Full { .. } => StoreError::Full { path: target.to_owned() },
        other => other,
    })?;
    fs::File::open(target).and_then(|copy| copy.sync_all()).map_err(said)
}

/// `SQLite` keeps the old mode without an error where it cannot have this one (a network file system, a failed sync).
fn use_write_ahead_log(db: &Connection, path: &Path) -> Result<()> {
    let mode: String = db
        .pragma_update_and_check(None, "journal_mode", "wal", |row| row.get(0))
        .map_err(|e| explain(path, OPENING, &e))?;
    if mode == "wal" {
        return Ok(());
    }
    Err(StoreError::Open {
        path: path.to_owned(),
        reason: format!("no write-ahead log can be had (mode `{mode}`); it must lie on a local file system"),
    })
}

/// Closing does this too, and says nothing of a failure: a draft's log does not get its new name.
fn empty_log(db: &Connection, path: &Path) -> Result<()> {
    let is_busy = db.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |row| row.get::<_, bool>(0));
    if is_busy.map_err(|e| explain(path, OPENING, &e))? {
        let reason = "another process reads its draft".to_owned();
        return Err(StoreError::Open { path: path.to_owned(), reason });
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use rusqlite::StatementStatus;

    use super::*;

    const BIRTH: Birth = Birth { at: Time::UNIX_EPOCH, fixed_clock: true };
    const NEXT: &str = "ALTER TABLE meta ADD COLUMN note TEXT; UPDATE meta SET note = 'migrated';";

    fn open(path: &Path, migrations: &[&str]) -> Result<Connection> {
        for_writing(path, BIRTH, Duration::ZERO, migrations)
    }

    fn names(folder: &Path) -> Vec<String> {
        let mut names: Vec<_> = fs::read_dir(folder)
            .unwrap()
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect();
        names.sort();
        names
    }

    #[test]
    fn an_older_state_is_copied_once_and_then_migrated() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("state.db");
        drop(open(&path, MIGRATIONS).unwrap());
        let more = [MIGRATIONS, &[NEXT]].concat();
        // What an earlier attempt left unfinished is no hindrance.
        fs::write(folder.path().join("state.db.v1-before-v2.tmp"), "half a copy").unwrap();
        for _ in 0..2 {
            let db = open(&path, &more).unwrap();
            assert_eq!(migrate::version(&db).unwrap(), 2);
            assert_eq!(
                db.query_row("SELECT note FROM meta", [], |row| row.get::<_, String>(0)).unwrap(),
                "migrated"
            );
            drop(db);
            assert_eq!(names(folder.path()), ["state.db", "state.db.v1-before-v2"]);
        }
        let copy = open(&folder.path().join("state.db.v1-before-v2"), MIGRATIONS).unwrap();
        assert_eq!(migrate::version(&copy).unwrap(), 1);
        assert!(matches!(open(&path, MIGRATIONS), Err(StoreError::Newer { found: 2, known: 1, .. })));
    }

    #[test]
    fn a_migration_that_fails_leaves_a_state_that_the_older_program_opens() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("state.db");
        drop(open(&path, MIGRATIONS).unwrap());
        let broken = [MIGRATIONS, &[NEXT], &["DROP TABLE nothing;"]].concat();
        for _ in 0..2 {
            assert!(matches!(open(&path, &broken), Err(StoreError::Failed { .. })));
        }
        let db = open(&path, MIGRATIONS).unwrap();
        assert!(db.prepare("SELECT note FROM meta").is_err());
    }

    #[test]
    fn a_statement_is_compiled_once_whatever_it_is_asked_for() {
        let folder = tempfile::tempdir().unwrap();
        let db = open(&folder.path().join("state.db"), MIGRATIONS).unwrap();
        let select = "SELECT j.id, v.name FROM versions AS v JOIN jobs AS j ON j.num = v.job WHERE j.id = ?1";
        for job in ["a", "b", "c"] {
            assert!(!db.prepare_cached(select).unwrap().exists([job]).unwrap());
        }
        let query = db.prepare_cached(select).unwrap();
        assert_eq!(query.get_status(StatementStatus::RePrepare), 0);
    }

    #[test]
    fn a_writer_syncs_every_commit_and_trusts_no_schema() {
        let folder = tempfile::tempdir().unwrap();
        let db = open(&folder.path().join("state.db"), MIGRATIONS).unwrap();
        for (pragma, value) in
            [("synchronous", 2), ("foreign_keys", 1), ("trusted_schema", 0), ("cell_size_check", 1)]
        {
            let has = || db.pragma_query_value(None, pragma, |row| row.get::<_, i64>(0)).unwrap();
            assert_eq!(has(), value, "{pragma}");
            // A copy, which is synced as a whole, changes nothing for the commits that follow.
            copy_to(&db, &folder.path().join("state.db"), &folder.path().join(pragma)).unwrap();
            assert_eq!(has(), value, "{pragma} after a copy");
        }
        assert_eq!(
            db.pragma_query_value(None, "journal_mode", |row| row.get::<_, String>(0)).unwrap(),
            "wal"
        );
    }
}
