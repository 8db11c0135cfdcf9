//! Tables for a terminal, or for a pipe: plain text, one line per thing.
//!
//! Foreign text is made printable; a status is a mark and a word, and a colour only where the caller
//! asks for one. Whether there is a terminal, and how wide, is the caller's to know.

mod pieces;

use comfy_table::{Attribute, Cell, Color, ContentArrangement, Table, presets};

use super::Language;
use super::facts::{JobDetails, VersionFact};
use super::json::ScanSummary;
use super::terms::{acknowledged, rule_word, settings_in_force, status_mark, warning_words};
use super::view::{AgentView, JobView, View};
use crate::domain::retention::Fate;
use crate::domain::text::{cut, duration, printable, rfc3339, size};
use crate::domain::{Entry, Incident, JobId, JobKey, Severity, Status, Time, Version};

/// Longest sentence in a table where no width is known.
const SENTENCE: usize = 160;
const NOTHING: &str = "-";

/// What the caller knows of where it prints.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Style {
    pub color: bool,
    /// Columns; `None` for a pipe, where no line is wrapped.
    pub width: Option<u16>,
}

/// `jobs list`. It goes over the jobs twice where they are many.
#[must_use]
pub fn jobs<'j>(
    view: &View,
    jobs: impl IntoIterator<Item = &'j JobView<'j>, IntoIter: Clone>,
    style: Style,
) -> String {
    let row = |job: &JobView| {
        let standing = &job.standing;
        vec![
            status(standing.status, standing.severity, style),
            text(&job.job.key.to_string()),
            Cell::new(age(view, view.since(job))),
            Cell::new(last_good(job, |at| age(view, at))),
            Cell::new(job.digest_and_size().map_or_else(|| NOTHING.to_owned(), |(_, bytes)| size(bytes))),
            Cell::new(standing.cycle.map_or_else(|| NOTHING.to_owned(), |cycle| rfc3339(cycle.due))),
            Cell::new(&job.job.id),
            Cell::new(marks(job)),
        ]
    };
    let header = ["STATUS", "JOB", "SINCE", "LAST GOOD", "SIZE", "NEXT DUE", "ID", ""];
    pieces::print(style, &header, jobs.into_iter().map(row))
}

/// The time of the copy that would be restored, or why there is none.
fn last_good(job: &JobView, said: impl Fn(Time) -> String) -> String {
    match (job.last_good(), job.unkept()) {
        (Some(at), _) => said(at),
        (None, Some(_)) => "not kept".to_owned(),
        (None, None) => "never".to_owned(),
    }
}

/// Each job's open questions in words, for the last column.
fn marks(job: &JobView) -> String {
    let state = &job.job.state;
    let mut marks: Vec<String> = [
        (job.standing.verifying, "verifying"),
        (state.held, "held"),
        (job.is_damaged(), "damaged"),
        (job.job.on_trial, "on trial"),
        (job.effective.assumed, "schedule assumed"),
    ]
    .into_iter()
    .filter(|(holds, _)| *holds)
    .map(|(_, word)| word.to_owned())
    .collect();
    if !job.standing.warnings.is_empty() {
        marks.push(warning_words(&job.standing.warnings));
    }
    marks.join(", ")
}

/// `jobs show`: what holds and where it was set, what is known, the newest entries and the versions.
#[must_use]
pub fn job(view: &View, job: &JobView, details: &JobDetails, style: Style) -> String {
    let state = &job.job.state;
    let time = |at: Option<Time>| {
        at.map_or_else(|| "never".to_owned(), |at| format!("{} ({} ago)", rfc3339(at), age(view, at)))
    };
    let label = |label: &Option<String>| label.as_deref().map_or_else(|| NOTHING.to_owned(), printable);
    let mut table = new(style, &[]);
    let mut row = |name: &str, value: Cell| {
        table.add_row(vec![Cell::new(name), value]);
    };
    row("job", text(&job.job.key.to_string()));
    row("id", Cell::new(&job.job.id));
    row("status", status(job.standing.status, job.standing.severity, style));
    row(
        "what happened",
        Cell::new(job.standing.message.as_deref().map_or_else(|| NOTHING.to_owned(), printable)),
    );
    row("since", Cell::new(time(Some(view.since(job)))));
    row("notes", Cell::new(marks(job)));
    row("company, city", Cell::new(format!("{}, {}", label(&job.labels.company), label(&job.labels.city))));
    row("last good copy", Cell::new(last_good(job, |at| time(Some(at)))));
    row("last report", Cell::new(time(state.last_report_at)));
    row("data last changed", Cell::new(time(state.last_change_at)));
    row("last verified", Cell::new(time(state.last_verified_at)));
    row("current version", Cell::new(state.current_version.as_deref().unwrap_or(NOTHING)));
    row(
        "next due",
        Cell::new(job.standing.cycle.map_or_else(|| NOTHING.to_owned(), |cycle| rfc3339(cycle.due))),
    );
    row(
        "missing from",
        Cell::new(job.standing.cycle.map_or_else(|| NOTHING.to_owned(), |cycle| rfc3339(cycle.deadline))),
    );
    row("contact", Cell::new(label(&job.effective.contact)));
    let key_of = |_: &JobId| Some(&job.job.key);
    let versions_of_it = details
        .versions
        .iter()
        .map(|(version, fate)| VersionFact::of_job(version, Some(job.job), fate.as_ref()));
    [
        print(&table),
        print(&settings(job, style)),
        history(&details.entries, key_of, style),
        versions(view.generated_at, versions_of_it, style),
    ]
    .join("\n")
}

