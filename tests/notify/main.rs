//! The outbox from incidents to accepted mails, against servers that behave and servers that do not.

mod delivery;
mod digest;
mod memory;
mod misbehaving;
mod real_server;
mod smtp;
mod webhook;
mod world;
