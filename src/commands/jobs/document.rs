//! The document of `jobs export` and `jobs import`.
//!
//! Written, it has every key of the contract, null where the job inherits, durations in seconds, and the retention keys
//! and `content_check` only where the job sets them. Read, a key that is absent leaves a job as it is and null unsets;
//! durations are seconds or text; an unknown key is an error.

use serde::{Deserialize, Deserializer, Serialize};

use crate::domain::settings::{ContentCheck, Span};
use crate::domain::{AgentId, DatabaseName, Job, JobKey, Labels, Settings};

/// A value that may be left out, or be null to unset.
#[derive(Debug, Clone, Default, PartialEq)]
pub enum Patch<T> {
    #[default]
    Absent,
    Null,
    Set(T),
}

impl<T> Patch<T> {
    fn is_absent(&self) -> bool {
        matches!(self, Patch::Absent)
    }

    fn apply(self, to: &mut Option<T>) {
        match self {
            Patch::Absent => {}
            Patch::Null => *to = None,
            Patch::Set(value) => *to = Some(value),
        }
    }

    /// As it is written where the key is always there.
    fn written(value: Option<T>) -> Self {
        value.map_or(Patch::Null, Patch::Set)
    }

    /// As it is written where the key is there only when it is set.
    fn if_set(value: Option<T>) -> Self {
        value.map_or(Patch::Absent, Patch::Set)
    }
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Patch<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Ok(Patch::written(Option::deserialize(deserializer)?))
    }
}

impl<T: Serialize> Serialize for Patch<T> {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Patch::Absent | Patch::Null => serializer.serialize_none(),
            Patch::Set(value) => value.serialize(serializer),
        }
    }
}

/// A span that is written in seconds.
#[derive(Debug, Clone, Copy, PartialEq, Deserialize)]
#[serde(transparent)]
pub struct Seconds(pub Span);

impl Serialize for Seconds {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_u64(self.0.0)
    }
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Document {
    pub jobs: Vec<JobRecord>,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct JobRecord {
    pub agent: AgentId,
    pub database: DatabaseName,
    #[serde(default)]
    company: Patch<String>,
    #[serde(default)]
    city: Patch<String>,
    #[serde(default)]
    neighborhood: Patch<String>,
    #[serde(default)]
    year: Patch<u16>,
    #[serde(default)]
    cron: Patch<String>,
    #[serde(default)]
    at: Patch<Vec<String>>,
    #[serde(default)]
    days: Patch<String>,
    #[serde(default)]
    every: Patch<Seconds>,
    #[serde(default)]
    timezone: Patch<String>,
    #[serde(default)]
    grace: Patch<Seconds>,
    #[serde(default)]
    early: Patch<Seconds>,
    #[serde(default)]
    recipients: Patch<Vec<String>>,
    /// False: retired, or paused without end. Read, false pauses without end and true ends both.
    #[serde(default)]
    pub active: Patch<bool>,
    #[serde(default, skip_serializing_if = "Patch::is_absent")]
    keep_last: Patch<u32>,
    #[serde(default, skip_serializing_if = "Patch::is_absent")]
    keep_within: Patch<Seconds>,
    #[serde(default, skip_serializing_if = "Patch::is_absent")]
    keep_daily: Patch<u32>,
    #[serde(default, skip_serializing_if = "Patch::is_absent")]
    keep_weekly: Patch<u32>,
    #[serde(default, skip_serializing_if = "Patch::is_absent")]
    keep_monthly: Patch<u32>,
    #[serde(default, skip_serializing_if = "Patch::is_absent")]
    keep_yearly: Patch<u32>,
    #[serde(default, skip_serializing_if = "Patch::is_absent")]
    min_good: Patch<u32>,
    #[serde(default, skip_serializing_if = "Patch::is_absent")]
    keep_suspect: Patch<Seconds>,
    #[serde(default, skip_serializing_if = "Patch::is_absent")]
    content_check: Patch<ContentCheck>,
}

impl JobRecord {
    /// Only what was set on the job itself.
    #[must_use]
    pub fn of(job: &Job) -> Self {
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
        } = Settings::clone(&job.settings);
        let Labels { company, city, neighborhood, year } = job.labels.clone();
        Self {
            agent: job.key.agent.clone(),
            database: job.key.database.clone(),
            company: Patch::written(company),
            city: Patch::written(city),
            neighborhood: Patch::written(neighborhood),
            year: Patch::written(year),
            cron: Patch::written(cron),
            at: Patch::written(at),
            days: Patch::written(days),
            every: Patch::written(every.map(Seconds)),
            timezone: Patch::written(timezone),
            grace: Patch::written(grace.map(Seconds)),
            early: Patch::written(early.map(Seconds)),
            recipients: Patch::written(recipients),
            active: Patch::Set(job.retired_at.is_none() && !job.is_paused_without_end()),
            keep_last: Patch::if_set(keep_last),
            keep_within: Patch::if_set(keep_within.map(Seconds)),
            keep_daily: Patch::if_set(keep_daily),
            keep_weekly: Patch::if_set(keep_weekly),
            keep_monthly: Patch::if_set(keep_monthly),
            keep_yearly: Patch::if_set(keep_yearly),
            min_good: Patch::if_set(min_good),
            keep_suspect: Patch::if_set(keep_suspect.map(Seconds)),
            content_check: Patch::if_set(content_check),
        }
    }

    #[must_use]
    pub fn key(&self) -> JobKey {
        JobKey { agent: self.agent.clone(), database: self.database.clone() }
    }

    /// Lays labels and settings over those of the job. The kind of schedule is replaced as a whole.
    pub fn apply(self, job: &mut Job) {
        let (labels, settings): (_, &mut Settings) = (&mut job.labels, &mut job.settings);
        if matches!(self.cron, Patch::Set(_))
            || matches!(self.at, Patch::Set(_))
            || matches!(self.every, Patch::Set(_))
        {
            super::settings::unset_schedule(settings);
        }
        self.company.apply(&mut labels.company);
        self.city.apply(&mut labels.city);
        self.neighborhood.apply(&mut labels.neighborhood);
        self.year.apply(&mut labels.year);
        self.cron.apply(&mut settings.cron);
        self.at.apply(&mut settings.at);
        self.days.apply(&mut settings.days);
        span(self.every, &mut settings.every);
        self.timezone.apply(&mut settings.timezone);
        span(self.grace, &mut settings.grace);
        span(self.early, &mut settings.early);
        self.recipients.apply(&mut settings.recipients);
        self.keep_last.apply(&mut settings.keep_last);
        span(self.keep_within, &mut settings.keep_within);
        self.keep_daily.apply(&mut settings.keep_daily);
        self.keep_weekly.apply(&mut settings.keep_weekly);
        self.keep_monthly.apply(&mut settings.keep_monthly);
        self.keep_yearly.apply(&mut settings.keep_yearly);
        self.min_good.apply(&mut settings.min_good);
        span(self.keep_suspect, &mut settings.keep_suspect);
        self.content_check.apply(&mut settings.content_check);
    }
}

