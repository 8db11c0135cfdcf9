//! The overview: the verdict in one glance, what could be restored now, what needs attention, the last 30 days, and
//! all jobs. It stays small at any size of the fleet.

use std::collections::BTreeMap;

use askama::Template;

use super::charts::fleet::{self, Sum};
use super::charts::strip::Strip;
use super::charts::{Chart, Shape};
use super::frame::Frame;
use super::listing::{Company, agent_options, companies, totals};
use super::rows::{Count, Line, Link, TroubleRow, chips, link, short, tone, trouble_row};
use super::server::{self, Fact};
use super::{agent_path, is_small};
use crate::domain::text::printable;
use crate::domain::{Severity, Status};
use crate::render::recent::Recent;
use crate::render::terms::warnings_said;
use crate::render::trouble::Trouble;
use crate::render::view::{Health, JobView, Step, View};

const CAUSES_LISTED: usize = 10;
const LOOKS_LISTED: usize = 10;
/// Jobs of an agent with the same warnings from which on they are one line.
const SAME_WARNING: usize = 3;

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
    /// What it counts, and as of when.
    ladder_text: String,
    assumed: Option<String>,
    overdue: String,
    troubles: Vec<TroubleRow>,
    cause_count: String,
    clear: &'static str,
    clear_class: &'static str,
    clear_icon: &'static str,
    more: String,
    look: Vec<Line>,
    paused: Vec<Line>,
    notices: Vec<String>,
    chart: Chart,
    month: Month,
    totals: String,
    /// The last day of the strips.
    day: String,
    companies: Vec<Company>,
    /// The jobs are listed; else the search loads them.
    with_jobs: bool,
    /// Calm agents or cities are left out.
    folded: bool,
    /// Agents for the filter; their name and what is shown of them.
    agents: Vec<(String, String)>,
    /// Of the backup server itself.
    server: Vec<Fact>,
    legend: Vec<Legend>,
}

/// What the last 30 days come to, in words.
struct Month {
    share: String,
    expected: String,
    clean: String,
}

/// What a look means.
pub(super) struct Legend {
    pub strip: Strip,
    pub letter: char,
    pub word: &'static str,
    pub text: &'static str,
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
    assumed: usize,
    /// Where its part of the bar begins.
    assumed_at: usize,
    overdue: usize,
    overdue_at: usize,
    n: usize,
}

pub fn page(view: &View, recents: &[Recent]) -> Index {
    let words = view.words();
    let today = view.day(view.generated_at);
    let (tone, shield) = tone(view.health);
    let causes = view.troubles.len();
    let (clear, clear_class, clear_icon) = all_clear(view);
    let overdue: usize = view.ladder.0.iter().map(|step| step.overdue).sum();
    let with_jobs = is_small(view);
    let (companies, folded) = companies(view, recents, with_jobs);
    let watched = view.jobs.iter().zip(recents).filter(|(job, _)| job.is_watched());
    let days: Vec<Recent> = watched.map(|(_, recent)| recent.until(today)).collect();
    let (chart, sum) = fleet::chart(view, today, days.iter().map(Recent::marks));
    Index {
        f: Frame::dated(view, "index", &view.headline(), "api/jobs.json").searching(view),
        tone,
        shield,
        explanation: view.explanation(),
        bars: bars(view),
        chips: chips(view, &view.jobs),
        ladder: ladder(view),
        ladder_text: words.say("ladder-text", [("time", view.when(view.generated_at).into())]),
        assumed: words.some("schedule-assumed", view.ladder.0.iter().map(|step| step.assumed).sum()),
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
        paused: paused(view),
        notices: view.notices(),
        chart,
        month: month(view, &sum),
        totals: totals(view),
        day: today.to_string(),
        companies,
        with_jobs,
        folded,
        agents: if with_jobs { agent_options(view) } else { Vec::new() },
        server: server::facts(view),
        legend: legend(view),
    }
}

fn month(view: &View, sum: &Sum) -> Month {
    let words = view.words();
    let share = match (sum.good * 1000).checked_div(sum.expected) {
        None => "\u{2013}".to_owned(),
        Some(1000) => words.say("percent", [("number", "100".into())]),
        Some(thousandths) => {
            let number = format!("{}{}{}", thousandths / 10, words.text("decimal-mark"), thousandths % 10);
            words.say("percent", [("number", number.into())])
        }
    };
    Month {
        share,
        expected: words.count("month-expected", sum.expected),
        clean: words.count("month-clean", sum.clean),
    }
}

