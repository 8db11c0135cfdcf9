//! Second pass: of every job's new reports, which is the newest, and is it decided or must its file be read?
//!
//! All that needs no reading is judged and recorded here: first the facts, then the bytes.

use std::collections::{BTreeMap, HashMap, HashSet};

use super::doubt::{Twin, Twins, doubt, find_shared_files};
use super::harvest::{Harvest, OpenReport};
use super::jobs::resolve_job;
use super::notes::{Notes, ReportNotes};
use super::reconcile::Reconciliation;
use super::reconcile::adopt::complete;
use super::summary::Summary;
use super::world::{Tracked, World};
use super::{Scan, WaitingEntries};
use crate::domain::job::{FileIdentity, Rank, StagedMark};
use crate::domain::ledger::{self, Consequences, Origin};
use crate::domain::set_back::{is_confirmed, set_back};
use crate::domain::settling::{Look, Patience, Settled, Unmet, settled, verdict_of};
use crate::domain::text::printable;
use crate::domain::timing::{age, time_that_counts};
use crate::domain::verdict::{Content, Evidence, Expectation, Measurement, Proof, compare, expectation};
use crate::domain::{Cause, Claim, Job, JobId, JobKey, Report, Time, Verdict};
use crate::source::{Fault, FoundAgent};
use crate::store::{ReportState, Result, Unit};
use crate::vault::OnDisk;

