//! Proves that every expected backup came and is whole, keeps the proven versions, and says so when one did not.
//!
//! # The way of the data
//!
//! ```text
//! deposits ─► Claim ─► Evidence ─► Verdict ─► Event ─► state ─► versions / alerts / site / terminal
//!   source     said     intake      domain     domain   store    vault  notify  render  commands
//!              by the   what we     what it    what
//!              agent    measured    means      changed
//! ```
//!
//! A *claim* is what an agent says: database D was saved at time T, in this file, with this digest. *Evidence* is what
//! we measured ourselves. A *verdict* is status, cause, warnings and a sentence. An *event* is a change worth telling;
//! events open, change and resolve *incidents*. Each stage takes plain values (the one before it, the job, the former
//! state, `now`), so each is tested with literals.
//!
//! # Rooms
//!
//! | room | what it is responsible for | may import (of ours) |
//! | --- | --- | --- |
//! | [`domain`] | all that is decided; pure: no files, no SQL, no clock, no logging | nothing |
//! | [`clock`] | the only reader of the time | `domain` |
//! | [`files`] | the only one that changes the file system | nothing |
//! | [`exit`] | exit codes; how an error and its mend are printed | nothing |
//! | [`cli`] | the command line as typed | nothing |
//! | [`config`] | raw TOML and environment in, a checked [`config::Config`] out | `domain`, `files` |
//! | [`source`] | where claims come from: deposits, opened as hostile ground | `domain`, `files` |
//! | [`intake`] | reads a staged file once, for all who need it | `domain`, `files`, `source` |
//! | [`store`] | the memory between runs, in whole units of work | `domain`, `files` |
//! | [`vault`] | versions on disk | `domain`, `files`, `intake` |
//! | [`render`] | one read model, one file per output | `domain` |
//! | [`notify`] | who is told what, and the transports | `domain`, `render`, `store`, `config`, `clock` |
//! | [`scan`] | one scan from harvest to history | all of the above but `render` and `notify` |
//! | [`commands`] | one short file per subcommand: open, call, render | anything |
//!
//! A test (`tests/architecture.rs`) holds this table.
//!
//! # One run, and what a crash does
//!
//! 1. Take the lock. 2. Make durable, finish or remove what a killed run began. 3. Harvest the claims. 4. Judge all that
//!    needs no reading, and all deadlines. 5. Read each staged file once: digest, content check, copy. 6. Publish the
//!    version, then switch `current_version`. 7. One transaction per report: history, states, incidents. 8. Apply retention.
//!    9. Deliver what waits. 10. Rewrite the site. 11. Heartbeat.
//!
//! A crash between 6 and 7 repeats the promotion: a version's name is made of the report's time and the digest, so twice
//! is the same. Nothing is removed before 7 has committed. What a killed run made and never synced is found in memory by
//! the next one, and need not be on the disk: that one syncs the file systems before it believes what it sees. A message
//! can be sent twice, never lost. The site is derived: losing it costs nothing.

// A bug must not end a run that watches backups: errors are values. Tests set up their own files, and fail by a panic.
#![cfg_attr(
    not(test),
    warn(
        clippy::disallowed_methods,
        clippy::expect_used,
        clippy::panic,
        clippy::todo,
        clippy::unimplemented,
        clippy::unwrap_used
    )
)]

pub mod cli;
pub mod clock;
pub mod commands;
pub mod config;
pub mod domain;
pub mod exit;
pub mod files;
pub mod intake;
pub mod notify;
pub mod render;
pub mod scan;
pub mod source;
pub mod store;
pub mod vault;
