//! All that is watched, by company, city and agent. A small fleet is listed job by job; of a large one the overview
//! shows cities and the agents with trouble, and the search loads the rest.

use std::collections::HashSet;

use askama::Template;
use chrono::NaiveDate;

use super::agent::troubles_by_agent;
use super::charts::strip::Strip;
use super::rows::{
    AgentRow, Count, JobRow, Link, Moment, agent_row, chips, days_of, job_row, moment, place, search_text,
    summed,
};
use super::{Frame, agent_path};
use crate::domain::Status;
use crate::domain::text::printable;
use crate::render::recent::Recent;
use crate::render::view::{AgentView, JobView, View};

/// Agents up to which the overview lists them all.
const AGENTS_LISTED: usize = 40;
/// Cities, agents with trouble, and links to calm agents that it shows beyond that.
const CITIES_LISTED: usize = 60;
const TROUBLED_LISTED: usize = 60;
const CALM_LISTED: usize = 400;

/// The agents of one company.
pub struct Company {
    pub name: String,
    pub summary: String,
    /// Of a small fleet.
    pub agents: Vec<Listed>,
    /// Of a large one.
    pub cities: Vec<City>,
}

/// An agent and, in a small fleet, its jobs.
pub struct Listed {
    pub name: String,
    /// What its button does.
    pub toggle: String,
    pub agent: AgentRow,
    pub search: String,
    pub rows: Vec<JobRow>,
}

pub struct City {
    pub name: String,
    pub jobs: String,
    pub agents: String,
    pub counts: Vec<Count>,
    pub strip: Strip,
    pub size: String,
    pub oldest: Option<Moment>,
    pub troubled: Vec<AgentRow>,
    pub calm: Vec<Link>,
    pub calm_said: String,
}

/// What may still be shown.
struct Room {
    cities: usize,
    troubled: usize,
    calm: usize,
}

/// All agents by company, and whether something was left out.
pub fn companies(view: &View, recents: &[Recent], with_jobs: bool) -> (Vec<Company>, bool) {
    let today = view.day(view.generated_at);
    let order = view.agents_by_place();
    let in_cities = !with_jobs && order.len() > AGENTS_LISTED;
    let mut room = Room { cities: CITIES_LISTED, troubled: TROUBLED_LISTED, calm: CALM_LISTED };
    let mut is_whole = true;
    let mut companies = Vec::new();
    let label = |at: &usize| view.agents[*at].labels.company.as_deref();
    for places in order.chunk_by(|a, b| label(a) == label(b)) {
        let agents: Vec<&AgentView> = places.iter().map(|at| &view.agents[*at]).collect();
        let mut company = Company {
            name: name_of(view, label(&places[0])),
            summary: summary(view, &agents),
            agents: Vec::new(),
            cities: Vec::new(),
        };
        if in_cities {
            let (cities, all) = cities(view, recents, &agents, today, &mut room);
            company.cities = cities;
            is_whole &= all;
        } else {
            company.agents =
                agents.iter().map(|agent| listed(view, recents, agent, today, with_jobs)).collect();
        }
        if !company.agents.is_empty() || !company.cities.is_empty() {
            companies.push(company);
        }
    }
    (companies, !is_whole)
}

fn name_of(view: &View, label: Option<&str>) -> String {
    label.map_or_else(|| view.words().text("no-label").to_owned(), printable)
}

fn summary(view: &View, agents: &[&AgentView]) -> String {
    let jobs = agents.iter().map(|agent| shown(view, agent)).sum();
    format!("{}, {}", view.words().count("agents-n", agents.len()), view.words().count("jobs", jobs))
}

fn shown(view: &View, agent: &AgentView) -> usize {
    view.jobs_of(agent).iter().filter(|job| !job.is_retired()).count()
}

fn listed(view: &View, recents: &[Recent], agent: &AgentView, day: NaiveDate, with_jobs: bool) -> Listed {
    let rows = if with_jobs { job_rows(view, recents, agent, day, true) } else { Vec::new() };
    Listed {
        name: printable(agent.id),
        toggle: view.words().say("toggle", [("agent", printable(agent.id).into())]),
        agent: agent_row(view, agent, recents, day, true),
        search: search_text(agent),
        rows,
    }
}

/// Of the agent's jobs that are not retired, the worst first.
pub fn job_rows(
    view: &View,
    recents: &[Recent],
    agent: &AgentView,
    day: NaiveDate,
    dated: bool,
) -> Vec<JobRow> {
    let mut places: Vec<usize> = agent.jobs.clone().filter(|at| !view.jobs[*at].is_retired()).collect();
    places.sort_by_key(|at| worst_first(&view.jobs[*at]));
    let row = |at: usize| {
        let job = &view.jobs[at];
        // What today makes of a job would come and go with the clock: a page without a time leaves it out.
        let days = if dated { days_of(view, job, &recents[at], day) } else { recents[at].until(day) };
        job_row(view, job, &days, dated)
    };
    places.into_iter().map(row).collect()
}

