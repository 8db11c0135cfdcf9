//! What an operator does to a job: pause, resume, retire, remove, expect again. An operator's word never makes anything
//! MISSING at once.

use std::sync::Arc;

use super::job::Pause;
use super::schedule::{Schedule, Window};
use super::settings::Span;
use super::{Job, Status, Time};

impl Job {
    /// The pause that an operator set and that holds at `now`, the newest first.
    #[must_use]
    pub fn pause_at(&self, now: Time) -> Option<&Pause> {
        self.pauses.iter().rfind(|pause| pause.window().contains(now))
    }

    /// Paused by an operator until he says otherwise.
    #[must_use]
    pub fn is_paused_without_end(&self) -> bool {
        self.pauses.iter().any(|pause| pause.until.is_none())
    }

    /// Pauses from now on in place of what was paused so far: the newest word counts, also where it is the shorter one.
    pub fn pause(&mut self, pause: Pause) {
        self.end_pauses(pause.from);
        self.pauses.push(pause);
    }

    /// Ends at `now` what is paused now or later; whether there was anything to end.
    pub fn end_pauses(&mut self, now: Time) -> bool {
        let before = self.pauses.clone();
        self.pauses.retain(|pause| pause.from < now);
        for pause in self.pauses.iter_mut().filter(|pause| pause.until.is_none_or(|until| until > now)) {
            pause.until = Some(now);
        }
        self.pauses != before
    }

    pub fn retire(&mut self, now: Time) {
        self.end_pauses(now);
        self.retired_at = Some(now);
        self.end_trial(now);
    }

    /// A retired or removed job is expected again. Its cycles count from now on, and trouble from before, whose incident
    /// was resolved when it ended, is not taken up again: it is PENDING until something is judged.
    pub fn expect_again(&mut self, now: Time) {
        self.retired_at = None;
        self.ignored = false;
        self.schedule_changed_at = now;
        self.end_trial(now);
        if self.state.status.is_critical() {
            self.state.status = Status::Pending;
            self.state.cause = None;
            self.state.message = None;
            self.state.warnings.clear();
            self.state.since = now;
        }
    }

    /// From now on its absence is MISSING: counted from now, for nobody was told of a cycle that passed on trial.
    pub fn end_trial(&mut self, now: Time) {
        if self.on_trial {
            self.on_trial = false;
            self.state.trial_days.clear();
            self.schedule_changed_at = now;
        }
    }

    /// Takes note of the schedule that holds for it now, and says whether it is another one: then its cycles count from
    /// now on. Where only its grace is another, what is due stays due, unless a shorter one would make it MISSING at once
    /// (SPEC section 5). Windows are only asked for then.
    pub fn note_schedule(
        &mut self,
        schedule: &Schedule,
        windows: impl FnOnce() -> Arc<[Window]>,
        now: Time,
    ) -> bool {
        let text = schedule.to_string();
        if self.schedule_seen == text {
            return false;
        }
        let (seen, noted) = (Noted::of(&self.schedule_seen), Noted::of(&text));
        let goes_on = seen.times == noted.times
            && (noted.grace >= seen.grace || schedule.missed(&self.anchor(), &windows(), now).is_empty());
        if !self.schedule_seen.is_empty() && !goes_on {
            self.schedule_changed_at = now;
        }
        self.schedule_seen = text;
        true
    }
}

/// A schedule as it is written.
struct Noted<'t> {
    /// All that decides when a backup is due, and which one a report is.
    times: (&'t str, &'t str),
    grace: Option<Span>,
}

impl<'t> Noted<'t> {
    fn of(schedule: &'t str) -> Self {
        let (before, rest) = schedule.split_once(" grace ").unwrap_or((schedule, ""));
        let (grace, after) = rest.split_once(' ').unwrap_or((rest, ""));
        Self { times: (before, after), grace: grace.parse().ok() }
    }
}

#[cfg(test)]
mod tests {
    use chrono::TimeDelta;

    use super::*;
    use crate::domain::Cause;

