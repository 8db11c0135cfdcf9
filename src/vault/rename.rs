//! Versions under another name of their job.
//!
//! A rename concerns the state, which does it in one transaction, and the tree, which does it version by version. So it is
//! noted durably first; whoever runs next finishes in the tree what the state has done, or drops the note.

use std::io;
use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use super::Vault;
use super::current::read_current;
use super::error::Result;
use super::layout::{CURRENT, RECORD, VERSIONS, entries, is_folder};
use super::listing::read_record;
use crate::domain::JobKey;
use crate::domain::version::VersionRecord;
use crate::files::{self, Context};

const NOTE: &str = "rename.json";
/// More than the note of any agent's jobs.
const NOTE_LIMIT: u64 = 16 * 1024 * 1024;

/// The versions of one job are to go to another name.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Move {
    pub from: JobKey,
    pub to: JobKey,
}

impl Vault {
    /// Notes moves before the state is told of them.
    ///
    /// # Errors
    /// When the note cannot be made durable.
    pub fn note_moves(&self, moves: &[Move]) -> Result<()> {
        let (path, temps) = (self.note_of_moves(), self.temp_folder());
        files::create_dirs(&temps)?;
        let bytes = serde_json::to_vec(moves).map_err(io::Error::from).at("write", &path)?;
        Ok(files::write_atomic_from(&temps, &path, &bytes)?)
    }

    /// The moves that were noted and not finished; none most of the time.
    ///
    /// # Errors
    /// When the note cannot be read.
    pub fn noted_moves(&self) -> Result<Vec<Move>> {
        let path = self.note_of_moves();
        match files::read_limited(&path, NOTE_LIMIT)? {
            None => Ok(Vec::new()),
            Some(bytes) => Ok(serde_json::from_slice(&bytes).map_err(io::Error::from).at("read", &path)?),
        }
    }

    /// # Errors
    /// When the note cannot be removed.
    pub fn forget_moves(&self) -> Result<()> {
        let path = self.note_of_moves();
        if files::remove_file(&path)? {
            files::sync_dir(&self.own_folder())?;
        }
        Ok(())
    }

    fn note_of_moves(&self) -> PathBuf {
        self.own_folder().join(NOTE)
    }

    /// Moves what lies under the old name to the new one; twice is the same as once. What is no version of the job stays
    /// where it is, and so does a version that the new name has already.
    ///
    /// # Errors
    /// When something cannot be moved; what was moved stays so.
    pub fn carry_over(&self, moved: &Move) -> Result<()> {
        let (old, new) = (self.job_folder(&moved.from)?, self.job_folder(&moved.to)?);
        if !is_folder(&old)? {
            return Ok(());
        }
        let (from, to) = (old.join(VERSIONS), new.join(VERSIONS));
        files::create_dirs(&to)?;
        for entry in entries(&from)? {
            if !entry.file_type().at("look at", &entry.path())?.is_dir() {
                continue;
            }
            if let Ok(record) = read_record(&entry.path())?
                && self.speaks_of(&record, moved, &entry.path())?
            {
                files::rename_noreplace(&entry.path(), &to.join(entry.file_name()))?;
            }
        }
        files::sync_dir(&to)?;
        self.carry_current(&old, moved)?;
        for folder in [&from, &old] {
            files::remove_empty_dir(folder)?;
        }
        // The agent's, after its last job.
        if let Some(agent) = old.parent() {
            files::remove_empty_dir(agent)?;
            files::sync_dir(self.root())?;
        }
        Ok(())
    }

    /// Whether a version is one of the job that moves; its record then has the new name.
    fn speaks_of(&self, record: &VersionRecord, moved: &Move, folder: &std::path::Path) -> Result<bool> {
        let is =
            |key: &JobKey| record.agent == key.agent.as_str() && record.database == key.database.as_str();
        if !is(&moved.from) {
            return Ok(is(&moved.to));
        }
        let record = VersionRecord {
            agent: moved.to.agent.to_string(),
            database: moved.to.database.to_string(),
            ..record.clone()
        };
        let path = folder.join(RECORD);
        let bytes = serde_json::to_vec_pretty(&record).map_err(io::Error::from).at("write", &path)?;
        files::write_atomic_from(&self.temp_folder(), &path, &bytes)?;
        Ok(true)
    }

