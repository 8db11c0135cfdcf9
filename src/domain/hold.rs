//! When a hold ends by itself: a drop in size alone, seven times over, is how large the database is now (SPEC section 7).

use super::anomaly::{Sample, Sizes, median};
use super::entry::Entry;
use super::text::size;
use super::{Verdict, Warning};

/// So many like-sized backups, the one that is judged among them.
const LASTING: usize = 7;

/// Whether the suspicion of `verdict` is a drop that has come to stay, as a sentence fragment. `held_newest_first` are all
/// held entries since the last good backup.
///
/// Like-sized is what would neither be a drop nor a jump beside the median of the seven.
#[must_use]
pub fn lasting_drop(verdict: &Verdict, held_newest_first: &[Entry]) -> Option<String> {
    let is_drop_alone = |warnings: &[Warning]| {
        let mut suspicious = warnings.iter().filter(|warning| warning.is_suspicious());
        suspicious.all(|warning| *warning == Warning::SizeDrop)
    };
    if !is_drop_alone(&verdict.warnings)
        || !held_newest_first.iter().all(|entry| is_drop_alone(&entry.warnings))
    {
        return None;
    }
    let before = held_newest_first.iter().take(LASTING - 1).map(Sample::of_entry);
    let row: Vec<Sample> =
        std::iter::once(Sample::of_verdict(verdict)).chain(before).collect::<Option<_>>()?;
    let likes = |sample: &Sample| {
        Sizes::comparable(sample, &row, LASTING)
            .is_some_and(|sizes| sizes.drop().is_none() && !sizes.is_jump())
    };
    if row.len() < LASTING || !row.iter().all(likes) {
        return None;
    }
    let staged = median(row.iter().map(|sample| sample.size_bytes).collect())?;
    Some(format!(
        "the smaller size is taken as lasting: {LASTING} backups in a row of about {}",
        size(staged)
    ))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{Cause, Job, Status, Time};

    fn held(bytes: u64, warnings: &[Warning]) -> Entry {
        let job = Job::new("A/B".parse().unwrap(), Time::UNIX_EPOCH, false);
        Entry {
            size_bytes: Some(bytes),
            warnings: warnings.to_vec(),
            ..Entry::blank(&job.id, String::new(), Time::UNIX_EPOCH)
        }
    }

    fn lasts(now: u64, warnings: &[Warning], before: &[Entry]) -> bool {
        let verdict = Verdict {
            status: Status::Success,
            warnings: warnings.to_vec(),
            size_bytes: Some(now),
            ..Verdict::failed(Cause::Empty, "")
        };
        lasting_drop(&verdict, before).is_some()
    }

    #[test]
    fn seven_like_sized_drops_are_the_new_size_and_nothing_else_is() {
        const DROP: &[Warning] = &[Warning::SizeDrop, Warning::SizeDiffers];
        let drops = |sizes: &[u64]| sizes.iter().map(|bytes| held(*bytes, DROP)).collect::<Vec<_>>();
        assert!(lasts(1000, DROP, &drops(&[1000; 6])));
        assert!(!lasts(1000, DROP, &drops(&[1000; 5])), "six are too few");
        assert!(lasts(3000, DROP, &drops(&[1000; 6])) && !lasts(3001, DROP, &drops(&[1000; 6])));
        assert!(lasts(100, DROP, &drops(&[1000; 6])) && !lasts(99, DROP, &drops(&[1000; 6])));
        // Only the newest seven need be alike, but all of the hold must be for the size alone.
        assert!(lasts(1000, DROP, &drops(&[1000, 1000, 1000, 1000, 1000, 1000, 9999, 1])));
        let mut mixed = drops(&[1000; 9]);
        mixed[8].warnings.push(Warning::KindChanged);
        assert!(!lasts(1000, DROP, &mixed));
        assert!(!lasts(1000, &[Warning::SizeDrop, Warning::ContentShort], &drops(&[1000; 6])));
    }
}
