//! The configuration as people type it: one struct per section, every key optional, nothing checked but types.
//!
//! A key exists when it stands here. Unknown ones are found by these lists, and a test holds the sample to them.

use std::path::PathBuf;

use serde::Deserialize;

use super::{ArchiveReports, Tls, WebhookKind};
use crate::domain::Settings;
use crate::domain::settings::{ContentCheck, Span};

#[derive(Debug, Default)]
pub(super) struct Raw {
    pub paths: Paths,
    pub scan: Scan,
    pub defaults: Settings,
    pub rules: Vec<Rule>,
    pub retention: Retention,
    pub promote: Promote,
    /// `None` when there is no such section.
    pub mail: Option<Mail>,
    pub webhooks: Vec<Webhook>,
    pub heartbeat: Heartbeat,
    pub site: Site,
    pub maintenance: Vec<Maintenance>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(super) struct Paths {
    pub deposits: Option<OneOrMany>,
    pub validated: Option<PathBuf>,
    pub state: Option<PathBuf>,
    pub site: Option<PathBuf>,
    pub metrics: Option<PathBuf>,
}

#[derive(Debug, Deserialize)]
#[serde(untagged, expecting = "expected a path or a list of paths")]
pub(super) enum OneOrMany {
    One(PathBuf),
    Many(Vec<PathBuf>),
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(super) struct Scan {
    pub interval: Option<Span>,
    pub deadline: Option<Span>,
    pub settle: Option<Span>,
    pub arrival: Option<Span>,
    pub discover: Option<bool>,
    pub trial_days: Option<u32>,
    pub max_jobs_per_agent: Option<usize>,
    pub archive_reports: Option<ArchiveReports>,
    pub archive_days: Option<u32>,
    pub log_dir: Option<String>,
    pub database_dirs: Option<Vec<String>>,
    pub threads: Option<usize>,
    pub content_check: Option<ContentCheck>,
    pub agent_pattern: Option<String>,
    pub year_start: Option<String>,
}

/// A rule's settings stand beside these keys in the same table.
#[derive(Debug, Default)]
pub(super) struct Rule {
    pub matcher: Match,
    pub own: RuleOwn,
    pub settings: Settings,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(super) struct Match {
    pub agent: Option<String>,
    pub database: Option<String>,
    pub company: Option<String>,
    pub city: Option<String>,
    pub year: Option<u16>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(super) struct RuleOwn {
    pub contact: Option<String>,
    pub note: Option<String>,
    pub discover: Option<Discover>,
    pub aliases: Option<Vec<String>>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum Discover {
    Ignore,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(super) struct Retention {
    pub keep_last: Option<u32>,
    pub keep_within: Option<Span>,
    pub keep_daily: Option<u32>,
    pub keep_weekly: Option<u32>,
    pub keep_monthly: Option<u32>,
    pub keep_yearly: Option<u32>,
    pub min_good: Option<u32>,
    pub keep_suspect: Option<Span>,
    pub history_days: Option<u32>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(super) struct Promote {
    pub min_free: Option<String>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(super) struct Mail {
    pub transport: Option<Transport>,
    pub host: Option<String>,
    pub port: Option<u16>,
    pub tls: Option<Tls>,
    pub username: Option<String>,
    pub password_file: Option<PathBuf>,
    /// Only from the environment: in the file it is refused.
    pub password: Option<String>,
    pub from: Option<String>,
    pub to: Option<Vec<String>>,
    #[serde(rename = "mail_gap")]
    pub gap: Option<Span>,
    pub digest: Option<String>,
    pub language: Option<String>,
    /// Text, or one of TOML's own dates and times.
    pub learning_until: Option<toml::Value>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum Transport {
    Smtp,
    Sendmail,
    None,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(super) struct Webhook {
    pub kind: Option<WebhookKind>,
    pub url: Option<String>,
    pub url_file: Option<PathBuf>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(super) struct Heartbeat {
    pub url: Option<String>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(super) struct Site {
    pub language: Option<String>,
    pub title: Option<String>,
    pub base_url: Option<String>,
}

/// `match` stands beside these keys.
#[derive(Debug, Default)]
pub(super) struct Maintenance {
    pub matcher: Match,
    pub own: MaintenanceOwn,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(super) struct MaintenanceOwn {
    pub when: Option<String>,
    pub timezone: Option<String>,
    pub mute: Option<Mute>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum Mute {
    All,
    None,
}
