//! One row of each list.

use std::collections::BTreeMap;

use serde::{Serialize, Serializer};

use crate::domain::retention::Fate;
use crate::domain::settings::{Effective, Span};
use crate::domain::text::rfc3339;
use crate::domain::{Cause, Digest, Entry, Incident, JobKey, Severity, Status, Time, Warning};
use crate::render::arrange;
use crate::render::facts::VersionFact;
use crate::render::terms::{self, rule_word};
use crate::render::view::{AgentView, JobView, View};

/// A time as every document writes it: RFC 3339, UTC, `Z`, whole seconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Utc(pub Time);

impl Serialize for Utc {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&rfc3339(self.0))
    }
}

/// When the newest scan looked at the job; null where none did since it was added.
#[derive(Debug, Serialize)]
struct Checked(Option<Utc>);

#[derive(Debug, Serialize)]
pub struct ScheduleRow<'v> {
    cron: Option<&'v str>,
    at: Option<&'v [String]>,
    days: Option<&'v str>,
    every: Option<u64>,
    timezone: Option<&'v str>,
    /// Seconds; what holds, set or built in.
    grace: Option<i64>,
    early: Option<i64>,
}

impl<'v> ScheduleRow<'v> {
    fn new(effective: &'v Effective) -> Self {
        let settings = &effective.settings;
        Self {
            cron: settings.cron.as_deref(),
            at: settings.at.as_deref(),
            days: settings.days.as_deref(),
            every: settings.every.map(|Span(seconds)| seconds),
            timezone: Some(effective.schedule.timezone.name()),
            grace: Some(effective.schedule.grace.num_seconds()),
            early: Some(effective.schedule.early.num_seconds()),
        }
    }
}

#[derive(Debug, Serialize)]
#[expect(clippy::struct_excessive_bools, reason = "a published shape")]
pub struct JobRow<'v> {
    id: &'v str,
    agent: &'v str,
    database: &'v str,
    company: Option<&'v str>,
    city: Option<&'v str>,
    neighborhood: Option<&'v str>,
    year: Option<u16>,
    status: Status,
    severity: Severity,
    cause: Option<Cause>,
    message: Option<&'v str>,
    warnings: &'v [Warning],
    since: Utc,
    verifying: bool,
    held: bool,
    /// One of its versions is damaged.
    damaged: bool,
    trial: bool,
    assumed: bool,
    /// Neither paused nor retired.
    active: bool,
    schedule: ScheduleRow<'v>,
    next_due: Option<Utc>,
    deadline: Option<Utc>,
    /// `None`: left out, for a document that must not change with every scan.
    #[serde(skip_serializing_if = "Option::is_none")]
    last_checked_at: Option<Checked>,
    last_success_at: Option<Utc>,
    last_report_at: Option<Utc>,
    last_change_at: Option<Utc>,
    last_verified_at: Option<Utc>,
    /// As of when a restore would give the data now; null where nothing good is kept.
    last_good_copy_at: Option<Utc>,
    /// Of that copy; where there is none, of the last good backup.
    sha256: Option<Digest>,
    size_bytes: Option<u64>,
    current_version: Option<&'v str>,
}

impl<'v> JobRow<'v> {
    #[must_use]
    pub fn new(view: &View, row: &'v JobView) -> Self {
        let (job, standing, state) = (row.job, &row.standing, &row.job.state);
        let checked =
            view.scan.filter(|scan| scan.finished_at >= job.added_at).map(|scan| Utc(scan.finished_at));
        Self {
            id: job.id.as_str(),
            agent: row.agent(),
            database: row.database(),
            company: row.labels.company.as_deref(),
            city: row.labels.city.as_deref(),
            neighborhood: row.labels.neighborhood.as_deref(),
            year: row.labels.year,
            status: standing.status,
            severity: standing.severity,
            cause: standing.cause,
            message: standing.message.as_deref(),
            warnings: &standing.warnings,
            since: Utc(standing.since),
            verifying: standing.verifying,
            held: state.held,
            damaged: row.is_damaged(),
            trial: job.on_trial,
            assumed: row.effective.assumed,
            active: row.is_watched() && standing.status != Status::Paused,
            schedule: ScheduleRow::new(row.effective),
            next_due: standing.cycle.map(|cycle| Utc(cycle.due)),
            deadline: standing.cycle.map(|cycle| Utc(cycle.deadline)),
            last_checked_at: Some(Checked(checked)),
            last_success_at: state.last_success_at.map(Utc),
            last_good_copy_at: row.last_good().map(Utc),
            last_report_at: state.last_report_at.map(Utc),
            last_change_at: state.last_change_at.map(Utc),
            last_verified_at: state.last_verified_at.map(Utc),
            sha256: row.digest_and_size().map(|(digest, _)| digest),
            size_bytes: row.digest_and_size().map(|(_, size)| size),
            current_version: state.current_version.as_deref(),
        }
    }

    /// For a document that must not change with every scan.
    pub(super) fn without_check(self) -> Self {
        Self { last_checked_at: None, ..self }
    }
}

#[derive(Debug, Serialize)]
pub struct JobDocument<'v> {
    #[serde(flatten)]
    pub(super) job: JobRow<'v>,
    pub(super) entries: Vec<EntryRow<'v>>,
    pub(super) versions: Vec<VersionRow<'v>>,
    pub(super) alerts: Vec<AlertRow<'v>>,
}

