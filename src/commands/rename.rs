//! `jobs rename` and `agents rename`: history, settings and versions go along to the new name.

use anyhow::{Result, anyhow};

use super::change::{Change, Verb};
use super::context::Context;
use super::select;
use crate::cli::jobs::Rename;
use crate::domain::succession::{follows, go_on, is_left_behind, left_behind};
use crate::domain::text::printable;
use crate::domain::{AgentId, DatabaseName, Job, JobKey, Time};
use crate::exit::{Advise as _, Exit};
use crate::store::{self, Heir, Sqlite, Store};
use crate::vault::{Move, Vault};

const VERB: Verb = Verb { done: "renamed to", planned: "would rename to" };

/// What `agents rename` was given.
#[derive(Debug, Clone, Copy)]
pub struct AgentNames<'a> {
    pub from: &'a str,
    pub to: &'a str,
    pub reason: Option<&'a str>,
    pub yes: bool,
    pub dry_run: bool,
}

/// # Errors
/// When there is no such job, the new name is taken or none, or state or versions cannot be changed.
pub fn job(context: &Context, args: &Rename) -> Result<Exit> {
    let database = DatabaseName::new(args.database.clone()).or_usage()?;
    let change = Change::begin(context, args.dry_run)?;
    let from = select::one(&change.snapshot()?, &args.job)?.job.key.clone();
    let to = JobKey { agent: from.agent.clone(), database };
    let taken = change.state.store.jobs()?.iter().any(|job| job.key == to);
    if taken {
        return Err(anyhow!(
            "`{}` is known already, and two histories are never made one",
            printable(&to.to_string())
        ))
        .hint("rename before the agent reports under the new name")
        .or_usage();
    }
    let line = change.line(format!("jobs rename {from} to {to}"), to.id().as_str(), args.reason.as_deref());
    let moves = [Move { from: from.clone(), to: to.clone() }];
    carry_out(change, &moves, |store| store.rename_job(&from.id(), &to, &line))
}

/// # Errors
/// When there is no such agent, the new name is taken or none, or state or versions cannot be changed.
pub fn agent(context: &Context, names: AgentNames) -> Result<Exit> {
    let (from, to) = (AgentId::new(names.from).or_usage()?, AgentId::new(names.to).or_usage()?);
    let change = Change::begin(context, names.dry_run)?;
    let jobs = change.state.store.jobs()?;
    let agents = change.state.store.agents()?;
    let known = |name: &AgentId| {
        agents.iter().any(|agent| agent.id == *name) || jobs.iter().any(|job| job.key.agent == *name)
    };
    if !known(&from) {
        return Err(anyhow!("no agent is called `{}`", printable(names.from)))
            .hint("`backupmon agents list` lists them")
            .or_usage();
    }
    let line = change.line(format!("agents rename {from} to {to}"), to.as_str(), names.reason);
    let want_yes = |moves: &[Move]| {
        select::want_yes(moves.iter().map(|moved| &moved.from), names.yes || names.dry_run).or_usage()
    };
    if known(&to) {
        let (moves, heirs) = heirs(&jobs, &from, &to, context.now)?;
        want_yes(&moves)?;
        return carry_out(change, &moves, |store| store.hand_over(&from, &heirs, &line));
    }
    let of_agent = jobs.into_iter().filter(|job| job.key.agent == from);
    let to_new = |job: Job| {
        let key = JobKey { agent: to.clone(), database: job.key.database.clone() };
        Move { from: job.key, to: key }
    };
    let moves: Vec<Move> = of_agent.map(to_new).collect();
    want_yes(&moves)?;
    carry_out(change, &moves, |store| store.rename_agent(&from, &to, &line))
}

/// What goes where when the site has come already under its new name. What an operator has removed, under whichever
/// name, stays removed.
fn heirs(jobs: &[Job], from: &AgentId, to: &AgentId, now: Time) -> Result<(Vec<Move>, Vec<Heir>)> {
    let mut moves = Vec::new();
    let mut heirs = Vec::new();
    for old in jobs.iter().filter(|job| job.key.agent == *from && !job.ignored) {
        let key = JobKey { agent: to.clone(), database: old.key.database.clone() };
        heirs.push(match jobs.iter().find(|job| job.key == key) {
            Some(new) if new.ignored && !is_left_behind(new) => continue,
            Some(new) if !follows(old, new) => {
                return Err(anyhow!(
                    "`{}` and `{}` have reported side by side, and two histories are never made one",
                    printable(&old.key.to_string()),
                    printable(&new.key.to_string())
                ))
                .hint("`backupmon jobs retire` ends the jobs of the one that is over")
                .or_usage();
            }
            Some(new) => Heir::Joined {
                left: Box::new(left_behind(old.key.clone(), now)),
                joined: Box::new(Job { ignored: false, ..go_on(old, new) }),
            },
            None => Heir::Renamed { from: old.id.clone(), to: key.clone() },
        });
        moves.push(Move { from: old.key.clone(), to: key });
    }
    Ok((moves, heirs))
}

fn carry_out(
    mut change: Change,
    moves: &[Move],
    rename: impl FnOnce(&mut Sqlite) -> store::Result<()>,
) -> Result<Exit> {
    if let Some(vault) = change.own_vault()? {
        finish(&vault, &change.state.store)?;
        vault.note_moves(moves)?;
        rename(&mut change.state.store)?;
        finish(&vault, &change.state.store)?;
    } else {
        rename(&mut change.state.store)?;
    }
    let to: Vec<&JobKey> = moves.iter().map(|moved| &moved.to).collect();
    let jobs: Vec<Job> =
        change.state.store.jobs()?.into_iter().filter(|job| to.contains(&&job.key)).collect();
    change.tell(VERB, &jobs)
}

/// Finishes in the tree what the state has renamed; a note of what the state never did is dropped.
///
/// # Errors
/// When the state cannot be read or a version cannot be moved: the note then stays for the next run.
pub fn finish(vault: &Vault, store: &dyn Store) -> Result<()> {
    let moves = vault.noted_moves()?;
    if moves.is_empty() {
        return Ok(());
    }
    let jobs = store.jobs()?;
    let is_done = |moved: &Move| {
        // One that was handed over is left behind as removed.
        jobs.iter().any(|job| job.key == moved.to)
            && jobs.iter().all(|job| job.key != moved.from || job.ignored)
    };
    for moved in &moves {
        if is_done(moved) {
            vault.carry_over(moved)?;
        }
    }
    Ok(vault.forget_moves()?)
}
