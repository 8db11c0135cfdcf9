//! Watches a long scan: a progress bar for people, news in between, the run's own deadline.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use super::bar::Bar;
use super::context::Context;
use super::outputs::{self, Outcome};
use crate::domain::Time;
use crate::files::Lock;
use crate::intake::Progress;
use crate::scan::Observer;
use crate::store::Store;

pub struct Watch<'a> {
    context: &'a Context,
    lock: Option<&'a Lock>,
    bar: Bar,
    /// Mail and site go out in between: a `run`, not a `scan`.
    publishes: bool,
    /// By the clock of the process, which runs on from run to run in the foreground.
    begun: Duration,
    inner: Mutex<Inner>,
}

#[derive(Default)]
struct Inner {
    published: Duration,
    /// What was sent in between, and what failed.
    outcome: Outcome,
}

impl<'a> Watch<'a> {
    #[must_use]
    pub fn new(context: &'a Context, lock: Option<&'a Lock>, publishes: bool) -> Self {
        let begun = context.clock.elapsed();
        Self {
            context,
            lock,
            bar: Bar::new(context.quiet || context.json),
            publishes,
            begun,
            inner: Mutex::new(Inner { published: begun, outcome: Outcome::default() }),
        }
    }

    /// Ends the bar; gives what was sent in between, and what failed.
    #[must_use]
    pub fn finish(&self) -> Outcome {
        self.bar.finish();
        std::mem::take(&mut self.inner().outcome)
    }

    /// How long it watches.
    #[must_use]
    pub fn elapsed(&self) -> Duration {
        self.context.clock.elapsed().saturating_sub(self.begun)
    }

    fn inner(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Progress for Watch<'_> {
    fn advance(&self, bytes: u64) {
        self.context.pulse.beat(self.context.clock.elapsed());
        self.bar.advance(bytes);
    }

    fn deadline_is_over(&self) -> bool {
        self.elapsed().as_secs() >= self.context.config.scan.deadline.0
    }
}

impl Observer for Watch<'_> {
    fn reading(&self, _files: u64, bytes: u64) {
        self.bar.expect(bytes);
    }

    fn interval_is_over(&self) -> bool {
        if let Some(lock) = self.lock
            && let Err(error) = lock.beat(self.context.clock.now())
        {
            tracing::warn!("{error}");
        }
        let since = self.context.clock.elapsed().saturating_sub(self.inner().published);
        // Past its deadline the run ends, and all goes out then: an outer watch hears of it no sooner.
        self.publishes && !self.deadline_is_over() && since.as_secs() >= self.context.config.scan.interval.0
    }

    fn publish(&self, store: &mut dyn Store) {
        let outcome = outputs::publish(self.context, store, false);
        for sentence in &outcome.not_done {
            tracing::error!("{sentence}");
        }
        let mut inner = self.inner();
        inner.outcome.absorb(outcome);
        inner.published = self.context.clock.elapsed();
    }

    fn now(&self) -> Time {
        self.context.clock.now()
    }
}
