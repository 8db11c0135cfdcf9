//! Any schedule of what may happen to one job, against a small model of what it must then be.
//!
//! `FAULTS=full` tries two thousand schedules instead of a few. A failure prints the shortest schedule that fails.

use backupmon::domain::{Status, Time};
use chrono::TimeDelta;
use proptest::collection::vec;
use proptest::prelude::*;
use serde_json::json;

use crate::world::{World, failed, good, key};

const AGENT: &str = "SITE";
const DUE: TimeDelta = TimeDelta::hours(24);
const DEADLINE: TimeDelta = TimeDelta::hours(36);

#[derive(Debug, Clone, Copy)]
enum Step {
    /// A new backup, whole.
    Good,
    /// The same bytes as the last time, in a new report.
    Same,
    /// The agent says that it failed.
    Failed,
    /// Other bytes arrive than the report says.
    Corrupt,
    /// The report comes, and the file five minutes after it.
    Late,
    /// The newest report again, under another name.
    Replay,
    /// A report from before the newest one, of a failure.
    Old,
    /// The staged file is gone after it was judged.
    Delete,
    /// Nothing, for so many hours.
    Silence(i64),
    /// The clock goes back by so many minutes, and later right again.
    ClockBack(i64),
    /// A scan more than there need be.
    Again,
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        6 => Just(Step::Good),
        2 => Just(Step::Same),
        2 => Just(Step::Failed),
        2 => Just(Step::Corrupt),
        2 => Just(Step::Late),
        1 => Just(Step::Replay),
        1 => Just(Step::Old),
        1 => Just(Step::Delete),
        3 => (1..90_i64).prop_map(Step::Silence),
        1 => (1..600_i64).prop_map(Step::ClockBack),
        1 => Just(Step::Again),
    ]
}

/// What must be true of the job, by the rules of the contract alone.
#[derive(Default)]
struct Model {
    /// The newest judgement of a report, and its time.
    judged: Option<(Status, Time)>,
    /// The bytes of the last good backup.
    good: Option<Vec<u8>>,
    /// Cycles that went by before the newest report.
    missed_before: i64,
    /// Reports that were judged or superseded.
    entries: usize,
}

impl Model {
    /// Cycles whose deadline has come since the newest report.
    fn missed_since(&self, now: Time) -> i64 {
        let Some((_, covered)) = self.judged else { return 0 };
        let over = (now - covered - DEADLINE).num_seconds();
        if over < 0 { 0 } else { over / DUE.num_seconds() + 1 }
    }

    fn judge(&mut self, status: Status, at: Time) {
        self.missed_before += self.missed_since(at);
        self.judged = Some((status, at));
        self.entries += 1;
    }

    fn status(&self, now: Time) -> Option<Status> {
        let (status, covered) = self.judged?;
        let late = now >= covered + DUE && status.is_ok();
        Some(match status {
            _ if self.missed_since(now) > 0 => Status::Missing,
            _ if late => Status::Late,
            status => status,
        })
    }
}

struct Play {
    world: World,
    model: Model,
    reports: usize,
    last: Option<(String, serde_json::Value)>,
}

impl Play {
    fn new() -> Self {
        let world = World::new("2026-06-15T08:00:00Z", "");
        Self { world, model: Model::default(), reports: 0, last: None }
    }

    fn report(&mut self, entry: serde_json::Value) {
        let own = self.world.now.to_rfc3339();
        self.world.report(AGENT, &own, json!({"DB": entry}));
        self.last = Some((own, entry));
    }

    fn bytes(&mut self) -> Vec<u8> {
        self.reports += 1;
        format!("backup number {}", self.reports).into_bytes()
    }

    fn dump(&mut self, bytes: &[u8]) {
        self.world.dump(AGENT, "db.bin", bytes);
    }

    fn pass(&mut self, minutes: i64) {
        self.world.pass(TimeDelta::minutes(minutes));
        self.world.run();
    }

