//! Whether what was injected is told, and nothing else: this knows nothing of the oracle's rules.

use std::collections::{BTreeMap, BTreeSet};

use super::calendar::{HOUR, MINUTE, Seconds};
use super::fleet::Fleet;
use super::oracle::{Key, Oracle, Trouble};
use super::script::Fault;
use super::year::{Tally, stamp};

/// Whose trouble, of which kind.
type Subject = (&'static str, Option<usize>, Option<String>);

pub struct Watch<'f> {
    /// Not yet told, by when they can be known.
    waiting: Vec<&'f Fault>,
    by_subject: BTreeMap<(usize, Option<String>), Vec<&'f Fault>>,
    open: BTreeSet<Subject>,
    last: Seconds,
}

/// One scan, after it.
pub struct Moment<'m> {
    pub at: Seconds,
    pub fleet: &'m Fleet,
    pub oracle: &'m Oracle,
    /// What the server has told and not ended.
    pub troubles: &'m BTreeSet<Trouble>,
    /// What led to where a job is.
    pub story: &'m dyn Fn(&Key) -> String,
}

impl<'f> Watch<'f> {
    pub fn new(faults: &'f [Fault]) -> Self {
        let mut waiting: Vec<&Fault> = faults.iter().filter(|fault| fault.knowable.is_some()).collect();
        waiting.sort_by_key(|fault| std::cmp::Reverse(fault.knowable));
        let mut by_subject: BTreeMap<_, Vec<&Fault>> = BTreeMap::new();
        for fault in faults {
            by_subject.entry((fault.agent, fault.database.clone())).or_default().push(fault);
        }
        Self { waiting, by_subject, open: BTreeSet::new(), last: 0 }
    }

    pub fn look(&mut self, tally: &mut Tally, moment: &Moment) {
        let open: BTreeSet<Subject> =
            moment.troubles.iter().map(|t| (t.kind, t.agent, t.database.clone())).collect();
        self.expect_what_is_known(tally, moment, &open);
        self.expect_nothing_else(tally, moment, &open);
        self.open = open;
        self.last = moment.at;
    }

    fn expect_what_is_known(&mut self, tally: &mut Tally, moment: &Moment, open: &BTreeSet<Subject>) {
        let Moment { at, fleet, .. } = *moment;
        // The server's own clock may be an hour behind: what can be known by then is known an hour later.
        while let Some(fault) =
            self.waiting.pop_if(|fault| fault.knowable.is_some_and(|time| time + HOUR <= at))
        {
            let key = (fault.agent, fault.database.clone().unwrap_or_default());
            let absence = matches!(fault.kind, "silent" | "lost" | "late");
            if absence && moment.oracle.is_on_trial(&key) {
                continue;
            }
            tally.faults += 1;
            let subject = (fault.trouble(), Some(fault.agent), fault.database.clone());
            if open.contains(&subject) {
                tally.told += 1;
            } else if fault.healed <= at || self.open.contains(&subject) {
                tally.unseen += 1;
            } else {
                let story = if fault.database.is_some() { (moment.story)(&key) } else { String::new() };
                let name = &fleet.agents[fault.agent].name;
                tally.missed.push(format!("{}: not told: {fault:?} at {name}{story}", stamp(at)));
            }
        }
    }

    fn expect_nothing_else(&self, tally: &mut Tally, moment: &Moment, open: &BTreeSet<Subject>) {
        let Moment { at, fleet, .. } = *moment;
        for new in open.difference(&self.open) {
            *tally.opened.entry(new.0).or_default() += 1;
            let Some(agent) = new.1 else { continue };
            let excused = self.by_subject.get(&(agent, new.2.clone())).is_some_and(|faults| {
                faults.iter().any(|fault| {
                    let of_kind = fault.trouble() == new.0;
                    of_kind && fault.begin <= at && self.last.min(at - 30 * MINUTE) <= fault.healed + HOUR
                })
            });
            if !excused {
                let story = new.2.clone().map(|database| (moment.story)(&(agent, database)));
                let name = &fleet.agents[agent].name;
                let story = story.unwrap_or_default();
                tally.false_alarms.push(format!("{}: {new:?} at {name}{story}", stamp(at)));
            }
        }
    }
}
