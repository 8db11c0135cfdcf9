//! `alerts list`.

use anyhow::Result;

use super::Meant;
use crate::cli::alerts::AlertsList;
use crate::commands::context::Context;
use crate::commands::snapshot::Snapshot;
use crate::commands::{print, select};
use crate::domain::{Incident, Time};
use crate::exit::Exit;
use crate::render::{json, table};
use crate::store::Store as _;

/// Open ones first, each part newest first.
pub fn list(context: &Context, args: &AlertsList) -> Result<Exit> {
    let store = context.reader()?;
    let snapshot = Snapshot::load(context, &store)?;
    let selector = select::selector(&args.selector)?;
    let meant = Meant::new(context, &selector, &select::meant(&snapshot, &selector)?);
    let mut incidents = store.incidents(args.all.then_some(Time::UNIX_EPOCH))?;
    incidents.retain(|incident| meant.has(incident));
    incidents.sort_by_key(|incident: &Incident| {
        (!incident.is_open(), std::cmp::Reverse((incident.opened_at, incident.id)))
    });
    let view = snapshot.view(context);
    if context.json {
        print::json(&json::alerts(&view, &incidents))?;
    } else if incidents.is_empty() {
        print::text(if args.all { "no alert is known\n" } else { "no alert is open\n" })?;
    } else {
        print::text(&table::alerts(&view, &incidents, context.style))?;
    }
    Ok(Exit::Done)
}
