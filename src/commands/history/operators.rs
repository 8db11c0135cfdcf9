//! `history --operators`: who changed what, when and why.

use anyhow::Result;
use serde::Serialize;

use super::{Asked, NEWEST, print_csv};
use crate::commands::print;
use crate::commands::snapshot::Snapshot;
use crate::domain::text::rfc3339;
use crate::render::json::Utc;
use crate::render::{csv, table};
use crate::store::{AuditLine, Store as _};

#[derive(Serialize)]
struct Row<'l> {
    at: Utc,
    who: &'l str,
    what: &'l str,
    target: &'l str,
    why: Option<&'l str>,
}

pub fn operators(asked: &Asked, as_csv: bool) -> Result<()> {
    let narrowed = asked.since.is_some() || !asked.selector.is_everything();
    let mut lines = asked.store.audit(if narrowed { usize::MAX } else { NEWEST })?;
    lines.retain(|line| asked.since.is_none_or(|since| line.at >= since));
    if !asked.selector.is_everything() {
        let snapshot = Snapshot::load(asked.context, asked.store)?;
        let meant = crate::commands::select::meant(&snapshot, asked.selector)?;
        let about = |line: &AuditLine| {
            meant.iter().any(|known| {
                is_about(&line.target, known.job.id.as_str()) || line.target == known.job.key.to_string()
            }) || asked.selector.matches_agent(&line.target, &asked.context.config.agent_labels(&line.target))
        };
        lines.retain(about);
    }
    if !narrowed {
        asked.note_limit(lines.len());
    }
    if asked.context.json {
        let rows: Vec<Row> = lines
            .iter()
            .map(|line| Row {
                at: Utc(line.at),
                who: &line.who,
                what: &line.what,
                target: &line.target,
                why: line.why.as_deref(),
            })
            .collect();
        print::json(&serde_json::json!({"changes": rows}))
    } else if as_csv {
        print_csv(|out| csv::rows(["at", "who", "what", "target", "why"], lines.iter().map(cells), out))
    } else if lines.is_empty() {
        print::text("no change by an operator is known\n")
    } else {
        let header = ["AT", "WHO", "WHAT", "TARGET", "WHY"];
        print::text(&table::rows(header, lines.iter().map(cells), asked.context.style))
    }
}

/// A target is a job's id, or that with a version behind it.
fn is_about(target: &str, job: &str) -> bool {
    target.strip_prefix(job).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

fn cells(line: &AuditLine) -> [String; 5] {
    [
        rfc3339(line.at),
        line.who.clone(),
        line.what.clone(),
        line.target.clone(),
        line.why.clone().unwrap_or_default(),
    ]
}
