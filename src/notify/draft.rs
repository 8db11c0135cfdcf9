//! Turns news into a view to render: groups them, and fetches what is said beside each.

use std::collections::HashMap;

use chrono_tz::Tz;

use super::NotifyError;
use super::message::Letter;
use super::register::{Facts, Register};
use crate::domain::family::retire_commands;
use crate::domain::grouping::{Fleet, Group, Shape, group};
use crate::domain::notice::{Item, News};
use crate::domain::text::rfc3339;
use crate::domain::urgency::{Urgency, is_doubtful};
use crate::domain::{Incident, IncidentKind, Labels, Problem, Time};
use crate::render::Language;
use crate::render::mail::{
    CauseView, DigestView, LastGood, Line, MailView, Omitted, Overview, TakenOn, render,
};
use crate::store::{MailItem, MailKind};

/// Causes in one part of a mail, databases named of one cause, contacts and notes of one cause.
const CAUSES_SHOWN: usize = 50;
const DATABASES_SHOWN: usize = 8;
const CONTACTS_SHOWN: usize = 3;
const TAKEN_ON_SHOWN: usize = 200;
/// News in one document for machines.
const JSON_NEWS: usize = 1000;

/// What the digest says beside the news.
pub(super) struct Digest<'a> {
    pub reminders: Vec<&'a Incident>,
    /// Open for over a week, listed on Mondays only.
    pub older: usize,
    pub taken_on: Vec<&'a Incident>,
    pub undelivered: Option<(usize, Time)>,
    pub overview: Option<Overview>,
}

pub(super) struct Drafter<'a> {
    pub register: &'a dyn Register,
    pub fleet: &'a Fleet,
    /// All that is open: half of a silence may have been told before.
    pub all_open: &'a [Incident],
    pub language: Language,
    pub timezone: Tz,
    pub site: Option<&'a str>,
    pub now: Time,
}

