//! Care for backupmon itself: `state`, `prune`, `completions`, `man`.

use std::path::PathBuf;

use clap::{Args, Subcommand};
use clap_complete::Shell;

#[derive(Debug, Clone, Subcommand)]
pub enum State {
    /// Read the whole state and compare it with the disk; changes nothing
    #[command(after_help = "Example:\n  backupmon state check")]
    Check,
    /// Copy the state and the jobs beside the versions, as every day
    #[command(after_help = "Example:\n  backupmon state backup")]
    Backup,
    Rebuild(StateRebuild),
}

/// Make a new state from the versions, the kept reports and the newest copy of the jobs
///
/// The old one is set aside, never deleted.
#[derive(Debug, Clone, Args)]
#[command(after_help = "Example:\n  backupmon state rebuild --dry-run")]
pub struct StateRebuild {
    /// Do it; without this it is a dry run
    #[arg(long)]
    pub yes: bool,
    /// Print what would be found, and change nothing
    #[arg(long, conflicts_with = "yes")]
    pub dry_run: bool,
}

/// Remove old history and old kept reports; apply retention
#[derive(Debug, Clone, Args)]
#[command(after_help = "Example:\n  backupmon prune --dry-run")]
pub struct Prune {
    /// Print what would be removed, and why, and remove nothing
    #[arg(long)]
    pub dry_run: bool,
}

/// Print completions for a shell
#[derive(Debug, Clone, Args)]
#[command(after_help = "Example:\n  backupmon completions bash > /etc/bash_completion.d/backupmon")]
pub struct Completions {
    pub shell: Shell,
}

/// Print the man page
#[derive(Debug, Clone, Args)]
#[command(after_help = "Example:\n  backupmon man | man -l -")]
pub struct Man {
    /// Write one page for each command into this folder
    #[arg(long, value_name = "DIR")]
    pub out: Option<PathBuf>,
}
