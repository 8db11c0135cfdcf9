//! `state rebuild`: a new state from the newest copy, the versions on the disk and the kept reports.
//!
//! Nothing is judged here: reports that the copy does not know are put back as unjudged, and the next `run` judges them
//! in their order, with the deadlines after them. The old state is set aside, never deleted.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::path::{Path, PathBuf};

use anyhow::{Result, bail};
use chrono::TimeDelta;
use serde::Serialize;

use super::backup::{Kind, copies};
use super::compare::Differences;
use crate::commands::context::Context;
use crate::commands::jobs::document::{Document, JobRecord, Patch};
use crate::commands::print;
use crate::domain::entry::{AgentSeconds, Hold};
use crate::domain::incident::{IncidentChange, Subject};
use crate::domain::job::{FileIdentity, GoodBackup, Pause};
use crate::domain::text::printable;
use crate::domain::{AgentId, Digest, Entry, Job, JobId, JobKey, Problem, Severity, Status, Time, Version};
use crate::exit::{Advise as _, Exit};
use crate::files::{self, shown};
use crate::source::deposit::DepositTree;
use crate::source::{FoundAgent, Source as _, agent_report};
use crate::store::{Agent, ReportRecord, ReportState, Sqlite, Store, Unit};
use crate::vault::{Mounted, OnDisk};

/// An older report is remembered as judged: all that are judged again are in memory at once, and whatever an older one
/// spoke of is a version or gone.
const JUDGED_AGAIN: TimeDelta = TimeDelta::days(30);

/// What the new state is made of.
#[derive(Debug, Default, Serialize)]
struct Found {
    /// The copy that it begins with; null where none could be read.
    copy: Option<PathBuf>,
    jobs: usize,
    /// Versions on the disk that the copy did not know.
    versions_adopted: usize,
    /// Versions of the copy that are no longer on the disk.
    versions_gone: usize,
    /// Kept reports that the next run judges.
    reports_to_judge: usize,
    dry_run: bool,
    /// Where the old state lies now.
    set_aside: Option<PathBuf>,
}

/// # Errors
/// When something cannot be read or written; the old state is then as it was, or lies set aside, whole.
pub fn rebuild(context: &Context, sure: bool) -> Result<Exit> {
    let path = &context.config.paths.state;
    let lock = if sure { context.lock()? } else { None };
    if sure && lock.is_none() {
        bail!("another run is at work: try again when it has ended");
    }
    let vault = context.vault();
    if vault.is_mounted(true)? == Mounted::AbsentOrEmpty
        && copies(&vault.own_folder(), Kind::State)?.is_empty()
    {
        let absent: Result<()> =
            (|| bail!("there are neither versions nor copies under `{}`", vault.root().display()))();
        absent.hint(
            "mount the validated folder; without versions a new state is made by the next `backupmon run`",
        )?;
    }
    let draft = draft_path(path);
    remove_state(&draft)?;
    let (mut store, copy, dry_run) = begin(context, sure, &draft)?;
    let mut found = Found { copy, dry_run, ..Found::default() };
    let differences = Differences::find(&store, &vault)?;
    reconcile(context, &mut store, differences, &mut found)?;
    put_back_reports(context, &mut store, &mut found)?;
    found.jobs = store.jobs()?.len();
    // Its last connection's end leaves one file.
    drop(store);
    if !dry_run {
        found.set_aside = replace(path, &draft, context.now)?;
    }
    tell(context, &found)?;
    Ok(Exit::Done)
}

fn draft_path(state: &Path) -> PathBuf {
    with_suffix(state, ".rebuilt")
}

fn with_suffix(path: &Path, suffix: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(suffix);
    name.into()
}

/// A state with the two files that SQLite keeps beside it.
const PARTS: [&str; 3] = ["-wal", "-shm", ""];

fn remove_state(path: &Path) -> Result<()> {
    for part in PARTS {
        files::remove_file(&with_suffix(path, part))?;
    }
    Ok(())
}

/// The state to begin with: a copy of the newest copy that is sound, else a new one with the jobs of the newest document.
/// In memory for a dry run, which `--now` makes of it on a state that was not created so.
fn begin(context: &Context, sure: bool, draft: &Path) -> Result<(Sqlite, Option<PathBuf>, bool)> {
    let folder = context.vault().own_folder();
    for copy in copies(&folder, Kind::State)? {
        match sound(&copy) {
            Ok(store) => {
                let dry_run = !sure || (context.fixed_clock && !store.meta()?.fixed_clock);
                let store = if dry_run {
                    Sqlite::scratch_copy(&copy)?
                } else {
                    store.copy_to(draft)?;
                    Sqlite::open(draft, context.now, context.fixed_clock)?
                };
                return Ok((store, Some(copy), dry_run));
            }
            Err(reason) => tracing::warn!("the copy `{}` is left out: {reason}", shown(&copy)),
        }
    }
    let mut store = if sure {
        Sqlite::open(draft, context.now, context.fixed_clock)?
    } else {
        Sqlite::in_memory(context.now, context.fixed_clock)?
    };
    for document in copies(&folder, Kind::Jobs)? {
        match jobs_of(&document, context.now) {
            Ok(jobs) => {
                store.commit(&Unit { jobs, ..Unit::default() })?;
                return Ok((store, Some(document), !sure));
            }
            Err(reason) => tracing::warn!("the copy `{}` is left out: {reason}", shown(&document)),
        }
    }
    Ok((store, None, !sure))
}

