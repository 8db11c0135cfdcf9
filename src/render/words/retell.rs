//! Says in another language what a judgement said.
//!
//! The state keeps the sentence of a judgement once, in English, and programs read it in JSON as it is. What the
//! English catalogue lists as `said-…` is how the core words its sentences (a test holds it to the code): a clause that
//! one of them made is said by the other language's phrase of that key, with the same values. A clause that none of them
//! made, as the words of an operating system, stays as it is.

use std::borrow::Cow;

use chrono_tz::Tz;

use super::{Language, Part, Phrase, Value, Words};
use crate::domain::Time;

/// Between the clauses of a sentence.
const BETWEEN: &str = "; ";
const PREFIX: &str = "said-";
/// Sentences in sentences; a foreign text that looks like one ends here.
const DEPTH: usize = 3;
/// The units of [`crate::domain::text::size`].
const UNITS: [(&str, &str); 6] = [
    (" B", "unit-byte"),
    (" kB", "unit-kilo"),
    (" MB", "unit-mega"),
    (" GB", "unit-giga"),
    (" TB", "unit-tera"),
    (" PB", "unit-peta"),
];

/// A sentence of the core: its key and how it is worded.
pub(super) struct Said {
    key: String,
    parts: Vec<Part>,
}

impl Said {
    /// Those of a catalogue, the most telling first: what has more words of its own is recognised before what has fewer.
    pub(super) fn all<'p>(phrases: impl Iterator<Item = (&'p String, &'p Phrase)>) -> Vec<Self> {
        let mut all: Vec<Self> = phrases
            .filter(|(key, _)| key.starts_with(PREFIX))
            .filter_map(|(key, phrase)| {
                let parts = match phrase {
                    Phrase::Plain(text) => vec![Part::Text(text.clone())],
                    Phrase::Filled(parts) => parts.clone(),
                    Phrase::Chosen => return None,
                };
                Some(Self { key: key.clone(), parts })
            })
            .collect();
        all.sort_by_key(|said| (std::cmp::Reverse(said.own_words()), said.key.clone()));
        all
    }

    fn own_words(&self) -> usize {
        let length = |part: &Part| match part {
            Part::Text(text) => text.len(),
            Part::Value(_) => 0,
        };
        self.parts.iter().map(length).sum()
    }

    /// The values with which the phrase makes `text`, if it does.
    fn values<'t>(&'t self, text: &'t str) -> Option<Vec<(&'t str, &'t str)>> {
        let mut values = Vec::new();
        let mut open: Option<&str> = None;
        let mut rest = text;
        for part in &self.parts {
            match (part, open.take()) {
                (Part::Text(own), None) => rest = rest.strip_prefix(own.as_str())?,
                (Part::Text(own), Some(name)) => {
                    let (value, after) = rest.split_once(own.as_str())?;
                    values.push((name, value));
                    rest = after;
                }
                (Part::Value(name), None) => open = Some(name),
                // Two values without a word between them cannot be told apart.
                (Part::Value(_), Some(_)) => return None,
            }
        }
        match open {
            Some(name) => values.push((name, rest)),
            None if !rest.is_empty() => return None,
            None => {}
        }
        Some(values)
    }
}

impl Words {
    /// A sentence that a judgement carries, in this language; times of it in `timezone`.
    #[must_use]
    pub fn retell<'t>(&self, sentence: &'t str, timezone: Tz) -> Cow<'t, str> {
        if self.code == Language::ENGLISH.code() {
            return Cow::Borrowed(sentence);
        }
        Cow::Owned(self.retold(sentence, timezone, DEPTH))
    }

    fn retold(&self, sentence: &str, timezone: Tz, depth: usize) -> String {
        let clauses = sentence.split(BETWEEN).map(|clause| self.clause(clause, timezone, depth));
        clauses.collect::<Vec<_>>().join(self.text("between-clauses"))
    }

    fn clause(&self, clause: &str, timezone: Tz, depth: usize) -> String {
        let known = &Language::ENGLISH.words().said;
        let recognised = known.iter().find_map(|said| Some((said, said.values(clause)?)));
        let Some((said, values)) = recognised else { return clause.to_owned() };
        let values: Vec<(&str, Value)> = values
            .into_iter()
            .map(|(name, value)| (name, self.rewritten(name, value, timezone, depth).into()))
            .collect();
        self.say_all(&said.key, &values)
    }

    /// A value as the readers of this language write it, by its name.
    fn rewritten(&self, name: &str, value: &str, timezone: Tz, depth: usize) -> String {
        let rewritten = if name.starts_with("time") {
            value.parse::<Time>().ok().map(|time| self.when(time, timezone))
        } else if name.starts_with("size") {
            self.size(value).or_else(|| Some(self.retold(value, timezone, depth.checked_sub(1)?)))
        } else if name.starts_with("bytes") {
            value.parse().ok().map(|n| self.number(n))
        } else if name.starts_with("said") && depth > 0 {
            Some(self.retold(value, timezone, depth - 1))
        } else {
            None
        };
        rewritten.unwrap_or_else(|| value.to_owned())
    }

    /// `62.2 MB` in this language's unit and mark.
    fn size(&self, english: &str) -> Option<String> {
        let (number, unit) = UNITS
            .iter()
            .filter_map(|(unit, key)| Some((english.strip_suffix(unit)?, key)))
            .find(|(number, _)| number.ends_with(|c: char| c.is_ascii_digit()))?;
        Some(self.measure(&number.replace('.', self.text("decimal-mark")), self.text(unit)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn french(sentence: &str) -> String {
        let words = Language::from_code("fr").unwrap().words();
        words.retell(sentence, chrono_tz::Africa::Douala).replace('\u{a0}', " ")
    }

    #[test]
    fn sentences_keep_their_values_in_the_readers_habit() {
        for (english, expected) in [
            (
                "the agent reports that BACKUP failed: pg_dump: no; space",
                "l'agent signale l'échec de l'étape BACKUP : pg_dump: no ; space",
            ),
            (
                "no report came for the backup due at 2026-11-22T08:00:00Z, until 2026-11-22T10:00:00Z; \
                 the agent last reported at 2026-11-21T08:03:00Z",
                "aucun rapport pour la sauvegarde attendue le dim. 22 nov. 2026, 09:00, jusqu'au dim. 22 nov. 2026, 11:00 ; \
                 dernier rapport de l'agent le sam. 21 nov. 2026, 09:03",
            ),
            (
                "the newest version is held: verified: SHA-256 of the staged file agrees; \
                 1.5 MB decompressed is under a tenth of the median 62.2 MB of the last 10 good",
                "la version la plus récente est retenue : vérifiée : le SHA-256 du fichier déposé concorde ; \
                 1,5 Mo décompressés, c'est moins d'un dixième de la médiane de 62,2 Mo des 10 dernières bonnes",
            ),
            (
                "no checksum, and the size differs: 6223 bytes reported, 12 found",
                "pas d'empreinte, et la taille diffère : 6\u{202f}223 octets annoncés, 12 trouvés",
            ),
            ("what nobody foresaw: 5 MB", "what nobody foresaw: 5 MB"),
        ] {
            assert_eq!(french(english), expected);
            let words = Language::ENGLISH.words();
            assert_eq!(words.retell(english, chrono_tz::UTC), english);
        }
    }

    #[test]
    fn a_sentence_in_a_sentence_ends_somewhere() {
        let deep = "the newest version is held: ".repeat(5000);
        assert!(french(&deep).ends_with("the newest version is held: "));
    }
}
