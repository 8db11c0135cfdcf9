//! A source in memory: a list of agents, reports and staged files. For a simulated year, and for tests of the scan.
//!
//! It behaves as a deposit tree does: what is put again has a new identity, what is absent is absent, and any place can
//! be made to fail.

use std::collections::BTreeMap;
use std::io::{self, Cursor, Read};
use std::path::PathBuf;
use std::sync::Arc;

use crate::domain::job::FileIdentity;
use crate::domain::{AgentId, Time};

use super::{Fault, Folders, FoundAgent, ListedReport, Listing, REPORT_LIMIT, Source, StagedFile};

/// Times of a file. A [`Time`] alone stands for both.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Times {
    pub mtime: Time,
    pub ctime: Time,
}

impl From<Time> for Times {
    fn from(time: Time) -> Self {
        Self { mtime: time, ctime: time }
    }
}

/// Where a fault can be put.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Place {
    Root,
    Agent(AgentId),
    Report(AgentId, String),
    Dump(AgentId, String),
}

#[derive(Debug, Clone)]
struct File {
    bytes: Arc<[u8]>,
    identity: FileIdentity,
}

#[derive(Debug, Clone, Default)]
struct Agent {
    reports: BTreeMap<String, File>,
    dumps: BTreeMap<String, File>,
    log_mtime: Option<i64>,
}

#[derive(Debug, Clone, Default)]
pub struct Listed {
    root: PathBuf,
    agents: BTreeMap<AgentId, Agent>,
    faults: BTreeMap<Place, Fault>,
    last_inode: u64,
}

impl Listed {
    /// An empty source; its agents say that they lie under `root`.
    #[must_use]
    pub fn new(root: impl Into<PathBuf>) -> Self {
        Self { root: root.into(), ..Self::default() }
    }

    /// Makes the agent's folder, if it has none; putting a file into it does so too.
    pub fn put_agent(&mut self, agent: &AgentId) {
        self.agents.entry(agent.clone()).or_default();
    }

    pub fn remove_agent(&mut self, agent: &AgentId) {
        self.agents.remove(agent);
    }

    /// Gives an agent's folder another name; what is in it stays as it is.
    pub fn rename_agent(&mut self, from: &AgentId, to: &AgentId) {
        if let Some(agent) = self.agents.remove(from) {
            self.agents.insert(to.clone(), agent);
        }
    }

    /// Puts a report, in place of one of that name.
    pub fn put_report(
        &mut self,
        agent: &AgentId,
        file: &str,
        bytes: impl Into<Vec<u8>>,
        times: impl Into<Times>,
    ) {
        let (file, new) = (file.to_owned(), self.file(bytes.into(), times.into()));
        let agent = self.agents.entry(agent.clone()).or_default();
        agent.log_mtime = agent.log_mtime.max(Some(new.identity.ctime));
        agent.reports.insert(file, new);
    }

    /// Removes a report at a time; whether there was one.
    pub fn remove_report(&mut self, agent: &AgentId, file: &str, at: Time) -> bool {
        let Some(agent) = self.agents.get_mut(agent) else { return false };
        agent.log_mtime = agent.log_mtime.max(Some(nanoseconds(at)));
        agent.reports.remove(file).is_some()
    }

    /// Puts a staged file, in place of one of that name.
    pub fn put_dump(
        &mut self,
        agent: &AgentId,
        file: &str,
        bytes: impl Into<Vec<u8>>,
        times: impl Into<Times>,
    ) {
        let (file, new) = (file.to_owned(), self.file(bytes.into(), times.into()));
        self.agents.entry(agent.clone()).or_default().dumps.insert(file, new);
    }

    /// Removes a staged file; whether there was one.
    pub fn remove_dump(&mut self, agent: &AgentId, file: &str) -> bool {
        self.agents.get_mut(agent).is_some_and(|agent| agent.dumps.remove(file).is_some())
    }

    /// Makes every look at the place fail, whether something is there or not.
    pub fn inject(&mut self, place: Place, fault: Fault) {
        self.faults.insert(place, fault);
    }

    pub fn heal(&mut self, place: &Place) {
        self.faults.remove(place);
    }

    fn file(&mut self, bytes: Vec<u8>, times: Times) -> File {
        self.last_inode += 1;
        let (mtime, ctime) = (nanoseconds(times.mtime), nanoseconds(times.ctime));
        let identity =
            FileIdentity { device: 1, inode: self.last_inode, size: bytes.len() as u64, mtime, ctime };
        File { bytes: bytes.into(), identity }
    }

    fn check(&self, place: &Place) -> Result<(), Fault> {
        self.faults.get(place).cloned().map_or(Ok(()), Err)
    }

    fn agent(&self, id: &AgentId) -> Result<&Agent, Fault> {
        self.check(&Place::Root)?;
        self.check(&Place::Agent(id.clone()))?;
        self.agents.get(id).ok_or(Fault::Absent)
    }

    fn report(&self, agent: &FoundAgent, file: &str) -> Result<&File, Fault> {
        let reports = &self.agent(&agent.id)?.reports;
        self.check(&Place::Report(agent.id.clone(), file.to_owned()))?;
        reports.get(file).ok_or(Fault::Absent)
    }

