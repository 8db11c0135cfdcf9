//! Jobs: one row each, one column per value, so that 20,000 of them load in some tens of milliseconds.

use std::collections::HashMap;
use std::sync::LazyLock;

use rusqlite::types::ToSql;
use rusqlite::{Connection, OptionalExtension, Result, Row, params, params_from_iter};

use super::errors::refusal;
use super::sums;
use super::values::{
    Columns, Micros, Sha, Unsigned, Worded, json_unless, sha, time, unsigned, warnings_json,
};
use crate::domain::job::{GoodBackup, Rank, StagedMark, Waiting};
use crate::domain::verdict::ContentStream;
use crate::domain::{AgentId, Job, JobId, JobKey, JobState, Labels, Settings, Time};

/// In the order in which [`row`] takes them and [`put`] gives them.
const COLUMNS: [&str; 54] = [
    "id",
    "agent",
    "database",
    "company",
    "city",
    "neighborhood",
    "year",
    "settings",
    "added_at",
    "schedule_changed_at",
    "schedule_seen",
    "on_trial",
    "retired_at",
    "ignored",
    "pauses",
    "status",
    "cause",
    "message",
    "warnings",
    "since",
    "newest_time",
    "newest_own",
    "newest_file",
    "covered_by",
    "missed_through",
    "judged_report",
    "judged_cause",
    "waiting",
    "staged_file",
    "staged_device",
    "staged_inode",
    "staged_size",
    "staged_mtime",
    "staged_ctime",
    "staged_sha256",
    "staged_kind",
    "staged_content",
    "staged_content_size",
    "staged_layer",
    "last_success_at",
    "last_report_at",
    "last_change_at",
    "last_verified_at",
    "good_sha256",
    "good_size",
    "good_content_size",
    "good_report_time",
    "good_report",
    "good_file",
    "good_version",
    "current_version",
    "held",
    "trial_days",
    "outrun",
];

/// The columns that never change but by a rename: leaving them alone spares their indexes.
const KEY_COLUMNS: usize = 3;

static SELECT: LazyLock<String> =
    LazyLock::new(|| format!("SELECT {}, sum FROM jobs ORDER BY agent, database", COLUMNS.join(", ")));

static SELECT_ONE: LazyLock<String> =
    LazyLock::new(|| format!("SELECT {}, sum FROM jobs WHERE num = ?1", COLUMNS.join(", ")));

static UPSERT: LazyLock<String> = LazyLock::new(|| {
    let values: Vec<_> = (1..=COLUMNS.len() + 1).map(|n| format!("?{n}")).collect();
    let changes: Vec<_> =
        COLUMNS.iter().skip(KEY_COLUMNS).map(|name| format!("{name} = excluded.{name}")).collect();
    format!(
        "INSERT INTO jobs ({}, sum) VALUES ({}) ON CONFLICT (id) DO UPDATE SET {}, sum = excluded.sum",
        COLUMNS.join(", "),
        values.join(", "),
        changes.join(", ")
    )
});

pub(super) fn each(db: &Connection, visit: &mut dyn FnMut(Job)) -> Result<()> {
    // Jobs come agent by agent: all of one share its name.
    let mut agent: Option<AgentId> = None;
    for job in db.prepare_cached(&SELECT)?.query_map([], row)? {
        let mut job = job?;
        match &agent {
            Some(same) if *same == job.key.agent => job.key.agent = same.clone(),
            _ => agent = Some(job.key.agent.clone()),
        }
        visit(job);
    }
    Ok(())
}

fn row(row: &Row<'_>) -> Result<Job> {
    let mut columns = Columns::of(row);
    let columns = &mut columns;
    let job = Job {
        id: columns.job_id()?,
        key: JobKey { agent: columns.agent()?, database: columns.database()? },
        labels: Labels {
            company: columns.take()?,
            city: columns.take()?,
            neighborhood: columns.take()?,
            year: columns.take()?,
        }
        .into(),
        settings: columns.json_or_default::<Settings>()?.into(),
        added_at: columns.time()?,
        schedule_changed_at: columns.time()?,
        schedule_seen: columns.take()?,
        on_trial: columns.take()?,
        retired_at: columns.time_or_none()?,
        ignored: columns.take()?,
        pauses: columns.json_or_default()?,
        state: state(columns)?,
    };
    sums::verify(row, COLUMNS.len(), job.id.as_str())?;
    Ok(job)
}

fn state(columns: &mut Columns<'_>) -> Result<JobState> {
    Ok(JobState {
        status: columns.word()?,
        cause: columns.word_or_none()?,
        message: columns.take()?,
        warnings: columns.json_or_default()?,
        since: columns.time()?,
        newest: rank(columns)?,
        covered_by: columns.time_or_none()?,
        missed_through: columns.time_or_none()?,
        judged_report: columns.take()?,
        judged_cause: columns.word_or_none()?,
        waiting: columns.json_or_default::<Option<Box<Waiting>>>()?,
        staged: staged(columns)?,
        last_success_at: columns.time_or_none()?,
        last_report_at: columns.time_or_none()?,
        last_change_at: columns.time_or_none()?,
        last_verified_at: columns.time_or_none()?,
        good: good(columns)?,
        current_version: columns.take()?,
        held: columns.take()?,
        trial_days: columns.json_or_default()?,
        outrun: columns.json_or_default()?,
    })
}

