//! A delivery dies at every verb of the store in turn, before it or right after it was carried out.

use std::collections::{BTreeMap, BTreeSet};

use backupmon::domain::Problem;
use backupmon::domain::incident::Subject;
use backupmon::notify::SendError;

use crate::faulty_store::Fault;
use crate::world::{ADA, GRACE, World, job, parse};

/// Ada has a frozen mail that waits, Grace has news, and something was resolved.
fn world() -> World {
    let mut world = World::new();
    world.book.default.push(GRACE.to_owned());
    world.raise("A", "healed", "no_report");
    world.run();
    world.wait(120).recording.fail(ADA, Some(SendError::transient("451 later")));
    world.raise("A", "one", "no_report");
    world.resolve(&job("A", "healed"));
    world.run();
    world.recording.fail(ADA, None);
    world.wait(120).raise("A", "two", "truncated");
    world.problem(&Subject::server(Problem::DiskLow), None, None, "3 % free");
    assert_eq!(world.recording.take().len(), 3);
    world
}

#[test]
fn a_crash_repeats_a_mail_at_most_and_never_loses_one() {
    for fault in [Fault::Before, Fault::After] {
        let mut nth = 0;
        loop {
            nth += 1;
            let mut world = world();
            world.fail_at(nth, fault);
            let died = world.try_run().is_err();
            if world.store.is_armed() {
                assert!(!died && nth > 10, "it ended by itself after {nth} verbs");
                break;
            }
            // All further runs are sound; in the end everybody knows everything.
            for _ in 0..4 {
                world.wait(61).run();
            }
            check(&world, &format!("verb {nth}, {fault:?}"));
        }
    }
}

fn check(world: &World, context: &str) {
    assert!(world.waiting().is_empty(), "{context}");
    let mut bytes: BTreeMap<String, Vec<u8>> = BTreeMap::new();
    let mut told: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for mail in world.recording.take() {
        let text = parse(&mail).body_text(0).unwrap().into_owned();
        let lines = text.lines().filter(|line| line.starts_with("CRITICAL") || line.starts_with("A/"));
        let known = told.entry(mail.recipient.clone()).or_default();
        match bytes.insert(mail.message_id.clone(), mail.bytes.clone()) {
            Some(before) => assert_eq!(before, mail.bytes, "{context}: a repeated mail is the same mail"),
            None => {
                for line in lines {
                    assert!(
                        known.insert(line.to_owned()),
                        "{context}: told twice in different mails: {line}"
                    );
                }
            }
        }
    }
    for (recipient, expected) in [(ADA, 4), (GRACE, 2)] {
        assert_eq!(told[recipient].len(), expected, "{context}: {recipient} {:?}", told[recipient]);
    }
}
