//! Agents, and the report files that were seen of them.

use rusqlite::{Connection, OptionalExtension, Result, Row, params};

use super::entries::json_list;
use super::errors::refusal;
use super::values::{Columns, Micros, PathBytes, Unsigned, Worded, sha, time};
use crate::domain::{AgentId, Digest, JobId, Time};
use crate::store::{Agent, ReportRecord};

pub(super) fn all(db: &Connection) -> Result<Vec<Agent>> {
    let mut query = db.prepare_cached(
        "SELECT id, root, first_seen, last_report_at, log_mtime, dumps, dumps_changed_at FROM agents ORDER BY id",
    )?;
    let agents = query.query_map([], |row| {
        let mut columns = Columns::of(row);
        Ok(Agent {
            id: columns.agent()?,
            root: columns.path()?,
            first_seen: columns.time()?,
            last_report_at: columns.time_or_none()?,
            log_mtime: columns.take()?,
            dumps: columns.digest_or_none()?.zip(columns.time_or_none()?),
        })
    })?;
    agents.collect()
}

pub(super) fn put(db: &Connection, agent: &Agent) -> Result<()> {
    let (dumps, changed) = agent.dumps.as_ref().map(|(dumps, changed)| (dumps, *changed)).unzip();
    db.prepare_cached(
        "INSERT INTO agents (id, root, first_seen, last_report_at, log_mtime, dumps, dumps_changed_at)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)
         ON CONFLICT (id) DO UPDATE SET root = excluded.root, first_seen = excluded.first_seen,
             last_report_at = excluded.last_report_at, log_mtime = excluded.log_mtime,
             dumps = excluded.dumps, dumps_changed_at = excluded.dumps_changed_at",
    )?
    .execute(params![
        agent.id.as_str(),
        PathBytes(&agent.root),
        Micros(agent.first_seen),
        time(agent.last_report_at),
        agent.log_mtime,
        sha(dumps),
        time(changed),
    ])?;
    Ok(())
}

/// Renames the agent alone; its jobs are renamed one by one.
pub(super) fn rename(db: &Connection, from: &AgentId, to: &AgentId) -> Result<()> {
    db.execute("UPDATE agents SET id = ?2 WHERE id = ?1", params![from.as_str(), to.as_str()])?;
    db.execute("UPDATE incidents SET agent = ?2 WHERE agent = ?1", params![from.as_str(), to.as_str()])?;
    Ok(())
}

pub(super) fn is_known(db: &Connection, agent: &AgentId) -> Result<bool> {
    db.prepare_cached("SELECT 1 FROM agents WHERE id = ?1")?.exists(params![agent.as_str()])
}

const REPORT: &str = "SELECT r.id, a.id, r.file, r.content, r.device, r.inode, r.size, r.mtime, r.ctime,
    r.first_seen, r.received_at, r.state, r.reason FROM reports AS r JOIN agents AS a ON a.num = r.agent";

fn report_row(row: &Row<'_>) -> Result<ReportRecord> {
    let mut columns = Columns::of(row);
    Ok(ReportRecord {
        id: columns.take()?,
        agent: columns.agent()?,
        file: columns.take()?,
        content: columns.digest_or_none()?,
        identity: columns.identity()?,
        first_seen: columns.time()?,
        received_at: columns.time()?,
        state: columns.word()?,
        reason: columns.take()?,
    })
}

pub(super) fn reports_of(db: &Connection, agent: &AgentId) -> Result<Vec<ReportRecord>> {
    let mut query = db.prepare_cached(&format!("{REPORT} WHERE a.id = ?1 ORDER BY r.id"))?;
    query.query_map(params![agent.as_str()], report_row)?.collect()
}

pub(super) fn reports_named(db: &Connection, agent: &AgentId, files: &[&str]) -> Result<Vec<ReportRecord>> {
    let mut query = db.prepare_cached(&format!(
        "{REPORT} WHERE a.id = ?1 AND r.file IN (SELECT value FROM json_each(?2)) ORDER BY r.id"
    ))?;
    query.query_map(params![agent.as_str(), json_list(files.iter().copied())], report_row)?.collect()
}

pub(super) fn reports_with_content(
    db: &Connection,
    agent: &AgentId,
    content: &Digest,
) -> Result<Vec<ReportRecord>> {
    let mut query =
        db.prepare_cached(&format!("{REPORT} WHERE a.id = ?1 AND r.content = ?2 ORDER BY r.id"))?;
    query.query_map(params![agent.as_str(), sha(Some(content))], report_row)?.collect()
}

