//! Causes, not jobs: what is wrong, grouped so that one cause is one item.
//!
//! An agent that fell silent altogether is one item, and so are at least five of them within two
//! hours; at least three jobs of an agent with the same cause are one. Each item says what
//! happened, since when, how old the last good copy is, and what to do next.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use chrono::TimeDelta;

use super::terms::{self, quoted};
use super::view::{AgentView, JobView, View};
use crate::domain::family::retire_commands;
use crate::domain::grouping::HeldTogether;
use crate::domain::text::{cut, printable};
use crate::domain::urgency::Urgency;
use crate::domain::{Cause, Incident, IncidentKind, Problem, Severity, Status, Time};

/// Jobs of an agent with the same cause from which on they are one item.
const SAME_CAUSE: usize = 3;
/// Silent agents from which on they are one item, when they are also this share of all.
const SILENT_AGENTS: usize = 5;
const SILENT_SHARE: usize = 20;
const SILENT_WITHIN: TimeDelta = TimeDelta::hours(2);
/// Names that a sentence lists before it says how many more there are.
const NAMES_SHOWN: usize = 6;

/// One cause.
#[derive(Debug, Clone, PartialEq)]
pub struct Trouble {
    pub scope: Scope,
    pub severity: Severity,
    /// Status of the jobs that suffer; `None` for a problem of an agent or of the server.
    pub status: Option<Status>,
    /// Stable word of the cause or the problem.
    pub word: &'static str,
    /// Indices into [`View::jobs`].
    pub jobs: Vec<usize>,
    pub sentence: String,
    pub since: Time,
    /// Of the jobs that suffer, the oldest last good copy; `None` without jobs, or when one has none.
    pub last_good: Option<Time>,
    /// Jobs that suffer and have no good copy at all.
    pub uncovered: usize,
    pub next_step: String,
    /// Our own command for it, safe to paste into a shell.
    pub command: String,
    pub contact: Option<String>,
    pub note: Option<String>,
    /// Who takes care of it, until when and why.
    pub acknowledged: Option<String>,
}

/// Whom it concerns.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Scope {
    Job { agent: String, database: String },
    Agent(String),
    Agents(Vec<String>),
    Server,
}

/// All that needs attention, the worst first.
#[must_use]
pub(super) fn group(view: &View) -> Vec<Trouble> {
    let mut troubles = Vec::new();
    let mut silent = Vec::new();
    let together = held_together(view);
    for agent in &view.agents {
        if is_silent(view, agent) {
            silent.push(agent);
        } else {
            troubles.extend(of_agent(view, agent, &together));
        }
    }
    troubles.extend(silences(view, &silent));
    troubles.extend(of_problems(view));
    troubles.sort_by(|a, b| b.urgency().cmp(&a.urgency()).then(a.since.cmp(&b.since)));
    troubles
}

/// Every watched job of the agent that can be missing is, and there are several.
fn is_silent(view: &View, agent: &AgentView) -> bool {
    let mut missing = 0;
    for job in view.jobs_of(agent).iter().filter(|job| can_be_missing(job)) {
        if job.standing.status != Status::Missing {
            return false;
        }
        missing += 1;
    }
    missing > 1
}

fn can_be_missing(job: &JobView) -> bool {
    job.is_watched() && !job.job.on_trial && job.standing.status != Status::Paused
}

fn silences(view: &View, silent: &[&AgentView]) -> Vec<Trouble> {
    let since = |agent: &AgentView| {
        view.jobs_of(agent).iter().filter(|j| j.is_critical()).map(|j| j.standing.since).min()
    };
    let mut alone = Vec::new();
    let mut by_time: Vec<(Time, &AgentView)> =
        silent.iter().filter_map(|agent| Some((since(agent)?, *agent))).collect();
    by_time.sort_by_key(|(at, agent)| (*at, agent.id));
    let mut rest = by_time.as_slice();
    while let Some((first, _)) = rest.first() {
        let together = rest.iter().take_while(|(at, _)| *at - *first <= SILENT_WITHIN).count();
        let is_one = together >= SILENT_AGENTS && together * SILENT_SHARE >= view.agents.len();
        let (now, later) = rest.split_at(if is_one { together } else { 1 });
        if is_one {
            alone.push(silent_agents(view, &now.iter().map(|(_, agent)| *agent).collect::<Vec<_>>()));
        } else {
            alone.extend(now.iter().map(|(_, agent)| silent_agent(view, agent)));
        }
        rest = later;
    }
    alone
}

