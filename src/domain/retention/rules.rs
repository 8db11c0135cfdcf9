//! The rules that count versions, as restic's `forget` applies them.

use chrono::{DateTime, Datelike};
use chrono_tz::Tz;

use super::{Policy, Rule};
use crate::domain::Time;

/// Which of `times`, newest first, are kept by which rule.
pub(super) fn pick(policy: &Policy, times: &[Time], timezone: Tz) -> Vec<(usize, Rule)> {
    let local: Vec<DateTime<Tz>> = times.iter().map(|time| time.with_timezone(&timezone)).collect();
    let by_day = newest_of_each(&local, policy.keep_daily, |_, time| (time.year(), time.ordinal()));
    let by_week = newest_of_each(&local, policy.keep_weekly, |_, time| {
        (time.iso_week().year(), time.iso_week().week())
    });
    let by_month = newest_of_each(&local, policy.keep_monthly, |_, time| (time.year(), time.month()));
    let by_year = newest_of_each(&local, policy.keep_yearly, |_, time| time.year());
    let counted = [
        (Rule::Last, newest_of_each(&local, policy.keep_last, |nth, _| nth)),
        (Rule::Within, within(policy, times)),
        (Rule::Daily, by_day),
        (Rule::Weekly, by_week),
        (Rule::Monthly, by_month),
        (Rule::Yearly, by_year),
    ];
    counted.into_iter().flat_map(|(rule, kept)| kept.into_iter().map(move |nth| (nth, rule))).collect()
}

/// Counted back from the newest version and not from now, so that an agent that fell silent loses nothing by it.
fn within(policy: &Policy, times: &[Time]) -> Vec<usize> {
    let Some(newest) = times.first() else {
        return Vec::new();
    };
    let is_within = |time: Time| *newest - time < policy.keep_within.delta();
    (0..times.len()).filter(|nth| is_within(times[*nth])).collect()
}

/// The newest of each of the last `count` periods that have one; and the oldest of all while counts are left.
fn newest_of_each<P: PartialEq>(
    times: &[DateTime<Tz>],
    count: u32,
    period: impl Fn(usize, &DateTime<Tz>) -> P,
) -> Vec<usize> {
    let mut kept = Vec::new();
    let mut last_period = None;
    let mut left = count;
    for (nth, time) in times.iter().enumerate() {
        let this = Some(period(nth, time));
        if left > 0 && (this != last_period || nth + 1 == times.len()) {
            kept.push(nth);
            left -= 1;
        }
        last_period = this;
    }
    kept
}
