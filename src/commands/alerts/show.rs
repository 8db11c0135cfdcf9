//! `alerts show`: all that is known of one alert.

use std::fmt::Write as _;

use anyhow::{Result, anyhow};
use chrono::TimeDelta;
use serde::Serialize;

use crate::commands::context::Context;
use crate::commands::print;
use crate::commands::snapshot::Snapshot;
use crate::domain::incident::Acknowledgement;
use crate::domain::text::{duration, printable, rfc3339};
use crate::domain::{Entry, Incident, JobKey};
use crate::exit::{Advise as _, Exit};
use crate::render::json::{AlertRow, EntryRow, Utc};
use crate::render::{View, table, trouble};
use crate::store::{EntryFilter, FrozenMail, Store};

/// Newest entries that are shown.
const ENTRIES: usize = 30;
/// The entry that opened an alert was judged in the same scan, and a missed cycle at its deadline.
const BEFORE: TimeDelta = TimeDelta::days(1);

pub fn show(context: &Context, id: i64) -> Result<Exit> {
    let store = context.reader()?;
    let incident = store
        .incidents_by_id(&[id])?
        .pop()
        .ok_or_else(|| anyhow!("no alert has the number {id}"))
        .hint("`backupmon alerts list --all` shows the numbers; resolved ones are forgotten in time")
        .or_usage()?;
    let snapshot = Snapshot::load(context, &store)?;
    let view = snapshot.view(context);
    let key = snapshot.jobs.iter().find(|known| Some(&known.job.id) == incident.subject.job.as_ref());
    let found = Found {
        entries: entries(&store, &incident)?,
        mails: store.mails_about(&[id])?,
        key: key.map(|known| &known.job.key),
        next: trouble::next_step(&view, &incident).filter(|_| incident.is_open()),
        incident,
    };
    if context.json {
        print::json(&found.document(context))?;
    } else {
        print::text(&found.text(context, &view))?;
    }
    Ok(Exit::Done)
}

/// The job's entries while it lasted, newest first.
fn entries(store: &dyn Store, incident: &Incident) -> Result<Vec<Entry>> {
    let Some(job) = &incident.subject.job else { return Ok(Vec::new()) };
    let since = incident.opened_at - BEFORE;
    let filter = EntryFilter { jobs: Some(vec![job.clone()]), since: Some(since), ..EntryFilter::default() };
    let mut entries = store.entries(&filter)?;
    entries.retain(|entry| incident.resolved_at.is_none_or(|end| entry.judged_at <= end));
    entries.reverse();
    entries.truncate(ENTRIES);
    Ok(entries)
}

struct Found<'s> {
    incident: Incident,
    key: Option<&'s JobKey>,
    entries: Vec<Entry>,
    mails: Vec<FrozenMail>,
    /// In words, and a command.
    next: Option<(String, String)>,
}

#[derive(Serialize)]
struct Document<'f> {
    alert: AlertRow<'f>,
    acknowledgement: Option<Taken<'f>>,
    entries: Vec<EntryRow<'f>>,
    messages: Vec<Message<'f>>,
    next_step: Option<&'f str>,
    command: Option<&'f str>,
}

#[derive(Serialize)]
struct Taken<'f> {
    who: &'f str,
    why: &'f str,
    at: Utc,
    until: Option<Utc>,
}

#[derive(Serialize)]
struct Message<'f> {
    recipient: &'f str,
    news: &'static str,
    created_at: Utc,
    sent_at: Option<Utc>,
    last_error: Option<&'f str>,
}

impl Found<'_> {
    fn messages(&self) -> impl Iterator<Item = Message<'_>> {
        self.mails.iter().flat_map(|mail| {
            mail.items.iter().filter(|item| item.incident == self.incident.id).map(|item| Message {
                recipient: &mail.recipient,
                news: item.news.word(),
                created_at: Utc(mail.created_at),
                sent_at: mail.sent_at.map(Utc),
                last_error: mail.last_error.as_deref(),
            })
        })
    }

    fn document(&self, context: &Context) -> Document<'_> {
        Document {
            alert: AlertRow::new(&self.incident, context.now),
            acknowledgement: self.incident.acknowledged.as_ref().map(|taken| Taken {
                who: &taken.who,
                why: &taken.why,
                at: Utc(taken.at),
                until: taken.until.map(Utc),
            }),
            entries: self.entries.iter().map(|entry| EntryRow::new(entry, self.key)).collect(),
            messages: self.messages().collect(),
            next_step: self.next.as_ref().map(|(step, _)| step.as_str()),
            command: self.next.as_ref().map(|(_, command)| command.as_str()),
        }
    }

    fn text(&self, context: &Context, view: &View) -> String {
        let incident = &self.incident;
        let mut text = table::alerts(view, [incident], context.style);
        let mut line = |name: &str, value: &str| {
            // Writing to a string cannot fail.
            let _ = writeln!(text, "{name}: {}", printable(value));
        };
        line("what happened", &incident.message);
        let lasted = duration(incident.resolved_at.unwrap_or(context.now) - incident.opened_at);
        match incident.resolved_at {
            Some(end) => line("resolved", &format!("{} after {lasted}", rfc3339(end))),
            None => line("open for", &lasted),
        }
        if let Some(taken) = &incident.acknowledged {
            line("taken on", &taken_on(taken));
        }
        if let Some((step, command)) = &self.next {
            line("next", &format!("{step} {command}"));
        }
        if !self.entries.is_empty() {
            text.push('\n');
            text.push_str(&table::history(&self.entries, |_| self.key, context.style));
        }
        text.push('\n');
        let mut messages = self.messages().peekable();
        if messages.peek().is_none() {
            text.push_str("nobody was told yet\n");
            return text;
        }
        let rows = messages.map(|message| {
            let how = match (message.sent_at, message.last_error) {
                (Some(at), _) => rfc3339(at.0),
                (None, Some(error)) => format!("not yet: {error}"),
                (None, None) => "not yet".to_owned(),
            };
            [message.recipient.to_owned(), message.news.to_owned(), how]
        });
        text.push_str(&table::rows(["TOLD", "NEWS", "SENT"], rows, context.style));
        text
    }
}

fn taken_on(taken: &Acknowledgement) -> String {
    let until =
        taken.until.map_or_else(|| "until it is resolved".to_owned(), |at| format!("until {}", rfc3339(at)));
    format!("by {} since {}, {until}: {}", taken.who, rfc3339(taken.at), taken.why)
}