/// A staged file that must be read before its job can be judged.
pub struct Task {
    pub key: JobKey,
    /// Index of its report in the harvest.
    pub report: usize,
    pub entry: usize,
    pub origin: Origin,
    pub expectation: Expectation,
    pub agent: FoundAgent,
    pub identity: FileIdentity,
    pub purpose: Purpose,
    /// Another database that is said to be saved with the same bytes.
    pub twin: Option<Twin>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Purpose {
    /// The newest report of its job, or a new look at the newest judged one.
    Newest,
    /// An older report than the newest judged one: judged only when its checksum is that of bytes never judged before.
    Older,
    /// The newest judged report, bad for want of the right file, whose file has changed since.
    Again,
}

/// What the second pass leaves to be done.
#[derive(Default)]
pub struct Decisions {
    pub tasks: Vec<Task>,
    /// Entries of each report that wait for the next scan.
    pub waiting: WaitingEntries,
    /// Jobs of which something could not be looked at for the monitor's own reasons.
    pub unsettled: HashSet<JobKey>,
}

/// One mention of a job in an open report.
struct Candidate {
    key: JobKey,
    report: usize,
    entry: usize,
    rank: Rank,
}

pub fn decide(
    scan: &mut Scan,
    world: &mut World,
    summary: &mut Summary,
    harvest: &mut Harvest,
    reconciliation: &mut Reconciliation,
) -> Result<Decisions> {
    let candidates = gather(scan, world, harvest)?;
    let mut newest: HashMap<JobKey, Rank> = HashMap::new();
    for candidate in &candidates {
        let best = newest.entry(candidate.key.clone()).or_insert_with(|| candidate.rank.clone());
        if *best < candidate.rank {
            *best = candidate.rank.clone();
        }
    }
    let mut decisions = Decisions::default();
    let mut by_report: BTreeMap<usize, Vec<Candidate>> = BTreeMap::new();
    for candidate in candidates {
        by_report.entry(candidate.report).or_default().push(candidate);
    }
    // Oldest first, so that the cycles of each job are covered and missed in their order.
    let mut order: Vec<usize> = (0..harvest.reports.len()).collect();
    order.sort_by_key(|index| by_report.get(index).and_then(|c| c.iter().map(|c| c.rank.clone()).min()));
    for index in order {
        let mine = by_report.remove(&index).unwrap_or_default();
        decide_report(scan, world, summary, harvest, index, mine, &newest, reconciliation, &mut decisions)?;
    }
    look_again(scan, world, harvest, &mut decisions)?;
    find_shared_files(world, &mut decisions.tasks);
    harvest.tell_failures(summary);
    Ok(decisions)
}

/// Every mention of a job that is not judged yet, with its rank; discovers jobs and tells of bad names and clocks.
fn gather(scan: &mut Scan, world: &mut World, harvest: &Harvest) -> Result<Vec<Candidate>> {
    let mut candidates = Vec::new();
    let mut notes = Notes::default();
    for (index, open) in harvest.reports.iter().enumerate() {
        let judged: HashSet<JobId> = scan.store.jobs_judged_from(open.record.id)?.into_iter().collect();
        let mut shown = ReportNotes::default();
        let mut unit = Unit::default();
        for (position, entry) in open.report.entries.iter().enumerate() {
            let Some(key) = resolve_job(world, &open.agent.id, &entry.name, &mut shown, &mut unit) else {
                continue;
            };
            let Some(tracked) = world.jobs.get_mut(&key) else { continue };
            if judged.contains(&tracked.job.id) {
                continue;
            }
            let timezone = tracked.effective.timezone_configured.then(|| tracked.effective.schedule.timezone);
            let timing = time_that_counts(open.report.own, open.record.received_at, timezone);
            shown.compare_clock(&timing);
            let rank = Rank { time: timing.time, own: timing.own, file: open.record.file.clone() };
            if is_confirmed(world.now, timing.own)
                && set_back(&mut tracked.job, &tracked.effective.schedule, &tracked.windows, world.now)
            {
                unit.jobs.push(tracked.job.clone());
            }
            candidates.push(Candidate { key, report: index, entry: position, rank });
        }
        notes.add(open, &shown, world.now);
        if !unit.jobs.is_empty() {
            scan.store.commit(&unit)?;
        }
    }
    notes.tell(scan, world)?;
    Ok(candidates)
}

/// Judges of one report all that needs no reading, in one transaction.
#[expect(
    clippy::too_many_arguments,
    reason = "the pass hands down what it has; a struct would only rename it"
)]
fn decide_report(
    scan: &mut Scan,
    world: &mut World,
    summary: &mut Summary,
    harvest: &Harvest,
    index: usize,
    candidates: Vec<Candidate>,
    newest: &HashMap<JobKey, Rank>,
    reconciliation: &mut Reconciliation,
    decisions: &mut Decisions,
) -> Result<()> {
    let open = &harvest.reports[index];
    let shared = files_named_twice(&open.report);
    let twins = Twins::of(&open.report);
    let mut unit = Unit::default();
    let mut out = Consequences::default();
    let mut reading = 0;
    let mut waiting = 0;
    for candidate in candidates {
        let Some(tracked) = world.jobs.get(&candidate.key) else { continue };
        let last_report = world.last_report_of(&candidate.key.agent);
        let origin = Origin { report: open.record.id, rank: candidate.rank.clone() };
        let context = tracked.context(world.config, last_report, world.now);
        let mut job = tracked.job.clone();
        let half_done = reconciliation.half_done(&candidate.key, &open.report.content);
        let step = if let Some(version) = half_done {
            Step::Completed(Box::new(version))
        } else if newest.get(&candidate.key).is_some_and(|best| *best > candidate.rank) {
            Step::Superseded
        } else {
            look(scan, tracked, open, candidate.entry, &origin, &shared, world)?
        };
        let claim = open.report.entries[candidate.entry].claim.as_ref();
        let mut completed = None;
        match step {
            Step::Superseded => {
                ledger::supersede(&mut job, &origin, said_failed(open, candidate.entry), &context, &mut out);
                summary.reports.superseded += 1;
            }
            Step::Completed(version) => {
                // An older report than the newest judged one counts by the time at which it was judged.
                let rank = Rank { time: version.record.report_time, ..origin.rank };
                let judged = Origin { rank, ..origin };
                complete(&mut job, &version, &judged, claim.ok(), &context, &mut unit);
                job.state.waiting.take_if(|waiting| waiting.report == open.record.id);
                completed = Some(version.record.version);
            }
            Step::Judged(mut verdict) => {
                doubt(scan, &job, twins.twin(candidate.entry).as_ref(), &mut verdict)?;
                ledger::judge(&mut job, &origin, claim.ok(), &verdict, None, &context, &mut out);
            }
            Step::Wait { staged_seen } => {
                let unmet = Some(handed_on(tracked, open, &candidate.rank, world));
                let wait = job.state.wait_for(open.record.id, world.now);
                (wait.staged_seen, wait.unmet) = (staged_seen, unmet);
                waiting += 1;
            }
            Step::Read { expectation, identity, purpose } => {
                if purpose == Purpose::Newest {
                    wait_for(&mut job, open.record.id, identity, world.now);
                }
                decisions.tasks.push(Task {
                    key: candidate.key.clone(),
                    report: index,
                    entry: candidate.entry,
                    origin,
                    expectation,
                    agent: open.agent.clone(),
                    identity,
                    purpose,
                    twin: twins.twin(candidate.entry),
                });
                reading += 1;
            }
            Step::Unsettled(reason) => {
                summary.not_done(format!(
                    "the staged file of {} cannot be looked at: {reason}",
                    printable(&candidate.key.to_string())
                ));
                decisions.unsettled.insert(candidate.key.clone());
                waiting += 1;
            }
        }
        if let Some(tracked) = world.jobs.get_mut(&candidate.key) {
            if tracked.job != job {
                unit.jobs.push(job.clone());
            }
            let good = job.state.good.as_ref().and_then(|good| good.version.as_ref());
            tracked.version_is_there |= completed.is_some() && good == completed.as_ref();
            tracked.job = job;
        }
    }
    unit.entries.extend(out.entries);
    unit.incidents.extend(out.incidents);
    if waiting > 0 {
        decisions.waiting.insert(index, waiting);
    }
    if reading > 0 {
        // The last file to be read decides about the report.
    } else if waiting > 0 {
        summary.reports.waiting += 1;
    } else {
        unit.report = Some(crate::store::ReportRecord { state: ReportState::Judged, ..open.record.clone() });
        summary.reports.judged += 1;
    }
    scan.store.commit(&unit)?;
    Ok(())
}

