//! What is odd about a backup beside the good ones before it, although its bytes are the reported ones (SPEC section 6).
//!
//! Numbers decide, and each sentence prints those that did. Nothing here changes a status; what follows from a
//! suspicious anomaly is the ledger's.

use super::entry::{Entry, Hold};
use super::text::size;
use super::verdict::UNKNOWN_KIND;
use super::{Verdict, Warning};

/// How many good backups the next one is compared with.
pub const COMPARED: usize = 10;
/// With fewer, nothing is known of what is usual.
const LEAST: usize = 3;
/// A drop to less than half is suspicious from this many bytes on: what is lost in a small database is noise.
const DROP_BYTES: u64 = 1 << 20;

/// In a smaller file the container's own bytes decide how well it was compressed.
const RATIO_BYTES: u64 = 1 << 10;

/// An oddity and the sentence fragment that tells it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Anomaly {
    pub warning: Warning,
    pub sentence: String,
}

/// What of a backup is compared.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Sample {
    /// Of the staged file.
    pub size_bytes: u64,
    /// Of the stream before compression, where it was read to its end.
    pub content_bytes: Option<u64>,
    pub kind: Option<String>,
}

impl Sample {
    /// `None` for an entry of which nothing was read.
    #[must_use]
    pub fn of_entry(entry: &Entry) -> Option<Self> {
        Some(Self {
            size_bytes: entry.size_bytes?,
            content_bytes: entry.content_bytes,
            kind: entry.kind.clone(),
        })
    }

    /// As [`Sample::of_entry`], of what is being judged.
    #[must_use]
    pub fn of_verdict(verdict: &Verdict) -> Option<Self> {
        Some(Self {
            size_bytes: verdict.size_bytes?,
            content_bytes: verdict.content_bytes(),
            kind: verdict.kind().map(str::to_owned),
        })
    }

    /// Decompressed and staged bytes, where something was compressed. A stream exactly as long as its file is the file.
    fn ratio(&self) -> Option<Ratio> {
        let content = self.content_bytes.filter(|content| *content != self.size_bytes)?;
        (self.size_bytes >= RATIO_BYTES).then_some(Ratio { content, staged: self.size_bytes })
    }
}

/// The good backups that the next one is compared with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Baseline {
    samples: Vec<Sample>,
    /// How many samples it takes to say anything.
    least: usize,
}

impl Baseline {
    /// From a job's good entries, newest first. One that an operator accepted, or that ended a hold by itself, begins a
    /// new baseline, and speaks alone until there are more: else the next backup like it would be held again.
    #[must_use]
    pub fn new(newest_first: &[Entry]) -> Self {
        let accepted = newest_first.iter().position(|entry| entry.hold == Some(Hold::Accepted));
        let count = accepted.map_or(COMPARED, |index| COMPARED.min(index + 1));
        Self {
            samples: newest_first.iter().take(count).filter_map(Sample::of_entry).collect(),
            least: if accepted.is_some() { 1 } else { LEAST },
        }
    }

    /// In the order in which they are told.
    #[must_use]
    pub fn anomalies(&self, found: &Sample) -> Vec<Anomaly> {
        [self.odd_size(found), self.kind_changed(found), self.incompressible(found)]
            .into_iter()
            .flatten()
            .collect()
    }

    fn odd_size(&self, found: &Sample) -> Option<Anomaly> {
        let sizes = Sizes::comparable(found, &self.samples, self.least)?;
        let (warning, words) = if let Some(drop) = sizes.drop() {
            (Warning::SizeDrop, drop)
        } else if sizes.is_jump() {
            (Warning::SizeJump, "over 3 times")
        } else {
            return None;
        };
        let Sizes { found, median, of, measure } = sizes;
        let sentence =
            format!("{}{measure} is {words} the median {} of the last {of} good", size(found), size(median));
        Some(Anomaly { warning, sentence })
    }

    /// Only where most of them were recognised: a job whose dumps are sometimes known has no usual kind.
    fn kind_changed(&self, found: &Sample) -> Option<Anomaly> {
        let now = found.kind.as_deref()?;
        let known: Vec<&str> = self.samples.iter().filter_map(|sample| sample.kind.as_deref()).collect();
        let clearer: Vec<&str> =
            known.iter().copied().filter(|then| Clarity::of(now) < Clarity::of(then)).collect();
        let then = clearer.first()?;
        if known.len() < self.least || clearer.len() * 2 <= known.len() || Clarity::of(now) == Clarity::Known
        {
            return None;
        }
        let sentence =
            format!("it holds {now}, while {} of the last {} good held {then}", clearer.len(), known.len());
        Some(Anomaly { warning: Warning::KindChanged, sentence })
    }

