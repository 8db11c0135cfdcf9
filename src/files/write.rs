//! Whole files of our own, written at once.

use std::fs::{self, File};
use std::io::{self, BufRead as _, BufReader, BufWriter, Write};
use std::path::Path;

use super::folder::{parent_of, sync_dir};
use super::{Access, Context, NewFile, Result, TempFile};

/// Writes or replaces a file in one step, durably: after a crash it is the old one or the new one, whole.
///
/// # Errors
/// When it cannot be written; the old one is then as it was.
pub fn write_atomic(path: &Path, bytes: &[u8]) -> Result<()> {
    write_atomic_from(parent_of(path), path, bytes)
}

/// As [`write_atomic`], with the temporary file in another folder of the same file system, where it is looked for
/// after a crash.
///
/// # Errors
/// As for [`write_atomic`].
pub fn write_atomic_from(temp_folder: &Path, path: &Path, bytes: &[u8]) -> Result<()> {
    temp_with(temp_folder, bytes)?.publish(path)
}

/// Writes only when the bytes differ from those on the disk; `true` when it wrote. Durable like [`write_atomic`].
///
/// # Errors
/// When the old file cannot be read or the new one cannot be written.
pub fn write_if_changed(path: &Path, bytes: &[u8]) -> Result<bool> {
    if is_same(path, bytes)? {
        return Ok(false);
    }
    write_atomic(path, bytes).map(|()| true)
}

/// As [`write_if_changed`], atomic for readers but not durable: after a power cut the file may be the old one, absent
/// or empty. For what the next run compares and writes again, like the pages of the site.
///
/// # Errors
/// As for [`write_if_changed`].
pub fn replace_if_changed(path: &Path, bytes: &[u8]) -> Result<bool> {
    if is_same(path, bytes)? {
        return Ok(false);
    }
    temp_with(parent_of(path), bytes)?.publish_unsynced(path)?;
    Ok(true)
}

/// As [`replace_if_changed`], for a file that is too large to stand in memory: `fill` writes it piece by piece.
///
/// # Errors
/// As for [`write_if_changed`]; also what `fill` gives.
pub fn stream_if_changed(path: &Path, fill: impl FnOnce(&mut dyn Write) -> io::Result<()>) -> Result<bool> {
    let temp = temp_filled(path, fill)?;
    if is_same_file(temp.path(), path) {
        return Ok(false);
    }
    temp.publish_unsynced(path)?;
    Ok(true)
}

/// As [`stream_if_changed`], but only where there is no such file: else `false`.
///
/// # Errors
/// When it cannot be written; also what `fill` gives.
pub fn put_new(path: &Path, fill: impl FnOnce(&mut dyn Write) -> io::Result<()>) -> Result<bool> {
    temp_filled(path, fill)?.publish_noreplace_unsynced(path)
}

fn temp_filled(path: &Path, fill: impl FnOnce(&mut dyn Write) -> io::Result<()>) -> Result<TempFile> {
    let mut temp = TempFile::new_in(parent_of(path))?;
    let mut buffered = BufWriter::with_capacity(PIECE, &mut temp);
    fill(&mut buffered).and_then(|()| buffered.flush()).at("write", path)?;
    drop(buffered);
    Ok(temp)
}

/// Writes a file that must not exist yet, durably. A crash can leave half of it: for drafts and markers.
///
/// # Errors
/// `AlreadyExists` when there is one; a half written one is removed.
pub fn write_new(path: &Path, bytes: &[u8]) -> Result<()> {
    let mut file = NewFile::create(path)?;
    let written = file.write_all(bytes).at("write", path).and_then(|()| file.finish(Access::Plain));
    if written.is_err() {
        let _ = super::remove_file(path);
    }
    written.and_then(|()| sync_dir(parent_of(path)))
}

fn temp_with(folder: &Path, bytes: &[u8]) -> Result<TempFile> {
    let mut temp = TempFile::new_in(folder)?;
    temp.write_all(bytes).at("write", temp.path())?;
    Ok(temp)
}

const PIECE: usize = 64 * 1024;

