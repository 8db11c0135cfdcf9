//! A small fleet of values, and what its site comes to.

use std::collections::{BTreeMap, BTreeSet};

use backupmon::domain::entry::AgentSeconds;
use backupmon::domain::forecast::Forecast;
use backupmon::domain::incident::Subject;
use backupmon::domain::job::GoodBackup;
use backupmon::domain::orphan::Orphan;
use backupmon::domain::retention::{Fate, Policy, Rule};
use backupmon::domain::schedule::Cycle;
use backupmon::domain::settings::{ContentCheck, Effective, Source, Span};
use backupmon::domain::standing::Standing;
use backupmon::domain::{
    AgentId, Cause, DatabaseName, Digest, Entry, Incident, IncidentKind, Job, JobId, JobKey, Labels, Problem,
    Schedule, Settings, Severity, Status, Time, Version, Warning,
};
use backupmon::render::recent::Recent;
use backupmon::render::site::Site;
use backupmon::render::{
    AgentFact, Disk, Facts, JobDetails, JobFact, Language, Rest, Scan, Undelivered, View, site,
};
use chrono::TimeDelta;

pub fn now() -> Time {
    "2026-11-22T09:30:07Z".parse().unwrap()
}

pub fn ago(hours: i64) -> Time {
    now() - TimeDelta::hours(hours)
}

pub struct Fleet {
    pub effective: Effective,
    pub created_at: Time,
    pub jobs: Vec<(Job, Status)>,
    pub agents: Vec<AgentId>,
    pub incidents: Vec<Incident>,
    pub scan: Option<Scan>,
    pub undelivered: Undelivered,
    pub language: Language,
    pub title: String,
    pub forecast: Option<Forecast>,
    pub orphans: Vec<Orphan>,
    pub rests: Vec<(JobId, Rest)>,
}

impl Fleet {
    /// `jobs` as agent, database and status.
    pub fn of(jobs: &[(&str, &str, Status)]) -> Self {
        let jobs: Vec<(Job, Status)> =
            jobs.iter().map(|(agent, db, status)| (job(agent, db, *status), *status)).collect();
        let agents: BTreeSet<AgentId> = jobs.iter().map(|(job, _)| job.key.agent.clone()).collect();
        Self {
            effective: effective(),
            created_at: ago(1000),
            jobs,
            agents: agents.into_iter().collect(),
            incidents: Vec::new(),
            scan: Some(Scan { id: 7, started_at: ago(1), finished_at: now() }),
            undelivered: Undelivered::default(),
            language: Language::ENGLISH,
            title: "backupmon".to_owned(),
            forecast: None,
            orphans: Vec::new(),
            rests: Vec::new(),
        }
    }

    /// Something of everything.
    pub fn mixed() -> Self {
        let mut fleet = Self::of(&[
            ("SIRPACAM_DOUALA_NEWBELL", "compta_2025", Status::Success),
            ("SIRPACAM_DOUALA_NEWBELL", "ventes_2025", Status::HashMismatch),
            ("SIRPACAM_DOUALA_NEWBELL", "stock", Status::Unchanged),
            ("SIRPACAM_DOUALA_NEWBELL", "old_2021", Status::Retired),
            ("SIRPACAM_BAFOUSSAM_MARCHEA", "ventes", Status::Missing),
            ("SIRPACAM_BAFOUSSAM_MARCHEA", "stock", Status::Missing),
            ("NORDAGRI_MAROUA_DOMAYO", "paie", Status::Failed),
            ("NORDAGRI_MAROUA_DOMAYO", "ventes", Status::Late),
            ("NORDAGRI_MAROUA_DOMAYO", "archives", Status::Paused),
            ("NORDAGRI_MAROUA_DOMAYO", "neuf", Status::Pending),
            ("LOGIWOURI_DOUALA_DEIDO", "tracking", Status::Success),
            ("LOGIWOURI_DOUALA_DEIDO", "cut", Status::Corrupt),
        ]);
        fleet.jobs[10].0.state.warnings = vec![Warning::SizeJump];
        fleet.incidents = vec![incident(1, &fleet.jobs[1].0), incident(2, &fleet.jobs[6].0)];
        let mut resolved = incident(3, &fleet.jobs[0].0);
        resolved.resolved_at = Some(ago(20));
        fleet.incidents.push(resolved);
        fleet
    }

