//! What is told of a state that was lost, restored or cannot be compared, and when that is over.

use chrono::TimeDelta;

use crate::domain::incident::{IncidentChange, Subject};
use crate::domain::text::{printable, rfc3339};
use crate::domain::{Incident, Problem, Severity, Time};
use crate::scan::Scan;
use crate::store::Result;

/// The cause of `state_damaged` while the state cannot be compared: news beside that it was behind.
pub const NOT_COMPARED: &str = "not_compared";
/// The cause of `state_damaged` after the state was gone: what the disk does not show is as it was in the copy.
const BEGAN_AGAIN: &str = "began_again";
/// A state that began again is told for as long, for a page is not looked at every quarter of an hour.
const SHOWN: TimeDelta = TimeDelta::days(1);

/// That the state was gone and began again from a copy, which knew all until `known_until`: the server's problem.
#[must_use]
pub fn began_again(copy: &str, known_until: Option<Time>, now: Time) -> IncidentChange {
    let until =
        known_until.map_or_else(|| "its copy".to_owned(), |until| format!("that of {}", rfc3339(until)));
    let message = format!(
        "the state was gone and began again from its copy `{}`, {until}: what came since is taken over from the disk, \
         but what operators did since is lost, as adding, removing, editing, pausing or retiring jobs: compare \
         `backupmon jobs list --all` and `backupmon history --operators` with what should be",
        printable(copy)
    );
    IncidentChange::Raise {
        subject: Subject::server(Problem::StateDamaged),
        database: None,
        severity: Severity::Warning,
        cause: Some(BEGAN_AGAIN.to_owned()),
        message,
        at: now,
    }
}

/// What is said of a state that began again goes before what the comparison adds.
#[must_use]
pub fn beside(open: Option<&Incident>, addition: String) -> (Option<String>, String) {
    match open.filter(|open| has_begun_again(open)) {
        Some(open) if open.message.contains(&addition) => (open.cause.clone(), open.message.clone()),
        Some(open) => (open.cause.clone(), format!("{}; {addition}", open.message)),
        None => (None, addition),
    }
}

fn has_begun_again(incident: &Incident) -> bool {
    incident.cause.as_deref() == Some(BEGAN_AGAIN)
}

/// Whether the trouble, which lasts no more, has done its work: somebody was told, where anybody is to be told.
///
/// # Errors
/// When the state cannot be read.
pub fn may_end(scan: &Scan, open: &Incident) -> Result<bool> {
    if open.acknowledged.is_some() {
        return Ok(true);
    }
    if has_begun_again(open) && scan.now - open.changed_at < SHOWN {
        return Ok(false);
    }
    let is_told_to_nobody = scan.config.mail.is_none() && scan.config.webhooks.is_empty();
    // Where it cannot be compared, the page said so as long as it was so.
    if is_told_to_nobody || open.cause.as_deref() == Some(NOT_COMPARED) {
        return Ok(true);
    }
    Ok(scan.store.mails_about(&[open.id])?.iter().any(|mail| mail.sent_at.is_some()))
}
