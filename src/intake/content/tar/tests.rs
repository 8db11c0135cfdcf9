//! Archives as ustar, pax and GNU tar write them, by hand.

use super::super::super::testing::{assert_every_cut_found, content, summary};

/// A header and its padded data. `size` is what the header says.
fn member_of_size(name: &str, kind: u8, size: &[u8], data: &[u8]) -> Vec<u8> {
    let mut header = vec![0; 512];
    header[..name.len()].copy_from_slice(name.as_bytes());
    header[124..124 + size.len()].copy_from_slice(size);
    header[156] = kind;
    header[257..265].copy_from_slice(b"ustar\x0000");
    with_checksum(&mut header);
    header.extend_from_slice(data);
    header.resize(header.len().next_multiple_of(512), 0);
    header
}

fn with_checksum(header: &mut [u8]) {
    header[148..156].fill(b' ');
    let sum: u32 = header[..512].iter().map(|byte| u32::from(*byte)).sum();
    header[148..156].copy_from_slice(format!("{sum:06o}\0 ").as_bytes());
}

fn member(name: &str, kind: u8, data: &[u8]) -> Vec<u8> {
    member_of_size(name, kind, format!("{:011o}\0", data.len()).as_bytes(), data)
}

fn archive(members: &[Vec<u8>]) -> Vec<u8> {
    [members.concat(), vec![0; 1024]].concat()
}

#[test]
fn tar_is_walked_to_its_mark_and_every_cut_before_it_found() {
    let sql = b"-- MySQL dump 10.13\n-- Dump completed\n".repeat(30);
    let whole = archive(&[member("a.sql", b'0', &sql), member("d/", b'5', b""), member("d/b.sql", 0, b"x")]);
    assert_eq!(summary(&whole), "tar: ok");
    assert_every_cut_found(&whole[..whole.len() - 512], 512);
    // One block of zeros is mark enough, as for GNU tar.
    assert_eq!(summary(&whole[..whole.len() - 512]), "tar: ok");
    assert_eq!(summary(&[whole.as_slice(), &[0; 9216]].concat()), "tar: ok");
    let mut damaged = whole.clone();
    damaged[512 * 4 + 3] ^= 1;
    assert_eq!(summary(&damaged), "tar: bad_archive");
}

#[test]
fn headers_of_every_dialect_are_followed() {
    let data = vec![7; 3000];
    let octal = |size: usize| format!("{size:011o}\0").into_bytes();
    let base_256 = [&[0x80, 0, 0, 0, 0, 0, 0, 0, 0, 0][..], &3000_u16.to_be_bytes()].concat();
    let pax_size = member("PaxHeaders/a", b'x', b"13 size=3000\n30 mtime=1750000000.123456789\n");
    let mut sparse = member("s", b'S', &[]);
    sparse[124..136].copy_from_slice(&octal(3000));
    sparse[482] = 1;
    with_checksum(&mut sparse);
    let mut extension = vec![1; 512];
    extension[504] = 0;
    let padded = [data.clone(), vec![0; 72]].concat();
    let rows = [
        vec![member("./././@LongLink", b'L', "n".repeat(300).as_bytes()), member("n", b'0', &data)],
        vec![member("pax_global_header", b'g', b"52 comment=0123456789012345678901234567890123456789\n")],
        vec![pax_size.clone(), member_of_size("a", b'0', &octal(0), &data)],
        vec![member_of_size("a", b'0', &base_256, &data)],
        vec![sparse, extension, padded],
        // A hard link has no data, whatever size it gives.
        vec![member_of_size("l", b'1', &octal(4096), b""), member("a", b'0', &data)],
        // The size of a pax header is for the next member only.
        vec![pax_size, member_of_size("a", b'0', &octal(0), &data), member("b", b'0', b"x")],
    ];
    for members in rows {
        let last = member("last", b'0', b"y");
        assert_eq!(summary(&archive(&[members, vec![last]].concat())), "tar: ok");
    }
    let absurd = [0x80, 0, 0, 0, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff];
    assert_eq!(summary(&archive(&[member_of_size("a", b'0', &absurd, &data)])), "tar: truncated");
    assert_eq!(summary(&archive(&[member_of_size("a", b'x', &absurd, &data)])), "tar: truncated");
    let unreadable = archive(&[member_of_size("a", b'0', b"9zzzz", &data)]);
    assert_eq!(summary(&unreadable), "tar: bad_archive");
}

#[test]
fn a_table_of_contents_names_the_kind_and_must_be_whole() {
    let toc = [b"PGDMP\x01\x0e\0\x04\x08\x03".as_slice(), &[0; 5 * 12]].concat();
    let data = member("7.dat", b'0', b"1\n");
    let form = |name: &str, toc: &[u8]| summary(&archive(&[member(name, b'0', toc), data.clone()]));
    assert_eq!(form("toc.dat", &toc), "PostgreSQL tar dump: ok");
    assert_eq!(form("dump/toc.dat", &toc), "PostgreSQL directory dump in tar: ok");
    assert_eq!(form("toc.dat", &toc[..30]), "PostgreSQL tar dump: truncated");
    assert_eq!(form("./toc.dat", &toc[..30]), "PostgreSQL directory dump in tar: truncated");
    assert_eq!(form("toc.dat", b"something else"), "tar: ok");
    assert_eq!(form("my-toc.dat", &toc), "tar: ok");
}

#[test]
fn no_flipped_byte_can_make_it_panic() {
    let whole = archive(&[member("x", b'x', b"13 size=3000\n"), member("a", b'0', &[7; 3000])]);
    for at in 0..1600 {
        for bit in [0x01, 0x80] {
            let mut flipped = whole.clone();
            flipped[at] ^= bit;
            // A damaged checksum would end the walk before it sees what else is damaged.
            for header in [0, 1024] {
                with_checksum(&mut flipped[header..header + 512]);
            }
            let _ = content(&flipped);
        }
    }
}
