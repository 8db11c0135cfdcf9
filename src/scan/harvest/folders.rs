//! Whether folders that are gone are their agents' trouble, or the deposits are not there.

use std::collections::HashSet;
use std::path::{Path, PathBuf};

use super::Harvest;
use crate::domain::incident::{IncidentKind, Subject};
use crate::domain::{AgentId, Problem, Severity};
use crate::scan::Scan;
use crate::scan::summary::Summary;
use crate::scan::world::World;
use crate::source::{Fault, Folders};
use crate::store::{Result, Unit};

/// At least this many agents, and a tenth of the known ones, gone at once are no fault of theirs (SPEC section 4, rule 6).
const GONE_AT_ONCE: usize = 3;

/// Tells apart one agent's trouble from a root that is not mounted. `gone` holds agents whose folder is gone or
/// unreadable, with the reason.
pub(super) fn judge(
    scan: &mut Scan,
    world: &mut World,
    summary: &mut Summary,
    folders: &Folders,
    gone: &[(AgentId, String)],
    harvest: &mut Harvest,
) -> Result<()> {
    let reason = why_unavailable(world, folders, gone);
    let server = Subject::server(Problem::DepositsUnavailable);
    // A look at one agent cannot tell that all the others are back.
    let of_one = scan.only_agent.is_some();
    harvest.unavailable = reason.is_some() || (of_one && !gone.is_empty() && world.is_open(&server));
    let emptied = Emptied::of(&scan.config.paths.deposits, world, folders);
    let reason = reason.or_else(|| emptied.as_ref().map(Emptied::reason));
    let lost = emptied.map(|emptied| emptied.agents).unwrap_or_default();
    let mut unit = Unit::default();
    if let Some(reason) = &reason {
        summary.not_done(reason.clone());
    }
    if !of_one {
        unit.incidents.extend(match reason {
            Some(reason) => world.raise(server, Severity::Critical, reason),
            None => world.resolve(server),
        });
    }
    if !harvest.unavailable {
        let theirs = gone.iter().filter(|(agent, _)| !lost.contains(agent));
        tell_of_agents(world, theirs, &mut unit);
    }
    // Of the agents under the other roots all goes on.
    harvest.unsettled.extend(lost);
    tell_of_names(world, folders, &mut unit);
    if unit.incidents.is_empty() { Ok(()) } else { scan.store.commit(&unit).map(drop) }
}

fn why_unavailable(world: &World, folders: &Folders, gone: &[(AgentId, String)]) -> Option<String> {
    if let Some((root, fault)) = folders.unreadable_roots.first() {
        let (root, mend) = (root.display(), mend_of_root(fault));
        return Some(format!("the deposit root `{root}` cannot be read: {fault}; {mend}"));
    }
    if folders.agents.is_empty() && !world.agents.is_empty() {
        return Some(
            "the deposits are empty though agents are known; is their file system mounted?".to_owned(),
        );
    }
    let ended = ended(world);
    // What was gone before this scan, or is expected of nobody, says nothing of the file system.
    let counts = |agent: &AgentId| {
        !ended.contains(agent) && !world.is_open(&Subject::agent(Problem::DepositUnreadable, agent.as_str()))
    };
    let known = world.agents.keys().filter(|agent| counts(agent)).count();
    let gone = gone.iter().filter(|(agent, _)| world.agents.contains_key(agent) && counts(agent)).count();
    (gone >= GONE_AT_ONCE && gone * 10 >= known).then(|| {
        format!(
            "the folders of {gone} of {known} known agents are gone or unreadable at once: mount them, or retire \
             the jobs of agents that are gone for good"
        )
    })
}

/// A root of several that has lost all of its agents. One who lies under another root now has only moved, and of one of
/// whom nothing is expected it says nothing; the only one of a root may as well have been taken away.
struct Emptied<'r> {
    root: &'r Path,
    agents: Vec<AgentId>,
}

impl<'r> Emptied<'r> {
    /// The first of the roots that is one.
    fn of(roots: &'r [PathBuf], world: &World, folders: &Folders) -> Option<Self> {
        let found: HashSet<&AgentId> = folders.agents.iter().map(|found| &found.id).collect();
        let jobs = world.jobs.values().map(|tracked| &tracked.job);
        let active = jobs.filter(|job| !job.ignored && job.retired_at.is_none());
        let expected: HashSet<&AgentId> = active.map(|job| &job.key.agent).collect();
        roots.iter().filter(|root| !folders.agents.iter().any(|found| found.root == **root)).find_map(
            |root| {
                let known = world.agents.values().filter(|agent| agent.root == *root);
                let is_lost = |id: &AgentId| expected.contains(id) && !found.contains(id);
                let agents: Vec<AgentId> =
                    known.map(|agent| agent.id.clone()).filter(|agent| is_lost(agent)).collect();
                (agents.len() > 1).then_some(Self { root, agents })
            },
        )
    }

    fn reason(&self) -> String {
        format!(
            "the deposit root `{}` is empty though agents are known under it; is its file system mounted?",
            self.root.display()
        )
    }
}

fn mend_of_root(fault: &Fault) -> &'static str {
    match fault {
        Fault::Absent => "is its file system mounted? It is set by `deposits` in [paths]",
        Fault::WrongKind(_) => "name a folder by `deposits` in [paths]",
        Fault::Agents(_) => "let backupmon's user read it",
        Fault::Monitors(_) => "see whether its file system is in order",
    }
}

/// The agents of which nothing is expected any more: none of their jobs is active, or all of them went on under another
/// name.
fn ended(world: &World) -> HashSet<AgentId> {
    let mut ended: HashSet<AgentId> = world.agents.keys().cloned().collect();
    for tracked in world.jobs.values() {
        let job = &tracked.job;
        if !job.ignored && job.retired_at.is_none() {
            ended.remove(&job.key.agent);
        }
    }
    ended
}

fn tell_of_agents<'g>(world: &mut World, gone: impl Iterator<Item = &'g (AgentId, String)>, unit: &mut Unit) {
    let mut gone = gone.peekable();
    if gone.peek().is_none() {
        return;
    }
    let ended = ended(world);
    for (agent, reason) in gone {
        let subject = Subject::agent(Problem::DepositUnreadable, agent.as_str());
        unit.incidents.extend(if ended.contains(agent) {
            world.resolve(subject)
        } else {
            world.raise(subject, Severity::Critical, reason.clone())
        });
    }
}

/// Folders whose name is no name have a problem until they are renamed.
fn tell_of_names(world: &mut World, folders: &Folders, unit: &mut Unit) {
    for name in &folders.invalid {
        let subject = Subject::agent(Problem::NameInvalid, name.as_str());
        let message = "the name of this deposit folder is no name of an agent: rename it".to_owned();
        unit.incidents.extend(world.raise(subject, Severity::Warning, message));
    }
    for subject in world.open_subjects(|subject| {
        is_of_folder_name(subject) && !folders.invalid.iter().any(|name| Some(name) == subject.agent.as_ref())
    }) {
        unit.incidents.extend(world.resolve(subject));
    }
}

/// A name problem of a folder, not of a database in a report: its agent can be none by its name.
fn is_of_folder_name(subject: &Subject) -> bool {
    subject.kind == IncidentKind::Problem(Problem::NameInvalid)
        && subject.agent.as_ref().is_some_and(|name| AgentId::new(name.as_str()).is_err())
}