    fn at(hour: i64) -> Time {
        Time::UNIX_EPOCH + TimeDelta::hours(hour)
    }

    fn job() -> Job {
        Job::new("A/b".parse().unwrap(), at(0), false)
    }

    fn pause(from: i64, until: Option<i64>) -> Pause {
        Pause { from: at(from), until: until.map(at), who: "ops".into(), reason: "test".into() }
    }

    fn spans(job: &Job) -> Vec<(Time, Option<Time>)> {
        job.pauses.iter().map(|pause| (pause.from, pause.until)).collect()
    }

    #[test]
    fn the_newest_word_on_a_pause_counts_also_when_it_is_shorter() {
        let mut job = job();
        job.pause(pause(1, Some(2)));
        job.pause(pause(5, None));
        assert!(job.is_paused_without_end());
        job.pause(pause(6, Some(8)));
        assert_eq!(spans(&job), [(at(1), Some(at(2))), (at(5), Some(at(6))), (at(6), Some(at(8)))]);
        assert!(!job.is_paused_without_end());
        assert_eq!(job.pause_at(at(7)).unwrap().from, at(6));
        assert!(job.end_pauses(at(7)));
        assert!(!job.end_pauses(at(7)));
        assert_eq!(job.pause_at(at(7)), None);
        job.pause(pause(9, None));
        assert!(job.end_pauses(at(9)), "a pause of no length leaves no trace");
        assert_eq!(job.pauses.len(), 3);
    }

    #[test]
    fn what_is_expected_again_begins_anew_but_keeps_what_was_good() {
        let mut job = job();
        job.state.status = Status::Missing;
        job.state.cause = Some(Cause::NoReport);
        job.pause(pause(1, None));
        job.retire(at(2));
        assert_eq!((job.retired_at, spans(&job)), (Some(at(2)), vec![(at(1), Some(at(2)))]));
        job.expect_again(at(5));
        assert_eq!((job.retired_at, job.schedule_changed_at), (None, at(5)));
        assert_eq!((job.state.status, job.state.cause, job.state.since), (Status::Pending, None, at(5)));
        job.state.status = Status::Success;
        job.state.since = at(3);
        job.expect_again(at(6));
        assert_eq!((job.state.status, job.state.since), (Status::Success, at(3)));
    }

    #[test]
    fn only_another_schedule_or_the_end_of_a_trial_begins_its_cycles_anew() {
        let mut job = job();
        let hours = |text: &str| Schedule::new(&toml::from_str(text).unwrap(), chrono_tz::UTC).unwrap();
        let none = || Arc::from([]);
        let (daily, patient) = (hours("every = '5h'\ngrace = '3h'"), hours("every = '5h'\ngrace = '4h'"));
        assert!(job.note_schedule(&daily, none, at(1)));
        assert_eq!(job.schedule_changed_at, at(0), "the first one is no change");
        assert!(!job.note_schedule(&daily, none, at(2)));
        job.end_trial(at(2));
        assert_eq!(job.schedule_changed_at, at(0));
        assert!(job.note_schedule(&patient, none, at(6)));
        assert_eq!(job.schedule_changed_at, at(0), "what is due stays due");
        assert!(job.note_schedule(&daily, none, at(8)));
        assert_eq!(job.schedule_changed_at, at(8), "it would be MISSING at once");
        let missed = job.schedule_changed_at + TimeDelta::hours(9);
        assert!(job.note_schedule(&patient, none, missed));
        assert_eq!(job.schedule_changed_at, at(8), "what is over by either is no matter of patience");
        for other in ["every = '6h'\ngrace = '4h'", "at = ['9:00']", "at = ['9:00']\nearly = '5min'"] {
            assert!(job.note_schedule(&hours(other), none, at(9)));
            assert_eq!(job.schedule_changed_at, at(9), "{other}");
            job.schedule_changed_at = at(8);
        }
        job.schedule_changed_at = at(9);
        job.on_trial = true;
        job.end_trial(at(10));
        assert_eq!((job.on_trial, job.schedule_changed_at), (false, at(10)));
    }
}
