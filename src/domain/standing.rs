//! What a job is at a moment: its newest judgement, and what the time makes of it. Derived, never stored.

use super::schedule::{Anchor, Cycle, Schedule, Window};
use super::text::rfc3339;
use super::{Cause, Job, Severity, Status, Time, Warning};

#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Standing {
    pub status: Status,
    pub severity: Severity,
    pub cause: Option<Cause>,
    pub message: Option<String>,
    pub warnings: Vec<Warning>,
    pub since: Time,
    /// A staged file is still on its way: the status may change in the next scan.
    pub verifying: bool,
    /// Due time and deadline of the cycle that the job waits for; `None` when it waits for none.
    pub cycle: Option<Cycle>,
    /// Since when one of its versions is damaged ([`Standing::suffer_damage`]).
    pub damaged_since: Option<Time>,
}

impl Standing {
    /// A version of the job is found damaged. The status speaks of the newest backup alone; the job is at risk all the
    /// same, unless it is retired and expects nothing.
    pub fn suffer_damage(&mut self, since: Time) {
        self.damaged_since = Some(since);
        if self.status != Status::Retired {
            self.severity = Severity::Critical;
        }
    }
}

impl Job {
    #[must_use]
    pub fn anchor(&self) -> Anchor {
        Anchor {
            added: self.added_at,
            schedule_changed: self.schedule_changed_at,
            covered_by: self.state.covered_by,
            missed_through: self.state.missed_through,
        }
    }
}

/// Derives the standing of `job` at `now`. `windows` are its pauses and maintenance, sorted by their begin. While the
/// deposits as a whole are not there (`deposits_available` is false) nothing becomes MISSING (SPEC section 4, rule 6).
#[must_use]
pub fn standing(
    job: &Job,
    schedule: &Schedule,
    windows: &[Window],
    agent_last_report: Option<Time>,
    deposits_available: bool,
    now: Time,
) -> Standing {
    let state = &job.state;
    let mut standing = Standing {
        status: state.status,
        severity: Severity::Ok,
        cause: state.cause,
        message: state.message.clone(),
        warnings: state.warnings.clone(),
        since: state.since,
        verifying: state.waiting.is_some(),
        cycle: None,
        damaged_since: None,
    };
    if let Some(retired_at) = job.retired_at {
        standing.status = Status::Retired;
        standing.cause = None;
        standing.since = retired_at;
    } else if let Some(window) = windows.iter().find(|w| w.contains(now)) {
        standing.status = Status::Paused;
        standing.cause = state.cause.filter(|_| is_judged_bad(state.status));
        standing.since = window.from;
        standing.cycle = schedule.open_cycle(&job.anchor(), windows);
    } else {
        lateness(job, schedule, windows, agent_last_report, deposits_available, now, &mut standing);
    }
    standing.severity = severity(&standing, job);
    standing
}

fn lateness(
    job: &Job,
    schedule: &Schedule,
    windows: &[Window],
    agent_last_report: Option<Time>,
    deposits_available: bool,
    now: Time,
    standing: &mut Standing,
) {
    let mut anchor = job.anchor();
    standing.cycle = schedule.open_cycle(&anchor, windows);
    let Some(mut cycle) = standing.cycle else { return };
    if now >= cycle.deadline && !standing.verifying && deposits_available {
        if !job.on_trial {
            if standing.status != Status::Missing {
                standing.since = cycle.deadline;
            }
            standing.status = Status::Missing;
            standing.cause = Some(Cause::NoReport);
            standing.message = Some(missing_message(cycle, agent_last_report));
            standing.warnings.clear();
        }
        // What the job waits for now is the cycle after those that are over.
        anchor.missed_through = schedule.missed(&anchor, windows, now).last().map(|missed| missed.due);
        standing.cycle = schedule.open_cycle(&anchor, windows);
        match standing.cycle {
            Some(next) => cycle = next,
            None => return,
        }
    }
    if now >= cycle.due {
        match standing.status {
            Status::Success | Status::Unchanged | Status::Pending => {
                standing.status = Status::Late;
                standing.since = cycle.due;
            }
            Status::Late
            | Status::Failed
            | Status::HashMismatch
            | Status::Corrupt
            | Status::Missing
            | Status::Paused
            | Status::Retired => {}
        }
    }
}

fn severity(standing: &Standing, job: &Job) -> Severity {
    let plain = standing.status.severity();
    match plain {
        // A pause stops LATE and MISSING alone: what came is judged as ever.
        Severity::Inactive
            if standing.status == Status::Paused && (job.state.held || is_judged_bad(job.state.status)) =>
        {
            Severity::Critical
        }
        Severity::Inactive => plain,
        _ if job.state.held => Severity::Critical,
        // It is part of the fleet's one item (see `family`).
        _ if standing.status == Status::Missing && job.year_is_over() => Severity::Inactive,
        Severity::Ok | Severity::Pending if !standing.warnings.is_empty() => Severity::Warning,
        _ => plain,
    }
}

/// What came is bad; MISSING says that nothing came.
fn is_judged_bad(status: Status) -> bool {
    status.is_critical() && status != Status::Missing
}

/// The sentence of a missed cycle; it says when the agent last reported, for then it is the database that is absent.
#[must_use]
pub fn missing_message(cycle: Cycle, agent_last_report: Option<Time>) -> String {
    let last = match agent_last_report {
        Some(time) => format!("the agent last reported at {}", rfc3339(time)),
        None => "the agent has never reported".to_owned(),
    };
    format!(
        "no report came for the backup due at {}, until {}; {last}",
        rfc3339(cycle.due),
        rfc3339(cycle.deadline)
    )
}
