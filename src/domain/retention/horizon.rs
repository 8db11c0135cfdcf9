//! Until when a plan stays what it is, if nothing but time changes.

use super::{Circumstances, Policy};
use crate::domain::{Time, Version};

/// The first moment after now at which time alone may change what [`plan`](super::plan) says; `None` when none does.
/// The silence of scans is left out, for it is the same for all jobs: see [`scanned_lately`](super::scanned_lately).
#[must_use]
pub fn next_change(policy: &Policy, versions: &[Version], circumstances: &Circumstances) -> Option<Time> {
    let held = versions.iter().filter(|version| version.held).map(|version| version.promoted_at);
    let suspect = policy.keep_suspect.delta();
    let unsuspected =
        held.chain(circumstances.last_held_at).filter_map(|hold| hold.checked_add_signed(suspect));
    // One from the future means that the clock has jumped.
    let no_longer_ahead = versions.iter().map(|version| version.promoted_at);
    unsuspected.chain(no_longer_ahead).filter(|at| *at > circumstances.now).min()
}
