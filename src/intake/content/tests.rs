//! Containers and the simple kinds inside, from small hand-made files. Tar and PGDMP have tests of their own.

use std::io::Write;

use super::super::testing::{assert_every_cut_found, content, summary};
use super::*;
use crate::domain::Digest;

const MYSQL: &str =
    "-- MySQL dump 10.13\n\nINSERT INTO `facture` VALUES (1,'a');\n\n-- Dump completed on 2025-06-20\n";

fn gzip(raw: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    encoder.write_all(raw).unwrap();
    encoder.finish().unwrap()
}

fn bzip2(raw: &[u8]) -> Vec<u8> {
    let mut encoder = ::bzip2::write::BzEncoder::new(Vec::new(), ::bzip2::Compression::fast());
    encoder.write_all(raw).unwrap();
    encoder.finish().unwrap()
}

fn xz(raw: &[u8]) -> Vec<u8> {
    let mut encoder = liblzma::write::XzEncoder::new(Vec::new(), 1);
    encoder.write_all(raw).unwrap();
    encoder.finish().unwrap()
}

fn zstd(raw: &[u8]) -> Vec<u8> {
    let mut encoder = ::zstd::stream::write::Encoder::new(Vec::new(), 1).unwrap();
    encoder.include_checksum(true).unwrap();
    encoder.write_all(raw).unwrap();
    encoder.finish().unwrap()
}

type Packer = fn(&[u8]) -> Vec<u8>;
const PACKERS: [(&str, Packer, usize); 4] =
    [("gzip", gzip, 3), ("bzip2", bzip2, 4), ("xz", xz, 6), ("zstd", zstd, 4)];

fn joined(parts: &[&[u8]]) -> Vec<u8> {
    parts.concat()
}

#[test]
fn every_container_is_read_to_its_end_and_every_cut_in_it_found() {
    for (name, pack, magic) in PACKERS {
        let packed = pack(MYSQL.as_bytes());
        assert_eq!(summary(&packed), format!("MySQL plain dump in {name}: ok"));
        let stream = content(&packed).stream.expect(name);
        assert_eq!((stream.bytes, stream.sha256), (MYSQL.len() as u64, Some(Digest::of(MYSQL.as_bytes()))));
        assert_every_cut_found(&packed, magic);
        assert_eq!(content(&packed[..packed.len() - 1]).fault.unwrap().cause, Cause::Truncated, "{name}");
        assert_eq!(summary(&pack(b"")), format!("nothing in {name}: empty"));
        assert_eq!(summary(&pack(b"something")), format!("unknown bytes in {name}: ok"));
        // A flip at each place is found, but for the few that carry no meaning: gzip's time and system, a larger zstd
        // window, and the bits that fill up the last byte of a bit stream.
        let missed = (magic..packed.len()).filter(|at| {
            let mut flipped = packed.clone();
            flipped[*at] ^= 0x10;
            content(&flipped).fault.is_none()
        });
        let missed: Vec<usize> = missed.collect();
        let last_bits = if name == "gzip" { packed.len() - 9 } else { packed.len() - 1 };
        let header = if name == "gzip" { 10 } else { magic + 2 };
        let no_matter = |at: usize| at == last_bits || (at < header && (name == "gzip" || name == "zstd"));
        assert!(missed.iter().all(|at| no_matter(*at)), "{name}: {missed:?}");
    }
}

#[test]
fn several_members_are_one_stream_and_what_follows_them_is_judged_as_the_tools_do() {
    let (first, second) = MYSQL.as_bytes().split_at(40);
    for (name, pack, _) in PACKERS {
        let both = joined(&[&pack(first), &pack(second)]);
        assert_eq!(summary(&both), format!("MySQL plain dump in {name}: ok"));
        assert_eq!(content(&both).stream.unwrap().sha256, Some(Digest::of(MYSQL.as_bytes())), "{name}");
        // A cut between two members leaves a whole container, but no whole dump.
        assert_eq!(summary(&pack(first)), format!("MySQL plain dump in {name}: no_dump_trailer"));
        assert_eq!(
            content(&joined(&[&both, b"rest of a longer file"])).fault.unwrap().cause,
            Cause::BadArchive,
            "{name}"
        );
        let padded = summary(&joined(&[&both, &[0; 1024]]));
        let tolerated = name != "zstd";
        assert_eq!(padded.ends_with(": ok"), tolerated, "{padded}");
    }
    let skippable = joined(&[b"\x50\x2a\x4d\x18\x03\0\0\0abc", &zstd(MYSQL.as_bytes())]);
    assert_eq!(summary(&skippable), "MySQL plain dump in zstd: ok");
    let padding_and_more = joined(&[&gzip(first), &vec![0; 300_000], b"x"]);
    assert_eq!(content(&padding_and_more).fault.unwrap().cause, Cause::BadArchive);
}

