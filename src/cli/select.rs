//! Which jobs a command means, and how sure its caller is.

use clap::Args;
use clap::builder::PossibleValuesParser;

/// The words of a job's status, as the domain has them; a test holds the two together.
pub const STATUSES: [&str; 10] = [
    "PENDING",
    "SUCCESS",
    "UNCHANGED",
    "LATE",
    "FAILED",
    "HASH_MISMATCH",
    "CORRUPT",
    "MISSING",
    "PAUSED",
    "RETIRED",
];

const HEADING: &str = "Which jobs";

/// All that is given must match; nothing given means every job.
#[derive(Debug, Clone, Default, Args)]
pub struct Filter {
    /// An id, or AGENT/DATABASE; several are alternatives
    #[arg(value_name = "JOB")]
    pub jobs: Vec<String>,
    /// Agents whose name matches this glob
    #[arg(long, value_name = "GLOB", help_heading = HEADING)]
    pub agent: Option<String>,
    /// Databases whose name matches this glob
    #[arg(long, value_name = "GLOB", help_heading = HEADING)]
    pub database: Option<String>,
    /// Companies that match this glob
    #[arg(long, value_name = "GLOB", help_heading = HEADING)]
    pub company: Option<String>,
    /// Cities that match this glob
    #[arg(long, value_name = "GLOB", help_heading = HEADING)]
    pub city: Option<String>,
    /// The year in the database's name
    #[arg(long, value_name = "YEAR", help_heading = HEADING)]
    pub year: Option<u16>,
}

/// A [`Filter`] that can ask for the present status too.
#[derive(Debug, Clone, Default, Args)]
pub struct Selector {
    #[command(flatten)]
    pub filter: Filter,
    /// Jobs that have this status now; several are alternatives
    #[arg(long, value_name = "STATUS", value_delimiter = ',', ignore_case = true, help_heading = HEADING,
          value_parser = PossibleValuesParser::new(STATUSES), hide_possible_values = true)]
    pub status: Vec<String>,
}

/// A change to several jobs: which, and how sure. An empty selector is refused by whoever changes (`--agent '*'`
/// means every job), so that a forgotten flag does not touch them all.
#[derive(Debug, Clone, Default, Args)]
pub struct Change {
    #[command(flatten)]
    pub selector: Selector,
    /// Do not ask, however many jobs it touches; wanted above 10
    #[arg(long)]
    pub yes: bool,
    /// Print what would be touched, and touch nothing
    #[arg(long)]
    pub dry_run: bool,
}