fn silent_agent(view: &View, agent: &AgentView) -> Trouble {
    let words = view.words();
    let jobs = critical_jobs(view, agent);
    let sentence = words.say("silent-agent", [("n", jobs.len().into())]);
    let command = format!("backupmon agents show {}", quoted(agent.id));
    // One of them may have been missing before the agent fell silent.
    let fell_silent = jobs
        .iter()
        .map(|i| view.jobs[*i].standing.since)
        .filter(|since| agent.last_report_at.is_none_or(|last| *since > last))
        .min();
    let scope = Scope::Agent(agent.id.to_owned());
    let trouble = of_jobs(view, scope, jobs, sentence, words.text("do-silent"), command);
    Trouble { since: fell_silent.unwrap_or(trouble.since), ..trouble }
}

fn silent_agents(view: &View, agents: &[&AgentView]) -> Trouble {
    let words = view.words();
    let jobs = agents.iter().flat_map(|agent| critical_jobs(view, agent)).collect();
    let shared = shared_labels(agents);
    let names = if shared.is_empty() { listed(agents.iter().map(|a| a.id)) } else { shared };
    let sentence = words.say("silent-agents", [("n", agents.len().into()), ("names", names.into())]);
    let scope = Scope::Agents(agents.iter().map(|a| a.id.to_owned()).collect());
    of_jobs(
        view,
        scope,
        jobs,
        sentence,
        words.text("do-silent"),
        "backupmon jobs list --status MISSING".to_owned(),
    )
}

/// Company and city where all agents have the same.
fn shared_labels(agents: &[&AgentView]) -> String {
    let shared = |label: fn(&AgentView) -> Option<String>| {
        let values: BTreeSet<_> = agents.iter().map(|agent| label(agent)).collect();
        if values.len() == 1 { values.into_iter().next().flatten() } else { None }
    };
    let labels = [shared(|a| a.labels.company.clone()), shared(|a| a.labels.city.clone())];
    labels.into_iter().flatten().map(|label| printable(&label)).collect::<Vec<_>>().join(", ")
}

/// Since when the jobs are held that were held together with others of their agent.
fn held_together<'v>(view: &View<'v>) -> HashMap<&'v str, Time> {
    let together = HeldTogether::among(view.open_incidents());
    view.open_incidents()
        .filter(|incident| together.contains(incident))
        .filter_map(|incident| Some((incident.subject.job.as_ref()?.as_str(), incident.opened_at)))
        .collect()
}

/// What jobs of one agent have in common.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
enum Common<'a> {
    /// Held in the scan of that moment, whatever their status is by now.
    Held(Time),
    Cause(Status, &'a str),
}

fn of_agent(view: &View, agent: &AgentView, together: &HashMap<&str, Time>) -> Vec<Trouble> {
    let mut by_cause: BTreeMap<Common, Vec<usize>> = BTreeMap::new();
    for i in critical_jobs(view, agent) {
        let job = &view.jobs[i];
        let held = together.get(job.job.id.as_str()).filter(|_| job.standing.cause.is_none());
        let cause = Common::Cause(job.trouble_status(), job.trouble_word());
        by_cause.entry(held.map_or(cause, |since| Common::Held(*since))).or_default().push(i);
    }
    let mut troubles = Vec::new();
    for (common, jobs) in by_cause {
        if let Common::Held(since) = common {
            let held =
                view.jobs_of(agent).iter().filter(|job| together.get(job.job.id.as_str()) == Some(&since));
            troubles.push(held_in_one_scan(view, agent, jobs, held.count()));
        } else if jobs.len() >= SAME_CAUSE {
            troubles.push(same_cause(view, agent, jobs));
        } else {
            troubles.extend(jobs.into_iter().map(|i| of_job(view, i)));
        }
    }
    troubles
}

/// `held` counts those that have another trouble by now, too.
fn held_in_one_scan(view: &View, agent: &AgentView, jobs: Vec<usize>, held: usize) -> Trouble {
    let words = view.words();
    let said = message(view, &view.jobs[jobs[0]]);
    let sentence = words.say("held-together", [("n", held.into()), ("said", said.into())]);
    let command = format!("backupmon promote --accept {} --reason '…'", meaning(view, agent, &jobs));
    of_jobs(view, Scope::Agent(agent.id.to_owned()), jobs, sentence, words.text("do-held"), command)
}

