//! How a job's state goes on: a judged report, a superseded one, a missed cycle; with the history entries and the
//! incidents that follow.

use chrono_tz::Tz;

use super::entry::{AgentSeconds, Hold};
use super::incident::{IncidentChange, Subject};
use super::job::{GoodBackup, Rank};
use super::schedule::{Cycle, Schedule, Window};
use super::standing::missing_message;
use super::text::printable;
use super::{Cause, Checksum, Claim, Entry, Job, OwnTime, Problem, Severity, Status, Time, Verdict};

/// The report that a judgement is about.
#[derive(Debug, Clone, PartialEq)]
pub struct Origin {
    /// The state's id of the report.
    pub report: i64,
    pub rank: Rank,
}

/// What a step of the ledger adds to the history and to the set of open incidents.
#[derive(Debug, Default)]
pub struct Consequences {
    pub entries: Vec<Entry>,
    pub incidents: Vec<IncidentChange>,
}

/// What the ledger must know beside the job.
#[derive(Debug, Clone, Copy)]
pub struct Context<'a> {
    pub schedule: &'a Schedule,
    /// Pauses and maintenance, sorted.
    pub windows: &'a [Window],
    /// Different days on which a discovered job must report before its trial ends.
    pub trial_days: usize,
    pub agent_last_report: Option<Time>,
    pub now: Time,
}

/// Records the cycles whose deadline had come at `until` without a report.
pub fn miss_cycles(job: &mut Job, context: &Context, until: Time, out: &mut Consequences) {
    if job.retired_at.is_some() || job.ignored {
        return;
    }
    let missed = context.schedule.missed(&job.anchor(), context.windows, until);
    for cycle in &missed {
        job.state.missed_through = Some(cycle.due);
        if !job.on_trial {
            miss(job, *cycle, context.agent_last_report, out);
        }
    }
}

fn miss(job: &mut Job, cycle: Cycle, agent_last_report: Option<Time>, out: &mut Consequences) {
    let message = missing_message(cycle, agent_last_report);
    if job.state.status != Status::Missing {
        job.state.since = cycle.deadline;
    }
    job.state.status = Status::Missing;
    job.state.cause = Some(Cause::NoReport);
    job.state.message = Some(message.clone());
    job.state.warnings.clear();
    // The years that are over are one item of the fleet; the history goes on.
    if !job.year_is_over() {
        out.incidents.push(raise(job, Cause::NoReport, message.clone(), cycle.deadline));
    }
    out.entries.push(Entry {
        status: Some(Status::Missing),
        cause: Some(Cause::NoReport),
        cycle: Some(cycle.due),
        ..Entry::blank(&job.id, message, cycle.deadline)
    });
}

/// A report that a newer one replaces before it was judged: it covers its cycle and raises nothing.
pub fn supersede(
    job: &mut Job,
    origin: &Origin,
    verdict: Option<Verdict>,
    context: &Context,
    out: &mut Consequences,
) {
    cover(job, origin.rank.time, context, out);
    // Only what the agent itself says is kept of it; its file is no longer there to be compared.
    let (status, cause, message) = match verdict {
        Some(verdict) => (Some(verdict.status), verdict.cause, verdict.message),
        None => (None, None, "superseded by a newer report".to_owned()),
    };
    out.entries.push(Entry {
        status,
        cause,
        report: Some(origin.rank.file.clone()),
        report_id: Some(origin.report),
        report_time: Some(origin.rank.time),
        cycle: context.schedule.covered_occurrence(origin.rank.time),
        superseded: true,
        ..Entry::blank(&job.id, message, context.now)
    });
}

