//! Reports that come faster than the verdict on the one before: a newer report gives the file no new patience.

use backupmon::domain::{Severity, Status};
use chrono::TimeDelta;
use proptest::collection::vec;
use proptest::prelude::*;
use serde_json::json;

use crate::world::{World, agent, good, key};

const AGENT: &str = "SITE";
const FILE: &str = "db.bin";
const MINUTE: TimeDelta = TimeDelta::minutes(1);

/// What lies where the new dump should.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Staged {
    /// The dump of the first report, which was judged.
    Old,
    /// Nothing.
    Absent,
    /// Other bytes at each look.
    Changing,
}

/// A job with one good backup, whose agent goes on to report and no longer to send.
struct Hasty {
    world: World,
    staged: Staged,
    reports: usize,
}

impl Hasty {
    fn new(config: &str, staged: Staged) -> Self {
        let mut world = World::new("2026-06-15T08:00:00Z", config);
        world.keeps_versions = false;
        let mut hasty = Self { world, staged, reports: 0 };
        hasty.world.dump(AGENT, FILE, b"first");
        hasty.report(b"first");
        hasty.world.scan();
        assert_eq!(hasty.world.status(&key(AGENT, "DB")), Status::Success);
        if staged == Staged::Absent {
            hasty.world.source.remove_dump(&agent(AGENT), FILE);
        }
        hasty
    }

    fn report(&mut self, bytes: &[u8]) {
        let own = self.world.now.to_rfc3339();
        self.world.report(AGENT, &own, json!({"DB": good(FILE, bytes)}));
    }

    /// A report of a backup that never arrives.
    fn promise(&mut self) {
        self.reports += 1;
        self.report(format!("promised {}", self.reports).as_bytes());
    }

    fn scan(&mut self) {
        if self.staged == Staged::Changing {
            let bytes = format!("half of {}", self.world.now);
            self.world.dump(AGENT, FILE, bytes.as_bytes());
        }
        self.world.scan();
    }

    fn is_critical(&self) -> bool {
        self.world.standing(&key(AGENT, "DB")).severity == Severity::Critical
    }

    /// Minutes until it is critical, with a report every `reports` minutes and a scan every `scans`; `None`: never in
    /// two days.
    fn told_after(&mut self, reports: i64, scans: i64) -> Option<i64> {
        let begin = self.world.now;
        (1..2 * 24 * 60).find(|minute| {
            self.world.now = begin + MINUTE * i32::try_from(*minute).unwrap();
            if minute % reports == 0 {
                self.promise();
            }
            if minute % scans == 0 {
                self.scan();
            }
            self.is_critical()
        })
    }
}

const HOURLY: &str = "[defaults]\ncron = \"0 * * * *\"\ntimezone = \"UTC\"";

#[test]
fn a_newer_report_does_not_put_off_the_verdict_on_a_file_that_is_not_replaced() {
    // An hourly job with the default grace: the report of 09:00 has until 11:00, and so have those after it.
    let mut hourly = Hasty::new(HOURLY, Staged::Old);
    assert_eq!(hourly.told_after(60, 5), Some(3 * 60 + 10), "the newest report has its settling time");
    let job = key(AGENT, "DB");
    assert_eq!(hourly.world.troubles(), ["job"]);
    assert_eq!(hourly.world.history(&job).last().unwrap(), "FAILED file_not_replaced");
    // It stays so, however many reports follow, until one is true.
    for _ in 0..30 {
        hourly.world.pass(MINUTE * 20);
        hourly.promise();
        hourly.scan();
        assert!(hourly.is_critical());
    }
    hourly.world.pass(MINUTE * 20);
    hourly.world.dump(AGENT, FILE, b"last");
    hourly.report(b"last");
    hourly.world.scan();
    assert_eq!(hourly.world.status(&job), Status::Success);
    assert!(hourly.world.troubles().is_empty());
    assert_eq!(hourly.world.job(&job).state.waiting, None);
}

#[test]
fn reports_younger_than_settle_at_each_scan_hide_nothing() {
    // With `every` the file has `arrival` from the first of them, and the newest report its settling time.
    for (staged, cause) in [
        (Staged::Old, "FAILED file_not_replaced"),
        (Staged::Absent, "FAILED file_absent"),
        (Staged::Changing, "FAILED never_settled"),
    ] {
        let mut hasty = Hasty::new("", staged);
        assert_eq!(
            hasty.told_after(3, 3),
            Some(3 + 6 * 60 + 12),
            "{staged:?}: the first scan after 6 h 10 min"
        );
        assert_eq!(hasty.world.history(&key(AGENT, "DB")).last().unwrap(), cause);
    }
}