fn rank(columns: &mut Columns<'_>) -> Result<Option<Rank>> {
    let Some(time) = columns.time_or_none()? else {
        columns.skip(2);
        return Ok(None);
    };
    Ok(Some(Rank { time, own: columns.time_or_none()?, file: columns.take()? }))
}

fn staged(columns: &mut Columns<'_>) -> Result<Option<StagedMark>> {
    let Some(file) = columns.take()? else {
        columns.skip(10);
        return Ok(None);
    };
    Ok(Some(StagedMark {
        file,
        identity: columns.identity()?,
        sha256: columns.digest()?,
        kind: columns.take()?,
        stream: stream(columns)?,
    }))
}

fn stream(columns: &mut Columns<'_>) -> Result<Option<ContentStream>> {
    let (sha256, bytes, layer) =
        (columns.digest_or_none()?, columns.unsigned_or_none()?, columns.word_or_none()?);
    Ok(bytes.zip(layer).map(|(bytes, layer)| ContentStream { bytes, sha256, layer }))
}

fn good(columns: &mut Columns<'_>) -> Result<Option<GoodBackup>> {
    let Some(sha256) = columns.digest_or_none()? else {
        columns.skip(6);
        return Ok(None);
    };
    Ok(Some(GoodBackup {
        sha256,
        size_bytes: columns.unsigned()?,
        content_bytes: columns.unsigned_or_none()?,
        report_time: columns.time()?,
        report: columns.take()?,
        file: columns.take()?,
        version: columns.take()?,
    }))
}

/// Inserts or replaces whole. `report` is the id of the unit's report, which a 0 in the job's state means.
pub(super) fn put(db: &Connection, job: &Job, report: Option<i64>) -> Result<()> {
    let state = &job.state;
    let newest = state.newest.as_ref();
    let staged = state.staged.as_ref();
    let identity = staged.map(|staged| &staged.identity);
    let stream = staged.and_then(|staged| staged.stream);
    let good = state.good.as_ref();
    let judged_report = state.judged_report.map(|id| given(id, report)).transpose()?;
    let waiting = match &state.waiting {
        Some(waiting) => Some(Waiting { report: given(waiting.report, report)?, ..Waiting::clone(waiting) }),
        None => None,
    };
    let values: &[&dyn ToSql] = params![
        job.id.as_str(),
        job.key.agent.as_str(),
        job.key.database.as_str(),
        job.labels.company,
        job.labels.city,
        job.labels.neighborhood,
        job.labels.year,
        json_unless(!job.settings.is_set(), &*job.settings)?,
        Micros(job.added_at),
        Micros(job.schedule_changed_at),
        job.schedule_seen,
        job.on_trial,
        time(job.retired_at),
        job.ignored,
        json_unless(job.pauses.is_empty(), &job.pauses)?,
        Worded(state.status),
        state.cause.map(Worded),
        state.message,
        warnings_json(&state.warnings)?,
        Micros(state.since),
        time(newest.map(|rank| rank.time)),
        time(newest.and_then(|rank| rank.own)),
        newest.map(|rank| &rank.file),
        time(state.covered_by),
        time(state.missed_through),
        judged_report,
        state.judged_cause.map(Worded),
        json_unless(waiting.is_none(), &waiting)?,
        staged.map(|staged| &staged.file),
        identity.map(|identity| Unsigned(identity.device)),
        identity.map(|identity| Unsigned(identity.inode)),
        identity.map(|identity| Unsigned(identity.size)),
        identity.map(|identity| identity.mtime),
        identity.map(|identity| identity.ctime),
        staged.map(|staged| Sha(&staged.sha256)),
        staged.and_then(|staged| staged.kind.as_ref()),
        sha(stream.as_ref().and_then(|stream| stream.sha256.as_ref())),
        unsigned(stream.map(|stream| stream.bytes)),
        stream.map(|stream| Worded(stream.layer)),
        time(state.last_success_at),
        time(state.last_report_at),
        time(state.last_change_at),
        time(state.last_verified_at),
        good.map(|good| Sha(&good.sha256)),
        good.map(|good| Unsigned(good.size_bytes)),
        unsigned(good.and_then(|good| good.content_bytes)),
        time(good.map(|good| good.report_time)),
        // A version that was adopted from the disk has no report here: 0 may stay.
        good.map(|good| given(good.report, report).unwrap_or(good.report)),
        good.map(|good| &good.file),
        good.and_then(|good| good.version.as_ref()),
        state.current_version,
        state.held,
        json_unless(state.trial_days.is_empty(), &state.trial_days)?,
        json_unless(state.outrun.is_none(), &state.outrun)?,
    ];
    let sum = sums::of_parameters(values)?;
    let values = values.iter().copied().chain([&sum as &dyn ToSql]);
    db.prepare_cached(&UPSERT)?.execute(params_from_iter(values))?;
    Ok(())
}