fn settings(job: &JobView, style: Style) -> Table {
    let mut table = new(style, &["SETTING", "VALUE", "SET BY"]);
    for (key, value) in settings_in_force(job.effective) {
        table.add_row(vec![Cell::new(key), text(&value), Cell::new(job.effective.source(key))]);
    }
    table
}

/// `history`.
#[must_use]
pub fn history<'e>(
    entries: impl IntoIterator<Item = &'e Entry>,
    key_of: impl Fn(&JobId) -> Option<&'e JobKey>,
    style: Style,
) -> String {
    let mut table =
        new(style, &["JUDGED", "STATUS", "JOB", "REPORT TIME", "SIZE", "VERSION", "WHAT HAPPENED"]);
    for entry in entries {
        let job = key_of(&entry.job).map_or_else(|| entry.job.to_string(), ToString::to_string);
        let word = match entry.status {
            Some(word) => status(word, word.severity(), style),
            None => Cell::new("superseded"),
        };
        let mut sentence = cut(&printable(&entry.message), SENTENCE);
        if !entry.warnings.is_empty() {
            sentence = format!("{sentence} [{}]", warning_words(&entry.warnings));
        }
        table.add_row(vec![
            Cell::new(rfc3339(entry.judged_at)),
            word,
            text(&job),
            Cell::new(entry.report_time.map_or_else(|| NOTHING.to_owned(), rfc3339)),
            Cell::new(entry.size_bytes.map_or_else(|| NOTHING.to_owned(), size)),
            Cell::new(entry.version.as_deref().unwrap_or(NOTHING)),
            Cell::new(sentence),
        ]);
    }
    print(&table)
}

/// `alerts list`.
#[must_use]
pub fn alerts<'i>(view: &View, incidents: impl IntoIterator<Item = &'i Incident>, style: Style) -> String {
    let mut table =
        new(style, &["ID", "SEVERITY", "WHAT", "WHOM", "OPENED", "LASTED", "ACKNOWLEDGED", "WHAT HAPPENED"]);
    for incident in incidents {
        let what = incident.cause.as_deref().unwrap_or(incident.subject.kind.word());
        let whom = match (&incident.subject.agent, &incident.database) {
            (None, _) => "server".to_owned(),
            (Some(agent), None) => agent.clone(),
            (Some(agent), Some(database)) => format!("{agent}/{database}"),
        };
        let by = acknowledged(incident, view.generated_at).map_or(NOTHING, |by| &by.who);
        let lasted = incident.resolved_at.unwrap_or(view.generated_at) - incident.opened_at;
        let over = if incident.is_open() { "" } else { ", resolved" };
        table.add_row(vec![
            Cell::new(incident.id),
            painted(incident.severity.word().to_owned(), incident.severity, style),
            text(what),
            text(&whom),
            Cell::new(rfc3339(incident.opened_at)),
            Cell::new(format!("{}{over}", duration(lasted))),
            text(by),
            Cell::new(cut(&printable(&incident.message), SENTENCE)),
        ]);
    }
    print(&table)
}

/// `versions list`; each with its fate by retention, where that was computed.
#[must_use]
pub fn versions<'v>(now: Time, versions: impl IntoIterator<Item = VersionFact<'v>>, style: Style) -> String {
    let mut table = new(style, &["JOB", "VERSION", "REPORT TIME", "SIZE", "VERIFIED", "NOTES", "KEPT BY"]);
    for VersionFact { version, key, current, fate } in versions {
        let notes: Vec<&str> = [
            (current, "current"),
            (version.pinned, "pinned"),
            (version.held, "held"),
            (version.damaged, "damaged"),
        ]
        .into_iter()
        .filter(|(holds, _)| *holds)
        .map(|(_, word)| word)
        .collect();
        table.add_row(vec![
            text(&key.map_or_else(|| version.job.to_string(), ToString::to_string)),
            text(&version.name),
            Cell::new(rfc3339(version.report_time)),
            Cell::new(size(version.size_bytes)),
            Cell::new(format!("{} ago", duration(now - version.verified_at))),
            Cell::new(notes.join(", ")),
            Cell::new(fate.map_or_else(|| NOTHING.to_owned(), |fate| fate_words(fate, version))),
        ]);
    }
    print(&table)
}

