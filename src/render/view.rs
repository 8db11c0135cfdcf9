//! The one read model: what is true of the fleet at the moment of a run.
//!
//! Everything that two outputs could say differently is computed here, once: the verdict, the
//! counts, the causes, the ages. Nothing checked is never green: without a watched job that was
//! judged, or without a finished scan within two intervals, the verdict is [`Health::Unknown`].

mod health;
mod job;
mod tally;

use std::borrow::Cow;
use std::collections::{BTreeMap, HashMap};
use std::ops::Range;

use chrono::{NaiveDate, NaiveTime, TimeDelta};
use chrono_tz::Tz;

pub use self::health::{Health, UnknownReason};
pub use self::job::JobView;
pub use self::tally::{Ladder, Step, Tally};
use super::Language;
use super::arrange;
use super::facts::{Disk, Facts, Rest, Scan, Undelivered};
use super::terms::acknowledged;
use super::trouble::{self, Trouble};
use super::words::Words;
use crate::domain::forecast::Forecast;
use crate::domain::incident::Acknowledgement;
use crate::domain::newcomer::{Newcomer, newcomers};
use crate::domain::orphan::Orphan;
use crate::domain::settings::Span;
use crate::domain::{Incident, IncidentKind, Labels, Problem, Severity, Status, Time};

#[derive(Debug, Clone)]
pub struct View<'a> {
    pub generated_at: Time,
    pub created_at: Time,
    /// Two intervals after the run, or after the scan that it speaks of where that is earlier.
    pub valid_until: Time,
    pub scan: Option<Scan>,
    pub interval: Span,
    pub version: &'a str,
    pub title: &'a str,
    pub language: Language,
    pub base_url: Option<&'a str>,
    pub timezone: Tz,
    /// By agent, then database.
    pub jobs: Vec<JobView<'a>>,
    /// By id; those of jobs whose folder was never seen are among them.
    pub agents: Vec<AgentView<'a>>,
    /// Every status, also those that no job has.
    pub counts: BTreeMap<Status, usize>,
    pub tally: Tally,
    pub health: Health,
    /// Set exactly when `health` is unknown.
    pub unknown: Option<UnknownReason>,
    pub ladder: Ladder,
    /// Causes, the worst first.
    pub troubles: Vec<Trouble>,
    /// Open ones first, each part newest first.
    pub incidents: Vec<&'a Incident>,
    pub undelivered: Undelivered,
    pub backlog_seconds: u64,
    pub disk: Option<Disk>,
    pub forecast: Option<Forecast>,
    /// Silent agents that may have been installed anew under another name.
    pub newcomers: Vec<Newcomer>,
    pub orphans: Vec<Orphan>,
    /// Somebody watches backupmon itself.
    pub watched: bool,
    rests: HashMap<&'a str, Rest>,
    /// Where each job is in `jobs`.
    by_id: HashMap<&'a str, usize>,
    /// One open incident per job that has any; its own trouble before others.
    open_by_job: HashMap<&'a str, &'a Incident>,
}

#[derive(Debug, Clone)]
pub struct AgentView<'a> {
    pub id: &'a str,
    pub labels: Labels,
    /// `None` when only jobs name it.
    pub first_seen: Option<Time>,
    pub last_report_at: Option<Time>,
    /// Its jobs in [`View::jobs`].
    pub jobs: Range<usize>,
}

impl<'a> View<'a> {
    #[must_use]
    pub fn build(facts: Facts<'a>) -> Self {
        let jobs = arrange::sorted_jobs(facts.jobs);
        let agents = arrange::with_their_jobs(facts.agents, &jobs);
        let incidents = arrange::sorted_incidents(facts.incidents);
        let by_id = jobs.iter().enumerate().map(|(i, view)| (view.job.id.as_str(), i)).collect();
        let open_by_job = arrange::open_by_job(&incidents);
        let mut view = Self {
            generated_at: facts.now,
            created_at: facts.created_at,
            valid_until: facts.now,
            scan: facts.scan,
            interval: facts.interval,
            version: facts.version,
            title: facts.title,
            language: facts.language,
            base_url: facts.base_url,
            timezone: facts.timezone,
            jobs,
            agents,
            counts: BTreeMap::new(),
            tally: Tally::default(),
            health: Health::Unknown,
            unknown: None,
            ladder: Ladder::default(),
            troubles: Vec::new(),
            incidents,
            undelivered: facts.undelivered,
            backlog_seconds: facts.backlog_seconds,
            disk: facts.disk,
            forecast: facts.forecast,
            newcomers: Vec::new(),
            orphans: facts.orphans,
            watched: facts.watched,
            rests: facts.rests,
            by_id,
            open_by_job,
        };
        view.valid_until = view.expiry();
        view.counts = arrange::counts(&view.jobs);
        view.tally = view.count();
        view.unknown = view.unknown_reason();
        view.health = view.verdict();
        view.ladder = view.restore_ladder();
        view.troubles = trouble::group(&view);
        view.newcomers = newcomers(&arrange::sites(&view));
        view
    }

