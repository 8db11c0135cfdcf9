//! One dump is the backup of one database, however the agent cuts its reports.

use chrono::TimeDelta;

use crate::harness::Site;
use crate::report::Report;

const AGENT: &str = "BONABERI";

fn warned(site: &Site) -> Vec<String> {
    let jobs = site.document("site/api/jobs.json")["jobs"].as_array().unwrap().clone();
    let has = |job: &&serde_json::Value| job["warnings"].to_string().contains("same_bytes");
    jobs.iter().filter(has).map(|job| job["database"].as_str().unwrap().to_owned()).collect()
}

#[test]
fn one_dump_that_several_reports_name_as_different_databases_is_a_warning_on_each() {
    let mut site = Site::new();
    for day in 0..2 {
        let bytes = format!("cash of day {day}");
        site.dump(AGENT, "crm.bin", &bytes);
        for database in ["crm", "erp", "paie"] {
            let report = Report::of(AGENT).named(&format!("{database}-{day}.json"));
            site.deposit(&report.says(database, "crm.bin", &bytes));
        }
        site.run(["run"]).silent();
        assert_eq!(warned(&site), ["crm", "erp", "paie"], "day {day}");
        site.pass(TimeDelta::days(1));
    }
    let jobs = site.read("site/api/jobs.json");
    assert!(jobs.contains("is the staged file of `crm` too: it can be the backup of only one"), "{jobs}");
}

#[test]
fn a_dump_that_a_later_report_gives_to_another_database_is_a_warning_there() {
    let mut site = Site::new();
    site.deposit(&Report::of(AGENT).good("crm", "bytes"));
    site.run(["run"]).silent();
    site.pass(TimeDelta::hours(1));
    site.deposit(&Report::of(AGENT).says("erp", "crm.bin", "bytes"));
    site.run(["run"]).silent();
    assert_eq!(warned(&site), ["erp"]);
}

#[test]
fn equal_bytes_in_files_of_their_own_are_no_warning_across_reports() {
    let site = Site::new();
    for database in ["crm", "erp"] {
        let file = format!("{database}.json");
        site.deposit(&Report::of(AGENT).named(&file).good(database, "nothing in it yet"));
    }
    site.run(["run"]).silent();
    assert!(warned(&site).is_empty(), "{:?}", warned(&site));
}
