//! Any schedule of what may happen to one job, against a small model of what it must then be.
//!
//! `FAULTS=full` tries two thousand schedules instead of a few. A failure prints the shortest schedule that fails.

use std::collections::VecDeque;

use backupmon::config::MinFree;
use backupmon::domain::{Digest, Severity, Status, Time};
use chrono::TimeDelta;
use proptest::collection::vec;
use proptest::prelude::*;
use serde_json::json;

use crate::faulty_store::Fault;
use crate::world::{World, failed, good, key};

const AGENT: &str = "SITE";
const DUE: TimeDelta = TimeDelta::hours(24);
const DEADLINE: TimeDelta = TimeDelta::hours(36);
/// Of the last good backups, so many are what the next is compared with; fewer than `LEAST` say nothing.
const COMPARED: usize = 10;
const LEAST: usize = 3;
/// So many like-sized drops in a row are how large the database is now.
const LASTING: usize = 7;
/// Retention never removes the newest so many good ones.
const MIN_GOOD: usize = 2;
/// It removes all others, for what rules keep hides what the floor does.
const RETENTION: &str = "[retention]\nkeep_last = 1\nkeep_within = '1s'\nkeep_daily = 0\nkeep_weekly = 0\nkeep_monthly = 0\nmin_good = 2\n";

#[derive(Debug, Clone, Copy)]
enum Step {
    /// A new backup, whole.
    Good,
    /// A new backup, whole, of a fraction of the size.
    Small,
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
    /// The clock is set by so many minutes while the next run goes on, and is right again for the one after it.
    ClockSet(i64),
    /// The next run is killed at this verb of its state, before it is done or just after.
    Crash(usize, bool),
    /// No version can be copied while so many steps go by.
    Fill(u8),
    /// Somebody says that what is held is good.
    Accept,
    /// A scan more than there need be.
    Again,
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        6 => Just(Step::Good),
        2 => Just(Step::Small),
        2 => Just(Step::Same),
        2 => Just(Step::Failed),
        2 => Just(Step::Corrupt),
        2 => Just(Step::Late),
        1 => Just(Step::Replay),
        1 => Just(Step::Old),
        1 => Just(Step::Delete),
        3 => (1..90_i64).prop_map(Step::Silence),
        1 => (1..600_i64).prop_map(Step::ClockBack),
        1 => (-600..600_i64).prop_map(Step::ClockSet),
        1 => (365 * 24 * 60..730 * 24 * 60_i64).prop_map(Step::ClockSet),
        3 => (1..40_usize, any::<bool>()).prop_map(|(verb, after)| Step::Crash(verb, after)),
        1 => (1..4_u8).prop_map(Step::Fill),
        2 => Just(Step::Accept),
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
    /// Those of the current version.
    kept: Option<Vec<u8>>,
    /// Those that were kept as good, oldest first.
    kept_before: Vec<Vec<u8>>,
    /// What lies in the deposit and was read there.
    staged: Option<Vec<u8>>,
    /// The bytes of what is held, newest last, since the last good backup.
    held: Vec<Vec<u8>>,
    /// Sizes of the last good backups, newest first, and whether somebody took that one for the new size.
    sizes: VecDeque<(usize, bool)>,
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

    /// A backup whose bytes are the reported ones. It is held where it is under a tenth of what is usual; seven such in
    /// a row are what is usual now.
    fn arrive(&mut self, bytes: Vec<u8>, at: Time) {
        self.judge(Status::Success, at);
        self.staged = Some(bytes.clone());
        if !self.is_drop(bytes.len()) {
            self.take_as_good(bytes, false);
        } else if self.held.len() + 1 < LASTING {
            self.held.push(bytes);
        } else {
            self.take_as_good(bytes, true);
        }
    }

    fn take_as_good(&mut self, bytes: Vec<u8>, as_new_size: bool) {
        self.held.clear();
        self.sizes.push_front((bytes.len(), as_new_size));
        self.sizes.truncate(COMPARED);
        self.good = Some(bytes);
    }

    fn is_drop(&self, size: usize) -> bool {
        let anew = self.sizes.iter().position(|(_, as_new_size)| *as_new_size);
        let (count, least) = anew.map_or((COMPARED, LEAST), |index| (index + 1, 1));
        let mut sizes: Vec<usize> = self.sizes.iter().take(count).map(|(size, _)| *size).collect();
        sizes.sort_unstable();
        if sizes.len() < least {
            return false;
        }
        let (low, high) = (sizes[(sizes.len() - 1) / 2], sizes[sizes.len() / 2]);
        size * 10 < usize::midpoint(low, high)
    }

