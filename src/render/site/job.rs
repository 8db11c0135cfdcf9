//! The page of one job: what it is, what to do, what proves it. It carries no time of its own.

use std::borrow::Cow;

use askama::Template;

use super::charts::steps::{Steps, chart as steps_chart};
use super::charts::{Chart, Shape, arrival, ruler, sizes, steps};
use super::frame::Frame;
use super::index::health_of;
use super::rows::{Badge, Link, Moment, badge, marks, moment, short, tone};
use super::{agent_path, alerts};
use crate::domain::notice::News;
use crate::domain::retention::Fate;
use crate::domain::settings::Source;
use crate::domain::text::{cut, printable};
use crate::domain::{Digest, Entry, Status, Time, Version, Warning};
use crate::render::facts::{JobDetails, Message};
use crate::render::terms::{kept_by, settings_in_force, warnings_said};
use crate::render::trouble::Trouble;
use crate::render::view::{Health, JobView, View};
use crate::render::words::Words;

/// Entries that the page shows.
const ENTRIES: usize = 30;
/// Messages that the page shows.
const MESSAGES: usize = 20;
const HASH_SHOWN: usize = 12;

#[derive(Template)]
#[template(path = "site/job.html")]
pub struct Page {
    f: Frame,
    agent: Link,
    labels: String,
    tone: &'static str,
    shield: &'static str,
    badge: Badge,
    marks: Vec<Badge>,
    sentence: String,
    warnings: Option<String>,
    restore: String,
    /// Why nothing is expected of it, or nobody is reminded of it, and until when.
    quiet: Vec<String>,
    steps: Vec<Todo>,
    facts: Vec<Fact>,
    hashes: Hashes,
    arrival: Option<Chart>,
    steps_taken: Option<Steps>,
    sizes: Option<Chart>,
    ruler: Option<Chart>,
    /// The retention in one sentence.
    retention: String,
    settings: Vec<Setting>,
    versions: Vec<VersionRow>,
    entries: Vec<EntryRow>,
    alerts: Vec<Alert>,
    messages: Vec<Sent>,
}

struct Todo {
    next_step: String,
    command: String,
}

struct Fact {
    name: &'static str,
    time: Option<Moment>,
    text: String,
}

struct Setting {
    key: &'static str,
    value: String,
    source: String,
}

struct VersionRow {
    name: String,
    marks: Vec<Badge>,
    report_time: String,
    size: String,
    kept_by: String,
    verified: String,
    sha256: String,
}

struct EntryRow {
    badge: Badge,
    judged: String,
    report_time: String,
    report: String,
    /// How long all took, and each step.
    took: String,
    each: String,
    size: String,
    sha256: String,
    sentence: String,
}

/// A message and whether it reached its recipient.
struct Sent {
    at: String,
    badge: Badge,
    recipient: String,
    error: String,
}

struct Alert {
    opened: String,
    badge: Badge,
    sentence: String,
    ended: String,
}

fn warned(words: &Words, warnings: &[Warning]) -> Option<String> {
    let said = warnings_said(words, warnings);
    (!said.is_empty()).then(|| words.say("warnings", [("said", said.into())]))
}

pub fn page(view: &View, job: &JobView, troubles: &[&Trouble], details: &JobDetails) -> Page {
    let words = view.words();
    // What was judged last says nothing of a job that is paused, unless it is what is wrong.
    let (sentence, paused) = match view.paused(job) {
        Some(paused) if !job.is_critical() => (short(&paused), None),
        paused => (sentence(view, job), paused),
    };
    let (tone, shield) = match health_of([job], troubles) {
        // That it is not watched is no question.
        Health::Unknown if job.standing.status == Status::Paused => ("unknown", "P"),
        health => tone(health),
    };
    let badge = badge(view, job.standing.status);
    let title = format!("{}: {} · {}", badge.word, job.database(), job.agent());
    let entries = &details.entries;
    let schedule = &job.effective.schedule;
    let cycle = job.standing.cycle;
    Page {
        f: Frame::timeless(view, job.database(), format!("api/jobs/{}.json", job.job.id)).titled(&title),
        agent: Link { href: agent_path(job.agent()), text: printable(job.agent()) },
        labels: labels(job),
        tone,
        shield,
        badge,
        marks: marks(view, job),
        sentence,
        warnings: warned(words, &job.standing.warnings),
        restore: restore_line(view, job),
        quiet: paused.into_iter().chain(view.kept_quiet(job)).map(|line| short(&line)).collect(),
        steps: to_do(troubles),
        facts: facts(view, job),
        hashes: Hashes::of(view, details),
        arrival: arrival::chart(view, schedule, entries),
        steps_taken: steps_chart(view, entries),
        sizes: sizes::chart(view, entries),
        ruler: cycle.and_then(|cycle| ruler::chart(view, schedule.timezone, cycle, entries)),
        retention: retention(view, job),
        settings: settings(view, job),
        versions: details.versions.iter().map(|(v, fate)| version_row(view, job, v, fate.as_ref())).collect(),
        entries: entries.iter().take(ENTRIES).map(|entry| entry_row(view, entry)).collect(),
        alerts: alert_rows(view, details),
        messages: details.messages.iter().take(MESSAGES).map(|message| sent(view, message)).collect(),
    }
}

