//! A second run comes at any moment of the first one.

use std::fs;
use std::path::Path;

use rustix::fs::{FlockOperation, flock};
use rustix::io::Errno;

use crate::checker::Invariant;
use crate::harness::Site;
use crate::set::{Outcome, Set};
use crate::story::{Expected, Stage, limited};
use crate::strace::{Moment, Stopped, moments};
use crate::tally::Tally;
use crate::work::LATER_DAY;
use crate::{kill, strace};

const QUICK: usize = 6;
const FULL: usize = 100;

pub fn suite(set: Set, expected: &Expected) -> Tally {
    if strace::missing().is_some() {
        return Tally::default();
    }
    let moments = moments(&LATER_DAY, kill::CHANGES).into_iter();
    let moments = moments.filter(|moment| set.wants(&moment.call)).collect();
    set.sweep(
        set.sample(moments, QUICK, FULL),
        |moment: &Moment| format!("two runs, the first at {} {}", moment.call, moment.n),
        || Stage::set(&LATER_DAY, Site::in_memory()),
        |stage, moment| twice(stage, moment, expected),
    )
}

/// A second run comes while the first one works: it sees that, and leaves it alone.
fn twice(stage: &mut Stage, moment: &Moment, expected: &Expected) -> Outcome {
    let mut story = stage.begin();
    let mut second = None;
    let first = Stopped { moment }.run(&story, || {
        let is_locked = is_locked(&story.site().path("state/lock"));
        second = Some((limited(story.command()).run(), is_locked));
    });
    let (Some(first), Some((second, is_locked))) = (first, second) else {
        return Outcome { not_reached: true, ..Outcome::default() };
    };
    if first.status != 0 || !first.stderr.is_empty() {
        story.broken.push(Invariant::ExitIsTrue.broken(format!("the first of two says\n{first}")));
    }
    // `--now`, which only tests give, looks into the state before the lock: it may find it just being opened, or closed
    // by the one who holds the lock.
    let is_closing = is_locked && second.stderr.contains("is locked by another program");
    let is_in_the_way = is_closing || second.stderr.contains("the state could not be opened");
    if !(second.status == 0 || second.status == 1 && is_in_the_way) {
        story.broken.push(Invariant::ExitIsTrue.broken(format!("the second of two says\n{second}")));
    }
    story.ended(&first, expected, None);
    story.look();
    story.repair(expected)
}

fn is_locked(path: &Path) -> bool {
    let tried = fs::File::open(path).map(|file| flock(file, FlockOperation::NonBlockingLockExclusive));
    matches!(tried, Ok(Err(Errno::WOULDBLOCK)))
}
