//! The history. It is the one table that grows for ever: no query here may read it without an index.

use rusqlite::types::ToSql;
use rusqlite::{Connection, OptionalExtension, Result, Row, params, params_from_iter};

use super::jobs::{given, number};
use super::values::{Columns, Micros, Reported, Sha, Worded, sha, time, unsigned, warnings_json};
use crate::domain::entry::AgentSeconds;
use crate::domain::{Digest, Entry, JobId, Time};
use crate::store::EntryFilter;

const COLUMNS: &str =
    "e.id, j.id, e.status, e.cause, e.message, e.warnings, ifnull(e.report, r.file), e.report_id,
    e.report_time, e.judged_at, e.cycle, e.sha256, e.size_bytes, e.reported_size, e.reported_sha256, e.superseded, e.version,
    e.backup_seconds, e.compress_seconds, e.transfer_seconds, e.content_bytes, k.name, e.hold";

/// The left joins keep the history the outer loop, so that its index gives the order and a limit ends the search.
const JOINS: &str = "LEFT JOIN jobs AS j ON j.num = e.job LEFT JOIN reports AS r ON r.id = e.report_id
    LEFT JOIN kinds AS k ON k.num = e.kind";

/// `report` is the id of the unit's report, which an entry's `Some(0)` means.
pub(super) fn add(db: &Connection, entry: &Entry, report: Option<i64>) -> Result<()> {
    let report = entry.report_id.map(|id| given(id, report)).transpose()?;
    db.prepare_cached(
        "INSERT INTO entries (job, status, cause, message, warnings, report, report_id, report_time, judged_at, cycle,
             sha256, size_bytes, reported_size, reported_sha256, superseded, version, backup_seconds, compress_seconds,
             transfer_seconds, content_bytes, kind, hold)
         VALUES (?1, ?2, ?3, ?4, ?5, nullif(?6, (SELECT file FROM reports WHERE id = ?7)), ?7, ?8, ?9, ?10, ?11, ?12,
             ?13, ?14, ?15, ?16, ?17, ?18, ?19, ?20, ?21, ?22)",
    )?
    .execute(params![
        number(db, &entry.job)?,
        entry.status.map(Worded),
        entry.cause.map(Worded),
        entry.message,
        warnings_json(&entry.warnings)?,
        entry.report,
        report,
        time(entry.report_time),
        Micros(entry.judged_at),
        time(entry.cycle),
        sha(entry.sha256.as_ref()),
        unsigned(entry.size_bytes),
        unsigned(entry.reported_size),
        entry.reported_sha256.as_deref().map(Reported),
        entry.superseded,
        entry.version,
        unsigned(entry.agent_seconds.backup),
        unsigned(entry.agent_seconds.compress),
        unsigned(entry.agent_seconds.transfer),
        unsigned(entry.content_bytes),
        entry.kind.as_deref().map(|kind| kind_number(db, kind)).transpose()?,
        entry.hold.map(Worded),
    ])?;
    Ok(())
}

fn kind_number(db: &Connection, kind: &str) -> Result<i64> {
    let known = db
        .prepare_cached("SELECT num FROM kinds WHERE name = ?1")?
        .query_row(params![kind], |row| row.get(0))
        .optional()?;
    match known {
        Some(number) => Ok(number),
        None => {
            db.prepare_cached("INSERT INTO kinds (name) VALUES (?1)")?.execute(params![kind])?;
            Ok(db.last_insert_rowid())
        }
    }
}

