//! The occurrences of a calendar schedule: days and times of day on the wall, as instants in strictly ascending order.
//!
//! The wall times are walked slot by slot and turned into instants by [`local`], so daylight saving follows our rule
//! and no other. Several slots inside one gap are the same instant and so one occurrence; slots of an hour that comes
//! twice occur in its first pass only, so that `*/15 * * * *` is silent throughout the second.

use chrono::{NaiveDate, NaiveDateTime, NaiveTime, TimeDelta};
use chrono_tz::Tz;
use croner::Cron;

use super::day_rule::DayRule;
use super::local;
use crate::domain::Time;

/// On which days, and when on each of them.
#[derive(Debug, PartialEq)]
pub(super) struct Calendar {
    days: DayRule,
    /// Ascending, without repeats, at least one.
    times: Vec<NaiveTime>,
}

impl Calendar {
    /// `None` when it never fires.
    pub(super) fn new(days: DayRule, mut times: Vec<NaiveTime>) -> Option<Self> {
        times.sort_unstable();
        times.dedup();
        let any_year = NaiveDate::from_ymd_opt(2000, 1, 1)?;
        let fires = !times.is_empty() && days.first_from(any_year).is_some();
        fires.then_some(Self { days, times })
    }

    fn slot_after(&self, wall: NaiveDateTime) -> Option<Slot> {
        let day = self.days.first_from(wall.date())?;
        let index =
            if day == wall.date() { self.times.partition_point(|time| *time <= wall.time()) } else { 0 };
        if index < self.times.len() { Some(Slot { day, index }) } else { self.first_slot_after(day) }
    }

    fn slot_until(&self, wall: NaiveDateTime) -> Option<Slot> {
        let day = self.days.last_until(wall.date())?;
        let all = self.times.len();
        let past =
            if day == wall.date() { self.times.partition_point(|time| *time <= wall.time()) } else { all };
        if past > 0 {
            return Some(Slot { day, index: past - 1 });
        }
        Some(Slot { day: self.days.last_until(day.pred_opt()?)?, index: all - 1 })
    }

    fn following(&self, slot: Slot) -> Option<Slot> {
        let index = slot.index + 1;
        if index < self.times.len() { Some(Slot { index, ..slot }) } else { self.first_slot_after(slot.day) }
    }

    fn first_slot_after(&self, day: NaiveDate) -> Option<Slot> {
        Some(Slot { day: self.days.first_from(day.succ_opt()?)?, index: 0 })
    }
}

/// A day of the rule and the number of a time on it.
#[derive(Clone, Copy)]
struct Slot {
    day: NaiveDate,
    index: usize,
}

/// A calendar in its time zone.
#[derive(Clone, Copy)]
pub(super) struct Occurrences<'a> {
    pub(super) calendar: &'a Calendar,
    pub(super) timezone: Tz,
}

impl Occurrences<'_> {
    /// The first one strictly after `time`.
    pub(super) fn after(&self, time: Time) -> Option<Time> {
        let mut slot = self.calendar.slot_after(local::wall(self.timezone, time)?)?;
        loop {
            // In the second pass of a doubled hour the slots ahead on the wall lie behind.
            match self.instant(slot) {
                Some(instant) if instant > time => return Some(instant),
                _ => slot = self.calendar.following(slot)?,
            }
        }
    }

    /// The first one at or after `time`.
    pub(super) fn at_or_after(&self, time: Time) -> Option<Time> {
        self.after(just_before(time)?)
    }

    /// The last one at or before `time`.
    pub(super) fn at_or_before(&self, time: Time) -> Option<Time> {
        let wall = local::wall(self.timezone, time)?;
        let mut found = self.calendar.slot_until(wall).and_then(|slot| self.instant(slot));
        if local::is_second_pass(self.timezone, wall, time) {
            let mut ahead = self.calendar.slot_after(wall);
            while let Some(slot) = ahead {
                match self.instant(slot) {
                    Some(instant) if instant <= time => found = Some(instant),
                    _ => break,
                }
                ahead = self.calendar.following(slot);
            }
        }
        found
    }

    /// The last one strictly before `time`.
    pub(super) fn before(&self, time: Time) -> Option<Time> {
        self.at_or_before(just_before(time)?)
    }

    /// The newest one `o` with `o <= time + early`, where `early` is at most half the distance to the one before `o`.
    pub(super) fn covered(&self, time: Time, early: TimeDelta) -> Option<Time> {
        let past = self.at_or_before(time);
        // Half the distance never reaches further than to the next one.
        let Some(next) = self.after(time) else {
            return past;
        };
        let early = past.map_or(early, |past| early.min((next - past) / 2));
        if next - time <= early { Some(next) } else { past }
    }

    fn instant(&self, slot: Slot) -> Option<Time> {
        local::instant(self.timezone, slot.day.and_time(self.calendar.times[slot.index]))
    }
}

fn just_before(time: Time) -> Option<Time> {
    time.checked_sub_signed(TimeDelta::nanoseconds(1))
}

/// Every time of day that a cron pattern names.
pub(super) fn times_of(cron: &Cron) -> Vec<NaiveTime> {
    let minutes = cron.pattern.minutes.values();
    let hours = cron.pattern.hours.values();
    hours
        .iter()
        .flat_map(|hour| minutes.iter().map(move |minute| (u32::from(*hour), u32::from(*minute))))
        .filter_map(|(hour, minute)| NaiveTime::from_hms_opt(hour, minute, 0))
        .collect()
}
