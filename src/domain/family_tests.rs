use super::*;
use crate::domain::{JobKey, Settings};

fn day(n: i64) -> Time {
    Time::UNIX_EPOCH + TimeDelta::days(20_000 + n)
}

/// A job that was added on day 0 and last named, in a good backup, on a day.
fn job(key: &str, reported: Option<i64>) -> Job {
    let key: JobKey = key.parse().unwrap();
    let mut job = Job::new(key, day(0), false);
    job.state.covered_by = reported.map(day);
    job.state.last_success_at = reported.map(day);
    job
}

/// What is known after the newer year came on these days, one scan each. Every day since the last report is missed.
fn after(mut older: Job, newer_on: &[i64]) -> Option<Outrun> {
    let schedule = Schedule::new(&Settings::default(), chrono_tz::UTC).unwrap();
    for n in newer_on {
        let newer = job("A/DB_2026", Some(*n));
        older.state.missed_through = older.state.covered_by.map(|_| day(n - 1));
        let (jobs, now) = ([&older, &newer], day(*n));
        let families = families(jobs.map(|job| (job, &schedule)));
        let changes = families[0].changes(now);
        let news = changes.iter().find(|(job, _)| job.key == older.key).map(|(_, outrun)| *outrun);
        if let Some(outrun) = news {
            older.state.outrun = outrun;
        }
    }
    older.state.outrun
}

#[test]
fn an_older_year_is_over_when_newer_ones_came_without_it_for_fourteen_days() {
    let outrun = |since, over: Option<i64>| Some(Outrun { since: day(since), over_at: over.map(day) });
    let ended = || job("A/DB_2025", Some(10));
    assert_eq!(after(ended(), &[9, 10]), None, "it came with the newest");
    assert_eq!(after(ended(), &[11, 12, 24]), outrun(11, None));
    assert_eq!(after(ended(), &[11, 12, 25]), outrun(11, Some(25)));
    assert_eq!(after(ended(), &[11, 25, 40]), outrun(11, Some(25)), "it stays as it was found");
    assert_eq!(after(ended(), &[40]), outrun(40, None), "one report after a long silence proves nothing");
    let mut retired = ended();
    retired.retired_at = Some(day(12));
    assert_eq!(after(retired, &[11, 30]), None);
    // Added by hand and never reported: counted from then.
    assert_eq!(after(job("A/DB_2025", None), &[1, 15]), outrun(1, None), "no cycle of it was missed");
}

#[test]
fn a_job_that_is_not_missed_is_not_over() {
    let schedule = Schedule::new(&Settings::default(), chrono_tz::UTC).unwrap();
    let mut monthly = job("A/DB_2025", Some(10));
    monthly.state.outrun = Some(Outrun { since: day(11), over_at: None });
    let newer = job("A/DB_2026", Some(30));
    let jobs = [&monthly, &newer];
    assert!(families(jobs.map(|job| (job, &schedule)))[0].changes(day(30)).is_empty());
}

#[test]
fn only_names_that_differ_in_the_year_alone_are_a_family() {
    let schedule = Schedule::new(&Settings::default(), chrono_tz::UTC).unwrap();
    let keys = [
        "A/DB_2024",
        "A/DB_2025",
        "A/DB_2025_x",
        "A/db_2026",
        "A/DB",
        "B/DB_2026",
        "A/2024_DB_2026",
        "A/DB_2023",
    ];
    let mut jobs: Vec<Job> = keys.iter().map(|key| job(key, Some(1))).collect();
    let years = |jobs: &[Job]| -> Vec<Vec<u16>> {
        let families = families(jobs.iter().map(|job| (job, &schedule)));
        families.iter().map(|family| family.members.iter().map(|member| member.year).collect()).collect()
    };
    assert_eq!(years(&jobs), [[2023, 2024, 2025]]);
    jobs[7].ignored = true;
    assert_eq!(years(&jobs), [[2024, 2025]]);
}

#[test]
fn a_family_without_the_expected_year_is_told_of_its_newest_until_that_is_retired() {
    let schedule = Schedule::new(&Settings::default(), chrono_tz::UTC).unwrap();
    let told = |keys: &[&str], retired: &str| -> Vec<String> {
        let mut jobs: Vec<Job> = keys.iter().map(|key| job(key, Some(1))).collect();
        for job in &mut jobs {
            job.retired_at = (job.key.to_string() == retired).then(|| day(2));
        }
        let families = families(jobs.iter().map(|job| (job, &schedule)));
        families.iter().filter_map(|family| family.not_started(2026)).map(|job| job.key.to_string()).collect()
    };
    assert_eq!(told(&["A/DB_2024", "A/DB_2025"], ""), ["A/DB_2025"]);
    assert_eq!(
        told(&["A/DB_2024", "A/DB_2025"], "A/DB_2024"),
        ["A/DB_2025"],
        "two years, one of them retired"
    );
    assert_eq!(told(&["A/DB_2024", "A/DB_2025"], "A/DB_2025"), [""; 0], "answered");
    assert_eq!(told(&["A/DB_2025"], ""), [""; 0], "one year is no family");
    assert_eq!(told(&["A/DB_2024", "A/DB_2026"], ""), [""; 0]);
}

#[test]
fn a_year_must_have_started_after_its_day_and_until_then_the_one_before() {
    for (today, year) in
        [("2026-01-01", 2025), ("2026-01-31", 2025), ("2026-02-01", 2026), ("2026-12-31", 2026)]
    {
        assert_eq!(expected_year(today.parse().unwrap(), (1, 31)), year, "{today}");
    }
    assert_eq!(expected_year("2028-03-01".parse().unwrap(), (2, 29)), 2028);
    assert_eq!(expected_year("2027-02-28".parse().unwrap(), (2, 29)), 2026);
}

#[test]
fn all_years_that_are_over_are_one_sentence_and_a_newer_one_is_news() {
    assert_eq!(over(std::iter::empty()), None);
    let ended = |key: &str| {
        let mut job = job(key, Some(1));
        job.state.outrun = Some(Outrun { since: day(2), over_at: Some(day(16)) });
        job
    };
    let mut jobs: Vec<Job> = (1..=4).map(|n| ended(&format!("A/DB{n}_2024"))).collect();
    let all = over(&jobs).unwrap();
    assert_eq!(all.cause, "year_over_2024");
    assert!(
        all.message.contains("4 databases") && all.message.contains("A/DB3_2024, 1 more"),
        "{}",
        all.message
    );
    jobs.push(ended("B/DB_2025"));
    assert_eq!(over(&jobs).unwrap().cause, "year_over_2025");
    for job in &mut jobs[1..] {
        job.retired_at = Some(day(20));
    }
    assert!(over(&jobs).unwrap().message.starts_with("1 database "));
}

#[test]
fn the_commands_that_retire_are_of_a_length_that_can_be_pasted() {
    let ids: Vec<JobId> = (0..45).map(|n| JobId::from_text(format!("a.db{n}-00000000"))).collect();
    let lines = retire_commands(&ids);
    assert_eq!(lines.len(), 3);
    assert!(lines[2].starts_with("backupmon jobs retire a.db40-00000000 a.db41"), "{}", lines[2]);
    assert!(retire_commands([]).is_empty());
}
