//! The outbox from incidents to accepted mails, against servers that behave and servers that do not.

mod crashes;
mod delivery;
mod digest;
mod misbehaving;
mod real_server;
mod smtp;
mod trouble;
mod troubled;
mod webhook;
mod world;

#[path = "../support/faulty_store.rs"]
mod faulty_store;
