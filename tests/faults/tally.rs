//! The figures of a suite, and of all of them.

use std::collections::BTreeMap;
use std::ops::AddAssign;

use crate::checker::Invariant;
use crate::set::Outcome;

/// Characters of a finding that are printed: a page of JSON helps nobody.
const LONGEST: usize = 800;

#[derive(Debug, Default, Clone)]
pub struct Tally {
    /// How many cases there are, tried or not.
    pub of: usize,
    pub tried: usize,
    pub survived: usize,
    pub broken: BTreeMap<Invariant, usize>,
    /// Mails that came again.
    pub repeated: usize,
    /// Cases in which damage passed for data, each with what it changed. They did not survive, and broke no promise.
    pub silently_wrong: Vec<String>,
    /// Each case that broke something, with the first of it.
    pub findings: Vec<String>,
}

impl Tally {
    pub fn of_cases(of: usize) -> Self {
        Self { of, ..Self::default() }
    }

    pub fn add(&mut self, case: &str, outcome: Outcome) {
        if outcome.not_reached {
            return;
        }
        self.tried += 1;
        self.survived += usize::from(outcome.broken.is_empty() && outcome.silently_wrong.is_none());
        let unseen = outcome.silently_wrong.map(|what| format!("{case}: {}", shortened(&what)));
        self.silently_wrong.extend(unseen);
        self.repeated += outcome.repeated;
        if let Some(first) = outcome.broken.first() {
            let first = shortened(&first.to_string());
            let more = outcome.broken.len() - 1;
            self.findings.push(format!("{case}: {first} (and {more} more)"));
        }
        for violation in &outcome.broken {
            *self.broken.entry(violation.invariant).or_default() += 1;
        }
    }

    pub fn broken_of(&self, invariant: Invariant) -> usize {
        self.broken.get(&invariant).copied().unwrap_or(0)
    }

    pub fn is_clean(&self) -> bool {
        self.findings.is_empty()
    }
}

fn shortened(what: &str) -> String {
    what.chars().take(LONGEST).collect()
}

impl AddAssign<&Tally> for Tally {
    fn add_assign(&mut self, other: &Tally) {
        self.of += other.of;
        self.tried += other.tried;
        self.survived += other.survived;
        self.repeated += other.repeated;
        for (invariant, count) in &other.broken {
            *self.broken.entry(*invariant).or_default() += count;
        }
        self.silently_wrong.extend(other.silently_wrong.iter().cloned());
        self.findings.extend(other.findings.iter().cloned());
    }
}
