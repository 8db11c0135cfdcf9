//! The pieces that several pages show: badges, moments, rows, causes. Foreign text is printable here
//! already, so that no name reorders the line it stands in; escaping is the template's.

use std::collections::BTreeMap;

use chrono::NaiveDate;

use super::charts::strip::{self, Strip};
use super::charts::trend::{self, Trend};
use super::{agent_path, job_path};
use crate::domain::text::{cut, printable, rfc3339};
use crate::domain::{JobId, Severity, Status, Time};
use crate::render::recent::{Mark, Recent};
use crate::render::terms::warnings_said;
use crate::render::trouble::{Scope, Trouble};
use crate::render::view::{AgentView, Health, JobView, View};
use crate::render::words::Words;

/// Jobs that one cause links to.
const LINKS: usize = 12;

/// An icon and a word. The class gives both their colour, and the class and icon of a status are one letter.
#[derive(Clone)]
pub struct Badge {
    pub class: &'static str,
    pub icon: &'static str,
    pub word: String,
}

pub struct Moment {
    pub iso: String,
    /// `8 h ago`; empty on a page without a time of its own, where the browser writes it.
    pub age: String,
    pub text: String,
}

pub struct Link {
    pub href: String,
    pub text: String,
}

/// A link and a sentence on it.
pub struct Line {
    pub link: Link,
    pub text: String,
}

pub struct Count {
    pub badge: Badge,
    /// The letter that finds these jobs.
    pub filter: &'static str,
    pub n: usize,
}

pub struct JobRow {
    pub badge: Badge,
    pub marks: Vec<Badge>,
    /// The letters by which it is found ([`letters`]).
    pub class: String,
    pub href: String,
    pub database: String,
    pub labels: String,
    pub strip: Strip,
    pub trend: Option<Trend>,
    pub size: String,
    /// What is sorted by: the size, and when it is due in seconds since 1970.
    pub bytes: Option<u64>,
    pub due: Option<i64>,
    /// How its newest size is to those before it.
    pub change: Option<Change>,
    pub last_good: Option<Moment>,
    pub next_due: String,
    pub version: String,
    /// Lower case, what the search looks into.
    pub search: String,
}

/// `-41%`; worth a look from a tenth on.
pub struct Change {
    pub text: String,
    pub is_odd: bool,
}

pub struct AgentRow {
    pub href: String,
    pub name: String,
    pub place: String,
    pub jobs: String,
    pub counts: Vec<Count>,
    /// The letters of its jobs' statuses, for the filter.
    pub class: String,
    pub strip: Strip,
    /// Of the last good backups of all its jobs.
    pub size: String,
    /// The oldest last good copy of its jobs; `None` where one has none.
    pub oldest: Option<Moment>,
    pub last_report: Option<Moment>,
    pub search: String,
}

pub struct TroubleRow {
    pub badge: Badge,
    pub title: String,
    pub link: Option<String>,
    /// How many jobs, where there are several.
    pub scale: String,
    pub sentence: String,
    pub links: Vec<Link>,
    pub more: usize,
    pub next_step: String,
    pub command: String,
    pub note: Option<String>,
    pub acknowledged: Option<String>,
    pub since: Moment,
    pub last_good: Option<Moment>,
    /// What that is, of one job or of several.
    pub good_of: &'static str,
    /// That there is no good copy, where so.
    pub uncovered: Option<String>,
}

/// The letter of a status: class, icon and filter value.
pub fn letter(status: Status) -> &'static str {
    match status {
        Status::Success => "S",
        Status::Unchanged => "U",
        Status::Late => "L",
        Status::Missing => "M",
        Status::Failed => "F",
        Status::HashMismatch | Status::Corrupt => "I",
        Status::Paused => "P",
        Status::Pending => "N",
        Status::Retired => "R",
    }
}

/// The letters by which a job is found: of its status; `h` and `c` where checksum or content are what is wrong; of what
/// came while it is paused; `H` where its newest version is held, `D` where one is damaged, `x` where it is not
/// watched, and those of [`beside`].
pub fn letters(view: &View, job: &JobView) -> String {
    let status = job.trouble_status();
    let mut letters = letter(job.standing.status).to_owned();
    if status != job.standing.status {
        letters += letter(status);
    }
    let more = [
        (status == Status::HashMismatch, 'h'),
        (status == Status::Corrupt, 'c'),
        (job.job.state.held, 'H'),
        (job.is_damaged(), 'D'),
        (!job.is_watched(), 'x'),
    ];
    letters.extend(more.into_iter().filter(|(holds, _)| *holds).map(|(_, letter)| letter));
    letters.extend(beside(view, job));
    letters
}