    /// After a run that had room: the last good backup is kept, if it ever lay there for it.
    fn keep(&mut self) {
        if self.good.is_some() && self.good == self.staged && self.good != self.kept {
            self.kept.clone_from(&self.good);
            self.kept_before.extend(self.good.clone());
        }
    }
}

struct Play {
    world: World,
    model: Model,
    reports: usize,
    last: Option<(String, serde_json::Value)>,
    /// Where the next run dies.
    dies: Option<(usize, Fault)>,
    /// The disk of the versions stays full for so many steps.
    full: u8,
    deaths: usize,
}

impl Play {
    fn new() -> Self {
        let world = World::new("2026-06-15T08:00:00Z", RETENTION);
        Self { world, model: Model::default(), reports: 0, last: None, dies: None, full: 0, deaths: 0 }
    }

    fn report(&mut self, entry: serde_json::Value) {
        let own = self.world.now.to_rfc3339();
        self.world.report(AGENT, &own, json!({"DB": entry}));
        self.last = Some((own, entry));
    }

    fn bytes(&mut self, usual: bool) -> Vec<u8> {
        self.reports += 1;
        if usual {
            format!("backup number {:<300}", self.reports).into_bytes()
        } else {
            format!("small {:04}", self.reports).into_bytes()
        }
    }

    fn dump(&mut self, bytes: &[u8]) {
        self.world.dump(AGENT, "db.bin", bytes);
    }

    /// A run, with what is to happen to the next one. One that died is followed by one at the same moment.
    fn run(&mut self) {
        let died = self.dies.take().is_some_and(|(verb, fault)| self.world.run_that_dies(verb, fault));
        self.deaths += usize::from(died);
        self.world.run();
        self.world.clock_step = TimeDelta::zero();
    }

    fn pass(&mut self, minutes: i64) {
        self.world.pass(TimeDelta::minutes(minutes));
        self.run();
    }

    fn take(&mut self, step: Step) {
        // No two reports are of one second.
        self.world.pass(TimeDelta::minutes(20));
        let at = self.world.now;
        match step {
            Step::Good | Step::Small | Step::Late => {
                let bytes = self.bytes(!matches!(step, Step::Small));
                self.report(good("db.bin", &bytes));
                if matches!(step, Step::Late) {
                    self.run();
                    if self.full == 0 {
                        self.model.keep();
                    }
                    self.world.pass(TimeDelta::minutes(5));
                }
                self.dump(&bytes);
                self.model.arrive(bytes, at);
            }
            Step::Same => {
                if let Some(bytes) = self.model.good.clone() {
                    self.dump(&bytes);
                    self.report(good("db.bin", &bytes));
                    self.model.judge(Status::Unchanged, at);
                    self.model.staged = Some(bytes.clone());
                    self.model.take_as_good(bytes, false);
                }
            }
            Step::Failed => {
                self.report(failed("BACKUP", "disk full"));
                self.model.judge(Status::Failed, at);
            }
            Step::Corrupt => {
                let (said, sent) = (self.bytes(true), self.bytes(true));
                self.dump(&sent);
                self.report(good("db.bin", &said));
                self.run();
                self.pass(11);
                self.model.judge(Status::HashMismatch, at);
                self.model.staged = Some(sent);
            }
            Step::Replay => {
                if let Some((own, entry)) = self.last.clone() {
                    self.world.report(AGENT, &own, json!({"DB": entry}));
                }
            }
            Step::Old => {
                if let Some((_, newest)) = self.model.judged {
                    let own = (newest - TimeDelta::hours(1)).to_rfc3339();
                    let entry = failed("BACKUP", &format!("long ago, {}", self.world.now));
                    self.world.report(AGENT, &own, json!({"DB": entry}));
                    self.model.entries += 1;
                }
            }
            Step::Delete => {
                let _ = self.world.source.remove_dump(&crate::world::agent(AGENT), "db.bin");
                self.model.staged = None;
            }
            Step::Silence(hours) => self.pass(hours * 60),
            Step::ClockBack(minutes) => {
                self.pass(-minutes);
                self.pass(minutes);
            }
            Step::ClockSet(minutes) => {
                self.world.clock_step = TimeDelta::minutes(minutes);
                return;
            }
            Step::Crash(verb, after) => {
                self.dies = Some((verb, if after { Fault::After } else { Fault::Before }));
                return;
            }
            Step::Fill(steps) => self.fill(steps + 1),
            Step::Accept => {
                if let Some(held) = self.model.held.last().cloned() {
                    self.world.accept(&key(AGENT, "DB"));
                    if self.is_stored(&held) {
                        self.model.kept = Some(held.clone());
                        self.model.kept_before.push(held.clone());
                    }
                    self.model.take_as_good(held, true);
                }
            }
            Step::Again => {}
        }
        self.run();
        if self.full == 0 {
            self.model.keep();
        }
        self.fill(self.full.saturating_sub(1));
    }

