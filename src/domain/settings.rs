//! What can be set on a job, by a rule, or for all; and what follows from it for one job.

use std::collections::BTreeMap;
use std::fmt;

use serde::{Deserialize, Serialize};

use super::Schedule;
use super::retention::Policy;

/// A span of time in whole seconds, written `90s`, `15min` or `15m`, `2h`, `7d`, `4w`; a number of seconds in JSON output.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Span(pub u64);

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is no duration; write for example `90s`, `15min`, `2h`, `7d` or `4w`")]
pub struct NotASpan(pub String);

/// Longest span that is taken: a hundred years, so that adding it to a time cannot overflow.
const SPAN_LIMIT: u64 = 100 * 366 * 86_400;

impl Span {
    #[must_use]
    pub const fn hours(n: u64) -> Self {
        Self(n * 3600)
    }

    #[must_use]
    pub const fn minutes(n: u64) -> Self {
        Self(n * 60)
    }

    #[must_use]
    pub const fn days(n: u64) -> Self {
        Self(n * 86_400)
    }

    #[must_use]
    pub fn delta(self) -> chrono::TimeDelta {
        chrono::TimeDelta::seconds(i64::try_from(self.0.min(SPAN_LIMIT)).unwrap_or(i64::MAX / 1000))
    }
}

impl std::str::FromStr for Span {
    type Err = NotASpan;

    fn from_str(text: &str) -> Result<Self, NotASpan> {
        let refuse = || NotASpan(text.to_owned());
        // "0" alone is plain; any other number needs its unit.
        let span = if text.trim() == "0" {
            std::time::Duration::ZERO
        } else {
            humantime::parse_duration(text.trim()).map_err(|_| refuse())?
        };
        if span.subsec_nanos() != 0 || span.as_secs() > SPAN_LIMIT {
            return Err(refuse());
        }
        Ok(Self(span.as_secs()))
    }
}

impl fmt::Display for Span {
    /// The largest unit that says it exactly: `90s`, `15min`, `2h`, `7d`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text = match self.0 {
            0 => "0s".to_owned(),
            s if s % (7 * 86_400) == 0 => format!("{}w", s / (7 * 86_400)),
            s if s % 86_400 == 0 => format!("{}d", s / 86_400),
            s if s % 3600 == 0 => format!("{}h", s / 3600),
            s if s % 60 == 0 => format!("{}min", s / 60),
            s => format!("{s}s"),
        };
        f.pad(&text)
    }
}

/// As text, the way people write it (config, import, export). Outputs give seconds, by hand.
impl Serialize for Span {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Span {
    /// Text with a unit, or a whole number of seconds (as our own JSON output gives it).
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        #[serde(
            untagged,
            expecting = "expected a duration; write for example `90s`, `15min`, `2h`, `7d` or `4w`"
        )]
        enum Raw {
            Seconds(u64),
            Text(String),
        }
        match Raw::deserialize(deserializer)? {
            Raw::Seconds(seconds) if seconds <= SPAN_LIMIT => Ok(Self(seconds)),
            Raw::Seconds(seconds) => Err(serde::de::Error::custom(NotASpan(seconds.to_string()))),
            Raw::Text(text) => text.parse().map_err(serde::de::Error::custom),
        }
    }
}

/// The inheritable keys: of a job's own, of a `[[rule]]`, of `[defaults]`. `None` is inherited.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Settings {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cron: Option<String>,
    /// Times of day, `HH:MM` or `HH:MM:SS`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub at: Option<Vec<String>>,
    /// `mon-fri`, `sat,sun`, `daily`; goes with `at`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub days: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub every: Option<Span>,
    /// IANA name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub timezone: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub grace: Option<Span>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub early: Option<Span>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub recipients: Option<Vec<String>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub keep_last: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub keep_within: Option<Span>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub keep_daily: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub keep_weekly: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub keep_monthly: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub keep_yearly: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub min_good: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub keep_suspect: Option<Span>,
    /// `auto` or `off`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub content_check: Option<ContentCheck>,
}

impl Settings {
    /// Nothing is set: all is inherited.
    pub const NONE: Self = Self {
        cron: None,
        at: None,
        days: None,
        every: None,
        timezone: None,
        grace: None,
        early: None,
        recipients: None,
        keep_last: None,
        keep_within: None,
        keep_daily: None,
        keep_weekly: None,
        keep_monthly: None,
        keep_yearly: None,
        min_good: None,
        keep_suspect: None,
        content_check: None,
    };
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ContentCheck {
    Auto,
    Off,
}

/// Where a value that holds for a job was set.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Source {
    Job,
    /// The n-th `[[rule]]`, from 1.
    Rule(usize),
    Defaults,
    /// `[retention]`, for its keys.
    Retention,
    /// `[scan]`, for `content_check`.
    Scan,
    BuiltIn,
}

impl fmt::Display for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Source::Job => f.write_str("job"),
            Source::Rule(n) => write!(f, "rule {n}"),
            Source::Defaults => f.write_str("[defaults]"),
            Source::Retention => f.write_str("[retention]"),
            Source::Scan => f.write_str("[scan]"),
            Source::BuiltIn => f.write_str("built in"),
        }
    }
}

/// What holds for one job after inheritance.
#[derive(Debug, Clone, PartialEq)]
pub struct Effective {
    pub schedule: Schedule,
    /// The keys that `schedule` was made of, for outputs.
    pub settings: Settings,
    /// Nobody set a schedule: the built-in one is assumed.
    pub assumed: bool,
    /// Somebody set the timezone (job, rule or defaults), so that a report's time without zone is meant in it.
    pub timezone_configured: bool,
    /// Empty: the default recipients of `[mail] to`.
    pub recipients: Vec<String>,
    pub retention: Policy,
    pub content_check: ContentCheck,
    pub contact: Option<String>,
    pub note: Option<String>,
    /// By key name; the kind of schedule (`cron`, `at`, `days`, `every`) is one, `schedule`.
    pub sources: BTreeMap<&'static str, Source>,
}

impl Effective {
    /// Where the value that holds for `key` was set.
    #[must_use]
    pub fn source(&self, key: &str) -> Source {
        let key = if matches!(key, "cron" | "at" | "days" | "every") { "schedule" } else { key };
        self.sources.get(key).cloned().unwrap_or(Source::BuiltIn)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_span_is_read_and_written_the_way_people_do() {
        for (text, seconds) in [
            ("90s", 90),
            ("15min", 900),
            ("15m", 900),
            ("2h", 7200),
            ("7d", 604_800),
            ("4w", 2_419_200),
            ("0s", 0),
            ("0", 0),
        ] {
            assert_eq!(text.parse(), Ok(Span(seconds)), "{text}");
        }
        for bad in ["", "5", "-1h", "1.5", "h", "500ms", "9999999w", "2 hats"] {
            assert!(bad.parse::<Span>().is_err(), "{bad}");
        }
        assert_eq!(Span(90).to_string(), "90s");
        assert_eq!(Span::days(14).to_string(), "2w");
        assert_eq!(Span::hours(36).to_string(), "36h");
    }
}
