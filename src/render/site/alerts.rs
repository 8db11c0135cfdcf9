//! Alerts: open causes, what runs late, every open incident, and what was resolved in 30 days.

use askama::Template;
use chrono::TimeDelta;

use super::agent_path;
use super::frame::Frame;
use super::index::all_clear;
use super::rows::{Badge, Line, TroubleRow, known_job, link, short, tone, trouble_row};
use crate::domain::text::printable;
use crate::domain::{Incident, Severity, Time};
use crate::render::view::View;

/// Rows of each list; the command line lists the rest.
const LISTED: usize = 400;

#[derive(Template)]
#[template(path = "site/alerts.html")]
pub struct Page {
    f: Frame,
    tone: &'static str,
    shield: &'static str,
    cause_count: String,
    resolved_count: usize,
    median: String,
    longest: String,
    day: String,
    troubles: Vec<TroubleRow>,
    clear: &'static str,
    clear_class: &'static str,
    clear_icon: &'static str,
    more: String,
    late: Vec<Line>,
    open: Vec<Row>,
    resolved: Vec<Row>,
}

pub struct Row {
    pub badge: Badge,
    /// The database, else the agent, else the server.
    pub whom: String,
    /// Whose the database is; empty where `whom` says it.
    pub agent: String,
    pub href: Option<String>,
    pub opened: String,
    pub resolved: String,
    pub lasted: String,
    pub sentence: String,
    /// Where it lies in the last 30 days: begin and length, in hundredths of a day.
    pub from: i64,
    pub length: i64,
}

pub fn page(view: &View) -> Page {
    let words = view.words();
    let causes = view.troubles.len();
    let (clear, clear_class, clear_icon) = all_clear(view);
    let late = view.late().into_iter().take(LISTED).map(|job| Line {
        link: link(job),
        text: job.standing.cycle.map_or_else(String::new, |cycle| {
            format!(
                "{}: {}. {}: {}",
                words.text("next-due"),
                view.when(cycle.due),
                words.text("deadline"),
                view.when(cycle.deadline)
            )
        }),
    });
    let mut lasted: Vec<TimeDelta> =
        view.resolved_incidents().filter_map(|i| Some(i.resolved_at? - i.opened_at)).collect();
    lasted.sort_unstable();
    let span =
        |span: Option<&TimeDelta>| span.map_or_else(|| words.text("none").to_owned(), |s| words.span(*s));
    let (tone, shield) = tone(view.health);
    Page {
        f: Frame::dated(view, "alerts", words.text("alerts"), "api/alerts.json"),
        tone,
        shield,
        resolved_count: lasted.len(),
        median: span(lasted.get(lasted.len() / 2)),
        longest: span(lasted.last()),
        day: view.words().day(view.day(month_begin(view))),
        cause_count: words.count("causes", causes),
        troubles: view.troubles.iter().take(LISTED).map(|trouble| trouble_row(view, trouble, true)).collect(),
        clear,
        clear_class,
        clear_icon,
        more: words.some("more-causes", causes.saturating_sub(LISTED)).unwrap_or_default(),
        late: late.collect(),
        open: view.open_incidents().take(LISTED).map(|incident| row(view, incident)).collect(),
        resolved: view.resolved_incidents().take(LISTED).map(|incident| row(view, incident)).collect(),
    }
}

fn month_begin(view: &View) -> Time {
    view.generated_at - TimeDelta::days(30)
}

/// An incident as a line; `lasted` of an open one is left to the causes above, which the browser keeps fresh.
pub fn row(view: &View, incident: &Incident) -> Row {
    let subject = &incident.subject;
    let word = incident.cause.as_deref().unwrap_or(subject.kind.word());
    let (class, icon) = match (incident.is_open(), incident.severity) {
        (false, _) => ("S", "S"),
        (true, Severity::Critical) => ("F", "risk"),
        (true, Severity::Warning | Severity::Ok | Severity::Pending | Severity::Inactive) => ("L", "eye"),
    };
    let (whom, agent, href) = match (&subject.agent, &subject.job) {
        (None, _) => (view.words().text("server").to_owned(), String::new(), None),
        (Some(agent), None) => {
            let known = view.agents.binary_search_by(|a| a.id.cmp(agent)).is_ok();
            (agent.clone(), String::new(), known.then(|| agent_path(agent)))
        }
        (Some(agent), Some(job)) => {
            let database = incident.database.as_deref().unwrap_or(job.as_str());
            (database.to_owned(), agent.clone(), known_job(view, job))
        }
    };
    let hundredths = |at: Time| ((at - month_begin(view)).num_minutes() * 100 / 1440).clamp(0, 3000);
    let (from, to) =
        (hundredths(incident.opened_at), hundredths(incident.resolved_at.unwrap_or(view.generated_at)));
    Row {
        from,
        length: (to - from).max(50),
        badge: Badge { class, icon, word: printable(view.words().label(word)) },
        whom: printable(&whom),
        agent: printable(&agent),
        href,
        opened: view.when(incident.opened_at),
        resolved: incident.resolved_at.map_or_else(String::new, |at| view.when(at)),
        lasted: incident
            .resolved_at
            .map_or_else(String::new, |at| view.words().span(at - incident.opened_at)),
        sentence: short(&view.said(&incident.message)),
    }
}
