//! The ground truth: what SPEC sections 3, 4, 5 and 8 say of every job at every scan, and which incidents are open.
//!
//! Written from the contract and not from the code; it calls nothing of the crate. It is slow and plain on purpose:
//! lists of occurrences, sets of what was seen, and the rules one after the other in the order of SPEC section 4.
//! Where the contract can be read in two ways, a comment that begins with `Reading:` names the one chosen.

mod hold;
mod job;
mod received;
mod windows;

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::sync::Arc;

use chrono::Datelike;

use crate::calendar::{DAY, HOUR, MINUTE, Plan, Seconds, date};
use crate::deposit::{Blob, Deposit, Entry, File, Report, ReportFile};
use hold::Holding;
use job::Job;
use received::{Received, age, staged};
use windows::Windows;

const SETTLE: i64 = 10 * MINUTE;
const ARRIVAL: i64 = 6 * HOUR;
const SKEW: i64 = 15 * MINUTE;
const ANY_ZONE: i64 = 14 * HOUR;
const TRIAL_DAYS: usize = 3;
const SILENCE: i64 = 72 * HOUR;

/// Agent (by number) and database.
pub type Key = (usize, String);

/// What the page must show of a job.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Shown {
    pub status: &'static str,
    pub cause: Option<&'static str>,
}

/// An open incident: its kind, whose it is, and a job's cause.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Trouble {
    pub kind: &'static str,
    pub agent: Option<usize>,
    pub database: Option<String>,
    pub cause: Option<&'static str>,
}

/// "The newest by that time (then by its own time, then by file name)."
type Rank = (Seconds, Seconds, String);

enum Look<'d> {
    Final { shown: Shown, found: Option<&'d Blob> },
    OnItsWay,
}

/// What the configuration says of a job.
#[derive(Clone)]
pub struct Configured {
    pub plan: Plan,
    /// The plan's zone holds for times without zone: somebody configured it.
    pub zone: bool,
    /// Its maintenance with a date, and that which comes again and again.
    pub dated: Vec<(Seconds, Seconds)>,
    pub recurring: Vec<(Seconds, Seconds)>,
}

pub struct Oracle {
    jobs: BTreeMap<Key, Job>,
    reports: Vec<Received>,
    /// Reports with a job that is not judged yet: report and database.
    unjudged: Vec<(usize, String)>,
    /// Numbers of report files that need no look any more.
    done: HashSet<u64>,
    /// When an unreadable report was first seen.
    arriving: HashMap<u64, Seconds>,
    /// What each agent said before: the same report twice changes nothing.
    said: HashMap<usize, HashSet<*const Report>>,
    first_seen: HashMap<usize, Seconds>,
    last_report: HashMap<usize, Seconds>,
    /// What the newest report of this scan shows of its agent's clock: when it was received, and whether it is ahead.
    clocks: HashMap<usize, (Seconds, bool)>,
    ahead_since: HashMap<usize, Seconds>,
    /// Of each agent's silence: since when, the dumps as they were first seen in it, and when they were seen to differ.
    dumps: HashMap<usize, (Seconds, Vec<(String, u64)>, Option<Seconds>)>,
    problems: BTreeSet<(&'static str, Option<usize>)>,
    /// The newest years of families that should have gone on.
    not_started: BTreeSet<Key>,
    blind: bool,
    horizon: (Seconds, Seconds),
    configured: BTreeMap<Key, Configured>,
    /// How often each cause was judged.
    pub census: BTreeMap<&'static str, usize>,
}

fn failed(cause: &'static str) -> Shown {
    Shown { status: "FAILED", cause: Some(cause) }
}

impl Oracle {
    pub fn new(horizon: (Seconds, Seconds), configured: BTreeMap<Key, Configured>) -> Self {
        Self {
            jobs: BTreeMap::new(),
            reports: Vec::new(),
            unjudged: Vec::new(),
            done: HashSet::new(),
            arriving: HashMap::new(),
            said: HashMap::new(),
            first_seen: HashMap::new(),
            last_report: HashMap::new(),
            clocks: HashMap::new(),
            ahead_since: HashMap::new(),
            dumps: HashMap::new(),
            problems: BTreeSet::new(),
            not_started: BTreeSet::new(),
            blind: false,
            horizon,
            configured,
            census: BTreeMap::new(),
        }
    }

