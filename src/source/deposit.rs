//! Deposit trees: one folder per agent, with reports in `log/` and staged files in `databases/` (SPEC section 3).
//!
//! An agent may be hostile and may change its folder while it is read. So every look begins with a handle of the
//! agent's own folder, every step from there is relative to a handle and follows no link (`beneath`), and only
//! regular files are opened. No path is ever made of a name that an agent chose.

mod archive;
mod beneath;
mod names;

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{self, Read};
use std::os::fd::OwnedFd;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use rustix::fs::{AtFlags, CWD, Dir, FileType, Mode, OFlags, openat, statat};

use crate::domain::AgentId;
use crate::domain::job::FileIdentity;
use crate::domain::text::printable;
use crate::files::ended_early;

use super::{Fault, Folders, FoundAgent, ListedReport, Listing, REPORT_LIMIT, Shelf, Source, StagedFile};
use beneath::{Access, fault, identity, look_at, open_file, open_folder};
use names::{Names, escaped};

/// Most files of one folder that are taken in one scan, unless told otherwise.
const FILE_LIMIT: usize = 100_000;

/// What a file system keeps at its own root is nobody's deposit.
const OF_FILE_SYSTEM: &[u8] = b"lost+found";

/// How the folders inside an agent's folder are called.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FolderNames {
    pub log_dir: String,
    /// Looked into in this order.
    pub database_dirs: Vec<String>,
}

impl Default for FolderNames {
    fn default() -> Self {
        Self { log_dir: "log".to_owned(), database_dirs: vec!["databases".to_owned(), "database".to_owned()] }
    }
}

/// The deposit trees under one or more roots.
#[derive(Debug)]
pub struct DepositTree {
    roots: Vec<PathBuf>,
    layout: FolderNames,
    file_limit: usize,
    recent: Mutex<Option<Recent>>,
}

/// The databases folders of the agent that was looked at last: a scan looks at all staged files of an agent in a row,
/// and opening the folders for each would cost several times the look itself.
#[derive(Debug, Clone)]
struct Recent {
    agent: FoundAgent,
    databases: Arc<[OwnedFd]>,
}

impl DepositTree {
    #[must_use]
    pub fn new(roots: Vec<PathBuf>, layout: FolderNames) -> Self {
        Self { roots, layout, file_limit: FILE_LIMIT, recent: Mutex::default() }
    }

    /// Takes at most so many files of one folder in one scan, those with the newest (greatest) names.
    #[must_use]
    pub fn with_file_limit(self, file_limit: usize) -> Self {
        Self { file_limit, ..self }
    }

    fn agent_folder(agent: &FoundAgent) -> Result<OwnedFd, Fault> {
        let root = open_root(&agent.root, OFlags::PATH).map_err(|error| {
            Fault::Monitors(format!("the deposit root `{}` cannot be opened: {error}", agent.root.display()))
        })?;
        open_folder(&root, agent.id.as_str(), Access::Traverse).map_err(|fault| match fault {
            Fault::WrongKind(kind) => Fault::Agents(format!("the agent's folder is {kind}")),
            Fault::Agents(reason) => Fault::Agents(format!("the agent's folder cannot be opened: {reason}")),
            Fault::Absent | Fault::Monitors(_) => fault,
        })
    }

    /// `None` where the agent has no log folder.
    fn log_folder(&self, agent: &FoundAgent, access: Access) -> Result<Option<OwnedFd>, Fault> {
        inner_folder(&Self::agent_folder(agent)?, &self.layout.log_dir, access)
    }

    /// Those of the databases folders that exist. One that cannot be opened is an error only when no other one can.
    fn databases(&self, agent: &FoundAgent, access: Access) -> Result<Vec<OwnedFd>, Fault> {
        let folder = Self::agent_folder(agent)?;
        let mut found = Vec::new();
        let mut trouble = None;
        for name in &self.layout.database_dirs {
            match inner_folder(&folder, name, access) {
                Ok(opened) => found.extend(opened),
                Err(fault) => trouble = trouble.or(Some(fault)),
            }
        }
        match trouble {
            Some(fault) if found.is_empty() => Err(fault),
            _ => Ok(found),
        }
    }

    fn recent(&self) -> MutexGuard<'_, Option<Recent>> {
        self.recent.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn recent_databases(&self, agent: &FoundAgent) -> Option<Arc<[OwnedFd]>> {
        self.recent()
            .as_ref()
            .filter(|recent| recent.agent == *agent)
            .map(|recent| Arc::clone(&recent.databases))
    }

