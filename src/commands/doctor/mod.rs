//! `doctor`: looks at the whole set-up, says what is wrong and how to mend it. Changes nothing.

mod finding;
mod fleet;
mod folders;
mod ground;
mod memory;
mod people;
mod rules;
mod space;

use anyhow::Result;
use serde::Serialize;

use super::context::Context;
use super::mends::explained;
use super::print;
use super::snapshot::Snapshot;
use super::wall::{self, NoWall};
use crate::cli::Global;
use crate::exit::Exit;
use crate::render::json::Utc;
use crate::store::Sqlite;
use finding::{Finding, Findings, Level};

#[derive(Serialize)]
struct Document<'a> {
    generated_at: Option<Utc>,
    checks: &'a [Finding],
}

/// Exits with 1 when something failed, and with 2 when the configuration does not hold.
///
/// # Errors
/// When stdout cannot be written.
pub fn doctor(global: &Global) -> Result<Exit> {
    let mut findings = Findings::default();
    let context = match Context::new(global, &[]) {
        Ok(context) => context,
        Err(error) => {
            let (_, text) = explained(error);
            findings.fail("configuration", text.trim_start_matches("error: ").trim_end());
            tell(global, None, &findings)?;
            return Ok(Exit::Usage);
        }
    };
    look(&context, &mut findings);
    tell(global, Some(Utc(context.now)), &findings)?;
    Ok(match findings.worst() {
        Level::Ok | Level::Warn => Exit::Done,
        Level::Fail => Exit::Incomplete,
    })
}

fn look(context: &Context, findings: &mut Findings) {
    configuration(context, findings);
    folders::look(context, findings);
    ground::look(context, findings);
    let state = memory::open(context, findings);
    let known = state.and_then(|store| match Known::load(context, store) {
        Ok(known) => Some(known),
        Err(error) => {
            findings.fail("state", format!("{error}; see `backupmon state check`"));
            None
        }
    });
    space::look(context, known.as_ref(), findings);
    if let Some(known) = &known {
        memory::look(context, known, findings);
        fleet::look(context, known, findings);
        rules::look(context, known, findings);
    }
    people::look(context, known.as_ref(), findings);
}

/// The state, and all of it that several checks ask for.
struct Known {
    store: Sqlite,
    snapshot: Snapshot,
}

impl Known {
    fn load(context: &Context, store: Sqlite) -> crate::store::Result<Self> {
        Ok(Self { snapshot: Snapshot::load(context, &store)?, store })
    }
}

fn configuration(context: &Context, findings: &mut Findings) {
    let config = &context.config;
    match &config.file {
        Some(file) => {
            findings.ok("configuration", format!("{}, {} rules", file.display(), config.rules.len()));
        }
        None => findings.warn(
            "configuration",
            "there is none: all is as built in, and state, versions and site lie under the home folder; \
             `backupmon init` writes one",
        ),
    }
    for warning in &config.warnings {
        findings.warn("configuration", warning);
    }
    if rustix::process::geteuid().is_root() {
        findings.warn("user", "root, which backupmon does not need: let a user of its own read the deposits");
    } else {
        findings.ok("user", &context.who);
    }
    match wall::possible(context) {
        Ok(()) => {
            findings.ok("second wall", "the kernel lets a run write in its own folders alone (Landlock)");
        }
        Err(reason) => findings.add(
            "second wall",
            // Only one that could be had is missed.
            if matches!(reason, NoWall::Mailer) { Level::Ok } else { Level::Warn },
            format!("a run is not walled in: {reason}"),
        ),
    }
}

fn tell(global: &Global, generated_at: Option<Utc>, findings: &Findings) -> Result<()> {
    if global.json {
        return print::json(&Document { generated_at, checks: findings.list() });
    }
    print::text(&findings.lines())
}
