//! The state in one `SQLite` file. This file opens it and turns each verb into one transaction; the files below hold
//! one table's rows each, and `values` how a value stands in a column.
//!
//! Write-ahead log, every commit synced: what a verb said is done survives a power cut. A reader sees one moment.

mod agents;
mod entries;
mod errors;
mod incidents;
mod jobs;
mod mails;
mod meta;
mod migrate;
mod open;
mod shape;
mod sums;
mod values;
mod versions;

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::time::Duration;

use rusqlite::{Connection, TransactionBehavior};

use self::errors::{explain, refusal};
use self::migrate::MIGRATIONS;
use self::open::Birth;
use super::{
    Agent, AuditLine, BegunScan, EntryFilter, FrozenMail, Heir, MailKind, Meta, ReportRecord, Result, Store,
    StoreError, Told, Unit,
};
use crate::domain::forecast::Holdings;
use crate::domain::incident::{Acknowledgement, IncidentChange, Subject};
use crate::domain::succession::left_behind;
use crate::domain::{AgentId, Digest, Entry, Incident, Job, JobId, JobKey, Time, Version};

pub struct Sqlite {
    db: Connection,
    path: PathBuf,
    read_only: bool,
}

impl Sqlite {
    /// The schema that this program writes.
    #[must_use]
    pub fn schema() -> i64 {
        migrate::newest(MIGRATIONS)
    }

    /// Opens for reading and writing. Where there is no file, or an empty one, a state is created that was begun at
    /// `now`, with its folders; `fixed_clock` marks one that was created under `--now`.
    ///
    /// # Errors
    /// When it is no state, newer, damaged, locked, cannot be written, or its disk is full.
    pub fn open(path: &Path, now: Time, fixed_clock: bool) -> Result<Self> {
        Self::open_patiently(path, now, fixed_clock, open::PATIENCE)
    }

    /// As [`Sqlite::open`], but waits `patience` and no longer for another program's lock, now and in each verb.
    ///
    /// # Errors
    /// As for [`Sqlite::open`].
    pub fn open_patiently(path: &Path, now: Time, fixed_clock: bool, patience: Duration) -> Result<Self> {
        let db = open::for_writing(path, Birth { at: now, fixed_clock }, patience, MIGRATIONS)?;
        Ok(Self { db, path: path.to_owned(), read_only: false })
    }

    /// Opens for reading, beside a running scan: all reads see the state of the moment of opening.
    ///
    /// # Errors
    /// As for [`Sqlite::open`]; also when there is none, or an older backupmon wrote it.
    pub fn open_read_only(path: &Path) -> Result<Self> {
        Ok(Self { db: open::for_reading(path)?, path: path.to_owned(), read_only: true })
    }

    /// A copy in memory, for a dry run: what is done to it is gone with it.
    ///
    /// # Errors
    /// As for [`Sqlite::open_read_only`].
    pub fn scratch_copy(path: &Path) -> Result<Self> {
        let source = open::for_reading(path)?;
        let db = open::copied_to_memory(&source).map_err(|error| explain(path, "be copied", &error))?;
        Ok(Self { db, path: path.to_owned(), read_only: false })
    }

    /// A state that is never written to a disk: for a dry run where there is no state yet, and for tests.
    ///
    /// # Errors
    /// When there is no memory for it.
    pub fn in_memory(now: Time, fixed_clock: bool) -> Result<Self> {
        Ok(Self {
            db: open::in_memory(Birth { at: now, fixed_clock })?,
            path: PathBuf::from(":memory:"),
            read_only: false,
        })
    }

    fn read<T>(
        &self,
        action: &'static str,
        look: impl FnOnce(&Connection) -> rusqlite::Result<T>,
    ) -> Result<T> {
        look(&self.db).map_err(|e| explain(&self.path, action, &e))
    }

    /// Where every page is sound, a value may still be none that this program knows.
    fn unreadable_values(&self) -> Vec<StoreError> {
        let everything = EntryFilter::default();
        [
            self.meta().err(),
            self.agents().err(),
            self.jobs().err(),
            self.open_reports().err(),
            self.versions(None).err(),
            self.incidents(Some(Time::MIN_UTC)).err(),
            self.waiting_mails().err(),
            self.read("give its history", |db| entries::for_each(db, &everything, drop)).err(),
        ]
        .into_iter()
        .flatten()
        .collect()
    }

