//! `alerts`, `history` and `check`: what is wrong, and what was.

use std::time::Duration;

use clap::builder::PossibleValuesParser;
use clap::{ArgGroup, Args, Subcommand};

use super::select::{Change, Filter, STATUSES, Selector};
use super::value;

#[derive(Debug, Clone, Subcommand)]
pub enum Alerts {
    List(AlertsList),
    /// All that is known of one alert: its entries, what was sent to whom, what to do next
    #[command(after_help = "Example:\n  backupmon alerts show 42")]
    Show {
        /// Its number in `alerts list`
        id: i64,
    },
    Ack(Ack),
    Silence(Silence),
}

/// What is open
#[derive(Debug, Clone, Args)]
#[command(after_help = "Example:\n  backupmon alerts list --city DOUALA")]
pub struct AlertsList {
    #[command(flatten)]
    pub selector: Selector,
    /// Resolved ones too
    #[arg(long)]
    pub all: bool,
}

/// Say that somebody sees to it: no more reminders until it is resolved
///
/// What heals is told all the same.
#[derive(Debug, Clone, Args)]
#[command(after_help = "\
Examples:
  backupmon alerts ack SIRPACAM_DOUALA_NEWBELL/SDMC_2025 --reason 'Paul is on site'
  backupmon alerts ack --alert 42 --until 3d --reason 'disk ordered'")]
pub struct Ack {
    #[command(flatten)]
    pub change: Change,
    /// This alert, by its number; also one of an agent or of the server. Can be repeated
    #[arg(long = "alert", value_name = "ID")]
    pub alerts: Vec<i64>,
    /// When reminders begin again: a time, a date, or a span from now
    #[arg(long, value_name = "TIME")]
    pub until: Option<String>,
    /// Why, for the record
    #[arg(long, value_name = "TEXT")]
    pub reason: String,
}

/// No reminders about what is wrong with these jobs now, for a time
///
/// As ack, with an end to be said. What heals is told all the same, and the digest lists what is silenced, by whom and
/// until when. What goes wrong later is told and reminded of as ever, for silence ordered in advance would hide it:
/// before planned work, `jobs pause` the jobs or write a [[maintenance]] window.
#[derive(Debug, Clone, Args)]
#[command(group = ArgGroup::new("end").required(true).args(["until", "no_end"]))]
#[command(
    after_help = "Example:\n  backupmon alerts silence --agent 'SIRPACAM_*' --until 2026-01-05 --reason 'line is being moved'"
)]
pub struct Silence {
    #[command(flatten)]
    pub change: Change,
    /// This alert, by its number; also one of an agent or of the server. Can be repeated
    #[arg(long = "alert", value_name = "ID")]
    pub alerts: Vec<i64>,
    /// When it ends: a time, a date, or a span from now
    #[arg(long, value_name = "TIME")]
    pub until: Option<String>,
    /// Until it is silenced otherwise
    #[arg(long)]
    pub no_end: bool,
    /// Why, for the record
    #[arg(long, value_name = "TEXT")]
    pub reason: String,
}

/// Entries of a job or of all: every judged report and every missed cycle
#[derive(Debug, Clone, Args)]
#[command(after_help = "\
Examples:
  backupmon history SIRPACAM_DOUALA_NEWBELL/SDMC_2025 --since 30d
  backupmon history --gaps --since 2026-01-01 --csv")]
pub struct History {
    #[command(flatten)]
    pub filter: Filter,
    /// From then on: a time, a date, or a span back from now
    #[arg(long, value_name = "TIME")]
    pub since: Option<String>,
    /// Entries that were judged so; several are alternatives
    #[arg(long, value_name = "STATUS", value_delimiter = ',', ignore_case = true,
          value_parser = PossibleValuesParser::new(STATUSES), hide_possible_values = true)]
    pub status: Vec<String>,
    /// As CSV, safe to open in a spreadsheet
    #[arg(long, conflicts_with = "json")]
    pub csv: bool,
    /// In place of entries, the times without a good backup
    #[arg(long, conflicts_with_all = ["status", "operators"])]
    pub gaps: bool,
    /// In place of entries, what operators changed: who, when, what and why
    #[arg(long, conflicts_with = "status")]
    pub operators: bool,
}

/// One line for Nagios or Icinga
///
/// Exits with 0 ok, 1 warning, 2 critical, 3 unknown: no job, no state, no fresh scan, or an error of its own.
#[derive(Debug, Clone, Args)]
#[command(after_help = "\
Examples:
  backupmon check
  backupmon check --company SIRPACAM --max-age 26h")]
pub struct Check {
    #[command(flatten)]
    pub selector: Selector,
    /// Critical, too, where the last good backup is older than this
    #[arg(long, value_name = "DURATION", value_parser = value::duration)]
    pub max_age: Option<Duration>,
}