    fn take(&mut self, step: Step) {
        // No two reports are of one second.
        self.world.pass(TimeDelta::minutes(20));
        let at = self.world.now;
        match step {
            Step::Good | Step::Late => {
                let bytes = self.bytes();
                self.report(good("db.bin", &bytes));
                if matches!(step, Step::Late) {
                    self.world.run();
                    self.world.pass(TimeDelta::minutes(5));
                }
                self.dump(&bytes);
                self.model.judge(Status::Success, at);
                self.model.good = Some(bytes);
            }
            Step::Same => {
                let Some(bytes) = self.model.good.clone() else { return };
                self.dump(&bytes);
                self.report(good("db.bin", &bytes));
                self.model.judge(Status::Unchanged, at);
            }
            Step::Failed => {
                self.report(failed("BACKUP", "disk full"));
                self.model.judge(Status::Failed, at);
            }
            Step::Corrupt => {
                let (said, sent) = (self.bytes(), self.bytes());
                self.dump(&sent);
                self.report(good("db.bin", &said));
                self.world.run();
                self.pass(11);
                self.model.judge(Status::HashMismatch, at);
            }
            Step::Replay => {
                let Some((own, entry)) = self.last.clone() else { return };
                self.world.report(AGENT, &own, json!({"DB": entry}));
            }
            Step::Old => {
                let Some((_, newest)) = self.model.judged else { return };
                let own = (newest - TimeDelta::hours(1)).to_rfc3339();
                let entry = failed("BACKUP", &format!("long ago, {}", self.world.now));
                self.world.report(AGENT, &own, json!({"DB": entry}));
                self.model.entries += 1;
            }
            Step::Delete => drop(self.world.source.remove_dump(&crate::world::agent(AGENT), "db.bin")),
            Step::Silence(hours) => self.pass(hours * 60),
            Step::ClockBack(minutes) => {
                self.pass(-minutes);
                self.pass(minutes);
            }
            Step::Again => {}
        }
        self.world.run();
    }

    fn check(&self, step: Step) -> Result<(), TestCaseError> {
        let job = key(AGENT, "DB");
        let Some(expected) = self.model.status(self.world.now) else { return Ok(()) };
        prop_assert_eq!(self.world.status(&job), expected, "after {:?} at {}", step, self.world.now);
        let entries = self.world.entries(&job);
        let missed = entries.iter().filter(|entry| entry.status == Some(Status::Missing)).count();
        let all = self.model.missed_before + self.model.missed_since(self.world.now);
        prop_assert_eq!(i64::try_from(missed).unwrap(), all, "missed cycles after {:?}", step);
        prop_assert_eq!(entries.len() - missed, self.model.entries, "entries after {:?}", step);
        // A good version is never lost, and the current one holds the last good bytes.
        let good = self.model.good.as_ref();
        let current = self.world.vault.current(&job).unwrap();
        prop_assert_eq!(current.is_some(), good.is_some());
        if let (Some(name), Some(bytes)) = (current, good) {
            let versions = self.world.versions(&job);
            let version = versions.iter().find(|version| version.name == name);
            prop_assert_eq!(version.map(|v| v.sha256), Some(backupmon::domain::Digest::of(bytes)));
        }
        let open = self.world.troubles().contains(&"job");
        prop_assert_eq!(open, expected.severity() == backupmon::domain::Severity::Critical);
        Ok(())
    }
}

fn schedules() -> u32 {
    if std::env::var_os("FAULTS").is_some_and(|set| set == "full") { 2000 } else { 60 }
}

#[test]
fn any_schedule_comes_to_what_the_model_says() {
    let config =
        ProptestConfig { cases: schedules(), failure_persistence: None, ..ProptestConfig::default() };
    proptest!(config, |(steps in vec(step(), 1..40))| {
        let mut play = Play::new();
        for step in steps {
            play.take(step);
            play.check(step)?;
        }
    });
    println!("model: {} schedules of up to 40 steps", schedules());
}
