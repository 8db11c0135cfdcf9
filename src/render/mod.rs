//! What people and programs see of a run, one file per output.

pub mod mail;
