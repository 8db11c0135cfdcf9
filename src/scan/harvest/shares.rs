//! How much of a scan's memory and time the reports of one agent may take.
//!
//! All reports that a scan judges are in memory at once, so what they cost there is limited: of each agent, so that a
//! stolen one harms nobody, and of all together, so that several stolen ones do not either. What does not fit stays
//! where it is until the next scan. The limits are far from what an honest agent sends between two scans; a first scan
//! of logs that go back for years meets them.

use std::collections::HashMap;

use crate::domain::AgentId;
use crate::source::agent_report::DATABASE_LIMIT;

/// Most that the reports of one agent may cost in one scan, in bytes.
const OF_AGENT: u64 = 32 << 20;
/// Most that the reports of all agents together may cost.
const OF_ALL: u64 = 128 << 20;
/// What an agent has even when the others took all: ten daily reports of fifty databases.
const ASSURED: u64 = 1 << 20;
/// Of each report beside its bytes: its transaction.
const OF_REPORT: u64 = 16 << 10;
/// Of each entry beside its bytes; measured.
const OF_ENTRY: u64 = 1 << 10;
/// No entry is shorter in JSON: `"":0,`.
const SHORTEST_ENTRY: u64 = 5;

/// What the reports that were taken cost.
#[derive(Default)]
pub(super) struct Shares {
    agents: HashMap<AgentId, u64>,
    all: u64,
}

/// One agent's account.
#[derive(Debug, Clone, Copy)]
pub(super) struct Share {
    agents: u64,
    alls: u64,
}

impl Shares {
    pub fn of(&self, agent: &AgentId) -> Share {
        Share { agents: self.agents.get(agent).copied().unwrap_or_default(), alls: self.all }
    }

    /// Takes from the agent's share what a report of so many bytes and entries costs; gives whether it was there.
    pub fn take(&mut self, agent: &AgentId, bytes: u64, entries: usize) -> bool {
        let mut share = self.of(agent);
        let fits = share.take(bytes, entries);
        self.agents.insert(agent.clone(), share.agents);
        self.all = share.alls;
        fits
    }

    /// Gives back what such a report of the agent cost.
    pub fn give_back(&mut self, agent: &AgentId, bytes: u64, entries: usize) {
        let cost = cost(bytes, entries);
        if let Some(taken) = self.agents.get_mut(agent) {
            *taken = taken.saturating_sub(cost);
            self.all = self.all.saturating_sub(cost);
        }
    }
}

fn cost(bytes: u64, entries: usize) -> u64 {
    let entries = OF_ENTRY.saturating_mul(u64::try_from(entries).unwrap_or(u64::MAX));
    OF_REPORT.saturating_add(bytes).saturating_add(entries)
}

impl Share {
    /// As [`Shares::take`]. The first report of an agent fits while there is room at all, for it is no larger than a
    /// report may be.
    pub fn take(&mut self, bytes: u64, entries: usize) -> bool {
        let cost = cost(bytes, entries);
        let (agents, alls) = (self.agents.saturating_add(cost), self.alls.saturating_add(cost));
        let fits = agents <= ASSURED || (alls <= OF_ALL && (self.agents == 0 || agents <= OF_AGENT));
        if fits {
            (self.agents, self.alls) = (agents, alls);
        }
        fits
    }

    /// Whether reports of these sizes fit, whatever is in them.
    pub fn surely_fits(mut self, sizes: impl Iterator<Item = u64>) -> bool {
        let most = |size: u64| {
            usize::try_from(size / SHORTEST_ENTRY).map_or(DATABASE_LIMIT, |most| most.min(DATABASE_LIMIT))
        };
        let mut sizes = sizes;
        sizes.all(|size| self.take(size, most(size)))
    }

    /// The agent itself has more than is taken in one scan; otherwise the others have.
    pub fn is_the_agents(self) -> bool {
        self.agents > ASSURED
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const DAILY: (u64, usize) = (40_000, 50);

    fn agent(name: &str) -> AgentId {
        AgentId::new(name).unwrap()
    }

    /// How many such reports of the agent are taken.
    fn fit(shares: &mut Shares, name: &str, (bytes, entries): (u64, usize)) -> usize {
        (0..10_000).take_while(|_| shares.take(&agent(name), bytes, entries)).count()
    }

    #[test]
    fn what_is_given_back_is_there_again() {
        let mut shares = Shares::default();
        let fits = fit(&mut shares, "A", DAILY);
        assert!(fits > 0 && fit(&mut shares, "A", DAILY) == 0);
        for _ in 0..fits {
            shares.give_back(&agent("A"), DAILY.0, DAILY.1);
        }
        shares.give_back(&agent("B"), DAILY.0, DAILY.1);
        assert_eq!((shares.all, fit(&mut shares, "A", DAILY)), (0, fits), "and nothing of who took nothing");
    }

    #[test]
    fn ten_months_of_daily_reports_fit_and_a_flood_does_not() {
        let fit = |report| fit(&mut Shares::default(), "A", report);
        assert_eq!(fit(DAILY), 311);
        assert_eq!(fit((15_000, 1000)), 31);
        assert_eq!(fit((16 << 20, DATABASE_LIMIT)), 1, "the largest one comes in");
        assert_eq!(fit((100, 1)), 1916);
    }

    #[test]
    fn many_floods_leave_every_other_agent_its_own() {
        let mut shares = Shares::default();
        for stolen in 0..100 {
            fit(&mut shares, &format!("A{stolen}"), (15_000_000, 20_000));
            fit(&mut shares, &format!("A{stolen}"), (100, 1));
        }
        assert!(shares.all > OF_ALL && shares.all <= OF_ALL + 100 * ASSURED, "{}", shares.all);
        assert_eq!(fit(&mut shares, "HONEST", DAILY), 9);
        assert!(!shares.of(&agent("HONEST")).is_the_agents() && shares.of(&agent("A0")).is_the_agents());
    }

    #[test]
    fn what_fits_surely_is_known_by_the_sizes_alone() {
        let shares = Shares::default();
        let fits = |sizes: &[u64]| shares.of(&agent("A")).surely_fits(sizes.iter().copied());
        assert!(fits(&[]) && fits(&[40_000]) && fits(&[16 << 20]));
        assert!(!fits(&[16 << 20, 1]));
    }
}
