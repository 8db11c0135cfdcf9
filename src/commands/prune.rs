//! `prune`: old history, old kept reports, and what no rule keeps.

use std::collections::{BTreeSet, HashSet};

use anyhow::Result;
use chrono::TimeDelta;

use super::change::patiently;
use super::context::Context;
use super::observer::Watch;
use super::{print, run};
use crate::cli::care::Prune;
use crate::domain::retention::Fate;
use crate::domain::text::rfc3339;
use crate::domain::{Digest, Job, Time};
use crate::exit::Exit;
use crate::render::json::VersionRow;
use crate::render::{VersionFact, table};
use crate::scan::Scan;
use crate::scan::promote::{JobPlan, NOT_COMPARED, apply_retention};
use crate::scan::reconcile::is_behind;
use crate::scan::summary::Summary;
use crate::scan::world::World;
use crate::store::{KeptReports, Sqlite, Store};

/// Without a scan for so long, the clock is more likely wrong than the server was away; retention thinks so too.
const LONGEST_SILENCE: TimeDelta = TimeDelta::days(30);

/// # Errors
/// When the state cannot be used.
pub fn prune(context: &Context, args: &Prune) -> Result<Exit> {
    let lock = if args.dry_run { None } else { Some(patiently(context)?) };
    if let Some(lock) = &lock {
        context.settle_or_warn(lock);
    }
    let mut state = context.state(args.dry_run)?;
    let dry_run = state.scratch;
    let last_scan = state.store.meta()?.last_scan.map(|scan| scan.finished_at);
    let mut summary = Summary::default();
    let mut pruned = Pruned::new(context, dry_run);
    let vault = run::vault(context, &state.store, dry_run, lock.as_ref(), &mut summary)?;
    if is_behind(&state.store, &context.state_folder(), vault.as_ref(), context.now)? {
        // What the newest judgements came from is not known: the kept reports are what the state is made of again.
        summary.not_done(format!("nothing is removed: {NOT_COMPARED}"));
        pruned.tell(context, &[])?;
        return Ok(Exit::Incomplete);
    }
    if last_scan.is_some_and(|scan| scan <= context.now && context.now - scan < LONGEST_SILENCE) {
        pruned.reports = old_reports(context, &state.store, pruned.reports_before, dry_run)?;
        pruned.entries = state.store.prune(pruned.entries_before)?;
    } else {
        summary.not_done(
            "nothing old is removed: no scan was finished in the last 30 days, so the clock may be wrong",
        );
    }
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
    let world = World::load(scan.store, &context.config, None, context.now)?;
    let plans = apply_retention(&mut scan, &world, &mut summary, None, last_scan)?;
    let goes = plans.iter().flat_map(|JobPlan { key, versions, decisions }| {
        let job = world.jobs.get(key).map(|tracked| &tracked.job);
        versions
            .iter()
            .zip(decisions)
            .filter(|(_, decision)| decision.fate == Fate::Remove)
            .map(move |(version, decision)| VersionFact::of_job(version, job, Some(&decision.fate)))
    });
    pruned.tell(context, &goes.collect::<Vec<_>>())?;
    Ok(if summary.not_done.is_empty() { Exit::Done } else { Exit::Incomplete })
}

/// Removes kept reports that were received before; gives how many.
fn old_reports(context: &Context, store: &Sqlite, before: Time, dry_run: bool) -> Result<usize> {
    let kept = context.kept();
    let needed = needed(store, &kept, before)?;
    if dry_run {
        return Ok(kept.digests()?.iter().filter(|digest| !needed.contains(*digest)).count());
    }
    Ok(kept.prune(|digest| needed.contains(digest))?)
}

/// What stays: all that was received since, by the state or by the report's own header, for the state may be an older
/// copy; what is not judged yet; and what the newest judgement of a job and its last good backup came from.
fn needed(store: &Sqlite, kept: &KeptReports, since: Time) -> Result<HashSet<Digest>> {
    let mut needed: HashSet<Digest> = store.report_contents(since)?.into_iter().collect();
    needed.extend(kept.received_since(since)?.into_iter().map(|(digest, _)| digest));
    needed.extend(store.open_reports()?.into_iter().filter_map(|report| report.content));
    let in_use: BTreeSet<i64> = store.jobs()?.iter().flat_map(reports_of).collect();
    for id in in_use {
        needed.extend(store.report(id)?.and_then(|report| report.content));
    }
    Ok(needed)
}

fn reports_of(job: &Job) -> impl Iterator<Item = i64> + use<> {
    let state = &job.state;
    let waiting = state.waiting.as_ref().map(|waiting| waiting.report);
    let good = state.good.as_ref().map(|good| good.report);
    [state.judged_report, waiting, good].into_iter().flatten()
}

/// What went, or would go.
struct Pruned {
    dry_run: bool,
    entries: usize,
    entries_before: Time,
    history_days: u32,
    reports: usize,
    reports_before: Time,
    archive_days: u32,
}

impl Pruned {
    fn new(context: &Context, dry_run: bool) -> Self {
        let (history_days, archive_days) =
            (context.config.retention.history_days, context.config.scan.archive_days);
        let before = |days: u32| context.now - TimeDelta::days(i64::from(days));
        Self {
            dry_run,
            entries: 0,
            entries_before: before(history_days),
            history_days,
            reports: 0,
            reports_before: before(archive_days),
            archive_days,
        }
    }

    fn tell(&self, context: &Context, versions: &[VersionFact]) -> Result<()> {
        if context.json {
            return print::json(&serde_json::json!({
                "dry_run": self.dry_run,
                "history_entries": self.entries,
                "history_before": rfc3339(self.entries_before),
                "kept_reports": self.reports,
                "kept_reports_before": rfc3339(self.reports_before),
                "versions": versions.iter().map(VersionRow::new).collect::<Vec<_>>(),
            }));
        }
        if !context.is_asked() && (!self.dry_run || context.quiet) {
            return Ok(());
        }
        let verb = if self.dry_run { "would go" } else { "went" };
        let mut text = format!(
            "history: {} entries from before {} {verb} (history_days = {})\n\
             kept reports: {} from before {} {verb} (archive_days = {}); what is open, newest or last good stays\n\
             versions: {} {verb}\n",
            self.entries,
            rfc3339(self.entries_before),
            self.history_days,
            self.reports,
            rfc3339(self.reports_before),
            self.archive_days,
            versions.len()
        );
        if !versions.is_empty() {
            text.push('\n');
            text.push_str(&table::versions(context.now, versions.iter().copied(), context.style));
        }
        if self.dry_run {
            text.push_str("dry run: nothing was changed\n");
        }
        print::text(&text)
    }
}
