//! What came of one agent: its new reports are read and kept, what is no report is rejected.

use super::known::{Known, twin};
use super::{Harvest, OpenReport};
use crate::domain::incident::Subject;
use crate::domain::job::FileIdentity;
use crate::domain::text::{cut, printable};
use crate::domain::timing::{age, received};
use crate::domain::{Digest, Problem, Report, Severity};
use crate::scan::Scan;
use crate::scan::summary::Summary;
use crate::scan::world::World;
use crate::source::{Fault, FoundAgent, ListedReport, Listing, REPORT_LIMIT, agent_report};
use crate::store::kept::Origin;
use crate::store::{Agent, ReportRecord, ReportState, Result, Unit};

/// One agent's share of the first pass.
pub(super) struct Arrivals<'h, 's, 'w, 'c> {
    pub scan: &'h mut Scan<'s>,
    pub world: &'w mut World<'c>,
    pub summary: &'h mut Summary,
    pub agent: &'h FoundAgent,
    pub harvest: &'h mut Harvest,
}

impl Arrivals<'_, '_, '_, '_> {
    pub fn take(&mut self, listing: Listing) -> Result<()> {
        let mut files = listing.files;
        let names: Vec<&str> = files.iter().map(|listed| listed.file.as_str()).collect();
        let mut known = Known::of(self.scan.store.reports_named(&self.agent.id, &names)?);
        files.retain(|listed| !known.is_settled(listed));
        // In the order of arrival, so that a readable report ends the trouble of an unreadable one before it.
        files.sort_by_key(|listed| {
            listed.identity.as_ref().map_or(i64::MAX, |identity| identity.ctime.max(identity.mtime))
        });
        let postponed = self.postpone(&mut files);
        self.begin(listing.truncated, postponed)?;
        for listed in files {
            if let Some(record) = self.take_one(&listed, &known)? {
                known.add(record);
            }
        }
        Ok(())
    }

    /// Takes out what does not fit into the agent's share of this scan: the oldest, for an older report than the newest
    /// judged one does no harm when it comes later, and a newer one would. Until all are read nothing of the agent is
    /// missing. Gives whether it is the agent that has too many.
    fn postpone(&mut self, files: &mut Vec<ListedReport>) -> bool {
        let mut share = self.harvest.shares.of(&self.agent.id);
        if share.surely_fits(files.iter().map(size)) {
            return false;
        }
        let fit = files.iter().rev().take_while(|listed| share.take(size(listed), self.entries_in(listed)));
        let left = files.len() - fit.count();
        files.drain(..left);
        if left > 0 {
            self.put_off(left);
        }
        left > 0 && share.is_the_agents()
    }

    /// How many databases a report names; none where it is no report.
    fn entries_in(&self, listed: &ListedReport) -> usize {
        let Ok((bytes, _)) = self.scan.source.read_report(self.agent, &listed.file) else { return 0 };
        let aliases = self.world.config.aliases(self.agent.id.as_str());
        agent_report::read(&bytes, &self.agent.id, &aliases).map_or(0, |report| report.entries.len())
    }

    /// So many reports wait for the next scan.
    fn put_off(&mut self, reports: usize) {
        let agent = printable(self.agent.id.as_str());
        tracing::info!("{reports} reports of {agent} do not fit into this scan and are left for the next");
        self.summary.reports.waiting += reports as u64;
        self.harvest.unsettled.insert(self.agent.id.clone());
    }

    /// Remembers the agent, and ends or tells the trouble with its folder.
    fn begin(&mut self, truncated: bool, postponed: bool) -> Result<()> {
        let mut unit = Unit::default();
        if !self.world.agents.contains_key(&self.agent.id) {
            let agent = Agent {
                id: self.agent.id.clone(),
                root: self.agent.root.clone(),
                first_seen: self.world.now,
                last_report_at: None,
                log_mtime: None,
                dumps: None,
            };
            unit.agents.push(agent.clone());
            self.world.agents.insert(agent.id.clone(), agent);
        }
        let subject = Subject::agent(Problem::DepositUnreadable, self.agent.id.as_str());
        unit.incidents.extend(if truncated {
            let message = "its log folder holds more reports than are read in one scan: only those with the greatest \
                           names are read; move old ones away";
            self.world.raise(subject, Severity::Critical, message.to_owned())
        } else if postponed {
            let message = "its log folder holds more new reports than are read in one scan: the newest are read first, the \
                           others in the next scans, and until then nothing of it becomes MISSING";
            self.world.raise(subject, Severity::Warning, message.to_owned())
        } else {
            self.world.resolve(subject)
        });
        if unit.agents.is_empty() && unit.incidents.is_empty() {
            Ok(())
        } else {
            self.scan.store.commit(&unit).map(drop)
        }
    }

