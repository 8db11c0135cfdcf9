//! The program under `strace`.

use std::collections::BTreeMap;
use std::fs;
use std::process::Command;

use tempfile::NamedTempFile;

use crate::harness::{Call, Ran};
use crate::story::{Story, in_time};
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
    let story = Story::begin(work, crate::harness::Site::in_memory());
    let log = NamedTempFile::new().unwrap();
    let ran = traced(story.command(), log.path().to_str().unwrap(), &[&format!("trace={calls}")]).run();
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
}

impl Injection<'_> {
    pub fn run(&self, story: &Story) -> Injected {
        let Moment { call, n } = self.moment;
        let log = NamedTempFile::new().unwrap();
        let when = if self.ever_after { format!("{n}+") } else { n.to_string() };
        let (trace, inject) = (format!("trace={call}"), format!("inject={call}:{}:when={when}", self.inject));
        let ran = traced(story.command(), log.path().to_str().unwrap(), &[&trace, &inject]).run();
        Injected { ran }
    }
}

fn traced<'s>(call: Call<'s>, log: &str, expressions: &[&str]) -> Call<'s> {
    let mut arguments = vec!["-f", "-qq", "-y", "-o", log];
    for expression in expressions {
        arguments.extend(["-e", expression]);
    }
    in_time(call.under("strace", arguments))
}
