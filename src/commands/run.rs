//! `run`, `scan` and `promote`: one pass over the deposits, with what follows from it.

use std::path::PathBuf;
use std::time::Duration;

use anyhow::{Context as _, Result};

use super::context::Context;
use super::observer::Watch;
use super::snapshot::Snapshot;
use super::watchdog::Watchdog;
use super::{mends, messages, outputs, print, rename, site, wall};
use crate::cli::pipeline::{Finding, Run, Scan as ScanArgs};
use crate::domain::incident::{IncidentChange, Subject};
use crate::domain::text::{printable, rfc3339};
use crate::domain::{AgentId, Problem, Severity, Time};
use crate::exit::{Advise as _, Exit, sentence};
use crate::files::{self, Lock};
use crate::render::json::{ReportCounts, ScanSummary};
use crate::render::table;
use crate::scan::Scan;
use crate::scan::promote::{apply_retention, promote_pending};
use crate::scan::reconcile::mark::taken_over;
use crate::scan::summary::Summary;
use crate::scan::world::World;
use crate::source::Source as _;
use crate::source::deposit::DepositTree;
use crate::store::{Store, Unit};
use crate::vault::{Mounted, Vault};

/// Which steps a pass takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Steps {
    promote: bool,
    publish: bool,
}

/// `run`: once, or again and again in the foreground.
///
/// # Errors
/// When nothing could be done at all.
pub fn run(context: &mut Context, args: &Run) -> Result<Exit> {
    context.want_deposits()?;
    let Some(every) = args.every else {
        wall_in(context);
        return once(
            context,
            args.dry_run,
            Steps { promote: true, publish: true },
            None,
            args.fail_on.fail_on,
        );
    };
    loop {
        context.now = context.clock.now();
        let begun = context.clock.elapsed();
        match once(context, args.dry_run, Steps { promote: true, publish: true }, None, args.fail_on.fail_on)
        {
            Ok(_) => {}
            Err(error) => messages::say(&mends::explained(error).1),
        }
        let spent = context.clock.elapsed().saturating_sub(begun);
        std::thread::sleep(every.saturating_sub(spent).max(Duration::from_secs(1)));
    }
}

/// `scan`: verify and record, nothing else.
///
/// # Errors
/// When nothing could be done at all.
pub fn scan(context: &Context, args: &ScanArgs) -> Result<Exit> {
    context.want_deposits()?;
    let named = |name: &str| AgentId::new(name).with_context(|| format!("`{name}` is no agent's name"));
    let agent = args.agent.as_deref().map(named).transpose().or_usage()?;
    wall_in(context);
    once(context, args.dry_run, Steps { promote: false, publish: false }, agent, args.fail_on.fail_on)
}

/// From here on the process writes nowhere but in its own folders, where the kernel can see to it.
fn wall_in(context: &Context) {
    if let Err(reason) = wall::build(context) {
        tracing::debug!("no second wall: {reason}");
    }
}

fn once(
    context: &Context,
    dry_run: bool,
    steps: Steps,
    only_agent: Option<AgentId>,
    fail_on: Option<Finding>,
) -> Result<Exit> {
    let dry_run = dry_run || context.is_pretended()?;
    // A dry run writes nothing, and needs no lock.
    let lock = if dry_run { None } else { context.lock_unsettled()? };
    if lock.is_none() && !dry_run {
        tracing::info!("another run holds the lock and makes progress: nothing to do");
        return Ok(Exit::Done);
    }
    std::thread::scope(|scope| {
        let _watchdog = Watchdog::watch(scope, context);
        pass(context, dry_run, steps, only_agent, fail_on, lock.as_ref())
    })
}

