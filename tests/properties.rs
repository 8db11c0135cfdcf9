//! What holds for every schedule, every shelf of versions and every text.

use backupmon::domain::retention::{Circumstances, Fate, Policy, plan};
use backupmon::domain::schedule::{Anchor, Cycle, Days, MISSED_LIMIT, Window, time_of_day};
use backupmon::domain::settings::{Settings, Span};
use backupmon::domain::{Digest, JobId, Schedule, Time, Version};
use chrono::TimeDelta;
use chrono_tz::Tz;
use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;

/// Zones whose clocks change by an hour, by half of one, for Ramadan, at midnight, and never.
const ZONES: [&str; 8] = [
    "Europe/Paris",
    "America/New_York",
    "Pacific/Auckland",
    "Australia/Lord_Howe",
    "Africa/Casablanca",
    "Africa/Cairo",
    "Africa/Douala",
    "UTC",
];

const CALENDARS: [&str; 10] = [
    "0 13 * * mon-fri",
    "30 2 * * *",
    "*/15 2 * * *",
    "*/20 * * * *",
    "0 * * * *",
    "15,45 0-3 * * sat,sun",
    "0 3 1 * *",
    "0 0 29 2 *",
    "0 22 L * *",
    "30 1 13 * fri",
];

/// 2025-01-01 and so many seconds.
fn moment(seconds: i64) -> Time {
    Time::from_timestamp(1_735_689_600 + seconds, 0).unwrap()
}

/// Within two years, which hold every kind of change of the clocks, often near one, and often on the hour, where
/// things coincide.
fn any_moment() -> impl Strategy<Value = Time> {
    // The nights in which clocks change in the zones above.
    let nights = prop::sample::select(vec![53_i64, 67, 88, 95, 114, 123, 271, 277, 298, 305]);
    prop_oneof![
        (0..730 * 86_400_i64).prop_map(moment),
        (0..60 * 24_i64).prop_map(|hours| moment(hours * 3600)),
        (nights, -86_400..2 * 86_400_i64).prop_map(|(day, seconds)| moment(day * 86_400 + seconds)),
    ]
}

fn calendar() -> impl Strategy<Value = Schedule> {
    let cron = prop::sample::select(&CALENDARS[..])
        .prop_map(|cron| Settings { cron: Some(cron.to_owned()), ..Settings::default() });
    let at =
        (vec((0..24_u8, 0..60_u8), 1..4), prop::sample::select(vec!["daily", "mon-fri", "sat-mon", "wed"]))
            .prop_map(|(times, days)| Settings {
                at: Some(times.iter().map(|(hour, minute)| format!("{hour:02}:{minute:02}")).collect()),
                days: Some(days.to_owned()),
                ..Settings::default()
            });
    (prop_oneof![cron, at], zone(), 0..5 * 3600_u64, 0..3 * 3600_u64).prop_map(
        |(mut settings, zone, grace, early)| {
            settings.grace = Some(Span(grace));
            settings.early = Some(Span(early));
            Schedule::new(&settings, zone).unwrap()
        },
    )
}

fn every() -> impl Strategy<Value = Schedule> {
    let spans = prop_oneof![
        (60..3 * 86_400_u64, 0..86_400_u64),
        (1..48_u64, 0..24_u64).prop_map(|(every, grace)| (every * 3600, grace * 3600)),
    ];
    (spans, zone()).prop_map(|((every, grace), zone)| {
        let settings = Settings { every: Some(Span(every)), grace: Some(Span(grace)), ..Settings::default() };
        Schedule::new(&settings, zone).unwrap()
    })
}

fn zone() -> impl Strategy<Value = Tz> {
    prop::sample::select(&ZONES[..]).prop_map(|name| name.parse().unwrap())
}

fn windows() -> impl Strategy<Value = Vec<Window>> {
    let window = (any_moment(), option::weighted(0.9, 0..20 * 24_i64)).prop_map(|(from, length)| Window {
        from,
        until: length.map(|length| from + TimeDelta::hours(length)),
    });
    // Some that come again and again, also several within one grace.
    let recurring = (any_moment(), 2..30_i64, 1..180_i64).prop_map(|(first, period, length)| {
        let from = (0..60).map(|n| first + TimeDelta::hours(n * period));
        from.map(|from| Window { from, until: Some(from + TimeDelta::minutes(length)) }).collect()
    });
    prop_oneof![3 => vec(window, 0..4), 1 => recurring]
}

