//! R3: the power may fail at any moment. The program is killed at a call that changes something, and the file system is
//! shut down without what was not made durable; then its journal is replayed.

use std::os::unix::fs::symlink;

use crate::checker::Invariant;
use crate::harness::Site;
use crate::mount::{Disk, Kind};
use crate::set::{Outcome, Set};
use crate::story::{Expected, Stage};
use crate::strace::{Injection, Moment, moments};
use crate::tally::Tally;
use crate::work::{AGENTS, FIRST_DAY, LATER_DAY, MOVING_DAY, Work};
use crate::{checker, kill};

/// Cuts of each work on each disk that the quick set tries.
const FEW: usize = 12;
const MANY: usize = 170;

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
}

impl Cut {
    fn name(&self) -> String {
        match self {
            Cut::At(Moment { call, n }) => format!("at {call} {n}"),
            Cut::AfterExit => "after the exit".to_owned(),
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
                let cuts = moments(work, kill::CHANGES).into_iter().map(Cut::At);
                let cases = set.sample(cuts.collect(), FEW, MANY).and([Cut::AfterExit]);
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
        let (mut promised, mut recorded) = (Vec::new(), Vec::new());
        match cut {
            Cut::At(moment) => {
                let killed = Injection { moment, inject: "signal=KILL", ever_after: false }.run(&story).ran;
                if killed.status == 0 {
                    return Outcome { not_reached: true, ..Outcome::default() };
                }
                story.ended(&killed, expected, None);
            }
            Cut::AfterExit => {
                let ran = story.command().run();
                story.ended(&ran, expected, None);
                promised = checker::current_versions(story.site()).into_iter().collect();
                recorded = rows(story.site());
            }
        }
        self.disks.iter().for_each(Disk::cut);
        self.disks.iter().for_each(Disk::restart);
        story.reboot();
        story.ambiguous = 1;
        story.look();
        if matches!(cut, Cut::AfterExit) && rows(story.site()) != recorded {
            story.broken.push(Invariant::ExitIsTrue.broken("exit 0, and the state has forgotten it"));
        }
        let kept = checker::current_versions(story.site());
        let lost = promised.iter().filter(|link| !kept.contains(*link));
        let lost =
            lost.map(|link| Invariant::CurrentIsWhole.broken(format!("{link} was promised and is gone")));
        story.broken.extend(lost);
        story.repair(expected)
    }
}

fn rows(site: &Site) -> Vec<String> {
    AGENTS.iter().flat_map(|agent| checker::rows_of_agent(site, agent)).collect()
}
