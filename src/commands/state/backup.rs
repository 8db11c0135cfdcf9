//! A copy of the state and of the jobs beside the versions, each day: what a lost disk of the state leaves.
//!
//! `VALIDATED/.backupmon/state-YYYYMMDD.db` and `jobs-YYYYMMDD.json`, by the server's days. A copy gets its name when it
//! is whole, and was read. The state itself is read as a whole once a day, by the run that is to make the copy and before
//! it does anything else: at each opening it would cost more than all the rest of a run (SECURITY has the figures).

use std::path::{Path, PathBuf};

use anyhow::{Result, bail};
use serde::Serialize;

use crate::commands::context::Context;
use crate::commands::holdings::owned;
use crate::commands::jobs::document::{Document, JobRecord};
use crate::commands::print;
use crate::domain::Time;
use crate::exit::Exit;
use crate::files::{self, TempDir, shown};
use crate::store::{Sqlite, Store};

/// How many days have a copy.
const KEPT: usize = 7;

/// Which of the two kinds of copies a file is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    State,
    Jobs,
}

impl Kind {
    const ALL: [Self; 2] = [Self::State, Self::Jobs];

    fn parts(self) -> (&'static str, &'static str) {
        match self {
            Kind::State => ("state-", ".db"),
            Kind::Jobs => ("jobs-", ".json"),
        }
    }

    fn file(self, day: &str) -> String {
        let (before, after) = self.parts();
        format!("{before}{day}{after}")
    }

    fn is_named(self, name: &str) -> bool {
        let (before, after) = self.parts();
        let day = name.strip_prefix(before).and_then(|rest| rest.strip_suffix(after));
        day.is_some_and(|day| day.len() == 8 && day.bytes().all(|byte| byte.is_ascii_digit()))
    }
}

#[derive(Serialize)]
struct Made {
    state: PathBuf,
    jobs: PathBuf,
}

/// `state backup`: now, in place of today's copy.
///
/// # Errors
/// When the validated folder is not there or another server's, the state is damaged, or something cannot be written.
pub fn backup(context: &Context) -> Result<Exit> {
    let Some(_lock) = context.lock()? else {
        bail!("another run is at work: it makes today's copy, or try again later")
    };
    let store = context.reader()?;
    let _vault = owned(context, &store)?;
    store.examine()?;
    let made = copy(context, &store)?;
    if context.json {
        print::json(&made)?;
    } else if !context.quiet {
        print::text(&format!("{}\n{}\n", shown(&made.state), shown(&made.jobs)))?;
    }
    Ok(Exit::Done)
}

/// For each run: the first of a day makes the day's copy, and the first after an operator's change makes it anew, for what
/// operators did is the one thing that neither the versions nor the reports can give back. The caller holds the lock, and
/// has seen that the validated folder is there.
///
/// # Errors
/// When the copy cannot be made; the older ones are then as they were.
pub fn daily(context: &Context, store: &dyn Store) -> Result<()> {
    if is_made(context)? && knows_operators(context, store)? {
        return Ok(());
    }
    copy(context, store).map(drop)
}

/// For each run, before it uses the state: the first of a day reads all of it. One that is damaged judges and removes
/// nothing, and takes no good copy's place.
///
/// # Errors
/// When it is damaged, or cannot be read.
pub fn want_sound(context: &Context, store: &dyn Store) -> Result<()> {
    // A folder that cannot be read is told by whoever needs it.
    if is_made(context).unwrap_or(false) {
        return Ok(());
    }
    Ok(store.examine()?)
}

/// Whether there is a copy of today.
fn is_made(context: &Context) -> Result<bool> {
    Ok(context.vault().own_folder().join(Kind::Jobs.file(&today(context))).try_exists()?)
}

/// Whether today's copy has what operators did last. What was done on an earlier day is in it in any case.
fn knows_operators(context: &Context, store: &dyn Store) -> Result<bool> {
    let Some(newest) = store.audit(1)?.pop() else { return Ok(true) };
    if day(context, newest.at) != today(context) {
        return Ok(true);
    }
    let copy = context.vault().own_folder().join(Kind::State.file(&today(context)));
    // One that cannot be read is made anew, too.
    let known = Sqlite::open_read_only(&copy).and_then(|copy| copy.audit(1));
    Ok(known.is_ok_and(|known| known.last() == Some(&newest)))
}

fn today(context: &Context) -> String {
    day(context, context.now)
}

fn day(context: &Context, time: Time) -> String {
    time.with_timezone(&context.config.server_timezone).format("%Y%m%d").to_string()
}

fn copy(context: &Context, store: &dyn Store) -> Result<Made> {
    let folder = context.vault().own_folder();
    files::create_dirs(&folder)?;
    // Under the lock nobody else's are there.
    files::remove_temps(&folder)?;
    want_space(context)?;
    let day = today(context);
    let made = Made { state: folder.join(Kind::State.file(&day)), jobs: folder.join(Kind::Jobs.file(&day)) };
    let draft = TempDir::new_in(&folder)?;
    let copy = draft.path().join("state.db");
    store.copy_to(&copy)?;
    // What nobody has read is no copy, and an older one may go for it.
    Sqlite::open_read_only(&copy)?.examine()?;
    files::rename(&copy, &made.state)?;
    draft.remove()?;
    // Or a power cut could keep the name that is given last, and not this one, or the draft beside it.
    files::sync_dir(&folder)?;
    let jobs = serde_json::to_vec_pretty(&jobs_of(store)?)?;
    // Last, and synced with its folder: where it is, the day's copy is whole.
    files::write_atomic(&made.jobs, &jobs)?;
    for kind in Kind::ALL {
        for old in copies(&folder, kind)?.into_iter().skip(KEPT) {
            files::remove_file(&old)?;
        }
    }
    Ok(made)
}

/// As `jobs export` writes it.
fn jobs_of(store: &dyn Store) -> Result<Document> {
    let jobs = store.jobs()?;
    Ok(Document { jobs: jobs.iter().filter(|job| !job.ignored).map(JobRecord::of).collect() })
}

/// A copy must not be what fills the disk of the versions.
fn want_space(context: &Context) -> Result<()> {
    let size = std::fs::metadata(&context.config.paths.state).map_or(0, |meta| meta.len());
    let free = context.vault().space()?.free;
    if size.saturating_mul(2) > free {
        bail!(
            "the state was not copied beside the versions: it takes {}, and {} are free",
            crate::domain::text::size(size),
            crate::domain::text::size(free)
        );
    }
    Ok(())
}

/// The copies of one kind, newest first; none where the folder is not there.
///
/// # Errors
/// When the folder cannot be listed.
pub fn copies(folder: &Path, kind: Kind) -> Result<Vec<PathBuf>> {
    if !folder.try_exists()? {
        return Ok(Vec::new());
    }
    let mut names = Vec::new();
    for entry in std::fs::read_dir(folder)? {
        let name = entry?.file_name();
        names.extend(name.to_str().filter(|name| kind.is_named(name)).map(str::to_owned));
    }
    // Days as digits sort by time.
    names.sort_by(|a, b| b.cmp(a));
    Ok(names.into_iter().map(|name| folder.join(name)).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_copies_are_taken_for_copies() {
        for (name, kind) in [("state-20260615.db", Kind::State), ("jobs-20260615.json", Kind::Jobs)] {
            assert!(kind.is_named(name), "{name}");
        }
        for name in ["state-2026061.db", "state-20260615.db-wal", "state-mine.db", "jobs-20260615.db", "tmp"]
        {
            assert!(!Kind::ALL.iter().any(|kind| kind.is_named(name)), "{name}");
        }
    }
}
