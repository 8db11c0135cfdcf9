//! Dumps that are regular files, and still an attack: on memory, time, the disk, or another's bytes.

use std::fs;
use std::io::Write as _;

use super::Case;
use crate::ground::{Ground, HONEST, HOSTILE, PAYLOAD};
use crate::report::Report;

const ACCEPTED: &[&str] = &["DB: SUCCESS"];
const CORRUPT: &[&str] = &["DB: CORRUPT bad_archive"];

/// A dump whose checksum is right.
fn true_dump(name: &str, expected: &[&str], bytes: impl Fn() -> Vec<u8> + Send + Sync + 'static) -> Case {
    Case::new(format!("a dump that is {name}"), expected, move |ground| {
        ground.report(&Report::of(HOSTILE).good("DB", bytes()));
    })
}

pub fn cases() -> Vec<Case> {
    [containers(), files(), sharing()].into_iter().flatten().collect()
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

/// So many times 128 KiB of zeros in blocks that say so in four bytes each (RFC 8878, RLE blocks).
fn zstd_bomb(blocks: u32, window: u8) -> Vec<u8> {
    let mut frame = vec![0x28, 0xb5, 0x2f, 0xfd, 0, window];
    for n in 1..=blocks {
        let header = u32::from(n == blocks) | 1 << 1 | (128 << 10) << 3;
        frame.extend(&header.to_le_bytes()[..3]);
        frame.push(0);
    }
    frame
}

/// A window descriptor of RFC 8878: two to the power of `log`.
const fn window(log: u8) -> u8 {
    (log - 10) << 3
}

fn containers() -> Vec<Case> {
    let zeros = || vec![0; 8 << 20];
    vec![
        true_dump("a gzip of nothing but zeros", &["DB: CORRUPT empty"], move || gzip(&zeros())),
        true_dump("a gzip bomb", ACCEPTED, || gzip(&vec![b'x'; 64 << 20])),
        true_dump("a gzip bomb in a gzip bomb", ACCEPTED, move || gzip(&gzip(&vec![0; 64 << 20]))),
        true_dump("ten gzips in each other", ACCEPTED, || {
            (0..10).fold(PAYLOAD.to_vec(), |inner, _| gzip(&inner))
        }),
        true_dump("a zstd bomb over every ratio", ACCEPTED, || zstd_bomb(16_384, window(20))),
        true_dump("a zstd frame with a window of 128 MiB", ACCEPTED, || zstd_bomb(4, window(27))),
        true_dump("a zstd frame with a window of 2 GiB", ACCEPTED, || zstd_bomb(4, window(31))),
        true_dump("a zstd frame with the largest window", ACCEPTED, || zstd_bomb(4, 0xff)),
        true_dump("10,000 empty gzips in a row", &["DB: CORRUPT empty"], || gzip(b"").repeat(10_000)),
        true_dump("a gzip that ends at once", &["DB: CORRUPT truncated"], || gzip(PAYLOAD)[..12].to_vec()),
        true_dump("a gzip with a broken checksum", CORRUPT, || {
            let mut bytes = gzip(PAYLOAD);
            let at = bytes.len() - 6;
            bytes[at] ^= 1;
            bytes
        }),
        true_dump("a zstd frame of a kind that is not", CORRUPT, || {
            [b"\x28\xb5\x2f\xfd".to_vec(), vec![0xff; 64]].concat()
        }),
        true_dump("the magic bytes of xz and junk", CORRUPT, || {
            [b"\xfd7zXZ\0".to_vec(), vec![0xff; 64]].concat()
        }),
        true_dump("the magic bytes of bzip2 and junk", CORRUPT, || {
            [b"BZh9".to_vec(), vec![0xff; 64]].concat()
        }),
        true_dump("a tar header that speaks of 8 EiB", &["DB: CORRUPT truncated"], || {
            tar_header(b"777777777777777777777")
        }),
        true_dump("a PGDMP header and junk", &["DB: CORRUPT bad_archive"], || {
            [b"PGDMP\x01\x0e\x00".to_vec(), vec![0xff; 4096]].concat()
        }),
        true_dump("a SQLite header that speaks of 4 billion pages", &["DB: CORRUPT truncated"], || {
            let mut page = [
                b"SQLite format 3\0\x10\x00\x01\x01\0\x40\x20\x20\0\0\0\x01\xff\xff\xff\xff".to_vec(),
                vec![0; 4064],
            ]
            .concat();
            // The size counts where the change counter is the one of the version that wrote it.
            page[92..96].copy_from_slice(&[0, 0, 0, 1]);
            page
        }),
        true_dump("nothing", &["DB: CORRUPT empty"], Vec::new),
        true_dump("a plain dump without its end", &["DB: CORRUPT no_dump_trailer"], || {
            b"--\n-- PostgreSQL database dump\n--\nCOPY x FROM stdin;\n".to_vec()
        }),
    ]
}

/// A ustar header with this size field, cut where it would run over.
fn tar_header(size: &[u8]) -> Vec<u8> {
    let mut tar = vec![0; 512];
    tar[..8].copy_from_slice(b"dump.sql");
    tar[100..107].copy_from_slice(b"0000644");
    tar[124..135].copy_from_slice(&size[..11]);
    tar[148..156].copy_from_slice(b"        ");
    tar[156] = b'0';
    tar[257..265].copy_from_slice(b"ustar\x0000");
    let sum: u32 = tar.iter().map(|byte| u32::from(*byte)).sum();
    tar[148..156].copy_from_slice(format!("{sum:06o}\0 ").as_bytes());
    tar
}

fn files() -> Vec<Case> {
    let differs: &[&str] = &["DB: HASH_MISMATCH hash_differs"];
    let sparse = |ground: &Ground<'_>, length: u64| {
        let path = ground.dump("DB.bin", "");
        fs::File::options().write(true).open(&path).unwrap().set_len(length).unwrap();
        ground.site.touch(&path, ground.site.now());
        ground.claims(PAYLOAD);
    };
    vec![
        Case::new("a sparse file of 256 MiB", differs, move |ground: &Ground<'_>| sparse(ground, 256 << 20)),
        Case::new("a file one byte longer than it says", differs, |ground: &Ground<'_>| {
            ground.claims(PAYLOAD);
            ground.dump("DB.bin", [PAYLOAD, b"!"].concat());
        }),
        Case::new("a file one byte shorter than it says", differs, |ground: &Ground<'_>| {
            ground.claims(PAYLOAD);
            ground.dump("DB.bin", &PAYLOAD[1..]);
        }),
        Case::new("a set-user-id program", ACCEPTED, |ground: &Ground<'_>| {
            use std::os::unix::fs::PermissionsExt as _;
            ground.report(&Report::of(HOSTILE).good("DB", PAYLOAD));
            fs::set_permissions(ground.path("databases/DB.bin"), fs::Permissions::from_mode(0o6777)).unwrap();
        }),
        Case::new("a dump from the future", ACCEPTED, |ground: &Ground<'_>| {
            ground.report(&Report::of(HOSTILE).good("DB", PAYLOAD));
            ground.site.touch(&ground.path("databases/DB.bin"), "2100-01-01T00:00:00Z".parse().unwrap());
        }),
        Case::new("a dump from 1901", ACCEPTED, |ground: &Ground<'_>| {
            ground.report(&Report::of(HOSTILE).good("DB", PAYLOAD));
            ground.site.touch(&ground.path("databases/DB.bin"), "1902-01-01T00:00:00Z".parse().unwrap());
        }),
        Case::new("a dump in a deeper folder", &["DB: FAILED file_absent"], |ground: &Ground<'_>| {
            ground.dump("deep/DB.bin", PAYLOAD);
            ground.claims(PAYLOAD);
        }),
        Case::new("a dump in the folder of reports", &["DB: FAILED file_absent"], |ground: &Ground<'_>| {
            ground.file("log/DB.bin", PAYLOAD);
            ground.claims(PAYLOAD);
        }),
    ]
}

