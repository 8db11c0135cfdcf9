//! All that the read model is built from, loaded at one moment.

use std::collections::HashMap;
use std::sync::Arc;

use chrono::TimeDelta;

use super::context::Context;
use super::muting;
use crate::config::Labelling;
use crate::domain::forecast::{Forecast, GROWTH_OVER};
use crate::domain::incident::Subject;
use crate::domain::orphan::Orphan;
use crate::domain::schedule::Window;
use crate::domain::settings::Effective;
use crate::domain::standing::{Standing, standing};
use crate::domain::version::GoodCopy;
use crate::domain::{AgentId, Incident, IncidentKind, Job, JobId, Labels, Problem, Selector, Status, Time};
use crate::render::{AgentFact, Disk, Facts, JobFact, Language, Rest, Scan, Undelivered, View};
use crate::scan::openings::Openings;
use crate::scan::orphans::of_removed_jobs;
use crate::store::{Agent, Meta, ReportRecord, Result, Store};
use crate::vault::{believed_until, newest_good};

/// How far back resolved incidents are shown.
pub const SHOWN: TimeDelta = TimeDelta::days(30);
/// Somebody who looks once a day watches backupmon.
const WATCHED: TimeDelta = TimeDelta::days(1);

pub struct Snapshot {
    /// When it was taken: in a long run later than the moment of its decisions.
    pub now: Time,
    pub meta: Meta,
    pub jobs: Vec<Known>,
    agents: Vec<(Agent, Labels)>,
    incidents: Vec<Incident>,
    undelivered: Undelivered,
    open_reports: Vec<ReportRecord>,
    disk: Option<Disk>,
    orphans: Vec<Orphan>,
    /// What a restore would give of the jobs whose last good backup is not kept.
    older_copies: OlderCopies,
    rests: HashMap<JobId, Rest>,
}

/// By job; those that have none are left out.
pub type OlderCopies = HashMap<JobId, GoodCopy>;

/// A job with what follows for it at the moment of the snapshot.
pub struct Known {
    /// Boxed, for what grows while a fleet is read is then small, and what is freed fits the next fleet.
    pub job: Box<Job>,
    pub labels: Arc<Labels>,
    pub effective: Arc<Effective>,
    pub standing: Arc<Standing>,
}

impl Snapshot {
    /// # Errors
    /// When the state cannot be read.
    pub fn load(context: &Context, store: &dyn Store) -> Result<Self> {
        let now = context.clock.now();
        let incidents = store.incidents(Some(now - SHOWN))?;
        let unavailable = Subject::server(Problem::DepositsUnavailable);
        let available =
            !incidents.iter().any(|incident| incident.is_open() && incident.subject == unavailable);
        let agents: Vec<Agent> = store.agents()?;
        let last_reports: HashMap<&AgentId, Option<Time>> =
            agents.iter().map(|agent| (&agent.id, agent.last_report_at)).collect();
        let damaged = damaged(&incidents);
        let mut openings = Openings::around(&context.config, now);
        let mut labelling = Labelling::new(&context.config);
        let (mut jobs, mut removed, mut rests) = (Vec::new(), Vec::new(), HashMap::new());
        let quiet = muting::open_windows(&context.config, now);
        store.each_job(&mut |job| {
            if job.ignored {
                return removed.push(job);
            }
            let effective = context.config.effective(&job);
            let last = last_reports.get(&job.key.agent).copied().flatten();
            let windows = openings.of(&job, &effective.schedule);
            let mut standing = standing(&job, &effective.schedule, &windows, last, available, now);
            if let Some(since) = damaged.get(&job.id) {
                standing.suffer_damage(*since);
            }
            let labels = labelling.of(&job);
            if standing.status == Status::Paused {
                let muted = quiet.iter().any(|window| window.matcher.matches(&job.key, &labels, None));
                rests.insert(job.id.clone(), rest(&windows, muted, now));
            }
            jobs.push(Known { job: Box::new(job), labels, effective, standing: standing.into() });
        })?;
        let orphans = of_removed_jobs(store, &removed)?;
        let older_copies = older_copies(store, &jobs, now)?;
        let waiting = store.waiting_mails()?;
        let undelivered =
            Undelivered { count: waiting.len(), oldest: waiting.iter().map(|mail| mail.created_at).min() };
        let space = if context.pulse.is_hung() { None } else { context.vault().space().ok() };
        let disk = space.map(|space| Disk { free: space.free, total: space.total });
        let label = |agent: Agent| {
            let labels = context.config.agent_labels(agent.id.as_str());
            (agent, labels)
        };
        Ok(Self {
            meta: store.meta()?,
            jobs,
            agents: agents.into_iter().map(label).collect(),
            now,
            incidents,
            undelivered,
            open_reports: store.open_reports()?,
            disk,
            orphans,
            older_copies,
            rests,
        })
    }

    #[must_use]
    pub fn older_copies(&self) -> &OlderCopies {
        &self.older_copies
    }

