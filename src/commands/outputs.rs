//! What goes out of a run: mail and webhooks, the site, the heartbeat.

use std::time::Duration;

use anyhow::Result;

use super::context::Context;
use super::muting::Muting;
use super::overview::overview;
use super::site;
use super::snapshot::Snapshot;
use crate::domain::Incident;
use crate::exit::sentence;
use crate::notify::{self, Channels, ConfigRegister, Delivery, Post};
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

/// Mail, site, heartbeat. What fails here is told, and the rest is done. After a run that its deadline `cut_off` there is
/// no heartbeat: it says that a run was whole.
pub fn publish(context: &Context, store: &mut dyn Store, cut_off: bool) -> Outcome {
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
    if let Err(error) = site::write(context, store, &context.config.paths.site) {
        outcome.not_done.push(format!(
            "the site was not written: {}; see whether backupmon's user can write there, or set `site` in [paths]",
            sentence(&error)
        ));
    }
    // An outer watch must hear nothing while a message has reached nobody.
    if !unheard
        && !cut_off
        && let Err(error) = heartbeat(context, store)
    {
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
    let muting = Muting::new(context, &snapshot);
    let muted = |incident: &Incident| muting.covers(incident);
    let channels = Channels::from_config(&context.config);
    let jobs = snapshot.jobs.iter().map(|known| known.job.as_ref());
    let overview = || overview(context, &snapshot, channels.language);
    let copies = snapshot.older_copies();
    let register = ConfigRegister::new(&context.config, jobs, copies, snapshot.now, &muted, &overview);
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
