//! Bad dumps with right checksums against honest ones: what is held or CORRUPT, and what passes.

use backupmon::domain::{Digest, Status};
use chrono::TimeDelta;
use serde_json::{Value, json};

use crate::dumps::{Dice, gzip, plain, zstd};
use crate::world::{World, good, key};

const AGENT: &str = "SITE";
/// Good backups before the one that is tried.
const BEFORE: usize = 6;

/// What a site sends: the staged bytes, and what BACKUP says of the dump where it says anything.
struct Sent {
    staged: Vec<u8>,
    dump: Option<Vec<u8>>,
}

impl Sent {
    fn packed(staged: Vec<u8>) -> Self {
        Self { staged, dump: None }
    }
}

type Pack = fn(&[u8]) -> Vec<u8>;
const PACKERS: [Pack; 3] = [gzip, zstd, <[u8]>::to_vec];

/// One database for each: usual days, then the one that is tried. Gives how each of the last was judged.
fn judge(days: &[Vec<Sent>]) -> Vec<(Status, bool)> {
    let mut world = World::new("2026-06-15T08:00:00Z", "");
    let jobs = days[0].len();
    let name = |n: usize| format!("DB_{n}");
    for day in days {
        world.pass(TimeDelta::days(1));
        let mut entries = json!({});
        for (n, sent) in day.iter().enumerate() {
            let file = format!("{}.dump", name(n));
            world.dump(AGENT, &file, &sent.staged);
            entries[name(n)] = entry(&file, sent);
        }
        let own = world.now.to_rfc3339();
        world.report(AGENT, &own, entries);
        assert!(world.scan_only().not_done.is_empty());
    }
    (0..jobs)
        .map(|n| {
            let key = key(AGENT, &name(n));
            let last = world.entries(&key).pop().unwrap();
            assert!(
                world
                    .entries(&key)
                    .iter()
                    .rev()
                    .skip(1)
                    .all(|entry| entry.is_good() && entry.sha256.is_some())
            );
            (last.status.unwrap(), world.job(&key).state.held)
        })
        .collect()
}

fn entry(file: &str, sent: &Sent) -> Value {
    let mut entry = good(file, &sent.staged);
    if let Some(dump) = &sent.dump {
        entry["BACKUP"]["sha256"] = json!(Digest::of(dump).to_string());
    }
    entry
}

/// Zip, so that each database has its column.
fn usual(rows: &[usize], pack: impl Fn(usize) -> Pack, dice: &mut Dice) -> Vec<Vec<Sent>> {
    (0..BEFORE)
        .map(|_| {
            rows.iter().enumerate().map(|(n, rows)| Sent::packed(pack(n)(&plain(*rows, dice)))).collect()
        })
        .collect()
}

/// The ten ways in which a dump goes wrong and its checksum stays right.
fn spoiled(way: usize, rows: usize, pack: Pack, dice: &mut Dice) -> Sent {
    let dump = plain(rows, dice);
    let whole = pack(&dump);
    let cut = |bytes: &[u8], percent: usize| bytes[..bytes.len() * percent / 100].to_vec();
    let staged = match way {
        // The transfer, or the disk before the hash was taken, cut the packed file.
        0 => cut(&whole, 60),
        // Cut before it was packed: the container is whole.
        1 => pack(&cut(&dump, 60)),
        // Two members or frames, and only the first came.
        2 => pack(&dump[..dump.len() / 2]),
        // In place by an intruder.
        3 => dice.bytes(whole.len()),
        // The agent packs what the intruder left.
        4 => zstd(&dice.bytes(dump.len())),
        5 => gzip(&dice.bytes(whole.len())),
        6 => Vec::new(),
        7 => pack(b""),
        // Whole, and nearly all rows are gone.
        8 => pack(&plain(rows / 30, dice)),
        // Whole, of the same size, and of another database: BACKUP's checksum tells.
        _ => return Sent { staged: pack(&plain(rows, dice)), dump: Some(dump) },
    };
    Sent::packed(staged)
}

