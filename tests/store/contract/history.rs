//! Entries, and what is asked of them.

use backupmon::domain::entry::Hold;
use backupmon::domain::{Entry, Status};
use backupmon::store::{EntryFilter, Store, Unit};

use crate::sample::*;

fn add(store: &mut dyn Store, entries: Vec<Entry>) {
    store.commit(&Unit { entries, ..Unit::default() }).unwrap();
}

pub fn a_filter_takes_the_newest_and_gives_the_oldest_first(store: &mut dyn Store) {
    let with = |key: &str, minute, status| Entry { status, ..plain_entry(key, at(minute)) };
    add(
        store,
        vec![
            with("A/X", 5, Some(Status::Failed)),
            with("A/Y", 1, Some(Status::Success)),
            with("A/X", 1, None),
            with("A/Y", 3, Some(Status::Missing)),
            with("A/X", 2, Some(Status::Success)),
        ],
    );
    let all = EntryFilter::default();
    let jobs = |keys: &[&str]| Some(keys.iter().map(|key| id(key)).collect());
    for (filter, ids) in [
        (all.clone(), &[2, 3, 5, 4, 1][..]),
        (EntryFilter { limit: Some(2), ..all.clone() }, &[4, 1]),
        (EntryFilter { since: Some(at(2)), ..all.clone() }, &[5, 4, 1]),
        (EntryFilter { jobs: jobs(&["A/X"]), ..all.clone() }, &[3, 5, 1]),
        (EntryFilter { jobs: jobs(&["A/X"]), limit: Some(1), ..all.clone() }, &[1]),
        (
            EntryFilter { jobs: jobs(&["A/X", "A/Y"]), since: Some(at(2)), limit: Some(2), ..all.clone() },
            &[4, 1],
        ),
        (EntryFilter { jobs: jobs(&["A/NONE"]), ..all.clone() }, &[]),
        (EntryFilter { jobs: jobs(&[]), ..all.clone() }, &[]),
        (EntryFilter { status: vec![Status::Success, Status::Missing], ..all.clone() }, &[2, 5, 4]),
        (EntryFilter { limit: Some(0), ..all.clone() }, &[]),
    ] {
        let found: Vec<_> = store.entries(&filter).unwrap().into_iter().map(|entry| entry.id).collect();
        assert_eq!(found, ids, "{filter:?}");
    }
}

pub fn a_job_knows_the_bytes_it_was_judged_by(store: &mut dyn Store) {
    add(store, vec![Entry { sha256: Some(sha("dump")), ..plain_entry("A/X", at(1)) }]);
    assert!(store.judged_before(&id("A/X"), &sha("dump")).unwrap());
    assert!(!store.judged_before(&id("A/X"), &sha("other")).unwrap());
    assert!(!store.judged_before(&id("A/Y"), &sha("dump")).unwrap());
    assert!(!store.judged_before(&id("A/NONE"), &sha("dump")).unwrap());
}

pub fn a_reported_checksum_stays_as_it_was_written(store: &mut dyn Store) {
    let lower = sha("dump").to_string();
    let written =
        [lower.clone(), lower.to_uppercase(), format!(" {lower}"), "INVALID_HASH_1_1".into(), String::new()];
    let entries =
        written.iter().map(|text| Entry { reported_sha256: Some(text.clone()), ..plain_entry("A/X", at(1)) });
    add(store, entries.collect());
    let found = store.entries(&EntryFilter::default()).unwrap();
    assert_eq!(found.into_iter().filter_map(|entry| entry.reported_sha256).collect::<Vec<_>>(), written);
}

pub fn a_job_knows_its_good_backups_and_those_held_since(store: &mut dyn Store) {
    let with = |minute, status, hold| Entry { status, hold, ..plain_entry("A/X", at(minute)) };
    let (held, accepted) = (Some(Hold::Held), Some(Hold::Accepted));
    let (good, same) = (Some(Status::Success), Some(Status::Unchanged));
    add(
        store,
        vec![
            with(1, good, held),
            with(2, good, accepted),
            with(3, good, None),
            with(4, Some(Status::Failed), None),
            Entry { superseded: true, ..with(5, good, None) },
            with(6, same, None),
            with(7, good, held),
            with(8, Some(Status::Missing), None),
            with(9, good, held),
            Entry { job: id("A/Y"), ..with(10, good, None) },
        ],
    );
    let minutes = |entries: Vec<Entry>| -> Vec<i64> {
        entries.iter().map(|entry| (entry.judged_at - at(0)).num_minutes()).collect()
    };
    let (good, held) =
        (store.good_entries(&id("A/X"), 9).unwrap(), store.held_entries(&id("A/X"), 9).unwrap());
    assert!(good.iter().all(Entry::is_good) && !held.iter().any(Entry::is_good));
    assert_eq!(minutes(good), [6, 3, 2]);
    assert_eq!(minutes(store.good_entries(&id("A/X"), 2).unwrap()), [6, 3]);
    assert_eq!(minutes(store.held_entries(&id("A/X"), 1).unwrap()), [9]);
    assert_eq!(minutes(store.held_entries(&id("A/Y"), 9).unwrap()), [] as [i64; 0]);
    // Good after all: what was held before it is history. What was never held cannot be accepted.
    let failed = store.entries(&EntryFilter { status: vec![Status::Failed], ..Default::default() }).unwrap();
    let unit = Unit { accepted: vec![held[1].id, failed[0].id], ..Unit::default() };
    store.commit(&unit).unwrap();
    assert_eq!(minutes(store.good_entries(&id("A/X"), 9).unwrap()), [7, 6, 3, 2]);
    assert_eq!(minutes(store.held_entries(&id("A/X"), 9).unwrap()), [9]);
}
