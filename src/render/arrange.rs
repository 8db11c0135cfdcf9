//! Puts the facts in the order in which a view holds them, and makes what is looked up by id.

use std::collections::{BTreeMap, HashMap};

use super::facts::{AgentFact, JobFact};
use super::view::{AgentView, JobView, View};
use crate::domain::newcomer::Site;
use crate::domain::{Incident, IncidentKind, Labels, Status};

pub(super) fn sorted_jobs(facts: Vec<JobFact>) -> Vec<JobView> {
    let mut jobs: Vec<JobView> = facts
        .into_iter()
        .map(|fact| JobView {
            job: fact.job,
            labels: fact.labels,
            effective: fact.effective,
            standing: fact.standing,
            older_copy: fact.older_copy,
        })
        .collect();
    jobs.sort_by(|a, b| a.job.key.cmp(&b.job.key));
    jobs
}

pub(super) fn with_their_jobs<'a>(facts: Vec<AgentFact<'a>>, jobs: &[JobView<'a>]) -> Vec<AgentView<'a>> {
    let mut agents: BTreeMap<&'a str, AgentView<'a>> = BTreeMap::new();
    for fact in facts {
        let id = fact.id.as_str();
        let (first_seen, last_report_at) = (Some(fact.first_seen), fact.last_report_at);
        agents.insert(id, AgentView { id, labels: fact.labels, first_seen, last_report_at, jobs: 0..0 });
    }
    for (i, view) in jobs.iter().enumerate() {
        let id = view.job.key.agent.as_str();
        let agent = agents.entry(id).or_insert_with(|| AgentView {
            id,
            labels: Labels { year: None, ..view.labels.as_ref().clone() },
            first_seen: None,
            last_report_at: None,
            jobs: i..i,
        });
        let begin = if agent.jobs.is_empty() { i } else { agent.jobs.start };
        agent.jobs = begin..i + 1;
    }
    agents.into_values().collect()
}

pub(super) fn sorted_incidents(mut incidents: Vec<&Incident>) -> Vec<&Incident> {
    incidents.sort_by_key(|i| (!i.is_open(), std::cmp::Reverse((i.resolved_at, i.opened_at, i.id))));
    incidents
}

pub(super) fn open_by_job<'a>(incidents: &[&'a Incident]) -> HashMap<&'a str, &'a Incident> {
    let mut open: HashMap<&str, &Incident> = HashMap::new();
    for incident in incidents.iter().copied().filter(|incident| incident.is_open()) {
        let Some(job) = &incident.subject.job else { continue };
        let slot = open.entry(job.as_str()).or_insert(incident);
        if incident.subject.kind == IncidentKind::Job {
            *slot = incident;
        }
    }
    open
}

/// The agents as [`crate::domain::newcomer`] compares them.
pub(super) fn sites<'v>(view: &'v View) -> Vec<Site<'v>> {
    let site = |agent: &'v AgentView| {
        let expected = || view.jobs_of(agent).iter().filter(|job| job.is_watched());
        Site {
            agent: agent.id,
            first_seen: agent.first_seen,
            last_report_at: agent.last_report_at,
            is_silent: expected().next().is_some() && expected().all(JobView::is_absent),
            databases: expected().map(JobView::database).collect(),
        }
    };
    view.agents.iter().map(site).collect()
}

/// Counts by status, with a zero for those that no job has: of all jobs, as a list of them has it. What is MISSING and
/// not watched, because its year is over, is among them; it is at no risk ([`JobView::is_watched`]).
pub(super) fn counts<'j>(jobs: impl IntoIterator<Item = &'j JobView<'j>>) -> BTreeMap<Status, usize> {
    let mut counts: BTreeMap<Status, usize> = Status::ALL.iter().map(|status| (*status, 0)).collect();
    for job in jobs {
        *counts.entry(job.standing.status).or_default() += 1;
    }
    counts
}