#[test]
fn sixty_bad_dumps_are_held_or_corrupt_and_a_hundred_honest_ones_pass() {
    let dice = &mut Dice::new(14);
    let pack = |n: usize| PACKERS[n / 10 % 3];
    let rows: Vec<usize> = (0..60).map(|_| dice.between(60, 400)).collect();
    let mut days = usual(&rows, pack, dice);
    days.push(rows.iter().enumerate().map(|(n, rows)| spoiled(n % 10, *rows, pack(n), dice)).collect());
    let judged = judge(&days);
    let corrupt = judged.iter().filter(|(status, _)| *status == Status::Corrupt).count();
    let held = judged.iter().filter(|(status, held)| *status == Status::Success && *held).count();
    let passed: Vec<_> =
        (0..60).filter(|n| judged[*n].0 != Status::Corrupt && !judged[*n].1).map(|n| (n, n % 10)).collect();
    assert!(passed.is_empty(), "bad and current: {passed:?}");

    let pack = |n: usize| PACKERS[n % 3];
    // From databases of a row or none to larger ones.
    let rows: Vec<usize> = (0..100).map(|n| [0, 1, 3, 20, 150, 600][n % 6]).collect();
    let mut days = usual(&rows, pack, dice);
    // A season: up by half and down again, each day compared with those before.
    for percent in [110, 130, 150, 140, 110, 80, 60, 50] {
        days.push(
            rows.iter()
                .enumerate()
                .map(|(n, rows)| Sent::packed(pack(n)(&plain(rows * percent / 100, dice))))
                .collect(),
        );
    }
    // And a day of growth or shrinking by up to a half; some are packed better, or no longer.
    days.push(
        rows.iter()
            .enumerate()
            .map(|(n, rows)| {
                let dump = plain(rows * dice.between(50, 150) / 100, dice);
                let pack = if n % 10 == 0 { PACKERS[(n + 1) % 3] } else { pack(n) };
                Sent { staged: pack(&dump), dump: (n % 4 == 0).then_some(dump) }
            })
            .collect(),
    );
    let compared = days.len() * rows.len();
    let judged = judge(&days);
    let false_holds = judged.iter().filter(|(status, held)| *held || !status.is_ok()).count();
    println!("bad dumps: 60 of 60 stopped ({corrupt} CORRUPT, {held} held)");
    println!("honest dumps: 100 databases, {compared} backups, {false_holds} false holds");
    assert_eq!((corrupt + held, false_holds), (60, 0));
}

/// A bit that turned before the checksum was taken: the container's own checksum tells. (An unpacked dump has none, and
/// zstd only where it was asked for one.)
#[test]
fn a_turned_bit_in_a_container_is_corrupt() {
    let dice = &mut Dice::new(15);
    let packed = |dump: &[u8], n: usize| if n.is_multiple_of(2) { gzip(dump) } else { zstd_checked(dump) };
    let mut day = Vec::new();
    for n in 0..60 {
        let mut bytes = packed(&plain(dice.between(60, 400), dice), n);
        // Behind the header, whose fields say nothing of the content.
        let at = dice.between(20, bytes.len() - 1);
        bytes[at] ^= 1 << dice.between(0, 7);
        day.push(Sent::packed(bytes));
    }
    let judged = judge(&[day]);
    let corrupt = judged.iter().filter(|(status, _)| *status == Status::Corrupt).count();
    println!("turned bits: {corrupt} of 60 CORRUPT");
    assert_eq!(corrupt, 60);
}

fn zstd_checked(bytes: &[u8]) -> Vec<u8> {
    use std::io::Write as _;
    let mut encoder = ::zstd::Encoder::new(Vec::new(), 1).unwrap();
    encoder.include_checksum(true).unwrap();
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}