/// What is worst: of a job whose backup is in order the damage of its version.
fn sentence(view: &View, job: &JobView) -> String {
    let damage = view.damage_of(job).filter(|_| !job.is_bad());
    let said = damage.map(|incident| Cow::Borrowed(incident.message.as_str())).or_else(|| job.message());
    said.map(|said| short(&view.said(&said))).unwrap_or_default()
}

/// What a restore would give, and that a newer backup is not kept where so.
fn restore_line(view: &View, job: &JobView) -> String {
    let words = view.words();
    let copy = match job.last_good() {
        Some(at) => words.say("restore-line", [("time", view.when(at).into())]),
        None => words.text("no-restore-line").to_owned(),
    };
    match job.unkept() {
        Some(at) => format!("{copy} {}", words.say("unkept-line", [("time", view.when(at).into())])),
        None => copy,
    }
}

fn retention(view: &View, job: &JobView) -> String {
    let policy = &job.effective.retention;
    let words = view.words();
    words.say(
        "retention-line",
        [
            ("last", policy.keep_last.to_string().into()),
            ("within", words.span(policy.keep_within.delta()).into()),
            ("daily", policy.keep_daily.to_string().into()),
            ("weekly", policy.keep_weekly.to_string().into()),
            ("monthly", policy.keep_monthly.to_string().into()),
            ("yearly", policy.keep_yearly.to_string().into()),
            ("least", policy.min_good.to_string().into()),
        ],
    )
}

fn sent(view: &View, message: &Message) -> Sent {
    let words = view.words();
    let (class, icon) = match (message.sent_at, message.news) {
        (None, _) => ("L", "L"),
        (Some(_), News::Resolved) => ("S", "S"),
        (Some(_), News::Opened | News::Changed | News::Reminder) => ("F", "risk"),
    };
    let word = match message.news {
        News::Opened => words.text("news-opened"),
        News::Changed => words.text("news-changed"),
        News::Reminder => words.text("news-reminder"),
        News::Resolved => words.text("news-resolved"),
    };
    Sent {
        at: view.when(message.sent_at.unwrap_or(message.written_at)),
        badge: Badge { class, icon, word: word.to_owned() },
        recipient: printable(&message.recipient),
        error: match (&message.error, message.sent_at) {
            (_, Some(_)) => String::new(),
            (error, None) => {
                words.say("not-sent", [("error", error.as_deref().map(short).unwrap_or_default().into())])
            }
        },
    }
}

fn labels(job: &JobView) -> String {
    let labels = &job.labels;
    let texts =
        [&labels.company, &labels.city, &labels.neighborhood].into_iter().flatten().map(|l| printable(l));
    texts.chain(labels.year.map(|year| year.to_string())).collect::<Vec<_>>().join(" · ")
}

fn to_do(troubles: &[&Trouble]) -> Vec<Todo> {
    let todo =
        |trouble: &&Trouble| Todo { next_step: trouble.next_step.clone(), command: trouble.command.clone() };
    troubles.iter().map(todo).collect()
}

