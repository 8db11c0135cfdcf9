//! `check`: one line for Nagios and Icinga. Whatever goes wrong with it is UNKNOWN, on stdout, with exit 3.

use std::ffi::OsString;
use std::time::Duration;

use anyhow::Result;
use clap::CommandFactory as _;
use serde::Serialize;

use super::context::Context;
use super::mends::explained;
use super::print;
use super::select::{meant, selector};
use super::snapshot::Snapshot;
use crate::cli::alerts::Check as CheckArgs;
use crate::cli::{Cli, Global};
use crate::domain::settings::Span;
use crate::exit::{Exit, Nagios};
use crate::render::View;
use crate::render::nagios::{self, Check};
use crate::store::{Sqlite, Store as _};

/// A plug-in has ten seconds; a scan holds the state for one report at a time.
const PATIENCE: Duration = Duration::from_secs(1);

/// Whether a command line that cannot be understood was meant for `check`: its first word that is a command is this one.
#[must_use]
pub fn is_meant(arguments: &[OsString]) -> bool {
    let cli = Cli::command();
    let takes_value = |word: &str| {
        word.strip_prefix("--").is_some_and(|long| {
            cli.get_arguments().any(|arg| arg.get_long() == Some(long) && arg.get_action().takes_values())
        })
    };
    let mut words = arguments.iter().skip(1).filter_map(|word| word.to_str());
    while let Some(word) = words.next() {
        if cli.find_subcommand(word).is_some() {
            return word == "check";
        }
        if takes_value(word) {
            words.next();
        }
    }
    false
}

/// Also of `--help`: nothing was checked, and an exit of 0 would be green for ever.
#[must_use]
pub fn not_understood(error: &clap::Error) -> Exit {
    if error.use_stderr() {
        let text = error.to_string();
        let reason = text.lines().next().unwrap_or_default();
        let _ = print::text(&nagios::own_error(reason.trim_start_matches("error: ")).text);
    } else {
        let _ = error.print();
    }
    Exit::Check(Nagios::Unknown)
}

/// Looks and says; an error of its own is what it says then.
#[must_use]
pub fn check(global: &Global, args: &CheckArgs) -> Exit {
    let found = looked(global, args).unwrap_or_else(|error| {
        // A plug-in's first line is all that most monitors show: what is several lines becomes one.
        let text: Vec<String> = explained(error).1.lines().map(|line| line.trim().to_owned()).collect();
        nagios::own_error(text.join(" ").trim_start_matches("error: "))
    });
    let (nagios, status) = match found.code {
        0 => (Nagios::Ok, "ok"),
        1 => (Nagios::Warning, "warning"),
        2 => (Nagios::Critical, "critical"),
        _ => (Nagios::Unknown, "unknown"),
    };
    let printed = if global.json {
        print::json(&Document { status, code: found.code, text: &found.text })
    } else {
        print::text(&found.text)
    };
    Exit::Check(if printed.is_ok() { nagios } else { Nagios::Unknown })
}

/// `check --json`.
#[derive(Serialize)]
struct Document<'a> {
    status: &'static str,
    code: u8,
    /// What is printed without `--json`.
    text: &'a str,
}

fn looked(global: &Global, args: &CheckArgs) -> Result<Check> {
    let context = Context::new(global, &[])?;
    let wanted = selector(&args.selector)?;
    let store = context.reader()?;
    let snapshot = Snapshot::load(&context, &store)?;
    meant(&snapshot, &wanted)?;
    note(&context, snapshot.meta.fixed_clock);
    let mut facts = snapshot.facts(&context);
    if !wanted.is_everything() {
        facts.narrow(|fact| wanted.matches(&fact.job.key, &fact.labels, Some(fact.standing.status)));
    }
    // Whoever reads this line watches backupmon.
    facts.watched = true;
    let max_age = args.max_age.map(|age| Span(age.as_secs()));
    Ok(nagios::check(&View::build(facts), max_age))
}

/// Remembers that somebody looked, where the state can be written; whoever may only read is not told of it.
fn note(context: &Context, state_has_fixed_clock: bool) {
    if context.fixed_clock && !state_has_fixed_clock {
        return;
    }
    let noted =
        Sqlite::open_patiently(&context.config.paths.state, context.now, context.fixed_clock, PATIENCE)
            .and_then(|mut store| store.note_check(context.now));
    if let Err(error) = noted {
        tracing::debug!("that `check` ran was not noted: {error}");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_broken_line_is_known_by_its_command() {
        for (line, meant) in [
            ("check --bogus", true),
            ("--bogus check", true),
            ("-v --config run check --max-age", true),
            ("--config=run check --max-age", true),
            ("--config check run --bogus", false),
            ("jobs show check --bogus", false),
            ("--bogus", false),
        ] {
            let words: Vec<OsString> =
                ["backupmon"].into_iter().chain(line.split(' ')).map(OsString::from).collect();
            assert_eq!(is_meant(&words), meant, "{line}");
        }
    }
}
