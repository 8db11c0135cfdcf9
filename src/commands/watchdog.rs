//! A run that hangs (a dead mount answers no call) must not be silent: another thread tells, and ends the process.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::mpsc::{RecvTimeoutError, Sender, channel};
use std::thread::Scope;
use std::time::Duration;

use super::context::Context;
use super::{messages, outputs, site};
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
        Self::watch_with(scope, context, LOOK, |standstill| bark(context, standstill))
    }

    /// Looks every `look`, and lets `bark` tell of a standstill.
    fn watch_with<'scope>(
        scope: &'scope Scope<'scope, '_>,
        context: &'scope Context,
        look: Duration,
        bark: impl Fn(Duration) + Send + 'scope,
    ) -> Self {
        let (leash, end) = channel();
        let begun = context.clock.elapsed();
        context.pulse.beat(begun);
        let deadline = Duration::from_secs(context.config.scan.deadline.0);
        scope.spawn(move || {
            while end.recv_timeout(look) == Err(RecvTimeoutError::Timeout) {
                if let Some(standstill) = hang(&context.pulse, begun, context.clock.elapsed(), deadline) {
                    bark(standstill);
                }
            }
        });
        Self { _leash: leash }
    }
}

/// How long a run that began at `begun` has stood still, when that is too long and its deadline is over.
fn hang(pulse: &Pulse, begun: Duration, elapsed: Duration, deadline: Duration) -> Option<Duration> {
    let standstill = pulse.standstill(elapsed);
    (elapsed.saturating_sub(begun) > deadline && standstill > STANDSTILL).then_some(standstill)
}

fn bark(context: &Context, standstill: Duration) {
    let exit = || std::process::exit(Exit::Incomplete.code().into());
    std::thread::spawn(move || {
        std::thread::sleep(LAST_WORDS);
        exit();
    });
    context.pulse.hung.store(true, Ordering::Relaxed);
    let message = message(standstill);
    messages::say(&format!(
        "error: {message}\nhint: look at the mounts of the deposits and of the validated folder\n"
    ));
    if let Err(error) = tell(context, &message) {
        messages::say(&format!("error: nobody could be told: {error:#}\n"));
    }
    // The other threads are in calls that never return; the lock ends with the process.
    exit();
}

fn message(standstill: Duration) -> String {
    format!(
        "the run hangs: past its deadline, and nothing was read for {}; is a file system that it reads not answering?",
        crate::domain::text::duration(chrono::TimeDelta::from_std(standstill).unwrap_or_default())
    )
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
    site::write(context, &store, &context.config.paths.site)?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use clap::ColorChoice;

    use super::*;
    use crate::cli::Global;
    use crate::clock::Clock;
    use crate::domain::Time;

    const MINUTE: Duration = Duration::from_secs(60);
    const DEADLINE: Duration = Duration::from_secs(6 * 3600);

    /// Ten minutes go by between two looks at it.
    #[derive(Default)]
    struct Running(AtomicU64);

    impl Clock for Running {
        fn now(&self) -> Time {
            "2020-06-15T08:00:00Z".parse().unwrap()
        }

        fn elapsed(&self) -> Duration {
            MINUTE * 10 * u32::try_from(self.0.fetch_add(1, Ordering::Relaxed)).unwrap()
        }
    }

    fn context(folder: &std::path::Path) -> Context {
        let config = folder.join("config.toml");
        let text = "[paths]\ndeposits = 'deposits'\nstate = 'state/state.db'\nsite = 'site'\nvalidated = 'validated'\n";
        std::fs::write(&config, text).unwrap();
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
        context
    }

    #[test]
    fn only_what_is_past_its_deadline_and_reads_nothing_hangs() {
        let pulse = Pulse::default();
        let begun = MINUTE * 60;
        pulse.beat(begun);
        assert_eq!(hang(&pulse, begun, begun + DEADLINE, DEADLINE), None, "within its deadline");
        assert_eq!(hang(&pulse, begun, begun + DEADLINE + MINUTE, DEADLINE), Some(DEADLINE + MINUTE));
        pulse.beat(begun + DEADLINE);
        assert_eq!(hang(&pulse, begun, begun + DEADLINE + STANDSTILL, DEADLINE), None, "it goes on, slowly");
        let long = STANDSTILL + MINUTE;
        assert_eq!(hang(&pulse, begun, begun + DEADLINE + long, DEADLINE), Some(long));
    }

    #[test]
    fn a_run_that_stands_still_is_told_of_and_one_that_goes_on_is_not() {
        let folder = tempfile::tempdir().unwrap();
        let context = context(folder.path());
        let (barks, barked) = channel();
        std::thread::scope(|scope| {
            let _watchdog =
                Watchdog::watch_with(scope, &context, Duration::from_millis(1), move |standstill| {
                    // Whoever no longer listens has heard enough.
                    let _ = barks.send(standstill);
                });
            let standstill = barked.recv().unwrap();
            assert!(standstill > DEADLINE && standstill < DEADLINE + MINUTE * 30, "{standstill:?}");
            // Its end is the end of the watch: the scope would else never be left.
        });
    }

    #[test]
    fn what_hangs_is_an_incident_on_the_page_without_a_look_at_what_does_not_answer() {
        let folder = tempfile::tempdir().unwrap();
        let context = context(folder.path());
        tell(&context, &message(MINUTE * 30)).unwrap();
        let store = Sqlite::open_read_only(&context.config.paths.state).unwrap();
        let open = store.incidents(None).unwrap();
        assert_eq!((open.len(), open[0].subject.kind.word()), (1, "backlog"));
        let page = std::fs::read_to_string(folder.path().join("site/alerts.html")).unwrap();
        assert!(page.contains("the run hangs") && page.contains("30 min"), "{page}");
        assert!(!folder.path().join("deposits").exists() && !folder.path().join("validated").exists());
    }
}
