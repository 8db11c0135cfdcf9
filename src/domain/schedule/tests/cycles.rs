use super::*;

#[test]
fn a_report_covers_the_newest_occurrence_within_early() {
    let noon = schedule("at = ['12:00']").unwrap();
    for (report, covered) in [
        ("2025-06-20 11:00:00", "2025-06-20 12:00"),
        ("2025-06-20 10:59:59", "2025-06-19 12:00"),
        ("2025-06-20 12:00:00", "2025-06-20 12:00"),
        ("2025-06-21 09:00:00", "2025-06-20 12:00"),
    ] {
        assert_eq!(noon.covered_occurrence(t(report)), Some(t(covered)), "{report}");
    }
    // Half the distance of 30 min is less than the hour of early.
    let often = schedule("cron = '*/30 * * * *'").unwrap();
    assert_eq!(often.covered_occurrence(t("2025-06-20 12:14")), Some(t("2025-06-20 12:00")));
    assert_eq!(often.covered_occurrence(t("2025-06-20 12:15")), Some(t("2025-06-20 12:30")));
    assert!(often.covers(t("2025-06-20 12:15"), t("2025-06-20 12:30")));
    assert!(often.covers(t("2025-06-20 12:15"), t("2025-06-20 12:00")));
    assert!(!often.covers(t("2025-06-20 12:14"), t("2025-06-20 12:30")));

    let mut early = anchor("2025-06-01 00:00");
    early.covered_by = Some(t("2025-06-20 11:00"));
    assert_eq!(open(&noon, &early, &[]), Some(pair("2025-06-21 12:00", "2025-06-21 14:00")));
    assert_eq!(dues(&noon.upcoming(&early, &[], t("2025-06-20 11:30"), 1)), ["2025-06-21 12:00"]);
}

#[test]
fn a_calendar_job_is_due_after_the_latest_of_what_it_is_counted_from() {
    let noon = schedule("at = ['12:00']").unwrap();
    let mut from = anchor("2025-06-20 12:00");
    assert_eq!(open(&noon, &from, &[]), Some(pair("2025-06-21 12:00", "2025-06-21 14:00")));
    from.covered_by = Some(t("2025-06-22 12:30"));
    assert_eq!(open(&noon, &from, &[]).unwrap().0, "2025-06-23 12:00");
    from.missed_through = Some(t("2025-06-24 12:00"));
    assert_eq!(open(&noon, &from, &[]).unwrap().0, "2025-06-25 12:00");
    from.schedule_changed = t("2025-06-26 11:59");
    assert_eq!(open(&noon, &from, &[]).unwrap().0, "2025-06-26 12:00");
}

#[test]
fn missed_cycles_are_over_at_the_very_second_and_follow_each_other() {
    let noon = schedule("at = ['12:00']\ndays = 'mon-fri'").unwrap();
    let mut from = anchor("2025-06-19 13:00");
    assert!(noon.missed(&from, &[], t("2025-06-20 13:59:59")).is_empty());
    assert_eq!(dues(&noon.missed(&from, &[], t("2025-06-20 14:00:00"))), ["2025-06-20 12:00"]);
    assert_eq!(
        dues(&noon.missed(&from, &[], t("2025-06-24 18:00"))),
        ["2025-06-20 12:00", "2025-06-23 12:00", "2025-06-24 12:00"]
    );
    from.missed_through = Some(t("2025-06-23 12:00"));
    assert_eq!(dues(&noon.missed(&from, &[], t("2025-06-24 18:00"))), ["2025-06-24 12:00"]);

    let daily = schedule("every = '24h'").unwrap();
    let mut from = anchor("2025-06-20 10:00");
    assert!(daily.missed(&from, &[], t("2025-06-21 21:59:59")).is_empty());
    assert_eq!(
        dues(&daily.missed(&from, &[], t("2025-06-22 22:00:00"))),
        ["2025-06-21 10:00", "2025-06-22 10:00"]
    );
    from.missed_through = Some(t("2025-06-22 10:00"));
    assert_eq!(open(&daily, &from, &[]), Some(pair("2025-06-23 10:00", "2025-06-23 22:00")));
    from.covered_by = Some(t("2025-06-22 23:00"));
    assert_eq!(open(&daily, &from, &[]), Some(pair("2025-06-23 23:00", "2025-06-24 11:00")));
}

