//! The bytes of every judged or rejected report, compressed, under the state's folder.
//!
//! `reports/29/292394b6….gz`, named by the SHA-256 of what is inside. Whose report it was, its file's name and when it
//! was received stand in the gzip header (comment, name, time; `gzip -lN` shows the last two), so that it can be judged
//! again without the state.

use std::fs::{self, File};
use std::io::{self, BufReader, Read, Write};
use std::path::{Path, PathBuf};

use chrono::DateTime;
use flate2::bufread::GzDecoder;
use flate2::{Compression, GzBuilder, GzHeader};

use crate::domain::{AgentId, Digest, Time};
use crate::files::{self, Context as _, FileError, Lock};

/// More than any report that is read (16 MiB): what is longer inside was not written by us.
const LONGEST: u64 = 32 * 1024 * 1024;
const SHARD_DIGITS: usize = 2;

#[derive(Debug, thiserror::Error)]
pub enum KeptError {
    #[error("the kept report `{path}` cannot be read: {error}")]
    Read { path: PathBuf, error: io::Error },
    #[error("the report cannot be kept: {0}")]
    Write(#[from] FileError),
    #[error("the kept report `{path}` is damaged: {reason}")]
    Damaged { path: PathBuf, reason: String },
    #[error("bytes with SHA-256 {found} cannot be kept as {expected}")]
    OtherBytes { expected: Digest, found: Digest },
}

type Result<T> = std::result::Result<T, KeptError>;

/// What the bytes alone do not say of a report.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Origin {
    pub agent: AgentId,
    /// Name of its file in `log/`.
    pub file: String,
    /// Kept in whole seconds.
    pub received_at: Time,
}

/// A folder of reports by content. One writer at a time; readers at any time.
#[derive(Debug)]
pub struct KeptReports {
    folder: PathBuf,
}

impl KeptReports {
    /// The folder need not be there yet.
    #[must_use]
    pub fn new(folder: impl Into<PathBuf>) -> Self {
        Self { folder: folder.into() }
    }

    /// Where they lie.
    #[must_use]
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// Keeps the bytes of a report. The same bytes are kept once, with the origin that came first.
    ///
    /// # Errors
    /// When they are not the bytes of `digest`, or cannot be written.
    pub fn keep(&self, digest: &Digest, origin: &Origin, bytes: &[u8]) -> Result<()> {
        let found = Digest::of(bytes);
        if found != *digest {
            return Err(KeptError::OtherBytes { expected: *digest, found });
        }
        // What is damaged is written anew.
        if matches!(self.read(digest), Ok(Some(_))) {
            return Ok(());
        }
        let path = self.path(digest);
        let shard = path.parent().unwrap_or(&self.folder);
        files::create_dirs(shard)?;
        let packed = compress(origin, bytes).at("compress", &path)?;
        Ok(files::write_atomic_from(&self.folder, &path, &packed)?)
    }

    /// Removes what a killed run left behind. The lock is asked for because what a living run writes looks the same.
    ///
    /// # Errors
    /// When something cannot be removed.
    pub fn recover(&self, _held: &Lock) -> Result<Vec<PathBuf>> {
        Ok(files::remove_temps(&self.folder)?)
    }

    /// The bytes of a report, proven by their digest; `None` where it is not kept.
    ///
    /// # Errors
    /// When the file cannot be read, or holds other bytes.
    pub fn read(&self, digest: &Digest) -> Result<Option<Vec<u8>>> {
        let path = self.path(digest);
        let Some(mut packed) = open(&path)? else { return Ok(None) };
        let mut bytes = Vec::new();
        let damaged = |reason: String| KeptError::Damaged { path: path.clone(), reason };
        // What the operating system refuses says nothing of the bytes.
        packed.by_ref().take(LONGEST).read_to_end(&mut bytes).map_err(|error| {
            match error.raw_os_error() {
                Some(_) => KeptError::Read { path: path.clone(), error },
                None => damaged(error.to_string()),
            }
        })?;
        if Digest::of(&bytes) != *digest {
            return Err(damaged("its content is not the one that it is named after".to_owned()));
        }
        Ok(Some(bytes))
    }