    fn write<T>(
        &mut self,
        action: &'static str,
        change: impl FnOnce(&Connection) -> rusqlite::Result<T>,
    ) -> Result<T> {
        if self.read_only {
            let reason = "it was opened for reading".to_owned();
            return Err(StoreError::ReadOnly { path: self.path.clone(), reason });
        }
        let commit = || {
            // The lock first: a reader that turns into a writer half-way would fail where waiting helps.
            let transaction = self.db.transaction_with_behavior(TransactionBehavior::Immediate)?;
            let outcome = change(&transaction)?;
            transaction.commit()?;
            Ok(outcome)
        };
        commit().map_err(|e| explain(&self.path, action, &e))
    }
}

/// The first that `SQLite` finds wrong with its pages and rows. Not whether each index agrees with its table, which
/// takes twice as long, and which a copy makes anew.
fn first_fault_of_file(db: &Connection) -> rusqlite::Result<Option<String>> {
    let said: String = db.query_row("PRAGMA quick_check(1)", [], |row| row.get(0))?;
    Ok(Some(said).filter(|said| said != "ok"))
}

/// What `SQLite` finds wrong with its pages, indexes and keys.
fn faults_of_file(db: &Connection) -> rusqlite::Result<Vec<String>> {
    let mut faults: Vec<String> = db
        .prepare("PRAGMA integrity_check")?
        .query_map([], |row| row.get(0))?
        .collect::<rusqlite::Result<_>>()?;
    faults.retain(|line| line != "ok");
    let mut dangling = db.prepare("PRAGMA foreign_key_check")?;
    let mut rows = dangling.query([])?;
    while let Some(row) = rows.next()? {
        let (table, id): (String, Option<i64>) = (row.get(0)?, row.get(1)?);
        let row = id.map_or_else(|| "a row".to_owned(), |id| format!("row {id}"));
        faults.push(format!("{row} of `{table}` points to a row that is not there"));
    }
    Ok(faults)
}

fn commit(db: &Connection, unit: &Unit) -> rusqlite::Result<Option<i64>> {
    for agent in &unit.agents {
        agents::put(db, agent)?;
    }
    let report = unit.report.as_ref().map(|report| agents::put_report(db, report)).transpose()?;
    for job in &unit.jobs {
        jobs::put(db, job, report)?;
    }
    for entry in &unit.entries {
        entries::add(db, entry, report)?;
    }
    for entry in &unit.accepted {
        entries::accept(db, *entry)?;
    }
    for version in &unit.versions {
        versions::put(db, version)?;
    }
    for (job, name) in &unit.versions_removed {
        versions::remove(db, job, name)?;
    }
    for change in &unit.incidents {
        incidents::change(db, change)?;
    }
    for line in &unit.audit {
        meta::add_audit(db, line)?;
    }
    Ok(report)
}

fn hand_over(db: &Connection, from: &AgentId, heirs: &[Heir], at: Time) -> rusqlite::Result<()> {
    for heir in heirs {
        match heir {
            Heir::Renamed { from: id, to } => {
                jobs::rename(db, id, to)?;
                let left = JobKey { agent: from.clone(), database: to.database.clone() };
                jobs::put(db, &left_behind(left, at), None)?;
            }
            Heir::Joined { left, joined } => {
                jobs::join(db, &left.id, &joined.key, at)?;
                jobs::put(db, left, None)?;
                jobs::put(db, joined, None)?;
                if joined.state.status.is_ok() {
                    let subject = Subject::job(&joined.key.agent, &joined.id);
                    incidents::change(db, &IncidentChange::Resolve { subject, at })?;
                }
            }
        }
    }
    incidents::resolve_agent(db, from, at)
}

