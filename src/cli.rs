//! What can be typed: the commands, their flags and their help. Structs only; nothing is decided here.
//!
//! Times stay text where a command takes a date or a span too; the rest is parsed here, so that a mistake is
//! told with the flag's name before anything is opened.

pub mod alerts;
pub mod care;
pub mod jobs;
pub mod pipeline;
pub mod select;
mod value;
pub mod versions;

use std::path::PathBuf;

use chrono::{DateTime, Utc};
use clap::{ArgAction, Args, ColorChoice, Parser, Subcommand};

use alerts::{Alerts, Check, History};
use care::{Completions, Man, Prune, State};
use jobs::{Agents, Jobs};
use pipeline::{Notify, Promote, Report, Run, Scan};
use versions::{Restore, Verify, Versions};

/// Proves that every expected backup came and is whole, keeps the proven versions, and says so when one did not
///
/// Reads the reports and dumps that agents leave in a deposit folder, compares and reads every new dump, keeps
/// what is proven under the validated folder, mails what is FAILED or MISSING, and writes a status site. Call
/// `backupmon run` every 15 minutes, from cron or a systemd timer.
#[derive(Debug, Parser)]
#[command(name = "backupmon", version, after_help = EXAMPLES, after_long_help = LONG_END, subcommand_required = true)]
pub struct Cli {
    #[command(flatten)]
    pub global: Global,
    #[command(subcommand)]
    pub command: Command,
}

const EXAMPLES: &str = "\
Examples:
  backupmon init                          write a commented configuration
  backupmon run --deposits /srv/deposits  look once, without any configuration
  backupmon jobs list --status FAILED,MISSING";

const LONG_END: &str = "\
Examples:
  backupmon init                          write a commented configuration
  backupmon doctor                        say what is wrong with the set-up, and how to mend it
  backupmon run                           what cron calls
  backupmon run --deposits /srv/deposits  look once, without any configuration
  backupmon jobs list --status FAILED,MISSING

Exit codes:
  0  it did its work, whatever it found; also when another run holds the lock
  1  something that it had to do was not done (a mail not sent); the rest is done
  2  wrong usage or configuration
  3  with --fail-on, a finding as bad as that
  `check` keeps to the codes of Nagios: 0 ok, 1 warning, 2 critical, 3 unknown, and 3 for
  every error of its own.

Which jobs: JOB is an id or AGENT/DATABASE; --agent, --database, --company and --city
take globs (quote them). All that is given must match, and of several JOBs or statuses
any one. A command that changes jobs wants to be told which: --agent '*' means every one.

Times: RFC 3339 (2026-01-31T08:00:00Z), a local date (2026-01-31), or a span from now (3d).
Durations: 90s, 15min, 2h, 7d, 4w.";

/// Flags that every command takes.
#[derive(Debug, Clone, Args)]
pub struct Global {
    /// Configuration file [default: `$BACKUPMON_CONFIG`, then `/etc/backupmon/config.toml`]
    #[arg(long, global = true, value_name = "FILE", help_heading = HEADING)]
    pub config: Option<PathBuf>,
    /// What time to take it for, to ask what would be said then; changes nothing
    ///
    /// Implies --dry-run, except on a state that was created under --now, as tests do.
    #[arg(long, global = true, value_name = "RFC3339", value_parser = value::time, help_heading = HEADING)]
    pub now: Option<DateTime<Utc>>,
    /// Print one JSON document on stdout; messages go to stderr
    #[arg(long, global = true, help_heading = HEADING)]
    pub json: bool,
    /// Say more about what is done; twice for every file
    #[arg(short, long, global = true, action = ArgAction::Count, conflicts_with = "quiet", help_heading = HEADING)]
    pub verbose: u8,
    /// Say nothing but errors
    #[arg(short, long, global = true, help_heading = HEADING)]
    pub quiet: bool,
    /// Whether to colour what is printed
    #[arg(long, global = true, value_name = "WHEN", default_value = "auto", help_heading = HEADING)]
    pub color: ColorChoice,
}

const HEADING: &str = "Global options";

