//! Folders and the names in them: create, rename, remove, and make that durable.

use std::ffi::OsStr;
use std::fs::{self, DirBuilder, File, Permissions};
use std::io;
use std::os::unix::fs::{DirBuilderExt, MetadataExt, PermissionsExt};
use std::path::{Path, PathBuf};

use rustix::fs::{AtFlags, CWD, RenameFlags, linkat, renameat_with};
use rustix::io::Errno;

use super::temp::{PREFIX, with_free_name};
use super::{Context, Result};

/// The folder that a path lies in; `.` for a bare name.
pub(super) fn parent_of(path: &Path) -> &Path {
    match path.parent() {
        Some(parent) if parent.as_os_str().is_empty() => Path::new("."),
        Some(parent) => parent,
        None => path,
    }
}

/// Creates the folder `path` and those above it that are missing, durably. Ones that exist keep their mode.
///
/// # Errors
/// When something that is no folder has one of these names, or a folder cannot be created.
pub fn create_dirs(path: &Path) -> Result<()> {
    let missing: Vec<&Path> =
        path.ancestors().take_while(|folder| !folder.as_os_str().is_empty() && !folder.is_dir()).collect();
    for folder in missing.iter().rev() {
        match DirBuilder::new().mode(0o750).create(folder) {
            Ok(()) => set_folder_mode(folder)?,
            // Another thread may need the same folder.
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists && folder.is_dir() => {}
            Err(error) => return Err(error).at("create", folder),
        }
    }
    // After all of them are made: one commit of a journal then serves for all.
    missing.iter().rev().try_for_each(|folder| sync_dir(parent_of(folder))).inspect_err(|_| {
        // Else the next run would find them in memory and believe them to be on the disk.
        for folder in &missing {
            let _ = fs::remove_dir(folder);
        }
    })
}

/// 0750, and the set-group-id bit where the folder above handed it down: it says which group shall read.
pub(super) fn set_folder_mode(path: &Path) -> Result<()> {
    let mode = fs::symlink_metadata(path).at("look at", path)?.permissions().mode();
    fs::set_permissions(path, Permissions::from_mode(mode & 0o2000 | 0o750)).at("set the mode of", path)
}

/// Makes the names in a folder durable.
///
/// # Errors
/// When the folder cannot be opened or fsynced.
pub fn sync_dir(path: &Path) -> Result<()> {
    match File::open(path).at("open", path)?.sync_all() {
        // A file system that knows no fsync of folders (some network ones) has nothing to make durable.
        Err(error) if Errno::from_io_error(&error) == Some(Errno::INVAL) => Ok(()),
        result => result.at("fsync", path),
    }
}

/// Makes all durable that waits to be written on the file system of `path`, or of the nearest folder above it that is
/// there.
///
/// # Errors
/// When it cannot be opened, or not all could be made durable.
pub(super) fn sync_file_system(path: &Path) -> Result<()> {
    let is_there = |folder: &&Path| folder.is_dir();
    let folder = path.ancestors().find(is_there).unwrap_or(Path::new("."));
    let handle = File::open(folder).at("open", folder)?;
    rustix::fs::syncfs(handle).at("sync the file system of", folder)
}

/// Makes the names of `folder` and of those above it durable. One that cannot be opened is nobody's that we have made.
///
/// # Errors
/// When one cannot be fsynced.
pub(super) fn sync_above(folder: &Path) -> Result<()> {
    for above in folder.ancestors().skip(1) {
        let above = if above.as_os_str().is_empty() { Path::new(".") } else { above };
        match File::open(above) {
            Err(error) if error.kind() == io::ErrorKind::PermissionDenied => {}
            Err(error) => return Err(error).at("open", above),
            Ok(_) => sync_dir(above)?,
        }
    }
    Ok(())
}

/// Renames within one file system; replaces what is there. Not durable until the folder is synced.
///
/// # Errors
/// Names the new path.
pub fn rename(from: &Path, to: &Path) -> Result<()> {
    fs::rename(from, to).at("move a file to", to)?;
    // Between two hard links of one file a rename does nothing and reports success.
    match (fs::symlink_metadata(from), fs::symlink_metadata(to)) {
        // One link means one name, spelled in two ways where the file system ignores case.
        (Ok(old), Ok(new))
            if (old.dev(), old.ino()) == (new.dev(), new.ino()) && new.nlink() > 1 && from != to =>
        {
            remove_file(from).map(|_| ())
        }
        _ => Ok(()),
    }
}

