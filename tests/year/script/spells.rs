//! What an agent does for some days, and other agents do not.

use crate::calendar::{DAY, HOUR, MINUTE, Seconds};
use crate::fleet::{Agent, Fleet};
use crate::rng::Rng;

/// What an agent does for some days, and other agents do not.
pub(super) struct Spells {
    pub(super) silent: Vec<(Seconds, Seconds)>,
    /// The dumps come, and no report of them.
    pub(super) mute: Vec<(Seconds, Seconds)>,
    /// Somebody encrypted the site, and its agent goes on as ever.
    pub(super) encrypted: Vec<(Seconds, Seconds)>,
    pub(super) folder_gone: Vec<(Seconds, Seconds)>,
    /// From, until, and how far the clock is ahead; `None`: it jumps.
    pub(super) clock: Vec<(Seconds, Seconds, Option<i64>)>,
    /// From, until, and the number of the database that is left out.
    pub(super) lost: Vec<(Seconds, Seconds, usize)>,
}

pub(super) fn within(spells: &[(Seconds, Seconds)], time: Seconds) -> bool {
    spells.iter().any(|(from, to)| (*from..*to).contains(&time))
}

impl Spells {
    pub(super) fn none() -> Self {
        Self {
            silent: Vec::new(),
            mute: Vec::new(),
            encrypted: Vec::new(),
            folder_gone: Vec::new(),
            clock: Vec::new(),
            lost: Vec::new(),
        }
    }

    pub(super) fn of(rng: &mut Rng, fleet: &Fleet, agent: &Agent) -> Self {
        let days = (fleet.end - fleet.start) / DAY;
        // So many a year, whatever the length of this one.
        let several = |rng: &mut Rng, a_year: i64| (a_year * days + rng.between(0, 365)) / 365;
        let begin = |rng: &mut Rng| fleet.start + rng.between(12 * DAY, (days * DAY).max(13 * DAY));
        let span = |rng: &mut Rng, hours: (i64, i64)| {
            let from = begin(rng);
            (from, from + rng.between(hours.0 * HOUR, hours.1 * HOUR))
        };
        let silent = (0..several(rng, 3)).map(|_| span(rng, (48, 220))).collect();
        let folder_gone = (0..several(rng, 1)).map(|_| span(rng, (3, 60))).collect();
        let offsets = [2 * HOUR, 3 * DAY, 400 * DAY, -2 * HOUR, -DAY, -40 * DAY, 20 * MINUTE, 14 * MINUTE];
        let clock = (0..several(rng, 3)).map(|_| {
            let (from, to) = span(rng, (20, 200));
            (from, to, (!rng.per_mille(250)).then(|| *rng.pick(&offsets)))
        });
        let clock = clock.collect();
        let databases: usize = agent.groups.iter().map(|group| group.databases.len()).sum();
        let lost = (0..several(rng, 4)).map(|_| {
            let (from, to) = span(rng, (24, 150));
            (from, to, usize::try_from(rng.between(0, i64::try_from(databases).unwrap())).unwrap())
        });
        let lost = lost.collect();
        let mute = (0..several(rng, 1)).map(|_| span(rng, (80, 240))).collect();
        let encrypted = (0..several(rng, 1)).map(|_| span(rng, (100, 700))).collect();
        Self { silent, mute, encrypted, folder_gone, clock, lost }
    }

    pub(super) fn offset(&self, rng: &mut Rng, time: Seconds) -> i64 {
        let spell = self.clock.iter().find(|(from, to, _)| (*from..*to).contains(&time));
        spell.map_or(0, |(_, _, offset)| offset.unwrap_or_else(|| rng.between(-4 * DAY, 4 * DAY)))
    }

    /// Whether what a report said then, or before, may still confuse.
    pub(super) fn clock_is_doubtful(&self, time: Seconds) -> bool {
        self.clock.iter().any(|(from, to, _)| (*from..*to + 4 * DAY).contains(&time))
    }
}
