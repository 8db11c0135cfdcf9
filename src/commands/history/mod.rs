//! `history`: what was judged, when no good backup came, and what operators changed.

mod gaps;
mod operators;

use std::collections::HashMap;
use std::io;

use anyhow::Result;

use super::context::Context;
use super::snapshot::Snapshot;
use super::{print, select};
use crate::cli::alerts::History;
use crate::domain::{JobId, JobKey, Selector, Status, Time};
use crate::exit::Exit;
use crate::render::{csv, json, table};
use crate::store::{EntryFilter, Sqlite, Store as _};

/// So many entries are given to whoever asks for no time: a large fleet judges thousands a day.
const NEWEST: usize = 1000;

/// # Errors
/// When the state cannot be read.
pub fn history(context: &Context, args: &History) -> Result<Exit> {
    let store = context.reader()?;
    let selector = select::filter(&args.filter)?;
    let since = args.since.as_deref().map(|text| context.moment(text, false)).transpose()?;
    let asked = Asked { context, store: &store, selector: &selector, since };
    if args.gaps {
        gaps::gaps(&asked, args.csv)?;
    } else if args.operators {
        operators::operators(&asked, args.csv)?;
    } else {
        let status = args.status.iter().filter_map(|word| Status::from_word(&word.to_ascii_uppercase()));
        entries(&asked, status.collect(), args.csv)?;
    }
    Ok(Exit::Done)
}

struct Asked<'a> {
    context: &'a Context,
    store: &'a Sqlite,
    selector: &'a Selector,
    since: Option<Time>,
}

impl Asked<'_> {
    /// `None`: all of them, also those that are not watched any more.
    fn jobs(&self) -> Result<Option<Vec<JobId>>> {
        if self.selector.is_everything() {
            return Ok(None);
        }
        let snapshot = Snapshot::load(self.context, self.store)?;
        let meant = select::meant(&snapshot, self.selector)?;
        Ok(Some(meant.iter().map(|known| known.job.id.clone()).collect()))
    }

    /// Says that there may be more than what was given.
    fn note_limit(&self, given: usize) {
        if self.since.is_none() && given == NEWEST {
            tracing::warn!("these are the newest {NEWEST}; --since gives all from a time on");
        }
    }
}

fn entries(asked: &Asked, status: Vec<Status>, as_csv: bool) -> Result<()> {
    let limit = asked.since.is_none().then_some(NEWEST);
    let filter = EntryFilter { jobs: asked.jobs()?, since: asked.since, status, limit };
    let entries = asked.store.entries(&filter)?;
    asked.note_limit(entries.len());
    let keys: HashMap<JobId, JobKey> = asked.store.jobs()?.into_iter().map(|job| (job.id, job.key)).collect();
    let key_of = |id: &JobId| keys.get(id);
    if asked.context.json {
        print::json(&json::history(&entries, key_of))
    } else if as_csv {
        print_csv(|out| csv::history(&entries, key_of, out))
    } else if entries.is_empty() {
        print::text("no entry is known\n")
    } else {
        print::text(&table::history(&entries, key_of, asked.context.style))
    }
}

fn print_csv(write: impl FnOnce(&mut dyn io::Write) -> io::Result<()>) -> Result<()> {
    let mut bytes = Vec::new();
    write(&mut bytes)?;
    print::text(&String::from_utf8_lossy(&bytes))
}
