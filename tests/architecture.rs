//! The import table of the crate documentation, held by a machine.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

/// What each room may import of ours. The direction of the data is what must hold.
fn table() -> BTreeMap<&'static str, &'static [&'static str]> {
    BTreeMap::from([
        ("domain", &[][..]),
        ("clock", &["domain"]),
        ("files", &[]),
        ("exit", &[]),
        ("cli", &[]),
        ("config", &["domain", "files"]),
        ("source", &["domain", "files"]),
        ("intake", &["domain", "files", "source"]),
        ("store", &["domain", "files"]),
        ("vault", &["domain", "files", "intake"]),
        ("render", &["domain"]),
        ("notify", &["domain", "render", "store", "config", "clock"]),
        ("scan", &["domain", "files", "config", "source", "intake", "store", "vault"]),
        (
            "commands",
            &[
                "domain", "clock", "files", "exit", "cli", "config", "source", "intake", "store", "vault",
                "render", "notify", "scan",
            ],
        ),
    ])
}

fn rust_files(folder: &Path, out: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            rust_files(&path, out);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            out.push(path);
        }
    }
}

/// The code before its inline tests, which may reach further.
fn without_tests(text: &str) -> &str {
    text.split("#[cfg(test)]\nmod tests").next().unwrap_or(text)
}

/// The rooms that a line names: after `crate::`, also inside a braced list on the same line.
fn rooms_named(line: &str) -> Vec<String> {
    let word =
        |text: &str| -> String { text.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect() };
    line.split("crate::")
        .skip(1)
        .flat_map(|rest| match rest.strip_prefix('{') {
            Some(list) => {
                list.split('}').next().unwrap_or(list).split(',').map(|part| word(part.trim())).collect()
            }
            None => vec![word(rest)],
        })
        .filter(|room| !room.is_empty())
        .collect()
}

#[test]
fn every_room_imports_only_what_the_table_allows() {
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let table = table();
    let mut files = Vec::new();
    rust_files(&source, &mut files);
    let mut violations = Vec::new();
    for path in files {
        let relative = path.strip_prefix(&source).unwrap();
        let first = relative.components().next().unwrap().as_os_str().to_str().unwrap();
        let room = first.trim_end_matches(".rs");
        if room == "main" || room == "lib" {
            continue;
        }
        let allowed =
            table.get(room).unwrap_or_else(|| panic!("the room `{room}` is not in the import table"));
        let text = fs::read_to_string(&path).unwrap();
        for (number, line) in without_tests(&text).lines().enumerate() {
            if line.trim_start().starts_with("//") {
                continue;
            }
            for named in rooms_named(line) {
                if named != room && table.contains_key(named.as_str()) && !allowed.contains(&named.as_str()) {
                    violations.push(format!(
                        "{}:{}: `{room}` imports `{named}`",
                        relative.display(),
                        number + 1
                    ));
                }
            }
        }
    }
    assert!(violations.is_empty(), "{}", violations.join("\n"));
}

#[test]
fn the_reader_of_imports_sees_them() {
    assert_eq!(rooms_named("use crate::domain::{Job, Time};"), ["domain"]);
    assert_eq!(rooms_named("use crate::{store, vault::Vault};"), ["store", "vault"]);
    assert_eq!(rooms_named("    crate::files::lock(crate::exit::Code::Ok)"), ["files", "exit"]);
}

#[test]
fn no_test_file_is_forgotten() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let manifest = fs::read_to_string(root.join("Cargo.toml")).unwrap();
    for entry in fs::read_dir(root.join("tests")).unwrap() {
        let path = entry.unwrap().path();
        let relative = path.strip_prefix(root).unwrap().to_str().unwrap().to_owned();
        let target = if path.is_dir() { format!("{relative}/main.rs") } else { relative };
        if root.join(&target).exists() && target.ends_with(".rs") {
            assert!(
                manifest.contains(&format!("path = \"{target}\"")),
                "{target} is no [[test]] of Cargo.toml"
            );
        }
    }
}
