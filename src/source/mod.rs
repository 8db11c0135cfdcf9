//! Where claims come from. A source is hostile ground: what it gives is read with limits and never followed as a path.
//!
//! [`agent_report`] turns the bytes of a report into claims, whatever source they come from. A [`Source`] finds agents,
//! reports and staged files: [`deposit`] in deposit trees, [`listed`] in a list in memory.

pub mod agent_report;

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
    /// The agent's doing: permission denied, a link, a device, a folder where a file should be. Holds what it is.
    #[error("{0}")]
    Agents(String),
    /// It exists, but it is no regular file (or no folder). Holds what it is: `a symbolic link`, `a FIFO`, …
    #[error("it is {0}")]
    WrongKind(&'static str),
    /// The monitor's own failure (EIO, ESTALE, ETIMEDOUT, too many open files): look again in the next scan.
    #[error("{0}")]
    Monitors(String),
}

/// An agent's folder.
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
    /// Names that lie under two roots.
    pub twice: Vec<String>,
}

/// The report files of an agent, by name.
#[derive(Debug, Default)]
pub struct Listing {
    pub files: Vec<ListedReport>,
    /// mtime of the log folder before it was listed, in nanoseconds; `None` where it has none.
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

    /// The bytes of a report, at most [`REPORT_LIMIT`] of them, with its identity after the reading.
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

    /// Names, sizes and mtimes of the agent's dumps, hashed, and how many; for dumps that change without a report,
    /// and for orphans.
    ///
    /// # Errors
    /// As for [`Fault`].
    fn dumps(&self, agent: &FoundAgent) -> Result<Vec<(String, FileIdentity)>, Fault>;
}
