//! A state of agents with 50 jobs each, some days of history and up to ten versions of each job.

use backupmon::domain::entry::AgentSeconds;
use backupmon::domain::incident::{IncidentChange, Subject};
use backupmon::domain::job::{FileIdentity, GoodBackup, Rank, StagedMark};
use backupmon::domain::version::version_name;
use backupmon::domain::{
    AgentId, Cause, DatabaseName, Digest, Entry, Job, JobKey, Severity, Status, Time, Version,
};
use backupmon::store::{Agent, Sqlite, Store, Unit};
use chrono::TimeDelta;

pub const JOBS_EACH: usize = 50;
/// A month of daily history.
pub const MONTH: i64 = 31;
const VERSIONS: i64 = 10;

pub fn begin() -> Time {
    "2026-10-01T00:00:00Z".parse().unwrap()
}

pub fn now() -> Time {
    "2026-11-22T09:30:00Z".parse().unwrap()
}

pub fn agent_id(n: usize) -> AgentId {
    let cities = ["DOUALA", "YAOUNDE", "GAROUA", "MAROUA", "BAFOUSSAM"];
    AgentId::new(format!("SIRPACAM_{}_SITE{n:03}", cities[n % cities.len()])).unwrap()
}

/// One in a hundred has failed.
fn is_bad(n: usize) -> bool {
    n % 100 == 7
}

fn at(day: i64) -> Time {
    now() - TimeDelta::days(day) - TimeDelta::hours(8)
}

fn digest(key: &JobKey, day: i64) -> Digest {
    Digest::of(format!("{key} {day}").as_bytes())
}

fn job(key: JobKey, n: usize) -> Job {
    let mut job = Job::new(key, begin(), false);
    let good_day = i64::from(is_bad(n));
    let version = version_name(at(good_day), &digest(&job.key, good_day));
    let state = &mut job.state;
    state.status = if is_bad(n) { Status::Failed } else { Status::Success };
    state.cause = is_bad(n).then_some(Cause::BackupFailed);
    state.message =
        Some(if is_bad(n) { "mysqldump: Access denied for user 'backup'" } else { "verified" }.into());
    state.since = at(0);
    state.covered_by = Some(at(0));
    state.last_report_at = Some(at(0));
    state.last_success_at = Some(at(good_day));
    state.last_change_at = Some(at(good_day));
    state.last_verified_at = Some(at(good_day));
    state.good = Some(GoodBackup {
        sha256: digest(&job.key, good_day),
        size_bytes: 62_000_000,
        content_bytes: Some(400_000_000),
        report_time: at(good_day),
        report: 0,
        file: format!("{}.sql.gz", job.key.database),
        version: Some(version.clone()),
    });
    state.current_version = Some(version);
    let file = format!("2026-11-22_01-30-00_{}.json", job.key.agent);
    state.newest = Some(Rank { time: at(0), own: Some(at(0)), file });
    let ctime = at(good_day).timestamp_nanos_opt().unwrap();
    state.staged = Some(StagedMark {
        file: format!("{}.sql.gz", job.key.database),
        identity: FileIdentity { device: 1, inode: n as u64, size: 62_000_000, mtime: ctime, ctime },
        sha256: digest(&job.key, good_day),
        kind: Some("PostgreSQL plain dump in gzip".into()),
        stream: None,
    });
    job
}

fn entry(job: &Job, n: usize, day: i64) -> Entry {
    let failed = day == 0 && is_bad(n);
    let digest = digest(&job.key, day);
    Entry {
        id: 0,
        job: job.id.clone(),
        status: Some(if failed { Status::Failed } else { Status::Success }),
        cause: failed.then_some(Cause::BackupFailed),
        message: job.state.message.clone().unwrap_or_default(),
        warnings: Vec::new(),
        report: Some(format!("2026-11-{day:02}_01-30-00_{}.json", job.key.agent)),
        report_id: None,
        report_time: Some(at(day)),
        judged_at: at(day) + TimeDelta::minutes(10),
        cycle: None,
        sha256: (!failed).then_some(digest),
        size_bytes: (!failed).then_some(62_000_000 + u64::try_from(MONTH - day).unwrap() * 100_000),
        content_bytes: Some(400_000_000),
        kind: Some("PostgreSQL plain dump in gzip".into()),
        hold: None,
        reported_sha256: Some(digest.to_string()),
        reported_size: Some(62_000_000),
        superseded: false,
        version: (!failed).then(|| version_name(at(day), &digest)),
        agent_seconds: AgentSeconds { backup: Some(60), compress: Some(20), transfer: Some(120) },
    }
}

fn version(job: &Job, day: i64) -> Version {
    let digest = digest(&job.key, day);
    Version {
        job: job.id.clone(),
        name: version_name(at(day), &digest),
        file_name: format!("{}.sql.gz", job.key.database),
        report_time: at(day),
        promoted_at: at(day) + TimeDelta::minutes(10),
        sha256: digest,
        size_bytes: 62_000_000,
        content_bytes: Some(400_000_000),
        warnings: Vec::new(),
        pinned: false,
        held: false,
        damaged: false,
        verified_at: at(day) + TimeDelta::minutes(10),
    }
}

pub fn fill(store: &mut Sqlite, agents: usize, days: i64) {
    let scan = store.begin_scan(now() - TimeDelta::minutes(2)).unwrap();
    for n in 0..agents {
        let id = agent_id(n);
        let mut unit = Unit {
            agents: vec![Agent {
                id: id.clone(),
                root: "/deposits".into(),
                first_seen: begin(),
                last_report_at: Some(at(0)),
                log_mtime: None,
                dumps: None,
            }],
            ..Unit::default()
        };
        for m in 0..JOBS_EACH {
            let nth = n * JOBS_EACH + m;
            let database = DatabaseName::new(format!("SDMC_{n:03}_{m:02}_2026")).unwrap();
            let job = job(JobKey { agent: id.clone(), database }, nth);
            unit.entries.extend((0..days).rev().map(|day| entry(&job, nth, day)));
            unit.versions.extend((1..=VERSIONS.min(days)).rev().map(|day| version(&job, day)));
            if is_bad(nth) {
                unit.incidents.push(IncidentChange::Raise {
                    subject: Subject::job(&id, &job.id),
                    database: Some(job.key.database.to_string()),
                    severity: Severity::Critical,
                    cause: Some("backup_failed".into()),
                    message: job.state.message.clone().unwrap_or_default(),
                    at: at(0),
                });
            }
            unit.jobs.push(job);
        }
        store.commit(&unit).unwrap();
    }
    store.finish_scan(scan, now() - TimeDelta::minutes(1)).unwrap();
}

/// A new backup of so many jobs, all over the fleet.
pub fn news(store: &mut Sqlite, jobs: usize) {
    let known = store.jobs().unwrap();
    let mut unit = Unit::default();
    for (n, job) in known.iter().enumerate().step_by(known.len() / jobs) {
        unit.entries.push(Entry { judged_at: now(), ..entry(job, n, 0) });
        unit.jobs.push(job.clone());
    }
    store.commit(&unit).unwrap();
}
