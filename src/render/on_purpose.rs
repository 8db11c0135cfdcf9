//! What people decided, in sentences: who paused or took on something, until when and why.

use super::view::{JobView, View};
use crate::domain::incident::Acknowledgement;
use crate::domain::job::Pause;
use crate::domain::text::printable;
use crate::domain::{Status, Time};

impl JobView<'_> {
    /// The pause that makes the job PAUSED at `now`; none where a maintenance window does.
    #[must_use]
    pub fn pause(&self, now: Time) -> Option<&Pause> {
        let is_paused = self.standing.status == Status::Paused;
        self.job.pauses.iter().rev().find(|pause| is_paused && pause.window().contains(now))
    }
}

impl View<'_> {
    /// Who paused the job, until when and why, or that it is under maintenance; of a PAUSED one.
    #[must_use]
    pub fn paused(&self, job: &JobView) -> Option<String> {
        if job.standing.status != Status::Paused {
            return None;
        }
        let Some(pause) = job.pause(self.generated_at) else { return Some(self.under_maintenance(job)) };
        let who = printable(&pause.who);
        let said = match pause.until {
            Some(until) => {
                self.words().say("paused-until", [("who", who.into()), ("time", self.when(until).into())])
            }
            None => self.words().say("paused-for-good", [("who", who.into())]),
        };
        Some(self.with_reason(said, &pause.reason))
    }

    fn under_maintenance(&self, job: &JobView) -> String {
        match self.rest_of(job).and_then(|rest| rest.until) {
            Some(until) => self.words().say("maintenance-until", [("time", self.when(until).into())]),
            None => self.words().text("maintenance").to_owned(),
        }
    }

    /// That messages about the job are stopped, and who has taken it on: silence must never look like all is well.
    #[must_use]
    pub fn kept_quiet(&self, job: &JobView) -> Vec<String> {
        let is_muted = self.rest_of(job).is_some_and(|rest| rest.muted);
        let muted = is_muted.then(|| self.words().text("muted-line").to_owned());
        let acknowledged = self.acknowledgement_of(job).map(|by| self.taken_on(by));
        muted.into_iter().chain(acknowledged).collect()
    }

    /// Who takes care of it, until when and why.
    #[must_use]
    pub fn taken_on(&self, by: &Acknowledgement) -> String {
        let who = printable(&by.who);
        let said = match by.until {
            Some(until) => self
                .words()
                .say("acknowledged-until", [("who", who.into()), ("time", self.when(until).into())]),
            None => self.words().say("acknowledged", [("who", who.into())]),
        };
        self.with_reason(said, &by.why)
    }

    fn with_reason(&self, said: String, why: &str) -> String {
        if why.is_empty() {
            return said;
        }
        self.words().say("with-reason", [("said", said.into()), ("why", printable(why).into())])
    }

    /// Jobs that somebody paused.
    pub fn paused_jobs(&self) -> impl Iterator<Item = &JobView<'_>> {
        self.jobs.iter().filter(|job| job.pause(self.generated_at).is_some())
    }
}
