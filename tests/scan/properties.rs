//! What holds for any reports in any order, on whole scans.

use backupmon::domain::job::Rank;
use backupmon::domain::{Cause, Digest, Job, Status, Time};
use backupmon::store::{EntryFilter, Store as _, Unit};
use chrono::TimeDelta;
use proptest::collection::vec;
use proptest::prelude::*;
use serde_json::{Value, json};

use crate::world::{World, at, failed, good, key};

const AGENT: &str = "SIRPACAM_DOUALA_NEWBELL";
const DATABASE: &str = "DB";
const FILE: &str = "db.bin";
/// Twice a day, so that reports of one week cover some cycles and leave others missing.
const CONFIG: &str =
    "[scan]\nthreads = 1\ntrial_days = 0\n[defaults]\nat = [\"06:00\", \"18:00\"]\ntimezone = \"UTC\"";
const ADDED: &str = "2026-06-08T00:00:00Z";
const NOW: &str = "2026-06-15T08:10:00Z";

/// A report that ended so many minutes before now.
#[derive(Debug, Clone)]
struct Said {
    minutes_ago: i64,
    good: bool,
}

impl Said {
    /// Each makes a dump of its own.
    fn bytes(&self) -> Vec<u8> {
        format!("dump of {} minutes ago", self.minutes_ago).into_bytes()
    }

    fn entry(&self) -> Value {
        if self.good { good(FILE, &self.bytes()) } else { failed("BACKUP", "no space") }
    }
}

/// Some days of reports, none at the time of another.
fn week() -> impl Strategy<Value = Vec<Said>> {
    vec((30..6 * 24 * 60_i64, prop::bool::weighted(0.7)), 1..6).prop_map(|said| {
        let mut all: Vec<Said> =
            said.into_iter().map(|(minutes_ago, good)| Said { minutes_ago, good }).collect();
        all.sort_by_key(|said| said.minutes_ago);
        all.dedup_by_key(|said| said.minutes_ago);
        all
    })
}

/// What a job is, but for the numbers of its rows.
#[derive(Debug, Clone, PartialEq)]
struct Shown {
    status: Status,
    cause: Option<Cause>,
    due: Option<Time>,
    newest: Option<Rank>,
    covered_by: Option<Time>,
    good: Option<(Digest, Time)>,
}

/// A job that is expected since a week; the newest report's dump, or one that no report speaks of, lies there.
fn week_of(said: &[Said]) -> World {
    let mut world = World::new(NOW, CONFIG);
    let job = Job::new(key(AGENT, DATABASE), at(ADDED), false);
    world.store.commit(&Unit { jobs: vec![job], ..Unit::default() }).unwrap();
    let newest = said.iter().min_by_key(|said| said.minutes_ago).filter(|said| said.good);
    let bytes = newest.map_or(b"older than all reports".to_vec(), Said::bytes);
    world.source.put_dump(&crate::world::agent(AGENT), FILE, bytes, world.now - TimeDelta::minutes(20));
    world
}

/// The report comes: it lies there for long enough to be judged at the first look.
fn feed(world: &mut World, said: &Said) {
    let now = world.now;
    world.now = now - TimeDelta::minutes(20);
    let own = (now - TimeDelta::minutes(said.minutes_ago)).to_rfc3339();
    world.report(AGENT, &own, json!({ (DATABASE): said.entry() }));
    world.now = now;
}

fn shown(world: &World) -> Shown {
    let (job, standing) = (world.job(&key(AGENT, DATABASE)), world.standing(&key(AGENT, DATABASE)));
    // The names of report files are those of the order in which they came.
    let newest = job.state.newest.map(|rank| Rank { file: String::new(), ..rank });
    Shown {
        status: standing.status,
        cause: standing.cause,
        due: standing.cycle.map(|cycle| cycle.due),
        newest,
        covered_by: job.state.covered_by,
        good: job.state.good.map(|good| (good.sha256, good.report_time)),
    }
}

/// All that the state holds, but for the scans themselves.
fn everything(world: &World) -> String {
    let store = &world.store;
    let reports = store.reports_of(&crate::world::agent(AGENT)).unwrap();
    let entries = store.entries(&EntryFilter::default()).unwrap();
    let incidents = store.incidents(Some(Time::MIN_UTC)).unwrap();
    let versions = store.versions(None).unwrap();
    format!("{:#?}", (store.jobs().unwrap(), reports, entries, incidents, versions))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    /// One after the other, each looked at by a scan of its own, or all at once.
    #[test]
    fn reports_in_any_order_end_in_the_same_state(
        (week, order) in week().prop_flat_map(|week| (Just(week.clone()), Just(week).prop_shuffle())),
    ) {
        let mut at_once = week_of(&week);
        for said in &week {
            feed(&mut at_once, said);
        }
        at_once.scan();
        let mut one_by_one = week_of(&week);
        for said in &order {
            feed(&mut one_by_one, said);
            one_by_one.scan();
        }
        prop_assert_eq!(shown(&one_by_one), shown(&at_once));
    }

    /// Whatever an older report says, the job stays what the newest judgement made it. Its own dump does not lie there:
    /// bytes that were never judged would count from when they came (a clock that was set back).
    #[test]
    fn no_report_makes_a_job_better_at_an_earlier_time(
        week in week(),
        earlier in 1..24 * 60_i64,
        good in any::<bool>(),
    ) {
        let mut world = week_of(&week);
        for said in &week {
            feed(&mut world, said);
        }
        world.scan();
        let before = shown(&world);
        let newest = week.iter().map(|said| said.minutes_ago).min().unwrap();
        let late = Said { minutes_ago: newest + earlier, good };
        prop_assume!(week.iter().all(|said| said.minutes_ago != late.minutes_ago));
        feed(&mut world, &late);
        world.scan();
        prop_assert_eq!(shown(&world), before);
    }

    /// Not a row of the state, but for the scan's own.
    #[test]
    fn scanning_twice_changes_nothing(week in week()) {
        let mut world = week_of(&week);
        for said in &week {
            feed(&mut world, said);
            world.scan();
            let once = everything(&world);
            world.scan();
            prop_assert_eq!(everything(&world), once);
        }
    }
}
