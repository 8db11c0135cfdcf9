//! `state rebuild`: a new state from the newest copy, the versions on the disk and the kept reports.
//!
//! Nothing is judged here: reports that the copy does not know are put back as unjudged, and the next `run` judges them
//! in their order, with the deadlines after them. The old state is set aside, never deleted.

use std::path::{Path, PathBuf};

use anyhow::{Result, bail};
use serde::Serialize;

use super::backup::{Kind, copies};
use crate::commands::context::Context;
use crate::commands::jobs::document::{Document, JobRecord, Patch};
use crate::commands::observer::Watch;
use crate::commands::print;
use crate::domain::job::Pause;
use crate::domain::text::printable;
use crate::domain::{Job, Time};
use crate::exit::{Advise as _, Exit};
use crate::files::{self, shown};
use crate::scan::Scan;
use crate::scan::reconcile::reports::PutBack;
use crate::scan::reconcile::take_over;
use crate::scan::summary::Summary;
use crate::store::{Sqlite, Store, Unit};
use crate::vault::{Mounted, Vault};

/// What the new state is made of.
#[derive(Debug, Default, Serialize)]
struct Found {
    /// The copy that it begins with; null where none could be read.
    copy: Option<PathBuf>,
    jobs: usize,
    /// Versions on the disk that the copy did not know.
    versions_adopted: u64,
    /// Versions whose reports the next run judges.
    versions_to_complete: u64,
    /// Versions of the copy that are no longer on the disk.
    versions_gone: u64,
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
    let (kept, source) = (context.kept(), context.source());
    let put_back = PutBack {
        store: &mut store,
        kept: &kept,
        source: &source,
        config: &context.config,
        now: context.now,
    };
    found.reports_to_judge = put_back.all()?;
    reconcile(context, &mut store, &vault, &mut found)?;
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

/// Where the state is gone, it begins again from the newest copy that is sound: what was set on the jobs, whom was told
/// what. What came since, the next run takes over from the disk. Gives the copy; the caller holds the lock.
///
/// # Errors
/// When the copy cannot be put in its place.
pub fn begin_again(context: &Context) -> Result<Option<PathBuf>> {
    let path = &context.config.paths.state;
    let copies = copies(&context.vault().own_folder(), Kind::State).unwrap_or_default();
    for copy in copies {
        // A state that was made under `--now` is for trying things out, and the other way round.
        match sound(&copy).and_then(|store| Ok((store.meta()?.fixed_clock, store))) {
            Ok((fixed_clock, store)) if fixed_clock == context.fixed_clock => {
                let draft = draft_path(path);
                remove_state(&draft)?;
                store.copy_to(&draft)?;
                replace(path, &draft, context.now)?;
                return Ok(Some(copy));
            }
            Ok(_) => {}
            Err(reason) => tracing::warn!("the copy `{}` is left out: {reason}", shown(&copy)),
        }
    }
    Ok(None)
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

/// Takes over what the disk says of versions, as a run does. What cannot be compared now is an error, for the old state
/// may still be the better one.
fn reconcile(context: &Context, store: &mut dyn Store, vault: &Vault, found: &mut Found) -> Result<()> {
    let (kept, source) = (context.kept(), context.source());
    let watch = Watch::new(context, None, false);
    let mut scan = Scan {
        store,
        source: &source,
        config: &context.config,
        kept: &kept,
        vault: Some(vault),
        now: context.now,
        only_agent: None,
        dry_run: found.dry_run,
        observer: &watch,
    };
    let mut summary = Summary::default();
    found.versions_to_complete = take_over(&mut scan, &mut summary)?;
    found.versions_adopted = summary.versions_adopted;
    found.versions_gone = summary.versions_gone;
    match summary.not_done.into_iter().next() {
        Some(reason) => bail!(reason),
        None => Ok(()),
    }
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
        "{copy}: {} jobs, {} versions adopted, {} gone, {} reports for the next run to judge, with {} versions\n",
        found.jobs,
        found.versions_adopted,
        found.versions_gone,
        found.reports_to_judge,
        found.versions_to_complete
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