fn same_cause(view: &View, agent: &AgentView, jobs: Vec<usize>) -> Trouble {
    let words = view.words();
    let first = &view.jobs[jobs[0]];
    let said = message(view, first);
    let job = printable(first.database());
    let sentence =
        words.say("same-cause", [("n", jobs.len().into()), ("job", job.into()), ("said", said.into())]);
    let command = format!("backupmon history {}", meaning(view, agent, &jobs));
    let step = step(view, first);
    of_jobs(view, Scope::Agent(agent.id.to_owned()), jobs, sentence, step, command)
}

/// These jobs of the agent, for a command.
fn meaning(view: &View, agent: &AgentView, jobs: &[usize]) -> String {
    terms::meaning(agent.id, jobs.iter().map(|i| view.jobs[*i].job.id.as_str()))
}

fn of_job(view: &View, i: usize) -> Trouble {
    let job = &view.jobs[i];
    let id = &job.job.id;
    let command = match job.trouble_status() {
        Status::Failed => format!("backupmon history {id}"),
        Status::Success | Status::Unchanged | Status::Late | Status::Pending => accept(id.as_str()),
        Status::HashMismatch | Status::Corrupt | Status::Missing | Status::Paused | Status::Retired => {
            format!("backupmon jobs show {id}")
        }
    };
    let scope = Scope::Job { agent: job.agent().to_owned(), database: job.database().to_owned() };
    of_jobs(view, scope, vec![i], message(view, job), step(view, job), command)
}

fn accept(id: &str) -> String {
    format!("backupmon promote --accept {id} --reason '…'")
}

fn step(view: &View, job: &JobView) -> &'static str {
    let words = view.words();
    match job.trouble_status() {
        Status::Missing if reports_without(view, job) => words.text("do-missing-alone"),
        Status::Missing => words.text("do-missing"),
        Status::Failed => words.text("do-failed"),
        Status::HashMismatch => words.text("do-integrity"),
        Status::Corrupt => words.text("do-corrupt"),
        // Critical all the same: its newest version is held.
        Status::Success
        | Status::Unchanged
        | Status::Late
        | Status::Pending
        | Status::Paused
        | Status::Retired => words.text("do-held"),
    }
}

/// Its agent has reported after it was due: the site is there.
fn reports_without(view: &View, job: &JobView) -> bool {
    let window = job.standing.cycle.map_or(TimeDelta::zero(), |cycle| cycle.deadline - cycle.due);
    let agent = view.agents.binary_search_by(|agent| agent.id.cmp(job.agent())).ok();
    let last = agent.and_then(|at| view.agents[at].last_report_at);
    last.is_some_and(|last| last >= job.standing.since - window)
}

fn message(view: &View, job: &JobView) -> String {
    match job.message() {
        Some(message) => cut(&printable(&view.said(&message)), 400),
        None => job.trouble_word().to_owned(),
    }
}

fn of_jobs(
    view: &View,
    scope: Scope,
    jobs: Vec<usize>,
    sentence: String,
    step: &str,
    command: String,
) -> Trouble {
    let suffering = || jobs.iter().map(|i| &view.jobs[*i]);
    let first = suffering().next();
    let setting = |pick: fn(&JobView) -> Option<String>| suffering().find_map(pick);
    let contact = setting(|job| job.effective.contact.clone());
    let uncovered = suffering().filter(|job| job.last_good().is_none()).count();
    let acknowledged = first.and_then(|job| acknowledged(view, view.incident_of(job.job.id.as_str())?));
    Trouble {
        scope,
        severity: Severity::Critical,
        status: first.map(JobView::trouble_status),
        word: first.map_or("", JobView::trouble_word),
        sentence,
        since: suffering().map(|job| view.since(job)).min().unwrap_or(view.generated_at),
        last_good: if uncovered == 0 { suffering().filter_map(JobView::last_good).min() } else { None },
        uncovered,
        next_step: with_contact(view, contact.as_deref(), step),
        command,
        contact,
        note: setting(|job| job.effective.note.clone()),
        acknowledged,
        jobs,
    }
}