#[test]
fn after_a_long_outage_the_newest_cycles_are_told_and_none_is_left_before_the_open_one() {
    let now = t("2035-06-20 12:00:30");
    for toml in ["cron = '* * * * *'\ngrace = '1min'", "every = '1min'\ngrace = '1min'"] {
        let schedule = schedule(toml).unwrap();
        let mut from = anchor("2025-06-20 12:00");
        let missed = schedule.missed(&from, &[], now);
        assert_eq!(missed.len(), MISSED_LIMIT);
        let newest = missed.last().unwrap();
        assert_eq!(shown(newest.due), "2035-06-20 11:59");
        assert!(missed.is_sorted_by(|a, b| b.due - a.due == TimeDelta::minutes(1)));
        from.missed_through = Some(newest.due);
        assert_eq!(open(&schedule, &from, &[]).unwrap().0, "2035-06-20 12:00");
    }
}

#[test]
fn an_edit_makes_nothing_missing_at_once() {
    let hourly = schedule("every = '1h'\ngrace = '1h'").unwrap();
    let mut from = anchor("2025-06-20 00:00");
    from.covered_by = Some(t("2025-06-20 10:00"));
    from.schedule_changed = t("2025-06-20 12:00");
    assert_eq!(open(&hourly, &from, &[]), Some(pair("2025-06-20 13:00", "2025-06-20 14:00")));
    from.schedule_changed = t("2025-06-20 11:59");
    assert_eq!(open(&hourly, &from, &[]), Some(pair("2025-06-20 11:00", "2025-06-20 12:00")));
}

#[test]
fn a_window_cancels_the_cycles_of_a_calendar_that_run_into_it() {
    let noon = schedule("at = ['12:00']").unwrap();
    let from = anchor("2025-06-19 13:00");
    let in_window = |begin, end| open(&noon, &from, &[window(begin, end)]).map(|(due, _)| due);
    let day = |n: u32| Some(format!("2025-06-{n} 12:00"));
    assert_eq!(in_window("2025-06-20 14:01", Some("2025-06-21 08:00")), day(20), "its deadline comes first");
    assert_eq!(
        in_window("2025-06-20 14:00", Some("2025-06-20 15:00")),
        day(21),
        "its deadline falls on the begin"
    );
    assert_eq!(in_window("2025-06-20 12:30", Some("2025-06-20 13:00")), day(21), "it is cancelled for good");
    assert_eq!(
        in_window("2025-06-20 08:00", Some("2025-06-20 12:00")),
        day(20),
        "an occurrence at the end is due"
    );
    assert_eq!(in_window("2025-06-20 08:00", Some("2025-06-22 12:01")), day(23));
    assert_eq!(
        in_window("2025-06-20 08:00", Some("2025-06-21 12:00")),
        day(21),
        "also when one was cancelled"
    );
    assert_eq!(in_window("2025-06-20 08:00", None), None);

    let windows = [window("2025-06-24 00:00", None), window("2025-06-21 00:00", Some("2025-06-23 00:00"))];
    let now = t("2025-07-20 00:00");
    assert_eq!(dues(&noon.missed(&from, &windows, now)), ["2025-06-20 12:00", "2025-06-23 12:00"]);
    assert_eq!(
        dues(&noon.upcoming(&from, &windows, t("2025-06-20 00:00"), 9)),
        ["2025-06-20 12:00", "2025-06-23 12:00"]
    );
}

#[test]
fn a_window_that_comes_every_time_cancels_nothing_and_puts_deadlines_off_to_its_end() {
    let nightly = |from: &str, until: &str| -> Vec<Window> {
        (10..28)
            .map(|day| window(&format!("2025-06-{day} {from}"), Some(&format!("2025-06-{day} {until}"))))
            .collect()
    };
    let evening = schedule("at = ['20:00']\ngrace = '4h'").unwrap();
    let mut from = anchor("2025-06-19 21:00");
    let inside_grace = nightly("22:00", "23:00");
    assert_eq!(open(&evening, &from, &inside_grace), Some(pair("2025-06-20 20:00", "2025-06-21 00:00")));
    let over_deadline = nightly("22:00", "23:30");
    let short = schedule("at = ['20:00']\ngrace = '3h'").unwrap();
    assert_eq!(open(&short, &from, &over_deadline), Some(pair("2025-06-20 20:00", "2025-06-20 23:30")));
    let missed = |now| dues(&short.missed(&from, &over_deadline, t(now)));
    assert!(missed("2025-06-21 23:29:59").len() == 1, "the deadline of the second night is put off");
    assert_eq!(missed("2025-06-21 23:30"), ["2025-06-20 20:00", "2025-06-21 20:00"]);
    from.missed_through = Some(t("2025-06-21 20:00"));
    assert_eq!(open(&short, &from, &over_deadline), Some(pair("2025-06-22 20:00", "2025-06-22 23:30")));
    // Two nights in a row: the first costs nothing, the second cancels, for the day after is free.
    let from = anchor("2025-06-19 21:00");
    let weekend = &over_deadline[10..12];
    assert_eq!(
        dues(&short.upcoming(&from, weekend, t("2025-06-19 22:00"), 3)),
        ["2025-06-20 20:00", "2025-06-22 20:00", "2025-06-23 20:00"]
    );
    // What lies inside is not due, however often that is so.
    let late = schedule("at = ['22:15']").unwrap();
    assert_eq!(open(&late, &from, &inside_grace).unwrap().0, "2025-06-28 22:15");
}

