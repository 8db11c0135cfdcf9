//! R3: the power may fail at any moment. The program is killed at a call that changes something, and the file system is
//! shut down without what was not made durable; then its journal is replayed.

use std::os::unix::fs::symlink;

use crate::harness::{Ran, Site};
use crate::kill;
use crate::mount::{Disk, Kind};
use crate::promise::Promise;
use crate::set::{Outcome, Set};
use crate::story::{Expected, Stage, Story};
use crate::strace::{Injection, Moment, moments};
use crate::tally::Tally;
use crate::work::{FIRST_DAY, LATER_DAY, MOVING_DAY, Work};

/// Cuts of each work on each disk that the quick set tries.
const FEW: usize = 12;
const MANY: usize = 170;
/// Kills that a whole run follows before the power fails.
const FEW_KILLS: usize = 4;
const MANY_KILLS: usize = 50;

/// Where the versions lie.
#[derive(Debug, Clone, Copy)]
enum Layout {
    OneDisk,
    /// `VALIDATED` on a disk of its own, whose journal knows nothing of the other's.
    Apart,
}

/// When the power fails.
enum Cut {
    At(Moment),
    /// Right after the program has said that all was done.
    AfterExit,
    /// The same of a run that found what a killed one had left.
    AfterKillAndRun(Moment),
}

impl Cut {
    fn name(&self) -> String {
        match self {
            Cut::At(Moment { call, n }) => format!("at {call} {n}"),
            Cut::AfterExit => "after the exit".to_owned(),
            Cut::AfterKillAndRun(Moment { call, n }) => format!("after a kill at {call} {n} and a whole run"),
        }
    }
}

pub fn suite(set: Set) -> Tally {
    let mut tally = Tally::default();
    for work in set.works(&[&FIRST_DAY, &LATER_DAY, &MOVING_DAY]) {
        let expected = Expected::of(work);
        for kind in Kind::ALL {
            for layout in [Layout::OneDisk, Layout::Apart] {
                if set.is_enough(&tally) {
                    return tally;
                }
                let moments = moments(work, kill::CHANGES);
                let kills = set.sample(moments.clone(), FEW_KILLS, MANY_KILLS);
                let cuts = set.sample(moments.into_iter().map(Cut::At).collect(), FEW, MANY);
                let after_kills = kills.cases.into_iter().map(Cut::AfterKillAndRun);
                let cases = cuts.and([Cut::AfterExit]).and(after_kills);
                let name =
                    |cut: &Cut| format!("{}, {} {layout:?}, cut {}", work.name, kind.name(), cut.name());
                let power = || Power::of(work, kind, layout);
                tally += &set.sweep(cases, name, power, |power, cut| power.one(cut, &expected));
            }
        }
    }
    tally
}

struct Power<'w> {
    // Before the disks: what lies on them goes first.
    stage: Stage<'w>,
    disks: Vec<Disk>,
}

impl<'w> Power<'w> {
    fn of(work: &'w Work, kind: Kind, layout: Layout) -> Self {
        let mut disks = vec![Disk::make(kind)];
        let site = Site::below(disks[0].path());
        if matches!(layout, Layout::Apart) {
            let apart = Disk::make(kind);
            let folder = apart.path().join("validated");
            std::fs::create_dir(&folder).unwrap();
            symlink(&folder, site.path("validated")).unwrap();
            disks.push(apart);
        }
        Self { stage: Stage::set(work, site), disks }
    }

    fn one(&mut self, cut: &Cut, expected: &Expected) -> Outcome {
        let mut story = self.stage.begin();
        self.disks.iter().for_each(Disk::sync);
        let mut promise = None;
        story.ambiguous = 1;
        match cut {
            Cut::At(moment) => {
                let killed = kill_at(moment, &story);
                if killed.status == 0 {
                    return Outcome { not_reached: true, ..Outcome::default() };
                }
                story.ended(&killed, expected, None);
            }
            Cut::AfterExit => {
                let ran = story.command().run();
                story.ended(&ran, expected, None);
                promise = Some(Promise::of(story.site()));
            }
            Cut::AfterKillAndRun(moment) => {
                if kill_at(moment, &story).status == 0 {
                    return Outcome { not_reached: true, ..Outcome::default() };
                }
                story.whole_run();
                promise = Some(Promise::of(story.site()));
                // The killed one's, and that of the one after it.
                story.ambiguous = 2;
            }
        }
        self.disks.iter().for_each(Disk::cut);
        self.disks.iter().for_each(Disk::restart);
        story.reboot();
        story.look();
        let lost = promise.map(|promise| promise.broken(story.site())).unwrap_or_default();
        story.broken.extend(lost);
        story.repair(expected)
    }
}

fn kill_at(moment: &Moment, story: &Story) -> Ran {
    Injection { moment, inject: "signal=KILL", ever_after: false }.run(story).ran
}