fn sharing() -> Vec<Case> {
    let hard_link = |ground: &Ground<'_>, target: std::path::PathBuf| {
        ground.put("databases/DB.bin", |path| fs::hard_link(target, path).unwrap());
        ground.claims(PAYLOAD);
    };
    vec![
        Case::new(
            "a hard link to a file of the server",
            &["DB: HASH_MISMATCH hash_differs"],
            move |ground: &Ground<'_>| {
                hard_link(ground, ground.outside("secret"));
            },
        ),
        Case::new(
            "a hard link to another agent's dump",
            &["DB: HASH_MISMATCH hash_differs"],
            move |ground: &Ground<'_>| {
                hard_link(ground, ground.site.path(&format!("deposits/{HONEST}/databases/GOOD.bin")));
            },
        ),
        Case::new("one file under two names", &["A: SUCCESS", "B: SUCCESS"], |ground: &Ground<'_>| {
            let path = ground.dump("A.bin", PAYLOAD);
            fs::hard_link(path, ground.path("databases/B.bin")).unwrap();
            ground.report(&Report::of(HOSTILE).says("A", "A.bin", PAYLOAD).says("B", "B.bin", PAYLOAD));
        }),
        Case::new(
            "one file for two databases",
            &["A: FAILED same_file", "B: FAILED same_file"],
            |ground: &Ground<'_>| {
                ground.dump("A.bin", PAYLOAD);
                ground.report(&Report::of(HOSTILE).says("A", "A.bin", PAYLOAD).says("B", "x/A.bin", PAYLOAD));
            },
        ),
        Case::new("a report that hides among the dumps", &[], |ground: &Ground<'_>| {
            ground.dump("x.json", Ground::good_report(""));
            ground.dump("DB.bin", PAYLOAD);
        }),
        Case::new("hidden reports", &[], |ground: &Ground<'_>| {
            for name in
                [".x.json", ".x.json.Ab12Cd", "x.json~", "x.json.part", "_archive/x.json", ".hidden/x.json"]
            {
                ground.file(&format!("log/{name}"), Ground::good_report(""));
            }
        }),
    ]
}
