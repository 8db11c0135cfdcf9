use super::*;
use crate::domain::{Digest, JobId};

fn t(text: &str) -> Time {
    chrono::NaiveDateTime::parse_from_str(text, "%Y-%m-%d %H:%M").unwrap().and_utc()
}

/// Named by its time: `2025-06-20 13:00`.
fn version(promoted_at: &str) -> Version {
    Version {
        job: JobId::from_text("a-d-00000000"),
        name: promoted_at.to_owned(),
        file_name: "d.zst".to_owned(),
        report_time: t(promoted_at),
        promoted_at: t(promoted_at),
        sha256: Digest::of(b""),
        size_bytes: 0,
        content_bytes: None,
        warnings: Vec::new(),
        pinned: false,
        held: false,
        damaged: false,
        verified_at: t(promoted_at),
    }
}

fn held(promoted_at: &str) -> Version {
    Version { held: true, ..version(promoted_at) }
}

fn damaged(promoted_at: &str) -> Version {
    Version { damaged: true, ..version(promoted_at) }
}

/// No rule keeps anything but the newest good one.
const NOTHING: Policy = Policy {
    keep_last: 0,
    keep_within: Span(0),
    keep_daily: 0,
    keep_weekly: 0,
    keep_monthly: 0,
    keep_yearly: 0,
    min_good: 1,
    keep_suspect: Span::days(90),
};

fn calm(now: &str) -> Circumstances<'static> {
    Circumstances {
        now: t(now),
        timezone: Tz::UTC,
        current_version: None,
        job_is_critical: false,
        last_scan: Some(t(now) - TimeDelta::minutes(15)),
        last_held_at: None,
    }
}

/// The kept ones with the words of their rules, in order.
fn kept(policy: &Policy, versions: &[Version], circumstances: &Circumstances) -> Vec<String> {
    let decisions = plan(policy, versions, circumstances);
    assert!(decisions.iter().map(|d| &d.version).eq(versions.iter().map(|v| &v.name)));
    std::iter::zip(versions, decisions)
        .filter(|(_, decision)| decision.fate != Fate::Remove)
        .map(|(version, decision)| format!("{}: {}", version.name, decision.fate.sentence(version)))
        .collect()
}

#[test]
fn the_newest_of_a_day_week_month_and_year_stands_for_it() {
    // 30 December to 5 January is one ISO week.
    let times = [
        "2024-12-20 08:00",
        "2024-12-30 08:00",
        "2025-01-02 08:00",
        "2025-01-05 08:00",
        "2025-01-05 20:00",
        "2025-01-06 08:00",
    ];
    let versions = times.map(version);
    let of = |policy: Policy| {
        let words = kept(&policy, &versions, &calm("2025-01-06 09:00"));
        let number = |line: &String| times.iter().position(|time| line.starts_with(time));
        words.iter().filter_map(number).collect::<Vec<_>>()
    };
    assert_eq!(of(NOTHING), [5]);
    assert_eq!(of(Policy { keep_last: 2, ..NOTHING }), [4, 5]);
    assert_eq!(of(Policy { keep_daily: 2, ..NOTHING }), [4, 5]);
    assert_eq!(of(Policy { keep_daily: 3, ..NOTHING }), [2, 4, 5]);
    assert_eq!(of(Policy { keep_weekly: 3, ..NOTHING }), [0, 4, 5]);
    assert_eq!(of(Policy { keep_monthly: 2, ..NOTHING }), [1, 5]);
    assert_eq!(of(Policy { keep_yearly: 2, ..NOTHING }), [1, 5]);
    // The span is counted from the newest version, its end left out.
    assert_eq!(of(Policy { keep_within: Span::hours(24), ..NOTHING }), [4, 5]);
    assert_eq!(of(Policy { keep_within: Span(24 * 3600 + 1), ..NOTHING }), [3, 4, 5]);
}

#[test]
fn while_counts_are_left_the_oldest_stays() {
    let versions = ["2025-06-01 08:00", "2025-06-02 08:00", "2025-06-03 08:00"].map(version);
    let policy = Policy { keep_monthly: 6, ..NOTHING };
    assert_eq!(
        kept(&policy, &versions, &calm("2025-06-03 09:00")),
        ["2025-06-01 08:00: kept by monthly", "2025-06-03 08:00: kept by monthly, min_good"]
    );
}

