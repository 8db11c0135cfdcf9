//! R11: the deposits or the versions lie on a mount that fails now and then, as one of a network does: a read that fails,
//! ends early or hangs, a write that is refused late, a sync, a rename.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::Duration;

use tempfile::TempDir;

use crate::harness::Site;
use crate::set::{Outcome, Set};
use crate::story::{Expected, MEMORY_FOLDER, Stage, limited};
use crate::tally::Tally;
use crate::work::FIRST_DAY;

const FEW: usize = 12;
/// After which a hanging run is ended, as a service manager does.
const PATIENCE: &str = "2";
/// A mount that takes longer does not come.
const MOUNTED_AFTER: usize = 500;

/// Debian's own, which sees Debian's packages.
const PYTHON: &str = "/usr/bin/python3";

/// What fails of which operation, at which of them, and at each later one.
#[derive(Debug, Clone, Copy)]
struct Fault {
    folder: &'static str,
    operation: &'static str,
    error: &'static str,
    first: usize,
    /// A part of the paths that are meant.
    path: &'static str,
    /// A run that meets this has not done its work.
    must_be_told: bool,
}

impl Fault {
    fn of_deposits(operation: &'static str, error: &'static str, path: &'static str, first: usize) -> Self {
        Self { folder: "deposits", operation, error, first, path, must_be_told: error != "hang" }
    }

    fn of_versions(operation: &'static str, error: &'static str, first: usize) -> Self {
        // What is closed was synced before.
        Self { folder: "validated", operation, error, first, path: "", must_be_told: operation != "flush" }
    }

    fn name(&self) -> String {
        let Self { folder, operation, error, first, path, .. } = self;
        format!("{folder}: {error} at {operation} {first} {path}")
    }
}

fn faults() -> Vec<Fault> {
    let mut faults = Vec::new();
    for first in 1..=2 {
        for path in ["/log/", "/databases/"] {
            faults.extend(["EIO", "ESTALE"].map(|error| Fault::of_deposits("read", error, path, first)));
            faults.extend(["EIO", "ESTALE"].map(|error| Fault::of_deposits("open", error, path, first)));
        }
        faults.push(Fault::of_deposits("readdir", "EIO", "", first));
        faults.push(Fault::of_deposits("readdir", "ESTALE", "/log", first));
        faults.push(Fault::of_deposits("read", "short", "/databases/", first));
        faults.push(Fault::of_deposits("read", "short", "/log/", first));
        faults.push(Fault::of_deposits("read", "hang", "/databases/", first));
    }
    for first in [1, 2, 4] {
        faults.push(Fault::of_versions("write", "ENOSPC", first));
        faults.push(Fault::of_versions("write", "EIO", first));
        faults.push(Fault::of_versions("fsync", "EIO", first));
        faults.push(Fault::of_versions("fsync", "ENOSPC", first));
        faults.push(Fault::of_versions("fsyncdir", "EIO", first));
        faults.push(Fault::of_versions("rename", "ESTALE", first));
        faults.push(Fault::of_versions("flush", "EIO", first));
    }
    faults.push(Fault::of_versions("symlink", "EIO", 1));
    faults.push(Fault::of_versions("create", "ESTALE", 1));
    faults
}

pub fn suite(set: Set) -> Tally {
    let mut tally = Tally::default();
    for work in set.works(&[&FIRST_DAY]) {
        for folder in ["deposits", "validated"] {
            // Such a mount knows no leases, so that a file that differs is waited for.
            let site = Site::in_memory();
            let mount = Mount::over(&site.path(folder));
            let expected = Expected::on(work, site);
            drop(mount);
            let faults = faults().into_iter().filter(|fault| fault.folder == folder).collect();
            let stage = || {
                let site = Site::in_memory();
                let mount = Mount::over(&site.path(folder));
                (mount, Stage::set(work, site))
            };
            let one =
                |(mount, stage): &mut (Mount, Stage), fault: &Fault| one(mount, stage, fault, &expected);
            tally += &set.sweep(set.sample(faults, FEW / 2, usize::MAX), Fault::name, stage, one);
        }
    }
    tally
}

fn one(mount: &Mount, stage: &mut Stage, fault: &Fault, expected: &Expected) -> Outcome {
    let mut story = stage.begin();
    mount.order(fault);
    let call = limited(story.command());
    let hangs = fault.error == "hang";
    let ran = if hangs { call.under("timeout", ["-s", "KILL", PATIENCE]).run() } else { call.run() };
    let hits = mount.recover();
    if hits.is_empty() {
        return Outcome { not_reached: true, ..Outcome::default() };
    }
    story.ambiguous = 1;
    let failed = hits.lines().next().filter(|_| fault.must_be_told);
    story.ended(&ran, expected, failed);
    story.look();
    story.repair(expected)
}

/// A folder behind `flaky.py`.
struct Mount {
    point: PathBuf,
    server: Child,
    control: PathBuf,
    // The last to go.
    _folder: TempDir,
}

impl Mount {
    fn over(point: &Path) -> Self {
        let folder = TempDir::new_in(MEMORY_FOLDER).unwrap();
        let (source, control) = (folder.path().join("source"), folder.path().join("control"));
        fs::create_dir(&source).unwrap();
        fs::create_dir_all(point).unwrap();
        fs::write(&control, "").unwrap();
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/faults/flaky.py");
        let mut python = Command::new(PYTHON);
        python.arg(script).arg(&source).arg(point).arg(&control);
        let server = python.stdout(Stdio::null()).spawn().unwrap();
        let mount = Self { point: point.to_owned(), server, control, _folder: folder };
        for _ in 0..MOUNTED_AFTER {
            let mounts = fs::read_to_string("/proc/self/mounts").unwrap();
            if mounts.lines().any(|line| line.split(' ').nth(1) == point.to_str()) {
                return mount;
            }
            thread::park_timeout(Duration::from_millis(10));
        }
        panic!("{} was not mounted", point.display());
    }

    fn order(&self, fault: &Fault) {
        let Fault { operation, error, first, path, .. } = fault;
        fs::write(&self.control, format!("{operation} {error} {first} {path}")).unwrap();
    }

    /// All is well again; gives what was hit.
    fn recover(&self) -> String {
        fs::write(&self.control, "").unwrap();
        let told = self.control.with_file_name("control.hit");
        let hits = fs::read_to_string(&told).unwrap_or_default();
        let _ = fs::remove_file(told);
        hits
    }
}

impl Drop for Mount {
    fn drop(&mut self) {
        // Lazily: what hangs must not keep the test from its end.
        let _ = Command::new("umount").arg("-l").arg(&self.point).status();
        let _ = self.server.kill();
        let _ = self.server.wait();
    }
}

/// Why no such mount can be had here.
pub fn missing() -> Option<String> {
    if let reason @ Some(_) = crate::mount::missing() {
        return reason;
    }
    if !Path::new("/dev/fuse").exists() {
        return Some("there is no /dev/fuse".to_owned());
    }
    let import = Command::new(PYTHON).args(["-c", "import fusepy"]).output();
    let is_there = import.is_ok_and(|output| output.status.success());
    (!is_there).then(|| "fusepy is not there (apt install python3-fusepy libfuse2)".to_owned())
}
