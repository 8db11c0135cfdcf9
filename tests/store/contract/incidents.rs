//! Incidents open, change, are acknowledged and resolved.

use backupmon::domain::incident::{IncidentChange, Subject};
use backupmon::domain::{Cause, Incident, Problem};
use backupmon::store::{Store, Unit};

use crate::sample::*;

fn change(store: &mut dyn Store, change: IncidentChange) {
    store.commit(&Unit { incidents: vec![change], ..Unit::default() }).unwrap();
}

fn open(store: &dyn Store) -> Vec<Incident> {
    store.incidents(None).unwrap()
}

pub fn one_subject_has_one_open_incident(store: &mut dyn Store) {
    let job = plain_job("A/X");
    let subjects = [
        job_subject("A/X"),
        job_subject("A/Y"),
        Subject::version(Problem::VersionHeld, &job.key.agent, &job.id),
        Subject::agent(Problem::ClockSkew, "A"),
        Subject::agent(Problem::ClockSkew, "folder with \\ no name"),
        Subject::server(Problem::DiskLow),
    ];
    for subject in &subjects {
        change(store, IncidentChange::Resolve { subject: subject.clone(), at: at(0) });
        change(store, raise(subject, None, "begun", at(1)));
    }
    assert_eq!(open(store).into_iter().map(|incident| incident.subject).collect::<Vec<_>>(), subjects);

    let [subject, ..] = &subjects;
    change(store, raise(subject, None, "same cause, other words", at(2)));
    let of_job = open(store).remove(0);
    assert_eq!((of_job.changed_at, of_job.message.as_str()), (at(1), "same cause, other words"));
    change(store, raise(subject, Some(Cause::NoReport), "now missing", at(3)));
    let of_job = open(store).remove(0);
    assert_eq!(of_job.cause.as_deref(), Some("no_report"));
    assert_eq!((of_job.id, of_job.opened_at, of_job.changed_at), (1, at(1), at(3)));

    change(store, IncidentChange::Resolve { subject: subject.clone(), at: at(4) });
    assert_eq!(open(store).len(), subjects.len() - 1);
    assert_eq!(store.incidents(Some(at(5))).unwrap().len(), subjects.len() - 1);
    let resolved = store.incidents(Some(at(4))).unwrap().remove(0);
    assert_eq!(resolved, Incident { resolved_at: Some(at(4)), ..of_job });
    let open_one = open(store).remove(0);
    assert_eq!(store.incidents_by_id(&[open_one.id, 99, resolved.id]).unwrap(), [resolved, open_one]);

    change(store, raise(subject, Some(Cause::NoReport), "again", at(6)));
    let again = open(store).pop().unwrap();
    assert_eq!((&again.subject, again.opened_at), (subject, at(6)));
    assert!(usize::try_from(again.id).unwrap() > subjects.len(), "an id is never used twice");
}

pub fn an_acknowledgement_is_given_and_taken_back(store: &mut dyn Store) {
    change(store, raise(&job_subject("A/X"), None, "bad", at(1)));
    let incident = open(store)[0].id;
    store.acknowledge(incident, Some(&acknowledgement()), &audit("ack")).unwrap();
    assert_eq!(open(store)[0].acknowledged, Some(acknowledgement()));
    store.acknowledge(incident, None, &audit("unack")).unwrap();
    assert_eq!(open(store)[0].acknowledged, None);
    assert_eq!(store.audit(1).unwrap(), [audit("unack")]);
    assert!(store.acknowledge(99, None, &audit("nobody")).is_err());
    assert_eq!(store.audit(9).unwrap(), [audit("ack"), audit("unack")]);
}