    /// `jobs add` ends the trial; a discovered job is on trial.
    pub fn add(&mut self, key: &Key, now: Seconds, on_trial: bool) {
        let Configured { plan, zone: zone_configured, dated, recurring } = self.configured[key].clone();
        let mut job = Job {
            occurrences: plan.occurrences(self.horizon.0, self.horizon.1),
            windows: Windows::default(),
            dated: Windows::of(dated),
            recurring: Windows::of(recurring),
            paused_at: None,
            plan,
            zone_configured,
            added: now,
            changed: now,
            trial: on_trial.then(BTreeSet::new),
            retired: false,
            retired_at: 0,
            judged: Shown { status: "PENDING", cause: None },
            newest: None,
            covering: None,
            missed: None,
            waiting: None,
            unmet: None,
            looked: None,
            last_good: None,
            holding: Holding::default(),
            good_at: None,
            outrun: None,
            told_again: false,
            measured: HashSet::new(),
            last: None,
        };
        job.open_windows(now);
        self.jobs.insert(key.clone(), job);
    }

    /// The operator gives it another schedule: "an edit never makes anything MISSING at once".
    pub fn edit(&mut self, key: &Key, plan: &Plan, now: Seconds) {
        let occurrences = plan.occurrences(self.horizon.0, self.horizon.1);
        if let Some(configured) = self.configured.get_mut(key) {
            configured.plan = plan.clone();
        }
        if let Some(job) = self.jobs.get_mut(key) {
            job.plan = plan.clone();
            job.occurrences = occurrences;
            job.changed = now;
            job.open_windows(now);
        }
    }

    pub fn retire(&mut self, key: &Key, now: Seconds) {
        if let Some(job) = self.jobs.get_mut(key) {
            job.retired = true;
            job.retired_at = now;
        }
    }

    /// `pause`, from now on; without an end, until it is resumed.
    pub fn pause(&mut self, agent: usize, now: Seconds, until: Option<Seconds>) {
        for (_, job) in self.jobs.iter_mut().filter(|(key, _)| key.0 == agent) {
            job.paused_at = until.is_none().then_some(now);
            job.dated = job.dated.with((now, until.unwrap_or(Seconds::MAX / 4)));
            job.open_windows(now);
        }
    }

    pub fn resume(&mut self, agent: usize, now: Seconds) {
        for (key, job) in self.jobs.iter_mut().filter(|(key, _)| key.0 == agent) {
            if let Some(since) = job.paused_at.take() {
                job.dated = Windows::of(self.configured[key].dated.clone()).with((since, now));
                job.open_windows(now);
            }
        }
    }

    pub fn is_on_trial(&self, key: &Key) -> bool {
        self.jobs.get(key).is_none_or(|job| job.trial.is_some())
    }

    pub fn jobs(&self) -> impl Iterator<Item = &Key> {
        self.jobs.keys()
    }

    pub fn scan(&mut self, now: Seconds, deposit: &Deposit) {
        self.jobs.values_mut().for_each(|job| job.open_windows(now));
        self.blind = deposit.root_gone;
        self.problem("deposits_unavailable", None, self.blind);
        if !self.blind {
            self.look(now, deposit);
        }
        self.jobs.values_mut().for_each(|job| job.looked = Some(now));
    }

    fn look(&mut self, now: Seconds, deposit: &Deposit) {
        for (agent, folder) in deposit.folders.iter().enumerate().filter(|(_, folder)| folder.exists) {
            let known = self.first_seen.contains_key(&agent);
            // Reading: of an agent of which nothing is expected any more nobody misses the folder.
            let mut jobs = self.jobs.iter().filter(|(key, _)| key.0 == agent).peekable();
            let ended = jobs.peek().is_some() && jobs.all(|(_, job)| job.retired);
            self.problem("deposit_unreadable", Some(agent), folder.gone && known && !ended);
            if !folder.gone {
                self.first_seen.entry(agent).or_insert(now);
                self.harvest(agent, &folder.reports, now);
                self.tell_clock(agent, now);
            }
        }
        self.judge_reports(now, deposit);
        self.look_again(now, deposit);
        for job in self.jobs.values_mut() {
            let before = job.missed;
            job.miss(now);
            if job.missed != before && job.judged.status == "MISSING" {
                *self.census.entry("no_report").or_default() += 1;
            }
        }
        self.watch_silence(now, deposit);
        self.turn_years(now);
    }

    pub fn shown(&self, key: &Key, now: Seconds) -> Option<Shown> {
        self.jobs.get(key).map(|job| job.shown(now))
    }

