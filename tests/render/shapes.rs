//! The documents against their published schemas, which allow no field to be absent.

use backupmon::domain::{JobId, Status};
use backupmon::render::VersionFact;
use backupmon::render::json::{self, ScanSummary};
use serde::Serialize;
use serde_json::Value;

use crate::fleet::{Fleet, details, entry, version};

fn schema(name: &str) -> Value {
    let path = format!("{}/contrib/schema/{name}.schema.json", env!("CARGO_MANIFEST_DIR"));
    serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap()
}

fn check(name: &str, document: &impl Serialize) -> Value {
    let mut bytes = Vec::new();
    json::write(document, &mut bytes).unwrap();
    assert!(bytes.ends_with(b"}\n"));
    let document: Value = serde_json::from_slice(&bytes).unwrap();
    let validator = jsonschema::validator_for(&schema(name)).unwrap();
    let errors: Vec<String> =
        validator.iter_errors(&document).map(|e| format!("{}: {e}", e.instance_path())).collect();
    assert!(errors.is_empty(), "{name}: {errors:#?}");
    document
}

#[test]
fn every_document_has_its_published_shape() {
    for fleet in [Fleet::mixed(), Fleet::of(&[])] {
        let view = fleet.view();
        check("jobs", &json::jobs(&view, |_| true));
        check("health", &json::health(&view));
        check("alerts", &json::alerts(&view, view.incidents.iter().copied()));
        check("agents", &json::agents(&view));
        let entries: Vec<_> = fleet.jobs.iter().map(|(job, _)| entry(job)).collect();
        let key_of = |id: &JobId| fleet.jobs.iter().find(|(job, _)| job.id == *id).map(|(job, _)| &job.key);
        check("history", &json::history(&entries, key_of));
        check("history", &json::history(&entries, |_| None));
        let versions: Vec<_> = fleet.jobs.iter().map(|(job, _)| version(job)).collect();
        check("versions", &json::versions(versions.iter().map(|v| VersionFact::of_job(v, None, None))));
        check("scan", &ScanSummary { jobs: view.counts.clone(), ..ScanSummary::default() });
        for job in &view.jobs {
            let details = details(job.job, &fleet.incidents);
            let document = check("job", &json::job(&view, job, &details));
            assert!(document.get("last_checked_at").is_none());
        }
    }
}

#[test]
fn a_schema_notices_a_field_that_is_gone_and_a_time_that_is_none() {
    let fleet = Fleet::of(&[("A", "a", Status::Success)]);
    let view = fleet.view();
    let mut document = check("jobs", &json::jobs(&view, |_| true));
    let validator = jsonschema::validator_for(&schema("jobs")).unwrap();
    document["jobs"][0].as_object_mut().unwrap().remove("cause");
    assert!(!validator.is_valid(&document));
    document["jobs"][0]["cause"] = Value::Null;
    assert!(validator.is_valid(&document));
    document["jobs"][0]["since"] = "2026-11-22 09:30".into();
    assert!(!validator.is_valid(&document));
}

#[test]
fn values_are_what_the_names_say() {
    let fleet = Fleet::mixed();
    let view = fleet.view();
    let document = check("jobs", &json::jobs(&view, |_| true));
    let job = document["jobs"]
        .as_array()
        .unwrap()
        .iter()
        .find(|job| job["database"] == "ventes_2025")
        .unwrap()
        .clone();
    for (field, value) in [
        ("agent", Value::from("SIRPACAM_DOUALA_NEWBELL")),
        ("company", "SIRPACAM".into()),
        ("city", "DOUALA".into()),
        ("neighborhood", "NEWBELL".into()),
        ("year", 2025.into()),
        ("status", "HASH_MISMATCH".into()),
        ("severity", "critical".into()),
        ("cause", "hash_differs".into()),
        ("active", true.into()),
        ("next_due", "2026-11-22T13:30:07Z".into()),
        ("deadline", "2026-11-22T15:30:07Z".into()),
        ("last_checked_at", "2026-11-22T09:30:07Z".into()),
        ("size_bytes", 62_233_088.into()),
    ] {
        assert_eq!(job[field], value, "{field}");
    }
    assert_eq!(
        job["schedule"],
        serde_json::json!({"cron": "0 13 * * mon-fri", "at": null, "days": null, "every": null,
            "timezone": "Africa/Douala", "grace": 7200, "early": 3600})
    );
}