/// Integrity, failed, missing, held, late; then those that are well, and paused ones last.
fn worst_first(job: &JobView) -> u8 {
    match job.trouble_status() {
        _ if !job.is_watched() => 6,
        _ if job.job.state.held || job.is_damaged() => 0,
        Status::HashMismatch | Status::Corrupt => 1,
        Status::Failed => 2,
        Status::Missing => 3,
        Status::Late => 4,
        Status::Success | Status::Unchanged | Status::Pending => 5,
        Status::Paused | Status::Retired => 6,
    }
}

/// And whether all of it is there.
fn cities(
    view: &View,
    recents: &[Recent],
    agents: &[&AgentView],
    day: NaiveDate,
    room: &mut Room,
) -> (Vec<City>, bool) {
    let with_trouble = with_trouble(view);
    let mut cities = Vec::new();
    let mut is_whole = true;
    for of_city in agents.chunk_by(|a, b| a.labels.city == b.labels.city) {
        let (troubled, calm): (Vec<&AgentView>, Vec<&AgentView>) =
            of_city.iter().partition(|agent| with_trouble.contains(agent.id));
        // A calm city gives way to one with trouble.
        let least = if troubled.is_empty() { CITIES_LISTED / 2 } else { 0 };
        if room.cities <= least {
            is_whole = false;
            continue;
        }
        room.cities -= 1;
        let shown: Vec<&&AgentView> = troubled.iter().take(room.troubled).collect();
        let linked: Vec<&&AgentView> = calm.iter().take(room.calm).collect();
        is_whole &= shown.len() == troubled.len() && linked.len() == calm.len();
        room.troubled -= shown.len();
        room.calm -= linked.len();
        cities.push(city(view, recents, of_city, &shown, &linked, day));
    }
    (cities, is_whole)
}

/// Agents with a job that is late or at risk, or with an open cause of their own.
fn with_trouble<'v>(view: &'v View) -> HashSet<&'v str> {
    let causes = troubles_by_agent(view);
    let has_trouble = |(agent, causes): &(&'v AgentView, Vec<usize>)| {
        !causes.is_empty() || view.jobs_of(agent).iter().any(JobView::is_overdue)
    };
    view.agents.iter().zip(causes).filter(has_trouble).map(|(agent, _)| agent.id).collect()
}

fn city(
    view: &View,
    recents: &[Recent],
    agents: &[&AgentView],
    troubled: &[&&AgentView],
    calm: &[&&AgentView],
    day: NaiveDate,
) -> City {
    let words = view.words();
    let jobs = || agents.iter().flat_map(|agent| view.jobs_of(agent));
    let sum = summed(view, agents.iter().flat_map(|agent| agent.jobs.clone()), recents, day);
    let link = |agent: &&&AgentView| Link {
        href: agent_path(agent.id),
        text: printable(agent.labels.neighborhood.as_deref().unwrap_or(agent.id)),
    };
    City {
        name: agents[0].labels.city.as_deref().map_or_else(|| words.text("no-city").to_owned(), printable),
        jobs: words.count("jobs", sum.jobs),
        agents: words.count("agents-n", agents.len()),
        counts: chips(view, jobs()),
        strip: sum.strip,
        size: words.bytes(sum.bytes),
        oldest: sum.oldest.map(|at| moment(view, at, true)),
        troubled: troubled.iter().map(|agent| agent_row(view, agent, recents, day, true)).collect(),
        calm: calm.iter().map(link).collect(),
        calm_said: words.count("calm-agents", calm.len()),
    }
}

#[derive(Template)]
#[template(path = "site/agents.html")]
pub struct Agents {
    f: Frame,
    totals: String,
    groups: Vec<Group>,
}

/// Agents of one company and city.
struct Group {
    name: String,
    agents: Vec<AgentRow>,
}

pub fn agents_page(view: &View, recents: &[Recent]) -> Agents {
    let words = view.words();
    let today = view.day(view.generated_at);
    let mut groups: Vec<Group> = Vec::new();
    for i in view.agents_by_place() {
        let agent = &view.agents[i];
        let labels = [&agent.labels.company, &agent.labels.city];
        let name = labels.into_iter().flatten().map(|label| printable(label)).collect::<Vec<_>>().join(" · ");
        let name = if name.is_empty() { words.text("no-label").to_owned() } else { name };
        let row = agent_row(view, agent, recents, today, true);
        match groups.last_mut().filter(|group| group.name == name) {
            Some(group) => group.agents.push(row),
            None => groups.push(Group { name, agents: vec![row] }),
        }
    }
    Agents {
        f: Frame::dated(view, "agents", words.text("all-agents"), "api/jobs.json"),
        totals: totals(view),
        groups,
    }
}

/// `62 jobs, 8 agents`.
pub fn totals(view: &View) -> String {
    let words = view.words();
    let shown = view.tally.total - view.tally.retired;
    format!("{}, {}", words.count("jobs", shown), words.count("agents-n", view.agents.len()))
}

/// For the filter of a small fleet: the agents, as it names them.
pub fn agent_options(view: &View) -> Vec<(String, String)> {
    let option = |at: usize| {
        let agent = &view.agents[at];
        let place = place(agent);
        (printable(agent.id), if place.is_empty() { printable(agent.id) } else { place })
    };
    view.agents_by_place().into_iter().map(option).collect()
}
