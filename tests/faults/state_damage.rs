//! R12: the state is damaged, foreign, read-only, locked, or used by two runs at once. No version is lost by it, nothing
//! looks better than it is, nothing panics, and a state that was refused is made anew by one command.
//!
//! What is damaged and passes unseen is counted apart (`silently wrong`): the run that follows says something else than
//! without the damage, and nobody is told. Nothing of that may look good.

mod bytes;
mod hindered;
mod logs;
mod two_runs;

use std::fs;

use crate::checker::{self, Invariant, current_versions};
use crate::harness::Site;
use crate::set::{Outcome, Set};
use crate::story::{Expected, Stage, Story, limited};
use crate::tally::Tally;
use crate::work::LATER_DAY;

pub fn suite(set: Set) -> Tally {
    let expected = Expected::of(&LATER_DAY);
    let stage = || Stage::set(&LATER_DAY, Site::in_memory());
    let mut tally = Tally::default();
    // Damage is done at no call.
    if set.calls.is_empty() {
        let bytes = fs::metadata(stage().begin().site().path("state/state.db")).unwrap().len();
        tally += &set.sweep(
            bytes::cases(set, bytes),
            |damage| format!("{damage:?}"),
            stage,
            |stage, damage| {
                let story = stage.begin();
                damage.done(&story.site().path("state/state.db"));
                damaged(&story, &expected)
            },
        );
        tally += &logs::suite(set, &expected);
        tally += &hindered::suite(set, &expected);
    }
    if !set.is_enough(&tally) {
        tally += &two_runs::suite(set, &expected);
    }
    tally
}

/// The state is not what it was; whoever is told makes it anew.
fn damaged(story: &Story, expected: &Expected) -> Outcome {
    let site = story.site();
    let before = current_versions(site);
    let ran = limited(story.command()).run();
    let mut broken = story.checker.versions(site);
    broken.extend(checker::limits(&ran));
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
    let mut silently_wrong = None;
    if again.status == 0 {
        broken.extend(expected.looks_better(site));
        if ran.status != 0 {
            broken.extend(story.checker.meanwhile(site));
            let statuses = site.statuses();
            if statuses != expected.statuses {
                broken.push(Invariant::OneRunRepairs.broken(format!("after a rebuild: {statuses:?}")));
            }
        } else if ran.stderr.is_empty() {
            silently_wrong = expected.first_difference(site);
        }
    }
    Outcome { broken, silently_wrong, ..Outcome::default() }
}
