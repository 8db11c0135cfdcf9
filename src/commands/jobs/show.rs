//! `jobs show`: all that is known of one job, and where each of its settings comes from.

use std::collections::BTreeMap;

use anyhow::{Result, anyhow};

use crate::commands::context::Context;
use crate::commands::snapshot::{Known, SHOWN, Snapshot, details};
use crate::commands::{print, select};
use crate::domain::retention::{Circumstances, Fate, plan};
use crate::domain::text::{printable, rfc3339};
use crate::domain::{IncidentKind, Job, JobId, Problem, Time};
use crate::exit::Exit;
use crate::render::{json, table};
use crate::store::Store;

/// # Errors
/// When there is no such job or the state cannot be read.
pub fn show(context: &Context, name: &str) -> Result<Exit> {
    let store = context.reader()?;
    let snapshot = Snapshot::load(context, &store)?;
    let known = select::one(&snapshot, name)?;
    let id = &known.job.id;
    let incidents = store.incidents(Some(context.now - SHOWN))?;
    let last_scan = snapshot.meta.last_scan.as_ref().map(|scan| scan.finished_at);
    let fates = fates(context, &store, known, last_scan)?;
    let details = details(&store, id, &incidents, &fates)?;
    let view = snapshot.view(context);
    let row = view.job(id.as_str()).ok_or_else(|| anyhow!("job `{id}` is in no view"))?;
    if context.json {
        print::json(&json::job(&view, row, &details))?;
        return Ok(Exit::Done);
    }
    let mut text = table::job(&view, row, &details, context.style);
    text.push('\n');
    text.push_str(&table::alerts(&view, &details.incidents, context.style));
    text.push_str(&standing_orders(&known.job, context.now));
    print::text(&text)?;
    Ok(Exit::Done)
}

/// Why each version of the job stays, or goes at the next run.
fn fates(
    context: &Context,
    store: &dyn Store,
    known: &Known,
    last_scan: Option<Time>,
) -> Result<BTreeMap<(JobId, String), Fate>> {
    let (job, policy) = (&known.job, &known.effective.retention);
    let is_hold = |kind| kind == IncidentKind::Problem(Problem::VersionHeld);
    let last_held_at = store
        .incidents(Some(context.now - policy.keep_suspect.delta()))?
        .into_iter()
        .filter(|incident| incident.subject.job.as_ref() == Some(&job.id) && is_hold(incident.subject.kind))
        .map(|incident| incident.opened_at)
        .max();
    let circumstances = Circumstances {
        now: context.now,
        timezone: context.config.server_timezone,
        current_version: job.state.current_version.as_deref(),
        job_is_critical: job.state.status.is_critical() || job.state.held,
        last_scan,
        last_held_at,
    };
    let decisions = plan(policy, &store.versions(Some(&job.id))?, &circumstances);
    Ok(decisions.into_iter().map(|decision| ((job.id.clone(), decision.version), decision.fate)).collect())
}

/// Who said what about the job: pauses now and later, retirement.
fn standing_orders(job: &Job, now: Time) -> String {
    let pauses = job.pauses.iter().filter(|pause| pause.until.is_none_or(|until| until > now)).map(|pause| {
        let until = pause.until.map_or_else(|| "`jobs resume`".to_owned(), rfc3339);
        let (who, why) = (printable(&pause.who), printable(&pause.reason));
        format!("\npaused from {} until {until} by {who}: {why}\n", rfc3339(pause.from))
    });
    let retired = job
        .retired_at
        .map(|at| format!("\nretired since {}; `backupmon jobs resume` expects it again\n", rfc3339(at)));
    pauses.chain(retired).collect()
}
