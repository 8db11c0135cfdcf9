//! One piece of work, killed at one moment after the other.

use std::collections::{BTreeMap, VecDeque};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Mutex;
use std::thread;

use crate::harness::Site;
use crate::mail::Server;
use crate::work::Work;
use crate::{end, strace};

/// Moments of each call that the quick set tries.
const FEW: usize = 10;

/// What the work comes to when nobody disturbs it.
struct Expected {
    end: BTreeMap<String, String>,
    subjects: Vec<String>,
}

pub fn kill(test: &str, work: &impl Work) {
    if let Some(reason) = strace::missing() {
        eprintln!("skipped: {test}: {reason}");
        return;
    }
    let (expected, counts) = undisturbed(work);
    let moments = Mutex::new(moments(&counts));
    let tried = moments.lock().unwrap().len();
    let faults = Mutex::new(Vec::new());
    thread::scope(|scope| {
        for _ in 0..thread::available_parallelism().map_or(1, usize::from) {
            scope.spawn(|| {
                while let Some((call, n)) = next(&moments) {
                    let outcome = catch_unwind(AssertUnwindSafe(|| one(work, call, n, &expected)));
                    let fault = outcome.unwrap_or_else(|_| Err("see the panic above".to_owned()));
                    if let Err(fault) = fault {
                        faults.lock().unwrap().push(format!("killed at {call} {n}: {fault}"));
                    }
                }
            });
        }
    });
    let faults = faults.into_inner().unwrap();
    println!("{test}: {tried} moments, {} faults", faults.len());
    assert!(faults.is_empty(), "\n{}", faults.join("\n"));
}

fn next(moments: &Mutex<VecDeque<(&'static str, usize)>>) -> Option<(&'static str, usize)> {
    moments.lock().unwrap().pop_front()
}

fn begun(work: &impl Work) -> (Site, Server) {
    let (mut site, server) = (Site::in_memory(), Server::start());
    work.begin(&mut site, &server);
    (site, server)
}

fn undisturbed(work: &impl Work) -> (Expected, BTreeMap<&'static str, usize>) {
    let (site, server) = begun(work);
    let counts = strace::count(&site);
    std::fs::remove_file(site.path("strace.log")).unwrap();
    site.run(["run"]).silent();
    (Expected { end: end::of(&site), subjects: server.subjects() }, counts)
}

/// Every N of every call, or some of each, the first and the last among them.
fn moments(counts: &BTreeMap<&'static str, usize>) -> VecDeque<(&'static str, usize)> {
    let all = std::env::var_os("BACKUPMON_FAULTS").is_some_and(|which| which == "all");
    let few = |count: usize| {
        let step = if all { 1 } else { count.div_ceil(FEW) };
        (1..=count).rev().step_by(step)
    };
    counts.iter().flat_map(|(call, count)| few(*count).map(|n| (*call, n))).collect()
}

fn one(work: &impl Work, call: &str, n: usize, expected: &Expected) -> Result<(), String> {
    let (site, server) = begun(work);
    let before = end::current_versions(&site);
    let killed = strace::killed_at(&site, call, n).run();
    if killed.status > 0 {
        return Err(format!("it was not killed but failed:\n{killed}"));
    }
    let faults = end::faults_of_versions(&site);
    if !faults.is_empty() {
        return Err(format!("meanwhile {}", faults.join(", ")));
    }
    if !end::current_versions(&site).is_superset(&before) {
        return Err("meanwhile a current version is gone".to_owned());
    }
    let again = site.run(["run"]);
    if again.status != 0 || !again.stderr.is_empty() {
        return Err(format!("the next run says\n{again}"));
    }
    let found = end::of(&site);
    if found != expected.end {
        return Err(format!("another end: {}", difference(&expected.end, &found)));
    }
    if server.subjects() != expected.subjects {
        return Err(format!("other mails: {:?}, not {:?}", server.subjects(), expected.subjects));
    }
    Ok(())
}

fn difference(expected: &BTreeMap<String, String>, found: &BTreeMap<String, String>) -> String {
    let absent =
        expected.keys().filter(|name| !found.contains_key(*name)).map(|name| format!("{name} is not there"));
    let other =
        found.iter().filter(|(name, content)| expected.get(*name) != Some(content)).map(|(name, content)| {
            match expected.get(name) {
                Some(expected) => format!("{name} is\n  {content}\nnot\n  {expected}"),
                None => format!("{name} is too much"),
            }
        });
    absent.chain(other).collect::<Vec<_>>().join("; ")
}
