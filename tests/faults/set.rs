//! How much is tried: the quick set, which every submission passes, or the full one.

use std::collections::VecDeque;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;

use crate::checker::{Invariant, Violation};
use crate::rng::Rng;
use crate::tally::Tally;
use crate::work::Work;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Size {
    Quick,
    Full,
}

/// How many times the quick set is tried before a planted bug counts as not seen.
const UNTIL_BROKEN: usize = 6;

/// Much of a fault's time is waiting: for a disk, for a traced process, for the end of a mail server's patience.
const PER_CORE: usize = 2;

/// Some of the cases that there are.
pub struct Sample<T> {
    pub cases: Vec<T>,
    pub of: usize,
}

impl<T> Sample<T> {
    pub fn all(cases: Vec<T>) -> Self {
        let of = cases.len();
        Self { cases, of }
    }

    /// With others, which are always tried.
    pub fn and(mut self, others: impl IntoIterator<Item = T>) -> Self {
        let before = self.cases.len();
        self.cases.extend(others);
        self.of += self.cases.len() - before;
        self
    }
}

/// What the environment asks for.
#[derive(Debug, Clone, Copy)]
pub struct Set {
    pub size: Size,
    pub seed: u64,
    /// The first broken invariant is enough: whether a planted bug is caught is asked, not how often.
    pub until_broken: bool,
    /// Of each kind of fault and work at most so many are tried, also in the full set.
    pub most: usize,
    /// Only faults at these calls are tried, where calls are counted; all where it is empty.
    pub calls: &'static str,
    /// Only what is done by these works is disturbed, where there are several; all where it is empty.
    pub work: &'static str,
}

impl Set {
    /// `FAULTS=full`, `FAULTS_SEED=7`, `FAULTS_MOST=100`, `FAULTS_CALLS=fsync,write`, `FAULTS_WORK=prune,scan`,
    /// `FAULTS_UNTIL_BROKEN=1`.
    pub fn of_environment() -> Self {
        let var = |name: &str| std::env::var(name).ok();
        let size = match var("FAULTS").as_deref() {
            None | Some("quick") => Size::Quick,
            Some("full") => Size::Full,
            Some(other) => panic!("FAULTS is `{other}`, and not `quick` or `full`"),
        };
        let most =
            var("FAULTS_MOST").map_or(usize::MAX, |most| most.parse().expect("FAULTS_MOST is a number"));
        let seed = var("FAULTS_SEED").map_or(1, |seed| seed.parse().expect("FAULTS_SEED is a number"));
        let leaked = |name: &str| var(name).map_or("", |text| &*text.leak());
        let (calls, work) = (leaked("FAULTS_CALLS"), leaked("FAULTS_WORK"));
        Self { size, seed, most, calls, work, until_broken: var("FAULTS_UNTIL_BROKEN").is_some() }
    }

    /// Whether faults at this call are asked for.
    pub fn wants(self, call: &str) -> bool {
        self.calls.is_empty() || self.calls.split(',').any(|wanted| wanted == call)
    }

    /// Those of the works that are asked for.
    pub fn works<'w>(self, works: &[&'w Work]) -> Vec<&'w Work> {
        let is_wanted =
            |name: &str| self.work.is_empty() || self.work.split(',').any(|wanted| wanted == name);
        works.iter().copied().filter(|work| is_wanted(work.name)).collect()
    }

    /// Nothing more need be tried.
    pub fn is_enough(self, tally: &Tally) -> bool {
        self.until_broken && !tally.is_clean()
    }

    /// `quick` of the cases, or `full`: the same ones for the same seed.
    pub fn sample<T>(self, mut cases: Vec<T>, quick: usize, full: usize) -> Sample<T> {
        let wanted = match self.size {
            _ if self.until_broken => quick.saturating_mul(UNTIL_BROKEN),
            Size::Quick => quick,
            Size::Full => full,
        };
        let of = cases.len();
        shuffle(&mut cases, &mut Rng::new(self.seed));
        cases.truncate(wanted.min(self.most));
        Sample { cases, of }
    }

    /// Tries each case, on all cores, each core on a stage of its own. `name` says of a case what it is, for who must
    /// repeat it.
    pub fn sweep<T: Send, S>(
        self,
        sample: Sample<T>,
        name: impl Fn(&T) -> String + Sync,
        stage: impl Fn() -> S + Sync,
        one: impl Fn(&mut S, &T) -> Outcome + Sync,
    ) -> Tally {
        let (cases, tally) =
            (Mutex::new(VecDeque::from(sample.cases)), Mutex::new(Tally::of_cases(sample.of)));
        let enough = AtomicBool::new(false);
        let next = || cases.lock().unwrap().pop_front().filter(|_| !enough.load(Ordering::Relaxed));
        thread::scope(|scope| {
            for _ in 0..PER_CORE * thread::available_parallelism().map_or(1, usize::from) {
                scope.spawn(|| {
                    let mut set = None;
                    while let Some(case) = next() {
                        let tried =
                            catch_unwind(AssertUnwindSafe(|| one(set.get_or_insert_with(&stage), &case)));
                        let outcome = tried.unwrap_or_else(|_| {
                            set = None;
                            panicked()
                        });
                        enough.fetch_or(self.until_broken && !outcome.broken.is_empty(), Ordering::Relaxed);
                        tally.lock().unwrap().add(&name(&case), outcome);
                    }
                });
            }
        });
        tally.into_inner().unwrap()
    }
}

fn shuffle<T>(cases: &mut [T], rng: &mut Rng) {
    for last in (1..cases.len()).rev() {
        cases.swap(last, usize::try_from(rng.next() % (last as u64 + 1)).unwrap());
    }
}

/// What one fault came to.
#[derive(Debug, Default)]
pub struct Outcome {
    pub broken: Vec<Violation>,
    /// Mails that came again.
    pub repeated: usize,
    /// What differs from the undisturbed end although nobody was told: damage that passed for data.
    pub silently_wrong: Option<String>,
    /// The moment never came: nothing was tried.
    pub not_reached: bool,
}

/// The test itself could not go on: a hook has said where.
fn panicked() -> Outcome {
    let broken = vec![Invariant::OneRunRepairs.broken("the test panicked, see above")];
    Outcome { broken, ..Outcome::default() }
}
