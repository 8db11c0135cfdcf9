//! `archive_reports = "move"`: what is judged or rejected leaves the agent's `log/`.
//!
//! It is a tidying of the agent's folder and nothing that anything depends on: the state remembers what was judged, and
//! the bytes are kept under its folder. So what cannot be moved stays, and is tried again by the next scan.

use std::collections::HashMap;

use super::Scan;
use super::harvest::Harvest;
use super::summary::Summary;
use crate::config::ArchiveReports;
use crate::domain::text::printable;
use crate::source::{Fault, FoundAgent, Shelf};
use crate::store::{ReportRecord, ReportState, Result};

/// Moves away what no later scan has to read. Nothing is moved that differs from what was read.
pub fn put_away(scan: &Scan, summary: &mut Summary, harvest: &Harvest) -> Result<()> {
    let moves = match scan.config.scan.archive_reports {
        ArchiveReports::Keep => false,
        ArchiveReports::Move => !scan.dry_run && !harvest.unavailable,
    };
    if !moves {
        return Ok(());
    }
    let wanted = |agent: &&FoundAgent| scan.only_agent.as_ref().is_none_or(|only| *only == agent.id);
    let mut agents: Vec<_> = harvest.agents().filter(wanted).collect();
    agents.sort_by(|a, b| a.id.cmp(&b.id));
    for agent in agents {
        if let Err(fault) = of_agent(scan, agent)? {
            let agent = printable(agent.id.as_str());
            summary.not_done(format!("the judged reports of agent {agent} could not be moved: {fault}"));
        }
    }
    Ok(())
}

fn of_agent(scan: &Scan, agent: &FoundAgent) -> Result<std::result::Result<(), Fault>> {
    // That it cannot be listed was told by the harvest.
    let Ok(listing) = scan.source.reports(agent) else { return Ok(Ok(())) };
    let names: Vec<&str> = listing.files.iter().map(|listed| listed.file.as_str()).collect();
    let known = scan.store.reports_named(&agent.id, &names)?.into_iter();
    // The newest row of a name comes last, and stays.
    let known: HashMap<String, ReportRecord> = known.map(|record| (record.file.clone(), record)).collect();
    for listed in listing.files {
        let Ok(identity) = listed.identity else { continue };
        let Some(record) = known.get(&listed.file).filter(|record| record.identity == identity) else {
            continue;
        };
        let shelf = match record.state {
            ReportState::Judged | ReportState::Duplicate => Shelf::Archive,
            ReportState::Rejected => Shelf::Rejected,
            ReportState::Open | ReportState::Arriving => continue,
        };
        match scan.source.put_away(agent, &listed.file, &identity, shelf) {
            Ok(_) | Err(Fault::Absent) => {}
            Err(fault) => return Ok(Err(fault)),
        }
    }
    Ok(Ok(()))
}
