//! The configuration: raw TOML, environment and credentials in; a checked [`Config`] out.
//!
//! Two levels, and nothing below sees a raw key:
//!
//! ```text
//! file ─┐
//! .env ─┼─► document ─► reader ─► raw structs ─► check ─► Config ─► inherit: what holds for a job
//! vars ─┘   one table,  types,    as typed       values,
//!           with places unknown                  secrets, paths
//!                       keys
//! ```
//!
//! Loading takes an [`Environment`] and never asks the process. All faults of a file are found in one look,
//! each with its place, key, reason and what to write instead.

mod agent_pattern;
mod check;
mod document;
mod environment;
mod error;
mod inherit;
mod keys;
mod labelling;
mod overrides;
mod raw;
mod reader;
mod sample;
mod secret;
mod settings;
#[cfg(test)]
mod tests;
mod when;

use std::path::{Path, PathBuf};

use chrono::TimeDelta;
use chrono_tz::Tz;
use serde::Deserialize;

pub use agent_pattern::{AgentPattern, BadAgentPattern, DEFAULT_AGENT_PATTERN};
pub use environment::{Environment, SYSTEM_FILE};
pub use error::{ConfigError, Fault, Place};
pub use labelling::Labelling;
pub use sample::sample;
pub use secret::Secret;
pub use settings::{SettingFault, check as check_settings};
pub use when::{BadWhen, When};

use crate::domain::retention::Policy;
use crate::domain::schedule::Window;
use crate::domain::settings::{ContentCheck, Settings, Span};
use crate::domain::{Selector, Time};

/// Everything is checked: what a command gets from here is valid. To be read, not changed: what holds for a
/// job is remembered once it was asked for.
#[derive(Debug, Clone)]
pub struct Config {
    /// The file that it was read from; `None` without one.
    pub file: Option<PathBuf>,
    pub paths: Paths,
    pub scan: Scan,
    pub server_timezone: Tz,
    pub defaults: Settings,
    pub retention: Retention,
    pub rules: Vec<Rule>,
    pub promote: Promote,
    pub mail: Option<Mail>,
    pub webhooks: Vec<Webhook>,
    /// The address to ping.
    pub heartbeat: Option<String>,
    pub site: Site,
    pub maintenance: Vec<Maintenance>,
    /// What holds and is still unwise, one sentence each, for `doctor`.
    pub warnings: Vec<String>,
    /// Whether a rule asks for a label, so that labels need to be found out at all.
    rules_ask_labels: bool,
    /// What `[retention]` and `[scan]` set, as levels to inherit from.
    retention_level: Settings,
    scan_level: Settings,
    memory: inherit::Memory,
}

#[derive(Debug, Clone)]
pub struct Paths {
    /// At least one for a scan; commands that need none work without.
    pub deposits: Vec<PathBuf>,
    pub validated: PathBuf,
    /// Somebody set `validated`; without it `run` promotes only what takes under a tenth of the free space.
    pub validated_configured: bool,
    /// The SQLite file; lock, kept reports and copies lie beside it.
    pub state: PathBuf,
    pub site: PathBuf,
    /// Folder of `node_exporter`'s textfile collector, where configured.
    pub metrics: Option<PathBuf>,
}

#[derive(Debug, Clone)]
pub struct Scan {
    pub interval: Span,
    pub deadline: Span,
    pub settle: Span,
    pub arrival: Span,
    pub discover: bool,
    pub trial_days: u32,
    pub max_jobs_per_agent: usize,
    pub archive_reports: ArchiveReports,
    pub archive_days: u32,
    pub log_dir: String,
    pub database_dirs: Vec<String>,
    /// At least 1.
    pub threads: usize,
    pub content_check: ContentCheck,
    pub agent_pattern: AgentPattern,
    /// The day of the year from which a family without the running year is a problem.
    pub year_start: YearStart,
}

/// A day of every year.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct YearStart {
    pub month: u32,
    pub day: u32,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ArchiveReports {
    Keep,
    Move,
}

#[derive(Debug, Clone)]
pub struct Retention {
    pub policy: Policy,
    pub history_days: u32,
}

#[derive(Debug, Clone)]
pub struct Rule {
    pub matcher: Selector,
    pub settings: Settings,
    pub contact: Option<String>,
    pub note: Option<String>,
    /// `discover = "ignore"`: databases that match do not become jobs.
    pub ignore: bool,
    /// Other names that the matching agent may call itself in `agent_id`.
    pub aliases: Vec<String>,
}