fn with_contact(view: &View, contact: Option<&str>, step: &str) -> String {
    match contact {
        Some(contact) => {
            format!("{} {step}", view.words().say("ask-contact", [("who", printable(contact).into())]))
        }
        None => step.to_owned(),
    }
}

fn acknowledged(view: &View, incident: &Incident) -> Option<String> {
    terms::acknowledged(incident, view.generated_at).map(|by| view.taken_on(by))
}

fn critical_jobs(view: &View, agent: &AgentView) -> Vec<usize> {
    agent.jobs.clone().filter(|i| view.jobs[*i].is_bad()).collect()
}

/// A disk that is full keeps many good backups from being kept: that is one cause.
fn of_problems(view: &View) -> Vec<Trouble> {
    let not_kept = IncidentKind::Problem(Problem::PromotionFailed);
    let (alike, mut troubles): (Vec<_>, Vec<_>) = view
        .open_incidents()
        .filter_map(|incident| Some((incident.subject.kind == not_kept, of_problem(view, incident)?)))
        .partition(|(is_not_kept, _)| *is_not_kept);
    if alike.len() >= SAME_CAUSE {
        let of_one = alike.into_iter().map(|(_, trouble)| trouble).collect();
        troubles.push((true, not_kept_together(view, of_one)));
    } else {
        troubles.extend(alike);
    }
    troubles.into_iter().map(|(_, trouble)| trouble).collect()
}

fn not_kept_together(view: &View, all: Vec<Trouble>) -> Trouble {
    let words = view.words();
    let said = all.first().map_or_else(String::new, |first| first.sentence.clone());
    let uncovered = all.iter().map(|one| one.uncovered).sum();
    let acknowledged = all.iter().map(|one| one.acknowledged.clone()).collect::<Option<Vec<_>>>();
    let jobs: BTreeSet<usize> = all.iter().flat_map(|one| one.jobs.iter().copied()).collect();
    Trouble {
        scope: Scope::Server,
        severity: all.iter().map(|one| one.severity).max().unwrap_or(Severity::Critical),
        status: None,
        word: Problem::PromotionFailed.word(),
        sentence: words.say("not-kept-together", [("n", all.len().into()), ("said", said.into())]),
        since: all.iter().map(|one| one.since).min().unwrap_or(view.generated_at),
        last_good: if uncovered == 0 { all.iter().filter_map(|one| one.last_good).min() } else { None },
        uncovered,
        next_step: words.text("do-server").to_owned(),
        command: "backupmon doctor".to_owned(),
        contact: None,
        note: None,
        acknowledged: acknowledged.and_then(|all| all.into_iter().next()),
        jobs: jobs.into_iter().collect(),
    }
}

/// A job's own incident and its hold are seen in the job's standing already.
fn of_problem(view: &View, incident: &Incident) -> Option<Trouble> {
    let IncidentKind::Problem(problem) = incident.subject.kind else { return None };
    let job = incident.subject.job.as_ref().and_then(|id| view.position(id.as_str()));
    let job_view = job.map(|i| &view.jobs[i]);
    let is_seen = |job: &&JobView| problem == Problem::VersionHeld && job.is_bad();
    if job_view.is_some_and(|job| !job.is_touched_by(incident.subject.kind) || is_seen(&job)) {
        return None;
    }
    let scope = match (&incident.subject.agent, &incident.database) {
        (None, _) => Scope::Server,
        (Some(agent), Some(database)) => Scope::Job { agent: agent.clone(), database: database.clone() },
        (Some(agent), None) => Scope::Agent(agent.clone()),
    };
    let (step, command) = problem_step(view, problem, incident);
    let contact = job_view.and_then(|j| j.effective.contact.clone());
    Some(Trouble {
        scope,
        severity: incident.severity,
        status: None,
        word: problem.word(),
        jobs: job.into_iter().collect(),
        sentence: cut(&printable(&view.said(&incident.message)), 400),
        since: incident.opened_at,
        last_good: job_view.and_then(JobView::last_good),
        uncovered: job_view.map_or(0, |j| usize::from(j.last_good().is_none())),
        next_step: with_contact(view, contact.as_deref(), step),
        command,
        contact,
        note: job_view.and_then(|j| j.effective.note.clone()),
        acknowledged: acknowledged(view, incident),
    })
}