fn facts(view: &View, job: &JobView) -> Vec<Fact> {
    let words = view.words();
    let state = &job.job.state;
    let at = |name, time: Option<Time>, otherwise: &str| Fact {
        name,
        time: time.map(|time| moment(view, time, false)),
        text: otherwise.to_owned(),
    };
    let planned = |name, time: Option<Time>| Fact {
        name,
        time: None,
        text: time.map_or_else(|| words.text("none").to_owned(), |time| view.when(time)),
    };
    vec![
        at(words.text("since"), Some(view.since(job)), ""),
        at(words.text("last-good"), job.last_good(), words.text("none")),
        at(words.text("last-report"), state.last_report_at, words.text("never")),
        at(words.text("last-change"), state.last_change_at, words.text("never")),
        at(words.text("verified-at"), state.last_verified_at, words.text("never")),
        planned(words.text("next-due"), job.standing.cycle.map(|cycle| cycle.due)),
        planned(words.text("deadline"), job.standing.cycle.map(|cycle| cycle.deadline)),
        Fact {
            name: words.text("version"),
            time: None,
            text: state.current_version.as_deref().map_or_else(|| words.text("none").to_owned(), printable),
        },
        Fact {
            name: words.text("contact"),
            time: None,
            text: job.effective.contact.as_deref().map_or_else(|| words.text("none").to_owned(), printable),
        },
    ]
}

/// What the agent said and what we measured, of the newest report that said anything of bytes.
struct Hashes {
    checked: String,
    expected: String,
    computed: String,
    differ: bool,
    compared: &'static str,
    expected_size: String,
    measured_size: String,
    /// How the measured size is to the one that was reported, where it is not the same.
    size_differs: String,
}

/// How the two checksums are to each other.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Comparison {
    Equal,
    /// The reported one is that of the decompressed content.
    EqualInside,
    Differ,
}

impl Hashes {
    fn of(view: &View, details: &JobDetails) -> Self {
        let words = view.words();
        let speaks = |e: &&Entry| !e.superseded && (e.sha256.is_some() || e.reported_sha256.is_some());
        let newest = details.entries.iter().find(speaks);
        let reported = newest.and_then(|entry| entry.reported_sha256.as_deref());
        let computed = newest.and_then(|entry| entry.sha256);
        let is_good = newest.and_then(|entry| entry.status).is_some_and(|status| !status.is_critical());
        let comparison = reported.zip(computed).map(|(reported, computed)| {
            match reported.parse::<Digest>() {
                Ok(reported) if reported == computed => Comparison::Equal,
                // The verdict says that it was met: then by what the file decompresses to.
                Ok(_) if is_good => Comparison::EqualInside,
                Ok(_) | Err(_) => Comparison::Differ,
            }
        });
        let sizes = newest.map(|entry| (entry.reported_size, entry.size_bytes)).unwrap_or_default();
        Self {
            checked: newest.map_or_else(String::new, |entry| view.when(entry.judged_at)),
            expected: reported.map_or_else(
                || words.text("not-given").to_owned(),
                |text| grouped(&cut(&printable(text), 200)),
            ),
            computed: computed
                .map_or_else(|| words.text("not-computed").to_owned(), |digest| grouped(&digest.to_string())),
            differ: comparison == Some(Comparison::Differ),
            compared: match comparison {
                Some(Comparison::Equal) => words.text("hashes-equal"),
                Some(Comparison::EqualInside) => words.text("hashes-equal-inside"),
                Some(Comparison::Differ) => words.text("hashes-differ"),
                None => "",
            },
            expected_size: exactly(view, sizes.0, words.text("not-given")),
            measured_size: exactly(view, sizes.1, words.text("not-computed")),
            size_differs: size_differs(view, sizes),
        }
    }
}

/// A checksum in groups of eight, so that two can be compared by eye; other text stays as it is.
fn grouped(text: &str) -> String {
    if text.len() != 64 || !text.is_ascii() {
        return text.to_owned();
    }
    text.as_bytes().chunks(8).map(|group| String::from_utf8_lossy(group)).collect::<Vec<_>>().join(" ")
}

fn exactly(view: &View, bytes: Option<u64>, otherwise: &str) -> String {
    let words = view.words();
    let exact = |bytes: u64| format!("{} {}", words.number(bytes), words.text("unit-byte"));
    bytes.map_or_else(|| otherwise.to_owned(), exact)
}