#[test]
fn a_container_in_a_container_is_opened_once_more() {
    let twice = zstd(&gzip(MYSQL.as_bytes()));
    assert_eq!(summary(&twice), "MySQL plain dump in gzip in zstd: ok");
    assert_eq!(content(&twice).stream.unwrap().layer, Layer::Compressed);
    assert_eq!(
        summary(&zstd(&gzip(&MYSQL.as_bytes()[..50]))),
        "MySQL plain dump in gzip in zstd: no_dump_trailer"
    );
    assert_eq!(summary(&xz(&zstd(&gzip(b"x")))), "unknown bytes in zstd in xz: ok");
    let inner = gzip(MYSQL.as_bytes());
    assert_eq!(summary(&zstd(&inner[..inner.len() - 9])), "MySQL plain dump in gzip in zstd: truncated");
}

/// A zstd frame of `blocks` times 128 KiB of zeros, four bytes each.
fn zstd_bomb(blocks: usize) -> Vec<u8> {
    const WINDOW_OF_128_KIB: u8 = 7 << 3;
    let mut frame = vec![0x28, 0xb5, 0x2f, 0xfd, 0, WINDOW_OF_128_KIB];
    for block in 0..blocks {
        let last = u8::from(block + 1 == blocks);
        frame.extend_from_slice(&[2 | last, 0, 0x10, 0]);
    }
    frame
}

#[test]
fn a_bomb_is_given_up_and_hashed_all_the_same() {
    let bomb = zstd_bomb(100);
    let measured = super::super::testing::measured(&bomb, super::super::testing::ALL);
    assert_eq!(measured.sha256, Digest::of(&bomb));
    assert_eq!(measured.content.fault, None);
    assert_eq!(measured.content.stream, None);
    assert_eq!(
        measured.content.unchecked.unwrap(),
        "it decompresses to over 20000 times its size, or over 16 TiB"
    );
    let inside = content(&gzip(&bomb));
    assert_eq!((inside.fault, inside.unchecked.is_some()), (None, true));
}

#[test]
fn what_needs_too_much_memory_is_not_judged() {
    const WINDOW_OF_256_MIB: u8 = 18 << 3;
    let zstd = [0x28, 0xb5, 0x2f, 0xfd, 0, WINDOW_OF_256_MIB, 0x29, 0, 0, b'h', b'e', b'l', b'l', b'o'];
    assert_eq!(content(&zstd).unchecked.unwrap(), "its zstd data needs more than 128 MiB of memory");
    let mut xz = xz(b"hello");
    // The block's header: its size, flags, LZMA2 (0x21) with one byte that stands for the size of its dictionary.
    let header = 12..12 + (usize::from(xz[12]) + 1) * 4;
    assert_eq!(xz[14..16], [0x21, 1]);
    xz[16] = 34;
    let mut crc = flate2::Crc::new();
    crc.update(&xz[header.start..header.end - 4]);
    xz[header.end - 4..header.end].copy_from_slice(&crc.sum().to_le_bytes());
    assert_eq!(content(&xz).unchecked.unwrap(), "its xz data needs more than 128 MiB of memory");
}

#[test]
fn plain_dumps_are_recognised_by_their_header_and_judged_by_their_closing_line() {
    let data = "INSERT INTO t VALUES (1);\n".repeat(2000);
    let pg = "--\n-- PostgreSQL database dump\n--\n\n";
    let pg_end = "--\n-- PostgreSQL database dump complete\n--\n\n";
    let all = "--\n-- PostgreSQL database cluster dump\n--\n\n";
    let all_end = "--\n-- PostgreSQL database cluster dump complete\n--\n\n";
    let sandbox = "/*!999999\\- enable the sandbox mode */ \n";
    let maria = "-- MariaDB dump 10.19-11.4.2-MariaDB, for Linux\n";
    let rows = [
        (format!("{pg}{data}{pg_end}"), "PostgreSQL plain dump: ok"),
        (format!("{pg}{data}{pg_end}\\unrestrict lT8\n\n"), "PostgreSQL plain dump: ok"),
        (format!("{pg}{data}"), "PostgreSQL plain dump: no_dump_trailer"),
        (format!("{pg}{data}{pg_end}{data}"), "PostgreSQL plain dump: no_dump_trailer"),
        (format!("{pg}{data}-- PostgreSQL database dump complet"), "PostgreSQL plain dump: no_dump_trailer"),
        (format!("{pg}{data}{pg_end}").replace('\n', "\r\n"), "PostgreSQL plain dump: ok"),
        (format!("\u{feff}{}{data}{pg_end}", &pg[3..]), "PostgreSQL plain dump: ok"),
        (format!("{all}{pg}{data}{pg_end}{all_end}"), "PostgreSQL plain cluster dump: ok"),
        (format!("{all}{pg}{data}{pg_end}"), "PostgreSQL plain cluster dump: no_dump_trailer"),
        (format!("{pg}{data}{all_end}"), "PostgreSQL plain dump: no_dump_trailer"),
        (format!("{maria}{data}-- Dump completed on 2025-06-20  8:37:35\n"), "MariaDB plain dump: ok"),
        (format!("{sandbox}{maria}{data}-- Dump completed\n"), "MariaDB plain dump: ok"),
        (format!("{sandbox}{maria}{data}"), "MariaDB plain dump: no_dump_trailer"),
        (format!("mysqldump: [Warning] password\n{MYSQL}"), "MySQL plain dump: ok"),
        // A word inside a line is no line.
        (
            format!("{maria}INSERT INTO t VALUES ('-- Dump completed');\n"),
            "MariaDB plain dump: no_dump_trailer",
        ),
        (format!("{sandbox}{data}"), "MySQL or MariaDB dump without comments: ok"),
        (format!("/*!40101 SET NAMES utf8 */;\n{data}"), "MySQL or MariaDB dump without comments: ok"),
        (data.clone(), "unknown bytes: ok"),
        (format!("{data}{maria}"), "unknown bytes: ok"),
    ];
    for (text, expected) in rows {
        assert_eq!(summary(text.as_bytes()), expected, "{}", &text[..60.min(text.len())]);
    }
}