/// Renames when `to` does not exist, else gives `false`. Not durable until the folder is synced.
///
/// Where the file system knows no such rename, a file is linked (which never replaces) and a folder is renamed after a
/// look, which is safe under the lock of one run.
///
/// # Errors
/// Names the new path.
pub fn rename_noreplace(from: &Path, to: &Path) -> Result<bool> {
    match renameat_with(CWD, from, CWD, to, RenameFlags::NOREPLACE) {
        Ok(()) => Ok(true),
        Err(Errno::EXIST) => Ok(false),
        Err(Errno::INVAL | Errno::NOSYS) => rename_noreplace_by_hand(from, to),
        Err(errno) => Err(errno).at("move a file to", to),
    }
}

fn rename_noreplace_by_hand(from: &Path, to: &Path) -> Result<bool> {
    if !from.is_dir() {
        match linkat(CWD, from, CWD, to, AtFlags::empty()) {
            Ok(()) => return remove_file(from).map(|_| true),
            Err(Errno::EXIST) => return Ok(false),
            // No hard links either.
            Err(Errno::PERM | Errno::OPNOTSUPP | Errno::NOSYS | Errno::INVAL) => {}
            Err(errno) => return Err(errno).at("link a file to", to),
        }
    }
    match fs::symlink_metadata(to) {
        Ok(_) => Ok(false),
        Err(error) if error.kind() == io::ErrorKind::NotFound => rename(from, to).map(|()| true),
        Err(error) => Err(error).at("look at", to),
    }
}

/// Makes `link` a symbolic link to `target` in one step, durably. `temp_folder` is on the same file system.
///
/// # Errors
/// When the link cannot be made or put in its place; it is then as it was.
pub fn swap_symlink(link: &Path, target: &Path, temp_folder: &Path) -> Result<()> {
    let (temp, ()) = with_free_name(temp_folder, |temp| {
        std::os::unix::fs::symlink(target, temp).at("create the link", temp)
    })?;
    if let Err(error) = fs::rename(&temp, link) {
        let _ = remove_file(&temp);
        return Err(error).at("switch", link);
    }
    sync_dir(parent_of(link))
}

/// Removes a file or a link; `false` when there is none. Not durable until the folder is synced.
///
/// # Errors
/// When it cannot be removed.
pub fn remove_file(path: &Path) -> Result<bool> {
    match fs::remove_file(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(false),
        result => result.at("remove", path).map(|()| true),
    }
}

/// Removes a folder that is empty; `false` when it is not, or there is none. Not durable until the folder above is synced.
///
/// # Errors
/// When it cannot be removed for another reason.
pub fn remove_empty_dir(path: &Path) -> Result<bool> {
    match fs::remove_dir(path) {
        Err(error) if matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::DirectoryNotEmpty) => {
            Ok(false)
        }
        result => result.at("remove", path).map(|()| true),
    }
}

/// Removes whatever lies under the name with all that is in it. Follows no link: a link itself is removed.
///
/// # Errors
/// When something cannot be removed; nothing being there is no error.
pub fn remove_tree(path: &Path) -> Result<()> {
    let result = match fs::symlink_metadata(path) {
        Ok(meta) if meta.is_dir() => fs::remove_dir_all(path),
        Ok(_) => fs::remove_file(path),
        Err(error) => Err(error),
    };
    match result {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        result => result.at("remove", path),
    }
}

/// Removes what a killed run left under temporary names in this folder, which must be ours alone; not in those below.
/// Gives what it removed. Only for a holder of the lock: a living run's temporary files look the same.
///
/// # Errors
/// When the folder cannot be listed or something cannot be removed; a folder that is absent is empty.
pub fn remove_temps(folder: &Path) -> Result<Vec<PathBuf>> {
    remove_leftovers(folder, |_| true)
}

/// As [`remove_temps`], for a folder that others may use too: only files go.
///
/// # Errors
/// As for [`remove_temps`].
pub fn remove_temp_files(folder: &Path) -> Result<Vec<PathBuf>> {
    remove_leftovers(folder, |entry| entry.file_type().is_ok_and(|kind| kind.is_file()))
}

fn remove_leftovers(folder: &Path, wanted: impl Fn(&fs::DirEntry) -> bool) -> Result<Vec<PathBuf>> {
    let entries = match fs::read_dir(folder) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        entries => entries.at("list", folder)?,
    };
    let mut removed = Vec::new();
    for entry in entries {
        let entry = entry.at("list", folder)?;
        if is_temp_name(&entry.file_name()) && wanted(&entry) {
            remove_tree(&entry.path())?;
            removed.push(entry.path());
        }
    }
    Ok(removed)
}

