//! Entries, and what is asked of them.

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