fn sound(copy: &Path) -> Result<Sqlite> {
    let store = Sqlite::open_read_only(copy)?;
    match store.check()?.first() {
        Some(fault) => bail!("it is damaged: {}", printable(fault)),
        None => Ok(store),
    }
}

fn jobs_of(document: &Path, now: Time) -> Result<Vec<Job>> {
    let document: Document = serde_json::from_slice(&std::fs::read(document)?)?;
    Ok(document.jobs.into_iter().map(|record| job_of(record, now)).collect())
}

/// The job as it begins anew. One that was retired is paused: the document does not tell the two apart.
fn job_of(record: JobRecord, now: Time) -> Job {
    let mut job = Job::new(record.key(), now, false);
    if record.active == Patch::Set(false) {
        let (who, reason) =
            ("state rebuild".to_owned(), "it was not active in the copy of the jobs".to_owned());
        job.pauses.push(Pause { from: now, until: None, who, reason });
    }
    record.apply(&mut job);
    job
}

/// Takes over what the disk says of versions, one transaction per job.
fn reconcile(
    context: &Context,
    store: &mut dyn Store,
    differences: Differences,
    found: &mut Found,
) -> Result<()> {
    let mut jobs: HashMap<JobId, Job> = store.jobs()?.into_iter().map(|job| (job.id.clone(), job)).collect();
    found.versions_gone = differences.gone.len();
    let gone = differences.gone.into_iter().map(|(job, _, name)| (job, name)).collect();
    let versions = differences.marked.iter().map(OnDisk::version).collect();
    store.commit(&Unit { versions, versions_removed: gone, ..Unit::default() })?;
    let mut by_job: BTreeMap<JobKey, Vec<OnDisk>> = BTreeMap::new();
    for version in differences.unknown {
        by_job.entry(version.key.clone()).or_default().push(version);
    }
    for (key, versions) in by_job {
        // On trial: that it is still expected is not known, so that its absence is no alarm yet.
        let job = jobs.remove(&key.id()).unwrap_or_else(|| Job::new(key, context.now, true));
        if job.ignored {
            continue;
        }
        found.versions_adopted += versions.len();
        store.commit(&adopt(job, &versions, context.now))?;
    }
    Ok(())
}

/// The unit that adds versions, oldest first, to a job that does not know them.
fn adopt(mut job: Job, versions: &[OnDisk], now: Time) -> Unit {
    let mut unit = Unit::default();
    for on_disk in versions {
        let version = on_disk.version();
        if !version.held {
            remember(&mut job, on_disk, &version);
        }
        unit.entries.push(entry(on_disk, &version));
        unit.versions.push(version);
    }
    let good = job.state.good.as_ref().map(|good| good.report_time);
    if let Some(held) = unit.versions.iter().rfind(|version| version.held && Some(version.report_time) > good)
    {
        job.state.held = true;
        unit.incidents.push(IncidentChange::Raise {
            subject: Subject::version(Problem::VersionHeld, &job.key.agent, &job.id),
            database: Some(job.key.database.to_string()),
            severity: Severity::Critical,
            cause: None,
            message: format!("version {} is held", held.name),
            at: now,
        });
    }
    unit.jobs.push(job);
    unit
}

/// The job's last good backup, where this version is newer than the one that it knows.
fn remember(job: &mut Job, on_disk: &OnDisk, version: &Version) {
    let state = &mut job.state;
    let at = Some(version.report_time);
    if state.good.as_ref().is_some_and(|good| good.report_time >= version.report_time) {
        return;
    }
    if state.status == Status::Pending {
        state.status = Status::Success;
        state.since = version.promoted_at;
        state.message = Some(on_disk.record.message.clone());
    }
    state.covered_by = state.covered_by.max(at);
    state.last_report_at = state.last_report_at.max(at);
    state.last_success_at = state.last_success_at.max(at);
    state.last_change_at = state.last_change_at.max(at);
    state.last_verified_at = state.last_verified_at.max(Some(version.verified_at));
    state.current_version = Some(version.name.clone());
    state.good = Some(GoodBackup {
        sha256: version.sha256,
        size_bytes: version.size_bytes,
        content_bytes: version.content_bytes,
        report_time: version.report_time,
        // Not known to the new state.
        report: 0,
        file: version.file_name.clone(),
        version: Some(version.name.clone()),
    });
}

/// A suspicious version without its mark was accepted.
fn hold(version: &Version) -> Option<Hold> {
    let is_suspicious = version.warnings.iter().any(|warning| warning.is_suspicious());
    match (version.held, is_suspicious) {
        (true, _) => Some(Hold::Held),
        (false, true) => Some(Hold::Accepted),
        (false, false) => None,
    }
}

