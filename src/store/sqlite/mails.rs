//! The outbox, and what each recipient has been told.

use rusqlite::{Connection, Result, Row, params};

use super::errors::refusal;
use super::values::{Columns, Micros, Worded, time};
use crate::domain::Time;
use crate::store::{FrozenMail, MailItem, MailKind, Told};

fn row(row: &Row<'_>) -> Result<FrozenMail> {
    let mut columns = Columns::of(row);
    Ok(FrozenMail {
        id: columns.take()?,
        recipient: columns.take()?,
        kind: columns.word()?,
        message_id: columns.take()?,
        bytes: columns.take()?,
        items: Vec::new(),
        created_at: columns.time()?,
        attempts: columns.take()?,
        next_attempt_at: columns.time()?,
        last_error: columns.take()?,
        sent_at: columns.time_or_none()?,
    })
}

fn with_items(db: &Connection, mut mails: Vec<FrozenMail>) -> Result<Vec<FrozenMail>> {
    let mut query =
        db.prepare_cached("SELECT incident, news, cause FROM mail_items WHERE mail = ?1 ORDER BY position")?;
    for mail in &mut mails {
        let items = query.query_map(params![mail.id], |row| {
            let mut columns = Columns::of(row);
            Ok(MailItem { incident: columns.take()?, news: columns.word()?, cause: columns.take()? })
        })?;
        mail.items = items.collect::<Result<_>>()?;
    }
    Ok(mails)
}

pub(super) fn waiting(db: &Connection) -> Result<Vec<FrozenMail>> {
    let mut query = db.prepare_cached(
        "SELECT id, recipient, kind, message_id, bytes, created_at, attempts, next_attempt_at, last_error, sent_at
         FROM mails WHERE sent_at IS NULL ORDER BY id",
    )?;
    let mails = query.query_map([], row)?.collect::<Result<_>>()?;
    with_items(db, mails)
}

pub(super) fn about(db: &Connection, incidents: &[i64]) -> Result<Vec<FrozenMail>> {
    let incidents = serde_json::Value::from(incidents).to_string();
    let mut query = db.prepare_cached(
        "SELECT id, recipient, kind, message_id, x'', created_at, attempts, next_attempt_at, last_error, sent_at
         FROM mails WHERE id IN (
             SELECT mail FROM mail_items WHERE incident IN (SELECT value FROM json_each(?1)))
         ORDER BY id",
    )?;
    let mails = query.query_map(params![incidents], row)?.collect::<Result<_>>()?;
    with_items(db, mails)
}

pub(super) fn freeze(db: &Connection, mail: &FrozenMail) -> Result<i64> {
    db.execute(
        "INSERT INTO mails (recipient, kind, message_id, bytes, created_at, attempts, next_attempt_at, last_error,
             sent_at)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)",
        params![
            mail.recipient,
            Worded(mail.kind),
            mail.message_id,
            mail.bytes,
            Micros(mail.created_at),
            mail.attempts,
            Micros(mail.next_attempt_at),
            mail.last_error,
            time(mail.sent_at),
        ],
    )?;
    let id = db.last_insert_rowid();
    let mut insert = db.prepare_cached(
        "INSERT INTO mail_items (mail, position, incident, news, cause) VALUES (?1, ?2, ?3, ?4, ?5)",
    )?;
    for (position, item) in mail.items.iter().enumerate() {
        let position = i64::try_from(position).unwrap_or(i64::MAX);
        insert.execute(params![id, position, item.incident, Worded(item.news), item.cause])?;
    }
    Ok(id)
}