fn row(row: &Row<'_>) -> Result<Entry> {
    let mut columns = Columns::of(row);
    Ok(Entry {
        id: columns.take()?,
        job: columns.job_id()?,
        status: columns.word_or_none()?,
        cause: columns.word_or_none()?,
        message: columns.take()?,
        warnings: columns.json_or_default()?,
        report: columns.take()?,
        report_id: columns.take()?,
        report_time: columns.time_or_none()?,
        judged_at: columns.time()?,
        cycle: columns.time_or_none()?,
        sha256: columns.digest_or_none()?,
        size_bytes: columns.unsigned_or_none()?,
        reported_size: columns.unsigned_or_none()?,
        reported_sha256: columns.reported()?,
        superseded: columns.take()?,
        version: columns.take()?,
        agent_seconds: AgentSeconds {
            backup: columns.unsigned_or_none()?,
            compress: columns.unsigned_or_none()?,
            transfer: columns.unsigned_or_none()?,
        },
        content_bytes: columns.unsigned_or_none()?,
        kind: columns.take()?,
        hold: columns.word_or_none()?,
    })
}

/// A query and what is bound to it.
struct Query {
    sql: String,
    values: Vec<Box<dyn ToSql>>,
}

fn query(filter: &EntryFilter) -> Query {
    let mut values: Vec<Box<dyn ToSql>> = Vec::new();
    let mut bind = |value: Box<dyn ToSql>| {
        values.push(value);
        values.len()
    };
    let mut conditions = Vec::new();
    let index = match filter.jobs.as_deref() {
        None => "entries_by_time",
        Some([job]) => {
            let n = bind(Box::new(job.as_str().to_owned()));
            conditions.push(format!("e.job = (SELECT num FROM jobs WHERE id = ?{n})"));
            "entries_by_job"
        }
        Some(jobs) => {
            let n = bind(Box::new(json_list(jobs.iter().map(JobId::as_str))));
            conditions.push(format!(
                "e.job IN (SELECT num FROM jobs WHERE id IN (SELECT value FROM json_each(?{n})))"
            ));
            "entries_by_job"
        }
    };
    if let Some(since) = filter.since {
        let n = bind(Box::new(Micros(since)));
        conditions.push(format!("e.judged_at >= ?{n}"));
    }
    if !filter.status.is_empty() {
        let n = bind(Box::new(json_list(filter.status.iter().map(|status| status.word()))));
        conditions.push(format!("e.status IN (SELECT value FROM json_each(?{n}))"));
    }
    let conditions =
        if conditions.is_empty() { String::new() } else { format!("WHERE {}", conditions.join(" AND ")) };
    let n = bind(Box::new(filter.limit.map_or(-1, |limit| i64::try_from(limit).unwrap_or(-1))));
    let sql = format!(
        "SELECT {COLUMNS} FROM entries AS e INDEXED BY {index} {JOINS} {conditions}
         ORDER BY e.judged_at DESC, e.id DESC LIMIT ?{n}"
    );
    Query { sql, values }
}

/// One bound value for a list of any length, so that the statement stays the same.
pub(super) fn json_list<'a>(words: impl Iterator<Item = &'a str>) -> String {
    words.collect::<serde_json::Value>().to_string()
}

pub(super) fn select(db: &Connection, filter: &EntryFilter) -> Result<Vec<Entry>> {
    let mut newest_first = Vec::new();
    for_each(db, filter, |entry| newest_first.push(entry))?;
    newest_first.reverse();
    Ok(newest_first)
}

/// Newest first, one at a time: a year of all jobs is more than memory should hold.
pub(super) fn for_each(db: &Connection, filter: &EntryFilter, mut take: impl FnMut(Entry)) -> Result<()> {
    let Query { sql, values } = query(filter);
    let mut statement = db.prepare_cached(&sql)?;
    for entry in statement.query_map(params_from_iter(values), row)? {
        take(entry?);
    }
    Ok(())
}

pub(super) fn judged_before(db: &Connection, job: &JobId, sha256: &Digest) -> Result<bool> {
    db.prepare_cached(
        "SELECT 1 FROM entries INDEXED BY entries_by_job
         WHERE job = (SELECT num FROM jobs WHERE id = ?1) AND sha256 = ?2 LIMIT 1",
    )?
    .exists(params![job.as_str(), Sha(sha256)])
}

/// Good ones, as [`Entry::is_good`] says.
const GOOD: &str = "e.status IN ('SUCCESS', 'UNCHANGED') AND e.superseded = 0 AND e.hold IS NOT 'held'";

