//! When the fleet is green, and when it must not be.

use backupmon::domain::incident::Subject;
use backupmon::domain::{AgentId, Incident, IncidentKind, Problem, Severity, Status, Warning};
use backupmon::render::trouble::Scope;
use backupmon::render::{Health, Scan, Undelivered, UnknownReason, nagios};
use chrono::TimeDelta;

use crate::fleet::{Fleet, ago, incident, now};

fn one(status: Status) -> Fleet {
    Fleet::of(&[("A", "a", status)])
}

#[test]
fn nothing_checked_is_never_green() {
    let mut no_scan = one(Status::Success);
    no_scan.scan = None;
    let mut old_scan = one(Status::Success);
    old_scan.scan = Some(Scan { id: 1, started_at: ago(1), finished_at: now() - TimeDelta::minutes(31) });
    let mut future = one(Status::Success);
    future.scan = Some(Scan { id: 1, started_at: ago(1), finished_at: now() + TimeDelta::days(365) });
    let mut old_and_critical = one(Status::Failed);
    old_and_critical.scan = old_scan.scan;
    for (fleet, why) in [
        (Fleet::of(&[]), UnknownReason::NoJobs),
        (one(Status::Paused), UnknownReason::NoJobs),
        (one(Status::Retired), UnknownReason::NoJobs),
        (one(Status::Pending), UnknownReason::NothingJudged),
        (no_scan, UnknownReason::NoScan),
        (old_scan, UnknownReason::OldScan),
        (future, UnknownReason::OldScan),
        (old_and_critical, UnknownReason::OldScan),
    ] {
        let view = fleet.view();
        assert_eq!((view.health, view.unknown), (Health::Unknown, Some(why)));
        let check = nagios::check(&view, None);
        assert_eq!(check.code, 3, "{}", check.text);
        let site = fleet.site();
        assert!(site["api/health.json"].contains("\"status\": \"unknown\""), "{why:?}");
        assert!(site["index.html"].contains("ver v-unknown"), "{why:?}");
        assert!(site["badge.svg"].contains("unknown"), "{why:?}");
        assert!(!site["index.html"].contains("Nothing needs you"), "{why:?}");
    }
}

#[test]
fn the_worst_job_that_is_watched_decides() {
    let mut warned = one(Status::Success);
    warned.jobs[0].0.state.warnings = vec![Warning::SizeJump];
    let mut held = one(Status::Success);
    held.jobs[0].0.state.held = true;
    let mut undelivered = one(Status::Success);
    undelivered.undelivered = Undelivered { count: 1, oldest: Some(ago(1)) };
    for (fleet, health) in [
        (one(Status::Success), Health::Ok),
        (one(Status::Unchanged), Health::Ok),
        (one(Status::Late), Health::Ok),
        (warned, Health::Warning),
        (undelivered, Health::Warning),
        (held, Health::Critical),
        (one(Status::Failed), Health::Critical),
        (one(Status::HashMismatch), Health::Critical),
        (one(Status::Corrupt), Health::Critical),
        (one(Status::Missing), Health::Critical),
        (Fleet::of(&[("A", "a", Status::Success), ("A", "b", Status::Paused)]), Health::Ok),
        (Fleet::of(&[("A", "a", Status::Success), ("A", "b", Status::Pending)]), Health::Ok),
    ] {
        assert_eq!(fleet.view().health, health, "{:?}", fleet.jobs[0].1);
    }
}

#[test]
fn a_scan_two_intervals_old_still_counts_and_the_page_ends_with_it() {
    let mut fleet = one(Status::Success);
    fleet.scan = Some(Scan { id: 1, started_at: ago(1), finished_at: now() - TimeDelta::minutes(30) });
    let view = fleet.view();
    assert_eq!(view.health, Health::Ok);
    assert_eq!(view.valid_until, now());
    assert_eq!(one(Status::Success).view().valid_until, now() + TimeDelta::minutes(30));
}

/// An open critical problem of the fleet's first job.
fn problem(fleet: &Fleet, kind: Problem) -> Incident {
    let job = &fleet.jobs[0].0;
    Incident { subject: Subject::version(kind, &job.key.agent, &job.id), ..incident(5, job) }
}

