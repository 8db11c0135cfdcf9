//! Jobs and agents as a whole: assumed schedules, agents that never reported, what belongs to no job.

use std::collections::{HashMap, HashSet};

use super::Known;
use super::finding::Findings;
use crate::commands::context::Context;
use crate::domain::text::{printable, size};
use crate::domain::{AgentId, JobKey, Status};
use crate::source::Source as _;
use crate::store::Store as _;

/// So many are named, the rest is counted.
const NAMED: usize = 5;

pub fn look(context: &Context, known: &Known, findings: &mut Findings) {
    schedules(known, findings);
    silent_agents(known, findings);
    orphaned_dumps(context, known, findings);
    orphaned_versions(context, known, findings);
}

fn schedules(known: &Known, findings: &mut Findings) {
    let watched = known.snapshot.jobs.iter().filter(|known| known.standing.status != Status::Retired);
    let (mut jobs, mut assumed) = (0, 0);
    for known in watched {
        jobs += 1;
        assumed += usize::from(known.effective.assumed);
    }
    if jobs == 0 {
        findings.warn("schedules", "there is no job yet: a readable report of an agent makes one");
    } else if assumed > 0 {
        findings.warn(
            "schedules",
            format!("{assumed} of {jobs} jobs have one that nobody set (every 24h): `backupmon jobs suggest`, or set it in [defaults]"),
        );
    } else {
        findings.ok("schedules", format!("{jobs} jobs, each with a schedule"));
    }
}

fn silent_agents(known: &Known, findings: &mut Findings) {
    let agents = match known.store.agents() {
        Ok(agents) => agents,
        Err(error) => return findings.fail("agents", error.to_string()),
    };
    let silent: Vec<String> = agents
        .iter()
        .filter(|agent| agent.last_report_at.is_none())
        .map(|agent| agent.id.to_string())
        .collect();
    if silent.is_empty() {
        findings.ok("agents", format!("{}, each has reported", agents.len()));
    } else {
        let hint =
            format!("{} of {} never sent a readable report: {}", silent.len(), agents.len(), some(&silent));
        findings.warn("agents", hint);
    }
}

/// Files under `databases/` that no job speaks of. Nothing watches them.
fn orphaned_dumps(context: &Context, known: &Known, findings: &mut Findings) {
    if known.snapshot.meta.last_scan.is_none() {
        return;
    }
    let mut files: HashSet<(&AgentId, &str)> = HashSet::new();
    let mut databases: HashSet<(&AgentId, &str)> = HashSet::new();
    for known in &known.snapshot.jobs {
        let (agent, state) = (&known.job.key.agent, &known.job.state);
        databases.insert((agent, known.job.key.database.as_str()));
        files.extend(state.staged.iter().map(|mark| (agent, mark.file.as_str())));
        files.extend(state.good.iter().map(|good| (agent, good.file.as_str())));
    }
    let source = context.source();
    let (mut orphans, mut bytes) = (Vec::new(), 0_u64);
    for agent in source.agents().agents {
        for (file, identity) in source.dumps(&agent).unwrap_or_default() {
            let database = file.split('.').next().unwrap_or_default();
            if !files.contains(&(&agent.id, file.as_str())) && !databases.contains(&(&agent.id, database)) {
                bytes = bytes.saturating_add(identity.size);
                orphans.push(format!("{}/{}", agent.id, printable(&file)));
            }
        }
    }
    if orphans.is_empty() {
        findings.ok("orphans", "every dump in the deposits belongs to a job");
    } else {
        let hint = format!(
            "{} dumps of {} in the deposits that no report speaks of, and that nobody watches: {}; `backupmon jobs add AGENT/DATABASE` expects one",
            orphans.len(),
            size(bytes),
            some(&orphans)
        );
        findings.warn("orphans", hint);
    }
}

fn orphaned_versions(context: &Context, known: &Known, findings: &mut Findings) {
    let vault = context.vault();
    let keys: HashSet<&JobKey> = known.snapshot.jobs.iter().map(|known| &known.job.key).collect();
    let listings = match vault.root().try_exists() {
        Ok(true) => vault.all(),
        _ => return,
    };
    let listings = match listings {
        Ok(listings) => listings,
        Err(error) => return findings.fail("versions", error.to_string()),
    };
    let mut orphans: HashMap<String, u64> = HashMap::new();
    let mut count = 0;
    for listing in listings {
        match listing {
            Ok(listing) => {
                for version in listing.versions {
                    count += 1;
                    if !keys.contains(&version.key) {
                        *orphans.entry(printable(&version.key.to_string())).or_default() +=
                            version.record.size_bytes;
                    }
                }
            }
            Err(error) => return findings.fail("versions", error.to_string()),
        }
    }
    if orphans.is_empty() {
        return findings.ok("versions", format!("{count}, all of known jobs"));
    }
    let bytes: u64 = orphans.values().sum();
    let mut names: Vec<String> = orphans.into_keys().collect();
    names.sort();
    findings.warn(
        "versions",
        format!(
            "{} of no job, never removed: {}; `backupmon jobs add AGENT/DATABASE` adopts them",
            size(bytes),
            some(&names)
        ),
    );
}

fn some(names: &[String]) -> String {
    let first = names.iter().take(NAMED).map(String::as_str).collect::<Vec<_>>().join(", ");
    let rest = names.len().saturating_sub(NAMED);
    if rest == 0 { first } else { format!("{first} and {rest} more") }
}