fn size_differs(view: &View, sizes: (Option<u64>, Option<u64>)) -> String {
    let (Some(reported), Some(measured)) = sizes else { return String::new() };
    let by = view.words().bytes(reported.abs_diff(measured));
    match measured.cmp(&reported) {
        std::cmp::Ordering::Equal => String::new(),
        std::cmp::Ordering::Less => view.words().say("size-short", [("size", by.into())]),
        std::cmp::Ordering::Greater => view.words().say("size-over", [("size", by.into())]),
    }
}

fn settings(view: &View, job: &JobView) -> Vec<Setting> {
    settings_in_force(job.effective)
        .into_iter()
        .map(|(key, value)| Setting {
            key,
            value: printable(&value),
            source: set_by(view, job.effective.source(key)),
        })
        .collect()
}

/// A part of the configuration is called by its name there.
fn set_by(view: &View, source: Source) -> String {
    let words = view.words();
    match source {
        Source::Job => words.text("set-by-job").to_owned(),
        Source::Rule(n) => words.say("set-by-rule", [("n", n.into())]),
        Source::BuiltIn => words.text("set-by-nobody").to_owned(),
        Source::Defaults | Source::Retention | Source::Scan => source.to_string(),
    }
}

fn version_row(view: &View, job: &JobView, version: &Version, fate: Option<&Fate>) -> VersionRow {
    let words = view.words();
    let current = job.job.state.current_version.as_ref() == Some(&version.name);
    let marks = [
        (current, "S", "S", words.text("current")),
        (version.pinned, "P", "P", words.text("pinned")),
        (version.held, "F", "risk", words.text("held")),
        (version.damaged, "I", "I", words.text("damaged")),
    ];
    VersionRow {
        name: printable(&version.name),
        marks: marks
            .into_iter()
            .filter(|(holds, ..)| *holds)
            .map(|(_, class, icon, word)| Badge { class, icon, word: word.to_owned() })
            .collect(),
        report_time: view.when(version.report_time),
        size: words.bytes(version.size_bytes),
        kept_by: match fate {
            None => String::new(),
            Some(Fate::Remove) => words.text("goes").to_owned(),
            Some(Fate::Keep(rules)) => {
                rules.iter().map(|rule| kept_by(words, *rule)).collect::<Vec<_>>().join(", ")
            }
        },
        verified: view.when(version.verified_at),
        sha256: version.sha256.short(HASH_SHOWN),
    }
}

fn entry_row(view: &View, entry: &Entry) -> EntryRow {
    let words = view.words();
    let superseded = || Badge { class: "P", icon: "P", word: words.text("superseded").to_owned() };
    let warnings = warnings_said(words, &entry.warnings);
    let sentence = short(&view.said(&entry.message));
    EntryRow {
        badge: entry.status.map_or_else(superseded, |status| badge(view, status)),
        judged: view.when(entry.judged_at),
        report_time: entry.report_time.map_or_else(String::new, |at| view.when(at)),
        report: entry.report.as_deref().map_or_else(String::new, printable),
        took: steps::seconds(entry).map_or_else(String::new, |steps| steps::clock(steps.iter().sum())),
        each: steps::seconds(entry).map_or_else(String::new, |steps| steps.map(steps::clock).join(" + ")),
        size: entry.size_bytes.map_or_else(String::new, |bytes| words.bytes(bytes)),
        sha256: entry.sha256.map_or_else(String::new, |digest| digest.short(HASH_SHOWN)),
        sentence: if warnings.is_empty() { sentence } else { format!("{sentence} [{warnings}]") },
    }
}

fn alert_rows(view: &View, details: &JobDetails) -> Vec<Alert> {
    let words = view.words();
    let row = |incident| {
        let row = alerts::row(view, incident);
        let over = !row.resolved.is_empty();
        Alert {
            opened: row.opened,
            badge: row.badge,
            sentence: row.sentence,
            ended: if over {
                format!(
                    "{}: {}. {}: {}",
                    words.text("resolved"),
                    row.resolved,
                    words.text("lasted"),
                    row.lasted
                )
            } else {
                String::new()
            },
        }
    };
    details.incidents.iter().map(row).collect()
}