fn pass(
    context: &Context,
    dry_run: bool,
    steps: Steps,
    only_agent: Option<AgentId>,
    fail_on: Option<Finding>,
    lock: Option<&Lock>,
) -> Result<Exit> {
    let mut summary = Summary::default();
    if let Some(lock) = lock
        && let Err(error) = context.settle(lock)
    {
        summary.not_done(format!("what a killed run left may be lost when the power fails: {error}"));
    }
    let source = context.source();
    want_each_agent_once(&source)?;
    let mut state = context.state(dry_run)?;
    let dry_run = state.scratch;
    let store: &mut dyn Store = &mut state.store;
    if steps.publish && !dry_run {
        super::state::backup::want_sound(context, store)?;
    }
    if let Some(agent) = &only_agent {
        want_known(&source, store, agent)?;
    }
    let last_scan = store.meta()?.last_scan.map(|scan| scan.finished_at);
    let vault = if steps.promote { vault(context, store, dry_run, lock, &mut summary)? } else { None };
    if steps.promote {
        tell_of_vault(store, summary.not_done.last().cloned(), context.now)?;
    }
    if let Some(lock) = lock {
        recover(context, lock, &mut summary);
    }
    let watch = Watch::new(context, lock, steps.publish && !dry_run);
    let kept = context.kept();
    let mut scan = Scan {
        store,
        source: &source,
        config: &context.config,
        kept: &kept,
        vault: vault.as_ref(),
        now: context.now,
        only_agent,
        dry_run,
        observer: &watch,
    };
    let mut scanned = scan.run()?;
    if let Some(vault) = &vault {
        let mut world = World::load(scan.store, &context.config, Some(vault), context.now)?;
        if !dry_run {
            promote_pending(&mut scan, &mut world, &mut scanned)?;
        }
        apply_retention(&mut scan, &world, &mut scanned, None, last_scan)?;
    }
    let mut outcome = watch.finish();
    summary.absorb(scanned);
    if steps.publish
        && !dry_run
        && vault.is_some()
        && let Err(error) = super::state::backup::daily(context, store)
    {
        summary.not_done(format!("today's copy of the state was not made: {error}"));
    }
    if steps.publish && !dry_run {
        outcome.absorb(outputs::publish(context, store, summary.cut_off));
    }
    for sentence in std::mem::take(&mut outcome.not_done) {
        summary.not_done(sentence);
    }
    let sent = outcome.sent;
    tell(context, store, &summary, sent, watch.elapsed(), dry_run)?;
    finish(context, store, &summary, fail_on)
}

/// An agent that has no folder and never had one is a slip of the pen, which must not look like a scan that went well.
fn want_known(source: &DepositTree, store: &dyn Store, agent: &AgentId) -> Result<()> {
    let found = source.agents().agents.iter().any(|found| found.id == *agent);
    if found || store.agents()?.iter().any(|known| known.id == *agent) {
        return Ok(());
    }
    let error: Result<()> = Err(anyhow::anyhow!("agent `{}` is not known", printable(agent.as_str())));
    error.hint("see `backupmon agents list`").or_usage()
}

/// Removes what a killed run left beside the state and in the site; the vault's are its own matter.
fn recover(context: &Context, lock: &Lock, summary: &mut Summary) {
    let kept = context.kept().recover(lock);
    let leftovers = [
        files::remove_temp_files(&context.state_folder()).map_err(anyhow::Error::from),
        kept.map_err(anyhow::Error::from),
        site::recover(&context.config.paths.site, lock).map_err(anyhow::Error::from),
    ];
    for removed in leftovers {
        match removed {
            Ok(removed) => tell_removed(&removed),
            Err(error) => summary.not_done(format!(
                "what a killed run left behind could not be removed: {}",
                sentence(&error)
            )),
        }
    }
}

fn tell_removed(removed: &[PathBuf]) {
    for path in removed {
        tracing::info!("removed {}: a killed run left it", path.display());
    }
}

/// An agent is the folder that it writes in: two folders of one name cannot be told apart.
fn want_each_agent_once(source: &DepositTree) -> Result<()> {
    match source.agents().twice.first() {
        None => Ok(()),
        Some(name) => {
            let error: Result<()> =
                Err(anyhow::anyhow!("agent `{}` has a folder under two deposit roots", printable(name)));
            error.hint("rename one of the folders, or take one root out of `deposits` in [paths]").or_usage()
        }
    }
}

