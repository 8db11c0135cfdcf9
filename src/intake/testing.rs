//! Staged files in memory, and what is made of them.

use std::collections::VecDeque;
use std::io::{self, Read};

use super::{Intake, Quiet, Wants, measure};
use crate::domain::job::FileIdentity;
use crate::domain::verdict::{Content, Measurement};
use crate::source::StagedFile;

/// A staged file that does what a disk or an agent may do to it.
pub(crate) struct Staged {
    /// What each read gives, in turn; then it is at its end.
    pub reads: VecDeque<io::Result<Vec<u8>>>,
    /// One for the opening, one for the end.
    pub identities: std::cell::RefCell<VecDeque<io::Result<FileIdentity>>>,
}

pub(crate) fn identity(size: usize) -> FileIdentity {
    FileIdentity { device: 1, inode: 2, size: size as u64, mtime: 3, ctime: 4 }
}

impl Staged {
    pub fn new(bytes: &[u8]) -> Self {
        let same = identity(bytes.len());
        Self {
            reads: [Ok(bytes.to_vec())].into(),
            identities: std::cell::RefCell::new([Ok(same), Ok(same)].into()),
        }
    }
}

impl Read for Staged {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        let Some(next) = self.reads.pop_front() else { return Ok(0) };
        let mut bytes = next?;
        let count = bytes.len().min(out.len());
        out[..count].copy_from_slice(&bytes[..count]);
        if count < bytes.len() {
            self.reads.push_front(Ok(bytes.split_off(count)));
        }
        Ok(count)
    }
}

impl StagedFile for Staged {
    fn identity(&self) -> io::Result<FileIdentity> {
        self.identities.borrow_mut().pop_front().expect("two looks at most")
    }
}

pub(crate) const ALL: Wants = Wants { content_check: true, stream_digest: true };

pub(crate) fn measured(bytes: &[u8], wants: Wants) -> Measurement {
    match measure(&mut Staged::new(bytes), None, wants, &Quiet) {
        Intake::Read { measurement, .. } => *measurement,
        other => panic!("{other:?}"),
    }
}

pub(crate) fn content(bytes: &[u8]) -> Content {
    measured(bytes, ALL).content
}

/// Kind, then the fault's cause or `ok` or `unchecked`, as one line.
pub(crate) fn summary(bytes: &[u8]) -> String {
    let content = content(bytes);
    let state = match (&content.fault, &content.unchecked) {
        (Some(fault), None) => fault.cause.word(),
        (None, Some(_)) => "unchecked",
        (None, None) => "ok",
        (Some(_), Some(_)) => "both",
    };
    format!("{}: {state}", content.kind.expect("a kind"))
}

/// Asserts that what is left by a cut behind any byte from `from` on is found to be no whole one.
pub(crate) fn assert_every_cut_found(whole: &[u8], from: usize) {
    for at in from..whole.len() {
        assert!(content(&whole[..at]).fault.is_some(), "cut at {at} of {}", whole.len());
    }
}
