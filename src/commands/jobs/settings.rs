//! Settings and labels of a job as typed: checked, laid over what the job has, or taken away again.

use anyhow::{Result, anyhow};

use crate::cli::jobs::{Label, Settings as Typed};
use crate::config::check_settings;
use crate::domain::settings::{ContentCheck, Span};
use crate::domain::{Job, Labels, Settings};
use crate::exit::Advise as _;

/// What `--unset` takes.
const KEYS: [&str; 22] = [
    "schedule",
    "cron",
    "at",
    "days",
    "every",
    "timezone",
    "grace",
    "early",
    "recipients",
    "keep_last",
    "keep_within",
    "keep_daily",
    "keep_weekly",
    "keep_monthly",
    "keep_yearly",
    "min_good",
    "keep_suspect",
    "content_check",
    "company",
    "city",
    "neighborhood",
    "year",
];

/// What was given; what was not is `None`.
#[derive(Debug, Default)]
pub struct Given {
    pub settings: Settings,
    pub labels: Labels,
}

impl Given {
    /// # Errors
    /// When a label is given twice or is empty, or the year is none.
    pub fn new(typed: &Typed) -> Result<Self> {
        let list = |list: &Vec<String>| (!list.is_empty()).then(|| list.clone());
        let span = |duration: Option<std::time::Duration>| duration.map(|duration| Span(duration.as_secs()));
        let settings = Settings {
            cron: typed.cron.clone(),
            at: list(&typed.at),
            days: typed.days.clone(),
            every: span(typed.every),
            timezone: typed.timezone.clone(),
            grace: span(typed.grace),
            early: span(typed.early),
            recipients: list(&typed.recipients),
            keep_last: typed.keep_last,
            keep_within: span(typed.keep_within),
            keep_daily: typed.keep_daily,
            keep_weekly: typed.keep_weekly,
            keep_monthly: typed.keep_monthly,
            keep_yearly: typed.keep_yearly,
            min_good: typed.min_good,
            keep_suspect: span(typed.keep_suspect),
            content_check: typed.content_check.as_deref().map(|word| match word {
                "off" => ContentCheck::Off,
                _ => ContentCheck::Auto,
            }),
        };
        Ok(Self { settings, labels: labels(&typed.labels)? })
    }

    #[must_use]
    pub fn is_nothing(&self) -> bool {
        self.settings == Settings::default() && self.labels == Labels::default()
    }

    /// Lays it over what the job has. The kind of schedule is replaced as a whole.
    pub fn apply(&self, job: &mut Job) {
        lay(&mut job.settings, &self.settings);
        job.labels = self.labels.or(&job.labels);
    }

    /// `grace=4h, city=DOUALA`, for the record.
    #[must_use]
    pub fn summary(&self) -> String {
        // A map of plain values cannot fail to become JSON.
        let values = |value: serde_json::Result<serde_json::Value>| match value {
            Ok(serde_json::Value::Object(map)) => map,
            _ => serde_json::Map::new(),
        };
        let parts = values(serde_json::to_value(&self.settings))
            .into_iter()
            .chain(values(serde_json::to_value(&self.labels)))
            .filter(|(_, value)| !value.is_null())
            .map(|(key, value)| format!("{key}={}", plain(&value)));
        parts.collect::<Vec<_>>().join(", ")
    }
}

fn plain(value: &serde_json::Value) -> String {
    match value {
        serde_json::Value::String(text) => text.clone(),
        serde_json::Value::Array(list) => list.iter().map(plain).collect::<Vec<_>>().join(","),
        other => other.to_string(),
    }
}

fn labels(typed: &[Label]) -> Result<Labels> {
    let mut labels = Labels::default();
    for Label { key, value } in typed {
        let empty = value.trim().is_empty();
        let place = match key.as_str() {
            "company" => &mut labels.company,
            "city" => &mut labels.city,
            "neighborhood" => &mut labels.neighborhood,
            _ => {
                let year = value.parse().ok().filter(|year| (1900..=2100).contains(year));
                labels.year = Some(
                    year.ok_or_else(|| anyhow!("--label year: `{value}` is no year from 1900 to 2100"))
                        .or_usage()?,
                );
                continue;
            }
        };
        if empty || value.chars().any(char::is_control) {
            return Err(anyhow!("--label {key}: `{value}` is no label"))
                .hint(format!("`jobs edit --unset {key}` goes back to the one in the names"))
                .or_usage();
        }
        *place = Some(value.clone());
    }
    Ok(labels)
}

