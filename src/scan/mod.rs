//! One scan: harvest the claims, decide what needs no reading, judge the deadlines, read the dumps, settle them.
//!
//! First the facts, then the bytes: every report and every deadline is judged before a dump is read. Each report is one
//! transaction; a version is published before the transaction that speaks of it, so that a crash between the two
//! repeats the promotion and loses nothing.

pub mod accept;
pub mod agents;
mod archive;
pub mod deadlines;
pub mod decide;
pub mod doubt;
mod future;
pub mod harvest;
mod jobs;
pub mod keeping;
mod lacking;
mod notes;
pub mod openings;
pub mod orphans;
pub mod promote;
mod read;
pub mod reconcile;
mod resources;
mod settle;
pub mod summary;
mod turns;
pub mod unkept;
pub mod world;
pub mod years;

use std::collections::{HashMap, HashSet};

use crate::config::Config;
use crate::domain::settings::ContentCheck;
use crate::domain::text::size;
use crate::domain::{AgentId, JobKey, Time};
use crate::intake::Progress;
use crate::source::Source;
use crate::store::kept::KeptReports;
use crate::store::{Result, Store};
use crate::vault::Vault;
use decide::{Decisions, Purpose, Task};
use harvest::Harvest;
use read::{Order, Reader};
use reconcile::Reconciliation;
use settle::Settlement;
use summary::Summary;
use world::World;

/// What a scan works with.
pub struct Scan<'a> {
    pub store: &'a mut dyn Store,
    pub source: &'a dyn Source,
    pub config: &'a Config,
    pub kept: &'a KeptReports,
    /// Where good backups are promoted to in the same pass; `None`: only verified.
    pub vault: Option<&'a Vault>,
    /// One frozen moment for all decisions.
    pub now: Time,
    /// Look at this agent alone; such a scan is not finished in the state's sense, for the others were not looked at.
    pub only_agent: Option<AgentId>,
    /// End after the facts, and tell what would be read.
    pub dry_run: bool,
    pub observer: &'a dyn Observer,
}

/// Who watches a scan go on.
pub trait Observer: Progress {
    /// So many files, of so many bytes, are going to be read.
    fn reading(&self, files: u64, bytes: u64);
    /// Called after each file; true once the scan has gone on for longer than an interval since the last time, and news
    /// should go out before it ends.
    fn interval_is_over(&self) -> bool;
    /// Mail, site and heartbeat in between.
    fn publish(&self, store: &mut dyn Store);
    /// The clock: when a long scan ended, while its decisions are all made at the moment at which it began.
    fn now(&self) -> Time;
}

