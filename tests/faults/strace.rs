//! The program under `strace`.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::process::Command;
use std::thread;
use std::time::Duration;

use tempfile::NamedTempFile;

use crate::harness::{Call, Ran, Site};
use crate::story::{Stage, Story, in_time};
use crate::work::Work;

/// Why nothing can be traced here.
pub fn missing() -> Option<String> {
    match Command::new("strace").args(["-o", "/dev/null", "true"]).output() {
        Err(_) => Some("strace is not there (apt install strace)".to_owned()),
        Ok(output) if !output.status.success() => Some("ptrace is not allowed".to_owned()),
        Ok(_) => None,
    }
}

/// One call of the program, as `strace` counts them: each thread and each name apart.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Moment {
    pub call: String,
    pub n: usize,
}

/// Every moment of a work's command in which it makes one of `calls`, when nobody disturbs it.
pub fn moments(work: &Work, calls: &str) -> Vec<Moment> {
    let mut stage = Stage::set(work, Site::in_memory());
    let story = stage.begin();
    let log = NamedTempFile::new().unwrap();
    let call = traced(story.command(), log.path(), Stops::AtTheseCalls, &[&format!("trace={calls}")]);
    let ran = call.run();
    assert_eq!(ran.status, 0, "{}, undisturbed:\n{ran}", work.name);
    let mut of_thread: BTreeMap<(String, String), usize> = BTreeMap::new();
    for line in fs::read_to_string(log.path()).unwrap().lines() {
        let (thread, rest) = line.split_once(char::is_whitespace).unwrap();
        // A call that was interrupted by another thread's is told in two lines.
        if let Some((call, _)) = rest.trim_start().split_once('(').filter(|(call, _)| is_word(call)) {
            *of_thread.entry((thread.to_owned(), call.to_owned())).or_default() += 1;
        }
    }
    let mut counts: BTreeMap<String, usize> = BTreeMap::new();
    for ((_, call), count) in of_thread {
        let most = counts.entry(call).or_default();
        *most = count.max(*most);
    }
    counts
        .into_iter()
        .flat_map(|(call, count)| (1..=count).map(move |n| Moment { call: call.clone(), n }))
        .collect()
}

fn is_word(text: &str) -> bool {
    text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
}

/// The command with `inject` (`signal=KILL`, `error=EIO`) at a moment, and at each later one where `ever_after`.
pub struct Injection<'m> {
    pub moment: &'m Moment,
    pub inject: &'static str,
    pub ever_after: bool,
}

/// What came of it.
pub struct Injected {
    pub ran: Ran,
    /// The calls as `strace` shows them, with the paths of their handles.
    pub log: Vec<String>,
}

impl Injected {
    /// Each call that was hit, with those before it. None: the moment never came.
    pub fn hits(&self) -> impl Iterator<Item = (&str, &[String])> {
        let lines = self.log.iter().enumerate();
        let hits = lines.filter(|(_, line)| line.contains("(INJECTED)"));
        hits.map(|(at, line)| (&**line, &self.log[..at]))
    }
}

impl Injection<'_> {
    pub fn run(&self, story: &Story) -> Injected {
        let Moment { call, n } = self.moment;
        let log = NamedTempFile::new().unwrap();
        let when = if self.ever_after { format!("{n}+") } else { n.to_string() };
        // Whether a sync had anything to sync is seen by the writes before it.
        let writes = if call == "fsync" { ",pwrite64" } else { "" };
        let trace = format!("trace={call}{writes}");
        let inject = format!("inject={call}:{}:when={when}", self.inject);
        // strace 6.1 sends no signal where only some calls stop.
        let stops = if self.inject.starts_with("signal") { Stops::AtEachCall } else { Stops::AtTheseCalls };
        let ran = traced(story.command(), log.path(), stops, &[&trace, &inject]).run();
        let log = fs::read(log.path()).unwrap();
        let log = String::from_utf8_lossy(&log).into_owned();
        let log = log.lines().map(str::to_owned).collect();
        Injected { ran, log }
    }
}

/// Where `strace` stops the program.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Stops {
    AtEachCall,
    /// At those that are asked for, which makes a fault several times cheaper.
    AtTheseCalls,
}

