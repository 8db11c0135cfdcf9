//! The overview and the list of agents. The overview stays small at any size of the fleet: it shows
//! jobs up to a limit, then agents up to another, then only those with trouble.

use askama::Template;

use super::agent_path;
use super::frame::Frame;
use super::rows::{
    AgentRow, Count, JobRow, Line, TroubleRow, agent_row, chips, job_row, letter, link, place, search_text,
    short, tone, trouble_row,
};
use crate::domain::text::printable;
use crate::domain::{Severity, Status};
use crate::render::recent::Recent;
use crate::render::terms::warning_words;
use crate::render::view::{AgentView, Health, Step, View};

/// Jobs up to which the overview lists them all.
pub(super) const JOBS_LISTED: usize = 250;
/// Agents up to which the overview lists them all.
const AGENTS_LISTED: usize = 40;
/// Agents with trouble that the overview lists beyond that.
const TROUBLED_LISTED: usize = 60;
const CAUSES_LISTED: usize = 10;
const LOOKS_LISTED: usize = 10;

#[derive(Template)]
#[template(path = "site/index.html")]
pub struct Index {
    f: Frame,
    tone: &'static str,
    shield: &'static str,
    explanation: Vec<String>,
    bars: Vec<Bar>,
    chips: Vec<Count>,
    ladder: Vec<Rung>,
    overdue: String,
    troubles: Vec<TroubleRow>,
    cause_count: String,
    clear: &'static str,
    clear_class: &'static str,
    clear_icon: &'static str,
    more: String,
    look: Vec<Line>,
    notices: Vec<String>,
    totals: String,
    listing: Option<Vec<Listed>>,
    troubled: Vec<AgentRow>,
    /// Calm agents are left out.
    folded: bool,
}

/// A stretch of the bar of statuses; units of a thousandth.
struct Bar {
    class: &'static str,
    x: usize,
    width: usize,
}

struct Rung {
    label: &'static str,
    planned: usize,
    overdue: usize,
    n: usize,
}

struct Listed {
    href: String,
    name: String,
    place: String,
    search: String,
    rows: Vec<JobRow>,
}

pub fn page(view: &View, _recents: &[Recent]) -> Index {
    let words = view.words();
    let (tone, shield) = tone(view.health);
    let causes = view.troubles.len();
    let (clear, clear_class, clear_icon) = all_clear(view);
    let overdue: usize = view.ladder.0.iter().map(|step| step.overdue).sum();
    let (troubled, folded) = if view.tally.total > JOBS_LISTED { agents(view) } else { (Vec::new(), false) };
    Index {
        f: Frame::dated(view, "index", &view.headline(), "api/jobs.json"),
        tone,
        shield,
        explanation: view.explanation(),
        bars: bars(view),
        chips: chips(view, &view.counts),
        ladder: ladder(view),
        overdue: words.say("overdue", [("n", overdue.into())]),
        troubles: view
            .troubles
            .iter()
            .take(CAUSES_LISTED)
            .map(|trouble| trouble_row(view, trouble, true))
            .collect(),
        cause_count: words.count("causes", causes),
        clear,
        clear_class,
        clear_icon,
        more: match causes.saturating_sub(CAUSES_LISTED) {
            0 => String::new(),
            n => words.say("more-on-alerts", [("n", n.into())]),
        },
        look: look(view),
        notices: view.notices(),
        totals: totals(view),
        listing: (view.tally.total <= JOBS_LISTED).then(|| listing(view)),
        troubled,
        folded,
    }
}

/// What an empty list of causes says: nothing to do is said only where that is known.
pub(super) fn all_clear(view: &View) -> (&'static str, &'static str, &'static str) {
    match view.health {
        Health::Unknown => (view.words().text("cannot-say"), "K", "K"),
        Health::Ok | Health::Warning | Health::Critical => (view.words().text("all-clear"), "", "S"),
    }
}

fn totals(view: &View) -> String {
    let words = view.words();
    let shown = view.tally.total - view.tally.retired;
    format!("{}, {}", words.count("jobs", shown), words.count("agents-n", view.agents.len()))
}

