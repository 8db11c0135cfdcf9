//! The one read model: what is true of the fleet at the moment of a run.
//!
//! Everything that two outputs could say differently is computed here, once: the verdict, the
//! counts, the causes, the ages. Nothing checked is never green: without a watched job that was
//! judged, or without a finished scan within two intervals, the verdict is [`Health::Unknown`].

use std::borrow::Cow;
use std::collections::{BTreeMap, HashMap};
use std::ops::Range;
use std::sync::Arc;

use chrono::{NaiveDate, NaiveTime, TimeDelta};
use chrono_tz::Tz;

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
use crate::domain::settings::{Effective, Span};
use crate::domain::standing::Standing;
use crate::domain::version::GoodCopy;
use crate::domain::{Cause, Digest, Incident, IncidentKind, Job, Labels, Problem, Severity, Status, Time};

/// A scan may end so long after the frozen moment of its run; one further ahead means that a clock was set back.
const SCAN_LEAD: TimeDelta = TimeDelta::hours(6);

/// The fleet's verdict.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Health {
    Ok,
    Unknown,
    Warning,
    Critical,
}

impl Health {
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Health::Ok => "ok",
            Health::Unknown => "unknown",
            Health::Warning => "warning",
            Health::Critical => "critical",
        }
    }
}

/// Why nothing can be said.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum UnknownReason {
    /// No job, or every one is paused or retired.
    NoJobs,
    NoScan,
    /// The newest finished scan is older than two intervals, or lies in the future.
    OldScan,
    /// No watched job was ever judged.
    NothingJudged,
}

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

/// How many jobs are what. Paused and retired ones are in no number but their own and `total`.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Tally {
    pub total: usize,
    /// Neither paused nor retired, or paused and at risk: the denominator.
    pub watched: usize,
    /// Severity critical.
    pub at_risk: usize,
    /// Severity warning.
    pub warning: usize,
    /// SUCCESS or UNCHANGED, and not at risk.
    pub verified: usize,
    /// Of them, those with no warning.
    pub good: usize,
    /// Of the verified ones, those whose last good backup is not kept.
    pub unkept: usize,
    pub late: usize,
    pub pending: usize,
    pub paused: usize,
    pub retired: usize,
    /// At risk, with no good copy at all.
    pub uncovered: usize,
    /// With a schedule that nobody set.
    pub assumed: usize,
    pub on_trial: usize,
    /// MISSING, and not at risk: their year is over, and nobody has retired them.
    pub years_over: usize,
    /// Open incidents.
    pub alerts: usize,
}

/// Watched jobs by the age of their last good copy: under 24 h, 1 to 2 d, 2 to 7 d, older, never.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Ladder(pub [Step; 5]);

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Step {
    /// Jobs that are as their schedule wants them.
    pub planned: usize,
    /// Jobs that are as a schedule wants them that nobody set: whether that is as planned nobody knows.
    pub assumed: usize,
    /// Jobs that are late or critical.
    pub overdue: usize,
}

#[derive(Debug, Clone)]
pub struct JobView<'a> {
    pub job: &'a Job,
    pub labels: Arc<Labels>,
    pub effective: &'a Effective,
    pub standing: Arc<Standing>,
    /// What a restore would give where the last good backup is not kept.
    pub older_copy: Option<&'a GoodCopy>,
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

