//! A deposit root in a temporary folder, with one honest agent that must never be harmed.

use std::fs;
use std::path::{Path, PathBuf};

use backupmon::domain::AgentId;
use backupmon::source::deposit::{DepositTree, FolderNames};
use backupmon::source::{Fault, FoundAgent, Source};
use tempfile::TempDir;

pub const HONEST: &str = "HONEST_SITE_A";
pub const HOSTILE: &str = "HOSTILE_SITE_B";
const REPORT: &str = "2026-06-15_05-00-00.json";
const DUMP: &str = "A_2026.sql.gz";
const BYTES: &[u8] = b"the dump of the honest agent";

pub struct Tree {
    dir: TempDir,
    pub source: DepositTree,
}

impl Tree {
    pub fn new() -> Self {
        let dir = TempDir::new().unwrap();
        let root = dir.path().join("deposits");
        let tree = Self { source: DepositTree::new(vec![root], FolderNames::default()), dir };
        tree.write(HONEST, &format!("log/{REPORT}"), b"{}");
        tree.write(HONEST, &format!("databases/{DUMP}"), BYTES);
        fs::create_dir_all(tree.path(HOSTILE, "log")).unwrap();
        fs::create_dir_all(tree.path(HOSTILE, "databases")).unwrap();
        tree
    }

    pub fn root(&self) -> PathBuf {
        self.dir.path().join("deposits")
    }

    /// A file that no agent may reach.
    pub fn outside(&self) -> PathBuf {
        let path = self.dir.path().join("secret");
        fs::write(&path, "secret").unwrap();
        path
    }

    pub fn path(&self, agent: &str, path: &str) -> PathBuf {
        self.root().join(agent).join(path)
    }

    pub fn write(&self, agent: &str, path: &str, bytes: &[u8]) {
        write(&self.path(agent, path), bytes);
    }

    pub fn agent(&self, name: &str) -> FoundAgent {
        FoundAgent { id: AgentId::new(name).unwrap(), root: self.root() }
    }

    /// The fault of looking at and of opening a staged file of the hostile agent, which must be the same.
    pub fn staged_fault(&self, file: &str) -> Fault {
        let agent = self.agent(HOSTILE);
        let seen = self.source.look(&agent, file).expect_err("it can be looked at");
        let opened = self.source.open(&agent, file).err().expect("it can be opened");
        assert_eq!(seen, opened);
        seen
    }

    /// The listed reports of the hostile agent, with the kind of each that is none.
    pub fn listed(&self) -> Vec<(String, Option<Fault>)> {
        let listing = self.source.reports(&self.agent(HOSTILE)).unwrap();
        listing.files.into_iter().map(|report| (report.file, report.identity.err())).collect()
    }
}

/// Whatever was tried, the honest agent is found, listed and read.
impl Drop for Tree {
    fn drop(&mut self) {
        if std::thread::panicking() {
            return;
        }
        let agent = self.agent(HONEST);
        assert!(self.source.agents().agents.contains(&agent));
        let listing = self.source.reports(&agent).unwrap();
        assert_eq!(listing.files.iter().map(|report| report.file.as_str()).collect::<Vec<_>>(), [REPORT]);
        assert_eq!(self.source.read_report(&agent, REPORT).unwrap().0, b"{}");
        let mut bytes = Vec::new();
        let mut file = self.source.open(&agent, DUMP).unwrap();
        std::io::Read::read_to_end(&mut file, &mut bytes).unwrap();
        assert_eq!(bytes, BYTES);
        assert_eq!(file.identity().unwrap(), self.source.look(&agent, DUMP).unwrap());
        assert_eq!(self.source.dumps(&agent).unwrap().len(), 1);
    }
}

pub fn write(path: &Path, bytes: &[u8]) {
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, bytes).unwrap();
}
