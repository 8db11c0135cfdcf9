//! As much of a state as delivering needs, in memory.

use std::collections::BTreeMap;

use backupmon::domain::incident::{Acknowledgement, IncidentChange, Subject};
use backupmon::domain::{AgentId, Digest, Entry, Incident, Job, JobId, Severity, Time, Version};
use backupmon::store::{
    Agent, AuditLine, EntryFilter, FrozenMail, MailKind, Meta, News, ReportRecord, Result, Store, StoreError, Told,
    Unit,
};

pub struct Memory {
    pub created_at: Time,
    pub incidents: Vec<Incident>,
    pub mails: Vec<FrozenMail>,
    told: BTreeMap<(String, i64), Told>,
    /// The next so many acceptances are not recorded, as when the process dies right after the server's answer.
    pub forget_acceptances: usize,
}

impl Memory {
    pub fn new(created_at: Time) -> Self {
        let (incidents, mails, told) = (Vec::new(), Vec::new(), BTreeMap::new());
        Self { created_at, incidents, mails, told, forget_acceptances: 0 }
    }

    pub fn raise(&mut self, subject: Subject, cause: Option<&str>, message: &str, at: Time) -> i64 {
        self.change(&IncidentChange::Raise {
            database: subject.job.as_ref().map(ToString::to_string),
            subject: subject.clone(),
            severity: Severity::Critical,
            cause: cause.map(str::to_owned),
            message: message.to_owned(),
            at,
        });
        self.open(&subject).unwrap().id
    }

    pub fn resolve(&mut self, subject: &Subject, at: Time) {
        self.change(&IncidentChange::Resolve { subject: subject.clone(), at });
    }

    pub fn open(&mut self, subject: &Subject) -> Option<&mut Incident> {
        self.incidents.iter_mut().find(|incident| incident.is_open() && incident.subject == *subject)
    }

    fn change(&mut self, change: &IncidentChange) {
        match change.clone() {
            IncidentChange::Raise { subject, database, severity, cause, message, at } => {
                if let Some(open) = self.open(&subject) {
                    open.changed_at = if open.cause == cause { open.changed_at } else { at };
                    (open.cause, open.message) = (cause, message);
                    return;
                }
                let id = i64::try_from(self.incidents.len()).unwrap() + 1;
                let (opened_at, changed_at, resolved_at, acknowledged) = (at, at, None, None);
                self.incidents.push(Incident {
                    id,
                    subject,
                    database,
                    severity,
                    cause,
                    message,
                    opened_at,
                    changed_at,
                    resolved_at,
                    acknowledged,
                });
            }
            IncidentChange::Resolve { subject, at } => {
                if let Some(open) = self.open(&subject) {
                    open.resolved_at = Some(at);
                }
            }
        }
    }

    fn mail(&mut self, id: i64) -> &mut FrozenMail {
        self.mails.iter_mut().find(|mail| mail.id == id).unwrap()
    }
}

impl Store for Memory {
    fn meta(&self) -> Result<Meta> {
        Ok(Meta {
            created_at: self.created_at,
            fixed_clock: false,
            last_scan: None,
            last_check_at: None,
            last_heartbeat_at: None,
        })
    }

    fn incidents(&self, resolved_since: Option<Time>) -> Result<Vec<Incident>> {
        let since = |resolved: Time| resolved_since.is_some_and(|since| resolved >= since);
        Ok(self.incidents.iter().filter(|i| i.resolved_at.is_none_or(since)).cloned().collect())
    }

    fn commit(&mut self, unit: &Unit) -> Result<Option<i64>> {
        unit.incidents.iter().for_each(|change| self.change(change));
        Ok(None)
    }

    fn told(&self, recipient: &str) -> Result<Vec<Told>> {
        let own = |((to, _), told): &(&(String, i64), &Told)| to == recipient && !told.resolved;
        Ok(self.told.iter().filter(own).map(|(_, told)| told.clone()).collect())
    }

    fn recipients(&self) -> Result<Vec<String>> {
        let told = self.told.keys().map(|(to, _)| to);
        let waiting = self.mails.iter().filter(|mail| mail.sent_at.is_none()).map(|mail| &mail.recipient);
        Ok(told.chain(waiting).cloned().collect())
    }

