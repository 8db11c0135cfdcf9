//! What is remembered beside the site of the pages in it, so that a page whose content cannot have changed is not made
//! again.
//!
//! It is read while the pages are gone through, for of a large fleet it is as much again as what is known of its jobs.
//!
//! The file is taken away before the first page is written and put back after the last: a run that is cut short, or two
//! that write at once, leave none, and then all pages are made and compared with those on the disk. It counts only for
//! the build that wrote it and until the machine is started anew, for pages are not synced one by one: after a power
//! cut any of them may be the old one or empty.

mod before;

use std::io;
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use self::before::{Before, Head, Line};
use super::folder::Shape;
use crate::domain::{JobKey, Time};
use crate::files;
use crate::render::recent::Recent;
use crate::render::site::Fingerprint;

const NAME: &str = ".pages.json";

/// The page of a job and its document under `api/`.
#[derive(Debug, Serialize, Deserialize)]
pub struct JobPage {
    pub key: Fingerprint,
    /// From when on time alone may have changed it.
    pub until: Option<Time>,
    /// The page and the document, as they were written.
    pub files: [Option<Shape>; 2],
}

#[derive(Debug, Serialize, Deserialize)]
pub struct AgentNote {
    pub key: Fingerprint,
    pub file: Option<Shape>,
}

#[derive(Debug, Serialize, Deserialize)]
pub struct JobNote {
    pub stamp: i64,
    pub recent: Recent,
    pub page: JobPage,
}

#[derive(Debug)]
struct MadeJob {
    stamp: i64,
    page: JobPage,
}

/// What all pages depend on, whatever is on them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Common {
    /// What stands on every page.
    pub frame: Fingerprint,
    /// Without a scan for long, retention holds still.
    pub scanned_lately: bool,
    /// The moment that the pages speak of.
    pub made_at: Time,
}

impl Common {
    /// What was true later need not be true at an earlier moment, when a clock was set back.
    fn holds_at(&self, later: &Self) -> bool {
        self.frame == later.frame
            && self.scanned_lately == later.scanned_lately
            && self.made_at <= later.made_at
    }
}

pub struct Memory {
    path: PathBuf,
    before: Before,
    common: Option<Common>,
    /// In the order in which they were put.
    jobs: Vec<MadeJob>,
    /// Of the same jobs.
    recents: Vec<Recent>,
    agents: Vec<(String, AgentNote)>,
    /// `None`: nothing can be remembered, for it is not known when that would cease to be true.
    made_by: Option<String>,
}

impl Memory {
    /// Takes away what is remembered of the site in `folder`. To be done before the state is read: what another run
    /// wrote meanwhile must not look like ours.
    ///
    /// # Errors
    /// When it is there and cannot be taken away: it would speak of pages that change now.
    pub fn take(folder: &Path) -> files::Result<Self> {
        let path = folder.join("data").join(NAME);
        let file = files::open_regular(&path).ok();
        // Whoever takes it away is the one who has it.
        let file = if files::remove_file(&path)? { file } else { None };
        let made_by = maker();
        let before = Before::of(file.filter(|_| made_by.is_some()), made_by.as_deref());
        Ok(Self {
            path,
            before,
            common: None,
            jobs: Vec::new(),
            recents: Vec::new(),
            agents: Vec::new(),
            made_by,
        })
    }

    /// Forgets all pages where what they have in common is not this any more.
    pub fn begin(&mut self, common: Common) {
        if !self.before.common.is_some_and(|before| before.holds_at(&common)) {
            self.before = Before::default();
        }
        self.common = Some(common);
    }

    /// What is known of a job whose stamp is still this. Jobs are to be asked for in the order of their keys.
    pub fn take_job(&mut self, key: &JobKey, stamp: i64) -> Option<JobNote> {
        self.before.job(key).filter(|note| note.stamp == stamp)
    }

    /// So many jobs will be put.
    pub fn expect_jobs(&mut self, count: usize) {
        self.jobs.reserve_exact(count);
        self.recents.reserve_exact(count);
    }

    pub fn put_job(&mut self, note: JobNote) {
        let JobNote { stamp, recent, page } = note;
        self.jobs.push(MadeJob { stamp, page });
        self.recents.push(recent);
    }

    /// The last days of each job, in the order in which the jobs were put.
    pub fn recents(&self) -> &[Recent] {
        &self.recents
    }

    /// Agents are to be asked for after the jobs, in the order of their names.
    pub fn take_agent(&mut self, agent: &str) -> Option<AgentNote> {
        self.before.agent(agent)
    }

    pub fn put_agent(&mut self, agent: &str, note: AgentNote) {
        self.agents.push((agent.to_owned(), note));
    }

