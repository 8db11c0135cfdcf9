//! A copy of the source with all bugs in it, each asleep, built once: the program, and the tests that call its library.
//!
//! A bug wakes where the program, or the test, was called by its name. That is the one thing that reaches a program
//! through everything that may stand before it, such as a cleared environment.

use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use serde_json::Value;
use tempfile::TempDir;

use super::bugs::Bug;

/// What the copy calls its package and its program: it is built beside the real one, with the same dependencies. Cargo
/// would take two packages of one name, each at the root of its workspace, for one, and the copy's library for the real.
const PROGRAM: &str = "backupmon-planted";

const IS_PLANTED: &str = "
/// The name of a planted bug is the one under which the program was called.
#[must_use]
pub fn is_planted(bug: &str) -> bool {
    static NAME: std::sync::OnceLock<Option<std::ffi::OsString>> = std::sync::OnceLock::new();
    let called = || std::env::args_os().next().and_then(|path| Some(std::path::Path::new(&path).file_name()?.into()));
    NAME.get_or_init(called).as_ref().is_some_and(|name| name == bug)
}
";

pub struct Copy {
    pub root: PathBuf,
    /// The program, and each of the tests, by their names.
    built: BTreeMap<String, PathBuf>,
    /// Where they get the names of the bugs.
    names: TempDir,
}

impl Copy {
    /// Builds the program, and the tests of these names.
    pub fn build(bugs: &[Bug], tests: &[&str]) -> Self {
        let source = Path::new(env!("CARGO_MANIFEST_DIR"));
        let target = source.join("target");
        // Always in the same place, for cargo keeps what it has built of each.
        let root = target.join("planted");
        copy(source, &root);
        for bug in bugs {
            for edit in &bug.edit {
                change(&root.join(&edit.file), |text| edit.plant(&bug.name, &text));
            }
        }
        change(&root.join("src/lib.rs"), |text| text + IS_PLANTED);
        change(&root.join("Cargo.toml"), |text| renamed(&text) + "\n[workspace]\n");
        change(&root.join("Cargo.lock"), |text| renamed(&text));
        change(&root.join("tests/cli/harness.rs"), |text| {
            text.replace("CARGO_BIN_EXE_backupmon", &format!("CARGO_BIN_EXE_{PROGRAM}"))
        });
        let mut built = build(&root, &target, tests);
        built.insert(PROGRAM.to_owned(), target.join("debug").join(PROGRAM));
        Self { root, built, names: TempDir::new().unwrap() }
    }

    /// The program with one bug awake.
    pub fn program(&self, bug: &str) -> PathBuf {
        self.called(PROGRAM, bug)
    }

    /// A test with one bug awake.
    pub fn test(&self, test: &str, bug: &str) -> PathBuf {
        self.called(test, bug)
    }

    fn called(&self, built: &str, bug: &str) -> PathBuf {
        let folder = self.names.path().join(built);
        fs::create_dir_all(&folder).unwrap();
        let link = folder.join(bug);
        if !link.is_symlink() {
            symlink(&self.built[built], &link).unwrap();
        }
        link
    }
}

/// Package and program under their new name, and the library under its old one.
fn renamed(text: &str) -> String {
    text.replace("name = \"backupmon\"\n", &format!("name = \"{PROGRAM}\"\n"))
        .replace("[lib]\n", "[lib]\nname = \"backupmon\"\n")
}

/// All but what was built and what git knows.
fn copy(source: &Path, root: &Path) {
    if root.exists() {
        fs::remove_dir_all(root).unwrap();
    }
    fs::create_dir_all(root).unwrap();
    for part in fs::read_dir(source).unwrap().map(Result::unwrap) {
        if part.file_name() != "target" && part.file_name() != ".git" {
            done(Command::new("cp").arg("-r").arg(part.path()).arg(root));
        }
    }
}

fn change(path: &Path, change: impl FnOnce(String) -> String) {
    fs::write(path, change(fs::read_to_string(path).unwrap())).unwrap();
}

/// Gives where the tests are.
fn build(root: &Path, target: &Path, tests: &[&str]) -> BTreeMap<String, PathBuf> {
    let mut cargo = Command::new(env!("CARGO"));
    cargo.args(["test", "--no-run", "--quiet", "--locked", "--message-format=json-render-diagnostics"]);
    cargo.args(["--bin", PROGRAM]).arg("--target-dir").arg(target);
    cargo.args(tests.iter().flat_map(|test| ["--test", test]));
    // What cargo tells a test of its package is no setting: dependencies that look at it would be built anew.
    for (name, _) in std::env::vars_os().filter(|(name, _)| name.to_string_lossy().starts_with("CARGO_")) {
        if name != "CARGO_HOME" && name != "CARGO_TARGET_DIR" {
            cargo.env_remove(name);
        }
    }
    let said = done(cargo.current_dir(root));
    let messages = said.lines().filter_map(|line| serde_json::from_str::<Value>(line).ok());
    let of_test = |message: Value| {
        let is_test = message["target"]["kind"][0] == "test";
        let (name, path) = (message["target"]["name"].as_str()?, message["executable"].as_str()?);
        is_test.then(|| (name.to_owned(), PathBuf::from(path)))
    };
    messages.filter_map(of_test).collect()
}

fn done(command: &mut Command) -> String {
    let output = command.stdin(Stdio::null()).output().unwrap_or_else(|error| panic!("{command:?}: {error}"));
    assert!(output.status.success(), "{command:?}:\n{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8_lossy(&output.stdout).into_owned()
}
