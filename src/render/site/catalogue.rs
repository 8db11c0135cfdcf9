//! The list of all jobs for the search of a large fleet: `data/jobs.js`, which names the pieces, and the pieces. They
//! are scripts, because a page from `file://` may load nothing else, and they are loaded when somebody searches.
//!
//! A piece holds whole agents. Of each: its id, its place, and what the ids of its jobs begin with; then one line per
//! job: database, rest of the id, letters, strip, size, and the minute of its last good copy, between tabs.

use std::io;

use chrono::NaiveDate;
use serde_json::json;

use super::charts::strip::encode;
use super::rows::{days_of, letters, place, size};
use super::{Content, is_small};
use crate::domain::text::printable;
use crate::render::recent::Recent;
use crate::render::view::{AgentView, JobView, View};

/// Jobs of a piece, from which on the next begins.
const PIECE: usize = 1_000;

/// Gives the list, and the pieces before it, to `emit`. A small fleet has an empty list: its overview has all jobs.
pub fn write(
    view: &View,
    recents: &[Recent],
    emit: &mut dyn FnMut(&str, &Content) -> io::Result<()>,
) -> io::Result<()> {
    let mut names = Vec::new();
    let mut rest = if is_small(view) { &[] } else { view.agents.as_slice() };
    while !rest.is_empty() {
        let mut jobs = 0;
        let full = rest.iter().position(|agent| {
            jobs += agent.jobs.len();
            jobs >= PIECE
        });
        let (piece, later) = rest.split_at(full.map_or(rest.len(), |last| last + 1));
        rest = later;
        let name = format!("jobs-{}.js", names.len());
        emit(&format!("data/{name}"), &|out| write_piece(view, recents, names.len(), piece, out))?;
        names.push(name);
    }
    let today = view.day(view.generated_at);
    let index = json!({"day": today.to_string(), "pieces": names});
    emit("data/jobs.js", &|out| writeln!(out, "bmJobs({index})"))
}

fn write_piece(
    view: &View,
    recents: &[Recent],
    nth: usize,
    agents: &[AgentView],
    out: &mut dyn io::Write,
) -> io::Result<()> {
    let today = view.day(view.generated_at);
    let listed: Vec<serde_json::Value> =
        agents.iter().map(|agent| listed(view, recents, agent, today)).collect();
    writeln!(out, "bmPiece({nth},{})", super::frame::in_html(&listed.into()))
}

fn listed(view: &View, recents: &[Recent], agent: &AgentView, today: NaiveDate) -> serde_json::Value {
    let places: Vec<usize> = agent.jobs.clone().filter(|at| !view.jobs[*at].is_retired()).collect();
    let ids: Vec<&str> = places.iter().map(|at| view.jobs[*at].job.id.as_str()).collect();
    let common = common_begin(&ids);
    let line = |at: &usize| {
        let job = &view.jobs[*at];
        line(view, job, &recents[*at], common.len(), today)
    };
    let lines: Vec<String> = places.iter().map(line).collect();
    json!([printable(agent.id), place(agent), common, lines.join("\n")])
}

fn line(view: &View, job: &JobView, recent: &Recent, common: usize, today: NaiveDate) -> String {
    let good = job.last_good().map_or_else(String::new, |at| (at.timestamp() / 60).to_string());
    let bytes = size(job).map_or_else(String::new, |bytes| bytes.to_string());
    [
        // A tab or a line's end in a name would be printed as an escape.
        printable(job.database()).as_str(),
        &job.job.id.as_str()[common..],
        &letters(view, job),
        &encode(days_of(view, job, recent, today).marks()),
        &bytes,
        &good,
    ]
    .join("\t")
}

/// What all of them begin with; ids are ASCII.
fn common_begin<'i>(ids: &[&'i str]) -> &'i str {
    let Some((first, others)) = ids.split_first() else { return "" };
    let alike = |other: &&str| first.bytes().zip(other.bytes()).take_while(|(a, b)| a == b).count();
    let length = others.iter().map(alike).min().unwrap_or(first.len());
    first.get(..length).unwrap_or("")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_shortened_by_what_they_share() {
        assert_eq!(common_begin(&["a.x-1", "a.y-2", "a.xy-3"]), "a.");
        assert_eq!(common_begin(&["a.x-1"]), "a.x-1");
        assert_eq!(common_begin(&[]), "");
    }
}
