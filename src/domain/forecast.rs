//! When the space for versions is full: how much the rules of retention will keep, and how fast it grows at present.
//!
//! Growth is told by what was promoted lately, so that a first copy of all is not taken for it; and only where what the
//! rules keep when full does not fit, for else it ends by itself.

use std::collections::HashMap;

use chrono::{NaiveDate, TimeDelta};

use super::retention::{Circumstances, Fate, Policy, plan};
use super::schedule::Anchor;
use super::settings::Effective;
use super::version::{Version, version_name};
use super::{Digest, Job, JobId, Time};

/// How far back the present growth is measured.
pub const GROWTH_OVER: TimeDelta = TimeDelta::days(14);
/// With a shorter history, a first copy of all would be taken for growth.
const GROWTH_FROM: TimeDelta = TimeDelta::days(2);
/// A schedule of a few minutes and a rule of years: more versions than this tell nothing new.
const MOST_VERSIONS: i64 = 5_000;
/// Occurrences that a schedule's mean distance is taken from: two weeks of a daily one.
const OCCURRENCES: usize = 15;
/// What is further ahead is not in sight.
const FARTHEST_DAYS: i64 = 36_500;

/// What the versions on the disk come to, in bytes.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Holdings {
    pub bytes: u64,
    /// Of them, what was promoted in the last [`GROWTH_OVER`].
    pub lately: u64,
    /// When the oldest of them was promoted; `None` without any.
    pub oldest: Option<Time>,
}

/// All in bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Forecast {
    pub kept: u64,
    /// What is kept once every rule is full, at the present sizes.
    pub need: u64,
    /// Jobs without a good backup, whose size is not known.
    pub unsized_jobs: usize,
    /// What promotions may still take.
    pub room: u64,
    pub filling: Filling,
}

/// Whether and when there is no room any more.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Filling {
    /// All that the rules will keep has room.
    Never,
    /// It does not, and the versions are too young to tell how fast they grow.
    Unknown,
    /// It does not, and nothing grows at present, or so slowly that no one living will see it.
    Standstill,
    /// It does not, and this is the day, in UTC, at `rate` bytes a day.
    On { day: NaiveDate, rate: u64 },
}

impl Forecast {
    /// `jobs` are those that are still backed up; `room` is what promotions may still take, in bytes.
    #[must_use]
    pub fn new<'j>(
        jobs: impl IntoIterator<Item = (&'j Job, &'j Effective)>,
        holdings: &Holdings,
        room: u64,
        now: Time,
    ) -> Self {
        let (need, unsized_jobs) = need(jobs, now);
        let filling = filling(need.saturating_sub(holdings.bytes), holdings, room, now);
        Self { kept: holdings.bytes, need, unsized_jobs, room, filling }
    }

    /// The day when it is full, where that can be said.
    #[must_use]
    pub fn full_on(&self) -> Option<NaiveDate> {
        match self.filling {
            Filling::On { day, .. } => Some(day),
            Filling::Never | Filling::Unknown | Filling::Standstill => None,
        }
    }
}

fn filling(more: u64, holdings: &Holdings, room: u64, now: Time) -> Filling {
    if more <= room {
        return Filling::Never;
    }
    let Some(rate) = growth(holdings, now) else { return Filling::Unknown };
    let days = room.checked_div(rate).and_then(|days| i64::try_from(days).ok());
    match days.filter(|days| *days < FARTHEST_DAYS) {
        Some(days) => Filling::On { day: (now + TimeDelta::days(days)).date_naive(), rate },
        None => Filling::Standstill,
    }
}

/// Bytes a day that were promoted lately; `None` where the history is too short to tell.
fn growth(holdings: &Holdings, now: Time) -> Option<u64> {
    let age = now - holdings.oldest?;
    if age < GROWTH_FROM {
        return None;
    }
    let hours = u64::try_from(GROWTH_OVER.min(age).num_hours()).ok()?;
    holdings.lately.checked_div(hours).map(|per_hour| per_hour.saturating_mul(24))
}

/// What is kept when every rule is full, and of how many jobs no size is known.
fn need<'j>(jobs: impl IntoIterator<Item = (&'j Job, &'j Effective)>, now: Time) -> (u64, usize) {
    let (mut bytes, mut unsized_jobs) = (0_u64, 0);
    // Thousands of jobs share a handful of settings.
    let mut counts: HashMap<*const Effective, u64> = HashMap::new();
    for (job, effective) in jobs {
        let Some(good) = &job.state.good else {
            unsized_jobs += 1;
            continue;
        };
        let count = counts
            .entry(std::ptr::from_ref(effective))
            .or_insert_with(|| versions_when_full(&effective.retention, distance(effective, now), now));
        bytes = bytes.saturating_add(good.size_bytes.saturating_mul(*count));
    }
    (bytes, unsized_jobs)
}

