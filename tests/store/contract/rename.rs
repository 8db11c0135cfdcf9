//! A new name takes everything along.

use backupmon::domain::Entry;
use backupmon::domain::incident::Subject;
use backupmon::domain::{Job, JobKey, Problem};
use backupmon::store::{EntryFilter, Store, Unit};

use crate::sample::*;

fn key(key: &str) -> JobKey {
    key.parse().unwrap()
}

fn with_history(store: &mut dyn Store) {
    let skew = Subject::agent(Problem::ClockSkew, "A");
    let unit = Unit {
        report: Some(report("A", "one.json")),
        entries: vec![Entry { report_id: Some(0), ..plain_entry("A/X", at(1)) }],
        versions: vec![version("A/X", "v1")],
        incidents: vec![raise(&job_subject("A/X"), None, "bad", at(1)), raise(&skew, None, "skewed", at(1))],
        ..Unit::default()
    };
    store.commit(&unit).unwrap();
}

fn assert_moved(store: &dyn Store, to: &str) {
    let job = store.jobs().unwrap().into_iter().find(|job| job.key == key(to)).unwrap();
    assert_eq!(job.id, id(to));
    assert_eq!(
        store.entries(&EntryFilter { jobs: Some(vec![id(to)]), ..Default::default() }).unwrap().len(),
        1
    );
    assert_eq!(store.versions(Some(&id(to))).unwrap().len(), 1);
    let incident = store.incidents(None).unwrap().remove(0);
    assert_eq!(incident.subject, job_subject(to));
    assert_eq!(incident.database.as_deref(), Some(job.key.database.as_str()));
    assert_eq!(store.versions(Some(&id("A/X"))).unwrap(), []);
}

pub fn a_job_keeps_what_is_known_of_it(store: &mut dyn Store) {
    with_history(store);
    store.rename_job(&id("A/X"), &key("A/Z"), &audit("rename")).unwrap();
    assert_moved(store, "A/Z");
    assert_eq!(store.jobs().unwrap().len(), 2);
    for (from, to) in [("A/Z", "A/Y"), ("A/NONE", "A/W")] {
        assert!(store.rename_job(&id(from), &key(to), &audit("rename")).is_err(), "{from} to {to}");
    }
    assert_eq!(store.audit(9).unwrap(), [audit("rename")]);
}

pub fn an_agent_takes_its_jobs_along(store: &mut dyn Store) {
    with_history(store);
    store.rename_agent(&agent_id("A"), &agent_id("B"), &audit("rename")).unwrap();
    assert_moved(store, "B/X");
    let (left, jobs): (Vec<_>, Vec<_>) = store.jobs().unwrap().into_iter().partition(|job| job.ignored);
    let agents = |jobs: Vec<Job>| jobs.into_iter().map(|job| job.key.agent).collect::<Vec<_>>();
    assert_eq!(agents(jobs), [agent_id("B"), agent_id("B")]);
    assert_eq!(
        agents(left),
        [agent_id("A"), agent_id("A")],
        "what the old name's reports make no jobs again by"
    );
    assert_eq!(store.agents().unwrap(), [plain_agent("B")]);
    assert_eq!(store.reports_of(&agent_id("B")).unwrap().len(), 1);
    assert_eq!(store.incidents(None).unwrap()[1].subject, Subject::agent(Problem::ClockSkew, "B"));

    store
        .commit(&Unit { agents: vec![plain_agent("C")], jobs: vec![plain_job("D/X")], ..Unit::default() })
        .unwrap();
    for (from, to) in [("B", "C"), ("B", "D"), ("NOBODY", "E")] {
        assert!(
            store.rename_agent(&agent_id(from), &agent_id(to), &audit("rename")).is_err(),
            "{from} to {to}"
        );
    }
    assert_moved(store, "B/X");
}