/// Whether a name is a temporary one of ours, `.tmp-PID-N`, or that of a file which `SQLite` puts beside it.
#[must_use]
pub fn is_temp_name(name: &OsStr) -> bool {
    let Some(rest) = name.to_str().and_then(|name| name.strip_prefix(PREFIX)) else { return false };
    let is_number = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let mut parts = rest.split('-');
    parts.next().is_some_and(is_number)
        && parts.next().is_some_and(is_number)
        && matches!(parts.next(), None | Some("journal" | "wal" | "shm"))
        && parts.next().is_none()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn folders_are_made_with_their_own_mode_and_hand_the_group_down() {
        let root = tempfile::tempdir().unwrap();
        let mode = |name: &str| fs::metadata(root.path().join(name)).unwrap().permissions().mode() & 0o7777;
        create_dirs(&root.path().join("a/b")).unwrap();
        create_dirs(&root.path().join("a/b")).unwrap();
        assert_eq!((mode("a"), mode("a/b")), (0o750, 0o750));
        fs::set_permissions(root.path().join("a"), Permissions::from_mode(0o2755)).unwrap();
        create_dirs(&root.path().join("a/c")).unwrap();
        assert_eq!((mode("a"), mode("a/c")), (0o2755, 0o2750));
        fs::write(root.path().join("file"), "").unwrap();
        assert!(create_dirs(&root.path().join("file/x")).is_err());
    }

    #[test]
    fn nothing_is_replaced_also_where_the_file_system_cannot_help() {
        let root = tempfile::tempdir().unwrap();
        for (n, place) in [rename_noreplace, rename_noreplace_by_hand].into_iter().enumerate() {
            let path = |name: &str| root.path().join(format!("{n}-{name}"));
            fs::write(path("from"), "new").unwrap();
            fs::write(path("to"), "old").unwrap();
            assert!(!place(&path("from"), &path("to")).unwrap());
            assert_eq!(fs::read(path("to")).unwrap(), b"old");
            assert!(place(&path("from"), &path("free")).unwrap());
            assert!(!path("from").exists() && path("free").exists());
            fs::create_dir_all(path("folder")).unwrap();
            fs::create_dir_all(path("taken/x")).unwrap();
            assert!(!place(&path("folder"), &path("taken")).unwrap());
            assert!(place(&path("folder"), &path("free-folder")).unwrap());
        }
    }

    #[test]
    fn a_tree_is_removed_and_what_its_links_point_to_is_not() {
        let root = tempfile::tempdir().unwrap();
        let (precious, tree) = (root.path().join("precious"), root.path().join("tree"));
        fs::create_dir(&precious).unwrap();
        fs::write(precious.join("file"), "x").unwrap();
        fs::create_dir(&tree).unwrap();
        std::os::unix::fs::symlink(&precious, tree.join("link")).unwrap();
        remove_tree(&tree).unwrap();
        assert!(!tree.exists() && precious.join("file").exists());
        std::os::unix::fs::symlink(&precious, &tree).unwrap();
        remove_tree(&tree).unwrap();
        assert!(fs::symlink_metadata(&tree).is_err() && precious.join("file").exists());
        remove_tree(&tree).unwrap();
    }

    #[test]
    fn only_what_is_named_as_ours_is_a_leftover_and_where_others_write_only_files() {
        let root = tempfile::tempdir().unwrap();
        let ours = [".tmp-12-0", ".tmp-7-31-journal", ".tmp-7-31-wal"];
        let others = [
            ".tmp-",
            ".tmp-mine",
            ".tmp-1",
            ".tmp-1-",
            ".tmp-1-x",
            ".tmp-1-2-3",
            ".tmp-1-2-wal-x",
            "tmp-1-2",
        ];
        for name in ours.iter().chain(&others) {
            fs::write(root.path().join(name), "").unwrap();
        }
        fs::create_dir(root.path().join(".tmp-9-9")).unwrap();
        let mut removed = remove_temp_files(root.path()).unwrap();
        removed.sort();
        assert_eq!(removed, ours.map(|name| root.path().join(name)));
        assert!(others.iter().all(|name| root.path().join(name).exists()));
        assert_eq!(remove_temps(root.path()).unwrap(), [root.path().join(".tmp-9-9")]);
        assert!(remove_temps(&root.path().join("nowhere")).unwrap().is_empty());
    }

    #[test]
    fn a_rename_onto_its_own_hard_link_leaves_no_second_name() {
        let root = tempfile::tempdir().unwrap();
        let (a, b) = (root.path().join("a"), root.path().join("b"));
        fs::write(&a, "x").unwrap();
        fs::hard_link(&a, &b).unwrap();
        rename(&a, &a).unwrap();
        assert!(a.exists() && b.exists());
        rename(&a, &b).unwrap();
        assert!(!a.exists() && b.exists());
    }
}
