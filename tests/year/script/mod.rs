//! What the agents do in the year: backups as they should be, and everything that goes wrong with them.

mod behaviour;
mod hand;
mod occasions;
mod oddity;
mod silence;
mod spells;

use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::Arc;

use super::calendar::{DAY, HOUR, MINUTE, Seconds};
use super::deposit::{Blob, Event, Report, What};
use super::fleet::{Agent, Database, Fleet, Group};
use super::oracle::Key;
use super::rng::Rng;
use occasions::{Occasion, occasions};
use spells::{Spells, within};

/// Something that was made to go wrong.
#[derive(Debug, Clone)]
pub struct Fault {
    pub kind: &'static str,
    pub agent: usize,
    /// `None`: the agent's own trouble.
    pub database: Option<String>,
    pub begin: Seconds,
    /// From then on it can be known; `None` where only the ground truth can tell whether it ever does harm.
    pub knowable: Option<Seconds>,
    /// The first good backup after it.
    pub healed: Seconds,
}

impl Fault {
    /// The kind of the incident that tells it.
    pub fn trouble(&self) -> &'static str {
        match self.kind {
            "year_not_started" => self.kind,
            "held" => "version_held",
            kind if self.database.is_none() => kind,
            _ => "job",
        }
    }
}

#[derive(Default)]
pub struct Script {
    pub events: Vec<Event>,
    pub faults: Vec<Fault>,
    /// When all of a good backup lay there, for each job.
    clean: BTreeMap<Key, Vec<Seconds>>,
    pub retirements: Vec<(Seconds, Key)>,
}

/// One run of an agent's script.
struct Operation<'a> {
    group: &'a Group,
    /// How long before it is due it may end and still be taken for it.
    early: i64,
    databases: Vec<&'a Database>,
    /// When it was meant to be.
    due: Seconds,
    deadline: Seconds,
    /// When it ended.
    ended: Seconds,
    /// When its absence can be known, where that does not hang on when the one before came.
    absence: Option<Seconds>,
}

struct Writer<'a> {
    number: usize,
    agent: &'a Agent,
    rng: Rng,
    spells: Spells,
    script: &'a mut Script,
    reports: usize,
    blobs: &'a mut u64,
    /// The newest bytes of each database.
    newest: HashMap<String, Blob>,
    /// How often the agent gave a group's dumps another name.
    renamed: HashMap<String, usize>,
    /// Of each group, a report that is still to be sent after the next one.
    held_back: HashMap<String, Arc<Report>>,
    /// Databases that shrank to almost nothing for good.
    small: HashSet<String>,
    /// Pauses and maintenance: what is absent then is not told.
    windows: Vec<(Seconds, Seconds)>,
}

impl Script {
    pub fn write(fleet: &Fleet, rng: &mut Rng, calm: bool) -> Self {
        let mut script = Self::default();
        let mut blobs = 0;
        for (number, agent) in fleet.agents.iter().enumerate() {
            let mut rng = rng.fork();
            let spells = if calm { Spells::none() } else { Spells::of(&mut rng, fleet, agent) };
            let writer = Writer {
                number,
                agent,
                rng,
                spells,
                script: &mut script,
                reports: 0,
                blobs: &mut blobs,
                newest: HashMap::new(),
                renamed: HashMap::new(),
                held_back: HashMap::new(),
                small: HashSet::new(),
                windows: agent.windows(fleet.start, fleet.end),
            };
            writer.write(fleet, calm);
        }
        script.finish(fleet);
        script
    }

    /// While the server's own clock is behind, all others are ahead, and what comes after it was set may seem older than
    /// what came before.
    pub fn blame_the_server(&mut self, fleet: &Fleet, (from, to): (Seconds, Seconds)) {
        for (agent, its) in fleet.agents.iter().enumerate() {
            let fault = |kind, database: Option<&Database>| Fault {
                kind,
                agent,
                database: database.map(|database| database.name.clone()),
                begin: from - HOUR,
                knowable: None,
                healed: to + 2 * DAY,
            };
            self.faults.push(fault("clock_skew", None));
            let databases = its.groups.iter().flat_map(|group| &group.databases);
            self.faults.extend(databases.map(|database| fault("clock", Some(database))));
        }
    }

    /// What hangs on a chain of scans cannot be known so soon where some did not take place.
    pub fn excuse_the_monitor(&mut self, (from, to): (Seconds, Seconds)) {
        for fault in &mut self.faults {
            let chain = matches!(fault.kind, "dumps_without_report" | "agent_never_reported");
            if chain && fault.begin < to && fault.knowable.is_some_and(|time| time > from) {
                fault.knowable = None;
            }
        }
    }

