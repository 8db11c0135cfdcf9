//! What the operators do in the year, beside the edits of schedules: told to both worlds.

use super::calendar::{DAY, Seconds};
use super::deposit::Deposit;
use super::fleet::Fleet;
use super::oracle::{Key, Oracle};
use super::server::Server;

pub enum Deed {
    Retire(Key),
    Rename(usize, String),
    /// `--until`, or `--no-end`.
    Pause(usize, Option<Seconds>),
    Resume(usize),
}

/// All of them, the last one first.
pub fn deeds(fleet: &Fleet, retirements: &[(Seconds, Key)]) -> Vec<(Seconds, Deed)> {
    let mut deeds: Vec<_> = retirements.iter().map(|(at, key)| (*at, Deed::Retire(key.clone()))).collect();
    deeds.retain(|(at, _)| *at < fleet.end);
    for (number, agent) in fleet.agents.iter().enumerate() {
        if let Some((at, name)) = &agent.renamed {
            deeds.push((*at, Deed::Rename(number, name.clone())));
        }
        match agent.pause {
            // Some are resumed by hand, some go on by themselves.
            Some((from, until)) if number >= 10 => {
                deeds.push((from, Deed::Pause(number, None)));
                deeds.push((until, Deed::Resume(number)));
            }
            // Whatever the server's clock shows when it is paused, it is paused for a while.
            Some((from, until)) => deeds.push((from, Deed::Pause(number, Some(until.max(from + DAY))))),
            None => {}
        }
    }
    deeds.sort_by_key(|(at, _)| std::cmp::Reverse(*at));
    deeds
}

impl Deed {
    pub fn carry_out(
        self,
        now: Seconds,
        fleet: &mut Fleet,
        deposit: &Deposit,
        worlds: (&mut Server, &mut Oracle),
    ) {
        let (server, oracle) = worlds;
        match self {
            Self::Retire(key) => {
                oracle.retire(&key, now);
                server.retire(&key, now);
            }
            Self::Rename(agent, name) => {
                server.rename(agent, &name, deposit.folders[agent].gone, now);
                let agent = &mut fleet.agents[agent];
                agent.former = Some(std::mem::replace(&mut agent.name, name));
                server.configure(fleet);
            }
            Self::Pause(agent, until) => {
                oracle.pause(agent, now, until);
                server.pause(agent, now, until);
            }
            Self::Resume(agent) => {
                oracle.resume(agent, now);
                server.resume(agent, now);
            }
        }
    }
}
