//! `versions`, `verify` and `restore`: what is kept.

use std::path::PathBuf;
use std::str::FromStr;
use std::time::Duration;

use bytesize::ByteSize;
use clap::{Args, Subcommand};

use super::pipeline::FailOn;
use super::select::{Change, Selector};
use super::value;

#[derive(Debug, Clone, Subcommand)]
pub enum Versions {
    List(VersionsList),
    /// Never remove these versions
    #[command(
        after_help = "Example:\n  backupmon versions pin SIRPACAM_DOUALA_NEWBELL/SDMC_2024 --reason 'year-end audit'"
    )]
    Pin(Pin),
    /// Leave these versions to retention again
    #[command(after_help = "Example:\n  backupmon versions unpin SIRPACAM_DOUALA_NEWBELL/SDMC_2024")]
    Unpin(Pin),
}

/// What is kept, and why each version is kept or goes
#[derive(Debug, Clone, Args)]
#[command(after_help = "\
Examples:
  backupmon versions list SIRPACAM_DOUALA_NEWBELL/SDMC_2025
  backupmon versions list --tree /mnt/validated")]
pub struct VersionsList {
    #[command(flatten)]
    pub selector: Selector,
    #[command(flatten)]
    pub tree: Tree,
}

/// Works on the versions alone.
#[derive(Debug, Clone, Args)]
pub struct Tree {
    /// Look at this validated folder alone, without state or configuration
    #[arg(long, value_name = "DIR")]
    pub tree: Option<PathBuf>,
}

#[derive(Debug, Clone, Args)]
pub struct Pin {
    #[command(flatten)]
    pub change: Change,
    /// This version; without it the current one is pinned, and every pinned one unpinned
    #[arg(long = "version", value_name = "VERSION")]
    pub version: Option<String>,
    /// Why, for the record
    #[arg(long, value_name = "TEXT")]
    pub reason: Option<String>,
}

/// Re-hash promoted versions
///
/// Least recently verified first, so that in time every version is read again. A damaged one raises an alert, and
/// the newest undamaged good version becomes the current one. Say which: --all, some jobs, or a budget.
#[derive(Debug, Clone, Args)]
#[command(after_help = "\
Examples:
  backupmon verify --budget 1h        as much as an hour allows
  backupmon verify --company SIRPACAM
  backupmon verify --all --tree /mnt/validated")]
pub struct Verify {
    #[command(flatten)]
    pub selector: Selector,
    /// Every version
    #[arg(long)]
    pub all: bool,
    /// Stop after this long, or after reading this much
    #[arg(long, value_name = "DURATION|SIZE")]
    pub budget: Option<Budget>,
    #[command(flatten)]
    pub tree: Tree,
    #[command(flatten)]
    pub fail_on: FailOn,
}

/// How much a verification may cost.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Budget {
    Time(Duration),
    Bytes(u64),
}

impl FromStr for Budget {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        if let Ok(duration) = value::duration(text) {
            return Ok(Self::Time(duration));
        }
        let unit = text.trim().ends_with(['b', 'B']);
        match text.parse::<ByteSize>() {
            Ok(size) if unit => Ok(Self::Bytes(size.as_u64())),
            _ => Err(format!("`{text}` is no budget; write for example `1h` or `200GB`")),
        }
    }
}

/// Copy promoted versions out
///
/// Of each job the newest undamaged version that is not held, verified while it is copied, with a list beside them.
/// Overwrites nothing.
#[derive(Debug, Clone, Args)]
#[command(after_help = "\
Examples:
  backupmon restore --agent SIRPACAM_DOUALA_NEWBELL --to /srv/restore --dry-run
  backupmon restore SIRPACAM_DOUALA_NEWBELL/SDMC_2025 --before 2026-01-31 --to /srv/restore
  backupmon restore --tree /mnt/validated --to /srv/restore      when nothing else is left")]
pub struct Restore {
    #[command(flatten)]
    pub selector: Selector,
    /// The newest from before this time: a time, a date, or a span back from now
    #[arg(long, value_name = "TIME", conflicts_with = "version")]
    pub before: Option<String>,
    /// This version
    #[arg(long = "version", value_name = "VERSION")]
    pub version: Option<String>,
    /// Folder to copy into; created where it is absent
    #[arg(long, value_name = "DIR")]
    pub to: PathBuf,
    #[command(flatten)]
    pub tree: Tree,
    /// Print version, time, size, warnings and total, and the jobs that have none; copy nothing
    #[arg(long)]
    pub dry_run: bool,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_budget_is_a_time_or_a_size() {
        assert_eq!("1h".parse(), Ok(Budget::Time(Duration::from_secs(3600))));
        assert_eq!("15m".parse(), Ok(Budget::Time(Duration::from_secs(900))));
        assert_eq!("200GB".parse(), Ok(Budget::Bytes(200_000_000_000)));
        assert_eq!("5 GiB".parse(), Ok(Budget::Bytes(5 << 30)));
        for bad in ["", "5", "many", "1h 200GB", "-1GB"] {
            assert!(bad.parse::<Budget>().is_err(), "{bad}");
        }
    }
}
