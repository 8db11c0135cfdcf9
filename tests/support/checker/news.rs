//! What was told: the outbox of the state beside what a mail server has accepted.

use std::collections::{BTreeMap, BTreeSet};

use super::state::with_copy;
use super::{Invariant, Violation};
use crate::harness::Site;

/// One mail that a server has taken: to whom, and its Message-ID.
pub type Accepted = (String, String);

/// Every incident was told to each of `recipients` in a mail that was accepted, and no mail came more often than
/// once for each try whose end the sender cannot know (`ambiguous`) and once more.
pub fn news(site: &Site, recipients: &[&str], accepted: &[Accepted], ambiguous: usize) -> Vec<Violation> {
    let broken = |what: String| Invariant::NewsIsTold.broken(what);
    let mut counts: BTreeMap<&Accepted, usize> = BTreeMap::new();
    for mail in accepted {
        *counts.entry(mail).or_default() += 1;
    }
    let repeated = counts.iter().filter(|(_, count)| **count > 1 + ambiguous);
    let mut found: Vec<Violation> =
        repeated.map(|((to, id), count)| broken(format!("{id} came {count} times to {to}"))).collect();
    found.extend(with_copy(site, |db| {
        let mut statement = db.prepare(
            "SELECT m.recipient, m.message_id, m.sent_at IS NOT NULL, i.incident
             FROM mails m LEFT JOIN mail_items i ON i.mail = m.id",
        )?;
        let rows = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?)))?;
        let rows: Vec<(String, String, bool, Option<i64>)> = rows.collect::<rusqlite::Result<_>>()?;
        let mut told: BTreeSet<(String, i64)> = BTreeSet::new();
        let mut found = Vec::new();
        for (recipient, id, sent, incident) in rows {
            let taken = accepted.iter().any(|(to, taken)| *to == recipient && id.contains(taken.as_str()));
            if sent && !taken {
                found.push(broken(format!("{id} is called sent, and never came to {recipient}")));
            }
            told.extend(incident.filter(|_| taken).map(|incident| (recipient, incident)));
        }
        // What healed before anyone was told is told to nobody.
        let mut statement =
            db.prepare("SELECT id, kind, message FROM incidents WHERE resolved_at IS NULL")?;
        let rows = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))?;
        let open: Vec<(i64, String, String)> = rows.collect::<rusqlite::Result<_>>()?;
        for (id, kind, message) in &open {
            for recipient in recipients.iter().filter(|to| !told.contains(&((**to).to_owned(), *id))) {
                found.push(broken(format!("{recipient} was never told of {kind}: {message}")));
            }
        }
        Ok(found)
    }));
    found
}

/// No mail went out of which the state knows nothing: it would go again, under another name.
pub fn unknown(site: &Site, accepted: &[Accepted]) -> Vec<Violation> {
    with_copy(site, |db| {
        let mut statement = db.prepare("SELECT message_id FROM mails")?;
        let known: Vec<String> =
            statement.query_map([], |row| row.get(0))?.collect::<rusqlite::Result<_>>()?;
        let is_unknown = |id: &str| !known.iter().any(|known| known.contains(id));
        let unknown = accepted.iter().filter(|(_, id)| is_unknown(id));
        Ok(unknown
            .map(|(to, id)| {
                Invariant::NewsIsTold.broken(format!("{id} went to {to}, and nobody knows of it"))
            })
            .collect())
    })
}

/// How many mails came again.
pub fn repeated(accepted: &[Accepted]) -> usize {
    accepted.len() - accepted.iter().collect::<BTreeSet<_>>().len()
}
