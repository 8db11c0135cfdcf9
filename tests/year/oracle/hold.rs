//! What is suspicious beside the good backups before it, and how a hold ends (SPEC sections 6 and 7).

use crate::deposit::Blob;

/// "The median of the last 10 good backups, from 3 on."
const COMPARED: usize = 10;
const LEAST: usize = 3;
/// "After seven like-sized backups."
const LASTING: usize = 7;

#[derive(Clone, Copy)]
struct Sample {
    size: u64,
    /// Its kind was recognised.
    known: bool,
    /// It ended a hold by itself. Reading: what comes then is compared with it and with what follows it alone, else the
    /// next one like it would be held again.
    begins_anew: bool,
}

/// A job's good backups, and the held ones since the newest of them.
#[derive(Default)]
pub(super) struct Holding {
    good: Vec<Sample>,
    /// Their sizes, and whether that alone is why.
    held: Vec<(u64, bool)>,
}

/// Why one is held.
struct Suspicion {
    size_drop: bool,
    kind_changed: bool,
}

impl Holding {
    pub(super) fn is_held(&self) -> bool {
        !self.held.is_empty()
    }

    /// A backup whose bytes are the reported ones. Gives whether it is a good one.
    pub(super) fn take(&mut self, blob: &Blob, is_unchanged: bool) -> bool {
        let mut sample = Sample { size: blob.bytes.len() as u64, known: blob.known, begins_anew: false };
        let Suspicion { size_drop, kind_changed } = self.suspicion(sample);
        if !is_unchanged && (size_drop || kind_changed) {
            if !kind_changed && self.lasts(sample.size) {
                sample.begins_anew = true;
            } else {
                self.held.push((sample.size, !kind_changed));
                return false;
            }
        }
        self.held.clear();
        self.good.push(sample);
        true
    }

    fn suspicion(&self, found: Sample) -> Suspicion {
        let newest = &self.good[self.good.len().saturating_sub(COMPARED)..];
        let anew = newest.iter().rposition(|sample| sample.begins_anew);
        let (others, least) = anew.map_or((newest, LEAST), |index| (&newest[index..], 1));
        if others.len() < least {
            return Suspicion { size_drop: false, kind_changed: false };
        }
        let median = median(others.iter().map(|sample| sample.size).collect());
        let under = |part: u64| u128::from(found.size) * u128::from(part) < u128::from(median);
        let size_drop = under(10) || (under(2) && median - found.size >= 1 << 20);
        // Reading: what used to be recognised is what most of them were.
        let were_known = others.iter().filter(|sample| sample.known).count();
        Suspicion { size_drop, kind_changed: !found.known && were_known * 2 > others.len() }
    }

    /// "Only a hold for `size_drop` alone ends by itself, after seven like-sized backups." Reading: the seventh ends it,
    /// and all since the good one were held for nothing else; like-sized is what is no drop and no jump among the seven.
    fn lasts(&self, size: u64) -> bool {
        let row: Vec<u64> = [size].into_iter().chain(self.held.iter().rev().map(|(size, _)| *size)).collect();
        if row.len() < LASTING || self.held.iter().any(|(_, for_its_size)| !for_its_size) {
            return false;
        }
        let median = median(row[..LASTING].to_vec());
        row[..LASTING].iter().all(|size| size * 10 >= median && *size <= 3 * median)
    }
}

/// The middle one, or the mean of the middle two.
fn median(mut sizes: Vec<u64>) -> u64 {
    sizes.sort_unstable();
    let half = sizes.len() / 2;
    if sizes.len().is_multiple_of(2) { sizes[half - 1].midpoint(sizes[half]) } else { sizes[half] }
}
