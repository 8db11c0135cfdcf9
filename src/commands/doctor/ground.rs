//! What surrounds the deposits and could help an agent that was stolen: the kernel's settings, who owns the agents' folders,
//! the transport; and the unit that starts the runs.

use std::fs;
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use super::finding::Findings;
use crate::commands::context::Context;
use crate::domain::text::printable;
use crate::files::shown;
use crate::source::Source as _;

/// See `proc_sys_fs(5)`. backupmon follows no link in the deposits whatever they say; others on the server may.
const KERNEL: [&str; 4] =
    ["protected_symlinks", "protected_hardlinks", "protected_fifos", "protected_regular"];
const RSYNC: &str = "/usr/bin/rsync";
const UNIT: &str = "backupmon.service";
const UNIT_FOLDERS: [&str; 4] = [
    "/etc/systemd/system",
    "/run/systemd/system",
    "/usr/local/lib/systemd/system",
    "/usr/lib/systemd/system",
];

pub fn look(context: &Context, findings: &mut Findings) {
    kernel(findings);
    owners(context, findings);
    rsync(findings);
    unit(findings);
}

fn kernel(findings: &mut Findings) {
    let is_off = |name: &str| {
        let value = fs::read_to_string(Path::new("/proc/sys/fs").join(name));
        value.is_ok_and(|value| value.trim() == "0")
    };
    let off: Vec<String> =
        KERNEL.iter().filter(|name| is_off(name)).map(|name| format!("fs.{name}")).collect();
    if off.is_empty() {
        findings.ok("kernel", "links, FIFOs and files of others are protected in shared folders");
    } else {
        let off = off.join(", ");
        findings.warn(
            "kernel",
            format!("{off} is 0: set it to 1 in a file under /etc/sysctl.d, against links of others"),
        );
    }
}

/// Whoever owns the agent's folder itself can put something else in the place of `log/`.
fn owners(context: &Context, findings: &mut Findings) {
    let agents = context.source().agents().agents;
    let own: Vec<String> = agents
        .iter()
        .filter(|agent| {
            let folder = fs::symlink_metadata(agent.root.join(agent.id.as_str()));
            folder.is_ok_and(|folder| is_open(folder.uid(), folder.mode()))
        })
        .map(|agent| printable(agent.id.as_str()))
        .collect();
    match own.first() {
        None if agents.is_empty() => {}
        None => findings.ok("agents' folders", "all belong to root, so that an agent cannot replace what is in them"),
        Some(first) => findings.warn(
            "agents' folders",
            format!(
                "{} of {} belong to somebody else than root or may be written by others, the first is {first}: an agent can \
                 replace its `log/`; see contrib/SECURITY.md",
                own.len(),
                agents.len()
            ),
        ),
    }
}

fn is_open(owner: u32, mode: u32) -> bool {
    owner != 0 || mode & 0o022 != 0
}

/// Its releases mend what a hostile sender can do; whether this one is mended only its distribution knows.
fn rsync(findings: &mut Findings) {
    if !Path::new(RSYNC).exists() {
        return;
    }
    let told = Command::new(RSYNC).arg("--version").stdin(Stdio::null()).stderr(Stdio::null()).output();
    let version =
        told.ok().and_then(|told| Some(String::from_utf8_lossy(&told.stdout).lines().next()?.to_owned()));
    match version {
        Some(version) => findings.ok(
            "rsync",
            format!("{}; it takes what strangers send: keep it patched", printable(version.trim())),
        ),
        None => findings.warn("rsync", format!("{RSYNC} does not say its version")),
    }
}

/// What the unit must set, and what happens without.
const WANTED: [(&str, &str); 3] = [
    ("TimeoutStartSec=", "a run that hangs is the last one"),
    ("MemoryMax=", "a run that takes too much memory harms the whole server"),
    ("OnFailure=", "nobody hears of a run that is killed"),
];

/// A oneshot unit has no limits of its own, and tells nobody how it ended.
fn unit(findings: &mut Findings) {
    let Some((path, text)) = UNIT_FOLDERS.iter().find_map(|folder| unit_in(Path::new(folder))) else {
        return;
    };
    let lacks: Vec<String> = WANTED
        .iter()
        .filter(|(key, _)| !sets(&text, key))
        .map(|(key, without)| format!("without {key} {without}"))
        .collect();
    if lacks.is_empty() {
        findings.ok("unit", format!("{}: with its limits, and a failure is told", shown(&path)));
    } else {
        let lacks = lacks.join(", ");
        findings.warn("unit", format!("{}: {lacks}; see contrib/systemd's", shown(&path)));
    }
}

/// A unit with its drop-ins, which stand after it.
fn unit_in(folder: &Path) -> Option<(PathBuf, String)> {
    let path = folder.join(UNIT);
    let mut text = fs::read_to_string(&path).ok()?;
    for above in UNIT_FOLDERS {
        let drop_ins = fs::read_dir(Path::new(above).join(format!("{UNIT}.d")));
        let mut drop_ins: Vec<PathBuf> =
            drop_ins.into_iter().flatten().flatten().map(|entry| entry.path()).collect();
        drop_ins.sort();
        for drop_in in drop_ins {
            text.push('\n');
            text.push_str(&fs::read_to_string(drop_in).unwrap_or_default());
        }
    }
    Some((path, text))
}

/// The last setting holds; `infinity` and 0 are none.
fn sets(text: &str, key: &str) -> bool {
    let mut set = text.lines().filter_map(|line| line.trim().strip_prefix(key));
    set.next_back().is_some_and(|limit| !["", "0", "infinity"].contains(&limit.trim()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_unit_without_a_limit_or_an_ear_is_seen_and_ours_lacks_only_the_name_of_one() {
        let ours = include_str!("../../../contrib/systemd/backupmon.service");
        let lacks = |text: &str| WANTED.iter().filter(|(key, _)| !sets(text, key)).count();
        assert_eq!((lacks(ours), lacks(&ours.replace("#OnFailure", "OnFailure")), lacks("")), (1, 0, 3));
        assert!(sets("OnFailure=notify-admin@%n.service", "OnFailure="));
        for without in [
            "[Service]\nType=oneshot\n",
            "TimeoutStartSec=infinity",
            "TimeoutStartSec=1h\nTimeoutStartSec=0",
            "#TimeoutStartSec=1h",
        ] {
            assert!(!sets(without, "TimeoutStartSec="), "{without}");
        }
    }

    #[test]
    fn a_folder_is_the_agents_own_when_somebody_but_root_can_write_in_it() {
        assert!(!is_open(0, 0o40755) && !is_open(0, 0o42750));
        assert!(is_open(1000, 0o40755) && is_open(0, 0o40775) && is_open(0, 0o40757));
    }
}