    /// Every report that is kept and was received at or after `since`, oldest first. A file whose header says nothing
    /// of its origin is left out.
    ///
    /// # Errors
    /// When a folder or a file cannot be read.
    pub fn received_since(&self, since: Time) -> Result<Vec<(Digest, Origin)>> {
        let mut found = origins(self.all()?)?;
        found.retain(|(_, origin)| origin.received_at >= since);
        Ok(found)
    }

    /// Every report whose file was written at or after `since`, as [`received_since`](Self::received_since): what a state
    /// of that moment may not know. Only these are opened.
    ///
    /// # Errors
    /// When a folder or a file cannot be read.
    pub fn written_since(&self, since: Time) -> Result<Vec<(Digest, Origin)>> {
        let mut young = Vec::new();
        for (digest, path) in self.all()? {
            let written = fs::metadata(&path).and_then(|meta| meta.modified());
            match written {
                Ok(written) if Time::from(written) < since => {}
                Ok(_) => young.push((digest, path)),
                Err(error) => return Err(KeptError::Read { path, error }),
            }
        }
        origins(young)
    }

    /// The digests of all that is kept.
    ///
    /// # Errors
    /// When a folder cannot be read.
    pub fn digests(&self) -> Result<Vec<Digest>> {
        Ok(self.all()?.into_iter().map(|(digest, _)| digest).collect())
    }

    /// Removes what `keep` does not want; gives how many went.
    ///
    /// # Errors
    /// When a folder cannot be read or a file cannot be removed.
    pub fn prune(&self, keep: impl Fn(&Digest) -> bool) -> Result<usize> {
        let mut removed = 0;
        for (digest, path) in self.all()? {
            if !keep(&digest) {
                files::remove_file(&path)?;
                removed += 1;
            }
        }
        Ok(removed)
    }

    fn path(&self, digest: &Digest) -> PathBuf {
        self.folder.join(digest.short(SHARD_DIGITS)).join(format!("{digest}.gz"))
    }

    /// Files that are named like ours; whatever else lies there is nobody's business.
    fn all(&self) -> Result<Vec<(Digest, PathBuf)>> {
        let mut found = Vec::new();
        for shard in list(&self.folder)? {
            if !shard.is_dir() {
                continue;
            }
            for path in list(&shard)? {
                let name =
                    path.file_name().and_then(|name| name.to_str()).and_then(|name| name.strip_suffix(".gz"));
                if let Some(digest) = name.and_then(|name| name.parse().ok()) {
                    found.push((digest, path));
                }
            }
        }
        Ok(found)
    }
}

/// What the headers of these files say, oldest first.
fn origins(files: Vec<(Digest, PathBuf)>) -> Result<Vec<(Digest, Origin)>> {
    let mut found = Vec::new();
    for (digest, path) in files {
        let origin = open(&path)?.and_then(|packed| packed.header().and_then(origin_in));
        found.extend(origin.map(|origin| (digest, origin)));
    }
    found.sort_by(|(a, of_a), (b, of_b)| (of_a.received_at, a).cmp(&(of_b.received_at, b)));
    Ok(found)
}

fn list(folder: &Path) -> Result<Vec<PathBuf>> {
    let unreadable = |error| KeptError::Read { path: folder.to_owned(), error };
    match fs::read_dir(folder) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(Vec::new()),
        Err(error) => Err(unreadable(error)),
        Ok(entries) => entries.map(|entry| entry.map(|entry| entry.path()).map_err(unreadable)).collect(),
    }
}

fn open(path: &Path) -> Result<Option<GzDecoder<BufReader<File>>>> {
    match File::open(path) {
        Ok(file) => Ok(Some(GzDecoder::new(BufReader::new(file)))),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(KeptError::Read { path: path.to_owned(), error }),
    }
}

fn compress(origin: &Origin, bytes: &[u8]) -> io::Result<Vec<u8>> {
    let seconds = origin.received_at.timestamp().clamp(0, i64::from(u32::MAX));
    let mut packer = GzBuilder::new()
        .filename(origin.file.as_str())
        .comment(origin.agent.as_str())
        .mtime(u32::try_from(seconds).unwrap_or_default())
        .write(Vec::new(), Compression::default());
    packer.write_all(bytes)?;
    packer.finish()
}

