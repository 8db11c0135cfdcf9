//! backupmon
pub mod config;
pub mod domain;
pub mod files;
pub mod intake;
pub mod render;
pub mod source;
pub mod store;
pub mod vault;
