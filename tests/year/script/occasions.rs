//! When a group's script is to run.

use crate::calendar::{DAY, Rhythm, Seconds};
use crate::fleet::{Fleet, Group};
use crate::rng::Rng;

/// When a group's script runs.
pub(super) struct Occasion {
    pub(super) due: Seconds,
    pub(super) deadline: Seconds,
    pub(super) early: i64,
    /// Its absence is known at its deadline, and not later for what came before.
    pub(super) is_dated: bool,
}

pub(super) fn occasions(group: &Group, fleet: &Fleet, rng: &mut Rng) -> Vec<Occasion> {
    let spans = match &group.edit {
        Some((at, later)) => vec![(&group.plan, fleet.start, *at), (later, *at, fleet.end)],
        None => vec![(&group.plan, fleet.start, fleet.end)],
    };
    let mut all = Vec::new();
    for (plan, from, to) in spans {
        let dues = match plan.rhythm {
            Rhythm::At(..) => plan.occurrences(from, to - 1),
            Rhythm::Every(every) => {
                let first = from + rng.between(0, every);
                (0..).map(|n| first + n * every).take_while(|due| *due < to).collect()
            }
        };
        let is_dated = matches!(plan.rhythm, Rhythm::At(..));
        let near_edit = |due: &Seconds| group.edit.as_ref().is_some_and(|(at, _)| (due - at).abs() < 2 * DAY);
        all.extend(dues.into_iter().map(|due| Occasion {
            due,
            deadline: due + plan.grace,
            early: plan.early,
            is_dated: is_dated && !near_edit(&due),
        }));
    }
    all
}