/// Until its file is read, the job is waiting for it.
fn wait_for(job: &mut Job, report: i64, identity: FileIdentity, now: Time) {
    let of_report = job.state.waiting.as_ref().filter(|waiting| waiting.report == report);
    let seen = of_report.and_then(|waiting| waiting.staged_seen).filter(|(seen, _)| *seen == identity);
    job.state.wait_for(report, now).staged_seen = Some(seen.unwrap_or((identity, now)));
}

/// What a look without reading comes to.
enum Step {
    Superseded,
    /// Its version was published, and the run was cut off before it was recorded.
    Completed(Box<OnDisk>),
    Judged(Verdict),
    Wait {
        staged_seen: Option<(FileIdentity, Time)>,
    },
    Read {
        expectation: Expectation,
        identity: FileIdentity,
        purpose: Purpose,
    },
    /// The monitor's own failure.
    Unsettled(String),
}

fn look(
    scan: &Scan,
    tracked: &Tracked,
    open: &OpenReport,
    position: usize,
    origin: &Origin,
    shared: &HashSet<&str>,
    world: &World,
) -> Result<Step> {
    let now = world.now;
    let entry = &open.report.entries[position];
    let older = tracked.job.state.newest.as_ref().is_some_and(|judged| *judged > origin.rank);
    let wanted = match wanted(entry.claim.as_ref(), &open.report, shared) {
        Ok(expectation) => expectation,
        Err(_) if older => return Ok(Step::Superseded),
        Err(verdict) => return Ok(Step::Judged(verdict)),
    };
    let found = scan.source.look(&open.agent, &wanted.file);
    if older {
        return look_at_older(scan, tracked, &wanted, found);
    }
    let patience = patience(tracked, open, &origin.rank, world);
    let evidence = match found {
        Ok(identity) => match known(tracked, &wanted, &identity) {
            Known::Evidence(evidence) => *evidence,
            Known::Unread => {
                return Ok(Step::Read { expectation: wanted, identity, purpose: Purpose::Newest });
            }
        },
        Err(Fault::Absent) => Evidence::Absent,
        Err(Fault::WrongKind(what)) => Evidence::NotARegularFile(what.to_owned()),
        Err(Fault::Agents(reason)) => Evidence::Unreadable(reason),
        Err(Fault::Monitors(reason)) => return Ok(Step::Unsettled(reason)),
    };
    weigh(scan, tracked, &wanted, &evidence, &patience, now)
}

/// An older report than the newest judged one changes nothing, unless its checksum is that of bytes never judged before:
/// a clock that was set back must not stop backups from being kept. It is decided at the first look: a job must not be
/// kept from MISSING by a report that comes late.
fn look_at_older(
    scan: &Scan,
    tracked: &Tracked,
    wanted: &Expectation,
    found: std::result::Result<FileIdentity, Fault>,
) -> Result<Step> {
    let (Proof::Staged(digest) | Proof::StagedOrContent(digest)) = wanted.proof else {
        return Ok(Step::Superseded);
    };
    if scan.store.judged_before(&tracked.job.id, &digest)? {
        return Ok(Step::Superseded);
    }
    let is_other = |identity: &FileIdentity| {
        let mark = tracked.job.state.staged.as_ref();
        mark.is_some_and(|mark| {
            mark.file == wanted.file && mark.identity == *identity && mark.sha256 != digest
        })
    };
    Ok(match found {
        Err(Fault::Monitors(reason)) => Step::Unsettled(reason),
        Ok(identity) if !is_other(&identity) => {
            Step::Read { expectation: wanted.clone(), identity, purpose: Purpose::Older }
        }
        Ok(_) | Err(_) => Step::Superseded,
    })
}

