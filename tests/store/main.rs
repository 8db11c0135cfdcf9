//! The store: one contract for every backend, and what only the file of `SQLite` can do wrong.

mod contract;
mod figures;
mod file;
mod released;
mod sample;

#[path = "../support/faulty_store.rs"]
mod faulty_store;
