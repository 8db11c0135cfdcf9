//! `[paths]`: absolute, and none where it would spoil another.
//!
//! Paths are compared as written, without asking the file system: a deposit that hangs (a dead network mount)
//! must not keep the configuration from being read.

use std::path::{Component, Path, PathBuf};

use super::Check;
use crate::config::error::{Fault, Place};
use crate::config::reader::Section;
use crate::config::{Paths, raw};

impl Check<'_> {
    /// `None` only with a fault.
    pub(super) fn folders(&mut self, raw: raw::Paths, deposits: &[PathBuf]) -> Option<Paths> {
        let validated_configured = raw.validated.is_some();
        let deposits = if deposits.is_empty() {
            let typed = match raw.deposits {
                None => Vec::new(),
                Some(raw::OneOrMany::One(path)) => vec![path],
                Some(raw::OneOrMany::Many(paths)) => paths,
            };
            typed.into_iter().map(|path| self.absolute("deposits", &path)).collect()
        } else {
            deposits.iter().map(|path| normal(&self.environment.current_dir.join(path))).collect()
        };
        let state = self.folder("state", raw.state, "state.db");
        let validated = self.folder("validated", raw.validated, "validated");
        let site = self.folder("site", raw.site, "site");
        let metrics = raw.metrics.map(|path| self.absolute("metrics", &path));
        let paths = Paths {
            deposits,
            validated: validated?,
            validated_configured,
            state: state?,
            site: site?,
            metrics,
        };
        self.apart(&paths);
        Some(paths)
    }

    fn folder(&mut self, key: &str, typed: Option<PathBuf>, default: &str) -> Option<PathBuf> {
        if let Some(path) = typed {
            return Some(self.absolute(key, &path));
        }
        let folder = self.environment.state_folder().map(|folder| folder.join(default));
        if folder.is_none() {
            self.fault_at("paths", key, "is not set, and there is no home folder to put it in; set it");
        }
        folder
    }

    /// `~/` is the home folder; what is relative begins at the configuration's folder.
    pub(super) fn absolute(&mut self, key: &str, path: &Path) -> PathBuf {
        if path.as_os_str().is_empty() {
            self.fault_at("paths", key, "is empty");
        }
        self.resolved(path)
    }

    pub(super) fn resolved(&self, path: &Path) -> PathBuf {
        let folder =
            self.document.file.as_deref().and_then(Path::parent).unwrap_or(&self.environment.current_dir);
        match (path.strip_prefix("~"), &self.environment.home) {
            (Ok(rest), Some(home)) => normal(&home.join(rest)),
            _ => normal(&folder.join(path)),
        }
    }

    fn apart(&mut self, paths: &Paths) {
        let named = [("validated", &paths.validated), ("state", &paths.state), ("site", &paths.site)];
        for (index, deposit) in paths.deposits.iter().enumerate() {
            if paths.deposits.iter().take(index).any(|other| overlap(deposit, other)) {
                self.misplaced(
                    "deposits",
                    deposit,
                    "stands twice, or inside another one: every backup would be seen twice",
                );
            }
            for (key, path) in named {
                if path.starts_with(deposit) {
                    self.misplaced(key, path, "lies inside a deposit folder, where agents write");
                } else if deposit.starts_with(path) {
                    self.misplaced(
                        "deposits",
                        deposit,
                        &format!("lies inside `{key}`, where backupmon writes"),
                    );
                }
            }
        }
        for (key, path) in [("validated", &paths.validated), ("state", &paths.state)] {
            if path.starts_with(&paths.site) {
                self.misplaced(key, path, "lies inside `site`, which a web server shows to others");
            }
        }
        for (key, path) in [("site", &paths.site), ("state", &paths.state)] {
            if path.starts_with(&paths.validated) {
                self.misplaced(key, path, "lies inside `validated`, which holds nothing but versions");
            }
        }
    }

    fn misplaced(&mut self, key: &str, path: &Path, reason: &str) {
        let reason = format!("`{}` {reason}; name another folder", path.display());
        let mut fault = Section::single("paths").fault(self.document, key, reason);
        if key == "deposits" && matches!(fault.place, Place::Nowhere) {
            fault = Fault { place: Place::CommandLine, ..fault };
        }
        self.faults.push(fault);
    }
}

fn overlap(a: &Path, b: &Path) -> bool {
    a.starts_with(b) || b.starts_with(a)
}

/// Without `.` and `..`, so that paths can be compared by their components.
fn normal(path: &Path) -> PathBuf {
    let mut normal = PathBuf::new();
    for component in path.components() {
        match component {
            Component::CurDir => {}
            Component::ParentDir => {
                normal.pop();
            }
            Component::Prefix(_) | Component::RootDir | Component::Normal(_) => {
                normal.push(component);
            }
        }
    }
    normal
}