/// What the marks of the strips mean.
pub(super) fn legend(view: &View) -> Vec<Legend> {
    use crate::render::recent::Mark;
    let words = view.words();
    let meanings = [
        (Mark::Good, words.text("means-good")),
        (Mark::Unchanged, words.text("means-unchanged")),
        (Mark::Late, words.text("means-late")),
        (Mark::Missing, words.text("means-missing")),
        (Mark::Failed, words.text("means-failed")),
        (Mark::Integrity, words.text("means-integrity")),
        (Mark::Held, words.text("means-held")),
        (Mark::Paused, words.text("means-paused")),
    ];
    let entry = |(mark, text): (Mark, &'static str)| Legend {
        strip: super::charts::strip::of_job(words, &[mark; 3]),
        letter: mark.letter(),
        word: super::charts::strip::word(words, mark),
        text,
    };
    meanings.into_iter().map(entry).collect()
}

/// What an empty list of causes says: nothing to do is said only where that is known.
pub(super) fn all_clear(view: &View) -> (&'static str, &'static str, &'static str) {
    match view.health {
        Health::Unknown => (view.words().text("cannot-say"), "K", "K"),
        Health::Ok | Health::Warning | Health::Critical => (view.words().text("all-clear"), "", "S"),
    }
}

fn bars(view: &View) -> Vec<Bar> {
    let total = view.tally.total - view.tally.retired;
    let mut bars = Vec::new();
    let mut before = 0;
    for Count { badge, n, .. } in chips(view, &view.jobs) {
        if n > 0 {
            let x = before * 1000 / total;
            // A single job of many thousands is still to be seen.
            let width = (n * 1000 / total).max(4).saturating_sub(3).max(3);
            bars.push(Bar { class: badge.class, x, width });
        }
        before += n;
    }
    bars
}

fn ladder(view: &View) -> Vec<Rung> {
    let all = |step: &Step| step.planned + step.assumed + step.overdue;
    let largest = view.ladder.0.iter().map(all).max().unwrap_or(0).max(1);
    let width = |n: usize| (n * 100).div_ceil(largest);
    let words = view.words();
    let labels = [
        words.text("ladder-day"),
        words.text("ladder-two-days"),
        words.text("ladder-week"),
        words.text("ladder-older"),
        words.text("ladder-never"),
    ];
    let rung = |(step, label): (&Step, &'static str)| {
        let (planned, assumed) = (width(step.planned), width(step.assumed));
        Rung {
            label,
            planned,
            assumed,
            assumed_at: planned,
            overdue: width(step.overdue),
            overdue_at: planned + assumed,
            n: all(step),
        }
    };
    view.ladder.0.iter().zip(labels).map(rung).collect()
}

fn look(view: &View) -> Vec<Line> {
    let mut alike: BTreeMap<(&str, String), Vec<&JobView>> = BTreeMap::new();
    for job in view.worth_a_look() {
        let warnings = warnings_said(view.words(), &job.standing.warnings);
        alike.entry((job.agent(), warnings)).or_default().push(job);
    }
    let lines = alike.into_iter().flat_map(|((agent, warnings), jobs)| {
        if jobs.len() < SAME_WARNING {
            return jobs.into_iter().map(|job| look_at(view, job, &warnings)).collect();
        }
        let link = Link { href: agent_path(agent), text: printable(agent) };
        let said = view.words().count("jobs", jobs.len());
        let text = view.words().say("with-reason", [("said", said.into()), ("why", warnings.into())]);
        vec![Line { link, text }]
    });
    lines.take(LOOKS_LISTED).collect()
}

fn look_at(view: &View, job: &JobView, warnings: &str) -> Line {
    let message = job.standing.message.as_deref().map(|said| view.said(said)).unwrap_or_default();
    Line { link: link(job), text: short(&format!("{warnings}. {message}")) }
}

/// Who paused what, until when and why; the rest of them is found by the filter.
fn paused(view: &View) -> Vec<Line> {
    let line = |job: &JobView| Line { link: link(job), text: short(&view.paused(job).unwrap_or_default()) };
    view.paused_jobs().take(LOOKS_LISTED).map(line).collect()
}

/// The verdict of some jobs and the causes that concern them, for the page that shows them.
pub(super) fn health_of<'j>(
    jobs: impl IntoIterator<Item = &'j JobView<'j>>,
    troubles: &[&Trouble],
) -> Health {
    let jobs = jobs.into_iter().filter_map(|job| match job.standing.severity {
        Severity::Critical => Some(Health::Critical),
        Severity::Warning => Some(Health::Warning),
        Severity::Ok => Some(Health::Ok),
        Severity::Pending if job.standing.status == Status::Late => Some(Health::Warning),
        // Nothing was judged, or nothing is watched: nothing is claimed.
        Severity::Pending | Severity::Inactive => None,
    });
    let troubles = troubles.iter().map(|trouble| match trouble.severity {
        Severity::Critical => Health::Critical,
        Severity::Warning | Severity::Ok | Severity::Pending | Severity::Inactive => Health::Warning,
    });
    jobs.chain(troubles).max().unwrap_or(Health::Unknown)
}
