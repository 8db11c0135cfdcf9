//! Bytes of the state that are not as they were written.

use std::fs;
use std::path::Path;

use crate::rng::Rng;
use crate::set::{Sample, Set};

const QUICK: usize = 40;
const FLIPS: u64 = 1300;
const PAGE: u64 = 4096;

#[derive(Debug, Clone, Copy)]
pub enum Damage {
    /// A bit, counted by chance.
    Flip(u64),
    /// Cut after so many pages.
    Cut(u64),
    /// A page of zeros.
    Zero(u64),
    Text,
    Empty,
    Gone,
    /// A log beside it that is none.
    NoLog,
    /// An index of a log that is none.
    NoIndex,
}

/// Of a state of so many bytes.
pub fn cases(set: Set, bytes: u64) -> Sample<Damage> {
    let pages = bytes / PAGE;
    let others = [Damage::Text, Damage::Empty, Damage::Gone, Damage::NoLog, Damage::NoIndex];
    let cases =
        (0..FLIPS).map(Damage::Flip).chain((1..pages).map(Damage::Cut)).chain((0..pages).map(Damage::Zero));
    set.sample(cases.collect(), QUICK, usize::MAX).and(others)
}

impl Damage {
    pub fn done(self, path: &Path) {
        let mut bytes = fs::read(path).unwrap();
        let beside = |suffix: &str| path.with_file_name(format!("state.db{suffix}"));
        match self {
            Damage::Flip(seed) => {
                let bit = Rng::new(seed).next() % (bytes.len() as u64 * 8);
                bytes[usize::try_from(bit / 8).unwrap()] ^= 1 << (bit % 8);
            }
            Damage::Cut(pages) => bytes.truncate(usize::try_from(pages * PAGE).unwrap()),
            Damage::Zero(page) => {
                let at = usize::try_from(page * PAGE).unwrap();
                bytes[at..at + 4096].fill(0);
            }
            Damage::Text => bytes = b"this is no state".to_vec(),
            Damage::Empty => bytes.clear(),
            Damage::Gone => return fs::remove_file(path).unwrap(),
            Damage::NoLog => return fs::write(beside("-wal"), &bytes[..8192]).unwrap(),
            Damage::NoIndex => return fs::write(beside("-shm"), &bytes[..8192]).unwrap(),
        }
        fs::write(path, bytes).unwrap();
    }
}