    fn last_mail(&self, recipient: &str, kind: MailKind) -> Result<Option<Time>> {
        Ok(self.mails.iter().filter(|m| m.recipient == recipient && m.kind == kind).filter_map(|m| m.sent_at).max())
    }

    fn waiting_mails(&self) -> Result<Vec<FrozenMail>> {
        Ok(self.mails.iter().filter(|mail| mail.sent_at.is_none()).cloned().collect())
    }

    fn mails_about(&self, incidents: &[i64]) -> Result<Vec<FrozenMail>> {
        let about = |mail: &&FrozenMail| mail.items.iter().any(|item| incidents.contains(&item.incident));
        Ok(self.mails.iter().filter(about).cloned().collect())
    }

    fn freeze_mail(&mut self, mail: &FrozenMail) -> Result<i64> {
        let id = i64::try_from(self.mails.len()).unwrap() + 1;
        self.mails.push(FrozenMail { id, ..mail.clone() });
        Ok(id)
    }

    fn mail_sent(&mut self, id: i64, at: Time) -> Result<()> {
        if self.forget_acceptances > 0 {
            self.forget_acceptances -= 1;
            return Err(StoreError::Failed { action: "record a mail", reason: "it died".to_owned() });
        }
        let mail = self.mail(id);
        mail.sent_at = Some(at);
        let (recipient, items) = (mail.recipient.clone(), mail.items.clone());
        for item in items {
            let resolved = item.news == News::Resolved;
            let told = Told { incident: item.incident, cause: item.cause, resolved, at };
            self.told.insert((recipient.clone(), item.incident), told);
        }
        Ok(())
    }

    fn mail_failed(&mut self, id: i64, error: &str, next_attempt_at: Time) -> Result<()> {
        let mail = self.mail(id);
        mail.attempts += 1;
        mail.last_error = Some(error.to_owned());
        mail.next_attempt_at = next_attempt_at;
        Ok(())
    }

    fn agents(&self) -> Result<Vec<Agent>> {
        unreachable!("delivering asks for no agents")
    }
    fn jobs(&self) -> Result<Vec<Job>> {
        unreachable!("delivering asks for no jobs")
    }
    fn reports_of(&self, _: &AgentId) -> Result<Vec<ReportRecord>> {
        unreachable!("delivering asks for no reports")
    }
    fn open_reports(&self) -> Result<Vec<ReportRecord>> {
        unreachable!("delivering asks for no reports")
    }
    fn report(&self, _: i64) -> Result<Option<ReportRecord>> {
        unreachable!("delivering asks for no reports")
    }
    fn jobs_judged_from(&self, _: i64) -> Result<Vec<JobId>> {
        unreachable!("delivering asks for no jobs")
    }
    fn judged_before(&self, _: &JobId, _: &Digest) -> Result<bool> {
        unreachable!("delivering asks for no history")
    }
    fn entries(&self, _: &EntryFilter) -> Result<Vec<Entry>> {
        unreachable!("delivering asks for no history")
    }
    fn versions(&self, _: Option<&JobId>) -> Result<Vec<Version>> {
        unreachable!("delivering asks for no versions")
    }
    fn audit(&self, _: usize) -> Result<Vec<AuditLine>> {
        unreachable!("delivering asks for no audit")
    }
    fn begin_scan(&mut self, _: Time) -> Result<i64> {
        unreachable!("delivering scans nothing")
    }
    fn finish_scan(&mut self, _: i64, _: Time) -> Result<()> {
        unreachable!("delivering scans nothing")
    }
    fn acknowledge(&mut self, _: i64, _: Option<&Acknowledgement>, _: &AuditLine) -> Result<()> {
        unreachable!("delivering acknowledges nothing")
    }
    fn note_check(&mut self, _: Time) -> Result<()> {
        unreachable!("delivering checks nothing")
    }
    fn note_heartbeat(&mut self, _: Time) -> Result<()> {
        unreachable!("the caller notes heartbeats")
    }
    fn prune(&mut self, _: Time) -> Result<usize> {
        unreachable!("delivering prunes nothing")
    }
}
