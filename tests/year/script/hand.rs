//! What an agent puts into its folder, and what of it is a fault.

use std::io::Write as _;
use std::sync::Arc;

use super::{Fault, Operation, Writer};
use crate::calendar::{DAY, MINUTE, Seconds};
use crate::deposit::{Blob, Entry, Event, Report, What};
use crate::fleet::{Database, Group};

impl Writer<'_> {
    pub(super) fn one_of<'o>(&mut self, operation: &Operation<'o>) -> Option<&'o Database> {
        let position = self.position_of_one(operation)?;
        Some(operation.databases[position])
    }

    pub(super) fn position_of_one(&mut self, operation: &Operation) -> Option<usize> {
        let count = i64::try_from(operation.databases.len()).unwrap();
        (count > 0).then(|| usize::try_from(self.rng.between(0, count)).unwrap())
    }

    pub(super) fn dump_all(&mut self, operation: &Operation, at: Seconds) -> Vec<(String, Entry)> {
        let dump = |database: &&Database| {
            let file = self.file(operation.group, database);
            let blob = self.next_blob(database, at);
            self.dump(at, &file, &blob);
            self.clean(database, at + 5 * MINUTE);
            self.claim(database, file, blob)
        };
        operation.databases.iter().map(dump).collect()
    }

    pub(super) fn report(&mut self, operation: &Operation, entries: Vec<(String, Entry)>) -> Arc<Report> {
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

    pub(super) fn send(
        &mut self,
        operation: &Operation,
        at: Seconds,
        entries: Vec<(String, Entry)>,
    ) -> Arc<Report> {
        let report = self.report(operation, entries);
        self.post(at, Arc::clone(&report));
        report
    }

    pub(super) fn post(&mut self, at: Seconds, report: Arc<Report>) {
        if report.entries.is_empty() {
            return;
        }
        self.send_again(at, report);
    }

    pub(super) fn send_again(&mut self, at: Seconds, report: Arc<Report>) {
        self.reports += 1;
        let file = format!("{:05}.json", self.reports);
        self.event(at, What::Report { file: file.clone(), report });
        self.event(at + 9 * DAY, What::RemoveReport { file });
    }

    pub(super) fn dump(&mut self, at: Seconds, file: &str, blob: &Blob) {
        let offset = self.spells.offset(&mut self.rng, at);
        self.event(at, What::Dump { file: file.to_owned(), blob: blob.clone(), mtime: at - 30 + offset });
    }

    /// A good entry: these are the database's newest bytes.
    pub(super) fn claim(&mut self, database: &Database, file: String, blob: Blob) -> (String, Entry) {
        self.newest.insert(database.name.clone(), blob.clone());
        (database.name.clone(), Entry::Good { file, blob })
    }

    /// What was thought to be good since then is not.
    pub(super) fn unclean(&mut self, database: &str, since: Seconds) {
        let times = self.script.clean.entry((self.number, database.to_owned())).or_default();
        times.retain(|time| *time < since);
    }

    pub(super) fn event(&mut self, at: Seconds, what: What) {
        self.script.events.push(Event { at, agent: self.number, what });
    }

    pub(super) fn clean(&mut self, database: &Database, at: Seconds) {
        self.script.clean.entry((self.number, database.name.clone())).or_default().push(at);
    }

    pub(super) fn fault(
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

    pub(super) fn agents_fault(
        &mut self,
        kind: &'static str,
        begin: Seconds,
        knowable: Option<Seconds>,
        healed: Seconds,
    ) {
        self.script.faults.push(Fault { kind, agent: self.number, database: None, begin, knowable, healed });
    }

    pub(super) fn file(&self, group: &Group, database: &Database) -> String {
        match self.renamed.get(&group.prefix) {
            Some(times) => format!("{}.v{times}.dump", database.name),
            None => format!("{}.dump", database.name),
        }
    }

    pub(super) fn new_blob(&mut self) -> Blob {
        let text = self.text(if self.agent.recognised { 130 } else { 200 });
        if !self.agent.recognised {
            return self.blob(text.into_bytes(), None);
        }
        let dump = format!(
            "-- PostgreSQL database dump\n-- {text}\n\n--\n-- PostgreSQL database dump complete\n--\n"
        );
        Blob { known: true, ..self.blob(dump.into_bytes(), None) }
    }

    /// As large as ever, and of no kind that is known.
    pub(super) fn unknown_blob(&mut self) -> Blob {
        let text = self.text(200);
        Blob { odd: true, ..self.blob(text.into_bytes(), None) }
    }

    /// Under a tenth of what it was, and different each time.
    pub(super) fn small_blob(&mut self) -> Blob {
        let text = format!("nothing {:06}", *self.blobs);
        Blob { odd: true, ..self.blob(text.into_bytes(), None) }
    }

    fn text(&mut self, least: i64) -> String {
        let length = self.rng.between(least, least + 60);
        let mut text = format!("dump {} of a database: ", *self.blobs);
        while i64::try_from(text.len()).unwrap() < length {
            text.push(char::from(b'a' + u8::try_from(self.rng.between(0, 26)).unwrap()));
        }
        text
    }

    pub(super) fn blob(&mut self, bytes: Vec<u8>, flaw: Option<&'static str>) -> Blob {
        *self.blobs += 1;
        Blob { number: *self.blobs, bytes: bytes.into(), flaw, known: false, odd: false }
    }

    /// All empty files are the same bytes.
    pub(super) fn empty_blob(&self) -> Blob {
        Blob { number: 0, bytes: Arc::from([]), flaw: Some("empty"), known: false, odd: false }
    }

    pub(super) fn cut_blob(&mut self) -> Blob {
        let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        let words: Vec<u8> = (0..300).map(|_| u8::try_from(self.rng.between(0, 256)).unwrap()).collect();
        gzip.write_all(&words).unwrap();
        let mut bytes = gzip.finish().unwrap();
        bytes.truncate(220);
        self.blob(bytes, Some("truncated"))
    }
}