#[test]
fn a_problem_without_a_job_is_an_item_and_not_green() {
    let mut fleet = one(Status::Success);
    let agent = AgentId::new("A").unwrap();
    let mut problem = incident(5, &fleet.jobs[0].0);
    problem.subject = Subject::agent(Problem::ReportUnreadable, agent.to_string());
    problem.severity = Severity::Critical;
    problem.database = None;
    fleet.incidents = vec![problem];
    let view = fleet.view();
    assert_eq!(view.health, Health::Critical);
    assert_eq!(view.troubles.len(), 1);
    assert_eq!(view.troubles[0].word, "report_unreadable");
    assert_eq!(view.troubles[0].command, "backupmon agents show A");
}

#[test]
fn one_cause_is_one_item() {
    let silent =
        Fleet::of(&[("A", "a", Status::Missing), ("A", "b", Status::Missing), ("B", "c", Status::Success)]);
    let view = silent.view();
    assert_eq!(view.troubles.len(), 1);
    assert_eq!(view.troubles[0].scope, Scope::Agent("A".into()));
    assert_eq!(view.troubles[0].jobs.len(), 2);

    let alike = Fleet::of(&[
        ("A", "a", Status::Failed),
        ("A", "b", Status::Failed),
        ("A", "c", Status::Failed),
        ("A", "d", Status::Corrupt),
        ("A", "e", Status::Success),
    ]);
    assert_eq!(alike.view().troubles.iter().map(|t| t.jobs.len()).collect::<Vec<_>>(), [1, 3]);

    let two =
        Fleet::of(&[("A", "a", Status::Failed), ("A", "b", Status::Failed), ("A", "e", Status::Success)]);
    assert_eq!(two.view().troubles.len(), 2, "two may be chance");

    let names: Vec<String> = (0..6).map(|n| format!("SIRPACAM_DOUALA_{n}")).collect();
    let jobs: Vec<(&str, &str, Status)> = names
        .iter()
        .flat_map(|agent| [(agent.as_str(), "a", Status::Missing), (agent.as_str(), "b", Status::Missing)])
        .collect();
    let fleet = Fleet::of(&jobs);
    let view = fleet.view();
    assert_eq!(view.troubles.len(), 1);
    assert!(view.troubles[0].sentence.contains("SIRPACAM, DOUALA"), "{}", view.troubles[0].sentence);
}

#[test]
fn a_full_disk_is_one_cause_however_many_backups_it_keeps_from_being_kept() {
    let mut fleet = Fleet::of(&[
        ("A", "a", Status::Success),
        ("A", "b", Status::Success),
        ("B", "c", Status::Success),
        ("B", "d", Status::Success),
    ]);
    let not_kept = |(n, (job, _)): (i64, &(backupmon::domain::Job, Status))| Incident {
        subject: Subject {
            kind: IncidentKind::Problem(Problem::PromotionFailed),
            agent: None,
            job: Some(job.id.clone()),
        },
        message: format!("the verified backup of {} could not be kept: no space", job.key),
        ..incident(n, job)
    };
    let incidents: Vec<Incident> = (1..).zip(&fleet.jobs).map(not_kept).collect();
    fleet.incidents = incidents[..2].to_vec();
    assert_eq!(fleet.view().troubles.len(), 2, "two may be chance");
    fleet.incidents = incidents;
    let view = fleet.view();
    let [only] = view.troubles.as_slice() else { panic!("{:?}", view.troubles) };
    assert_eq!((only.scope.clone(), only.jobs.len()), (Scope::Server, 4));
    assert!(
        only.sentence.contains("4 verified backups") && only.sentence.contains(": no space"),
        "{}",
        only.sentence
    );
}