pub(super) fn good(db: &Connection, job: &JobId, limit: usize) -> Result<Vec<Entry>> {
    newest_of_job(db, GOOD, job, limit)
}

pub(super) fn held(db: &Connection, job: &JobId, limit: usize) -> Result<Vec<Entry>> {
    // By the order in which they were judged: the clock may have been set back since.
    let since_good = format!(
        "e.hold = 'held' AND e.id > ifnull((SELECT max(e.id) FROM entries AS e INDEXED BY entries_by_job
             WHERE e.job = (SELECT num FROM jobs WHERE id = ?1) AND {GOOD}), 0)"
    );
    newest_of_job(db, &since_good, job, limit)
}

/// Newest first.
fn newest_of_job(db: &Connection, condition: &str, job: &JobId, limit: usize) -> Result<Vec<Entry>> {
    let limit = i64::try_from(limit).unwrap_or(i64::MAX);
    db.prepare_cached(&format!(
        "SELECT {COLUMNS} FROM entries AS e INDEXED BY entries_by_job {JOINS}
         WHERE e.job = (SELECT num FROM jobs WHERE id = ?1) AND {condition}
         ORDER BY e.judged_at DESC, e.id DESC LIMIT ?2"
    ))?
    .query_map(params![job.as_str(), limit], row)?
    .collect()
}

pub(super) fn accept(db: &Connection, entry: i64) -> Result<()> {
    db.prepare_cached("UPDATE entries SET hold = 'accepted' WHERE id = ?1 AND hold = 'held'")?
        .execute(params![entry])?;
    Ok(())
}

/// Deletes what was judged before, but never a job's newest entry: a job that has a status keeps its reason.
pub(super) fn prune(db: &Connection, before: Time) -> Result<usize> {
    db.execute(
        "DELETE FROM entries WHERE judged_at < ?1 AND id <> (
             SELECT newest.id FROM entries AS newest INDEXED BY entries_by_job
             WHERE newest.job = entries.job ORDER BY newest.judged_at DESC, newest.id DESC LIMIT 1)",
        params![Micros(before)],
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::Status;
    use crate::store::sqlite::open::{self, Birth};

    /// How `SQLite` would run it, one step per line.
    fn plan(db: &Connection, filter: &EntryFilter) -> String {
        let Query { sql, values } = query(filter);
        let mut explained = db.prepare(&format!("EXPLAIN QUERY PLAN {sql}")).unwrap();
        let steps = explained.query_map(params_from_iter(values), |row| row.get::<_, String>(3)).unwrap();
        steps.map(Result::unwrap).collect::<Vec<_>>().join("\n")
    }

    #[test]
    fn the_history_is_only_read_through_an_index_and_only_sorted_for_several_jobs() {
        let db = open::in_memory(Birth { at: Time::UNIX_EPOCH, fixed_clock: true }).unwrap();
        let job = |n: &str| JobId::from_text(n);
        let since = Some(Time::default());
        for (jobs, since, status, index, sorted) in [
            (Some(vec![job("a")]), None, vec![], "entries_by_job (job=?)", false),
            (
                Some(vec![job("a")]),
                since,
                vec![Status::Failed],
                "entries_by_job (job=? AND judged_at>?)",
                false,
            ),
            (Some(vec![job("a"), job("b")]), None, vec![], "entries_by_job (job=?)", true),
            (None, since, vec![], "entries_by_time (judged_at>?)", false),
            (None, None, vec![], "SCAN e USING INDEX entries_by_time", false),
        ] {
            let plan = plan(&db, &EntryFilter { jobs, since, status, limit: Some(30) });
            assert!(plan.lines().any(|step| step.contains(index)), "{index}:\n{plan}");
            assert_eq!(plan.contains("TEMP B-TREE"), sorted, "{plan}");
            assert_eq!(plan.matches("SCAN e").count(), usize::from(index.starts_with("SCAN")), "{plan}");
        }
    }
}
