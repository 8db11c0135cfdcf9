//! A readable report, as it was received, and what its time is.

use std::sync::Arc;

use chrono::{MappedLocalTime, TimeZone};
use chrono_tz::Tz;

use super::job::Job;
use super::{ANY_ZONE, Rank};
use crate::calendar::{Seconds, wall};
use crate::deposit::{Blob, Deposit, Entry, File, Report};

/// A readable report, as it was received.
pub(super) struct Received {
    pub(super) agent: usize,
    pub(super) file: String,
    pub(super) report: Arc<Report>,
    pub(super) first_seen: Seconds,
    pub(super) mtime: Seconds,
    pub(super) ctime: Seconds,
}

impl Received {
    /// "The earlier of when backupmon first saw it and its file's ctime."
    pub(super) fn time(&self) -> Seconds {
        self.first_seen.min(self.ctime)
    }

    pub(super) fn entry(&self, database: &str) -> Option<&Entry> {
        self.report.entries.iter().find(|(name, _)| name == database).map(|(_, entry)| entry)
    }

    /// The own time in UTC, where it can be known.
    pub(super) fn own(&self, job: &Job) -> Option<Seconds> {
        let Some(zone) = self.report.naive_in else { return Some(self.report.own) };
        // What stands in the report is the wall's time, and so all that the server knows.
        let written = wall(zone, self.report.own);
        if job.zone_configured {
            return Some(first_instant(job.plan.zone, written));
        }
        let read_as_utc = written.and_utc().timestamp();
        ((read_as_utc - self.time()).abs() > ANY_ZONE).then_some(read_as_utc)
    }

    /// Rule 1: "its own, but never later than received".
    pub(super) fn rank(&self, job: &Job) -> Rank {
        let own = self.own(job);
        let time = own.map_or(self.time(), |own| own.min(self.time()));
        (time, own.unwrap_or(self.time()), self.file.clone())
    }
}

fn first_instant(zone: Tz, written: chrono::NaiveDateTime) -> Seconds {
    match zone.from_local_datetime(&written) {
        MappedLocalTime::Single(time) | MappedLocalTime::Ambiguous(time, _) => time.timestamp(),
        MappedLocalTime::None => panic!("no agent's clock shows {written} in {zone}"),
    }
}

pub(super) fn staged<'d>(deposit: &'d Deposit, agent: usize, file: &str) -> Option<&'d File<Blob>> {
    let folder = &deposit.folders[agent];
    if folder.gone { None } else { folder.dumps.get(file) }
}

/// "age = now - min(arrival, first seen), where arrival is the later of mtime and ctime, leaving out a time after now."
pub(super) fn age(mtime: Seconds, ctime: Seconds, first_seen: Seconds, now: Seconds) -> i64 {
    let arrival = [mtime, ctime].into_iter().filter(|time| *time <= now).max();
    now - arrival.map_or(first_seen, |arrival| arrival.min(first_seen))
}

impl Received {
    pub(super) fn names_twice(&self, file: &str) -> bool {
        let names =
            |entry: &&(String, Entry)| matches!(&entry.1, Entry::Good { file: other, .. } if other == file);
        self.report.entries.iter().filter(names).count() > 1
    }
}
