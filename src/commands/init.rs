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
    let had_state = state.try_exists().unwrap_or(true);
    if had_state {
        context.reader()?.meta()?;
    } else {
        context.state(false)?;
    }
    if !global.quiet {
        print::text(&report(&context, &path, written, !had_state))?;
    }
    Ok(Exit::Done)
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

fn report(context: &Context, path: &Path, written: bool, state_made: bool) -> String {
    let (config, state) = (shown(path), shown(&context.config.paths.state));
    let said = |made, what, path| {
        if made { format!("{what} written: {path}\n") } else { format!("{what} left as it was: {path}\n") }
    };
    let written = said(written, "configuration", &config) + &said(state_made, "empty state", &state);
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
    [written, next, user].concat()
}
