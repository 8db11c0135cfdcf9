//! Every hostile deposit of the tables in `cases`, each beside an honest agent.

use std::collections::VecDeque;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Mutex;
use std::thread;

use crate::beside::{live, unharmed};
use crate::cases::{self, Case};
use crate::share;

#[test]
fn no_hostile_deposit_harms_anybody_else() {
    let (cases, is_all) = share::of(cases::all(), |case: &Case| &case.name);
    let (hostile, odd): (usize, usize) = (
        cases.iter().filter(|case| !case.is_accepted()).count(),
        cases.iter().filter(|case| case.is_accepted()).count(),
    );
    let without = live(None).unwrap();
    assert!(without["mails"].contains("critical") && without["mails"].contains("resolved"), "{without:#?}");
    let tried = cases.len();
    let left = Mutex::new(VecDeque::from(cases));
    let faults = Mutex::new(Vec::<(bool, String)>::new());
    thread::scope(|scope| {
        for _ in 0..thread::available_parallelism().map_or(1, usize::from) {
            scope.spawn(|| {
                let is_over = || share::until_broken() && !faults.lock().unwrap().is_empty();
                while let Some(case) = next(&left).filter(|_| !is_over()) {
                    let outcome = catch_unwind(AssertUnwindSafe(|| unharmed(&without, &live(Some(&case))?)));
                    if let Err(fault) = outcome.unwrap_or_else(|_| Err("see the panic above".to_owned())) {
                        faults.lock().unwrap().push((case.is_accepted(), format!("{}: {fault}", case.name)));
                    }
                }
            });
        }
    });
    let faults = faults.into_inner().unwrap();
    let failed = |accepted: bool| faults.iter().filter(|(is, _)| *is == accepted).count();
    println!(
        "hostile deposits: refused {}/{hostile}, odd but honest ones accepted {}/{odd}, the honest agent unharmed {}/{tried}",
        hostile - failed(false),
        odd - failed(true),
        tried - faults.len()
    );
    let lines: Vec<&str> = faults.iter().map(|(_, line)| line.as_str()).collect();
    assert!(faults.is_empty(), "\n{}", lines.join("\n"));
    assert!(hostile >= 120 || !is_all, "only {hostile} hostile cases");
}

fn next(left: &Mutex<VecDeque<Case>>) -> Option<Case> {
    left.lock().unwrap().pop_front()
}
