//! The phrases for people, in each language, and how each language writes numbers and times.
//!
//! The catalogues are `locales/*.ftl`, in the syntax of [Fluent](https://projectfluent.org), and embedded. A phrase has
//! a key; `text`, `say`, `count`, `some` and `open` take it as a literal in their first argument, so that a test
//! (`tests/catalogue.rs`) can hold keys, arguments and languages to each other.
//!
//! Sentences that a judgement carries come from the core in English; [`Words::retell`] says them in another language.

mod habit;
mod language;
mod numbers;
mod phrase;
mod retell;

use std::borrow::Cow;
use std::collections::HashMap;

use fluent_bundle::concurrent::FluentBundle;
use fluent_bundle::{FluentArgs, FluentResource, FluentValue};
use fluent_syntax::ast::Entry;

pub use language::Language;
use numbers::{formatter, grouped};
use phrase::{Part, Phrase};
use retell::Said;

use crate::domain::Status;

/// The phrases of one language.
pub struct Words {
    pub code: &'static str,
    phrases: HashMap<String, Phrase>,
    bundle: FluentBundle<FluentResource>,
    /// How the core words its sentences, where this is English.
    said: Vec<Said>,
}

/// What a phrase has put in.
#[derive(Debug, Clone)]
pub enum Value<'v> {
    /// Chooses the plural form, and is shown with its digits grouped.
    Count(u64),
    /// Shown as it is; never looked into for anything.
    Text(Cow<'v, str>),
}

impl Words {
    /// From a catalogue. A message that Fluent cannot read is absent; a test holds that there is none.
    fn new(code: &'static str, catalogue: &str) -> Self {
        let resource = FluentResource::try_new(catalogue.to_owned()).unwrap_or_else(|(readable, _)| readable);
        let messages = resource.entries().filter_map(|entry| match entry {
            Entry::Message(message) => {
                Some((message.id.name.to_owned(), Phrase::of(message.value.as_ref()?)))
            }
            Entry::Term(_)
            | Entry::Comment(_)
            | Entry::GroupComment(_)
            | Entry::ResourceComment(_)
            | Entry::Junk { .. } => None,
        });
        let phrases: HashMap<String, Phrase> = messages.collect();
        let said = Said::all(phrases.iter());
        let mut bundle = FluentBundle::new_concurrent(code.parse().into_iter().collect());
        // The pages isolate foreign names by `<bdi>`; in a mail the marks would be shown.
        bundle.set_use_isolating(false);
        // The first of two messages with one key stays; a test holds that there are no two.
        let _twice = bundle.add_resource(resource);
        let mut words = Self { code, phrases, bundle, said };
        let format = formatter(words.text("thousands-mark"));
        words.bundle.set_formatter(format);
        words
    }

    /// A phrase without values. A key that is not there is shown itself.
    #[must_use]
    pub fn text<'w>(&'w self, key: &'w str) -> &'w str {
        match self.phrases.get(key) {
            Some(Phrase::Plain(text)) => text,
            Some(Phrase::Filled(_) | Phrase::Chosen) | None => key,
        }
    }

    /// A phrase with its values put in.
    #[must_use]
    pub fn say<const N: usize>(&self, key: &str, values: [(&str, Value); N]) -> String {
        self.say_all(key, &values)
    }

    fn say_all(&self, key: &str, values: &[(&str, Value)]) -> String {
        match self.phrases.get(key) {
            Some(Phrase::Plain(text)) => text.clone(),
            Some(Phrase::Filled(parts)) => self.filled(parts, values),
            Some(Phrase::Chosen) => self.chosen(key, values),
            None => key.to_owned(),
        }
    }

    /// A phrase that counts and has no other value.
    #[must_use]
    pub fn count(&self, key: &str, n: usize) -> String {
        self.say(key, [("n", n.into())])
    }

    /// As [`Words::count`], where there is anything to count.
    #[must_use]
    pub fn some(&self, key: &str, n: usize) -> Option<String> {
        (n > 0).then(|| self.count(key, n))
    }

    /// A phrase for the browser to fill: a value's place is `{name}`.
    #[must_use]
    pub fn open(&self, key: &str) -> String {
        let Some(Phrase::Filled(parts)) = self.phrases.get(key) else { return self.text(key).to_owned() };
        let open = |part: &Part| match part {
            Part::Text(text) => text.clone(),
            Part::Value(name) => format!("{{{name}}}"),
        };
        parts.iter().map(open).collect()
    }

