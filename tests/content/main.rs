//! The content check against real dumps, made by the real tools: whole ones are never called broken, and of cut and
//! flipped ones it is counted how many are found, per kind. The table is printed with `--nocapture`.

mod kinds;

use std::fmt::Write as _;
use std::fs;
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::{LazyLock, Mutex};
use std::thread;

use backupmon::domain::job::FileIdentity;
use backupmon::domain::verdict::Content;
use backupmon::intake::{Intake, Quiet, Wants, measure};
use backupmon::source::StagedFile;
use kinds::{Expected, KINDS};

/// Up to so many bytes, a small dump is cut behind every one of them.
const EVERY_BYTE: usize = 4096;
const RANDOM_CUTS: usize = 60;
const FLIPS: usize = 60;
/// Larger ones show that nothing depends on the size; a few damages each will do.
const LARGE: usize = 1 << 20;

/// A staged file in memory.
struct Staged<'a> {
    rest: &'a [u8],
    size: usize,
}

impl Read for Staged<'_> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        self.rest.read(out)
    }
}

impl StagedFile for Staged<'_> {
    fn identity(&self) -> io::Result<FileIdentity> {
        Ok(FileIdentity { device: 1, inode: 1, size: self.size as u64, mtime: 1, ctime: 1 })
    }
}

fn content(bytes: &[u8]) -> Content {
    let wants = Wants { content_check: true, stream_digest: false };
    match measure(&mut Staged { rest: bytes, size: bytes.len() }, None, wants, &Quiet) {
        Intake::Read { measurement, .. } => measurement.content,
        other => panic!("{other:?}"),
    }
}

/// `SplitMix64`: the same damages in every run.
struct Random(u64);

impl Random {
    fn below(&mut self, limit: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        usize::try_from((z ^ (z >> 31)) % limit as u64).expect("below a usize")
    }
}

#[derive(Default, Clone, Copy)]
struct Tally {
    whole: usize,
    false_alarms: usize,
    /// Without those that are not found and take away only what no restore needs.
    cuts: usize,
    cuts_found: usize,
    flips: usize,
    flips_found: usize,
}

/// Where what a restore needs ends: behind the closing line, or before what a tape's padding may be.
fn end_of_matter(name: &str, bytes: &[u8]) -> usize {
    if name.ends_with(".sql") {
        let closing = ["dump complete", "-- Dump completed"].map(str::as_bytes);
        let ends = closing.iter().filter_map(|line| {
            bytes.windows(line.len()).rposition(|window| window == *line).map(|at| at + line.len())
        });
        ends.max().unwrap_or(bytes.len())
    } else if name.ends_with(".tar") || name.ends_with(".padded.gz") {
        bytes.iter().rposition(|byte| *byte != 0).map_or(0, |last| last + 1)
    } else {
        bytes.len()
    }
}

fn damage(path: &Path) -> Tally {
    let bytes = &fs::read(path).expect("a dump");
    let needed = end_of_matter(&path.to_string_lossy(), bytes);
    let mut random = Random(bytes.len() as u64);
    let few = if bytes.len() > LARGE { 10 } else { 1 };
    let mut cuts: Vec<usize> = if bytes.len() <= EVERY_BYTE {
        (0..bytes.len()).collect()
    } else {
        let boundaries = (0..bytes.len()).step_by(512).map(|at| at.min(bytes.len() - 1));
        let boundaries = boundaries.step_by((bytes.len() / 512 / 40).max(1) * few);
        boundaries.chain((0..RANDOM_CUTS / few).map(|_| random.below(bytes.len()))).collect()
    };
    cuts.dedup();
    let found = |bytes: &[u8]| usize::from(content(bytes).fault.is_some());
    let mut tally = Tally { whole: 1, false_alarms: found(bytes), flips: FLIPS / few, ..Tally::default() };
    for at in cuts {
        let found = found(&bytes[..at]);
        tally.cuts_found += found;
        tally.cuts += usize::from(found == 1 || at < needed);
    }
    let mut flipped = bytes.clone();
    for _ in 0..tally.flips {
        let (at, bit) = (random.below(bytes.len()), 1 << random.below(8));
        flipped[at] ^= bit;
        tally.flips_found += found(&flipped);
        flipped[at] ^= bit;
    }
    tally
}

