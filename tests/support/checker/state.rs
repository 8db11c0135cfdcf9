//! The state, read as what it is: an `SQLite` file. A copy is looked at, so that looking recovers and locks nothing.

use std::fs;

use backupmon::domain::Digest;
use rusqlite::Connection;
use tempfile::TempDir;

use super::versions::Truth;
use super::{Invariant, Violation};
use crate::harness::Site;

type Found = rusqlite::Result<Vec<Violation>>;

/// Sound, and good only where there are bytes. No state, or one that has no table yet, says nothing.
pub fn check(site: &Site, truth: &Truth) -> Vec<Violation> {
    with_copy(site, |db| {
        let mut found = sound(db)?;
        found.extend(good_is_true(db, truth)?);
        found.extend(named_is_there(db, site)?);
        found.extend(current_is_there(db, site)?);
        Ok(found)
    })
}

/// What holds when no run is under way: nothing waits half done.
pub fn check_settled(site: &Site) -> Vec<Violation> {
    let mut found = with_copy(site, |db| versions_agree(db, site));
    let ours = ["validated", "state", "site"].map(|folder| walkdir::WalkDir::new(site.path(folder)));
    for entry in ours.into_iter().flatten().filter_map(Result::ok) {
        if entry.file_name().to_string_lossy().starts_with(".tmp-") {
            found.push(Invariant::OneRunRepairs.broken(format!("{} stays", entry.path().display())));
        }
    }
    found
}

/// What the state says of one agent, a line for each entry, incident and version: for comparing two servers.
pub fn rows_of_agent(site: &Site, agent: &str) -> Vec<String> {
    const ROWS: &str = "
        SELECT 'entry ' || j.database || '|' || ifnull(e.status, '-') || '|' || ifnull(e.cause, '-') || '|'
            || ifnull(e.warnings, '-') || '|' || ifnull(hex(e.sha256), '-') || '|' || ifnull(e.version, '-')
            || '|' || e.superseded FROM entries e JOIN jobs j ON j.num = e.job WHERE j.agent = ?1
        UNION ALL SELECT 'job ' || database || '|' || status || '|' || ifnull(cause, '-') || '|'
            || ifnull(current_version, '-') || '|' || held FROM jobs WHERE agent = ?1
        UNION ALL SELECT 'incident ' || kind || '|' || ifnull(database, '-') || '|' || ifnull(cause, '-')
            || '|' || (resolved_at IS NULL) FROM incidents WHERE agent = ?1
        UNION ALL SELECT 'version ' || v.name || '|' || v.damaged || '|' || v.held
            FROM versions v JOIN jobs j ON j.num = v.job WHERE j.agent = ?1";
    let mut rows = Vec::new();
    let unreadable = with_copy(site, |db| {
        let mut statement = db.prepare(ROWS)?;
        rows = statement.query_map([agent], |row| row.get(0))?.collect::<rusqlite::Result<_>>()?;
        Ok(Vec::new())
    });
    rows.extend(unreadable.into_iter().map(|violation| violation.to_string()));
    rows.sort();
    rows
}

pub(super) fn with_copy(site: &Site, look: impl FnOnce(&Connection) -> Found) -> Vec<Violation> {
    let broken = |what: String| vec![Invariant::StateIsSound.broken(what)];
    let folder = match fs::metadata("/dev/shm") {
        Ok(_) => TempDir::new_in("/dev/shm"),
        Err(_) => TempDir::new(),
    }
    .unwrap();
    let copy = folder.path().join("state.db");
    if fs::copy(site.path("state/state.db"), &copy).unwrap_or(0) == 0 {
        return Vec::new();
    }
    // Without its index (-shm), which is made anew from the log.
    let _ = fs::copy(site.path("state/state.db-wal"), folder.path().join("state.db-wal"));
    let opened = Connection::open(&copy).and_then(|db| {
        let tables: i64 =
            db.query_row("SELECT count(*) FROM sqlite_schema WHERE name = 'entries'", [], |row| row.get(0))?;
        if tables == 0 { Ok(Vec::new()) } else { look(&db) }
    });
    opened.unwrap_or_else(|error| broken(format!("the state cannot be read: {error}")))
}

fn sound(db: &Connection) -> Found {
    let said: String = db.query_row("PRAGMA integrity_check", [], |row| row.get(0))?;
    let mut found = Vec::new();
    if said != "ok" {
        found.push(Invariant::StateIsSound.broken(said));
    }
    if db.prepare("PRAGMA foreign_key_check")?.query([])?.next()?.is_some() {
        found.push(Invariant::StateIsSound.broken("a row refers to one that is not there"));
    }
    Ok(found)
}

