//! Holds the catalogues of phrases to each other, and to the code and the templates that say them.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use backupmon::domain::family::ENDED;
use backupmon::domain::{Cause, Problem, Warning};
use fluent_syntax::ast::{Entry, Expression, InlineExpression, Pattern, PatternElement};
use regex::Regex;
use walkdir::WalkDir;

/// Keys and, of each, the names of its values.
type Catalogue = BTreeMap<String, BTreeSet<String>>;

const ROOT: &str = env!("CARGO_MANIFEST_DIR");

fn catalogues() -> BTreeMap<String, Catalogue> {
    let files = fs::read_dir(Path::new(ROOT).join("locales")).unwrap().map(|file| file.unwrap().path());
    files
        .map(|path| {
            let code = path.file_stem().unwrap().to_str().unwrap().to_owned();
            (code, read(&fs::read_to_string(&path).unwrap()))
        })
        .collect()
}

fn read(text: &str) -> Catalogue {
    let resource = fluent_syntax::parser::parse(text).expect("Fluent can read the whole catalogue");
    let mut catalogue = Catalogue::new();
    for entry in &resource.body {
        let Entry::Message(message) = entry else { continue };
        let mut values = BTreeSet::new();
        note_values(message.value.as_ref().expect("a phrase has a text"), &mut values);
        let twice = catalogue.insert(message.id.name.to_owned(), values);
        assert!(twice.is_none(), "`{}` is there twice", message.id.name);
    }
    catalogue
}

fn note_values(pattern: &Pattern<&str>, values: &mut BTreeSet<String>) {
    for element in &pattern.elements {
        let PatternElement::Placeable { expression } = element else { continue };
        let inline = match expression {
            Expression::Inline(inline) => inline,
            Expression::Select { selector, variants } => {
                for variant in variants {
                    note_values(&variant.value, values);
                }
                selector
            }
        };
        if let InlineExpression::VariableReference { id } = inline {
            values.insert(id.name.to_owned());
        }
    }
}

/// All that says a phrase: the code, without its tests, and the templates.
fn sources() -> String {
    let broken = Regex::new(r"\\\n\s*").unwrap();
    let mut all = String::new();
    for folder in ["src", "templates"] {
        let files = WalkDir::new(Path::new(ROOT).join(folder)).sort_by_file_name();
        for file in files.into_iter().map(Result::unwrap).filter(|file| file.file_type().is_file()) {
            let text = fs::read_to_string(file.path()).unwrap();
            // A literal may go on in the next line.
            let text = broken.replace_all(text.split("#[cfg(test)]\nmod tests").next().unwrap(), "");
            all += &text;
            all.push('\n');
        }
    }
    all
}

