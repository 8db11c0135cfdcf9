//! The checker itself: each invariant is broken by hand, and must be seen.

use std::fs;
use std::os::unix::fs::symlink;

use crate::checker::{self, Checker, End, Invariant, Violation};
use crate::harness::{Ran, Site};
use crate::mail::{RECIPIENTS, Server};
use crate::planted;
use crate::set::{Outcome, Sample, Set};
use crate::story::{in_seconds, within};
use crate::tally::Tally;
use crate::work::{AGENTS, FIRST_DAY};

struct Damage {
    what: &'static str,
    breaks: Invariant,
    look: fn(&Whole) -> Vec<Violation>,
}

const DAMAGES: [Damage; 14] = [
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
    Damage { what: "another agent's entry", breaks: Invariant::OthersAreUnharmed, look: neighbour_harmed },
    Damage { what: "a run without an end", breaks: Invariant::EndsInTime, look: endless },
    Damage { what: "a run that wants too much", breaks: Invariant::EndsInTime, look: greedy },
    Damage { what: "mail that never came", breaks: Invariant::NewsIsTold, look: mail_lost },
];

/// A server after its first run.
struct Whole {
    site: Site,
    server: Server,
    checker: Checker,
    end: End,
}

impl Whole {
    fn finally(&self) -> Vec<Violation> {
        self.checker.finally(&self.site, &self.end)
    }
}

pub fn suite(set: Set) -> Tally {
    planted::every_bug_has_its_place();
    set.sweep(
        Sample::all(DAMAGES.into_iter().collect()),
        |damage| damage.what.to_owned(),
        || (),
        |(), damage| one(damage),
    )
}

fn one(damage: &Damage) -> Outcome {
    let (mut site, server) = (Site::in_memory(), Server::start());
    FIRST_DAY.begin(&mut site, &server);
    site.run(["run"]).silent();
    // From here on, what is there must stay.
    let (checker, end) = (Checker::of(&site), End::of(&site));
    let server = Whole { site, server, checker, end };
    let mut broken = server.finally();
    broken.extend(checker::news(&server.site, &RECIPIENTS, &server.server.accepted(), 0));
    let found = (damage.look)(&server);
    if !found.iter().any(|violation| violation.invariant == damage.breaks) {
        broken.push(damage.breaks.broken(format!("it was not seen: {found:?}")));
    }
    Outcome { broken, ..Outcome::default() }
}

fn link(whole: &Whole) -> std::path::PathBuf {
    whole.site.path("validated").join(AGENTS[0]).join("ONE/current_version")
}

fn no_current_version(whole: &Whole) -> Vec<Violation> {
    fs::remove_file(link(whole)).unwrap();
    whole.checker.meanwhile(&whole.site)
}

fn dangling(whole: &Whole) -> Vec<Violation> {
    fs::remove_file(link(whole)).unwrap();
    symlink("versions/nowhere", link(whole)).unwrap();
    whole.checker.meanwhile(&whole.site)
}

fn flipped(whole: &Whole) -> Vec<Violation> {
    let dump = link(whole).join("ONE.bin");
    let mut bytes = fs::read(&dump).unwrap();
    bytes[100] ^= 1;
    fs::remove_file(&dump).unwrap();
    fs::write(&dump, bytes).unwrap();
    whole.checker.meanwhile(&whole.site)
}

fn version_gone(whole: &Whole) -> Vec<Violation> {
    let job = link(whole);
    fs::remove_dir_all(job.parent().unwrap().join("versions")).unwrap();
    whole.checker.meanwhile(&whole.site)
}

fn report_gone(whole: &Whole) -> Vec<Violation> {
    fs::remove_dir_all(whole.site.path("deposits").join(AGENTS[0]).join("log")).unwrap();
    whole.checker.meanwhile(&whole.site)
}

fn kept_report_gone(whole: &Whole) -> Vec<Violation> {
    fs::remove_dir_all(whole.site.path("state/reports")).unwrap();
    whole.finally()
}

fn temporary(whole: &Whole) -> Vec<Violation> {
    fs::write(whole.site.path("state/.tmp-1-1"), "half").unwrap();
    whole.finally()
}

fn state_damaged(whole: &Whole) -> Vec<Violation> {
    let path = whole.site.path("state/state.db");
    let mut bytes = fs::read(&path).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle..middle + 4096].fill(0x55);
    fs::write(&path, bytes).unwrap();
    whole.checker.meanwhile(&whole.site)
}

fn half_the_work(whole: &Whole) -> Vec<Violation> {
    fs::remove_file(whole.site.path("site/index.html")).unwrap();
    let ran = Ran { status: 0, stdout: String::new(), stderr: String::new() };
    checker::exit(&whole.site, &ran, &whole.end, None)
}

fn deposit_changed(whole: &Whole) -> Vec<Violation> {
    whole.site.dump(AGENTS[0], "ONE.bin", "other bytes");
    whole.checker.meanwhile(&whole.site)
}

fn neighbour_harmed(whole: &Whole) -> Vec<Violation> {
    let before = checker::rows_of_agent(&whole.site, AGENTS[1]);
    assert!(!before.is_empty());
    let state = rusqlite::Connection::open(whole.site.path("state/state.db")).unwrap();
    let harm = "UPDATE entries SET cause = 'same_file' WHERE status = 'HASH_MISMATCH'";
    assert_eq!(state.execute(harm, []).unwrap(), 1);
    checker::unharmed(&whole.site, AGENTS[1], &before).into_iter().collect()
}

fn endless(whole: &Whole) -> Vec<Violation> {
    let endless = whole.site.command(["run"]).under("sh", ["-c", "while true; do sleep 1; done"]);
    checker::limits(&in_seconds(endless, 0.2).run()).into_iter().collect()
}

/// A report that takes more than the program may hold here.
fn greedy(whole: &Whole) -> Vec<Violation> {
    whole.site.place(&format!("deposits/{}/log/large.json", AGENTS[0]), vec![b' '; 15 << 20]);
    checker::limits(&within(whole.site.command(["run"]), 14 << 20).run()).into_iter().collect()
}

fn mail_lost(whole: &Whole) -> Vec<Violation> {
    checker::news(&whole.site, &RECIPIENTS, &whole.server.accepted()[1..], 0)
}
