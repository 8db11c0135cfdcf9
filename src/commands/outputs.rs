//! What goes out of a run: mail and webhooks, the site, the heartbeat.

use std::collections::{BTreeMap, BTreeSet};
use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::Result;

use super::context::Context;
use super::muting::Muting;
use super::overview::overview;
use super::snapshot::{Snapshot, details};
use crate::domain::retention::Fate;
use crate::domain::text::printable;
use crate::domain::{Incident, JobId};
use crate::exit::sentence;
use crate::files::{self, Lock};
use crate::notify::{self, Channels, ConfigRegister, Delivery, Post};
use crate::render::site;
use crate::store::Store;

const HEARTBEAT_PATIENCE: Duration = Duration::from_secs(20);

/// What went out, and what did not.
#[derive(Debug, Default)]
pub struct Outcome {
    pub sent: usize,
    /// Each a sentence.
    pub not_done: Vec<String>,
}

impl Outcome {
    /// Adds what went out later.
    pub fn absorb(&mut self, later: Self) {
        self.sent += later.sent;
        self.not_done.extend(later.not_done);
    }
}

/// Mail, site, heartbeat. What fails here is told, and the rest is done.
pub fn publish(context: &Context, store: &mut dyn Store, fates: &BTreeMap<(JobId, String), Fate>) -> Outcome {
    let mut outcome = Outcome::default();
    let mut unheard = false;
    match deliver(context, store) {
        Ok(delivery) => {
            unheard = delivery.unheard;
            outcome.sent = delivery.sent;
            let undelivered =
                |error: &String| format!("a message was not delivered: {error}; it is kept and tried again");
            outcome.not_done.extend(delivery.errors.iter().map(undelivered));
        }
        Err(error) => outcome.not_done.push(format!("no message was sent: {error:#}")),
    }
    if let Err(error) = write_site(context, store, &context.config.paths.site, fates) {
        outcome.not_done.push(format!(
            "the site was not written: {}; see whether backupmon's user can write there, or set `site` in [paths]",
            sentence(&error)
        ));
    }
    // An outer watch must hear nothing while a message has reached nobody.
    if !unheard && let Err(error) = heartbeat(context, store) {
        outcome.not_done.push(error.to_string());
    }
    outcome
}

/// Whether anything is ever sent: without a channel nothing is queued.
#[must_use]
pub fn speaks(context: &Context) -> bool {
    context.config.mail.is_some() || !context.config.webhooks.is_empty()
}

/// Does `work` with all that delivering needs.
///
/// # Errors
/// What `work` gives, and when the state cannot be read.
pub fn with_post<T>(
    context: &Context,
    store: &mut dyn Store,
    work: impl FnOnce(&mut dyn Store, &Post) -> Result<T>,
) -> Result<T> {
    let snapshot = Snapshot::load(context, store)?;
    let jobs: Vec<_> = snapshot.jobs.iter().map(|known| known.job.clone()).collect();
    let muting = Muting::new(context, &snapshot);
    let muted = |incident: &Incident| muting.covers(incident);
    let channels = Channels::from_config(&context.config);
    let overview = || overview(context, &snapshot, channels.language);
    let register = ConfigRegister::new(&context.config, &jobs, snapshot.now, &muted, &overview);
    let post = Post {
        register: &register,
        channels: &channels,
        terms: notify::terms(&context.config),
        site: context.config.site.base_url.clone(),
    };
    work(store, &post)
}

/// Delivers what waits and what is new.
///
/// # Errors
/// When the state cannot be used.
pub fn deliver(context: &Context, store: &mut dyn Store) -> Result<Delivery> {
    if !speaks(context) {
        return Ok(Delivery::default());
    }
    with_post(context, store, |store, post| Ok(notify::deliver(store, post, context.clock.now())?))
}

/// Writes the site; gives how many of its files changed.
///
/// # Errors
/// When the state cannot be read or a file cannot be written.
pub fn write_site(
    context: &Context,
    store: &dyn Store,
    folder: &Path,
    fates: &BTreeMap<(JobId, String), Fate>,
) -> Result<usize> {
    let snapshot = Snapshot::load(context, store)?;
    let view = snapshot.view(context);
    let incidents = store.incidents(Some(snapshot.now - super::snapshot::SHOWN))?;
    let mut changed = 0;
    let mut made: BTreeSet<PathBuf> = BTreeSet::new();
    // In a folder that was no site of ours, files of such names are somebody else's.
    let was_site = folder.join("data/stamp.js").is_file();
    files::create_dirs(folder)?;
    site::render(
        &view,
        &mut |job| details(store, &job.job.id, &incidents, fates).map(Some).map_err(io::Error::other),
        &mut |path, content| {
            let path = folder.join(path);
            if let Some(parent) = path.parent()
                && made.insert(parent.to_owned())
            {
                files::create_dirs(parent).map_err(io::Error::other)?;
            }
            let mut bytes = Vec::new();
            content(&mut bytes)?;
            changed += usize::from(files::replace_if_changed(&path, &bytes).map_err(io::Error::other)?);
            Ok(())
        },
    )?;
    if was_site {
        remove_strangers(folder, &site::members(&view))?;
    }
    if let Some(metrics) = &context.config.paths.metrics {
        let mut bytes = Vec::new();
        crate::render::metrics::write(&view, &mut bytes)?;
        files::replace_if_changed(&metrics.join("backupmon.prom"), &bytes)?;
    }
    Ok(changed)
}

/// Pages of jobs and agents that are gone.
fn remove_strangers(folder: &Path, members: &BTreeSet<String>) -> Result<()> {
    for part in ["jobs", "agents", "api/jobs"] {
        for entry in std::fs::read_dir(folder.join(part)).into_iter().flatten().flatten() {
            let path = format!("{part}/{}", entry.file_name().to_string_lossy());
            let is_page = !members.contains(&path) && !files::is_temp_name(&entry.file_name());
            if is_page && entry.file_type().is_ok_and(|kind| kind.is_file()) {
                files::remove_file(&entry.path())?;
                tracing::info!("removed page {}: its job or agent is gone", printable(&path));
            }
        }
    }
    Ok(())
}

/// Every folder that [`write_site`] writes in.
const SITE_FOLDERS: [&str; 7] = ["", "agents", "api", "api/jobs", "assets", "data", "jobs"];

/// Removes what a killed run was writing; gives the paths. The lock is asked for because what a living run writes looks
/// the same.
///
/// # Errors
/// When something cannot be removed.
pub fn recover_site(folder: &Path, _held: &Lock) -> files::Result<Vec<PathBuf>> {
    let mut removed = Vec::new();
    for part in SITE_FOLDERS {
        removed.extend(files::remove_temp_files(&folder.join(part))?);
    }
    Ok(removed)
}

/// Pings the outer watch after a whole run.
///
/// # Errors
/// When the ping was not taken.
pub fn heartbeat(context: &Context, store: &mut dyn Store) -> Result<()> {
    let Some(url) = &context.config.heartbeat else { return Ok(()) };
    notify::heartbeat::ping(url, HEARTBEAT_PATIENCE)
        .map_err(|error| anyhow::anyhow!("the heartbeat was not taken: {}", error.message))?;
    Ok(store.note_heartbeat(context.clock.now())?)
}
