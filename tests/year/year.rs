//! One year of one seed: the two worlds side by side, and what comes of comparing them.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::time::{Duration, Instant};

use super::calendar::{DAY, HOUR, Seconds};
use super::deeds::deeds;
use super::deposit::Deposit;
use super::fleet::Fleet;
use super::oracle::{Key, Oracle};
use super::rng::Rng;
use super::script::Script;
use super::server::Server;
use super::watch::{Moment, Watch};

/// 2027-06-01: the year holds a 29 February.
const START: Seconds = 1_811_808_000;
/// 2028-01-01.
const NEW_YEAR: Seconds = 1_830_297_600;
/// More differences than these tell nothing new.
const SHOWN: usize = 2;

/// What befalls the monitor itself.
struct Mishaps {
    /// Nobody calls it.
    off: (Seconds, Seconds),
    /// The deposits are not mounted.
    unmounted: (Seconds, Seconds),
    /// Its clock is an hour behind.
    behind: (Seconds, Seconds),
}

pub struct Tally {
    seed: u64,
    scans: usize,
    compared: usize,
    pub faults: usize,
    pub told: usize,
    /// Healed before any scan could know.
    pub unseen: usize,
    pub missed: Vec<String>,
    pub false_alarms: Vec<String>,
    differences: Vec<String>,
    /// How often an incident of each kind was opened.
    pub opened: BTreeMap<&'static str, usize>,
    /// What the year had of each cause.
    pub census: BTreeMap<&'static str, usize>,
    took: Duration,
}

impl Tally {
    /// "Scanning twice changes nothing."
    fn scan_again(&mut self, server: &mut Server, now: Seconds) {
        let before = server.dump();
        server.scan(now);
        let after = server.dump();
        if let Some((was, is)) = before.lines().zip(after.lines()).find(|(was, is)| was != is) {
            self.differences.push(format!(
                "{}: a second scan made `{}` of `{}`",
                stamp(now),
                is.trim(),
                was.trim()
            ));
        } else if before.len() != after.len() {
            self.differences.push(format!("{}: a second scan added something", stamp(now)));
        }
    }

    pub fn is_clean(&self) -> bool {
        self.missed.is_empty() && self.false_alarms.is_empty() && self.differences.is_empty()
    }
}

/// What stands above the rows.
pub const HEADINGS: &str = "\
| seed | scans | jobs x scans | differences | faults | told | healed before a scan | missed | false alarms | seconds |
| ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: |";

impl fmt::Display for Tally {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "| {} | {} | {} | {} | {} | {} | {} | {} | {} | {:.0} |",
            self.seed,
            self.scans,
            self.compared,
            self.differences.len(),
            self.faults,
            self.told,
            self.unseen,
            self.missed.len(),
            self.false_alarms.len(),
            self.took.as_secs_f64()
        )?;
        for line in [&self.differences, &self.missed, &self.false_alarms]
            .into_iter()
            .flat_map(|lines| lines.iter().take(SHOWN))
        {
            write!(f, "\n  {line}")?;
        }
        Ok(())
    }
}

impl Mishaps {
    fn of(rng: &mut Rng, days: i64, calm: bool) -> Self {
        let mut span = |from: i64, hours: i64| {
            let begin = START + from * DAY + rng.between(0, DAY);
            (begin, begin + hours * HOUR)
        };
        if calm {
            return Self { off: (0, 0), unmounted: (0, 0), behind: (0, 0) };
        }
        Self { off: span(days / 3, 72), unmounted: span(days / 2, 31), behind: span(2 * days / 3, 6 * 24) }
    }

    fn server_time(&self, at: Seconds) -> Seconds {
        if (self.behind.0..self.behind.1).contains(&at) { at - HOUR } else { at }
    }
}

fn scan_times(rng: &mut Rng, days: i64, mishaps: &Mishaps, fleet: &Fleet) -> Vec<Seconds> {
    let mut times = Vec::new();
    for slot in 0..days * 6 {
        times.push(START + slot * 4 * HOUR + rng.between(0, 4 * HOUR));
    }
    // At the very second of a due time or a deadline, and the second before.
    for _ in 0..days {
        let agent = rng.pick(&fleet.agents);
        let plan = &rng.pick(&agent.groups).plan;
        let from = START + rng.between(0, days) * DAY;
        if let Some(due) = plan.occurrences(from, from + DAY).first() {
            let second = if rng.per_mille(300) { *due } else { due + plan.grace };
            times.extend([second - 1, second]);
        }
    }
    times.sort_unstable();
    times.dedup();
    times.retain(|time| !(mishaps.off.0..mishaps.off.1).contains(time));
    times
}

