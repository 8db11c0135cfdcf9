//! A store that fails at its n-th verb: for tests of what a run does when its state lets it down.

use std::cell::Cell;
use std::collections::HashMap;
use std::path::Path;

use backupmon::domain::forecast::Holdings;
use backupmon::domain::incident::Acknowledgement;
use backupmon::domain::{AgentId, Digest, Entry, Incident, Job, JobId, JobKey, Time, Version};
use backupmon::store::{
    Agent, AuditLine, BegunScan, EntryFilter, FrozenMail, Heir, MailKind, Meta, ReportRecord, Result, Store,
    StoreError, Told, Unit,
};

/// When the failing verb fails.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// Nothing was done.
    Before,
    /// It was done, but the caller hears of a failure: a crash just after the commit.
    After,
}

pub struct FaultyStore<S> {
    pub inner: S,
    fault: Fault,
    /// Verbs still to go until the one that fails; `None` once it has, or never.
    left: Cell<Option<usize>>,
}

impl<S: Store> FaultyStore<S> {
    /// Fails at verb `nth` (from 1), once.
    pub fn new(inner: S, nth: usize, fault: Fault) -> Self {
        Self { inner, fault, left: Cell::new(nth.checked_sub(1)) }
    }

    /// Never fails.
    pub fn sound(inner: S) -> Self {
        Self { inner, fault: Fault::Before, left: Cell::new(None) }
    }

    /// Whether the failure is still to come: a run that ended before it was never tried.
    pub fn is_armed(&self) -> bool {
        self.left.get().is_some()
    }

    fn fails_now(&self) -> bool {
        let left = self.left.get();
        self.left.set(left.and_then(|left| left.checked_sub(1)));
        left == Some(0)
    }
}

fn failure<T>() -> Result<T> {
    Err(StoreError::Failed { action: "do what it was asked", reason: "a test made it fail".to_owned() })
}

macro_rules! verbs {
    ($(fn $verb:ident(&self $(, $name:ident: $type:ty)*) -> $out:ty;)* ; $(fn $verb_mut:ident(&mut self $(, $name_mut:ident: $type_mut:ty)*) -> $out_mut:ty;)*) => {
        impl<S: Store> Store for FaultyStore<S> {
            $(fn $verb(&self $(, $name: $type)*) -> Result<$out> {
                if self.fails_now() { failure() } else { self.inner.$verb($($name),*) }
            })*
            $(fn $verb_mut(&mut self $(, $name_mut: $type_mut)*) -> Result<$out_mut> {
                match (self.fails_now(), self.fault) {
                    (false, _) => self.inner.$verb_mut($($name_mut),*),
                    (true, Fault::Before) => failure(),
                    (true, Fault::After) => {
                        self.inner.$verb_mut($($name_mut),*)?;
                        failure()
                    }
                }
            })*
        }
    };
}

verbs! {
    fn meta(&self) -> Meta;
    fn scans_from(&self, id: i64) -> Vec<BegunScan>;
    fn agents(&self) -> Vec<Agent>;
    fn each_job(&self, visit: &mut dyn FnMut(Job)) -> ();
    fn job_stamps(&self) -> HashMap<JobId, i64>;
    fn reports_of(&self, agent: &AgentId) -> Vec<ReportRecord>;
    fn reports_named(&self, agent: &AgentId, files: &[&str]) -> Vec<ReportRecord>;
    fn reports_with_content(&self, agent: &AgentId, content: &Digest) -> Vec<ReportRecord>;
    fn open_reports(&self) -> Vec<ReportRecord>;
    fn report(&self, id: i64) -> Option<ReportRecord>;
    fn report_contents(&self, since: Time) -> Vec<Digest>;
    fn jobs_judged_from(&self, report: i64) -> Vec<JobId>;
    fn judged_before(&self, job: &JobId, sha256: &Digest) -> bool;
    fn entries(&self, filter: &EntryFilter) -> Vec<Entry>;
    fn good_entries(&self, job: &JobId, limit: usize) -> Vec<Entry>;
    fn held_entries(&self, job: &JobId, limit: usize) -> Vec<Entry>;
    fn versions(&self, job: Option<&JobId>) -> Vec<Version>;
    fn has_versions(&self) -> bool;
    fn holdings(&self, since: Time) -> Holdings;
    fn incidents(&self, resolved_since: Option<Time>) -> Vec<Incident>;
    fn incidents_by_id(&self, ids: &[i64]) -> Vec<Incident>;
    fn audit(&self, limit: usize) -> Vec<AuditLine>;
    fn told(&self, recipient: &str) -> Vec<Told>;
    fn recipients(&self) -> Vec<String>;
    fn last_mail(&self, recipient: &str, kind: MailKind) -> Option<Time>;
    fn waiting_mails(&self) -> Vec<FrozenMail>;
    fn mails_about(&self, incidents: &[i64]) -> Vec<FrozenMail>;
    fn examine(&self) -> ();
    fn check(&self) -> Vec<String>;
    fn copy_to(&self, target: &Path) -> ();
    ;
    fn commit(&mut self, unit: &Unit) -> Option<i64>;
    fn begin_scan(&mut self, started_at: Time) -> i64;
    fn finish_scan(&mut self, id: i64, finished_at: Time) -> ();
    fn forget_scan(&mut self, id: i64) -> ();
    fn acknowledge(&mut self, incident: i64, acknowledgement: Option<&Acknowledgement>, audit: &AuditLine) -> ();
    fn rename_job(&mut self, from: &JobId, to: &JobKey, audit: &AuditLine) -> ();
    fn rename_agent(&mut self, from: &AgentId, to: &AgentId, audit: &AuditLine) -> ();
    fn hand_over(&mut self, from: &AgentId, heirs: &[Heir], audit: &AuditLine) -> ();
    fn note_check(&mut self, at: Time) -> ();
    fn note_heartbeat(&mut self, at: Time) -> ();
    fn freeze_mail(&mut self, mail: &FrozenMail) -> i64;
    fn mail_sent(&mut self, id: i64, at: Time) -> ();
    fn mail_failed(&mut self, id: i64, error: &str, next_attempt_at: Time) -> ();
    fn withdraw_mail(&mut self, id: i64, audit: &AuditLine) -> ();
    fn prune(&mut self, before: Time) -> usize;
}
