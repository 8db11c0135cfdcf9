//! Opening and looking beneath a handle, without following any link, and what a failure means.

use std::fs::File;
use std::io;
use std::os::fd::{AsFd, OwnedFd};

use rustix::fs::{AtFlags, FileType, Mode, OFlags, ResolveFlags, Stat, fstat, openat, openat2, statat};
use rustix::io::{Errno, retry_on_intr};

use crate::domain::job::FileIdentity;

use super::super::Fault;

/// How often an open is tried again that the kernel could not prove to stay beneath, because something was renamed.
const TRIES: usize = 5;

/// What a folder is opened for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Access {
    /// To go through it, which needs no right to list it.
    Traverse,
    List,
}

/// Opens a folder by a path that the operator chose, or by a checked name. `WrongKind` where it is none.
pub(super) fn open_folder(beneath: &OwnedFd, path: &str, access: Access) -> Result<OwnedFd, Fault> {
    let flags = match access {
        Access::Traverse => OFlags::PATH,
        Access::List => OFlags::RDONLY,
    };
    open_beneath(beneath, path, flags | OFlags::DIRECTORY).map_err(|errno| match errno {
        Errno::LOOP | Errno::NOTDIR => Fault::WrongKind(match stat_of(beneath, path) {
            Ok(stat) => kind(&stat),
            Err(_) => "no folder",
        }),
        errno => fault(errno),
    })
}

/// Opens a regular file for reading.
pub(super) fn open_file(folder: &OwnedFd, name: &str) -> Result<(File, FileIdentity), Fault> {
    // Looked at first, because opening alone can already act on a device.
    look_at(folder, name)?;
    open_regular(folder, name)
}

/// Opens what was a regular file a moment ago and may have become something else since: so it does not block.
fn open_regular(folder: &OwnedFd, name: &str) -> Result<(File, FileIdentity), Fault> {
    let file =
        open_beneath(folder, name, OFlags::RDONLY | OFlags::NONBLOCK | OFlags::NOCTTY).map_err(fault)?;
    let file = File::from(file);
    let identity = identity_of(&file)?;
    Ok((file, identity))
}

/// The identity of an open file, which must be a regular one.
pub(super) fn identity_of(file: &File) -> Result<FileIdentity, Fault> {
    regular(&fstat(file).map_err(fault)?)
}

/// The identity of a regular file, without opening it.
pub(super) fn look_at(folder: &OwnedFd, name: &str) -> Result<FileIdentity, Fault> {
    if name.is_empty() || name == "." || name == ".." || name.contains(['/', '\0']) {
        return Err(Fault::Agents("its name is no file name".to_owned()));
    }
    regular(&stat_of(folder, name).map_err(fault)?)
}

/// Nanoseconds since the epoch.
pub(super) fn mtime(folder: &OwnedFd) -> Result<i64, Fault> {
    Ok(identity(&fstat(folder).map_err(fault)?).mtime)
}

fn stat_of(folder: &OwnedFd, name: &str) -> rustix::io::Result<Stat> {
    statat(folder, name, AtFlags::SYMLINK_NOFOLLOW)
}

fn regular(stat: &Stat) -> Result<FileIdentity, Fault> {
    match FileType::from_raw_mode(stat.st_mode) {
        FileType::RegularFile => Ok(identity(stat)),
        _ => Err(Fault::WrongKind(kind(stat))),
    }
}

fn kind(stat: &Stat) -> &'static str {
    match FileType::from_raw_mode(stat.st_mode) {
        FileType::RegularFile => "a regular file",
        FileType::Directory => "a folder",
        FileType::Symlink => "a symbolic link",
        FileType::Fifo => "a FIFO",
        FileType::Socket => "a socket",
        FileType::CharacterDevice | FileType::BlockDevice => "a device",
        FileType::Unknown => "of an unknown kind",
    }
}

pub(super) fn identity(stat: &Stat) -> FileIdentity {
    FileIdentity {
        device: stat.st_dev,
        inode: stat.st_ino,
        size: u64::try_from(stat.st_size).unwrap_or_default(),
        mtime: nanoseconds(stat.st_mtime, stat.st_mtime_nsec),
        ctime: nanoseconds(stat.st_ctime, stat.st_ctime_nsec),
    }
}

/// An agent may set any mtime, also one whose nanoseconds no longer fit.
fn nanoseconds(seconds: i64, rest: impl TryInto<i64>) -> i64 {
    seconds.saturating_mul(1_000_000_000).saturating_add(rest.try_into().unwrap_or_default())
}

fn open_beneath(folder: &OwnedFd, path: &str, flags: OFlags) -> rustix::io::Result<OwnedFd> {
    let flags = flags | OFlags::CLOEXEC | OFlags::NOFOLLOW;
    let resolve = ResolveFlags::BENEATH | ResolveFlags::NO_SYMLINKS | ResolveFlags::NO_MAGICLINKS;
    for _ in 0..TRIES {
        match openat2(folder, path, flags, Mode::empty(), resolve) {
            Err(Errno::AGAIN | Errno::INTR) => {}
            // An old kernel, or a filter that knows no `openat2`.
            Err(Errno::NOSYS | Errno::PERM) => return walk(folder, path, flags),
            opened => return opened,
        }
    }
    Err(Errno::AGAIN)
}