/// Keys that are the first argument of a call which says a phrase, each with the names of the values given.
fn said() -> Vec<(String, Option<BTreeSet<String>>)> {
    let call =
        Regex::new(r#"\.(text|say|count|some|open)\(\s*"([a-z][a-z0-9-]*)"(?s:\s*,\s*\[(.*?)\],?\s*\))?"#);
    let name = Regex::new(r#"\(\s*"([a-z_]+)","#).unwrap();
    let names = |list: &str| name.captures_iter(list).map(|found| found[1].to_owned()).collect();
    call.unwrap()
        .captures_iter(&sources())
        .map(|found| {
            let values = match &found[1] {
                "text" => Some(BTreeSet::new()),
                "count" | "some" => Some(BTreeSet::from(["n".to_owned()])),
                "say" => Some(found.get(3).map(|list| names(list.as_str())).unwrap_or_default()),
                _ => None,
            };
            (found[2].to_owned(), values)
        })
        .collect()
}

/// Keys that stand in a list of literals, from which the code takes one, or in the arms of a choice among them.
fn listed() -> BTreeSet<String> {
    let list = Regex::new(r"(?s)const [A-Z_]+: \[&str; \d+\] =\s*\[(.*?)\];|\.text\((?:match|if)\b(.*?)\}\)")
        .unwrap();
    let key = Regex::new(r#""([a-z][a-z0-9-]*)""#).unwrap();
    let sources = sources();
    let keys = list.captures_iter(&sources).flat_map(|found| {
        key.captures_iter(found.get(0).unwrap().as_str()).map(|found| found[1].to_owned()).collect::<Vec<_>>()
    });
    keys.collect()
}

/// The keys of what `Words::label` is asked for.
fn labels() -> BTreeSet<String> {
    let causes = Cause::ALL.iter().map(|cause| cause.word());
    let problems = Problem::ALL.iter().map(|problem| problem.word());
    let warnings = Warning::ALL.iter().map(|warning| warning.word());
    causes
        .chain(problems)
        .chain(warnings)
        .chain([ENDED])
        .map(|word| format!("label-{}", word.replace('_', "-")))
        .collect()
}

#[test]
fn every_cause_problem_and_warning_has_a_label() {
    let catalogues = catalogues();
    let missing: Vec<String> =
        labels().into_iter().filter(|key| !catalogues["en"].contains_key(key)).collect();
    assert!(missing.is_empty(), "{missing:?}");
}

#[test]
fn every_language_has_the_same_phrases_with_the_same_values() {
    let catalogues = catalogues();
    let english = &catalogues["en"];
    assert!(catalogues.len() > 1 && english.len() > 100);
    let mut faults = Vec::new();
    for (code, catalogue) in &catalogues {
        let keys = |catalogue: &Catalogue| catalogue.keys().cloned().collect::<BTreeSet<_>>();
        let (own, all) = (keys(catalogue), keys(english));
        faults.extend(all.difference(&own).map(|key| format!("{code}: `{key}` is missing")));
        faults.extend(own.difference(&all).map(|key| format!("{code}: `{key}` is in no English phrase")));
        for (key, values) in catalogue {
            if let Some(expected) = english.get(key).filter(|expected| *expected != values) {
                faults.push(format!("{code}: `{key}` has {values:?}, English has {expected:?}"));
            }
        }
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

#[test]
fn every_phrase_that_is_said_is_there_with_its_values() {
    let catalogues = catalogues();
    let english = &catalogues["en"];
    let said = said();
    assert!(said.len() > 100, "{}", said.len());
    let mut faults = Vec::new();
    for (key, values) in said {
        match (english.get(&key), values) {
            (None, _) => faults.push(format!("`{key}` is said and in no catalogue")),
            (Some(wanted), Some(given)) if *wanted != given => {
                faults.push(format!("`{key}` is given {given:?} and wants {wanted:?}"));
            }
            (Some(_), _) => {}
        }
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

#[test]
fn every_phrase_is_said_somewhere() {
    let said: BTreeSet<String> =
        said().into_iter().map(|(key, _)| key).chain(listed()).chain(labels()).collect();
    let unused: Vec<_> = catalogues()["en"]
        .keys()
        .filter(|key| !said.contains(*key) && !key.starts_with("said-"))
        .cloned()
        .collect();
    assert!(unused.is_empty(), "nobody says {unused:?}");
}

/// Text of a phrase between its values.
fn own_words(pattern: &Pattern<&str>) -> Vec<String> {
    let text = |element: &PatternElement<&str>| match element {
        PatternElement::TextElement { value } => Some((*value).to_owned()),
        PatternElement::Placeable { .. } => None,
    };
    pattern.elements.iter().filter_map(text).collect()
}

/// A sentence that is worded otherwise by now would be shown in English on a page that is not.
#[test]
fn the_core_words_its_sentences_as_the_catalogue_lists_them() {
    let text = fs::read_to_string(Path::new(ROOT).join("locales/en.ftl")).unwrap();
    let resource = fluent_syntax::parser::parse(text.as_str()).unwrap();
    let code = sources();
    let mut sentences = 0;
    for entry in &resource.body {
        let Entry::Message(message) = entry else { continue };
        // How serde_json words what it could not read.
        if !message.id.name.starts_with("said-") || message.id.name == "said-parser" {
            continue;
        }
        sentences += 1;
        for words in own_words(message.value.as_ref().unwrap()) {
            assert!(code.contains(&words), "`{}`: nothing in the code says `{words}`", message.id.name);
        }
    }
    assert!(sentences > 50, "{sentences}");
}

/// Every sentence of a verdict is one that other languages can say.
#[test]
fn the_catalogue_lists_every_sentence_of_a_verdict() {
    // No sentences: kinds, which have the names that their makers gave them, and what joins clauses.
    const NAMES: [&str; 6] = [
        "unknown bytes",
        "unknown bytes in gzip",
        "SQLite format 3\\0",
        "PostgreSQL tar dump",
        "PostgreSQL directory dump in tar",
        // What an error of the machine could not do.
        "look at",
    ];
    let text = fs::read_to_string(Path::new(ROOT).join("locales/en.ftl")).unwrap();
    let listed: Vec<&str> = text.lines().filter(|line| line.starts_with("said-")).collect();
    let literal = Regex::new(r#""((?:[^"\\]|\\.)*)""#).unwrap();
    let value = Regex::new(r"\{[^}]*\}|; ").unwrap();
    let mut missing = Vec::new();
    for file in [
        "domain/verdict.rs",
        "domain/anomaly.rs",
        "domain/habit.rs",
        "domain/hold.rs",
        "domain/standing.rs",
        "source/agent_report/rejection.rs",
        "intake/content/sqlite.rs",
        "intake/content/pgdmp.rs",
        "intake/content/tar.rs",
        "vault/health.rs",
        "scan/notes.rs",
        "scan/resources.rs",
        "scan/years.rs",
        "scan/agents.rs",
    ] {
        let code = fs::read_to_string(Path::new(ROOT).join("src").join(file)).unwrap();
        let code = code.split("#[cfg(test)]\nmod tests").next().unwrap();
        let is_said = |line: &&str| !line.trim_start().starts_with("//") && !line.contains("reason = ");
        let lines = code.lines().filter(is_said);
        for line in lines {
            for found in literal.captures_iter(line) {
                let pieces = value.split(found.get(1).unwrap().as_str()).map(str::trim);
                let prose = pieces.filter(|words| words.contains(' ') && !NAMES.contains(words));
                missing.extend(
                    prose
                        .filter(|words| !listed.iter().any(|phrase| phrase.contains(words)))
                        .map(|words| format!("{file}: {words}")),
                );
            }
        }
    }
    assert!(missing.is_empty(), "no catalogue lists\n{}", missing.join("\n"));
}

/// Words that only English has. Foreign text, as that of a JSON parser, stands in quotation marks.
fn english_words(text: &str) -> Vec<String> {
    const ENGLISH: [&str; 24] = [
        "the", "is", "are", "was", "of", "and", "its", "it", "has", "have", "be", "been", "not", "with",
        "cannot", "that", "there", "which", "this", "from", "than", "reported", "found", "must",
    ];
    let quoted = Regex::new("«[^»]*»|`[^`]*`").unwrap();
    let text = quoted.replace_all(text, "");
    let words = text.split(|c: char| !c.is_alphanumeric() && c != '_' && c != '\'' && c != '’');
    words.filter(|word| ENGLISH.contains(word)).map(str::to_owned).collect()
}

fn french(sentence: &str) -> String {
    let words = backupmon::render::Language::from_code("fr").unwrap().words();
    words.retell(sentence, chrono_tz::UTC).into_owned()
}

/// As the core says it, with values that are in no language.
fn example(pattern: &Pattern<&str>) -> String {
    let element = |element: &PatternElement<&str>| match element {
        PatternElement::TextElement { value } => (*value).to_owned(),
        PatternElement::Placeable {
            expression: Expression::Inline(InlineExpression::VariableReference { id }),
        } => match id.name {
            name if name.starts_with("time") => "2026-11-22T08:00:00Z".to_owned(),
            name if name.starts_with("size") => "62.2 MB".to_owned(),
            _ => "7".to_owned(),
        },
        PatternElement::Placeable { .. } => String::new(),
    };
    pattern.elements.iter().map(element).collect()
}

/// Also where another phrase might take a sentence for its own.
#[test]
fn every_sentence_is_said_without_an_english_word_in_another_language() {
    let text = fs::read_to_string(Path::new(ROOT).join("locales/en.ftl")).unwrap();
    let resource = fluent_syntax::parser::parse(text.as_str()).unwrap();
    let mut left = Vec::new();
    for entry in &resource.body {
        let Entry::Message(message) = entry else { continue };
        if message.id.name.starts_with("said-") {
            let said = french(&example(message.value.as_ref().unwrap()));
            left.extend(
                english_words(&said).into_iter().map(|word| format!("{}: {word}: {said}", message.id.name)),
            );
        }
    }
    assert!(left.is_empty(), "{}", left.join("\n"));
    assert_eq!(english_words("what is it"), ["is", "it"]);
}

#[test]
fn every_reason_to_reject_a_report_is_said_in_another_language() {
    let folder = Path::new(ROOT).join("fixtures/reports/invalid");
    let (mut left, mut seen) = (Vec::new(), 0);
    for file in fs::read_dir(folder).unwrap().map(|file| file.unwrap().path()) {
        if file.extension().is_some_and(|end| end == "expected") {
            seen += 1;
            let reason = fs::read_to_string(&file).unwrap();
            let said = french(&format!("report `2026.json` is rejected: {}", reason.trim_end()));
            left.extend(english_words(&said).into_iter().map(|word| format!("{word}: {said}")));
        }
    }
    assert!(seen > 20 && left.is_empty(), "{}", left.join("\n"));
}

/// What is wrong with a dump, a version or the server, as it comes out of several rooms at once.
#[test]
fn nested_sentences_are_said_in_another_language_to_the_last_clause() {
    for (english, expected) in [
        (
            "the tar is damaged: a member's header has a wrong checksum",
            "tar : abîmé (l'en-tête d'un membre a une somme de contrôle fausse)",
        ),
        (
            "the PGDMP is shorter than its own structure says: missing 12 bytes of a name or a definition",
            "PGDMP : plus court que ne le dit sa propre structure, il manque 12 octets de : un nom ou une définition",
        ),
        (
            "version 2026-x is damaged: `d.gz` has 7 bytes instead of 1234, and 2 others are damaged; \
             current_version is 2026-y",
            "la version 2026-x est endommagée : « d.gz » a 7 octets au lieu de 1\u{202f}234, et 2 autres sont \
             endommagées ; current_version est 2026-y",
        ),
        (
            "the entry is invalid: `COMPRESS.size` is `x`; expected a whole number of bytes",
            "l'entrée du rapport n'est pas valable : « COMPRESS.size » est « x » ; attendu : un nombre entier d'octets",
        ),
        (
            "report `a.json` is rejected: the report is not JSON: expected value at line 1 column 2; \
             write it with a JSON library",
            "le rapport « a.json » est rejeté : le rapport n'est pas du JSON : « expected value », ligne 1, colonne 2 ; \
             écrivez-le avec une bibliothèque JSON",
        ),
    ] {
        assert_eq!(french(english).replace('\u{a0}', " "), expected);
    }
}

#[test]
fn every_catalogue_is_a_language() {
    let spoken: BTreeSet<_> =
        backupmon::render::Language::all().map(|language| language.code().to_owned()).collect();
    assert_eq!(catalogues().into_keys().collect::<BTreeSet<_>>(), spoken);
}

#[test]
fn french_does_not_break_a_line_before_a_colon() {
    let french = fs::read_to_string(Path::new(ROOT).join("locales/fr.ftl")).unwrap();
    let breaks: Vec<&str> = french
        .lines()
        .filter(|line| !line.starts_with('#'))
        .filter(|line| [" :", " ;", " !", " ?", "« ", " »"].iter().any(|broken| line.contains(broken)))
        .collect();
    assert!(breaks.is_empty(), "{breaks:#?}");
}
