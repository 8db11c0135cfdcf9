//! The languages that are spoken: one catalogue each, embedded when the program is built.

use std::sync::OnceLock;

use super::Words;

/// A language with a catalogue.
#[derive(Clone, Copy)]
pub struct Language(&'static Locale);

struct Locale {
    /// As BCP 47 and the `lang` of a page write it.
    code: &'static str,
    /// Messages in Fluent's syntax.
    catalogue: &'static str,
    words: OnceLock<Words>,
}

/// A third language is its file in `locales/`, and a line here.
static LOCALES: [Locale; 2] = [
    Locale::new("en", include_str!("../../../locales/en.ftl")),
    Locale::new("fr", include_str!("../../../locales/fr.ftl")),
];

impl Locale {
    const fn new(code: &'static str, catalogue: &'static str) -> Self {
        Self { code, catalogue, words: OnceLock::new() }
    }
}

impl Language {
    pub const ENGLISH: Self = Self(&LOCALES[0]);

    /// `None` for a language without a catalogue.
    #[must_use]
    pub fn from_code(code: &str) -> Option<Self> {
        Self::all().find(|language| language.code() == code)
    }

    pub fn all() -> impl Iterator<Item = Self> {
        LOCALES.iter().map(Self)
    }

    #[must_use]
    pub fn code(self) -> &'static str {
        self.0.code
    }

    /// Its phrases, read once per process.
    #[must_use]
    pub fn words(self) -> &'static Words {
        self.0.words.get_or_init(|| Words::new(self.0.code, self.0.catalogue))
    }
}

impl Default for Language {
    fn default() -> Self {
        Self::ENGLISH
    }
}

impl PartialEq for Language {
    fn eq(&self, other: &Self) -> bool {
        self.code() == other.code()
    }
}

impl Eq for Language {}

impl std::fmt::Debug for Language {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.code())
    }
}
