//! What a site has come to, without what may differ: the numbers of scans and incidents, and the bytes of databases.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use backupmon::domain::Digest;
use serde_json::Value;

use crate::harness::Site;

/// Every file below the folders that the program writes, with what counts of its content.
pub fn of(site: &Site) -> BTreeMap<String, String> {
    let mut files = BTreeMap::new();
    for folder in ["validated", "state", "site"] {
        let root = site.path(folder);
        for entry in walkdir::WalkDir::new(&root).into_iter().map(Result::unwrap) {
            if entry.file_type().is_dir() {
                continue;
            }
            let path = entry.path();
            let name = format!("{folder}/{}", path.strip_prefix(&root).unwrap().display());
            let content = if entry.file_type().is_symlink() {
                fs::read_link(path).unwrap().display().to_string()
            } else {
                essence(&name, path)
            };
            files.insert(name, content);
        }
    }
    files
}

fn essence(name: &str, path: &Path) -> String {
    if name.starts_with("site/api/") && path.extension().is_some_and(|extension| extension == "json") {
        let mut document = serde_json::from_slice(&fs::read(path).unwrap()).unwrap();
        strip(&mut document);
        document.to_string()
    } else if name.starts_with("validated/") && !name.starts_with("validated/.backupmon/") {
        Digest::of(&fs::read(path).unwrap()).to_string()
    } else {
        String::new()
    }
}

/// Takes out the numbers that a repeated run uses up.
fn strip(value: &mut Value) {
    match value {
        Value::Object(fields) => {
            fields.retain(|name, value| name != "scan_id" && !(name == "id" && value.is_number()));
            // After a killed first run there are versions and no finished scan: retention holds still for one run.
            if let Some(Value::Array(rules)) = fields.get_mut("kept_by") {
                rules.retain(|rule| rule != "clock_jumped");
            }
            fields.values_mut().for_each(strip);
        }
        Value::Array(items) => items.iter_mut().for_each(strip),
        _ => {}
    }
}

/// The jobs that have a current version.
pub fn current_versions(site: &Site) -> BTreeSet<String> {
    let entries = walkdir::WalkDir::new(site.path("validated")).into_iter().filter_map(Result::ok);
    let links = entries.filter(|entry| entry.file_name() == "current_version");
    links.map(|entry| entry.path().display().to_string()).collect()
}

/// What is wrong with the versions that stand under their names, at any moment.
pub fn faults_of_versions(site: &Site) -> Vec<String> {
    let mut faults = Vec::new();
    for link in current_versions(site) {
        if !Path::new(&link).join("SHA256SUMS").is_file() {
            faults.push(format!("{link} leads nowhere"));
        }
    }
    let entries = walkdir::WalkDir::new(site.path("validated")).into_iter().filter_map(Result::ok);
    for entry in entries.filter(|entry| entry.file_type().is_dir() && is_version(entry.path())) {
        if let Err(reason) = whole(entry.path()) {
            faults.push(format!("{}: {reason}", entry.path().display()));
        }
    }
    faults
}

fn is_version(path: &Path) -> bool {
    path.parent().and_then(Path::file_name).is_some_and(|name| name == "versions")
}

/// The dump has the digest that `SHA256SUMS` and the folder's name say.
fn whole(version: &Path) -> Result<(), String> {
    let sums =
        fs::read_to_string(version.join("SHA256SUMS")).map_err(|error| format!("SHA256SUMS: {error}"))?;
    let (digest, name) = sums.trim_end().split_once("  ").ok_or("SHA256SUMS says nothing")?;
    let bytes = fs::read(version.join(name)).map_err(|error| format!("{name}: {error}"))?;
    let found = Digest::of(&bytes).to_string();
    let folder = version.file_name().unwrap_or_default().to_string_lossy();
    if found != digest || !folder.ends_with(&found[..8]) {
        return Err(format!("{name} is {found}"));
    }
    fs::metadata(version.join("report.json")).map(drop).map_err(|error| format!("report.json: {error}"))
}