    /// What the site is made of: in its own language.
    ///
    /// # Errors
    /// When the state cannot be read.
    pub fn site_view<'a>(&'a self, context: &'a Context, store: &dyn Store) -> Result<View<'a>> {
        let room =
            self.disk.map(|disk| disk.free.saturating_sub(context.config.promote.min_free.of(disk.total)));
        let forecast = room.map(|room| self.forecast(store, room)).transpose()?;
        let language = context.language;
        let title = title(context, language);
        Ok(View::build(Facts { title, language, forecast, ..self.facts(context) }))
    }

    /// When the space for versions is full; `room` is what promotions may still take, in bytes.
    ///
    /// # Errors
    /// When the state cannot be read.
    pub fn forecast(&self, store: &dyn Store, room: u64) -> Result<Forecast> {
        let holdings = store.holdings(self.now - GROWTH_OVER)?;
        let expected = self.jobs.iter().filter(|known| known.standing.status != Status::Retired);
        let jobs = expected.map(|known| (&*known.job, known.effective.as_ref()));
        Ok(Forecast::new(jobs, &holdings, room, self.now))
    }

    #[must_use]
    pub fn facts<'a>(&'a self, context: &'a Context) -> Facts<'a> {
        let heartbeat = context.config.heartbeat.is_some();
        let checked = self.meta.last_check_at.is_some_and(|at| self.now - at < WATCHED);
        Facts {
            now: self.now,
            created_at: self.meta.created_at,
            scan: self.meta.last_scan.as_ref().map(|scan| Scan {
                id: scan.id,
                started_at: scan.started_at,
                finished_at: scan.finished_at,
            }),
            interval: context.config.scan.interval,
            version: env!("CARGO_PKG_VERSION"),
            title: title(context, Language::ENGLISH),
            // What commands print is English; only what people are given to read besides is translated.
            language: Language::ENGLISH,
            base_url: context.config.site.base_url.as_deref(),
            timezone: context.config.server_timezone,
            jobs: self
                .jobs
                .iter()
                .map(|known| JobFact {
                    job: &known.job,
                    labels: Arc::clone(&known.labels),
                    effective: &known.effective,
                    standing: Arc::clone(&known.standing),
                    older_copy: self.older_copies.get(&known.job.id),
                })
                .collect(),
            agents: self
                .agents
                .iter()
                .map(|(agent, labels)| AgentFact {
                    id: &agent.id,
                    labels: labels.clone(),
                    first_seen: agent.first_seen,
                    last_report_at: agent.last_report_at,
                })
                .collect(),
            incidents: self.incidents.iter().collect(),
            undelivered: self.undelivered,
            backlog_seconds: self.backlog_seconds(),
            disk: self.disk,
            forecast: None,
            orphans: self.orphans.clone(),
            rests: self.rests.iter().map(|(job, rest)| (job.as_str(), *rest)).collect(),
            watched: heartbeat || checked,
        }
    }

    /// How long the oldest report waits for its files to be read; 0 without one.
    fn backlog_seconds(&self) -> u64 {
        let oldest = self.open_reports.iter().map(|report| report.first_seen).min();
        oldest.and_then(|seen| u64::try_from((self.now - seen).num_seconds()).ok()).unwrap_or_default()
    }

    #[must_use]
    pub fn view<'a>(&'a self, context: &'a Context) -> View<'a> {
        View::build(self.facts(context))
    }

    /// The jobs that a selector means, with the status of now.
    pub fn select<'s>(&'s self, selector: &Selector) -> impl Iterator<Item = &'s Known> {
        self.jobs
            .iter()
            .filter(|known| selector.matches(&known.job.key, &known.labels, Some(known.standing.status)))
    }
}

fn title(context: &Context, language: Language) -> &str {
    context.config.site.title.as_deref().unwrap_or_else(|| language.words().text("site-title"))
}

/// Since when the jobs have a damaged version that have one.
fn damaged(incidents: &[Incident]) -> HashMap<JobId, Time> {
    let is_damage = |incident: &&Incident| {
        incident.is_open() && incident.subject.kind == IncidentKind::Problem(Problem::VersionDamaged)
    };
    let since = |incident: &Incident| Some((incident.subject.job.clone()?, incident.opened_at));
    incidents.iter().filter(is_damage).filter_map(since).collect()
}

/// Asks for the versions of the few jobs of which the state alone cannot tell.
fn older_copies(store: &dyn Store, jobs: &[Known], now: Time) -> Result<OlderCopies> {
    let mut copies = OlderCopies::new();
    for Known { job, .. } in jobs {
        if job.state.kept().is_some() || job.state.current_version.is_none() {
            continue;
        }
        let versions = store.versions(Some(&job.id))?;
        if let Some(version) = newest_good(&versions, believed_until(job, now)) {
            copies.insert(job.id.clone(), version.into());
        }
    }
    Ok(copies)
}

/// How a job rests that is paused at `now`, by its windows.
fn rest(windows: &[Window], muted: bool, now: Time) -> Rest {
    Rest { until: windows.iter().find(|window| window.contains(now)).and_then(|open| open.until), muted }
}
