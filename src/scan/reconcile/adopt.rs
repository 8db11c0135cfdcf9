//! A version that the disk has and the state does not know: its own `report.json` says what was judged.

use crate::domain::entry::Hold;
use crate::domain::incident::{IncidentChange, Subject};
use crate::domain::job::{GoodBackup, Rank};
use crate::domain::ledger::{self, Consequences, Context, Origin};
use crate::domain::verdict::Inside;
use crate::domain::{Claim, Entry, Job, Problem, Severity, Status, Time, Verdict, Version};
use crate::scan::promote::promotion_subject;
use crate::store::Unit;
use crate::vault::OnDisk;

/// Takes over versions, oldest report first, whose reports are not there to be judged.
pub fn adopt(job: &mut Job, versions: &[OnDisk], context: &Context, unit: &mut Unit) {
    for on_disk in versions {
        let version = on_disk.version();
        if give_back(job, &version) {
            unit.incidents.push(is_kept(job, context));
            unit.versions.push(version);
            continue;
        }
        let rank = Rank { time: on_disk.record.report_time, own: None, file: on_disk.record.report.clone() };
        complete(job, on_disk, &Origin { report: 0, rank }, None, context, unit);
    }
}

/// The version of the last good backup, which was gone: the job has it again, and its history knows it.
fn give_back(job: &mut Job, version: &Version) -> bool {
    let state = &mut job.state;
    let lacking = state.good.as_mut().filter(|good| good.version.is_none() && good.sha256 == version.sha256);
    let Some(good) = lacking.filter(|_| !version.held) else { return false };
    good.version = Some(version.name.clone());
    state.current_version = Some(version.name.clone());
    state.last_verified_at = state.last_verified_at.max(Some(version.verified_at));
    true
}

/// Records what was judged when the version was published, as of that moment. A report's id of 0: it is not known.
pub fn complete(
    job: &mut Job,
    on_disk: &OnDisk,
    origin: &Origin,
    claim: Option<&Claim>,
    context: &Context,
    unit: &mut Unit,
) {
    let version = on_disk.version();
    let is_newer = job.state.newest.as_ref().is_none_or(|newest| *newest < origin.rank);
    // Held by a mark and not by what was found in it: nothing that a judgement would come to.
    let is_odd = version.held && !is_suspicious(&version);
    if is_newer && !is_odd {
        judge(job, on_disk, &version, origin, claim, context, unit);
    } else {
        let mut entry = entry(on_disk, &version);
        entry.report_id = Some(origin.report).filter(|id| *id != 0);
        unit.entries.push(entry);
        if version.held {
            hold_newest(job, &version, context.now, unit);
        } else {
            remember(job, &version, origin.report);
        }
    }
    unit.incidents.push(is_kept(job, context));
    unit.versions.push(version);
}

/// A promotion may have been told as failed after its version was published: by then it could not be looked at.
fn is_kept(job: &Job, context: &Context) -> IncidentChange {
    IncidentChange::Resolve { subject: promotion_subject(&job.id), at: context.now }
}

fn is_suspicious(version: &Version) -> bool {
    version.warnings.iter().any(|warning| warning.is_suspicious())
}

fn judge(
    job: &mut Job,
    on_disk: &OnDisk,
    version: &Version,
    origin: &Origin,
    claim: Option<&Claim>,
    context: &Context,
    unit: &mut Unit,
) {
    let was_judged = Context { now: version.promoted_at.min(context.now), ..*context };
    let mut out = Consequences::default();
    let name = Some(version.name.clone());
    ledger::judge(job, origin, claim, &verdict(on_disk, version), name, &was_judged, &mut out);
    if let Some(entry) = out.entries.last_mut() {
        entry.warnings.clone_from(&version.warnings);
        entry.hold = hold(version);
        entry.report_id = entry.report_id.filter(|id| *id != 0);
    }
    job.state.judged_report = job.state.judged_report.filter(|id| *id != 0);
    if let Some(good) = job.state.good.as_mut().filter(|good| good.file.is_empty()) {
        good.file.clone_from(&version.file_name);
    }
    unit.entries.extend(out.entries);
    unit.incidents.extend(out.incidents);
}

/// What was found then. A suspicious version that is not held was accepted since.
fn verdict(on_disk: &OnDisk, version: &Version) -> Verdict {
    let counts = |warning: &crate::domain::Warning| version.held || !warning.is_suspicious();
    Verdict {
        status: Status::Success,
        cause: None,
        message: on_disk.record.message.clone(),
        warnings: version.warnings.iter().copied().filter(counts).collect(),
        sha256: Some(version.sha256),
        size_bytes: Some(version.size_bytes),
        inside: Some(Box::new(Inside {
            content_bytes: version.content_bytes,
            kind: on_disk.record.kind.clone(),
        })),
        ends_hold: false,
    }
}

/// A held version that is newer than the last good one makes the job held.
pub fn hold_newest(job: &mut Job, version: &Version, now: Time, unit: &mut Unit) {
    if job.state.good.as_ref().is_some_and(|good| good.report_time >= version.report_time) {
        return;
    }
    job.state.held = true;
    unit.incidents.push(IncidentChange::Raise {
        subject: Subject::version(Problem::VersionHeld, &job.key.agent, &job.id),
        database: Some(job.key.database.to_string()),
        severity: Severity::Critical,
        cause: None,
        message: format!("version {} is held", version.name),
        at: now,
    });
}

/// The job's last good backup, where this version is newer than the one that it knows; its status is a newer report's.
fn remember(job: &mut Job, version: &Version, report: i64) {
    let state = &mut job.state;
    let at = Some(version.report_time);
    if state.good.as_ref().is_some_and(|good| good.report_time >= version.report_time) {
        return;
    }
    state.last_success_at = state.last_success_at.max(at);
    state.last_change_at = state.last_change_at.max(at);
    state.last_verified_at = state.last_verified_at.max(Some(version.verified_at));
    state.current_version = Some(version.name.clone());
    state.good = Some(good_backup(version, report));
}

/// A version as the good backup that the next one is compared with.
#[must_use]
pub fn good_backup(version: &Version, report: i64) -> GoodBackup {
    GoodBackup {
        sha256: version.sha256,
        size_bytes: version.size_bytes,
        content_bytes: version.content_bytes,
        report_time: version.report_time,
        report,
        file: version.file_name.clone(),
        version: Some(version.name.clone()),
    }
}

/// A suspicious version without its mark was accepted.
fn hold(version: &Version) -> Option<Hold> {
    match (version.held, is_suspicious(version)) {
        (true, _) => Some(Hold::Held),
        (false, true) => Some(Hold::Accepted),
        (false, false) => None,
    }
}

fn entry(on_disk: &OnDisk, version: &Version) -> Entry {
    let message = format!("{} (from the version on the disk)", on_disk.record.message);
    Entry {
        status: Some(Status::Success),
        warnings: version.warnings.clone(),
        report: Some(on_disk.record.report.clone()),
        report_time: Some(version.report_time),
        sha256: Some(version.sha256),
        size_bytes: Some(version.size_bytes),
        content_bytes: version.content_bytes,
        kind: on_disk.record.kind.clone(),
        hold: hold(version),
        version: Some(version.name.clone()),
        ..Entry::blank(&version.job, message, version.promoted_at)
    }
}
