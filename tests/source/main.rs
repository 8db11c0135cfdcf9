//! Deposits as they are in the field, and as an attacker would like them.

mod archive;
mod fleet;
mod hostile;
mod reports;
mod tree;