    fn finish(&mut self, fleet: &Fleet) {
        self.events.sort_by_key(|event| event.at);
        for times in self.clean.values_mut() {
            times.sort_unstable();
        }
        for fault in &mut self.faults {
            if fault.trouble() != "job" && (fault.kind != "held" || fault.knowable.is_none()) {
                continue;
            }
            let Some(database) = &fault.database else { continue };
            let times = self.clean.get(&(fault.agent, database.clone()));
            let after =
                times.and_then(|times| times.iter().find(|time| **time > fault.healed.max(fault.begin)));
            fault.healed = after.copied().unwrap_or(fleet.end);
        }
        self.retirements.sort();
        self.silent_folders();
    }
}

impl Writer<'_> {
    fn write(mut self, fleet: &Fleet, calm: bool) {
        self.spell_faults();
        for group in &self.agent.groups {
            self.edit_faults(group);
            for Occasion { due, deadline, early, is_dated } in occasions(group, fleet, &mut self.rng) {
                let is_expected = |(from, until): &(Seconds, Seconds)| *until <= due || deadline < *from;
                let absence = (is_dated && self.windows.iter().all(is_expected)).then_some(deadline);
                let databases: Vec<&Database> = group
                    .databases
                    .iter()
                    .enumerate()
                    .filter(|(n, database)| {
                        let lost = self
                            .spells
                            .lost
                            .iter()
                            .any(|(from, to, m)| m == n && (*from..*to).contains(&due));
                        let active = (database.from..database.to).contains(&due);
                        if lost && active {
                            self.script.faults.push(Fault {
                                kind: "lost",
                                agent: self.number,
                                database: Some(database.name.clone()),
                                begin: due - HOUR,
                                knowable: absence,
                                healed: due,
                            });
                        }
                        active && !lost
                    })
                    .map(|(_, database)| database)
                    .collect();
                let ended = due + self.rng.between(2 * MINUTE, 15 * MINUTE);
                let mut operation = Operation { group, early, databases, due, deadline, ended, absence };
                if operation.databases.is_empty() {
                    continue;
                }
                if within(&self.spells.silent, due) || self.is_folder_gone(due) {
                    self.silent(&operation);
                } else if within(&self.spells.mute, due) || due < self.agent.reports_from {
                    self.unreported(&operation);
                } else if calm {
                    self.plain(&operation);
                } else {
                    self.behave(&mut operation);
                }
            }
            self.retire(group, fleet);
            self.late_year(group, fleet);
        }
    }

    fn is_folder_gone(&self, due: Seconds) -> bool {
        self.spells.folder_gone.iter().any(|(from, to)| (*from - 20 * HOUR..*to).contains(&due))
    }

    fn spell_faults(&mut self) {
        let databases = self.agent.groups.iter().flat_map(|group| &group.databases);
        let begins = databases.map(|database| database.from).min().unwrap_or_default();
        let databases = self.agent.groups.iter().flat_map(|group| &group.databases);
        let ends = databases.map(|database| database.to).max().unwrap_or_default();
        self.spells.folder_gone.retain(|(from, _)| (begins + 8 * DAY..ends - 4 * DAY).contains(from));
        for (from, to) in self.spells.folder_gone.clone() {
            self.event(from, What::FolderGone);
            self.event(to, What::FolderBack);
            self.agents_fault("deposit_unreadable", from, Some(from), to);
        }
        for (from, to, _) in self.spells.clock.clone() {
            for group in &self.agent.groups {
                for database in &group.databases {
                    // What a wrong clock does is for the ground truth to say.
                    self.fault("clock", &database.name, from - HOUR, None, to + 4 * DAY);
                }
            }
            self.agents_fault("clock_skew", from, None, to + 4 * DAY);
        }
    }

    /// Where a schedule is edited, old and new times meet: what comes of it is for the ground truth to say.
    fn edit_faults(&mut self, group: &Group) {
        let Some((at, _)) = &group.edit else { return };
        for database in &group.databases {
            self.fault("edit", &database.name, at - 2 * DAY, None, at + 2 * DAY);
        }
    }

    /// A family that should have gone on by the end of January.
    fn late_year(&mut self, group: &Group, fleet: &Fleet) {
        let years = || group.databases.iter().filter(|database| database.name.contains("ARCHIVE"));
        let Some(newest) = years().find(|database| database.name.ends_with("2027")) else { return };
        let begins = years().find(|database| database.name.ends_with("2028")).map(|database| database.from);
        let known = fleet.new_year + 31 * DAY;
        self.script.faults.push(Fault {
            kind: "year_not_started",
            agent: self.number,
            database: Some(newest.name.clone()),
            begin: known,
            knowable: Some(known),
            // With a monthly rhythm it is long until it comes for the first time.
            healed: begins.map_or(fleet.end, |begins| begins + 40 * DAY),
        });
    }

    /// A database of the old year that ended is retired some days later, after its last backup.
    fn retire(&mut self, group: &Group, fleet: &Fleet) {
        for database in group.databases.iter().filter(|database| database.to < fleet.end) {
            let at = database.to + self.rng.between(6 * HOUR, 20 * DAY);
            self.script.retirements.push((at, (self.number, database.name.clone())));
            let begin = database.to - 2 * DAY;
            self.fault("ended", &database.name, begin, None, fleet.end);
        }
    }
}
