//! Incidents, open and resolved.

use rusqlite::{Connection, OptionalExtension, Result, Row, params};

use super::errors::refusal;
use super::jobs::number;
use super::values::{Columns, Micros, Worded, time};
use crate::domain::incident::{Acknowledgement, IncidentChange, Subject};
use crate::domain::{AgentId, Incident, JobId, Severity, Time};

const SELECT: &str =
    "SELECT i.id, i.kind, i.agent, j.id, i.database, i.severity, i.cause, i.message, i.opened_at,
    i.changed_at, i.resolved_at, i.ack_who, i.ack_why, i.ack_at, i.ack_until
    FROM incidents AS i LEFT JOIN jobs AS j ON j.num = i.job";

fn row(row: &Row<'_>) -> Result<Incident> {
    let mut columns = Columns::of(row);
    let columns = &mut columns;
    Ok(Incident {
        id: columns.take()?,
        subject: Subject {
            kind: columns.word()?,
            agent: columns.take()?,
            job: columns.take::<Option<String>>()?.map(JobId::from_text),
        },
        database: columns.take()?,
        severity: columns.word()?,
        cause: columns.take()?,
        message: columns.take()?,
        opened_at: columns.time()?,
        changed_at: columns.time()?,
        resolved_at: columns.time_or_none()?,
        acknowledged: acknowledgement(columns)?,
    })
}

fn acknowledgement(columns: &mut Columns<'_>) -> Result<Option<Acknowledgement>> {
    let Some(who) = columns.take()? else {
        columns.skip(3);
        return Ok(None);
    };
    Ok(Some(Acknowledgement {
        who,
        why: columns.take()?,
        at: columns.time()?,
        until: columns.time_or_none()?,
    }))
}

pub(super) fn select(db: &Connection, resolved_since: Option<Time>) -> Result<Vec<Incident>> {
    let open = format!("{SELECT} WHERE i.resolved_at IS NULL");
    match resolved_since {
        None => db.prepare_cached(&format!("{open} ORDER BY i.id"))?.query_map([], row)?.collect(),
        // Two halves, each by its own index.
        Some(since) => db
            .prepare_cached(&format!("{open} UNION ALL {SELECT} WHERE i.resolved_at >= ?1 ORDER BY 1"))?
            .query_map(params![Micros(since)], row)?
            .collect(),
    }
}

pub(super) fn by_id(db: &Connection, ids: &[i64]) -> Result<Vec<Incident>> {
    let ids = serde_json::Value::from(ids).to_string();
    db.prepare_cached(&format!("{SELECT} WHERE i.id IN (SELECT value FROM json_each(?1)) ORDER BY i.id"))?
        .query_map(params![ids], row)?
        .collect()
}

pub(super) fn change(db: &Connection, change: &IncidentChange) -> Result<()> {
    match change {
        IncidentChange::Raise { subject, database, severity, cause, message, at } => {
            match open_one(db, subject)? {
                None => open(db, subject, database.as_deref(), *severity, cause.as_deref(), message, *at),
                Some((id, known)) if known == *cause => reword(db, id, message),
                Some((id, _)) => alter(db, id, *severity, cause.as_deref(), message, *at),
            }
        }
        IncidentChange::Resolve { subject, at } => match open_one(db, subject)? {
            None => Ok(()),
            Some((id, _)) => resolve(db, id, *at),
        },
    }
}

/// Resolves the problems of an agent itself, not those of its jobs.
pub(super) fn resolve_agent(db: &Connection, agent: &AgentId, at: Time) -> Result<()> {
    db.execute(
        "UPDATE incidents SET resolved_at = ?2 WHERE agent = ?1 AND job IS NULL AND resolved_at IS NULL",
        params![agent.as_str(), Micros(at)],
    )?;
    Ok(())
}

/// Id and cause of the subject's open incident.
fn open_one(db: &Connection, subject: &Subject) -> Result<Option<(i64, Option<String>)>> {
    db.prepare_cached(
        "SELECT id, cause FROM incidents
         WHERE kind = ?1 AND ifnull(agent, '') = ifnull(?2, '') AND ifnull(job, 0) = ifnull(?3, 0)
             AND resolved_at IS NULL",
    )?
    .query_row(params![Worded(subject.kind), subject.agent, job_number(db, subject)?], |row| {
        Ok((row.get(0)?, row.get(1)?))
    })
    .optional()
}

fn job_number(db: &Connection, subject: &Subject) -> Result<Option<i64>> {
    subject.job.as_ref().map(|job| number(db, job)).transpose()
}

fn open(
    db: &Connection,
    subject: &Subject,
    database: Option<&str>,
    severity: Severity,
    cause: Option<&str>,
    message: &str,
    at: Time,
) -> Result<()> {
    db.prepare_cached(
        "INSERT INTO incidents (kind, agent, job, database, severity, cause, message, opened_at, changed_at)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?8)",
    )?
    .execute(params![
        Worded(subject.kind),
        subject.agent,
        job_number(db, subject)?,
        database,
        Worded(severity),
        cause,
        message,
        Micros(at),
    ])?;
    Ok(())
}

fn reword(db: &Connection, id: i64, message: &str) -> Result<()> {
    db.prepare_cached("UPDATE incidents SET message = ?2 WHERE id = ?1")?.execute(params![id, message])?;
    Ok(())
}

fn alter(
    db: &Connection,
    id: i64,
    severity: Severity,
    cause: Option<&str>,
    message: &str,
    at: Time,
) -> Result<()> {
    db.prepare_cached(
        "UPDATE incidents SET severity = ?2, cause = ?3, message = ?4, changed_at = ?5 WHERE id = ?1",
    )?
    .execute(params![id, Worded(severity), cause, message, Micros(at)])?;
    Ok(())
}

fn resolve(db: &Connection, id: i64, at: Time) -> Result<()> {
    db.prepare_cached("UPDATE incidents SET resolved_at = ?2 WHERE id = ?1")?
        .execute(params![id, Micros(at)])?;
    Ok(())
}

/// `None` takes an acknowledgement back.
pub(super) fn acknowledge(db: &Connection, id: i64, acknowledgement: Option<&Acknowledgement>) -> Result<()> {
    let ack = acknowledgement;
    let updated = db.execute(
        "UPDATE incidents SET ack_who = ?2, ack_why = ?3, ack_at = ?4, ack_until = ?5 WHERE id = ?1",
        params![
            id,
            ack.map(|ack| &ack.who),
            ack.map(|ack| &ack.why),
            time(ack.map(|ack| ack.at)),
            time(ack.and_then(|ack| ack.until)),
        ],
    )?;
    if updated == 0 {
        return Err(refusal(format!("incident {id} is not known")));
    }
    Ok(())
}

/// Deletes what was resolved before, but not what somebody was told as bad and still waits to be told as resolved.
pub(super) fn prune(db: &Connection, before: Time) -> Result<()> {
    db.execute(
        "DELETE FROM incidents WHERE resolved_at < ?1
         AND id NOT IN (SELECT incident FROM told WHERE resolved = 0)
         AND id NOT IN (SELECT item.incident FROM mails JOIN mail_items AS item ON item.mail = mails.id
                        WHERE mails.sent_at IS NULL)",
        params![Micros(before)],
    )?;
    Ok(())
}