    fn dump(&self, agent: &FoundAgent, file: &str) -> Result<&File, Fault> {
        let dumps = &self.agent(&agent.id)?.dumps;
        self.check(&Place::Dump(agent.id.clone(), file.to_owned()))?;
        dumps.get(file).ok_or(Fault::Absent)
    }
}

impl Source for Listed {
    fn agents(&self) -> Folders {
        if let Err(fault) = self.check(&Place::Root) {
            return Folders { unreadable_roots: vec![(self.root.clone(), fault)], ..Folders::default() };
        }
        let found = |id: &AgentId| FoundAgent { id: id.clone(), root: self.root.clone() };
        Folders { agents: self.agents.keys().map(found).collect(), ..Folders::default() }
    }

    fn reports(&self, agent: &FoundAgent) -> Result<Listing, Fault> {
        let Agent { reports, log_mtime, .. } = self.agent(&agent.id)?;
        let listed = |(name, file): (&String, &File)| {
            let place = Place::Report(agent.id.clone(), name.clone());
            ListedReport { file: name.clone(), identity: self.check(&place).map(|()| file.identity) }
        };
        Ok(Listing { files: reports.iter().map(listed).collect(), log_mtime: *log_mtime, truncated: false })
    }

    fn log_mtime(&self, agent: &FoundAgent) -> Result<Option<i64>, Fault> {
        Ok(self.agent(&agent.id)?.log_mtime)
    }

    fn look_at_report(&self, agent: &FoundAgent, file: &str) -> Result<FileIdentity, Fault> {
        Ok(self.report(agent, file)?.identity)
    }

    fn read_report(&self, agent: &FoundAgent, file: &str) -> Result<(Vec<u8>, FileIdentity), Fault> {
        let File { bytes, identity } = self.report(agent, file)?;
        if identity.size > REPORT_LIMIT {
            return Err(Fault::larger_than_a_report());
        }
        Ok((bytes.to_vec(), *identity))
    }

    fn look(&self, agent: &FoundAgent, file: &str) -> Result<FileIdentity, Fault> {
        Ok(self.dump(agent, file)?.identity)
    }

    fn open(&self, agent: &FoundAgent, file: &str) -> Result<Box<dyn StagedFile>, Fault> {
        let File { bytes, identity } = self.dump(agent, file)?.clone();
        Ok(Box::new(Open { bytes: Cursor::new(bytes), identity }))
    }

    fn dumps(&self, agent: &FoundAgent) -> Result<Vec<(String, FileIdentity)>, Fault> {
        Ok(self.agent(&agent.id)?.dumps.iter().map(|(name, file)| (name.clone(), file.identity)).collect())
    }
}

struct Open {
    bytes: Cursor<Arc<[u8]>>,
    identity: FileIdentity,
}

impl Read for Open {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.bytes.read(buffer)
    }
}

impl StagedFile for Open {
    fn identity(&self) -> io::Result<FileIdentity> {
        Ok(self.identity)
    }
}

fn nanoseconds(time: Time) -> i64 {
    time.timestamp_nanos_opt().unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_put_is_found_until_it_is_removed_or_fails() {
        let (id, at): (_, Time) = (AgentId::new("SITE").unwrap(), "2026-06-15T05:00:00Z".parse().unwrap());
        let mut source = Listed::new("/deposits");
        source.put_report(&id, "r.json", *b"{}", at);
        source.put_dump(&id, "d.sql", *b"first", at);
        let agent = source.agents().agents.remove(0);
        let first = source.look(&agent, "d.sql").unwrap();
        source.put_dump(&id, "d.sql", *b"other", at);
        assert_ne!(source.look(&agent, "d.sql").unwrap(), first);
        let mut text = String::new();
        source.open(&agent, "d.sql").unwrap().read_to_string(&mut text).unwrap();
        assert_eq!(
            (text.as_str(), source.read_report(&agent, "r.json").unwrap().0),
            ("other", b"{}".to_vec())
        );

        let (place, fault) = (Place::Dump(id.clone(), "d.sql".into()), Fault::Monitors("EIO".into()));
        source.inject(place.clone(), fault.clone());
        assert_eq!(source.look(&agent, "d.sql"), Err(fault));
        source.heal(&place);
        assert!(source.remove_dump(&id, "d.sql") && !source.remove_dump(&id, "d.sql"));
        assert_eq!(source.look(&agent, "d.sql"), Err(Fault::Absent));
        let other = AgentId::new("OTHER").unwrap();
        source.rename_agent(&id, &other);
        assert_eq!(source.reports(&agent).err(), Some(Fault::Absent));
        let renamed = source.agents().agents.remove(0);
        assert_eq!((renamed.id.as_str(), source.reports(&renamed).unwrap().files.len()), ("OTHER", 1));
        source.remove_agent(&other);
        assert_eq!(source.reports(&agent).err(), Some(Fault::Absent));
        source.inject(Place::Root, Fault::Absent);
        assert_eq!(source.agents().unreadable_roots.len(), 1);
    }
}