/// What cannot be read is not the same.
fn is_same_file(one: &Path, other: &Path) -> bool {
    let length = |path: &Path| fs::symlink_metadata(path).ok().filter(fs::Metadata::is_file).map(|m| m.len());
    if length(one).is_none() || length(one) != length(other) {
        return false;
    }
    let (Ok(one), Ok(other)) = (File::open(one), File::open(other)) else { return false };
    let (mut one, mut other) = (BufReader::with_capacity(PIECE, one), BufReader::with_capacity(PIECE, other));
    loop {
        let (Ok(a), Ok(b)) = (one.fill_buf(), other.fill_buf()) else { return false };
        let n = a.len().min(b.len());
        if a[..n] != b[..n] || (n == 0 && a.len() != b.len()) {
            return false;
        }
        if n == 0 {
            return true;
        }
        one.consume(n);
        other.consume(n);
    }
}

/// The size is looked at first: most files that changed need not be read.
fn is_same(path: &Path, bytes: &[u8]) -> Result<bool> {
    match fs::symlink_metadata(path) {
        Ok(meta) if meta.is_file() && meta.len() == bytes.len() as u64 => {
            fs::read(path).at("read", path).map(|old| old == bytes)
        }
        Ok(_) => Ok(false),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(false),
        Err(error) => Err(error).at("look at", path),
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::{MetadataExt, PermissionsExt};

    use super::*;

    #[test]
    fn a_file_is_replaced_whole_and_only_when_it_changes() {
        let root = tempfile::tempdir().unwrap();
        let path = root.path().join("page");
        for write in [write_if_changed, replace_if_changed] {
            assert!(write(&path, b"one").unwrap());
            let inode = fs::metadata(&path).unwrap().ino();
            assert!(!write(&path, b"one").unwrap());
            assert_eq!(fs::metadata(&path).unwrap().ino(), inode, "an equal file is left alone");
            assert!(write(&path, b"two").unwrap());
            assert_eq!(fs::read(&path).unwrap(), b"two");
            assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o7777, 0o640);
        }
        assert_eq!(fs::read_dir(root.path()).unwrap().count(), 1, "no temporary file stays");
    }

    #[test]
    fn a_large_file_is_written_in_pieces_and_only_when_it_changes() {
        let root = tempfile::tempdir().unwrap();
        let path = root.path().join("large");
        let fill = |last: u8| {
            move |out: &mut dyn Write| {
                (0..30_000_u32).try_for_each(|n| out.write_all(&n.to_le_bytes()))?;
                out.write_all(&[last])
            }
        };
        assert!(stream_if_changed(&path, fill(1)).unwrap());
        let inode = fs::metadata(&path).unwrap().ino();
        assert!(!stream_if_changed(&path, fill(1)).unwrap());
        assert_eq!(fs::metadata(&path).unwrap().ino(), inode, "an equal file is left alone");
        assert!(stream_if_changed(&path, fill(2)).unwrap());
        assert_eq!(fs::read(&path).unwrap()[119_998..], [0, 0, 2]);
        let failed = stream_if_changed(&path, |_| Err(io::ErrorKind::StorageFull.into())).unwrap_err();
        assert!(failed.is_disk_full());
        assert!(!put_new(&path, |out| out.write_all(b"x")).unwrap());
        assert_eq!(fs::read(&path).unwrap().len(), 120_001);
        assert!(put_new(&root.path().join("new"), |out| out.write_all(b"x")).unwrap());
        assert_eq!(fs::read_dir(root.path()).unwrap().count(), 2, "no temporary file stays");
    }

    #[test]
    fn a_failed_write_leaves_the_old_file_and_no_temporary_one() {
        let root = tempfile::tempdir().unwrap();
        let path = root.path().join("folder");
        fs::create_dir(&path).unwrap();
        let error = write_atomic(&path, b"x").unwrap_err();
        assert!(error.to_string().contains("folder"), "{error}");
        assert_eq!(fs::read_dir(root.path()).unwrap().count(), 1);
        assert!(write_new(&path, b"x").is_err());
        assert!(path.is_dir());
    }

    #[test]
    fn what_a_killed_run_left_is_known_by_its_name() {
        let root = tempfile::tempdir().unwrap();
        std::mem::forget(temp_with(root.path(), b"half").unwrap());
        std::mem::forget(super::super::TempDir::new_in(root.path()).unwrap());
        write_atomic(&root.path().join("whole"), b"x").unwrap();
        assert_eq!(super::super::remove_temps(root.path()).unwrap().len(), 2);
        assert_eq!(fs::read_dir(root.path()).unwrap().count(), 1);
        assert!(super::super::remove_temps(&root.path().join("absent")).unwrap().is_empty());
    }
}
