//! The files that `SQLite` keeps beside the state are missing, or belong to another state.

use std::fs;
use std::path::Path;

use rusqlite::Connection;
use tempfile::TempDir;

use super::damaged;
use crate::harness::Site;
use crate::set::{Outcome, Sample, Set};
use crate::story::{Expected, MEMORY_FOLDER, Stage, limited};
use crate::tally::Tally;
use crate::work::{FIRST_DAY, LATER_DAY, Work};

const PARTS: [&str; 3] = ["state.db", "state.db-wal", "state.db-shm"];

#[derive(Debug, Clone, Copy)]
enum Beside {
    /// All that the last run did stood in the log.
    LogMissing,
    /// The log is there, as after a crash, and its index is not.
    IndexMissing,
    /// The log of another server, whole and in order.
    LogForeign,
    IndexForeign,
    BothForeign,
}

const ALL: [Beside; 5] =
    [Beside::LogMissing, Beside::IndexMissing, Beside::LogForeign, Beside::IndexForeign, Beside::BothForeign];

pub fn suite(set: Set, expected: &Expected) -> Tally {
    let foreign = Left::by(&FIRST_DAY);
    set.sweep(
        Sample::all(ALL.to_vec()),
        |beside| format!("{beside:?}"),
        || Stage::set(&LATER_DAY, Site::in_memory()),
        |stage, beside| one(stage, *beside, &foreign, expected),
    )
}

fn one(stage: &mut Stage, beside: Beside, foreign: &Left, expected: &Expected) -> Outcome {
    let story = stage.begin();
    let folder = story.site().path("state");
    match beside {
        Beside::LogMissing | Beside::IndexMissing => {
            let left = Left::after(&folder, || assert_eq!(limited(story.command()).run().status, 0));
            fs::remove_file(folder.join(PARTS[0])).unwrap();
            left.put(&folder, &PARTS[..if matches!(beside, Beside::LogMissing) { 1 } else { 2 }]);
        }
        Beside::LogForeign => foreign.put(&folder, &PARTS[1..2]),
        Beside::IndexForeign => foreign.put(&folder, &PARTS[2..]),
        Beside::BothForeign => foreign.put(&folder, &PARTS[1..]),
    }
    if matches!(beside, Beside::IndexMissing) { story.repair(expected) } else { damaged(&story, expected) }
}

/// The three files as a process leaves them that is killed after its last commit.
struct Left(TempDir);

impl Left {
    fn by(work: &Work) -> Self {
        let mut stage = Stage::set(work, Site::in_memory());
        let story = stage.begin();
        limited(story.command()).run().silent();
        Self::after(&story.site().path("state"), || limited(story.site().command(["run"])).run().silent())
    }

    /// A reader that sees the moment before keeps what is done from being moved out of the log.
    fn after(folder: &Path, work: impl FnOnce()) -> Self {
        let reader = Connection::open(folder.join(PARTS[0])).unwrap();
        reader.execute_batch("BEGIN; SELECT one FROM meta;").unwrap();
        work();
        let left = Self(TempDir::new_in(MEMORY_FOLDER).unwrap());
        for part in PARTS {
            fs::copy(folder.join(part), left.0.path().join(part)).unwrap();
        }
        left
    }

    fn put(&self, folder: &Path, parts: &[&str]) {
        for part in parts {
            fs::copy(self.0.path().join(part), folder.join(part)).unwrap();
        }
    }
}