#[test]
fn the_worst_cause_comes_first() {
    let mut fleet = Fleet::of(&[
        ("A", "fresh", Status::Failed),
        ("B", "old", Status::Failed),
        ("C", "uncovered", Status::Failed),
        ("D", "cut", Status::Corrupt),
        ("E", "held", Status::Success),
        ("F", "a", Status::Missing),
        ("F", "b", Status::Missing),
    ]);
    let good =
        |fleet: &mut Fleet, job: usize, hours| fleet.jobs[job].0.state.last_success_at = Some(ago(hours));
    good(&mut fleet, 0, 30);
    good(&mut fleet, 1, 900);
    good(&mut fleet, 3, 26);
    good(&mut fleet, 4, 25);
    fleet.jobs[2].0.state.good = None;
    fleet.jobs[4].0.state.held = true;
    let view = fleet.view();
    let order: Vec<_> = view.troubles.iter().map(|t| t.title(&view)).collect();
    assert_eq!(order, ["D/cut", "E/held", "C/uncovered", "B/old", "F", "A/fresh"]);
}

#[test]
fn a_command_can_be_pasted_whatever_an_agent_is_called() {
    let fleet = Fleet::of(&[("a'; rm -rf ~", "a", Status::Missing), ("a'; rm -rf ~", "b", Status::Missing)]);
    assert_eq!(fleet.view().troubles[0].command, r"backupmon agents show 'a'\''; rm -rf ~'");
}

#[test]
fn the_check_is_critical_for_what_is_older_than_asked() {
    let fleet = one(Status::Success);
    let check = |hours| nagios::check(&fleet.view(), Some(backupmon::domain::settings::Span::hours(hours)));
    assert_eq!(check(9).code, 0);
    assert_eq!(check(7).code, 2);
    assert!(
        check(7).text.starts_with("BACKUPMON CRITICAL: 1 older than 7h of 1 job | ok=1;;;0;1 "),
        "{}",
        check(7).text
    );
}

#[test]
fn what_is_as_nobody_planned_it_is_not_as_planned() {
    let mut fleet = Fleet::of(&[("A", "a", Status::Success), ("A", "b", Status::Failed)]);
    let classes = |fleet: &Fleet| {
        let sum = |part: fn(&backupmon::render::view::Step) -> usize| {
            fleet.view().ladder.0.iter().map(part).sum::<usize>()
        };
        (sum(|step| step.planned), sum(|step| step.assumed), sum(|step| step.overdue))
    };
    assert_eq!(classes(&fleet), (1, 0, 1));
    assert!(!fleet.site()["index.html"].contains("schedule assumed ("));
    fleet.effective.assumed = true;
    assert_eq!(classes(&fleet), (0, 1, 1));
    assert!(fleet.site()["index.html"].contains("schedule assumed (1)"));
}

#[test]
fn a_narrowed_view_speaks_of_its_jobs_alone() {
    let fleet = Fleet::mixed();
    let mut facts = fleet.facts();
    facts.narrow(|fact| fact.job.key.database.as_str() == "compta_2025");
    let view = backupmon::render::View::build(facts);
    assert_eq!((view.health, view.tally.total, view.agents.len()), (Health::Ok, 1, 1));
    assert!(view.troubles.is_empty());
}

#[test]
fn that_all_are_safe_is_said_only_where_all_were_judged() {
    let judged = Fleet::of(&[("A", "a", Status::Success), ("A", "b", Status::Unchanged)]);
    let partly = Fleet::of(&[("A", "a", Status::Success), ("A", "b", Status::Pending)]);
    let mut doubted = Fleet::of(&[("A", "a", Status::Success)]);
    doubted.incidents = vec![problem(&doubted, Problem::VersionDamaged)];
    let mut told = Fleet::of(&[("A", "a", Status::Success)]);
    told.incidents = vec![problem(&told, Problem::ClockSkew)];
    told.incidents[0].severity = Severity::Warning;
    for (fleet, headline, line) in [
        (judged, "All 2 backups are safe", "OK: all good of 2 jobs"),
        (partly, "1 of 2 backups is verified so far, and none is at risk", "OK: 1 good of 2 jobs"),
        (
            told,
            "No backup has failed or is missing, but something else needs attention",
            "WARNING: 1 alert of 1 job",
        ),
        (doubted, "1 of 1 backups is at risk", "CRITICAL: 1 damaged of 1 job"),
    ] {
        assert_eq!(fleet.view().headline(), headline);
        let check = nagios::check(&fleet.view(), None).text;
        assert!(check.starts_with(&format!("BACKUPMON {line} |")), "{check}");
    }
}
