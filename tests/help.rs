//! What `--help` says, of every command, as one document: a change of the command line is seen by whoever reviews it.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by a panic")]

use backupmon::cli::{Cli, select};
use backupmon::domain::Status;
use clap::{Command, CommandFactory as _};

/// Every command with its own subcommands, in the order of the help.
fn all(command: &Command, path: &str) -> Vec<(String, Command)> {
    let path = format!("{path} {}", command.get_name()).trim().to_owned();
    let children = command.get_subcommands().filter(|child| child.get_name() != "help");
    let below: Vec<_> = children.flat_map(|child| all(child, &path)).collect();
    std::iter::once((path, command.clone())).chain(below).collect()
}

fn commands() -> Vec<(String, Command)> {
    let mut root = Cli::command().term_width(100);
    root.build();
    all(&root, "")
}

#[test]
fn the_help_of_every_command() {
    let pages = commands().into_iter().map(|(path, mut command)| {
        let rule = "=".repeat(100);
        // The global options stand on the first page; on the others they would hide what differs.
        if path != "backupmon" {
            command = command.mut_args(|arg| {
                let global = arg.is_global_set();
                arg.hide(global)
            });
        }
        format!("{rule}\n{path}\n{rule}\n{}", command.render_long_help())
    });
    let text = pages.collect::<Vec<_>>().join("\n").replace(env!("CARGO_PKG_VERSION"), "[version]");
    insta::assert_snapshot!("help", text);
}

#[test]
fn every_command_has_an_example_that_is_understood() {
    for (path, command) in commands() {
        if command.has_subcommands() && path != "backupmon" {
            continue;
        }
        let after = command.get_after_help().unwrap_or_else(|| panic!("{path} has no example")).to_string();
        let examples: Vec<&str> = after.lines().skip(1).filter(|line| line.starts_with("  ")).collect();
        assert!(!examples.is_empty(), "{path} has no example");
        for example in examples {
            let words = shell_words(example);
            if let Err(error) = Cli::command().try_get_matches_from(&words) {
                panic!("{path}: {example}\n{error}");
            }
        }
    }
}

/// The words of the first backupmon command of a line; what follows two blanks is a remark.
fn shell_words(line: &str) -> Vec<String> {
    let line = line.trim().split("  ").next().unwrap();
    let mut words: Vec<String> = Vec::new();
    for (index, part) in line.split('\'').enumerate() {
        if index % 2 == 1 {
            words.push(part.to_owned());
        } else {
            words.extend(part.split_whitespace().map(str::to_owned));
        }
    }
    let end = words.iter().position(|word| word == "|" || word == ">").unwrap_or(words.len());
    words.truncate(end);
    words
}

#[test]
fn the_statuses_are_those_of_the_domain() {
    let words: Vec<&str> = Status::ALL.iter().map(|status| status.word()).collect();
    assert_eq!(select::STATUSES.to_vec(), words);
}