/// Records a verdict on the newest report. Gives whether the job's status is now the verdict's: a good backup for a
/// cycle before the newest missed one is kept, and the job stays MISSING.
pub fn judge(
    job: &mut Job,
    origin: &Origin,
    claim: Option<&Claim>,
    verdict: &Verdict,
    version: Option<String>,
    context: &Context,
    out: &mut Consequences,
) -> bool {
    cover(job, origin.rank.time, context, out);
    job.state.newest = Some(origin.rank.clone());
    job.state.judged_report = Some(origin.report);
    job.state.waiting = None;
    job.state.judged_cause = verdict.cause;
    let covers_missed =
        job.state.missed_through.is_none_or(|missed| context.schedule.covers(origin.rank.time, missed));
    let shows = job.state.status != Status::Missing || covers_missed;
    if shows {
        show(job, verdict, context.now, out);
    }
    if job.retired_at.is_some_and(|retired_at| origin.rank.time > retired_at) {
        out.incidents.push(reports_again(job, context.now));
    }
    if verdict.status.is_ok() {
        succeed(job, origin, claim, verdict, version.clone(), context.now, out);
    }
    out.entries.push(Entry {
        status: Some(verdict.status),
        cause: verdict.cause,
        warnings: verdict.warnings.clone(),
        report: Some(origin.rank.file.clone()),
        report_id: Some(origin.report),
        report_time: Some(origin.rank.time),
        cycle: context.schedule.covered_occurrence(origin.rank.time),
        sha256: verdict.sha256,
        size_bytes: verdict.size_bytes,
        content_bytes: verdict.content_bytes(),
        kind: verdict.kind().map(str::to_owned),
        hold: hold(verdict),
        reported_sha256: claim.and_then(reported_sha256),
        reported_size: claim.and_then(|claim| claim.compress.size),
        version,
        agent_seconds: claim.map(agent_seconds).unwrap_or_default(),
        ..Entry::blank(&job.id, verdict.message.clone(), context.now)
    });
    shows
}

fn hold(verdict: &Verdict) -> Option<Hold> {
    match (verdict.status.is_ok(), verdict.is_suspicious(), verdict.ends_hold) {
        (true, true, _) => Some(Hold::Held),
        (true, false, true) => Some(Hold::Accepted),
        (true, false, false) | (false, _, _) => None,
    }
}

fn show(job: &mut Job, verdict: &Verdict, now: Time, out: &mut Consequences) {
    if job.state.status != verdict.status {
        job.state.since = now;
    }
    job.state.status = verdict.status;
    job.state.cause = verdict.cause;
    job.state.message = Some(verdict.message.clone());
    job.state.warnings.clone_from(&verdict.warnings);
    match verdict.cause {
        // Nothing is expected of a retired job: that it reports at all is what is told.
        Some(_) if job.retired_at.is_some() => {}
        Some(cause) => out.incidents.push(raise(job, cause, verdict.message.clone(), now)),
        None => out
            .incidents
            .push(IncidentChange::Resolve { subject: Subject::job(&job.key.agent, &job.id), at: now }),
    }
}

/// A good backup becomes the one that the next is compared with; a suspicious one is held instead.
fn succeed(
    job: &mut Job,
    origin: &Origin,
    claim: Option<&Claim>,
    verdict: &Verdict,
    version: Option<String>,
    now: Time,
    out: &mut Consequences,
) {
    let (Some(sha256), Some(size_bytes)) = (verdict.sha256, verdict.size_bytes) else { return };
    let subject = Subject::version(Problem::VersionHeld, &job.key.agent, &job.id);
    if verdict.is_suspicious() {
        job.state.held = true;
        out.incidents.push(IncidentChange::Raise {
            subject,
            database: Some(job.key.database.to_string()),
            severity: Severity::Critical,
            cause: None,
            message: format!("the newest version is held: {}", verdict.message),
            at: now,
        });
        return;
    }
    if job.state.held {
        job.state.held = false;
        out.incidents.push(IncidentChange::Resolve { subject, at: now });
    }
    let good = GoodBackup {
        sha256,
        size_bytes,
        content_bytes: verdict.content_bytes(),
        report_time: origin.rank.time,
        report: origin.report,
        file: claim.and_then(|claim| claim.staged_file.clone()).unwrap_or_default(),
        version,
    };
    remember_good(job, good, now);
}

/// An operator's word that what is held is good.
#[derive(Debug, Clone)]
pub struct Acceptance<'a> {
    pub good: GoodBackup,
    /// When its bytes were last read and found right.
    pub verified_at: Time,
    pub who: &'a str,
    pub why: Option<&'a str>,
    pub now: Time,
}