pub fn live(seed: u64, agents: usize, days: i64) -> Tally {
    let begun = Instant::now();
    let calm = std::env::var_os("YEAR_CALM").is_some();
    let mut rng = Rng::new(seed);
    let mut fleet = Fleet::new(&mut rng, agents, START, days, NEW_YEAR);
    let mut script = Script::write(&fleet, &mut rng, calm);
    let mishaps = Mishaps::of(&mut rng, days, calm);
    let times = scan_times(&mut rng, days, &mishaps, &fleet);
    script.blame_the_server(&fleet, mishaps.behind);
    script.excuse_the_monitor(mishaps.off);
    script.excuse_the_monitor(mishaps.unmounted);
    script.excuse_the_monitor(mishaps.behind);
    let mut deeds = deeds(&fleet, &script.retirements);

    let horizon = (START - 70 * DAY, START + (days + 470) * DAY);
    let configured: BTreeMap<Key, _> =
        all_keys(&fleet).map(|key| (key.clone(), fleet.configured(&key))).collect();
    let mut oracle = Oracle::new(horizon, configured);
    let mut server = Server::new(&fleet, START);
    for (number, agent) in fleet.agents.iter().enumerate() {
        for database in
            agent.groups.iter().flat_map(|group| &group.databases).filter(|database| database.added)
        {
            let key = (number, database.name.clone());
            oracle.add(&key, START, false);
            server.add(&key, START);
        }
    }

    let mut tally = Tally {
        seed,
        scans: 0,
        compared: 0,
        faults: 0,
        told: 0,
        unseen: 0,
        missed: Vec::new(),
        false_alarms: Vec::new(),
        differences: Vec::new(),
        opened: BTreeMap::new(),
        census: BTreeMap::new(),
        took: Duration::ZERO,
    };
    let mut watch = Watch::new(&script.faults);
    let mut deposit = Deposit::new(fleet.agents.len());
    let mut events = script.events.iter().peekable();
    for at in times {
        while let Some(event) = events.next_if(|event| event.at <= at) {
            let ctime = mishaps.server_time(event.at);
            deposit.apply(event, ctime);
            server.apply(event, ctime);
        }
        let now = mishaps.server_time(at);
        while let Some((_, deed)) = deeds.pop_if(|(time, _)| *time <= at) {
            deed.carry_out(now, &mut fleet, &deposit, (&mut server, &mut oracle));
        }
        let edited = fleet.edit(at);
        if !edited.is_empty() {
            server.configure(&fleet);
            for key in &edited {
                oracle.edit(key, &fleet.configured(key).plan, now);
            }
        }
        deposit.root_gone = (mishaps.unmounted.0..mishaps.unmounted.1).contains(&at);
        server.set_root_gone(deposit.root_gone);
        server.scan(now);
        oracle.scan(now, &deposit);
        if rng.per_mille(5) {
            tally.scan_again(&mut server, now);
        }
        tally.scans += 1;
        compare(&mut tally, &fleet, &mut server, &oracle, now, at);
        if tally.differences.len() >= SHOWN {
            break;
        }
        let story = |key: &Key| {
            format!("; {:?}\n    {}", fleet.configured(key).plan, server.history(key).join("\n    "))
        };
        if !deposit.root_gone {
            let troubles = server.troubles();
            watch.look(
                &mut tally,
                &Moment { at, fleet: &fleet, oracle: &oracle, troubles: &troubles, story: &story },
            );
        }
    }
    tally.census = oracle.census;
    tally.took = begun.elapsed();
    tally
}

fn all_keys(fleet: &Fleet) -> impl Iterator<Item = Key> {
    fleet.agents.iter().enumerate().flat_map(|(number, agent)| {
        let databases = agent.groups.iter().flat_map(|group| &group.databases);
        databases.map(move |database| (number, database.name.clone()))
    })
}

pub fn stamp(time: Seconds) -> String {
    chrono::DateTime::from_timestamp(time, 0).unwrap().to_rfc3339_opts(chrono::SecondsFormat::Secs, true)
}

fn compare(
    tally: &mut Tally,
    fleet: &Fleet,
    server: &mut Server,
    oracle: &Oracle,
    now: Seconds,
    at: Seconds,
) {
    let shown = server.shown(now);
    let keys: BTreeSet<&Key> = shown.keys().chain(oracle.jobs()).collect();
    for key in keys {
        tally.compared += 1;
        let (is, should) = (shown.get(key), oracle.shown(key, now));
        if is != should.as_ref() {
            let plan = fleet.configured(key).plan;
            tally.differences.push(format!(
                "{} ({}) {} {}: shows {is:?}, should show {should:?}; {plan:?}\n    {}",
                stamp(now),
                stamp(at),
                fleet.agents[key.0].name,
                key.1,
                server.history(key).join("\n    ")
            ));
            if tally.differences.len() >= SHOWN {
                return;
            }
        }
    }
    let (are, should) = (server.troubles(), oracle.troubles());
    for trouble in are.symmetric_difference(&should) {
        let side = if are.contains(trouble) { "is open and should not" } else { "should be open and is not" };
        let history = match (trouble.agent, &trouble.database) {
            (Some(agent), Some(database)) => server.history(&(agent, database.clone())).join("\n    "),
            _ => String::new(),
        };
        tally.differences.push(format!("{} ({}): {trouble:?} {side}\n    {history}", stamp(now), stamp(at)));
    }
}
