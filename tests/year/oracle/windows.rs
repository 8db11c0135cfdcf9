//! Pauses and maintenance: "time inside does not count for `every`, occurrences inside are not due, the first deadline
//! is that of the first occurrence after the end" (SPEC section 5).

use crate::calendar::Seconds;

/// Stretches of time, the end not within; sorted, and none touches the next.
#[derive(Clone, Default)]
pub(super) struct Windows(Vec<(Seconds, Seconds)>);

impl Windows {
    pub(super) fn of(mut spans: Vec<(Seconds, Seconds)>) -> Self {
        spans.retain(|(from, until)| from < until);
        spans.sort_unstable();
        let mut merged: Vec<(Seconds, Seconds)> = Vec::new();
        for (from, until) in spans {
            match merged.last_mut() {
                Some(last) if from <= last.1 => last.1 = last.1.max(until),
                _ => merged.push((from, until)),
            }
        }
        Self(merged)
    }

    pub(super) fn and(&self, others: &Self) -> Self {
        Self::of(self.0.iter().chain(&others.0).copied().collect())
    }

    pub(super) fn with(&self, span: (Seconds, Seconds)) -> Self {
        Self::of(self.0.iter().copied().chain([span]).collect())
    }

    /// The one that a moment lies in.
    pub(super) fn around(&self, time: Seconds) -> Option<(Seconds, Seconds)> {
        let begun = self.0.partition_point(|(from, _)| *from <= time);
        self.0[..begun].last().filter(|(_, until)| time < *until).copied()
    }

    /// The last one that begins after the due time of a cycle, and not after its deadline.
    pub(super) fn between(&self, due: Seconds, deadline: Seconds) -> Option<(Seconds, Seconds)> {
        let begun = self.0.partition_point(|(from, _)| *from <= deadline);
        self.0[..begun].last().filter(|(from, _)| due < *from).copied()
    }

    /// So long after `from`, by a clock that stands still inside. Reading: what would end as a window begins ends with it.
    pub(super) fn after(&self, from: Seconds, span: i64) -> Seconds {
        let (mut clock, mut left) = (from, span);
        for (begin, end) in &self.0[self.0.partition_point(|(_, until)| *until <= from)..] {
            let until_then = (begin - clock).max(0);
            if left < until_then {
                break;
            }
            left -= until_then;
            clock = *end;
        }
        clock + left
    }
}
