//! A backup server in a temporary folder, on which the real program is run.
//!
//! The clock stands where the test puts it ([`Site::pass`]): every command gets `--now`, and what is deposited has it as
//! its mtime. A real file's ctime is the machine's and cannot be set; it lies after the harness's time, and backupmon
//! leaves out a file time that has not come yet, so first sight and mtime decide. The environment is empty but for
//! `HOME` and `TZ=UTC`.

use std::collections::BTreeMap;
use std::ffi::{OsStr, OsString};
use std::fmt;
use std::fs;
use std::io::Write as _;
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _};
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use chrono::{DateTime, TimeDelta, Utc};
use serde_json::Value;
use tempfile::TempDir;

use crate::report::Report;

/// Stands for the temporary folder in what is printed.
const SITE: &str = "$SITE";
/// A Monday long before the time of any machine that runs the tests.
const BEGIN: &str = "2020-06-15T08:00:00Z";

pub struct Site {
    folder: TempDir,
    now: DateTime<Utc>,
    env: BTreeMap<OsString, OsString>,
}

impl Site {
    /// With [`Site::configured`] and nothing special in it.
    pub fn new() -> Self {
        Self::configured("")
    }

    /// A server whose configuration has the usual paths and these sections. Jobs are on trial for no time, unless
    /// `sections` has a `[scan]` of its own.
    pub fn configured(sections: &str) -> Self {
        Self::in_folder(TempDir::new().unwrap(), sections)
    }

    /// The same in memory where the system has a place for that: for many small files, whose number is meant and not the
    /// speed of a disk.
    pub fn in_memory() -> Self {
        let memory = Path::new("/dev/shm");
        let folder = if memory.is_dir() { TempDir::new_in(memory) } else { TempDir::new() };
        Self::in_folder(folder.unwrap(), "")
    }

    /// The same below another folder: on a file system that the test has mounted.
    pub fn below(parent: &Path) -> Self {
        Self::in_folder(TempDir::new_in(parent).unwrap(), "")
    }

    fn in_folder(folder: TempDir, sections: &str) -> Self {
        let site = Self { folder, now: moment(BEGIN), env: BTreeMap::new() };
        // The account of another user must be able to pass through.
        fs::set_permissions(site.folder.path(), fs::Permissions::from_mode(0o755)).unwrap();
        fs::create_dir_all(site.path("deposits")).unwrap();
        fs::create_dir_all(site.path("home")).unwrap();
        site.configure(sections);
        site
    }

    /// Writes the configuration anew.
    pub fn configure(&self, sections: &str) {
        let scan = if sections.contains("[scan]") { "" } else { "[scan]\ntrial_days = 0\n" };
        // How full the disk of the tests is must decide nothing.
        let promote = if sections.contains("[promote]") { "" } else { "[promote]\nmin_free = '0'\n" };
        let paths = "[paths]\ndeposits = 'deposits'\nvalidated = 'validated'\nstate = 'state/state.db'\nsite = 'site'\n";
        self.write("config.toml", format!("{paths}{scan}{promote}{sections}"));
    }

    /// Begins at another moment.
    pub fn at(mut self, now: &str) -> Self {
        self.now = moment(now);
        self
    }

    /// Sets a variable of the environment for every command.
    pub fn env(mut self, name: &str, value: impl AsRef<OsStr>) -> Self {
        self.env.insert(name.into(), value.as_ref().to_owned());
        self
    }

    pub fn now(&self) -> DateTime<Utc> {
        self.now
    }

    /// Time goes by, and by nothing else.
    pub fn pass(&mut self, span: TimeDelta) -> &mut Self {
        self.now += span;
        self
    }

    pub fn path(&self, path: &str) -> PathBuf {
        self.folder.path().join(path)
    }

    /// Puts a report into its agent's `log/` and the dumps of its good entries into `databases/`; gives the report's path.
    pub fn deposit(&self, report: &Report) -> PathBuf {
        for (file, bytes) in &report.dumps {
            self.dump(&report.agent, file, bytes);
        }
        let path = format!("deposits/{}/log/{}", report.agent, report.file_name(self.now));
        self.place(&path, report.text(self.now))
    }

    /// Puts a dump into the agent's `databases/`.
    pub fn dump(&self, agent: &str, file: &str, bytes: impl AsRef<[u8]>) -> PathBuf {
        self.place(&format!("deposits/{agent}/databases/{file}"), bytes)
    }

    /// Puts any file, as written at this moment.
    pub fn place(&self, path: &str, bytes: impl AsRef<[u8]>) -> PathBuf {
        let path = self.write(path, bytes);
        self.touch(&path, self.now);
        path
    }

