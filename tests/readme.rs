//! README.md is true: its commands exist, its options are known, its links lead somewhere, its codes are the program's.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by a panic")]

use std::fs;
use std::path::Path;

use backupmon::cli::Cli;
use backupmon::exit::Exit;
use clap::CommandFactory as _;

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn read(path: &str) -> String {
    fs::read_to_string(root().join(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
}

/// The command lines of backupmon in a text: after its name, after `cargo run … --`, or in backticks.
fn lines(text: &str) -> Vec<Vec<String>> {
    let indented = text.lines().filter(|line| line.starts_with("    ")).map(str::to_owned);
    let quoted = text.split('`').skip(1).step_by(2).map(str::to_owned);
    indented.chain(quoted).flat_map(|line| of_line(&line)).collect()
}

/// A shell line can hold several commands.
fn of_line(line: &str) -> Vec<Vec<String>> {
    let line = line.split("  # ").next().unwrap_or_default().trim();
    let mut commands: Vec<Vec<String>> = vec![Vec::new()];
    for word in shell_words(line) {
        match word.as_str() {
            "&&" | "|" | ">" | "#" => commands.push(Vec::new()),
            _ => commands.last_mut().unwrap().push(word),
        }
    }
    commands.into_iter().filter_map(after_the_name).collect()
}

fn shell_words(line: &str) -> Vec<String> {
    let mut words = Vec::new();
    for (index, part) in line.split('\'').enumerate() {
        if index % 2 == 1 {
            words.push(part.to_owned());
        } else {
            words.extend(part.split_whitespace().map(str::to_owned));
        }
    }
    words
}

fn after_the_name(words: Vec<String>) -> Option<Vec<String>> {
    let is_cargo = words.iter().any(|word| word == "cargo") && words.iter().any(|word| word == "run");
    let name = if is_cargo {
        words.iter().position(|word| word == "--")?
    } else {
        // Also as another user (`runuser … -- backupmon`), and in a crontab, where the user's name stands before it.
        words.iter().rposition(|word| word == "backupmon")?
    };
    let arguments = words.get(name + 1..)?;
    let is_call = is_cargo || name == 0 || matches!(words[name - 1].as_str(), "--" | "*" | "10");
    (is_call && !arguments.is_empty()).then(|| arguments.to_vec())
}

#[test]
fn every_command_is_understood() {
    let found = lines(&read("README.md"));
    assert!(found.len() > 15, "{found:?}");
    for arguments in found.iter().chain(&lines(&indented("contrib/cron.d/backupmon"))) {
        let words = std::iter::once("backupmon").chain(arguments.iter().map(String::as_str));
        if let Err(error) = Cli::command().try_get_matches_from(words) {
            // A command without its arguments is a name in a sentence; it must still be one.
            let named = error.kind() == clap::error::ErrorKind::MissingRequiredArgument
                || error.kind() == clap::error::ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand;
            assert!(named, "{arguments:?}\n{error}");
        }
    }
}

/// A file's own lines, as if they stood in README.
fn indented(path: &str) -> String {
    let text = read(path);
    let own = text.lines().filter(|line| !line.starts_with('#'));
    own.fold(String::new(), |indented, line| indented + "    " + line + "\n")
}

#[test]
fn the_commands_of_the_unit_are_understood() {
    let unit = read("contrib/systemd/backupmon.service");
    let start = unit.lines().find_map(|line| line.strip_prefix("ExecStart=/usr/local/bin/")).unwrap();
    assert!(Cli::command().try_get_matches_from(start.split_whitespace()).is_ok(), "{start}");
    let sample = read("contrib/config.toml");
    for path in ["/srv/backups/deposits", "/srv/backups/validated", "/var/lib/backupmon"] {
        assert!(sample.contains(path) && unit.contains(path), "{path}: sample and unit disagree");
    }
}

#[test]
fn every_file_that_is_named_is_there() {
    let readme = read("README.md");
    let links = readme.split("](").skip(1).map(|rest| rest.split(')').next().unwrap());
    let files = readme
        .split_whitespace()
        .filter(|word| word.starts_with("contrib/") || word.starts_with("fixtures/"));
    let mut count = 0;
    for path in links.chain(files) {
        let path = path.trim_end_matches(['.', ',', ';', ':', '`']);
        assert!(root().join(path).exists(), "{path}");
        count += 1;
    }
    assert!(count > 10, "{count}");
    let picture = fs::metadata(root().join("contrib/screenshot.png")).unwrap();
    assert!(picture.len() < 300_000, "{}", picture.len());
}

#[test]
fn the_exit_codes_are_those_of_the_program() {
    let readme = read("README.md");
    for (code, meaning) in Exit::MEANINGS {
        let told = format!("| {code} | {}", meaning.replace("--fail-on", "`--fail-on`"));
        assert!(readme.contains(&told), "{told}");
    }
    for (code, meaning) in Exit::CHECK_MEANINGS {
        assert!(readme.contains(&format!("{code} {meaning}")), "{code} {meaning}");
    }
}

#[test]
fn the_reader_of_commands_sees_them() {
    assert_eq!(of_line("X=1 cargo run --release -- -v run"), [["-v", "run"]]);
    assert_eq!(of_line("backupmon init && chown -R backupmon: /x"), [["init"]]);
    assert_eq!(of_line("runuser -u backupmon -- backupmon doctor"), [["doctor"]]);
    assert_eq!(of_line("*/15 * * * *  backupmon  nice -n 10 backupmon run"), [["run"]]);
    assert!(of_line("useradd --system backupmon").is_empty());
}