#[test]
fn the_closing_line_counts_only_where_it_begins_a_line_however_the_tail_is_cut() {
    // The tail begins somewhere in this line: wherever that is, the words stay inside it.
    for length in 0..64 {
        let filler = "x".repeat(8 * 1024 - 30 - length);
        let text = format!("-- MySQL dump\n{}-- Dump completed{filler}\n", "y".repeat(200));
        assert_eq!(summary(text.as_bytes()), "MySQL plain dump: no_dump_trailer", "{length}");
    }
}

/// A database of `pages` pages of 512 bytes.
fn sqlite(pages: u32, change_counter: u32, valid_for: u32) -> Vec<u8> {
    let mut bytes = vec![1; pages as usize * 512];
    bytes[..16].copy_from_slice(b"SQLite format 3\0");
    bytes[16..18].copy_from_slice(&512_u16.to_be_bytes());
    bytes[24..28].copy_from_slice(&change_counter.to_be_bytes());
    bytes[28..32].copy_from_slice(&pages.to_be_bytes());
    bytes[92..96].copy_from_slice(&valid_for.to_be_bytes());
    bytes
}

#[test]
fn sqlite_is_as_long_as_its_header_says_where_the_header_is_valid() {
    let whole = sqlite(4, 7, 7);
    assert_eq!(summary(&whole), "SQLite database: ok");
    assert_every_cut_found(&whole, 16);
    assert_eq!(summary(&whole[..2047]), "SQLite database: truncated");
    assert_eq!(summary(&joined(&[&whole, &[0; 512]])), "SQLite database: ok");
    let stale = sqlite(4, 8, 7);
    assert_eq!(summary(&stale[..1024]), "SQLite database: ok");
    assert_eq!(summary(&stale[..400]), "SQLite database: truncated");
    let mut large_pages = sqlite(256, 7, 7);
    large_pages[16..18].copy_from_slice(&1_u16.to_be_bytes());
    large_pages[28..32].copy_from_slice(&2_u32.to_be_bytes());
    assert_eq!(summary(&large_pages), "SQLite database: ok");
    assert_eq!(summary(&large_pages[..131_071]), "SQLite database: truncated");
    let mut odd = whole;
    odd[17] = 3;
    assert_eq!(summary(&odd), "SQLite database: bad_archive");
}

#[test]
fn what_is_not_known_is_not_judged_and_nothing_is_nothing() {
    let zeros = vec![0; 70_000];
    let rows: [(&[u8], &str); 9] = [
        (b"", "nothing: empty"),
        (&zeros, "unknown bytes: empty"),
        (b"\0\0\0x", "unknown bytes: ok"),
        (b"Mock SDMC_DOUALA_AKWA_2023", "unknown bytes: ok"),
        (b"TAPE\0\0\x03\0", "SQL Server backup: ok"),
        (b"PK\x03\x04....", "ZIP archive: ok"),
        (b"7z\xbc\xaf\x27\x1c", "7-Zip archive: ok"),
        (b"\x1f", "unknown bytes: ok"),
        (b"\x1f\x8b\x08", "unknown bytes in gzip: truncated"),
    ];
    for (bytes, expected) in rows {
        assert_eq!(summary(bytes), expected);
    }
}

proptest::proptest! {
    #[test]
    fn no_bytes_can_make_it_panic(start in 0_usize..9, rest in proptest::collection::vec(proptest::num::u8::ANY, 0..2000)) {
        let starts: [&[u8]; 9] = [
            b"", b"\x1f\x8b\x08\0\0\0\0\0\0\0", b"\x28\xb5\x2f\xfd", b"\xfd7zXZ\0\0\x04\xe6\xd6\xb4\x46", b"BZh91AY&SY",
            b"PGDMP\x01\x0e\0\x04\x08\x01", b"PGDMP\x01\x10\0\x04\x08\x01\x01", b"SQLite format 3\0", b"-- MySQL dump\n",
        ];
        let bytes = joined(&[starts[start], &rest]);
        let measured = super::super::testing::measured(&bytes, super::super::testing::ALL);
        proptest::prop_assert_eq!(measured.sha256, Digest::of(&bytes));
    }
}