#[derive(Debug, Serialize)]
pub struct EntryRow<'e> {
    id: i64,
    job_id: &'e str,
    agent: Option<&'e str>,
    database: Option<&'e str>,
    /// Null for a superseded report that the agent does not call failed.
    status: Option<Status>,
    cause: Option<Cause>,
    message: &'e str,
    warnings: &'e [Warning],
    report: Option<&'e str>,
    report_time: Option<Utc>,
    judged_at: Utc,
    cycle: Option<Utc>,
    sha256: Option<Digest>,
    size_bytes: Option<u64>,
    superseded: bool,
    version: Option<&'e str>,
}

impl<'e> EntryRow<'e> {
    #[must_use]
    pub fn new(entry: &'e Entry, key: Option<&'e JobKey>) -> Self {
        Self {
            id: entry.id,
            job_id: entry.job.as_str(),
            agent: key.map(|key| key.agent.as_str()),
            database: key.map(|key| key.database.as_str()),
            status: entry.status,
            cause: entry.cause,
            message: &entry.message,
            warnings: &entry.warnings,
            report: entry.report.as_deref(),
            report_time: entry.report_time.map(Utc),
            judged_at: Utc(entry.judged_at),
            cycle: entry.cycle.map(Utc),
            sha256: entry.sha256,
            size_bytes: entry.size_bytes,
            superseded: entry.superseded,
            version: entry.version.as_deref(),
        }
    }
}

#[derive(Debug, Serialize)]
#[expect(clippy::struct_excessive_bools, reason = "a published shape")]
pub struct VersionRow<'v> {
    job_id: &'v str,
    agent: Option<&'v str>,
    database: Option<&'v str>,
    version: &'v str,
    file_name: &'v str,
    report_time: Utc,
    promoted_at: Utc,
    verified_at: Utc,
    sha256: Digest,
    size_bytes: u64,
    content_bytes: Option<u64>,
    warnings: &'v [Warning],
    current: bool,
    pinned: bool,
    held: bool,
    damaged: bool,
    /// The rules that keep it; empty when it goes at the next run, null when that was not computed.
    kept_by: Option<Vec<&'static str>>,
}

impl<'v> VersionRow<'v> {
    #[must_use]
    pub fn new(fact: &VersionFact<'v>) -> Self {
        let VersionFact { version, key, current, fate } = *fact;
        Self {
            job_id: version.job.as_str(),
            agent: key.map(|key| key.agent.as_str()),
            database: key.map(|key| key.database.as_str()),
            version: &version.name,
            file_name: &version.file_name,
            report_time: Utc(version.report_time),
            promoted_at: Utc(version.promoted_at),
            verified_at: Utc(version.verified_at),
            sha256: version.sha256,
            size_bytes: version.size_bytes,
            content_bytes: version.content_bytes,
            warnings: &version.warnings,
            current,
            pinned: version.pinned,
            held: version.held,
            damaged: version.damaged,
            kept_by: fate.map(|fate| match fate {
                Fate::Keep(rules) => rules.iter().map(|rule| rule_word(*rule)).collect(),
                Fate::Remove => Vec::new(),
            }),
        }
    }
}

#[derive(Debug, Serialize)]
pub struct AlertRow<'i> {
    id: i64,
    agent: Option<&'i str>,
    /// Null for an agent's or the server's problem.
    job_id: Option<&'i str>,
    database: Option<&'i str>,
    kind: &'static str,
    severity: Severity,
    cause: Option<&'i str>,
    message: &'i str,
    opened_at: Utc,
    resolved_at: Option<Utc>,
    acknowledged: bool,
}

impl<'i> AlertRow<'i> {
    #[must_use]
    pub fn new(incident: &'i Incident, now: Time) -> Self {
        Self {
            id: incident.id,
            agent: incident.subject.agent.as_deref(),
            job_id: incident.subject.job.as_ref().map(crate::domain::JobId::as_str),
            database: incident.database.as_deref(),
            kind: incident.subject.kind.word(),
            severity: incident.severity,
            cause: incident.cause.as_deref(),
            message: &incident.message,
            opened_at: Utc(incident.opened_at),
            resolved_at: incident.resolved_at.map(Utc),
            acknowledged: terms::acknowledged(incident, now).is_some(),
        }
    }
}

#[derive(Debug, Serialize)]
pub struct AgentRow<'v> {
    #[serde(flatten)]
    pub agent: AgentFacts<'v>,
    /// How many have which status.
    jobs: BTreeMap<Status, usize>,
}

/// What is said of an agent beside its jobs.
#[derive(Debug, Serialize)]
pub struct AgentFacts<'v> {
    agent: &'v str,
    company: Option<&'v str>,
    city: Option<&'v str>,
    neighborhood: Option<&'v str>,
    first_seen: Option<Utc>,
    last_report_at: Option<Utc>,
    /// Words of its open problems, without those of its jobs.
    problems: Vec<&'static str>,
}

impl<'v> AgentRow<'v> {
    #[must_use]
    pub fn new(view: &'v View, agent: &'v AgentView) -> Self {
        Self { agent: AgentFacts::new(view, agent), jobs: arrange::counts(view.jobs_of(agent)) }
    }
}

impl<'v> AgentFacts<'v> {
    #[must_use]
    pub fn new(view: &'v View, agent: &'v AgentView) -> Self {
        Self {
            agent: agent.id,
            company: agent.labels.company.as_deref(),
            city: agent.labels.city.as_deref(),
            neighborhood: agent.labels.neighborhood.as_deref(),
            first_seen: agent.first_seen.map(Utc),
            last_report_at: agent.last_report_at.map(Utc),
            problems: view.problems_of(agent).collect(),
        }
    }
}