impl Drafter<'_> {
    pub fn letter(
        &self,
        recipient: &str,
        kind: MailKind,
        news: &[Item<'_>],
        items: Vec<MailItem>,
        digest: Option<&Digest<'_>>,
    ) -> Result<Letter, NotifyError> {
        let rendered = render(&self.view(news, digest)).map_err(|error| NotifyError::Compose {
            recipient: recipient.to_owned(),
            reason: error.to_string(),
        })?;
        let news = news.iter().take(JSON_NEWS).map(json).collect();
        Ok(Letter { recipient: recipient.to_owned(), kind, items, rendered, news })
    }

    fn view(&self, news: &[Item<'_>], digest: Option<&Digest<'_>>) -> MailView {
        let changes: HashMap<i64, News> = news.iter().map(|item| (item.incident.id, item.news)).collect();
        let of = |resolved: bool| -> Vec<&Incident> {
            news.iter()
                .filter(|item| (item.news == News::Resolved) == resolved)
                .map(|item| item.incident)
                .collect()
        };
        let all_open: Vec<&Incident> = self.all_open.iter().collect();
        let (opened, resolved) = (of(false), of(true));
        let mut omitted = Omitted::default();
        MailView {
            now: self.now,
            language: self.language,
            timezone: self.timezone,
            site: self.site.map(str::to_owned),
            news: self.causes(&opened, &all_open, &changes, &mut omitted),
            resolved: self.causes(&resolved, &resolved, &changes, &mut omitted),
            digest: digest.map(|digest| DigestView {
                open: self.causes(&digest.reminders, &all_open, &changes, &mut omitted),
                older: digest.older,
                taken_on: digest
                    .taken_on
                    .iter()
                    .take(TAKEN_ON_SHOWN)
                    .filter_map(|incident| taken_on(incident))
                    .collect(),
                undelivered: digest.undelivered,
                overview: digest.overview.clone(),
            }),
            omitted,
        }
    }

    fn causes(
        &self,
        incidents: &[&Incident],
        all: &[&Incident],
        changes: &HashMap<i64, News>,
        omitted: &mut Omitted,
    ) -> Vec<CauseView> {
        let mut groups = group(incidents, all, self.fleet);
        groups.sort_by_cached_key(|group| std::cmp::Reverse(self.urgency(group)));
        for left_out in groups.iter().skip(CAUSES_SHOWN) {
            omitted.causes += 1;
            omitted.incidents += left_out.members.len();
        }
        groups.iter().take(CAUSES_SHOWN).map(|group| self.cause(group, changes)).collect()
    }

    /// As the site orders its causes.
    fn urgency(&self, group: &Group<'_>) -> Urgency {
        let concerned = || group.members.iter().filter(|one| one.subject.job.is_some());
        let good = || concerned().map(|incident| self.register.facts(incident).last_good);
        let oldest: Option<Option<Time>> = good().min();
        Urgency::new(
            group.severity(),
            group.is_servers(),
            group.members.iter().any(|one| is_doubtful(one.subject.kind, one.cause.as_deref())),
            oldest == Some(None),
            oldest.flatten(),
            concerned().count(),
        )
    }

    fn cause(&self, group: &Group<'_>, changes: &HashMap<i64, News>) -> CauseView {
        let members = &group.members;
        let news = members.iter().map(|one| changes.get(&one.id).copied().unwrap_or(News::Reminder));
        // A cause is new as soon as one of its incidents is.
        let news = news.reduce(|a, b| if a == b { a } else { News::Opened }).unwrap_or(News::Reminder);
        let facts: Vec<_> = members.iter().map(|incident| self.register.facts(incident)).collect();
        let last_good = if members.iter().any(|incident| incident.subject.job.is_some()) {
            // `None` sorts before all: one job that never had any decides.
            facts.iter().map(|facts| facts.last_good).min().flatten().map_or(LastGood::Never, LastGood::At)
        } else {
            LastGood::NotAsked
        };
        let newest = members.iter().max_by_key(|incident| incident.changed_at);
        let kind = newest.map_or(IncidentKind::Job, |incident| incident.subject.kind);
        let cause = newest.and_then(|incident| incident.cause.clone());
        let said = newest.map_or("", |incident| &incident.message);
        CauseView {
            shape: group.shape.clone(),
            news,
            severity: group.severity(),
            word: cause.filter(|_| kind == IncidentKind::Job).unwrap_or_else(|| kind.word().to_owned()),
            is_job: members.iter().any(|incident| incident.subject.job.is_some()),
            place: Line::new(&place(&group.shape)),
            agent: group.agent().map(Line::new),
            databases: databases(group),
            total: members.len(),
            since: members.iter().map(|incident| incident.opened_at).min().unwrap_or(self.now),
            until: members.iter().filter_map(|incident| incident.resolved_at).max(),
            last_good,
            message: Line::new(&self.language.words().retell(said, self.timezone)),
            commands: commands(group, facts.first()),
            contacts: different(facts.iter().filter_map(|facts| facts.contact.as_deref())),
            notes: different(facts.iter().filter_map(|facts| facts.note.as_deref())),
        }
    }
}

fn place(shape: &Shape) -> String {
    let Shape::Region { shared: Labels { company, city, neighborhood, year: _ }, .. } = shape else {
        return String::new();
    };
    [company, city, neighborhood].into_iter().flatten().map(String::as_str).collect::<Vec<_>>().join(" ")
}

/// Of a region the agents say more than their databases.
fn databases(group: &Group<'_>) -> Vec<Line> {
    match group.shape {
        Shape::Region { .. } => {
            let mut agents: Vec<&str> =
                group.members.iter().filter_map(|i| i.subject.agent.as_deref()).collect();
            agents.sort_unstable();
            agents.dedup();
            agents.into_iter().take(DATABASES_SHOWN).map(Line::new).collect()
        }
        Shape::SilentAgent | Shape::HeldTogether | Shape::SameCause | Shape::Single => group
            .members
            .iter()
            .filter_map(|i| i.database.as_deref())
            .take(DATABASES_SHOWN)
            .map(Line::new)
            .collect(),
    }
}

fn different<'a>(texts: impl Iterator<Item = &'a str>) -> Vec<Line> {
    let mut found: Vec<&str> = Vec::new();
    for text in texts {
        if found.len() < CONTACTS_SHOWN && !found.contains(&text) {
            found.push(text);
        }
    }
    found.into_iter().map(Line::new).collect()
}

