//! What is not ours to change: deposits, configuration, home.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;

use backupmon::domain::Digest;

use super::{Invariant, Violation};
use crate::harness::Site;

const OURS: [&str; 3] = ["validated", "state", "site"];

/// Every file outside of our folders. Reports apart, for an archived one has moved.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outside {
    files: BTreeMap<String, String>,
    reports: BTreeMap<String, String>,
}

impl Outside {
    pub fn of(site: &Site) -> Self {
        let root = site.path("");
        let mut outside = Self { files: BTreeMap::new(), reports: BTreeMap::new() };
        let foreign = |entry: &walkdir::DirEntry| {
            entry.depth() != 1 || !OURS.iter().any(|ours| entry.file_name() == *ours)
        };
        for entry in walkdir::WalkDir::new(&root).into_iter().filter_entry(foreign).filter_map(Result::ok) {
            let name = entry.path().strip_prefix(&root).unwrap().display().to_string();
            if name.starts_with("deposits/") && name.contains("/log/") {
                if entry.file_type().is_file() {
                    outside.reports.insert(name, content(entry.path()));
                }
            } else if !entry.file_type().is_dir() {
                outside.files.insert(name, content(entry.path()));
            }
        }
        outside
    }

    pub fn check(&self, site: &Site) -> Vec<Violation> {
        let now = Self::of(site);
        let there: BTreeSet<&String> = now.reports.values().collect();
        let lost = self.reports.iter().filter(|(_, content)| !there.contains(content));
        let lost =
            lost.map(|(report, _)| Invariant::ReportIsKept.broken(format!("the report {report} is gone")));
        let names: BTreeSet<_> = self.files.keys().chain(now.files.keys()).collect();
        let changed = names.into_iter().filter(|name| self.files.get(*name) != now.files.get(*name));
        let changed = changed.map(|name| Invariant::NothingElseChanged.broken(format!("{name} was changed")));
        lost.chain(changed).collect()
    }
}

/// Kind, mode and bytes. What is no file (a pipe, say) must not be read.
fn content(path: &Path) -> String {
    let Ok(meta) = fs::symlink_metadata(path) else { return "gone".to_owned() };
    if meta.is_symlink() {
        return format!("link to {}", fs::read_link(path).unwrap_or_default().display());
    }
    let mode = meta.permissions().mode();
    // A huge sparse file need not be read to see whether it was touched.
    if !meta.is_file() || meta.len() > 64 << 20 {
        return format!("mode {mode:o}, {} bytes", meta.len());
    }
    match fs::read(path) {
        Ok(bytes) => format!("mode {mode:o}, {}", Digest::of(&bytes)),
        Err(error) => error.to_string(),
    }
}
