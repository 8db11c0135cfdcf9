//! `jobs suggest`: the schedules that the reports already follow, by pattern; `--apply` sets them.

use std::collections::{BTreeMap, HashMap};
use std::fmt::Write as _;

use anyhow::Result;
use chrono::TimeDelta;
use chrono_tz::Tz;
use serde::Serialize;

use super::document::Seconds;
use super::settings::lay;
use crate::cli::jobs::Suggest;
use crate::commands::change::Change;
use crate::commands::context::Context;
use crate::commands::snapshot::{Known, Snapshot};
use crate::commands::{print, select};
use crate::domain::suggest::{Unclear, suggest as follow};
use crate::domain::text::printable;
use crate::domain::{JobId, Schedule, Settings, Status, Time};
use crate::exit::Exit;
use crate::store::{EntryFilter, Store, Unit};

/// How far back reports are looked at: an old habit says nothing of the present one.
const SPAN: TimeDelta = TimeDelta::days(60);

#[derive(Serialize)]
struct Document<'a> {
    /// Set on the jobs by this command.
    applied: bool,
    suggestions: Vec<Suggestion<'a>>,
    undecided: Vec<Undecided<'a>>,
}

#[derive(Serialize)]
struct Suggestion<'a> {
    #[serde(skip)]
    words: &'a str,
    at: &'a Option<Vec<String>>,
    days: &'a Option<String>,
    every: Option<Seconds>,
    timezone: &'a Option<String>,
    grace: Option<Seconds>,
    jobs: Vec<Row<'a>>,
}

#[derive(Serialize)]
struct Row<'a> {
    id: &'a str,
    agent: &'a str,
    database: &'a str,
    /// How many were looked at.
    reports: usize,
}

#[derive(Serialize)]
struct Undecided<'a> {
    #[serde(flatten)]
    job: Row<'a>,
    reason: String,
}

/// The jobs that follow one schedule.
struct Pattern<'s> {
    settings: Settings,
    jobs: Vec<(&'s Known, usize)>,
}

/// What was found: the jobs that follow each pattern, and those that follow none, each with its number of reports.
#[derive(Default)]
struct Found<'s> {
    /// By the schedule as text.
    patterns: BTreeMap<String, Pattern<'s>>,
    undecided: Vec<(&'s Known, usize, Unclear)>,
}

/// Without a selector it speaks of the jobs whose schedule is assumed; with one of all that it means.
///
/// # Errors
/// When the selector does not hold, more than ten would be set without `--yes`, or the state cannot be used.
pub fn suggest(context: &Context, args: &Suggest) -> Result<Exit> {
    if !args.apply {
        let store = context.reader()?;
        let snapshot = Snapshot::load(context, &store)?;
        return tell(context, &Found::look(context, &store, &snapshot, args)?, None);
    }
    let mut change = Change::begin(context, args.change.dry_run)?;
    let snapshot = change.snapshot()?;
    let found = Found::look(context, &change.state.store, &snapshot, args)?;
    apply(&mut change, &found, args)?;
    tell(context, &found, Some(&change))
}

impl<'s> Found<'s> {
    fn look(context: &Context, store: &dyn Store, snapshot: &'s Snapshot, args: &Suggest) -> Result<Self> {
        let selector = select::selector(&args.change.selector)?;
        let mut jobs = select::meant(snapshot, &selector)?;
        jobs.retain(|known| known.standing.status != Status::Retired);
        if selector.is_everything() {
            jobs.retain(|known| known.effective.assumed);
        }
        let times = times(store, &jobs, context.now)?;
        let mut found = Self::default();
        for known in jobs {
            let reports = times.get(&known.job.id).map(Vec::as_slice).unwrap_or_default();
            match follow(reports, &zones(context, known)) {
                Ok(settings) => {
                    let words = words(&settings, context);
                    let pattern =
                        found.patterns.entry(words).or_insert_with(|| Pattern { settings, jobs: Vec::new() });
                    pattern.jobs.push((known, reports.len()));
                }
                Err(unclear) => found.undecided.push((known, reports.len(), unclear)),
            }
        }
        Ok(found)
    }
}