/// The id of a report, where 0 means the one of the unit.
pub(super) fn given(id: i64, report: Option<i64>) -> Result<i64> {
    match (id, report) {
        (0, Some(inserted)) => Ok(inserted),
        (0, None) => Err(refusal("a report is meant (0) that is not part of the unit")),
        (known, _) => Ok(known),
    }
}

/// The number by which other tables hold a job.
pub(super) fn number(db: &Connection, job: &JobId) -> Result<i64> {
    let number = db
        .prepare_cached("SELECT num FROM jobs WHERE id = ?1")?
        .query_row(params![job.as_str()], |row| row.get(0))
        .optional()?;
    number.ok_or_else(|| refusal(format!("job `{job}` is not known")))
}

/// The report that it waits for, if it does, speaks of the old name: nothing would ever end the waiting, which keeps a job
/// from being MISSING. Where the report goes along with its agent, the next scan waits for it again.
pub(super) fn rename(db: &Connection, from: &JobId, to: &JobKey) -> Result<()> {
    let number = number(db, from)?;
    let id = to.id();
    if db
        .prepare_cached("SELECT 1 FROM jobs WHERE id = ?1 AND num <> ?2")?
        .exists(params![id.as_str(), number])?
    {
        return Err(refusal(format!("job `{to}` is there already")));
    }
    // Or a bit that flipped before would get a sum of its own.
    db.query_row(&SELECT_ONE, params![number], |row| sums::verify(row, COLUMNS.len(), from.as_str()))?;
    db.execute(
        "UPDATE jobs SET id = ?2, agent = ?3, database = ?4, waiting = NULL WHERE num = ?1",
        params![number, id.as_str(), to.agent.as_str(), to.database.as_str()],
    )?;
    let sum = db.query_row(&SELECT_ONE, params![number], |row| sums::of_row(row, COLUMNS.len()))?;
    db.execute("UPDATE jobs SET sum = ?2 WHERE num = ?1", params![number, sum])?;
    db.execute(
        &format!("UPDATE incidents SET {OF_JOB} WHERE job = ?1"),
        params![number, number, to.agent.as_str(), to.database.as_str()],
    )?;
    Ok(())
}

/// An incident's new place. One of the server, as a promotion that failed, has a job and no agent.
const OF_JOB: &str = "job = ?2, agent = CASE WHEN agent IS NULL THEN NULL ELSE ?3 END, database = ?4";

/// Gives all that hangs on `from` to the job `to`, which is there. Of what both have open, the older one is resolved.
pub(super) fn join(db: &Connection, from: &JobId, to: &JobKey, at: Time) -> Result<()> {
    let (old, new) = (number(db, from)?, number(db, &to.id())?);
    db.execute("UPDATE entries SET job = ?2 WHERE job = ?1", params![old, new])?;
    // The same version in both is the same file: its name has the report's time and the bytes' digest.
    db.execute("UPDATE OR IGNORE versions SET job = ?2 WHERE job = ?1", params![old, new])?;
    db.execute("DELETE FROM versions WHERE job = ?1", params![old])?;
    let place = params![old, new, to.agent.as_str(), to.database.as_str()];
    db.execute(&format!("UPDATE OR IGNORE incidents SET {OF_JOB} WHERE job = ?1"), place)?;
    db.execute(
        "UPDATE incidents SET resolved_at = ?2 WHERE job = ?1 AND resolved_at IS NULL",
        params![old, Micros(at)],
    )?;
    db.execute(&format!("UPDATE incidents SET {OF_JOB} WHERE job = ?1"), place)?;
    db.execute("UPDATE stamps SET stamp = random() WHERE job = ?1", params![new])?;
    Ok(())
}

/// Of every job, by the triggers of the schema.
pub(super) fn stamps(db: &Connection) -> Result<HashMap<JobId, i64>> {
    let mut query =
        db.prepare_cached("SELECT j.id, s.stamp FROM jobs AS j JOIN stamps AS s ON s.job = j.num")?;
    let stamps = query.query_map([], |row| {
        let mut columns = Columns::of(row);
        Ok((columns.job_id()?, columns.take()?))
    })?;
    stamps.collect()
}

/// Every job of an agent, to rename them with it.
pub(super) fn of_agent(db: &Connection, agent: &str) -> Result<Vec<(JobId, JobKey)>> {
    let mut query = db.prepare_cached("SELECT id, agent, database FROM jobs WHERE agent = ?1")?;
    let jobs = query.query_map(params![agent], |row| {
        let mut columns = Columns::of(row);
        Ok((columns.job_id()?, JobKey { agent: columns.agent()?, database: columns.database()? }))
    })?;
    jobs.collect()
}
