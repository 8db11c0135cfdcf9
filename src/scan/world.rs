//! The jobs and agents of the state while a scan works on them, with what the configuration says of each.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::Arc;

use chrono::TimeDelta;

use super::openings::Openings;
use crate::config::Config;
use crate::domain::incident::{IncidentChange, Subject};
use crate::domain::ledger::Context;
use crate::domain::schedule::Window;
use crate::domain::settings::Effective;
use crate::domain::{AgentId, Incident, Job, JobKey, Labels, Severity, Time};
use crate::store::{Agent, Result, Store};
use crate::vault::Vault;

/// A clock is set right by less, and what an hour puts off is told an hour later.
const SET_BACK: TimeDelta = TimeDelta::hours(1);

/// A job with what holds for it.
pub struct Tracked {
    pub job: Job,
    pub effective: Arc<Effective>,
    /// Pauses and maintenance, sorted and merged.
    pub windows: Arc<[Window]>,
    /// The version of its last good backup is on the disk, as far as a look at its folder tells.
    pub version_is_there: bool,
}

/// The state as the scan found it, changed as it goes on.
pub struct World<'a> {
    pub config: &'a Config,
    vault: Option<&'a Vault>,
    pub now: Time,
    /// When the last scan before this one ended.
    pub last_scan: Option<Time>,
    /// The scan began at a time before the last report of some job: the clock was set back, and agents' clocks that are
    /// ahead of it may be right.
    pub clock_is_behind: bool,
    /// Boxed, for a tree's nodes are half empty where keys come in order.
    pub jobs: BTreeMap<JobKey, Box<Tracked>>,
    pub agents: HashMap<AgentId, Agent>,
    open_incidents: HashMap<Subject, Incident>,
    openings: Openings<'a>,
    labels: HashMap<AgentId, Labels>,
    job_counts: HashMap<AgentId, usize>,
}

impl<'a> World<'a> {
    pub fn load(store: &dyn Store, config: &'a Config, vault: Option<&'a Vault>, now: Time) -> Result<Self> {
        let mut world = Self {
            config,
            vault,
            now,
            last_scan: store.meta()?.last_scan.map(|scan| scan.finished_at),
            clock_is_behind: false,
            jobs: BTreeMap::new(),
            agents: store.agents()?.into_iter().map(|agent| (agent.id.clone(), agent)).collect(),
            open_incidents: store
                .incidents(None)?
                .into_iter()
                .filter(Incident::is_open)
                .map(|incident| (incident.subject.clone(), incident))
                .collect(),
            openings: Openings::around(config, now),
            labels: HashMap::new(),
            job_counts: HashMap::new(),
        };
        store.each_job(&mut |job| world.track(job))?;
        let clock_is_behind = world.reports_from_the_future().next().is_some();
        world.clock_is_behind = clock_is_behind;
        Ok(world)
    }

    /// When the last reports came of which the clock says that they are still to come, each by a job's own.
    pub fn reports_from_the_future(&self) -> impl Iterator<Item = Time> + '_ {
        let is_watched = |job: &&Job| job.retired_at.is_none() && !job.ignored;
        let watched = self.jobs.values().map(|tracked| &tracked.job).filter(is_watched);
        watched.filter_map(|job| job.state.last_report_at).filter(|came| *came - self.now > SET_BACK)
    }

    pub fn track(&mut self, job: Job) {
        let version = job.state.good.as_ref().and_then(|good| good.version.as_deref());
        let version_is_there = match (self.vault, version) {
            (Some(vault), Some(version)) => vault.has(&job.key, version),
            // Nothing to look at: what the state says is believed.
            (None, _) => true,
            (Some(_), None) => false,
        };
        let effective = self.config.effective(&job);
        let tracked = Box::new(Tracked {
            version_is_there,
            windows: self.openings.of(&job, &effective.schedule),
            effective,
            job,
        });
        let agent = tracked.job.key.agent.clone();
        if self.jobs.insert(tracked.job.key.clone(), tracked).is_none() {
            *self.job_counts.entry(agent).or_default() += 1;
        }
    }

    pub fn agent_labels(&mut self, agent: &AgentId) -> &Labels {
        self.labels.entry(agent.clone()).or_insert_with(|| self.config.agent_labels(agent.as_str()))
    }

    /// How many jobs an agent has that count against `max_jobs_per_agent`.
    pub fn job_count(&self, agent: &AgentId) -> usize {
        self.job_counts.get(agent).copied().unwrap_or_default()
    }

    /// The change that raises a problem, when it is not open with the same words already.
    pub fn raise(&mut self, subject: Subject, severity: Severity, message: String) -> Option<IncidentChange> {
        self.raise_as(subject, None, severity, None, message)
    }

    /// As [`World::raise`], of a job's database, and with a cause whose change is news.
    pub fn raise_as(
        &mut self,
        subject: Subject,
        database: Option<String>,
        severity: Severity,
        cause: Option<String>,
        message: String,
    ) -> Option<IncidentChange> {
        if self
            .open_incidents
            .get(&subject)
            .is_some_and(|open| open.message == message && open.cause == cause)
        {
            return None;
        }
        let opened = Incident {
            id: 0,
            subject: subject.clone(),
            database: database.clone(),
            severity,
            cause: cause.clone(),
            message: message.clone(),
            opened_at: self.now,
            changed_at: self.now,
            resolved_at: None,
            acknowledged: None,
        };
        self.open_incidents.insert(subject.clone(), opened);
        Some(IncidentChange::Raise { subject, database, severity, cause, message, at: self.now })
    }

    /// The change that ends a problem, when it is open.
    pub fn resolve(&mut self, subject: Subject) -> Option<IncidentChange> {
        self.open_incidents.remove(&subject)?;
        Some(IncidentChange::Resolve { subject, at: self.now })
    }

    pub fn open_incident(&self, subject: &Subject) -> Option<&Incident> {
        self.open_incidents.get(subject)
    }

    /// Since when a problem is open.
    pub fn open_since(&self, subject: &Subject) -> Option<Time> {
        self.open_incidents.get(subject).map(|incident| incident.opened_at)
    }

    pub fn is_open(&self, subject: &Subject) -> bool {
        self.open_incidents.contains_key(subject)
    }

    /// The subjects of open incidents that `wanted` picks.
    pub fn open_subjects(&self, wanted: impl Fn(&Subject) -> bool) -> HashSet<Subject> {
        self.open_incidents.keys().filter(|subject| wanted(subject)).cloned().collect()
    }

    pub fn last_report_of(&self, agent: &AgentId) -> Option<Time> {
        self.agents.get(agent).and_then(|agent| agent.last_report_at)
    }
}

impl Tracked {
    /// Everything that the ledger must know beside the job.
    pub fn context<'t>(&'t self, config: &Config, agent_last_report: Option<Time>, now: Time) -> Context<'t> {
        Context {
            schedule: &self.effective.schedule,
            windows: &self.windows,
            trial_days: config.scan.trial_days as usize,
            agent_last_report,
            now,
        }
    }
}
