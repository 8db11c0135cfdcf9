//! A state that fails while a scan works: the scan ends at once, and the next one ends as if nothing had been.

use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use backupmon::scan::Scan;
use backupmon::store::Sqlite;
use serde_json::json;

use crate::faulty_store::{Fault, FaultyStore};
use crate::world::{Unwatched, World, good, key};

const AGENT: &str = "SIRPACAM_DOUALA_NEWBELL";
/// More than the workers and what lies between them and the scan can hold.
const DUMPS: usize = 8;
/// Far longer than a scan takes on the busiest machine.
const HANGS: Duration = Duration::from_secs(120);

fn database(number: usize) -> String {
    format!("DB{number}")
}

/// Dumps that all wait to be read by one worker.
fn deposits() -> World {
    let mut world = World::new("2026-06-15T06:00:00Z", "[scan]\nthreads = 1\ntrial_days = 0");
    for number in 0..DUMPS {
        let (file, bytes) = (format!("{number}.bin"), format!("bytes of {number}"));
        world.dump(AGENT, &file, bytes.as_bytes());
        // A report each: it is written in one transaction.
        let entry = good(&file, bytes.as_bytes());
        world.report(AGENT, "2026-06-15T05:50:00Z", json!({ (database(number)): entry }));
    }
    world
}

/// One scan with a state whose `nth` verb fails. Gives the world after it, and whether that verb was ever asked for.
fn scan_once(mut world: World, nth: usize, fault: Fault) -> (World, bool) {
    let spare = Sqlite::in_memory(world.now, true).unwrap();
    let mut store = FaultyStore::new(std::mem::replace(&mut world.store, spare), nth, fault);
    let ended = Scan {
        store: &mut store,
        source: &world.source,
        config: &world.config,
        kept: &world.kept,
        vault: Some(&world.vault),
        now: world.now,
        only_agent: None,
        dry_run: false,
        observer: &Unwatched::new(world.now, u64::MAX),
    }
    .run();
    let failed = !store.is_armed();
    assert_eq!(ended.is_err(), failed, "verb {nth}, {fault:?}");
    world.store = store.inner;
    (world, failed)
}

/// As [`scan_once`], and a scan that hangs is a failure of the test instead of its end.
fn scan_in_time(world: World, nth: usize, fault: Fault) -> (World, bool) {
    let (sender, receiver) = mpsc::channel();
    thread::spawn(move || sender.send(Box::new(scan_once(world, nth, fault))).is_ok());
    *receiver
        .recv_timeout(HANGS)
        .unwrap_or_else(|_| panic!("the scan hangs when verb {nth} fails, {fault:?}"))
}

#[test]
fn a_scan_whose_state_fails_comes_to_its_end_and_the_next_one_does_the_rest() {
    for fault in [Fault::Before, Fault::After] {
        let mut verbs = 0;
        for nth in 1.. {
            let (mut world, failed) = scan_in_time(deposits(), nth, fault);
            if !failed {
                break;
            }
            verbs = nth;
            world.scan();
            for number in 0..DUMPS {
                let key = key(AGENT, &database(number));
                assert_eq!(world.history(&key), ["SUCCESS"], "{key} after verb {nth}, {fault:?}");
                assert_eq!(world.versions(&key).len(), 1, "{key} after verb {nth}, {fault:?}");
            }
        }
        assert!(verbs > 2 * DUMPS, "each report is opened and judged: {verbs} verbs are too few");
    }
}
