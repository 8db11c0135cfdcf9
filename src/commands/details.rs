//! What is shown of one job alone: its history, its versions, its incidents and what was sent of them.

use std::collections::HashMap;

use super::context::Context;
use super::snapshot::SHOWN;
use crate::domain::retention::{Circumstances, Fate, plan};
use crate::domain::settings::Effective;
use crate::domain::{Entry, Incident, Job, Time, Version};
use crate::render::{JobDetails, Message};
use crate::scan::keeping::Keeping;
use crate::store::{EntryFilter, FrozenMail, Result, Store};

/// Entries that are shown.
pub const ENTRIES: usize = 30;

/// Of one job that is asked for.
///
/// # Errors
/// When the state cannot be read.
pub fn of_one(
    context: &Context,
    store: &dyn Store,
    job: &Job,
    effective: &Effective,
    last_scan: Option<Time>,
) -> Result<JobDetails> {
    let mut incidents = store.incidents(Some(context.now - SHOWN))?;
    incidents.retain(|incident| incident.subject.job.as_ref() == Some(&job.id));
    incidents.reverse();
    let newest =
        EntryFilter { jobs: Some(vec![job.id.clone()]), limit: Some(ENTRIES), ..EntryFilter::default() };
    let entries = store.entries(&newest)?.into_iter().rev().collect();
    let (longest, timezone) = (effective.retention.keep_suspect.delta(), context.config.server_timezone);
    let keeping = Keeping::load(store, longest, timezone, last_scan, context.now)?;
    details(store, job, effective, entries, incidents, &keeping)
}

/// `entries` and `incidents` are the job's, newest first; more entries than are shown are left out.
///
/// # Errors
/// When the state cannot be read.
pub fn details(
    store: &dyn Store,
    job: &Job,
    effective: &Effective,
    mut entries: Vec<Entry>,
    incidents: Vec<Incident>,
    keeping: &Keeping,
) -> Result<JobDetails> {
    entries.truncate(ENTRIES);
    let versions = store.versions(Some(&job.id))?;
    let circumstances = keeping.circumstances(job, &versions);
    Ok(JobDetails {
        entries,
        versions: with_fates(effective, versions, &circumstances),
        messages: messages(store, &incidents)?,
        incidents,
    })
}

/// Newest first.
fn with_fates(
    effective: &Effective,
    versions: Vec<Version>,
    circumstances: &Circumstances,
) -> Vec<(Version, Option<Fate>)> {
    let mut fates: HashMap<String, Fate> = plan(&effective.retention, &versions, circumstances)
        .into_iter()
        .map(|decision| (decision.version, decision.fate))
        .collect();
    versions
        .into_iter()
        .rev()
        .map(|version| {
            let fate = fates.remove(&version.name);
            (version, fate)
        })
        .collect()
}

/// Newest first.
fn messages(store: &dyn Store, incidents: &[Incident]) -> Result<Vec<Message>> {
    let ids: Vec<i64> = incidents.iter().map(|incident| incident.id).collect();
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    let of_mail = |mail: FrozenMail| {
        let items = mail.items.into_iter().filter(|item| ids.contains(&item.incident));
        items
            .map(|item| Message {
                recipient: mail.recipient.clone(),
                incident: item.incident,
                news: item.news,
                written_at: mail.created_at,
                sent_at: mail.sent_at,
                error: mail.last_error.clone(),
            })
            .collect::<Vec<_>>()
    };
    let mut messages: Vec<Message> = store.mails_about(&ids)?.into_iter().flat_map(of_mail).collect();
    messages.reverse();
    Ok(messages)
}