/// Mostly with a long time to come, in which cycles are missed.
fn anchor() -> impl Strategy<Value = Anchor> {
    let sometimes = || option::weighted(0.3, any_moment());
    (any_moment(), sometimes(), sometimes(), sometimes()).prop_map(
        |(added, covered_by, missed_through, changed)| {
            let schedule_changed = changed.map_or(added, |changed| changed.max(added));
            Anchor { added, schedule_changed, covered_by, missed_through }
        },
    )
}

fn since(added: Time) -> Anchor {
    Anchor { added, schedule_changed: added, covered_by: None, missed_through: None }
}

proptest! {
    /// Every instant after the anchor lies in exactly one cycle, from one occurrence to the next: what covers an
    /// occurrence exactly leaves the next one open, whichever instant in between is asked.
    #[test]
    fn cycles_tile_time(schedule in calendar(), start in any_moment(), within in 0.0..1.0_f64) {
        let cycles = schedule.upcoming(&since(start), &[], start, 20);
        prop_assert_eq!(cycles.len(), 20);
        prop_assert!(cycles[0].due > start);
        for pair in cycles.windows(2) {
            let [this, next] = [pair[0], pair[1]];
            prop_assert!(this.due < next.due);
            prop_assert_eq!(this.deadline - this.due, schedule.grace);
            #[expect(clippy::cast_possible_truncation, clippy::cast_precision_loss, reason = "any second in between")]
            let offset = ((next.due - this.due).num_seconds() as f64 * within) as i64;
            let inside = this.due + TimeDelta::seconds(offset);
            prop_assert_eq!(schedule.open_cycle(&since(inside), &[]), Some(next));
            prop_assert_eq!(schedule.open_cycle(&since(this.due - TimeDelta::seconds(1)), &[]), Some(this));
        }
    }

    /// A report covers an occurrence, at most `early` ahead of it and never more than half the way to it, and a later
    /// report never an earlier one.
    #[test]
    fn covering_is_monotone(schedule in calendar(), report in any_moment(), later in 0..90 * 86_400_i64) {
        let covered = schedule.covered_occurrence(report).unwrap();
        prop_assert!(schedule.covers(report, covered));
        prop_assert!(!schedule.covers(report, covered + TimeDelta::seconds(1)));
        prop_assert!(covered - report <= schedule.early);
        prop_assert!(schedule.covered_occurrence(covered) == Some(covered));
        prop_assert!(schedule.covered_occurrence(report + TimeDelta::seconds(later)).unwrap() >= covered);
        let open = schedule.open_cycle(&Anchor { covered_by: Some(report), ..since(moment(-99 * 86_400 * 366)) }, &[]);
        prop_assert!(open.is_some_and(|cycle| cycle.due > covered));
    }

    /// Missed cycles and the open one are one sequence, whenever each of them is asked for.
    #[test]
    fn missed_and_open_agree(
        schedule in prop_oneof![calendar(), every()],
        anchor in anchor(),
        windows in windows(),
        now in any_moment(),
    ) {
        let merged = Window::merged(windows.clone());
        let open = schedule.open_cycle(&anchor, &windows);
        prop_assert_eq!(open, schedule.open_cycle(&anchor, &merged));
        let missed = schedule.missed(&anchor, &windows, now);
        // Several deadlines may be put off to the end of one window.
        prop_assert!(missed.is_sorted_by(|a, b| a.due < b.due && a.deadline <= b.deadline));
        prop_assert!(missed.iter().all(|cycle| cycle.deadline <= now));
        prop_assert!(missed.len() <= MISSED_LIMIT);
        let outside = |time| !merged.iter().any(|window| window.contains(time));
        prop_assert!(missed.iter().chain(&open).all(|cycle| outside(cycle.due) && outside(cycle.deadline)));
        if missed.len() < MISSED_LIMIT {
            prop_assert_eq!(open.filter(|cycle| cycle.deadline <= now), missed.first().copied());
        }
        // Recording what was missed one by one is the same as at once.
        let one_by_one = record_one_by_one(&schedule, anchor, &windows, now, missed.len());
        if missed.len() < MISSED_LIMIT {
            prop_assert_eq!(&one_by_one, &missed);
        }
        let recorded = Anchor { missed_through: missed.last().map(|cycle| cycle.due).or(anchor.missed_through), ..anchor };
        prop_assert_eq!(schedule.missed(&recorded, &windows, now), []);
        let next = schedule.open_cycle(&recorded, &windows);
        prop_assert!(next.is_none_or(|cycle| cycle.deadline > now));
        prop_assert!(missed.last().is_none_or(|last| next.is_none_or(|next| next.due > last.due)));
    }

    /// Of two backups in a row at most one is not waited for because of windows that hold neither of them.
    #[test]
    fn a_window_costs_one_cycle_and_never_two_in_a_row(
        schedule in calendar(),
        start in any_moment(),
        shift in 0..24 * 60_i64,
        length in 1..5 * 60_i64,
        period in 1..9_i64,
    ) {
        let windows: Vec<Window> = (-9..99)
            .map(|n| start + TimeDelta::days(n * period) + TimeDelta::minutes(shift))
            .map(|from| Window { from, until: Some(from + TimeDelta::minutes(length)) })
            .collect();
        let is_due = |time| !windows.iter().any(|window| window.contains(time));
        let plain = schedule.upcoming(&since(start), &[], start, 60);
        let end = plain[59].due.min(start + TimeDelta::days(60 * period));
        let expected: Vec<Time> =
            schedule.upcoming(&since(start), &windows, start, 60).iter().map(|cycle| cycle.due).collect();
        // Cycles that the same window reaches are one loss; the one after its end is there.
        let lost = plain.iter().map(|cycle| cycle.due).filter(|due| *due < end && is_due(*due) && !expected.contains(due));
        for due in lost {
            let window = windows.iter().rfind(|window| window.from <= due + schedule.grace).unwrap();
            let next = plain.iter().map(|cycle| cycle.due).find(|next| *next >= window.until.unwrap() && is_due(*next));
            prop_assert!(next.is_none_or(|next| next >= end || expected.contains(&next)), "{due} and {next:?}");
        }
    }

    /// Whatever was changed, nothing is missing at that moment.
    #[test]
    fn an_edit_makes_nothing_missing(
        schedule in prop_oneof![calendar(), every()],
        anchor in anchor(),
        windows in windows(),
    ) {
        prop_assert_eq!(schedule.missed(&anchor, &windows, anchor.schedule_changed), []);
    }

    #[test]
    fn merged_windows_contain_what_any_of_them_did(windows in windows(), time in any_moment()) {
        let merged = Window::merged(windows.clone());
        prop_assert!(merged.is_sorted_by(|a, b| a.until.is_some_and(|until| until < b.from)));
        let contains = |windows: &[Window]| windows.iter().any(|window| window.contains(time));
        prop_assert_eq!(contains(&windows), contains(&merged));
    }

    #[test]
    fn any_text_is_parsed_or_refused(text in any::<String>(), cron in "[-0-9*/,LW#?+@a-z ]{0,24}", zone in zone()) {
        let _ = text.parse::<Span>();
        let _ = text.parse::<Days>();
        let _ = time_of_day(&text);
        for text in [&text, &cron] {
            let texts = || Some(text.clone());
            for settings in [
                Settings { cron: texts(), ..Settings::default() },
                Settings { at: Some(vec![text.clone()]), days: texts(), ..Settings::default() },
                Settings { timezone: texts(), ..Settings::default() },
            ] {
                if let Ok(schedule) = Schedule::new(&settings, zone) {
                    prop_assert!(schedule.open_cycle(&since(moment(0)), &[]).is_some(), "{schedule}");
                }
            }
        }
    }

    #[test]
    fn a_span_that_is_written_is_read_again(seconds in 0..50 * 366 * 86_400_u64) {
        prop_assert_eq!(Span(seconds).to_string().parse(), Ok(Span(seconds)));
    }
}

