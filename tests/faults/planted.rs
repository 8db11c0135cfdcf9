//! R17: do the suites see anything? Bugs are planted in a copy of the source, and each must be caught by at least one.
//!
//! The product knows nothing of this: the copy's expressions are replaced by ones that ask whether their bug is meant,
//! which is said by the name under which the program is called. So one build serves for all bugs.

use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::process::Command;

use tempfile::TempDir;

use crate::checker::Invariant;
use crate::set::{Outcome, Set, Size};
use crate::tally::Tally;

struct Bug {
    name: &'static str,
    file: &'static str,
    /// An expression of the source, and what stands in its place.
    sound: &'static str,
    planted: &'static str,
    /// The suite that is asked first, and in the quick set alone.
    suite: &'static str,
    /// The calls at which that suite must look; all where it is empty.
    calls: &'static str,
    /// The work that it must disturb; all where it is empty.
    work: &'static str,
}

const BUGS: [Bug; 18] = [
    Bug {
        name: "data-is-not-synced",
        file: "src/files/new_file.rs",
        sound: "self.settle(access)?.sync_all().at(\"fsync\", &self.path)",
        planted: "self.settle(access).map(|_| ())",
        suite: "power",
        calls: "",
        work: "first run",
    },
    Bug {
        name: "failed-sync-is-ignored",
        file: "src/files/new_file.rs",
        sound: "self.settle(access)?.sync_all().at(\"fsync\", &self.path)",
        planted: "self.settle(access).map(|file| drop(file.sync_all()))",
        suite: "errors",
        calls: "fsync",
        work: "first run",
    },
    Bug {
        name: "folder-is-not-synced",
        file: "src/files/folder.rs",
        sound: "File::open(path).at(\"open\", path)?.sync_all()",
        planted: "io::Result::Ok(())",
        suite: "crash states",
        calls: "",
        work: "first run",
    },
    Bug {
        name: "pointer-before-folder-is-synced",
        file: "src/files/temp.rs",
        sound: "sync_or_take_back(&self.path, to)?",
        planted: "()",
        suite: "crash states",
        calls: "",
        work: "first run",
    },
    Bug {
        name: "pointer-is-removed-then-made",
        file: "src/files/folder.rs",
        sound: "fs::rename(&temp, link)",
        planted: "fs::remove_file(link).or(Ok(())).and_then(|()| fs::rename(&temp, link))",
        suite: "kill",
        calls: "rename",
        work: "later run",
    },
    Bug {
        name: "failed-switch-is-ignored",
        file: "src/scan/settle.rs",
        sound: "vault.switch(&job.key, &record.version).map_err(|error| error.to_string())?",
        planted: "drop(vault.switch(&job.key, &record.version))",
        suite: "errors",
        calls: "rename,symlink",
        work: "promote",
    },
    Bug {
        name: "leftovers-stay",
        file: "src/vault/mod.rs",
        sound: "files::remove_temps(&self.temp_folder())?",
        planted: "Vec::new()",
        suite: "kill",
        calls: "fsync",
        work: "first run",
    },
    Bug {
        name: "mail-is-marked-before-it-is-sent",
        file: "src/notify/deliver.rs",
        sound: "self.send(mail)",
        planted: "{ self.store.mail_sent(mail.id, self.now)?; self.send(mail) }",
        suite: "kill",
        calls: "sendto",
        work: "notify",
    },
    Bug {
        name: "failed-mail-is-marked-as-sent",
        file: "src/notify/deliver.rs",
        sound: "self.send(mail)",
        planted: "Ok::<(), SendError>(drop(self.send(mail)))",
        suite: "errors",
        calls: "sendto,connect",
        work: "notify",
    },
    Bug {
        name: "exit-is-always-0",
        file: "src/commands/run.rs",
        sound: "if summary.not_done.is_empty() { Exit::Done } else { Exit::Incomplete }",
        planted: "Exit::Done",
        suite: "full disk",
        calls: "",
        work: "first run",
    },
    Bug {
        name: "lock-is-not-taken",
        file: "src/files/lock.rs",
        sound: "flock(&file, FlockOperation::NonBlockingLockExclusive)",
        planted: "rustix::io::Result::Ok(())",
        suite: "state damage",
        calls: "rename",
        work: "",
    },
    Bug {
        name: "failed-write-is-ignored",
        file: "src/files/new_file.rs",
        sound: "self.file.write(bytes)",
        planted: "self.file.write(bytes).or(Ok(bytes.len()))",
        suite: "full disk",
        calls: "",
        work: "first run",
    },
    Bug {
        name: "state-is-not-synced",
        file: "src/store/sqlite/open.rs",
        sound: "if each { \"FULL\" } else { \"OFF\" }",
        planted: "\"OFF\"",
        suite: "power",
        calls: "",
        work: "later run",
    },
    Bug {
        name: "bytes-are-not-compared",
        file: "src/domain/verdict.rs",
        sound: "found.sha256 == *wanted",
        planted: "true",
        suite: "races",
        calls: "",
        work: "",
    },
    Bug {
        name: "moved-report-is-deleted",
        file: "src/source/deposit/archive.rs",
        sound: "files::rename_noreplace_at(from, file, to, &name)",
        planted: "rustix::fs::unlinkat(from, file, rustix::fs::AtFlags::empty())
            .map(|()| true)
            .map_err(std::io::Error::from)",
        suite: "kill",
        calls: "",
        work: "run that moves reports",
    },
    Bug {
        name: "version-dies-under-its-name",
        file: "src/vault/remove.rs",
        sound: "TempDir::take_over(&folder, &temps)?.remove()?",
        planted: "files::remove_tree(&folder)?",
        suite: "kill",
        calls: "unlinkat",
        work: "prune",
    },
    Bug {
        name: "own-failure-is-the-agents",
        file: "src/source/deposit/beneath.rs",
        sound: "Fault::Monitors(other.to_string())",
        planted: "Fault::Absent",
        suite: "errors",
        calls: "openat2",
        work: "first run",
    },
    Bug {
        name: "memory-is-wasted",
        file: "src/commands/run.rs",
        sound: "context.is_pretended()?",
        planted: "{ std::hint::black_box(vec![1_u8; 100 << 20]); context.is_pretended()? }",
        suite: "full disk",
        calls: "",
        work: "first run",
    },
];