    /// Puts it back for the next run, unless another one has done so meanwhile: pages of both are there then. `keys` are
    /// those of the jobs, in the order in which they were put, which is theirs.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn put_back<'k>(self, keys: impl Iterator<Item = &'k JobKey>) -> files::Result<()> {
        let Some(made_by) = self.made_by else { return Ok(()) };
        let jobs = keys.zip(self.jobs).zip(self.recents).map(|((key, MadeJob { stamp, page }), recent)| {
            Line::Job(key.clone(), Box::new(JobNote { stamp, recent, page }))
        });
        let agents = self.agents.into_iter().map(|(agent, note)| Line::Agent(agent, note));
        let written = files::put_new(&self.path, |out| {
            serde_json::to_writer(&mut *out, &Head { made_by, common: self.common })?;
            jobs.chain(agents).try_for_each(|line| -> io::Result<()> {
                out.write_all(b"\n")?;
                Ok(serde_json::to_writer(&mut *out, &line)?)
            })
        })?;
        if !written {
            files::remove_file(&self.path)?;
        }
        Ok(())
    }
}

/// Which build runs, and since when the machine does.
fn maker() -> Option<String> {
    let program = std::fs::metadata(std::env::current_exe().ok()?).ok()?;
    let boot = std::fs::read_to_string("/proc/sys/kernel/random/boot_id").ok()?;
    let written = (program.ino(), program.len(), program.mtime(), program.mtime_nsec());
    Some(format!("{} {written:?}", boot.trim()))
}

#[cfg(test)]
mod tests {
    use chrono::TimeDelta;

    use super::*;
    use crate::domain::{AgentId, DatabaseName};

    fn key(agent: &str, database: &str) -> JobKey {
        JobKey { agent: AgentId::new(agent).unwrap(), database: DatabaseName::new(database).unwrap() }
    }

    fn common() -> Common {
        let made_at = "2026-11-22T09:30:00Z".parse().unwrap();
        Common { frame: serde_json::from_str("[1,2]").unwrap(), scanned_lately: true, made_at }
    }

    fn note(stamp: i64) -> JobNote {
        let key = serde_json::from_str("[3,4]").unwrap();
        JobNote { stamp, recent: Recent::default(), page: JobPage { key, until: None, files: [None, None] } }
    }

    /// Remembers these jobs, each under its place as its stamp, and these agents.
    fn remember(folder: &Path, jobs: &[JobKey], agents: &[&str]) {
        let mut memory = Memory::take(folder).unwrap();
        memory.begin(common());
        (0_i64..).zip(jobs).for_each(|(stamp, _)| memory.put_job(note(stamp)));
        for agent in agents {
            memory.put_agent(agent, AgentNote { key: serde_json::from_str("[5,6]").unwrap(), file: None });
        }
        memory.put_back(jobs.iter()).unwrap();
    }

    fn site() -> tempfile::TempDir {
        let folder = tempfile::tempdir().unwrap();
        crate::files::create_dirs(&folder.path().join("data")).unwrap();
        folder
    }

    #[test]
    fn each_job_and_agent_finds_its_own_note_whoever_came_and_went() {
        let folder = site();
        let known = [key("A", "gone"), key("A", "x"), key("B", "a"), key("C", "gone")];
        remember(folder.path(), &known, &["A", "B", "C"]);
        let mut memory = Memory::take(folder.path()).unwrap();
        memory.begin(common());
        assert!(memory.take_job(&key("A", "new"), 0).is_none());
        assert_eq!(memory.take_job(&key("A", "x"), 1).map(|note| note.stamp), Some(1));
        assert!(memory.take_job(&key("A", "z"), 1).is_none());
        assert_eq!(memory.take_job(&key("B", "a"), 2).map(|note| note.stamp), Some(2));
        assert!(memory.take_job(&key("B", "b"), 0).is_none());
        assert!(memory.take_agent("A").is_some());
        assert!(memory.take_agent("AA").is_none());
        assert!(memory.take_agent("C").is_some(), "one between them is gone");
        assert!(memory.take_agent("D").is_none());
    }

    #[test]
    fn a_note_of_another_stamp_tells_nothing_and_what_is_cut_short_ends_there() {
        let folder = site();
        let known = [key("A", "a"), key("A", "b"), key("A", "c")];
        remember(folder.path(), &known, &[]);
        let path = folder.path().join("data").join(NAME);
        let whole = std::fs::read(&path).unwrap();
        std::fs::write(&path, &whole[..whole.len() - 10]).unwrap();
        let mut memory = Memory::take(folder.path()).unwrap();
        assert!(!path.exists(), "it speaks of pages that may change now");
        memory.begin(common());
        assert!(memory.take_job(&known[0], 7).is_none());
        assert!(memory.take_job(&known[1], 1).is_some());
        assert!(memory.take_job(&known[2], 2).is_none());
        assert!(Memory::take(folder.path()).unwrap().take_job(&known[0], 0).is_none(), "it was taken");
    }

    #[test]
    fn what_is_remembered_holds_later_and_not_earlier() {
        let made_at: Time = "2026-11-22T09:30:00Z".parse().unwrap();
        let frame = serde_json::from_str("[1,2]").unwrap();
        let common = Common { frame, scanned_lately: true, made_at };
        let at = |minutes| Common { made_at: made_at + TimeDelta::minutes(minutes), ..common };
        assert!(common.holds_at(&at(0)) && common.holds_at(&at(15)));
        assert!(!common.holds_at(&at(-1)), "the clock was set back");
        assert!(!common.holds_at(&Common { scanned_lately: false, ..common }));
        let other = Common { frame: serde_json::from_str("[1,3]").unwrap(), ..common };
        assert!(!common.holds_at(&other));
    }
}
