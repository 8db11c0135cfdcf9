//! The configuration: raw TOML, environment and credentials in; a checked [`Config`] out.

use std::path::PathBuf;

use chrono_tz::Tz;

use crate::domain::retention::Policy;
use crate::domain::settings::{ContentCheck, Effective, Settings, Span};
use crate::domain::{Job, Labels, Selector};

/// Everything is checked: what a command gets from here is valid.
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
    pub heartbeat: Option<String>,
    pub site: Site,
    pub maintenance: Vec<Maintenance>,
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
    /// Folder of node_exporter's textfile collector, where configured.
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
    pub threads: usize,
    pub content_check: ContentCheck,
    /// Regular expression with the named groups `company`, `city`, `neighborhood`.
    pub agent_pattern: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
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

#[derive(Debug, Clone)]
pub struct Promote {
    pub min_free: MinFree,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MailTransport {
    Smtp,
    Sendmail,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
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
    /// Until then only the server's own problems and the digest are mailed.
    pub learning_until: Option<crate::domain::Time>,
}

/// When the digest goes out, in the server's timezone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Digest {
    Daily(chrono::NaiveTime),
    Never,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
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
    /// `en` or `fr`.
    pub language: String,
    pub title: String,
    pub base_url: Option<String>,
}

/// A maintenance window as written; expanded to windows of UTC at use.
#[derive(Debug, Clone)]
pub struct Maintenance {
    pub when: String,
    pub timezone: Tz,
    pub matcher: Selector,
    pub mute_all: bool,
}

/// A value that no output shows.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(String);

impl Secret {
    #[must_use]
    pub fn new(value: impl Into<String>) -> Self {
        Self(value.into())
    }

    /// The value itself, for the one call that needs it.
    #[must_use]
    pub fn reveal(&self) -> &str {
        &self.0
    }
}

impl std::fmt::Debug for Secret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("…")
    }
}

impl Config {
    /// Company, city and neighbourhood from an agent's id.
    #[must_use]
    pub fn agent_labels(&self, _agent: &str) -> Labels {
        unimplemented!()
    }

    /// What holds for a job: its own settings, then the last matching rule that sets a key, then `[defaults]`, then built in.
    /// A job's own settings were checked when they were stored; where they no longer are a schedule, inheritance goes on without them.
    #[must_use]
    pub fn effective(&self, _job: &Job) -> Effective {
        unimplemented!()
    }

    /// Who is told of an agent's problems: the last matching rule that speaks of the agent, else `[defaults]`, else `[mail] to`.
    #[must_use]
    pub fn agent_recipients(&self, _agent: &str) -> Vec<String> {
        unimplemented!()
    }

    /// Other names that the agent may call itself.
    #[must_use]
    pub fn aliases(&self, _agent: &str) -> Vec<&str> {
        unimplemented!()
    }

    /// Whether a rule says that this database is not to become a job.
    #[must_use]
    pub fn ignores(&self, _key: &crate::domain::JobKey) -> bool {
        unimplemented!()
    }
}
