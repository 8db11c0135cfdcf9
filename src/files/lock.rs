//! One run at a time: a lock that dies with its process, and a way to see whether its holder still makes progress.
//!
//! The lock file is never removed, for a run that opened it before would then hold a lock that nobody sees. It holds
//! the process id and the begin of its holder; its mtime is the holder's last beat. A holder that comes to its own end
//! says so in it. One that was killed does not, and may have made folders and names that it never synced: they are in
//! memory, where the next one finds them, and need not be on the disk. So that one first makes all durable
//! ([`Lock::settle`]). The word itself need not be: after a power cut memory and disk are the same.

use std::fs::{File, OpenOptions};
use std::io::{ErrorKind, Seek, SeekFrom, Write};
use std::os::unix::fs::{MetadataExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::SystemTime;

use chrono::{DateTime, TimeDelta, Utc};
use rustix::fs::{FlockOperation, flock};
use rustix::io::Errno;

use super::folder::{parent_of, sync_above, sync_file_system};
use super::{Context, Result, read_limited};

/// More than a lock file ever holds.
const LOCK_FILE_LIMIT: u64 = 4096;

/// What a holder writes into the file when it comes to its own end.
const ENDED: &str = "ended";

#[derive(Debug)]
pub struct Lock {
    file: File,
    path: PathBuf,
    former: Former,
    /// What was made before, and what this holder makes, is durable when it says so.
    settled: AtomicBool,
}

/// How the holder before came to its end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Former {
    /// There was none: but for folders nothing was made.
    None,
    Ended,
    CutOff,
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
        let (file, is_new) = open(path).at("open the lock", path)?;
        match flock(&file, FlockOperation::NonBlockingLockExclusive) {
            Ok(()) => {}
            Err(Errno::WOULDBLOCK) => return Ok(None),
            Err(errno) => return Err(errno).at("lock", path),
        }
        let former = if is_new { Former::None } else { former(path)? };
        let settled = AtomicBool::new(former == Former::Ended);
        let mut lock = Self { file, path: path.to_owned(), former, settled };
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

    /// Makes durable what a holder before left that was killed: on the file systems of `folders`, which take as long as
    /// all that waits to be written there. Does nothing where the one before came to its own end. Until this has worked,
    /// whoever comes next does it again.
    ///
    /// # Errors
    /// When a file system cannot make all durable.
    pub fn settle(&self, folders: &[&Path]) -> Result<()> {
        if self.settled.load(Ordering::Relaxed) {
            return Ok(());
        }
        match self.former {
            Former::Ended => {}
            Former::None => sync_above(parent_of(&self.path))?,
            Former::CutOff => folders.iter().try_for_each(|folder| sync_file_system(folder))?,
        }
        self.settled.store(true, Ordering::Relaxed);
        Ok(())
    }

    /// Leaves the time of the last beat as it is: it goes by the holder's clock.
    fn say_ended(&mut self) -> std::io::Result<()> {
        let beat = self.file.metadata()?.modified()?;
        self.file.seek(SeekFrom::End(0))?;
        self.file.write_all(format!("{ENDED}\n").as_bytes())?;
        self.file.set_modified(beat)
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

/// The lock's file, and whether it is new.
fn open(path: &Path) -> std::io::Result<(File, bool)> {
    let mut options = OpenOptions::new();
    options.read(true).write(true).mode(0o640);
    match options.clone().create_new(true).open(path) {
        Err(error) if error.kind() == ErrorKind::AlreadyExists => {
            options.create(true).truncate(false).open(path).map(|file| (file, false))
        }
        created => created.map(|file| (file, true)),
    }
}

fn former(path: &Path) -> Result<Former> {
    let text = read_limited(path, LOCK_FILE_LIMIT)?.unwrap_or_default();
    let said = String::from_utf8_lossy(&text).split_whitespace().next_back() == Some(ENDED);
    Ok(if said { Former::Ended } else { Former::CutOff })
}

impl Drop for Lock {
    /// Unlocks by word: a child that is just being started holds a copy of the handle until its program runs.
    fn drop(&mut self) {
        if *self.settled.get_mut() && !std::thread::panicking() {
            // Without it the next one makes durable what is durable already.
            let _ = self.say_ended();
        }
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

    #[test]
    fn whoever_comes_after_one_that_was_killed_makes_durable_what_that_one_left() {
        let root = tempfile::tempdir().unwrap();
        let path = root.path().join("lock");
        let now = at("2025-06-20T08:00:00Z");
        let acquire = || Lock::acquire(&path, now).unwrap().unwrap();
        let is_settled = |lock: &Lock| lock.settled.load(Ordering::Relaxed);
        let absent = root.path().join("not/yet");
        let first = acquire();
        assert_eq!((first.former, is_settled(&first)), (Former::None, false));
        first.settle(&[&absent]).unwrap();
        drop(first);
        let second = acquire();
        assert_eq!((second.former, is_settled(&second)), (Former::Ended, true));
        // A kill runs no destructor, and closes the file.
        std::fs::write(&path, "1 2025-06-20T08:00:00Z\n").unwrap();
        flock(&second.file, FlockOperation::Unlock).unwrap();
        let third = acquire();
        assert_eq!((third.former, is_settled(&third)), (Former::CutOff, false));
        std::mem::forget(second);
        drop(third);
        let fourth = acquire();
        assert_eq!(fourth.former, Former::CutOff, "one that made nothing durable does not say that it did");
        fourth.settle(&[root.path(), &absent]).unwrap();
        fourth.beat(at("2025-06-20T08:20:00Z")).unwrap();
        drop(fourth);
        let holder = Lock::holder(&path).unwrap().unwrap();
        assert_eq!(holder.last_beat, at("2025-06-20T08:20:00Z"), "its end is no beat");
        assert_eq!((holder.pid, holder.started_at), (Some(std::process::id()), Some(now)));
        assert_eq!(acquire().former, Former::Ended);
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