/// The folder of the dumps, made once for all tests here.
static DUMPS: LazyLock<PathBuf> = LazyLock::new(|| {
    let folder = std::env::var_os("BACKUPMON_DUMPS")
        .map_or_else(|| Path::new(env!("CARGO_TARGET_TMPDIR")).join("dumps"), PathBuf::from);
    if !folder.join("done").exists() {
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/content/make-dumps.sh");
        let status = Command::new(script).arg(&folder).status().expect("make-dumps.sh starts");
        assert!(status.success(), "make-dumps.sh: {status}");
    }
    folder
});

/// The names in the folder that are described by `expected`.
fn files_of(folder: &Path, expected: &Expected) -> Vec<PathBuf> {
    let sizes = ["s", "m", "l", "all"];
    let names = sizes.iter().map(|size| folder.join(expected.name.replace('*', size)));
    let mut found: Vec<PathBuf> = names.filter(|path| path.exists()).collect();
    found.dedup();
    found
}

#[test]
fn every_dump_that_is_made_is_described_and_none_is_called_broken() {
    let folder = DUMPS.as_path();
    let skipped = fs::read_to_string(folder.join("skipped")).expect("what was skipped");
    eprint!("{skipped}");
    let mut described: Vec<PathBuf> = KINDS.iter().flat_map(|expected| files_of(folder, expected)).collect();
    let mut made: Vec<PathBuf> = fs::read_dir(folder)
        .expect("the dumps")
        .map(|entry| entry.expect("an entry").path())
        .filter(|path| !path.ends_with("done") && !path.ends_with("skipped"))
        .collect();
    described.sort();
    made.sort();
    assert_eq!(made, described);
    assert!(!made.is_empty(), "no tool to make a dump with: {skipped}");
    for expected in KINDS {
        for path in files_of(folder, expected) {
            let content = content(&fs::read(&path).expect("a dump"));
            assert_eq!(content.kind.as_deref(), Some(expected.kind), "{}", path.display());
            assert_eq!((content.fault, content.unchecked), (None, None), "{}", path.display());
        }
    }
}

#[test]
fn cut_and_flipped_dumps_are_found_as_often_as_is_claimed() {
    let folder = DUMPS.as_path();
    let queue = Mutex::new(KINDS.iter().collect::<Vec<_>>());
    let table = Mutex::new(Vec::new());
    let work = || {
        loop {
            let Some(expected) = queue.lock().expect("the queue").pop() else { return };
            let mut sum = Tally::default();
            for path in files_of(folder, expected) {
                let tally = damage(&path);
                sum.whole += tally.whole;
                sum.false_alarms += tally.false_alarms;
                sum.cuts += tally.cuts;
                sum.cuts_found += tally.cuts_found;
                sum.flips += tally.flips;
                sum.flips_found += tally.flips_found;
            }
            table.lock().expect("the table").push((expected, sum));
        }
    };
    thread::scope(|scope| (0..2).for_each(|_| drop(scope.spawn(work))));
    let mut table = table.into_inner().expect("the table");
    table.retain(|(_, tally)| tally.cuts > 0);
    table.sort_by_key(|(expected, _)| (expected.kind, expected.name));
    let mut text = String::from(
        "| made as | kind | whole | called broken | cuts | found | flips | found |\n\
         | --- | --- | ---: | ---: | ---: | ---: | ---: | ---: |\n",
    );
    for (Expected { name, kind, .. }, tally) in &table {
        let Tally { whole, false_alarms, cuts, cuts_found, flips, flips_found } = tally;
        writeln!(
            text,
            "| {name} | {kind} | {whole} | {false_alarms} | {cuts} | {cuts_found} | {flips} | {flips_found} |"
        )
        .expect("a string");
    }
    println!("{text}");
    for (expected, tally) in table {
        assert_eq!(tally.false_alarms, 0, "{}\n{text}", expected.name);
        let missed = tally.cuts - tally.cuts_found;
        let least = tally.flips * expected.flips_found / 100;
        assert!(
            missed <= expected.cuts_missed.of(tally.cuts),
            "{}: {missed} cuts missed\n{text}",
            expected.name
        );
        assert!(tally.flips_found >= least, "{}: {} flips found\n{text}", expected.name, tally.flips_found);
    }
}
