//! The mark that a run leaves beside what it keeps: which scan of which state was the last.
//!
//! A state that knows this very scan is the one that the last run left, or a later one. One that was lost, or restored
//! from an older copy, does not know it: scans have ascending numbers, and the moments at which two states began scans
//! of one number differ.

use std::path::Path;

use chrono::TimeDelta;
use serde::{Deserialize, Serialize};

use crate::domain::Time;
use crate::files::{self, FileError};
use crate::store::{BegunScan, Result, Store};

const FILE: &str = "last-run.json";
/// More than a mark ever takes.
const LIMIT: u64 = 4096;
/// So often all is looked at even when the mark agrees: somebody may have been at the disk.
const COMPARED: TimeDelta = TimeDelta::days(1);

/// What the mark says of the state.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Lineage {
    /// The last run left it, and came to its end: nothing need be compared.
    Same,
    /// As `Same`, but the last comparison was long ago.
    LongAgo,
    /// The last run was cut off.
    CutOff,
    /// It does not know the last run.
    Behind,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Mark {
    scan: i64,
    started_at: Time,
    /// When the state was last compared with everything.
    compared_at: Time,
    /// When the first run began that promoted with this state's folder: what tells two servers apart. One that is
    /// restored without that folder begins as another server, and takes the versions over.
    #[serde(default)]
    server: Option<Time>,
}

impl Mark {
    /// The mark of a scan; `lineage` is what it found.
    #[must_use]
    pub fn of(
        scan: &BegunScan,
        now: Time,
        former: Option<&Self>,
        lineage: Lineage,
        server: Option<Time>,
    ) -> Self {
        let compared_at = match (lineage, former) {
            (Lineage::Same, Some(former)) => former.compared_at,
            (Lineage::Same, None) | (Lineage::LongAgo | Lineage::CutOff | Lineage::Behind, _) => now,
        };
        Self { scan: scan.id, started_at: scan.started_at, compared_at, server }
    }

    /// Which server left it; `None` where it never promoted.
    #[must_use]
    pub fn server(&self) -> Option<Time> {
        self.server
    }

    /// `None` where there is none, or none that can be read: then the state is behind.
    #[must_use]
    pub fn read(folder: &Path) -> Option<Self> {
        let bytes = files::read_limited(&folder.join(FILE), LIMIT).ok()??;
        serde_json::from_slice(&bytes).ok()
    }

    /// Writes it into `folder`, by way of `temps`, where a killed run's leavings are looked for.
    ///
    /// # Errors
    /// When it cannot be written; the old one is then as it was.
    pub fn write(&self, folder: &Path, temps: &Path) -> std::result::Result<(), FileError> {
        files::create_dirs(temps)?;
        let text = serde_json::json!(self).to_string();
        files::write_atomic_from(temps, &folder.join(FILE), text.as_bytes())
    }
}

/// When another server was the last to work with the versions: since then it, and not this one, knows them. `ours` is
/// the folder of the state.
#[must_use]
pub fn taken_over(ours: &Path, theirs: &Path) -> Option<Time> {
    let (ours, theirs) = (Mark::read(ours)?.server?, Mark::read(theirs)?);
    theirs.server.filter(|server| *server != ours).map(|_| theirs.started_at)
}

/// What the mark in a folder says of the state.
///
/// # Errors
/// When the state cannot be read.
pub fn lineage(store: &dyn Store, mark: Option<&Mark>, now: Time) -> Result<Lineage> {
    let Some(mark) = mark else { return Ok(Lineage::Behind) };
    let scans = store.scans_from(mark.scan)?;
    let is_it = |scan: &BegunScan| scan.id == mark.scan && scan.started_at == mark.started_at;
    if !scans.first().is_some_and(is_it) {
        return Ok(Lineage::Behind);
    }
    let age = now - mark.compared_at;
    Ok(if scans.iter().any(|scan| scan.finished_at.is_none()) {
        Lineage::CutOff
    } else if (TimeDelta::zero()..COMPARED).contains(&age) {
        Lineage::Same
    } else {
        Lineage::LongAgo
    })
}
