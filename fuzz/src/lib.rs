//! What is fuzzed: everything that reads bytes which others wrote. Each function takes any bytes, and panics where what
//! was promised of them does not hold.
//!
//! `cargo +nightly fuzz run report -- -max_total_time=60 -max_len=4096 -timeout=5 -rss_limit_mb=512` looks for such
//! bytes; `cargo test --test fuzz` feeds the corpus to the same functions on a stable compiler.

use std::collections::BTreeMap;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use backupmon::config::{Config, Environment};
use backupmon::domain::job::FileIdentity;
use backupmon::domain::names::{ID_LIMIT, NAME_LIMIT};
use backupmon::domain::schedule::{Anchor, Days, time_of_day};
use backupmon::domain::settings::{Settings, Span};
use backupmon::domain::text::{cut, printable};
use backupmon::domain::{AgentId, DatabaseName, JobKey, Schedule, Time};
use backupmon::intake::{Intake, Quiet, Wants, measure};
use backupmon::source::{StagedFile, agent_report};

pub type Target = fn(&[u8]);

/// Each with its name, which is that of its corpus too.
pub const TARGETS: [(&str, Target); 7] = [
    ("report", report),
    ("names", names),
    ("config", config),
    ("durations", durations),
    ("cron", cron),
    ("content", content),
    ("printable", printed),
];

/// A report is read or rejected with a sentence on one line; what it says of files is never a path.
pub fn report(bytes: &[u8]) {
    let agent = AgentId::new("SITE").expect("a name");
    match agent_report::read(bytes, &agent, &["ALIAS"]) {
        Err(rejection) => assert_harmless(&rejection.to_string()),
        Ok(report) => {
            for entry in report.entries {
                match entry.claim {
                    Err(reason) => assert_harmless(&reason),
                    Ok(claim) => {
                        let file = claim.staged_file.unwrap_or_else(|| "none".to_owned());
                        assert!(
                            !file.contains(['/', '\\', '\0'])
                                && file != "."
                                && file != ".."
                                && !file.is_empty()
                        );
                        assert!(file.len() <= 255);
                    }
                }
            }
        }
    }
}

/// A name is no path, and an id is made of the letters that it may have.
pub fn names(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    if let (Ok(agent), Ok(database)) = (AgentId::new(text.clone()), DatabaseName::new(text.clone())) {
        assert!(
            text.len() <= NAME_LIMIT && !text.contains(['/', '\\']) && !text.chars().any(char::is_control)
        );
        assert!(Path::new("root").join(agent.as_str()).parent() == Some(Path::new("root")), "{text:?}");
        let key = JobKey { agent, database };
        let id = key.id();
        assert!(id.as_str().len() <= ID_LIMIT);
        assert!(
            id.as_str().bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b"._-".contains(&b))
        );
        assert_eq!(key.to_string().parse::<JobKey>().ok(), Some(key));
    }
    drop(text.parse::<JobKey>());
}

/// A configuration is taken, or refused with words that steer nothing.
pub fn config(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    let environment = Environment {
        vars: BTreeMap::new(),
        home: Some(PathBuf::from("/nonexistent")),
        current_dir: PathBuf::from("/nonexistent"),
        system_file: PathBuf::from("/nonexistent/config.toml"),
        server_timezone: chrono_tz::UTC,
    };
    if let Err(error) = Config::from_toml(text, Path::new("/nonexistent/config.toml"), &environment) {
        assert!(!error.to_string().is_empty());
    }
}

/// What is written of a duration is read as the same.
pub fn durations(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    if let Ok(span) = text.parse::<Span>() {
        assert_eq!(span.to_string().parse(), Ok(span));
        assert!(span.delta() >= chrono::TimeDelta::zero());
    }
    drop(time_of_day(text));
    drop(text.parse::<Days>());
}

/// A schedule that is taken has a next cycle, whose deadline is not before it.
pub fn cron(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    let mut lines = text.lines();
    let mut line = || lines.next().map(str::to_owned).filter(|line| !line.is_empty());
    let settings = Settings { cron: line(), days: line(), timezone: line(), ..Settings::default() };
    let at = line();
    let settings = Settings { at: at.map(|at| vec![at]), ..settings };
    let Ok(schedule) = Schedule::new(&settings, chrono_tz::Europe::Paris) else { return };
    let now = Time::UNIX_EPOCH + chrono::TimeDelta::days(20_000);
    let anchor = Anchor { added: now, schedule_changed: now, covered_by: None, missed_through: None };
    let cycle = schedule.open_cycle(&anchor, &[]).expect("a schedule that never fires is refused");
    assert!(cycle.due > now && cycle.deadline >= cycle.due);
    assert!(
        schedule.missed(&anchor, &[], now + chrono::TimeDelta::days(3)).is_sorted_by_key(|missed| missed.due)
    );
}

/// Any bytes are hashed to their end, and what is said of them steers nothing.
pub fn content(bytes: &[u8]) {
    let wants = Wants { content_check: true, stream_digest: true };
    let mut file = Bytes { rest: bytes, size: bytes.len() as u64 };
    let Intake::Read { measurement, .. } = measure(&mut file, None, wants, &Quiet) else {
        panic!("bytes in memory do not change");
    };
    assert_eq!(measurement.identity.size, bytes.len() as u64);
    if let Some(fault) = &measurement.content.fault {
        assert_harmless(&fault.message);
    }
}

/// One line that steers no terminal, and nothing is lost that did not have to go.
pub fn printed(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    let shown = printable(&text);
    assert_harmless(&shown);
    assert_eq!(printable(&shown), shown);
    assert!(cut(&text, 80).chars().count() <= 81);
}

fn assert_harmless(text: &str) {
    let steers = |c: char| {
        c.is_control()
            || matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{2028}' | '\u{2029}')
    };
    assert!(!text.chars().any(steers), "{text:?}");
}

struct Bytes<'a> {
    rest: &'a [u8],
    size: u64,
}

impl Read for Bytes<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.rest.read(buffer)
    }
}

impl StagedFile for Bytes<'_> {
    fn identity(&self) -> io::Result<FileIdentity> {
        Ok(FileIdentity { device: 1, inode: 1, size: self.size, mtime: 0, ctime: 0 })
    }
}
