//! `promote`: copies what earlier scans verified and nobody kept, and lets retention have its way.

use anyhow::Result;
use serde::Serialize;

use super::change::patiently;
use super::context::Context;
use super::observer::Watch;
use super::{print, run};
use crate::cli::pipeline::Promote;
use crate::domain::text::{rfc3339, size};
use crate::exit::Exit;
use crate::render::json::{Utc, VersionRow};
use crate::render::{VersionFact, table};
use crate::scan::Scan;
use crate::scan::decide::Task;
use crate::scan::promote::{
    JobPlan, NOT_COMPARED, apply_retention, pending, promote_pending, retention_plan, state_is_behind,
};
use crate::scan::summary::Summary;
use crate::scan::world::World;
use crate::store::Store;

/// # Errors
/// When nothing could be done at all.
pub fn promote(context: &Context, args: &Promote) -> Result<Exit> {
    context.want_deposits()?;
    let lock = if args.dry_run { None } else { Some(patiently(context)?) };
    if let Some(lock) = &lock {
        context.settle_or_warn(lock);
    }
    let mut state = context.state(args.dry_run)?;
    let dry_run = state.scratch;
    let mut summary = Summary::default();
    let vault = run::vault(context, &state.store, dry_run, lock.as_ref(), &mut summary)?;
    let last_scan = state.store.meta()?.last_scan.map(|scan| scan.finished_at);
    let (source, kept) = (context.source(), context.kept());
    let watch = Watch::new(context, lock.as_ref(), false);
    let mut scan = Scan {
        store: &mut state.store,
        source: &source,
        config: &context.config,
        kept: &kept,
        vault: vault.as_ref(),
        now: context.now,
        only_agent: None,
        dry_run,
        observer: &watch,
    };
    let mut world = World::load(scan.store, &context.config, vault.as_ref(), context.now)?;
    // What it takes for the newest may be long replaced: a promotion would make an older version current.
    let is_behind = state_is_behind(&scan)?;
    if is_behind {
        summary.not_done(format!("nothing is promoted and no version removed: {NOT_COMPARED}"));
    }
    if dry_run {
        let (mut tasks, mut plans) = (Vec::new(), Vec::new());
        if !is_behind {
            tasks = pending(&scan, &world)?.1;
            plans = retention_plan(scan.store, &world, None, last_scan)?;
        }
        Plan { world: &world, tasks, plans }.tell(context)?;
    } else {
        if !is_behind {
            promote_pending(&mut scan, &mut world, &mut summary)?;
            apply_retention(&mut scan, &world, &mut summary, None, last_scan)?;
        }
        let _ = watch.finish();
        tell(context, &summary)?;
    }
    Ok(if summary.not_done.is_empty() { Exit::Done } else { Exit::Incomplete })
}

fn tell(context: &Context, summary: &Summary) -> Result<()> {
    if context.json {
        return print::json(&serde_json::json!({
            "dry_run": false,
            "versions_promoted": summary.versions_promoted,
            "versions_removed": summary.versions_removed,
            "files_read": summary.files_read,
            "bytes_read": summary.bytes_read,
        }));
    }
    for note in &summary.notes {
        tracing::warn!("{note}");
    }
    if !context.is_asked() {
        return Ok(());
    }
    print::text(&format!(
        "{} versions promoted, {} read; {} versions removed\n",
        summary.versions_promoted,
        size(summary.bytes_read),
        summary.versions_removed
    ))
}

/// What a promotion would do.
struct Plan<'w> {
    world: &'w World<'w>,
    tasks: Vec<Task>,
    plans: Vec<JobPlan>,
}

#[derive(Serialize)]
struct Document<'p> {
    dry_run: bool,
    to_promote: Vec<ToPromote<'p>>,
    /// Every version; those whose `kept_by` is empty would go.
    versions: Vec<VersionRow<'p>>,
}

#[derive(Serialize)]
struct ToPromote<'p> {
    job_id: String,
    agent: &'p str,
    database: &'p str,
    report_time: Utc,
    file_name: &'p str,
    size_bytes: u64,
}

impl Plan<'_> {
    fn versions(&self) -> impl Iterator<Item = VersionFact<'_>> {
        self.plans.iter().flat_map(|JobPlan { key, versions, decisions }| {
            let job = self.world.jobs.get(key).map(|tracked| &tracked.job);
            versions
                .iter()
                .zip(decisions)
                .map(move |(version, decision)| VersionFact::of_job(version, job, Some(&decision.fate)))
        })
    }

    fn tell(&self, context: &Context) -> Result<()> {
        if context.json {
            return print::json(&Document {
                dry_run: true,
                to_promote: self.tasks.iter().map(to_promote).collect(),
                versions: self.versions().map(|fact| VersionRow::new(&fact)).collect(),
            });
        }
        let mut text = String::new();
        if self.tasks.is_empty() {
            text.push_str("nothing is left to promote\n");
        } else {
            let rows = self.tasks.iter().map(|task| {
                let time = rfc3339(task.origin.rank.time);
                [task.key.to_string(), time, size(task.identity.size), task.expectation.file.clone()]
            });
            text.push_str(&table::rows(["TO PROMOTE", "REPORT TIME", "SIZE", "FILE"], rows, context.style));
        }
        if self.plans.iter().any(|plan| !plan.versions.is_empty()) {
            text.push('\n');
            text.push_str(&table::versions(context.now, self.versions(), context.style));
        }
        text.push_str("dry run: nothing was changed\n");
        print::text(&text)
    }
}

fn to_promote(task: &Task) -> ToPromote<'_> {
    ToPromote {
        job_id: task.key.id().to_string(),
        agent: task.key.agent.as_str(),
        database: task.key.database.as_str(),
        report_time: Utc(task.origin.rank.time),
        file_name: &task.expectation.file,
        size_bytes: task.identity.size,
    }
}
