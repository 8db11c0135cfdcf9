//! First pass: which agents are there, and what do their reports say. Nothing is judged here.
//!
//! [`folders`] tells a folder that is gone from deposits that are not mounted, [`arrivals`] reads what is new of an
//! agent beside what is [`known`], and [`reopen`] brings back what earlier scans could not judge to the end; of both no more than
//! the agent's [share](shares).

mod arrivals;
mod folders;
mod known;
mod reopen;
mod shares;

use std::collections::{HashMap, HashSet};

use super::Scan;
use super::summary::Summary;
use super::world::World;
use crate::domain::text::printable;
use crate::domain::{AgentId, Report};
use crate::source::{Fault, FoundAgent};
use crate::store::{ReportRecord, Result};
use arrivals::Arrivals;
pub use reopen::bytes_of;
use shares::Shares;

/// A report with entries that are still to be judged.
pub struct OpenReport {
    pub record: ReportRecord,
    pub report: Report,
    pub agent: FoundAgent,
}

/// What the first pass found.
#[derive(Default)]
pub struct Harvest {
    pub reports: Vec<OpenReport>,
    /// Where each of them is in `reports`, by its id.
    positions: HashMap<i64, usize>,
    /// The agents whose folders are there.
    agents: HashMap<AgentId, FoundAgent>,
    /// Agents of which something could not be read for the monitor's own reasons: nothing of theirs becomes MISSING.
    pub unsettled: HashSet<AgentId>,
    /// The deposits as a whole are not there: nothing becomes MISSING.
    pub unavailable: bool,
    /// What the reports to be judged cost.
    shares: Shares,
    /// What reports cost that are only looked at again.
    shares_again: Shares,
    /// What an earlier scan left to do could not be looked at, for the monitor's own reasons; each a sentence.
    failures: Vec<String>,
}

pub fn harvest(scan: &mut Scan, world: &mut World, summary: &mut Summary) -> Result<Harvest> {
    let folders = scan.source.agents();
    let mut harvest = Harvest::of_folders(folders.agents.clone());
    let mut gone: Vec<(AgentId, String)> = world
        .agents
        .keys()
        .filter(|id| !harvest.agents.contains_key(*id))
        .filter(|id| scan.only_agent.as_ref().is_none_or(|only| only == *id))
        .map(|id| (id.clone(), "its folder is gone".to_owned()))
        .collect();
    for agent in &folders.agents {
        if scan.only_agent.as_ref().is_some_and(|only| *only != agent.id) {
            continue;
        }
        match scan.source.reports(agent) {
            Ok(listing) => Arrivals { scan, world, summary, agent, harvest: &mut harvest }.take(listing)?,
            Err(Fault::Monitors(reason)) => {
                summary.not_done(format!(
                    "the folder of agent {} cannot be read: {reason}",
                    printable(agent.id.as_str())
                ));
                harvest.unsettled.insert(agent.id.clone());
            }
            Err(fault) => gone.push((agent.id.clone(), format!("its folder cannot be read: {fault}"))),
        }
    }
    folders::judge(scan, world, summary, &folders, &gone, &mut harvest)?;
    reopen::reopen(scan, world, summary, &mut harvest)?;
    Ok(harvest)
}

impl Harvest {
    /// Nothing but the folders, for reports to be brought back into.
    pub fn of_folders(agents: Vec<FoundAgent>) -> Self {
        let agents = agents.into_iter().map(|agent| (agent.id.clone(), agent)).collect();
        Self { agents, ..Self::default() }
    }

    /// The agents whose folders are there.
    pub fn agents(&self) -> impl Iterator<Item = &FoundAgent> {
        self.agents.values()
    }

    /// Adds a report, and gives where it is.
    fn add(&mut self, open: OpenReport) -> usize {
        let position = self.reports.len();
        self.positions.insert(open.record.id, position);
        self.reports.push(open);
        position
    }

    /// How many reports there are; later ones can be [forgotten](Self::forget_from).
    pub fn count(&self) -> usize {
        self.reports.len()
    }

    /// Forgets the reports from a position on, which were only looked at again and nothing refers to.
    pub fn forget_from(&mut self, position: usize) {
        for open in self.reports.drain(position.min(self.reports.len())..) {
            self.positions.remove(&open.record.id);
            let (bytes, entries) = (reopen::bytes_in(&open), open.report.entries.len());
            self.shares_again.give_back(&open.record.agent, bytes, entries);
        }
    }

    fn position(&self, report: i64) -> Option<usize> {
        self.positions.get(&report).copied()
    }
}