    fn take_one(&mut self, listed: &ListedReport, known: &Known) -> Result<Option<ReportRecord>> {
        let newest = known.newest(&listed.file);
        let former = newest.filter(|record| record.state == ReportState::Arriving);
        let identity = match &listed.identity {
            Ok(identity) => *identity,
            Err(Fault::Absent) => return Ok(None),
            Err(Fault::Monitors(reason)) => {
                self.unsettle(&listed.file, reason);
                return Ok(None);
            }
            Err(fault) => return self.unreadable_kind(listed, newest, &fault.to_string()),
        };
        let (read, identity) = match self.scan.source.read_report(self.agent, &listed.file) {
            Ok((bytes, identity)) => (Ok(bytes), identity),
            Err(Fault::Absent) => return Ok(None),
            Err(Fault::Monitors(reason)) => {
                self.unsettle(&listed.file, &reason);
                return Ok(None);
            }
            Err(fault) => (Err(fault.to_string()), identity),
        };
        let unchanged = former.filter(|record| record.identity == identity);
        // Not in a future that a clock which ran ahead left behind: the file would be on its way until then.
        let first_seen = unchanged.map_or(self.world.now, |record| record.first_seen.min(self.world.now));
        let mut record = ReportRecord {
            id: former.map_or(0, |record| record.id),
            agent: self.agent.id.clone(),
            file: listed.file.clone(),
            content: read.as_ref().ok().map(|bytes| Digest::of(bytes)),
            identity,
            first_seen,
            received_at: received(&identity, first_seen),
            state: ReportState::Open,
            reason: None,
        };
        let aliases = self.world.config.aliases(self.agent.id.as_str());
        let parsed = match &read {
            Ok(bytes) => {
                agent_report::read(bytes, &self.agent.id, &aliases).map_err(|rejection| rejection.to_string())
            }
            Err(reason) => Err(reason.clone()),
        };
        let entries = parsed.as_ref().map_or(0, |report| report.entries.len());
        let bytes = read.as_ref().map_or(0, |bytes| bytes.len() as u64);
        if !self.harvest.shares.take(&self.agent.id, bytes, entries) {
            // It grew since it was looked at.
            self.put_off(1);
            return Ok(None);
        }
        match (parsed, read) {
            (Ok(report), Ok(bytes)) => {
                let same = match &record.content {
                    Some(content) => self.scan.store.reports_with_content(&self.agent.id, content)?,
                    None => Vec::new(),
                };
                if let Some(twin) = twin(&same, &record, &report) {
                    return self.same_again(record, twin).map(Some);
                }
                self.open(&mut record, report, &bytes)?;
            }
            (Err(reason), read) => {
                if let Some(rejected) = known.rejected_before(&record, &reason) {
                    return self.touched(&record, rejected).map(Some);
                }
                if age(&identity, first_seen, self.world.now) < self.world.config.scan.settle.delta() {
                    record.state = ReportState::Arriving;
                    record.content = None;
                    self.summary.reports.waiting += 1;
                    self.scan.store.commit(&Unit { report: Some(record.clone()), ..Unit::default() })?;
                } else {
                    self.reject(&mut record, &reason, read.ok().as_deref())?;
                }
            }
            (Ok(_), Err(_)) => return Ok(None),
        }
        Ok(Some(record))
    }

    /// A FIFO, a link, a folder: rejected like an unreadable report, once per name. A report that was read under this
    /// name keeps its row, for it may still have to be judged.
    fn unreadable_kind(
        &mut self,
        listed: &ListedReport,
        newest: Option<&ReportRecord>,
        reason: &str,
    ) -> Result<Option<ReportRecord>> {
        let replaced = newest.filter(|record| match record.state {
            ReportState::Arriving => true,
            ReportState::Rejected => record.content.is_none(),
            ReportState::Open | ReportState::Judged | ReportState::Duplicate => false,
        });
        if replaced.is_some_and(|record| {
            record.state == ReportState::Rejected && record.reason.as_deref() == Some(reason)
        }) {
            return Ok(None);
        }
        let mut record = ReportRecord {
            id: replaced.map_or(0, |record| record.id),
            agent: self.agent.id.clone(),
            file: listed.file.clone(),
            content: None,
            identity: FileIdentity { device: 0, inode: 0, size: 0, mtime: 0, ctime: 0 },
            first_seen: self.world.now,
            received_at: self.world.now,
            state: ReportState::Rejected,
            reason: None,
        };
        self.reject(&mut record, reason, None)?;
        Ok(Some(record))
    }

