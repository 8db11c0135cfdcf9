//! A run that hangs (a dead mount answers no call) must not be silent: another thread tells, and ends the process.

use std::sync::mpsc::{RecvTimeoutError, Sender, channel};
use std::thread::Scope;
use std::time::Duration;

use super::context::Context;
use super::outputs;
use crate::domain::incident::{IncidentChange, Subject};
use crate::domain::{Problem, Severity};
use crate::exit::Exit;
use crate::store::{Sqlite, Store as _, Unit};

/// A run stops beginning files at its deadline; what it is at then may take so much longer.
const GRACE: Duration = Duration::from_secs(300);

/// While this lives, the run is watched.
pub struct Watchdog {
    _leash: Sender<()>,
}

impl Watchdog {
    /// Watches until it is dropped.
    pub fn watch<'scope>(scope: &'scope Scope<'scope, '_>, context: &'scope Context) -> Self {
        let (leash, end) = channel();
        let patience = Duration::from_secs(context.config.scan.deadline.0).saturating_add(GRACE);
        scope.spawn(move || {
            if end.recv_timeout(patience) == Err(RecvTimeoutError::Timeout) {
                bark(context, patience);
            }
        });
        Self { _leash: leash }
    }
}

fn bark(context: &Context, patience: Duration) {
    let message = format!(
        "the run hung: it did not end within {}; is a file system that it reads not answering?",
        crate::domain::text::duration(chrono::TimeDelta::from_std(patience).unwrap_or_default())
    );
    eprintln!("error: {message}\nhint: look at the mounts of the deposits and of the validated folder");
    if let Err(error) = tell(context, &message) {
        eprintln!("error: nobody could be told: {error:#}");
    }
    // The other threads are in calls that never return; the lock ends with the process.
    std::process::exit(Exit::Incomplete.code().into());
}

fn tell(context: &Context, message: &str) -> anyhow::Result<()> {
    let mut store = Sqlite::open(&context.config.paths.state, context.now, context.fixed_clock)?;
    let raise = IncidentChange::Raise {
        subject: Subject::server(Problem::Backlog),
        database: None,
        severity: Severity::Critical,
        cause: None,
        message: message.to_owned(),
        at: context.clock.now(),
    };
    store.commit(&Unit { incidents: vec![raise], ..Unit::default() })?;
    outputs::deliver(context, &mut store)?;
    outputs::write_site(context, &store, &context.config.paths.site, &std::collections::BTreeMap::new())?;
    Ok(())
}