/// The vault of this pass; `None` where it is not to be written, or is not there.
pub fn vault(
    context: &Context,
    store: &dyn Store,
    dry_run: bool,
    lock: Option<&Lock>,
    summary: &mut Summary,
) -> Result<Option<Vault>> {
    let mut vault = context.vault();
    let known = store.has_versions()?;
    match vault.is_mounted(known) {
        Ok(Mounted::Yes) => {}
        Ok(Mounted::AbsentOrEmpty) => {
            summary.not_done(format!(
                "nothing is promoted: the validated folder `{}` is empty though versions are known; is its file system mounted?",
                vault.root().display()
            ));
            return Ok(None);
        }
        Err(error) => {
            summary.not_done(format!("nothing is promoted: {error}; {OWN_VALIDATED}"));
            return Ok(None);
        }
    }
    if let Some(last_run) = taken_over(&context.state_folder(), &vault.own_folder()) {
        let (root, last_run) = (vault.root().display(), rfc3339(last_run));
        summary.not_done(format!(
            "nothing is promoted: another server worked with the versions under `{root}` at {last_run}; end it, or give \
             each a validated folder of its own. If there is no other, remove `{root}/.backupmon/last-run.json`: this \
             one then takes them over"
        ));
        return Ok(None);
    }
    if dry_run {
        return Ok(Some(vault));
    }
    match vault.claim() {
        Ok(true) => {}
        Ok(false) => {
            summary.not_done(format!(
                "nothing is promoted: another backupmon, with a state of its own, is at work under `{}`",
                vault.root().display()
            ));
            return Ok(None);
        }
        Err(error) => {
            summary.not_done(format!("nothing is promoted: {error}; {OWN_VALIDATED}"));
            return Ok(None);
        }
    }
    if let Err(error) = prepare(&vault, store, lock) {
        summary.not_done(format!("nothing is promoted: {}; {OWN_VALIDATED}", sentence(&error)));
        return Ok(None);
    }
    Ok(Some(vault))
}

const OWN_VALIDATED: &str =
    "see whether backupmon's user can write under the validated folder, or set `validated` in [paths]";

/// Finishes or removes what a killed run or a killed rename left behind, and begins on the disk: what cannot be written
/// at all is told once, and not of every job.
fn prepare(vault: &Vault, store: &dyn Store, lock: Option<&Lock>) -> Result<()> {
    if let Some(lock) = lock {
        tell_removed(&vault.recover(lock)?);
        rename::finish(vault, store)?;
    }
    Ok(vault.begin(0).map(drop)?)
}

/// That nothing can be promoted at all is the server's problem, with an end.
fn tell_of_vault(store: &mut dyn Store, trouble: Option<String>, now: Time) -> Result<()> {
    let subject = Subject::server(Problem::PromotionFailed);
    let open = store.incidents(None)?.into_iter().find(|incident| incident.subject == subject);
    let change = match (trouble, open) {
        (None, None) => return Ok(()),
        (Some(message), Some(open)) if open.message == message => return Ok(()),
        (Some(message), _) => {
            let severity = Severity::Critical;
            IncidentChange::Raise { subject, database: None, severity, cause: None, message, at: now }
        }
        (None, Some(_)) => IncidentChange::Resolve { subject, at: now },
    };
    store.commit(&Unit { incidents: vec![change], ..Unit::default() })?;
    Ok(())
}

fn tell(
    context: &Context,
    store: &dyn Store,
    summary: &Summary,
    sent: usize,
    took: Duration,
    dry_run: bool,
) -> Result<()> {
    // Cron mails whatever is printed: only a person at a terminal, or one who asks with -v, is told that all went well.
    let asked = context.style.width.is_some() || context.verbose > 0 || dry_run;
    if !context.json && (!asked || context.quiet) {
        return Ok(());
    }
    let document = ScanSummary {
        scan_id: summary.scan_id.filter(|_| !dry_run),
        reports: ReportCounts {
            judged: summary.reports.judged,
            rejected: summary.reports.rejected,
            superseded: summary.reports.superseded,
            duplicate: summary.reports.duplicate,
            waiting: summary.reports.waiting,
        },
        jobs: Snapshot::load(context, store)?.view(context).counts.clone(),
        bytes_read: summary.bytes_read,
        files_read: summary.files_read,
        versions_promoted: summary.versions_promoted,
        messages_sent: sent as u64,
        duration_seconds: took.as_secs_f64(),
    };
    if context.json {
        return print::json(&document);
    }
    let mut text = table::scan_summary(&document, context.style);
    if dry_run {
        let (files, bytes) = summary.would_read;
        text.push_str(&format!(
            "dry run: nothing was changed; {files} files of {} would be read, {} versions removed\n",
            crate::domain::text::size(bytes),
            summary.versions_removed
        ));
    }
    for note in &summary.notes {
        text.push_str(&format!("note: {note}\n"));
    }
    if !dry_run && context.config.paths.site.join("index.html").exists() {
        text.push_str(&format!("page: {}\n", context.config.paths.site.join("index.html").display()));
    }
    print::text(&text)
}

