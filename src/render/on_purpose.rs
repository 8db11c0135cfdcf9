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
    /// Who paused the job, until when and why.
    #[must_use]
    pub fn paused(&self, job: &JobView) -> Option<String> {
        let pause = job.pause(self.generated_at)?;
        let who = printable(&pause.who);
        let said = match pause.until {
            Some(until) => {
                self.words().say("paused-until", [("who", who.into()), ("time", self.when(until).into())])
            }
            None => self.words().say("paused-for-good", [("who", who.into())]),
        };
        Some(self.with_reason(said, &pause.reason))
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