fn rename_agent(db: &Connection, from: &AgentId, to: &AgentId, at: Time) -> rusqlite::Result<()> {
    let jobs = jobs::of_agent(db, from.as_str())?;
    if jobs.is_empty() && !agents::is_known(db, from)? {
        return Err(refusal(format!("agent `{from}` is not known")));
    }
    if agents::is_known(db, to)? {
        return Err(refusal(format!("agent `{to}` is there already")));
    }
    for (id, key) in jobs {
        jobs::rename(db, &id, &JobKey { agent: to.clone(), database: key.database.clone() })?;
        jobs::put(db, &left_behind(key, at), None)?;
    }
    agents::rename(db, from, to)
}

impl Store for Sqlite {
    fn meta(&self) -> Result<Meta> {
        self.read("say what it is", meta::read)
    }

    fn scans_from(&self, id: i64) -> Result<Vec<BegunScan>> {
        self.read("give its scans", |db| meta::scans_from(db, id))
    }

    fn agents(&self) -> Result<Vec<Agent>> {
        self.read("give its agents", agents::all)
    }

    fn each_job(&self, visit: &mut dyn FnMut(Job)) -> Result<()> {
        self.read("give its jobs", |db| jobs::each(db, visit))
    }

    fn job_stamps(&self) -> Result<HashMap<JobId, i64>> {
        self.read("say which jobs changed", jobs::stamps)
    }

    fn reports_of(&self, agent: &AgentId) -> Result<Vec<ReportRecord>> {
        self.read("give an agent's reports", |db| agents::reports_of(db, agent))
    }

    fn reports_named(&self, agent: &AgentId, files: &[&str]) -> Result<Vec<ReportRecord>> {
        self.read("give an agent's reports", |db| agents::reports_named(db, agent, files))
    }

    fn reports_with_content(&self, agent: &AgentId, content: &Digest) -> Result<Vec<ReportRecord>> {
        self.read("give an agent's reports", |db| agents::reports_with_content(db, agent, content))
    }

    fn open_reports(&self) -> Result<Vec<ReportRecord>> {
        self.read("give its open reports", agents::open_reports)
    }

    fn report(&self, id: i64) -> Result<Option<ReportRecord>> {
        self.read("give a report", |db| agents::report(db, id))
    }

    fn report_contents(&self, since: Time) -> Result<Vec<Digest>> {
        self.read("give the contents of its reports", |db| agents::report_contents(db, since))
    }

    fn jobs_judged_from(&self, report: i64) -> Result<Vec<JobId>> {
        self.read("give the jobs of a report", |db| agents::jobs_judged_from(db, report))
    }

    fn judged_before(&self, job: &JobId, sha256: &Digest) -> Result<bool> {
        self.read("look for bytes in its history", |db| entries::judged_before(db, job, sha256))
    }

    fn entries(&self, filter: &EntryFilter) -> Result<Vec<Entry>> {
        self.read("give its history", |db| entries::select(db, filter))
    }

    fn good_entries(&self, job: &JobId, limit: usize) -> Result<Vec<Entry>> {
        self.read("give a job's good backups", |db| entries::good(db, job, limit))
    }

    fn held_entries(&self, job: &JobId, limit: usize) -> Result<Vec<Entry>> {
        self.read("give a job's held backups", |db| entries::held(db, job, limit))
    }

    fn versions(&self, job: Option<&JobId>) -> Result<Vec<Version>> {
        self.read("give its versions", |db| versions::select(db, job))
    }

    fn has_versions(&self) -> Result<bool> {
        let query = "SELECT EXISTS (SELECT 1 FROM versions)";
        self.read("say whether it knows versions", |db| db.query_row(query, [], |row| row.get(0)))
    }

    fn holdings(&self, since: Time) -> Result<Holdings> {
        self.read("give what its versions come to", |db| versions::holdings(db, since))
    }

    fn incidents(&self, resolved_since: Option<Time>) -> Result<Vec<Incident>> {
        self.read("give its incidents", |db| incidents::select(db, resolved_since))
    }

    fn incidents_by_id(&self, ids: &[i64]) -> Result<Vec<Incident>> {
        self.read("give its incidents", |db| incidents::by_id(db, ids))
    }

    fn audit(&self, limit: usize) -> Result<Vec<AuditLine>> {
        self.read("give what operators changed", |db| meta::audit(db, limit))
    }