impl Scan<'_> {
    /// Scans. What could not be done is in the summary; an error means that the state could not be used.
    ///
    /// # Errors
    /// When the state cannot be read or written.
    pub fn run(&mut self) -> Result<Summary> {
        let mut summary = Summary::default();
        let vault = self.vault;
        let mut reconciliation = Reconciliation::begin(self)?;
        let id = self.store.begin_scan(self.now)?;
        summary.scan_id = Some(id);
        reconciliation.put_back_reports(self, &mut summary)?;
        let mut world = World::load(self.store, self.config, vault, self.now)?;
        deadlines::notice_schedule_changes(self, &mut world)?;
        let mut harvest = harvest::harvest(self, &mut world, &mut summary)?;
        future::take_back(self, &mut world, &mut harvest)?;
        reconciliation.compare_versions(self, &mut world, &mut summary, &harvest)?;
        let mut decisions =
            decide::decide(self, &mut world, &mut summary, &mut harvest, &mut reconciliation)?;
        let mut unsettled = std::mem::take(&mut decisions.unsettled);
        unsettled.extend(reconciliation.unsettled.iter().cloned());
        let to_read: HashSet<JobKey> = decisions.tasks.iter().map(|task| task.key.clone()).collect();
        let all_is_known = !harvest.unavailable && !reconciliation.incomplete;
        if all_is_known {
            deadlines::judge_deadlines(self, &mut world, &harvest, |key| !unsettled.contains(key))?;
        }
        agents::watch(self, &mut world, &harvest)?;
        let cannot_be_judged = |key: &JobKey| {
            reconciliation.incomplete || unsettled.contains(key) || harvest.unsettled.contains(&key.agent)
        };
        self.read(&mut world, &mut summary, &harvest, decisions, &cannot_be_judged)?;
        // What was judged only now may have been for a cycle that a missed one has followed since.
        if all_is_known {
            deadlines::judge_deadlines(self, &mut world, &harvest, |key| {
                to_read.contains(key) && !unsettled.contains(key)
            })?;
        }
        // What is said of the fleet and of the server is not for a look at one agent to say.
        let of_all = self.only_agent.is_none();
        if of_all && all_is_known {
            years::turn(self, &mut world)?;
        }
        if of_all {
            resources::watch(self, &mut world, &harvest, cannot_be_judged)?;
        }
        archive::put_away(self, &mut summary, &harvest)?;
        if self.dry_run {
            return Ok(summary);
        }
        if of_all {
            if reconciliation.reports_are_back {
                self.store.finish_scan(id, self.observer.now())?;
            }
            reconciliation.end(self, &mut summary, id)?;
        } else {
            // It came to its end: the next run need not take it for one that was cut off.
            self.store.forget_scan(id)?;
        }
        Ok(summary)
    }

    fn read(
        &mut self,
        world: &mut World,
        summary: &mut Summary,
        harvest: &Harvest,
        decisions: Decisions,
        cannot_be_judged: &dyn Fn(&JobKey) -> bool,
    ) -> Result<()> {
        let bytes: u64 = decisions.tasks.iter().map(|task| task.identity.size).sum();
        let files = decisions.tasks.len() as u64;
        if self.dry_run {
            summary.would_read = (files, bytes);
            return Ok(());
        }
        let wanted =
            decisions.tasks.iter().filter(|task| wants_copy(world, task)).map(|task| task.identity.size);
        let copies = self.copies(wanted.sum(), summary);
        let mut settlement = Settlement::new(&decisions.tasks, &decisions.waiting);
        let orders: Vec<Order> = decisions.tasks.into_iter().map(|task| order(world, task, copies)).collect();
        self.observer.reading(files, bytes);
        let (source, observer, vault) = (self.source, self.observer, self.vault);
        let reader = Reader {
            source,
            vault,
            min_free: vault.map_or(0, |vault| min_free(self.config, vault)),
            observer,
            threads: self.config.scan.threads,
        };
        let left = reader.read(orders, |found| {
            if let Some(found) = found {
                settlement.settle(self, world, summary, harvest, found)?;
            }
            if observer.interval_is_over() {
                settlement.record(self)?;
                if self.only_agent.is_none() {
                    resources::watch(self, world, harvest, cannot_be_judged)?;
                }
                observer.publish(self.store);
            }
            Ok(())
        })?;
        settlement.finish(self, summary)?;
        summary.tell_unkept();
        if left > 0 {
            summary.cut_off(left);
        }
        Ok(())
    }

    /// Whether good backups of `wanted` bytes may be copied: without a configured folder only what takes under a tenth
    /// of the free space.
    fn copies(&self, wanted: u64, summary: &mut Summary) -> bool {
        let Some(vault) = self.vault else { return false };
        let free = vault.space().map_or(0, |space| space.free);
        if self.config.paths.validated_configured || wanted == 0 || wanted < free / 10 {
            return true;
        }
        let note = format!(
            "nothing was promoted: the good backups take {}, more than a tenth of the free {}; set `validated` in [paths]",
            size(wanted),
            size(free)
        );
        if !summary.notes.contains(&note) {
            summary.notes.push(note);
        }
        false
    }
}

fn order(world: &World, task: Task, copies: bool) -> Order {
    let content_check = world.config.scan.content_check == ContentCheck::Auto
        && world
            .jobs
            .get(&task.key)
            .is_none_or(|tracked| tracked.effective.content_check == ContentCheck::Auto);
    let wants = read::wants(&task, content_check);
    let copy = copies && wants_copy(world, &task);
    Order { task, wants, copy }
}

/// When the reported checksum is that of the last good backup, whose version is there, it is hashed and not copied.
fn wants_copy(world: &World, task: &Task) -> bool {
    use crate::domain::verdict::Proof;
    let Some(tracked) = world.jobs.get(&task.key) else { return false };
    let good = tracked.job.state.good.as_ref().filter(|_| tracked.version_is_there);
    match (&task.expectation.proof, good) {
        (Proof::Staged(claimed) | Proof::StagedOrContent(claimed), Some(good)) => good.sha256 != *claimed,
        (Proof::Size(_) | Proof::StagedOrContentSize(_), _) | (_, None) => true,
    }
}

/// Bytes that must stay free on the vault's file system.
fn min_free(config: &Config, vault: &Vault) -> u64 {
    config.promote.min_free.of(vault.space().map_or(0, |space| space.total))
}

/// Entries of a report that wait for the next scan, by the report's index in the harvest.
pub type WaitingEntries = HashMap<usize, usize>;

impl Purpose {
    /// Whether an unjudged outcome keeps the report open.
    #[must_use]
    pub fn keeps_open(self) -> bool {
        match self {
            Purpose::Newest | Purpose::Older => true,
            Purpose::Again => false,
        }
    }
}
