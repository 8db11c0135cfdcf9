//! Each thing that is quieter than a failure has its place: on the list, on the job's own page, in every count.

use backupmon::domain::incident::Acknowledgement;
use backupmon::domain::job::{Outrun, Pause};
use backupmon::domain::orphan::{Kind, Orphan};
use backupmon::domain::{Job, JobKey, Status, Time};
use backupmon::render::{Language, Rest, Undelivered, View, nagios, site};
use chrono::TimeDelta;

use crate::fleet::{Fleet, ago, details, incident, now};

/// Of each job a page of its own, by the nth.
fn job_page(fleet: &Fleet, nth: usize) -> String {
    let id = &fleet.jobs[nth].0.id;
    fleet.site()[&site::job_path(id)].clone()
}

/// What the list says in the row of a job.
fn row(index: &str, job: &Job) -> String {
    let link = format!("href=\"jobs/{}.html\"", job.id);
    let rows: Vec<&str> =
        index.split("<tr ").filter(|row| row.starts_with("data-s=") && row.contains(&link)).collect();
    assert_eq!(rows.len(), 1, "{link}");
    rows[0].split("</tr>").next().unwrap().to_owned()
}

fn paused(until: Option<Time>) -> Fleet {
    let mut fleet = Fleet::of(&[("A_B_C", "one", Status::Paused), ("A_B_C", "two", Status::Success)]);
    let pause = Pause { from: ago(5), until, who: "paul".into(), reason: "moves <house>".into() };
    fleet.jobs[0].0.pauses = vec![pause];
    fleet.rests = vec![(fleet.jobs[0].0.id.clone(), Rest { until, muted: false })];
    fleet
}

#[test]
fn a_pause_says_who_why_and_until_when() {
    let page = job_page(&paused(Some(now() + TimeDelta::hours(24))), 0);
    assert!(page.contains("Paused by paul until Mon 23 Nov 2026, 10:30: moves &#60;house&#62;"), "{page}");
    let mut endless = paused(None);
    assert!(job_page(&endless, 0).contains("Paused by paul without an end: moves"));
    endless.language = Language::from_code("fr").unwrap();
    assert!(job_page(&endless, 0).contains("En pause, par paul, sans fin"));
    assert!(!job_page(&endless, 1).contains("paul"));
}

#[test]
fn a_muting_window_is_marked_on_the_list_and_on_the_page() {
    let mut fleet = paused(None);
    fleet.jobs[0].0.pauses.clear();
    let before = row(&fleet.site()["index.html"], &fleet.jobs[0].0);
    assert!(!before.contains("no messages"), "{before}");
    fleet.rests[0].1 = Rest { until: Some(now() + TimeDelta::hours(1)), muted: true };
    let marked = row(&fleet.site()["index.html"], &fleet.jobs[0].0);
    assert!(marked.contains("no messages") && marked.contains("data-s=\"Pxm\""), "{marked}");
    let page = job_page(&fleet, 0);
    for said in [
        "no messages",
        "Nothing is expected during maintenance, until Sun 22 Nov 2026, 11:30",
        "Nobody is told of it meanwhile",
    ] {
        assert!(page.contains(said), "{said}");
    }
}

#[test]
fn a_silence_is_marked_while_it_holds() {
    let mut fleet = Fleet::of(&[("A_B_C", "one", Status::Failed)]);
    let mut known = incident(1, &fleet.jobs[0].0);
    known.acknowledged = Some(Acknowledgement {
        who: "awa".into(),
        why: "the disk is ordered".into(),
        at: ago(2),
        until: Some(now() + TimeDelta::hours(2)),
    });
    fleet.incidents = vec![known];
    let marked = row(&fleet.site()["index.html"], &fleet.jobs[0].0);
    assert!(marked.contains("acknowledged") && marked.contains("data-s=\"Fa\""), "{marked}");
    let said = "Acknowledged by awa until Sun 22 Nov 2026, 12:30: the disk is ordered";
    assert!(job_page(&fleet, 0).contains(said));
    fleet.incidents[0].acknowledged.as_mut().unwrap().until = Some(ago(1));
    let over = row(&fleet.site()["index.html"], &fleet.jobs[0].0);
    assert!(!over.contains("acknowledged") && !job_page(&fleet, 0).contains("awa"));
}

