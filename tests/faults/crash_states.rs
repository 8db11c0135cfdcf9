//! R4: what a power cut may leave on any file system. One run is recorded call by call; then the disk is made as it may
//! be after each prefix of it, with all, none, or some of what was not synced at that moment.

use std::collections::BTreeSet;

use crate::crash::record::Recording;
use crate::crash::tree::Tree;
use crate::harness::Site;
use crate::rng::Rng;
use crate::set::{Outcome, Set};
use crate::story::{Expected, Stage};
use crate::strace::recorded;
use crate::tally::Tally;
use crate::work::{FIRST_DAY, LATER_DAY, Work};

/// States of each work that the quick set tries.
const QUICK: usize = 60;
const FULL: usize = 1100;
/// States by chance at each prefix, of each kind.
const CHANCES: usize = 2;

/// What of the calls that were not synced has reached the disk.
#[derive(Debug, Clone, Copy)]
pub enum Luck {
    None,
    All,
    Names,
    Data,
    /// A first part of what was done to each file and folder.
    Prefixes(u64),
    Some(u64),
}

pub struct State {
    pub prefix: usize,
    pub luck: Luck,
}

impl State {
    pub fn name(&self) -> String {
        format!("{:?} after call {}", self.luck, self.prefix)
    }
}

pub fn suite(set: Set) -> Tally {
    let mut tally = Tally::default();
    for work in set.works(&[&FIRST_DAY, &LATER_DAY]) {
        if set.is_enough(&tally) {
            break;
        }
        let expected = Expected::of(work);
        let recording = record(work);
        let states = set.sample(states(&recording, set.seed), QUICK, FULL);
        let name = |state: &State| format!("{}, {}", work.name, state.name());
        let stage = || Stage::set(work, Site::in_memory());
        tally += &set.sweep(states, name, stage, |stage, state| one(stage, state, &recording, &expected));
    }
    tally
}

fn record(work: &Work) -> Recording {
    let mut stage = Stage::set(work, Site::in_memory());
    let story = stage.begin();
    let root = story.site().path("");
    let before = Tree::of(&root);
    let log = recorded(&story);
    Recording::of(&[&log], &root, before, &story.accepted())
}

/// Each state once, however many ways lead to it.
fn states(recording: &Recording, seed: u64) -> Vec<State> {
    let mut rng = Rng::new(seed);
    let mut known = BTreeSet::new();
    let mut states = Vec::new();
    for prefix in 0..=recording.ops.len() {
        let mut lucks = vec![Luck::None, Luck::All, Luck::Names, Luck::Data];
        for _ in 0..CHANCES {
            lucks.extend([Luck::Prefixes(rng.next()), Luck::Some(rng.next())]);
        }
        for luck in lucks {
            if known.insert(luck.leaves(recording, prefix).digest()) {
                states.push(State { prefix, luck });
            }
        }
    }
    states
}

impl Luck {
    pub fn leaves(self, recording: &Recording, prefix: usize) -> Tree {
        let ops = &recording.ops[..prefix];
        let mut tree = recording.before.clone();
        let mut rng = Rng::new(match self {
            Luck::Prefixes(seed) | Luck::Some(seed) => seed,
            Luck::None | Luck::All | Luck::Names | Luck::Data => 0,
        });
        let mut over = BTreeSet::new();
        for (at, op) in ops.iter().enumerate() {
            let is_lucky = match self {
                Luck::None => false,
                Luck::All => true,
                Luck::Names => op.is_of_names(),
                Luck::Data => !op.is_of_names(),
                Luck::Some(_) => rng.next().is_multiple_of(2),
                Luck::Prefixes(_) => {
                    if rng.next().is_multiple_of(4) {
                        over.extend(op.objects());
                    }
                    op.objects().iter().all(|object| !over.contains(object))
                }
            };
            if is_lucky || recording.synced_at[at] < prefix {
                tree.apply(op);
            }
        }
        tree
    }
}

fn one(stage: &mut Stage, case: &State, recording: &Recording, expected: &Expected) -> Outcome {
    let mut story = stage.begin();
    case.luck.leaves(recording, case.prefix).write(&story.site().path(""));
    story.pretend_accepted(recording.accepted_after(case.prefix));
    story.reboot();
    story.ambiguous = 1;
    story.look();
    story.repair(expected)
}
