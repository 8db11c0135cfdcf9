//! A file system in the mind: what lies on it, and what was done to it.

pub mod record;
pub mod tree;