#[test]
fn what_changes_a_mark_changes_the_pages_key() {
    let key = |fleet: &Fleet| {
        let view: View = fleet.view();
        site::Site::new(&view).job_key(0, 1)
    };
    let fleet = paused(None);
    let (mut muted, mut other) = (paused(None), paused(None));
    muted.rests[0].1.muted = true;
    other.rests[0].1.until = Some(now() + TimeDelta::hours(9));
    assert_eq!(key(&fleet), key(&paused(None)));
    assert_ne!(key(&fleet), key(&muted));
    assert_ne!(key(&fleet), key(&other));
}

#[test]
fn what_is_held_on_trial_assumed_orphaned_or_undelivered_has_its_place() {
    let mut fleet = Fleet::of(&[
        ("A_B_C", "held", Status::Success),
        ("A_B_C", "new", Status::Success),
        ("A_B_C", "plain", Status::Success),
    ]);
    fleet.jobs[0].0.state.held = true;
    fleet.jobs[1].0.on_trial = true;
    fleet.effective.assumed = true;
    let key: JobKey = "A_B_C/left".parse().unwrap();
    fleet.orphans = vec![Orphan { key, kind: Kind::Versions { count: 2 }, bytes: 5_000_000 }];
    fleet.undelivered = Undelivered { count: 3, oldest: Some(ago(4)) };
    let files = fleet.site();
    let index = &files["index.html"];
    assert!(row(index, &fleet.jobs[0].0).contains("</svg>held</span>"));
    assert!(row(index, &fleet.jobs[1].0).contains("on trial"));
    assert!(row(index, &fleet.jobs[2].0).contains("(assumed)"));
    for said in ["backupmon jobs add A_B_C/left", "5.0 MB", "3 messages", "1 of 3 backups is at risk"] {
        assert!(index.contains(said), "{said}");
    }
    for (nth, said) in [(0, "</svg>held</span>"), (1, "on trial")] {
        assert!(job_page(&fleet, nth).contains(said), "{said}");
    }
    assert!(files["api/health.json"].contains("\"undelivered\": 3"));
}

/// Two older years that nobody has retired, beside one that is bad.
fn years() -> Fleet {
    let mut fleet = Fleet::of(&[
        ("A_B_C", "compta_2019", Status::Missing),
        ("A_B_C", "compta_2020", Status::Missing),
        ("A_B_C", "compta_2026", Status::Success),
        ("A_B_C", "paie", Status::Missing),
    ]);
    for (job, _) in &mut fleet.jobs[..2] {
        job.state.outrun = Some(Outrun { since: ago(900), over_at: Some(ago(400)) });
    }
    fleet
}

#[test]
fn a_year_that_is_over_is_missing_in_every_count_and_at_risk_in_none() {
    let fleet = years();
    let files = fleet.site();
    let view = fleet.view();
    let rows: serde_json::Value = serde_json::from_str(&files["api/jobs.json"]).unwrap();
    let missing = rows["jobs"].as_array().unwrap().iter().filter(|job| job["status"] == "MISSING").count();
    assert_eq!(missing, 3);
    assert!(files["api/health.json"].contains("\"MISSING\": 3"));
    let metrics = &files["metrics.prom"];
    assert!(metrics.contains("backupmon_jobs{status=\"MISSING\"} 3\n"));
    assert_eq!(metrics.lines().filter(|line| line.ends_with("state=\"MISSING\"} 1")).count(), 3);
    assert_eq!(metrics.lines().filter(|line| line.starts_with("backupmon_job_year_over{")).count(), 2);
    let index = &files["index.html"];
    assert!(index.contains("<b>3</b> Missing"));
    assert!(index.contains("<h1>1 of 2 backups is at risk</h1>"), "{}", view.headline());
    assert!(index.contains("2 more are missing because their year is over"));
    assert!(files["badge.json"].contains("1 of 2 at risk"));
    let check = nagios::check(&view, None).text;
    assert!(check.starts_with("BACKUPMON CRITICAL: 1 missing of 2 jobs"), "{check}");
    assert!(check.contains(" missing=1;;0;0;2 "), "{check}");
    let of_job = details(&fleet.jobs[0].0, &[]);
    let page = site::Site::new(&view).job_page(0, &of_job).unwrap();
    assert!(!page.contains("ver v-risk"), "its page is no alarm either");
}
