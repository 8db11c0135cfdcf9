//! What delivering asks of the rest of the house, and only when there is something to tell.

use std::collections::HashMap;

use super::channels::webhook_name;
use crate::config::Config;
use crate::domain::grouping::{Fleet, Site};
use crate::domain::incident::Subject;
use crate::domain::version::GoodCopy;
use crate::domain::{Incident, Job, JobId, Problem, Time};
use crate::render::mail::Overview;

/// What a mail says beside the incident itself.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Facts {
    /// Time of the job's last good copy that is kept.
    pub last_good: Option<Time>,
    pub contact: Option<String>,
    pub note: Option<String>,
    /// Of the item of years that are over: their jobs, by name.
    pub over: Vec<JobId>,
}

pub trait Register {
    /// Everyone who is told of it, also webhooks.
    fn recipients(&self, incident: &Incident) -> Vec<String>;
    /// A maintenance window with `mute = "all"` lies over it now.
    fn is_muted(&self, incident: &Incident) -> bool;
    fn facts(&self, incident: &Incident) -> Facts;
    fn fleet(&self) -> Fleet;
    /// Who gets the whole digest.
    fn digest_recipients(&self) -> Vec<String>;
    fn overview(&self) -> Overview;
}

/// The register of a run: the configuration and all jobs of the state.
pub struct ConfigRegister<'a> {
    config: &'a Config,
    jobs: HashMap<&'a JobId, &'a Job>,
    older_copies: &'a HashMap<JobId, GoodCopy>,
    now: Time,
    muted: &'a dyn Fn(&Incident) -> bool,
    overview: &'a dyn Fn() -> Overview,
}

impl<'a> ConfigRegister<'a> {
    /// `overview` is called only for a digest, `muted` only for open incidents. `older_copies` are of the jobs whose last
    /// good backup is not kept.
    #[must_use]
    pub fn new(
        config: &'a Config,
        jobs: impl IntoIterator<Item = &'a Job>,
        older_copies: &'a HashMap<JobId, GoodCopy>,
        now: Time,
        muted: &'a dyn Fn(&Incident) -> bool,
        overview: &'a dyn Fn() -> Overview,
    ) -> Self {
        let jobs = jobs.into_iter().map(|job| (&job.id, job)).collect();
        Self { config, jobs, older_copies, now, muted, overview }
    }

    fn job(&self, incident: &Incident) -> Option<&'a Job> {
        incident.subject.job.as_ref().and_then(|id| self.jobs.get(id)).copied()
    }

    fn addresses(&self, incident: &Incident) -> Vec<String> {
        let Some(mail) = &self.config.mail else { return Vec::new() };
        let own = match (self.job(incident), &incident.subject.agent) {
            (Some(job), _) => self.config.effective(job).recipients.clone(),
            (None, Some(agent)) => self.config.agent_recipients(agent),
            (None, None) => Vec::new(),
        };
        if own.is_empty() { mail.to.clone() } else { own }
    }

    fn over(&self) -> Vec<JobId> {
        let mut jobs: Vec<&Job> = self.jobs.values().copied().filter(|job| job.year_is_over()).collect();
        jobs.sort_by(|a, b| a.key.cmp(&b.key));
        jobs.into_iter().map(|job| job.id.clone()).collect()
    }

    fn can_be_missing(&self, job: &Job) -> bool {
        !job.ignored
            && !job.on_trial
            && !job.year_is_over()
            && job.retired_at.is_none()
            && !job.pauses.iter().any(|pause| pause.window().contains(self.now))
    }
}

impl Register for ConfigRegister<'_> {
    fn recipients(&self, incident: &Incident) -> Vec<String> {
        let mut recipients = self.addresses(incident);
        recipients.extend((0..self.config.webhooks.len()).map(webhook_name));
        recipients
    }

    fn is_muted(&self, incident: &Incident) -> bool {
        (self.muted)(incident)
    }

    fn facts(&self, incident: &Incident) -> Facts {
        if incident.subject == Subject::server(Problem::YearOver) {
            return Facts { over: self.over(), ..Facts::default() };
        }
        let Some(job) = self.job(incident) else { return Facts::default() };
        let effective = self.config.effective(job);
        // What came and is not kept, or held, is nothing to count on.
        let copy = job.state.kept().or_else(|| self.older_copies.get(&job.id).copied());
        let last_good = copy.map(|copy| copy.as_of);
        let (contact, note) = (effective.contact.clone(), effective.note.clone());
        Facts { last_good, contact, note, over: Vec::new() }
    }

    fn fleet(&self) -> Fleet {
        let mut fleet = Fleet::new();
        for job in self.jobs.values().filter(|job| self.can_be_missing(job)) {
            let agent = job.key.agent.as_str();
            let site = fleet
                .entry(agent.to_owned())
                .or_insert_with(|| Site { active_jobs: 0, labels: self.config.agent_labels(agent) });
            site.active_jobs += 1;
        }
        fleet
    }

    fn digest_recipients(&self) -> Vec<String> {
        self.config.mail.as_ref().map(|mail| mail.to.clone()).unwrap_or_default()
    }

    fn overview(&self) -> Overview {
        (self.overview)()
    }
}