/// Compares, and decides whether a bad look is final.
fn weigh(
    scan: &Scan,
    tracked: &Tracked,
    wanted: &Expectation,
    evidence: &Evidence,
    patience: &Patience,
    now: Time,
) -> Result<Step> {
    let state = &tracked.job.state;
    let verdict = compare(wanted, evidence, state.good.as_ref().map(|good| &good.sha256));
    let (look, seen) = match evidence {
        _ if verdict.cause.is_none_or(|cause| !cause.heals_by_file()) => return Ok(Step::Judged(verdict)),
        Evidence::Read(found) => {
            let seen = staged_seen(tracked, &found.identity, now);
            if scan.store.judged_before(&tracked.job.id, &found.sha256)? {
                (Look::OldFile, Some(seen))
            } else {
                (Look::OtherFile { age: age(&found.identity, seen.1, now) }, Some(seen))
            }
        }
        Evidence::Absent | Evidence::NotARegularFile(_) | Evidence::Unreadable(_) => (Look::NoFile, None),
    };
    Ok(match settled(look, patience, now) {
        Settled::NotYet => Step::Wait { staged_seen: seen },
        Settled::AsFound => Step::Judged(verdict),
        Settled::Because(cause) => Step::Judged(verdict_of(cause, verdict, &wanted.file)),
    })
}

/// Since when this content of the staged file is known.
fn staged_seen(tracked: &Tracked, identity: &FileIdentity, now: Time) -> (FileIdentity, Time) {
    let waiting = tracked.job.state.waiting.as_ref().and_then(|waiting| waiting.staged_seen);
    waiting.filter(|(seen, _)| seen == identity).unwrap_or((*identity, now))
}

/// The same decision after the file was read; `None` while it may still be on its way.
pub fn weigh_read(
    scan: &Scan,
    tracked: &Tracked,
    open: &OpenReport,
    task: &Task,
    evidence: &Evidence,
    world: &World,
) -> Result<Option<Verdict>> {
    let patience = patience(tracked, open, &task.origin.rank, world);
    Ok(match weigh(scan, tracked, &task.expectation, evidence, &patience, world.now)? {
        Step::Judged(verdict) => Some(verdict),
        Step::Superseded
        | Step::Completed(_)
        | Step::Wait { .. }
        | Step::Read { .. }
        | Step::Unsettled(_) => None,
    })
}

/// Whether a file that changes at each look has had its time.
pub fn never_settles(tracked: &Tracked, open: &OpenReport, rank: &Rank, world: &World) -> bool {
    patience(tracked, open, rank, world).is_over(world.now)
}

/// What a newer report takes over of the patience with this one, whose file is still on its way.
pub fn handed_on(tracked: &Tracked, open: &OpenReport, rank: &Rank, world: &World) -> Unmet {
    patience(tracked, open, rank, world).handed_on(world.now)
}

fn patience(tracked: &Tracked, open: &OpenReport, rank: &Rank, world: &World) -> Patience {
    let (config, now) = (world.config, world.now);
    let schedule = &tracked.effective.schedule;
    let cycle_deadline = match schedule.covered_occurrence(rank.time) {
        Some(occurrence) => Some(occurrence + schedule.grace),
        None => schedule.open_cycle(&tracked.job.anchor(), &tracked.windows).map(|cycle| cycle.deadline),
    };
    Patience {
        settle: config.scan.settle.delta(),
        arrival: config.scan.arrival.delta(),
        report_age: age(&open.record.identity, open.record.first_seen, now),
        cycle_deadline,
        unmet: tracked.job.state.waiting.as_ref().and_then(|waiting| waiting.unmet),
        last_scan: world.last_scan,
    }
}

enum Known {
    Evidence(Box<Evidence>),
    Unread,
}

/// A staged file whose identity is unchanged since it was read is not read again; but what would be a new good backup
/// is, for it lacks its copy and its content check.
fn known(tracked: &Tracked, wanted: &Expectation, identity: &FileIdentity) -> Known {
    let state = &tracked.job.state;
    let Some(mark) =
        state.staged.as_ref().filter(|mark| mark.file == wanted.file && mark.identity == *identity)
    else {
        return Known::Unread;
    };
    let evidence = Evidence::Read(from_mark(mark));
    let verdict = compare(wanted, &evidence, state.good.as_ref().map(|good| &good.sha256));
    let is_the_good_one = state.good.as_ref().is_some_and(|good| good.sha256 == mark.sha256);
    if verdict.cause.is_none() && !(is_the_good_one && tracked.version_is_there) {
        return Known::Unread;
    }
    Known::Evidence(Box::new(evidence))
}

