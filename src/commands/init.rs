//! `init`: the commented configuration and an empty state, and what to do next.

use std::path::{Path, PathBuf};

use anyhow::Result;
use chrono::TimeDelta;

use super::context::Context;
use super::print;
use crate::cli::Global;
use crate::clock::{Clock as _, SystemClock};
use crate::config::{Environment, sample};
use crate::domain::Time;
use crate::exit::{Advise as _, Exit};
use crate::files::{self, shown};
use crate::store::Store as _;

/// Time to look at the first findings before anybody is mailed about them.
const LEARNING: TimeDelta = TimeDelta::days(7);

/// Writes what is not there yet, and leaves alone what is.
///
/// # Errors
/// When a file cannot be written, or a configuration that is there already does not hold.
pub fn init(global: &Global) -> Result<Exit> {
    let environment = Environment::of_process();
    let now = global.now.unwrap_or_else(|| SystemClock::start().now());
    let path = path(global, &environment);
    let written = write_sample(&path, &environment, now)?;
    let global = Global { config: Some(path.clone()), ..global.clone() };
    let context = Context::new(&global, &[])?;
    let state = &context.config.paths.state;
    let state = if state.try_exists().unwrap_or(true) {
        context.reader()?.meta()?;
        "state left as it was"
    } else if context.state(false)?.store.meta()?.last_scan.is_some() {
        "state begun again from its copy"
    } else {
        "empty state written"
    };
    if !global.quiet {
        print::text(&report(&context, &path, written, state))?;
    }
    Ok(Exit::Done)
}

/// What lies in the validated folder already: a server that begins anew takes it over.
fn versions_found(context: &Context) -> String {
    let vault = context.vault();
    let count: usize = match vault.all() {
        Ok(listings) => listings.flatten().map(|listing| listing.versions.len()).sum(),
        Err(error) => return format!("\nnot looked at: {error}\n"),
    };
    if count == 0 {
        return String::new();
    }
    let root = shown(vault.root());
    format!(
        "\n{count} versions lie in {root} already: the first `backupmon run` takes over what the state does not know, \
         and removes nothing in that run; `backupmon state check` compares before it\n"
    )
}

/// Where the next command will look for it.
fn path(global: &Global, environment: &Environment) -> PathBuf {
    let named = global.config.clone().or_else(|| environment.var("BACKUPMON_CONFIG").map(PathBuf::from));
    let path = named.unwrap_or_else(|| environment.system_file.clone());
    environment.current_dir.join(path)
}

/// Gives whether it was written: one that is there is never touched.
fn write_sample(path: &Path, environment: &Environment, now: Time) -> Result<bool> {
    if path.try_exists()? {
        return Ok(false);
    }
    let text = sample(environment.server_timezone, now + LEARNING);
    let folder = path.parent().unwrap_or(Path::new("/"));
    files::create_dirs(folder)
        .and_then(|()| files::write_new(path, text.as_bytes()))
        .hint("run it as root, or name another place: `backupmon --config FILE init`")?;
    Ok(true)
}

fn report(context: &Context, path: &Path, written: bool, state: &str) -> String {
    let config = shown(path);
    let done = if written { "written" } else { "left as it was" };
    let written =
        format!("configuration {done}: {config}\n{state}: {}\n", shown(&context.config.paths.state));
    let versions = versions_found(context);
    let flag = if context.config.file.as_deref() == Some(Path::new(crate::config::SYSTEM_FILE)) {
        String::new()
    } else {
        format!("--config {config} ")
    };
    let next = format!(
        "\nnext:\n  \
         1. in {config}, set `deposits` and `validated` under [paths]\n  \
         2. backupmon {flag}doctor\n  \
         3. backupmon {flag}-v run\n  \
         4. a timer (contrib/systemd), or this line in /etc/cron.d/backupmon:\n     \
         */15 * * * *  backupmon  backupmon {flag}run\n"
    );
    let folder = shown(context.config.paths.state.parent().unwrap_or(Path::new("/")));
    let user = if rustix::process::geteuid().is_root() {
        format!(
            "\nbackupmon needs no root: a user of its own must be able to read {config} and to write in {folder}\n"
        )
    } else {
        String::new()
    };
    [written, versions, next, user].concat()
}
