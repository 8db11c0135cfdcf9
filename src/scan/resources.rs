//! The server's own problems that a scan can see: what waits too long to be read, what cannot be read at all, a disk
//! that is nearly full, and a clock that was set back.

use chrono::TimeDelta;

use super::harvest::Harvest;
use super::world::{Tracked, World};
use super::{Scan, min_free};
use crate::domain::incident::Subject;
use crate::domain::text::{duration, printable, rfc3339, size};
use crate::domain::{JobKey, Problem, Severity, Time};
use crate::store::{Result, Unit};

/// A report that waits longer to be read is a problem (SPEC section 7).
const BACKLOG: TimeDelta = TimeDelta::hours(6);

/// Raises what is wrong and resolves what is over. `cannot_be_judged` picks the jobs of which something could not be
/// looked at.
pub fn watch(
    scan: &mut Scan,
    world: &mut World,
    harvest: &Harvest,
    cannot_be_judged: impl Fn(&JobKey) -> bool,
) -> Result<()> {
    // While the deposits are not there nothing is read, and that is told already.
    let reading = if harvest.unavailable {
        None
    } else {
        let waits =
            backlog(scan)?.or_else(|| unread(scan, world)).or_else(|| withheld(world, cannot_be_judged));
        Some((Problem::Backlog, waits))
    };
    // Without a vault nothing is known of its disk.
    let disk = scan.vault.map(|_| (Problem::DiskLow, low_disk(scan)));
    let clock = Some((Problem::ClockSkew, set_back(world)));
    let mut unit = Unit::default();
    for (problem, message) in reading.into_iter().chain(disk).chain(clock) {
        let subject = Subject::server(problem);
        unit.incidents.extend(match message {
            Some(message) => world.raise(subject, Severity::Critical, message),
            None => world.resolve(subject),
        });
    }
    if unit.incidents.is_empty() { Ok(()) } else { scan.store.commit(&unit).map(drop) }
}

fn backlog(scan: &Scan) -> Result<Option<String>> {
    let open = scan.store.open_reports()?;
    let Some(oldest) = open.iter().min_by_key(|report| report.first_seen) else { return Ok(None) };
    let age = scan.now - oldest.first_seen;
    Ok((age > BACKLOG.max(scan.config.scan.arrival.delta())).then(|| {
        format!(
            "the oldest report (`{}` of {}) waits to be judged since {}: reading cannot keep up, or what it names cannot \
             be read; a file that takes longer than `deadline` in [scan] is never read to its end",
            printable(&oldest.file),
            printable(oldest.agent.as_str()),
            duration(age)
        )
    }))
}

/// A job whose files the monitor does not come to read, though a newer report replaces each before it is too old. Where
/// a look has found that the file is not there, it is the agent that is waited for.
fn unread(scan: &Scan, world: &World) -> Option<String> {
    let waiting = world.jobs.values().filter(|tracked| !tracked.job.ignored).filter_map(|tracked| {
        let waiting = tracked.job.state.waiting.as_ref().filter(|waiting| waiting.unmet.is_none())?;
        Some((waiting.since, &tracked.job.key))
    });
    let (since, key) = waiting.min_by_key(|(since, _)| *since)?;
    let age = scan.now - since;
    (age > BACKLOG.max(scan.config.scan.arrival.delta())).then(|| {
        format!(
            "no file of {} was read since {}, for all the reports that came: reading cannot keep up; a file that takes \
             longer than `deadline` in [scan] is never read to its end",
            printable(&key.to_string()),
            duration(age)
        )
    })
}

/// Backups whose deadline is over and that cannot be called MISSING, for the monitor cannot read what may have come. As
/// long as that lasts nobody would hear of them.
fn withheld(world: &World, cannot_be_judged: impl Fn(&JobKey) -> bool) -> Option<String> {
    let mut late = world
        .jobs
        .values()
        .filter(|tracked| cannot_be_judged(&tracked.job.key) && is_overdue(tracked, world.now))
        .map(|tracked| &tracked.job.key);
    let first = late.next()?;
    Some(format!(
        "{} backups are past their deadline and cannot be judged, the first is {}: reports, dumps or versions cannot \
         be read (an I/O error, a stale mount?); the log of the run names them",
        1 + late.count(),
        printable(&first.to_string())
    ))
}

fn is_overdue(tracked: &Tracked, now: Time) -> bool {
    let job = &tracked.job;
    let is_expected = job.retired_at.is_none() && !job.ignored && !job.on_trial;
    is_expected && !tracked.effective.schedule.missed(&job.anchor(), &tracked.windows, now).is_empty()
}

/// Jobs whose last report came in what is now the future. Reports that come now are older than that one, and so change no
/// status, until one whose own time agrees with the server's shows that it is now indeed (`domain::set_back`).
fn set_back(world: &World) -> Option<String> {
    let ahead: Vec<Time> = world.reports_from_the_future().collect();
    let newest = ahead.iter().max()?;
    Some(format!(
        "the server's clock was set back: jobs whose last report is from the future: {}, the newest came at {}; what is \
         reported now may count for nothing. Set the clock right; if it is right, and was ahead before, this ends with \
         the next report of each, or as they are retired",
        ahead.len(),
        rfc3339(*newest)
    ))
}

fn low_disk(scan: &Scan) -> Option<String> {
    let vault = scan.vault?;
    let (space, min_free) = (vault.space().ok()?, min_free(scan.config, vault));
    (space.free < min_free).then(|| {
        format!(
            "{} are free for versions, {} are to stay free (`min_free` in [promote]): nothing more is promoted",
            size(space.free),
            size(min_free)
        )
    })
}
