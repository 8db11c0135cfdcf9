//! One pass over a file that is read in pieces, changes, breaks, or whose copy breaks.

use std::io::{self, Write};
use std::sync::atomic::{AtomicU64, Ordering};

use super::testing::{ALL, Staged, content, identity, measured};
use super::*;
use crate::domain::Digest;
use crate::domain::verdict::{Content, Layer};

const NOTHING: Wants = Wants { content_check: false, stream_digest: false };

/// A disk that is full after so many bytes.
struct Full {
    room: usize,
    held: Vec<u8>,
}

impl Write for Full {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if self.held.len() + bytes.len() > self.room {
            return Err(io::ErrorKind::StorageFull.into());
        }
        self.held.extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[derive(Default)]
struct Counted(AtomicU64);

impl Progress for Counted {
    fn advance(&self, bytes: u64) {
        self.0.fetch_add(bytes, Ordering::Relaxed);
    }
}

/// Large enough for a thread of its own, and not a multiple of the buffer.
fn large() -> Vec<u8> {
    (0..2_200_001_u32).flat_map(u32::to_le_bytes).collect()
}

#[test]
fn one_pass_gives_digest_size_copy_and_progress() {
    let bytes = large();
    let mut file = Staged::new(&bytes);
    // Reads in odd pieces, one of them interrupted.
    file.reads = bytes.chunks(99_991).map(|chunk| Ok(chunk.to_vec())).collect();
    file.reads.insert(3, Err(io::ErrorKind::Interrupted.into()));
    let (mut copy, progress) = (Vec::new(), Counted::default());
    let Intake::Read { measurement, copy_error: None } = measure(&mut file, Some(&mut copy), ALL, &progress)
    else {
        panic!("not read")
    };
    assert_eq!(measurement.sha256, Digest::of(&bytes));
    assert_eq!(measurement.size_bytes, bytes.len() as u64);
    assert_eq!(measurement.identity, identity(bytes.len()));
    assert_eq!(progress.0.into_inner(), bytes.len() as u64);
    assert!(copy == bytes);
}

#[test]
fn a_copy_that_fails_leaves_the_measurement_whole() {
    let bytes = large();
    assert!(bytes.len() as u64 > supply::LARGE);
    for room in [0, 300_000] {
        let mut copy = Full { room, held: Vec::new() };
        let Intake::Read { measurement, copy_error } =
            measure(&mut Staged::new(&bytes), Some(&mut copy), ALL, &Quiet)
        else {
            panic!("not read")
        };
        assert_eq!(copy_error.map(|error| error.kind()), Some(io::ErrorKind::StorageFull));
        assert_eq!(measurement.sha256, Digest::of(&bytes));
    }
}

#[test]
fn a_file_that_changes_is_not_judged_and_one_that_breaks_is_the_monitors_failure() {
    changes_and_breaks(&large());
    changes_and_breaks(b"a small one, read without a thread");
}

fn changes_and_breaks(bytes: &[u8]) {
    let outcome = |change: fn(&mut Staged)| {
        let mut file = Staged::new(bytes);
        change(&mut file);
        match measure(&mut file, None, ALL, &Quiet) {
            Intake::Read { .. } => "read".to_owned(),
            Intake::Changed => "changed".to_owned(),
            Intake::OutOfTime => "out of time".to_owned(),
            Intake::Failed(error) => error.to_string(),
        }
    };
    let broken = || io::Error::other("EIO");
    assert_eq!(outcome(|_| ()), "read");
    assert_eq!(outcome(|file| file.reads.push_back(Ok(vec![1]))), "changed");
    let cut = outcome(|file| file.reads[0].as_mut().unwrap().truncate(9));
    assert!(cut.contains("ended after 9"), "the same file ended early: {cut}");
    let cut_by_another = outcome(|file| {
        file.reads[0].as_mut().unwrap().truncate(9);
        file.identities.get_mut()[1].as_mut().unwrap().mtime += 1;
    });
    assert_eq!(cut_by_another, "changed");
    assert_eq!(outcome(|file| file.identities.get_mut()[1].as_mut().unwrap().ctime += 1), "changed");
    assert_eq!(outcome(|file| file.identities.get_mut()[1].as_mut().unwrap().inode += 1), "changed");
    assert_eq!(outcome(|file| file.reads.push_back(Err(io::Error::other("EIO")))), broken().to_string());
    assert_eq!(outcome(|file| file.reads.push_front(Err(io::Error::other("EIO")))), broken().to_string());
    assert_eq!(
        outcome(|file| file.identities.get_mut()[0] = Err(io::Error::other("EIO"))),
        broken().to_string()
    );
    assert_eq!(
        outcome(|file| file.identities.get_mut()[1] = Err(io::Error::other("EIO"))),
        broken().to_string()
    );
}

#[test]
fn a_broken_disk_below_a_decoder_is_no_fault_of_the_backup() {
    let packed = zstd::encode_all(large().as_slice(), 1).unwrap();
    let mut file = Staged::new(&packed);
    file.reads = [Ok(packed[..packed.len() / 2].to_vec()), Err(io::Error::other("EIO"))].into();
    assert!(matches!(measure(&mut file, None, ALL, &Quiet), Intake::Failed(_)));
}

/// A run whose deadline comes after so many bytes.
struct Until(u64, Counted);

impl Progress for Until {
    fn advance(&self, bytes: u64) {
        self.1.advance(bytes);
    }
    fn deadline_is_over(&self) -> bool {
        self.1.0.load(Ordering::Relaxed) >= self.0
    }
}

#[test]
fn a_deadline_ends_the_reading_within_a_file_and_takes_no_file_that_is_read_already() {
    let bytes = large();
    let until = |limit| Until(limit, Counted::default());
    let limit = 1 << 20;
    let run = until(limit);
    assert!(matches!(measure(&mut Staged::new(&bytes), None, ALL, &run), Intake::OutOfTime));
    assert!(run.1.0.into_inner() < 2 * limit);
    let at_its_end = until(bytes.len() as u64);
    assert!(matches!(measure(&mut Staged::new(&bytes), None, ALL, &at_its_end), Intake::Read { .. }));
}

#[test]
fn what_is_not_wanted_is_not_done() {
    let raw = b"-- MySQL dump 10.13\n-- Dump completed\n";
    let packed = zstd::encode_all(raw.as_slice(), 1).unwrap();
    assert_eq!(measured(&packed, NOTHING).content, Content::default());
    let digest_only = measured(&packed, Wants { stream_digest: true, ..NOTHING }).content;
    let stream = ContentStream { bytes: raw.len() as u64, sha256: Some(Digest::of(raw)), layer: Layer::Dump };
    assert_eq!(digest_only, Content { stream: Some(stream), ..Content::default() });
    let check_only = measured(&packed, Wants { content_check: true, ..NOTHING }).content;
    assert_eq!(check_only.stream, Some(ContentStream { sha256: None, ..stream }));
    // Truncated, with the check off: no stream to compare with, and no fault.
    let cut = measured(&packed[..packed.len() - 1], Wants { stream_digest: true, ..NOTHING }).content;
    assert_eq!(cut, Content::default());
}

#[test]
fn a_dump_that_was_never_compressed_is_itself_the_stream_that_backup_speaks_of() {
    let raw = b"-- MySQL dump 10.13\n-- Dump completed\n";
    let stream = ContentStream { bytes: raw.len() as u64, sha256: Some(Digest::of(raw)), layer: Layer::Dump };
    assert_eq!(content(raw).stream, Some(stream));
    // What is not recognised may be compressed in a way that is not known.
    assert_eq!(content(b"something else").stream, None);
    assert_eq!(content(b"PK\x03\x04 and so on").stream, None);
}