    fn commit(&mut self, unit: &Unit) -> Result<Option<i64>> {
        self.write("record a unit of work", |db| commit(db, unit))
    }

    fn begin_scan(&mut self, started_at: Time) -> Result<i64> {
        self.write("begin a scan", |db| meta::begin_scan(db, started_at))
    }

    fn finish_scan(&mut self, id: i64, finished_at: Time) -> Result<()> {
        self.write("finish a scan", |db| meta::finish_scan(db, id, finished_at))
    }

    fn forget_scan(&mut self, id: i64) -> Result<()> {
        self.write("forget a scan", |db| meta::forget_scan(db, id))
    }

    fn acknowledge(
        &mut self,
        incident: i64,
        acknowledgement: Option<&Acknowledgement>,
        audit: &AuditLine,
    ) -> Result<()> {
        self.write("acknowledge an incident", |db| {
            incidents::acknowledge(db, incident, acknowledgement)?;
            meta::add_audit(db, audit)
        })
    }

    fn rename_job(&mut self, from: &JobId, to: &JobKey, audit: &AuditLine) -> Result<()> {
        self.write("rename a job", |db| {
            jobs::rename(db, from, to)?;
            meta::add_audit(db, audit)
        })
    }

    fn rename_agent(&mut self, from: &AgentId, to: &AgentId, audit: &AuditLine) -> Result<()> {
        self.write("rename an agent", |db| {
            rename_agent(db, from, to, audit.at)?;
            meta::add_audit(db, audit)
        })
    }

    fn hand_over(&mut self, from: &AgentId, heirs: &[Heir], audit: &AuditLine) -> Result<()> {
        self.write("hand an agent's jobs over", |db| {
            hand_over(db, from, heirs, audit.at)?;
            meta::add_audit(db, audit)
        })
    }

    fn note_check(&mut self, at: Time) -> Result<()> {
        self.write("note a check", |db| meta::note_check(db, at))
    }

    fn note_heartbeat(&mut self, at: Time) -> Result<()> {
        self.write("note a heartbeat", |db| meta::note_heartbeat(db, at))
    }

    fn told(&self, recipient: &str) -> Result<Vec<Told>> {
        self.read("say what a recipient was told", |db| mails::told(db, recipient))
    }

    fn recipients(&self) -> Result<Vec<String>> {
        self.read("give its recipients", mails::recipients)
    }

    fn last_mail(&self, recipient: &str, kind: MailKind) -> Result<Option<Time>> {
        self.read("say when a mail was sent", |db| mails::last(db, recipient, kind))
    }

    fn waiting_mails(&self) -> Result<Vec<FrozenMail>> {
        self.read("give its waiting mails", mails::waiting)
    }

    fn mails_about(&self, incidents: &[i64]) -> Result<Vec<FrozenMail>> {
        self.read("give the mails about incidents", |db| mails::about(db, incidents))
    }

    fn freeze_mail(&mut self, mail: &FrozenMail) -> Result<i64> {
        self.write("freeze a mail", |db| mails::freeze(db, mail))
    }

    fn mail_sent(&mut self, id: i64, at: Time) -> Result<()> {
        self.write("mark a mail as sent", |db| mails::sent(db, id, at))
    }

    fn mail_failed(&mut self, id: i64, error: &str, next_attempt_at: Time) -> Result<()> {
        self.write("mark a mail as failed", |db| mails::failed(db, id, error, next_attempt_at))
    }

    fn withdraw_mail(&mut self, id: i64, audit: &AuditLine) -> Result<()> {
        self.write("withdraw a mail", |db| {
            mails::withdraw(db, id)?;
            meta::add_audit(db, audit)
        })
    }

    fn prune(&mut self, before: Time) -> Result<usize> {
        self.write("forget what is old", |db| {
            let entries = entries::prune(db, before)?;
            mails::prune(db, before)?;
            incidents::prune(db, before)?;
            meta::prune(db, before)?;
            Ok(entries)
        })
    }

    fn examine(&self) -> Result<()> {
        let fault = self.read("be examined", first_fault_of_file)?;
        let path = self.path.clone();
        fault.map_or(Ok(()), |reason| Err(StoreError::Damaged { path, reason }))
    }

