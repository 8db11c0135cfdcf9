//! Where claims come from. A source is hostile ground: what it gives is read with limits and never followed as a path.
//!
//! [`agent_report`] turns the bytes of a report into claims, whatever source they come from. A [`Source`] finds agents,
//! reports and staged files: [`deposit`] in deposit trees, [`listed`] in a list in memory.

pub mod agent_report;
pub mod deposit;
pub mod listed;

use std::io;
use std::path::PathBuf;

use crate::domain::AgentId;
use crate::domain::job::FileIdentity;

/// Largest report that is read, in bytes (SPEC section 3).
pub const REPORT_LIMIT: u64 = 16 * 1024 * 1024;

/// Why something could not be looked at.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Fault {
    #[error("it is not there")]
    Absent,
    /// The agent's doing: permission denied, a folder that is a link, a report that is too large. Holds what it is.
    #[error("{0}")]
    Agents(String),
    /// It exists, but it is no regular file (or no folder). Holds what it is: `a symbolic link`, `a FIFO`, …
    #[error("it is {0}")]
    WrongKind(&'static str),
    /// The monitor's own failure (EIO, ESTALE, ETIMEDOUT, too many open files): look again in the next scan.
    #[error("{0}")]
    Monitors(String),
}

impl Fault {
    fn larger_than_a_report() -> Self {
        Self::Agents(format!("it is larger than {} MiB", REPORT_LIMIT / 1024 / 1024))
    }
}

/// An agent's folder. One that is a symbolic link is found too, and every look into it says that it is one: an agent
/// that is silently left out would be a backup that nobody watches.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FoundAgent {
    pub id: AgentId,
    pub root: PathBuf,
}

/// What a look at the deposit roots gives.
#[derive(Debug, Default)]
pub struct Folders {
    pub agents: Vec<FoundAgent>,
    /// Folders whose name is no name, printable; a problem of its own each.
    pub invalid: Vec<String>,
    /// Roots that could not be listed, with the reason.
    pub unreadable_roots: Vec<(PathBuf, Fault)>,
    /// Names that lie under two roots; of these `agents` holds the one under the first root.
    pub twice: Vec<String>,
}

/// The report files of an agent, by name.
#[derive(Debug, Default)]
pub struct Listing {
    pub files: Vec<ListedReport>,
    /// mtime of the log folder before it was listed, in nanoseconds; `None` where it has none. It proves that nothing
    /// came since only where it is older than the listing by more than the clock tick of the file system.
    pub log_mtime: Option<i64>,
    /// More files than are taken in one scan; the newest names were taken.
    pub truncated: bool,
}

#[derive(Debug, Clone, PartialEq)]
pub struct ListedReport {
    pub file: String,
    /// `Err` where it is no regular file or cannot be looked at.
    pub identity: Result<FileIdentity, Fault>,
}

/// Where a report goes that need not be read again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shelf {
    Archive,
    Rejected,
}

impl Shelf {
    /// The folder's name inside the log folder; such names are not looked into.
    #[must_use]
    pub fn folder(self) -> &'static str {
        match self {
            Shelf::Archive => "_archive",
            Shelf::Rejected => "_rejected",
        }
    }
}

/// A staged file, open for reading, whatever happens to its name meanwhile.
pub trait StagedFile: io::Read + Send {
    /// Its identity now; a difference to the one at the opening means that it changed while it was read.
    ///
    /// # Errors
    /// What the operating system says.
    fn identity(&self) -> io::Result<FileIdentity>;
}

/// Where claims and staged files come from.
pub trait Source: Sync {
    /// All agents of all roots, ordered by name.
    fn agents(&self) -> Folders;

    /// The agent's report files, ordered by name.
    ///
    /// # Errors
    /// `Absent` when the agent's folder is gone. A folder without a log folder has no reports, and is no error.
    fn reports(&self, agent: &FoundAgent) -> Result<Listing, Fault>;

    /// mtime of the log folder in nanoseconds, to know without listing it that no report came; `None` where it has none.
    ///
    /// # Errors
    /// As for [`Source::reports`].
    fn log_mtime(&self, agent: &FoundAgent) -> Result<Option<i64>, Fault>;

    /// The identity of one report, to know without listing and reading that it was not overwritten in place.
    ///
    /// # Errors
    /// As for [`Fault`].
    fn look_at_report(&self, agent: &FoundAgent, file: &str) -> Result<FileIdentity, Fault>;

    /// The bytes of a report, at most [`REPORT_LIMIT`] of them, with its identity before the reading: a report that is
    /// overwritten meanwhile then differs from it at the next look, and is read again.
    ///
    /// # Errors
    /// `Agents` also when it is larger.
    fn read_report(&self, agent: &FoundAgent, file: &str) -> Result<(Vec<u8>, FileIdentity), Fault>;

    /// The identity of a staged file, without opening it for reading.
    ///
    /// # Errors
    /// As for [`Fault`]; `Absent` when no databases folder holds it.
    fn look(&self, agent: &FoundAgent, file: &str) -> Result<FileIdentity, Fault>;

    /// Opens a staged file.
    ///
    /// # Errors
    /// As for [`Fault`].
    fn open(&self, agent: &FoundAgent, file: &str) -> Result<Box<dyn StagedFile>, Fault>;

    /// The agent's dumps, ordered by name: regular files whose name does not begin with a dot. For dumps that change
    /// without a report, and for orphans.
    ///
    /// # Errors
    /// As for [`Fault`].
    fn dumps(&self, agent: &FoundAgent) -> Result<Vec<(String, FileIdentity)>, Fault>;

    /// Moves a report that still has this identity onto a shelf, under its own name or a numbered one; gives whether it
    /// was moved. What came in its place meanwhile is left to be read. A source without folders leaves all as it is.
    ///
    /// # Errors
    /// As for [`Fault`]; the report is then where it was.
    fn put_away(
        &self,
        _agent: &FoundAgent,
        _file: &str,
        _identity: &FileIdentity,
        _onto: Shelf,
    ) -> Result<bool, Fault> {
        Ok(false)
    }
}