    /// Sets the mtime of a file, for one that lies there since earlier.
    pub fn touch(&self, path: &Path, mtime: DateTime<Utc>) {
        let file = fs::File::options().write(true).open(path).unwrap();
        file.set_modified(mtime.into()).unwrap();
        let ctime = file.metadata().unwrap().ctime();
        assert!(
            ctime > self.now.timestamp(),
            "the machine's clock must be later than the test's {}",
            self.now
        );
    }

    fn write(&self, path: &str, bytes: impl AsRef<[u8]>) -> PathBuf {
        let path = self.path(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, bytes).unwrap();
        path
    }

    pub fn read(&self, path: &str) -> String {
        let path = self.path(path);
        fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
    }

    /// Runs `backupmon --config … --now … ARGUMENTS`.
    pub fn run<I: IntoIterator<Item: AsRef<OsStr>>>(&self, arguments: I) -> Ran {
        self.command(arguments).run()
    }

    /// The same command, to be changed before it is run.
    pub fn command<I: IntoIterator<Item: AsRef<OsStr>>>(&self, arguments: I) -> Call<'_> {
        let mut command = Command::new(program());
        command.args(arguments).current_dir(self.folder.path());
        command.env_clear().env("HOME", self.path("home")).env("TZ", "UTC").envs(&self.env);
        Call { site: self, command, input: None, configured: true, pinned: true }
    }

    /// Any JSON file.
    pub fn document(&self, path: &str) -> Value {
        serde_json::from_str(&self.read(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
    }

    /// `AGENT/DATABASE` and status of every job, with the cause where there is one, as the site was written last.
    pub fn statuses(&self) -> BTreeMap<String, String> {
        let document = self.document("site/api/jobs.json");
        let jobs = document["jobs"].as_array().unwrap().iter();
        jobs.map(|job| {
            let name = format!("{}/{}", word(&job["agent"]), word(&job["database"]));
            let cause = job["cause"].as_str().map(|cause| format!(" {cause}"));
            (name, format!("{}{}", word(&job["status"]), cause.unwrap_or_default()))
        })
        .collect()
    }

    /// `KIND SUBJECT: MESSAGE` of every open alert, as the site was written last.
    pub fn alerts(&self) -> String {
        let document = self.document("site/api/alerts.json");
        let open =
            document["alerts"].as_array().unwrap().iter().filter(|alert| alert["resolved_at"].is_null());
        let line = |alert: &Value| {
            let subject = ["agent", "database"].map(|part| alert[part].as_str().unwrap_or("-")).join("/");
            let message = self.hide(word(&alert["message"]).as_bytes());
            format!("{} {subject}: {message}\n", word(&alert["kind"]))
        };
        open.map(line).collect()
    }

    /// Every file and link below a folder of the site, sorted, a line each; a link with its target.
    pub fn tree(&self, folder: &str) -> String {
        let root = self.path(folder);
        let mut lines: Vec<String> = walkdir::WalkDir::new(&root)
            .into_iter()
            .map(Result::unwrap)
            .filter(|entry| !entry.file_type().is_dir())
            .map(|entry| {
                let path = entry.path().strip_prefix(&root).unwrap().display().to_string();
                match fs::read_link(entry.path()) {
                    Ok(target) => format!("{path} -> {}", target.display()),
                    Err(_) => path,
                }
            })
            .collect();
        lines.sort();
        lines.join("\n")
    }

    /// `sha256sum -c SHA256SUMS` holds in every version; gives how many there are.
    pub fn proven_versions(&self) -> usize {
        let sums = walkdir::WalkDir::new(self.path("validated")).into_iter().map(Result::unwrap);
        let sums: Vec<_> = sums.filter(|entry| entry.file_name() == "SHA256SUMS").collect();
        for file in &sums {
            let folder = file.path().parent().unwrap();
            let check =
                Command::new("sha256sum").args(["-c", "SHA256SUMS"]).current_dir(folder).output().unwrap();
            assert!(check.status.success(), "{}: {check:?}", folder.display());
        }
        sums.len()
    }

    fn hide(&self, text: &[u8]) -> String {
        String::from_utf8_lossy(text).replace(self.folder.path().to_str().unwrap(), SITE)
    }
}

/// The program that is tested: the one just built, or another one that is to be put to the same tests.
pub fn program() -> PathBuf {
    std::env::var_os("BACKUPMON_UNDER_TEST")
        .map_or_else(|| env!("CARGO_BIN_EXE_backupmon").into(), PathBuf::from)
}

/// A command that is not run yet.
#[must_use = "nothing happens before `run`"]
pub struct Call<'s> {
    site: &'s Site,
    pub command: Command,
    input: Option<Vec<u8>>,
    configured: bool,
    pinned: bool,
}

