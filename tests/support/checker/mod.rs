//! What must hold whatever befell a server: ten invariants, each checked from outside, by what lies on the disk.
//!
//! A suite makes a [`Checker`] of a server that is ready for its work ([`Checker::of`]), lets the fault happen, takes
//! the cause away (frees the space, mounts again), asks what holds [`Checker::meanwhile`], lets one clean run repair,
//! and asks what holds [`Checker::finally`]. The product's own code is used for nothing but SHA-256.

mod end;
mod limits;
mod news;
mod outside;
mod state;
mod versions;

use std::collections::BTreeSet;
use std::fmt;

pub use end::End;
pub use limits::limits;
pub use news::{Accepted, news, repeated, unknown};
pub use state::rows_of_agent;
pub use versions::{Truth, current_versions};

use crate::harness::{Ran, Site};
use outside::Outside;

/// What is promised.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Invariant {
    /// Every `current_version` leads to a complete version with bytes that its agent reported; none is lost.
    CurrentIsWhole,
    /// What the state calls good has its bytes: no false OK.
    GoodHasBytes,
    /// A report lies in the deposit or in its archive, and after a whole run it is recorded and kept.
    ReportIsKept,
    /// One clean run comes to the end of an undisturbed one, without a row twice and without a temporary file.
    OneRunRepairs,
    /// `SQLite` finds no fault in the state.
    StateIsSound,
    /// Exit 0 means that all was done; a failed write, rename or fsync of our data means another exit.
    ExitIsTrue,
    /// Nothing outside of our folders changed, and no foreign byte came into them.
    NothingElseChanged,
    /// Other agents are as without the fault.
    OthersAreUnharmed,
    /// The program ended in time and within its memory.
    EndsInTime,
    /// Every piece of news reached every recipient, once for each try that may have been accepted.
    NewsIsTold,
}

impl Invariant {
    /// Its name in what is printed.
    pub fn name(self) -> &'static str {
        match self {
            Invariant::CurrentIsWhole => "I1",
            Invariant::GoodHasBytes => "I2",
            Invariant::ReportIsKept => "I3",
            Invariant::OneRunRepairs => "I4",
            Invariant::StateIsSound => "I5",
            Invariant::ExitIsTrue => "I6",
            Invariant::NothingElseChanged => "I7",
            Invariant::OthersAreUnharmed => "I8",
            Invariant::EndsInTime => "I9",
            Invariant::NewsIsTold => "I10",
        }
    }

    /// The finding, as one that breaks this.
    pub fn broken(self, what: impl Into<String>) -> Violation {
        Violation { invariant: self, what: what.into() }
    }
}

/// An invariant that did not hold, and where.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Violation {
    pub invariant: Invariant,
    pub what: String,
}

impl fmt::Display for Violation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.invariant.name(), self.what)
    }
}

/// A server before a fault.
#[derive(Clone)]
pub struct Checker {
    truth: Truth,
    had_current: BTreeSet<String>,
    outside: Outside,
}

impl Checker {
    /// Remembers what must not be lost, and what must not change.
    pub fn of(site: &Site) -> Self {
        Self {
            truth: Truth::of(site),
            had_current: versions::current_versions(site),
            outside: Outside::of(site),
        }
    }

    /// An agent has changed its deposit since, as it may.
    pub fn deposits_changed(&mut self, site: &Site) {
        self.truth.learn(site);
        self.outside = Outside::of(site);
    }

    /// The versions alone, where the state is known to be damaged.
    pub fn versions(&self, site: &Site) -> Vec<Violation> {
        versions::check(site, &self.truth, &self.had_current)
    }

    /// Deposits, configuration and all else that is not ours is as it was.
    pub fn outside_is_untouched(&self, site: &Site) -> bool {
        self.outside == Outside::of(site)
    }

    /// What must hold at any moment, also in the middle of a run that was cut off.
    pub fn meanwhile(&self, site: &Site) -> Vec<Violation> {
        let mut found = versions::check(site, &self.truth, &self.had_current);
        found.extend(state::check(site, &self.truth));
        found.extend(self.outside.check(site));
        found
    }

    /// What must hold after one clean run.
    pub fn finally(&self, site: &Site, expected: &End) -> Vec<Violation> {
        let mut found = self.meanwhile(site);
        found.extend(state::check_settled(site));
        for (file, what) in End::of(site).differences(expected) {
            let is_report = file.starts_with("state/reports/");
            let invariant = if is_report { Invariant::ReportIsKept } else { Invariant::OneRunRepairs };
            found.push(invariant.broken(what));
        }
        found
    }
}

/// What the state says of an agent is what it says where its neighbour was honest.
pub fn unharmed(site: &Site, agent: &str, without: &[String]) -> Option<Violation> {
    let rows = rows_of_agent(site, agent);
    let harmed = || Invariant::OthersAreUnharmed.broken(format!("{agent}: {rows:?} in place of {without:?}"));
    (rows != without).then(harmed)
}

/// Exit 0 was given, so all must be done (`expected`); after `failed` of our own writing another exit must be given.
pub fn exit(site: &Site, ran: &Ran, expected: &End, failed: Option<&str>) -> Vec<Violation> {
    let mut found = Vec::new();
    if ran.status == 101 || ran.stderr.contains("panicked") {
        found.push(Invariant::ExitIsTrue.broken(format!("a panic:\n{ran}")));
    }
    if ran.status != 0 {
        return found;
    }
    if let Some(failed) = failed {
        found.push(Invariant::ExitIsTrue.broken(format!("exit 0 although {failed} failed")));
    }
    // A temporary file that could not be removed harms nobody, and is removed by the next run.
    let differences = End::of(site).differences(expected).into_iter();
    let differences = differences.filter(|(file, _)| !file.contains("/.tmp-"));
    found.extend(differences.map(|(_, what)| Invariant::ExitIsTrue.broken(format!("exit 0, but {what}"))));
    found
}
