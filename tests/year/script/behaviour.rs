//! What an agent does on one occasion.

use std::sync::Arc;

use super::{Operation, Writer};
use crate::calendar::{HOUR, MINUTE};
use crate::deposit::{Entry, Report, What};

impl Writer<'_> {
    /// What an agent does on one occasion.
    pub(super) fn behave(&mut self, operation: &mut Operation) {
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
            985..989 => self.shrunken(operation),
            989..993 => self.retried(operation),
            _ => self.unchanged(operation),
        }
    }

    pub(super) fn plain(&mut self, operation: &Operation) {
        let entries = self.dump_all(operation, operation.ended + MINUTE);
        self.send(operation, operation.ended + 6 * MINUTE, entries);
        if let Some(old) = self.held_back.remove(&operation.group.prefix) {
            // An old one after a new one.
            let later = operation.ended + self.rng.between(7, 600) * MINUTE;
            self.send_again(later, old);
        }
    }

    pub(super) fn late(&mut self, operation: &Operation) {
        for database in &operation.databases {
            self.fault("late", &database.name, operation.due - HOUR, operation.absence, operation.due);
        }
        self.plain(operation);
    }

    pub(super) fn silent(&mut self, operation: &Operation) {
        for database in &operation.databases {
            self.fault("silent", &database.name, operation.due - HOUR, operation.absence, operation.due);
        }
    }

    /// The dumps come as ever, and no report speaks of them.
    pub(super) fn unreported(&mut self, operation: &Operation) {
        self.silent(operation);
        self.dump_all(operation, operation.ended + MINUTE);
        for database in &operation.databases {
            self.unclean(&database.name, operation.ended);
        }
    }

    /// A report says that one failed, and a later one of the same cycle that it went well at last.
    pub(super) fn retried(&mut self, operation: &mut Operation) {
        self.failed_entry(operation);
        operation.ended += self.rng.between(20, 90) * MINUTE;
        self.plain(operation);
    }

    pub(super) fn too_early(&mut self, operation: &mut Operation) {
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
    pub(super) fn split(&mut self, operation: &Operation) {
        let mut entries = self.dump_all(operation, operation.ended + MINUTE);
        let rest = entries.split_off(entries.len() / 2);
        self.send(operation, operation.ended + 5 * MINUTE, entries);
        // With the shortest grace, too, it comes in time.
        let later = operation.ended + self.rng.between(6, 40) * MINUTE;
        self.send(operation, later, rest);
    }

    pub(super) fn twice_the_same(&mut self, operation: &Operation) {
        let entries = self.dump_all(operation, operation.ended + MINUTE);
        let report = self.send(operation, operation.ended + 5 * MINUTE, entries);
        let later = operation.ended + self.rng.between(6, 1500) * MINUTE;
        self.send_again(later, report);
    }

    pub(super) fn twice(&mut self, operation: &mut Operation) {
        self.plain(operation);
        operation.ended += self.rng.between(8, 90) * MINUTE;
        self.plain(operation);
    }

    /// The dumps come, the report only after the next one's.
    pub(super) fn hold_back(&mut self, operation: &Operation) {
        self.silent(operation);
        let entries = self.dump_all(operation, operation.ended + MINUTE);
        for database in &operation.databases {
            self.unclean(&database.name, operation.ended);
        }
        let report = self.report(operation, entries);
        self.held_back.insert(operation.group.prefix.clone(), report);
    }

    /// The dump follows in minutes, in hours, or never.
    pub(super) fn report_first(&mut self, operation: &Operation) {
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
            let blob = self.next_blob(database, operation.ended);
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
    pub(super) fn rename(&mut self, operation: &Operation) {
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
            let blob = self.next_blob(database, operation.ended);
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
    pub(super) fn damaged(&mut self, operation: &Operation) {
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

    pub(super) fn failed_entry(&mut self, operation: &Operation) {
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

    pub(super) fn agent_failed(&mut self, operation: &Operation) {
        let sent = operation.ended + 5 * MINUTE;
        let mut entries = Vec::new();
        for database in &operation.databases {
            let (file, blob) =
                (self.file(operation.group, database), self.next_blob(database, operation.ended));
            self.dump(operation.ended, &file, &blob);
            self.fault("agent failed", &database.name, operation.ended, Some(sent), operation.ended);
            entries.push(self.claim(database, file, blob));
        }
        let report = self.report(operation, entries);
        let report = Arc::new(Report { overall_failed: true, ..(*report).clone() });
        self.post(sent, report);
    }

    pub(super) fn same_file(&mut self, operation: &Operation) {
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
    pub(super) fn flawed(&mut self, operation: &Operation) {
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
    pub(super) fn growing(&mut self, operation: &Operation) {
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
    pub(super) fn unreadable(&mut self, operation: &Operation) {
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
    pub(super) fn unchanged(&mut self, operation: &Operation) {
        let sends = self.rng.per_mille(500);
        let entries = operation
            .databases
            .iter()
            .map(|database| {
                let file = self.file(operation.group, database);
                let blob = match self.newest.get(&database.name) {
                    Some(newest) if newest.flaw.is_none() && !newest.odd => newest.clone(),
                    _ => self.next_blob(database, operation.ended),
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
}
