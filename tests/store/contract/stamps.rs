//! Which jobs changed: whatever a job's page shows gives it another stamp.

use backupmon::domain::incident::IncidentChange;
use backupmon::domain::{Entry, Version};
use backupmon::store::{MailKind, News, Store, Unit};

use crate::sample::*;

type Change = (&'static str, Box<dyn Fn(&mut dyn Store)>);

fn unit(what: &'static str, unit: impl Fn() -> Unit + 'static) -> Change {
    (what, Box::new(move |store| store.commit(&unit()).map(drop).unwrap()))
}

fn changes() -> Vec<Change> {
    let entry = || Entry { report: None, ..full_entry("A/X") };
    let resolved = || IncidentChange::Resolve { subject: job_subject("A/X"), at: at(9) };
    let verified = || Version { verified_at: at(99), ..version("A/X", "v1") };
    vec![
        unit("the job", || Unit { jobs: vec![full_job("A/X")], ..Unit::default() }),
        unit("an entry", move || Unit { entries: vec![entry()], ..Unit::default() }),
        unit("the end of its hold", || Unit { accepted: vec![1], ..Unit::default() }),
        unit("a version", || Unit { versions: vec![version("A/X", "v1")], ..Unit::default() }),
        unit("its verification", move || Unit { versions: vec![verified()], ..Unit::default() }),
        unit("its removal", || Unit { versions_removed: vec![(id("A/X"), "v1".into())], ..Unit::default() }),
        unit("an incident", || Unit {
            incidents: vec![raise(&job_subject("A/X"), None, "bad", at(1))],
            ..Unit::default()
        }),
        ("an acknowledgement", Box::new(|store| store.acknowledge(1, None, &audit("ack")).unwrap())),
        ("a mail", Box::new(|store| drop(store.freeze_mail(&mail("a@b", "<1@h>", &[(1, News::Opened)]))))),
        ("its failure", Box::new(|store| store.mail_failed(1, "no", at(2)).unwrap())),
        ("its success", Box::new(|store| store.mail_sent(1, at(3)).unwrap())),
        unit("the end of the incident", move || Unit { incidents: vec![resolved()], ..Unit::default() }),
        (
            "another name",
            Box::new(|store| {
                store.rename_job(&id("A/X"), &plain_job("A/Z").key, &audit("rename")).unwrap();
                store.rename_job(&id("A/Z"), &plain_job("A/X").key, &audit("rename")).unwrap();
            }),
        ),
    ]
}

pub fn a_job_has_another_stamp_after_every_change_of_it_and_of_no_other(store: &mut dyn Store) {
    let stamps = |store: &dyn Store| {
        let stamps = store.job_stamps().unwrap();
        assert_eq!(stamps.len(), 2);
        (stamps[&id("A/X")], stamps[&id("A/Y")])
    };
    let (mut before, other) = stamps(store);
    for (what, change) in changes() {
        change(store);
        let (after, still) = stamps(store);
        assert_ne!(after, before, "{what}");
        assert_eq!(still, other, "{what}");
        assert_eq!(stamps(store).0, after, "looking changes nothing");
        before = after;
    }
    store.begin_scan(at(1)).unwrap();
    store.note_check(at(1)).unwrap();
    assert_eq!(store.last_mail("a@b", MailKind::Alert).unwrap(), Some(at(3)));
    assert_eq!(stamps(store), (before, other));
}
