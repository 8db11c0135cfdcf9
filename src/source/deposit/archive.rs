//! Moving a judged report onto a shelf inside its agent's `log/`.
//!
//! The agent may put another report under the same name at any moment. A rename takes whatever lies there, so what was
//! moved is looked at afterwards, and what nobody has read yet goes back.

use std::os::fd::OwnedFd;

use crate::domain::job::FileIdentity;
use crate::files;

use super::super::{Fault, Shelf};
use super::beneath::{Access, io_fault, look_at, open_folder};

/// How many files of one name a shelf takes.
const SAME_NAME: usize = 100;

pub(super) fn put_away(
    log: &OwnedFd,
    file: &str,
    identity: &FileIdentity,
    shelf: Shelf,
) -> Result<bool, Fault> {
    if look_at(log, file)? != *identity {
        return Ok(false);
    }
    shelve(log, file, identity, shelf)
}

/// Moves whatever has that name now, and takes it back when it is not the file that was meant.
fn shelve(log: &OwnedFd, file: &str, identity: &FileIdentity, shelf: Shelf) -> Result<bool, Fault> {
    files::make_folder_at(log, shelf.folder()).map_err(|error| io_fault(&error))?;
    let folder = open_folder(log, shelf.folder(), Access::Traverse).map_err(|fault| match fault {
        Fault::WrongKind(kind) => Fault::Agents(format!("its folder `{}` is {kind}", shelf.folder())),
        other => other,
    })?;
    let Some(name) = place(log, file, &folder, Some(identity))? else { return Ok(false) };
    if is_same(&look_at(&folder, &name)?, identity) {
        return Ok(true);
    }
    place(&folder, &name, log, None)?;
    Ok(false)
}

/// Moves a file under its own name or the next free one; gives that name. `None`: the very file lies there already,
/// which is a report that the agent sends again and again.
fn place(
    from: &OwnedFd,
    file: &str,
    to: &OwnedFd,
    identity: Option<&FileIdentity>,
) -> Result<Option<String>, Fault> {
    for number in 0..SAME_NAME {
        let name = numbered(file, number);
        match (look_at(to, &name), identity) {
            (Ok(there), Some(identity)) if is_copy(&there, identity) => return Ok(None),
            (Err(fault @ Fault::Monitors(_)), _) => return Err(fault),
            _ => {}
        }
        if files::rename_noreplace_at(from, file, to, &name).map_err(|error| io_fault(&error))? {
            return Ok(Some(name));
        }
    }
    Err(Fault::Agents(format!("{SAME_NAME} files of that name were put away already")))
}

/// `report.json`, `report.1.json`, `report.2.json`, …
fn numbered(file: &str, number: usize) -> String {
    match (number, file.rsplit_once('.')) {
        (0, _) => file.to_owned(),
        (_, Some((stem, extension))) => format!("{stem}.{number}.{extension}"),
        (_, None) => format!("{file}.{number}"),
    }
}

/// The same file, whose ctime a rename may have changed.
fn is_same(a: &FileIdentity, b: &FileIdentity) -> bool {
    (a.device, a.inode) == (b.device, b.inode) && is_copy(a, b)
}

fn is_copy(a: &FileIdentity, b: &FileIdentity) -> bool {
    (a.size, a.mtime) == (b.size, b.mtime)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_replaced_between_the_look_and_the_move_goes_back_under_a_free_name() {
        let dir = tempfile::tempdir().unwrap();
        let log = OwnedFd::from(std::fs::File::open(dir.path()).unwrap());
        let read = |name: &str| std::fs::read_to_string(dir.path().join(name)).unwrap();
        std::fs::write(dir.path().join("r.json"), "judged").unwrap();
        let judged = look_at(&log, "r.json").unwrap();
        std::fs::write(dir.path().join("new"), "unread, and longer").unwrap();
        std::fs::rename(dir.path().join("new"), dir.path().join("r.json")).unwrap();
        assert_eq!(shelve(&log, "r.json", &judged, Shelf::Archive), Ok(false));
        assert_eq!(read("r.json"), "unread, and longer");
        assert_eq!(std::fs::read_dir(dir.path().join("_archive")).unwrap().count(), 0);
        // Meanwhile a third one has come: the second one stays a report all the same.
        std::fs::write(dir.path().join("_archive/r.json"), "second").unwrap();
        let shelf = open_folder(&log, "_archive", Access::Traverse).unwrap();
        assert_eq!(place(&shelf, "r.json", &log, None), Ok(Some("r.1.json".to_owned())));
        assert_eq!(numbered("plain", 2), "plain.2");
    }
}