/// Marks the mail sent and its items told. A second time changes nothing.
pub(super) fn sent(db: &Connection, id: i64, at: Time) -> Result<()> {
    let marked = db.execute(
        "UPDATE mails SET sent_at = ?2, attempts = attempts + 1, last_error = NULL, bytes = x''
         WHERE id = ?1 AND sent_at IS NULL",
        params![id, Micros(at)],
    )?;
    if marked == 0 {
        return known(db, id);
    }
    // Several items may be about one incident (a change and its end in one mail): the last is what counts.
    db.execute(
        "INSERT INTO told (recipient, incident, cause, resolved, at)
         SELECT m.recipient, i.incident, i.cause, i.news = 'resolved', ?2
         FROM mail_items AS i JOIN mails AS m ON m.id = i.mail WHERE i.mail = ?1 ORDER BY i.position
         ON CONFLICT (recipient, incident) DO UPDATE SET cause = excluded.cause, resolved = excluded.resolved,
             at = excluded.at",
        params![id, Micros(at)],
    )?;
    Ok(())
}

pub(super) fn failed(db: &Connection, id: i64, error: &str, next_attempt_at: Time) -> Result<()> {
    let marked = db.execute(
        "UPDATE mails SET attempts = attempts + 1, last_error = ?2, next_attempt_at = ?3
         WHERE id = ?1 AND sent_at IS NULL",
        params![id, error, Micros(next_attempt_at)],
    )?;
    if marked == 0 { known(db, id) } else { Ok(()) }
}

pub(super) fn withdraw(db: &Connection, id: i64) -> Result<()> {
    db.execute(
        "UPDATE told SET resolved = 1
         WHERE recipient = (SELECT recipient FROM mails WHERE id = ?1 AND sent_at IS NULL)
             AND incident IN (SELECT incident FROM mail_items WHERE mail = ?1 AND news = 'resolved')",
        params![id],
    )?;
    db.execute("DELETE FROM mails WHERE id = ?1 AND sent_at IS NULL", params![id])?;
    Ok(())
}

fn known(db: &Connection, id: i64) -> Result<()> {
    if db.prepare_cached("SELECT 1 FROM mails WHERE id = ?1")?.exists(params![id])? {
        return Ok(());
    }
    Err(refusal(format!("mail {id} is not known")))
}

pub(super) fn told(db: &Connection, recipient: &str) -> Result<Vec<Told>> {
    let mut query = db.prepare_cached(
        "SELECT incident, cause, resolved, at FROM told WHERE recipient = ?1 AND resolved = 0 ORDER BY incident",
    )?;
    let told = query.query_map(params![recipient], |row| {
        let mut columns = Columns::of(row);
        Ok(Told {
            incident: columns.take()?,
            cause: columns.take()?,
            resolved: columns.take()?,
            at: columns.time()?,
        })
    })?;
    told.collect()
}

pub(super) fn recipients(db: &Connection) -> Result<Vec<String>> {
    let mut query =
        db.prepare_cached("SELECT recipient FROM told UNION SELECT recipient FROM mails ORDER BY 1")?;
    query.query_map([], |row| row.get(0))?.collect()
}

pub(super) fn last(db: &Connection, recipient: &str, kind: MailKind) -> Result<Option<Time>> {
    db.prepare_cached(
        // The newest and not the latest: a clock that ran ahead may have sent one in a time to come.
        "SELECT max(id), sent_at FROM mails WHERE recipient = ?1 AND kind = ?2 AND sent_at IS NOT NULL",
    )?
    .query_row(params![recipient, Worded(kind)], |row| {
        let mut columns = Columns::of(row);
        columns.skip(1);
        columns.time_or_none()
    })
}

/// Deletes mails sent before, but not a recipient's newest of each kind, by which the next one is timed.
pub(super) fn prune(db: &Connection, before: Time) -> Result<()> {
    db.execute(
        "DELETE FROM mails WHERE sent_at < ?1 AND sent_at < (
             SELECT max(newer.sent_at) FROM mails AS newer
             WHERE newer.recipient = mails.recipient AND newer.kind = mails.kind AND newer.sent_at IS NOT NULL)",
        params![Micros(before)],
    )?;
    Ok(())
}