#[derive(Debug, Clone, Copy, PartialEq)]
pub enum MinFree {
    /// Of the size of the file system, 0 to 100.
    Percent(f64),
    Bytes(u64),
}

impl MinFree {
    /// Bytes that must stay free on a file system of that size.
    #[must_use]
    pub fn of(self, total: u64) -> u64 {
        match self {
            Self::Bytes(bytes) => bytes,
            #[expect(
                clippy::cast_precision_loss,
                clippy::cast_possible_truncation,
                clippy::cast_sign_loss,
                reason = "a percentage of a disk needs no more precision, and was checked to be 0 to 100"
            )]
            Self::Percent(percent) => (total as f64 * percent / 100.0) as u64,
        }
    }
}

#[derive(Debug, Clone)]
pub struct Promote {
    pub min_free: MinFree,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MailTransport {
    Smtp,
    Sendmail,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Tls {
    Starttls,
    Tls,
    /// For localhost only.
    None,
}

#[derive(Debug, Clone)]
pub struct Mail {
    pub transport: MailTransport,
    pub host: String,
    pub port: u16,
    pub tls: Tls,
    pub username: Option<String>,
    pub password: Option<Secret>,
    pub from: String,
    pub to: Vec<String>,
    pub gap: Span,
    pub digest: Digest,
    /// `None`: the site's.
    pub language: Option<String>,
    /// Until then only the server's own problems and the digest are mailed.
    pub learning_until: Option<crate::domain::Time>,
}

/// When the digest goes out, in the server's timezone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Digest {
    Daily(chrono::NaiveTime),
    Never,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum WebhookKind {
    Json,
    Ntfy,
    Slack,
}

#[derive(Debug, Clone)]
pub struct Webhook {
    pub kind: WebhookKind,
    pub url: Secret,
}

#[derive(Debug, Clone)]
pub struct Site {
    /// As it is written; who speaks it looks whether it is one that is spoken.
    pub language: String,
    /// `None` for the usual one, in the site's language.
    pub title: Option<String>,
    pub base_url: Option<String>,
}

/// A maintenance window as written; expanded to windows of UTC at use.
#[derive(Debug, Clone)]
pub struct Maintenance {
    pub when: When,
    pub timezone: Tz,
    pub matcher: Selector,
    pub mute_all: bool,
}

impl Maintenance {
    /// When it is open between two moments (see [`When::windows`]).
    #[must_use]
    pub fn windows(&self, between: (Time, Time)) -> Vec<Window> {
        self.when.windows(self.timezone, between.0, between.1)
    }

    /// Whether it is open at `now`, its first moment included and its last not.
    #[must_use]
    pub fn is_open(&self, now: Time) -> bool {
        let moment = TimeDelta::seconds(1);
        self.windows((now - moment, now + moment)).iter().any(|window| window.contains(now))
    }
}

impl Config {
    /// In which messages are written: that of `[mail]`, else the site's.
    #[must_use]
    pub fn message_language(&self) -> &str {
        self.mail.as_ref().and_then(|mail| mail.language.as_deref()).unwrap_or(&self.site.language)
    }

    /// The file that `file` names, or else `$BACKUPMON_CONFIG`, or else the system's; without any of them as
    /// [`Config::without_file`]. A `deposits` that is not empty replaces the configured ones.
    ///
    /// # Errors
    /// When a named file cannot be read, and for every key that does not hold.
    pub fn load(
        file: Option<&Path>,
        deposits: &[PathBuf],
        environment: &Environment,
    ) -> Result<Self, ConfigError> {
        check::checked(document::Document::find(file, environment)?, deposits, environment)
    }

    /// No configuration file: `deposits`, overrides from the environment, and folders under the XDG state folder.
    ///
    /// # Errors
    /// For every override that does not hold, and when there is no home folder.
    pub fn without_file(deposits: &[PathBuf], environment: &Environment) -> Result<Self, ConfigError> {
        let mut document = document::Document::default();
        document.overlay(environment)?;
        check::checked(document, deposits, environment)
    }

    /// As [`Config::load`], of `text` as if it had been read from `file`.
    ///
    /// # Errors
    /// As [`Config::load`].
    pub fn from_toml(text: &str, file: &Path, environment: &Environment) -> Result<Self, ConfigError> {
        let mut document = document::Document::parse(text, file, false)?;
        document.overlay(environment)?;
        check::checked(document, &[], environment)
    }
}
