//! What is old goes, but not what something still rests on.

use backupmon::domain::Cause;
use backupmon::store::{EntryFilter, MailKind, News, ReportRecord, Store, Unit};

use super::mails::resolve;
use crate::sample::*;

const ANN: &str = "ann@example.org";

pub fn what_still_matters_stays(store: &mut dyn Store) {
    let entries = [("A/X", 1), ("A/X", 2), ("A/X", 9), ("A/Y", 1), ("A/Y", 3), ("A/Y", 2)];
    let raised = ["A/X", "A/Y"].map(|key| raise(&job_subject(key), Some(Cause::FileAbsent), "bad", at(1)));
    let unit = Unit {
        entries: entries.map(|(key, minute)| plain_entry(key, at(minute))).to_vec(),
        incidents: raised.to_vec(),
        audit: vec![audit("add")],
        ..Unit::default()
    };
    store.commit(&unit).unwrap();
    resolve(store, "A/X", 2);
    // 3: told as bad, not yet as resolved. 4: resolved, and its mail still waits. 5: still open.
    for (key, minute) in [("A/X", 2), ("A/X", 3)] {
        let again = vec![raise(&job_subject(key), None, "again", at(minute))];
        store.commit(&Unit { incidents: again, ..Unit::default() }).unwrap();
        resolve(store, key, minute);
    }
    for (message_id, items, sent) in [
        ("<1@host>", &[(1, News::Opened), (1, News::Resolved)][..], Some(2)),
        ("<2@host>", &[(3, News::Opened)], Some(3)),
        ("<3@host>", &[(4, News::Opened)], None),
    ] {
        let id = store.freeze_mail(&mail(ANN, message_id, items)).unwrap();
        if let Some(minute) = sent {
            store.mail_sent(id, at(minute)).unwrap();
        }
    }
    for minute in 1..=2 {
        let scan = store.begin_scan(at(minute)).unwrap();
        store.finish_scan(scan, at(minute)).unwrap();
    }
    store.begin_scan(at(3)).unwrap();

    assert_eq!(store.prune(at(1)).unwrap(), 0, "judged before, not at");
    assert_eq!(store.prune(at(5)).unwrap(), 4);
    assert_eq!(store.prune(at(5)).unwrap(), 0);
    let left: Vec<_> =
        store.entries(&EntryFilter::default()).unwrap().into_iter().map(|entry| entry.id).collect();
    assert_eq!(left, [5, 3], "each job's newest by time");
    let incidents: Vec<_> =
        store.incidents(Some(at(0))).unwrap().into_iter().map(|incident| incident.id).collect();
    assert_eq!(incidents, [2, 3, 4]);
    assert_eq!(store.mails_about(&[1]).unwrap(), []);
    assert_eq!(store.mails_about(&[3, 4]).unwrap().len(), 2);
    assert_eq!(store.told(ANN).unwrap().len(), 1);
    assert_eq!(store.last_mail(ANN, MailKind::Alert).unwrap(), Some(at(3)));
    assert_eq!(store.meta().unwrap().last_scan.unwrap().started_at, at(2));
    assert_eq!(store.audit(9).unwrap(), [audit("add")]);
    assert_eq!(store.check().unwrap(), Vec::<String>::new());
}

pub fn the_contents_of_young_reports_are_known(store: &mut dyn Store) {
    for (file, minute) in [("old.json", 1), ("young.json", 5), ("younger.json", 6)] {
        let report = ReportRecord { received_at: at(minute), ..report("A", file) };
        store.commit(&Unit { report: Some(report), ..Unit::default() }).unwrap();
    }
    let unread = ReportRecord { content: None, received_at: at(7), ..report("A", "unread.json") };
    store.commit(&Unit { report: Some(unread), ..Unit::default() }).unwrap();
    let mut young = store.report_contents(at(5)).unwrap();
    let mut expected = [sha("young.json"), sha("younger.json")];
    young.sort_unstable();
    expected.sort_unstable();
    assert_eq!(young, expected);
}
