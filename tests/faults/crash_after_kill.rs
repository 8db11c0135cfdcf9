//! R4 with two faults: a run is killed, the next one works on, and then the power fails. What the killed run made and
//! never synced is still in memory when the next one looks, and need not be on the disk.

use std::collections::BTreeSet;

use crate::crash::record::Recording;
use crate::crash::tree::Tree;
use crate::crash_states::{Luck, State};
use crate::harness::Site;
use crate::kill;
use crate::promise::Promise;
use crate::rng::Rng;
use crate::set::{Outcome, Set};
use crate::story::{Expected, Stage};
use crate::strace::{Moment, moments, recorded, recorded_until_killed};
use crate::tally::Tally;
use crate::work::{FIRST_DAY, LATER_DAY, Work};

/// Kills of each work that the quick set tries.
const FEW: usize = 14;
const MANY: usize = 150;
/// Moments within the second run at which the power fails, by chance.
const WITHIN: usize = 2;

pub fn suite(set: Set) -> Tally {
    let mut tally = Tally::default();
    for work in set.works(&[&FIRST_DAY, &LATER_DAY]) {
        if set.is_enough(&tally) {
            break;
        }
        let expected = Expected::of(work);
        let kills = moments(work, kill::CHANGES).into_iter().filter(|moment| set.wants(&moment.call));
        let kills = set.sample(kills.collect(), FEW, MANY);
        let name = |kill: &Moment| format!("{} killed at {} {}", work.name, kill.call, kill.n);
        let stage = || Stage::set(work, Site::in_memory());
        tally += &set.sweep(kills, name, stage, |stage, kill| one(stage, kill, work, &expected, set.seed));
    }
    tally
}

/// One kill, with all that the disk may be at the end of the next run, and some of what it may be within it.
fn one(stage: &mut Stage, kill: &Moment, work: &Work, expected: &Expected, seed: u64) -> Outcome {
    let Some(TwoRuns { recording, first, promise }) = record(stage, kill, work) else {
        return Outcome { not_reached: true, ..Outcome::default() };
    };
    let mut all = Outcome::default();
    for state in states(&recording, first, seed) {
        let mut story = stage.begin();
        state.luck.leaves(&recording, state.prefix).write(&story.site().path(""));
        story.pretend_accepted(recording.accepted_after(state.prefix));
        story.reboot();
        // The killed one's, and that of the one after it.
        story.ambiguous = 2;
        story.look();
        if state.prefix == recording.ops.len() {
            let broken = promise.broken(story.site());
            story.broken.extend(broken);
        }
        let outcome = story.repair(expected);
        all.repeated += outcome.repeated;
        let found = outcome.broken.into_iter();
        all.broken
            .extend(found.map(|found| found.invariant.broken(format!("{}: {}", state.name(), found.what))));
    }
    all
}

/// A killed run and the whole one after it, as one recording.
struct TwoRuns {
    recording: Recording,
    /// Calls of the killed one.
    first: usize,
    promise: Promise,
}

fn record(stage: &mut Stage, kill: &Moment, work: &Work) -> Option<TwoRuns> {
    let story = stage.begin();
    let root = story.site().path("");
    let before = Tree::of(&root);
    let killed = recorded_until_killed(&story, kill)?;
    let whole = recorded(&story);
    let recording = Recording::of(&[&killed, &whole], &root, before, &story.accepted());
    let first = recording.begins[1];
    assert!(first < recording.ops.len(), "{}: after the kill nothing was done", work.name);
    Some(TwoRuns { recording, first, promise: Promise::of(story.site()) })
}

fn states(recording: &Recording, first: usize, seed: u64) -> Vec<State> {
    let mut rng = Rng::new(seed);
    let end = recording.ops.len();
    let within = (end - first).max(1) as u64;
    let mut chance = || first + usize::try_from(rng.next() % within).unwrap();
    let mut prefixes: Vec<usize> = (0..WITHIN).map(|_| chance()).collect();
    prefixes.push(end);
    let mut known = BTreeSet::new();
    let mut states = Vec::new();
    for prefix in prefixes {
        let lucks = [Luck::None, Luck::Names, Luck::Data, Luck::Prefixes(rng.next()), Luck::Some(rng.next())];
        for luck in lucks {
            if known.insert(luck.leaves(recording, prefix).digest()) {
                states.push(State { prefix, luck });
            }
        }
    }
    states
}