fn traced<'s>(call: Call<'s>, log: &Path, stops: Stops, expressions: &[&str]) -> Call<'s> {
    in_time(strace(call, log, stops, &["-y"], expressions))
}

/// `shown`: how handles and bytes are told.
fn strace<'s>(call: Call<'s>, log: &Path, stops: Stops, shown: &[&'s str], expressions: &[&str]) -> Call<'s> {
    let mut arguments = vec!["-f", "-qq", "-o", log.to_str().unwrap()];
    arguments.extend(shown);
    if stops == Stops::AtTheseCalls {
        arguments.push("--seccomp-bpf");
    }
    for expression in expressions {
        arguments.extend(["-e", expression]);
    }
    call.under("strace", arguments)
}

/// How often it is looked whether the command stands still.
const LOOK: Duration = Duration::from_millis(1);

/// The command, stopped at a moment.
pub struct Stopped<'m> {
    pub moment: &'m Moment,
}

impl Stopped<'_> {
    /// Does `meanwhile` while the command stands still; `None` when the moment never came.
    pub fn run(&self, story: &Story, meanwhile: impl FnOnce()) -> Option<Ran> {
        let Moment { call, n } = self.moment;
        let log = NamedTempFile::new().unwrap();
        let (trace, inject) = (format!("trace={call}"), format!("inject={call}:signal=STOP:when={n}"));
        let call = traced(story.command(), log.path(), Stops::AtEachCall, &[&trace, &inject]);
        let mut meanwhile = Some(meanwhile);
        let ran = thread::scope(|scope| {
            let running = scope.spawn(|| call.run());
            let mut seen = 0;
            while !running.is_finished() {
                let stops = stops(log.path());
                if let Some(process) = stops.get(seen) {
                    seen = stops.len();
                    if let Some(meanwhile) = meanwhile.take() {
                        meanwhile();
                    }
                    let _ = rustix::process::kill_process(*process, rustix::process::Signal::CONT);
                }
                thread::park_timeout(LOOK);
            }
            running.join().unwrap()
        });
        meanwhile.is_none().then_some(ran)
    }
}

/// The threads that `strace` says have stopped, so far.
fn stops(log: &Path) -> Vec<rustix::process::Pid> {
    let log = fs::read(log).unwrap_or_default();
    let log = String::from_utf8_lossy(&log);
    let lines = log.lines().filter(|line| line.contains("--- stopped by SIGSTOP ---"));
    let thread = |line: &str| rustix::process::Pid::from_raw(line.split_whitespace().next()?.parse().ok()?);
    lines.filter_map(thread).collect()
}

/// What changes the disk or sends something.
const CHANGES: &str = "trace=fdatasync,fsync,ftruncate,lseek,mkdir,openat,pwrite64,rename,renameat,renameat2,rmdir,sendto,\
    symlink,syncfs,unlink,unlinkat,write";

/// Every call of the undisturbed command that changes the disk or sends something, with all its bytes.
pub fn recorded(story: &Story) -> String {
    let (ran, log) = record(story, Stops::AtTheseCalls, &[CHANGES]);
    ran.silent();
    log
}

/// The same of a command that is killed at a moment; `None` where the moment never came.
pub fn recorded_until_killed(story: &Story, moment: &Moment) -> Option<String> {
    let Moment { call, n } = moment;
    let trace = if CHANGES.split([',', '=']).any(|traced| traced == call) {
        CHANGES.to_owned()
    } else {
        format!("{CHANGES},{call}")
    };
    let inject = format!("inject={call}:signal=KILL:when={n}");
    let (ran, log) = record(story, Stops::AtEachCall, &[&trace, &inject]);
    (ran.status != 0).then_some(log)
}

fn record(story: &Story, stops: Stops, expressions: &[&str]) -> (Ran, String) {
    let log = NamedTempFile::new().unwrap();
    let whole = ["-yy", "-xx", "-s", "4000000"];
    let call = in_time(strace(story.command(), log.path(), stops, &whole, expressions));
    let ran = call.run();
    (ran, fs::read_to_string(log.path()).unwrap())
}