fn fate_words(fate: &Fate, version: &Version) -> String {
    match fate {
        Fate::Keep(rules) => rules.iter().map(|rule| rule_word(*rule)).collect::<Vec<_>>().join(", "),
        Fate::Remove => fate.sentence(version),
    }
}

/// Any list: foreign text in it is made printable here, empty cells become a dash.
#[must_use]
pub fn rows<const N: usize>(
    header: [&str; N],
    rows: impl IntoIterator<Item = [String; N]>,
    style: Style,
) -> String {
    let mut table = new(style, &header);
    for row in rows {
        table.add_row(row.map(|cell| if cell.is_empty() { Cell::new(NOTHING) } else { text(&cell) }));
    }
    print(&table)
}

/// `agents list`.
#[must_use]
pub fn agents<'a>(view: &View, agents: impl IntoIterator<Item = &'a AgentView<'a>>, style: Style) -> String {
    let mut table =
        new(style, &["AGENT", "COMPANY", "CITY", "JOBS", "AT RISK", "LAST REPORT", "FIRST SEEN", "PROBLEMS"]);
    for agent in agents {
        let jobs = view.jobs_of(agent);
        let label = |label: &Option<String>| text(label.as_deref().unwrap_or(NOTHING));
        let at_risk = jobs.iter().filter(|job| job.is_critical()).count();
        let severity = if at_risk > 0 { Severity::Critical } else { Severity::Ok };
        table.add_row(vec![
            text(agent.id),
            label(&agent.labels.company),
            label(&agent.labels.city),
            Cell::new(jobs.iter().filter(|job| !job.is_retired()).count()),
            painted(at_risk.to_string(), severity, style),
            Cell::new(
                agent
                    .last_report_at
                    .map_or_else(|| "never".to_owned(), |at| format!("{} ago", age(view, at))),
            ),
            Cell::new(agent.first_seen.map_or_else(|| "never".to_owned(), rfc3339)),
            Cell::new(view.problems_of(agent).collect::<Vec<_>>().join(", ")),
        ]);
    }
    let mut text = print(&table);
    for hint in view.newcomer_hints(Language::ENGLISH.words()) {
        text.push_str(&hint);
        text.push('\n');
    }
    text
}

/// What a `scan` or `run` did, in a few lines.
#[must_use]
pub fn scan_summary(summary: &ScanSummary, style: Style) -> String {
    let reports = summary.reports;
    let jobs: Vec<String> =
        summary.jobs.iter().filter(|(_, n)| **n > 0).map(|(status, n)| format!("{n} {status}")).collect();
    let mut table = new(style, &[]);
    for (name, value) in [
        (
            "reports",
            format!(
                "{} judged, {} rejected, {} superseded, {} seen before, {} waiting",
                reports.judged, reports.rejected, reports.superseded, reports.duplicate, reports.waiting
            ),
        ),
        ("jobs", if jobs.is_empty() { "none".to_owned() } else { jobs.join(", ") }),
        ("read", format!("{} in {} files", size(summary.bytes_read), summary.files_read)),
        ("versions", format!("{} promoted", summary.versions_promoted)),
        ("messages", format!("{} sent", summary.messages_sent)),
        ("took", format!("{:.1} s", summary.duration_seconds)),
    ] {
        table.add_row(vec![Cell::new(name), Cell::new(value)]);
    }
    print(&table)
}

fn new(style: Style, header: &[&str]) -> Table {
    let mut table = Table::new();
    table.load_style(presets::NOTHING);
    table.set_content_arrangement(ContentArrangement::Disabled);
    if let Some(width) = style.width {
        table.set_content_arrangement(ContentArrangement::Dynamic);
        table.set_width(width);
    }
    if style.color {
        table.enforce_styling();
    } else {
        table.force_no_tty();
    }
    if !header.is_empty() {
        table.set_header(header.iter().map(Cell::new));
    }
    table
}

/// Lines without the blank before the first column and those that fill the last.
fn print(table: &Table) -> String {
    let lines: Vec<String> =
        table.lines().map(|line| line.strip_prefix(' ').unwrap_or(&line).trim_end().to_owned()).collect();
    lines.join("\n") + "\n"
}

fn text(foreign: &str) -> Cell {
    Cell::new(printable(foreign))
}

fn age(view: &View, at: Time) -> String {
    duration(view.generated_at - at)
}

fn status(status: Status, severity: Severity, style: Style) -> Cell {
    painted(format!("{} {status}", status_mark(status)), severity, style)
}

fn painted(text: String, severity: Severity, style: Style) -> Cell {
    let cell = Cell::new(text);
    if !style.color {
        return cell;
    }
    match severity {
        Severity::Ok => cell.fg(Color::Green),
        Severity::Pending => cell,
        Severity::Inactive => cell.add_attribute(Attribute::Dim),
        Severity::Warning => cell.fg(Color::Yellow),
        Severity::Critical => cell.fg(Color::Red).add_attribute(Attribute::Bold),
    }
}