fn good_is_true(db: &Connection, truth: &Truth) -> Found {
    const GOOD: &str =
        "SELECT j.agent, j.database, lower(hex(e.sha256)) FROM entries e JOIN jobs j ON j.num = e.job
        WHERE e.status IN ('SUCCESS', 'UNCHANGED') AND e.sha256 IS NOT NULL";
    let mut statement = db.prepare(GOOD)?;
    let rows = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))?;
    let rows: Vec<(String, String, String)> = rows.collect::<rusqlite::Result<_>>()?;
    let lies = rows.into_iter().filter(|(agent, database, digest)| !truth.knows(agent, database, digest));
    Ok(lies
        .map(|(agent, database, digest)| {
            Invariant::GoodHasBytes.broken(format!("{agent}/{database} is called good with {digest}"))
        })
        .collect())
}

/// An entry names a version only where its bytes lie, read and hashed here. Retention may have removed those before the
/// newest that a job's entries name; and that one where a newer was promoted since, which no entry names.
fn named_is_there(db: &Connection, site: &Site) -> Found {
    const NAMED: &str = "SELECT j.agent, j.database, e.version, lower(hex(e.sha256)),
            e.id = (SELECT max(n.id) FROM entries n WHERE n.job = e.job AND n.version IS NOT NULL)
                AND e.version >= ifnull(j.current_version, '')
        FROM entries e JOIN jobs j ON j.num = e.job WHERE e.version IS NOT NULL";
    let mut statement = db.prepare(NAMED)?;
    let rows = statement
        .query_map([], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?, row.get(4)?)))?;
    let rows: Vec<(String, String, String, String, bool)> = rows.collect::<rusqlite::Result<_>>()?;
    let lies = rows.into_iter().filter_map(|(agent, database, version, digest, is_newest)| {
        let folder = version_folder(site, &agent, &database, &version);
        let found = if folder.is_dir() || is_newest { digest_of(&folder) } else { return None };
        (found.as_ref() != Ok(&digest)).then(|| {
            Invariant::GoodHasBytes
                .broken(format!("an entry of {agent}/{database} names {version}: {found:?}"))
        })
    });
    Ok(lies.collect())
}

/// The SHA-256 of the dump in a version's folder.
fn digest_of(version: &std::path::Path) -> Result<String, String> {
    let read = |name: &str| fs::read(version.join(name)).map_err(|error| format!("{name}: {error}"));
    let sums = String::from_utf8(read("SHA256SUMS")?).map_err(|error| error.to_string())?;
    let (_, name) = sums.trim_end().split_once("  ").ok_or("SHA256SUMS says nothing")?;
    read(name).map(|bytes| Digest::of(&bytes).to_string())
}

/// The version that the state believes in lies on the disk. Whether it is whole is looked at with all versions.
fn current_is_there(db: &Connection, site: &Site) -> Found {
    let missing = |(agent, database, version): &(String, String, String)| {
        !version_folder(site, agent, database, version).is_dir()
    };
    let current =
        named(db, "SELECT agent, database, current_version FROM jobs WHERE current_version IS NOT NULL")?;
    Ok(current
        .into_iter()
        .filter(missing)
        .map(|(agent, database, version)| {
            Invariant::GoodHasBytes.broken(format!("{agent}/{database} has no version {version}"))
        })
        .collect())
}

fn named(db: &Connection, query: &str) -> rusqlite::Result<Vec<(String, String, String)>> {
    let mut statement = db.prepare(query)?;
    statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))?.collect()
}

fn version_folder(site: &Site, agent: &str, database: &str, version: &str) -> std::path::PathBuf {
    site.path("validated").join(agent).join(database).join("versions").join(version)
}

/// The state knows the versions that there are, and no other.
fn versions_agree(db: &Connection, site: &Site) -> Found {
    let known = named(
        db,
        "SELECT j.agent, j.database, v.name FROM versions v JOIN jobs j ON j.num = v.job WHERE v.damaged = 0",
    )?;
    let gone =
        known.iter().filter(|(agent, database, name)| !version_folder(site, agent, database, name).is_dir());
    Ok(gone
        .map(|(agent, database, name)| {
            Invariant::GoodHasBytes
                .broken(format!("the version {name} of {agent}/{database} is not on the disk"))
        })
        .collect())
}
