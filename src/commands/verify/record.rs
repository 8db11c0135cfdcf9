//! What a verification found goes into the state, and `current_version` away from what is damaged.
//!
//! Every few versions, at the first damage and at the end the lock is taken for a moment, and each job is read anew
//! under it: what a run has changed meanwhile stays as it is.

use std::collections::BTreeMap;

use anyhow::Result;

use crate::commands::change::patiently;
use crate::commands::context::Context;
use crate::domain::incident::{IncidentChange, Subject};
use crate::domain::text::{printable, rfc3339};
use crate::domain::{Job, JobKey, Problem, Severity, Version};
use crate::scan::promote::NOT_COMPARED;
use crate::scan::reconcile::is_behind;
use crate::scan::reconcile::mark::taken_over;
use crate::store::{Sqlite, Store as _, Unit};
use crate::vault::{Health, Vault, believed_until, newest_good};

/// So many healthy versions are recorded together.
const BATCH: usize = 256;

pub struct Recorder<'c> {
    context: &'c Context,
    dry: bool,
    found: BTreeMap<JobKey, Vec<(String, Health)>>,
    waiting: usize,
    /// Sentences of what failed.
    pub not_done: Vec<String>,
}

impl<'c> Recorder<'c> {
    /// `dry`: nothing is recorded, as under `--now` on a state that was not created so.
    pub fn new(context: &'c Context, dry: bool) -> Self {
        Self { context, dry, found: BTreeMap::new(), waiting: 0, not_done: Vec::new() }
    }

    /// # Errors
    /// When the state cannot be used.
    pub fn take(&mut self, key: &JobKey, version: &str, health: &Health) -> Result<()> {
        self.found.entry(key.clone()).or_default().push((version.to_owned(), health.clone()));
        self.waiting += 1;
        if self.dry || (self.waiting < BATCH && *health == Health::Whole) {
            return Ok(());
        }
        // A run that is at work, or hangs, is not waited for as long as there is something to read.
        match self.context.lock() {
            Ok(Some(_lock)) => self.write(),
            Ok(None) | Err(_) => Ok(()),
        }
    }

    /// # Errors
    /// When a run that is at work does not end in time, or the state cannot be used.
    pub fn finish(&mut self) -> Result<()> {
        if self.dry || self.found.is_empty() {
            return Ok(());
        }
        let lock = patiently(self.context)?;
        self.context.settle_or_warn(&lock);
        self.write()
    }

    fn write(&mut self) -> Result<()> {
        let mut store = self.context.state(false)?.store;
        let vault = self.context.vault();
        let found = std::mem::take(&mut self.found);
        self.waiting = 0;
        if let Some(reason) = self.knows_less_than_the_disk(&store, &vault)? {
            let sentence = format!("nothing of this is recorded: {reason}");
            tracing::error!("{sentence}");
            self.not_done.push(sentence);
            return Ok(());
        }
        for job in store.jobs()? {
            if let Some(found) = found.get(&job.key) {
                self.write_job(&mut store, &vault, job, found)?;
            }
        }
        Ok(())
    }

    /// Versions that the state knows nothing of may be what `current_version` is for.
    fn knows_less_than_the_disk(&self, store: &Sqlite, vault: &Vault) -> Result<Option<String>> {
        let state = self.context.state_folder();
        if let Some(last_run) = taken_over(&state, &vault.own_folder()) {
            return Ok(Some(format!("another server worked with these versions at {}", rfc3339(last_run))));
        }
        let is_behind = is_behind(store, &state, Some(vault), self.context.now)?;
        Ok(is_behind.then(|| NOT_COMPARED.to_owned()))
    }

    fn write_job(
        &mut self,
        store: &mut Sqlite,
        vault: &Vault,
        mut job: Job,
        found: &[(String, Health)],
    ) -> Result<()> {
        let mut versions = store.versions(Some(&job.id))?;
        let mut unit = Unit::default();
        let (mut healed, mut reason) = (false, None);
        for (name, health) in found {
            // What retention has removed since it was read needs no record.
            let Some(version) = versions.iter_mut().find(|version| version.name == *name) else { continue };
            match health {
                Health::Whole => {
                    healed |= version.damaged;
                    version.damaged = false;
                    version.verified_at = self.context.now;
                    if job.state.current_version.as_ref() == Some(name) {
                        job.state.last_verified_at = Some(self.context.now);
                    }
                }
                Health::Damaged(why) => reason = Some((name, why.as_str())),
                Health::Absent if vault.has(&job.key, name) => continue,
                Health::Absent => reason = Some((name, "it is gone from the disk")),
            }
            version.damaged |= *health != Health::Whole;
            unit.versions.push(version.clone());
        }
        if unit.versions.is_empty() {
            return Ok(());
        }
        let subject = Subject::version(Problem::VersionDamaged, &job.key.agent, &job.id);
        let damaged: Vec<&str> =
            versions.iter().filter(|version| version.damaged).map(|version| version.name.as_str()).collect();
        if reason.is_some() || healed {
            self.move_current(vault, &mut job, &versions);
        }
        match reason {
            Some((name, why)) => unit.incidents.push(IncidentChange::Raise {
                subject,
                database: Some(job.key.database.to_string()),
                severity: Severity::Critical,
                cause: None,
                message: message(&job, name, why, damaged.len()),
                at: self.context.now,
            }),
            None if damaged.is_empty() => {
                unit.incidents.push(IncidentChange::Resolve { subject, at: self.context.now });
            }
            None => {}
        }
        // Without its version the last good backup is promoted again, from the deposit, when that still has it.
        if let Some(good) = &mut job.state.good
            && good.version.as_deref().is_some_and(|version| damaged.contains(&version))
        {
            good.version = None;
        }
        unit.jobs.push(job);
        store.commit(&unit)?;
        Ok(())
    }

    /// Makes the newest good version the current one. The disk goes first: after a crash in between, the next
    /// verification finds the same again.
    fn move_current(&mut self, vault: &Vault, job: &mut Job, versions: &[Version]) {
        let Some(good) = newest_good(versions, believed_until(job, self.context.now)) else { return };
        if job.state.current_version.as_ref() == Some(&good.name) {
            return;
        }
        match vault.switch(&job.key, &good.name) {
            Ok(()) => {
                job.state.current_version = Some(good.name.clone());
                job.state.last_verified_at = Some(good.verified_at);
            }
            Err(error) => {
                let key = printable(&job.key.to_string());
                let sentence = format!("current_version of {key} could not be moved: {error}");
                tracing::error!("{sentence}");
                self.not_done.push(sentence);
            }
        }
    }
}

fn message(job: &Job, version: &str, why: &str, damaged: usize) -> String {
    let more = if damaged > 1 { format!(", and {} others are damaged", damaged - 1) } else { String::new() };
    let now = match &job.state.current_version {
        Some(current) if current != version => format!("current_version is {current}"),
        Some(_) | None => "there is no undamaged version to take its place".to_owned(),
    };
    format!("version {} is damaged: {}{more}; {now}", printable(version), printable(why))
}
