//! In which order files are read: no agent's files keep those of the others waiting.
//!
//! The agents take turns, each with so many bytes a turn, its small files first: so what one agent deposits delays the
//! others by a turn, and a file that takes hours to read comes after all that does not. And while others wait, one agent
//! does not hold all readers, for a file may take long by what is in it.

use std::collections::hash_map::Entry;
use std::collections::{BTreeSet, HashMap, VecDeque};

use super::read::Order;
use crate::domain::AgentId;

/// Bytes of one agent's files that are read in a turn. So large that the usual agent's small dumps come in one turn, in
/// the order of their reports.
const TURN: u64 = 256 << 20;

/// In which turn an order comes, and its place in that.
type Place = (u64, usize);

/// Orders that are to be begun.
pub struct Turns {
    agents: HashMap<AgentId, Agent>,
    /// The next place of each agent that has orders left.
    next: BTreeSet<(Place, AgentId)>,
    /// Most readers that one agent may hold while others wait.
    most: usize,
    left: usize,
}

#[derive(Default)]
struct Agent {
    /// In the order in which they are begun.
    orders: VecDeque<(Place, Order)>,
    /// How many of its files are being read.
    readers: usize,
}

impl Turns {
    /// `threads` is the number of readers.
    pub fn new(orders: Vec<Order>, threads: usize) -> Self {
        let left = orders.len();
        let mut agents: HashMap<AgentId, Agent> = HashMap::new();
        for (position, order) in orders.into_iter().enumerate() {
            agents.entry(order.task.agent.id.clone()).or_default().orders.push_back(((0, position), order));
        }
        let mut next = BTreeSet::new();
        for (id, agent) in &mut agents {
            deal(&mut agent.orders);
            next.extend(agent.orders.front().map(|(place, _)| (*place, id.clone())));
        }
        Self { agents, next, most: threads.saturating_sub(1).max(1), left }
    }

    /// The next order, whose agent holds one reader more until it is [`given back`](Self::done).
    pub fn take(&mut self) -> Option<Order> {
        let readers = |id: &AgentId| self.agents.get(id).map_or(0, |agent| agent.readers);
        let may_begin = |(_, id): &&(Place, AgentId)| readers(id) < self.most;
        let chosen = self.next.iter().find(may_begin).or_else(|| self.next.first()).cloned()?;
        self.next.remove(&chosen);
        let (_, id) = chosen;
        let agent = self.agents.get_mut(&id)?;
        let (_, order) = agent.orders.pop_front()?;
        agent.readers += 1;
        self.next.extend(agent.orders.front().map(|(place, _)| (*place, id)));
        self.left -= 1;
        Some(order)
    }

    /// A file of the agent is read.
    pub fn done(&mut self, id: &AgentId) {
        let Entry::Occupied(mut entry) = self.agents.entry(id.clone()) else { return };
        let agent = entry.get_mut();
        agent.readers = agent.readers.saturating_sub(1);
        if agent.readers == 0 && agent.orders.is_empty() {
            entry.remove();
        }
    }

    /// How many were not taken.
    pub fn left(&self) -> usize {
        self.left
    }
}

/// Gives each order of one agent its turn.
fn deal(orders: &mut VecDeque<((u64, usize), Order)>) {
    let size = |order: &Order| order.task.identity.size;
    orders.make_contiguous().sort_by_key(|((_, position), order)| (size(order), *position));
    let mut before = 0_u64;
    for ((turn, _), order) in orders.iter_mut() {
        before = before.saturating_add(size(order));
        *turn = before / TURN;
    }
    orders.make_contiguous().sort_by_key(|(place, _)| *place);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::job::{FileIdentity, Rank};
    use crate::domain::ledger::Origin;
    use crate::domain::verdict::{ContentClaim, Expectation, Proof};
    use crate::domain::{DatabaseName, JobKey};
    use crate::intake::Wants;
    use crate::scan::decide::{Purpose, Task};
    use crate::source::FoundAgent;

    const GIB: u64 = 1 << 30;

    fn order(agent: &str, size: u64) -> Order {
        let id = AgentId::new(agent).unwrap();
        let task = Task {
            key: JobKey { agent: id.clone(), database: DatabaseName::new("DB").unwrap() },
            report: 0,
            entry: 0,
            origin: Origin {
                report: 1,
                rank: Rank { time: "2026-06-15T12:00:00Z".parse().unwrap(), own: None, file: String::new() },
            },
            expectation: Expectation {
                file: "f".to_owned(),
                proof: Proof::Size(size),
                size: None,
                content: ContentClaim::default(),
            },
            agent: FoundAgent { id, root: "/".into() },
            identity: FileIdentity { device: 1, inode: 1, size, mtime: 0, ctime: 0 },
            purpose: Purpose::Newest,
            twin: None,
        };
        Order { task, wants: Wants { content_check: false, stream_digest: false }, copy: false }
    }

    fn taken(turns: &mut Turns) -> Option<(String, u64)> {
        let order = turns.take()?;
        Some((order.task.agent.id.to_string(), order.task.identity.size))
    }

    #[test]
    fn small_dumps_are_read_in_the_order_of_their_reports() {
        let sizes = [5, 3, 9, 1];
        let orders =
            sizes.iter().zip(["B", "A", "B", "A"]).map(|(size, agent)| order(agent, *size)).collect();
        let mut turns = Turns::new(orders, 1);
        let mut seen = Vec::new();
        while let Some((agent, size)) = taken(&mut turns) {
            turns.done(&AgentId::new(&agent).unwrap());
            seen.push(size);
        }
        assert_eq!((seen, turns.left()), (sizes.to_vec(), 0));
    }

    #[test]
    fn what_takes_hours_comes_after_all_that_does_not() {
        let mut orders = vec![order("A", 8 << 40), order("B", 8 << 40)];
        orders.extend((1..=40).map(|n| order("HONEST", n * GIB)));
        let mut turns = Turns::new(orders, 1);
        let honest = AgentId::new("HONEST").unwrap();
        for n in 1..=40 {
            assert_eq!(taken(&mut turns), Some(("HONEST".to_owned(), n * GIB)));
            turns.done(&honest);
        }
        assert_eq!((taken(&mut turns).unwrap().0, turns.left()), ("A".to_owned(), 1));
    }

    #[test]
    fn many_files_of_one_agent_alternate_with_those_of_another() {
        let mut orders: Vec<_> = (0..1000).map(|_| order("A", GIB)).collect();
        orders.extend((0..3).map(|_| order("HONEST", GIB)));
        let mut turns = Turns::new(orders, 1);
        let mut agents = Vec::new();
        for _ in 0..6 {
            let (agent, _) = taken(&mut turns).unwrap();
            turns.done(&AgentId::new(&agent).unwrap());
            agents.push(agent);
        }
        assert_eq!(agents, ["A", "HONEST", "A", "HONEST", "A", "HONEST"]);
    }

    #[test]
    fn one_agent_holds_all_readers_only_while_nobody_else_waits() {
        let mut turns = Turns::new(vec![order("A", 1), order("A", 2), order("A", 3), order("HONEST", 4)], 2);
        assert_eq!(taken(&mut turns).unwrap().1, 1);
        assert_eq!(taken(&mut turns).unwrap().0, "HONEST");
        turns.done(&AgentId::new("HONEST").unwrap());
        assert_eq!(taken(&mut turns).unwrap().1, 2, "a reader is free, and nobody else wants it");
        turns.done(&AgentId::new("A").unwrap());
        turns.done(&AgentId::new("A").unwrap());
        assert_eq!((taken(&mut turns).unwrap().1, turns.take().is_none()), (3, true));
    }
}
