//! The state is not the truth: each run compares it with the disk (SPEC section 7).
//!
//! [`mark`] tells cheaply whether the state is the one that the last run left: usually nothing more is done. When it is
//! not (a killed run, a lost state, one restored from an older copy), and once a day in any case, [`reports`] puts back
//! kept reports that the state does not know, before the harvest; and [`versions`] compares the versions after it:
//! what [`adopt`] can be told of by the version alone is taken over, and a judgement that was half done is left to the
//! second pass, which completes it in its place among the others. Until the kept reports are back, and the versions
//! compared where there is a vault, no deadline is judged; and a run that found its state behind removes nothing.

pub mod adopt;
pub mod mark;
pub mod reports;
pub mod telling;
pub mod versions;

use std::collections::HashSet;
use std::path::{Path, PathBuf};

use super::Scan;
use super::harvest::Harvest;
use super::summary::Summary;
use super::world::World;
use crate::domain::incident::{IncidentChange, Subject};
use crate::domain::{Digest, JobKey, Problem, Severity, Time};
use crate::store::{Result, Store, Unit};
use crate::vault::{OnDisk, Vault};
use mark::{Lineage, Mark};
use reports::{PutBack, PutBackError};
use telling::NOT_COMPARED;
use versions::HalfDone;

/// What a scan must look at before it trusts its state, and what came of it.
pub struct Reconciliation {
    kept: Beside,
    vault: Option<Beside>,
    half_done: HalfDone,
    /// Jobs whose versions could not be looked at now: nothing of them is judged missing.
    pub unsettled: HashSet<JobKey>,
    /// Something as a whole could not be compared: nothing becomes MISSING.
    pub incomplete: bool,
    /// All kept reports that the state did not know are in it now. Otherwise the scan is not finished: the next one
    /// looks for what was kept since the last finished one.
    pub reports_are_back: bool,
    /// What keeps the state from being compared, for people.
    failure: Option<String>,
}

/// A folder with a mark, and what that says.
struct Beside {
    folder: PathBuf,
    temps: PathBuf,
    mark: Option<Mark>,
    lineage: Lineage,
}

impl Beside {
    fn look(scan: &Scan, folder: PathBuf, temps: PathBuf) -> Result<Self> {
        let mark = Mark::read(&folder);
        let lineage = mark::lineage(&*scan.store, mark.as_ref(), scan.now)?;
        Ok(Self { folder, temps, mark, lineage })
    }
}

impl Reconciliation {
    /// Compares the marks of the disk with the state; to be asked before the scan itself is begun in the state.
    ///
    /// # Errors
    /// When the state cannot be read.
    pub fn begin(scan: &Scan) -> Result<Self> {
        let state = scan.kept.folder().parent().unwrap_or(Path::new("."));
        let kept = Beside::look(scan, state.to_owned(), state.to_owned())?;
        let beside = |vault: &Vault| Beside::look(scan, vault.own_folder(), vault.temp_folder());
        let vault = scan.vault.map(beside).transpose()?;
        let (half_done, unsettled) = (HalfDone::default(), HashSet::new());
        let (incomplete, reports_are_back, failure) = (false, true, None);
        Ok(Self { kept, vault, half_done, unsettled, incomplete, reports_are_back, failure })
    }

    /// Something as a whole could not be compared, for the monitor's own reasons.
    fn fail(&mut self, summary: &mut Summary, reason: String) {
        self.incomplete = true;
        summary.not_done(reason.clone());
        self.failure.get_or_insert(reason);
    }

    /// Puts back kept reports that the state does not know, for the harvest to find.
    ///
    /// # Errors
    /// When the state cannot be used.
    pub fn put_back_reports(&mut self, scan: &mut Scan, summary: &mut Summary) -> Result<()> {
        match self.kept.lineage {
            Lineage::Same | Lineage::LongAgo => return Ok(()),
            Lineage::CutOff | Lineage::Behind => {}
        }
        let Scan { store, kept, source, config, now, .. } = scan;
        let put_back = PutBack { store: *store, kept, source: *source, config, now: *now };
        match put_back.all() {
            Ok(reports) => summary.reports_put_back += reports as u64,
            Err(PutBackError::Store(error)) => return Err(error),
            Err(PutBackError::Kept(error)) => {
                self.reports_are_back = false;
                self.fail(summary, format!("the kept reports could not be compared with the state: {error}"));
            }
        }
        Ok(())
    }

    /// Compares the versions; what is half done is left for [`half_done`](Self::half_done).
    ///
    /// # Errors
    /// When the state cannot be used.
    pub fn compare_versions(
        &mut self,
        scan: &mut Scan,
        world: &mut World,
        summary: &mut Summary,
        harvest: &Harvest,
    ) -> Result<()> {
        versions::compare(scan, world, summary, harvest, self)?;
        summary.state_was_behind = self.lineage() == Lineage::Behind;
        let incidents = self.trouble(scan, world, summary)?;
        let unit = Unit { incidents: incidents.into_iter().collect(), ..Unit::default() };
        if unit.incidents.is_empty() { Ok(()) } else { scan.store.commit(&unit).map(drop) }
    }