    /// What `search` finds in the first of the agent's databases folders that holds the file.
    fn in_databases<T>(
        folders: &[OwnedFd],
        search: impl Fn(&OwnedFd) -> Result<T, Fault>,
    ) -> Result<T, Fault> {
        let mut trouble = Fault::Absent;
        for folder in folders {
            match search(folder) {
                Ok(found) => return Ok(found),
                Err(Fault::Absent) => {}
                Err(fault) if trouble == Fault::Absent => trouble = fault,
                Err(_) => {}
            }
        }
        Err(trouble)
    }

    fn list_root(root: &Path, folders: &mut Folders) -> Result<(), Fault> {
        let handle = open_root(root, OFlags::RDONLY).map_err(fault)?;
        let mut entries = Dir::read_from(&handle).map_err(fault)?;
        while let Some(entry) = entries.read() {
            let entry = entry.map_err(fault)?;
            let name = entry.file_name();
            if matches!(name.to_bytes().first(), Some(b'.' | b'_')) || name.to_bytes() == OF_FILE_SYSTEM {
                continue;
            }
            let kind = match entry.file_type() {
                FileType::Unknown => statat(&handle, name, AtFlags::SYMLINK_NOFOLLOW)
                    .map_or(FileType::Unknown, |stat| FileType::from_raw_mode(stat.st_mode)),
                known => known,
            };
            if !matches!(kind, FileType::Directory | FileType::Symlink) {
                continue;
            }
            match name.to_str().ok().map(AgentId::new) {
                Some(Ok(id)) => folders.agents.push(FoundAgent { id, root: root.to_owned() }),
                Some(Err(_)) | None => folders.invalid.push(printable(&escaped(name.to_bytes()))),
            }
        }
        Ok(())
    }
}

impl Source for DepositTree {
    fn agents(&self) -> Folders {
        *self.recent() = None;
        let mut folders = Folders::default();
        for root in &self.roots {
            if let Err(fault) = Self::list_root(root, &mut folders) {
                folders.unreadable_roots.push((root.clone(), fault));
            }
        }
        // The sort is stable: of two agents of one name, the one under the first root stays.
        folders.agents.sort_by(|a, b| a.id.cmp(&b.id));
        let Folders { agents, twice, .. } = &mut folders;
        agents.dedup_by(|later, kept| {
            let same = later.id == kept.id;
            if same {
                twice.push(kept.id.to_string());
            }
            same
        });
        twice.dedup();
        folders.invalid.sort();
        folders
    }

    fn reports(&self, agent: &FoundAgent) -> Result<Listing, Fault> {
        let Some(log) = self.log_folder(agent, Access::List)? else { return Ok(Listing::default()) };
        let log_mtime = Some(beneath::mtime(&log)?);
        let Names { names, truncated } = Names::of_folder(&log, self.file_limit, is_report)?;
        let mut files = Vec::with_capacity(names.len());
        for name in names {
            let (file, identity) = match String::from_utf8(name) {
                Ok(file) => {
                    let identity = look_at(&log, &file);
                    (file, identity)
                }
                Err(error) => {
                    (escaped(error.as_bytes()), Err(Fault::Agents("its name is not UTF-8".to_owned())))
                }
            };
            // What is gone since it was listed was moved or replaced by the agent.
            if identity != Err(Fault::Absent) {
                files.push(ListedReport { file, identity });
            }
        }
        Ok(Listing { files, log_mtime, truncated })
    }

    fn log_mtime(&self, agent: &FoundAgent) -> Result<Option<i64>, Fault> {
        self.log_folder(agent, Access::Traverse)?.map(|log| beneath::mtime(&log)).transpose()
    }

    fn look_at_report(&self, agent: &FoundAgent, file: &str) -> Result<FileIdentity, Fault> {
        look_at(&self.log_folder(agent, Access::Traverse)?.ok_or(Fault::Absent)?, file)
    }

