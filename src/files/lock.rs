//! One run at a time: a lock that dies with its process, and a way to see whether its holder still makes progress.
//!
//! The lock file is never removed, for a run that opened it before would then hold a lock that nobody sees. It holds
//! the process id and the begin of its holder; its mtime is the holder's last beat.

use std::fs::{File, OpenOptions};
use std::io::{Seek, Write};
use std::os::unix::fs::{MetadataExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use chrono::{DateTime, TimeDelta, Utc};
use rustix::fs::{FlockOperation, flock};
use rustix::io::Errno;

use super::{Context, Result, read_limited};

/// More than a lock file ever holds.
const LOCK_FILE_LIMIT: u64 = 4096;

#[derive(Debug)]
pub struct Lock {
    file: File,
    path: PathBuf,
}

/// A folder that one process at a time works in, for as long as this lives; nothing is written for it.
#[derive(Debug)]
pub struct FolderLock {
    _folder: File,
}

impl FolderLock {
    /// Takes it, or gives `None` when another process (or another handle of this one) holds it.
    ///
    /// # Errors
    /// When the folder cannot be opened, or its file system locks no folders.
    pub fn acquire(folder: &Path) -> Result<Option<Self>> {
        let file = File::open(folder).at("open", folder)?;
        match flock(&file, FlockOperation::NonBlockingLockExclusive) {
            Ok(()) => Ok(Some(Self { _folder: file })),
            Err(Errno::WOULDBLOCK) => Ok(None),
            Err(errno) => Err(errno).at("lock", folder),
        }
    }
}

/// Who holds a lock, as far as its file says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Holder {
    pub pid: Option<u32>,
    pub started_at: Option<DateTime<Utc>>,
    /// In whole seconds.
    pub last_beat: DateTime<Utc>,
}

impl Lock {
    /// Takes the lock, or gives `None` when another process (or another handle of this one) holds it.
    ///
    /// # Errors
    /// When the lock file cannot be opened or written.
    pub fn acquire(path: &Path, now: DateTime<Utc>) -> Result<Option<Self>> {
        let file = OpenOptions::new()
            .read(true)
            .write(true)
            .create(true)
            .truncate(false)
            .mode(0o640)
            .open(path)
            .at("open the lock", path)?;
        match flock(&file, FlockOperation::NonBlockingLockExclusive) {
            Ok(()) => {}
            Err(Errno::WOULDBLOCK) => return Ok(None),
            Err(errno) => return Err(errno).at("lock", path),
        }
        let mut lock = Self { file, path: path.to_owned() };
        lock.sign(now)?;
        lock.beat(now)?;
        Ok(Some(lock))
    }

    fn sign(&mut self, now: DateTime<Utc>) -> Result<()> {
        let text = format!("{} {}\n", std::process::id(), now.to_rfc3339());
        self.file
            .set_len(0)
            .and_then(|()| self.file.rewind())
            .and_then(|()| self.file.write_all(text.as_bytes()))
            .at("write the lock", &self.path)
    }

    /// Says that its holder makes progress.
    ///
    /// # Errors
    /// When the file's time cannot be set.
    pub fn beat(&self, now: DateTime<Utc>) -> Result<()> {
        self.file.set_modified(SystemTime::from(now)).at("touch the lock", &self.path)
    }

    /// Who holds, or last held, the lock; `None` when nobody ever did. A file that a starting holder is just writing
    /// may still lack its process id.
    ///
    /// # Errors
    /// When the lock file cannot be read.
    pub fn holder(path: &Path) -> Result<Option<Holder>> {
        let Some(bytes) = read_limited(path, LOCK_FILE_LIMIT)? else { return Ok(None) };
        let meta = std::fs::metadata(path).at("look at the lock", path)?;
        let text = String::from_utf8_lossy(&bytes);
        let mut words = text.split_whitespace();
        Ok(Some(Holder {
            pid: words.next().and_then(|word| word.parse().ok()),
            started_at: words.next().and_then(|word| word.parse().ok()),
            // A time that cannot be written is as good as none.
            last_beat: DateTime::from_timestamp(meta.mtime(), 0).unwrap_or_default(),
        }))
    }
}

impl Drop for Lock {
    /// Unlocks by word: a child that is just being started holds a copy of the handle until its program runs.
    fn drop(&mut self) {
        let _ = flock(&self.file, FlockOperation::Unlock);
    }
}

impl Holder {
    /// Whether its last beat is at most `within` away from `now`; a beat far in the future proves nothing, for the
    /// clock has jumped.
    #[must_use]
    pub fn makes_progress(&self, now: DateTime<Utc>, within: TimeDelta) -> bool {
        (now - self.last_beat).abs() <= within
    }
}

#[cfg(test)]
mod tests {
    use std::io::{BufRead, BufReader};
    use std::process::{Command, Stdio};

    use super::*;

    fn at(text: &str) -> DateTime<Utc> {
        text.parse().unwrap()
    }

    #[test]
    fn only_one_holds_the_lock_and_the_other_sees_who_and_whether_it_lives() {
        let root = tempfile::tempdir().unwrap();
        let path = root.path().join("lock");
        assert_eq!(Lock::holder(&path).unwrap(), None);
        let begin = at("2025-06-20T08:00:00Z");
        let lock = Lock::acquire(&path, begin).unwrap().expect("nobody holds it");
        assert!(Lock::acquire(&path, begin).unwrap().is_none());
        lock.beat(at("2025-06-20T08:20:00Z")).unwrap();
        let holder = Lock::holder(&path).unwrap().unwrap();
        assert_eq!((holder.pid, holder.started_at), (Some(std::process::id()), Some(begin)));
        assert!(holder.makes_progress(at("2025-06-20T08:30:00Z"), TimeDelta::minutes(15)));
        assert!(!holder.makes_progress(at("2025-06-20T08:35:01Z"), TimeDelta::minutes(15)));
        assert!(!holder.makes_progress(at("2025-06-20T08:00:00Z"), TimeDelta::minutes(15)));
        drop(lock);
        assert!(Lock::acquire(&path, begin).unwrap().is_some());
    }

    const HELD_BY_CHILD: &str = "BACKUPMON_TEST_LOCK";

    /// Not a test of its own: the other process of the test below, which is this program again.
    #[test]
    fn hold_for_the_test_of_two_processes() {
        if let Some(path) = std::env::var_os(HELD_BY_CHILD) {
            let _lock = Lock::acquire(Path::new(&path), at("2025-06-20T08:00:00Z")).unwrap().unwrap();
            println!("\nholding");
            std::io::stdin().read_line(&mut String::new()).unwrap();
        }
    }

    #[test]
    fn the_lock_of_another_process_is_seen_and_dies_with_it() {
        let root = tempfile::tempdir().unwrap();
        let path = root.path().join("lock");
        let mut child = Command::new(std::env::current_exe().unwrap())
            .args(["--exact", "files::lock::tests::hold_for_the_test_of_two_processes", "--nocapture"])
            .env(HELD_BY_CHILD, &path)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        assert!(lines.any(|line| line.unwrap() == "holding"), "the child takes the lock");
        let now = at("2025-06-20T09:00:00Z");
        assert!(Lock::acquire(&path, now).unwrap().is_none());
        let holder = Lock::holder(&path).unwrap().unwrap();
        assert_eq!((holder.pid, holder.last_beat), (Some(child.id()), at("2025-06-20T08:00:00Z")));
        child.kill().unwrap();
        child.wait().unwrap();
        assert!(Lock::acquire(&path, now).unwrap().is_some());
    }
}
