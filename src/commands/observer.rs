//! Watches a long scan: a progress bar for people, news in between, the run's own deadline.

use std::sync::Mutex;
use std::sync::PoisonError;
use std::time::Duration;

use super::bar::Bar;
use super::context::Context;
use super::outputs;
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
    published: Mutex<Duration>,
}

impl<'a> Watch<'a> {
    #[must_use]
    pub fn new(context: &'a Context, lock: Option<&'a Lock>, publishes: bool) -> Self {
        let bar = Bar::new(context.quiet || context.json);
        Self { context, lock, bar, publishes, published: Mutex::new(context.clock.elapsed()) }
    }

    pub fn finish(&self) {
        self.bar.finish();
    }
}

impl Progress for Watch<'_> {
    fn advance(&self, bytes: u64) {
        self.bar.advance(bytes);
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
        let since = self
            .context
            .clock
            .elapsed()
            .saturating_sub(*self.published.lock().unwrap_or_else(PoisonError::into_inner));
        self.publishes && since.as_secs() >= self.context.config.scan.interval.0
    }

    fn publish(&self, store: &mut dyn Store) {
        let folder = &self.context.config.paths.site;
        let sent = outputs::deliver(self.context, store).map(drop);
        let written =
            outputs::write_site(self.context, store, folder, &std::collections::BTreeMap::new()).map(drop);
        for error in [sent, written].into_iter().filter_map(Result::err) {
            tracing::error!("{error}");
        }
        *self.published.lock().unwrap_or_else(PoisonError::into_inner) = self.context.clock.elapsed();
    }

    fn deadline_is_over(&self) -> bool {
        self.context.clock.elapsed().as_secs() >= self.context.config.scan.deadline.0
    }
}