    fn read_report(&self, agent: &FoundAgent, file: &str) -> Result<(Vec<u8>, FileIdentity), Fault> {
        let log = self.log_folder(agent, Access::Traverse)?.ok_or(Fault::Absent)?;
        let (file, before) = open_file(&log, file)?;
        if before.size > REPORT_LIMIT {
            return Err(Fault::larger_than_a_report());
        }
        // It may grow while it is read, so the limit holds for the reading too.
        let mut bytes = Vec::new();
        (&file).take(REPORT_LIMIT + 1).read_to_end(&mut bytes).map_err(|error| beneath::io_fault(&error))?;
        let read = bytes.len() as u64;
        if read < before.size && beneath::identity_of(&file)? == before {
            return Err(Fault::Monitors(ended_early(read, before.size).to_string()));
        }
        if bytes.len() as u64 > REPORT_LIMIT {
            Err(Fault::larger_than_a_report())
        } else {
            Ok((bytes, before))
        }
    }

    fn look(&self, agent: &FoundAgent, file: &str) -> Result<FileIdentity, Fault> {
        if let Some(folders) = self.recent_databases(agent) {
            let seen = Self::in_databases(&folders, |folder| look_at(folder, file));
            // The folder may have been replaced since; only a fresh look proves that a file is not there.
            if seen != Err(Fault::Absent) {
                return seen;
            }
        }
        let folders: Arc<[OwnedFd]> = self.databases(agent, Access::Traverse)?.into();
        let seen = Self::in_databases(&folders, |folder| look_at(folder, file));
        *self.recent() = Some(Recent { agent: agent.clone(), databases: folders });
        seen
    }

    fn open(&self, agent: &FoundAgent, file: &str) -> Result<Box<dyn StagedFile>, Fault> {
        let folders = self.databases(agent, Access::Traverse)?;
        let (file, _) = Self::in_databases(&folders, |folder| open_file(folder, file))?;
        Ok(Box::new(Staged(file)))
    }

    fn dumps(&self, agent: &FoundAgent) -> Result<Vec<(String, FileIdentity)>, Fault> {
        let mut dumps = BTreeMap::new();
        for folder in self.databases(agent, Access::List)? {
            for name in Names::of_folder(&folder, self.file_limit, |name| !name.starts_with(b"."))?.names {
                // A name that is not UTF-8 cannot be named in a report, so nobody asks for it by this text.
                let Ok(file) = String::from_utf8(name) else { continue };
                match look_at(&folder, &file) {
                    Ok(identity) => drop(dumps.entry(file).or_insert(identity)),
                    Err(Fault::Absent | Fault::WrongKind(_) | Fault::Agents(_)) => {}
                    Err(fault @ Fault::Monitors(_)) => return Err(fault),
                }
            }
        }
        Ok(dumps.into_iter().collect())
    }

    fn put_away(
        &self,
        agent: &FoundAgent,
        file: &str,
        identity: &FileIdentity,
        onto: Shelf,
    ) -> Result<bool, Fault> {
        let log = self.log_folder(agent, Access::Traverse)?.ok_or(Fault::Absent)?;
        archive::put_away(&log, file, identity, onto)
    }
}

/// A root is the operator's: its path may lead over links.
fn open_root(root: &Path, access: OFlags) -> rustix::io::Result<OwnedFd> {
    openat(CWD, root, access | OFlags::DIRECTORY | OFlags::CLOEXEC, Mode::empty())
}

/// A folder inside an agent's folder; `None` where there is none. A fault says which folder it is about.
fn inner_folder(agent: &OwnedFd, name: &str, access: Access) -> Result<Option<OwnedFd>, Fault> {
    match open_folder(agent, name, access) {
        Ok(folder) => Ok(Some(folder)),
        Err(Fault::Absent) => Ok(None),
        Err(Fault::WrongKind(kind)) => Err(Fault::Agents(format!("its folder `{name}` is {kind}"))),
        Err(Fault::Agents(reason)) => {
            Err(Fault::Agents(format!("its folder `{name}` cannot be opened: {reason}")))
        }
        Err(Fault::Monitors(reason)) => {
            Err(Fault::Monitors(format!("the folder `{name}` cannot be opened: {reason}")))
        }
    }
}

/// In any case: what a Windows agent calls `X.JSON` would otherwise be left unread, and nobody told.
fn is_report(name: &[u8]) -> bool {
    let json = name.len().checked_sub(5).is_some_and(|start| name[start..].eq_ignore_ascii_case(b".json"));
    json && !name.starts_with(b".")
}

#[derive(Debug)]
struct Staged(File);

impl Read for Staged {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.0.read(buffer)
    }
}

impl StagedFile for Staged {
    fn identity(&self) -> io::Result<FileIdentity> {
        Ok(identity(&rustix::fs::fstat(&self.0)?))
    }
}