fn record_one_by_one(
    schedule: &Schedule,
    mut anchor: Anchor,
    windows: &[Window],
    now: Time,
    at_most: usize,
) -> Vec<Cycle> {
    let mut recorded = Vec::new();
    while let Some(cycle) = schedule.open_cycle(&anchor, windows).filter(|cycle| cycle.deadline <= now) {
        if recorded.len() == at_most {
            break;
        }
        anchor.missed_through = Some(cycle.due);
        recorded.push(cycle);
    }
    recorded
}

/// Often none: rules that keep much hide the one that keeps the last.
fn count(most: u32) -> impl Strategy<Value = u32> {
    prop_oneof![2 => Just(0), 1 => 0..most]
}

fn policy() -> impl Strategy<Value = Policy> {
    (
        (count(4), prop_oneof![1..10 * 86_400_u64, Just(1)]),
        (count(9), count(5), count(7), count(3)),
        (0..4_u32, 0..100 * 86_400_u64),
    )
        .prop_map(
            |(
                (keep_last, within),
                (keep_daily, keep_weekly, keep_monthly, keep_yearly),
                (min_good, suspect),
            )| Policy {
                keep_last,
                keep_within: Span(within),
                keep_daily,
                keep_weekly,
                keep_monthly,
                keep_yearly,
                min_good,
                keep_suspect: Span(suspect),
            },
        )
}

