//! What goes out of a run: mail and webhooks, the site, the heartbeat.

use std::collections::{BTreeMap, BTreeSet};
use std::io;
use std::path::Path;
use std::time::Duration;

use anyhow::Result;

use super::context::Context;
use super::snapshot::{Snapshot, details};
use crate::domain::retention::Fate;
use crate::domain::text::printable;
use crate::domain::{Incident, JobId, Status};
use crate::files;
use crate::notify::{self, Channels, ConfigRegister, Delivery, Post};
use crate::render::mail::{Line, Overview, Paused};
use crate::render::{UnknownReason, site};
use crate::store::Store;

const HEARTBEAT_PATIENCE: Duration = Duration::from_secs(20);

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
    let muted = |incident: &Incident| is_muted(context, &snapshot, incident);
    let overview = || overview(context, &snapshot);
    let register = ConfigRegister::new(&context.config, &jobs, context.now, &muted, &overview);
    let channels = Channels::from_config(&context.config);
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
    with_post(context, store, |store, post| Ok(notify::deliver(store, post, context.now)?))
}

/// A maintenance window with `mute = "all"` lies over the incident's job or agent now.
fn is_muted(context: &Context, snapshot: &Snapshot, incident: &Incident) -> bool {
    let muting = context.config.maintenance.iter().filter(|maintenance| maintenance.mute_all);
    let open_now = |maintenance: &&crate::config::Maintenance| {
        maintenance.windows((context.now, context.now)).iter().any(|window| window.contains(context.now))
    };
    muting.filter(open_now).any(|maintenance| match (&incident.subject.job, &incident.subject.agent) {
        (Some(id), _) => snapshot
            .jobs
            .iter()
            .find(|known| known.job.id == *id)
            .is_some_and(|known| maintenance.matcher.matches(&known.job.key, &known.labels, None)),
        (None, Some(agent)) => maintenance.matcher.matches_agent(agent, &context.config.agent_labels(agent)),
        (None, None) => false,
    })
}

/// What the digest says of the fleet.
fn overview(context: &Context, snapshot: &Snapshot) -> Overview {
    let view = snapshot.view(context);
    let paused = |known: &&super::snapshot::Known| known.standing.status == Status::Paused;
    let absent = |known: &&super::snapshot::Known| {
        let due = known.standing.cycle.is_some_and(|cycle| cycle.due <= context.now);
        known.job.on_trial && (due || known.job.state.missed_through > known.job.state.covered_by)
    };
    let name = |known: &super::snapshot::Known| Line::new(&known.job.key.to_string());
    Overview {
        good: snapshot.jobs.iter().filter(|known| known.standing.status.is_ok()).count(),
        watched: view.jobs.iter().filter(|job| job.is_watched()).count(),
        counts: view.counts.iter().map(|(status, count)| (status.word(), *count)).collect(),
        last_scan: snapshot.meta.last_scan.as_ref().map(|scan| scan.finished_at),
        stale: matches!(view.unknown, Some(UnknownReason::NoScan | UnknownReason::OldScan)),
        on_trial: snapshot.jobs.iter().filter(|known| known.job.on_trial).count(),
        absent_on_trial: snapshot.jobs.iter().filter(absent).map(name).collect(),
        assumed: snapshot.jobs.iter().filter(|known| known.effective.assumed).count(),
        paused: snapshot
            .jobs
            .iter()
            .filter(paused)
            .map(|known| {
                let pause = known.job.pauses.iter().rfind(|pause| pause.window().contains(context.now));
                Paused {
                    what: name(known),
                    who: Line::new(pause.map_or("[[maintenance]]", |pause| pause.who.as_str())),
                    why: Line::new(pause.map_or("", |pause| pause.reason.as_str())),
                    until: pause.and_then(|pause| pause.until),
                }
            })
            .collect(),
    }
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
    let incidents = store.incidents(Some(context.now - super::snapshot::SHOWN))?;
    let mut changed = 0;
    let mut made: BTreeSet<std::path::PathBuf> = BTreeSet::new();
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
            if !members.contains(&path) && entry.file_type().is_ok_and(|kind| kind.is_file()) {
                files::remove_file(&entry.path())?;
                tracing::info!("removed page {}: its job or agent is gone", printable(&path));
            }
        }
    }
    Ok(())
}

/// Pings the outer watch after a whole run.
///
/// # Errors
/// When the ping was not taken.
pub fn heartbeat(context: &Context, store: &mut dyn Store) -> Result<()> {
    let Some(url) = &context.config.heartbeat else { return Ok(()) };
    notify::heartbeat::ping(url, HEARTBEAT_PATIENCE)
        .map_err(|error| anyhow::anyhow!("the heartbeat was not taken: {}", error.message))?;
    Ok(store.note_heartbeat(context.now)?)
}
