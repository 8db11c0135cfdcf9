//! `verify`: versions at rest are read again.
//!
//! Reading may take hours, in which backups must go on being judged: so it is done without the lock, and what was found
//! is recorded in between, by [`record`].

mod record;

use anyhow::{Result, anyhow};
use serde::Serialize;

use super::bar::Bar;
use super::context::{self, Context};
use super::holdings::Holdings;
use super::{print, select};
use crate::cli::Global;
use crate::cli::versions::{Budget, Verify};
use crate::clock::Clock;
use crate::domain::text::{printable, size};
use crate::domain::{JobKey, Selector, Version};
use crate::exit::{Advise as _, Exit};
use crate::store::Store as _;
use crate::vault::{Health, Vault};
use record::Recorder;

/// # Errors
/// When nothing can be verified at all.
pub fn verify(global: &Global, args: &Verify) -> Result<Exit> {
    let selector = select::selector(&args.selector)?;
    if selector.is_everything() && !args.all && args.budget.is_none() {
        let nothing: Result<()> = Err(anyhow!("it is not said what to verify"));
        nothing.hint("say --all, name jobs, or give a budget such as --budget 1h").or_usage()?;
    }
    match &args.tree.tree {
        Some(root) => {
            let holdings = Holdings::of_tree(root, &selector)?;
            let clock = context::clock(global);
            let silent = global.quiet || global.json;
            let mut round = Round::new(&*clock, args.budget, silent);
            // In a tree alone nothing else says that a version's own description is gone.
            for foreign in &holdings.foreign {
                tracing::error!("`{}` is no version: {}", crate::files::shown(&foreign.path), foreign.reason);
                round.tally.foreign += 1;
            }
            let vault = &holdings.vault;
            round.read(&candidates(&holdings), vault, &mut |_, _, _| Ok(()))?;
            round.tally.not_done.extend(holdings.unread);
            let asked =
                context::style(global.color, &crate::config::Environment::of_process()).width.is_some();
            round.tell(global.json, !global.quiet && (asked || global.verbose > 0), args)
        }
        None => of_state(&Context::new(global, &[])?, args, &selector),
    }
}

fn of_state(context: &Context, args: &Verify, selector: &Selector) -> Result<Exit> {
    let store = context.reader()?;
    let dry = context.fixed_clock && !store.meta()?.fixed_clock;
    if dry {
        tracing::warn!("under --now nothing is recorded in a state that was not created so");
    }
    let holdings = Holdings::of_state(context, &store, selector)?;
    drop(store);
    let mut round = Round::new(&*context.clock, args.budget, context.quiet || context.json);
    let mut recorder = Recorder::new(context, dry);
    round.read(&candidates(&holdings), &holdings.vault, &mut |key, version, health| {
        recorder.take(key, version, health)
    })?;
    recorder.finish()?;
    round.tally.not_done.extend(holdings.unread);
    round.tally.not_done.extend(recorder.not_done);
    round.tell(context.json, context.is_asked(), args)
}

/// All versions, the least recently verified first. Known damage comes last: it is looked at again when there is time.
fn candidates(holdings: &Holdings) -> Vec<(&JobKey, &Version)> {
    let mut all: Vec<_> = holdings
        .shelves
        .iter()
        .flat_map(|shelf| shelf.versions.iter().chain(&shelf.gone).map(|version| (&shelf.key, version)))
        .collect();
    all.sort_by_key(|(_, version)| (version.damaged, version.verified_at, version.promoted_at));
    all
}

/// What was found, for people and for `--json`.
#[derive(Debug, Default, Serialize)]
struct Tally {
    verified: u64,
    damaged: Vec<Damage>,
    bytes_read: u64,
    /// Versions that the budget left for another time.
    left: u64,
    /// Folders among the versions that describe none.
    foreign: u64,
    /// What could not be read, or recorded.
    not_done: Vec<String>,
}

