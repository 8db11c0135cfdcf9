//! The names in a folder, as many as are wanted, in bounded memory.

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::os::fd::OwnedFd;

use rustix::fs::Dir;

use super::super::Fault;
use super::beneath::fault;

#[derive(Debug)]
pub(super) struct Names {
    /// As the file system has them, ordered.
    pub names: Vec<Vec<u8>>,
    /// There were more than the limit; the greatest ones were taken.
    pub truncated: bool,
}

impl Names {
    /// Reads the names that are wanted. Names of reports begin with their time, so the greatest are the newest.
    pub fn of_folder(folder: &OwnedFd, limit: usize, wanted: impl Fn(&[u8]) -> bool) -> Result<Self, Fault> {
        let mut kept: BinaryHeap<Reverse<Vec<u8>>> = BinaryHeap::new();
        let mut truncated = false;
        let mut entries = Dir::read_from(folder).map_err(fault)?;
        while let Some(entry) = entries.read() {
            let entry = entry.map_err(fault)?;
            let name = entry.file_name().to_bytes();
            if name == b"." || name == b".." || !wanted(name) {
                continue;
            }
            kept.push(Reverse(name.to_vec()));
            if kept.len() > limit {
                kept.pop();
                truncated = true;
            }
        }
        let mut names: Vec<Vec<u8>> = kept.into_iter().map(|Reverse(name)| name).collect();
        names.sort_unstable();
        Ok(Self { names, truncated })
    }
}

/// A name as text, with `\xff` for every byte that is no UTF-8.
pub(super) fn escaped(name: &[u8]) -> String {
    let mut text = String::with_capacity(name.len());
    for chunk in name.utf8_chunks() {
        text.push_str(chunk.valid());
        text.extend(chunk.invalid().escape_ascii().map(char::from));
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_that_are_no_text_stay_told_apart() {
        assert_eq!(escaped(b"a\xff\xfeb"), "a\\xff\\xfeb");
        assert_eq!(escaped("Été".as_bytes()), "Été");
    }
}
