//! What a server has come to, without what may differ: the numbers of scans and incidents, and the bytes of databases.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use backupmon::domain::Digest;
use serde_json::Value;

use crate::harness::Site;

/// Every file below the folders that the program writes, with what counts of its content.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct End {
    files: BTreeMap<String, String>,
}

impl End {
    pub fn of(site: &Site) -> Self {
        let mut files = BTreeMap::new();
        for folder in ["validated", "state", "site"] {
            let root = site.path(folder);
            for entry in walkdir::WalkDir::new(&root).into_iter().filter_map(Result::ok) {
                let path = entry.path();
                let name = format!("{folder}/{}", path.strip_prefix(&root).unwrap().display());
                // The log of the state and its index come and go with those who have it open; what the site remembers of
                // its pages only spares work, and without it they are all made again.
                if entry.depth() == 0
                    || name == "site/data/.pages.json"
                    || entry.file_type().is_dir()
                    || name.ends_with("-wal")
                    || name.ends_with("-shm")
                {
                    continue;
                }
                let content = match fs::read_link(path) {
                    Ok(target) => target.display().to_string(),
                    Err(_) => essence(&name, path),
                };
                files.insert(name, content);
            }
        }
        Self { files }
    }

    /// Each file in which this is not what it should be, with a sentence.
    pub fn differences(&self, expected: &Self) -> Vec<(String, String)> {
        let absent = expected.files.keys().filter(|name| !self.files.contains_key(*name));
        let absent = absent.map(|name| (name.clone(), format!("{name} is not there")));
        let other = self.files.iter().filter(|(name, content)| expected.files.get(*name) != Some(content));
        let other = other.map(|(name, content)| match expected.files.get(name) {
            Some(expected) => (name.clone(), format!("{name} {}", first_difference(content, expected))),
            None => (name.clone(), format!("{name} is too much")),
        });
        absent.chain(other).collect()
    }
}

/// Where two texts part, with a little of what stands around.
fn first_difference(found: &str, expected: &str) -> String {
    let same = found.chars().zip(expected.chars()).take_while(|(a, b)| a == b).count();
    let part = |text: &str| text.chars().skip(same.saturating_sub(80)).take(240).collect::<String>();
    format!("has …{}… in place of …{}…", part(found), part(expected))
}

fn essence(name: &str, path: &Path) -> String {
    let read = || fs::read(path).unwrap_or_else(|error| error.to_string().into_bytes());
    if name.starts_with("site/api/") && path.extension().is_some_and(|extension| extension == "json") {
        match serde_json::from_slice(&read()) {
            Ok(mut document) => {
                strip(&mut document);
                document.to_string()
            }
            Err(error) => error.to_string(),
        }
    } else if name.starts_with("validated/") && !name.starts_with("validated/.backupmon/") {
        Digest::of(&read()).to_string()
    } else {
        String::new()
    }
}

/// Takes out the numbers that a repeated run uses up.
fn strip(value: &mut Value) {
    match value {
        Value::Object(fields) => {
            fields.retain(|name, value| name != "scan_id" && !(name == "id" && value.is_number()));
            if let Some(Value::Array(alerts)) = fields.get_mut("alerts") {
                alerts.retain(|alert| !is_trouble_of_the_fault(alert));
                // Those of one moment stand in the order in which they were found.
                alerts.sort_by_key(|alert| ["agent", "database", "kind"].map(|key| alert[key].to_string()));
            }
            // A version that could be made only later is not written into the entry, which says what was at its time.
            for entry in fields.get_mut("entries").and_then(Value::as_array_mut).into_iter().flatten() {
                entry["version"] = Value::Null;
            }
            fields.values_mut().for_each(strip);
        }
        Value::Array(items) => items.iter_mut().for_each(strip),
        _ => {}
    }
}

/// A problem of the server that is over: the fault was told, which an undisturbed run has no reason to.
fn is_trouble_of_the_fault(alert: &Value) -> bool {
    const OWN: [&str; 7] = [
        "backlog",
        "deposit_unreadable",
        "deposits_unavailable",
        "disk_low",
        "mail_refused",
        "promotion_failed",
        "state_damaged",
    ];
    !alert["resolved_at"].is_null() && OWN.iter().any(|kind| alert["kind"] == *kind)
}
