//! `jobs import`: create and update jobs from a document, all of it or nothing.

use std::collections::{HashMap, HashSet};
use std::io::Read as _;
use std::path::Path;

use anyhow::{Context as _, Result, anyhow};
use serde::Serialize;

use super::document::{Document, JobRecord, Patch};
use super::settings;
use crate::cli::jobs::Import;
use crate::commands::change::Change;
use crate::commands::context::Context;
use crate::commands::print;
use crate::domain::job::Pause;
use crate::domain::text::printable;
use crate::domain::{Job, JobKey, Labels, OwnSettings};
use crate::exit::{Advise as _, Exit};
use crate::files;
use crate::store::{Store as _, Unit};

/// More than any fleet's document.
const LIMIT: u64 = 256 * 1024 * 1024;
/// So many faults are told at once.
const FAULTS: usize = 20;
const WHY: &str = "imported as not active";

#[derive(Debug, Default, Serialize)]
struct Counts {
    created: usize,
    updated: usize,
    unchanged: usize,
    dry_run: bool,
}

/// # Errors
/// When the document does not hold; nothing is changed then. When the state cannot be used.
pub fn import(context: &Context, args: &Import) -> Result<Exit> {
    let document = parse(&read(&args.file)?).or_usage()?;
    let mut change = Change::begin(context, args.dry_run)?;
    let mut known: HashMap<JobKey, Job> =
        change.state.store.jobs()?.into_iter().map(|job| (job.key.clone(), job)).collect();
    let mut seen = HashSet::new();
    let mut counts = Counts { dry_run: change.is_dry(), ..Counts::default() };
    let (mut unit, mut faults) = (Unit::default(), Vec::new());
    for record in document.jobs {
        let key = record.key();
        if !seen.insert(key.clone()) {
            faults.push(format!("{}: is named twice", printable(&key.to_string())));
            continue;
        }
        let before = known.remove(&key).map(|job| change.open(&job));
        let after = imported(&change, before.clone(), record, args.reason.as_deref());
        if let Err(error) = settings::check(&after, context.config.server_timezone) {
            faults.push(error.to_string());
            continue;
        }
        match before.filter(|job| !job.ignored) {
            None => counts.created += 1,
            Some(before) if before == after => {
                counts.unchanged += 1;
                continue;
            }
            Some(_) => counts.updated += 1,
        }
        change.put(&mut unit, after, "jobs import", args.reason.as_deref());
    }
    refuse(&faults).or_usage()?;
    change.commit(&unit)?;
    tell(&change, &counts)
}

fn read(file: &Path) -> Result<Vec<u8>> {
    if file == Path::new("-") {
        let mut bytes = Vec::new();
        std::io::stdin().lock().take(LIMIT).read_to_end(&mut bytes).context("cannot read stdin")?;
        return Ok(bytes);
    }
    files::read_limited(file, LIMIT)?
        .ok_or_else(|| anyhow!("there is no file `{}`", files::shown(file)))
        .or_usage()
}

fn parse(bytes: &[u8]) -> Result<Document> {
    let bytes = bytes.strip_prefix("\u{feff}".as_bytes()).unwrap_or(bytes);
    let mut reader = serde_json::Deserializer::from_slice(bytes);
    let refused = |place: String, error: serde_json::Error| {
        let place = if place.is_empty() || place == "." { String::new() } else { format!("{place}: ") };
        anyhow!("the document does not hold, so nothing was changed: {place}{error}")
    };
    let document = serde_path_to_error::deserialize(&mut reader)
        .map_err(|error| refused(error.path().to_string(), error.into_inner()))?;
    // A second document behind the first would be left out in silence.
    reader.end().map_err(|error| refused(String::new(), error))?;
    Ok(document)
}

/// The job as the record wants it: a new one, or the known one off trial.
fn imported(change: &Change, known: Option<Job>, record: JobRecord, reason: Option<&str>) -> Job {
    let now = change.context.now;
    let mut job = match known {
        None => Job::new(record.key(), now, false),
        Some(mut removed) if removed.ignored => {
            removed.settings = OwnSettings::default();
            removed.labels = Labels::default();
            removed.pauses.clear();
            removed.expect_again(now);
            removed
        }
        Some(mut known) => {
            known.end_trial(now);
            known
        }
    };
    match record.active {
        Patch::Absent | Patch::Null => {}
        // A pause with an end goes on: it ends by itself.
        Patch::Set(true) => {
            if job.is_paused_without_end() {
                job.end_pauses(now);
            }
            if job.retired_at.is_some() {
                job.expect_again(now);
            }
        }
        Patch::Set(false) if job.retired_at.is_some() || job.is_paused_without_end() => {}
        Patch::Set(false) => {
            let (who, reason) = (change.context.who.clone(), reason.unwrap_or(WHY).to_owned());
            job.pause(Pause { from: now, until: None, who, reason });
        }
    }
    record.apply(&mut job);
    job
}

fn refuse(faults: &[String]) -> Result<()> {
    if faults.is_empty() {
        return Ok(());
    }
    let shown = faults.len().min(FAULTS);
    let more = (faults.len() > shown).then(|| format!("and {} more", faults.len() - shown));
    let lines: Vec<&str> = faults[..shown].iter().chain(&more).map(String::as_str).collect();
    Err(anyhow!("the document does not hold, so nothing was changed:\n  {}", lines.join("\n  ")))
}

fn tell(change: &Change, counts: &Counts) -> Result<Exit> {
    if change.context.json {
        print::json(counts)?;
    } else if !change.context.quiet {
        let Counts { created, updated, unchanged, .. } = counts;
        let would = if change.is_dry() { "would be " } else { "" };
        print::text(&format!(
            "{created} {would}created, {updated} {would}updated, {unchanged} unchanged\n{}",
            change.dry_note()
        ))?;
    }
    Ok(Exit::Done)
}
