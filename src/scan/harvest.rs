//! First pass: which agents are there, and what do their reports say. Nothing is judged here.

use std::collections::{HashMap, HashSet};

use super::Scan;
use super::summary::Summary;
use super::world::World;
use crate::domain::incident::Subject;
use crate::domain::text::{cut, printable};
use crate::domain::timing::{age, received};
use crate::domain::{AgentId, Digest, OwnTime, Problem, Report, Severity};
use crate::source::agent_report;
use crate::source::{Fault, Folders, FoundAgent, ListedReport};
use crate::store::kept::Origin;
use crate::store::{Agent, ReportRecord, ReportState, Result, Unit};

/// A report with entries that are still to be judged.
pub struct OpenReport {
    pub record: ReportRecord,
    pub report: Report,
    pub agent: FoundAgent,
}

/// What the first pass found.
#[derive(Default)]
pub struct Harvest {
    pub reports: Vec<OpenReport>,
    /// The agents whose folders are there.
    agents: HashMap<AgentId, FoundAgent>,
    /// Agents of which something could not be read for the monitor's own reasons: nothing of theirs becomes MISSING.
    pub unsettled: HashSet<AgentId>,
    /// The deposits as a whole are not there: nothing becomes MISSING.
    pub unavailable: bool,
}

/// At least this many agents, and a tenth of the known ones, gone at once are no fault of theirs (SPEC section 4, rule 6).
const GONE_AT_ONCE: usize = 3;

pub fn harvest(scan: &mut Scan, world: &mut World, summary: &mut Summary) -> Result<Harvest> {
    let folders = scan.source.agents();
    let mut harvest = Harvest::default();
    let mut gone: Vec<(AgentId, String)> = world
        .agents
        .keys()
        .filter(|id| !folders.agents.iter().any(|found| found.id == **id))
        .filter(|id| scan.only_agent.as_ref().is_none_or(|only| only == *id))
        .map(|id| (id.clone(), "its folder is gone".to_owned()))
        .collect();
    harvest.agents = folders.agents.iter().map(|agent| (agent.id.clone(), agent.clone())).collect();
    for agent in &folders.agents {
        if scan.only_agent.as_ref().is_some_and(|only| *only != agent.id) {
            continue;
        }
        match scan.source.reports(agent) {
            Ok(listing) => {
                let mut of_agent = AgentHarvest { scan, world, summary, agent, harvest: &mut harvest };
                of_agent.begin()?;
                of_agent.take(listing.files)?;
            }
            Err(Fault::Monitors(reason)) => {
                summary.not_done(format!(
                    "the folder of agent {} cannot be read: {reason}",
                    printable(agent.id.as_str())
                ));
                harvest.unsettled.insert(agent.id.clone());
            }
            Err(fault) => gone.push((agent.id.clone(), format!("its folder cannot be read: {fault}"))),
        }
    }
    judge_folders(scan, world, summary, &folders, &gone, &mut harvest)?;
    reopen(scan, world, summary, &mut harvest)?;
    Ok(harvest)
}

/// Tells apart one agent's trouble from a root that is not mounted.
fn judge_folders(
    scan: &mut Scan,
    world: &mut World,
    summary: &mut Summary,
    folders: &Folders,
    gone: &[(AgentId, String)],
    harvest: &mut Harvest,
) -> Result<()> {
    let known = world.agents.len();
    let reason = if let Some((root, fault)) = folders.unreadable_roots.first() {
        Some(format!("the deposit root `{}` cannot be read: {fault}", root.display()))
    } else if gone.len() >= GONE_AT_ONCE && gone.len() * 10 >= known {
        Some(format!("the folders of {} of {known} known agents are gone or unreadable at once", gone.len()))
    } else if folders.agents.is_empty() && known > 0 {
        Some("the deposits are empty though agents are known: is the file system mounted?".to_owned())
    } else {
        None
    };
    let mut unit = Unit::default();
    harvest.unavailable = reason.is_some();
    let server = Subject::server(Problem::DepositsUnavailable);
    match reason {
        Some(reason) => {
            unit.incidents.extend(world.raise(server, Severity::Critical, reason.clone()));
            summary.not_done(reason);
        }
        None => {
            unit.incidents.extend(world.resolve(server));
            for (agent, reason) in gone {
                let subject = Subject::agent(Problem::DepositUnreadable, agent.as_str());
                unit.incidents.extend(world.raise(subject, Severity::Critical, reason.clone()));
            }
        }
    }
    for name in &folders.invalid {
        let subject = Subject::agent(Problem::NameInvalid, name.as_str());
        let message = "the name of this deposit folder is no name of an agent: rename it".to_owned();
        unit.incidents.extend(world.raise(subject, Severity::Warning, message));
    }
    for subject in world.open_subjects(|s| {
        is_folder_name_problem(s) && !folders.invalid.iter().any(|n| Some(n) == s.agent.as_ref())
    }) {
        unit.incidents.extend(world.resolve(subject));
    }
    if unit.incidents.is_empty() { Ok(()) } else { scan.store.commit(&unit).map(drop) }
}

