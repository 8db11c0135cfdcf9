//! What `make-dumps.sh` makes, what each is recognised as, and how much of a damage to it can be found.

pub struct Expected {
    /// Name with `*` for the size.
    pub name: &'static str,
    pub kind: &'static str,
    pub cuts_missed: Missed,
    /// Of a hundred flipped bits, at least so many are found.
    pub flips_found: usize,
}

/// How many cuts may go unseen.
pub enum Missed {
    /// In all sizes together: those that leave fewer bytes than the magic has, and those behind the last byte that
    /// matters.
    Few(usize),
    /// Nothing in such a file tells.
    All,
}

impl Missed {
    pub fn of(&self, cuts: usize) -> usize {
        match self {
            Self::Few(count) => *count,
            Self::All => cuts,
        }
    }
}

macro_rules! kinds {
    ($($name:literal => $kind:literal, $missed:expr, $flips:literal;)*) => {
        &[$(Expected { name: $name, kind: $kind, cuts_missed: $missed, flips_found: $flips },)*]
    };
}

use Missed::{All, Few};

pub const KINDS: &[Expected] = kinds! {
    "pg-*.sql" => "PostgreSQL plain dump", Few(35), 0;
    "pg-cluster.sql" => "PostgreSQL plain cluster dump", Few(0), 0;
    "pg-*.sql.gz" => "PostgreSQL plain dump in gzip", Few(2), 95;
    "pg-*.sql.members.gz" => "PostgreSQL plain dump in gzip", Few(2), 95;
    "pg-*.sql.padded.gz" => "PostgreSQL plain dump in gzip", Few(2), 95;
    "pg-*.sql.zst" => "PostgreSQL plain dump in zstd", Few(3), 95;
    "pg-*.sql.unchecked.zst" => "PostgreSQL plain dump in zstd", Few(3), 10;
    "pg-*.sql.frames.zst" => "PostgreSQL plain dump in zstd", Few(3), 95;
    "pg-*.sql.xz" => "PostgreSQL plain dump in xz", Few(5), 95;
    "pg-*.sql.bz2" => "PostgreSQL plain dump in bzip2", Few(3), 95;
    "pg-*.custom" => "PostgreSQL custom dump", Few(4), 40;
    "pg-*.pipe.custom" => "PostgreSQL custom dump", Few(4), 40;
    "pg-*.stored.custom" => "PostgreSQL custom dump", Few(4), 10;
    "pg-*.schema.custom" => "PostgreSQL custom dump", Few(8), 10;
    "pg-*.data.custom" => "PostgreSQL custom dump", Few(4), 40;
    "pg-*.pre.custom" => "PostgreSQL custom dump", Few(8), 10;
    "pg-*.without.custom" => "PostgreSQL custom dump", Few(4), 40;
    "pg-*.custom.zst" => "PostgreSQL custom dump in zstd", Few(3), 95;
    "pg-*.tar" => "PostgreSQL tar dump", Few(10), 5;
    "pg-*.tar.gz" => "PostgreSQL tar dump in gzip", Few(2), 95;
    "pg-*.dir.tar" => "PostgreSQL directory dump in tar", Few(5), 5;
    "pg-*.dot.dir.tar" => "PostgreSQL directory dump in tar", Few(5), 5;
    "plain-*.tar" => "tar", Few(8), 1;
    "plain-*.pax.tar" => "tar", Few(8), 1;
    "plain-*.tar.gz" => "tar in gzip", Few(2), 95;
    "mariadb-*.sql" => "MariaDB plain dump", Few(65), 0;
    "mariadb-*.undated.sql" => "MariaDB plain dump", Few(65), 0;
    "mariadb-*.bare.sql" => "MySQL or MariaDB dump without comments", All, 0;
    "mariadb-*.compact.sql" => "MySQL or MariaDB dump without comments", All, 0;
    "mariadb-*.sql.gz" => "MariaDB plain dump in gzip", Few(2), 95;
    "mariadb-*.sql.zst" => "MariaDB plain dump in zstd", Few(3), 95;
    "sqlite-*-delete.db" => "SQLite database", Few(0), 0;
    "sqlite-*-wal.db" => "SQLite database", Few(0), 0;
    "sqlite-*.db.zst" => "SQLite database in zstd", Few(3), 95;
};
