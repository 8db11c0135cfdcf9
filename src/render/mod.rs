//! What people and programs see of a run: one read model, one file per output.
//!
//! [`view`] turns plain domain values ([`facts`]) into the one [`View`] from which every output is
//! rendered, so that the page, the JSON, the metrics, the badge, the feed and the plugin line cannot
//! disagree. An output decides how a thing looks, never what is true. Nothing here reads a clock,
//! a file or the state; foreign text is escaped by the output that writes it.

mod arrange;
pub mod badge;
pub mod csv;
pub mod facts;
pub mod feed;
pub mod json;
pub mod mail;
pub mod metrics;
pub mod nagios;
mod on_purpose;
pub mod recent;
pub mod site;
mod statement;
pub mod table;
pub mod terms;
pub mod trouble;
pub mod view;
pub mod words;

pub use facts::{AgentFact, Disk, Facts, JobDetails, JobFact, Message, Rest, Scan, Undelivered, VersionFact};
pub use view::{AgentView, Health, JobView, UnknownReason, View};
pub use words::Language;
