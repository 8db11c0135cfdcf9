//! A server with a state, people and a webhook, and a clock that the test moves.

use std::collections::{HashMap, HashSet};

use backupmon::domain::grouping::Fleet;
use backupmon::domain::incident::{Acknowledgement, IncidentChange, Subject};
use backupmon::domain::notice::Terms;
use backupmon::domain::{AgentId, DatabaseName, Incident, Job, JobKey, Severity, Time};
use backupmon::notify::channels::{Channels, MailChannel};
use backupmon::notify::recording::Recording;
use backupmon::notify::{Delivery, Facts, NotifyError, Post, Register, Transport, deliver};
use backupmon::render::mail::Overview;
use backupmon::store::{Agent, AuditLine, FrozenMail, Sqlite, Store, Unit};
use chrono::{NaiveTime, TimeDelta};
use mail_parser::{Message, MessageParser};

use crate::faulty_store::{Fault, FaultyStore};

pub const ADA: &str = "ada@example.org";
pub const GRACE: &str = "Grace Hopper <grace@example.org>";

/// The state was created on Friday, 20 June 2025, at 10:00 in Douala, which is 09:00 UTC.
pub fn start() -> Time {
    "2025-06-20T09:00:00Z".parse().unwrap()
}

#[derive(Default)]
pub struct Book {
    /// Who is told of an agent's incidents; of the others and of the server's it is `default`.
    pub by_agent: HashMap<String, Vec<String>>,
    pub default: Vec<String>,
    pub muted: HashSet<i64>,
    pub fleet: Fleet,
    pub overview: Overview,
}

impl Register for Book {
    fn recipients(&self, incident: &Incident) -> Vec<String> {
        let agent = incident.subject.agent.as_ref();
        agent.and_then(|agent| self.by_agent.get(agent)).unwrap_or(&self.default).clone()
    }
    fn is_muted(&self, incident: &Incident) -> bool {
        self.muted.contains(&incident.id)
    }
    fn facts(&self, _: &Incident) -> Facts {
        let contact = Some("the site's office".to_owned());
        Facts { last_good: Some(start() - TimeDelta::days(1)), contact, ..Facts::default() }
    }
    fn fleet(&self) -> Fleet {
        self.fleet.clone()
    }
    fn digest_recipients(&self) -> Vec<String> {
        self.default.clone()
    }
    fn overview(&self) -> Overview {
        self.overview.clone()
    }
}

pub struct World {
    pub store: FaultyStore<Sqlite>,
    pub book: Book,
    pub channels: Channels,
    pub recording: Recording,
    pub terms: Terms,
    pub now: Time,
}

impl World {
    pub fn new() -> Self {
        let recording = Recording::default();
        Self {
            store: FaultyStore::sound(Sqlite::in_memory(start(), true).unwrap()),
            book: Book { default: vec![ADA.to_owned()], ..Book::default() },
            channels: mail_over(recording.clone()),
            recording,
            terms: Terms {
                gap: TimeDelta::hours(1),
                learning_until: None,
                digest: NaiveTime::from_hms_opt(8, 0, 0),
                timezone: chrono_tz::Africa::Douala,
            },
            now: start(),
        }
    }

    pub fn wait(&mut self, minutes: i64) -> &mut Self {
        self.now += TimeDelta::minutes(minutes);
        self
    }

    pub fn at(&mut self, time: &str) -> &mut Self {
        self.now = time.parse().unwrap();
        self
    }

    /// From now on the store fails at its `nth` verb, once.
    pub fn fail_at(&mut self, nth: usize, fault: Fault) {
        let sound = Sqlite::in_memory(start(), true).unwrap();
        let inner = std::mem::replace(&mut self.store, FaultyStore::sound(sound)).inner;
        self.store = FaultyStore::new(inner, nth, fault);
    }

