//! A server's clock that jumps: nothing is removed, one mail says what is thought to be missing, and when the time is
//! right again all goes on as before: what comes is good, what does not come is told.

use std::collections::BTreeSet;
use std::process::Command;

use chrono::{DateTime, TimeDelta, Utc};

use crate::harness::{Site, moment};
use crate::mail::{self, Fault, Server};
use crate::report::Report;
use crate::share;

const AGENTS: [&str; 2] = ["SIRPACAM_DOUALA_NEWBELL", "HYDROCAM_KRIBI_PORT"];
/// A retention that lets most of ten days go.
const RETENTION: &str = "[retention]\nkeep_last = 1\nkeep_within = '1d'\nkeep_daily = 2\nkeep_weekly = 0\nkeep_monthly = 0\nmin_good = 1\n";

/// What comes while the clock is wrong.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Comes {
    Nothing,
    /// A backup of an agent whose own clock is right.
    Backup,
    /// One that says nothing of its time.
    Timeless,
}

/// Where the clock jumps to from 2020-06-23 08:00, and what comes meanwhile.
const JUMPS: [(&str, &str, Comes); 18] = [
    ("an hour back", "2020-06-23T07:00:00Z", Comes::Nothing),
    ("a day back", "2020-06-22T08:00:00Z", Comes::Nothing),
    ("a day back, and a backup comes", "2020-06-22T08:00:00Z", Comes::Backup),
    ("a year back", "2019-06-23T08:00:00Z", Comes::Nothing),
    ("a year back, and a backup comes", "2019-06-23T08:00:00Z", Comes::Backup),
    ("to the epoch", "1970-01-01T00:00:00Z", Comes::Nothing),
    ("to the epoch, and a backup comes", "1970-01-01T00:00:00Z", Comes::Backup),
    ("an hour ahead", "2020-06-23T09:00:00Z", Comes::Nothing),
    ("an hour ahead, and a backup comes", "2020-06-23T09:00:00Z", Comes::Backup),
    ("a day ahead", "2020-06-24T08:00:00Z", Comes::Nothing),
    ("a month ahead, and a backup comes", "2020-07-23T08:00:00Z", Comes::Backup),
    ("a year ahead", "2021-06-23T08:00:00Z", Comes::Nothing),
    ("a year ahead, and a backup comes", "2021-06-23T08:00:00Z", Comes::Backup),
    ("a month ahead, and a backup without a time comes", "2020-07-23T08:00:00Z", Comes::Timeless),
    ("a year ahead, and a backup without a time comes", "2021-06-23T08:00:00Z", Comes::Timeless),
    ("past 2038", "2038-01-19T03:14:08Z", Comes::Nothing),
    ("past 2106", "2106-02-07T06:28:16Z", Comes::Nothing),
    ("to the last year that is written with four digits", "9999-12-31T23:00:00Z", Comes::Nothing),
];

struct World {
    site: Site,
    server: Server,
    days: usize,
}

impl World {
    fn new() -> Self {
        let server = Server::start(Fault::None, &[]);
        let site = Site::in_memory();
        site.configure(&format!("{}{RETENTION}", mail::section(server.port)));
        Self { site, server, days: 0 }
    }

    fn set(&mut self, now: DateTime<Utc>) {
        let now = now - self.site.now();
        self.site.pass(now);
    }

    /// A backup of each of these agents, that says nothing of its time zone.
    fn deposit(&mut self, agents: &[&str]) {
        self.deposit_at(agents, &self.site.now().format("%Y-%m-%dT%H:%M:%S").to_string());
    }

    fn deposit_at(&mut self, agents: &[&str], own: &str) {
        self.days += 1;
        for agent in agents {
            let report = Report::of(agent).at(own).named(&format!("{}.json", self.days));
            self.site.deposit(&report.good("DB", format!("{agent} on day {}", self.days)));
        }
    }

