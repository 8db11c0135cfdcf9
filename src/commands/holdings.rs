//! The versions that a command is about: of the state and the validated folder, or of a validated folder alone.
//!
//! Alone means that neither a state nor a configuration is looked for: it is what is left on the day when all else is
//! lost. Then labels come from the agents' ids as they are usually built, and a version counts as undamaged until it is
//! read.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use anyhow::{Result, bail};

use super::context::Context;
use super::select;
use super::snapshot::Snapshot;
use crate::config::{AgentPattern, DEFAULT_AGENT_PATTERN};
use crate::domain::selector::names;
use crate::domain::text::{printable, rfc3339};
use crate::domain::{Job, JobKey, Selector, Version};
use crate::exit::Advise as _;
use crate::scan::reconcile::mark::taken_over;
use crate::store::Store;
use crate::vault::{Foreign, Mounted, OnDisk, Vault};

/// One job's versions, oldest report first.
pub struct Shelf {
    pub key: JobKey,
    pub versions: Vec<Version>,
    /// Those that the state knows and the disk has no more.
    pub gone: Vec<Version>,
    /// What `current_version` names.
    pub current: Option<String>,
}

pub struct Holdings {
    pub vault: Vault,
    /// By agent and database; a job without any version has an empty one, where jobs are known.
    pub shelves: Vec<Shelf>,
    /// What lies among the versions and is none.
    pub foreign: Vec<Foreign>,
    /// What could not be looked at, by the machine's failure.
    pub unread: Vec<String>,
}

impl Holdings {
    /// # Errors
    /// When the folder cannot be listed, a named job is not in it, or a status is asked for.
    pub fn of_tree(root: &Path, selector: &Selector) -> Result<Self> {
        if !selector.status.is_empty() {
            let refused: Result<()> = (|| bail!("--status cannot be told from a validated folder alone"))();
            refused.hint("leave --status or --tree away").or_usage()?;
        }
        if !root.is_dir() {
            let absent: Result<()> = (|| bail!("there is no folder `{}`", root.display()))();
            absent.or_usage()?;
        }
        let mut holdings = Self::none(root.to_owned());
        let mut shelves: BTreeMap<JobKey, Shelf> = BTreeMap::new();
        let pattern = AgentPattern::new(DEFAULT_AGENT_PATTERN)?;
        for listing in Vault::new(root.to_owned()).all()? {
            match listing {
                Ok(listing) => {
                    holdings.foreign.extend(listing.foreign);
                    for found in listing.versions {
                        let labels = Job::new(found.key.clone(), found.record.promoted_at, false)
                            .labels_with(&pattern.labels(found.key.agent.as_str()));
                        if selector.matches(&found.key, &labels, None) {
                            put(
                                shelves.entry(found.key.clone()).or_insert_with(|| empty(&found.key)),
                                &found,
                            );
                        }
                    }
                }
                Err(error) => holdings.unread.push(error.to_string()),
            }
        }
        for name in &selector.jobs {
            if !shelves.keys().any(|key| names(name, key)) {
                let absent: Result<()> =
                    (|| bail!("no version of `{}` lies in `{}`", printable(name), root.display()))();
                absent.hint("`backupmon versions list --tree DIR` shows what does").or_usage()?;
            }
        }
        holdings.shelves = shelves.into_values().collect();
        Ok(holdings)
    }

    /// Of the selected jobs: what lies on the disk, with what the state knows of it.
    ///
    /// # Errors
    /// When the state cannot be read, a named job is not known, or the validated folder is not there.
    pub fn of_state(context: &Context, store: &dyn Store, selector: &Selector) -> Result<Self> {
        let snapshot = Snapshot::load(context, store)?;
        let mut holdings = Self::none(context.config.paths.validated.clone());
        mounted(&holdings.vault, store)?;
        let mut known: BTreeMap<_, Vec<Version>> = BTreeMap::new();
        for version in store.versions(None)? {
            known.entry(version.job.clone()).or_default().push(version);
        }
        for job in select::meant(&snapshot, selector)? {
            let key = &job.job.key;
            let mut shelf = empty(key);
            match holdings.vault.list(key) {
                Ok(listing) => {
                    holdings.foreign.extend(listing.foreign);
                    listing.versions.iter().for_each(|found| put(&mut shelf, found));
                }
                Err(error) => holdings.unread.push(error.to_string()),
            }
            shelf.take_over(known.remove(&job.job.id).unwrap_or_default(), &holdings.vault);
            holdings.shelves.push(shelf);
        }
        Ok(holdings)
    }

    fn none(root: PathBuf) -> Self {
        Self { vault: Vault::new(root), shelves: Vec::new(), foreign: Vec::new(), unread: Vec::new() }
    }
}

impl Shelf {
    /// What the state knows beside the disk: what is damaged, and when each was verified. A version whose `report.json`
    /// is lost is known by the state alone.
    fn take_over(&mut self, known: Vec<Version>, vault: &Vault) {
        for version in known {
            match self.versions.iter_mut().find(|on_disk| on_disk.name == version.name) {
                Some(on_disk) => {
                    on_disk.damaged = version.damaged;
                    on_disk.verified_at = version.verified_at;
                }
                None if vault.has(&self.key, &version.name) => self.versions.push(version),
                None => self.gone.push(version),
            }
        }
        self.versions.sort_by(|a, b| (a.report_time, &a.name).cmp(&(b.report_time, &b.name)));
    }
}

fn empty(key: &JobKey) -> Shelf {
    Shelf { key: key.clone(), versions: Vec::new(), gone: Vec::new(), current: None }
}

fn put(shelf: &mut Shelf, found: &OnDisk) {
    if found.current {
        shelf.current = Some(found.record.version.clone());
    }
    shelf.versions.push(found.version());
}

/// Versions that are known are not lost when their file system is not mounted.
///
/// # Errors
/// When it is not.
pub fn mounted(vault: &Vault, store: &dyn Store) -> Result<()> {
    match vault.is_mounted(store.has_versions()?)? {
        Mounted::Yes => Ok(()),
        Mounted::AbsentOrEmpty => {
            let absent: Result<()> = (|| {
                bail!("the validated folder `{}` is empty though versions are known", vault.root().display())
            })();
            absent.hint("mount its file system, or mend `validated` in [paths]")
        }
    }
}

/// The versions, for a command that changes something of them: no other server may while this is held.
///
/// # Errors
/// When they are not mounted, another server was the last to work with them, or one is at work.
pub fn owned(context: &Context, store: &dyn Store) -> Result<Vault> {
    let mut vault = context.vault();
    mounted(&vault, store)?;
    let root = vault.root().display().to_string();
    if let Some(last_run) = taken_over(&context.state_folder(), &vault.own_folder()) {
        let other: Result<()> =
            (|| bail!("another server worked with the versions under `{root}` at {}", rfc3339(last_run)))();
        other.hint("see what `backupmon run` says of it; nothing was changed")?;
    }
    if !vault.claim()? {
        let other: Result<()> =
            (|| bail!("another backupmon, with a state of its own, is at work under `{root}`"))();
        other.hint("try again when it has ended; nothing was changed")?;
    }
    Ok(vault)
}
