//! `run` and its steps: `scan`, `promote`, `notify`, `report`.

use std::path::PathBuf;
use std::time::Duration;

use clap::{Args, ValueEnum};

use super::select::Selector;
use super::value;

/// How bad a finding must be to end with exit code 3.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Finding {
    Warning,
    Critical,
}

#[derive(Debug, Clone, Args)]
pub struct FailOn {
    /// Exit with 3 when something as bad as this was found
    #[arg(long, value_name = "SEVERITY")]
    pub fail_on: Option<Finding>,
}

/// Scan, promote, notify, report, heartbeat: what cron calls
///
/// One run at a time: when another one holds the lock and makes progress, this one ends at once with 0. Says
/// nothing to cron unless something is wrong with backupmon itself.
#[derive(Debug, Clone, Args)]
#[command(after_help = "Examples:\n  backupmon run\n  backupmon run --dry-run --deposits /srv/deposits")]
pub struct Run {
    /// Print what would be judged, copied and sent, and do nothing
    #[arg(long)]
    pub dry_run: bool,
    /// Deposit folder, in place of the configured ones; can be repeated
    #[arg(long, value_name = "DIR")]
    pub deposits: Vec<PathBuf>,
    /// Stay in the foreground and run this often, for containers
    #[arg(long, value_name = "DURATION", value_parser = value::duration)]
    pub every: Option<Duration>,
    #[command(flatten)]
    pub fail_on: FailOn,
}

/// Read the deposits, verify, classify, record
///
/// Nothing is copied, sent or written to the site; the next `run` does that.
#[derive(Debug, Clone, Args)]
#[command(after_help = "Example:\n  backupmon scan --agent SIRPACAM_DOUALA_NEWBELL --dry-run")]
pub struct Scan {
    /// Only this agent's folder
    #[arg(long, value_name = "AGENT")]
    pub agent: Option<String>,
    /// Print what would be judged, and record nothing
    #[arg(long)]
    pub dry_run: bool,
    #[command(flatten)]
    pub fail_on: FailOn,
}

/// Copy what is verified and not yet promoted; apply retention
///
/// With --accept: a version that is held as suspicious is taken as good, and becomes the current one.
#[derive(Debug, Clone, Args)]
#[command(after_help = "\
Examples:
  backupmon promote --dry-run
  backupmon promote --accept SIRPACAM_DOUALA_NEWBELL/SDMC_2025 --reason 'old years were archived'")]
pub struct Promote {
    /// Print what would be copied and removed, and why, and do nothing
    #[arg(long)]
    pub dry_run: bool,
    /// Take the held versions of these jobs as good
    #[arg(long, requires = "reason")]
    pub accept: bool,
    /// Why it is good, for the record
    #[arg(long, value_name = "TEXT", requires = "accept")]
    pub reason: Option<String>,
    /// Do not ask, however many jobs it touches; wanted above 10
    #[arg(long, requires = "accept")]
    pub yes: bool,
    #[command(flatten)]
    pub selector: Accepted,
}

/// As [`Selector`], and only with `--accept`: which versions are promoted is not for the caller to choose.
#[derive(Debug, Clone, Default)]
pub struct Accepted(pub Selector);

impl clap::FromArgMatches for Accepted {
    fn from_arg_matches(matches: &clap::ArgMatches) -> Result<Self, clap::Error> {
        Selector::from_arg_matches(matches).map(Self)
    }

    fn update_from_arg_matches(&mut self, matches: &clap::ArgMatches) -> Result<(), clap::Error> {
        self.0.update_from_arg_matches(matches)
    }
}

impl Args for Accepted {
    fn augment_args(command: clap::Command) -> clap::Command {
        let own: Vec<_> = command.get_arguments().map(|arg| arg.get_id().clone()).collect();
        Selector::augment_args(command)
            .mut_args(|arg| if own.contains(arg.get_id()) { arg } else { arg.requires("accept") })
    }

    fn augment_args_for_update(command: clap::Command) -> clap::Command {
        Self::augment_args(command)
    }
}

/// Send what is waiting
///
/// Mails, webhooks and reminders that earlier runs could not deliver, or that `mail_gap` held back.
#[derive(Debug, Clone, Args)]
#[command(after_help = "Example:\n  backupmon notify --test ops@example.org")]
pub struct Notify {
    /// Print what would be sent to whom, and send nothing
    #[arg(long)]
    pub dry_run: bool,
    /// Send a test message to this recipient, and nothing else
    #[arg(long, value_name = "RECIPIENT", conflicts_with = "dry_run")]
    pub test: Option<String>,
}

/// Write the status site
#[derive(Debug, Clone, Args)]
#[command(after_help = "Example:\n  backupmon report --out /tmp/site")]
pub struct Report {
    /// Folder to write to, in place of the configured one
    #[arg(long, value_name = "DIR")]
    pub out: Option<PathBuf>,
}
