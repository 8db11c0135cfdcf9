//! What the agents do in the year: backups as they should be, and everything that goes wrong with them.

use std::collections::{BTreeMap, HashMap};
use std::io::Write as _;
use std::sync::Arc;

use super::calendar::{DAY, HOUR, MINUTE, Rhythm, Seconds};
use super::deposit::{Blob, Entry, Event, Report, What};
use super::fleet::{Agent, Database, Fleet, Group};
use super::oracle::Key;
use super::rng::Rng;

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

/// What an agent does for some days, and other agents do not.
struct Spells {
    silent: Vec<(Seconds, Seconds)>,
    folder_gone: Vec<(Seconds, Seconds)>,
    /// From, until, and how far the clock is ahead; `None`: it jumps.
    clock: Vec<(Seconds, Seconds, Option<i64>)>,
    /// From, until, and the number of the database that is left out.
    lost: Vec<(Seconds, Seconds, usize)>,
}

fn within(spells: &[(Seconds, Seconds)], time: Seconds) -> bool {
    spells.iter().any(|(from, to)| (*from..*to).contains(&time))
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

    fn finish(&mut self, fleet: &Fleet) {
        self.events.sort_by_key(|event| event.at);
        for times in self.clean.values_mut() {
            times.sort_unstable();
        }
        for fault in &mut self.faults {
            if fault.trouble() != "job" {
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

impl Script {
    /// Where dumps come for days before the first report, or after the newest one.
    fn silent_folders(&mut self) {
        let agents = self.events.iter().map(|event| event.agent).max().map_or(0, |last| last + 1);
        for agent in 0..agents {
            let mut newest: Option<Seconds> = None;
            let mut dumped: Option<Seconds> = None;
            let mut faults = Vec::new();
            for event in self.events.iter().filter(|event| event.agent == agent) {
                match &event.what {
                    What::Report { .. } => {
                        let kind =
                            if newest.is_some() { "dumps_without_report" } else { "agent_never_reported" };
                        if let Some(begin) =
                            dumped.take().filter(|_| newest.is_none_or(|newest| event.at - newest > 3 * DAY))
                        {
                            faults.push(Fault {
                                kind,
                                agent,
                                database: None,
                                begin,
                                knowable: None,
                                healed: event.at,
                            });
                        }
                        newest = Some(event.at);
                    }
                    What::Dump { .. } | What::RemoveDump { .. } | What::Unreadable { .. } => {
                        dumped = dumped.or(Some(event.at));
                    }
                    What::RemoveReport { .. } | What::FolderGone | What::FolderBack => {}
                }
            }
            if let Some(begin) = dumped {
                let healed = begin + 400 * DAY;
                faults.push(Fault {
                    kind: "dumps_without_report",
                    agent,
                    database: None,
                    begin,
                    knowable: None,
                    healed,
                });
            }
            self.faults.extend(faults);
        }
    }
}

impl Spells {
    fn none() -> Self {
        Self { silent: Vec::new(), folder_gone: Vec::new(), clock: Vec::new(), lost: Vec::new() }
    }

    fn of(rng: &mut Rng, fleet: &Fleet, agent: &Agent) -> Self {
        let days = (fleet.end - fleet.start) / DAY;
        // So many a year, whatever the length of this one.
        let several = |rng: &mut Rng, a_year: i64| (a_year * days + rng.between(0, 365)) / 365;
        let begin = |rng: &mut Rng| fleet.start + rng.between(12 * DAY, (days * DAY).max(13 * DAY));
        let span = |rng: &mut Rng, hours: (i64, i64)| {
            let from = begin(rng);
            (from, from + rng.between(hours.0 * HOUR, hours.1 * HOUR))
        };
        let silent = (0..several(rng, 3)).map(|_| span(rng, (48, 220))).collect();
        let folder_gone = (0..several(rng, 1)).map(|_| span(rng, (3, 60))).collect();
        let offsets = [2 * HOUR, 3 * DAY, 400 * DAY, -2 * HOUR, -DAY, -40 * DAY, 20 * MINUTE, 14 * MINUTE];
        let clock = (0..several(rng, 3)).map(|_| {
            let (from, to) = span(rng, (20, 200));
            (from, to, (!rng.per_mille(250)).then(|| *rng.pick(&offsets)))
        });
        let clock = clock.collect();
        let databases: usize = agent.groups.iter().map(|group| group.databases.len()).sum();
        let lost = (0..several(rng, 4)).map(|_| {
            let (from, to) = span(rng, (24, 150));
            (from, to, usize::try_from(rng.between(0, i64::try_from(databases).unwrap())).unwrap())
        });
        let lost = lost.collect();
        Self { silent, folder_gone, clock, lost }
    }

    fn offset(&self, rng: &mut Rng, time: Seconds) -> i64 {
        let spell = self.clock.iter().find(|(from, to, _)| (*from..*to).contains(&time));
        spell.map_or(0, |(_, _, offset)| offset.unwrap_or_else(|| rng.between(-4 * DAY, 4 * DAY)))
    }

    /// Whether what a report said then, or before, may still confuse.
    fn clock_is_doubtful(&self, time: Seconds) -> bool {
        self.clock.iter().any(|(from, to, _)| (*from..*to + 4 * DAY).contains(&time))
    }
}

impl Writer<'_> {
    fn write(mut self, fleet: &Fleet, calm: bool) {
        self.spell_faults();
        for group in &self.agent.groups {
            self.edit_faults(group);
            for Occasion { due, deadline, early, is_dated } in occasions(group, fleet, &mut self.rng) {
                let absence = is_dated.then_some(deadline);
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

    /// What an agent does on one occasion.
    fn behave(&mut self, operation: &mut Operation) {
        let grace = operation.deadline - operation.due;
        match self.rng.between(0, 1000) {
            0..730 => self.plain(operation),
            730..765 => {
                operation.ended = operation.due - self.rng.between(0, operation.early.max(1));
                self.plain(operation);
            }
            765..805 => {
                // Late, and there at the deadline.
                operation.ended = operation.due + self.rng.between(0, grace - 10 * MINUTE);
                self.plain(operation);
            }
            805..820 => {
                operation.ended = operation.deadline + self.rng.between(-2 * MINUTE, 3 * HOUR);
                self.late(operation);
            }
            820..832 => self.silent(operation),
            832..850 => self.split(operation),
            850..865 => self.twice_the_same(operation),
            865..877 => self.twice(operation),
            877..887 => self.hold_back(operation),
            887..912 => self.report_first(operation),
            912..920 => self.rename(operation),
            920..930 => self.damaged(operation),
            930..945 => self.failed_entry(operation),
            945..950 => self.agent_failed(operation),
            950..955 => self.same_file(operation),
            955..963 => self.flawed(operation),
            963..973 => self.growing(operation),
            973..980 => self.unreadable(operation),
            980..985 => self.too_early(operation),
            _ => self.unchanged(operation),
        }
    }

    fn plain(&mut self, operation: &Operation) {
        let entries = self.dump_all(operation, operation.ended + MINUTE);
        self.send(operation, operation.ended + 6 * MINUTE, entries);
        if let Some(old) = self.held_back.remove(&operation.group.prefix) {
            // An old one after a new one.
            let later = operation.ended + self.rng.between(7, 600) * MINUTE;
            self.send_again(later, old);
        }
    }

    fn late(&mut self, operation: &Operation) {
        for database in &operation.databases {
            self.fault("late", &database.name, operation.due - HOUR, operation.absence, operation.due);
        }
        self.plain(operation);
    }

    fn silent(&mut self, operation: &Operation) {
        for database in &operation.databases {
            self.fault("silent", &database.name, operation.due - HOUR, operation.absence, operation.due);
        }
    }

    fn too_early(&mut self, operation: &mut Operation) {
        operation.ended = operation.due - operation.early - self.rng.between(MINUTE, 2 * HOUR);
        for database in &operation.databases {
            // With `every` it only puts the next one forward.
            self.fault("too early", &database.name, operation.ended, None, operation.due);
        }
        self.plain(operation);
        for database in &operation.databases {
            self.unclean(&database.name, operation.ended);
        }
    }

    /// Half of the databases in one report, the rest in another.
    fn split(&mut self, operation: &Operation) {
        let mut entries = self.dump_all(operation, operation.ended + MINUTE);
        let rest = entries.split_off(entries.len() / 2);
        self.send(operation, operation.ended + 5 * MINUTE, entries);
        let later = operation.ended + self.rng.between(6, 50) * MINUTE;
        self.send(operation, later, rest);
    }

    fn twice_the_same(&mut self, operation: &Operation) {
        let entries = self.dump_all(operation, operation.ended + MINUTE);
        let report = self.send(operation, operation.ended + 5 * MINUTE, entries);
        let later = operation.ended + self.rng.between(6, 1500) * MINUTE;
        self.send_again(later, report);
    }

    fn twice(&mut self, operation: &mut Operation) {
        self.plain(operation);
        operation.ended += self.rng.between(8, 90) * MINUTE;
        self.plain(operation);
    }

    /// The dumps come, the report only after the next one's.
    fn hold_back(&mut self, operation: &Operation) {
        self.silent(operation);
        let entries = self.dump_all(operation, operation.ended + MINUTE);
        for database in &operation.databases {
            self.unclean(&database.name, operation.ended);
        }
        let report = self.report(operation, entries);
        self.held_back.insert(operation.group.prefix.clone(), report);
    }

    /// The dump follows in minutes, in hours, or never.
    fn report_first(&mut self, operation: &Operation) {
        let sent = operation.ended + MINUTE;
        let mut entries = Vec::new();
        let never = self.rng.per_mille(100);
        let delay = if self.rng.per_mille(500) {
            self.rng.between(1, 60) * MINUTE
        } else {
            self.rng.between(1, 11) * HOUR
        };
        for database in &operation.databases {
            let file = self.file(operation.group, database);
            let first = !self.newest.contains_key(&database.name);
            let blob = self.new_blob();
            let over = (sent + 6 * HOUR).min(operation.deadline).max(sent + 10 * MINUTE);
            let absent_at = sent + 10 * MINUTE;
            if never {
                self.fault("never dumped", &database.name, sent, (!first).then_some(over), sent);
            } else {
                self.dump(sent + delay, &file, &blob);
                self.clean(database, sent + delay);
                let (known, kind) = if first { (absent_at, "file absent") } else { (over, "not replaced") };
                if sent + delay > known {
                    self.fault(kind, &database.name, sent, Some(known), sent);
                }
            }
            entries.push(self.claim(database, file, blob));
        }
        let report = self.report(operation, entries);
        self.post(sent, report);
    }

    /// From now on the dumps have other names; here and there the report is there before the first of them.
    fn rename(&mut self, operation: &Operation) {
        let prefix = &operation.group.prefix;
        let former: Vec<String> =
            operation.group.databases.iter().map(|database| self.file(operation.group, database)).collect();
        *self.renamed.entry(prefix.clone()).or_default() += 1;
        if self.rng.per_mille(400) {
            for file in former {
                self.event(operation.ended, What::RemoveDump { file });
            }
        }
        if self.rng.per_mille(500) {
            self.plain(operation);
            return;
        }
        let sent = operation.ended + MINUTE;
        let arrives = sent + self.rng.between(2, 300) * MINUTE;
        let mut entries = Vec::new();
        for database in &operation.databases {
            let file = self.file(operation.group, database);
            let blob = self.new_blob();
            self.dump(arrives, &file, &blob);
            self.clean(database, arrives);
            if arrives > sent + 10 * MINUTE {
                self.fault("file absent", &database.name, sent, Some(sent + 10 * MINUTE), sent);
            }
            entries.push(self.claim(database, file, blob));
        }
        let report = self.report(operation, entries);
        self.post(sent, report);
    }

    /// The bytes on the server are not those that the agent reports.
    fn damaged(&mut self, operation: &Operation) {
        let entries = self.dump_all(operation, operation.ended + MINUTE);
        let Some(database) = self.one_of(operation) else { return self.plain(operation) };
        let file = self.file(operation.group, database);
        let wrong = self.new_blob();
        let sent = operation.ended + 5 * MINUTE;
        self.unclean(&database.name, operation.ended);
        self.dump(operation.ended + 2 * MINUTE, &file, &wrong);
        self.fault("damaged", &database.name, operation.ended, Some(sent + 10 * MINUTE), operation.ended);
        if self.rng.per_mille(500) {
            let again = sent + self.rng.between(1, 9) * HOUR;
            let right = self.newest[&database.name].clone();
            self.dump(again, &file, &right);
            self.clean(database, again);
        }
        let report = self.report(operation, entries);
        self.post(sent, report);
    }

    fn failed_entry(&mut self, operation: &Operation) {
        let mut entries = self.dump_all(operation, operation.ended + MINUTE);
        let Some(position) = self.position_of_one(operation) else { return self.plain(operation) };
        let sent = operation.ended + 5 * MINUTE;
        let (name, entry) = &mut entries[position];
        let file = if let Entry::Good { file, .. } = &entry { file.clone() } else { String::new() };
        *entry = self
            .rng
            .pick(&[
                Entry::Failed("BACKUP"),
                Entry::Failed("COMPRESS"),
                Entry::Failed("TRANSFER"),
                Entry::Invalid,
                Entry::Junk { file },
            ])
            .clone();
        let name = name.clone();
        self.unclean(&name, operation.ended);
        self.fault("failed", &name, operation.ended, Some(sent), operation.ended);
        let report = self.report(operation, entries);
        self.post(sent, report);
    }

    fn agent_failed(&mut self, operation: &Operation) {
        let sent = operation.ended + 5 * MINUTE;
        let mut entries = Vec::new();
        for database in &operation.databases {
            let (file, blob) = (self.file(operation.group, database), self.new_blob());
            self.dump(operation.ended, &file, &blob);
            self.fault("agent failed", &database.name, operation.ended, Some(sent), operation.ended);
            entries.push(self.claim(database, file, blob));
        }
        let report = self.report(operation, entries);
        let report = Arc::new(Report { overall_failed: true, ..(*report).clone() });
        self.post(sent, report);
    }

    fn same_file(&mut self, operation: &Operation) {
        if operation.databases.len() < 2 {
            return self.plain(operation);
        }
        let sent = operation.ended + 5 * MINUTE;
        let mut entries = self.dump_all(operation, operation.ended + MINUTE);
        let Entry::Good { file, .. } = entries[0].1.clone() else { return };
        let (name, Entry::Good { blob, .. }) = entries[1].clone() else { return };
        entries[1] = (name, Entry::Good { file, blob });
        for (name, _) in &entries[..2] {
            self.unclean(name, operation.ended);
            self.fault("same file", name, operation.ended, Some(sent), operation.ended);
        }
        let report = self.report(operation, entries);
        self.post(sent, report);
    }

    /// Cut or empty before it was hashed: the checksum agrees.
    fn flawed(&mut self, operation: &Operation) {
        let mut entries = self.dump_all(operation, operation.ended + MINUTE);
        let Some(position) = self.position_of_one(operation) else { return self.plain(operation) };
        let sent = operation.ended + 5 * MINUTE;
        let name = entries[position].0.clone();
        let Entry::Good { file, .. } = entries[position].1.clone() else { return };
        let blob = if self.rng.per_mille(300) { self.empty_blob() } else { self.cut_blob() };
        let mtime = operation.ended + 2 * MINUTE;
        self.event(mtime, What::Dump { file: file.clone(), blob: blob.clone(), mtime });
        self.newest.insert(name.clone(), blob.clone());
        entries[position].1 = Entry::Good { file, blob };
        self.unclean(&name, operation.ended);
        self.fault("flawed", &name, operation.ended, Some(sent), operation.ended);
        let report = self.report(operation, entries);
        self.post(sent, report);
    }

    /// A slow line: the dump grows for hours while its report is there already.
    fn growing(&mut self, operation: &Operation) {
        let Some(database) = self.one_of(operation) else { return self.plain(operation) };
        let entries = self.dump_all(operation, operation.ended + MINUTE);
        let file = self.file(operation.group, database);
        let sent = operation.ended + 3 * MINUTE;
        let parts = self.rng.between(3, 60);
        for part in 0..parts {
            let blob = self.new_blob();
            self.dump(operation.ended + 2 * MINUTE + part * 8 * MINUTE, &file, &blob);
        }
        self.unclean(&database.name, operation.ended);
        let last = operation.ended + 2 * MINUTE + parts * 8 * MINUTE;
        let whole = self.newest[&database.name].clone();
        self.dump(last, &file, &whole);
        self.clean(database, last);
        // When a part was looked at and the next one not yet there, it may count as old: the ground truth knows.
        self.fault("growing", &database.name, sent, None, operation.ended);
        if last > sent + 6 * HOUR + 20 * MINUTE {
            self.fault("growing", &database.name, sent, Some(sent + 6 * HOUR), operation.ended);
        }
        let report = self.report(operation, entries);
        self.post(sent, report);
    }

    /// A report that is none, beside or in place of a good one.
    fn unreadable(&mut self, operation: &Operation) {
        self.reports += 1;
        let file = format!("{:05}.json", self.reports);
        let at = operation.ended + 5 * MINUTE;
        self.event(at, What::Unreadable { file });
        self.agents_fault("report_unreadable", at, Some(at + 10 * MINUTE), at);
        if self.rng.per_mille(500) {
            self.plain(operation);
        } else {
            self.silent(operation);
        }
    }

    /// Nothing changed since the last time: the dump is written again, or not even sent.
    fn unchanged(&mut self, operation: &Operation) {
        let sends = self.rng.per_mille(500);
        let entries = operation
            .databases
            .iter()
            .map(|database| {
                let file = self.file(operation.group, database);
                let blob = match self.newest.get(&database.name) {
                    Some(newest) if newest.flaw.is_none() => newest.clone(),
                    _ => self.new_blob(),
                };
                let is_new =
                    self.newest.get(&database.name).is_none_or(|newest| newest.number != blob.number);
                // Whether what lies there is the newest is not known for sure: it is sent when in doubt.
                if sends || is_new || self.rng.per_mille(200) {
                    self.dump(operation.ended + MINUTE, &file, &blob);
                    self.clean(database, operation.ended + 6 * MINUTE);
                } else {
                    self.fault("not sent", &database.name, operation.ended, None, operation.ended);
                }
                self.claim(database, file, blob)
            })
            .collect();
        self.send(operation, operation.ended + 6 * MINUTE, entries);
    }

    fn one_of<'o>(&mut self, operation: &Operation<'o>) -> Option<&'o Database> {
        let position = self.position_of_one(operation)?;
        Some(operation.databases[position])
    }

    fn position_of_one(&mut self, operation: &Operation) -> Option<usize> {
        let count = i64::try_from(operation.databases.len()).unwrap();
        (count > 0).then(|| usize::try_from(self.rng.between(0, count)).unwrap())
    }

    fn dump_all(&mut self, operation: &Operation, at: Seconds) -> Vec<(String, Entry)> {
        let dump = |database: &&Database| {
            let file = self.file(operation.group, database);
            let blob = self.new_blob();
            self.dump(at, &file, &blob);
            self.clean(database, at + 5 * MINUTE);
            self.claim(database, file, blob)
        };
        operation.databases.iter().map(dump).collect()
    }

    fn report(&mut self, operation: &Operation, entries: Vec<(String, Entry)>) -> Arc<Report> {
        let offset = self.spells.offset(&mut self.rng, operation.ended);
        let own = operation.ended + offset;
        if offset > 15 * MINUTE {
            // Told with its first report that is received well before the time that it bears.
            self.agents_fault("clock_skew", operation.ended, None, operation.ended + 4 * DAY);
        }
        // A wrong clock can show a time that the zone never has: such an agent writes its offset.
        let naive = self.agent.naive && (offset == 0 || self.agent.zone == chrono_tz::UTC);
        Arc::new(Report { own, naive_in: naive.then_some(self.agent.zone), overall_failed: false, entries })
    }

    fn send(&mut self, operation: &Operation, at: Seconds, entries: Vec<(String, Entry)>) -> Arc<Report> {
        let report = self.report(operation, entries);
        self.post(at, Arc::clone(&report));
        report
    }

    fn post(&mut self, at: Seconds, report: Arc<Report>) {
        if report.entries.is_empty() {
            return;
        }
        self.send_again(at, report);
    }

    fn send_again(&mut self, at: Seconds, report: Arc<Report>) {
        self.reports += 1;
        let file = format!("{:05}.json", self.reports);
        self.event(at, What::Report { file: file.clone(), report });
        self.event(at + 9 * DAY, What::RemoveReport { file });
    }

    fn dump(&mut self, at: Seconds, file: &str, blob: &Blob) {
        let offset = self.spells.offset(&mut self.rng, at);
        self.event(at, What::Dump { file: file.to_owned(), blob: blob.clone(), mtime: at - 30 + offset });
    }

    /// A good entry: these are the database's newest bytes.
    fn claim(&mut self, database: &Database, file: String, blob: Blob) -> (String, Entry) {
        self.newest.insert(database.name.clone(), blob.clone());
        (database.name.clone(), Entry::Good { file, blob })
    }

    /// What was thought to be good since then is not.
    fn unclean(&mut self, database: &str, since: Seconds) {
        let times = self.script.clean.entry((self.number, database.to_owned())).or_default();
        times.retain(|time| *time < since);
    }

    fn event(&mut self, at: Seconds, what: What) {
        self.script.events.push(Event { at, agent: self.number, what });
    }

    fn clean(&mut self, database: &Database, at: Seconds) {
        self.script.clean.entry((self.number, database.name.clone())).or_default().push(at);
    }

    fn fault(
        &mut self,
        kind: &'static str,
        database: &str,
        begin: Seconds,
        knowable: Option<Seconds>,
        not_healed_before: Seconds,
    ) {
        let doubtful = knowable.is_some_and(|time| self.spells.clock_is_doubtful(time));
        self.script.faults.push(Fault {
            kind,
            agent: self.number,
            database: Some(database.to_owned()),
            begin,
            knowable: if doubtful { None } else { knowable },
            healed: not_healed_before,
        });
    }

    fn agents_fault(
        &mut self,
        kind: &'static str,
        begin: Seconds,
        knowable: Option<Seconds>,
        healed: Seconds,
    ) {
        self.script.faults.push(Fault { kind, agent: self.number, database: None, begin, knowable, healed });
    }

    fn file(&self, group: &Group, database: &Database) -> String {
        match self.renamed.get(&group.prefix) {
            Some(times) => format!("{}.v{times}.dump", database.name),
            None => format!("{}.dump", database.name),
        }
    }

    fn new_blob(&mut self) -> Blob {
        let length = self.rng.between(200, 260);
        let mut text = format!("dump {} of a database: ", *self.blobs);
        while i64::try_from(text.len()).unwrap() < length {
            text.push(char::from(b'a' + u8::try_from(self.rng.between(0, 26)).unwrap()));
        }
        self.blob(text.into_bytes(), None)
    }

    fn blob(&mut self, bytes: Vec<u8>, flaw: Option<&'static str>) -> Blob {
        *self.blobs += 1;
        Blob { number: *self.blobs, bytes: bytes.into(), flaw }
    }

    /// All empty files are the same bytes.
    fn empty_blob(&self) -> Blob {
        Blob { number: 0, bytes: Arc::from([]), flaw: Some("empty") }
    }

    fn cut_blob(&mut self) -> Blob {
        let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        let words: Vec<u8> = (0..300).map(|_| u8::try_from(self.rng.between(0, 256)).unwrap()).collect();
        gzip.write_all(&words).unwrap();
        let mut bytes = gzip.finish().unwrap();
        bytes.truncate(220);
        self.blob(bytes, Some("truncated"))
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

/// When a group's script runs.
struct Occasion {
    due: Seconds,
    deadline: Seconds,
    early: i64,
    /// Its absence is known at its deadline, and not later for what came before.
    is_dated: bool,
}

fn occasions(group: &Group, fleet: &Fleet, rng: &mut Rng) -> Vec<Occasion> {
    let spans = match &group.edit {
        Some((at, later)) => vec![(&group.plan, fleet.start, *at), (later, *at, fleet.end)],
        None => vec![(&group.plan, fleet.start, fleet.end)],
    };
    let mut all = Vec::new();
    for (plan, from, to) in spans {
        let dues = match plan.rhythm {
            Rhythm::At(..) => plan.occurrences(from, to - 1),
            Rhythm::Every(every) => {
                let first = from + rng.between(0, every);
                (0..).map(|n| first + n * every).take_while(|due| *due < to).collect()
            }
        };
        let is_dated = matches!(plan.rhythm, Rhythm::At(..));
        let near_edit = |due: &Seconds| group.edit.as_ref().is_some_and(|(at, _)| (due - at).abs() < 2 * DAY);
        all.extend(dues.into_iter().map(|due| Occasion {
            due,
            deadline: due + plan.grace,
            early: plan.early,
            is_dated: is_dated && !near_edit(&due),
        }));
    }
    all
}
