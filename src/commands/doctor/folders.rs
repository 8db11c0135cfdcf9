//! Whether the folders are there, can be read or written by this user, and lie where they should.

use std::fs;
use std::os::unix::fs::MetadataExt as _;
use std::path::Path;

use rustix::fs::{Access, access};

use super::finding::Findings;
use crate::commands::context::Context;
use crate::files::shown;
use crate::source::Source as _;

pub fn look(context: &Context, findings: &mut Findings) {
    deposits(context, findings);
    let paths = &context.config.paths;
    validated(context, findings);
    writable("state folder", paths.state.parent().unwrap_or(Path::new("/")), "state", findings);
    writable("site folder", &paths.site, "site", findings);
    if let Some(metrics) = &paths.metrics {
        writable("metrics folder", metrics, "metrics", findings);
    }
}

fn deposits(context: &Context, findings: &mut Findings) {
    let roots = &context.config.paths.deposits;
    if roots.is_empty() {
        findings.fail("deposits", "none is configured: set `deposits` in [paths]");
        return;
    }
    let source = context.source();
    let found = source.agents();
    for root in roots {
        let shown = shown(root);
        if let Some((_, fault)) = found.unreadable_roots.iter().find(|(unreadable, _)| unreadable == root) {
            let mend = "mount it, or let backupmon's user read it";
            findings.fail("deposits", format!("{shown}: {fault}; {mend}"));
            continue;
        }
        let agents: Vec<_> = found.agents.iter().filter(|agent| agent.root == *root).collect();
        let unreadable: Vec<String> = agents
            .iter()
            .filter_map(|agent| Some(format!("{}: {}", agent.id, source.reports(agent).err()?)))
            .collect();
        if let Some(first) = unreadable.first() {
            findings.fail(
                "deposits",
                format!(
                    "{shown}: {} of {} agents' folders cannot be read, the first is {first}",
                    unreadable.len(),
                    agents.len()
                ),
            );
        } else if agents.is_empty() {
            findings.warn(
                "deposits",
                format!("{shown}: no agent has a folder here yet; is it the right folder, and mounted?"),
            );
        } else if may_write(root) && !rustix::process::geteuid().is_root() {
            findings.warn(
                "deposits",
                format!(
                    "{shown}: {} agents; this user may write here, and needs only to read: take it away",
                    agents.len()
                ),
            );
        } else {
            findings.ok("deposits", format!("{shown}: {} agents, readable", agents.len()));
        }
    }
    for name in &found.twice {
        findings.fail(
            "deposits",
            format!("agent {name} lies under two roots: only the first is looked at; rename one"),
        );
    }
    for name in &found.invalid {
        findings.warn(
            "deposits",
            format!("the folder `{name}` has no name of an agent, and is left out: rename it"),
        );
    }
}

fn validated(context: &Context, findings: &mut Findings) {
    let paths = &context.config.paths;
    if !paths.validated_configured {
        findings.warn(
            "validated",
            format!("{}: nobody set it, so only what takes under a tenth of the free space is kept; set `validated` in [paths]", shown(&paths.validated)),
        );
    }
    writable("validated folder", &paths.validated, "validated", findings);
    let device = |path: &Path| {
        let existing = path.ancestors().find(|folder| folder.exists())?;
        Some(fs::metadata(existing).ok()?.dev())
    };
    let of_validated = device(&paths.validated);
    match paths.deposits.iter().find(|root| of_validated.is_some() && device(root) == of_validated) {
        Some(root) => findings.warn(
            "validated file system",
            format!(
                "the same as of {}: agents that fill it stop promotion; give it one of its own",
                shown(root)
            ),
        ),
        None => findings.ok("validated file system", "another one than the deposits'"),
    }
}

fn writable(name: &'static str, folder: &Path, key: &str, findings: &mut Findings) {
    let path = shown(folder);
    let Some(existing) = folder.ancestors().find(|path| path.exists()) else {
        findings.fail(name, format!("{path}: nothing of it is there; set `{key}` in [paths]"));
        return;
    };
    if !existing.is_dir() {
        findings.fail(name, format!("{path}: {} is no folder; set `{key}` in [paths]", shown(existing)));
    } else if !may_write(existing) {
        findings.fail(
            name,
            format!("{path}: this user may not write in {}; let it own the folder", shown(existing)),
        );
    } else if existing == folder {
        findings.ok(name, format!("{path}: writable"));
    } else {
        findings.ok(name, format!("{path}: the first run creates it"));
    }
}

fn may_write(folder: &Path) -> bool {
    access(folder, Access::WRITE_OK | Access::EXEC_OK).is_ok()
}