/// The times of the reports of each job.
fn times(store: &dyn Store, jobs: &[&Known], now: Time) -> Result<HashMap<JobId, Vec<Time>>> {
    let filter = EntryFilter {
        jobs: Some(jobs.iter().map(|known| known.job.id.clone()).collect()),
        since: Some(now - SPAN),
        ..EntryFilter::default()
    };
    let mut times: HashMap<JobId, Vec<Time>> = HashMap::new();
    for entry in store.entries(&filter)? {
        if let Some(time) = entry.report_time {
            let of_job = times.entry(entry.job).or_default();
            // One that was looked at again has several entries.
            if !of_job.contains(&time) {
                of_job.push(time);
            }
        }
    }
    Ok(times)
}

/// In whose clock a schedule may be meant: the one that holds for the job, the server's, none.
fn zones(context: &Context, known: &Known) -> [Tz; 3] {
    [known.effective.schedule.timezone, context.config.server_timezone, Tz::UTC]
}

fn words(settings: &Settings, context: &Context) -> String {
    // What was derived is a schedule; were it none, its keys would still tell what is meant.
    Schedule::new(settings, context.config.server_timezone)
        .map_or_else(|error| error.to_string(), |schedule| schedule.to_string())
}

fn apply(change: &mut Change, found: &Found, args: &Suggest) -> Result<()> {
    let all: Vec<(&Settings, &Known)> = found
        .patterns
        .values()
        .flat_map(|pattern| pattern.jobs.iter().map(|(known, _)| (&pattern.settings, *known)))
        .collect();
    let said = args.change.yes || args.change.dry_run;
    select::want_yes(all.iter().map(|(_, known)| &known.job.key), said)?;
    let mut unit = Unit::default();
    for (settings, known) in all {
        let mut job = change.open(&known.job);
        lay(&mut job.settings, settings);
        job.end_trial(change.context.now);
        super::settings::check(&job, change.context.config.server_timezone)?;
        change.put(&mut unit, job, "jobs suggest --apply", None);
    }
    change.commit(&unit)
}

fn tell(context: &Context, found: &Found, change: Option<&Change>) -> Result<Exit> {
    let applied = change.is_some_and(|change| !change.is_dry());
    let document = Document {
        applied,
        suggestions: found
            .patterns
            .iter()
            .map(|(words, Pattern { settings, jobs })| Suggestion {
                words,
                at: &settings.at,
                days: &settings.days,
                every: settings.every.map(Seconds),
                timezone: &settings.timezone,
                grace: settings.grace.map(Seconds),
                jobs: jobs.iter().map(|(known, reports)| Row::new(known, *reports)).collect(),
            })
            .collect(),
        undecided: found
            .undecided
            .iter()
            .map(|(known, reports, why)| Undecided {
                job: Row::new(known, *reports),
                reason: why.to_string(),
            })
            .collect(),
    };
    if context.json {
        print::json(&document)?;
    } else if !context.quiet {
        print::text(&document.text())?;
    }
    Ok(Exit::Done)
}

impl<'a> Row<'a> {
    fn new(known: &'a Known, reports: usize) -> Self {
        let key = &known.job.key;
        let (agent, database) = (key.agent.as_str(), key.database.as_str());
        Self { id: known.job.id.as_str(), agent, database, reports }
    }

    fn text(&self) -> String {
        let job = printable(&format!("{}/{}", self.agent, self.database));
        format!("  {job} ({} reports)", self.reports)
    }
}

impl Document<'_> {
    fn text(&self) -> String {
        let mut text = String::new();
        for suggestion in &self.suggestions {
            let _infallible = writeln!(text, "{}", suggestion.words);
            for job in &suggestion.jobs {
                let _infallible = writeln!(text, "{}", job.text());
            }
        }
        if !self.undecided.is_empty() {
            text.push_str("no suggestion\n");
        }
        for Undecided { job, reason } in &self.undecided {
            let _infallible = writeln!(text, "{}: {reason}", job.text());
        }
        text.push_str(match (self.suggestions.is_empty(), self.applied) {
            (true, _) => "nothing is suggested\n",
            (false, true) => "this is set now\n",
            (false, false) => "nothing was changed; --apply sets this\n",
        });
        text
    }
}
