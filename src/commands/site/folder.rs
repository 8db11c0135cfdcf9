//! The folder of the site: what is in it, what changed in it, and what does not belong there any more.

use std::collections::{BTreeSet, HashMap};
use std::fs::{DirEntry, Metadata};
use std::hash::{BuildHasher as _, RandomState};
use std::io;
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use crate::domain::text::printable;
use crate::files::{self, Lock};
use crate::render::site::Content;

/// The parts that hold one file for each job or agent.
const SINGLES: [&str; 3] = ["jobs", "agents", "api/jobs"];
/// Where the pieces of the list for the search are, and how they are called.
const PIECES: &str = "data";
const PIECE: &str = "jobs-";
/// Every folder that the site writes in.
const ALL: [&str; 7] = ["", "agents", "api", "api/jobs", "assets", "data", "jobs"];

/// By what a file is known to be the one that was written: its length, and when that was.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Shape(u64, i64, i64);

impl Shape {
    fn of(file: &Metadata) -> Self {
        Self(file.len(), file.mtime(), file.mtime_nsec())
    }
}

pub struct Folder<'f> {
    root: &'f Path,
    /// In a folder that was no site of ours, files of such names are somebody else's.
    was_site: bool,
    /// Files of single jobs and agents, and pieces, that were found and that nobody has claimed yet; by the hash of their
    /// path, for of a large fleet the paths would be the largest part.
    unclaimed: HashMap<u64, Shape>,
    hasher: RandomState,
    made: BTreeSet<PathBuf>,
    pub changed: usize,
}

impl<'f> Folder<'f> {
    /// # Errors
    /// When it cannot be created.
    pub fn open(root: &'f Path) -> files::Result<Self> {
        files::create_dirs(root)?;
        let hasher = RandomState::new();
        let mut unclaimed = HashMap::new();
        for (path, entry) in singles(root) {
            // A link's own kind is told, not that of what it leads to.
            if let Ok(file) = entry.metadata()
                && file.is_file()
            {
                unclaimed.insert(hasher.hash_one(path.as_str()), Shape::of(&file));
            }
        }
        let was_site = root.join("data/stamp.js").is_file();
        Ok(Self { root, was_site, unclaimed, hasher, made: BTreeSet::new(), changed: 0 })
    }

    /// That this file belongs to the site; gives how it was found, if it is there.
    pub fn claim(&mut self, path: &str) -> Option<Shape> {
        self.unclaimed.remove(&self.hasher.hash_one(path))
    }

    /// Gives how it is there now; `None` where that cannot be seen.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn put(&mut self, path: &str, text: &str) -> files::Result<Option<Shape>> {
        let path = self.place(path)?;
        self.changed += usize::from(files::replace_if_changed(&path, text.as_bytes())?);
        Ok(std::fs::symlink_metadata(&path).ok().map(|file| Shape::of(&file)))
    }

    /// As [`put`](Self::put), of what may be large.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn stream(&mut self, path: &str, content: &Content) -> io::Result<()> {
        self.claim(path);
        let path = self.place(path).map_err(io::Error::other)?;
        let changed = files::stream_if_changed(&path, content).map_err(io::Error::other)?;
        self.changed += usize::from(changed);
        Ok(())
    }

    fn place(&mut self, path: &str) -> files::Result<PathBuf> {
        let path = self.root.join(path);
        if let Some(parent) = path.parent()
            && !self.made.contains(parent)
        {
            files::create_dirs(parent)?;
            self.made.insert(parent.to_owned());
        }
        Ok(path)
    }

    /// Removes the files that nobody claimed: their job or agent is gone.
    ///
    /// # Errors
    /// When one cannot be removed.
    pub fn remove_strangers(&self) -> files::Result<()> {
        if !self.was_site || self.unclaimed.is_empty() {
            return Ok(());
        }
        for (path, entry) in singles(self.root) {
            let is_stranger = self.unclaimed.contains_key(&self.hasher.hash_one(path.as_str()));
            if is_stranger && !files::is_temp_name(&entry.file_name()) {
                files::remove_file(&entry.path())?;
                tracing::info!(
                    "removed {}: what it showed is gone",
                    printable(&entry.path().to_string_lossy())
                );
            }
        }
        Ok(())
    }
}

/// What lies where files of single jobs and agents do, and pieces; with the path below the site's folder.
fn singles(root: &Path) -> impl Iterator<Item = (String, DirEntry)> {
    let parts = SINGLES.map(|part| (part, "")).into_iter().chain([(PIECES, PIECE)]);
    parts.flat_map(|(part, begin)| {
        let entries = std::fs::read_dir(root.join(part)).into_iter().flatten().flatten();
        entries.filter_map(move |entry| {
            let name = entry.file_name();
            let name = name.to_string_lossy();
            name.starts_with(begin).then(|| (format!("{part}/{name}"), entry))
        })
    })
}

/// Removes what a killed run was writing; gives the paths. The lock is asked for because what a living run writes looks
/// the same.
///
/// # Errors
/// When something cannot be removed.
pub fn recover(folder: &Path, _held: &Lock) -> files::Result<Vec<PathBuf>> {
    let mut removed = Vec::new();
    for part in ALL {
        removed.extend(files::remove_temp_files(&folder.join(part))?);
    }
    Ok(removed)
}
