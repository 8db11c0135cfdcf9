//! `history --gaps`: the times without a good backup.

use anyhow::Result;
use chrono::TimeDelta;
use serde::Serialize;

use super::{Asked, print_csv};
use crate::commands::print;
use crate::domain::gaps::{Gap, gaps as gaps_in};
use crate::domain::text::{duration, rfc3339};
use crate::domain::{Cause, Job};
use crate::render::json::Utc;
use crate::render::{csv, table};
use crate::store::{EntryFilter, Store as _};

#[derive(Serialize)]
struct Row {
    job_id: String,
    agent: String,
    database: String,
    from: Utc,
    until: Option<Utc>,
    /// Until now, while there is no good one.
    duration_seconds: i64,
    last_good: Option<Utc>,
    entries: usize,
    causes: Vec<Cause>,
}

pub fn gaps(asked: &Asked, as_csv: bool) -> Result<()> {
    let wanted = asked.jobs()?;
    let mut rows = Vec::new();
    for job in asked.store.jobs()? {
        // What is not watched any more has no gap that anybody could close.
        if job.ignored || wanted.as_ref().is_some_and(|wanted| !wanted.contains(&job.id)) {
            continue;
        }
        let schedule = &asked.context.config.effective(&job).schedule;
        // All that is known of it, for a gap may have begun before the time that is asked for. One job at a time.
        let filter = EntryFilter { jobs: Some(vec![job.id.clone()]), ..EntryFilter::default() };
        let entries = asked.store.entries(&filter)?;
        let found = gaps_in(&entries, |report, due| schedule.covers(report, due));
        let lasts = |gap: &Gap| gap.until.is_none_or(|until| asked.since.is_none_or(|since| until >= since));
        rows.extend(found.into_iter().filter(lasts).map(|gap| row(asked, &job, gap)));
    }
    rows.sort_by_key(|row| row.from.0);
    if asked.context.json {
        print::json(&serde_json::json!({"gaps": rows}))
    } else if as_csv {
        print_csv(|out| csv::rows(HEADER, rows.iter().map(cells), out))
    } else if rows.is_empty() {
        print::text("no gap is known\n")
    } else {
        let header = ["JOB", "FROM", "UNTIL", "LASTED", "LAST GOOD BEFORE", "ENTRIES", "CAUSES"];
        print::text(&table::rows(header, rows.iter().map(line), asked.context.style))
    }
}

fn row(asked: &Asked, job: &Job, gap: Gap) -> Row {
    let end = gap.until.unwrap_or(asked.context.now);
    Row {
        job_id: job.id.to_string(),
        agent: job.key.agent.to_string(),
        database: job.key.database.to_string(),
        from: Utc(gap.from),
        until: gap.until.map(Utc),
        duration_seconds: (end - gap.from).num_seconds(),
        last_good: gap.last_good.map(Utc),
        entries: gap.entries,
        causes: gap.causes,
    }
}

const HEADER: [&str; 9] =
    ["job_id", "agent", "database", "from", "until", "duration_seconds", "last_good", "entries", "causes"];

fn time(time: Option<Utc>) -> String {
    time.map(|Utc(time)| rfc3339(time)).unwrap_or_default()
}

fn causes(row: &Row) -> String {
    row.causes.iter().map(|cause| cause.word()).collect::<Vec<_>>().join(", ")
}

fn cells(row: &Row) -> [String; 9] {
    [
        row.job_id.clone(),
        row.agent.clone(),
        row.database.clone(),
        time(Some(row.from)),
        time(row.until),
        row.duration_seconds.to_string(),
        time(row.last_good),
        row.entries.to_string(),
        causes(row),
    ]
}

fn line(row: &Row) -> [String; 7] {
    [
        format!("{}/{}", row.agent, row.database),
        time(Some(row.from)),
        row.until.map_or_else(|| "now".to_owned(), |Utc(time)| rfc3339(time)),
        duration(TimeDelta::seconds(row.duration_seconds)),
        row.last_good.map_or_else(|| "never".to_owned(), |Utc(time)| rfc3339(time)),
        row.entries.to_string(),
        causes(row),
    ]
}
