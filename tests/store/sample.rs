//! Values with every field filled, so that one that is forgotten somewhere does not come back.

use backupmon::domain::entry::{AgentSeconds, Hold};
use backupmon::domain::incident::{Acknowledgement, IncidentChange, Subject};
use backupmon::domain::job::{FileIdentity, GoodBackup, Outrun, Pause, Rank, StagedMark, Waiting};
use backupmon::domain::settings::Span;
use backupmon::domain::verdict::{ContentStream, Layer};
use backupmon::domain::{
    AgentId, Cause, Digest, Entry, Job, JobId, Problem, Settings, Severity, Status, Time, Version, Warning,
};
use backupmon::store::{
    Agent, AuditLine, EntryFilter, FrozenMail, MailItem, MailKind, News, ReportRecord, ReportState, Store,
    Unit,
};
use chrono::{DateTime, TimeDelta};

/// `minutes` after a moment with a part of a second, as agents write them.
pub fn at(minutes: i64) -> Time {
    DateTime::from_timestamp_micros(1_750_408_655_142_592).unwrap() + TimeDelta::minutes(minutes)
}

pub fn sha(text: &str) -> Digest {
    Digest::of(text.as_bytes())
}

pub fn agent_id(name: &str) -> AgentId {
    AgentId::new(name).unwrap()
}

/// As old as it gets: a new agent, a new job, nothing known.
pub fn plain_agent(name: &str) -> Agent {
    Agent {
        id: agent_id(name),
        root: "/deposits".into(),
        first_seen: at(0),
        last_report_at: None,
        log_mtime: None,
        dumps: None,
    }
}

pub fn plain_job(key: &str) -> Job {
    Job::new(key.parse().unwrap(), at(0), true)
}

pub fn id(key: &str) -> JobId {
    plain_job(key).id
}

pub fn identity() -> FileIdentity {
    FileIdentity { device: u64::MAX, inode: 1 << 63, size: 62_233_088, mtime: -1, ctime: i64::MAX }
}

pub fn report(agent: &str, file: &str) -> ReportRecord {
    ReportRecord {
        id: 0,
        agent: agent_id(agent),
        file: file.to_owned(),
        content: Some(sha(file)),
        identity: identity(),
        first_seen: at(2),
        received_at: at(1),
        state: ReportState::Open,
        reason: None,
    }
}

pub fn full_job(key: &str) -> Job {
    let mut job = plain_job(key);
    job.labels.company = Some("SIRPACAM".into());
    job.labels.city = Some("DOUALA".into());
    job.labels.neighborhood = Some("NEWBELL".into());
    job.labels.year = Some(2025);
    job.settings = Settings {
        cron: Some("0 13 * * mon-fri".into()),
        grace: Some(Span::hours(3)),
        ..Settings::default()
    }
    .into();
    job.schedule_changed_at = at(1);
    job.schedule_seen = "cron 0 13 * * mon-fri".into();
    job.retired_at = Some(at(2));
    job.ignored = true;
    job.pauses = vec![Pause { from: at(3), until: Some(at(4)), who: "root".into(), reason: "move".into() }];
    let state = &mut job.state;
    state.status = Status::HashMismatch;
    state.cause = Some(Cause::HashDiffers);
    state.message = Some("the bytes differ".into());
    state.warnings = vec![Warning::SizeDrop, Warning::NoChecksum];
    state.since = at(5);
    state.newest = Some(Rank { time: at(6), own: Some(Time::MIN_UTC), file: "a.json".into() });
    state.covered_by = Some(at(7));
    state.missed_through = Some(at(8));
    state.judged_report = Some(71);
    state.waiting =
        Some(Waiting { report: 72, staged_seen: Some((identity(), at(9))), since: at(10), unmet: None });
    state.staged = Some(StagedMark {
        file: "d.sql.gz".into(),
        identity: identity(),
        sha256: sha("staged"),
        kind: Some("a dump in gzip".into()),
        stream: Some(ContentStream { bytes: 12, sha256: Some(sha("content")), layer: Layer::Archive }),
    });
    state.last_success_at = Some(at(11));
    state.last_report_at = Some(at(12));
    state.last_change_at = Some(at(13));
    state.last_verified_at = Some(at(14));
    state.good = Some(GoodBackup {
        sha256: sha("good"),
        size_bytes: 15,
        content_bytes: Some(16),
        report_time: at(17),
        report: 73,
        file: "g.sql.gz".into(),
        version: Some("v1".into()),
    });
    state.current_version = Some("v2".into());
    state.held = true;
    state.trial_days = vec![at(0).date_naive()];
    state.outrun = Some(Outrun { since: at(1), over_at: Some(at(2)) });
    job
}

pub fn plain_entry(key: &str, judged_at: Time) -> Entry {
    Entry { status: Some(Status::Success), ..Entry::blank(&id(key), "verified".into(), judged_at) }
}

pub fn full_entry(key: &str) -> Entry {
    Entry {
        status: Some(Status::Failed),
        cause: Some(Cause::FileAbsent),
        message: "é <b>\u{202e}".into(),
        warnings: vec![Warning::ContentShort],
        report: Some("elsewhere.json".into()),
        report_time: Some(at(20)),
        cycle: Some(at(21)),
        sha256: Some(sha("dump")),
        size_bytes: Some(u64::MAX),
        content_bytes: Some(1 << 63),
        kind: Some("a dump in gzip".into()),
        hold: Some(Hold::Held),
        reported_sha256: Some(sha("dump").to_string()),
        reported_size: Some(1 << 63),
        superseded: true,
        version: Some("v1".into()),
        agent_seconds: AgentSeconds { backup: Some(1), compress: Some(2), transfer: Some(3) },
        ..plain_entry(key, at(22))
    }
}