pub(super) fn open_reports(db: &Connection) -> Result<Vec<ReportRecord>> {
    let mut query =
        db.prepare_cached(&format!("{REPORT} WHERE r.state = 'open' ORDER BY r.received_at, r.id"))?;
    query.query_map([], report_row)?.collect()
}

pub(super) fn report(db: &Connection, id: i64) -> Result<Option<ReportRecord>> {
    db.prepare_cached(&format!("{REPORT} WHERE r.id = ?1"))?.query_row(params![id], report_row).optional()
}

pub(super) fn report_contents(db: &Connection, since: Time) -> Result<Vec<Digest>> {
    let mut query = db.prepare_cached(
        "SELECT DISTINCT content FROM reports WHERE received_at >= ?1 AND content IS NOT NULL",
    )?;
    query.query_map(params![Micros(since)], |row| Columns::of(row).digest())?.collect()
}

pub(super) fn jobs_judged_from(db: &Connection, report: i64) -> Result<Vec<JobId>> {
    let mut query = db.prepare_cached(
        "SELECT DISTINCT j.id FROM entries AS e JOIN jobs AS j ON j.num = e.job WHERE e.report_id = ?1 ORDER BY j.id",
    )?;
    query.query_map(params![report], |row| Columns::of(row).job_id())?.collect()
}

/// Inserts or updates, and gives the id. What is inserted although it is there already (same agent, file, content and mtime)
/// replaces that row and keeps its id and its first sight.
pub(super) fn put_report(db: &Connection, report: &ReportRecord) -> Result<i64> {
    if report.id != 0 {
        return update_report(db, report);
    }
    if !is_known(db, &report.agent)? {
        return Err(refusal(format!("agent `{}` of report `{}` is not known", report.agent, report.file)));
    }
    let identity = &report.identity;
    db.prepare_cached(
        "INSERT INTO reports (agent, file, content, device, inode, size, mtime, ctime, first_seen, received_at,
             state, reason)
         VALUES ((SELECT num FROM agents WHERE id = ?1), ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12)
         ON CONFLICT (agent, file, content, mtime) DO UPDATE SET device = excluded.device, inode = excluded.inode,
             size = excluded.size, ctime = excluded.ctime,
             state = excluded.state, reason = excluded.reason
         RETURNING id",
    )?
    .query_row(
        params![
            report.agent.as_str(),
            report.file,
            sha(report.content.as_ref()),
            Unsigned(identity.device),
            Unsigned(identity.inode),
            Unsigned(identity.size),
            identity.mtime,
            identity.ctime,
            Micros(report.first_seen),
            Micros(report.received_at),
            Worded(report.state),
            report.reason,
        ],
        |row| row.get(0),
    )
}

/// Whether another row stands for the same report.
fn is_known_otherwise(db: &Connection, report: &ReportRecord) -> Result<bool> {
    db.prepare_cached(
        "SELECT 1 FROM reports
         WHERE agent = (SELECT num FROM agents WHERE id = ?1) AND file = ?2 AND content = ?3 AND mtime = ?4
             AND id != ?5",
    )?
    .exists(params![
        report.agent.as_str(),
        report.file,
        sha(report.content.as_ref()),
        report.identity.mtime,
        report.id,
    ])
}

/// A row begun while the file was arriving, whose content turns out to be known, gives way to the row that knows it.
fn update_report(db: &Connection, report: &ReportRecord) -> Result<i64> {
    if is_known_otherwise(db, report)? {
        db.prepare_cached("DELETE FROM reports WHERE id = ?1 AND state = 'arriving'")?
            .execute(params![report.id])?;
        return put_report(db, &ReportRecord { id: 0, ..report.clone() });
    }
    let identity = &report.identity;
    let updated = db
        .prepare_cached(
            "UPDATE reports SET content = ?2, device = ?3, inode = ?4, size = ?5, mtime = ?6, ctime = ?7,
                 first_seen = ?8, received_at = ?9, state = ?10, reason = ?11
             WHERE id = ?1",
        )?
        .execute(params![
            report.id,
            sha(report.content.as_ref()),
            Unsigned(identity.device),
            Unsigned(identity.inode),
            Unsigned(identity.size),
            identity.mtime,
            identity.ctime,
            Micros(report.first_seen),
            Micros(report.received_at),
            Worded(report.state),
            report.reason,
        ])?;
    if updated == 0 {
        return Err(refusal(format!("report {} is not known", report.id)));
    }
    Ok(report.id)
}