#[test]
fn days_are_the_servers() {
    // 23:30 and 00:30 UTC are one day in New York and two in UTC.
    let versions = ["2025-06-01 08:00", "2025-06-02 23:30", "2025-06-03 00:30"].map(version);
    let policy = Policy { keep_daily: 2, ..NOTHING };
    let count = |timezone| kept(&policy, &versions, &Circumstances { timezone, ..calm("2025-06-03 01:00") });
    assert_eq!(count(Tz::UTC)[0], "2025-06-02 23:30: kept by daily");
    assert_eq!(count(Tz::America__New_York)[0], "2025-06-01 08:00: kept by daily");
}

#[test]
fn all_rules_that_keep_a_version_are_told() {
    let mut versions = ["2025-06-01 08:00", "2025-06-02 08:00"].map(version);
    versions[1].pinned = true;
    let circumstances =
        Circumstances { current_version: Some("2025-06-02 08:00"), ..calm("2025-06-02 09:00") };
    assert_eq!(
        kept(&Policy { keep_yearly: 1, ..Policy::default() }, &versions, &circumstances)[1],
        "2025-06-02 08:00: kept by last, within, daily, weekly, monthly, yearly, min_good, current, pinned"
    );
}

#[test]
fn held_and_damaged_ones_count_for_no_rule() {
    let versions = [
        version("2025-06-01 08:00"),
        version("2025-06-02 08:00"),
        held("2025-06-03 08:00"),
        damaged("2025-06-04 08:00"),
        version("2025-06-05 08:00"),
    ];
    let policy = Policy { keep_last: 2, ..NOTHING };
    let circumstances = Circumstances { last_held_at: None, ..calm("2025-12-05 09:00") };
    assert_eq!(
        kept(&policy, &versions, &circumstances),
        [
            "2025-06-02 08:00: kept by last",
            "2025-06-03 08:00: kept by held",
            // Were it whole, it would be one of the last two.
            "2025-06-04 08:00: kept by damaged",
            "2025-06-05 08:00: kept by last, min_good",
        ]
    );
}

#[test]
fn a_damaged_one_stays_until_a_newer_one_is_good() {
    let now = calm("2025-06-09 00:00");
    let old_good = version("2025-06-01 08:00");
    let versions = [old_good, damaged("2025-06-02 08:00"), damaged("2025-06-03 08:00")];
    assert_eq!(kept(&NOTHING, &versions, &now).len(), 3);
    let [good, broken, more_broken] = versions;
    let versions = [good, broken, more_broken, version("2025-06-04 08:00")];
    assert_eq!(kept(&NOTHING, &versions, &now), ["2025-06-04 08:00: kept by min_good"]);
    let fate = &plan(&NOTHING, &versions, &now)[1].fate;
    assert_eq!(fate.sentence(&versions[1]), "goes: damaged, and a newer good version is kept");
}

#[test]
fn of_held_ones_the_first_and_the_newest_two_stay_and_meanwhile_no_good_one_goes() {
    let mut versions =
        vec![version("2025-06-01 08:00"), version("2025-06-01 09:00"), version("2025-06-01 10:00")];
    versions.extend((2..=7).map(|day| held(&format!("2025-06-0{day} 08:00"))));
    let now = Circumstances { job_is_critical: true, ..calm("2025-06-07 09:00") };
    let names = |lines: Vec<String>| lines.iter().map(|line| line[8..13].to_owned()).collect::<Vec<_>>();
    assert_eq!(
        names(kept(&NOTHING, &versions, &now)),
        ["01 08", "01 09", "01 10", "02 08", "06 08", "07 08"]
    );
    // Once an unsuspicious one follows, retention goes on; the last good one from before the hold is spared.
    versions.push(version("2025-06-08 08:00"));
    let later = calm("2025-06-08 09:00");
    assert_eq!(names(kept(&NOTHING, &versions, &later)), ["01 10", "02 08", "06 08", "07 08", "08 08"]);
}

