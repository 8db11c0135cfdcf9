//! Kept reports that the state does not know are put back as unjudged: the pass that follows judges them in their order.

use std::collections::{HashMap, HashSet};

use chrono::TimeDelta;

use crate::config::Config;
use crate::domain::job::FileIdentity;
use crate::domain::text::printable;
use crate::domain::{AgentId, Digest, Time};
use crate::source::{FoundAgent, Source, agent_report};
use crate::store::kept::{KeptError, KeptReports, Origin};
use crate::store::{Agent, ReportRecord, ReportState, Store, StoreError, Unit};

/// An older report is remembered as judged: all that are judged again are in memory at once, and whatever an older one
/// spoke of is a version or gone.
const JUDGED_AGAIN: TimeDelta = TimeDelta::days(30);
/// A kept file may be a little older than the scan that wrote it, where its disk has a clock of its own.
const MARGIN: TimeDelta = TimeDelta::hours(1);

#[derive(Debug, thiserror::Error)]
pub enum PutBackError {
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error(transparent)]
    Kept(#[from] KeptError),
}

/// A kept report that the state does not know.
struct Found {
    record: ReportRecord,
    /// Its file still lies in the deposit.
    lies_there: bool,
}

/// What is needed to know a kept report again.
pub struct PutBack<'a> {
    pub store: &'a mut dyn Store,
    pub kept: &'a KeptReports,
    pub source: &'a dyn Source,
    pub config: &'a Config,
    pub now: Time,
}

impl PutBack<'_> {
    /// Puts back what was kept since the state's last scan, and gives how many are to be judged. What cannot be read is
    /// an error after the others were put back.
    ///
    /// # Errors
    /// When the state or the kept reports cannot be read or written.
    pub fn all(self) -> Result<usize, PutBackError> {
        let since = self.store.meta()?.last_scan.map(|scan| scan.started_at - MARGIN);
        let since = since.unwrap_or(Time::UNIX_EPOCH);
        let known: HashSet<Digest> = self.store.report_contents(Time::UNIX_EPOCH)?.into_iter().collect();
        let mut unknown = self.kept.written_since(since)?;
        unknown.retain(|(digest, _)| !known.contains(digest));
        if unknown.is_empty() {
            return Ok(0);
        }
        let mut agents: HashMap<AgentId, Agent> =
            self.store.agents()?.into_iter().map(|agent| (agent.id.clone(), agent)).collect();
        let folders: HashMap<AgentId, FoundAgent> =
            self.source.agents().agents.into_iter().map(|agent| (agent.id.clone(), agent)).collect();
        let (mut found, mut first_error) = (Vec::new(), None);
        for (digest, origin) in unknown {
            let folder = folders.get(&origin.agent);
            match self.record(digest, &origin, folder) {
                Ok(Some(one)) => {
                    let agent = agents.entry(origin.agent.clone()).or_insert_with(|| unseen(&origin, folder));
                    if one.record.state != ReportState::Rejected {
                        agent.last_report_at = agent.last_report_at.max(Some(origin.received_at));
                    }
                    found.push(one);
                }
                Ok(None) => {}
                // What can be read is not left out for what cannot.
                Err(error) => first_error = first_error.or(Some(error)),
            }
        }
        let mut open = 0;
        for Found { record, lies_there } in found {
            let Some(agent) = agents.get(&record.agent) else { continue };
            // The harvest rejects it, and tells it, for nobody may have heard of it; where a readable one came after it,
            // that is over.
            if record.state == ReportState::Rejected
                && lies_there
                && agent.last_report_at < Some(record.received_at)
            {
                continue;
            }
            tracing::info!(
                "report {} of {} is put back: the state does not know it",
                printable(&record.file),
                printable(record.agent.as_str())
            );
            open += usize::from(record.state == ReportState::Open);
            let unit = Unit { agents: vec![agent.clone()], report: Some(record), ..Unit::default() };
            self.store.commit(&unit)?;
        }
        first_error.map_or(Ok(open), |error| Err(error.into()))
    }

    /// The row of a kept report; `None` for one whose bytes are damaged, of which nothing can be said any more.
    fn record(
        &self,
        digest: Digest,
        origin: &Origin,
        folder: Option<&FoundAgent>,
    ) -> Result<Option<Found>, KeptError> {
        let bytes = match self.kept.read(&digest) {
            Ok(Some(bytes)) => bytes,
            Ok(None) => return Ok(None),
            Err(error @ KeptError::Damaged { .. }) => {
                tracing::warn!("{error}: it is left out");
                return Ok(None);
            }
            Err(error) => return Err(error),
        };
        let aliases = self.config.aliases(origin.agent.as_str());
        let reason =
            agent_report::read(&bytes, &origin.agent, &aliases).err().map(|rejection| rejection.to_string());
        let state = match &reason {
            Some(_) => ReportState::Rejected,
            None if self.now - origin.received_at > JUDGED_AGAIN => ReportState::Judged,
            None => ReportState::Open,
        };
        let lying = folder.and_then(|agent| self.lying(agent, &origin.file, &digest));
        let record = ReportRecord {
            id: 0,
            agent: origin.agent.clone(),
            file: origin.file.clone(),
            content: Some(digest),
            identity: lying.unwrap_or(FileIdentity { device: 0, inode: 0, size: 0, mtime: 0, ctime: 0 }),
            first_seen: origin.received_at,
            received_at: origin.received_at,
            state,
            reason,
        };
        Ok(Some(Found { record, lies_there: lying.is_some() }))
    }

    /// The file of a report that still lies in the deposit, so that the harvest knows it for this one.
    fn lying(&self, agent: &FoundAgent, file: &str, digest: &Digest) -> Option<FileIdentity> {
        let (bytes, identity) = self.source.read_report(agent, file).ok()?;
        (Digest::of(&bytes) == *digest).then_some(identity)
    }
}

/// An agent that the state has never seen.
fn unseen(origin: &Origin, folder: Option<&FoundAgent>) -> Agent {
    Agent {
        id: origin.agent.clone(),
        root: folder.map(|folder| folder.root.clone()).unwrap_or_default(),
        first_seen: origin.received_at,
        last_report_at: None,
        log_mtime: None,
        dumps: None,
    }
}