    fn incompressible(&self, found: &Sample) -> Option<Anomaly> {
        let now = found.ratio()?;
        let then: Vec<Ratio> = self.samples.iter().filter_map(Sample::ratio).collect();
        if then.len() < self.least || !now.is_about_one() || !then.iter().all(Ratio::is_clearly_more_than_one)
        {
            return None;
        }
        let lowest = then.iter().map(Ratio::value).fold(f64::INFINITY, f64::min);
        let sentence = format!(
            "it was compressed {:.2} times, while the least of the last {} good was {lowest:.2} times",
            now.value(),
            then.len()
        );
        Some(Anomaly { warning: Warning::Incompressible, sentence })
    }
}

/// A size beside the median of others that were measured the same way.
#[derive(Debug, Clone, Copy)]
pub(super) struct Sizes {
    pub found: u64,
    pub median: u64,
    /// How many the median is of.
    pub of: usize,
    /// For the sentence.
    pub measure: &'static str,
}

impl Sizes {
    /// By decompressed size where enough are known, for a better compression loses nothing; else by staged size.
    pub fn comparable(found: &Sample, others: &[Sample], least: usize) -> Option<Self> {
        let contents: Vec<u64> = others.iter().filter_map(|sample| sample.content_bytes).collect();
        let staged = || others.iter().map(|sample| sample.size_bytes).collect();
        let (found, others, measure) = match found.content_bytes {
            Some(content) if contents.len() >= least => (content, contents, " decompressed"),
            Some(_) | None => (found.size_bytes, staged(), ""),
        };
        let of = others.len();
        (of >= least).then(|| median(others)).flatten().map(|median| Self { found, median, of, measure })
    }

    /// How far under the median, in words, where that is suspicious.
    pub fn drop(&self) -> Option<&'static str> {
        let (found, median) = (u128::from(self.found), u128::from(self.median));
        if found * 10 < median {
            Some("under a tenth of")
        } else if found * 2 < median && median - found >= u128::from(DROP_BYTES) {
            Some("under half of")
        } else {
            None
        }
    }

    pub fn is_jump(&self) -> bool {
        u128::from(self.found) > 3 * u128::from(self.median)
    }
}

/// The middle one, or the mean of the middle two; `None` of none.
pub(super) fn median(mut values: Vec<u64>) -> Option<u64> {
    values.sort_unstable();
    let upper = *values.get(values.len() / 2)?;
    let lower = if values.len().is_multiple_of(2) { values[values.len() / 2 - 1] } else { upper };
    Some(lower.midpoint(upper))
}

/// How much a kind says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Clarity {
    Unknown,
    /// A container is recognised, and not what is in it.
    Packed,
    Known,
}

impl Clarity {
    fn of(kind: &str) -> Self {
        match kind.strip_prefix(UNKNOWN_KIND) {
            Some("") => Self::Unknown,
            Some(_) => Self::Packed,
            None => Self::Known,
        }
    }
}

#[derive(Debug, Clone, Copy)]
struct Ratio {
    content: u64,
    staged: u64,
}

impl Ratio {
    /// At most 1.1: what is encrypted, or compressed already.
    fn is_about_one(&self) -> bool {
        u128::from(self.content) * 10 <= u128::from(self.staged) * 11
    }

    /// At least 1.25. Between the two a database of pictures may come and go.
    fn is_clearly_more_than_one(&self) -> bool {
        u128::from(self.content) * 4 >= u128::from(self.staged) * 5
    }

    #[expect(clippy::cast_precision_loss, reason = "three digits are shown, and nothing is decided by it")]
    fn value(&self) -> f64 {
        self.content as f64 / self.staged as f64
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const DUMP: &str = "PostgreSQL plain dump in gzip";
    const MIB: u64 = 1 << 20;

    fn sample(size_bytes: u64, content_bytes: impl Into<Option<u64>>, kind: &str) -> Sample {
        Sample { size_bytes, content_bytes: content_bytes.into(), kind: Some(kind.to_owned()) }
    }

    fn baseline(samples: &[Sample]) -> Baseline {
        Baseline { samples: samples.to_vec(), least: LEAST }
    }

    fn words(baseline: &Baseline, found: &Sample) -> Vec<&'static str> {
        baseline.anomalies(found).iter().map(|anomaly| anomaly.warning.word()).collect()
    }

    #[test]
    fn sizes_at_each_limit_and_just_beyond() {
        let staged = |bytes: u64| Sample { size_bytes: bytes, ..Sample::default() };
        for (median, found, expected) in [
            (10 * MIB, 5 * MIB, None),
            (10 * MIB, 5 * MIB - 1, Some("size_drop")),
            // Under half, but not by a mebibyte.
            (2 * MIB - 3, MIB - 2, None),
            (2 * MIB - 1, MIB - 1, Some("size_drop")),
            (2 * MIB, MIB - 1, Some("size_drop")),
            (2 * MIB, MIB, None),
            // Under a tenth, however little that is.
            (1000, 100, None),
            (1000, 99, Some("size_drop")),
            (1000, 3000, None),
            (1000, 3001, Some("size_jump")),
            (u64::MAX, u64::MAX / 2, Some("size_drop")),
            (0, 0, None),
        ] {
            let found_words =
                words(&baseline(&[staged(median), staged(median), staged(median)]), &staged(found));
            assert_eq!(found_words, expected.into_iter().collect::<Vec<_>>(), "{found} beside {median}");
        }
        let two = baseline(&[staged(1000), staged(1000)]);
        assert_eq!(words(&two, &staged(1)), [""; 0], "two say nothing");
        let drop = &baseline(&[staged(9_000_000), staged(10_000_000), staged(30_000_000)])
            .anomalies(&staged(900_000))[0];
        assert_eq!(drop.sentence, "900.0 kB is under a tenth of the median 10.0 MB of the last 3 good");
    }

