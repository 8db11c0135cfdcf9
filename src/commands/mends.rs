//! What an operator does about errors that can end any command.

use std::convert::Infallible;
use std::io::ErrorKind;

use crate::config::ConfigError;
use crate::exit::{Advise as _, Exit, explain};
use crate::store::StoreError;

/// How an error ends the command, and what is printed of it. A mend that was said nearer to the error is kept.
#[must_use]
pub fn explained(error: anyhow::Error) -> (Exit, String) {
    let state = error.chain().find_map(|cause| cause.downcast_ref()).map(of_state);
    let configuration = || error.chain().find_map(|cause| cause.downcast_ref()).and_then(of_configuration);
    let Some(mend) = state.or_else(configuration) else { return explain(&error) };
    match Err::<Infallible, _>(error).hint(mend) {
        Err(error) => explain(&error),
        Ok(never) => match never {},
    }
}

/// What is said of a run that could not use its state: nothing was lost, for all that was begun is done again.
fn of_state(error: &StoreError) -> String {
    match error {
        StoreError::Open { .. } => {
            "let backupmon's user read and write the file and its folder; it is set by `state` in [paths]".to_owned()
        }
        StoreError::NotAState { .. } => {
            "move it away, or name another file by `state` in [paths]".to_owned()
        }
        StoreError::Newer { found, known, .. } => format!(
            "run that newer backupmon, or put the copy back that it left beside the state, `….v{known}-before-v{found}`"
        ),
        StoreError::Locked { path } => format!(
            "`fuser -v {}` names the program that has it open; nothing is lost, the next run goes on",
            path.display()
        ),
        StoreError::Damaged { .. } => {
            "run `backupmon state rebuild`, or put the newest copy back from `.backupmon` under the validated folder"
                .to_owned()
        }
        StoreError::ReadOnly { .. } => {
            "let backupmon's user own the state, the `-wal` and `-shm` files beside it, and their folder".to_owned()
        }
        StoreError::Full { .. } => "free some space there; nothing is lost, the next run goes on".to_owned(),
        StoreError::Failed { .. } => {
            "see whether its disk is in order; `backupmon state check` reads the whole state".to_owned()
        }
    }
}

/// The other faults of a configuration say themselves what to write instead.
fn of_configuration(error: &ConfigError) -> Option<String> {
    match error {
        ConfigError::Unreadable { path, reason } => match reason.kind() {
            ErrorKind::NotFound => {
                Some(format!("`backupmon --config {} init` writes one with comments", path.display()))
            }
            ErrorKind::PermissionDenied => Some("let backupmon's user read it".to_owned()),
            _ => Some("name a file by --config or `$BACKUPMON_CONFIG`".to_owned()),
        },
        ConfigError::Syntax { .. } | ConfigError::DotEnv { .. } | ConfigError::Invalid(_) => None,
    }
}
