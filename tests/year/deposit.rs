//! What physically happens on the server's disk, told once to the oracle and once to the code under test.

use std::collections::BTreeMap;
use std::sync::Arc;

use chrono_tz::Tz;

use super::calendar::Seconds;

/// The bytes of a dump. Equal numbers are equal bytes.
#[derive(Debug, Clone)]
pub struct Blob {
    pub number: u64,
    pub bytes: Arc<[u8]>,
    /// The cause that SPEC section 6 gives to content of this make, though its checksum agrees.
    pub flaw: Option<&'static str>,
    /// It is of a kind that SPEC section 6 recognises.
    pub known: bool,
    /// By its size or its kind it is held, where there is something to compare it with.
    pub odd: bool,
}

#[derive(Debug, Clone)]
pub enum Entry {
    Good {
        file: String,
        blob: Blob,
    },
    /// BACKUP, COMPRESS or TRANSFER.
    Failed(&'static str),
    /// A value of the wrong type.
    Invalid,
    /// A checksum that is none.
    Junk {
        file: String,
    },
}

#[derive(Debug, Clone)]
pub struct Report {
    /// As the agent's clock had it.
    pub own: Seconds,
    /// Written without an offset, in this zone.
    pub naive_in: Option<Tz>,
    pub overall_failed: bool,
    pub entries: Vec<(String, Entry)>,
}

#[derive(Debug, Clone)]
pub enum What {
    Report {
        file: String,
        report: Arc<Report>,
    },
    /// No JSON, or half of it.
    Unreadable {
        file: String,
    },
    Dump {
        file: String,
        blob: Blob,
        mtime: Seconds,
    },
    RemoveDump {
        file: String,
    },
    /// The agent tidies up: what was judged long ago needs no file.
    RemoveReport {
        file: String,
    },
    /// The agent's folder goes, with all that is in it, and comes back as it was.
    FolderGone,
    FolderBack,
}

#[derive(Debug, Clone)]
pub struct Event {
    /// True time, whatever any clock shows.
    pub at: Seconds,
    pub agent: usize,
    pub what: What,
}

#[derive(Debug, Clone)]
pub struct File<T> {
    pub content: T,
    /// Another one each time that it is put.
    pub number: u64,
    pub mtime: Seconds,
    pub ctime: Seconds,
}

#[derive(Debug, Clone)]
pub enum ReportFile {
    Readable(Arc<Report>),
    Unreadable,
}

#[derive(Debug, Clone, Default)]
pub struct Folder {
    pub exists: bool,
    pub gone: bool,
    pub reports: BTreeMap<String, File<ReportFile>>,
    pub dumps: BTreeMap<String, File<Blob>>,
}

#[derive(Debug, Clone, Default)]
pub struct Deposit {
    pub root_gone: bool,
    pub folders: Vec<Folder>,
    last: u64,
}

impl Deposit {
    pub fn new(agents: usize) -> Self {
        Self { folders: vec![Folder::default(); agents], ..Self::default() }
    }

    /// Lets it happen; `ctime` is what the server's clock shows.
    pub fn apply(&mut self, event: &Event, ctime: Seconds) {
        self.last += 1;
        let number = self.last;
        let folder = &mut self.folders[event.agent];
        folder.exists |=
            matches!(event.what, What::Report { .. } | What::Unreadable { .. } | What::Dump { .. });
        match &event.what {
            What::Report { file, report } => {
                let content = ReportFile::Readable(Arc::clone(report));
                folder.reports.insert(file.clone(), File { content, number, mtime: ctime, ctime });
            }
            What::Unreadable { file } => {
                let content = ReportFile::Unreadable;
                folder.reports.insert(file.clone(), File { content, number, mtime: ctime, ctime });
            }
            What::Dump { file, blob, mtime } => {
                let dump = File { content: blob.clone(), number, mtime: *mtime, ctime };
                folder.dumps.insert(file.clone(), dump);
            }
            What::RemoveDump { file } => drop(folder.dumps.remove(file)),
            What::RemoveReport { file } => drop(folder.reports.remove(file)),
            What::FolderGone => folder.gone = true,
            What::FolderBack => folder.gone = false,
        }
    }
}
