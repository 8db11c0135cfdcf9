//! Turns every error of `SQLite` into one of the store's, by what an operator can do about it.

use std::path::Path;

use rusqlite::Error;
use rusqlite::ffi::ErrorCode;

use crate::store::StoreError;

/// What the store itself refuses, carried through `SQLite`'s error type so that its functions have one.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
struct Refusal(String);

/// An error of our own in the middle of a unit of work; the transaction is then rolled back.
pub(super) fn refusal(reason: impl Into<String>) -> Error {
    Error::ToSqlConversionFailure(Refusal(reason.into()).into())
}

/// `action` completes the sentence "the state could not …".
pub(super) fn explain(path: &Path, action: &'static str, error: &Error) -> StoreError {
    let path = path.to_owned();
    let reason = reason(error);
    match error {
        Error::FromSqlConversionFailure(..)
        | Error::IntegralValueOutOfRange(..)
        | Error::InvalidColumnType(..)
        | Error::Utf8Error(..) => {
            return StoreError::Damaged { path, reason: format!("could not {action}: {reason}") };
        }
        _ => {}
    }
    match error.sqlite_error_code() {
        Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => StoreError::Locked { path },
        Some(ErrorCode::NotADatabase) => {
            StoreError::NotAState { path, reason: "it is no SQLite file".to_owned() }
        }
        Some(ErrorCode::DatabaseCorrupt) => StoreError::Damaged { path, reason },
        Some(ErrorCode::ReadOnly) => StoreError::ReadOnly { path, reason },
        Some(ErrorCode::DiskFull) => StoreError::Full { path },
        Some(ErrorCode::CannotOpen | ErrorCode::PermissionDenied) => StoreError::Open { path, reason },
        // An I/O error, a broken constraint, no memory: nothing that is true of the file as such.
        Some(_) | None => StoreError::Failed { action, reason },
    }
}

fn reason(error: &Error) -> String {
    match error {
        Error::SqliteFailure(_, Some(message)) => message.clone(),
        Error::FromSqlConversionFailure(_, _, inner) | Error::ToSqlConversionFailure(inner) => {
            inner.to_string()
        }
        other => other.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use rusqlite::ffi;

    use super::*;

    #[test]
    fn every_code_of_sqlite_says_what_is_to_be_done() {
        let told =
            |code| explain(Path::new("/s"), "commit", &Error::SqliteFailure(ffi::Error::new(code), None));
        for (code, expected) in [
            (ffi::SQLITE_BUSY, "the state `/s` is locked by another program"),
            (ffi::SQLITE_LOCKED, "the state `/s` is locked by another program"),
            (ffi::SQLITE_FULL, "the disk of the state `/s` is full"),
            (ffi::SQLITE_READONLY, "the state `/s` cannot be written: "),
            (ffi::SQLITE_READONLY_DIRECTORY, "the state `/s` cannot be written: "),
            (ffi::SQLITE_CORRUPT, "the state `/s` is damaged: "),
            (ffi::SQLITE_NOTADB, "`/s` is not a state of backupmon: it is no SQLite file"),
            (ffi::SQLITE_CANTOPEN, "the state `/s` cannot be opened: "),
            (ffi::SQLITE_IOERR_FSYNC, "the state could not commit: "),
            (ffi::SQLITE_CONSTRAINT_UNIQUE, "the state could not commit: "),
        ] {
            let said = told(code).to_string();
            assert!(said.starts_with(expected), "{code}: {said}");
        }
        assert_eq!(
            explain(Path::new("/s"), "commit", &refusal("job `x` is not known")).to_string(),
            "the state could not commit: job `x` is not known"
        );
    }
}