    #[test]
    fn the_decompressed_size_counts_where_it_is_known() {
        let usual = baseline(&[sample(900, 9_000, DUMP), sample(900, 9_000, DUMP), sample(900, 9_000, DUMP)]);
        // Compressed better or not at all: the same data.
        assert_eq!(words(&usual, &sample(50, 9_000, DUMP)), [""; 0]);
        assert_eq!(words(&usual, &sample(9_000, 9_000, "PostgreSQL plain dump")), [""; 0]);
        assert_eq!(words(&usual, &sample(90, 899, DUMP)), ["size_drop"]);
        // Packed in a way that we do not know: only the staged sizes can be compared.
        assert_eq!(words(&usual, &sample(89, None, "7-Zip archive")), ["size_drop"]);
        let mixed = baseline(&[sample(900, 9_000, DUMP), sample(900, None, DUMP), sample(900, None, DUMP)]);
        assert_eq!(words(&mixed, &sample(2_701, 9_000, DUMP)), ["size_jump"]);
        assert_eq!(
            [median(vec![3, 1, 2]), median(vec![4, 1, 2, 3]), median(vec![])],
            [Some(2), Some(2), None]
        );
    }

    #[test]
    fn what_was_recognised_and_no_longer_is() {
        let of = |kinds: [&str; 3]| baseline(&kinds.map(|kind| sample(900, None, kind)));
        let now = |kind: &str| sample(900, None, kind);
        let packed = "unknown bytes in zstd";
        for (then, kind, expected) in [
            ([DUMP; 3], "unknown bytes", true),
            ([DUMP; 3], packed, true),
            ([DUMP; 3], "SQLite database", false),
            ([DUMP, DUMP, "unknown bytes"], "unknown bytes", true),
            ([DUMP, "unknown bytes", "unknown bytes"], "unknown bytes", false),
            ([packed; 3], "unknown bytes", true),
            ([packed; 3], "unknown bytes in gzip", false),
            ([packed; 3], DUMP, false),
            (["unknown bytes"; 3], "unknown bytes", false),
        ] {
            assert_eq!(words(&of(then), &now(kind)) == ["kind_changed"], expected, "{then:?} {kind}");
        }
        let unchecked = Sample { kind: None, ..now("") };
        assert_eq!(words(&of([DUMP; 3]), &unchecked), [""; 0], "nobody looked");
        assert_eq!(
            of([DUMP; 3]).anomalies(&now(packed))[0].sentence,
            "it holds unknown bytes in zstd, while 3 of the last 3 good held PostgreSQL plain dump in gzip"
        );
    }

    #[test]
    fn in_a_small_file_the_ratio_says_nothing() {
        let of = |staged: u64| baseline(&[(); 3].map(|()| sample(staged, staged * 2, DUMP)));
        assert_eq!(words(&of(1024), &sample(1024, 1025, DUMP)), ["incompressible"]);
        assert_eq!(words(&of(1024), &sample(1023, 1025, DUMP)), [""; 0]);
        assert_eq!(words(&of(1023), &sample(1024, 1025, DUMP)), [""; 0]);
    }

    #[test]
    fn a_ratio_that_fell_to_about_one_where_it_never_was() {
        let of = |contents: [u64; 3]| baseline(&contents.map(|content| sample(10_000, content, DUMP)));
        for (then, now, expected) in [
            ([12_500; 3], 11_000, true),
            ([12_500; 3], 11_001, false),
            ([12_500, 12_500, 12_499], 11_000, false),
            ([12_500; 3], 9_900, true),
            ([10_100; 3], 9_900, false),
        ] {
            let found = words(&of(then), &sample(10_000, now, DUMP));
            assert_eq!(found == ["incompressible"], expected, "{then:?} {now}");
        }
        let bare = sample(20_000, 20_000, "PostgreSQL plain dump");
        assert_eq!(words(&of([20_000; 3]), &bare), [""; 0], "it was not compressed at all");
        assert_eq!(
            of([50_000, 48_700, 60_000]).anomalies(&sample(50_000, 50_100, DUMP))[0].sentence,
            "it was compressed 1.00 times, while the least of the last 3 good was 4.87 times"
        );
    }
}
