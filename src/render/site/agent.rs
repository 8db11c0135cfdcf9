//! The page of one agent. It carries no time of its own.

use askama::Template;

use super::frame::Frame;
use super::index::health_of;
use super::rows::{JobRow, Moment, TroubleRow, job_row, moment, place, tone, trouble_row};
use crate::domain::text::printable;
use crate::render::recent::Recent;
use crate::render::trouble::{Scope, Trouble};
use crate::render::view::{AgentView, View};

#[derive(Template)]
#[template(path = "site/agent.html")]
pub struct Page {
    f: Frame,
    place: String,
    tone: &'static str,
    shield: &'static str,
    sentence: String,
    last_report: Option<Moment>,
    first_seen: Option<Moment>,
    job_count: String,
    contact: String,
    troubles: Vec<TroubleRow>,
    rows: Vec<JobRow>,
}

/// The causes that concern each agent, in the order of [`View::agents`]: indices into [`View::troubles`].
pub fn troubles_by_agent(view: &View) -> Vec<Vec<usize>> {
    let mut by_agent = vec![Vec::new(); view.agents.len()];
    let mut note = |name: &str, trouble: usize| {
        if let Ok(at) = view.agents.binary_search_by(|agent| agent.id.cmp(name)) {
            by_agent[at].push(trouble);
        }
    };
    for (nth, trouble) in view.troubles.iter().enumerate() {
        match &trouble.scope {
            Scope::Job { agent, .. } | Scope::Agent(agent) => note(agent, nth),
            Scope::Agents(agents) => agents.iter().for_each(|agent| note(agent, nth)),
            Scope::Server => {}
        }
    }
    by_agent
}

pub fn page(view: &View, _recents: &[Recent], agent: &AgentView, troubles: &[&Trouble]) -> Page {
    let words = view.words();
    let jobs = view.jobs_of(agent);
    let watched = jobs.iter().filter(|job| job.is_watched()).count();
    let at_risk = jobs.iter().filter(|job| job.is_critical()).count();
    let (tone, shield) = tone(health_of(jobs.iter().map(|job| &job.standing.severity)));
    let sentence = match (watched, at_risk) {
        (0, _) => words.text("no-jobs").to_owned(),
        (_, 0) => words.count("verified", jobs.iter().filter(|job| job.standing.status.is_ok()).count()),
        (_, n) => words.say("at-risk", [("n", n.into()), ("total", watched.into())]),
    };
    let contact = jobs.iter().find_map(|job| job.effective.contact.as_deref());
    Page {
        f: Frame::timeless(view, agent.id, "api/jobs.json".to_owned()),
        place: place(agent),
        tone,
        shield,
        sentence,
        last_report: agent.last_report_at.map(|at| moment(view, at, false)),
        first_seen: agent.first_seen.map(|at| moment(view, at, false)),
        job_count: words.count("jobs", jobs.len()),
        contact: contact.map_or_else(|| words.text("none").to_owned(), printable),
        troubles: troubles.iter().map(|trouble| trouble_row(view, trouble, false)).collect(),
        rows: jobs.iter().map(|job| job_row(view, job, false)).collect(),
    }
}