#[test]
fn what_was_missed_before_a_window_stays_missed() {
    let from = anchor("2025-06-18 13:00");
    for (grace, early, begin, missed) in [
        // The second of the two days runs into the window by its grace, or stays clear of it whatever `early` is.
        ("2h", "1h", "2025-06-20 13:30", &["2025-06-19 12:00"][..]),
        ("1h", "6h", "2025-06-20 15:00", &["2025-06-19 12:00", "2025-06-20 12:00"]),
    ] {
        let noon = schedule(&format!("at = ['12:00']\ngrace = '{grace}'\nearly = '{early}'")).unwrap();
        let windows = [window(begin, Some("2025-06-21 13:00"))];
        assert_eq!(dues(&noon.missed(&from, &windows, t("2025-06-22 00:00"))), missed);
    }
}

#[test]
fn time_inside_a_window_does_not_count_for_every() {
    let daily = schedule("every = '24h'").unwrap();
    let from = anchor("2025-06-20 00:00");
    let opened = |begin, end| open(&daily, &from, &[window(begin, end)]);
    assert_eq!(
        opened("2025-06-20 12:00", Some("2025-06-20 18:00")),
        Some(pair("2025-06-21 06:00", "2025-06-21 18:00"))
    );
    assert_eq!(
        opened("2025-06-21 06:00", Some("2025-06-22 06:00")),
        Some(pair("2025-06-21 00:00", "2025-06-22 12:00")),
        "the grace stands still too"
    );
    assert_eq!(
        opened("2025-06-21 00:00", Some("2025-06-22 00:00")),
        Some(pair("2025-06-22 00:00", "2025-06-22 12:00"))
    );
    assert_eq!(opened("2025-06-21 06:00", None), None);
    let windows = [window("2025-06-20 12:00", Some("2025-06-20 18:00"))];
    assert_eq!(
        dues(&daily.missed(&from, &windows, t("2025-06-22 18:00"))),
        ["2025-06-21 06:00", "2025-06-22 06:00"]
    );
    assert_eq!(
        dues(&daily.upcoming(&from, &windows, t("2025-06-21 06:00"), 2)),
        ["2025-06-22 06:00", "2025-06-23 06:00"]
    );
}

#[test]
fn what_falls_on_the_begin_of_a_window_comes_at_its_end() {
    let daily = schedule("every = '24h'").unwrap();
    let from = anchor("2025-06-20 00:00");
    let due_on_begin = [window("2025-06-22 00:00", Some("2025-06-23 06:00"))];
    let inside = t("2025-06-22 12:00");
    assert_eq!(dues(&daily.upcoming(&from, &due_on_begin, inside, 1)), ["2025-06-23 06:00"]);
    assert_eq!(dues(&daily.missed(&from, &due_on_begin, inside)), ["2025-06-21 00:00"]);
    let deadline_on_begin = [window("2025-06-22 12:00", Some("2025-06-22 18:00"))];
    let missed = |now| dues(&daily.missed(&from, &deadline_on_begin, t(now)));
    assert_eq!(missed("2025-06-22 17:59"), ["2025-06-21 00:00"]);
    assert_eq!(missed("2025-06-22 18:00"), ["2025-06-21 00:00", "2025-06-22 00:00"]);
}

#[test]
fn the_far_ends_of_time_are_no_panic() {
    let ends = [Time::MIN_UTC, t("2025-06-20 00:00") - TimeDelta::days(2100 * 366), Time::MAX_UTC];
    for toml in ["", "every = '1min'", "cron = '0 0 29 2 *'", "cron = '* * * * *'", "at = ['13:00']"] {
        for zone in ["Pacific/Kiritimati", "America/Adak"] {
            let schedule = schedule(&format!("{toml}\ntimezone = '{zone}'")).unwrap();
            for begin in ends {
                for end in ends {
                    let from = Anchor {
                        added: begin,
                        schedule_changed: begin,
                        covered_by: Some(end),
                        missed_through: Some(begin),
                    };
                    for until in [None, Some(end)] {
                        let windows = [Window { from: begin, until }];
                        let _ = schedule.open_cycle(&from, &windows);
                        let _ = schedule.missed(&from, &windows, end);
                        let _ = schedule.upcoming(&from, &windows, end, 3);
                        let _ = schedule.covers(begin, end);
                    }
                }
            }
        }
    }
}
