//! `jobs next`: when a job is due next and when it would be MISSING, to try a schedule before trusting it.

use std::fmt::Write as _;

use anyhow::Result;
use chrono::SecondsFormat;
use serde::Serialize;

use crate::cli::jobs::Next;
use crate::commands::context::Context;
use crate::commands::snapshot::Snapshot;
use crate::commands::{print, select};
use crate::domain::schedule::{Cycle, Schedule};
use crate::domain::text::{printable, rfc3339};
use crate::domain::{Status, Time};
use crate::exit::Exit;
use crate::render::json::Utc;
use crate::scan::openings::windows;

#[derive(Serialize)]
struct Document<'a> {
    id: &'a str,
    agent: &'a str,
    database: &'a str,
    /// As the schedule is written.
    schedule: String,
    assumed: bool,
    timezone: &'static str,
    /// The cycle that is due already and not yet missed; null when there is none.
    waiting: Option<CycleRow>,
    cycles: Vec<CycleRow>,
}

#[derive(Serialize)]
struct CycleRow {
    due: Utc,
    deadline: Utc,
    /// On the wall clock of the schedule's timezone, with its offset.
    due_local: String,
    deadline_local: String,
}

/// # Errors
/// When there is no such job or the state cannot be read.
pub fn next(context: &Context, args: &Next) -> Result<Exit> {
    let snapshot = Snapshot::load(context, &context.reader()?)?;
    let known = select::one(&snapshot, &args.job)?;
    let (job, schedule) = (&known.job, &known.effective.schedule);
    let windows = windows(&context.config, job, context.now);
    let retired = known.standing.status == Status::Retired;
    let cycles = if retired {
        Vec::new()
    } else {
        schedule.upcoming(&job.anchor(), &windows, context.now, usize::from(args.count))
    };
    let waiting = known.standing.cycle.filter(|cycle| cycle.due <= context.now);
    let document = Document {
        id: job.id.as_str(),
        agent: job.key.agent.as_str(),
        database: job.key.database.as_str(),
        schedule: schedule.to_string(),
        assumed: known.effective.assumed,
        timezone: schedule.timezone.name(),
        waiting: waiting.map(|cycle| CycleRow::new(schedule, cycle)),
        cycles: cycles.into_iter().map(|cycle| CycleRow::new(schedule, cycle)).collect(),
    };
    if context.json {
        print::json(&document)?;
    } else {
        print::text(&document.text(known.standing.status))?;
    }
    Ok(Exit::Done)
}

impl CycleRow {
    fn new(schedule: &Schedule, cycle: Cycle) -> Self {
        let local =
            |time: Time| time.with_timezone(&schedule.timezone).to_rfc3339_opts(SecondsFormat::Secs, false);
        Self {
            due: Utc(cycle.due),
            deadline: Utc(cycle.deadline),
            due_local: local(cycle.due),
            deadline_local: local(cycle.deadline),
        }
    }
}

impl Document<'_> {
    fn text(&self, status: Status) -> String {
        let job = printable(&format!("{}/{}", self.agent, self.database));
        let assumed = if self.assumed { " (assumed: nobody set one)" } else { "" };
        let mut text = format!("{job}: {}{assumed}\n", printable(&self.schedule));
        if let Some(waiting) = &self.waiting {
            let _infallible = writeln!(
                text,
                "waiting for the backup due at {}, MISSING from {}",
                rfc3339(waiting.due.0),
                rfc3339(waiting.deadline.0)
            );
        }
        if self.cycles.is_empty() {
            let why =
                if status == Status::Retired { "it is retired" } else { "a pause without end lies ahead" };
            let _infallible = writeln!(text, "nothing is expected: {why}");
            return text;
        }
        let local = format!("DUE IN {}", self.timezone);
        let _infallible = writeln!(text, "{:<22}{:<22}{local:<27}MISSING FROM", "DUE", "MISSING FROM");
        for row in &self.cycles {
            let (due, deadline) = (rfc3339(row.due.0), rfc3339(row.deadline.0));
            let _infallible =
                writeln!(text, "{due:<22}{deadline:<22}{:<27}{}", row.due_local, row.deadline_local);
        }
        text
    }
}