    fn run(&self) {
        self.site.run(["run"]).silent();
    }

    fn day(&mut self, agents: &[&str]) {
        self.deposit(agents);
        self.run();
        self.site.pass(TimeDelta::days(1));
    }

    fn versions(&self) -> BTreeSet<String> {
        let tree = self.site.tree("validated");
        tree.lines().filter(|line| line.ends_with("/SHA256SUMS")).map(str::to_owned).collect()
    }

    fn mails(&self) -> usize {
        self.server.seen(|seen| seen.messages.len())
    }

    fn statuses(&self) -> Vec<String> {
        self.site.statuses().into_values().collect()
    }
}

#[test]
fn a_clock_that_jumps_costs_nothing_and_is_forgotten() {
    let mut faults = String::new();
    let (jumps, _) = share::of(JUMPS.to_vec(), |(name, ..)| name);
    let tried = jumps.len();
    for (name, to, comes) in jumps {
        let outcome = std::panic::catch_unwind(|| jump(name, to, comes));
        if outcome.is_err() {
            faults.push_str(&format!("{name}\n"));
            if share::until_broken() {
                break;
            }
        }
    }
    assert!(faults.is_empty(), "\n{faults}");
    println!("clock: {tried} of {tried} jumps by --now survived");
}

fn jump(name: &str, to: &str, comes: Comes) {
    let mut world = World::new();
    for _ in 0..8 {
        world.day(&AGENTS);
    }
    let (right, before) = (world.site.now(), world.versions());
    assert!(before.len() < 16, "{name}: retention has something to remove");
    assert_eq!(world.mails(), 0, "{name}");

    world.set(moment(to));
    match comes {
        Comes::Nothing => {}
        Comes::Backup => world.deposit_at(&AGENTS, &right.format("%Y-%m-%dT%H:%M:%S").to_string()),
        Comes::Timeless => world.deposit_at(&AGENTS, ""),
    }
    world.run();
    // A clock that is off by hours cannot be told from a right one: then retention works as ever.
    let is_near = moment(to) > right && moment(to) - right <= TimeDelta::days(1);
    let meanwhile = world.versions();
    assert!(is_near || meanwhile.is_superset(&before), "{name}: {before:#?} became {meanwhile:#?}");
    for _ in 0..2 {
        world.site.pass(TimeDelta::minutes(15));
        world.run();
    }
    assert!(world.mails() <= 1, "{name}: {:#?}", mail::taken(&world.server));
    world.set(right + TimeDelta::hours(1));
    world.run();
    if moment(to) < right {
        assert!(world.statuses().iter().all(|status| status != "MISSING no_report"), "{name}: a false alarm");
        // That reports are from the future is told, or that the agents' clocks differ from the server's.
        // What was reported a day ago is not from the future yet.
        let is_told = right - moment(to) > TimeDelta::days(1) || comes == Comes::Backup;
        assert_eq!(world.mails() > 0, is_told, "{name}: {:#?}", mail::taken(&world.server));
    }
    // What a new backup at a false time lets go is what the counts let go: the newest ones are there.
    let newest = before.iter().filter(|version| version.contains("20200622T080000Z"));
    let wanted: BTreeSet<String> = match comes {
        Comes::Nothing => before.clone(),
        Comes::Backup | Comes::Timeless => newest.cloned().collect(),
    };
    assert!(wanted.len() >= 2);
    assert!(world.versions().is_superset(&wanted), "{name}: removed: {wanted:#?}, {:#?}", world.versions());
    world.set(right + TimeDelta::hours(2));
    for _ in 0..3 {
        world.day(&AGENTS);
        assert_eq!(world.statuses(), ["SUCCESS"; 2], "{name}");
    }
    assert!(world.mails() <= 2, "{name}: {:#?}", mail::taken(&world.server));
    assert_eq!(world.site.alerts(), "", "{name}");
    world.site.proven_versions();

    // One falls silent: its deadline is a day and a half after its last backup.
    let told = world.mails();
    world.day(&AGENTS[..1]);
    world.day(&AGENTS[..1]);
    assert_eq!(world.statuses(), ["MISSING no_report", "SUCCESS"], "{name}");
    assert_eq!(world.mails(), told + 1, "{name}: {:#?}", mail::taken(&world.server));
}

