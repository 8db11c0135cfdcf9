//! The page of one agent. It carries no time of its own.

use askama::Template;
use chrono::NaiveDate;

use super::charts::{Chart, Shape, volume};
use super::frame::Frame;
use super::index::{Legend, health_of, legend};
use super::listing::job_rows;
use super::rows::{Count, JobRow, Moment, TroubleRow, chips, moment, place, tone, trouble_row};
use crate::domain::text::printable;
use crate::render::recent::{DAYS, Recent};
use crate::render::trouble::{Scope, Trouble};
use crate::render::view::{AgentView, Health, JobView, View};

#[derive(Template)]
#[template(path = "site/agent.html")]
pub struct Page {
    f: Frame,
    place: String,
    tone: &'static str,
    shield: &'static str,
    sentence: String,
    counts: Vec<Count>,
    last_report: Option<Moment>,
    first_seen: Option<Moment>,
    job_count: String,
    contact: String,
    /// `58 of 60`: what came and is good.
    intact: String,
    received: String,
    troubles: Vec<TroubleRow>,
    rows: Vec<JobRow>,
    /// The last day of the strips.
    day: String,
    volume: Option<Chart>,
    legend: Vec<Legend>,
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

/// How many have a verified copy, and of how many none is kept.
fn verified(view: &View, jobs: &[JobView]) -> String {
    let words = view.words();
    let came = || jobs.iter().filter(|job| job.standing.status.is_ok());
    let unkept = came().filter(|job| job.unkept().is_some()).count();
    let kept = words.count("verified", came().count() - unkept);
    [Some(kept), words.some("unkept", unkept)].into_iter().flatten().collect::<Vec<_>>().join(" ")
}

/// `recents` are of each of the view's jobs. The strips end on the newest day of the agent's history, and not today, so
/// that the page changes only with its content.
pub fn page(view: &View, recents: &[Recent], agent: &AgentView, troubles: &[&Trouble]) -> Page {
    let words = view.words();
    let jobs = view.jobs_of(agent);
    let watched = jobs.iter().filter(|job| job.is_watched()).count();
    let at_risk = jobs.iter().filter(|job| job.is_critical()).count();
    let health = health_of(jobs, troubles);
    let (tone, shield) = tone(health);
    let sentence = match (watched, at_risk) {
        (_, 0) if health == Health::Critical => words.text("agents-trouble").to_owned(),
        (0, _) => words.text("no-jobs").to_owned(),
        (_, 0) => verified(view, jobs),
        (_, n) => words.say("at-risk", [("n", n.into()), ("total", watched.into())]),
    };
    let contact = jobs.iter().find_map(|job| job.effective.contact.as_deref());
    let newest = recents[agent.jobs.clone()].iter().filter_map(Recent::last_day).max();
    let day = newest.unwrap_or_default();
    let month = Month::of(jobs.iter().zip(&recents[agent.jobs.clone()]), day);
    Page {
        f: Frame::timeless(view, agent.id, "api/jobs.json".to_owned()),
        place: place(agent),
        tone,
        shield,
        sentence,
        counts: chips(view, jobs),
        last_report: agent.last_report_at.map(|at| moment(view, at, false)),
        first_seen: agent.first_seen.map(|at| moment(view, at, false)),
        job_count: words.count("jobs", jobs.iter().filter(|job| !job.is_retired()).count()),
        contact: contact.map_or_else(|| words.text("none").to_owned(), printable),
        intact: words.say("n-of-total", [("n", month.good.into()), ("total", month.expected.into())]),
        received: words.bytes(month.bytes.iter().fold(0, |sum, size| sum.saturating_add(*size))),
        troubles: troubles.iter().map(|trouble| trouble_row(view, trouble, false)).collect(),
        rows: job_rows(view, recents, agent, day, false),
        day: day.to_string(),
        volume: newest.and_then(|day| volume::chart(view, day, &month.bytes)),
        legend: legend(view),
    }
}

/// What the last days of some jobs come to.
struct Month {
    /// Of watched jobs.
    expected: usize,
    good: usize,
    /// Of all jobs, of each day, the oldest first.
    bytes: [u64; DAYS],
}

impl Month {
    fn of<'r>(jobs: impl Iterator<Item = (&'r JobView<'r>, &'r Recent)>, day: NaiveDate) -> Self {
        let mut month = Self { expected: 0, good: 0, bytes: [0; DAYS] };
        for (job, days) in jobs.map(|(job, recent)| (job, recent.until(day))) {
            if job.is_watched() {
                month.expected += days.marks().iter().filter(|mark| mark.is_expected()).count();
                month.good += days.marks().iter().filter(|mark| mark.is_expected() && !mark.is_bad()).count();
            }
            for (sum, size) in month.bytes.iter_mut().zip(days.sizes()) {
                *sum = sum.saturating_add(size.unwrap_or_default());
            }
        }
        month
    }
}
