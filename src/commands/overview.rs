//! What the digest says of the fleet as a whole.

use std::collections::BTreeMap;

use super::context::Context;
use super::snapshot::{Known, Snapshot};
use crate::domain::schedule::Window;
use crate::domain::{Severity, Status, Time};
use crate::render::mail::{Line, Overview, Paused};
use crate::render::words::Words;
use crate::render::{Language, UnknownReason};
use crate::scan::openings::windows;

/// Jobs that one line about a pause names.
const NAMED: usize = 3;

#[must_use]
pub fn overview(context: &Context, snapshot: &Snapshot, language: Language) -> Overview {
    let view = snapshot.view(context);
    Overview {
        good: view.tally.good,
        watched: view.tally.watched,
        counts: view.counts.iter().map(|(status, count)| (*status, *count)).collect(),
        last_scan: snapshot.meta.last_scan.as_ref().map(|scan| scan.finished_at),
        stale: matches!(view.unknown, Some(UnknownReason::NoScan | UnknownReason::OldScan)),
        on_trial: view.tally.on_trial,
        absent_on_trial: snapshot.jobs.iter().filter(|known| is_absent_on_trial(known)).map(name).collect(),
        assumed: view.tally.assumed,
        paused: paused(context, snapshot, language),
        hints: view.hints(language.words()).iter().map(|hint| Line::new(hint)).collect(),
    }
}

/// Its deadline has come, and no report since: for a job on trial that is this line and no status.
fn is_absent_on_trial(known: &Known) -> bool {
    let is_watched = known.standing.severity != Severity::Inactive;
    known.job.on_trial && is_watched && known.job.is_absent(&known.effective.schedule)
}

fn name(known: &Known) -> Line {
    Line::new(&known.job.key.to_string())
}

/// What is paused, by whom, why and until when: jobs that one decision paused are one line.
fn paused(context: &Context, snapshot: &Snapshot, language: Language) -> Vec<Paused> {
    type Decision = (String, String, Option<Time>);
    let mut decisions: BTreeMap<Decision, Vec<String>> = BTreeMap::new();
    for known in snapshot.jobs.iter().filter(|known| known.standing.status == Status::Paused) {
        let windows = windows(&context.config, &known.job, context.now);
        let until = windows.iter().find(|window| window.contains(context.now)).and_then(|open| open.until);
        let pause = known.job.pauses.iter().rfind(|pause| Window::contains(&pause.window(), context.now));
        let (who, why) = pause.map_or(("[[maintenance]]", ""), |pause| (&pause.who, &pause.reason));
        let decision = (who.to_owned(), why.to_owned(), until);
        decisions.entry(decision).or_default().push(known.job.key.to_string());
    }
    decisions
        .into_iter()
        .map(|((who, why, until), jobs)| Paused {
            what: Line::new(&named(language.words(), &jobs)),
            who: Line::new(&who),
            why: Line::new(&why),
            until,
        })
        .collect()
}

fn named(words: &Words, jobs: &[String]) -> String {
    let first = jobs.iter().take(NAMED).map(String::as_str).collect::<Vec<_>>().join(", ");
    if jobs.len() > NAMED { format!("{} ({first}, …)", words.count("jobs", jobs.len())) } else { first }
}
