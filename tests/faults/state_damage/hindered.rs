//! The state is whole, and cannot be written: its disk lets everybody only read, or another process holds its lock for
//! longer than anybody waits. Nothing is done then, and all of it by the next run.

use std::path::Path;
use std::process::Command;

use rusqlite::Connection;

use crate::checker::{self, Invariant};
use crate::harness::{Call, Ran, Site};
use crate::mount::SPACES;
use crate::set::{Outcome, Sample, Set, Size};
use crate::story::{Expected, Stage, limited};
use crate::tally::Tally;
use crate::work::LATER_DAY;

#[derive(Debug, Clone, Copy)]
enum Hindrance {
    FileReadOnly,
    FolderReadOnly,
    /// By one who writes: others may still read.
    LockedForWriting,
    /// By one who lets nobody else in, as a program that knows no log.
    LockedWhole,
}

impl Hindrance {
    /// What the one who runs it is told.
    fn told(self) -> &'static str {
        match self {
            Hindrance::FileReadOnly => "state.db` cannot be written: ",
            Hindrance::FolderReadOnly => "state.db` cannot be opened: ",
            Hindrance::LockedForWriting | Hindrance::LockedWhole => "is locked by another program",
        }
    }
}

pub fn suite(set: Set, expected: &Expected) -> Tally {
    let read_only = [Hindrance::FileReadOnly, Hindrance::FolderReadOnly];
    // Each takes as long as a writer waits.
    let locked = [Hindrance::LockedForWriting, Hindrance::LockedWhole];
    let mut cases = Vec::new();
    if can_mount() {
        cases.extend(read_only);
    } else {
        println!("state damage, a state that is read-only: SKIPPED: no mount can be made here");
    }
    if set.size == Size::Full {
        cases.extend(locked);
    }
    let of = read_only.len() + locked.len();
    set.sweep(
        Sample { cases, of },
        |hindrance| format!("{hindrance:?}"),
        || Stage::set(&LATER_DAY, Site::in_memory()),
        |stage, hindrance| one(stage, *hindrance, expected),
    )
}

fn one(stage: &mut Stage, hindrance: Hindrance, expected: &Expected) -> Outcome {
    let mut story = stage.begin();
    let path = story.site().path("state/state.db");
    let ran = match hindrance {
        Hindrance::FileReadOnly => read_only(limited(story.command()), "state/state.db").run(),
        Hindrance::FolderReadOnly => read_only(limited(story.command()), "state").run(),
        Hindrance::LockedForWriting => while_locked(&path, "BEGIN IMMEDIATE", limited(story.command())),
        Hindrance::LockedWhole => {
            while_locked(&path, "PRAGMA locking_mode = EXCLUSIVE; BEGIN EXCLUSIVE", limited(story.command()))
        }
    };
    story.broken.extend(checker::limits(&ran));
    if ran.status != 1 || !ran.stderr.contains(hindrance.told()) {
        story.broken.push(Invariant::ExitIsTrue.broken(format!("{hindrance:?} says\n{ran}")));
    }
    story.look();
    story.repair(expected)
}

fn while_locked(state: &Path, lock: &str, call: Call<'_>) -> Ran {
    let holder = Connection::open(state).unwrap();
    holder.execute_batch(lock).unwrap();
    let ran = call.run();
    drop(holder);
    ran
}

/// Mounts are made in a space of the command's own, and end with it.
const SPACE: [&str; 3] = ["--mount", "--propagation", "private"];

/// With one of its paths read-only, for root too.
fn read_only<'s>(call: Call<'s>, path: &str) -> Call<'s> {
    const MOUNT: &str = "mount --bind \"$0\" \"$0\" && mount -o remount,bind,ro \"$0\" && exec \"$@\"";
    call.under("flock", [SPACES, "unshare"].into_iter().chain(SPACE).chain(["sh", "-c", MOUNT, path]))
}

fn can_mount() -> bool {
    let mut unshare = Command::new("unshare");
    unshare.args(SPACE).args(["mount", "--bind", "/proc", "/proc"]);
    unshare.output().is_ok_and(|output| output.status.success())
}
