//! Reading our own files without following a link in the last component and without being stopped by a device.

use std::fs::{File, Metadata};
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
    let look = |file: &File| file.metadata().at("look at", path);
    let before = look(&file)?;
    let mut bytes = Vec::new();
    (&file).take(limit.saturating_add(1)).read_to_end(&mut bytes).at("read", path)?;
    check_end(bytes.len() as u64, &before, &look(&file)?).at("read", path)?;
    if bytes.len() as u64 > limit {
        return Err(io::Error::from(io::ErrorKind::FileTooLarge)).at("read", path);
    }
    Ok(Some(bytes))
}

/// What the reading of a file says that ended before the file did though nobody changed it: its mount hiccuped, and its
/// content is not known. `read` and `size` in bytes.
#[must_use]
pub fn ended_early(read: u64, size: u64) -> io::Error {
    let text = format!("it has {size} bytes and the reading ended after {read}; does its mount work?");
    io::Error::new(io::ErrorKind::UnexpectedEof, text)
}

/// Whether `read` bytes are all of a file that looked so before it was read, and after.
///
/// # Errors
/// [`ended_early`] where they are fewer, and the file is the same.
pub fn check_end(read: u64, before: &Metadata, after: &Metadata) -> io::Result<()> {
    let size = before.len();
    let is_same = after.len() == size && after.modified()? == before.modified()?;
    if read < size && is_same { Err(ended_early(read, size)) } else { Ok(()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_end_before_the_end_is_a_failure_but_where_somebody_writes() {
        let root = tempfile::tempdir().unwrap();
        let path = root.path().join("file");
        std::fs::write(&path, "12345").unwrap();
        let before = std::fs::metadata(&path).unwrap();
        assert!(check_end(5, &before, &before).is_ok());
        let error = Err::<(), _>(check_end(4, &before, &before).unwrap_err()).at("read", &path).unwrap_err();
        assert!(error.is_monitors_failure() && error.to_string().contains("after 4"), "{error}");
        std::fs::write(&path, "1234").unwrap();
        assert!(check_end(4, &before, &std::fs::metadata(&path).unwrap()).is_ok());
    }

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