/// A name problem of a folder, not of a database in a report: its agent can be none by its name.
fn is_folder_name_problem(subject: &Subject) -> bool {
    subject.kind.word() == Problem::NameInvalid.word()
        && subject.agent.as_ref().is_some_and(|name| AgentId::new(name.as_str()).is_err())
}

/// Reports that earlier scans could not judge to the end. One whose bytes are lost is rejected, for nothing can be
/// compared with it any more; its jobs wait no longer.
fn reopen(scan: &mut Scan, world: &mut World, summary: &mut Summary, harvest: &mut Harvest) -> Result<()> {
    if harvest.unavailable {
        return Ok(());
    }
    for record in scan.store.open_reports()? {
        let wanted = scan.only_agent.as_ref().is_none_or(|only| *only == record.agent);
        if !wanted || harvest.reports.iter().any(|open| open.record.id == record.id) {
            continue;
        }
        if let Err(reason) = harvest.bring_back(scan, world, record.clone()) {
            give_up(scan, world, summary, record, &reason)?;
        }
    }
    Ok(())
}

fn give_up(
    scan: &mut Scan,
    world: &mut World,
    summary: &mut Summary,
    record: ReportRecord,
    reason: &str,
) -> Result<()> {
    summary.not_done(format!("report {} of {} is lost: {reason}", printable(&record.file), record.agent));
    let subject = Subject::agent(Problem::ReportUnreadable, record.agent.as_str());
    let message = format!("report `{}` is lost before it was judged: {reason}", printable(&record.file));
    let mut unit = Unit::default();
    for tracked in world.jobs.values_mut() {
        if tracked.job.state.waiting.as_ref().is_some_and(|waiting| waiting.report == record.id) {
            tracked.job.state.waiting = None;
            unit.jobs.push(tracked.job.clone());
        }
    }
    unit.incidents.extend(world.raise(subject, Severity::Critical, message));
    unit.report =
        Some(ReportRecord { state: ReportState::Rejected, reason: Some(reason.to_owned()), ..record });
    scan.store.commit(&unit).map(drop)
}

impl Harvest {
    /// Nothing but the folders, for reports to be brought back into.
    pub fn of_folders(folders: Folders) -> Self {
        let agents = folders.agents.into_iter().map(|agent| (agent.id.clone(), agent)).collect();
        Self { agents, ..Self::default() }
    }

    /// The agents whose folders are there.
    pub fn agents(&self) -> impl Iterator<Item = &FoundAgent> {
        self.agents.values()
    }

    /// The position of a report of an earlier scan, brought back from its kept bytes; `None` where they are lost, or
    /// nothing can be looked at now.
    pub fn index_of(&mut self, scan: &Scan, world: &World, report: i64) -> Result<Option<usize>> {
        if let Some(index) = self.reports.iter().position(|open| open.record.id == report) {
            return Ok(Some(index));
        }
        if self.unavailable {
            return Ok(None);
        }
        let Some(record) = scan.store.report(report)? else { return Ok(None) };
        Ok(self.bring_back(scan, world, record).ok())
    }

    /// Reads a report from its kept bytes, for the deposit's own copy may be gone. The agent's folder may be gone too:
    /// then its files are absent.
    fn bring_back(
        &mut self,
        scan: &Scan,
        world: &World,
        record: ReportRecord,
    ) -> std::result::Result<usize, String> {
        let known = || world.agents.get(&record.agent).map(|agent| agent.root.clone());
        let agent = match self.agents.get(&record.agent) {
            Some(agent) => agent.clone(),
            None => FoundAgent { id: record.agent.clone(), root: known().unwrap_or_default() },
        };
        let bytes = bytes_of(scan, &agent, &record)?;
        let aliases = world.config.aliases(record.agent.as_str());
        let report =
            agent_report::read(&bytes, &record.agent, &aliases).map_err(|error| error.to_string())?;
        self.reports.push(OpenReport { record, report, agent });
        Ok(self.reports.len() - 1)
    }
}

/// The bytes of a report as they were read first: the kept ones, or the deposit's where those are damaged.
fn bytes_of(scan: &Scan, agent: &FoundAgent, record: &ReportRecord) -> std::result::Result<Vec<u8>, String> {
    let content = record.content.ok_or("its content is not known")?;
    let lost = match scan.kept.read(&content) {
        Ok(Some(bytes)) => return Ok(bytes),
        Ok(None) => "its kept bytes are gone".to_owned(),
        Err(error) => error.to_string(),
    };
    match scan.source.read_report(agent, &record.file) {
        Ok((bytes, _)) if Digest::of(&bytes) == content => Ok(bytes),
        Ok(_) | Err(_) => Err(lost),
    }
}

