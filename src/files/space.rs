//! Space on a file system.

use std::path::Path;

use rustix::fs::statvfs;

use super::{Context, Result};

/// In bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Space {
    /// What an unprivileged user may still take.
    pub free: u64,
    pub total: u64,
}

/// Space of the file system that `path` lies on, or would lie on: the nearest folder above that exists is asked.
///
/// # Errors
/// When no file system answers.
pub fn free_space(path: &Path) -> Result<Space> {
    let existing = path.ancestors().find(|folder| folder.exists()).unwrap_or(Path::new("."));
    let stat = statvfs(existing).at("ask for the free space of", existing)?;
    Ok(Space {
        free: stat.f_bavail.saturating_mul(stat.f_frsize),
        total: stat.f_blocks.saturating_mul(stat.f_frsize),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn space_is_known_also_for_a_folder_that_does_not_exist_yet() {
        let root = tempfile::tempdir().unwrap();
        let space = free_space(&root.path().join("not/yet")).unwrap();
        assert!(space.total > 0 && space.free <= space.total);
        assert_eq!(space.total, free_space(root.path()).unwrap().total);
    }
}