    /// The link goes last, when what it names is there.
    fn carry_current(&self, old: &std::path::Path, moved: &Move) -> Result<()> {
        let Some(current) = read_current(old)? else { return Ok(()) };
        if self.current(&moved.to)?.is_none() && self.has(&moved.to, &current) {
            self.switch(&moved.to, &current)?;
        }
        files::remove_file(&old.join(CURRENT))?;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{Digest, Time};

    fn key(text: &str) -> JobKey {
        text.parse().unwrap()
    }

    fn published(vault: &Vault, job: &JobKey, bytes: &[u8]) -> String {
        use std::io::Write as _;
        let mut draft = vault.begin(bytes.len() as u64).unwrap();
        draft.write_all(bytes).unwrap();
        let time: Time = "2025-06-20T08:37:35Z".parse().unwrap();
        let record = VersionRecord {
            agent: String::new(),
            database: String::new(),
            version: String::new(),
            file_name: "dump".into(),
            report: "r.json".into(),
            report_sha256: Digest::of(b"report"),
            report_time: time,
            promoted_at: time,
            sha256: Digest::of(bytes),
            size_bytes: bytes.len() as u64,
            content_bytes: None,
            kind: None,
            warnings: Vec::new(),
            message: String::new(),
            entry: serde_json::Value::Null,
        };
        vault.publish(job, draft, &record, None).unwrap().record.version
    }

    /// Also from every state that a crash can leave.
    #[test]
    fn versions_go_along_with_their_link_and_speak_of_the_new_name() {
        for crash in 0..3 {
            let root = tempfile::tempdir().unwrap();
            let vault = Vault::new(root.path().to_owned());
            let moved = Move { from: key("A/old"), to: key("B/new") };
            let (one, two) = (published(&vault, &moved.from, b"one"), published(&vault, &moved.from, b"two"));
            vault.switch(&moved.from, &two).unwrap();
            vault.set_pinned(&moved.from, &one, true).unwrap();
            let (old, new) = (root.path().join("A/old"), root.path().join("B/new"));
            let place = old.join(VERSIONS).join(&one);
            if crash > 0 {
                let record = read_record(&place).unwrap().unwrap();
                assert!(vault.speaks_of(&record, &moved, &place).unwrap());
            }
            if crash > 1 {
                files::create_dirs(&new.join(VERSIONS)).unwrap();
                files::rename(&place, &new.join(VERSIONS).join(&one)).unwrap();
            }
            vault.carry_over(&moved).unwrap();
            vault.carry_over(&moved).unwrap();
            let listing = vault.list(&moved.to).unwrap();
            assert_eq!(listing.foreign, [], "after crash {crash}");
            assert_eq!(listing.versions.len(), 2);
            assert!(listing.versions.iter().all(|version| version.key == moved.to));
            assert!(listing.versions.iter().any(|version| version.pinned && version.record.version == one));
            assert_eq!(vault.current(&moved.to).unwrap(), Some(two));
            assert!(!root.path().join("A").exists(), "nothing is left under the old name");
        }
    }

    #[test]
    fn what_is_not_of_the_job_or_is_there_already_stays() {
        let root = tempfile::tempdir().unwrap();
        let vault = Vault::new(root.path().to_owned());
        let moved = Move { from: key("A/old"), to: key("A/new") };
        let name = published(&vault, &moved.from, b"one");
        published(&vault, &moved.to, b"one");
        let strange = root.path().join("A/old/versions/strange");
        files::create_dirs(&strange).unwrap();
        vault.carry_over(&moved).unwrap();
        assert!(strange.is_dir() && root.path().join("A/old/versions").join(name).is_dir());
        assert_eq!(vault.list(&moved.to).unwrap().versions.len(), 1);
    }

    #[test]
    fn a_note_is_there_until_it_is_forgotten() {
        let root = tempfile::tempdir().unwrap();
        let vault = Vault::new(root.path().to_owned());
        let moves = [Move { from: key("A/old"), to: key("A/new") }];
        assert_eq!(vault.noted_moves().unwrap(), []);
        vault.note_moves(&moves).unwrap();
        assert_eq!(vault.noted_moves().unwrap(), moves);
        vault.forget_moves().unwrap();
        vault.forget_moves().unwrap();
        assert_eq!(vault.noted_moves().unwrap(), []);
    }
}
