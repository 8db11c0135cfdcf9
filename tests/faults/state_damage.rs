//! R12: the state is damaged, foreign, locked, or used by two runs at once. No version is lost by it, nothing panics,
//! and a state that was refused is made anew by one command.

use std::fs;
use std::path::Path;

use rustix::fs::{FlockOperation, flock};
use rustix::io::Errno;

use crate::checker::{Invariant, current_versions};
use crate::harness::Site;
use crate::set::{Outcome, Set};
use crate::story::{Expected, Stage, limited};
use crate::strace::{Moment, Stopped, moments};
use crate::tally::Tally;
use crate::work::LATER_DAY;
use crate::{kill, strace};

const QUICK: usize = 40;
const FLIPS: u64 = 1300;
const PAGE: u64 = 4096;
/// Moments at which a second run is started.
const TWICE_QUICK: usize = 6;
const TWICE_FULL: usize = 100;

#[derive(Debug, Clone, Copy)]
enum Damage {
    /// A bit, counted by chance.
    Flip(u64),
    /// Cut after so many pages.
    Cut(u64),
    /// A page of zeros.
    Zero(u64),
    Text,
    Empty,
    Gone,
    /// A log beside it that belongs to nothing.
    ForeignLog,
    ForeignIndex,
}

pub fn suite(set: Set) -> Tally {
    let expected = Expected::of(&LATER_DAY);
    let pages = {
        let mut stage = Stage::set(&LATER_DAY, Site::in_memory());
        fs::metadata(stage.begin().site().path("state/state.db")).unwrap().len() / PAGE
    };
    let others = [Damage::Text, Damage::Empty, Damage::Gone, Damage::ForeignLog, Damage::ForeignIndex];
    let cases =
        (0..FLIPS).map(Damage::Flip).chain((1..pages).map(Damage::Cut)).chain((0..pages).map(Damage::Zero));
    let cases = set.sample(cases.collect(), QUICK, usize::MAX).and(others);
    let stage = || Stage::set(&LATER_DAY, Site::in_memory());
    let mut tally = Tally::default();
    // Damage is done at no call.
    if set.calls.is_empty() {
        let name = |case: &Damage| format!("{case:?}");
        tally += &set.sweep(cases, name, stage, |stage, case| damaged(stage, *case, &expected));
    }
    if strace::missing().is_none() && !set.is_enough(&tally) {
        let moments = moments(&LATER_DAY, kill::CHANGES).into_iter();
        let moments = moments.filter(|moment| set.wants(&moment.call)).collect();
        let cases = set.sample(moments, TWICE_QUICK, TWICE_FULL);
        let name = |moment: &Moment| format!("two runs, the first at {} {}", moment.call, moment.n);
        tally += &set.sweep(cases, name, stage, |stage, moment| twice(stage, moment, &expected));
    }
    tally
}

fn damaged(stage: &mut Stage, damage: Damage, expected: &Expected) -> Outcome {
    let story = stage.begin();
    let site = story.site();
    damage.done(&site.path("state/state.db"));
    let before = current_versions(site);
    let ran = limited(story.command()).run();
    let site = story.site();
    let mut broken = story.checker.versions(site);
    if !matches!(ran.status, 0 | 1) || ran.stderr.contains("panicked") {
        broken.push(Invariant::ExitIsTrue.broken(format!("{ran}")));
    }
    if ran.status == 1 && ran.stderr.is_empty() {
        broken.push(Invariant::ExitIsTrue.broken("exit 1 without a word"));
    }
    // Whoever is told that the state is damaged makes it anew; who is not told goes on.
    if ran.status != 0 {
        let rebuilt = limited(site.command(["state", "rebuild", "--yes"])).run();
        if rebuilt.status != 0 {
            broken.push(Invariant::OneRunRepairs.broken(format!("after\n{ran}\nrebuild says\n{rebuilt}")));
        }
    }
    let again = limited(site.command(["run"])).run();
    if again.status != 0 && ran.status != 0 {
        broken.push(Invariant::OneRunRepairs.broken(format!("after a rebuild a run says\n{again}")));
    }
    broken.extend(story.checker.versions(site));
    let lost = before.difference(&current_versions(site)).count();
    if lost > 0 {
        broken.push(Invariant::CurrentIsWhole.broken(format!("{lost} current versions are gone")));
    }
    if ran.status != 0 && again.status == 0 {
        broken.extend(story.checker.meanwhile(site));
        let statuses = site.statuses();
        if statuses != expected.statuses {
            broken.push(Invariant::OneRunRepairs.broken(format!("after a rebuild: {statuses:?}")));
        }
    }
    Outcome { broken, ..Outcome::default() }
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

impl Damage {
    fn done(self, path: &Path) {
        let mut bytes = fs::read(path).unwrap();
        let beside = |suffix: &str| path.with_file_name(format!("state.db{suffix}"));
        match self {
            Damage::Flip(seed) => {
                let bit = crate::rng::Rng::new(seed).next() % (bytes.len() as u64 * 8);
                bytes[usize::try_from(bit / 8).unwrap()] ^= 1 << (bit % 8);
            }
            Damage::Cut(pages) => bytes.truncate(usize::try_from(pages * PAGE).unwrap()),
            Damage::Zero(page) => {
                let at = usize::try_from(page * PAGE).unwrap();
                bytes[at..at + 4096].fill(0);
            }
            Damage::Text => bytes = b"this is no state".to_vec(),
            Damage::Empty => bytes.clear(),
            Damage::Gone => return fs::remove_file(path).unwrap(),
            Damage::ForeignLog => return fs::write(beside("-wal"), &bytes[..8192]).unwrap(),
            Damage::ForeignIndex => return fs::write(beside("-shm"), &bytes[..8192]).unwrap(),
        }
        fs::write(path, bytes).unwrap();
    }
}
