//! Archives of every version in use, written here as `pg_dump` writes them.

use std::io::Write;

use super::super::super::testing::{assert_every_cut_found, content, summary};

/// Writes an archive of version 1.`minor`.
struct Writer {
    minor: u8,
    bytes: Vec<u8>,
}

impl Writer {
    fn int(&mut self, value: i32) {
        self.bytes.push(u8::from(value < 0));
        self.bytes.extend_from_slice(&value.unsigned_abs().to_le_bytes());
    }

    fn string(&mut self, text: Option<&str>) {
        match text {
            None => self.int(-1),
            Some(text) => {
                self.int(i32::try_from(text.len()).unwrap());
                self.bytes.extend_from_slice(text.as_bytes());
            }
        }
    }

    fn header(minor: u8, format: u8, zlib: bool) -> Self {
        let mut writer = Self { minor, bytes: b"PGDMP\x01".to_vec() };
        writer.bytes.extend_from_slice(&[minor, 0, 4, 8, format]);
        if minor >= 15 {
            writer.bytes.push(u8::from(zlib));
        } else {
            writer.int(if zlib { -1 } else { 0 });
        }
        for part in 0..7 {
            writer.int(part);
        }
        for text in ["base", "15.18", "15.18"] {
            writer.string(Some(text));
        }
        writer
    }

    fn entry(&mut self, id: i32, has_data: bool) {
        self.int(id);
        self.int(i32::from(has_data));
        for text in ["1259", "16384", "facture", "TABLE DATA"] {
            self.string(Some(text));
        }
        self.int(3);
        self.string(Some(""));
        self.string(None);
        self.string(Some("COPY public.facture FROM stdin;\n"));
        self.string(Some("public"));
        self.string(Some(""));
        if self.minor >= 14 {
            self.string(Some("heap"));
        }
        if self.minor >= 16 {
            self.int(114);
        }
        self.string(Some("postgres"));
        self.string(Some("false"));
        self.string(Some("215"));
        self.string(None);
    }

    fn state(&mut self, state: u8) {
        self.bytes.push(state);
        self.bytes.extend_from_slice(&[0; 8]);
    }

    fn block(&mut self, kind: u8, id: i32) {
        self.bytes.push(kind);
        self.int(id);
    }

    /// Chunks of three bytes, as many as it takes.
    fn data(&mut self, data: &[u8]) {
        for chunk in data.chunks(3) {
            self.int(i32::try_from(chunk.len()).unwrap());
            self.bytes.extend_from_slice(chunk);
        }
        self.int(0);
    }
}

fn deflated(raw: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::default());
    encoder.write_all(raw).unwrap();
    encoder.finish().unwrap()
}

/// One entry without data, a table, an empty table and two large objects. Gives where each block begins, too.
fn archive(minor: u8, zlib: bool) -> (Vec<u8>, Vec<usize>) {
    let pack = |raw: &[u8]| if zlib { deflated(raw) } else { raw.to_vec() };
    let mut writer = Writer::header(minor, 1, zlib);
    writer.int(4);
    for (id, state) in [(3300, 3), (3349, 1), (3350, 2), (3351, 1)] {
        writer.entry(id, state != 3);
        writer.state(state);
    }
    let mut begins = vec![writer.bytes.len()];
    writer.block(1, 3349);
    writer.data(&pack(b"1\tclient 1\t1.18\n2\tclient 2\t2.36\n\\.\n\n\n"));
    begins.push(writer.bytes.len());
    writer.block(1, 3350);
    writer.data(b"");
    begins.push(writer.bytes.len());
    writer.block(3, 3351);
    for oid in [16_401, -5] {
        writer.int(oid);
        writer.data(&pack(b"piece jointe"));
    }
    writer.int(0);
    (writer.bytes, begins)
}

#[test]
fn every_version_in_use_is_walked_to_its_end_and_every_cut_found() {
    for minor in 11..=16 {
        for zlib in [true, false] {
            let (whole, begins) = archive(minor, zlib);
            assert_eq!(summary(&whole), "PostgreSQL custom dump: ok", "1.{minor}");
            assert_every_cut_found(&whole, 5);
            // Between two blocks only the table of contents knows that one is missing.
            for begin in begins {
                assert_eq!(summary(&whole[..begin]), "PostgreSQL custom dump: truncated");
            }
        }
    }
}

#[test]
fn data_that_does_not_unpack_and_blocks_that_nobody_promised_are_damage() {
    let (whole, begins) = archive(14, true);
    let mut flipped = whole.clone();
    // In the zlib data of the first table: type and id of the block, then chunks of length and three bytes.
    flipped[begins[0] + 6 + 5 + 5 + 3] ^= 4;
    assert_eq!(summary(&flipped), "PostgreSQL custom dump: bad_archive");
    assert!(content(&flipped).fault.unwrap().message.contains("entry 3349"));
    let twice = [whole.as_slice(), &whole[begins[1]..begins[2]]].concat();
    assert_eq!(summary(&twice), "PostgreSQL custom dump: bad_archive");
    let mut strange = whole.clone();
    strange[begins[1]] = 2;
    assert_eq!(summary(&strange), "PostgreSQL custom dump: bad_archive");
    // Garbage behind the last block, as a longer file leaves it.
    assert_eq!(summary(&[whole.as_slice(), b"\x09"].concat()), "PostgreSQL custom dump: truncated");
    assert_eq!(summary(&[whole.as_slice(), b"garbage"].concat()), "PostgreSQL custom dump: bad_archive");
}

#[test]
fn a_version_that_is_not_known_is_not_judged() {
    for minor in [10, 17] {
        let (whole, _) = archive(minor, true);
        assert_eq!(summary(&whole), "PostgreSQL custom dump: unchecked");
    }
    assert_eq!(summary(b"PGDMP\x02\x00\x00\x04\x08\x01"), "PostgreSQL custom dump: unchecked");
}

#[test]
fn a_schema_alone_and_a_lone_table_of_contents_end_with_their_last_entry() {
    let mut schema = Writer::header(16, 1, true);
    schema.int(1);
    schema.entry(7, false);
    schema.state(3);
    assert_eq!(summary(&schema.bytes), "PostgreSQL custom dump: ok");
    assert_every_cut_found(&schema.bytes, 5);
    let mut toc = Writer::header(14, 3, true);
    toc.int(1);
    toc.entry(7, true);
    toc.string(Some("7.dat"));
    assert_eq!(summary(&toc.bytes), "PostgreSQL custom dump: ok");
    assert_every_cut_found(&toc.bytes, 5);
}

#[test]
fn no_flipped_byte_can_make_it_panic_or_take_memory() {
    for zlib in [true, false] {
        let (whole, _) = archive(16, zlib);
        for at in 0..whole.len() {
            for bit in [0x01, 0x80] {
                let mut flipped = whole.clone();
                flipped[at] ^= bit;
                let _ = content(&flipped);
            }
        }
    }
}
