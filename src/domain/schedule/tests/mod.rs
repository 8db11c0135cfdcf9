//! Schedules from the outside: what the public methods answer.

mod cycles;
mod daylight;
mod parsing;

use super::*;

/// `2025-06-20 13:00` (UTC), also with seconds.
fn t(text: &str) -> Time {
    let full = if text.len() == 16 { format!("{text}:00") } else { text.to_owned() };
    chrono::NaiveDateTime::parse_from_str(&full, "%Y-%m-%d %H:%M:%S").unwrap().and_utc()
}

fn shown(time: Time) -> String {
    time.format("%Y-%m-%d %H:%M").to_string()
}

fn schedule(toml: &str) -> Result<Schedule, ScheduleError> {
    Schedule::new(&toml::from_str(toml).unwrap(), Tz::UTC)
}

fn anchor(added: &str) -> Anchor {
    Anchor { added: t(added), schedule_changed: t(added), covered_by: None, missed_through: None }
}

fn dues(cycles: &[Cycle]) -> Vec<String> {
    cycles.iter().map(|cycle| shown(cycle.due)).collect()
}

/// The occurrences (UTC) within `[from, to)`.
fn occurrences(toml: &str, from: &str, to: &str) -> Vec<String> {
    let schedule = schedule(toml).unwrap();
    let mut cycles =
        schedule.upcoming(&anchor("2000-01-01 00:00"), &[], t(from) - TimeDelta::seconds(1), 500);
    cycles.retain(|cycle| cycle.due < t(to));
    assert!(cycles.is_sorted_by(|a, b| a.due < b.due));
    dues(&cycles)
}

fn open(schedule: &Schedule, anchor: &Anchor, windows: &[Window]) -> Option<(String, String)> {
    schedule.open_cycle(anchor, windows).map(|cycle| (shown(cycle.due), shown(cycle.deadline)))
}

fn window(from: &str, until: Option<&str>) -> Window {
    Window { from: t(from), until: until.map(t) }
}

fn pair(due: &str, deadline: &str) -> (String, String) {
    (due.to_owned(), deadline.to_owned())
}
