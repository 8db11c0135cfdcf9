//! `jobs` and `agents`.

use std::path::PathBuf;
use std::str::FromStr;
use std::time::Duration;

use clap::builder::PossibleValuesParser;
use clap::{ArgGroup, Args, Subcommand};

use super::select::{Change, Selector};
use super::value;

const HEADING: &str = "Settings";

#[derive(Debug, Clone, Subcommand)]
pub enum Jobs {
    Add(Add),
    List(JobsList),
    /// All that is known of one job, and where each of its settings comes from
    #[command(after_help = "Example:\n  backupmon jobs show SIRPACAM_DOUALA_NEWBELL/SDMC_2025")]
    Show {
        /// An id, or AGENT/DATABASE
        job: String,
    },
    Next(Next),
    Suggest(Suggest),
    Edit(Edit),
    Rename(Rename),
    Pause(Pause),
    /// Expect paused or retired jobs again
    #[command(after_help = "Example:\n  backupmon jobs resume --city DOUALA --reason 'line repaired'")]
    Resume(Reasoned),
    /// End jobs for good; history and versions stay, the newest good version is pinned
    #[command(after_help = "Example:\n  backupmon jobs retire --database '*_2023' --reason 'year closed'")]
    Retire(Reasoned),
    /// Forget jobs, and do not discover them again; their versions are never deleted
    #[command(
        after_help = "Example:\n  backupmon jobs remove SIRPACAM_DOUALA_NEWBELL/TEST --reason 'a test'"
    )]
    Remove(Reasoned),
    Import(Import),
    Export(Export),
}

/// A change with an optional reason.
#[derive(Debug, Clone, Args)]
pub struct Reasoned {
    #[command(flatten)]
    pub change: Change,
    /// Why, for the record
    #[arg(long, value_name = "TEXT")]
    pub reason: Option<String>,
}

/// What can be set on a job. What is not given is inherited from the rules and [defaults].
#[derive(Debug, Clone, Default, Args)]
pub struct Settings {
    /// When it is expected, as a cron expression
    #[arg(help_heading = HEADING, long, value_name = "EXPR", conflicts_with_all = ["at", "days", "every"])]
    pub cron: Option<String>,
    /// At which times of day it is expected, with commas
    #[arg(help_heading = HEADING, long,
        value_name = "HH:MM",
        value_delimiter = ',',
        conflicts_with = "every"
    )]
    pub at: Vec<String>,
    /// On which days, with --at: mon-fri, sat,sun, daily
    #[arg(help_heading = HEADING, long, value_name = "DAYS", requires = "at")]
    pub days: Option<String>,
    /// How often it is expected
    #[arg(help_heading = HEADING, long, value_name = "DURATION", value_parser = value::duration)]
    pub every: Option<Duration>,
    /// Timezone of its schedule and reports, for example Africa/Douala
    #[arg(help_heading = HEADING, long, value_name = "ZONE")]
    pub timezone: Option<String>,
    /// How long after it is due it is MISSING
    #[arg(help_heading = HEADING, long, value_name = "DURATION", value_parser = value::duration)]
    pub grace: Option<Duration>,
    /// How long before it is due it counts already
    #[arg(help_heading = HEADING, long, value_name = "DURATION", value_parser = value::duration)]
    pub early: Option<Duration>,
    /// Who is mailed about it, with commas
    #[arg(help_heading = HEADING, long, value_name = "ADDRESS", value_delimiter = ',')]
    pub recipients: Vec<String>,
    /// Keep the newest so many versions
    #[arg(help_heading = HEADING, long, value_name = "N")]
    pub keep_last: Option<u32>,
    /// Keep all versions of the last so long
    #[arg(help_heading = HEADING, long, value_name = "DURATION", value_parser = value::duration)]
    pub keep_within: Option<Duration>,
    /// Keep the newest version of each of the last so many days
    #[arg(help_heading = HEADING, long, value_name = "N")]
    pub keep_daily: Option<u32>,
    /// The same for weeks
    #[arg(help_heading = HEADING, long, value_name = "N")]
    pub keep_weekly: Option<u32>,
    /// The same for months
    #[arg(help_heading = HEADING, long, value_name = "N")]
    pub keep_monthly: Option<u32>,
    /// The same for years
    #[arg(help_heading = HEADING, long, value_name = "N")]
    pub keep_yearly: Option<u32>,
    /// Never fewer than so many versions that are not suspicious
    #[arg(help_heading = HEADING, long, value_name = "N")]
    pub min_good: Option<u32>,
    /// How long the good versions from before a suspicious one stay
    #[arg(help_heading = HEADING, long, value_name = "DURATION", value_parser = value::duration)]
    pub keep_suspect: Option<Duration>,
    /// Whether dumps are decompressed and read to their end
    #[arg(help_heading = HEADING, long, value_name = "HOW", value_parser = PossibleValuesParser::new(["auto", "off"]))]
    pub content_check: Option<String>,
    /// A label in place of the one in the names: company, city, neighborhood or year
    #[arg(help_heading = HEADING, long = "label", value_name = "KEY=VALUE")]
    pub labels: Vec<Label>,
}

