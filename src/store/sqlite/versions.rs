//! The versions that the state believes to be on the disk.

use rusqlite::{Connection, Result, Row, params};

use super::jobs::number;
use super::values::{Columns, Micros, Sha, Unsigned, unsigned, warnings_json};
use crate::domain::forecast::Holdings;
use crate::domain::{JobId, Time, Version};

const SELECT: &str = "SELECT j.id, v.name, v.file_name, v.report_time, v.promoted_at, v.sha256, v.size_bytes,
    v.content_bytes, v.warnings, v.pinned, v.held, v.damaged, v.verified_at
    FROM versions AS v JOIN jobs AS j ON j.num = v.job";

fn row(row: &Row<'_>) -> Result<Version> {
    let mut columns = Columns::of(row);
    Ok(Version {
        job: columns.job_id()?,
        name: columns.take()?,
        file_name: columns.take()?,
        report_time: columns.time()?,
        promoted_at: columns.time()?,
        sha256: columns.digest()?,
        size_bytes: columns.unsigned()?,
        content_bytes: columns.unsigned_or_none()?,
        warnings: columns.json_or_default()?,
        pinned: columns.take()?,
        held: columns.take()?,
        damaged: columns.take()?,
        verified_at: columns.time()?,
    })
}

pub(super) fn select(db: &Connection, job: Option<&JobId>) -> Result<Vec<Version>> {
    match job {
        Some(job) => db
            .prepare_cached(&format!("{SELECT} WHERE j.id = ?1 ORDER BY v.report_time, v.name"))?
            .query_map(params![job.as_str()], row)?
            .collect(),
        None => db
            .prepare_cached(&format!("{SELECT} ORDER BY v.report_time, j.id, v.name"))?
            .query_map([], row)?
            .collect(),
    }
}

/// From an index alone: there are hundreds of thousands of versions.
pub(super) fn holdings(db: &Connection, since: Time) -> Result<Holdings> {
    db.prepare_cached(
        "SELECT coalesce(sum(size_bytes), 0), coalesce(sum(size_bytes) FILTER (WHERE promoted_at > ?1), 0),
             min(promoted_at) FROM versions",
    )?
    .query_row([Micros(since)], |row| {
        let mut columns = Columns::of(row);
        Ok(Holdings {
            bytes: columns.unsigned()?,
            lately: columns.unsigned()?,
            oldest: columns.time_or_none()?,
        })
    })
}

pub(super) fn put(db: &Connection, version: &Version) -> Result<()> {
    db.prepare_cached(
        "INSERT INTO versions (job, name, file_name, report_time, promoted_at, sha256, size_bytes, content_bytes,
             warnings, pinned, held, damaged, verified_at)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13)
         ON CONFLICT (job, name) DO UPDATE SET file_name = excluded.file_name, report_time = excluded.report_time,
             promoted_at = excluded.promoted_at, sha256 = excluded.sha256, size_bytes = excluded.size_bytes,
             content_bytes = excluded.content_bytes, warnings = excluded.warnings, pinned = excluded.pinned,
             held = excluded.held, damaged = excluded.damaged, verified_at = excluded.verified_at",
    )?
    .execute(params![
        number(db, &version.job)?,
        version.name,
        version.file_name,
        Micros(version.report_time),
        Micros(version.promoted_at),
        Sha(&version.sha256),
        Unsigned(version.size_bytes),
        unsigned(version.content_bytes),
        warnings_json(&version.warnings)?,
        version.pinned,
        version.held,
        version.damaged,
        Micros(version.verified_at),
    ])?;
    Ok(())
}

pub(super) fn remove(db: &Connection, job: &JobId, name: &str) -> Result<()> {
    db.prepare_cached("DELETE FROM versions WHERE job = ?1 AND name = ?2")?
        .execute(params![number(db, job)?, name])?;
    Ok(())
}
