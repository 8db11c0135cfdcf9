//! What an agent's reports show of the agent itself, beside its jobs: its clock, and the names that make no jobs.
//!
//! An agent may split its databases over several reports, which come in different scans. So all of a scan is gathered
//! and told at once, and what one report does not show ends no trouble that another showed: a clock is right again by
//! a report that came after it was told; names and numbers of databases when no report of a day and a half shows it.

use std::collections::BTreeMap;

use chrono::TimeDelta;

use super::Scan;
use super::harvest::{OpenReport, bytes_of};
use super::jobs::is_beyond_limit;
use super::world::World;
use crate::domain::incident::Subject;
use crate::domain::text::{cut, duration, printable};
use crate::domain::timing::Timing;
use crate::domain::{AgentId, DatabaseName, Problem, Severity, Time};
use crate::source::{FoundAgent, agent_report};
use crate::store::{ReportState, Result, Unit};

/// So long a report is remembered for what it shows: the next one of a daily agent may come some hours later than its
/// last.
const MEMORY: TimeDelta = TimeDelta::hours(36);

/// What one report shows.
#[derive(Default)]
pub struct ReportNotes {
    pub bad_names: Vec<String>,
    pub too_many: bool,
    /// It has an own time, which was compared with the server's.
    has_time: bool,
    /// How far it is ahead, when that is a problem.
    ahead: Option<TimeDelta>,
}

impl ReportNotes {
    pub fn compare_clock(&mut self, timing: &Timing) {
        self.has_time |= timing.own.is_some();
        self.ahead = self.ahead.max(timing.skew);
    }
}

/// What a scan's reports show of each agent.
#[derive(Default)]
pub struct Notes {
    agents: BTreeMap<AgentId, AgentNotes>,
}

struct AgentNotes {
    agent: FoundAgent,
    bad_names: Option<String>,
    too_many: bool,
    clock: Option<Clock>,
}

/// An agent's clock, as the newest report with a time shows it.
struct Clock {
    received_at: Time,
    ahead: Option<TimeDelta>,
    file: String,
}

impl Notes {
    /// `now` is the scan's. A report that waits for a file is decided in each scan, and tells of the clock in the first.
    pub fn add(&mut self, open: &OpenReport, notes: &ReportNotes, now: Time) {
        let of_agent = self.agents.entry(open.agent.id.clone()).or_insert_with(|| AgentNotes {
            agent: open.agent.clone(),
            bad_names: None,
            too_many: false,
            clock: None,
        });
        of_agent.too_many |= notes.too_many;
        if let Some(first) = notes.bad_names.first() {
            of_agent.bad_names = Some(format!(
                "{} database names in report `{}` are no names, the first is `{}`: no job is made of them",
                notes.bad_names.len(),
                printable(&open.record.file),
                cut(&printable(first), 80)
            ));
        }
        if notes.has_time && open.record.first_seen == now {
            let (received_at, file) = (open.record.received_at, open.record.file.clone());
            let seen = Clock { received_at, ahead: notes.ahead, file };
            let order = |clock: &Clock| (clock.received_at, clock.ahead);
            if of_agent.clock.as_ref().is_none_or(|newest| order(newest) < order(&seen)) {
                of_agent.clock = Some(seen);
            }
        }
    }

    /// Raises what was seen, and resolves what is seen no more.
    pub fn tell(self, scan: &mut Scan, world: &mut World) -> Result<()> {
        let mut unit = Unit::default();
        for notes in self.agents.into_values() {
            notes.tell_clock(world, &mut unit);
            notes.tell_names(scan, world, &mut unit)?;
        }
        if unit.incidents.is_empty() { Ok(()) } else { scan.store.commit(&unit).map(drop) }
    }
}

impl AgentNotes {
    fn tell_clock(&self, world: &mut World, unit: &mut Unit) {
        let Some(clock) = &self.clock else { return };
        let subject = Subject::agent(Problem::ClockSkew, self.agent.id.as_str());
        unit.incidents.extend(match clock.ahead {
            // It is the server's that is wrong, as far as anybody can tell.
            Some(_) if world.clock_is_behind => None,
            Some(ahead) => {
                let message = format!(
                    "the agent's clock is {} ahead (report `{}`): set it",
                    duration(ahead),
                    printable(&clock.file)
                );
                world.raise(subject, Severity::Warning, message)
            }
            None if world.open_since(&subject).is_some_and(|told| told < clock.received_at) => {
                world.resolve(subject)
            }
            None => None,
        });
    }

    fn tell_names(self, scan: &Scan, world: &mut World, unit: &mut Unit) -> Result<()> {
        let many = self.too_many.then(|| {
            format!(
                "the agent names more than {} databases: further ones are not watched",
                world.config.scan.max_jobs_per_agent
            )
        });
        let agent = &self.agent;
        for (problem, message, shows) in [
            (Problem::NameInvalid, self.bad_names, is_no_name as fn(&World, &AgentId, &str) -> bool),
            (Problem::TooManyJobs, many, is_beyond_limit),
        ] {
            let subject = Subject::agent(problem, agent.id.as_str());
            unit.incidents.extend(match message {
                Some(message) => world.raise(subject, Severity::Warning, message),
                None if world.is_open(&subject) && !was_shown(scan, world, agent, shows)? => {
                    world.resolve(subject)
                }
                None => None,
            });
        }
        Ok(())
    }
}

fn is_no_name(_: &World, _: &AgentId, name: &str) -> bool {
    DatabaseName::new(name).is_err()
}

/// Whether one of the agent's newest reports names a database of this kind; what cannot be read may.
fn was_shown(
    scan: &Scan,
    world: &World,
    agent: &FoundAgent,
    shows: fn(&World, &AgentId, &str) -> bool,
) -> Result<bool> {
    let aliases = world.config.aliases(agent.id.as_str());
    for record in scan.store.reports_of(&agent.id)? {
        let readable = matches!(record.state, ReportState::Open | ReportState::Judged);
        if !readable || world.now - record.received_at >= MEMORY {
            continue;
        }
        let Ok(bytes) = bytes_of(scan, agent, &record) else { return Ok(true) };
        let Ok(report) = agent_report::read(&bytes, &agent.id, &aliases) else { continue };
        if report.entries.iter().any(|entry| shows(world, &agent.id, &entry.name)) {
            return Ok(true);
        }
    }
    Ok(false)
}