fn origin_in(header: &GzHeader) -> Option<Origin> {
    let agent = std::str::from_utf8(header.comment()?).ok()?;
    let file = std::str::from_utf8(header.filename()?).ok()?;
    Some(Origin {
        agent: AgentId::new(agent).ok()?,
        file: file.to_owned(),
        received_at: DateTime::from_timestamp(i64::from(header.mtime()), 0)?,
    })
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    fn origin(second: i64) -> Origin {
        Origin {
            agent: AgentId::new("SIRPACAM_É").unwrap(),
            file: "2025-06-20 é.json".to_owned(),
            received_at: DateTime::from_timestamp(1_750_000_000 + second, 0).unwrap(),
        }
    }

    fn files(kept: &KeptReports) -> Vec<PathBuf> {
        kept.all().unwrap().into_iter().map(|(_, path)| path).collect()
    }

    #[test]
    fn the_same_bytes_are_kept_once_and_come_back_with_their_origin() {
        let folder = tempfile::tempdir().unwrap();
        let kept = KeptReports::new(folder.path().join("state/reports"));
        let (bytes, other) = (br#"{"agent_id": 1}"#.repeat(99), b"".to_vec());
        let digest = Digest::of(&bytes);
        assert_eq!(kept.read(&digest).unwrap(), None);
        assert_eq!(kept.received_since(Time::MIN_UTC).unwrap(), []);

        kept.keep(&digest, &origin(5), &bytes).unwrap();
        kept.keep(&digest, &origin(9), &bytes).unwrap();
        kept.keep(&Digest::of(&other), &origin(3), &other).unwrap();
        assert_eq!(kept.read(&digest).unwrap(), Some(bytes.clone()));
        assert_eq!(kept.read(&Digest::of(&other)).unwrap(), Some(other.clone()));

        let path = kept.path(&digest);
        assert!(path.ends_with(format!("{}/{digest}.gz", &digest.to_string()[..2])));
        let packed = fs::metadata(&path).unwrap();
        assert!(packed.len() < bytes.len() as u64 / 4);
        assert_eq!(packed.permissions().mode() & 0o7777, 0o640);
        assert_eq!(
            kept.received_since(Time::MIN_UTC).unwrap(),
            [(Digest::of(&other), origin(3)), (digest, origin(5))]
        );
        assert_eq!(kept.received_since(origin(4).received_at).unwrap(), [(digest, origin(5))]);
        assert!(matches!(kept.keep(&digest, &origin(5), &other), Err(KeptError::OtherBytes { .. })));
    }

    #[test]
    fn damage_is_seen_and_mended_by_keeping_again() {
        let folder = tempfile::tempdir().unwrap();
        let kept = KeptReports::new(folder.path());
        let bytes = b"{}".repeat(1000);
        let digest = Digest::of(&bytes);
        kept.keep(&digest, &origin(0), &bytes).unwrap();
        let path = kept.path(&digest);
        let whole = fs::read(&path).unwrap();
        let of_other_bytes = compress(&origin(0), b"{ }").unwrap();
        for damaged in [&whole[..whole.len() - 1], b"", b"no gzip", &of_other_bytes] {
            fs::write(&path, damaged).unwrap();
            let error = kept.read(&digest).unwrap_err();
            assert!(matches!(error, KeptError::Damaged { .. }), "{error}");
            kept.keep(&digest, &origin(0), &bytes).unwrap();
            assert_eq!(kept.read(&digest).unwrap(), Some(bytes.clone()));
        }
    }

    #[test]
    fn pruning_removes_only_what_is_not_wanted_and_only_what_is_ours() {
        let folder = tempfile::tempdir().unwrap();
        let kept = KeptReports::new(folder.path());
        let [a, b] = [b"a", b"b"].map(|bytes| {
            kept.keep(&Digest::of(bytes), &origin(0), bytes).unwrap();
            Digest::of(bytes)
        });
        let foreign = kept.path(&a).with_file_name("README");
        fs::write(&foreign, "").unwrap();
        assert_eq!(kept.prune(|digest| *digest == b).unwrap(), 1);
        assert_eq!(files(&kept), [kept.path(&b)]);
        assert!(foreign.exists());
    }
}
