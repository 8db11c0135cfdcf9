//! Which versions stay, and why: a pure plan with reasons (SPEC section 7).
//!
//! Rules are OR-ed and mean what they mean in restic: the newest version of a day, ISO week, month or year stands for
//! it, and while a rule has counts left, the oldest version stays too, so that history is as long as it can be. Time
//! is the server's own ([`Version::promoted_at`]), in the server's time zone, for an agent's clock could empty a
//! vault. What the rules let go may still be protected; this module only plans, and removing is the vault's.

mod horizon;
mod rules;
#[cfg(test)]
mod tests;

use chrono::TimeDelta;
use chrono_tz::Tz;

pub use horizon::next_change;

use super::settings::Span;
use super::{Time, Version};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Policy {
    pub keep_last: u32,
    pub keep_within: Span,
    pub keep_daily: u32,
    pub keep_weekly: u32,
    pub keep_monthly: u32,
    pub keep_yearly: u32,
    /// Never fewer than this many unsuspicious ones; 0 counts as 1, for no rule may take the last good version.
    pub min_good: u32,
    /// How long the `min_good` from before a hold stay.
    pub keep_suspect: Span,
}

impl Default for Policy {
    fn default() -> Self {
        Self {
            keep_last: 2,
            keep_within: Span::days(3),
            keep_daily: 7,
            keep_weekly: 4,
            keep_monthly: 6,
            keep_yearly: 0,
            min_good: 2,
            keep_suspect: Span::days(90),
        }
    }
}

impl Policy {
    fn good_floor(&self) -> usize {
        usize::try_from(self.min_good.max(1)).unwrap_or(usize::MAX)
    }
}

/// What else decides, beside the list of versions.
#[derive(Debug, Clone, Copy)]
pub struct Circumstances<'a> {
    pub now: Time,
    /// The server's, in which days, weeks and months are counted.
    pub timezone: Tz,
    pub current_version: Option<&'a str>,
    /// The job's newest entry is critical or its newest version is held: nothing goes.
    pub job_is_critical: bool,
    /// The scan before this one, by the state; none for 30 days means that the clock has jumped.
    pub last_scan: Option<Time>,
    /// When the job's newest hold began, whether it is over or not. Versions that are still held speak for themselves.
    pub last_held_at: Option<Time>,
}

/// Without a scan for so long, the clock is more likely wrong than the server was away.
const LONGEST_SILENCE: TimeDelta = TimeDelta::days(30);

/// Whether there was a scan in the 30 days before `now`: the clock is believed.
#[must_use]
pub fn scanned_lately(last_scan: Option<Time>, now: Time) -> bool {
    last_scan.is_some_and(|scan| scan <= now && now - scan < LONGEST_SILENCE)
}

impl Circumstances<'_> {
    /// A clock that jumped ahead makes every version old; one that was set back leaves versions in the future.
    /// Without any scan before, nothing says that the clock is right.
    fn clock_has_jumped(&self, versions: &[Version]) -> bool {
        !scanned_lately(self.last_scan, self.now)
            || versions.iter().any(|version| version.promoted_at > self.now)
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Rule {
    Last,
    Within,
    Daily,
    Weekly,
    Monthly,
    Yearly,
    MinGood,
    Current,
    Pinned,
    /// The first or one of the newest two held ones.
    Held,
    BeforeHold,
    /// Damaged, but nothing newer is good, or the rules would keep it were it whole.
    Damaged,
    JobIsCritical,
    ClockJumped,
}

impl Rule {
    /// For outputs such as `kept by daily, monthly`.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Rule::Last => "last",
            Rule::Within => "within",
            Rule::Daily => "daily",
            Rule::Weekly => "weekly",
            Rule::Monthly => "monthly",
            Rule::Yearly => "yearly",
            Rule::MinGood => "min_good",
            Rule::Current => "current",
            Rule::Pinned => "pinned",
            Rule::Held => "held",
            Rule::BeforeHold => "before_hold",
            Rule::Damaged => "damaged",
            Rule::JobIsCritical => "critical",
            Rule::ClockJumped => "clock_jumped",
        }
    }
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fate {
    /// Kept, by all these rules (at least one).
    Keep(Vec<Rule>),
    Remove,
}

impl Fate {
    /// Why `version`, whose fate this is, stays or goes: `kept by daily, monthly`.
    #[must_use]
    pub fn sentence(&self, version: &Version) -> String {
        match self {
            Fate::Keep(rules) => {
                let words: Vec<&str> = rules.iter().map(|rule| rule.word()).collect();
                format!("kept by {}", words.join(", "))
            }
            Fate::Remove if version.damaged => "goes: damaged, and a newer good version is kept".to_owned(),
            Fate::Remove if version.held => {
                "goes: held, and neither the first nor one of the newest two".to_owned()
            }
            Fate::Remove => "goes: no rule keeps it".to_owned(),
        }
    }
}

#[derive(Debug, Clone, PartialEq)]
pub struct Decision {
    pub version: String,
    pub fate: Fate,
}