fn versions() -> impl Strategy<Value = Vec<Version>> {
    let version = (
        (0..120 * 86_400_i64).prop_map(moment),
        prop::bool::weighted(0.1),
        prop::bool::weighted(0.2),
        prop::bool::weighted(0.15),
    );
    vec(version, 0..40).prop_map(|drafts| {
        let number = |(n, (promoted_at, pinned, held, damaged)): (usize, (Time, bool, bool, bool))| Version {
            job: JobId::from_text("a-d-00000000"),
            name: n.to_string(),
            file_name: "d.zst".to_owned(),
            report_time: promoted_at,
            promoted_at,
            sha256: Digest::of(b""),
            size_bytes: 0,
            content_bytes: None,
            warnings: Vec::new(),
            pinned,
            held,
            damaged,
            verified_at: promoted_at,
        };
        drafts.into_iter().enumerate().map(number).collect()
    })
}

fn is_good(version: &Version) -> bool {
    !version.held && !version.damaged
}

proptest! {
    /// Each version has exactly one fate; what must never go stays; and carrying the plan out leaves nothing to do.
    #[test]
    fn a_plan_is_whole_careful_and_final(
        policy in policy(),
        versions in versions(),
        timezone in zone(),
        current in 0..40_usize,
        job_is_critical in prop::bool::weighted(0.1),
        last_held_at in option::of(any_moment()),
        age in 0..60 * 86_400_i64,
    ) {
        let newest = versions.iter().map(|version| version.promoted_at).max().unwrap_or_else(|| moment(0));
        let now = newest + TimeDelta::seconds(age);
        let current = current.to_string();
        let circumstances = Circumstances {
            now,
            timezone,
            current_version: Some(&current),
            job_is_critical,
            last_scan: Some(now - TimeDelta::minutes(15)),
            last_held_at,
        };
        let decisions = plan(&policy, &versions, &circumstances);
        prop_assert!(decisions.iter().map(|d| &d.version).eq(versions.iter().map(|v| &v.name)));

        let stays = |decision: &backupmon::domain::retention::Decision| decision.fate != Fate::Remove;
        let kept: Vec<Version> =
            std::iter::zip(&versions, &decisions).filter(|(_, d)| stays(d)).map(|(v, _)| v.clone()).collect();
        let good = |versions: &[Version]| versions.iter().filter(|version| is_good(version)).count();
        let floor = good(&versions).min(usize::try_from(policy.min_good.max(1)).unwrap());
        prop_assert!(good(&kept) >= floor);
        for (version, decision) in std::iter::zip(&versions, &decisions) {
            prop_assert!(decision.fate != Fate::Keep(Vec::new()));
            if version.pinned || version.name == current {
                prop_assert!(stays(decision));
            }
            let newest_is_held = versions.iter().any(|v| v.held && v.promoted_at == newest);
            if job_is_critical && (is_good(version) || !newest_is_held) {
                prop_assert!(stays(decision));
            }
        }

        let again = plan(&policy, &kept, &circumstances);
        prop_assert!(again.iter().all(stays));

        let doubtful = Circumstances { last_scan: None, ..circumstances };
        prop_assert!(plan(&policy, &versions, &doubtful).iter().all(stays));
    }
}