/// The clock of a server whose battery is empty: what fails then is older than what was good before.
#[test]
fn a_clock_that_was_set_back_is_told_for_what_fails_meanwhile_counts_as_old() {
    let mut world = World::new();
    for _ in 0..3 {
        world.day(&AGENTS);
    }
    let right = world.site.now();
    world.set(moment("2009-01-01T00:00:00Z"));
    world.run();
    let own = right.format("%Y-%m-%dT%H:%M:%SZ").to_string();
    let failed = Report::of(AGENTS[0]).at(&own).named("failed.json").failed("DB", "BACKUP", "no space");
    world.site.deposit(&failed);
    world.site.pass(TimeDelta::minutes(30));
    world.run();
    let alerts = world.site.alerts();
    assert!(alerts.contains("the server's clock was set back"), "{alerts}");
    let _ = world.site.run(["check"]).exits(2);
    assert_eq!(world.mails(), 1, "{:#?}", mail::taken(&world.server));
    world.set(right + TimeDelta::hours(1));
    world.run();
    assert_eq!(world.site.alerts(), "");
    assert_eq!(world.mails(), 2, "that it is right again is told: {:#?}", mail::taken(&world.server));
}

/// In Paris the nights of 29 March and 25 October 2020 have 23 and 25 hours.
#[test]
fn the_nights_in_which_clocks_change_raise_nothing() {
    for (begin, nights) in [("2020-03-27T00:00:00Z", 4), ("2020-10-23T00:00:00Z", 4)] {
        let server = Server::start(Fault::None, &[]);
        let mut site = Site::in_memory().at(begin);
        let schedule =
            "[defaults]\nat = ['02:30']\ntimezone = 'Europe/Paris'\ngrace = '30min'\nearly = '30min'\n";
        site.configure(&format!("{}{schedule}", mail::section(server.port)));
        for half_hour in 0..nights * 48 {
            if fires(site.now()) {
                site.deposit(&Report::of(AGENTS[0]).good("DB", format!("half hour {half_hour}")));
            }
            site.run(["run"]).silent();
            site.pass(TimeDelta::minutes(30));
        }
        assert_eq!(site.statuses().into_values().collect::<Vec<_>>(), ["SUCCESS"], "{begin}");
        assert_eq!(server.seen(|seen| seen.messages.len()), 0, "{:#?}", mail::taken(&server));
    }
}

/// Whether an agent in Paris that is started at 02:30 starts now: the first of two such times, and the first moment after
/// a gap that holds it.
fn fires(now: DateTime<Utc>) -> bool {
    let local = |back: i64| {
        let time = (now - TimeDelta::minutes(back)).with_timezone(&chrono_tz::Europe::Paris);
        time.format("%H:%M").to_string()
    };
    match local(0).as_str() {
        "02:30" => local(60) != "02:30",
        "03:00" => local(30) == "01:30",
        _ => false,
    }
}