/// What is to be said of a job that is no trouble, a letter for each.
fn beside(view: &View, job: &JobView) -> impl Iterator<Item = char> {
    let said = [
        ('v', job.standing.verifying),
        ('t', job.job.on_trial),
        ('m', view.rest_of(job).is_some_and(|rest| rest.muted)),
        ('a', view.acknowledgement_of(job).is_some()),
    ];
    said.into_iter().filter(|(_, holds)| *holds).map(|(letter, _)| letter)
}

/// Their words by letter.
pub fn beside_words(words: &'static Words) -> [(char, &'static str); 4] {
    [
        ('v', words.text("verifying")),
        ('t', words.text("trial")),
        ('m', words.text("muted")),
        ('a', words.text("acknowledged-mark")),
    ]
}

pub fn badge(view: &View, status: Status) -> Badge {
    let letter = letter(status);
    Badge { class: letter, icon: letter, word: view.words().status(status).to_owned() }
}

fn mark(class: &'static str, icon: &'static str, word: &str) -> Badge {
    Badge { class, icon, word: word.to_owned() }
}

/// What else is to be said of a job beside its status.
pub fn marks(view: &View, job: &JobView) -> Vec<Badge> {
    let words = view.words();
    let mut marks = Vec::new();
    if job.is_over() {
        marks.push(mark("P", "eye", words.text("year-over-mark")));
    }
    if job.is_damaged() {
        marks.push(mark("I", "I", words.text("damaged")));
    }
    if job.trouble_status() != job.standing.status {
        marks.push(badge(view, job.trouble_status()));
    }
    if job.job.state.held {
        marks.push(mark("F", "risk", words.text("held")));
    }
    if !job.standing.warnings.is_empty() {
        marks.push(mark("L", "eye", &warnings_said(words, &job.standing.warnings)));
    }
    let said: Vec<char> = beside(view, job).collect();
    let words = beside_words(words).into_iter().filter(|(letter, _)| said.contains(letter));
    marks.extend(words.map(|(_, word)| mark("P", "eye", word)));
    marks
}

/// With its age at the moment of the run, on a page that carries its run.
pub fn moment(view: &View, at: Time, dated: bool) -> Moment {
    let age = if dated { view.words().say("ago", [("span", view.age(at).into())]) } else { String::new() };
    Moment { iso: rfc3339(at), age, text: view.when(at) }
}

/// The last days of a job up to `day`, with what is derived of today where `day` is.
pub fn days_of(view: &View, job: &JobView, recent: &Recent, day: NaiveDate) -> Recent {
    let mut recent = recent.until(day);
    if day == view.day(view.generated_at) {
        match job.standing.status {
            Status::Late => recent.derive_newest(Mark::Late),
            Status::Paused => recent.derive_newest(Mark::Paused),
            Status::Pending
            | Status::Success
            | Status::Unchanged
            | Status::Failed
            | Status::HashMismatch
            | Status::Corrupt
            | Status::Missing
            | Status::Retired => {}
        }
    }
    recent
}

/// `days` are the job's, up to the last day of the page.
pub fn job_row(view: &View, job: &JobView, days: &Recent, dated: bool) -> JobRow {
    let words = view.words();
    let labels = [job.labels.year.map(|year| year.to_string()), job.labels.neighborhood.clone()];
    let assumed = job.effective.assumed.then(|| words.text("assumed-word").to_owned());
    let labels = labels.into_iter().flatten().map(|label| printable(&label)).collect::<Vec<_>>().join(" · ");
    let next_due = job.standing.cycle.map_or_else(String::new, |cycle| view.soon(cycle.due));
    let sizes: Vec<u64> = days.sizes().flatten().collect();
    let badge = badge(view, job.standing.status);
    JobRow {
        marks: marks(view, job),
        class: letters(view, job),
        badge,
        href: job_path(&job.job.id),
        database: printable(job.database()),
        labels,
        strip: strip::of_job(words, days.marks()),
        trend: trend::line(&sizes),
        last_good: job.last_good().map(|at| moment(view, at, dated)),
        next_due: match (next_due.is_empty(), assumed) {
            (false, Some(assumed)) => format!("{next_due} ({assumed})"),
            _ => next_due,
        },
        size: size(job).map_or_else(String::new, |bytes| words.bytes(bytes)),
        bytes: size(job),
        due: job.standing.cycle.map(|cycle| cycle.due.timestamp()),
        change: sizes.split_last().and_then(|(newest, before)| change(view, *newest, before)),
        version: job.job.state.current_version.as_deref().map_or_else(String::new, printable),
        search: printable(job.database()).to_lowercase(),
    }
}

