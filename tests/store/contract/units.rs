//! A unit of work is committed whole or not at all.

use backupmon::domain::forecast::Holdings;
use backupmon::domain::incident::{IncidentChange, Subject};
use backupmon::domain::job::{GoodBackup, Waiting};
use backupmon::domain::settling::Unmet;
use backupmon::domain::{Entry, Problem, Status, Version};
use backupmon::store::{Agent, EntryFilter, ReportRecord, ReportState, Store, Unit};

use crate::sample::*;

pub fn what_is_committed_comes_back(store: &mut dyn Store) {
    fill(store);
    assert_filled(store);
    let meta = store.meta().unwrap();
    assert_eq!((meta.created_at, meta.fixed_clock), (at(0), false));
}

type Spoil = fn(&mut Unit);

/// Each unit holds something good of every kind, and one thing that cannot be.
pub fn a_unit_that_fails_changes_nothing(store: &mut dyn Store) {
    let before = format!("{:?}", everything(store));
    let skew = Subject::agent(Problem::ClockSkew, "A");
    let good = || Unit {
        agents: vec![plain_agent("B")],
        report: Some(report("A", "one.json")),
        jobs: vec![full_job("A/Z")],
        entries: vec![plain_entry("A/Z", at(1))],
        versions: vec![version("A/Z", "v1")],
        incidents: vec![raise(&skew, None, "skewed", at(1))],
        audit: vec![audit("add")],
        ..Unit::default()
    };
    let broken: [(&str, Spoil); 7] = [
        ("agent `NOBODY`", |unit| unit.report.as_mut().unwrap().agent = agent_id("NOBODY")),
        ("report 99 is not known", |unit| unit.report.as_mut().unwrap().id = 99),
        ("a report is meant (0)", |unit| {
            unit.report = None;
            unit.entries[0].report_id = Some(0);
        }),
        ("a report is meant (0)", |unit| {
            unit.report = None;
            unit.jobs[0].state.judged_report = Some(0);
        }),
        ("is not known", |unit| unit.entries.push(plain_entry("A/NONE", at(2)))),
        ("is not known", |unit| unit.versions.push(version("A/NONE", "v1"))),
        ("is not known", |unit| {
            unit.incidents.push(IncidentChange::Resolve { subject: job_subject("A/NONE"), at: at(2) });
        }),
    ];
    for (reason, spoil) in broken {
        let mut unit = good();
        spoil(&mut unit);
        let error = store.commit(&unit).unwrap_err().to_string();
        assert!(error.contains(reason), "{error}");
        assert_eq!(format!("{:?}", everything(store)), before, "{error}");
    }
    store.commit(&good()).unwrap();
    assert_ne!(format!("{:?}", everything(store)), before);
}

fn everything(store: &dyn Store) -> impl std::fmt::Debug + use<> {
    (
        store.agents().unwrap(),
        store.reports_of(&agent_id("A")).unwrap(),
        store.jobs().unwrap(),
        store.entries(&EntryFilter::default()).unwrap(),
        store.versions(None).unwrap(),
        store.incidents(None).unwrap(),
        store.audit(99).unwrap(),
    )
}

