//! `jobs pause`: expect nothing for a time. Reports are judged and promoted as ever.

use anyhow::{Result, anyhow};

use crate::cli::jobs::Pause as Args;
use crate::commands::change::{Change, Verb};
use crate::commands::context::Context;
use crate::commands::select;
use crate::domain::Time;
use crate::domain::job::Pause;
use crate::domain::text::{printable, rfc3339};
use crate::exit::{Advise as _, Exit};
use crate::store::Unit;

const VERB: Verb = Verb { done: "paused", planned: "would pause" };

/// # Errors
/// When the end is not ahead, the selector does not hold, or the state cannot be used.
pub fn pause(context: &Context, args: &Args) -> Result<Exit> {
    let until = args.until.as_deref().map(|text| end(context, text)).transpose()?;
    let what = match until {
        Some(until) => format!("jobs pause until {}", rfc3339(until)),
        None => "jobs pause without end".to_owned(),
    };
    let mut change = Change::begin(context, args.change.dry_run)?;
    let snapshot = change.snapshot()?;
    let mut unit = Unit::default();
    for known in select::touched(&snapshot, &args.change)? {
        if known.job.retired_at.is_some() {
            tracing::warn!("{} is retired: nothing is expected of it", printable(&known.job.key.to_string()));
            continue;
        }
        let mut job = change.open(&known.job);
        job.pause(Pause { from: context.now, until, who: context.who.clone(), reason: args.reason.clone() });
        change.put(&mut unit, job, what.as_str(), Some(&args.reason));
    }
    change.commit(&unit)?;
    change.tell(VERB, &unit.jobs)
}

fn end(context: &Context, text: &str) -> Result<Time> {
    let until = context.moment(text, true)?;
    if until <= context.now {
        return Err(anyhow!("--until {text} is not ahead: it is {}", rfc3339(context.now))).or_usage();
    }
    Ok(until)
}
