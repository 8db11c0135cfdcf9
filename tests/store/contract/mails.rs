//! The outbox: told when accepted, repeated when not, never lost.

use backupmon::domain::Cause;
use backupmon::domain::incident::IncidentChange;
use backupmon::store::{FrozenMail, MailKind, News, Store, Told, Unit};

use crate::sample::*;

const ANN: &str = "ann@example.org";

fn two_incidents(store: &mut dyn Store) {
    let incidents = ["A/X", "A/Y"].map(|key| raise(&job_subject(key), Some(Cause::FileAbsent), "bad", at(1)));
    store.commit(&Unit { incidents: incidents.to_vec(), ..Unit::default() }).unwrap();
}

fn told(incident: i64, minute: i64) -> Told {
    Told { incident, cause: Some("file_absent".into()), resolved: false, at: at(minute) }
}

pub fn a_mail_is_told_when_it_is_accepted_and_not_before(store: &mut dyn Store) {
    two_incidents(store);
    let frozen = mail(ANN, "<1@host>", &[(2, News::Opened), (1, News::Opened)]);
    let id = store.freeze_mail(&frozen).unwrap();
    assert_eq!(store.waiting_mails().unwrap(), [FrozenMail { id, ..frozen.clone() }]);
    assert_eq!(store.told(ANN).unwrap(), []);
    assert_eq!(store.recipients().unwrap(), [ANN], "a mail waits for it");

    store.mail_sent(id, at(2)).unwrap();
    store.mail_sent(id, at(9)).unwrap();
    assert_eq!(store.waiting_mails().unwrap(), []);
    assert_eq!(store.told(ANN).unwrap(), [told(1, 2), told(2, 2)], "a second time changes nothing");
    assert_eq!(store.told("ben@example.org").unwrap(), []);
    let sent = FrozenMail { id, bytes: vec![], attempts: 1, sent_at: Some(at(2)), ..frozen };
    assert_eq!(store.mails_about(&[2, 77]).unwrap(), [sent]);
    assert_eq!(store.mails_about(&[77]).unwrap(), []);
    assert!(store.mail_sent(99, at(3)).is_err());
    // News of an incident that is not there: neither the mail nor its other items are kept.
    assert!(store.freeze_mail(&mail(ANN, "<2@host>", &[(1, News::Opened), (99, News::Opened)])).is_err());
    assert_eq!(store.waiting_mails().unwrap(), []);
}

pub fn a_refused_mail_waits_unchanged(store: &mut dyn Store) {
    two_incidents(store);
    let first = mail(ANN, "<1@host>", &[(1, News::Opened)]);
    let id = store.freeze_mail(&first).unwrap();
    let second = mail(ANN, "<2@host>", &[(2, News::Opened)]);
    let next = store.freeze_mail(&second).unwrap();
    store.mail_failed(id, "421 later", at(5)).unwrap();
    store.mail_failed(id, "no route", at(15)).unwrap();
    let failed =
        FrozenMail { id, attempts: 2, next_attempt_at: at(15), last_error: Some("no route".into()), ..first };
    assert_eq!(store.waiting_mails().unwrap(), [failed, FrozenMail { id: next, ..second }]);
    assert!(store.mail_failed(99, "x", at(1)).is_err());
    // An accepted one cannot fail any more.
    store.mail_sent(id, at(16)).unwrap();
    store.mail_failed(id, "too late", at(17)).unwrap();
    let sent = store.mails_about(&[1]).unwrap().remove(0);
    assert_eq!((sent.attempts, sent.last_error), (3, None));
}

pub fn a_withdrawn_mail_told_nothing_but_what_is_over(store: &mut dyn Store) {
    two_incidents(store);
    let told_both =
        store.freeze_mail(&mail(ANN, "<1@host>", &[(1, News::Opened), (2, News::Opened)])).unwrap();
    store.mail_sent(told_both, at(2)).unwrap();
    let waiting =
        store.freeze_mail(&mail(ANN, "<2@host>", &[(1, News::Resolved), (2, News::Changed)])).unwrap();
    store.withdraw_mail(waiting, &audit("withdraw mail")).unwrap();
    assert_eq!(store.waiting_mails().unwrap(), []);
    assert_eq!(store.told(ANN).unwrap(), [told(2, 2)]);
    assert_eq!(store.audit(1).unwrap(), [audit("withdraw mail")]);
    // An accepted one stays.
    store.withdraw_mail(told_both, &audit("too late")).unwrap();
    assert_eq!(store.mails_about(&[1]).unwrap().len(), 1);
}

pub fn what_was_told_last_counts(store: &mut dyn Store) {
    two_incidents(store);
    let mut tell = |message_id, items: &[(i64, News)], minute| {
        let id = store.freeze_mail(&mail(ANN, message_id, items)).unwrap();
        store.mail_sent(id, at(minute)).unwrap();
        store.told(ANN).unwrap()
    };
    assert_eq!(tell("<1@host>", &[(1, News::Opened), (2, News::Opened)], 2), [told(1, 2), told(2, 2)]);
    assert_eq!(tell("<2@host>", &[(1, News::Changed), (1, News::Resolved)], 3), [told(2, 2)]);
    assert_eq!(tell("<3@host>", &[(2, News::Reminder)], 4), [told(2, 4)]);
    // It opened again before anyone could say so: told as bad once more, so to be told as resolved once more.
    assert_eq!(tell("<4@host>", &[(1, News::Opened)], 5), [told(1, 5), told(2, 4)]);
}

pub fn the_last_mail_is_known_by_recipient_and_kind(store: &mut dyn Store) {
    let digest = FrozenMail { kind: MailKind::Digest, ..mail(ANN, "<1@host>", &[]) };
    for (mail, minute) in [(digest, 2), (mail(ANN, "<2@host>", &[]), 3), (mail(ANN, "<3@host>", &[]), 1)] {
        let id = store.freeze_mail(&mail).unwrap();
        store.mail_sent(id, at(minute)).unwrap();
    }
    store.freeze_mail(&mail(ANN, "<4@host>", &[])).unwrap();
    assert_eq!(store.last_mail(ANN, MailKind::Digest).unwrap(), Some(at(2)));
    // The clock was set back after the one before.
    assert_eq!(store.last_mail(ANN, MailKind::Alert).unwrap(), Some(at(1)));
    assert_eq!(store.last_mail("ben@example.org", MailKind::Alert).unwrap(), None);
    assert_eq!(store.recipients().unwrap(), [ANN]);
}

/// Resolves the open incident of a job.
pub fn resolve(store: &mut dyn Store, key: &str, minute: i64) {
    let change = IncidentChange::Resolve { subject: job_subject(key), at: at(minute) };
    store.commit(&Unit { incidents: vec![change], ..Unit::default() }).unwrap();
}