fn span(patch: Patch<Seconds>, to: &mut Option<Span>) {
    let mut seconds = to.map(Seconds);
    patch.apply(&mut seconds);
    *to = seconds.map(|Seconds(span)| span);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::Time;

    fn record(json: &str) -> serde_json::Result<JobRecord> {
        serde_json::from_str(json)
    }

    #[test]
    fn absent_leaves_null_unsets_and_a_value_sets() {
        let mut job = Job::new("A/b".parse().unwrap(), Time::UNIX_EPOCH, false);
        let read = record(
            r#"{"agent":"A","database":"b","at":["13:00"],"days":"mon-fri","grace":"4h","early":90,"year":2025,"keep_last":3}"#,
        );
        read.unwrap().apply(&mut job);
        assert_eq!((job.settings.grace, job.settings.early), (Some(Span::hours(4)), Some(Span(90))));
        record(r#"{"agent":"A","database":"b","grace":null,"every":"1d"}"#).unwrap().apply(&mut job);
        let left = Settings {
            every: Some(Span::days(1)),
            early: Some(Span(90)),
            keep_last: Some(3),
            ..Settings::default()
        };
        assert_eq!((&*job.settings, job.labels.year), (&left, Some(2025)));
        let written = serde_json::to_value(JobRecord::of(&job)).unwrap();
        assert_eq!(written["every"], 86_400);
        assert!(written["cron"].is_null() && written.get("keep_daily").is_none());
        let mut copy = Job::new("A/b".parse().unwrap(), Time::UNIX_EPOCH, false);
        serde_json::from_value::<JobRecord>(written).unwrap().apply(&mut copy);
        assert_eq!((copy.settings, copy.labels), (job.settings, job.labels));
        for bad in [
            r#"{"agent":"A","database":"b","graze":1}"#,
            r#"{"agent":"A"}"#,
            r#"{"agent":"..","database":"b"}"#,
        ] {
            assert!(record(bad).is_err(), "{bad}");
        }
    }
}
