//! The turn of the year, and retired jobs that were expected again: what no report and no deadline tells by itself.

use std::collections::HashSet;

use super::Scan;
use super::world::World;
use crate::domain::family::{self, families};
use crate::domain::incident::{IncidentChange, IncidentKind, Subject};
use crate::domain::{Job, JobKey, Problem, Severity, Status, Time};
use crate::store::{Result, Unit};

/// Judged at the end of a scan, when all that came is known.
pub fn turn(scan: &mut Scan, world: &mut World) -> Result<()> {
    let mut unit = Unit::default();
    leave_behind(world, &mut unit);
    tell_of_ended_years(world, &mut unit);
    tell_of_absent_years(world, &mut unit);
    end_of_retirement(world, &mut unit);
    if unit.jobs.is_empty() && unit.incidents.is_empty() {
        Ok(())
    } else {
        scan.store.commit(&unit).map(drop)
    }
}

/// Notes which jobs newer years leave behind; one whose year is over is no trouble of its own any more.
fn leave_behind(world: &mut World, unit: &mut Unit) {
    let jobs = world.jobs.values().map(|tracked| (&tracked.job, &tracked.effective.schedule));
    let mut changes: Vec<(JobKey, _)> = Vec::new();
    for family in families(jobs) {
        changes.extend(family.changes(world.now).into_iter().map(|(job, outrun)| (job.key.clone(), outrun)));
    }
    for (key, outrun) in changes {
        let Some(tracked) = world.jobs.get_mut(&key) else { continue };
        tracked.job.state.outrun = outrun;
        unit.jobs.push(tracked.job.clone());
        if tracked.job.year_is_over() && tracked.job.state.status == Status::Missing {
            unit.incidents.extend(end_of_trouble(&tracked.job, world.now));
        }
    }
}

/// Ends the job's own incident; with another cause first, so that its end is not told as a report that came at last.
fn end_of_trouble(job: &Job, at: Time) -> [IncidentChange; 2] {
    let subject = Subject::job(&job.key.agent, &job.id);
    let renamed = IncidentChange::Raise {
        subject: subject.clone(),
        database: Some(job.key.database.to_string()),
        severity: Severity::Critical,
        cause: Some(family::ENDED.to_owned()),
        message: "no report came, and its year is over".to_owned(),
        at,
    };
    [renamed, IncidentChange::Resolve { subject, at }]
}

/// The years that are over are one item of the fleet.
fn tell_of_ended_years(world: &mut World, unit: &mut Unit) {
    let subject = Subject::server(Problem::YearOver);
    let over = family::over(world.jobs.values().map(|tracked| &tracked.job));
    unit.incidents.extend(match over {
        Some(over) => world.raise_as(subject, None, Severity::Warning, Some(over.cause), over.message),
        None => world.resolve(subject),
    });
}

/// Families without the year that must have started.
fn tell_of_absent_years(world: &mut World, unit: &mut Unit) {
    let start = world.config.scan.year_start;
    let today = world.now.with_timezone(&world.config.server_timezone).date_naive();
    let expected = family::expected_year(today, (start.month, start.day));
    let jobs = world.jobs.values().map(|tracked| (&tracked.job, &tracked.effective.schedule));
    let absent: Vec<(Subject, String)> = families(jobs)
        .iter()
        .filter_map(|family| family.not_started(expected))
        .map(|job| {
            let subject = Subject::version(Problem::YearNotStarted, &job.key.agent, &job.id);
            (subject, job.key.database.to_string())
        })
        .collect();
    let wanted: HashSet<&Subject> = absent.iter().map(|(subject, _)| subject).collect();
    for subject in world.open_subjects(|open| {
        open.kind == IncidentKind::Problem(Problem::YearNotStarted) && !wanted.contains(open)
    }) {
        unit.incidents.extend(world.resolve(subject));
    }
    for (subject, database) in absent {
        let message = format!("this is still the newest year of its family: none of {expected} has begun");
        unit.incidents.extend(world.raise_as(subject, Some(database), Severity::Warning, None, message));
    }
}

/// That a retired job reports is news no more once it is expected again, or removed.
fn end_of_retirement(world: &mut World, unit: &mut Unit) {
    let retired: HashSet<_> = world
        .jobs
        .values()
        .filter(|tracked| tracked.job.retired_at.is_some() && !tracked.job.ignored)
        .map(|tracked| &tracked.job.id)
        .collect();
    let ended = world.open_subjects(|open| {
        open.kind == IncidentKind::Problem(Problem::RetiredReports)
            && open.job.as_ref().is_none_or(|job| !retired.contains(job))
    });
    for subject in ended {
        unit.incidents.extend(world.resolve(subject));
    }
}
