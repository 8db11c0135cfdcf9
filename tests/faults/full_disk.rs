//! R5: the disk of the versions, of the state or of the site may be full, of bytes or of inodes, at any moment; then
//! somebody makes it larger. In memory, and on an ext4 of 16 MiB.

use crate::harness::Site;
use crate::mount::{Ground, Room, Small, no_disk};
use crate::set::{Outcome, Set};
use crate::story::{Expected, Stage, limited};
use crate::tally::Tally;
use crate::work::{FIRST_DAY, LATER_DAY, Work};

/// Cases of each work and folder that the quick set tries.
const FEW: usize = 8;
const MANY: usize = 60;
/// More than a run of this small work needs, in pages.
const PAGES: u64 = 160;
/// More than it needs.
const INODES: u64 = 60;

pub fn suite(set: Set) -> Tally {
    let mut tally = Tally::default();
    for work in set.works(&[&FIRST_DAY, &LATER_DAY]) {
        let expected = Expected::of(work);
        for folder in ["validated", "state", "site"] {
            if set.is_enough(&tally) {
                return tally;
            }
            for ground in [Ground::Memory, Ground::Ext4] {
                if ground == Ground::Ext4
                    && let Some(reason) = no_disk()
                {
                    println!("full disk on ext4: SKIPPED: {reason}");
                    continue;
                }
                let rooms = (0..PAGES).map(Room::Pages).chain((0..INODES).map(Room::Inodes));
                let cases = set.sample(rooms.collect(), FEW, MANY);
                let name = |room: &Room| format!("{}, {room:?} free for {folder} on {ground:?}", work.name);
                let tight = || Tight::of(work, folder, ground);
                tally += &set.sweep(cases, name, tight, |tight, room| tight.one(*room, &expected));
            }
        }
    }
    tally
}

struct Tight<'w> {
    // The mount lies within the stage's folder, and goes first.
    disk: Small,
    stage: Stage<'w>,
}

impl<'w> Tight<'w> {
    fn of(work: &'w Work, folder: &str, ground: Ground) -> Self {
        let site = Site::in_memory();
        let disk = Small::over(&site.path(folder), ground);
        Self { disk, stage: Stage::set(work, site) }
    }

    fn one(&mut self, room: Room, expected: &Expected) -> Outcome {
        self.disk.enlarge();
        let mut story = self.stage.begin();
        self.disk.leave(room);
        let ran = limited(story.command()).run();
        // A checker that cannot read a state on a full disk says nothing of the state.
        self.disk.enlarge();
        // That a mail was accepted may not fit into the state any more.
        story.ambiguous = 1;
        story.ended(&ran, expected, None);
        story.look();
        story.repair(expected)
    }
}
