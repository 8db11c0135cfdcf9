//! The JSON that other programs read: the shapes of SPEC section 10, published in `contrib/schema`.
//!
//! What is not known is null and never absent; times are RFC 3339 in UTC; sizes are bytes and
//! durations seconds. Lists are written while they are walked, so that no second copy of a fleet
//! stands in memory. Text is given as it is: JSON's own escaping makes it harmless.

mod rows;
mod summary;

use std::collections::BTreeMap;
use std::io;

use serde::{Serialize, Serializer};

pub use rows::{AgentFacts, AgentRow, AlertRow, EntryRow, JobDocument, JobRow, ScheduleRow, Utc, VersionRow};
pub use summary::{ReportCounts, ScanSummary};

use super::facts::{JobDetails, VersionFact};
use super::view::{JobView, View};
use crate::domain::{Entry, Incident, JobId, JobKey, Status};

/// An iterator written as a JSON array.
struct Each<I>(std::cell::RefCell<Option<I>>);

impl<I: Iterator<Item: Serialize>> Serialize for Each<I> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self.0.take() {
            Some(items) => serializer.collect_seq(items),
            None => Err(serde::ser::Error::custom("a list can be written only once")),
        }
    }
}

fn each<I: Iterator<Item: Serialize>>(items: I) -> Each<I> {
    Each(std::cell::RefCell::new(Some(items)))
}

/// Writes one document, indented, with a newline at its end.
///
/// # Errors
/// When `out` cannot be written.
pub fn write(document: &impl Serialize, out: &mut dyn io::Write) -> io::Result<()> {
    serde_json::to_writer_pretty(&mut *out, document)?;
    out.write_all(b"\n")
}

/// `jobs list --json` and `api/jobs.json`; `keep` is the selector, and says whether RETIRED ones are meant.
pub fn jobs<'v>(view: &'v View, keep: impl Fn(&JobView) -> bool + 'v) -> impl Serialize + 'v {
    #[derive(Serialize)]
    struct Document<L> {
        generated_at: Utc,
        scan_id: Option<i64>,
        jobs: L,
    }
    let rows = view.jobs.iter().filter(move |job| keep(job)).map(|job| JobRow::new(view, job));
    Document {
        generated_at: Utc(view.generated_at),
        scan_id: view.scan.map(|scan| scan.id),
        jobs: each(rows),
    }
}

/// `jobs show --json` and `api/jobs/<id>.json`.
#[must_use]
pub fn job<'v>(view: &View, job: &'v JobView, details: &'v JobDetails) -> JobDocument<'v> {
    let key_of = |_: &JobId| Some(&job.job.key);
    JobDocument {
        job: JobRow::new(view, job).without_check(),
        entries: details.entries.iter().map(|entry| EntryRow::new(entry, key_of(&entry.job))).collect(),
        versions: details
            .versions
            .iter()
            .map(|(version, fate)| {
                VersionRow::new(&VersionFact::of_job(version, Some(job.job), fate.as_ref()))
            })
            .collect(),
        alerts: details.incidents.iter().map(|incident| AlertRow::new(incident, view.generated_at)).collect(),
    }
}

/// `api/health.json`.
#[must_use]
pub fn health<'v>(view: &'v View) -> Health<'v> {
    Health {
        generated_at: Utc(view.generated_at),
        valid_until: Utc(view.valid_until),
        scan_id: view.scan.map(|scan| scan.id),
        status: view.health.word(),
        jobs: &view.counts,
        alerts: view.tally.alerts,
        undelivered: view.undelivered.count,
        backlog_seconds: view.backlog_seconds,
        disk_full_at: view.disk_full_at().map(Utc),
        version: view.version,
    }
}

#[derive(Debug, Serialize)]
pub struct Health<'v> {
    generated_at: Utc,
    valid_until: Utc,
    scan_id: Option<i64>,
    status: &'static str,
    jobs: &'v BTreeMap<Status, usize>,
    alerts: usize,
    undelivered: usize,
    backlog_seconds: u64,
    /// Midnight of the day; `None` where none is in sight or it cannot be known.
    disk_full_at: Option<Utc>,
    version: &'v str,
}

/// `alerts list --json` and `api/alerts.json`, which takes [`View::incidents`].
pub fn alerts<'v>(
    view: &View,
    incidents: impl IntoIterator<Item = &'v Incident> + 'v,
) -> impl Serialize + 'v {
    #[derive(Serialize)]
    struct Document<L> {
        generated_at: Utc,
        scan_id: Option<i64>,
        alerts: L,
    }
    let now = view.generated_at;
    let rows = incidents.into_iter().map(move |incident| AlertRow::new(incident, now));
    Document { generated_at: Utc(now), scan_id: view.scan.map(|scan| scan.id), alerts: each(rows) }
}

/// `history --json`. `key_of` names the job of an entry; `None` for one that is no longer known.
pub fn history<'e>(
    entries: impl IntoIterator<Item = &'e Entry> + 'e,
    key_of: impl Fn(&JobId) -> Option<&'e JobKey> + 'e,
) -> impl Serialize + 'e {
    #[derive(Serialize)]
    struct History<L> {
        entries: L,
    }
    let rows = entries.into_iter().map(move |entry| EntryRow::new(entry, key_of(&entry.job)));
    History { entries: each(rows) }
}

/// `versions list --json`.
pub fn versions<'v>(versions: impl IntoIterator<Item = VersionFact<'v>> + 'v) -> impl Serialize + 'v {
    #[derive(Serialize)]
    struct Versions<L> {
        versions: L,
    }
    Versions { versions: each(versions.into_iter().map(|fact| VersionRow::new(&fact))) }
}

/// `agents list --json`.
pub fn agents<'v>(view: &'v View) -> impl Serialize + 'v {
    #[derive(Serialize)]
    struct Document<L> {
        generated_at: Utc,
        scan_id: Option<i64>,
        agents: L,
    }
    let rows = view.agents.iter().map(|agent| AgentRow::new(view, agent));
    Document {
        generated_at: Utc(view.generated_at),
        scan_id: view.scan.map(|scan| scan.id),
        agents: each(rows),
    }
}
