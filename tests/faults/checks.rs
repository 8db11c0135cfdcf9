//! The checker itself: each invariant is broken by hand, and must be seen.

use std::fs;
use std::os::unix::fs::symlink;

use crate::checker::{self, Checker, End, Invariant, Violation};
use crate::harness::{Ran, Site};
use crate::mail::RECIPIENTS;
use crate::set::{Outcome, Set};
use crate::story::Story;
use crate::tally::Tally;
use crate::work::{AGENTS, FIRST_DAY};

struct Damage {
    what: &'static str,
    breaks: Invariant,
    look: fn(&Story, &End) -> Vec<Violation>,
}

const DAMAGES: [Damage; 11] = [
    Damage { what: "no current version", breaks: Invariant::CurrentIsWhole, look: no_current_version },
    Damage { what: "a dangling link", breaks: Invariant::CurrentIsWhole, look: dangling },
    Damage { what: "a flipped byte", breaks: Invariant::CurrentIsWhole, look: flipped },
    Damage { what: "a version that is gone", breaks: Invariant::GoodHasBytes, look: version_gone },
    Damage { what: "a report that is gone", breaks: Invariant::ReportIsKept, look: report_gone },
    Damage { what: "a kept report that is gone", breaks: Invariant::ReportIsKept, look: kept_report_gone },
    Damage { what: "a temporary file", breaks: Invariant::OneRunRepairs, look: temporary },
    Damage { what: "a state of chance", breaks: Invariant::StateIsSound, look: state_damaged },
    Damage { what: "exit 0 after half the work", breaks: Invariant::ExitIsTrue, look: half_the_work },
    Damage { what: "a deposit that changed", breaks: Invariant::NothingElseChanged, look: deposit_changed },
    Damage { what: "mail that never came", breaks: Invariant::NewsIsTold, look: mail_lost },
];

pub fn suite(set: Set) -> Tally {
    set.sweep(DAMAGES.into_iter().collect(), |damage| damage.what.to_owned(), one)
}

fn one(damage: &Damage) -> Outcome {
    let mut story = Story::begin(&FIRST_DAY, Site::in_memory());
    let silent = |story: &Story| story.site.run(["run"]).silent();
    silent(&story);
    // From here on, what is there must stay.
    story.checker = Checker::of(&story.site);
    let end = End::of(&story.site);
    let mut broken = story.checker.finally(&story.site, &end);
    broken.extend(checker::news(&story.site, &RECIPIENTS, &story.server.accepted(), 0));
    let found = (damage.look)(&story, &end);
    if !found.iter().any(|violation| violation.invariant == damage.breaks) {
        broken.push(damage.breaks.broken(format!("it was not seen: {found:?}")));
    }
    Outcome { broken, ..Outcome::default() }
}

fn link(story: &Story) -> std::path::PathBuf {
    story.site.path("validated").join(AGENTS[0]).join("ONE/current_version")
}

fn no_current_version(story: &Story, _: &End) -> Vec<Violation> {
    fs::remove_file(link(story)).unwrap();
    story.checker.meanwhile(&story.site)
}

fn dangling(story: &Story, _: &End) -> Vec<Violation> {
    fs::remove_file(link(story)).unwrap();
    symlink("versions/nowhere", link(story)).unwrap();
    story.checker.meanwhile(&story.site)
}

fn flipped(story: &Story, _: &End) -> Vec<Violation> {
    let dump = link(story).join("ONE.bin");
    let mut bytes = fs::read(&dump).unwrap();
    bytes[100] ^= 1;
    fs::remove_file(&dump).unwrap();
    fs::write(&dump, bytes).unwrap();
    story.checker.meanwhile(&story.site)
}

fn version_gone(story: &Story, _: &End) -> Vec<Violation> {
    let job = link(story);
    fs::remove_dir_all(job.parent().unwrap().join("versions")).unwrap();
    story.checker.meanwhile(&story.site)
}

fn report_gone(story: &Story, _: &End) -> Vec<Violation> {
    fs::remove_dir_all(story.site.path("deposits").join(AGENTS[0]).join("log")).unwrap();
    story.checker.meanwhile(&story.site)
}

fn kept_report_gone(story: &Story, end: &End) -> Vec<Violation> {
    fs::remove_dir_all(story.site.path("state/reports")).unwrap();
    story.checker.finally(&story.site, end)
}

fn temporary(story: &Story, end: &End) -> Vec<Violation> {
    fs::write(story.site.path("state/.tmp-1-1"), "half").unwrap();
    story.checker.finally(&story.site, end)
}

fn state_damaged(story: &Story, _: &End) -> Vec<Violation> {
    let path = story.site.path("state/state.db");
    let mut bytes = fs::read(&path).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle..middle + 4096].fill(0x55);
    fs::write(&path, bytes).unwrap();
    story.checker.meanwhile(&story.site)
}

fn half_the_work(story: &Story, end: &End) -> Vec<Violation> {
    fs::remove_file(story.site.path("site/index.html")).unwrap();
    let ran = Ran { status: 0, stdout: String::new(), stderr: String::new() };
    checker::exit(&story.site, &ran, end, None)
}

fn deposit_changed(story: &Story, _: &End) -> Vec<Violation> {
    story.site.dump(AGENTS[0], "ONE.bin", "other bytes");
    story.checker.meanwhile(&story.site)
}

fn mail_lost(story: &Story, _: &End) -> Vec<Violation> {
    checker::news(&story.site, &RECIPIENTS, &story.server.accepted()[1..], 0)
}