pub fn from_mark(mark: &StagedMark) -> Measurement {
    Measurement {
        identity: mark.identity,
        sha256: mark.sha256,
        size_bytes: mark.identity.size,
        content: Content { kind: mark.kind.clone(), stream: mark.stream, ..Content::default() },
    }
}

/// The expectation of an entry, or the verdict that needs no look.
fn wanted(
    claim: std::result::Result<&Claim, &String>,
    report: &Report,
    shared: &HashSet<&str>,
) -> std::result::Result<Expectation, Verdict> {
    let claim = claim
        .map_err(|reason| Verdict::failed(Cause::EntryInvalid, format!("the entry is invalid: {reason}")))?;
    let expectation = expectation(claim, report.overall_failed.as_deref())?;
    if shared.contains(expectation.file.as_str()) {
        let message = format!(
            "`{}` is named by two databases of the report: it can be only one's",
            printable(&expectation.file)
        );
        return Err(Verdict::failed(Cause::SameFile, message));
    }
    Ok(expectation)
}

/// Staged files that two entries of a report name.
fn files_named_twice(report: &Report) -> HashSet<&str> {
    let mut seen = HashSet::new();
    let named = report.entries.iter().filter_map(|entry| entry.claim.as_ref().ok());
    named
        .filter(|claim| expectation(claim, report.overall_failed.as_deref()).is_ok())
        .filter_map(|claim| claim.staged_file.as_deref())
        .filter(|file| !seen.insert(*file))
        .collect()
}

/// The verdict of a superseded entry: only where the agent itself says that it failed.
fn said_failed(open: &OpenReport, position: usize) -> Option<Verdict> {
    let claim = open.report.entries[position].claim.as_ref().ok()?;
    expectation(claim, open.report.overall_failed.as_deref()).err().filter(|verdict| {
        matches!(
            verdict.cause,
            Some(Cause::BackupFailed | Cause::CompressFailed | Cause::TransferFailed | Cause::AgentFailed)
        )
    })
}

/// A staged file that was judged bad and has changed since is looked at again, as a new entry of the same report: what
/// arrives at last, whole, is a good backup.
fn look_again(scan: &Scan, world: &World, harvest: &mut Harvest, decisions: &mut Decisions) -> Result<()> {
    let busy: HashSet<&JobKey> = decisions.tasks.iter().map(|task| &task.key).collect();
    let mut by_report: BTreeMap<i64, Vec<&Tracked>> = BTreeMap::new();
    for tracked in world.jobs.values() {
        let state = &tracked.job.state;
        let heals = state.waiting.is_none() && state.judged_cause.is_some_and(Cause::heals_by_file);
        let (true, Some(report)) = (heals, state.judged_report) else { continue };
        if !busy.contains(&tracked.job.key) && !tracked.job.ignored {
            by_report.entry(report).or_default().push(tracked);
        }
    }
    let mut tasks = Vec::new();
    for (report, jobs) in by_report {
        let (harvested, found) = (harvest.count(), tasks.len());
        let Some(index) = harvest.index_of(scan, world, report)? else { continue };
        for tracked in jobs {
            tasks.extend(again(scan, harvest, index, tracked));
        }
        // Usually nothing has changed, and only what is to be read is held.
        if tasks.len() == found {
            harvest.forget_from(harvested);
        }
    }
    decisions.tasks.extend(tasks);
    Ok(())
}

/// The task of a job whose staged file is another one than was judged by the report at `index`.
fn again(scan: &Scan, harvest: &mut Harvest, index: usize, tracked: &Tracked) -> Option<Task> {
    let state = &tracked.job.state;
    let (report, rank) = (state.judged_report?, state.newest.clone()?);
    let open = &harvest.reports[index];
    let shared = files_named_twice(&open.report);
    let named = |entry: &crate::domain::ReportEntry| entry.name == tracked.job.key.database.as_str();
    let entry = open.report.entries.iter().position(named)?;
    let expectation = wanted(open.report.entries[entry].claim.as_ref(), &open.report, &shared).ok()?;
    let agent = open.agent.clone();
    let identity = harvest.look(scan, &agent, &expectation.file)?;
    let is_judged = |mark: &StagedMark| mark.file == expectation.file && mark.identity == identity;
    if state.staged.as_ref().is_some_and(is_judged) {
        return None;
    }
    Some(Task {
        key: tracked.job.key.clone(),
        report: index,
        entry,
        origin: Origin { report, rank },
        expectation,
        agent,
        identity,
        purpose: Purpose::Again,
        twin: Twins::of(&harvest.reports[index].report).twin(entry),
    })
}
