//! One line for Nagios and Icinga, with its long output below (`check`).
//!
//! Worst state wins, in the order OK, UNKNOWN, WARNING, CRITICAL, so that nothing good can hide
//! that nothing was checked. Text from outside carries no newline and no `|`.

use std::fmt::Write as _;

use chrono::TimeDelta;

use super::view::{Health, JobView, View};
use crate::domain::Status;
use crate::domain::settings::Span;
use crate::domain::text::{cut, duration, printable};

/// Causes listed below the first line.
const LISTED: usize = 50;
/// Characters of the first line that lists of services show without cutting it, and what stands before the counts at most.
const LINE: usize = 80;
const TITLE: &str = "BACKUPMON CRITICAL: ";

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Check {
    /// 0, 1, 2 or 3.
    pub code: u8,
    /// With a newline at its end.
    pub text: String,
}

/// Renders the view; `max_age` makes a watched job critical whose last good copy is older, or absent.
/// For a selection of jobs, build the view of them ([`super::Facts::narrow`]).
#[must_use]
pub fn check(view: &View, max_age: Option<Span>) -> Check {
    let too_old = max_age.map_or(0, |limit| older_than(view, limit.delta()));
    let health = if too_old > 0 && view.unknown.is_none() { Health::Critical } else { view.health };
    let mut text = format!(
        "BACKUPMON {}: {} | {}\n",
        word(health),
        summary(view, too_old, max_age),
        figures(view, max_age)
    );
    for trouble in view.troubles.iter().take(LISTED) {
        let line = format!("{} {}: {}", trouble.word, trouble.title(view), trouble.sentence);
        text.push_str(&safe(&cut(&line, 300)));
        text.push('\n');
    }
    if view.troubles.len() > LISTED {
        let _infallible = writeln!(text, "and {} more", view.troubles.len() - LISTED);
    }
    for notice in view.notices() {
        text.push_str(&safe(&notice));
        text.push('\n');
    }
    Check { code: code(health), text }
}

/// An error of the check's own: UNKNOWN, whatever it is.
#[must_use]
pub fn own_error(message: &str) -> Check {
    Check { code: code(Health::Unknown), text: format!("BACKUPMON UNKNOWN: {}\n", safe(message)) }
}

fn word(health: Health) -> &'static str {
    match health {
        Health::Ok => "OK",
        Health::Warning => "WARNING",
        Health::Critical => "CRITICAL",
        Health::Unknown => "UNKNOWN",
    }
}

fn code(health: Health) -> u8 {
    match health {
        Health::Ok => 0,
        Health::Warning => 1,
        Health::Critical => 2,
        Health::Unknown => 3,
    }
}

fn summary(view: &View, too_old: usize, max_age: Option<Span>) -> String {
    let tally = view.tally;
    if let Some(reason) = view.unknown {
        use super::UnknownReason as R;
        return match reason {
            R::NoJobs => "no job is watched, nothing was checked".to_owned(),
            R::NoScan => "no scan has come to its end yet".to_owned(),
            R::NothingJudged => format!("none of {} has been judged yet", counted(tally.watched, "job")),
            R::OldScan => match view.scan.map(|scan| view.generated_at - scan.finished_at) {
                Some(age) if age >= TimeDelta::zero() => format!("the last scan ended {} ago", duration(age)),
                Some(_) | None => "the last scan lies in the future".to_owned(),
            },
        };
    }
    let mut parts = parts(view, too_old, max_age);
    if parts.is_empty() {
        parts.push(match tally.alerts {
            0 if tally.good == tally.watched => "all good".to_owned(),
            0 => format!("{} good", tally.good),
            alerts => counted(alerts, "alert"),
        });
    }
    let total = format!(" of {}", counted(tally.watched, "job"));
    fitted(&parts, LINE.saturating_sub(TITLE.len() + total.len())) + &total
}