    pub fn view(&self) -> View<'_> {
        View::build(self.facts())
    }

    pub fn facts(&self) -> Facts<'_> {
        Facts {
            now: now(),
            created_at: self.created_at,
            scan: self.scan,
            interval: Span::minutes(15),
            version: "0.1.0",
            title: &self.title,
            language: self.language,
            base_url: Some("https://backup.example/site/"),
            timezone: chrono_tz::Africa::Douala,
            jobs: self.jobs.iter().map(|(job, status)| self.fact(job, *status)).collect(),
            agents: self.agents.iter().map(agent).collect(),
            incidents: self.incidents.iter().collect(),
            undelivered: self.undelivered,
            backlog_seconds: 0,
            disk: self.forecast.map(|forecast| Disk { free: forecast.room, total: 1_000_000_000_000 }),
            forecast: self.forecast,
            orphans: self.orphans.clone(),
            rests: self.rests.iter().map(|(job, rest)| (job.as_str(), *rest)).collect(),
            watched: true,
        }
    }

    fn fact<'a>(&'a self, job: &'a Job, status: Status) -> JobFact<'a> {
        let is_damage =
            |i: &&Incident| i.is_open() && i.subject.kind == IncidentKind::Problem(Problem::VersionDamaged);
        let damage =
            self.incidents.iter().filter(is_damage).find(|i| i.subject.job.as_ref() == Some(&job.id));
        let mut standing = standing(job, status);
        if let Some(damage) = damage {
            standing.suffer_damage(damage.opened_at);
        }
        JobFact {
            job,
            labels: job.labels_with(&labels(job.key.agent.as_str())).into(),
            effective: &self.effective,
            standing: standing.into(),
            older_copy: None,
        }
    }

    /// Every file of the site.
    pub fn site(&self) -> BTreeMap<String, String> {
        let view = self.view();
        let pages = Site::new(&view);
        let recents = recents(&view);
        let mut files = BTreeMap::new();
        for (nth, job) in view.jobs.iter().enumerate() {
            let details = details(job.job, &self.incidents);
            files.insert(site::job_path(&job.job.id), pages.job_page(nth, &details).unwrap());
            files.insert(site::job_document_path(&job.job.id), pages.job_document(nth, &details).unwrap());
        }
        for (nth, agent) in view.agents.iter().enumerate() {
            files.insert(site::agent_path(agent.id), pages.agent_page(nth, &recents).unwrap());
        }
        pages
            .lists(&recents, &mut |path, content| {
                let mut bytes = Vec::new();
                content(&mut bytes)?;
                let before = files.insert(path.to_owned(), String::from_utf8(bytes).unwrap());
                assert!(before.is_none(), "{path} was written twice");
                Ok(())
            })
            .unwrap();
        files
    }
}

/// A month of daily history of each job, with some trouble in it.
pub fn month(view: &View) -> Vec<Recent> {
    let of_job = |(n, job): (usize, &backupmon::render::JobView)| {
        let entries: Vec<Entry> = (0..31_i64).map(|day| entry_of_day(job.job, n, day)).collect();
        Recent::of(&entries, view.timezone)
    };
    view.jobs.iter().enumerate().map(of_job).collect()
}

fn entry_of_day(job: &Job, n: usize, day: i64) -> Entry {
    let at = ago(24 * day + 3);
    let nth = i64::try_from(n).unwrap() + day * 7;
    let status = match nth % 97 {
        3 => Status::Failed,
        5 | 6 => Status::Missing,
        8 => Status::Corrupt,
        _ => Status::Success,
    };
    let size_bytes = Some(60_000_000 + nth.unsigned_abs() * 10_000);
    Entry {
        status: Some(status),
        cycle: Some(at),
        report_time: Some(at),
        judged_at: at,
        size_bytes,
        ..entry(job)
    }
}

/// What a job of a year has on its page.
pub fn long_details(job: &Job) -> JobDetails {
    let took = AgentSeconds { backup: Some(60), compress: Some(22), transfer: Some(151) };
    let entries = (0..30).map(|day| Entry { agent_seconds: took, ..entry_of_day(job, 1, day) }).collect();
    let versions = vec![(version(job), Some(Fate::Keep(vec![Rule::Daily, Rule::Weekly]))); 16];
    JobDetails { entries, versions, incidents: Vec::new(), messages: Vec::new() }
}

/// What the history of each job, which is one entry, comes to.
pub fn recents(view: &View) -> Vec<Recent> {
    view.jobs.iter().map(|job| Recent::of(&[entry(job.job)], view.timezone)).collect()
}

/// The HTML among the files.
pub fn pages(files: &BTreeMap<String, String>) -> impl Iterator<Item = (&String, &String)> {
    files.iter().filter(|(path, _)| std::path::Path::new(path).extension().is_some_and(|end| end == "html"))
}

pub fn labels(agent: &str) -> Labels {
    let mut parts = agent.splitn(3, '_').map(str::to_owned);
    Labels { company: parts.next(), city: parts.next(), neighborhood: parts.next(), year: None }
}

fn agent(id: &AgentId) -> AgentFact<'_> {
    AgentFact { id, labels: labels(id.as_str()), first_seen: ago(4000), last_report_at: Some(ago(8)) }
}