/// One agent's share of the first pass.
struct AgentHarvest<'h, 's, 'w, 'c> {
    scan: &'h mut Scan<'s>,
    world: &'w mut World<'c>,
    summary: &'h mut Summary,
    agent: &'h FoundAgent,
    harvest: &'h mut Harvest,
}

impl AgentHarvest<'_, '_, '_, '_> {
    fn begin(&mut self) -> Result<()> {
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
        unit.incidents
            .extend(self.world.resolve(Subject::agent(Problem::DepositUnreadable, self.agent.id.as_str())));
        if unit.agents.is_empty() && unit.incidents.is_empty() {
            Ok(())
        } else {
            self.scan.store.commit(&unit).map(drop)
        }
    }

    fn take(&mut self, mut files: Vec<ListedReport>) -> Result<()> {
        let known = Known::of(self.scan.store.reports_of(&self.agent.id)?);
        files.retain(|listed| !known.is_settled(listed));
        // In the order of arrival, so that a readable report ends the trouble of an unreadable one before it.
        files.sort_by_key(|listed| {
            listed.identity.as_ref().map_or(i64::MAX, |identity| identity.ctime.max(identity.mtime))
        });
        let mut known = known;
        for listed in files {
            if let Some(record) = self.take_one(&listed, &known)? {
                known.add(record);
            }
        }
        Ok(())
    }

    fn take_one(&mut self, listed: &ListedReport, known: &Known) -> Result<Option<ReportRecord>> {
        let former = known.by_file.get(&listed.file);
        let identity = match &listed.identity {
            Ok(identity) => *identity,
            Err(Fault::Absent) => return Ok(None),
            Err(Fault::Monitors(reason)) => {
                self.unsettle(&listed.file, reason);
                return Ok(None);
            }
            Err(fault) => return self.unreadable_kind(listed, former, &fault.to_string()),
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
        let arriving =
            former.filter(|record| record.state == ReportState::Arriving && record.identity == identity);
        let first_seen = arriving.map_or(self.world.now, |record| record.first_seen);
        let mut record = ReportRecord {
            id: former.filter(|record| record.state == ReportState::Arriving).map_or(0, |record| record.id),
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
        match (parsed, read) {
            (Ok(report), Ok(bytes)) => {
                if let Some(twin) = known.twin(&record, &report) {
                    return self.same_again(record, twin).map(Some);
                }
                self.open(&mut record, report, &bytes)?;
            }
            (Err(reason), read) => {
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

    /// A FIFO, a link, a folder: rejected like an unreadable report, once per name.
    fn unreadable_kind(
        &mut self,
        listed: &ListedReport,
        former: Option<&ReportRecord>,
        reason: &str,
    ) -> Result<Option<ReportRecord>> {
        if former.is_some_and(|record| {
            record.state == ReportState::Rejected && record.reason.as_deref() == Some(reason)
        }) {
            return Ok(None);
        }
        let identity = crate::domain::job::FileIdentity { device: 0, inode: 0, size: 0, mtime: 0, ctime: 0 };
        let mut record = ReportRecord {
            id: former.map_or(0, |record| record.id),
            agent: self.agent.id.clone(),
            file: listed.file.clone(),
            content: None,
            identity,
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
        self.harvest.reports.push(OpenReport { record: record.clone(), report, agent: self.agent.clone() });
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
        let record = if twin.file == record.file {
            ReportRecord { identity: record.identity, ..twin.clone() }
        } else {
            self.summary.reports.duplicate += 1;
            ReportRecord { state: ReportState::Duplicate, ..record }
        };
        self.scan.store.commit(&Unit { report: Some(record.clone()), ..Unit::default() })?;
        Ok(record)
    }
}

/// The report files of an agent that the state remembers.
struct Known {
    by_file: HashMap<String, ReportRecord>,
    by_content: HashMap<Digest, Vec<ReportRecord>>,
}

impl Known {
    fn of(records: Vec<ReportRecord>) -> Self {
        let mut known = Self { by_file: HashMap::new(), by_content: HashMap::new() };
        for record in records {
            known.add(record);
        }
        known
    }

    fn add(&mut self, record: ReportRecord) {
        if let Some(content) = record.content
            && matches!(record.state, ReportState::Open | ReportState::Judged)
        {
            self.by_content.entry(content).or_default().push(record.clone());
        }
        self.by_file.insert(record.file.clone(), record);
    }

    /// Seen before and unchanged, so that it need not be read again.
    fn is_settled(&self, listed: &ListedReport) -> bool {
        let Ok(identity) = &listed.identity else { return false };
        self.by_file
            .get(&listed.file)
            .is_some_and(|record| record.identity == *identity && record.state != ReportState::Arriving)
    }

    /// The report that says the same: by content, and without an own time also by its file's mtime.
    fn twin(&self, record: &ReportRecord, report: &Report) -> Option<&ReportRecord> {
        self.by_content.get(record.content.as_ref()?)?.iter().find(|other| {
            !matches!(report.own, OwnTime::Absent) || other.identity.mtime == record.identity.mtime
        })
    }
}
