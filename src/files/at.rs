//! Changes in a folder that somebody else writes in: relative to its handle, with bare names, following no link.

use std::io;
use std::os::fd::AsFd;

use rustix::fs::{AtFlags, Mode, RenameFlags, mkdirat, renameat, renameat_with, statat};
use rustix::io::Errno;

/// Makes a folder; one that is there, of whatever kind, is left for the caller to open and to judge.
///
/// # Errors
/// When the name is none, or the folder cannot be made.
pub fn make_folder_at(parent: impl AsFd, name: &str) -> io::Result<()> {
    match mkdirat(parent, bare(name)?, Mode::from_raw_mode(0o750)) {
        Ok(()) | Err(Errno::EXIST) => Ok(()),
        Err(errno) => Err(errno.into()),
    }
}

/// Renames when nothing has the new name, else gives `false`.
///
/// Where the file system knows no such rename, a look comes before it: whoever writes there could lose a file of its
/// own that it puts there in between.
///
/// # Errors
/// What the system says.
pub fn rename_noreplace_at(from: impl AsFd, old: &str, to: impl AsFd, new: &str) -> io::Result<bool> {
    let (old, new) = (bare(old)?, bare(new)?);
    match renameat_with(&from, old, &to, new, RenameFlags::NOREPLACE) {
        Ok(()) => Ok(true),
        Err(Errno::EXIST) => Ok(false),
        Err(Errno::INVAL | Errno::NOSYS) => match statat(&to, new, AtFlags::SYMLINK_NOFOLLOW) {
            Ok(_) => Ok(false),
            Err(Errno::NOENT) => Ok(renameat(&from, old, &to, new).map(|()| true)?),
            Err(errno) => Err(errno.into()),
        },
        Err(errno) => Err(errno.into()),
    }
}

fn bare(name: &str) -> io::Result<&str> {
    if name.is_empty() || name == "." || name == ".." || name.contains(['/', '\0']) {
        return Err(io::Error::new(io::ErrorKind::InvalidInput, "it is no file name"));
    }
    Ok(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_is_replaced_and_no_name_leads_out() {
        let root = tempfile::tempdir().unwrap();
        let folder = std::fs::File::open(root.path()).unwrap();
        make_folder_at(&folder, "in").unwrap();
        make_folder_at(&folder, "in").unwrap();
        let inner = std::fs::File::open(root.path().join("in")).unwrap();
        std::fs::write(root.path().join("a"), "new").unwrap();
        std::fs::write(root.path().join("in/a"), "old").unwrap();
        assert!(!rename_noreplace_at(&folder, "a", &inner, "a").unwrap());
        assert!(rename_noreplace_at(&folder, "a", &inner, "b").unwrap());
        let read = |name: &str| std::fs::read_to_string(root.path().join(name)).unwrap();
        assert_eq!((read("in/a"), read("in/b")), ("old".to_owned(), "new".to_owned()));
        for bad in ["", ".", "..", "../a", "in/a"] {
            assert!(
                make_folder_at(&folder, bad).is_err()
                    && rename_noreplace_at(&folder, bad, &inner, "c").is_err()
            );
            assert!(rename_noreplace_at(&inner, "a", &folder, bad).is_err(), "{bad}");
        }
    }
}