    fn fill(&mut self, steps: u8) {
        self.full = steps;
        // All of the disk is to stay free: there is no room for anything.
        let least = if steps > 0 { MinFree::Percent(100.0) } else { MinFree::Bytes(0) };
        self.world.config.promote.min_free = least;
    }

    fn is_stored(&self, bytes: &[u8]) -> bool {
        let sha256 = Digest::of(bytes);
        self.world.versions(&key(AGENT, "DB")).iter().any(|version| version.sha256 == sha256)
    }

    fn check(&self, step: Step) -> Result<(), TestCaseError> {
        let job = key(AGENT, "DB");
        let Some(expected) = self.model.status(self.world.now) else { return Ok(()) };
        // What is to happen to the next run has not happened yet.
        if matches!(step, Step::Crash(..) | Step::ClockSet(_)) {
            return Ok(());
        }
        prop_assert_eq!(self.world.status(&job), expected, "after {:?} at {}", step, self.world.now);
        let entries = self.world.entries(&job);
        let missed = entries.iter().filter(|entry| entry.status == Some(Status::Missing)).count();
        let all = self.model.missed_before + self.model.missed_since(self.world.now);
        prop_assert_eq!(i64::try_from(missed).unwrap(), all, "missed cycles after {:?}", step);
        prop_assert_eq!(entries.len() - missed, self.model.entries, "entries after {:?}", step);
        self.check_versions(step)?;
        let troubles = self.world.troubles();
        let open = troubles.contains(&"job");
        prop_assert_eq!(open, expected.severity() == Severity::Critical);
        prop_assert_eq!(troubles.contains(&"version_held"), !self.model.held.is_empty(), "after {:?}", step);
        Ok(())
    }

    /// A good version is never lost, and the current one holds the last good bytes that could be kept.
    fn check_versions(&self, step: Step) -> Result<(), TestCaseError> {
        let job = key(AGENT, "DB");
        let versions = self.world.versions(&job);
        let on_disk = self.world.vault.list(&job).unwrap().versions;
        let names: Vec<&str> = versions.iter().map(|version| version.name.as_str()).collect();
        let there: Vec<&str> = on_disk.iter().map(|version| version.record.version.as_str()).collect();
        prop_assert_eq!(names, there, "the state beside the disk after {:?}", step);
        let current = self.world.vault.current(&job).unwrap();
        let bytes = on_disk.iter().find(|version| current.as_ref() == Some(&version.record.version));
        let kept = self.model.kept.as_deref().map(Digest::of);
        prop_assert_eq!(bytes.map(|version| version.record.sha256), kept, "current after {:?}", step);
        let mut floor: Vec<&Vec<u8>> = Vec::new();
        for good in self.model.kept_before.iter().rev() {
            if floor.len() < MIN_GOOD && !floor.contains(&good) {
                floor.push(good);
            }
        }
        for good in floor {
            prop_assert!(self.is_stored(good), "a good version is lost after {:?}", step);
        }
        Ok(())
    }
}

fn schedules() -> u32 {
    if std::env::var_os("FAULTS").is_some_and(|set| set == "full") { 2000 } else { 40 }
}

#[test]
fn any_schedule_comes_to_what_the_model_says() {
    let config =
        ProptestConfig { cases: schedules(), failure_persistence: None, ..ProptestConfig::default() };
    let (deaths, steps_taken) = (std::cell::Cell::new(0), std::cell::Cell::new(0));
    proptest!(config, |(steps in vec(step(), 1..=40))| {
        let mut play = Play::new();
        steps_taken.set(steps_taken.get() + steps.len());
        for step in steps {
            play.take(step);
            play.check(step)?;
        }
        deaths.set(deaths.get() + play.deaths);
    });
    println!(
        "model: {} schedules of up to 40 steps, {} steps, {} runs killed",
        schedules(),
        steps_taken.get(),
        deaths.get()
    );
}
