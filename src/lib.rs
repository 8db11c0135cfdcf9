//! backupmon
#![cfg_attr(
    test,
    allow(
        clippy::disallowed_methods,
        clippy::unwrap_used,
        clippy::expect_used,
        clippy::panic,
        reason = "a test sets up its own files, and fails by a panic"
    )
)]

pub mod cli;
pub mod clock;
pub mod config;
pub mod domain;
pub mod files;
pub mod intake;
pub mod source;
pub mod store;
pub mod vault;