#[derive(Debug, Subcommand)]
#[expect(clippy::large_enum_variant, reason = "there is one in a process")]
pub enum Command {
    Run(Run),
    Scan(Scan),
    Promote(Promote),
    Notify(Notify),
    Report(Report),
    /// Look at expected backups, and change what is expected
    #[command(subcommand)]
    Jobs(Jobs),
    /// Look at agents, and give one another name
    #[command(subcommand)]
    Agents(Agents),
    /// Look at kept versions, and pin them
    #[command(subcommand)]
    Versions(Versions),
    History(History),
    /// Look at what is wrong, and say that somebody sees to it
    #[command(subcommand)]
    Alerts(Alerts),
    Check(Check),
    Verify(Verify),
    Restore(Restore),
    /// Check, copy or rebuild the state
    #[command(subcommand)]
    State(State),
    Prune(Prune),
    /// Write a commented configuration and an empty state
    ///
    /// Asks nothing and overwrites nothing. The configuration goes to --config or /etc/backupmon/config.toml, with
    /// the server's timezone, and with a week in which only the server's own problems and the digest are mailed.
    #[command(after_help = "Example:\n  backupmon --config /etc/backupmon/config.toml init")]
    Init,
    /// Look at the whole set-up, say what is wrong and how to mend it
    ///
    /// Configuration, folders and their rights, free space and when it ends, the timer, undelivered messages, and
    /// whether anybody watches backupmon itself. Changes nothing.
    #[command(after_help = "Example:\n  backupmon doctor")]
    Doctor,
    Completions(Completions),
    Man(Man),
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(line: &str) -> Result<Cli, String> {
        let words = std::iter::once("backupmon").chain(line.split_whitespace());
        Cli::try_parse_from(words).map_err(|error| error.to_string())
    }

    #[test]
    fn the_commands_of_the_contract_are_understood() {
        for line in [
            "run --every 15m --deposits /a --deposits /b",
            "scan --agent A --dry-run --json",
            "promote --accept A/b --reason fine",
            "promote --dry-run",
            "notify --test ops@example.org",
            "report --out /tmp/site",
            "jobs list --agent SIRPACAM_* --database *_2025 --status failed,MISSING --all",
            "jobs add A/b --at 13:00,18:00 --days mon-fri --label year=2025",
            "jobs edit --city DOUALA --grace 4h --unset early --reason moved --yes",
            "jobs pause A/b --until 3d --reason holidays",
            "jobs pause --company X --no-end --reason sold",
            "jobs suggest --apply",
            "jobs import -",
            "agents rename OLD NEW",
            "versions pin A/b --version 20250620T083735Z-292394b6 --reason audit",
            "history A/b --since 30d --status MISSING --csv",
            "alerts silence --agent A --until 2026-01-31 --reason line",
            "check --max-age 26h --year 2025",
            "verify --budget 200GB",
            "restore A/b --before 2026-01-31 --to /tmp/out --tree /srv/validated",
            "state rebuild --yes",
            "--now 2026-01-31T08:00:00Z -vv run",
            "completions bash",
        ] {
            parse(line).unwrap_or_else(|error| panic!("{line}: {error}"));
        }
    }

    #[test]
    fn a_mistake_is_told_before_anything_is_opened() {
        for (line, expected) in [
            ("", "Usage"),
            ("--now yesterday run", "RFC 3339"),
            ("-v -q run", "cannot be used with"),
            ("run --every 15", "is no duration"),
            ("promote --reason x", "--accept"),
            ("promote --accept A/b", "--reason"),
            ("promote A/b", "--accept"),
            ("jobs pause A/b --reason x", "--until"),
            ("jobs pause A/b --until 3d --no-end --reason x", "cannot be used with"),
            ("jobs pause A/b --until 3d", "--reason"),
            ("jobs add A/b --cron x --every 1h", "cannot be used with"),
            ("jobs add A/b --days mon", "--at"),
            ("jobs add A/b --label town=X", "is no label"),
            ("jobs list --status BROKEN", "possible values"),
            ("verify --budget soon", "is no budget"),
            ("restore A/b", "--to"),
        ] {
            let error = parse(line).err().unwrap_or_else(|| panic!("{line} was taken"));
            assert!(error.contains(expected), "{line}: {error}");
        }
    }

    #[test]
    fn clap_finds_no_contradiction() {
        use clap::CommandFactory as _;
        Cli::command().debug_assert();
    }
}
