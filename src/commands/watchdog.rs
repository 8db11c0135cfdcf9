//! A run that hangs (a dead mount answers no call) must not be silent: another thread tells, and ends the process.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::mpsc::{RecvTimeoutError, Sender, channel};
use std::thread::Scope;
use std::time::Duration;

use super::context::Context;
use super::{messages, outputs};
use crate::domain::incident::{IncidentChange, Subject};
use crate::domain::{Problem, Severity};
use crate::exit::Exit;
use crate::store::{Sqlite, Store as _, Unit};

/// Not one byte read for so long, past the run's deadline: nothing that works is so slow.
const STANDSTILL: Duration = Duration::from_secs(15 * 60);
/// How often it is looked at.
const LOOK: Duration = Duration::from_secs(60);
/// Telling may hang on the same mount; then the process ends without.
const LAST_WORDS: Duration = Duration::from_secs(120);

/// Shows that the work goes on.
#[derive(Debug, Default)]
pub struct Pulse {
    last: AtomicU64,
    hung: AtomicBool,
}

impl Pulse {
    /// `elapsed` since the process began.
    pub fn beat(&self, elapsed: Duration) {
        self.last.store(elapsed.as_secs(), Ordering::Relaxed);
    }

    fn standstill(&self, elapsed: Duration) -> Duration {
        elapsed.saturating_sub(Duration::from_secs(self.last.load(Ordering::Relaxed)))
    }

    /// The run hangs, most likely on a file system: none but the state's and the site's is to be asked now.
    pub fn is_hung(&self) -> bool {
        self.hung.load(Ordering::Relaxed)
    }
}

/// While this lives, the run is watched.
pub struct Watchdog {
    _leash: Sender<()>,
}

impl Watchdog {
    /// Watches until it is dropped.
    pub fn watch<'scope>(scope: &'scope Scope<'scope, '_>, context: &'scope Context) -> Self {
        let (leash, end) = channel();
        let begun = context.clock.elapsed();
        context.pulse.beat(begun);
        let deadline = Duration::from_secs(context.config.scan.deadline.0);
        scope.spawn(move || {
            while end.recv_timeout(LOOK) == Err(RecvTimeoutError::Timeout) {
                let elapsed = context.clock.elapsed();
                let standstill = context.pulse.standstill(elapsed);
                if elapsed.saturating_sub(begun) > deadline && standstill > STANDSTILL {
                    bark(context, standstill);
                }
            }
        });
        Self { _leash: leash }
    }
}

fn bark(context: &Context, standstill: Duration) {
    let exit = || std::process::exit(Exit::Incomplete.code().into());
    std::thread::spawn(move || {
        std::thread::sleep(LAST_WORDS);
        exit();
    });
    context.pulse.hung.store(true, Ordering::Relaxed);
    let message = format!(
        "the run hangs: past its deadline, and nothing was read for {}; is a file system that it reads not answering?",
        crate::domain::text::duration(chrono::TimeDelta::from_std(standstill).unwrap_or_default())
    );
    messages::say(&format!(
        "error: {message}\nhint: look at the mounts of the deposits and of the validated folder\n"
    ));
    if let Err(error) = tell(context, &message) {
        messages::say(&format!("error: nobody could be told: {error:#}\n"));
    }
    // The other threads are in calls that never return; the lock ends with the process.
    exit();
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
    outputs::write_site(context, &store, &context.config.paths.site, &BTreeMap::new())?;
    Ok(())
}
