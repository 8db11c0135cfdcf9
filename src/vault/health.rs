//! Whether a version still is what was promoted.

use std::fs::File;
use std::io::{self, Read, Write};
use std::path::Path;

use rustix::fs::{Advice, fadvise};
use sha2::{Digest as _, Sha256};

use super::Vault;
use super::error::Result;
use super::layout::{SUMS, is_folder};
use super::listing::{read_part, read_record};
use super::sums;
use crate::domain::text::printable;
use crate::domain::{Digest, JobKey};
use crate::files::{self, Context};
use crate::intake::Progress;

/// The one line of a file name.
const SUMS_LIMIT: u64 = 4096;
const CHUNK: usize = 256 * 1024;

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Health {
    Whole,
    /// Why: a sentence fragment.
    Damaged(String),
    Absent,
}

/// What a version's dump should be.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Expected {
    pub file_name: String,
    pub sha256: Digest,
    /// Not known from `SHA256SUMS` alone.
    pub size_bytes: Option<u64>,
}

impl Vault {
    /// Reads the version's bytes again, from the disk and not from memory where the system allows, and compares them
    /// with `report.json` and `SHA256SUMS`.
    ///
    /// # Errors
    /// When the machine failed (SPEC section 4, rule 6), which says nothing about the version.
    pub fn verify(&self, key: &JobKey, name: &str, progress: &dyn Progress) -> Result<Health> {
        examine(&self.version_folder(key, name)?, progress)
    }
}

pub(super) fn examine(version: &Path, progress: &dyn Progress) -> Result<Health> {
    if !is_folder(version)? {
        return Ok(Health::Absent);
    }
    let (by_record, by_sums) = (by_record(version)?, by_sums(version)?);
    let (expected, listed) = match (by_record, by_sums) {
        (Ok(expected), Ok(listed)) => (expected, listed),
        (Err(reason), _) | (_, Err(reason)) => return Ok(Health::Damaged(reason)),
    };
    if (&expected.file_name, expected.sha256) != (&listed.file_name, listed.sha256) {
        return Ok(Health::Damaged(format!("its {SUMS} differs from its report.json")));
    }
    match open_dump(version, &expected)? {
        Err(reason) => Ok(Health::Damaged(reason)),
        Ok(mut dump) => {
            let path = version.join(&expected.file_name);
            let (found, _) = copy_hashed(&mut dump, &path, &mut io::sink(), Path::new(""), progress)?;
            Ok(if found == expected.sha256 {
                Health::Whole
            } else {
                Health::Damaged(differs(&expected, &found))
            })
        }
    }
}

pub(super) fn differs(expected: &Expected, found: &Digest) -> String {
    let file = printable(&expected.file_name);
    format!("the SHA-256 of `{file}` is {found} and was {} when it was promoted", expected.sha256)
}

pub(super) fn by_record(version: &Path) -> Result<std::result::Result<Expected, String>> {
    let expected = read_record(version)?.map(|record| Expected {
        file_name: record.file_name,
        sha256: record.sha256,
        size_bytes: Some(record.size_bytes),
    });
    Ok(expected.and_then(Expected::checked))
}

pub(super) fn by_sums(version: &Path) -> Result<std::result::Result<Expected, String>> {
    let listed = read_part(version, SUMS, SUMS_LIMIT)?.and_then(|bytes| {
        let line = String::from_utf8(bytes).ok().and_then(|text| sums::parse(&text));
        let (sha256, file_name) = line.ok_or_else(|| format!("its {SUMS} is not one line of `sha256sum`"))?;
        Ok(Expected { file_name, sha256, size_bytes: None })
    });
    Ok(listed.and_then(Expected::checked))
}

impl Expected {
    /// A name from a file is joined to a path only when it is one that we would have given.
    fn checked(self) -> std::result::Result<Self, String> {
        match super::layout::dump_name(&self.file_name) {
            Ok(name) if name == self.file_name => Ok(self),
            _ => Err(format!("it names its dump `{}`", printable(&self.file_name))),
        }
    }
}

/// Opens the dump when it is there and has its size, else says why not.
pub(super) fn open_dump(version: &Path, expected: &Expected) -> Result<std::result::Result<File, String>> {
    let (path, name) = (version.join(&expected.file_name), printable(&expected.file_name));
    let file = match files::open_regular(&path) {
        Ok(file) => file,
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            return Ok(Err(format!("`{name}` is not there")));
        }
        Err(error) if error.is_monitors_failure() || error.kind() == io::ErrorKind::PermissionDenied => {
            return Err(error.into());
        }
        Err(error) => return Ok(Err(format!("`{name}` cannot be read: {}", error.source))),
    };
    let found = file.metadata().at("look at", &path)?.len();
    match expected.size_bytes {
        Some(bytes) if bytes != found => Ok(Err(format!("`{name}` has {found} bytes instead of {bytes}"))),
        _ => Ok(Ok(file)),
    }
}

/// Copies to the end and gives digest and number of the bytes that were copied. What the disk holds is wanted, so what
/// the memory holds of it is let go first.
pub(super) fn copy_hashed(
    from: &mut File,
    from_path: &Path,
    to: &mut dyn Write,
    to_path: &Path,
    progress: &dyn Progress,
) -> Result<(Digest, u64)> {
    // Advice only: a file system that does not take it does no harm.
    let _ = fadvise(&*from, 0, None, Advice::DontNeed);
    let _ = fadvise(&*from, 0, None, Advice::Sequential);
    let before = from.metadata().at("look at", from_path)?;
    let (mut hasher, mut buffer, mut total) = (Sha256::new(), vec![0; CHUNK], 0);
    loop {
        let n = match from.read(&mut buffer) {
            Ok(0) => {
                // A version that was not read whole is not damaged for that.
                let after = from.metadata().at("look at", from_path)?;
                files::check_end(total, &before, &after).at("read", from_path)?;
                return Ok((Digest(hasher.finalize().into()), total));
            }
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            n => n.at("read", from_path)?,
        };
        hasher.update(&buffer[..n]);
        to.write_all(&buffer[..n]).at("write", to_path)?;
        total += n as u64;
        progress.advance(n as u64);
    }
}