/// What was held becomes the good one that the next is compared with. Gives the end of the hold.
pub fn accept(job: &mut Job, acceptance: Acceptance) -> IncidentChange {
    let Acceptance { good, verified_at, who, why, now } = acceptance;
    let state = &mut job.state;
    state.held = false;
    if state.status.is_ok() {
        state.warnings.retain(|warning| !warning.is_suspicious());
        let why = why.map(|why| format!(": {}", printable(why))).unwrap_or_default();
        let said = state.message.take().unwrap_or_default();
        state.message = Some(format!("{said}; accepted by {}{why}", printable(who)));
    }
    remember_good(job, good, verified_at);
    let subject = Subject::version(Problem::VersionHeld, &job.key.agent, &job.id);
    IncidentChange::Resolve { subject, at: now }
}

fn remember_good(job: &mut Job, good: GoodBackup, verified_at: Time) {
    let state = &mut job.state;
    let new_bytes = state.good.as_ref().is_none_or(|last| last.sha256 != good.sha256);
    state.last_success_at = state.last_success_at.max(Some(good.report_time));
    if new_bytes {
        state.last_change_at = state.last_change_at.max(Some(good.report_time));
    }
    // The same bytes keep the version that they already have.
    let version = good.version.clone().or_else(|| {
        state.good.as_ref().filter(|last| last.sha256 == good.sha256).and_then(|last| last.version.clone())
    });
    if let Some(version) = &version {
        state.current_version = Some(version.clone());
    }
    state.last_verified_at = state.last_verified_at.max(Some(verified_at));
    state.good = Some(GoodBackup { version, ..good });
}

/// Cycles that were over before this report are missed ones; from it on they count anew.
fn cover(job: &mut Job, time: Time, context: &Context, out: &mut Consequences) {
    if job.state.covered_by.is_none_or(|covered| covered < time) {
        miss_cycles(job, context, time, out);
        job.state.covered_by = Some(time);
        if job.state.outrun.is_some_and(|outrun| outrun.since <= time) {
            job.state.outrun = None;
        }
        job.state.last_report_at = Some(time);
    }
    end_trial(job, time, context.schedule.timezone, context.trial_days);
}

fn end_trial(job: &mut Job, time: Time, timezone: Tz, trial_days: usize) {
    if !job.on_trial {
        return;
    }
    let day = time.with_timezone(&timezone).date_naive();
    if !job.state.trial_days.contains(&day) {
        job.state.trial_days.push(day);
    }
    if job.state.trial_days.len() >= trial_days {
        job.on_trial = false;
        job.state.trial_days.clear();
    }
}

fn raise(job: &Job, cause: Cause, message: String, at: Time) -> IncidentChange {
    IncidentChange::Raise {
        subject: Subject::job(&job.key.agent, &job.id),
        database: Some(job.key.database.to_string()),
        severity: Severity::Critical,
        cause: Some(cause.word().to_owned()),
        message,
        at,
    }
}

/// Said with the same words each time, so that it is told once.
fn reports_again(job: &Job, at: Time) -> IncidentChange {
    IncidentChange::Raise {
        subject: Subject::version(Problem::RetiredReports, &job.key.agent, &job.id),
        database: Some(job.key.database.to_string()),
        severity: Severity::Warning,
        cause: None,
        message: "it was retired and reports again: what comes is judged and kept, but nobody is told when it stops".to_owned(),
        at,
    }
}

fn reported_sha256(claim: &Claim) -> Option<String> {
    [&claim.compress.checksum, &claim.backup.checksum].into_iter().find_map(|checksum| match checksum {
        Checksum::Absent => None,
        Checksum::Valid(digest) => Some(digest.to_string()),
        Checksum::Invalid(text) => Some(text.clone()),
    })
}

fn agent_seconds(claim: &Claim) -> AgentSeconds {
    let seconds = |started: OwnTime, ended: OwnTime| {
        let span = match (started, ended) {
            (OwnTime::Zoned(a), OwnTime::Zoned(b)) => b - a,
            (OwnTime::Naive(a), OwnTime::Naive(b)) => b - a,
            _ => return None,
        };
        u64::try_from(span.num_seconds()).ok()
    };
    AgentSeconds {
        backup: seconds(claim.backup.started, claim.backup.ended),
        compress: seconds(claim.compress.started, claim.compress.ended),
        transfer: seconds(claim.transfer.started, claim.transfer.ended),
    }
}