impl JobView<'_> {
    #[must_use]
    pub fn agent(&self) -> &str {
        self.job.key.agent.as_str()
    }

    #[must_use]
    pub fn database(&self) -> &str {
        self.job.key.database.as_str()
    }

    /// Neither retired nor paused, or paused with a trouble that a pause does not stop.
    #[must_use]
    pub fn is_watched(&self) -> bool {
        self.standing.severity != Severity::Inactive
    }

    /// The status; of a paused job that is at risk that of what came.
    #[must_use]
    pub fn trouble_status(&self) -> Status {
        match self.standing.status {
            Status::Paused if self.standing.cause.is_some() => self.job.state.status,
            status => status,
        }
    }

    /// Its own newest backup is what is wrong; damage is a version's.
    #[must_use]
    pub fn is_bad(&self) -> bool {
        self.is_critical() && (self.trouble_status().is_critical() || self.job.state.held)
    }

    /// Its year is over, and it is part of the fleet's one item.
    #[must_use]
    pub fn is_over(&self) -> bool {
        self.standing.status == Status::Missing && !self.is_watched()
    }

    #[must_use]
    pub fn is_damaged(&self) -> bool {
        self.standing.damaged_since.is_some()
    }

    #[must_use]
    pub fn is_retired(&self) -> bool {
        self.standing.status == Status::Retired
    }

    #[must_use]
    pub fn is_critical(&self) -> bool {
        self.standing.severity == Severity::Critical
    }

    /// What a restore would give now: the newest version that is kept, unheld and undamaged.
    #[must_use]
    pub fn copy(&self) -> Option<GoodCopy> {
        self.job.state.kept().or(self.older_copy.copied())
    }

    /// Time of the last good copy: what would be restored now is as of then.
    #[must_use]
    pub fn last_good(&self) -> Option<Time> {
        self.copy().map(|copy| copy.as_of)
    }

    /// When the last good backup was made, where no whole copy of it is kept: it was verified when it came, and cannot be
    /// restored.
    #[must_use]
    pub fn unkept(&self) -> Option<Time> {
        let state = &self.job.state;
        let good = state.good.as_ref().filter(|_| state.kept().is_none())?;
        Some(state.last_success_at.unwrap_or(good.report_time))
    }

    /// Of the copy that a restore would give; where there is none, of the last good backup.
    #[must_use]
    pub fn digest_and_size(&self) -> Option<(Digest, u64)> {
        let good = self.job.state.good.as_ref().map(|good| (good.sha256, good.size_bytes));
        self.copy().map(|copy| (copy.sha256, copy.size_bytes)).or(good)
    }

    /// Late, or worse.
    #[must_use]
    pub fn is_overdue(&self) -> bool {
        self.is_critical() || self.standing.status == Status::Late
    }

    /// `cause`'s word, or `version_held` where the hold alone is what is wrong.
    #[must_use]
    pub fn trouble_word(&self) -> &'static str {
        match self.standing.cause {
            Some(cause) => cause.word(),
            None if self.job.state.held => Problem::VersionHeld.word(),
            None => self.standing.status.word(),
        }
    }

    /// Whether an open problem of the job needs anybody. A retired one expects nothing; what it has must stay whole.
    #[must_use]
    pub fn is_touched_by(&self, kind: IncidentKind) -> bool {
        !self.is_retired() || kind == IncidentKind::Problem(Problem::VersionDamaged)
    }

    /// Its backup is expected and does not come; of a job on trial its status does not tell.
    #[must_use]
    pub fn is_absent(&self) -> bool {
        self.standing.status == Status::Missing
            || (self.job.on_trial && self.job.is_absent(&self.effective.schedule))
    }

    fn was_judged(&self) -> bool {
        let state = &self.job.state;
        state.status != Status::Pending
            || state.newest.is_some()
            || self.standing.cause == Some(Cause::NoReport)
    }
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

    fn count(&self) -> Tally {
        let mut tally =
            Tally { total: self.jobs.len(), alerts: self.open_incidents().count(), ..Tally::default() };
        for job in &self.jobs {
            match job.standing.status {
                Status::Retired => tally.retired += 1,
                Status::Paused => tally.paused += usize::from(!job.is_watched()),
                Status::Late => tally.late += 1,
                Status::Pending => tally.pending += 1,
                Status::Success | Status::Unchanged if !job.is_critical() => {
                    tally.verified += 1;
                    tally.good += usize::from(job.standing.severity == Severity::Ok);
                    tally.unkept += usize::from(job.unkept().is_some());
                }
                Status::Success
                | Status::Unchanged
                | Status::Failed
                | Status::HashMismatch
                | Status::Corrupt
                | Status::Missing => {}
            }
            if !job.is_watched() && job.standing.status.is_critical() {
                tally.years_over += 1;
            }
            if job.is_watched() {
                tally.watched += 1;
                tally.assumed += usize::from(job.effective.assumed);
                tally.on_trial += usize::from(job.job.on_trial);
                tally.warning += usize::from(job.standing.severity == Severity::Warning);
            }
            if job.is_critical() {
                tally.at_risk += 1;
                tally.uncovered += usize::from(job.last_good().is_none());
            }
        }
        tally
    }

    fn unknown_reason(&self) -> Option<UnknownReason> {
        let Some(scan) = self.scan else { return Some(UnknownReason::NoScan) };
        let age = self.generated_at - scan.finished_at;
        if age > self.two_intervals() || age < -SCAN_LEAD {
            return Some(UnknownReason::OldScan);
        }
        if self.tally.watched == 0 {
            return Some(UnknownReason::NoJobs);
        }
        let judged = self.jobs.iter().any(|job| job.is_watched() && job.was_judged());
        (!judged).then_some(UnknownReason::NothingJudged)
    }

    fn verdict(&self) -> Health {
        if self.unknown.is_some() {
            return Health::Unknown;
        }
        let of_incidents =
            |severity| self.open_incidents().any(|i| i.severity == severity && self.counts_incident(i));
        if self.tally.at_risk > 0 || of_incidents(Severity::Critical) {
            Health::Critical
        } else if self.tally.warning > 0 || of_incidents(Severity::Warning) || self.undelivered.count > 0 {
            Health::Warning
        } else {
            Health::Ok
        }
    }

    /// A job's own trouble speaks through the job's standing; a problem speaks for itself.
    fn counts_incident(&self, incident: &Incident) -> bool {
        match incident.subject.kind {
            IncidentKind::Job => false,
            IncidentKind::Problem(_) => {
                let job = incident.subject.job.as_ref().and_then(|id| self.job(id.as_str()));
                job.is_none_or(|job| job.is_touched_by(incident.subject.kind))
            }
        }
    }

    fn restore_ladder(&self) -> Ladder {
        let mut ladder = Ladder::default();
        for job in self.jobs.iter().filter(|job| job.is_watched()) {
            let step = match job.last_good().map(|good| (self.generated_at - good).num_hours()) {
                None => 4,
                Some(hours) if hours < 24 => 0,
                Some(hours) if hours < 48 => 1,
                Some(hours) if hours < 168 => 2,
                Some(_) => 3,
            };
            let step = &mut ladder.0[step];
            // That nothing is kept of what came is as nobody planned it.
            let is_lacking = job.copy().is_none() && job.unkept().is_some();
            if job.is_overdue() || is_lacking {
                step.overdue += 1;
            } else if job.effective.assumed {
                step.assumed += 1;
            } else {
                step.planned += 1;
            }
        }
        ladder
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