pub fn effective() -> Effective {
    let settings = Settings { cron: Some("0 13 * * mon-fri".into()), ..Settings::default() };
    Effective {
        schedule: Schedule::new(&settings, chrono_tz::Africa::Douala).unwrap(),
        settings,
        assumed: false,
        timezone_configured: true,
        recipients: vec!["it@example.com".into()],
        retention: Policy::default(),
        content_check: ContentCheck::Auto,
        contact: Some("IT Douala, +237 600 00 00 00".into()),
        note: None,
        sources: BTreeMap::from([("cron", Source::Rule(2)), ("timezone", Source::Defaults)]),
    }
}

pub fn job(agent: &str, database: &str, status: Status) -> Job {
    let key = JobKey { agent: AgentId::new(agent).unwrap(), database: DatabaseName::new(database).unwrap() };
    let mut job = Job::new(key, ago(4000), false);
    job.state.status = status;
    job.state.since = ago(9);
    if status != Status::Pending {
        job.state.last_success_at = Some(ago(if status.is_ok() { 8 } else { 60 }));
        job.state.good = Some(GoodBackup {
            sha256: Digest::of(database.as_bytes()),
            size_bytes: 62_233_088,
            content_bytes: None,
            report_time: ago(60),
            report: 1,
            file: format!("{database}.sql.gz"),
            version: Some("20261120T000000Z-292394b6".into()),
        });
        job.state.current_version = Some("20261120T000000Z-292394b6".into());
        job.state.last_report_at = Some(ago(8));
    }
    job
}

pub fn standing(job: &Job, status: Status) -> Standing {
    let severity = match status.severity() {
        Severity::Ok if !job.state.warnings.is_empty() => Severity::Warning,
        Severity::Ok if job.state.held => Severity::Critical,
        Severity::Critical if job.year_is_over() => Severity::Inactive,
        plain => plain,
    };
    let cause = match status {
        Status::Missing => Some(Cause::NoReport),
        Status::Failed => Some(Cause::BackupFailed),
        Status::HashMismatch => Some(Cause::HashDiffers),
        Status::Corrupt => Some(Cause::Truncated),
        Status::Pending
        | Status::Success
        | Status::Unchanged
        | Status::Late
        | Status::Paused
        | Status::Retired => None,
    };
    Standing {
        status,
        severity,
        cause,
        message: Some(
            job.state.message.clone().unwrap_or_else(|| format!("what happened to {}", job.key.database)),
        ),
        warnings: job.state.warnings.clone(),
        since: job.state.since,
        verifying: false,
        cycle: Some(Cycle { due: ago(-4), deadline: ago(-6) }),
        damaged_since: None,
    }
}

pub fn incident(id: i64, job: &Job) -> Incident {
    Incident {
        id,
        subject: Subject::job(&job.key.agent, &job.id),
        database: Some(job.key.database.to_string()),
        severity: Severity::Critical,
        cause: Some("hash_differs".into()),
        message: job.state.message.clone().unwrap_or_else(|| "the bytes differ".into()),
        opened_at: ago(30),
        changed_at: ago(30),
        resolved_at: None,
        acknowledged: None,
    }
}

pub fn entry(job: &Job) -> Entry {
    Entry {
        id: 11,
        job: job.id.clone(),
        status: Some(job.state.status),
        cause: None,
        message: job.state.message.clone().unwrap_or_else(|| "as expected".into()),
        warnings: job.state.warnings.clone(),
        report: Some("2026-11-21_01-06-34.json".into()),
        report_id: Some(5),
        report_time: Some(ago(32)),
        judged_at: ago(31),
        cycle: Some(ago(33)),
        sha256: Some(Digest::of(b"here")),
        size_bytes: Some(62_233_088),
        content_bytes: Some(400_000_000),
        kind: Some("PostgreSQL plain dump in gzip".into()),
        hold: None,
        reported_sha256: Some(Digest::of(b"there").to_string()),
        reported_size: None,
        superseded: false,
        version: Some("20261120T000000Z-292394b6".into()),
        agent_seconds: AgentSeconds::default(),
    }
}

pub fn version(job: &Job) -> Version {
    Version {
        job: job.id.clone(),
        name: "20261120T000000Z-292394b6".into(),
        file_name: format!("{}.sql.gz", job.key.database),
        report_time: ago(60),
        promoted_at: ago(59),
        sha256: Digest::of(b"here"),
        size_bytes: 62_233_088,
        content_bytes: Some(400_000_000),
        warnings: Vec::new(),
        pinned: false,
        held: false,
        damaged: false,
        verified_at: ago(50),
    }
}

pub fn details(job: &Job, incidents: &[Incident]) -> JobDetails {
    JobDetails {
        entries: vec![entry(job)],
        versions: vec![(version(job), Some(Fate::Keep(vec![Rule::Current, Rule::Daily])))],
        incidents: incidents.iter().filter(|i| i.subject.job.as_ref() == Some(&job.id)).cloned().collect(),
        messages: Vec::new(),
    }
}