pub fn a_zero_means_the_report_of_the_unit(store: &mut dyn Store) {
    let mut job = full_job("A/X");
    job.state.judged_report = Some(0);
    job.state.waiting = Some(Waiting {
        report: 0,
        staged_seen: None,
        since: at(1),
        unmet: Some(Unmet { since: at(1), until: at(2) }),
    });
    job.state.good = job.state.good.map(|good| GoodBackup { report: 0, ..good });
    let entry = Entry { report_id: Some(0), report: Some("one.json".into()), ..full_entry("A/X") };
    let mut unit = Unit {
        report: Some(report("A", "one.json")),
        jobs: vec![job.clone()],
        entries: vec![entry.clone(), Entry { job: id("A/Y"), ..entry.clone() }],
        ..Unit::default()
    };
    let given = store.commit(&unit).unwrap().unwrap();
    assert!(given > 0);
    let known = || store.jobs().unwrap().into_iter().find(|known| known.id == job.id).unwrap().state;
    let state = known();
    assert_eq!(state.judged_report, Some(given));
    assert_eq!(state.waiting.unwrap().report, given);
    assert_eq!(state.good.unwrap().report, given);
    assert_eq!(store.jobs_judged_from(given).unwrap(), [id("A/X"), id("A/Y")]);
    let entries = store.entries(&EntryFilter::default()).unwrap();
    assert!(
        entries
            .iter()
            .all(|entry| entry.report_id == Some(given) && entry.report.as_deref() == Some("one.json"))
    );
    assert!(entries[0].id < entries[1].id);

    // The same of a report that is there already.
    unit.report = Some(ReportRecord { id: given, state: ReportState::Judged, ..report("A", "one.json") });
    assert_eq!(store.commit(&unit).unwrap(), Some(given));
    // A version from the disk has no report here, and says so.
    job.state.judged_report = None;
    job.state.waiting = None;
    assert_eq!(store.commit(&Unit { jobs: vec![job.clone()], ..Unit::default() }).unwrap(), None);
    let state = store.jobs().unwrap().into_iter().find(|known| known.id == job.id).unwrap().state;
    assert_eq!(state.good.unwrap().report, 0);
}

pub fn reports_are_remembered_by_agent_file_and_content(store: &mut dyn Store) {
    let mut commit = |report: ReportRecord| {
        store.commit(&Unit { report: Some(report), ..Unit::default() }).unwrap().unwrap()
    };
    let arriving = ReportRecord { content: None, state: ReportState::Arriving, ..report("A", "one.json") };
    let first = commit(arriving.clone());
    let read = ReportRecord { id: first, state: ReportState::Judged, ..report("A", "one.json") };
    assert_eq!(commit(read.clone()), first);
    // Overwritten in place by other content, and then by the first again.
    let other = ReportRecord { content: Some(sha("other")), received_at: at(0), ..report("A", "one.json") };
    let second = commit(other.clone());
    let back = ReportRecord { state: ReportState::Duplicate, received_at: at(9), ..report("A", "one.json") };
    assert_eq!(commit(back), first, "one row per agent, file and content");
    assert!(second > first);
    let rejected = ReportRecord {
        state: ReportState::Rejected,
        reason: Some("no JSON".into()),
        ..report("A", "bad.json")
    };
    let third = commit(rejected.clone());

    let all = store.reports_of(&agent_id("A")).unwrap();
    assert_eq!(
        all,
        [
            ReportRecord { state: ReportState::Duplicate, ..read },
            ReportRecord { id: second, ..other.clone() },
            ReportRecord { id: third, ..rejected }
        ]
    );
    assert_eq!(store.reports_of(&agent_id("B")).unwrap(), []);
    let of_agent =
        |agent| store.reports_named(&agent_id(agent), &[&all[0].file, &all[2].file, "none"]).unwrap();
    let named = all.iter().filter(|record| [&all[0].file, &all[2].file].contains(&&record.file));
    assert_eq!(of_agent("A"), named.cloned().collect::<Vec<_>>());
    assert_eq!(of_agent("B"), []);
    assert_eq!(store.reports_named(&agent_id("A"), &[]).unwrap(), []);
    let content = all[1].content.unwrap();
    let same: Vec<_> = all.iter().filter(|record| record.content == Some(content)).cloned().collect();
    assert_eq!(store.reports_with_content(&agent_id("A"), &content).unwrap(), same);
    assert_eq!(store.reports_with_content(&agent_id("B"), &content).unwrap(), []);
    assert_eq!(store.report(second).unwrap().as_ref(), Some(&all[1]));
    assert_eq!(store.report(99).unwrap(), None);
    let later = store.commit(&Unit { report: Some(report("A", "two.json")), ..Unit::default() }).unwrap();
    let open: Vec<_> = store.open_reports().unwrap().into_iter().map(|report| Some(report.id)).collect();
    assert_eq!(open, [Some(second), later], "oldest first");
}

