//! backupmon
pub mod config;
pub mod domain;
pub mod exit;
pub mod files;
pub mod intake;
pub mod source;
pub mod store;
pub mod vault;