    /// The change of `state_damaged` that follows from what was found.
    fn trouble(
        &self,
        scan: &Scan,
        world: &mut World,
        summary: &mut Summary,
    ) -> Result<Option<IncidentChange>> {
        let subject = Subject::server(Problem::StateDamaged);
        let open = world.open_incident(&subject).cloned();
        let of_all = scan.only_agent.is_none();
        if let Some(failure) = self.failure.as_ref().filter(|_| of_all) {
            let (_, message) = telling::beside(
                open.as_ref(),
                format!(
                    "{failure}; until it can be read nothing becomes MISSING and nothing is removed: mend it, or move it away"
                ),
            );
            let cause = Some(NOT_COMPARED.to_owned());
            return Ok(world.raise_as(subject, None, Severity::Critical, cause, message));
        }
        if self.found_it_behind(summary) {
            let (taken_over, gone) =
                (summary.versions_adopted + self.half_done.count(), summary.versions_gone);
            let found = format!(
                "the state did not know the last run, as one that was lost or restored: {taken_over} versions were taken \
                 over from the disk, {gone} are gone, {} kept reports are judged again; nothing is removed in this run",
                summary.reports_put_back
            );
            summary.notes.push(found.clone());
            let (cause, message) = telling::beside(open.as_ref(), found);
            return Ok(world.raise_as(subject, None, Severity::Warning, cause, message));
        }
        match open {
            Some(open) if self.vault.is_some() && of_all && telling::may_end(scan, &open)? => {
                Ok(world.resolve(subject))
            }
            Some(_) | None => Ok(None),
        }
    }

    /// Whether the comparison has put something into a state that should have known it. Without any mark it may be the
    /// first run, and what it was cut off at is no loss; but versions whose reports nobody knows any more are.
    fn found_it_behind(&self, summary: &Summary) -> bool {
        let beside = [Some(&self.kept), self.vault.as_ref()];
        let was_marked = beside.into_iter().flatten().any(|beside| beside.mark.is_some());
        let others = summary.versions_gone + summary.reports_put_back + self.half_done.count();
        self.lineage() == Lineage::Behind && (summary.versions_adopted > 0 || (was_marked && others > 0))
    }

    /// What the state is, beside the versions; without them nothing is removed either.
    fn lineage(&self) -> Lineage {
        self.vault.as_ref().map_or(Lineage::Same, |vault| vault.lineage)
    }

    /// Whether this state may never have known of a version that is not there. Without the vault's mark, that of the
    /// kept reports says whether it is the last run's own.
    fn never_knew(&self) -> bool {
        let was_marked = self.vault.as_ref().is_some_and(|vault| vault.mark.is_some());
        self.lineage() == Lineage::Behind && (was_marked || self.kept.lineage == Lineage::Behind)
    }

    /// The version that was made of a job's entry in the report with these bytes, and is not judged yet.
    pub fn half_done(&mut self, key: &JobKey, report: &Digest) -> Option<OnDisk> {
        self.half_done.take(key, report)
    }

    /// Leaves the marks for the next run: by them it knows this state again.
    ///
    /// # Errors
    /// When the state cannot be read.
    pub fn end(&self, scan: &Scan, summary: &mut Summary, scan_id: i64) -> Result<()> {
        if self.incomplete || !self.unsettled.is_empty() {
            return Ok(());
        }
        let Some(begun) = scan.store.scans_from(scan_id)?.first().copied() else { return Ok(()) };
        let known = self.kept.mark.as_ref().and_then(Mark::server);
        let server = known.or_else(|| self.vault.as_ref().map(|_| begun.started_at));
        for beside in self.vault.iter().chain([&self.kept]) {
            let mark = Mark::of(&begun, scan.now, beside.mark.as_ref(), beside.lineage, server);
            if let Err(error) = mark.write(&beside.folder, &beside.temps) {
                summary.not_done(format!("the mark of this run could not be left: {error}"));
            }
        }
        Ok(())
    }
}

/// Compares every version with a state that was rebuilt, as the first run on it would. Gives how many are half done: they
/// are left to that run, which knows the place of their reports among the others.
///
/// # Errors
/// When the state cannot be used.
pub fn take_over(scan: &mut Scan, summary: &mut Summary) -> Result<u64> {
    let mut found = Reconciliation::begin(scan)?;
    for beside in found.vault.iter_mut().chain([&mut found.kept]) {
        beside.lineage = Lineage::Behind;
    }
    let mut world = World::load(scan.store, scan.config, scan.vault, scan.now)?;
    versions::compare(scan, &mut world, summary, &Harvest::default(), &mut found)?;
    Ok(found.half_done.count())
}

/// Whether nothing may be made current or removed: the state does not know what happened last, by the marks in the
/// folder of the state and in the vault. Without any mark no run has been there yet.
///
/// # Errors
/// When the state cannot be read.
pub fn is_behind(store: &dyn Store, state_folder: &Path, vault: Option<&Vault>, now: Time) -> Result<bool> {
    let folders = std::iter::once(state_folder.to_owned()).chain(vault.map(Vault::own_folder));
    for mark in folders.filter_map(|folder| Mark::read(&folder)) {
        if mark::lineage(store, Some(&mark), now)? == Lineage::Behind {
            return Ok(true);
        }
    }
    Ok(false)
}
