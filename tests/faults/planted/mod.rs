//! R17: do the suites see anything? Bugs are planted in a copy of the source, and each must be caught by at least one.
//!
//! The product knows nothing of this: the copy's expressions are replaced by ones that ask whether their bug is meant.
//! The full set asks every suite of every bug, and of the sound program, of which none may complain; the quick one asks
//! each bug's own suite. `FAULTS_BUGS=a,b` chooses bugs.

mod bugs;
mod copy;
mod suites;
mod table;

use std::collections::VecDeque;
use std::fs;
use std::path::Path;
use std::sync::Mutex;
use std::thread;
use std::time::Instant;

use crate::checker::Invariant;
use crate::set::{Outcome, Set, Size};
use crate::tally::Tally;
use bugs::Bug;
use copy::Copy;
use suites::{SUITES, Suite};
use table::{NOTHING, Row};

/// So many bugs are asked about at once: much of a suite's time is waiting.
const AT_ONCE: usize = 3;

/// Building the copy takes too long for every submission. Asked for by name, the quick set asks each bug's own suite.
pub fn not_asked() -> Option<String> {
    let is_asked = Set::of_environment().size == Size::Full || std::env::args().any(|word| word == "planted");
    (!is_asked).then(|| "only in the full set (FAULTS=full), or by name".to_owned())
}

/// An edit of a line where a bug is planted is noticed at once, and not when somebody asks for the table.
pub fn every_bug_has_its_place() {
    let source = Path::new(env!("CARGO_MANIFEST_DIR"));
    for bug in bugs::all() {
        for edit in &bug.edit {
            edit.plant(&bug.name, &fs::read_to_string(source.join(&edit.file)).unwrap());
        }
    }
}

pub fn suite(set: Set) -> Tally {
    let bugs = bugs::all();
    let suites: Vec<&Suite> = SUITES.iter().collect();
    for bug in &bugs {
        assert!(suites.iter().any(|suite| suite.name == bug.suite), "{} has no suite", bug.name);
    }
    let mut tests: Vec<&str> =
        suites.iter().map(|suite| suite.test).filter(|test| *test != "faults").collect();
    tests.sort_unstable();
    tests.dedup();
    let copy = Copy::build(&bugs, &tests);
    let rows = ask_all(&wanted(&bugs, set), &suites, &copy, set);
    let mut tally = Tally::default();
    for (bug, row) in &rows {
        let complaint = match bug {
            Some(bug) if !row.get(bug.suite.as_str()).is_some_and(suites::Answer::is_caught) => {
                Some(format!("its own suite, {}, has not seen it", bug.suite))
            }
            Some(_) => None,
            None => witness_of_nothing(row),
        };
        let broken = complaint.map(|complaint| Invariant::ExitIsTrue.broken(complaint)).into_iter().collect();
        tally.add(bug.map_or(NOTHING, |bug| &bug.name), Outcome { broken, ..Outcome::default() });
    }
    if set.size == Size::Full {
        table::print(&suites, &rows);
        table::print_legend(&suites);
        table::print_witnesses(&suites, &rows);
    }
    let caught =
        rows.iter().filter(|(bug, row)| bug.is_some() && row.values().any(suites::Answer::is_caught));
    let asked = rows.iter().filter(|(bug, _)| bug.is_some()).count();
    println!("planted bugs caught {}/{}", caught.count(), asked);
    // These are no faults of the product, and are not counted among them.
    Tally { tried: 0, survived: 0, ..tally }
}

/// A suite that complains of the sound program, does not even come to an end with it, or tries nothing, says nothing of
/// bugs.
fn witness_of_nothing(row: &Row) -> Option<String> {
    let is_none = |answer: &suites::Answer| match answer {
        suites::Answer::Tried { broken, tried } => *broken > 0 || *tried == 0,
        suites::Answer::AtOnce | suites::Answer::Hangs => true,
        suites::Answer::Skipped => false,
    };
    let names: Vec<&str> = row.iter().filter(|(_, answer)| is_none(answer)).map(|(name, _)| *name).collect();
    (!names.is_empty()).then(|| {
        format!("no witness, for it complains of the sound program, or tries nothing: {}", names.join(", "))
    })
}

/// The bugs that are asked for; in the full set after the sound program, which is `None`.
fn wanted(bugs: &[Bug], set: Set) -> Vec<Option<&Bug>> {
    if let Ok(names) = std::env::var("FAULTS_BUGS") {
        return bugs.iter().filter(|bug| names.split(',').any(|name| name == bug.name)).map(Some).collect();
    }
    let sound = (set.size == Size::Full).then_some(None);
    sound.into_iter().chain(bugs.iter().map(Some)).collect()
}

/// In the order of `wanted`.
fn ask_all<'b>(
    wanted: &[Option<&'b Bug>],
    suites: &[&Suite],
    copy: &Copy,
    set: Set,
) -> Vec<(Option<&'b Bug>, Row)> {
    let left = Mutex::new(wanted.iter().copied().enumerate().collect::<VecDeque<_>>());
    let rows = Mutex::new(Vec::new());
    let next = || left.lock().unwrap().pop_front();
    thread::scope(|scope| {
        for _ in 0..AT_ONCE {
            scope.spawn(|| {
                while let Some((nth, bug)) = next() {
                    let begun = Instant::now();
                    let is_asked = |suite: &&&Suite| match bug {
                        Some(bug) => set.size == Size::Full || suite.name == bug.suite,
                        None => true,
                    };
                    let row: Row = suites
                        .iter()
                        .filter(is_asked)
                        .map(|suite| (suite.name, suite.ask(bug, copy, set)))
                        .collect();
                    println!("{}, {:.0?}", table::line(bug, &row), begun.elapsed());
                    rows.lock().unwrap().push((nth, (bug, row)));
                }
            });
        }
    });
    let mut rows = rows.into_inner().unwrap();
    rows.sort_by_key(|(nth, _)| *nth);
    rows.into_iter().map(|(_, row)| row).collect()
}
