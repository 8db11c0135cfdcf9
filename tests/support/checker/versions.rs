//! The versions under their names, as somebody sees them who restores without backupmon.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use backupmon::domain::Digest;
use serde_json::Value;

use super::{Invariant, Violation};
use crate::harness::Site;

/// Which bytes each agent reported of each database, read from the reports themselves.
#[derive(Debug, Default, Clone)]
pub struct Truth {
    reported: BTreeMap<(String, String), BTreeSet<String>>,
}

impl Truth {
    /// Of all reports below the deposits, archived ones included. One that cannot be read proves nothing.
    pub fn of(site: &Site) -> Self {
        let mut truth = Self::default();
        truth.learn(site);
        truth
    }

    /// Adds what was reported since.
    pub fn learn(&mut self, site: &Site) {
        let root = site.path("deposits");
        for entry in walkdir::WalkDir::new(&root).into_iter().filter_map(Result::ok) {
            let path = entry.path();
            if !entry.file_type().is_file() || path.extension().is_none_or(|extension| extension != "json") {
                continue;
            }
            let relative = path.strip_prefix(&root).unwrap();
            let agent = relative.components().next().unwrap().as_os_str().to_string_lossy().into_owned();
            let report = fs::read(path).ok().and_then(|bytes| serde_json::from_slice::<Value>(&bytes).ok());
            let databases = report.as_ref().and_then(|report| report["databases"].as_object());
            for (database, entry) in databases.into_iter().flatten() {
                if let Some(digest) = entry["COMPRESS"]["sha256"].as_str() {
                    let known = self.reported.entry((agent.clone(), database.clone())).or_default();
                    known.insert(digest.to_ascii_lowercase());
                }
            }
        }
    }

    pub fn knows(&self, agent: &str, database: &str, digest: &str) -> bool {
        let key = (agent.to_owned(), database.to_owned());
        self.reported.get(&key).is_some_and(|digests| digests.contains(digest))
    }
}

/// The jobs that have a current version.
pub fn current_versions(site: &Site) -> BTreeSet<String> {
    let links = walk(site).filter(|entry| entry.file_name() == "current_version");
    links.map(|entry| relative(site, entry.path())).collect()
}

/// Every version is whole and true, and whoever had a current one has one.
pub fn check(site: &Site, truth: &Truth, had_current: &BTreeSet<String>) -> Vec<Violation> {
    let broken = |what: String| Invariant::CurrentIsWhole.broken(what);
    let current = current_versions(site);
    let mut found: Vec<Violation> =
        had_current.difference(&current).map(|link| broken(format!("{link} is gone"))).collect();
    for link in &current {
        let path = site.path("validated").join(link);
        if !fs::read_link(&path).is_ok_and(|target| target.starts_with("versions")) {
            found.push(broken(format!("{link} is no link to a version")));
        } else if !path.join("SHA256SUMS").is_file() {
            found.push(broken(format!("{link} leads nowhere")));
        }
    }
    for entry in walk(site).filter(|entry| entry.file_type().is_dir() && is_version(entry.path())) {
        if let Err(reason) = whole(entry.path(), truth) {
            found.push(broken(format!("{}: {reason}", relative(site, entry.path()))));
        }
    }
    found
}

fn walk(site: &Site) -> impl Iterator<Item = walkdir::DirEntry> {
    let ours = |entry: &walkdir::DirEntry| entry.file_name() != ".backupmon";
    walkdir::WalkDir::new(site.path("validated")).into_iter().filter_entry(ours).filter_map(Result::ok)
}

fn relative(site: &Site, path: &Path) -> String {
    path.strip_prefix(site.path("validated")).unwrap_or(path).display().to_string()
}

fn is_version(path: &Path) -> bool {
    path.parent().and_then(Path::file_name).is_some_and(|name| name == "versions")
}

/// The dump has the digest that `SHA256SUMS` and the folder's name say, and which its agent reported.
fn whole(version: &Path, truth: &Truth) -> Result<(), String> {
    let sums =
        fs::read_to_string(version.join("SHA256SUMS")).map_err(|error| format!("SHA256SUMS: {error}"))?;
    let (digest, name) = sums.trim_end().split_once("  ").ok_or("SHA256SUMS says nothing")?;
    let bytes = fs::read(version.join(name)).map_err(|error| format!("{name}: {error}"))?;
    let found = Digest::of(&bytes).to_string();
    let folder = version.file_name().unwrap_or_default().to_string_lossy();
    if found != digest || !folder.ends_with(&found[..8]) {
        return Err(format!("{name} is {found}"));
    }
    let record = fs::read(version.join("report.json")).map_err(|error| format!("report.json: {error}"))?;
    let record: Value = serde_json::from_slice(&record).map_err(|error| format!("report.json: {error}"))?;
    let [agent, database] = ["agent", "database"].map(|key| record[key].as_str().unwrap_or_default());
    if !truth.knows(agent, database, &found) {
        return Err(format!("{agent} never reported {found} of {database}"));
    }
    Ok(())
}