/// The mean distance between two backups by schedule.
fn distance(effective: &Effective, now: Time) -> TimeDelta {
    let anchor = Anchor { added: now, schedule_changed: now, covered_by: None, missed_through: None };
    let cycles = effective.schedule.upcoming(&anchor, &[], now, OCCURRENCES);
    match (cycles.first(), cycles.last(), i32::try_from(cycles.len())) {
        (Some(first), Some(last), Ok(count)) if count > 1 => (last.due - first.due) / (count - 1),
        _ => TimeDelta::days(1),
    }
}

/// How many versions the rules keep once a backup has come at every `distance` for longer than any rule looks back.
fn versions_when_full(policy: &Policy, distance: TimeDelta, now: Time) -> u64 {
    let days = |count: u32, each: i64| TimeDelta::days(i64::from(count).min(1000) * each);
    let by_time = [
        policy.keep_within.delta(),
        days(policy.keep_daily, 1),
        days(policy.keep_weekly, 7),
        days(policy.keep_monthly, 31),
        days(policy.keep_yearly, 366),
    ];
    let distance = distance.max(TimeDelta::minutes(1));
    let horizon = by_time.into_iter().max().unwrap_or_default();
    let least = i64::from(policy.keep_last.max(policy.min_good)) + 1;
    let count = (horizon.num_seconds() / distance.num_seconds().max(1) + 2).max(least).min(MOST_VERSIONS);
    let versions: Vec<Version> = (0..count)
        .rev()
        .map(|back| imagined(now - distance * i32::try_from(back).unwrap_or(i32::MAX)))
        .collect();
    let circumstances = Circumstances {
        now,
        timezone: chrono_tz::Tz::UTC,
        current_version: versions.last().map(|version| version.name.as_str()),
        job_is_critical: false,
        last_scan: Some(now),
        last_held_at: None,
    };
    let kept =
        plan(policy, &versions, &circumstances).into_iter().filter(|decision| decision.fate != Fate::Remove);
    kept.count() as u64
}

fn imagined(at: Time) -> Version {
    let sha256 = Digest::of(at.to_rfc3339().as_bytes());
    Version {
        job: JobId::from_text("imagined"),
        name: version_name(at, &sha256),
        file_name: String::new(),
        report_time: at,
        promoted_at: at,
        sha256,
        size_bytes: 0,
        content_bytes: None,
        warnings: Vec::new(),
        pinned: false,
        held: false,
        damaged: false,
        verified_at: at,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::settings::Span;

    fn now() -> Time {
        "2026-06-15T08:00:00Z".parse().unwrap()
    }

    #[test]
    fn what_is_kept_when_full_follows_the_rules() {
        let only = |policy: Policy| Policy {
            keep_within: Span(0),
            keep_weekly: 0,
            keep_monthly: 0,
            keep_last: 1,
            min_good: 1,
            ..policy
        };
        let daily = TimeDelta::days(1);
        assert_eq!(versions_when_full(&only(Policy { keep_daily: 7, ..Policy::default() }), daily, now()), 7);
        assert_eq!(versions_when_full(&only(Policy { keep_daily: 0, ..Policy::default() }), daily, now()), 1);
        let usual = versions_when_full(&Policy::default(), daily, now());
        assert!((13..=17).contains(&usual), "{usual}");
        let hourly = versions_when_full(&Policy::default(), TimeDelta::hours(1), now());
        assert!(
            (72..=95).contains(&hourly),
            "three days of hours, and what daily, weekly and monthly add: {hourly}"
        );
    }

    /// Begun so many days ago, with so many bytes promoted lately.
    fn holdings(days: i64, lately: u64) -> Holdings {
        Holdings { bytes: 1_000_000, lately, oldest: Some(now() - TimeDelta::days(days)) }
    }

    #[test]
    fn growth_is_told_only_of_a_history_that_is_long_enough() {
        assert_eq!(growth(&Holdings::default(), now()), None);
        assert_eq!(growth(&holdings(1, 24_000), now()), None);
        assert_eq!(growth(&holdings(2, 48_000), now()), Some(24_000));
        assert_eq!(
            growth(&holdings(300, 14 * 24_000), now()),
            Some(24_000),
            "what came before is no growth of now"
        );
    }

    #[test]
    fn the_day_is_told_only_where_what_the_rules_keep_does_not_fit() {
        let of = |more, days, lately, room| filling(more, &holdings(days, lately), room, now());
        assert_eq!(of(1000, 300, 14 * 24_000, 1000), Filling::Never);
        assert_eq!(of(1001, 1, 24_000, 1000), Filling::Unknown);
        assert_eq!(of(1001, 300, 0, 1000), Filling::Standstill);
        assert_eq!(
            of(u64::MAX, 300, 14 * 24, u64::MAX / 2),
            Filling::Standstill,
            "not within a hundred years"
        );
        let day = NaiveDate::from_ymd_opt(2026, 6, 25);
        let full = of(1_000_000, 300, 14 * 24_000, 249_000);
        assert_eq!(full, Filling::On { day: day.unwrap(), rate: 24_000 });
        let later = filling(1_000_000, &holdings(300, 14 * 24_000), 248_999, now() + TimeDelta::minutes(15));
        assert_eq!(later, full, "no other day with each second");
    }
}