    pub fn troubles(&self) -> BTreeSet<Trouble> {
        let problems = self.problems.iter().map(|(kind, agent)| Trouble {
            kind,
            agent: *agent,
            database: None,
            cause: None,
        });
        let about = |kind, key: &Key, cause| {
            let (agent, database) = key.clone();
            Trouble { kind, agent: Some(agent), database: Some(database), cause }
        };
        let in_trouble =
            self.jobs.iter().filter(|(_, job)| !job.retired && job.is_critical() && !job.year_is_over());
        let jobs = in_trouble.map(|(key, job)| about("job", key, job.judged.cause));
        let held = self.jobs.iter().filter(|(_, job)| job.holding.is_held());
        let held = held.map(|(key, _)| about("version_held", key, None));
        let retired = self.jobs.iter().filter(|(_, job)| job.told_again);
        let retired = retired.map(|(key, _)| about("retired_reports", key, None));
        let years = self.not_started.iter().map(|key| about("year_not_started", key, None));
        problems.chain(jobs).chain(held).chain(retired).chain(years).collect()
    }

    fn problem(&mut self, kind: &'static str, agent: Option<usize>, there: bool) {
        if there {
            self.problems.insert((kind, agent));
        } else {
            self.problems.remove(&(kind, agent));
        }
    }

    /// Rule 1, "told once". Reading: the newest report of a scan speaks for the clock, and it is right again by a report
    /// that was received after it was told.
    fn tell_clock(&mut self, agent: usize, now: Seconds) {
        match self.clocks.remove(&agent) {
            Some((_, true)) => {
                self.ahead_since.entry(agent).or_insert(now);
            }
            Some((received, false)) if self.ahead_since.get(&agent).is_some_and(|told| *told < received) => {
                self.ahead_since.remove(&agent);
            }
            _ => {}
        }
        self.problem("clock_skew", Some(agent), self.ahead_since.contains_key(&agent));
    }

    /// Section 3: what is new, in the order of its arrival.
    fn harvest(&mut self, agent: usize, files: &BTreeMap<String, File<ReportFile>>, now: Seconds) {
        let mut new: Vec<_> = files.iter().filter(|(_, file)| !self.done.contains(&file.number)).collect();
        new.sort_by_key(|(name, file)| (file.mtime.max(file.ctime), (*name).clone()));
        for (name, file) in new {
            match &file.content {
                ReportFile::Unreadable => {
                    let first_seen = *self.arriving.entry(file.number).or_insert(now);
                    if age(file.mtime, file.ctime, first_seen, now) >= SETTLE {
                        self.done.insert(file.number);
                        self.problem("report_unreadable", Some(agent), true);
                    }
                }
                ReportFile::Readable(report) => {
                    self.done.insert(file.number);
                    if self.said.entry(agent).or_default().insert(Arc::as_ptr(report)) {
                        self.receive(agent, name, file, report, now);
                    }
                }
            }
        }
    }

    fn receive(
        &mut self,
        agent: usize,
        name: &str,
        file: &File<ReportFile>,
        report: &Arc<Report>,
        now: Seconds,
    ) {
        self.problem("report_unreadable", Some(agent), false);
        self.problem("agent_never_reported", Some(agent), false);
        self.problem("dumps_without_report", Some(agent), false);
        let received = Received {
            agent,
            file: name.to_owned(),
            report: Arc::clone(report),
            first_seen: now,
            mtime: file.mtime,
            ctime: file.ctime,
        };
        let last = self.last_report.entry(agent).or_insert(received.time());
        *last = (*last).max(received.time());
        let index = self.reports.len();
        let (mut ahead, mut report_tells_time) = (false, false);
        for (database, _) in &report.entries {
            let key = (agent, database.clone());
            if !self.jobs.contains_key(&key) {
                self.add(&key, now, true);
            }
            let job = &self.jobs[&key];
            report_tells_time |= received.own(job).is_some() || !job.zone_configured;
            ahead |= received.own(job).is_some_and(|own| own > received.time() + SKEW);
            self.unjudged.push((index, database.clone()));
        }
        if report_tells_time {
            let shown = (received.time(), ahead);
            let newest = self.clocks.entry(agent).or_insert(shown);
            *newest = (*newest).max(shown);
        }
        self.reports.push(received);
    }

    /// Rules 2 and 3.
    fn judge_reports(&mut self, now: Seconds, deposit: &Deposit) {
        let mut of_job: BTreeMap<Key, Vec<usize>> = BTreeMap::new();
        for (index, database) in std::mem::take(&mut self.unjudged) {
            of_job.entry((self.reports[index].agent, database)).or_default().push(index);
        }
        for (key, mut indexes) in of_job {
            let Some(job) = self.jobs.get_mut(&key) else { continue };
            indexes.sort_by_key(|index| self.reports[*index].rank(job));
            let Some(newest) = indexes.pop() else { continue };
            for superseded in indexes {
                *self.census.entry("superseded").or_default() += 1;
                let time = self.reports[superseded].rank(job).0;
                job.cover(time);
            }
            job.waiting = None;
            let received = &self.reports[newest];
            let rank = received.rank(job);
            if job.newest.as_ref().is_some_and(|judged| *judged > rank) {
                let former = job.newest.clone();
                job.judge_older(received, newest, &key.1, &rank, deposit);
                if job.newest != former {
                    *self.census.entry("older, of new bytes").or_default() += 1;
                }
                continue;
            }
            match job.look(received, &key.1, &rank, now, deposit) {
                Look::Final { shown, found } => {
                    *self.census.entry(shown.cause.unwrap_or(shown.status)).or_default() += 1;
                    job.judge(newest, rank, shown, found);
                }
                Look::OnItsWay => {
                    job.wait(newest, received, &rank, now);
                    self.unjudged.push((newest, key.1));
                }
            }
        }
    }

