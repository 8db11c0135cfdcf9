//! Free space, and what is going to be done with it.

use std::collections::HashMap;
use std::sync::Arc;

use chrono::TimeDelta;

use super::Known;
use super::finding::Findings;
use crate::commands::context::Context;
use crate::domain::retention::{Circumstances, Fate, Policy, plan};
use crate::domain::schedule::Anchor;
use crate::domain::settings::Effective;
use crate::domain::text::size;
use crate::domain::version::{Version, version_name};
use crate::domain::{Digest, JobId, Status, Time};
use crate::source::Source as _;
use crate::store::Store as _;

/// How far back the present growth is measured.
const GROWTH_OVER: TimeDelta = TimeDelta::days(14);
/// With a shorter history, a first copy of all would be taken for growth.
const GROWTH_FROM: TimeDelta = TimeDelta::days(2);
/// A schedule of a few minutes and a rule of years: more versions than this tell nothing new.
const MOST_VERSIONS: i64 = 5_000;
/// Occurrences that a schedule's mean distance is taken from: two weeks of a daily one.
const OCCURRENCES: usize = 15;

pub fn look(context: &Context, known: Option<&Known>, findings: &mut Findings) {
    let space = match context.vault().space() {
        Ok(space) => space,
        Err(error) => return findings.fail("free space", error.to_string()),
    };
    let reserve = context.config.promote.min_free.of(space.total);
    let hint =
        format!("{} of {} free, {} stay so (`min_free`)", size(space.free), size(space.total), size(reserve));
    if space.free <= reserve {
        findings
            .fail("free space", format!("{hint}: nothing more is promoted; make room or lower `min_free`"));
    } else {
        findings.ok("free space", hint);
    }
    let room = space.free.saturating_sub(reserve);
    let is_first = known.is_none_or(|known| known.snapshot.meta.last_scan.is_none());
    if is_first {
        first_run(context, room, findings);
    }
    if let Some(known) = known {
        outlook(context, known, room, findings);
    }
}

fn first_run(context: &Context, room: u64, findings: &mut Findings) {
    let source = context.source();
    let (mut files, mut bytes) = (0_u64, 0_u64);
    for agent in source.agents().agents {
        for (_, identity) in source.dumps(&agent).unwrap_or_default() {
            files += 1;
            bytes = bytes.saturating_add(identity.size);
        }
    }
    let hint = format!("it reads {files} dumps, and copies at most {}", size(bytes));
    if bytes > room {
        findings.warn("first run", format!("{hint}: more than the {} that there is room for", size(room)));
    } else {
        findings.ok("first run", hint);
    }
}

/// What retention needs when it is full, and whether the disk is full before.
fn outlook(context: &Context, known: &Known, room: u64, findings: &mut Findings) {
    let versions = match known.store.versions(None) {
        Ok(versions) => versions,
        Err(error) => return findings.fail("retention", error.to_string()),
    };
    let present: u64 = versions.iter().map(|version| version.size_bytes).sum();
    let Need { bytes: need, unknown } = need(context, known);
    let rest = if unknown == 0 { String::new() } else { format!("; of {unknown} jobs no size is known yet") };
    findings.ok(
        "retention",
        format!("{} kept now, at most {} when every rule is full{rest}", size(present), size(need)),
    );
    let more = need.saturating_sub(present);
    if more <= room {
        return findings
            .ok("disk full", format!("not at the present sizes: there is room for {}", size(room)));
    }
    let Some(rate) = growth(&versions, context.now) else {
        let hint = format!(
            "retention wants {} more, and there is room for {}; when cannot be said before two days of versions",
            size(more),
            size(room)
        );
        return findings.warn("disk full", hint);
    };
    let hint = match days_left(room, rate) {
        Some(days) => {
            let day = context.now + TimeDelta::days(days);
            format!(
                "on about {} at the present growth of {} a day: give it room, or keep less",
                day.format("%Y-%m-%d"),
                size(rate)
            )
        }
        None => "nothing grows at present".to_owned(),
    };
    findings.warn("disk full", hint);
}

/// `None` when it does not grow, or not within a hundred years.
fn days_left(room: u64, rate: u64) -> Option<i64> {
    let days = i64::try_from(room.checked_div(rate)?).ok()?;
    (days < 36_500).then_some(days)
}

/// Bytes a day that were promoted lately; `None` where the history is too short to tell.
fn growth(versions: &[Version], now: Time) -> Option<u64> {
    let oldest = versions.iter().map(|version| version.promoted_at).min()?;
    if now - oldest < GROWTH_FROM {
        return None;
    }
    let over = GROWTH_OVER.min(now - oldest);
    let since = now - over;
    let bytes: u64 =
        versions.iter().filter(|version| version.promoted_at > since).map(|version| version.size_bytes).sum();
    bytes.checked_div(u64::try_from(over.num_hours()).ok()?).map(|per_hour| per_hour * 24)
}

struct Need {
    bytes: u64,
    /// Jobs without a good backup, whose size is not known.
    unknown: usize,
}

fn need(context: &Context, known: &Known) -> Need {
    let mut need = Need { bytes: 0, unknown: 0 };
    // Thousands of jobs share a handful of settings.
    let mut counts: HashMap<*const Effective, u64> = HashMap::new();
    for known in known.snapshot.jobs.iter().filter(|known| known.standing.status != Status::Retired) {
        let Some(good) = &known.job.state.good else {
            need.unknown += 1;
            continue;
        };
        let count = counts.entry(Arc::as_ptr(&known.effective)).or_insert_with(|| {
            versions_when_full(
                &known.effective.retention,
                distance(&known.effective, context.now),
                context.now,
            )
        });
        need.bytes = need.bytes.saturating_add(good.size_bytes.saturating_mul(*count));
    }
    need
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

    const NOW: &str = "2026-06-15T08:00:00Z";

    #[test]
    fn what_is_kept_when_full_follows_the_rules() {
        let now: Time = NOW.parse().unwrap();
        let only = |policy: Policy| Policy {
            keep_within: Span(0),
            keep_weekly: 0,
            keep_monthly: 0,
            keep_last: 1,
            min_good: 1,
            ..policy
        };
        let daily = TimeDelta::days(1);
        assert_eq!(versions_when_full(&only(Policy { keep_daily: 7, ..Policy::default() }), daily, now), 7);
        assert_eq!(versions_when_full(&only(Policy { keep_daily: 0, ..Policy::default() }), daily, now), 1);
        let usual = versions_when_full(&Policy::default(), daily, now);
        assert!((13..=17).contains(&usual), "{usual}");
        let hourly = versions_when_full(&Policy::default(), TimeDelta::hours(1), now);
        assert!(
            (72..=95).contains(&hourly),
            "three days of hours, and what daily, weekly and monthly add: {hourly}"
        );
    }

    #[test]
    fn growth_is_told_only_of_a_history_that_is_long_enough() {
        let now: Time = NOW.parse().unwrap();
        let of = |days: i64| Version { size_bytes: 24_000, ..imagined(now - TimeDelta::days(days)) };
        assert_eq!(growth(&[], now), None);
        assert_eq!(growth(&[of(1), of(0)], now), None);
        // Ten promoted in ten days; what came before the fourteen days is no growth of now.
        let versions: Vec<Version> = (0..10).chain([300]).map(of).collect();
        assert_eq!(growth(&versions, now), Some(10 * 24_000 / (14 * 24) * 24));
        assert_eq!(days_left(1000, 0), None);
        assert_eq!(days_left(1000, 10), Some(100));
        assert_eq!(days_left(u64::MAX, 1), None);
    }
}
