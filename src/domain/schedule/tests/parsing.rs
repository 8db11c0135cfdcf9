use super::*;

#[test]
fn a_schedule_has_one_text() {
    for (toml, text) in [
        ("", "every 1d grace 12h"),
        ("every = '90min'\ntimezone = 'Europe/Paris'\nearly = '2h'", "every 90min grace 12h"),
        (
            "cron = ' 0  13 * * mon-fri'\ntimezone = 'Africa/Douala'",
            "cron \"0 13 * * mon-fri\" Africa/Douala grace 2h early 1h",
        ),
        ("cron = '@daily'\ngrace = '30min'", "cron \"@daily\" UTC grace 30min early 1h"),
        (
            "at = ['18:30', '9:00', '18:30:05', '09:00']\ndays = 'FRI-mon'\nearly = '0'",
            "at 09:00,18:30,18:30:05 mon,fri-sun UTC grace 2h early 0s",
        ),
        ("at = ['13:00']", "at 13:00 daily UTC grace 2h early 1h"),
    ] {
        assert_eq!(schedule(toml).unwrap().to_string(), text);
    }
    assert_eq!(Schedule::assumed(Tz::UTC), schedule("").unwrap());
}

#[test]
fn what_is_no_schedule_is_refused() {
    use ScheduleError as E;
    let owned = str::to_owned;
    for (toml, error) in [
        ("cron = '0 13 * * *'\nevery = '1h'", E::Several),
        ("cron = '0 13 * * *'\nat = ['13:00']", E::Several),
        ("every = '59s'", E::TooOften),
        ("days = 'mon'", E::DaysWithoutAt),
        ("every = '1h'\ndays = 'mon'", E::DaysWithoutAt),
        ("at = []", E::NoTime),
        ("at = ['24:00']", E::TimeOfDay(owned("24:00"))),
        ("at = ['13']", E::TimeOfDay(owned("13"))),
        ("at = ['13:5']", E::TimeOfDay(owned("13:5"))),
        ("at = ['1:00 pm']", E::TimeOfDay(owned("1:00 pm"))),
        ("at = ['+1:00']", E::TimeOfDay(owned("+1:00"))),
        ("at = ['13:00:00:00']", E::TimeOfDay(owned("13:00:00:00"))),
        ("at = ['13:00']\ndays = 'never'", E::Days(owned("never"))),
        ("timezone = 'Douala'", E::Timezone(owned("Douala"))),
        ("cron = '0 0 30 2 *'", E::Never),
        ("cron = '0 0 31 4,6,9,11 *'", E::Never),
        ("cron = '0 , * * *'", E::Never),
    ] {
        assert_eq!(schedule(toml), Err(error), "{toml}");
    }
    for cron in [
        "",
        "0 13 * *",
        "0 0 13 * * *",
        "60 * * * *",
        "x * * * *",
        "@reboot",
        "@",
        "0 13 * * 8",
        "0 9-8 * * *",
    ] {
        let refused = schedule(&format!("cron = '{cron}'"));
        assert!(matches!(refused, Err(E::Cron(..))), "{cron}: {refused:?}");
    }
    let seconds = schedule("cron = '0 0 13 * * *'").unwrap_err().to_string();
    assert!(seconds.contains("write five fields"), "{seconds}");
}

#[test]
fn rare_dates_are_found() {
    let first = |cron: &str, from: &str| {
        occurrences(&format!("cron = '{cron}'"), from, "9999-01-01 00:00")[0].clone()
    };
    assert_eq!(first("0 0 29 2 *", "2025-01-01 00:00"), "2028-02-29 00:00");
    assert_eq!(first("0 0 29 2 *", "2096-03-01 00:00"), "2104-02-29 00:00");
    assert_eq!(first("0 0 29 2 +mon", "2025-01-01 00:00"), "2044-02-29 00:00");
    assert_eq!(first("0 0 L * *", "2025-02-01 00:00"), "2025-02-28 00:00");
    assert_eq!(first("0 0 * * fri#2", "2025-06-01 00:00"), "2025-06-13 00:00");
    assert_eq!(first("0 0 1 jan *", "6000-02-01 00:00"), "6001-01-01 00:00", "later than croner's years");
    // Day of month or weekday, as cron has it.
    assert_eq!(first("0 0 13 * fri", "2025-06-07 00:00"), "2025-06-13 00:00");
    assert_eq!(first("0 0 12 * fri", "2025-06-07 00:00"), "2025-06-12 00:00");
    assert_eq!(first("30 8 * 7 7", "2025-06-07 00:00"), "2025-07-06 08:30");
}