/// The program reads the clock itself, which jumps between runs and while one goes on.
#[test]
fn the_machines_own_clock_may_jump_too() {
    if Command::new("faketime").arg("--version").output().is_err() {
        eprintln!("skipped: the_machines_own_clock_may_jump_too needs faketime (apt install faketime)");
        return;
    }
    let site = Site::in_memory().env("NO_FAKE_STAT", "1").env("DONT_FAKE_MONOTONIC", "1");
    let run = |clock: &str| {
        let call = site.command(["run"]).under("faketime", ["-f", clock]);
        call.by_the_machines_clock().run().silent();
    };
    site.deposit(&Report::of(AGENTS[0]).good("DB", "day one"));
    run("@2020-06-15 08:00:00");
    let clocks = [
        "@2020-06-14 08:00:00",
        "@2020-06-15 09:00:00",
        "@2021-06-15 08:00:00",
        "@1970-01-01 00:00:01",
        "@2038-01-19 03:14:07",
        "@2106-02-07 06:28:15",
        // An hour passes in a few milliseconds of the run.
        "@2020-06-15 08:00:00 x1000000",
    ];
    for clock in clocks {
        run(clock);
        assert_eq!(site.proven_versions(), 1, "{clock}");
    }
    site.deposit(&Report::of(AGENTS[0]).at("2020-06-15T10:00:00Z").named("two.json").good("DB", "day two"));
    run("@2020-06-15 10:00:00");
    assert_eq!(site.statuses().into_values().collect::<Vec<_>>(), ["SUCCESS"]);
    assert_eq!(site.proven_versions(), 2);
    println!("clock: {0} of {0} jumps by faketime survived", clocks.len());
}

/// The clock is set while a run goes on: at its first look, its second, and so on. What it had decided stays decided, at
/// the one moment that it took for now.
#[test]
fn a_clock_that_is_set_within_a_run_changes_nothing_that_it_decides() {
    if Command::new("faketime").arg("--version").output().is_err() {
        eprintln!("skipped: a_clock_that_is_set_within_a_run_changes_nothing_that_it_decides needs faketime");
        return;
    }
    let (mut runs, mut seen) = (0, 0);
    for step in ["-1d", "-400d", "+400d"] {
        for looks in 1..=4 {
            runs += 1;
            seen += usize::from(set_within(step, looks));
        }
    }
    assert!(seen > 0, "no run saw its clock being set");
    println!("clock: {runs} of {runs} settings within a run survived, {seen} of them seen by its end");
}

/// Gives whether the run ended by the other clock.
fn set_within(step: &str, looks: usize) -> bool {
    let server = Server::start(Fault::None, &[]);
    let site = Site::in_memory().env("NO_FAKE_STAT", "1").env("DONT_FAKE_MONOTONIC", "1");
    site.configure(&format!("{}{RETENTION}", mail::section(server.port)));
    for n in 0..2 {
        for agent in AGENTS {
            let report = Report::of(agent).at("").named(&format!("{n}.json"));
            site.deposit(&report.good("DB", format!("{agent} {n}")));
        }
        let run = site.command(["run"]).by_the_machines_clock();
        let run = if n == 0 {
            run
        } else {
            run.env("FAKETIME_START_AFTER_NUMCALLS", looks.to_string()).under("faketime", ["-f", step])
        };
        run.run().silent();
        assert_eq!(site.proven_versions(), 2 * (n + 1), "{step} after {looks} looks");
    }
    let is_off = |time: DateTime<Utc>| (Utc::now() - time).abs() > TimeDelta::hours(2);
    // Set before it took its moment, it is one of the jumps between runs.
    if is_off(moment(crate::harness::word(&site.document("state/last-run.json")["started_at"]))) {
        return false;
    }
    let listed = site.command(["jobs", "list", "--json"]).by_the_machines_clock().run().json();
    // It is not known where the last scan ended before the job was there.
    let ended = listed["jobs"][0]["last_checked_at"].as_str().map(moment);
    let stepped = ended.is_none_or(is_off);
    for _ in 0..2 {
        site.command(["run"]).by_the_machines_clock().run().silent();
        assert_eq!(site.statuses().into_values().collect::<Vec<_>>(), ["SUCCESS"; 2], "{step} after {looks}");
        assert_eq!((site.proven_versions(), site.alerts()), (4, String::new()), "{step} after {looks}");
    }
    assert_eq!(server.seen(|seen| seen.messages.len()), 0, "{:#?}", mail::taken(&server));
    stepped
}
