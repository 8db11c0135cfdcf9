//! `jobs show`: all that is known of one job, and where each of its settings comes from.

use anyhow::{Result, anyhow};

use crate::commands::context::Context;
use crate::commands::snapshot::Snapshot;
use crate::commands::{details, print, select};
use crate::domain::text::{printable, rfc3339};
use crate::domain::{Job, Time};
use crate::exit::Exit;
use crate::render::{json, table};

/// # Errors
/// When there is no such job or the state cannot be read.
pub fn show(context: &Context, name: &str) -> Result<Exit> {
    let store = context.reader()?;
    let snapshot = Snapshot::load(context, &store)?;
    let known = select::one(&snapshot, name)?;
    let id = &known.job.id;
    let last_scan = snapshot.meta.last_scan.as_ref().map(|scan| scan.finished_at);
    let details = details::of_one(context, &store, &known.job, &known.effective, last_scan)?;
    let view = snapshot.view(context);
    let row = view.job(id.as_str()).ok_or_else(|| anyhow!("job `{id}` is in no view"))?;
    if context.json {
        print::json(&json::job(&view, row, &details))?;
        return Ok(Exit::Done);
    }
    let mut text = table::job(&view, row, &details, context.style);
    text.push('\n');
    text.push_str(&table::alerts(&view, &details.incidents, context.style));
    text.push_str(&standing_orders(&known.job, context.now));
    print::text(&text)?;
    Ok(Exit::Done)
}

/// Who said what about the job: pauses now and later, retirement.
fn standing_orders(job: &Job, now: Time) -> String {
    let pauses = job.pauses.iter().filter(|pause| pause.until.is_none_or(|until| until > now)).map(|pause| {
        let until = pause.until.map_or_else(|| "`jobs resume`".to_owned(), rfc3339);
        let (who, why) = (printable(&pause.who), printable(&pause.reason));
        format!("\npaused from {} until {until} by {who}: {why}\n", rfc3339(pause.from))
    });
    let retired = job
        .retired_at
        .map(|at| format!("\nretired since {}; `backupmon jobs resume` expects it again\n", rfc3339(at)));
    pauses.chain(retired).collect()
}
