//! Atom: one entry per incident, with an id that stays; its end updates the entry instead of adding one.

use askama::Template;

use super::terms::acknowledged;
use super::view::View;
use crate::domain::Incident;
use crate::domain::text::{cut, printable, rfc3339};

/// Newest incidents that the feed keeps.
const ENTRIES: usize = 200;

#[derive(Template)]
#[template(path = "site/feed.atom.xml", escape = "html")]
struct Feed {
    title: String,
    updated: String,
    scan: String,
    /// Tells it from the feed of another server, and stays when the site moves.
    installation: String,
    base: Option<String>,
    version: String,
    entries: Vec<Entry>,
}

struct Entry {
    id: String,
    title: String,
    updated: String,
    published: String,
    content: String,
    link: Option<String>,
}

/// # Errors
/// When the template cannot be filled, which only a fault of our own can cause.
pub fn atom(view: &View) -> Result<String, askama::Error> {
    let mut incidents: Vec<&Incident> = view.incidents.clone();
    incidents.sort_by_key(|incident| std::cmp::Reverse((updated(incident), incident.id)));
    let base = view.base_url.map(|base| base.trim_end_matches('/').to_owned());
    let entries =
        incidents.into_iter().take(ENTRIES).map(|incident| entry(view, incident, base.as_deref())).collect();
    Feed {
        title: xml(view.title),
        updated: rfc3339(view.generated_at),
        scan: view.scan.map_or_else(|| "none".to_owned(), |scan| scan.id.to_string()),
        installation: installation(view),
        base,
        version: view.version.to_owned(),
        entries,
    }
    .render()
}

/// To the microsecond two states are not created at one moment; a state that is made anew numbers its incidents anew.
fn installation(view: &View) -> String {
    format!("{:x}", view.created_at.timestamp_micros())
}

fn updated(incident: &Incident) -> crate::domain::Time {
    incident.resolved_at.unwrap_or(incident.changed_at)
}

fn entry(view: &View, incident: &Incident, base: Option<&str>) -> Entry {
    let subject = &incident.subject;
    let whom = match (&subject.agent, &incident.database) {
        (None, _) => view.words().text("server").to_owned(),
        (Some(agent), None) => agent.clone(),
        (Some(agent), Some(database)) => format!("{agent}/{database}"),
    };
    let what = incident.cause.as_deref().unwrap_or(subject.kind.word());
    let entry =
        view.words().say("feed-entry", [("whom", whom.into()), ("label", view.words().label(what).into())]);
    let title =
        if incident.is_open() { entry } else { view.words().say("feed-recovered", [("what", entry.into())]) };
    let page = match &subject.job {
        Some(job) if view.job(job.as_str()).is_some() => super::site::job_path(job),
        _ => "alerts.html".to_owned(),
    };
    let by = acknowledged(incident, view.generated_at).map_or_else(String::new, |by| {
        format!(" {}", view.words().say("acknowledged", [("who", (&by.who).into())]))
    });
    Entry {
        // The day on which it was opened makes the tag a valid one; the number never means another incident.
        id: format!(
            "tag:backupmon.invalid,{}:{}.incident-{}",
            incident.opened_at.format("%Y-%m-%d"),
            installation(view),
            incident.id
        ),
        title: xml(&cut(&title, 200)),
        updated: rfc3339(updated(incident)),
        published: rfc3339(incident.opened_at),
        content: xml(&format!("{}{by}", view.said(&incident.message))),
        link: base.map(|base| format!("{base}/{page}")),
    }
}

/// Printable, and without the two characters that XML cannot hold even escaped.
fn xml(text: &str) -> String {
    printable(text).replace(['\u{fffe}', '\u{ffff}'], "\u{fffd}")
}
