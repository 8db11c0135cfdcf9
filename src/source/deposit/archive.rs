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