/// What to do about one incident, in words and as a command of ours; `None` where its job is not known any more.
#[must_use]
pub fn next_step(view: &View, incident: &Incident) -> Option<(String, String)> {
    match incident.subject.kind {
        IncidentKind::Job => {
            let trouble = of_job(view, view.position(incident.subject.job.as_ref()?.as_str())?);
            Some((trouble.next_step, trouble.command))
        }
        IncidentKind::Problem(problem) => {
            let (step, command) = problem_step(view, problem, incident);
            Some((step.to_owned(), command))
        }
    }
}

fn problem_step(view: &View, problem: Problem, incident: &Incident) -> (&'static str, String) {
    let words = view.words();
    let name = incident.subject.agent.as_deref().unwrap_or_default();
    let agent = quoted(name);
    let job = incident.subject.job.as_ref().map_or_else(String::new, ToString::to_string);
    match problem {
        Problem::ClockSkew if incident.subject.agent.is_none() => {
            (words.text("do-server"), "backupmon doctor".to_owned())
        }
        Problem::ReportUnreadable
        | Problem::ClockSkew
        | Problem::DepositUnreadable
        | Problem::AgentNeverReported
        | Problem::DumpsWithoutReport
        | Problem::NameInvalid
        | Problem::TooManyJobs => (words.text("do-agent"), format!("backupmon agents show {agent}")),
        Problem::YearOver => (words.text("do-years"), retire_line(view)),
        Problem::RetiredReports => (words.text("do-retired"), format!("backupmon jobs resume {job}")),
        Problem::YearNotStarted => (
            words.text("do-agent"),
            format!("backupmon jobs list {}", terms::meaning(name, ids_of(view, name))),
        ),
        Problem::VersionHeld => (words.text("do-held"), accept(&job)),
        Problem::VersionDamaged => (words.text("do-server"), format!("backupmon verify {job}")),
        Problem::PromotionFailed => (words.text("do-server"), "backupmon promote".to_owned()),
        Problem::StateDamaged => (words.text("do-server"), "backupmon state check".to_owned()),
        Problem::MailRefused => (words.text("do-server"), "backupmon notify".to_owned()),
        Problem::DepositsUnavailable | Problem::Backlog | Problem::DiskLow => {
            (words.text("do-server"), "backupmon doctor".to_owned())
        }
    }
}

fn ids_of<'v>(view: &'v View, agent: &str) -> impl Iterator<Item = &'v str> {
    let at = view.agents.binary_search_by(|known| known.id.cmp(agent)).ok();
    at.into_iter().flat_map(|at| view.jobs_of(&view.agents[at])).map(|job| job.job.id.as_str())
}

/// Retires the years that are over, the first of them.
fn retire_line(view: &View) -> String {
    let over = view.jobs.iter().map(|job| job.job).filter(|job| job.year_is_over());
    retire_commands(over.map(|job| &job.id)).into_iter().next().unwrap_or_default()
}

fn listed<'t>(names: impl ExactSizeIterator<Item = &'t str>) -> String {
    let more = names.len().saturating_sub(NAMES_SHOWN);
    let mut text = names.take(NAMES_SHOWN).map(printable).collect::<Vec<_>>().join(", ");
    if more > 0 {
        text += " + ";
        text += &more.to_string();
    }
    text
}

impl Trouble {
    /// Whom it concerns, in one line.
    #[must_use]
    pub fn title(&self, view: &View) -> String {
        match &self.scope {
            Scope::Job { agent, database } => printable(&format!("{agent}/{database}")),
            Scope::Agent(agent) => printable(agent),
            Scope::Agents(agents) => view.words().count("agents-n", agents.len()),
            Scope::Server => view.words().text("server").to_owned(),
        }
    }

    fn urgency(&self) -> Urgency {
        let is_doubtful = [Problem::VersionHeld.word(), Problem::VersionDamaged.word()].contains(&self.word);
        Urgency::new(
            self.severity,
            self.scope == Scope::Server,
            is_doubtful || self.is_about_bytes(),
            self.uncovered > 0,
            self.last_good,
            self.jobs.len(),
        )
    }

    /// The bytes or the content are wrong: what the design calls integrity.
    #[must_use]
    pub fn is_about_bytes(&self) -> bool {
        matches!(self.status, Some(Status::HashMismatch | Status::Corrupt))
    }

    /// Nothing came.
    #[must_use]
    pub fn is_silence(&self) -> bool {
        self.word == Cause::NoReport.word()
    }
}