/// What is not as it should be, in the order in which the page has it.
fn parts(view: &View, too_old: usize, max_age: Option<Span>) -> Vec<String> {
    let with_count = |n: usize, what: &str| (n > 0).then(|| format!("{n} {what}"));
    let held = watched(view).filter(|job| job.job.state.held).count();
    let damaged = view.jobs.iter().filter(|job| job.is_damaged()).count();
    let status = |status, word| with_count(troubled(view, status), word);
    let older = max_age.and_then(|limit| with_count(too_old, &format!("older than {limit}")));
    [
        with_count(held, "held"),
        with_count(damaged, "damaged"),
        status(Status::HashMismatch, "hash mismatch"),
        status(Status::Corrupt, "corrupt"),
        status(Status::Failed, "failed"),
        status(Status::Missing, "missing"),
        older,
        undelivered(view),
        with_count(view.tally.warning, "with a warning"),
        status(Status::Late, "late"),
    ]
    .into_iter()
    .flatten()
    .collect()
}

/// As many of the parts as fit into `width`, at least one; the figures behind them and the lines below have all.
fn fitted(parts: &[String], width: usize) -> String {
    const MORE: &str = " and more";
    let all = parts.join(", ");
    if all.len() <= width {
        return all;
    }
    let fits = |n: &usize| parts[..*n].join(", ").len() + MORE.len() <= width;
    let shown = (1..parts.len()).rev().find(fits).unwrap_or(1);
    parts[..shown].join(", ") + MORE
}

fn counted(n: usize, what: &str) -> String {
    if n == 1 { format!("1 {what}") } else { format!("{n} {what}s") }
}

/// How many messages nobody has accepted yet, and how long the oldest waits.
fn undelivered(view: &View) -> Option<String> {
    let age = view.undelivered.oldest.map(|oldest| format!(" for {}", duration(view.generated_at - oldest)));
    let count = view.undelivered.count;
    (count > 0).then(|| format!("{count} undelivered{}", age.unwrap_or_default()))
}

fn figures(view: &View, max_age: Option<Span>) -> String {
    let total = view.tally.watched;
    let count = |status| count(view, status);
    let mut text = format!("ok={};;;0;{total}", view.tally.good);
    for (label, status) in [
        ("failed", Status::Failed),
        ("hash_mismatch", Status::HashMismatch),
        ("corrupt", Status::Corrupt),
        ("missing", Status::Missing),
    ] {
        let _infallible = write!(text, " {label}={};;0;0;{total}", troubled(view, status));
    }
    for (label, status) in [("late", Status::Late), ("pending", Status::Pending)] {
        let _infallible = write!(text, " {label}={};;;0;{total}", count(status));
    }
    let _infallible = write!(text, " paused={};;;0", count(Status::Paused));
    let _infallible =
        write!(text, " alerts={};;;0 undelivered={};0;;0", view.tally.alerts, view.undelivered.count);
    let limit = max_age.map_or_else(String::new, |Span(seconds)| seconds.to_string());
    let oldest =
        oldest_age(view).map_or_else(|| "U".to_owned(), |age| format!("{}s", age.num_seconds().max(0)));
    let _infallible = write!(text, " oldest_success={oldest};;{limit};0");
    text
}

/// Of a status that alarms, those that are watched: what is MISSING because its year is over is a cause of its own.
fn count(view: &View, status: Status) -> usize {
    let n = view.counts.get(&status).copied().unwrap_or(0);
    if status == Status::Missing { n.saturating_sub(view.tally.years_over) } else { n }
}

fn watched<'v>(view: &'v View) -> impl Iterator<Item = &'v JobView<'v>> {
    view.jobs.iter().filter(|job| job.is_watched())
}

/// Watched jobs with this status; a pause hides no failure.
fn troubled(view: &View, status: Status) -> usize {
    watched(view).filter(|job| job.trouble_status() == status).count()
}

/// `None` when a watched job has no good copy at all, or when there is none.
fn oldest_age(view: &View) -> Option<TimeDelta> {
    let ages: Option<Vec<TimeDelta>> =
        watched(view).map(|job| Some(view.generated_at - job.last_good()?)).collect();
    ages?.into_iter().max()
}

fn older_than(view: &View, limit: TimeDelta) -> usize {
    watched(view).filter(|job| job.last_good().is_none_or(|at| view.generated_at - at > limit)).count()
}

fn safe(text: &str) -> String {
    printable(text).replace('|', "/")
}