const SUITES: [&str; 7] = ["kill", "errors", "power", "crash states", "full disk", "races", "state damage"];

/// Building the copy takes too long for every submission. Asked for by name, the quick set asks each bug's own suite.
pub fn not_asked() -> Option<String> {
    let is_asked = Set::of_environment().size == Size::Full || std::env::args().any(|word| word == "planted");
    (!is_asked).then(|| "only in the full set (FAULTS=full), or by name".to_owned())
}

/// What one suite came to with one bug.
struct Cell {
    caught: bool,
    /// Faults that it needed, or tried in vain.
    tried: String,
}

pub fn suite(set: Set) -> Tally {
    let build = build();
    let mut tally = Tally::default();
    print_header();
    for bug in &BUGS {
        let program = build.folder.path().join(bug.name);
        symlink(&build.program, &program).unwrap();
        let suites = SUITES.into_iter().filter(|suite| set.size == Size::Full || *suite == bug.suite);
        let cells: BTreeMap<&str, Cell> =
            suites.map(|suite| (suite, ask(bug, &program, suite, set))).collect();
        let mut outcome = Outcome::default();
        if !cells.values().any(|cell| cell.caught) {
            outcome.broken.push(Invariant::ExitIsTrue.broken("no suite has seen it"));
        }
        tally.add(bug.name, outcome);
        print_row(bug.name, &cells);
    }
    println!("planted bugs caught {}/{}", tally.survived, BUGS.len());
    // These are no faults of the product, and are not counted among them.
    Tally { tried: 0, survived: 0, ..tally }
}

struct Build {
    program: PathBuf,
    /// Where it gets the names of the bugs.
    folder: TempDir,
}