pub fn version(key: &str, name: &str) -> Version {
    Version {
        job: id(key),
        name: name.into(),
        file_name: "d.sql.gz".into(),
        report_time: at(30),
        promoted_at: at(31),
        sha256: sha("dump"),
        size_bytes: 32,
        content_bytes: Some(33),
        warnings: vec![Warning::SizeJump],
        pinned: true,
        held: false,
        damaged: true,
        verified_at: at(34),
    }
}

pub fn job_subject(key: &str) -> Subject {
    let job = plain_job(key);
    Subject::job(&job.key.agent, &job.id)
}

pub fn raise(subject: &Subject, cause: Option<Cause>, message: &str, at: Time) -> IncidentChange {
    IncidentChange::Raise {
        subject: subject.clone(),
        database: Some("DB".into()),
        severity: Severity::Critical,
        cause: cause.map(|cause| cause.word().to_owned()),
        message: message.into(),
        at,
    }
}

pub fn audit(what: &str) -> AuditLine {
    AuditLine {
        at: at(40),
        who: "root".into(),
        what: what.into(),
        target: "job".into(),
        why: Some("because".into()),
    }
}

pub fn acknowledgement() -> Acknowledgement {
    Acknowledgement { who: "ann".into(), why: "disk ordered".into(), at: at(50), until: Some(at(60)) }
}

pub fn mail(recipient: &str, message_id: &str, items: &[(i64, News)]) -> FrozenMail {
    let item = |&(incident, news)| MailItem { incident, news, cause: Some("file_absent".into()) };
    FrozenMail {
        id: 0,
        recipient: recipient.into(),
        kind: MailKind::Alert,
        message_id: message_id.into(),
        bytes: b"From: x\r\n\r\n\xff".to_vec(),
        items: items.iter().map(item).collect(),
        created_at: at(70),
        attempts: 0,
        next_attempt_at: at(70),
        last_error: None,
        sent_at: None,
    }
}

/// A little of everything; what [`assert_filled`] finds again.
pub fn fill(store: &mut dyn Store) {
    let scan = store.begin_scan(at(0)).unwrap();
    let agent = Agent {
        last_report_at: Some(at(1)),
        log_mtime: Some(7),
        dumps: Some((sha("dumps"), at(2))),
        ..plain_agent("A")
    };
    let problem = Subject::agent(Problem::ClockSkew, "A");
    let unit = Unit {
        agents: vec![agent],
        report: Some(report("A", "one.json")),
        jobs: vec![full_job("A/X"), plain_job("A/Y")],
        entries: vec![Entry { report_id: Some(0), ..full_entry("A/X") }, plain_entry("A/Y", at(23))],
        accepted: vec![],
        versions: vec![version("A/X", "v1"), version("A/X", "v2")],
        versions_removed: vec![(id("A/X"), "v2".into())],
        incidents: vec![
            raise(&job_subject("A/X"), Some(Cause::FileAbsent), "absent", at(24)),
            raise(&problem, None, "skewed", at(24)),
            IncidentChange::Resolve { subject: problem, at: at(25) },
        ],
        audit: vec![audit("add")],
    };
    store.commit(&unit).unwrap();
    store.acknowledge(1, Some(&acknowledgement()), &audit("ack")).unwrap();
    let sent = store.freeze_mail(&mail("ann@example.org", "<1@host>", &[(1, News::Opened)])).unwrap();
    store.mail_sent(sent, at(71)).unwrap();
    store
        .freeze_mail(&mail("ben@example.org", "<2@host>", &[(1, News::Opened), (2, News::Resolved)]))
        .unwrap();
    store.note_check(at(80)).unwrap();
    store.note_heartbeat(at(81)).unwrap();
    store.finish_scan(scan, at(82)).unwrap();
}

pub fn assert_filled(store: &dyn Store) {
    let meta = store.meta().unwrap();
    let scan = meta.last_scan.unwrap();
    assert_eq!((scan.id, scan.started_at, scan.finished_at), (1, at(0), at(82)));
    assert_eq!((meta.last_check_at, meta.last_heartbeat_at), (Some(at(80)), Some(at(81))));
    let agents = store.agents().unwrap();
    assert_eq!(
        (agents.len(), agents[0].dumps, agents[0].log_mtime),
        (1, Some((sha("dumps"), at(2))), Some(7))
    );
    assert_eq!(store.open_reports().unwrap(), [ReportRecord { id: 1, ..report("A", "one.json") }]);
    assert_eq!(store.jobs().unwrap(), [full_job("A/X"), plain_job("A/Y")]);
    let entries = store.entries(&EntryFilter::default()).unwrap();
    assert_eq!(
        entries,
        [
            Entry { id: 1, report_id: Some(1), ..full_entry("A/X") },
            Entry { id: 2, ..plain_entry("A/Y", at(23)) }
        ]
    );
    assert_eq!(store.versions(None).unwrap(), [version("A/X", "v1")]);
    let incidents = store.incidents(Some(at(25))).unwrap();
    assert_eq!(incidents.len(), 2);
    assert_eq!(incidents[0].acknowledged, Some(acknowledgement()));
    assert_eq!(incidents[1].resolved_at, Some(at(25)));
    assert_eq!(store.audit(9).unwrap(), [audit("add"), audit("ack")]);
    assert_eq!(store.told("ann@example.org").unwrap().len(), 1);
    assert_eq!(
        store.waiting_mails().unwrap(),
        [FrozenMail {
            id: 2,
            ..mail("ben@example.org", "<2@host>", &[(1, News::Opened), (2, News::Resolved)])
        }]
    );
    assert_eq!(store.check().unwrap(), Vec::<String>::new());
}
