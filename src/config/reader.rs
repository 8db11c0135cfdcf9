//! From the document to the raw structs, section by section, so that one look finds every unknown key and
//! every value of a wrong type.

use std::collections::BTreeMap;

use serde::de::DeserializeOwned;
use serde_path_to_error::Segment;
use toml::{Table, Value};

use super::document::Document;
use super::error::Fault;
use super::keys::keys_of;
use super::raw::{
    Heartbeat, Mail, Maintenance, MaintenanceOwn, Match, Paths, Promote, Raw, Retention, Rule, RuleOwn, Scan,
    Site, Webhook,
};
use crate::domain::Settings;

/// Sections of which there is one, and their keys.
pub(super) fn single_sections() -> [(&'static str, &'static [&'static str]); 8] {
    [
        ("paths", keys_of::<Paths>()),
        ("scan", keys_of::<Scan>()),
        ("defaults", keys_of::<Settings>()),
        ("retention", keys_of::<Retention>()),
        ("promote", keys_of::<Promote>()),
        ("mail", keys_of::<Mail>()),
        ("heartbeat", keys_of::<Heartbeat>()),
        ("site", keys_of::<Site>()),
    ]
}

/// Sections that can be repeated, and their keys, those of `match` with its name before them.
pub(super) fn repeated_sections() -> [(&'static str, Vec<String>); 3] {
    let plain = |keys: &[&str]| keys.iter().map(|key| (*key).to_owned()).collect::<Vec<_>>();
    let matching = || keys_of::<Match>().iter().map(|key| format!("match.{key}"));
    let rule = plain(keys_of::<Settings>()).into_iter().chain(plain(keys_of::<RuleOwn>())).chain(matching());
    let maintenance = plain(keys_of::<MaintenanceOwn>()).into_iter().chain(matching());
    [
        ("rule", rule.collect()),
        ("webhook", plain(keys_of::<Webhook>())),
        ("maintenance", maintenance.collect()),
    ]
}

/// A table of the file: its name, and its number where it is repeated.
#[derive(Debug, Clone)]
pub(super) struct Section {
    /// `scan`, `rule.2`.
    path: String,
    /// `[scan]`, `[[rule]] 2`.
    heading: String,
}

impl Section {
    pub fn single(name: &str) -> Self {
        Self { path: name.to_owned(), heading: format!("[{name}]") }
    }

    /// `number` counts from 1.
    pub fn repeated(name: &str, number: usize) -> Self {
        Self { path: format!("{name}.{number}"), heading: format!("[[{name}]] {number}") }
    }

    /// What is said about one of its keys; about the section itself with an empty `key`.
    pub fn fault(&self, document: &Document, key: &str, reason: impl Into<String>) -> Fault {
        let (path, name) = match key {
            "" => (self.path.clone(), self.heading.clone()),
            key => (format!("{}.{key}", self.path), format!("{} {key}", self.heading)),
        };
        Fault { place: document.place(&path), key: name, reason: reason.into() }
    }
}

/// Reads all sections; what is wrong is added to `faults`, and left out.
pub(super) fn read(document: &Document, faults: &mut Vec<Fault>) -> Raw {
    let mut reader = Reader { document, rest: document.table.clone(), faults };
    reader.refuse_password_in_file();
    let raw = Raw {
        paths: reader.single("paths").unwrap_or_default(),
        scan: reader.single("scan").unwrap_or_default(),
        defaults: reader.single("defaults").unwrap_or_default(),
        rules: reader.repeated("rule", Reader::rule),
        retention: reader.single("retention").unwrap_or_default(),
        promote: reader.single("promote").unwrap_or_default(),
        mail: reader.single("mail"),
        webhooks: reader.repeated("webhook", |reader, section, table| reader.keys(section, table, &[])),
        heartbeat: reader.single("heartbeat").unwrap_or_default(),
        site: reader.single("site").unwrap_or_default(),
        maintenance: reader.repeated("maintenance", Reader::maintenance),
    };
    reader.refuse_unknown_sections();
    raw
}

struct Reader<'a> {
    document: &'a Document,
    /// Sections that nobody has asked for yet.
    rest: Table,
    faults: &'a mut Vec<Fault>,
}

impl Reader<'_> {
    fn fault(&mut self, section: &Section, key: &str, reason: impl Into<String>) {
        self.faults.push(section.fault(self.document, key, reason));
    }

    fn single<T: DeserializeOwned + Default>(&mut self, name: &str) -> Option<T> {
        let section = Section::single(name);
        match self.rest.remove(name)? {
            Value::Table(table) => Some(self.keys(&section, table, &[])),
            Value::Array(_) => {
                self.fault(&section, "", format!("cannot be repeated; write `[{name}]` once"));
                None
            }
            _ => {
                self.fault(&section, "", format!("is a section; write `[{name}]` and its keys below"));
                None
            }
        }
    }

    fn repeated<T>(&mut self, name: &str, mut one: impl FnMut(&mut Self, &Section, Table) -> T) -> Vec<T> {
        let items = match self.rest.remove(name) {
            None => return Vec::new(),
            Some(Value::Array(items)) => items,
            Some(_) => {
                self.fault(&Section::single(name), "", format!("can be repeated; write `[[{name}]]`"));
                return Vec::new();
            }
        };
        let mut read = Vec::new();
        for (index, item) in items.into_iter().enumerate() {
            let section = Section::repeated(name, index + 1);
            // A faulty one keeps its place, so that the numbers of the others stay right.
            let table = if let Value::Table(table) = item {
                table
            } else {
                self.fault(&section, "", format!("is no table; write `[[{name}]]` and its keys below"));
                Table::new()
            };
            read.push(one(self, &section, table));
        }
        read
    }

    fn rule(&mut self, section: &Section, mut table: Table) -> Rule {
        let matcher = self.matcher(section, &mut table);
        let own = take(&mut table, keys_of::<RuleOwn>());
        let known = [keys_of::<Settings>(), &["match"]].concat();
        Rule {
            matcher,
            own: self.keys(section, own, &known),
            settings: self.keys(section, table, &[keys_of::<RuleOwn>(), &["match"]].concat()),
        }
    }

    fn maintenance(&mut self, section: &Section, mut table: Table) -> Maintenance {
        let matcher = self.matcher(section, &mut table);
        Maintenance { matcher, own: self.keys(section, table, &["match"]) }
    }

    fn matcher(&mut self, section: &Section, table: &mut Table) -> Match {
        let inner = Section {
            path: format!("{}.match", section.path),
            heading: format!("{} match:", section.heading),
        };
        match table.remove("match") {
            None => Match::default(),
            Some(Value::Table(table)) => self.keys(&inner, table, &[]),
            Some(_) => {
                self.fault(
                    section,
                    "match",
                    "is no table; write for example `match = { agent = \"SIRPACAM_*\" }`",
                );
                Match::default()
            }
        }
    }

    /// Reads the keys of one table. Each fault takes its key away and the rest is read again, so that all are found.
    fn keys<T: DeserializeOwned + Default>(
        &mut self,
        section: &Section,
        mut table: Table,
        siblings: &[&str],
    ) -> T {
        let known = [keys_of::<T>(), siblings].concat();
        for key in unknown(&table, keys_of::<T>()) {
            table.remove(&key);
            self.fault(section, &key, format!("is not known{}", hint(&key, &known)));
        }
        let mut as_text = BTreeMap::new();
        loop {
            let error = match serde_path_to_error::deserialize(Value::Table(table.clone())) {
                Ok(read) => return read,
                Err(error) => error,
            };
            let reason = plain(error.inner().message());
            let Some(Segment::Map { key }) = error.path().iter().next() else {
                self.fault(section, "", reason);
                return T::default();
            };
            if table.get(key).is_some_and(Value::is_str) {
                as_text.insert(key.clone(), reason.clone());
            }
            if !self.read_override_otherwise(section, key, &mut table) {
                self.fault(section, key, as_text.remove(key).unwrap_or(reason));
                table.remove(key);
            }
        }
    }

    /// A variable has no types: where the likeliest meaning did not fit, the next one is tried. When none fits,
    /// plain text is what the fault is about.
    fn read_override_otherwise(&self, section: &Section, key: &str, table: &mut Table) -> bool {
        let Some(found) = self.document.overrides.get(&format!("{}.{key}", section.path)) else {
            return false;
        };
        let candidates = found.candidates();
        let tried = candidates.iter().position(|candidate| table.get(key) == Some(candidate));
        let next = tried.and_then(|tried| candidates.get(tried + 1));
        next.is_some_and(|next| table.insert(key.to_owned(), next.clone()).is_some())
    }

    /// Before it is read: what is said about a value of a wrong type would show it.
    fn refuse_password_in_file(&mut self) {
        if self.document.overrides.contains_key("mail.password") {
            return;
        }
        let mail = self.rest.get_mut("mail").and_then(Value::as_table_mut);
        if mail.is_some_and(|mail| mail.remove("password").is_some()) {
            let reason = "does not belong in this file; put it alone in a file of mode 0600 and name that as `password_file`";
            self.fault(&Section::single("mail"), "password", reason);
        }
    }

    fn refuse_unknown_sections(&mut self) {
        let names: Vec<&str> = single_sections()
            .map(|(name, _)| name)
            .into_iter()
            .chain(repeated_sections().map(|(name, _)| name))
            .collect();
        for (name, value) in std::mem::take(&mut self.rest) {
            let what = if value.is_table() || value.is_array() { "section" } else { "key" };
            let place = match self.document.overrides.values().find(|found| found.path.first() == Some(&name))
            {
                Some(found) => found.place(),
                None => self.document.place(&name),
            };
            let reason = format!("is no known {what}{}", hint(&name, &names));
            self.faults.push(Fault { place, key: format!("[{name}]"), reason });
        }
    }
}

fn take(table: &mut Table, keys: &[&str]) -> Table {
    keys.iter().filter_map(|key| Some(((*key).to_owned(), table.remove(*key)?))).collect()
}

fn unknown(table: &Table, known: &[&str]) -> Vec<String> {
    table.keys().filter(|key| !known.contains(&key.as_str())).cloned().collect()
}

/// The nearest known name, or all of them where none is near.
fn hint(name: &str, known: &[&str]) -> String {
    let nearest = known
        .iter()
        .map(|candidate| (strsim::jaro_winkler(name, candidate), *candidate))
        .max_by(|a, b| a.0.total_cmp(&b.0));
    match nearest {
        Some((likeness, candidate)) if likeness > 0.75 => format!("; did you mean `{candidate}`?"),
        _ => format!("; known are {}", known.join(", ")),
    }
}

/// serde speaks to programmers.
fn plain(message: &str) -> String {
    let mut text = message.trim().replace('\n', ", ");
    for (theirs, ours) in [
        ("invalid type: ", "is "),
        ("invalid value: ", "is "),
        ("unknown variant ", "is "),
        ("a sequence", "a list"),
        ("sequence", "list"),
        ("a boolean", "true or false"),
        ("boolean", "true/false"),
        ("expected u16", "expected a whole number"),
        ("expected u32", "expected a whole number"),
        ("expected usize", "expected a whole number"),
        ("path string", "path"),
    ] {
        text = text.replace(theirs, ours);
    }
    text
}
