//! The description of the JSON that is served.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use serde_json::Value;

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("contrib/openapi")
}

pub fn description() -> Value {
    serde_json::from_str(&fs::read_to_string(folder().join("backupmon.json")).unwrap()).unwrap()
}

/// The name of the published schema of what a path answers.
pub fn schema_of(operation: &Value) -> String {
    let reference = &operation["responses"]["200"]["content"]["application/json"]["schema"]["$ref"];
    let path = reference.as_str().unwrap();
    assert!(folder().join(path).exists(), "{path}");
    path.trim_start_matches("../schema/").trim_end_matches(".schema.json").to_owned()
}

#[test]
fn it_is_whole_and_speaks_of_schemas_that_are_there() {
    let document = description();
    assert_eq!(document["openapi"], "3.1.0");
    let paths = document["paths"].as_object().unwrap();
    let mut operations = BTreeSet::new();
    for (path, item) in paths {
        let operation = &item["get"];
        assert!(operations.insert(operation["operationId"].as_str().unwrap()), "{path}");
        schema_of(operation);
        let named = path.matches('{').count();
        let parameters = operation["parameters"].as_array().map_or(0, Vec::len);
        assert_eq!(named, parameters, "{path}");
        for (status, response) in operation["responses"].as_object().unwrap() {
            let reference = response["$ref"].as_str().map(|reference| reference.trim_start_matches('#'));
            let answer = reference.map_or(Some(response), |pointer| document.pointer(pointer));
            assert!(answer.is_some_and(|answer| answer["description"].is_string()), "{path} {status}");
        }
    }
    assert!(operations.len() >= 4);
}