    #[must_use]
    pub fn words(&self) -> &'static Words {
        self.language.words()
    }

    /// Time as people of the server read it.
    #[must_use]
    pub fn when(&self, time: Time) -> String {
        self.words().when(time, self.timezone)
    }

    /// The day in which a moment lies, for people of the server.
    #[must_use]
    pub fn day(&self, time: Time) -> NaiveDate {
        time.with_timezone(&self.timezone).date_naive()
    }

    /// As [`View::when`], of a time that is near: without weekday and year.
    #[must_use]
    pub fn soon(&self, time: Time) -> String {
        self.words().soon(time, self.timezone)
    }

    /// A sentence that a judgement carries, in the site's language.
    #[must_use]
    pub fn said<'t>(&self, sentence: &'t str) -> Cow<'t, str> {
        self.words().retell(sentence, self.timezone)
    }

    /// When the space for versions is full: midnight in UTC of that day, for more cannot be known.
    #[must_use]
    pub fn disk_full_at(&self) -> Option<Time> {
        Some(self.forecast?.full_on()?.and_time(NaiveTime::MIN).and_utc())
    }

    /// How long ago, at the moment of the run.
    #[must_use]
    pub fn age(&self, time: Time) -> String {
        self.words().span(self.generated_at - time)
    }

    pub fn open_incidents(&self) -> impl Iterator<Item = &'a Incident> + '_ {
        self.incidents.iter().copied().filter(|incident| incident.is_open())
    }

    pub fn resolved_incidents(&self) -> impl Iterator<Item = &'a Incident> + '_ {
        self.incidents.iter().copied().filter(|incident| !incident.is_open())
    }

    /// Agents as people look for them: by company, city and id. Indices into `agents`.
    #[must_use]
    pub fn agents_by_place(&self) -> Vec<usize> {
        let mut order: Vec<usize> = (0..self.agents.len()).collect();
        order.sort_by_key(|&i| {
            let agent = &self.agents[i];
            let absent_last = |label: &Option<String>| (label.is_none(), label.clone());
            (absent_last(&agent.labels.company), absent_last(&agent.labels.city), agent.id)
        });
        order
    }

    #[must_use]
    pub fn jobs_of(&self, agent: &AgentView) -> &[JobView<'a>] {
        &self.jobs[agent.jobs.clone()]
    }

    /// The words of an agent's open problems, without those of its jobs.
    pub fn problems_of<'v>(&'v self, agent: &'v AgentView) -> impl Iterator<Item = &'static str> + 'v {
        let of_agent = |incident: &&Incident| {
            incident.subject.job.is_none() && incident.subject.agent.as_deref() == Some(agent.id)
        };
        self.open_incidents().filter(of_agent).map(|incident| incident.subject.kind.word())
    }

    /// Where the job is in [`View::jobs`].
    #[must_use]
    pub fn position(&self, id: &str) -> Option<usize> {
        self.by_id.get(id).copied()
    }

    #[must_use]
    pub fn job(&self, id: &str) -> Option<&JobView<'a>> {
        self.position(id).map(|i| &self.jobs[i])
    }

    /// An open incident of the job; its own trouble before others.
    #[must_use]
    pub fn incident_of(&self, id: &str) -> Option<&'a Incident> {
        self.open_by_job.get(id).copied()
    }

    /// Since when it is what it is. A trouble of which the status says nothing (a hold, damage, a failure in a pause) began
    /// with its incident.
    #[must_use]
    pub fn since(&self, job: &JobView) -> Time {
        if !job.is_critical() || job.standing.status.is_critical() {
            return job.standing.since;
        }
        let incident = self.incident_of(job.job.id.as_str()).map(|incident| incident.opened_at);
        [incident, job.standing.damaged_since].into_iter().flatten().min().unwrap_or(job.standing.since)
    }

    /// What is said of the damage of a version of the job.
    #[must_use]
    pub fn damage_of(&self, job: &JobView) -> Option<&'a Incident> {
        job.standing.damaged_since?;
        let kind = IncidentKind::Problem(Problem::VersionDamaged);
        self.open_incidents().find(|incident| {
            incident.subject.kind == kind && incident.subject.job.as_ref() == Some(&job.job.id)
        })
    }

    /// How a paused job rests.
    #[must_use]
    pub fn rest_of(&self, job: &JobView) -> Option<&Rest> {
        self.rests.get(job.job.id.as_str())
    }

    /// The acknowledgement that holds now over what is wrong with the job.
    #[must_use]
    pub fn acknowledgement_of(&self, job: &JobView) -> Option<&'a Acknowledgement> {
        acknowledged(self.incident_of(job.job.id.as_str())?, self.generated_at)
    }

    fn two_intervals(&self) -> TimeDelta {
        self.interval.delta() * 2
    }

    fn expiry(&self) -> Time {
        let known_at = self.scan.map_or(self.generated_at, |scan| scan.finished_at.min(self.generated_at));
        known_at + self.two_intervals()
    }

    /// Watched jobs that are late, the longest first.
    #[must_use]
    pub fn late(&self) -> Vec<&JobView<'a>> {
        let mut late: Vec<_> = self.jobs.iter().filter(|job| job.standing.status == Status::Late).collect();
        late.sort_by_key(|job| job.standing.since);
        late
    }

    /// Watched jobs with a warning and nothing worse.
    #[must_use]
    pub fn worth_a_look(&self) -> Vec<&JobView<'a>> {
        self.jobs.iter().filter(|job| job.standing.severity == Severity::Warning).collect()
    }
}