/// Decides for every version of one job; in the order of `versions`, each exactly once.
///
/// While a version is held as the newest one, the good ones all stay, but those held are thinned: what the hold
/// itself piles up must not fill the disk.
#[must_use]
pub fn plan(policy: &Policy, versions: &[Version], circumstances: &Circumstances) -> Vec<Decision> {
    let mut newest_first: Vec<usize> = (0..versions.len()).collect();
    newest_first.sort_by_key(|index| {
        let version = &versions[*index];
        std::cmp::Reverse((version.promoted_at, version.report_time, &version.name))
    });
    let shelf = Shelf { policy, circumstances, versions, newest_first };
    let mut kept: Vec<Vec<Rule>> = vec![Vec::new(); versions.len()];
    shelf.keep_by_rules(&mut kept);
    shelf.keep_good_floor(&mut kept);
    shelf.keep_from_before_holds(&mut kept);
    shelf.keep_held(&mut kept);
    shelf.keep_damaged(&mut kept);
    shelf.keep_by_circumstances(&mut kept);
    std::iter::zip(versions, kept)
        .map(|(version, rules)| Decision {
            version: version.name.clone(),
            fate: if rules.is_empty() { Fate::Remove } else { Fate::Keep(rules) },
        })
        .collect()
}

/// The versions of one job in order. Positions are those in `versions`.
struct Shelf<'a> {
    policy: &'a Policy,
    circumstances: &'a Circumstances<'a>,
    versions: &'a [Version],
    newest_first: Vec<usize>,
}

/// The rules that keep each version, by its position.
type Kept = [Vec<Rule>];

impl Shelf<'_> {
    fn newest_first_where(&self, keep: impl Fn(&Version) -> bool) -> Vec<usize> {
        self.newest_first.iter().copied().filter(|index| keep(&self.versions[*index])).collect()
    }

    /// Good ones: neither damaged nor held, newest first.
    fn good(&self) -> Vec<usize> {
        self.newest_first_where(|version| !version.held && !version.damaged)
    }

    fn promoted_at(&self, index: usize) -> Time {
        self.versions[index].promoted_at
    }

    fn keep_by_rules(&self, kept: &mut Kept) {
        for (index, rule) in self.by_rules(&self.good()) {
            kept[index].push(rule);
        }
    }

    fn by_rules(&self, candidates: &[usize]) -> Vec<(usize, Rule)> {
        let times: Vec<Time> = candidates.iter().map(|index| self.promoted_at(*index)).collect();
        let picked = rules::pick(self.policy, &times, self.circumstances.timezone);
        picked.into_iter().map(|(nth, rule)| (candidates[nth], rule)).collect()
    }

    fn keep_good_floor(&self, kept: &mut Kept) {
        for index in self.good().into_iter().take(self.policy.good_floor()) {
            kept[index].push(Rule::MinGood);
        }
    }

    /// Whatever was wrong may have begun before the first version that looked suspicious.
    fn keep_from_before_holds(&self, kept: &mut Kept) {
        let good = self.good();
        // Only holds whose version stays are counted, so that the same plan made again is the same.
        let holds = self.held_to_stay().into_iter().map(|index| self.promoted_at(index));
        for hold in holds.chain(self.circumstances.last_held_at) {
            if self.circumstances.now - hold >= self.policy.keep_suspect.delta() {
                continue;
            }
            let before = good.iter().filter(|index| self.promoted_at(**index) < hold);
            for index in before.take(self.policy.good_floor()) {
                if !kept[*index].contains(&Rule::BeforeHold) {
                    kept[*index].push(Rule::BeforeHold);
                }
            }
        }
    }

    fn keep_held(&self, kept: &mut Kept) {
        for index in self.held_to_stay() {
            kept[index].push(Rule::Held);
        }
    }

    /// The newest two of those held, and the first.
    fn held_to_stay(&self) -> Vec<usize> {
        let mut held = self.newest_first_where(|version| version.held && !version.damaged);
        if held.len() > 3 {
            held.drain(2..held.len() - 1);
        }
        held
    }

    /// A damaged version counts for nothing, but half a backup is better than none: it stays until a newer good one
    /// is there and the rules would let it go were it whole.
    fn keep_damaged(&self, kept: &mut Kept) {
        let newest_good = self.good().first().map(|index| self.promoted_at(*index));
        let as_if_whole = self.by_rules(&self.newest_first_where(|version| !version.held));
        for (index, version) in self.versions.iter().enumerate().filter(|(_, version)| version.damaged) {
            let is_outlived = newest_good.is_some_and(|good| good > version.promoted_at);
            if !is_outlived || as_if_whole.iter().any(|(picked, _)| *picked == index) {
                kept[index].push(Rule::Damaged);
            }
        }
    }

    fn keep_by_circumstances(&self, kept: &mut Kept) {
        let clock_has_jumped = self.circumstances.clock_has_jumped(self.versions);
        let newest_is_held = self.newest_first.first().is_some_and(|index| self.versions[*index].held);
        for (version, rules) in std::iter::zip(self.versions, kept) {
            if self.circumstances.current_version == Some(version.name.as_str()) {
                rules.push(Rule::Current);
            }
            if version.pinned {
                rules.push(Rule::Pinned);
            }
            let spared_by_hold = newest_is_held && !version.held;
            if spared_by_hold || (self.circumstances.job_is_critical && !newest_is_held) {
                rules.push(Rule::JobIsCritical);
            }
            if clock_has_jumped {
                rules.push(Rule::ClockJumped);
            }
        }
    }
}