/// Lays what `over` sets over `base`; the kind of schedule is one group.
pub fn lay(base: &mut Settings, over: &Settings) {
    if over.cron.is_some() || over.at.is_some() || over.every.is_some() {
        unset_schedule(base);
    }
    // Each key by name, so that a new one is not forgotten.
    let Settings {
        cron,
        at,
        days,
        every,
        timezone,
        grace,
        early,
        recipients,
        keep_last,
        keep_within,
        keep_daily,
        keep_weekly,
        keep_monthly,
        keep_yearly,
        min_good,
        keep_suspect,
        content_check,
    } = over.clone();
    replace(&mut base.cron, cron);
    replace(&mut base.at, at);
    replace(&mut base.days, days);
    replace(&mut base.every, every);
    replace(&mut base.timezone, timezone);
    replace(&mut base.grace, grace);
    replace(&mut base.early, early);
    replace(&mut base.recipients, recipients);
    replace(&mut base.keep_last, keep_last);
    replace(&mut base.keep_within, keep_within);
    replace(&mut base.keep_daily, keep_daily);
    replace(&mut base.keep_weekly, keep_weekly);
    replace(&mut base.keep_monthly, keep_monthly);
    replace(&mut base.keep_yearly, keep_yearly);
    replace(&mut base.min_good, min_good);
    replace(&mut base.keep_suspect, keep_suspect);
    replace(&mut base.content_check, content_check);
}

fn replace<T>(base: &mut Option<T>, over: Option<T>) {
    if over.is_some() {
        *base = over;
    }
}

pub fn unset_schedule(settings: &mut Settings) {
    settings.cron = None;
    settings.at = None;
    settings.days = None;
    settings.every = None;
}

/// Inherits `key` again.
///
/// # Errors
/// When there is no such key.
pub fn unset(job: &mut Job, key: &str) -> Result<()> {
    let (settings, labels): (&mut Settings, _) = (&mut job.settings, &mut job.labels);
    match key {
        "schedule" => unset_schedule(settings),
        "cron" => settings.cron = None,
        "at" => {
            settings.at = None;
            // Days mean nothing without times.
            settings.days = None;
        }
        "days" => settings.days = None,
        "every" => settings.every = None,
        "timezone" => settings.timezone = None,
        "grace" => settings.grace = None,
        "early" => settings.early = None,
        "recipients" => settings.recipients = None,
        "keep_last" => settings.keep_last = None,
        "keep_within" => settings.keep_within = None,
        "keep_daily" => settings.keep_daily = None,
        "keep_weekly" => settings.keep_weekly = None,
        "keep_monthly" => settings.keep_monthly = None,
        "keep_yearly" => settings.keep_yearly = None,
        "min_good" => settings.min_good = None,
        "keep_suspect" => settings.keep_suspect = None,
        "content_check" => settings.content_check = None,
        "company" => labels.company = None,
        "city" => labels.city = None,
        "neighborhood" => labels.neighborhood = None,
        "year" => labels.year = None,
        unknown => {
            return Err(anyhow!("--unset: `{unknown}` is no setting or label"))
                .hint(format!("the keys are {}", KEYS.join(", ")))
                .or_usage();
        }
    }
    Ok(())
}

/// What a job now sets must hold by itself.
///
/// # Errors
/// Every key that does not.
pub fn check(job: &Job, server_timezone: chrono_tz::Tz) -> Result<()> {
    let Err(faults) = check_settings(&job.settings, server_timezone) else { return Ok(()) };
    let text: Vec<String> = faults.iter().map(ToString::to_string).collect();
    Err(anyhow!("{}: {}", crate::domain::text::printable(&job.key.to_string()), text.join("; "))).or_usage()
}

#[cfg(test)]
mod tests {
    use chrono::TimeDelta;

    use super::*;
    use crate::domain::Time;

    fn job() -> Job {
        Job::new("A/b".parse().unwrap(), Time::UNIX_EPOCH + TimeDelta::hours(1), false)
    }

    #[test]
    fn every_key_can_be_unset_and_an_unknown_one_names_them() {
        let mut job = job();
        for key in KEYS {
            unset(&mut job, key).unwrap();
        }
        let error = crate::exit::explain(&unset(&mut job, "graze").unwrap_err()).1;
        assert!(error.contains("graze") && error.contains("grace"), "{error}");
    }

    #[test]
    fn the_kind_of_schedule_is_replaced_as_a_whole_and_the_rest_key_by_key() {
        let mut job = job();
        let given = |settings| Given { settings, ..Given::default() };
        given(Settings {
            at: Some(vec!["13:00".into()]),
            days: Some("mon-fri".into()),
            grace: Some(Span::hours(1)),
            ..Settings::default()
        })
        .apply(&mut job);
        given(Settings { every: Some(Span::hours(6)), ..Settings::default() }).apply(&mut job);
        let left =
            Settings { every: Some(Span::hours(6)), grace: Some(Span::hours(1)), ..Settings::default() };
        assert_eq!(*job.settings, left);
        let over = given(Settings { early: Some(Span::hours(2)), ..Settings::default() });
        over.apply(&mut job);
        assert_eq!(*job.settings, Settings { early: Some(Span::hours(2)), ..left });
        assert_eq!(over.summary(), "early=2h");
    }

    #[test]
    fn a_label_is_text_or_a_year() {
        let label = |key: &str, value: &str| labels(&[Label { key: key.into(), value: value.into() }]);
        assert_eq!(label("year", "2025").unwrap().year, Some(2025));
        assert_eq!(label("city", "Été").unwrap().city.as_deref(), Some("Été"));
        for (key, value) in [("year", "25"), ("year", "x"), ("city", " "), ("company", "a\x1b")] {
            assert!(label(key, value).is_err(), "{key}={value:?}");
        }
    }
}
