use super::*;

#[test]
fn in_a_gap_all_times_are_its_first_instant_once() {
    // Local 02:00 to 02:59 (Lord Howe: to 02:29) does not exist on these days.
    for (zone, night, to, gap_end) in [
        ("Europe/Paris", "2025-03-30 00:00", "2025-03-30 12:00", "2025-03-30 01:00"),
        ("America/New_York", "2025-03-09 05:00", "2025-03-09 18:00", "2025-03-09 07:00"),
        ("Pacific/Auckland", "2025-09-27 12:00", "2025-09-28 00:00", "2025-09-27 14:00"),
        ("Africa/Casablanca", "2025-04-06 00:00", "2025-04-06 12:00", "2025-04-06 02:00"),
    ] {
        for cron in ["30 2 * * *", "0 2 * * *", "*/15 2 * * *", "*/15 2-3 * * *", "0,30 2,3 * * *"] {
            let fired = occurrences(&format!("cron = '{cron}'\ntimezone = '{zone}'"), night, to);
            assert_eq!(fired[0], gap_end, "{zone} {cron}");
            let more =
                if cron.contains('3') && cron.contains("2-") { 3 } else { usize::from(cron.contains("2,3")) };
            assert_eq!(fired.len(), 1 + more, "{zone} {cron}: {fired:?}");
        }
        assert_eq!(occurrences(&format!("at = ['02:30']\ntimezone = '{zone}'"), night, to), [gap_end]);
    }
    let half_an_hour = "cron = '*/15 2 * * *'\ntimezone = 'Australia/Lord_Howe'";
    assert_eq!(
        occurrences(half_an_hour, "2025-10-04 12:00", "2025-10-05 12:00"),
        ["2025-10-04 15:30", "2025-10-04 15:45"]
    );
}

#[test]
fn an_hour_that_comes_twice_fires_in_its_first_pass_only() {
    for (zone, cron, from, to, wanted) in [
        ("Europe/Paris", "30 2 * * *", "2025-10-25 12:00", "2025-10-26 12:00", &["2025-10-26 00:30"][..]),
        ("America/New_York", "30 1 * * *", "2025-11-02 00:00", "2025-11-02 23:00", &["2025-11-02 05:30"]),
        ("Pacific/Auckland", "30 2 * * *", "2025-04-05 00:00", "2025-04-06 00:00", &["2025-04-05 13:30"]),
        ("Australia/Lord_Howe", "45 1 * * *", "2025-04-05 00:00", "2025-04-06 00:00", &["2025-04-05 14:45"]),
        ("Africa/Casablanca", "30 2 * * *", "2025-02-22 12:00", "2025-02-23 12:00", &["2025-02-23 01:30"]),
        // Every hour: the second 02:00 is silent, so two hours pass between two occurrences.
        (
            "Europe/Paris",
            "0 * * * *",
            "2025-10-25 23:00",
            "2025-10-26 03:00",
            &["2025-10-25 23:00", "2025-10-26 00:00", "2025-10-26 02:00"],
        ),
    ] {
        let toml = format!("cron = '{cron}'\ntimezone = '{zone}'");
        assert_eq!(occurrences(&toml, from, to), wanted, "{zone} {cron}");
    }
    // A report in the second pass covers what the first pass expected last.
    let quarters = schedule("cron = '*/15 * * * *'\ntimezone = 'Europe/Paris'\nearly = '0'").unwrap();
    assert_eq!(quarters.covered_occurrence(t("2025-10-26 01:20")), Some(t("2025-10-26 00:45")));
    assert_eq!(quarters.covered_occurrence(t("2025-10-26 02:00")), Some(t("2025-10-26 02:00")));
}

#[test]
fn grace_is_added_to_the_instant_and_not_to_the_wall_clock() {
    let nightly = schedule("at = ['01:30']\ntimezone = 'Europe/Paris'").unwrap();
    assert_eq!(
        open(&nightly, &anchor("2025-03-29 12:00"), &[]),
        Some(pair("2025-03-30 00:30", "2025-03-30 02:30"))
    );
}
