//! What every backend promises. A new backend is one line in `contract!`; a new promise one word in its list.

mod history;
mod incidents;
mod mails;
mod prune;
mod rename;
mod stamps;
mod units;

use std::path::Path;

use backupmon::store::{Sqlite, Store, Unit};

use crate::faulty_store::{Fault, FaultyStore};
use crate::sample;

/// A store that begins with agent `A` and its jobs `A/X` and `A/Y`.
fn begun(mut store: impl Store + 'static) -> Box<dyn Store> {
    let unit = Unit {
        agents: vec![sample::plain_agent("A")],
        jobs: vec![sample::plain_job("A/X"), sample::plain_job("A/Y")],
        ..Default::default()
    };
    store.commit(&unit).unwrap();
    Box::new(store)
}

/// Makes every promise a test of one backend; `$open` takes the path of a folder of its own.
macro_rules! backend {
    ($backend:ident, $open:expr, $($room:ident: $($promise:ident)*;)*) => {
        mod $backend {
            $($(#[test]
            fn $promise() {
                let folder = tempfile::tempdir().unwrap();
                let open: fn(&std::path::Path) -> Box<dyn super::Store> = $open;
                super::super::$room::$promise(open(folder.path()).as_mut());
            })*)*
        }
    };
}

macro_rules! contract {
    ($($promises:tt)*) => {
        mod backends {
            use super::*;

            backend!(file, |folder| super::on_file(folder), $($promises)*);
            backend!(memory, |_| super::in_memory(), $($promises)*);
            backend!(faulty_but_sound, |_| super::sound(), $($promises)*);
        }
    };
}

fn on_file(folder: &Path) -> Box<dyn Store> {
    begun(Sqlite::open(&folder.join("new/state.db"), sample::at(0), false).unwrap())
}

fn in_memory() -> Box<dyn Store> {
    begun(Sqlite::in_memory(sample::at(0), false).unwrap())
}

fn sound() -> Box<dyn Store> {
    begun(FaultyStore::sound(Sqlite::in_memory(sample::at(0), false).unwrap()))
}

contract! {
    units:
        what_is_committed_comes_back
        a_unit_that_fails_changes_nothing
        a_zero_means_the_report_of_the_unit
        reports_are_remembered_by_agent_file_and_content
        what_is_there_is_replaced_whole
        only_a_finished_scan_counts
        a_report_that_arrived_as_a_known_one_is_one_row
        versions_are_summed_up_since_any_time;
    history:
        a_filter_takes_the_newest_and_gives_the_oldest_first
        a_job_knows_the_bytes_it_was_judged_by
        a_reported_checksum_stays_as_it_was_written
        a_job_knows_its_good_backups_and_those_held_since;
    incidents:
        one_subject_has_one_open_incident
        an_acknowledgement_is_given_and_taken_back;
    mails:
        a_mail_is_told_when_it_is_accepted_and_not_before
        a_refused_mail_waits_unchanged
        a_withdrawn_mail_told_nothing_but_what_is_over
        what_was_told_last_counts
        the_last_mail_is_known_by_recipient_and_kind;
    prune:
        what_still_matters_stays
        the_contents_of_young_reports_are_known;
    rename:
        a_job_keeps_what_is_known_of_it
        an_agent_takes_its_jobs_along;
    stamps:
        a_job_has_another_stamp_after_every_change_of_it_and_of_no_other;
}

#[test]
fn a_faulty_store_fails_once_at_its_verb_before_or_after_the_deed() {
    for (fault, expected) in [(Fault::Before, 1), (Fault::After, 2)] {
        let mut store = FaultyStore::new(Sqlite::in_memory(sample::at(0), false).unwrap(), 2, fault);
        assert_eq!(store.begin_scan(sample::at(0)).unwrap(), 1);
        assert!(store.is_armed());
        assert!(store.begin_scan(sample::at(1)).is_err());
        assert!(!store.is_armed());
        assert_eq!(store.begin_scan(sample::at(2)).unwrap(), expected + 1);
    }
}
