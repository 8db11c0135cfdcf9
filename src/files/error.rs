//! An error of the file system that says what was tried, on which path, and why it failed.

use std::io;
use std::path::{Path, PathBuf};

use rustix::io::Errno;

pub type Result<T> = std::result::Result<T, FileError>;

#[derive(Debug, thiserror::Error)]
#[error("cannot {action} `{}`: {source}", shown(path))]
pub struct FileError {
    /// A verb: `create`, `write`, `fsync`, …
    pub action: &'static str,
    pub path: PathBuf,
    pub source: io::Error,
}

impl FileError {
    #[must_use]
    pub fn kind(&self) -> io::ErrorKind {
        self.source.kind()
    }

    /// No space, no inode or no quota is left.
    #[must_use]
    pub fn is_disk_full(&self) -> bool {
        matches!(self.kind(), io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded)
    }

    #[must_use]
    pub fn is_read_only(&self) -> bool {
        self.kind() == io::ErrorKind::ReadOnlyFilesystem
    }

    /// The machine failed and not what lies on it: nothing is judged by such an error (SPEC section 4, rule 6).
    #[must_use]
    pub fn is_monitors_failure(&self) -> bool {
        let failures = [Errno::IO, Errno::STALE, Errno::TIMEDOUT, Errno::MFILE, Errno::NFILE, Errno::NOMEM];
        let of_system = Errno::from_io_error(&self.source).is_some_and(|errno| failures.contains(&errno));
        of_system || self.kind() == io::ErrorKind::UnexpectedEof
    }
}

/// Names action and path of an io error.
pub trait Context<T> {
    /// # Errors
    /// The error itself, with its path.
    fn at(self, action: &'static str, path: &Path) -> Result<T>;
}

impl<T, E: Into<io::Error>> Context<T> for std::result::Result<T, E> {
    fn at(self, action: &'static str, path: &Path) -> Result<T> {
        self.map_err(|source| FileError { action, path: path.to_owned(), source: source.into() })
    }
}

/// A path for people: what is no printable character (a folder may be named by an agent) is escaped.
#[must_use]
pub fn shown(path: &Path) -> String {
    let mut out = String::new();
    for c in path.to_string_lossy().chars() {
        // `escape_debug` knows what is printable, but it also escapes quotes and backslashes.
        if matches!(c, '\'' | '"' | '\\') { out.push(c) } else { out.extend(c.escape_debug()) }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_error_names_action_path_and_reason_and_sorts_itself() {
        let error =
            |errno: Errno| Err::<(), _>(errno).at("write", Path::new("/v/a\u{1b}\u{202e}\n'é")).unwrap_err();
        assert_eq!(
            error(Errno::NOSPC).to_string(),
            "cannot write `/v/a\\u{1b}\\u{202e}\\n'é`: No space left on device (os error 28)"
        );
        let sorted = |errno| {
            let error = error(errno);
            (error.is_disk_full(), error.is_read_only(), error.is_monitors_failure())
        };
        assert_eq!(sorted(Errno::NOSPC), (true, false, false));
        assert_eq!(sorted(Errno::DQUOT), (true, false, false));
        assert_eq!(sorted(Errno::ROFS), (false, true, false));
        assert_eq!(sorted(Errno::STALE), (false, false, true));
        assert_eq!(sorted(Errno::ACCESS), (false, false, false));
    }
}