fn finish(context: &Context, store: &dyn Store, summary: &Summary, fail_on: Option<Finding>) -> Result<Exit> {
    let done = if summary.not_done.is_empty() { Exit::Done } else { Exit::Incomplete };
    Ok(done.and(finding(context, store, fail_on)?))
}

/// What `--fail-on` makes of the jobs and incidents as they are now.
///
/// # Errors
/// When the state cannot be read.
pub fn finding(context: &Context, store: &dyn Store, fail_on: Option<Finding>) -> Result<Exit> {
    let Some(least) = fail_on else { return Ok(Exit::Done) };
    let least = match least {
        Finding::Warning => Severity::Warning,
        Finding::Critical => Severity::Critical,
    };
    let snapshot = Snapshot::load(context, store)?;
    let of_jobs = snapshot.jobs.iter().any(|known| known.standing.severity >= least);
    let of_incidents =
        store.incidents(None)?.iter().any(|incident| incident.is_open() && incident.severity >= least);
    Ok(if of_jobs || of_incidents { Exit::Found } else { Exit::Done })
}

#[cfg(test)]
mod tests {
    use std::net::TcpListener;
    use std::os::unix::fs::PermissionsExt as _;
    use std::sync::atomic::{AtomicU64, Ordering};

    use clap::ColorChoice;

    use super::*;
    use crate::cli::Global;
    use crate::clock::Clock;
    use crate::domain::Digest;

    /// Ten minutes go by between two looks at it.
    #[derive(Default)]
    struct Running(AtomicU64);

    impl Clock for Running {
        fn now(&self) -> Time {
            "2040-06-15T08:00:00Z".parse().unwrap()
        }

        fn elapsed(&self) -> Duration {
            Duration::from_secs(600 * self.0.fetch_add(1, Ordering::Relaxed))
        }
    }

    #[test]
    fn a_run_that_its_deadline_cut_is_no_whole_one_for_the_outer_watch() {
        let folder = tempfile::tempdir().unwrap();
        let write = |name: &str, text: &str| {
            let path = folder.path().join(name);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, text).unwrap();
        };
        write("deposits/AGENT/databases/DB.bin", "bytes");
        let entry =
            format!(r#"{{"staged_file_name": "DB.bin", "sha256_checksum": "{}"}}"#, Digest::of(b"bytes"));
        let report = format!(r#"{{"agent_id": "AGENT", "databases": {{"DB": {entry}}}}}"#);
        write("deposits/AGENT/log/report.json", &report);
        // Nobody answers here, but who was called is seen.
        let watch = TcpListener::bind(("127.0.0.1", 0)).unwrap();
        watch.set_nonblocking(true).unwrap();
        write(
            "config.toml",
            &format!(
                "[paths]\ndeposits = 'deposits'\nstate = 'state/state.db'\nsite = 'site'\nvalidated = 'validated'\n\
                 [scan]\ndeadline = '1min'\n[heartbeat]\nurl = 'http://{}/'\n",
                watch.local_addr().unwrap()
            ),
        );
        let config = folder.path().join("config.toml");
        std::fs::set_permissions(&config, std::fs::Permissions::from_mode(0o600)).unwrap();
        let global = Global {
            config: Some(config),
            now: None,
            json: false,
            verbose: 0,
            quiet: true,
            color: ColorChoice::Never,
        };
        let mut context = Context::new(&global, &[]).unwrap();
        context.clock = Box::new(Running::default());
        context.now = context.clock.now();
        let exit = once(&context, false, Steps { promote: true, publish: true }, None, None).unwrap();
        assert_eq!(exit, Exit::Incomplete);
        let page = std::fs::read_to_string(folder.path().join("site/index.html")).unwrap();
        assert!(page.contains("AGENT"), "all else went out: {page}");
        assert!(watch.accept().is_err(), "the outer watch was told that all is well");
    }
}