    fn filled(&self, parts: &[Part], values: &[(&str, Value)]) -> String {
        let mut out = String::with_capacity(64);
        for part in parts {
            match part {
                Part::Text(text) => out.push_str(text),
                Part::Value(name) => match values.iter().find(|(known, _)| known == name) {
                    Some((_, Value::Text(text))) => out.push_str(text),
                    Some((_, Value::Count(n))) => out.push_str(&self.number(*n)),
                    None => {}
                },
            }
        }
        out
    }

    fn chosen(&self, key: &str, values: &[(&str, Value)]) -> String {
        let Some(pattern) = self.bundle.get_message(key).and_then(|message| message.value()) else {
            return key.to_owned();
        };
        let args: FluentArgs = values.iter().map(|(name, value)| (*name, FluentValue::from(value))).collect();
        // A value that is not there is shown by its name; a test holds the values to the catalogue.
        self.bundle.format_pattern(pattern, Some(&args), &mut Vec::new()).into_owned()
    }

    /// What is wrong, by the word of a cause, a problem or a warning; the word itself where it is not known.
    #[must_use]
    pub fn label<'w>(&'w self, word: &'w str) -> &'w str {
        let key = format!("label-{}", word.replace('_', "-"));
        match self.phrases.get(&key) {
            Some(Phrase::Plain(text)) => text,
            Some(Phrase::Filled(_) | Phrase::Chosen) | None => word,
        }
    }

    /// With its digits grouped.
    #[must_use]
    pub fn number(&self, n: u64) -> String {
        grouped(n, self.text("thousands-mark"))
    }

    #[must_use]
    pub fn status(&self, status: Status) -> &str {
        match status {
            Status::Pending => self.text("status-pending"),
            Status::Success => self.text("status-success"),
            Status::Unchanged => self.text("status-unchanged"),
            Status::Late => self.text("status-late"),
            Status::Failed => self.text("status-failed"),
            Status::HashMismatch => self.text("status-hash-mismatch"),
            Status::Corrupt => self.text("status-corrupt"),
            Status::Missing => self.text("status-missing"),
            Status::Paused => self.text("status-paused"),
            Status::Retired => self.text("status-retired"),
        }
    }
}

impl<'v> From<&'v Value<'_>> for FluentValue<'v> {
    fn from(value: &'v Value<'_>) -> Self {
        match value {
            Value::Count(n) => (*n).into(),
            Value::Text(text) => text.as_ref().into(),
        }
    }
}

impl From<usize> for Value<'_> {
    fn from(n: usize) -> Self {
        Value::Count(n as u64)
    }
}

impl<'v> From<&'v str> for Value<'v> {
    fn from(text: &'v str) -> Self {
        Value::Text(text.into())
    }
}

impl<'v> From<&'v String> for Value<'v> {
    fn from(text: &'v String) -> Self {
        Value::Text(text.into())
    }
}

impl From<String> for Value<'_> {
    fn from(text: String) -> Self {
        Value::Text(text.into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(code: &str) -> &'static Words {
        Language::from_code(code).unwrap().words()
    }

    #[test]
    fn a_value_that_looks_like_a_place_for_one_stays_text() {
        let said = words("en").say("at-risk", [("n", 2.into()), ("total", "{ $n } {n}".into())]);
        assert_eq!(said, "2 of { $n } {n} backups are at risk");
        assert_eq!(words("en").say("ago", [("span", "{ $x }".into())]), "{ $x } ago");
    }

    #[test]
    fn each_language_counts_its_own_way() {
        let jobs = |code, n| words(code).count("jobs", n);
        assert_eq!(jobs("en", 0), "0 jobs");
        assert_eq!(jobs("en", 1), "1 job");
        assert_eq!(jobs("en", 20_000), "20,000 jobs");
        assert_eq!(jobs("fr", 0), "0 tâche");
        assert_eq!(jobs("fr", 2), "2 tâches");
        assert_eq!(jobs("fr", 20_000), "20\u{202f}000 tâches");
        let late = |code| words(code).count("running-late", 1234);
        assert_eq!(late("fr"), "Aucune sauvegarde à risque, 1\u{202f}234 en retard");
    }

    #[test]
    fn the_browser_fills_what_is_left_open() {
        assert_eq!(words("fr").open("ago"), "il y a {span}");
        assert_eq!(words("en").open("never"), "never");
    }
}
