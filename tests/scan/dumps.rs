//! Dumps as sites make them, and as they come from a site where something went wrong. Seeded: the same in every run.

use std::io::Write as _;

/// A small generator (xorshift64*): numbers that look random and are the same in every run.
pub struct Dice(u64);

impl Dice {
    pub fn new(seed: u64) -> Self {
        Self(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1)
    }

    pub fn roll(&mut self) -> u64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        self.0.wrapping_mul(0x2545_F491_4F6C_DD1D)
    }

    /// Evenly from `low` to `high`.
    pub fn between(&mut self, low: usize, high: usize) -> usize {
        low + usize::try_from(self.roll() % (high - low + 1) as u64).unwrap()
    }

    pub fn bytes(&mut self, count: usize) -> Vec<u8> {
        (0..count).map(|_| self.roll().to_be_bytes()[0]).collect()
    }
}

/// A PostgreSQL plain dump with so many rows.
pub fn plain(rows: usize, dice: &mut Dice) -> Vec<u8> {
    let mut text = String::from(
        "--\n-- PostgreSQL database dump\n--\n\nSET client_encoding = 'UTF8';\n\nCOPY sale FROM stdin;\n",
    );
    for row in 0..rows {
        let (customer, amount) = (dice.between(1, 9999), dice.between(1, 500_000));
        text += &format!("{row}\tcustomer {customer}\tDouala\t{amount}.00\tdelivered\t2026-06-15 08:00:00\n");
    }
    text += "\\.\n\n--\n-- PostgreSQL database dump complete\n--\n";
    text.into_bytes()
}

pub fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

pub fn zstd(bytes: &[u8]) -> Vec<u8> {
    zstd::encode_all(bytes, 1).unwrap()
}