pub fn what_is_there_is_replaced_whole(store: &mut dyn Store) {
    let full = Agent { dumps: Some((sha("d"), at(1))), log_mtime: Some(1), ..plain_agent("A") };
    let held = version("A/X", "v1");
    for (agent, job, version) in [
        (full, full_job("A/X"), held.clone()),
        (plain_agent("A"), plain_job("A/X"), backupmon::domain::Version { warnings: vec![], ..held }),
    ] {
        let unit = Unit {
            agents: vec![agent.clone()],
            jobs: vec![job.clone()],
            versions: vec![version.clone()],
            ..Unit::default()
        };
        store.commit(&unit).unwrap();
        assert_eq!(store.agents().unwrap(), [agent]);
        assert_eq!(store.jobs().unwrap(), [job, plain_job("A/Y")]);
        assert_eq!(store.versions(Some(&id("A/X"))).unwrap(), [version]);
        assert_eq!(store.versions(Some(&id("A/Y"))).unwrap(), []);
    }
    let mut statuses = Vec::new();
    for status in Status::ALL {
        let mut job = plain_job("A/X");
        job.state.status = *status;
        store.commit(&Unit { jobs: vec![job], ..Unit::default() }).unwrap();
        statuses.push(store.jobs().unwrap()[0].state.status);
    }
    assert_eq!(statuses, Status::ALL);
}

pub fn only_a_finished_scan_counts(store: &mut dyn Store) {
    let first = store.begin_scan(at(1)).unwrap();
    assert_eq!(store.meta().unwrap().last_scan, None);
    store.finish_scan(first, at(2)).unwrap();
    let second = store.begin_scan(at(3)).unwrap();
    assert!(second > first);
    assert_eq!(store.meta().unwrap().last_scan.unwrap().id, first);
    store.finish_scan(second, at(4)).unwrap();
    assert_eq!(store.meta().unwrap().last_scan.unwrap().started_at, at(3));
    assert!(store.finish_scan(99, at(5)).is_err());
    let partial = store.begin_scan(at(6)).unwrap();
    store.forget_scan(partial).unwrap();
    assert_eq!(store.scans_from(second).unwrap().len(), 1);
    assert!(store.begin_scan(at(7)).unwrap() > partial);
    assert!(store.forget_scan(second).is_err(), "a finished one is what everything is known to be fresh by");
}

pub fn a_report_that_arrived_as_a_known_one_is_one_row(store: &mut dyn Store) {
    store.commit(&Unit { agents: vec![plain_agent("A")], ..Unit::default() }).unwrap();
    let mut put = |report: ReportRecord| {
        store.commit(&Unit { report: Some(report), ..Unit::default() }).unwrap().unwrap()
    };
    let rejected = ReportRecord { state: ReportState::Rejected, ..report("A", "one.json") };
    let id = put(rejected.clone());
    let arriving = ReportRecord { content: None, state: ReportState::Arriving, ..rejected.clone() };
    let begun = put(arriving);
    assert_ne!(begun, id);
    assert_eq!(put(ReportRecord { id: begun, state: ReportState::Open, ..rejected.clone() }), id);
    let rows = store.reports_of(&agent_id("A")).unwrap();
    assert_eq!(rows, [ReportRecord { id, state: ReportState::Open, ..rejected }]);
}

pub fn versions_are_summed_up_since_any_time(store: &mut dyn Store) {
    assert_eq!(store.holdings(at(0)).unwrap(), Holdings::default());
    let versions = [(1, 100), (5, 20), (9, 3)].map(|(hour, size_bytes)| Version {
        promoted_at: at(hour),
        size_bytes,
        ..version("A/D", &format!("v{hour}"))
    });
    store
        .commit(&Unit {
            agents: vec![plain_agent("A")],
            jobs: vec![plain_job("A/D")],
            versions: versions.into(),
            ..Unit::default()
        })
        .unwrap();
    let holdings = store.holdings(at(5)).unwrap();
    assert_eq!(holdings, Holdings { bytes: 123, lately: 3, oldest: Some(at(1)) });
}
