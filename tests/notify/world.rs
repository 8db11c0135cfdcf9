//! A server with a state, two people and a webhook, and a clock that the test moves.

use std::collections::{HashMap, HashSet};

use backupmon::domain::grouping::Fleet;
use backupmon::domain::incident::Subject;
use backupmon::domain::notice::Terms;
use backupmon::domain::{AgentId, Incident, JobId, Time};
use backupmon::notify::channels::{Channels, MailChannel};
use backupmon::notify::recording::Recording;
use backupmon::notify::{Delivery, Facts, NotifyError, Post, Register, Transport, deliver};
use backupmon::render::mail::Overview;
use backupmon::store::FrozenMail;
use chrono::{NaiveTime, TimeDelta};
use mail_parser::{Message, MessageParser};

use crate::memory::Memory;

pub const ADA: &str = "ada@example.org";
pub const GRACE: &str = "Grace Hopper <grace@example.org>";

/// The state was created on Friday, 20 June 2025, at 10:00 in Douala, which is 09:00 UTC.
pub fn start() -> Time {
    "2025-06-20T09:00:00Z".parse().unwrap()
}

#[derive(Default)]
pub struct Book {
    /// Who is told of an agent's incidents; Ada of the others and of the server's.
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
        Facts { last_good: Some(start() - TimeDelta::days(1)), contact, note: None }
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
    pub store: Memory,
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
            store: Memory::new(start()),
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

    pub fn raise(&mut self, subject: &Subject, cause: &str) -> i64 {
        self.store.raise(subject.clone(), Some(cause), &format!("said of {cause}"), self.now)
    }

    pub fn resolve(&mut self, subject: &Subject) {
        self.store.resolve(subject, self.now);
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
    let mail = MailChannel { from: "Backups <backupmon@example.org>".to_owned(), transport: Box::new(transport) };
    Channels { mail: Some(mail), webhooks: Vec::new() }
}

pub fn job(agent: &str, database: &str) -> Subject {
    Subject::job(&AgentId::new(agent).unwrap(), &JobId::from_text(database))
}

pub fn parse(mail: &FrozenMail) -> Message<'_> {
    MessageParser::default().parse(&mail.bytes).unwrap()
}