#[test]
fn good_ones_from_before_a_hold_stay_for_a_while() {
    let mut versions: Vec<Version> = (1..=9).map(|day| version(&format!("2025-06-0{day} 08:00"))).collect();
    let policy = Policy { min_good: 2, ..NOTHING };
    // The hold of 4 June was accepted, so nothing is held any more.
    let at = |now: &str| Circumstances { last_held_at: Some(t("2025-06-04 08:00")), ..calm(now) };
    assert_eq!(
        kept(&policy, &versions, &at("2025-06-09 09:00"))[..2],
        ["2025-06-02 08:00: kept by before_hold", "2025-06-03 08:00: kept by before_hold"]
    );
    assert_eq!(kept(&policy, &versions, &at("2025-09-02 07:59")).len(), 4);
    assert_eq!(kept(&policy, &versions, &at("2025-09-02 08:00")).len(), 2);
    // One that is still held needs no memory of the state.
    versions[3].held = true;
    assert_eq!(kept(&policy, &versions, &calm("2025-06-09 09:00")).len(), 5);
}

#[test]
fn a_plan_carried_out_leaves_nothing_to_plan() {
    let day = |n: usize| format!("2025-06-{n:02} 08:00");
    let mut versions: Vec<Version> =
        (1..=12).map(|n| if n % 2 == 0 { held(&day(n)) } else { version(&day(n)) }).collect();
    versions.push(version(&day(13)));
    let now = calm("2025-06-13 09:00");
    let decisions = plan(&NOTHING, &versions, &now);
    let stays: Vec<bool> = decisions.iter().map(|decision| decision.fate != Fate::Remove).collect();
    let before = versions.len();
    let mut stays = stays.iter();
    versions.retain(|_| *stays.next().unwrap());
    assert!(versions.len() < before);
    assert_eq!(kept(&NOTHING, &versions, &now).len(), versions.len());
}

#[test]
fn nothing_goes_while_the_job_is_critical_or_the_clock_is_doubtful() {
    let versions: Vec<Version> = (1..=9).map(|day| version(&format!("2025-06-0{day} 08:00"))).collect();
    let fine = calm("2025-06-09 09:00");
    let all =
        |circumstances: Circumstances| kept(&NOTHING, &versions, &circumstances).len() == versions.len();
    assert!(!all(fine));
    assert!(all(Circumstances { job_is_critical: true, ..fine }));
    assert!(all(Circumstances { now: t("2025-06-09 07:59"), ..fine }), "the newest is in the future");
    assert!(all(Circumstances { last_scan: None, ..fine }));
    assert!(all(Circumstances { last_scan: Some(t("2025-05-10 09:00")), ..fine }));
    assert!(!all(Circumstances { last_scan: Some(t("2025-05-10 09:01")), ..fine }));
    assert!(all(Circumstances { last_scan: Some(t("2025-06-09 09:01")), ..fine }), "scanned in the future");
}

#[test]
fn the_last_good_one_is_never_on_the_list() {
    let policy = Policy { min_good: 0, ..NOTHING };
    let versions = [version("2025-06-01 08:00"), damaged("2025-06-02 08:00")];
    let now = calm("2025-06-09 00:00");
    assert_eq!(kept(&policy, &versions, &now)[0], "2025-06-01 08:00: kept by min_good");
    assert!(plan(&policy, &[], &now).is_empty());
}

#[test]
fn a_plan_holds_until_its_next_change() {
    let policy = Policy { keep_suspect: Span::days(10), ..NOTHING };
    let versions = [version("2025-06-01 13:00"), held("2025-06-05 13:00"), version("2025-06-06 13:00")];
    let at = |now: Time| Circumstances { now, last_scan: Some(now), ..calm("2025-06-07 00:00") };
    let minute = TimeDelta::minutes(1);
    let mut changes = Vec::new();
    let mut now = t("2025-06-06 12:00");
    while let Some(next) = next_change(&policy, &versions, &at(now)) {
        let planned = |now| plan(&policy, &versions, &at(now));
        assert_eq!(planned(next - minute), planned(now), "nothing changes before {next}");
        assert_ne!(planned(next), planned(now), "{next}");
        changes.push(next);
        now = next;
    }
    assert_eq!(changes, [t("2025-06-06 13:00"), t("2025-06-15 13:00")]);
}
