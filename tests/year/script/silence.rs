//! Folders into which dumps come without a report.

use std::collections::HashSet;
use std::sync::Arc;

use super::{Fault, Script};
use crate::calendar::{DAY, HOUR, Seconds};
use crate::deposit::{Event, What};

/// Between two scans there is never more, but for what befalls the monitor itself.
const BETWEEN_SCANS: i64 = 8 * HOUR;

/// A time without a report that says anything new.
struct Gap {
    agent: usize,
    /// The report before it; none before the first one.
    since: Option<Seconds>,
    /// The next one; never, after the last one.
    until: Option<Seconds>,
    dumps: Vec<Seconds>,
    /// The folder was gone, or there were reports of a kind that cannot be read.
    doubtful: bool,
}

impl Script {
    /// Where dumps come for days before the first report, or after the newest one.
    pub(super) fn silent_folders(&mut self) {
        let agents = self.events.iter().map(|event| event.agent).max().map_or(0, |last| last + 1);
        for agent in 0..agents {
            let events: Vec<&Event> = self.events.iter().filter(|event| event.agent == agent).collect();
            let faults: Vec<Fault> = gaps(agent, &events).iter().flat_map(Gap::faults).collect();
            self.faults.extend(faults);
        }
    }
}

fn gaps(agent: usize, events: &[&Event]) -> Vec<Gap> {
    let gap = |since| Gap { agent, since, until: None, dumps: Vec::new(), doubtful: false };
    let mut gaps = vec![gap(None)];
    let mut said = HashSet::new();
    for event in events {
        let Some(last) = gaps.last_mut() else { continue };
        match &event.what {
            What::Report { report, .. } => {
                if said.insert(Arc::as_ptr(report)) {
                    last.until = Some(event.at);
                    gaps.push(gap(Some(event.at)));
                }
            }
            What::Dump { .. } | What::RemoveDump { .. } => last.dumps.push(event.at),
            What::Unreadable { .. } => {
                last.dumps.push(event.at);
                last.doubtful = true;
            }
            What::FolderGone | What::FolderBack => last.doubtful = true,
            What::RemoveReport { .. } => {}
        }
    }
    gaps
}

impl Gap {
    fn faults(&self) -> Vec<Fault> {
        let Some(first) = self.dumps.first() else { return Vec::new() };
        let healed = self.until.unwrap_or(Seconds::MAX / 2);
        // A folder is known from the first scan on that sees it.
        let since = self.since.unwrap_or(first + BETWEEN_SCANS);
        if healed - since <= 3 * DAY {
            return Vec::new();
        }
        // "With dumps that change and no report for 3 days": they are known from the first day on, one that changes then
        // has as long to wait for its report as a file has for itself, and each is seen with the next scan.
        let known_from = since + if self.since.is_some() { DAY + BETWEEN_SCANS } else { 0 };
        let change = self.dumps.iter().find(|dump| **dump > known_from);
        let knowable = change.map(|dump| (since + 3 * DAY).max(dump + BETWEEN_SCANS + 6 * HOUR));
        let fault = |kind, knowable: Option<Seconds>| Fault {
            kind,
            agent: self.agent,
            database: None,
            begin: *first,
            knowable: knowable.filter(|time| *time + DAY < healed && !self.doubtful),
            healed,
        };
        let mut faults = vec![fault("dumps_without_report", knowable)];
        if self.since.is_none() {
            faults.push(fault("agent_never_reported", Some(since + 3 * DAY)));
        }
        faults
    }
}