/// `KEY=VALUE`, of the four keys that there are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Label {
    pub key: String,
    pub value: String,
}

impl FromStr for Label {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text.split_once('=') {
            Some((key @ ("company" | "city" | "neighborhood" | "year"), value)) => {
                Ok(Self { key: key.to_owned(), value: value.to_owned() })
            }
            _ => Err(format!("`{text}` is no label; write company=…, city=…, neighborhood=… or year=…")),
        }
    }
}

/// Expect a backup that no report has named yet, take a discovered one off trial, or a removed one back
#[derive(Debug, Clone, Args)]
#[command(after_help = "\
Examples:
  backupmon jobs add SIRPACAM_DOUALA_NEWBELL/SDMC_2026 --at 13:00 --days mon-fri
  backupmon jobs add SIRPACAM_DOUALA_NEWBELL/SDMC_2026 --every 24h --grace 6h --dry-run")]
pub struct Add {
    /// The agent's folder and the database
    #[arg(value_name = "AGENT/DATABASE")]
    pub job: String,
    #[command(flatten)]
    pub settings: Settings,
    /// Why, for the record
    #[arg(long, value_name = "TEXT")]
    pub reason: Option<String>,
    /// Print what would be added, and add nothing
    #[arg(long)]
    pub dry_run: bool,
}

/// One line for each job, with its status now
#[derive(Debug, Clone, Args)]
#[command(after_help = "Example:\n  backupmon jobs list --agent 'SIRPACAM_*' --status FAILED,MISSING")]
pub struct JobsList {
    #[command(flatten)]
    pub selector: Selector,
    /// Retired ones too
    #[arg(long)]
    pub all: bool,
}

/// The next times at which a backup is due, and when it would be MISSING
///
/// To try a schedule before trusting it.
#[derive(Debug, Clone, Args)]
#[command(after_help = "Example:\n  backupmon jobs next SIRPACAM_DOUALA_NEWBELL/SDMC_2025 --count 10")]
pub struct Next {
    /// An id, or AGENT/DATABASE
    pub job: String,
    /// How many
    #[arg(long, value_name = "N", default_value_t = 5, value_parser = clap::value_parser!(u16).range(1..=1000))]
    pub count: u16,
}

/// Derive schedules from the reports that are there already
///
/// Days, times, timezone and grace of each job with at least five reports in 60 days, grouped by pattern. Without
/// a selector only for jobs whose schedule is assumed.
#[derive(Debug, Clone, Args)]
#[command(after_help = "Example:\n  backupmon jobs suggest --agent 'SIRPACAM_*' --apply")]
pub struct Suggest {
    #[command(flatten)]
    pub change: Change,
    /// Set what is suggested
    #[arg(long)]
    pub apply: bool,
}

/// Change what is set on jobs
///
/// The schedule (--cron, --at with --days, --every) is replaced as a whole. An edit never makes anything MISSING at
/// once.
#[derive(Debug, Clone, Args)]
#[command(after_help = "\
Examples:
  backupmon jobs edit --city DOUALA --grace 4h --reason 'slow line'
  backupmon jobs edit SIRPACAM_DOUALA_NEWBELL/SDMC_2025 --unset cron,timezone")]
