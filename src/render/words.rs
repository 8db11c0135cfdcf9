//! The site's own words, in English and French, and how each language writes numbers and times.
//!
//! Sentences that a judgement carries come from the domain and are shown as they are.

use std::fmt::Write as _;

use chrono::{Datelike, TimeDelta, Timelike};
use chrono_tz::Tz;

use crate::domain::{Status, Time};

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Language {
    #[default]
    English,
    French,
}

impl Language {
    /// From `[site] language`: `fr`, else English.
    #[must_use]
    pub fn from_code(code: &str) -> Self {
        match code {
            "fr" => Language::French,
            _ => Language::English,
        }
    }

    #[must_use]
    pub fn words(self) -> &'static Words {
        match self {
            Language::English => &ENGLISH,
            Language::French => &FRENCH,
        }
    }
}

/// Two forms of a phrase that counts.
#[derive(Debug, Clone, Copy)]
pub struct Plural {
    pub one: &'static str,
    pub other: &'static str,
}

/// Every phrase of the site. `{n}`, `{t}`, `{x}` stand for values that [`fill`] puts in.
#[derive(Debug)]
pub struct Words {
    pub code: &'static str,
    /// The largest count that takes the singular, and the smallest.
    singular: (usize, usize),
    days: [&'static str; 7],
    months: [&'static str; 12],
    day_unit: &'static str,
    byte: char,
    decimal: char,
    pub ago: &'static str,
    pub never: &'static str,
    pub none: &'static str,
    pub overview: &'static str,
    pub alerts: &'static str,
    pub agents: &'static str,
    pub skip: &'static str,
    pub written: &'static str,
    pub reload: &'static str,
    pub new_figures: &'static str,
    pub no_script: &'static str,
    pub no_script_timeless: &'static str,
    pub times_are: &'static str,
    pub same_as_json: &'static str,
    // Staleness, for the browser.
    pub stale_heading: &'static str,
    pub stale_text: &'static str,
    pub unknown_since: &'static str,
    pub stamp_missing: &'static str,
    pub clock_ahead: &'static str,
    pub not_yet_known: &'static str,
    // Verdict.
    pub safe: Plural,
    pub running_late: &'static str,
    pub at_risk: Plural,
    pub agents_trouble: &'static str,
    pub worth_a_look: &'static str,
    pub cannot_say: &'static str,
    pub no_jobs: &'static str,
    pub no_scan: &'static str,
    pub old_scan: &'static str,
    pub nothing_judged: &'static str,
    pub verified: Plural,
    pub late: Plural,
    pub pending: Plural,
    pub paused: Plural,
    pub all_covered: &'static str,
    pub no_copy: Plural,
    pub undelivered: Plural,
    pub unwatched: &'static str,
    pub assumed: Plural,
    pub on_trial: Plural,
    pub backlog: &'static str,
    pub newcomer: &'static str,
    pub orphans: Plural,
    // Restore ladder.
    pub ladder_heading: &'static str,
    pub ladder_text: &'static str,
    pub ladder_steps: [&'static str; 5],
    pub as_planned: &'static str,
    pub overdue: &'static str,
    // Attention.
    pub attention: &'static str,
    pub causes: Plural,
    pub jobs: Plural,
    pub agents_n: Plural,
    pub all_clear: &'static str,
    pub more_on_alerts: &'static str,
    pub since: &'static str,
    pub last_good: &'static str,
    pub do_next: &'static str,
    pub contact: &'static str,
    pub acknowledged: &'static str,
    pub look_heading: &'static str,
    pub server: &'static str,
    // Lists.
    pub all_jobs: &'static str,
    pub all_agents: &'static str,
    pub search: &'static str,
    pub any_status: &'static str,
    pub shown: &'static str,
    pub no_match: &'static str,
    pub status: &'static str,
    pub job: &'static str,
    pub agent: &'static str,
    pub size: &'static str,
    pub next_due: &'static str,
    pub version: &'static str,
    pub no_label: &'static str,
    pub last_report: &'static str,
    pub first_seen: &'static str,
    pub calm_agents: &'static str,
    pub list_of_agents: &'static str,
    // Job page.
    pub deadline: &'static str,
    pub schedule: &'static str,
    pub setting: &'static str,
    pub value: &'static str,
    pub set_by: &'static str,
    pub integrity: &'static str,
    pub expected_hash: &'static str,
    pub computed_hash: &'static str,
    pub hashes_equal: &'static str,
    pub hashes_differ: &'static str,
    pub not_given: &'static str,
    pub not_computed: &'static str,
    pub restore_line: &'static str,
    pub no_restore_line: &'static str,
    pub history: &'static str,
    pub versions: &'static str,
    pub kept_by: &'static str,
    pub sentence: &'static str,
    pub report: &'static str,
    pub judged: &'static str,
    pub superseded: &'static str,
    pub verifying: &'static str,
    pub held: &'static str,
    pub pinned: &'static str,
    pub damaged: &'static str,
    pub trial: &'static str,
    pub assumed_word: &'static str,
    pub current: &'static str,
    pub verified_at: &'static str,
    pub goes: &'static str,
    pub note: &'static str,
    pub warnings: &'static str,
    pub last_change: &'static str,
    // Alerts page.
    pub open_now: &'static str,
    pub running_late_heading: &'static str,
    pub resolved_heading: &'static str,
    pub resolved: &'static str,
    pub opened: &'static str,
    pub lasted: &'static str,
    pub kind: &'static str,
    statuses: [&'static str; 10],
    // What happened, and what to do.
    pub silent_agent: &'static str,
    pub silent_agents: &'static str,
    pub held_together: &'static str,
    pub same_cause: &'static str,
    pub do_silent: &'static str,
    pub do_missing: &'static str,
    pub do_failed: &'static str,
    pub do_integrity: &'static str,
    pub do_corrupt: &'static str,
    pub do_held: &'static str,
    pub do_agent: &'static str,
    pub do_server: &'static str,
    pub do_years: &'static str,
    pub do_retired: &'static str,
    pub ask_contact: &'static str,
}

impl Words {
    /// The form of `phrase` for `n`, with `{n}` filled in.
    #[must_use]
    pub fn count(&self, phrase: Plural, n: usize) -> String {
        let (most, least) = self.singular;
        let form = if (least..=most).contains(&n) { phrase.one } else { phrase.other };
        form.replace("{n}", &n.to_string())
    }

    #[must_use]
    pub fn status(&self, status: Status) -> &'static str {
        let at = match status {
            Status::Pending => 0,
            Status::Success => 1,
            Status::Unchanged => 2,
            Status::Late => 3,
            Status::Failed => 4,
            Status::HashMismatch => 5,
            Status::Corrupt => 6,
            Status::Missing => 7,
            Status::Paused => 8,
            Status::Retired => 9,
        };
        self.statuses[at]
    }

    /// `Sun 22 Nov 2026, 10:30` in `timezone`.
    #[must_use]
    pub fn when(&self, time: Time, timezone: Tz) -> String {
        let local = time.with_timezone(&timezone);
        let day = self.days[local.weekday().num_days_from_monday() as usize];
        let month = self.months[local.month0() as usize];
        format!("{day} {} {month} {}, {:02}:{:02}", local.day(), local.year(), local.hour(), local.minute())
    }

    /// Two units under 10 h and 10 d, one above; negative is zero.
    #[must_use]
    pub fn span(&self, span: TimeDelta) -> String {
        let minutes = span.num_minutes().max(0);
        let (hours, days) = (minutes / 60, minutes / 1440);
        let mut text = String::new();
        let _infallible = match (days, hours) {
            (_, 0) => write!(text, "{minutes} min"),
            (_, 1..10) if minutes % 60 > 0 => write!(text, "{hours} h {} min", minutes % 60),
            (_, 1..48) => write!(text, "{hours} h"),
            (2..10, _) if hours % 24 > 0 => write!(text, "{days} {} {} h", self.day_unit, hours % 24),
            _ => write!(text, "{days} {}", self.day_unit),
        };
        text
    }

    /// Decimal units: `1.62 GB`, `1,62 Go`.
    #[must_use]
    pub fn bytes(&self, bytes: u64) -> String {
        let english = crate::domain::text::size(bytes);
        english
            .replace('.', self.decimal.encode_utf8(&mut [0; 4]))
            .replace('B', self.byte.encode_utf8(&mut [0; 4]))
    }
}

/// Puts values in for `{name}`. A value is never looked into for further names.
#[must_use]
pub fn fill(template: &str, values: &[(&str, &str)]) -> String {
    let mut out = String::with_capacity(template.len() + 32);
    let mut rest = template;
    while let Some((before, after)) = rest.split_once('{') {
        out.push_str(before);
        let Some((name, tail)) = after.split_once('}') else {
            out.push('{');
            rest = after;
            continue;
        };
        if let Some((_, value)) = values.iter().find(|(key, _)| *key == name) {
            out.push_str(value);
        }
        rest = tail;
    }
    out.push_str(rest);
    out
}

mod english;
mod french;
pub use english::ENGLISH;
pub use french::FRENCH;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_that_looks_like_a_placeholder_stays_text() {
        assert_eq!(fill("{a} of {b}", &[("a", "{b}"), ("b", "2")]), "{b} of 2");
        assert_eq!(fill("{open", &[]), "{open");
    }

    #[test]
    fn each_language_counts_and_measures_its_own_way() {
        let jobs = |language: Language, n| language.words().count(language.words().jobs, n);
        assert_eq!(jobs(Language::English, 0), "0 jobs");
        assert_eq!(jobs(Language::English, 1), "1 job");
        assert_eq!(jobs(Language::French, 0), "0 tâche");
        assert_eq!(jobs(Language::French, 2), "2 tâches");
        assert_eq!(FRENCH.bytes(62_233_088), "62,2 Mo");
        assert_eq!(ENGLISH.bytes(62_233_088), "62.2 MB");
        for (minutes, text) in [
            (0, "0 min"),
            (59, "59 min"),
            (61, "1 h 1 min"),
            (700, "11 h"),
            (2881, "2 d"),
            (2945, "2 d 1 h"),
            (20_000, "13 d"),
        ] {
            assert_eq!(ENGLISH.span(TimeDelta::minutes(minutes)), text, "{minutes}");
        }
    }
}