/// Of the copy that would be restored, or of the last good backup.
pub fn size(job: &JobView) -> Option<u64> {
    job.digest_and_size().map(|(_, size)| size)
}

fn change(view: &View, newest: u64, before: &[u64]) -> Option<Change> {
    let percent = trend::change(newest, before).filter(|percent| *percent != 0)?;
    let sign = if percent > 0 { "+" } else { "\u{2212}" };
    let number = view.words().number(percent.unsigned_abs());
    let text = view.words().say("percent", [("number", format!("{sign}{number}").into())]);
    Some(Change { text, is_odd: percent.abs() > 10 })
}

pub fn place(agent: &AgentView) -> String {
    let labels = [&agent.labels.company, &agent.labels.city, &agent.labels.neighborhood];
    labels.into_iter().flatten().map(|label| printable(label)).collect::<Vec<_>>().join(" · ")
}

/// Lower case, what the search looks into.
pub fn search_text(agent: &AgentView) -> String {
    printable(&format!("{} {}", agent.id, place(agent))).to_lowercase()
}

/// `recents` are of each of the view's jobs; `day` is the last day of the page.
pub fn agent_row(
    view: &View,
    agent: &AgentView,
    recents: &[Recent],
    day: NaiveDate,
    dated: bool,
) -> AgentRow {
    let counts = chips(view, view.jobs_of(agent));
    let class: String = counts.iter().map(|count| count.filter).collect();
    let sum = summed(view, agent.jobs.clone(), recents, day);
    AgentRow {
        href: agent_path(agent.id),
        name: printable(agent.id),
        place: place(agent),
        jobs: view.words().count("jobs", sum.jobs),
        class,
        strip: sum.strip,
        size: view.words().bytes(sum.bytes),
        oldest: sum.oldest.map(|at| moment(view, at, dated)),
        last_report: agent.last_report_at.map(|at| moment(view, at, dated)),
        search: search_text(agent),
        counts,
    }
}

/// What several jobs come to.
pub struct Sum {
    pub jobs: usize,
    pub bytes: u64,
    pub strip: Strip,
    pub oldest: Option<Time>,
}

/// Of the jobs at these places that are not retired.
pub fn summed(view: &View, places: impl Iterator<Item = usize>, recents: &[Recent], day: NaiveDate) -> Sum {
    let shown: Vec<usize> = places.filter(|at| !view.jobs[*at].is_retired()).collect();
    let of_watched = shown.iter().filter(|at| view.jobs[**at].is_watched());
    // Without what is derived of today: what is late has not come.
    let days: Vec<Recent> = of_watched.map(|at| recents[*at].until(day)).collect();
    let watched = || shown.iter().map(|at| &view.jobs[*at]).filter(|job| job.is_watched());
    let all_have = watched().all(|job| job.last_good().is_some());
    Sum {
        jobs: shown.len(),
        bytes: shown.iter().filter_map(|at| size(&view.jobs[*at])).fold(0, u64::saturating_add),
        strip: strip::of_several(view.words(), &strip::sum(days.iter().map(Recent::marks))),
        oldest: if all_have { watched().filter_map(JobView::last_good).min() } else { None },
    }
}