/// The same in single steps: a component that is no link and no `..` cannot lead out.
fn walk(folder: &OwnedFd, path: &str, flags: OFlags) -> rustix::io::Result<OwnedFd> {
    let step = |from: &OwnedFd, name: &str, flags: OFlags| {
        if name == ".." {
            return Err(Errno::XDEV);
        }
        retry_on_intr(|| openat(from.as_fd(), name, flags, Mode::empty()))
    };
    let through = OFlags::PATH | OFlags::DIRECTORY | OFlags::CLOEXEC | OFlags::NOFOLLOW;
    let mut components = path.split('/').filter(|name| !name.is_empty()).peekable();
    let mut at: Option<OwnedFd> = None;
    while let Some(name) = components.next() {
        let flags = if components.peek().is_some() { through } else { flags };
        at = Some(step(at.as_ref().unwrap_or(folder), name, flags)?);
    }
    at.ok_or(Errno::NOENT)
}

/// Whose failure it is. The list of what an agent can bring about is closed: what nobody thought of is the monitor's
/// own, because a backup must not be called bad on account of it.
pub(super) fn fault(errno: Errno) -> Fault {
    match errno {
        // A name that is too long for the file system cannot be there.
        Errno::NOENT | Errno::NAMETOOLONG => Fault::Absent,
        Errno::LOOP => Fault::WrongKind("a symbolic link"),
        Errno::NOTDIR => Fault::WrongKind("no folder"),
        Errno::ISDIR => Fault::WrongKind("a folder"),
        Errno::NXIO => Fault::WrongKind("a FIFO, a socket or a device"),
        Errno::ACCESS | Errno::PERM => Fault::Agents("permission denied".to_owned()),
        other => Fault::Monitors(other.to_string()),
    }
}

/// As [`fault`], for what reading says.
pub(super) fn io_fault(error: &io::Error) -> Fault {
    match Errno::from_io_error(error) {
        Some(errno) => fault(errno),
        None => Fault::Monitors(error.to_string()),
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::symlink;

    use super::*;

    #[test]
    fn single_steps_open_and_refuse_the_same_as_the_kernel() {
        let dir = tempfile::tempdir().unwrap();
        std::fs::create_dir_all(dir.path().join("a/b")).unwrap();
        std::fs::write(dir.path().join("a/b/file"), "x").unwrap();
        symlink("a", dir.path().join("link")).unwrap();
        symlink("file", dir.path().join("a/b/link")).unwrap();
        let handle = OwnedFd::from(File::open(dir.path()).unwrap());
        let flags = OFlags::RDONLY | OFlags::CLOEXEC | OFlags::NOFOLLOW;
        for path in ["a/b/file", "a", "./a//b"] {
            let (kernel, steps) = (open_beneath(&handle, path, flags), walk(&handle, path, flags));
            assert_eq!(
                fstat(kernel.unwrap()).unwrap().st_ino,
                fstat(steps.unwrap()).unwrap().st_ino,
                "{path}"
            );
        }
        for path in ["link/b/file", "a/b/link", "a/../..", "..", "absent", ""] {
            assert!(open_beneath(&handle, path, flags).is_err(), "{path}");
            assert!(walk(&handle, path, flags).is_err(), "{path}");
        }
    }

    #[test]
    fn what_became_a_fifo_or_a_link_just_before_the_opening_neither_blocks_nor_leads_away() {
        let dir = tempfile::tempdir().unwrap();
        let handle = OwnedFd::from(File::open(dir.path()).unwrap());
        rustix::fs::mknodat(&handle, "fifo", FileType::Fifo, Mode::from_raw_mode(0o600), 0).unwrap();
        symlink("/etc/hostname", dir.path().join("link")).unwrap();
        assert_eq!(open_regular(&handle, "fifo").err(), Some(Fault::WrongKind("a FIFO")));
        assert_eq!(open_regular(&handle, "link").err(), Some(Fault::WrongKind("a symbolic link")));
        assert_eq!(open_regular(&handle, ".").err(), Some(Fault::WrongKind("a folder")));
    }

    #[test]
    fn only_what_an_agent_can_bring_about_is_its_fault() {
        for errno in [
            Errno::IO,
            Errno::STALE,
            Errno::TIMEDOUT,
            Errno::MFILE,
            Errno::NFILE,
            Errno::NOMEM,
            Errno::NOTCONN,
        ] {
            assert!(matches!(fault(errno), Fault::Monitors(_)), "{errno}");
        }
        assert!(matches!(fault(Errno::ACCESS), Fault::Agents(_)));
        assert_eq!(fault(Errno::NOENT), Fault::Absent);
        assert_eq!(io_fault(&io::Error::from(Errno::IO)), fault(Errno::IO));
    }

    #[test]
    fn a_time_that_does_not_fit_is_the_greatest_there_is() {
        assert_eq!(nanoseconds(i64::MAX, 5_u32), i64::MAX);
        assert_eq!(nanoseconds(-1, 500_000_000_u32), -500_000_000);
    }
}
