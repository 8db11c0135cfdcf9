//! What was verified and still has no version: by a scan that copied nothing, or when there was no room.

use super::world::Tracked;
use crate::domain::job::StagedMark;
use crate::domain::verdict::{Inside, Measurement};
use crate::domain::{Status, Time, Verdict, Warning};
use crate::store::{Result, Store};

/// A verified backup without a copy, whose bytes were the staged file's when it was last read.
pub struct Lacking<'t> {
    pub mark: &'t StagedMark,
    /// The state's id of its report, and the report's time.
    pub report: i64,
    pub report_time: Time,
    message: String,
    warnings: Vec<Warning>,
}

impl<'t> Lacking<'t> {
    /// The good backup or the held one that the job lacks a version of.
    ///
    /// # Errors
    /// When the state cannot be read.
    pub fn of(store: &dyn Store, tracked: &'t Tracked) -> Result<Option<Self>> {
        let state = &tracked.job.state;
        let Some(mark) = &state.staged else { return Ok(None) };
        if let Some(good) = state.good.as_ref().filter(|good| good.sha256 == mark.sha256) {
            let is_suspicious = |warning: &Warning| warning.is_suspicious();
            return Ok((!tracked.version_is_there).then(|| Self {
                mark,
                report: good.report,
                report_time: good.report_time,
                message: state.message.clone().unwrap_or_default(),
                // What was doubted since, of the same bytes, is not why they were kept.
                warnings: state.warnings.iter().copied().filter(|warning| !is_suspicious(warning)).collect(),
            }));
        }
        if !state.held {
            return Ok(None);
        }
        let Some(entry) = store.held_entries(&tracked.job.id, 1)?.pop() else { return Ok(None) };
        let is_its_own = |sha256| sha256 == mark.sha256;
        if !entry.sha256.is_some_and(is_its_own)
            || store.versions(Some(&tracked.job.id))?.iter().any(|version| is_its_own(version.sha256))
        {
            return Ok(None);
        }
        let (Some(report), Some(report_time)) = (entry.report_id, entry.report_time) else { return Ok(None) };
        Ok(Some(Self { mark, report, report_time, message: entry.message, warnings: entry.warnings }))
    }

    /// The verdict of then, on the same bytes.
    #[must_use]
    pub fn verdict(&self, measured: &Measurement) -> Verdict {
        Verdict {
            status: Status::Success,
            cause: None,
            message: self.message.clone(),
            warnings: self.warnings.clone(),
            sha256: Some(measured.sha256),
            size_bytes: Some(measured.size_bytes),
            inside: Some(Box::new(Inside::of(&measured.content))),
            ends_hold: false,
        }
    }
}