fn bars(view: &View) -> Vec<Bar> {
    let total = view.tally.total - view.tally.retired;
    let mut bars = Vec::new();
    let mut before = 0;
    for status in Status::ALL.iter().filter(|status| **status != Status::Retired) {
        let n = view.counts.get(status).copied().unwrap_or(0);
        if n > 0 {
            let x = before * 1000 / total;
            // A single job of many thousands is still to be seen.
            let width = (n * 1000 / total).max(4).saturating_sub(3).max(3);
            bars.push(Bar { class: letter(*status), x, width });
        }
        before += n;
    }
    bars
}

fn ladder(view: &View) -> Vec<Rung> {
    let largest = view.ladder.0.iter().map(|step| step.planned + step.overdue).max().unwrap_or(0).max(1);
    let width = |n: usize| (n * 100).div_ceil(largest);
    let words = view.words();
    let labels = [
        words.text("ladder-day"),
        words.text("ladder-two-days"),
        words.text("ladder-week"),
        words.text("ladder-older"),
        words.text("ladder-never"),
    ];
    let rung = |(step, label): (&Step, &'static str)| Rung {
        label,
        planned: width(step.planned),
        overdue: width(step.overdue),
        n: step.planned + step.overdue,
    };
    view.ladder.0.iter().zip(labels).map(rung).collect()
}

fn look(view: &View) -> Vec<Line> {
    let warned = view.worth_a_look();
    let line = |job: &&crate::render::view::JobView| Line {
        link: link(job),
        text: short(&format!(
            "{}. {}",
            warning_words(&job.standing.warnings),
            job.standing.message.as_deref().map(|said| view.said(said)).unwrap_or_default()
        )),
    };
    warned.iter().take(LOOKS_LISTED).map(line).collect()
}

fn listing(view: &View) -> Vec<Listed> {
    let mut listed = Vec::new();
    for i in view.agents_by_place() {
        let agent = &view.agents[i];
        let jobs = view.jobs_of(agent).iter().filter(|job| !job.is_retired());
        listed.push(Listed {
            href: agent_path(agent.id),
            name: printable(agent.id),
            place: place(agent),
            search: search_text(agent),
            rows: jobs.map(|job| job_row(view, job, true)).collect(),
        });
    }
    listed
}

/// Agents for a large fleet, and whether calm ones were left out.
fn agents(view: &View) -> (Vec<AgentRow>, bool) {
    let order = view.agents_by_place();
    if order.len() <= AGENTS_LISTED {
        return (order.into_iter().map(|i| agent_row(view, &view.agents[i])).collect(), false);
    }
    let trouble = |agent: &AgentView| view.jobs_of(agent).iter().filter(|job| job.is_critical()).count();
    let mut troubled: Vec<(usize, usize)> =
        order.into_iter().map(|i| (trouble(&view.agents[i]), i)).filter(|(n, _)| *n > 0).collect();
    troubled.sort_by_key(|(n, _)| std::cmp::Reverse(*n));
    let rows =
        troubled.into_iter().take(TROUBLED_LISTED).map(|(_, i)| agent_row(view, &view.agents[i])).collect();
    (rows, true)
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

pub fn agents_page(view: &View) -> Agents {
    let words = view.words();
    let mut groups: Vec<Group> = Vec::new();
    for i in view.agents_by_place() {
        let agent = &view.agents[i];
        let labels = [&agent.labels.company, &agent.labels.city];
        let name = labels.into_iter().flatten().map(|label| printable(label)).collect::<Vec<_>>().join(" · ");
        let name = if name.is_empty() { words.text("no-label").to_owned() } else { name };
        let row = agent_row(view, agent);
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

/// The verdict of some jobs alone, for the page that shows them.
pub(super) fn health_of<'j>(severities: impl Iterator<Item = &'j Severity>) -> Health {
    severities.fold(Health::Unknown, |worst, severity| {
        let this = match severity {
            Severity::Critical => Health::Critical,
            Severity::Warning => Health::Warning,
            Severity::Ok | Severity::Pending => Health::Ok,
            Severity::Inactive => return worst,
        };
        if worst == Health::Unknown { this } else { worst.max(this) }
    })
}