pub struct Edit {
    #[command(flatten)]
    pub change: Change,
    #[command(flatten)]
    pub settings: Settings,
    /// Inherit these settings or labels again, with commas
    #[arg(long, value_name = "KEY", value_delimiter = ',')]
    pub unset: Vec<String>,
    /// Why, for the record
    #[arg(long, value_name = "TEXT")]
    pub reason: Option<String>,
}

/// Carry a job's history and versions over to another name
///
/// Before the agent reports under the new name: two histories are never made one.
#[derive(Debug, Clone, Args)]
#[command(
    after_help = "Example:\n  backupmon jobs rename SIRPACAM_DOUALA_NEWBELL/SDMC SDMC_2025 --reason 'renamed on site'"
)]
pub struct Rename {
    /// An id, or AGENT/DATABASE
    pub job: String,
    /// The database's new name
    pub database: String,
    /// Why, for the record
    #[arg(long, value_name = "TEXT")]
    pub reason: Option<String>,
    /// Print what would be renamed, and rename nothing
    #[arg(long)]
    pub dry_run: bool,
}

/// Expect nothing from jobs for a time
///
/// Stops LATE and MISSING only: reports are judged and promoted as ever.
#[derive(Debug, Clone, Args)]
#[command(group = ArgGroup::new("end").required(true).args(["until", "no_end"]))]
#[command(after_help = "Example:\n  backupmon jobs pause --city DOUALA --until 2026-01-05 --reason holidays")]
pub struct Pause {
    #[command(flatten)]
    pub change: Change,
    /// When it ends: a time, a date, or a span from now
    #[arg(long, value_name = "TIME")]
    pub until: Option<String>,
    /// Until `jobs resume`
    #[arg(long)]
    pub no_end: bool,
    /// Why, for the record
    #[arg(long, value_name = "TEXT")]
    pub reason: String,
}

/// Create and update jobs from a JSON document, and say how many of each
///
/// The document is what `jobs export` writes: {"jobs": [{"agent", "database", …}]}. It is taken as a whole or not at all.
/// A key that is left out leaves a job as it is, null inherits again; durations are seconds or text like 2h.
/// "active": false pauses without end; true ends that, and a retirement.
#[derive(Debug, Clone, Args)]
#[command(after_help = "Example:\n  backupmon jobs export | ssh other backupmon jobs import -")]
pub struct Import {
    /// The document, or `-` for stdin
    pub file: PathBuf,
    /// Why, for the record
    #[arg(long, value_name = "TEXT")]
    pub reason: Option<String>,
    /// Print what would be created and updated, and do nothing
    #[arg(long)]
    pub dry_run: bool,
}

/// Write jobs as the JSON document that `jobs import` takes
#[derive(Debug, Clone, Args)]
#[command(after_help = "Example:\n  backupmon jobs export > jobs.json")]
pub struct Export {
    #[command(flatten)]
    pub selector: Selector,
}

#[derive(Debug, Clone, Subcommand)]
pub enum Agents {
    /// One line for each agent: its jobs, its last report, its problems
    #[command(after_help = "Example:\n  backupmon agents list")]
    List,
    /// All that is known of one agent
    #[command(after_help = "Example:\n  backupmon agents show SIRPACAM_DOUALA_NEWBELL")]
    Show {
        /// Name of the agent's folder
        agent: String,
    },
    /// Carry an agent's jobs, with history and versions, over to another folder name
    ///
    /// Also to one that reports already, where a site was installed anew: what the old agent was is then the past of the
    /// new one's jobs. Both must not have reported side by side. The folder itself may be renamed before or after. An
    /// old one that stays is not touched: its reports make no jobs any more, and it may be removed.
    #[command(
        after_help = "Example:\n  backupmon agents rename SIRPACAM_DOUALA_NEWBEL SIRPACAM_DOUALA_NEWBELL"
    )]
    Rename {
        /// Name so far
        agent: String,
        /// Name from now on
        new: String,
        /// Why, for the record
        #[arg(long, value_name = "TEXT")]
        reason: Option<String>,
        /// Do not ask, however many jobs it touches; wanted above 10
        #[arg(long)]
        yes: bool,
        /// Print what would be renamed, and rename nothing
        #[arg(long)]
        dry_run: bool,
    },
}
