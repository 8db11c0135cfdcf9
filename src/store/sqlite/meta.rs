//! What the state says of itself: its mark, scans, and the log of changes.

use rusqlite::{Connection, OptionalExtension, Result, params};

use super::errors::refusal;
use super::values::{Columns, Micros};
use crate::domain::Time;
use crate::store::{AuditLine, BegunScan, Meta, ScanMark};

pub(super) fn read(db: &Connection) -> Result<Meta> {
    let last_scan = db
        .prepare_cached(
            "SELECT id, started_at, finished_at FROM scans WHERE finished_at IS NOT NULL ORDER BY id DESC LIMIT 1",
        )?
        .query_row([], |row| {
            let mut columns = Columns::of(row);
            Ok(ScanMark { id: columns.take()?, started_at: columns.time()?, finished_at: columns.time()? })
        })
        .optional()?;
    db.prepare_cached("SELECT created_at, fixed_clock, last_check_at, last_heartbeat_at FROM meta")?
        .query_row([], |row| {
            let mut columns = Columns::of(row);
            Ok(Meta {
                created_at: columns.time()?,
                fixed_clock: columns.take()?,
                last_scan,
                last_check_at: columns.time_or_none()?,
                last_heartbeat_at: columns.time_or_none()?,
            })
        })
}

pub(super) fn begin_scan(db: &Connection, started_at: Time) -> Result<i64> {
    db.execute("INSERT INTO scans (started_at) VALUES (?1)", params![Micros(started_at)])?;
    Ok(db.last_insert_rowid())
}

pub(super) fn finish_scan(db: &Connection, id: i64, finished_at: Time) -> Result<()> {
    match db.execute("UPDATE scans SET finished_at = ?2 WHERE id = ?1", params![id, Micros(finished_at)])? {
        0 => Err(refusal(format!("scan {id} was never begun"))),
        _ => Ok(()),
    }
}

/// Its number is not given again.
pub(super) fn forget_scan(db: &Connection, id: i64) -> Result<()> {
    match db.execute("DELETE FROM scans WHERE id = ?1 AND finished_at IS NULL", params![id])? {
        0 => Err(refusal(format!("scan {id} was never begun, or is finished"))),
        _ => Ok(()),
    }
}

pub(super) fn scans_from(db: &Connection, id: i64) -> Result<Vec<BegunScan>> {
    let mut query =
        db.prepare_cached("SELECT id, started_at, finished_at FROM scans WHERE id >= ?1 ORDER BY id")?;
    let rows = query.query_map(params![id], |row| {
        let mut columns = Columns::of(row);
        Ok(BegunScan {
            id: columns.take()?,
            started_at: columns.time()?,
            finished_at: columns.time_or_none()?,
        })
    })?;
    rows.collect()
}

pub(super) fn note_check(db: &Connection, at: Time) -> Result<()> {
    db.execute("UPDATE meta SET last_check_at = ?1", params![Micros(at)]).map(drop)
}

pub(super) fn note_heartbeat(db: &Connection, at: Time) -> Result<()> {
    db.execute("UPDATE meta SET last_heartbeat_at = ?1", params![Micros(at)]).map(drop)
}

pub(super) fn add_audit(db: &Connection, line: &AuditLine) -> Result<()> {
    db.prepare_cached("INSERT INTO audit (at, who, what, target, why) VALUES (?1, ?2, ?3, ?4, ?5)")?
        .execute(params![Micros(line.at), line.who, line.what, line.target, line.why])?;
    Ok(())
}

pub(super) fn audit(db: &Connection, limit: usize) -> Result<Vec<AuditLine>> {
    let limit = i64::try_from(limit).unwrap_or(i64::MAX);
    let mut query =
        db.prepare_cached("SELECT at, who, what, target, why FROM audit ORDER BY id DESC LIMIT ?1")?;
    let lines = query.query_map(params![limit], |row| {
        let mut columns = Columns::of(row);
        Ok(AuditLine {
            at: columns.time()?,
            who: columns.take()?,
            what: columns.take()?,
            target: columns.take()?,
            why: columns.take()?,
        })
    })?;
    let mut newest_first: Vec<_> = lines.collect::<Result<_>>()?;
    newest_first.reverse();
    Ok(newest_first)
}

/// Forgets scans that began before, but never the newest finished one, by which everything is known to be fresh.
pub(super) fn prune(db: &Connection, before: Time) -> Result<()> {
    db.execute(
        "DELETE FROM scans WHERE started_at < ?1
         AND id < (SELECT max(id) FROM scans WHERE finished_at IS NOT NULL)",
        params![Micros(before)],
    )
    .map(drop)
}