#[test]
fn an_honest_hasty_job_is_never_called_bad() {
    let mut hasty = Hasty::new("[defaults]\nevery = \"5min\"\ngrace = \"5min\"", Staged::Old);
    for n in 0..40 {
        // The report first, its file two minutes later, and a scan at every minute.
        hasty.promise();
        for minute in 0..5 {
            if minute == 2 {
                hasty.world.dump(AGENT, FILE, format!("promised {}", n + 1).as_bytes());
            }
            hasty.world.pass(MINUTE);
            hasty.scan();
            assert!(!hasty.is_critical(), "backup {n}, minute {minute}");
        }
    }
}

#[test]
fn files_that_are_never_read_are_told_however_fresh_the_reports_are() {
    let mut slow = Hasty::new("", Staged::Old);
    slow.world.time_for = 0;
    let mut told = None;
    for hour in 1..10 {
        slow.world.pass(MINUTE * 60);
        slow.promise();
        slow.world.dump(AGENT, FILE, format!("promised {hour}").as_bytes());
        slow.scan();
        assert!(!slow.is_critical(), "it is not the agent's fault");
        if slow.world.troubles() == ["backlog"] {
            told.get_or_insert(hour);
        }
    }
    assert_eq!(told, Some(8), "seven hours after the first that was not read");
    slow.world.time_for = u64::MAX;
    slow.scan();
    assert!(slow.world.troubles().is_empty());
    assert_eq!(slow.world.status(&key(AGENT, "DB")), Status::Success);
}

#[test]
fn a_newer_report_of_a_cycle_that_is_over_has_its_settling_time() {
    let mut late =
        Hasty::new("[defaults]\nat = [\"08:00\"]\ntimezone = \"UTC\"\ngrace = \"1h\"", Staged::Old);
    late.world.now = crate::world::at("2026-06-16T09:05:00Z");
    late.scan();
    let job = key(AGENT, "DB");
    assert_eq!(late.world.status(&job), Status::Missing);
    late.promise();
    late.scan();
    late.world.pass(MINUTE * 8);
    late.promise();
    late.world.pass(MINUTE * 3);
    late.scan();
    assert_eq!(late.world.status(&job), Status::Missing, "three minutes old, it may still be on its way");
    late.world.dump(AGENT, FILE, b"promised 2");
    late.world.pass(MINUTE);
    late.scan();
    assert_eq!(late.world.status(&job), Status::Success);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 12, failure_persistence: None, ..ProptestConfig::default() })]

    /// Whatever the rhythm of reports and scans: without one good verdict for a cycle, its grace, `arrival`, and a
    /// settling time and a scan on top, a job is critical.
    #[test]
    fn no_job_without_a_good_verdict_stays_quiet(
        gaps in vec((5..100_i32, 5..40_i32), 1..8),
        staged in prop_oneof![Just(Staged::Old), Just(Staged::Absent), Just(Staged::Changing)],
        hourly in any::<bool>(),
    ) {
        let (config, cycle) = if hourly { (HOURLY, 60 + 120) } else { ("", 36 * 60) };
        let mut hasty = Hasty::new(config, staged);
        let begin = hasty.world.now;
        let bound = MINUTE * (cycle + 6 * 60 + 10 + 40 + 100);
        let mut quiet_until = begin;
        for (report, scan) in gaps.into_iter().cycle() {
            hasty.world.pass(MINUTE * report);
            hasty.promise();
            hasty.world.pass(MINUTE * scan);
            hasty.scan();
            if !hasty.is_critical() {
                quiet_until = hasty.world.now;
            }
            if hasty.world.now - begin > bound {
                break;
            }
        }
        prop_assert!(hasty.is_critical(), "quiet until {quiet_until}");
    }
}

#[test]
fn a_longer_patience_counts_for_a_report_that_waits_already() {
    let hours = |hours| format!("[scan]\narrival = \"{hours}h\"\ntrial_days = 0");
    let mut hasty = Hasty::new(&hours(6), Staged::Old);
    hasty.promise();
    let begin = hasty.world.now;
    for (minutes, is_critical) in
        [(60, false), (300, false), (390, false), (420, false), (719, false), (720, true)]
    {
        hasty.world.now = begin + MINUTE * minutes;
        if minutes == 300 {
            hasty.world.configure(&hours(12));
        }
        hasty.scan();
        assert_eq!(hasty.is_critical(), is_critical, "after {minutes} minutes of 720");
    }
}
