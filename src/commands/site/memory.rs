//! What is remembered beside the site of the pages in it, so that a page whose content cannot have changed is not made
//! again.
//!
//! The file is taken away before the first page is written and put back after the last: a run that is cut short, or two
//! that write at once, leave none, and then all pages are made and compared with those on the disk. It counts only for
//! the build that wrote it and until the machine is started anew, for pages are not synced one by one: after a power
//! cut any of them may be the old one or empty.

use std::collections::HashMap;
use std::io::{BufReader, Read as _};
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize, Serializer};

use super::folder::Shape;
use crate::domain::Time;
use crate::files;
use crate::render::recent::Recent;
use crate::render::site::Fingerprint;

/// More than 200,000 jobs take.
const LIMIT: u64 = 256 * 1024 * 1024;
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

#[derive(Debug, Deserialize)]
pub struct JobNote {
    pub stamp: i64,
    pub recent: Recent,
    pub page: JobPage,
}

/// As they were put back. Boxed, for the table's empty places are many.
#[derive(Debug, Default, Deserialize)]
struct Notes {
    /// The build and the start of the machine.
    made_by: String,
    common: Option<Common>,
    jobs: HashMap<String, Box<JobNote>>,
    agents: HashMap<String, AgentNote>,
}

/// As they are put back: the same, from where it lies.
#[derive(Debug, Serialize)]
struct Written<'n> {
    made_by: &'n str,
    common: Option<Common>,
    jobs: Jobs<'n>,
    agents: &'n HashMap<String, AgentNote>,
}

#[derive(Debug)]
struct Jobs<'n> {
    ids: &'n [&'n str],
    made: &'n [MadeJob],
    recents: &'n [Recent],
}

/// A [`JobNote`] by reference.
#[derive(Debug, Serialize)]
struct WrittenJob<'n> {
    stamp: i64,
    recent: &'n Recent,
    page: &'n JobPage,
}

impl Serialize for Jobs<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let jobs = self.ids.iter().zip(self.made).zip(self.recents);
        serializer.collect_map(
            jobs.map(|((id, MadeJob { stamp, page }), recent)| {
                (id, WrittenJob { stamp: *stamp, recent, page })
            }),
        )
    }
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

#[derive(Debug)]
pub struct Memory {
    path: PathBuf,
    /// Of the last time; what is taken is taken away.
    before: Notes,
    common: Option<Common>,
    /// In the order in which they were put.
    jobs: Vec<MadeJob>,
    /// Of the same jobs.
    recents: Vec<Recent>,
    agents: HashMap<String, AgentNote>,
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
        let known: Option<Notes> =
            file.and_then(|file| serde_json::from_reader(BufReader::new(file.take(LIMIT))).ok());
        let made_by = maker();
        let before = known.filter(|notes| Some(&notes.made_by) == made_by.as_ref()).unwrap_or_default();
        Ok(Self {
            path,
            before,
            common: None,
            jobs: Vec::new(),
            recents: Vec::new(),
            agents: HashMap::new(),
            made_by,
        })
    }

    /// Forgets all pages where what they have in common is not this any more.
    pub fn begin(&mut self, common: Common) {
        if !self.before.common.is_some_and(|before| before.holds_at(&common)) {
            self.before = Notes::default();
        }
        self.common = Some(common);
    }

    /// What is known of a job whose stamp is still this.
    pub fn take_job(&mut self, id: &str, stamp: i64) -> Option<JobNote> {
        self.before.jobs.remove(id).filter(|note| note.stamp == stamp).map(|note| *note)
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

    pub fn take_agent(&mut self, agent: &str) -> Option<AgentNote> {
        self.before.agents.remove(agent)
    }

    pub fn put_agent(&mut self, agent: &str, note: AgentNote) {
        self.agents.insert(agent.to_owned(), note);
    }

    /// Puts it back for the next run, unless another one has done so meanwhile: pages of both are there then. `ids` are
    /// those of the jobs, in the order in which they were put.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn put_back(self, ids: &[&str]) -> files::Result<()> {
        let Some(made_by) = self.made_by else { return Ok(()) };
        let jobs = Jobs { ids, made: &self.jobs, recents: &self.recents };
        let notes = Written { made_by: &made_by, common: self.common, jobs, agents: &self.agents };
        if !files::put_new(&self.path, |out| Ok(serde_json::to_writer(out, &notes)?))? {
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
