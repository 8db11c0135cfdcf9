//! When the space for versions is full: the same day in every output, and silence where it cannot be known.

use backupmon::domain::forecast::{Filling, Forecast};
use backupmon::render::Language;
use chrono::NaiveDate;

use crate::fleet::Fleet;

fn forecast(filling: Filling) -> Forecast {
    let giga = 1_000_000_000;
    Forecast { kept: 10 * giga, need: 90 * giga, unsized_jobs: 0, room: 40 * giga, filling }
}

fn site(filling: Option<Filling>, language: &str) -> std::collections::BTreeMap<String, String> {
    let mut fleet = Fleet::mixed();
    fleet.forecast = filling.map(forecast);
    fleet.language = Language::from_code(language).unwrap();
    fleet.site()
}

fn on(month: u32, day: u32) -> Filling {
    let day = NaiveDate::from_ymd_opt(2026, month, day).unwrap();
    Filling::On { day, rate: 2_000_000_000 }
}

const METRIC: &str = "\nbackupmon_store_full_timestamp_seconds ";

#[test]
fn the_day_when_the_disk_is_full_is_the_same_everywhere() {
    let site = site(Some(on(12, 12)), "en");
    assert!(site["api/health.json"].contains("\"disk_full_at\": \"2026-12-12T00:00:00Z\""));
    assert!(site["metrics.prom"].contains(&format!("{METRIC}1797033600\n")), "{}", site["metrics.prom"]);
    let index = &site["index.html"];
    for said in [
        "about Sat 12 Dec 2026",
        "at the present growth of 2.0 GB a day",
        "at most 90.0 GB when every rule is full",
        "The space for versions is full about Sat 12 Dec 2026",
    ] {
        assert!(index.contains(said), "{said}");
    }
}

#[test]
fn what_is_months_ahead_is_no_matter_for_a_look() {
    let index = &site(Some(on(12, 31)), "fr")["index.html"];
    assert!(index.contains("vers le jeu. 31 déc. 2026"));
    assert!(!index.contains("sera plein"));
}

#[test]
fn what_is_not_in_sight_or_not_known_is_not_told() {
    let never = site(Some(Filling::Never), "en");
    assert!(never["index.html"].contains("all that the rules keep has room"));
    assert!(never["api/health.json"].contains("\"disk_full_at\": null"));
    assert!(never["metrics.prom"].contains(&format!("{METRIC}0\n")));
    let unknown = site(Some(Filling::Unknown), "en");
    assert!(
        unknown["index.html"].contains("Free for versions")
            && !unknown["index.html"].contains("Space is full")
    );
    assert!(!unknown["metrics.prom"].contains(METRIC));
    let unasked = site(None, "en");
    assert!(
        !unasked["index.html"].contains("The backup server") && !unasked["metrics.prom"].contains(METRIC)
    );
    assert!(unasked["api/health.json"].contains("\"disk_full_at\": null"));
}

#[test]
fn only_the_overview_and_the_lists_speak_of_it() {
    let (before, after) = (site(Some(on(12, 12)), "en"), site(Some(on(12, 13)), "en"));
    let changed: Vec<&String> = before.keys().filter(|path| before[*path] != after[*path]).collect();
    assert_eq!(changed, ["api/health.json", "index.html", "metrics.prom"]);
}