    fn check(&self) -> Result<Vec<String>> {
        let mut faults = self.read("be checked", faults_of_file)?;
        faults.extend(self.unreadable_values().into_iter().map(|e| e.to_string()));
        Ok(faults)
    }

    fn copy_to(&self, target: &Path) -> Result<()> {
        if !self.read_only {
            return open::copy_to(&self.db, &self.path, target);
        }
        // SQLite copies only outside of a transaction, and a reader's moment is one.
        self.read("be copied", |db| db.execute_batch("ROLLBACK"))?;
        let copied = open::copy_to(&self.db, &self.path, target);
        self.read("be read on", |db| db.execute_batch(open::HOLD_MOMENT))?;
        copied
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_full_disk_is_told_and_loses_nothing() {
        let folder = tempfile::tempdir().unwrap();
        let mut state = Sqlite::open(&folder.path().join("state.db"), Time::UNIX_EPOCH, true).unwrap();
        let pages: i64 = state.db.pragma_query_value(None, "page_count", |row| row.get(0)).unwrap();
        state.db.pragma_update_and_check(None, "max_page_count", pages + 4, |_| Ok(())).unwrap();
        let line = |what: &str| AuditLine {
            at: Time::UNIX_EPOCH,
            who: "root".into(),
            what: what.into(),
            target: "x".into(),
            why: None,
        };
        state.commit(&Unit { audit: vec![line("small")], ..Unit::default() }).unwrap();
        let large = Unit { audit: vec![line("first"), line(&"x".repeat(100_000))], ..Unit::default() };
        assert!(matches!(state.commit(&large), Err(StoreError::Full { .. })));
        assert_eq!(state.audit(9).unwrap(), [line("small")]);
    }

    #[test]
    fn a_value_that_is_no_word_is_damage_and_is_found() {
        let mut state = Sqlite::in_memory(Time::UNIX_EPOCH, true).unwrap();
        let key: JobKey = "A/B".parse().unwrap();
        state.commit(&Unit { jobs: vec![Job::new(key, Time::UNIX_EPOCH, true)], ..Unit::default() }).unwrap();
        assert_eq!(state.check().unwrap(), Vec::<String>::new());
        state.db.execute("UPDATE jobs SET status = 'GREAT'", []).unwrap();
        let said = state.jobs().unwrap_err().to_string();
        assert!(matches!(state.jobs(), Err(StoreError::Damaged { .. })), "{said}");
        assert!(said.contains("`GREAT` is no word of this column"), "{said}");
        assert_eq!(state.check().unwrap(), [said]);
    }

    #[test]
    fn a_job_whose_row_is_not_as_it_was_written_is_damage() {
        let mut state = Sqlite::in_memory(Time::UNIX_EPOCH, true).unwrap();
        let key: JobKey = "A/B".parse().unwrap();
        let job = Job::new(key, Time::UNIX_EPOCH, true);
        for otherwise in
            ["held = 1 - held", "ignored = 1 - ignored", "retired_at = 0", "covered_by = 1", "sum = sum + 1"]
        {
            state.commit(&Unit { jobs: vec![job.clone()], ..Unit::default() }).unwrap();
            assert_eq!(state.jobs().unwrap(), std::slice::from_ref(&job));
            state.db.execute(&format!("UPDATE jobs SET {otherwise}"), []).unwrap();
            let said = state.jobs().unwrap_err().to_string();
            assert!(said.starts_with("the state `:memory:` is damaged: "), "{otherwise}: {said}");
            assert!(said.ends_with(&format!("the row of `{}` is not as it was written", job.id)), "{said}");
            assert_eq!(state.check().unwrap(), [said]);
        }
        // A new name is no damage.
        state.commit(&Unit { jobs: vec![job.clone()], ..Unit::default() }).unwrap();
        let line = AuditLine {
            at: Time::UNIX_EPOCH,
            who: "x".into(),
            what: "x".into(),
            target: "x".into(),
            why: None,
        };
        state.rename_job(&job.id, &"C/D".parse().unwrap(), &line).unwrap();
        assert_eq!(state.jobs().unwrap()[0].key.to_string(), "C/D");
    }
}
