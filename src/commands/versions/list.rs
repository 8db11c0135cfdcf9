//! `versions list`: of the state with the rule that keeps each, or of a validated folder alone.

use std::collections::{HashMap, HashSet};
use std::path::Path;

use anyhow::Result;

use crate::cli::Global;
use crate::cli::versions::VersionsList;
use crate::commands::context::{self, Context};
use crate::commands::holdings::Holdings;
use crate::commands::snapshot::Snapshot;
use crate::commands::{print, select};
use crate::config::Environment;
use crate::domain::retention::Fate;
use crate::domain::text::printable;
use crate::domain::{Job, JobId, Selector, Time};
use crate::exit::Exit;
use crate::files::shown;
use crate::render::table::{self, Style};
use crate::render::{VersionFact, json};
use crate::scan::promote::{JobPlan, retention_plan};
use crate::scan::world::World;
use crate::store::Store as _;

pub fn list(global: &Global, args: &VersionsList) -> Result<Exit> {
    let selector = select::selector(&args.selector)?;
    match &args.tree.tree {
        Some(root) => of_tree(global, root, &selector),
        None => of_state(&Context::new(global, &[])?, &selector),
    }
}

fn of_state(context: &Context, selector: &Selector) -> Result<Exit> {
    let store = context.reader()?;
    let snapshot = Snapshot::load(context, &store)?;
    let mut ids: HashSet<JobId> =
        select::meant(&snapshot, selector)?.iter().map(|known| known.job.id.clone()).collect();
    let jobs: HashMap<JobId, Job> = store.jobs()?.into_iter().map(|job| (job.id.clone(), job)).collect();
    if selector.is_everything() {
        // Also those of jobs that were removed: nothing else would ever show them.
        ids.extend(jobs.keys().cloned());
    }
    let world = World::load(&store, &context.config, None, context.now)?;
    let last_scan = store.meta()?.last_scan.map(|scan| scan.finished_at);
    let mut fates: HashMap<(JobId, String), Fate> = HashMap::new();
    for JobPlan { key, decisions, .. } in retention_plan(&store, &world, Some(&ids), last_scan)? {
        let id = key.id();
        fates.extend(decisions.into_iter().map(|decided| ((id.clone(), decided.version), decided.fate)));
    }
    let mut versions = store.versions(None)?;
    versions.retain(|version| ids.contains(&version.job));
    versions.sort_by(|a, b| {
        let key = |job: &JobId| jobs.get(job).map(|job| &job.key);
        (key(&a.job), a.report_time, &a.name).cmp(&(key(&b.job), b.report_time, &b.name))
    });
    let facts = versions.iter().map(|version| {
        let fate = fates.get(&(version.job.clone(), version.name.clone()));
        VersionFact::of_job(version, jobs.get(&version.job), fate)
    });
    tell(facts.collect(), context.json, context.now, context.style)
}

fn of_tree(global: &Global, root: &Path, selector: &Selector) -> Result<Exit> {
    let holdings = Holdings::of_tree(root, selector)?;
    for foreign in &holdings.foreign {
        tracing::warn!("`{}` is no version: {}", shown(&foreign.path), printable(&foreign.reason));
    }
    for sentence in &holdings.unread {
        tracing::error!("{sentence}");
    }
    let facts = holdings.shelves.iter().flat_map(|shelf| {
        shelf.versions.iter().map(|version| VersionFact {
            version,
            key: Some(&shelf.key),
            current: shelf.current.as_ref() == Some(&version.name),
            fate: None,
        })
    });
    let style = context::style(global.color, &Environment::of_process());
    tell(facts.collect(), global.json, context::clock(global).now(), style)?;
    Ok(if holdings.unread.is_empty() { Exit::Done } else { Exit::Incomplete })
}

fn tell(facts: Vec<VersionFact>, as_json: bool, now: Time, style: Style) -> Result<Exit> {
    if as_json {
        print::json(&json::versions(facts))?;
    } else if facts.is_empty() {
        print::text("no version is kept\n")?;
    } else {
        print::text(&table::versions(now, facts, style))?;
    }
    Ok(Exit::Done)
}
