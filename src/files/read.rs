//! Reading our own files without following a link in the last component and without being stopped by a device.

use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

use rustix::fs::{Mode, OFlags, open};

use super::{Context, Result};

/// Opens a regular file for reading.
///
/// # Errors
/// `InvalidInput` when it is a folder, a device or the like; what the system says for a link (`ELOOP`).
pub fn open_regular(path: &Path) -> Result<File> {
    let flags = OFlags::RDONLY | OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::NOCTTY | OFlags::CLOEXEC;
    let file = File::from(open(path, flags, Mode::empty()).at("open", path)?);
    if !file.metadata().at("look at", path)?.is_file() {
        return Err(io::Error::new(io::ErrorKind::InvalidInput, "it is no regular file")).at("open", path);
    }
    Ok(file)
}

/// Reads a small regular file; `None` when there is none.
///
/// # Errors
/// `FileTooLarge` when it has more than `limit` bytes.
pub fn read_limited(path: &Path, limit: u64) -> Result<Option<Vec<u8>>> {
    let file = match open_regular(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        file => file?,
    };
    let mut bytes = Vec::new();
    file.take(limit.saturating_add(1)).read_to_end(&mut bytes).at("read", path)?;
    if bytes.len() as u64 > limit {
        return Err(io::Error::from(io::ErrorKind::FileTooLarge)).at("read", path);
    }
    Ok(Some(bytes))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_regular_file_of_bounded_size_is_read() {
        let root = tempfile::tempdir().unwrap();
        let path = |name: &str| root.path().join(name);
        std::fs::write(path("file"), "12345").unwrap();
        std::os::unix::fs::symlink(path("file"), path("link")).unwrap();
        rustix::fs::mkfifoat(rustix::fs::CWD, path("fifo"), Mode::RUSR).unwrap();
        assert_eq!(read_limited(&path("file"), 5).unwrap().as_deref(), Some(&b"12345"[..]));
        assert_eq!(read_limited(&path("file"), 4).unwrap_err().kind(), io::ErrorKind::FileTooLarge);
        assert_eq!(read_limited(&path("absent"), 4).unwrap(), None);
        for bad in ["link", "fifo", "."] {
            assert!(read_limited(&path(bad), 5).is_err(), "{bad}");
        }
    }
}