/// The program with all bugs in it, each asleep.
fn build() -> Build {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let (copy, folder) = (TempDir::new().unwrap(), TempDir::new().unwrap());
    let is_source = |name: &std::ffi::OsStr| name != "target" && name != ".git";
    for part in fs::read_dir(root).unwrap().map(Result::unwrap).filter(|part| is_source(&part.file_name())) {
        done(Command::new("cp").arg("-r").arg(part.path()).arg(copy.path()));
    }
    let edit = |file: &str, change: &dyn Fn(String) -> String| {
        let path = copy.path().join(file);
        fs::write(&path, change(fs::read_to_string(&path).unwrap())).unwrap();
    };
    for bug in &BUGS {
        edit(bug.file, &|text| plant(bug, &text));
    }
    let ask = "\n/// The name of a planted bug is the one under which the program was called.\n\
        #[must_use]\npub fn is_planted(bug: &str) -> bool {\n    \
        std::env::args_os().next().is_some_and(|name| std::path::Path::new(&name).ends_with(bug))\n}\n";
    edit("src/lib.rs", &|text| text + ask);
    // Under another name, for it is built beside the real one, with the same dependencies.
    edit("Cargo.toml", &|text| {
        text.replacen(
            "name = \"backupmon\"\npath = \"src/main.rs\"",
            "name = \"backupmon-planted\"\npath = \"src/main.rs\"",
            1,
        )
    });
    let target = root.join("target");
    let mut cargo = Command::new(env!("CARGO"));
    cargo.args(["build", "--quiet", "--locked", "--bin", "backupmon-planted", "--target-dir"]).arg(&target);
    // What cargo tells a test of its package is no setting: dependencies that look at it would be built anew.
    for (name, _) in std::env::vars_os().filter(|(name, _)| name.to_string_lossy().starts_with("CARGO_")) {
        if name != "CARGO_HOME" && name != "CARGO_TARGET_DIR" {
            cargo.env_remove(name);
        }
    }
    done(cargo.current_dir(copy.path()));
    Build { program: target.join("debug/backupmon-planted"), folder }
}

fn plant(bug: &Bug, text: &str) -> String {
    let Bug { name, sound, planted, .. } = bug;
    assert!(text.contains(sound), "{} has no `{sound}` any more: mend the bug {name}", bug.file);
    // Wherever it stands: a bug in one of two places may be hidden by the other.
    text.replace(sound, &format!("(if !crate::is_planted(\"{name}\") {{ {sound} }} else {{ {planted} }})"))
}

/// Cases of each kind and work with which a suite is asked that is not the bug's own.
const FEW: &str = "2";

/// Whether a suite finds anything broken with this program.
fn ask(bug: &Bug, program: &Path, suite: &str, set: Set) -> Cell {
    let mut command = Command::new(std::env::current_exe().unwrap());
    command.arg(suite).env("BACKUPMON_UNDER_TEST", program).env("FAULTS", "quick");
    command.env("FAULTS_UNTIL_BROKEN", "1").env("FAULTS_SEED", set.seed.to_string());
    if suite == bug.suite {
        command.env("FAULTS_CALLS", bug.calls).env("FAULTS_WORK", bug.work);
    } else {
        command.env("FAULTS_MOST", FEW);
    }
    let output = command.output().unwrap();
    let printed = String::from_utf8_lossy(&output.stdout);
    // Where not even the undisturbed work comes to its end, there is no figure.
    let tried = printed.lines().find_map(|line| line.strip_prefix("faults tried ")?.split(' ').next());
    // A suite that was skipped, or that failed by itself, has caught nothing.
    let is_undone = String::from_utf8_lossy(&output.stderr).contains(", undisturbed:");
    Cell { caught: is_undone || printed.lines().any(is_finding), tried: tried.unwrap_or("0").to_owned() }
}

/// `  first run: error=EIO at fsync 3: I6: exit 0 although ...`.
fn is_finding(line: &str) -> bool {
    let names_invariant = (1..=10).any(|n| line.contains(&format!(": I{n}: ")));
    line.starts_with("  ") && names_invariant && !line.contains("the test panicked")
}

fn print_header() {
    println!("  `caught/3`: seen with the third fault that was tried; `-/20`: not seen by twenty.");
    println!("  A bug's own suite (*) tries until it sees it, the others {FEW} of each kind and work.");
    println!("  {:34} {}", "planted bug", SUITES.map(|suite| format!("{suite:13}")).join(" ").trim_end());
}

fn print_row(name: &str, cells: &BTreeMap<&str, Cell>) {
    let own = BUGS.iter().find(|bug| bug.name == name).map_or("", |bug| bug.suite);
    let text = |suite: &str| match cells.get(suite) {
        Some(Cell { caught, tried }) => {
            let mark = if suite == own { "*" } else { "" };
            format!("{}/{tried}{mark}", if *caught { "caught" } else { "-" })
        }
        None => String::new(),
    };
    let row = SUITES.map(|suite| format!("{:13}", text(suite))).join(" ");
    println!("  {name:34} {}", row.trim_end());
}

fn done(command: &mut Command) {
    let output = command.output().unwrap_or_else(|error| panic!("{command:?}: {error}"));
    assert!(output.status.success(), "{command:?}:\n{}", String::from_utf8_lossy(&output.stderr));
}