    /// "When a staged file judged with a `file_…` or `hash_…` cause changes later, before a newer report comes, it is
    /// looked at again, as a new entry of the same report."
    fn look_again(&mut self, now: Seconds, deposit: &Deposit) {
        for ((agent, database), job) in &mut self.jobs {
            let Some((index, Some(cause), judged)) = job.last else { continue };
            // `never_settled` is the third word of rule 3 and heals in the same way; a hash that is none never can.
            let heals =
                matches!(cause, "file_absent" | "file_not_replaced" | "hash_differs" | "never_settled");
            let received = &self.reports[index];
            let Some(Entry::Good { file, .. }) = received.entry(database) else { continue };
            // Reading: the same bytes under another time are no change.
            let found = staged(deposit, *agent, file).map(|dump| dump.content.number);
            if !heals || job.waiting.is_some() || found.is_none() || found == judged {
                continue;
            }
            let Some(rank) = job.newest.clone() else { continue };
            if let Look::Final { shown, found } = job.look(received, database, &rank, now, deposit) {
                *self
                    .census
                    .entry(if shown.cause.is_none() { "healed by its file" } else { "looked at again" })
                    .or_default() += 1;
                job.judge(index, rank, shown, found);
            }
        }
    }

    /// Rule 7.
    fn watch_silence(&mut self, now: Seconds, deposit: &Deposit) {
        for (agent, first_seen) in &self.first_seen {
            let folder = &deposit.folders[*agent];
            if folder.gone {
                continue;
            }
            let last_report = self.last_report.get(agent);
            let since = *last_report.unwrap_or(first_seen);
            if last_report.is_none() && now - since >= SILENCE {
                self.problems.insert(("agent_never_reported", Some(*agent)));
            }
            // Reading: the dumps are looked at from a day after the newest report on, and one that changes then has as
            // long to wait for its report as a file has for itself.
            if last_report.is_some() && now - since < DAY {
                continue;
            }
            let dumps: Vec<_> = folder.dumps.iter().map(|(name, dump)| (name.clone(), dump.number)).collect();
            let known = self.dumps.entry(*agent).or_insert_with(|| (since, dumps.clone(), None));
            if known.0 != since {
                *known = (since, dumps.clone(), None);
            }
            if known.2.is_none() && known.1 != dumps {
                known.2 = Some(now);
            }
            if now - since >= SILENCE && known.2.is_some_and(|changed| now - changed >= ARRIVAL) {
                self.problems.insert(("dumps_without_report", Some(*agent)));
            }
        }
    }

    /// Section 5, "Years".
    fn turn_years(&mut self, now: Seconds) {
        let mut families: BTreeMap<(usize, String), BTreeMap<i32, Key>> = BTreeMap::new();
        for key in self.jobs.keys() {
            // In this fleet a year stands at the end of a name, or nowhere.
            let Some((name, Ok(year))) = key.1.rsplit_once('_').map(|(name, year)| (name, year.parse()))
            else {
                continue;
            };
            families.entry((key.0, name.to_owned())).or_default().insert(year, key.clone());
        }
        families.retain(|_, years| years.len() > 1);
        self.not_started.clear();
        for years in families.values() {
            let mut newer_good: Option<Seconds> = None;
            for key in years.values().rev() {
                let Some(job) = self.jobs.get_mut(key) else { continue };
                job.leave_behind(newer_good);
                newer_good = newer_good.max(job.good_at);
            }
            // "After `year_start` (default 31 January)", by the server's days.
            let today = date(now);
            let expected =
                if (today.month(), today.day()) > (1, 31) { today.year() } else { today.year() - 1 };
            let newest =
                years.last_key_value().filter(|(year, key)| **year < expected && !self.jobs[*key].retired);
            self.not_started.extend(newest.map(|(_, key)| key.clone()));
        }
        let over = self.jobs.values().any(Job::year_is_over);
        self.problem("year_over", None, over);
    }
}