    fn unsettle(&mut self, file: &str, reason: &str) {
        let agent = printable(self.agent.id.as_str());
        self.summary
            .not_done(format!("report {} of agent {agent} cannot be read: {reason}", printable(file)));
        self.harvest.unsettled.insert(self.agent.id.clone());
    }

    fn open(&mut self, record: &mut ReportRecord, report: Report, bytes: &[u8]) -> Result<()> {
        if !self.keep(record, bytes) {
            return Ok(());
        }
        let mut unit = Unit { report: Some(record.clone()), ..Unit::default() };
        if let Some(agent) = self.world.agents.get_mut(&self.agent.id) {
            agent.last_report_at = agent.last_report_at.max(Some(record.received_at));
            agent.root.clone_from(&self.agent.root);
            unit.agents.push(agent.clone());
        }
        for problem in [Problem::ReportUnreadable, Problem::AgentNeverReported, Problem::DumpsWithoutReport] {
            unit.incidents.extend(self.world.resolve(Subject::agent(problem, self.agent.id.as_str())));
        }
        if let Some(id) = self.scan.store.commit(&unit)? {
            record.id = id;
        }
        self.harvest.add(OpenReport { record: record.clone(), report, agent: self.agent.clone() });
        Ok(())
    }

    /// Keeps the report's bytes before the state refers to them; gives whether they are safe.
    fn keep(&mut self, record: &ReportRecord, bytes: &[u8]) -> bool {
        let Some(content) = &record.content else { return false };
        if self.scan.dry_run {
            return true;
        }
        let origin = Origin {
            agent: record.agent.clone(),
            file: record.file.clone(),
            received_at: record.received_at,
        };
        match self.scan.kept.keep(content, &origin, bytes) {
            Ok(()) => true,
            Err(error) => {
                self.summary
                    .not_done(format!("report {} could not be kept: {error}", printable(&record.file)));
                self.harvest.unsettled.insert(self.agent.id.clone());
                false
            }
        }
    }

    fn reject(&mut self, record: &mut ReportRecord, reason: &str, bytes: Option<&[u8]>) -> Result<()> {
        if let Some(bytes) = bytes
            && !self.keep(record, bytes)
        {
            return Ok(());
        }
        record.state = ReportState::Rejected;
        record.reason = Some(reason.to_owned());
        self.summary.reports.rejected += 1;
        let message =
            format!("report `{}` is rejected: {}", cut(&printable(&record.file), 120), printable(reason));
        let subject = Subject::agent(Problem::ReportUnreadable, self.agent.id.as_str());
        let mut unit = Unit { report: Some(record.clone()), ..Unit::default() };
        unit.incidents.extend(self.world.raise(subject, Severity::Critical, message));
        if let Some(id) = self.scan.store.commit(&unit)? {
            record.id = id;
        }
        Ok(())
    }

    /// The same report once more: only where its file lies now is remembered.
    fn same_again(&mut self, record: ReportRecord, twin: &ReportRecord) -> Result<ReportRecord> {
        if twin.file == record.file {
            return self.touched(&record, twin);
        }
        self.summary.reports.duplicate += 1;
        let record = ReportRecord { state: ReportState::Duplicate, ..record };
        self.scan.store.commit(&Unit { report: Some(record.clone()), ..Unit::default() })?;
        Ok(record)
    }

    /// The file of a known row has a new identity, and nothing else is new. A row that was begun for it while it was
    /// arriving gives way to the known one, or ends beside it where its times are others.
    fn touched(&mut self, seen: &ReportRecord, known: &ReportRecord) -> Result<ReportRecord> {
        let same_time = seen.identity.mtime == known.identity.mtime;
        let mut record = match seen.id {
            0 => ReportRecord { identity: seen.identity, ..known.clone() },
            id if same_time => ReportRecord { id, identity: seen.identity, ..known.clone() },
            _ => ReportRecord { state: ReportState::Duplicate, ..seen.clone() },
        };
        if let Some(id) = self.scan.store.commit(&Unit { report: Some(record.clone()), ..Unit::default() })? {
            record.id = id;
        }
        Ok(record)
    }
}

/// Bytes that are read of it: what is larger than a report, or no regular file, is not.
fn size(listed: &ListedReport) -> u64 {
    listed.identity.as_ref().map_or(0, |identity| identity.size.min(REPORT_LIMIT))
}