fn entry(on_disk: &OnDisk, version: &Version) -> Entry {
    Entry {
        id: 0,
        job: version.job.clone(),
        status: Some(Status::Success),
        cause: None,
        message: format!("{} (from the version on the disk)", on_disk.record.message),
        warnings: version.warnings.clone(),
        report: Some(on_disk.record.report.clone()),
        report_id: None,
        report_time: Some(version.report_time),
        judged_at: version.promoted_at,
        cycle: None,
        sha256: Some(version.sha256),
        size_bytes: Some(version.size_bytes),
        content_bytes: version.content_bytes,
        kind: on_disk.record.kind.clone(),
        hold: hold(version),
        reported_sha256: None,
        reported_size: None,
        superseded: false,
        version: Some(version.name.clone()),
        agent_seconds: AgentSeconds::default(),
    }
}

/// The kept reports that the new state does not know, as unjudged ones.
fn put_back_reports(context: &Context, store: &mut dyn Store, found: &mut Found) -> Result<()> {
    let kept = context.kept();
    let known: HashSet<_> = store.report_contents(Time::UNIX_EPOCH)?.into_iter().collect();
    let mut agents: HashMap<AgentId, Agent> =
        store.agents()?.into_iter().map(|agent| (agent.id.clone(), agent)).collect();
    let source = context.source();
    let folders: HashMap<AgentId, FoundAgent> =
        source.agents().agents.into_iter().map(|agent| (agent.id.clone(), agent)).collect();
    for (digest, origin) in kept.received_since(Time::UNIX_EPOCH)? {
        if known.contains(&digest) {
            continue;
        }
        let Ok(Some(bytes)) = kept.read(&digest) else {
            tracing::warn!("the kept report {digest} is damaged, and left out");
            continue;
        };
        let aliases = context.config.aliases(origin.agent.as_str());
        let reason =
            agent_report::read(&bytes, &origin.agent, &aliases).err().map(|rejection| rejection.to_string());
        let state = match &reason {
            Some(_) => ReportState::Rejected,
            None if context.now - origin.received_at > JUDGED_AGAIN => ReportState::Judged,
            None => ReportState::Open,
        };
        found.reports_to_judge += usize::from(state == ReportState::Open);
        let agent = agents.entry(origin.agent.clone()).or_insert_with(|| Agent {
            id: origin.agent.clone(),
            root: folders.get(&origin.agent).map(|agent| agent.root.clone()).unwrap_or_default(),
            first_seen: origin.received_at,
            last_report_at: None,
            log_mtime: None,
            dumps: None,
        });
        if reason.is_none() {
            agent.last_report_at = agent.last_report_at.max(Some(origin.received_at));
        }
        let identity = folders
            .get(&origin.agent)
            .and_then(|agent| lying(&source, agent, &origin.file, &digest))
            .unwrap_or(FileIdentity { device: 0, inode: 0, size: 0, mtime: 0, ctime: 0 });
        let record = ReportRecord {
            id: 0,
            agent: origin.agent,
            file: origin.file,
            content: Some(digest),
            identity,
            first_seen: origin.received_at,
            received_at: origin.received_at,
            state,
            reason,
        };
        store.commit(&Unit { agents: vec![agent.clone()], report: Some(record), ..Unit::default() })?;
    }
    Ok(())
}

/// The file of a report that still lies in the deposit, so that the next scan knows it for this one.
fn lying(source: &DepositTree, agent: &FoundAgent, file: &str, digest: &Digest) -> Option<FileIdentity> {
    let (bytes, identity) = source.read_report(agent, file).ok()?;
    (Digest::of(&bytes) == *digest).then_some(identity)
}

/// Puts the new state in the old one's place. The old one's log goes first: SQLite would take it for the new one's.
fn replace(path: &Path, draft: &Path, now: Time) -> Result<Option<PathBuf>> {
    let aside = with_suffix(path, &format!(".before-rebuild-{}", now.format("%Y%m%dT%H%M%SZ")));
    let mut had_state = false;
    for part in PARTS {
        let old = with_suffix(path, part);
        if old.try_exists()? {
            files::rename(&old, &with_suffix(&aside, part))?;
            had_state = true;
        }
    }
    files::rename(draft, path)?;
    files::sync_dir(path.parent().unwrap_or(Path::new(".")))?;
    Ok(had_state.then_some(aside))
}

fn tell(context: &Context, found: &Found) -> Result<()> {
    if context.json {
        return print::json(found);
    }
    if context.quiet {
        return Ok(());
    }
    let copy = found
        .copy
        .as_ref()
        .map_or_else(|| "no copy of it could be read".to_owned(), |copy| format!("from {}", shown(copy)));
    let text = format!(
        "{copy}: {} jobs, {} versions adopted, {} gone, {} reports for the next run to judge\n",
        found.jobs, found.versions_adopted, found.versions_gone, found.reports_to_judge
    );
    let aside = found
        .set_aside
        .as_ref()
        .map_or_else(String::new, |aside| format!("the old state is {}\n", shown(aside)));
    let next = if found.dry_run {
        "dry run: nothing was changed; say --yes to do it\n"
    } else {
        "next: backupmon -v run\n"
    };
    print::text(&[text.as_str(), &aside, next].concat())
}