#[derive(Debug, Serialize)]
struct Damage {
    job_id: String,
    agent: String,
    database: String,
    version: String,
    reason: String,
}

struct Round<'c> {
    clock: &'c dyn Clock,
    budget: Option<Budget>,
    bar: Bar,
    tally: Tally,
}

impl<'c> Round<'c> {
    fn new(clock: &'c dyn Clock, budget: Option<Budget>, silent: bool) -> Self {
        Self { clock, budget, bar: Bar::new(silent), tally: Tally::default() }
    }

    /// Reads one after the other, for a disk is faster so, and hands on what each is.
    fn read(
        &mut self,
        candidates: &[(&JobKey, &Version)],
        vault: &Vault,
        found: &mut dyn FnMut(&JobKey, &str, &Health) -> Result<()>,
    ) -> Result<()> {
        self.bar.expect(self.wanted(candidates));
        for (nth, (key, version)) in candidates.iter().enumerate() {
            if self.is_spent(version.size_bytes) {
                self.tally.left = (candidates.len() - nth) as u64;
                break;
            }
            match vault.verify(key, &version.name, &self.bar) {
                Ok(health) => {
                    self.note(key, version, &health);
                    found(key, &version.name, &health)?;
                }
                Err(error) => {
                    let sentence = format!(
                        "version {} of {} could not be read: {error}",
                        printable(&version.name),
                        printable(&key.to_string())
                    );
                    tracing::error!("{sentence}");
                    self.tally.not_done.push(sentence);
                }
            }
        }
        self.bar.finish();
        Ok(())
    }

    fn note(&mut self, key: &JobKey, version: &Version, health: &Health) {
        let reason = match health {
            Health::Whole => {
                self.tally.verified += 1;
                self.tally.bytes_read += version.size_bytes;
                return;
            }
            Health::Damaged(reason) => {
                self.tally.bytes_read += version.size_bytes;
                reason.clone()
            }
            Health::Absent => "it is gone from the disk".to_owned(),
        };
        let (job, name) = (printable(&key.to_string()), printable(&version.name));
        tracing::error!("version {name} of {job} is damaged: {reason}");
        self.tally.damaged.push(Damage {
            job_id: key.id().to_string(),
            agent: key.agent.to_string(),
            database: key.database.to_string(),
            version: version.name.clone(),
            reason,
        });
    }

    fn wanted(&self, candidates: &[(&JobKey, &Version)]) -> u64 {
        let all = candidates.iter().map(|(_, version)| version.size_bytes).sum();
        match self.budget {
            Some(Budget::Bytes(most)) => most.min(all),
            Some(Budget::Time(_)) | None => all,
        }
    }

    /// The first version is read in any case: one that is larger than the budget would else never be.
    fn is_spent(&self, next: u64) -> bool {
        match self.budget {
            None => false,
            Some(Budget::Time(most)) => self.clock.elapsed() >= most,
            Some(Budget::Bytes(most)) => {
                self.tally.bytes_read > 0 && self.tally.bytes_read.saturating_add(next) > most
            }
        }
    }

    fn tell(self, json: bool, asked: bool, args: &Verify) -> Result<Exit> {
        let tally = self.tally;
        if json {
            print::json(&tally)?;
        } else if asked {
            let left = if tally.left > 0 {
                format!(", {} left for another time", tally.left)
            } else {
                String::new()
            };
            print::text(&format!(
                "{} versions are whole, {} damaged; {} read{left}\n",
                tally.verified,
                tally.damaged.len(),
                size(tally.bytes_read)
            ))?;
        }
        let bad = !tally.damaged.is_empty() || tally.foreign > 0;
        let found = if bad && args.fail_on.fail_on.is_some() { Exit::Found } else { Exit::Done };
        let done = if tally.not_done.is_empty() { Exit::Done } else { Exit::Incomplete };
        Ok(done.and(found))
    }
}
