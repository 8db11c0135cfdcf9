//! `versions pin` and `versions unpin`: a mark in the version's folder, which survives the state, and its record.

use anyhow::{Result, anyhow};

use crate::cli::versions::Pin;
use crate::commands::change::Change;
use crate::commands::context::Context;
use crate::commands::snapshot::Known;
use crate::commands::{print, select};
use crate::domain::text::printable;
use crate::domain::{JobKey, Version};
use crate::exit::{Advise as _, Exit};
use crate::render::{VersionFact, json};
use crate::store::{Store as _, Unit};
use crate::vault::Vault;

pub fn pin(context: &Context, args: &Pin, pinned: bool) -> Result<Exit> {
    let mut change = Change::begin(context, args.change.dry_run)?;
    let snapshot = change.snapshot()?;
    let mut wanted = Vec::new();
    let mut without = Vec::new();
    for known in select::touched(&snapshot, &args.change)? {
        let of_job = meant(&change, known, args.version.as_deref(), pinned)?;
        if of_job.is_empty() {
            without.push(&known.job.key);
        }
        wanted.extend(of_job.into_iter().map(|version| (known, version)));
    }
    if wanted.is_empty() {
        let none: Result<()> = Err(anyhow!("there is no such version, so nothing was changed"));
        none.hint("`backupmon versions list` takes the same selectors").or_usage()?;
    }
    for key in &without {
        tracing::warn!("{} has no such version", printable(&key.to_string()));
    }
    let vault = change.own_vault()?;
    let mut done = Vec::new();
    for (known, version) in wanted {
        let why = args.reason.as_deref();
        done.push((known, mark(&mut change, vault.as_ref(), &known.job.key, version, pinned, why)?));
    }
    tell(&change, &done, pinned)?;
    Ok(if without.is_empty() { Exit::Done } else { Exit::Incomplete })
}

/// The named version, else the current one to pin, or all pinned ones to unpin.
fn meant(change: &Change, known: &Known, named: Option<&str>, pinned: bool) -> Result<Vec<Version>> {
    let mut versions = change.state.store.versions(Some(&known.job.id))?;
    let current = known.job.state.current_version.as_deref();
    versions.retain(|version| match (named, pinned) {
        (Some(named), _) => version.name == named,
        (None, true) => Some(version.name.as_str()) == current,
        (None, false) => version.pinned,
    });
    Ok(versions)
}

/// The mark comes first: it is what protects the version.
fn mark(
    change: &mut Change,
    vault: Option<&Vault>,
    key: &JobKey,
    version: Version,
    pinned: bool,
    why: Option<&str>,
) -> Result<Version> {
    if let Some(vault) = vault {
        vault.set_pinned(key, &version.name, pinned)?;
    }
    let what = if pinned { "pin version" } else { "unpin version" };
    let target = format!("{}/{}", version.job, version.name);
    let version = Version { pinned, ..version };
    let unit = Unit {
        versions: vec![version.clone()],
        audit: vec![change.line(what, &target, why)],
        ..Unit::default()
    };
    change.commit(&unit)?;
    Ok(version)
}

fn tell(change: &Change, done: &[(&Known, Version)], pinned: bool) -> Result<()> {
    let context = change.context;
    if context.json {
        let facts = done.iter().map(|(known, version)| VersionFact::of_job(version, Some(&known.job), None));
        return print::json(&json::versions(facts.collect::<Vec<_>>()));
    }
    if context.quiet {
        return Ok(());
    }
    let word = match (change.is_dry(), pinned) {
        (false, true) => "pinned",
        (false, false) => "unpinned",
        (true, true) => "would pin",
        (true, false) => "would unpin",
    };
    let line = |(known, version): &(&Known, Version)| {
        format!("{word} {} of {}\n", printable(&version.name), printable(&known.job.key.to_string()))
    };
    let mut text: String = done.iter().map(line).collect();
    text.push_str(change.dry_note());
    print::text(&text)
}
