//! What is true about backups, as plain values and pure functions.
//!
//! No files, no SQL, no clock, no logging. Time comes in as a value of [`Time`].

pub mod anomaly;
pub mod claim;
pub mod digest;
pub mod entry;
pub mod family;
pub mod forecast;
pub mod gaps;
pub mod grouping;
pub mod habit;
pub mod hold;
pub mod incident;
pub mod job;
pub mod labels;
pub mod ledger;
pub mod names;
pub mod newcomer;
pub mod notice;
pub mod orphan;
pub mod own;
pub mod problem;
pub mod retention;
pub mod schedule;
pub mod selector;
pub mod set_back;
pub mod settings;
pub mod settling;
pub mod standing;
pub mod status;
pub mod succession;
pub mod suggest;
pub mod text;
pub mod timing;
pub mod upkeep;
pub mod urgency;
pub mod verdict;
pub mod version;

/// A moment, always in UTC. Local time exists only inside [`schedule`] and in outputs.
pub type Time = chrono::DateTime<chrono::Utc>;

pub use claim::{Checksum, Claim, OwnTime, Report, ReportEntry, Step};
pub use digest::Digest;
pub use entry::Entry;
pub use incident::{Incident, IncidentKind};
pub use job::{Job, JobState};
pub use labels::Labels;
pub use names::{AgentId, DatabaseName, JobId, JobKey};
pub use own::Own;
pub use problem::Problem;
pub use schedule::Schedule;
pub use selector::Selector;
pub use settings::Settings;
pub use status::{Cause, Severity, Status, Warning};
pub use verdict::Verdict;
pub use version::Version;
