//! `jobs add`: expect a backup that no report has named yet, take a discovered one off trial, or a removed one back.

use anyhow::{Result, anyhow};

use super::settings::{self, Given};
use crate::cli::jobs::Add;
use crate::commands::change::{Change, Verb};
use crate::commands::context::Context;
use crate::commands::{details, print};
use crate::domain::incident::{IncidentChange, Subject};
use crate::domain::text::printable;
use crate::domain::{Job, JobKey, Problem, Severity, Time};
use crate::exit::{Advise as _, Exit};
use crate::render::json;
use crate::store::{Store as _, Unit};

const VERB: Verb = Verb { done: "added", planned: "would add" };

/// # Errors
/// When it is expected already, a setting does not hold, or the state cannot be used.
pub fn add(context: &Context, args: &Add) -> Result<Exit> {
    let key = key(&args.job)?;
    let given = Given::new(&args.settings)?;
    let mut change = Change::begin(context, args.dry_run)?;
    if !change.state.store.agents()?.iter().any(|agent| agent.id == key.agent) {
        tracing::warn!("no folder of the agent `{}` was seen yet", printable(key.agent.as_str()));
    }
    let known = change.state.store.jobs()?.into_iter().find(|job| job.key == key);
    let mut unit = Unit::default();
    let mut job = match known {
        None => Job::new(key, context.now, false),
        Some(known) => taken_in(change.open(&known), context.now, &mut unit)?,
    };
    given.apply(&mut job);
    settings::check(&job, context.config.server_timezone)?;
    let what = ["jobs add", given.summary().as_str()].join(" ").trim_end().to_owned();
    change.put(&mut unit, job.clone(), what, args.reason.as_deref());
    change.commit(&unit)?;
    tell(&change, &job)
}

/// # Errors
/// When the text is no `AGENT/DATABASE`.
pub fn key(text: &str) -> Result<JobKey> {
    text.parse::<JobKey>()
        .map_err(|error| {
            let refused = format!("`{}` is no AGENT/DATABASE", printable(text));
            if text.contains('/') { anyhow!("{refused}: {error}") } else { anyhow!(refused) }
        })
        .hint("write the name of the agent's folder, a slash, and the database as the agent names it")
        .or_usage()
}

/// A job that the state knows, as one that is expected from now on.
fn taken_in(mut job: Job, now: Time, unit: &mut Unit) -> Result<Job> {
    let name = printable(&job.key.to_string());
    if job.ignored {
        // What was set before it was removed is forgotten: who adds it says what holds.
        job.settings = crate::domain::OwnSettings::default();
        job.labels = crate::domain::Labels::default();
        job.pauses.clear();
        job.expect_again(now);
        if job.state.held {
            unit.incidents.push(held_again(&job, now));
        }
        return Ok(job);
    }
    if job.on_trial {
        job.end_trial(now);
        return Ok(job);
    }
    let (there, mend) = match job.retired_at {
        Some(_) => ("is there, and retired", format!("`backupmon jobs resume '{name}'` expects it again")),
        None => {
            ("is expected already", format!("`backupmon jobs edit '{name}' …` changes what is set on it"))
        }
    };
    Err(anyhow!("{name} {there}")).hint(mend).or_usage()
}

/// Its newest version was held when it was removed, and still is: a question that is open again.
fn held_again(job: &Job, now: Time) -> IncidentChange {
    IncidentChange::Raise {
        subject: Subject::version(Problem::VersionHeld, &job.key.agent, &job.id),
        database: Some(job.key.database.to_string()),
        severity: Severity::Critical,
        cause: None,
        message: "the newest version is held since before the job was removed".to_owned(),
        at: now,
    }
}

/// A line, or the job's document.
fn tell(change: &Change, job: &Job) -> Result<Exit> {
    if !change.context.json {
        change.say(VERB, std::slice::from_ref(job))?;
        return Ok(Exit::Done);
    }
    let snapshot = change.snapshot()?;
    let view = snapshot.view(change.context);
    let row = view.job(job.id.as_str()).ok_or_else(|| anyhow!("job `{}` is in no view", job.id))?;
    let last_scan = snapshot.meta.last_scan.as_ref().map(|scan| scan.finished_at);
    let details = details::of_one(change.context, &change.state.store, job, row.effective, last_scan)?;
    print::json(&json::job(&view, row, &details))?;
    Ok(Exit::Done)
}
