//! A change by an operator: alone with the state, recorded with who, when, what and why, whole or not at all.
//!
//! A scan holds every job in memory and writes whole rows back, so a change takes the same lock and waits for a run
//! that is at work; else the run would put the old row over it.

use std::collections::HashSet;
use std::thread::sleep;
use std::time::Duration;

use anyhow::{Result, anyhow};

use super::context::{Context, State};
use super::holdings::owned;
use super::print;
use super::snapshot::Snapshot;
use crate::domain::text::{printable, rfc3339};
use crate::domain::{Job, JobId};
use crate::exit::{Advise as _, Exit};
use crate::files::Lock;
use crate::render::json;
use crate::scan::openings::windows;
use crate::store::{AuditLine, Store as _, Unit};
use crate::vault::Vault;

/// How long a change waits for a run: one with little new takes seconds.
const PATIENCE: Duration = Duration::from_secs(30);
const STEP: Duration = Duration::from_millis(100);

pub struct Change<'c> {
    pub context: &'c Context,
    pub state: State,
    _lock: Option<Lock>,
}

/// How a change is told.
#[derive(Debug, Clone, Copy)]
pub struct Verb {
    /// `paused`
    pub done: &'static str,
    /// `would pause`
    pub planned: &'static str,
}

impl<'c> Change<'c> {
    /// Waits for the lock and opens the state; a dry run works on a copy and needs no lock.
    ///
    /// # Errors
    /// When a run does not end in time, or the state cannot be opened.
    pub fn begin(context: &'c Context, dry_run: bool) -> Result<Self> {
        let lock = if dry_run { None } else { Some(patiently(context)?) };
        Ok(Self { context, state: context.state(dry_run)?, _lock: lock })
    }

    /// Nothing stays of what is done.
    #[must_use]
    pub fn is_dry(&self) -> bool {
        self.state.scratch
    }

    /// The versions, for this server alone to change as long as this is held; `None` in a dry run.
    ///
    /// # Errors
    /// When they are not mounted, or another server works or has worked with them.
    pub fn own_vault(&self) -> Result<Option<Vault>> {
        if self.is_dry() { Ok(None) } else { owned(self.context, &self.state.store).map(Some) }
    }

    /// # Errors
    /// When the state cannot be read.
    pub fn snapshot(&self) -> Result<Snapshot> {
        Ok(Snapshot::load(self.context, &self.state.store)?)
    }

    /// The record of one change.
    #[must_use]
    pub fn line(&self, what: impl Into<String>, target: &str, why: Option<&str>) -> AuditLine {
        AuditLine {
            at: self.context.now,
            who: self.context.who.clone(),
            what: what.into(),
            target: target.to_owned(),
            why: why.map(str::to_owned),
        }
    }

    /// A job to be changed, with the schedule that held for it so far noted where no scan has done so.
    #[must_use]
    pub fn open(&self, known: &Job) -> Job {
        let mut job = known.clone();
        if job.schedule_seen.is_empty() {
            job.schedule_seen = self.context.config.effective(&job).schedule.to_string();
        }
        job
    }

    /// Takes a changed job into the unit, with its record. Where the change gave it another schedule, its cycles count
    /// from now on.
    pub fn put(&self, unit: &mut Unit, mut job: Job, what: impl Into<String>, why: Option<&str>) {
        let (config, now) = (&self.context.config, self.context.now);
        let effective = config.effective(&job);
        let known = job.clone();
        job.note_schedule(&effective.schedule, || windows(config, &known, now), now);
        unit.audit.push(self.line(what, job.id.as_str(), why));
        unit.jobs.push(job);
    }

    /// # Errors
    /// When the state cannot be written.
    pub fn commit(&mut self, unit: &Unit) -> Result<()> {
        self.state.store.commit(unit)?;
        Ok(())
    }

    /// Says which jobs were changed: a line for each, or the document of `jobs list` with these as they now are.
    ///
    /// # Errors
    /// When the state cannot be read or stdout cannot be written.
    pub fn tell(&self, verb: Verb, jobs: &[Job]) -> Result<Exit> {
        if self.context.json {
            let snapshot = self.snapshot()?;
            let view = snapshot.view(self.context);
            let ids: HashSet<&JobId> = jobs.iter().map(|job| &job.id).collect();
            print::json(&json::jobs(&view, |row| ids.contains(&row.job.id)))?;
        } else {
            self.say(verb, jobs)?;
        }
        Ok(Exit::Done)
    }

    /// The lines alone.
    ///
    /// # Errors
    /// When stdout cannot be written.
    pub fn say(&self, verb: Verb, jobs: &[Job]) -> Result<()> {
        if self.context.quiet {
            return Ok(());
        }
        let word = if self.is_dry() { verb.planned } else { verb.done };
        let line = |job: &Job| format!("{word} {}\n", printable(&job.key.to_string()));
        let mut text: String = jobs.iter().map(line).collect();
        text.push_str(self.dry_note());
        print::text(&text)
    }

    /// A last line for a dry run.
    #[must_use]
    pub fn dry_note(&self) -> &'static str {
        if self.is_dry() { "dry run: nothing was changed\n" } else { "" }
    }
}

/// The run's lock, waited for.
///
/// # Errors
/// When a run does not end in time.
pub fn patiently(context: &Context) -> Result<Lock> {
    // Counted in steps and not by the clock, which may stand still.
    let steps = PATIENCE.as_millis() / STEP.as_millis();
    for step in 0..steps {
        if let Some(lock) = context.lock()? {
            return Ok(lock);
        }
        if step == 0 {
            tracing::warn!("a run is at work; waiting up to {} s for its end", PATIENCE.as_secs());
        }
        sleep(STEP);
    }
    let holder = context.lock_holder()?;
    let who = holder.and_then(|holder| {
        Some(format!(" (process {}, since {})", holder.pid?, rfc3339(holder.started_at?)))
    });
    Err(anyhow!("a run is still at work{}, so nothing was changed", who.unwrap_or_default()))
        .hint("say it again when the run has ended")
}