impl Call<'_> {
    pub fn env(mut self, name: &str, value: impl AsRef<OsStr>) -> Self {
        self.command.env(name, value);
        self
    }

    /// What it reads from stdin, which is empty otherwise.
    pub fn input(mut self, text: impl Into<Vec<u8>>) -> Self {
        self.input = Some(text.into());
        self
    }

    /// Without `--config`.
    pub fn unconfigured(mut self) -> Self {
        self.configured = false;
        self
    }

    /// Without `--now`: only for what does not depend on the time.
    pub fn by_the_machines_clock(mut self) -> Self {
        self.pinned = false;
        self
    }

    /// Under another program, which is given the command as its last arguments.
    pub fn under<I: IntoIterator<Item: AsRef<OsStr>>>(mut self, program: &str, arguments: I) -> Self {
        let mut outer = Command::new(program);
        outer.args(arguments).arg(self.command.get_program()).args(self.command.get_args());
        outer.env_clear().current_dir(self.site.folder.path());
        outer.envs(self.command.get_envs().filter_map(|(name, value)| Some((name, value?))));
        self.command = outer;
        self
    }

    /// As another user and group, where the test runs as root.
    pub fn by_user(mut self, id: u32) -> Self {
        self.command.uid(id).gid(id);
        self
    }

    pub fn run(mut self) -> Ran {
        // After the command's own words, for `--now` and `--config` are taken anywhere.
        if self.pinned {
            self.command.arg("--now").arg(self.site.now.to_rfc3339());
        }
        if self.configured {
            self.command.arg("--config").arg(self.site.path("config.toml"));
        }
        self.command.stdin(if self.input.is_some() { Stdio::piped() } else { Stdio::null() });
        let mut child =
            self.command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("the program starts");
        if let Some(input) = self.input {
            child.stdin.take().unwrap().write_all(&input).unwrap();
        }
        let output = child.wait_with_output().unwrap();
        Ran {
            // A program that was killed has no code.
            status: output.status.code().unwrap_or(-1),
            stdout: self.site.hide(&output.stdout),
            stderr: self.site.hide(&output.stderr),
        }
    }
}

/// How a command ended and what it printed. Its [`fmt::Display`] is all of that, for a snapshot.
#[must_use = "say how it must have ended: `.done()`, `.silent()`, `.exits(2)`, or a snapshot of all"]
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ran {
    pub status: i32,
    pub stdout: String,
    pub stderr: String,
}

impl Ran {
    #[track_caller]
    pub fn exits(self, status: i32) -> Self {
        assert_eq!(self.status, status, "\n{self}");
        self
    }

    /// It ended well, and had nothing to complain of; gives what it printed.
    #[track_caller]
    pub fn done(self) -> String {
        let ran = self.exits(0);
        assert!(ran.stderr.is_empty(), "\n{ran}");
        ran.stdout
    }

    /// What cron wants: it ended well without a word.
    #[track_caller]
    pub fn silent(self) {
        let ran = self.exits(0);
        assert!(ran.stdout.is_empty() && ran.stderr.is_empty(), "\n{ran}");
    }

    /// The one document on stdout; nothing stands on stderr.
    #[track_caller]
    pub fn json(self) -> Value {
        assert!(self.stderr.is_empty(), "\n{self}");
        serde_json::from_str(&self.stdout).unwrap_or_else(|error| panic!("{error}\n{self}"))
    }
}

impl fmt::Display for Ran {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "exit {}", self.status)?;
        for (name, text) in [("stdout", &self.stdout), ("stderr", &self.stderr)] {
            if !text.is_empty() {
                writeln!(f, "--- {name}\n{}", text.trim_end())?;
            }
        }
        Ok(())
    }
}

pub fn moment(text: &str) -> DateTime<Utc> {
    text.parse().unwrap()
}

pub fn word(value: &Value) -> &str {
    value.as_str().unwrap_or_else(|| panic!("no text: {value}"))
}

/// The document has the shape published in contrib/schema.
#[track_caller]
pub fn assert_shape(name: &str, document: &Value) {
    let path = format!("{}/contrib/schema/{name}.schema.json", env!("CARGO_MANIFEST_DIR"));
    let text = fs::read_to_string(&path).unwrap_or_else(|error| panic!("{path}: {error}"));
    let schema: Value = serde_json::from_str(&text).unwrap();
    let validator = jsonschema::validator_for(&schema).unwrap();
    let errors: Vec<String> =
        validator.iter_errors(document).map(|e| format!("{}: {e}", e.instance_path())).collect();
    assert!(errors.is_empty(), "{name}: {errors:#?}");
}
