//! Values that no output shows, and the files that hold them.

use std::fs::File;
use std::io::Read as _;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;

/// A value that no output shows.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(String);

impl Secret {
    #[must_use]
    pub fn new(value: impl Into<String>) -> Self {
        Self(value.into())
    }

    /// The value itself, for the one call that needs it.
    #[must_use]
    pub fn reveal(&self) -> &str {
        &self.0
    }
}

impl std::fmt::Debug for Secret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("…")
    }
}

/// Longest secret that is read, in bytes: whoever names a dump as password file gets an error, not a full memory.
const LIMIT: u64 = 64 * 1024;

/// Who may read a file that holds a secret.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Guard {
    /// Nobody but its owner.
    OwnerOnly,
    /// Whoever the service manager lets: it guards the folder, and its file modes stand for access lists.
    Anyone,
}

#[derive(Debug, thiserror::Error)]
pub(super) enum SecretError {
    #[error("`{path}` cannot be read: {reason}")]
    Unreadable { path: String, reason: std::io::Error },
    #[error("`{path}` can be read by others than its owner; run `chmod 600 {path}`")]
    Exposed { path: String },
    #[error("`{path}` is empty")]
    Empty { path: String },
    #[error("`{path}` is larger than {LIMIT} bytes: is it the right file?")]
    TooLarge { path: String },
}

/// The first line of a file, without the line end that editors put there.
pub(super) fn read(path: &Path, guard: Guard) -> Result<Secret, SecretError> {
    let name = || path.display().to_string();
    let unreadable = |reason| SecretError::Unreadable { path: name(), reason };
    // The handle is asked, not the path: between two looks at a path it can be another file.
    let file = File::open(path).map_err(unreadable)?;
    if guard == Guard::OwnerOnly && others_can_read(&file).map_err(unreadable)? {
        return Err(SecretError::Exposed { path: name() });
    }
    let mut text = String::new();
    file.take(LIMIT + 1).read_to_string(&mut text).map_err(unreadable)?;
    if text.len() as u64 > LIMIT {
        return Err(SecretError::TooLarge { path: name() });
    }
    match text.lines().next() {
        None | Some("") => Err(SecretError::Empty { path: name() }),
        Some(line) => Ok(Secret::new(line)),
    }
}

/// Whether the group or everybody may read it.
pub(super) fn others_can_read(file: &File) -> std::io::Result<bool> {
    Ok(file.metadata()?.permissions().mode() & 0o044 != 0)
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    #[test]
    fn a_secret_that_others_can_read_is_refused_with_the_line_that_mends_it() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("mail_password");
        fs::write(&path, "s3cret \nsecond line\n").unwrap();
        for (mode, fine) in [(0o600, true), (0o400, true), (0o640, false), (0o604, false)] {
            fs::set_permissions(&path, fs::Permissions::from_mode(mode)).unwrap();
            match read(&path, Guard::OwnerOnly) {
                Ok(secret) => assert!(fine && secret.reveal() == "s3cret ", "{mode:o}"),
                Err(error) => assert!(!fine && error.to_string().contains("chmod 600"), "{mode:o}: {error}"),
            }
        }
        assert_eq!(read(&path, Guard::Anyone).unwrap().reveal(), "s3cret ");
        assert_eq!(format!("{:?}", Secret::new("s3cret")), "…");
    }
}