/// What some job is, with how many are so. Each job is in one of them: a backup that came and is held, or whose version is
/// damaged, is no success. The two of integrity stay apart, each with its own words.
pub fn chips<'j>(view: &View, jobs: impl IntoIterator<Item = &'j JobView<'j>>) -> Vec<Count> {
    let mut counts: BTreeMap<Look, usize> = BTreeMap::new();
    for job in jobs.into_iter().filter(|job| !job.is_retired()) {
        *counts.entry(Look::of(job)).or_default() += 1;
    }
    let count = |(look, n): (Look, usize)| Count { badge: look.badge(view), filter: look.filter(), n };
    counts.into_iter().map(count).collect()
}

/// What a job counts as.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Look {
    Status(Status),
    Held,
    Damaged,
}

impl Look {
    pub fn of(job: &JobView) -> Self {
        match job.trouble_status() {
            status if status.is_critical() || !job.is_watched() => Self::Status(status),
            _ if job.is_damaged() => Self::Damaged,
            _ if job.job.state.held => Self::Held,
            status => Self::Status(status),
        }
    }

    pub fn badge(self, view: &View) -> Badge {
        match self {
            Self::Status(status) => badge(view, status),
            Self::Held => mark("H", "risk", view.words().text("mark-held")),
            Self::Damaged => mark("I", "I", view.words().text("chip-damaged")),
        }
    }

    /// The one of [`letters`] that tells it from all others.
    fn filter(self) -> &'static str {
        match self {
            Self::Status(Status::HashMismatch) => "h",
            Self::Status(Status::Corrupt) => "c",
            Self::Status(status) => letter(status),
            Self::Held => "H",
            Self::Damaged => "D",
        }
    }
}

pub fn link(job: &JobView) -> Link {
    Link { href: job_path(&job.job.id), text: printable(&job.job.key.to_string()) }
}

pub fn trouble_row(view: &View, trouble: &Trouble, dated: bool) -> TroubleRow {
    let words = view.words();
    let badge = match trouble.status {
        Some(status) if status.is_critical() => badge(view, status),
        // In order by its status, and its newest version is held.
        Some(_) => mark("F", "risk", words.text("mark-held")),
        None if trouble.severity == Severity::Critical => mark("F", "risk", words.label(trouble.word)),
        None => mark("L", "eye", words.label(trouble.word)),
    };
    let jobs = trouble.jobs.iter().map(|i| &view.jobs[*i]);
    let main_link = match (&trouble.scope, trouble.jobs.as_slice()) {
        (_, [only]) => Some(job_path(&view.jobs[*only].job.id)),
        (Scope::Agent(agent) | Scope::Job { agent, .. }, _) => known_agent(view, agent),
        (Scope::Agents(_) | Scope::Server, _) => None,
    };
    let n = trouble.jobs.len();
    TroubleRow {
        badge,
        title: trouble.title(view),
        link: main_link,
        scale: if n > 1 { words.count("jobs", n) } else { String::new() },
        sentence: trouble.sentence.clone(),
        links: jobs.take(LINKS).map(|job| Link { text: printable(job.database()), ..link(job) }).collect(),
        more: n.saturating_sub(LINKS),
        next_step: trouble.next_step.clone(),
        command: trouble.command.clone(),
        note: trouble
            .note
            .as_deref()
            .map(|note| view.words().say("note", [("said", printable(note).into())])),
        acknowledged: trouble.acknowledged.clone(),
        since: moment(view, trouble.since, dated),
        last_good: trouble.last_good.map(|at| moment(view, at, dated)),
        good_of: words.text(if n > 1 { "oldest-good" } else { "last-good" }),
        uncovered: (trouble.uncovered > 0).then(|| words.count("no-copy", trouble.uncovered)),
    }
}

fn known_agent(view: &View, agent: &str) -> Option<String> {
    view.agents.binary_search_by(|known| known.id.cmp(agent)).ok().map(|_| agent_path(agent))
}

/// The look of a verdict: tint and shield.
pub fn tone(health: Health) -> (&'static str, &'static str) {
    match health {
        Health::Ok => ("safe", "ok"),
        Health::Warning => ("watch", "eye"),
        Health::Critical => ("risk", "risk"),
        Health::Unknown => ("unknown", "K"),
    }
}

/// A link to a job by its id, where it is known.
pub fn known_job(view: &View, id: &JobId) -> Option<String> {
    view.job(id.as_str()).map(|job| job_path(&job.job.id))
}

/// A sentence on a line of a list.
pub fn short(text: &str) -> String {
    cut(&printable(text), 400)
}