    /// A job's trouble, of a job that comes to be with it.
    pub fn raise(&mut self, agent: &str, database: &str, cause: &str) -> i64 {
        let key = key(agent, database);
        let known = self.store.inner.jobs().unwrap().iter().any(|job| job.key == key);
        if !known {
            let agent = Agent {
                id: key.agent.clone(),
                root: "/deposits".into(),
                first_seen: start(),
                last_report_at: None,
                log_mtime: None,
                dumps: None,
            };
            let unit =
                Unit { agents: vec![agent], jobs: vec![Job::new(key, start(), false)], ..Unit::default() };
            self.store.inner.commit(&unit).unwrap();
        }
        self.problem(&job(agent, database), Some(database), Some(cause), &format!("said of {cause}"))
    }

    /// Any trouble.
    pub fn problem(
        &mut self,
        subject: &Subject,
        database: Option<&str>,
        cause: Option<&str>,
        message: &str,
    ) -> i64 {
        self.change(IncidentChange::Raise {
            subject: subject.clone(),
            database: database.map(str::to_owned),
            severity: Severity::Critical,
            cause: cause.map(str::to_owned),
            message: message.to_owned(),
            at: self.now,
        });
        self.open(subject).unwrap().id
    }

    pub fn resolve(&mut self, subject: &Subject) {
        self.change(IncidentChange::Resolve { subject: subject.clone(), at: self.now });
    }

    pub fn acknowledge(&mut self, incident: i64, why: &str) {
        let acknowledgement =
            Acknowledgement { who: "ada".to_owned(), why: why.to_owned(), at: self.now, until: None };
        let audit = AuditLine {
            at: self.now,
            who: "ada".to_owned(),
            what: "ack".to_owned(),
            target: incident.to_string(),
            why: None,
        };
        self.store.inner.acknowledge(incident, Some(&acknowledgement), &audit).unwrap();
    }

    fn change(&mut self, change: IncidentChange) {
        self.store.inner.commit(&Unit { incidents: vec![change], ..Unit::default() }).unwrap();
    }

    pub fn open(&self, subject: &Subject) -> Option<Incident> {
        self.store.inner.incidents(None).unwrap().into_iter().find(|incident| incident.subject == *subject)
    }

    pub fn waiting(&self) -> Vec<FrozenMail> {
        self.store.inner.waiting_mails().unwrap()
    }

    pub fn post(&self) -> Post<'_> {
        Post { register: &self.book, channels: &self.channels, terms: self.terms, site: None }
    }

    pub fn try_run(&mut self) -> Result<Delivery, NotifyError> {
        let Self { store, book, channels, terms, now, .. } = self;
        deliver(store, &Post { register: book, channels, terms: *terms, site: None }, *now)
    }

    pub fn run(&mut self) -> Delivery {
        self.try_run().unwrap()
    }

    /// Delivers and gives recipient and subject of what was accepted.
    pub fn told(&mut self) -> Vec<(String, String)> {
        self.run();
        let mails = self.recording.take();
        mails.iter().map(|mail| (mail.recipient.clone(), parse(mail).subject().unwrap().to_owned())).collect()
    }

    /// As [`World::told`], for a world in which only Ada is told.
    pub fn subjects(&mut self) -> Vec<String> {
        self.told().into_iter().map(|(_, subject)| subject).collect()
    }
}

pub fn mail_over(transport: impl Transport + 'static) -> Channels {
    let mail =
        MailChannel { from: "Backups <backupmon@example.org>".to_owned(), transport: Box::new(transport) };
    Channels { mail: Some(mail), webhooks: Vec::new(), ..Channels::default() }
}

fn key(agent: &str, database: &str) -> JobKey {
    JobKey { agent: AgentId::new(agent).unwrap(), database: DatabaseName::new(database).unwrap() }
}

pub fn job(agent: &str, database: &str) -> Subject {
    let key = key(agent, database);
    Subject::job(&key.agent, &key.id())
}

pub fn parse(mail: &FrozenMail) -> Message<'_> {
    MessageParser::default().parse(&mail.bytes).unwrap()
}