/// Our own commands that help. People paste them: a name that a shell could misread is left out.
fn commands(group: &Group<'_>, facts: Option<&Facts>) -> Vec<String> {
    if let Some(facts) = facts.filter(|facts| !facts.over.is_empty()) {
        return retire_commands(&facts.over);
    }
    let Some(first) = group.members.first() else { return Vec::new() };
    let agent = group.agent().filter(|agent| is_plain(agent));
    let job = first.subject.job.as_ref().map(crate::domain::JobId::as_str).filter(|id| is_plain(id));
    match (&group.shape, first.subject.kind, agent, job) {
        (Shape::Region { .. }, ..) => vec!["backupmon alerts list".to_owned()],
        (Shape::HeldTogether, _, Some(agent), _) => {
            vec![
                format!("backupmon versions list --agent {agent}"),
                format!("backupmon promote --accept --agent {agent} --reason TEXT"),
            ]
        }
        (Shape::SilentAgent | Shape::SameCause, _, Some(agent), _) => {
            vec![format!("backupmon jobs list --agent {agent}")]
        }
        (Shape::Single, IncidentKind::Problem(Problem::VersionHeld), _, Some(job)) => {
            vec![
                format!("backupmon versions list {job}"),
                format!("backupmon promote --accept {job} --reason TEXT"),
            ]
        }
        (Shape::Single, IncidentKind::Problem(Problem::RetiredReports), _, Some(job)) => {
            vec![format!("backupmon history {job}"), format!("backupmon jobs resume {job}")]
        }
        (Shape::Single, IncidentKind::Problem(Problem::VersionDamaged), _, Some(job)) => {
            vec![format!("backupmon versions list {job}"), format!("backupmon verify {job}")]
        }
        (Shape::Single, _, _, Some(job)) => {
            vec![format!("backupmon jobs show {job}"), format!("backupmon history {job}")]
        }
        (Shape::Single, _, Some(agent), None) => vec![format!("backupmon agents show {agent}")],
        (Shape::Single, IncidentKind::Problem(Problem::StateDamaged), None, None) => {
            vec!["backupmon state check".to_owned()]
        }
        (Shape::SilentAgent | Shape::HeldTogether | Shape::SameCause | Shape::Single, ..) => {
            vec!["backupmon doctor".to_owned()]
        }
    }
}

fn is_plain(name: &str) -> bool {
    name.starts_with(|c: char| c.is_ascii_alphanumeric())
        && name.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.'))
}

fn taken_on(incident: &Incident) -> Option<TakenOn> {
    let taken = incident.acknowledged.as_ref()?;
    let what = match (&incident.subject.agent, &incident.database) {
        (Some(agent), Some(database)) => format!("{agent}/{database}"),
        (Some(agent), None) => format!("{agent}, {}", incident.subject.kind.word()),
        (None, _) => incident.subject.kind.word().to_owned(),
    };
    Some(TakenOn {
        what: Line::new(&what),
        who: Line::new(&taken.who),
        why: Line::new(&taken.why),
        until: taken.until,
    })
}

/// An alert as `alerts list --json` has it, with what is new about it.
fn json(item: &Item<'_>) -> serde_json::Value {
    let incident = item.incident;
    serde_json::json!({
        "id": incident.id,
        "news": item.news,
        "agent": incident.subject.agent,
        "job_id": incident.subject.job.as_ref().filter(|_| incident.subject.kind == IncidentKind::Job),
        "database": incident.database,
        "kind": incident.subject.kind.word(),
        "severity": incident.severity,
        "cause": incident.cause,
        "message": incident.message,
        "opened_at": rfc3339(incident.opened_at),
        "resolved_at": incident.resolved_at.map(rfc3339),
        "acknowledged": incident.acknowledged,
    })
}
