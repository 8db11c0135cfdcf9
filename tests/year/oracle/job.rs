//! What the contract says of one job.

use std::collections::{BTreeSet, HashSet};

use chrono::NaiveDate;

use super::hold::Holding;
use super::received::{Received, age, staged};
use super::windows::Windows;
use super::{ARRIVAL, Look, Rank, SETTLE, Shown, TRIAL_DAYS, failed};
use crate::calendar::{DAY, Plan, Rhythm, Seconds, wall};
use crate::deposit::{Blob, Deposit, Entry};

pub(super) struct Job {
    pub(super) plan: Plan,
    /// The plan's zone holds for times without zone: somebody configured it.
    pub(super) zone_configured: bool,
    pub(super) occurrences: Vec<Seconds>,
    /// Pauses and maintenance that hold now.
    pub(super) windows: Windows,
    /// Of these what has an end that somebody said.
    pub(super) dated: Windows,
    /// Maintenance that comes again and again.
    pub(super) recurring: Windows,
    /// Since when it is paused without an end.
    pub(super) paused_at: Option<Seconds>,
    pub(super) added: Seconds,
    /// When its schedule last changed.
    pub(super) changed: Seconds,
    /// The days on which it was reported, while it is on trial.
    pub(super) trial: Option<BTreeSet<NaiveDate>>,
    pub(super) retired: bool,
    /// When it was last retired.
    pub(super) retired_at: Seconds,
    /// The newest judgement; a missed cycle counts as one.
    pub(super) judged: Shown,
    pub(super) newest: Option<Rank>,
    /// Newest time of any report that covers.
    pub(super) covering: Option<Seconds>,
    /// Due time of the newest missed cycle.
    pub(super) missed: Option<Seconds>,
    /// The report whose file is still on its way.
    pub(super) waiting: Option<usize>,
    /// Since when the first of the reports that wait one after the other was there, and when a file that was not
    /// replaced would have been final for it.
    pub(super) unmet: Option<(Seconds, Seconds)>,
    /// When somebody last looked.
    pub(super) looked: Option<Seconds>,
    pub(super) last_good: Option<u64>,
    pub(super) holding: Holding,
    /// Time of the newest good backup.
    pub(super) good_at: Option<Seconds>,
    /// Since when newer years of its family have come without it, and whether that was long enough.
    pub(super) outrun: Option<(Seconds, bool)>,
    /// It was retired, and reported again.
    pub(super) told_again: bool,
    /// The bytes that were measured for a judgement.
    pub(super) measured: HashSet<u64>,
    /// The newest judged report, its cause, and the bytes that lay there at that judgement.
    pub(super) last: Option<(usize, Option<&'static str>, Option<u64>)>,
}

impl Job {
    pub(super) fn is_critical(&self) -> bool {
        matches!(self.judged.status, "FAILED" | "HASH_MISMATCH" | "CORRUPT" | "MISSING")
    }

    /// "A report at time r covers the newest occurrence o with o <= r + early", early being "at most half the distance
    /// to the occurrence before".
    pub(super) fn covered(&self, report: Seconds) -> Option<Seconds> {
        let last = self.occurrences.partition_point(|o| *o <= report + self.plan.early);
        (0..last).rev().map(|n| (n, self.occurrences[n])).find_map(|(n, o)| {
            let half = if n == 0 { i64::MAX } else { (o - self.occurrences[n - 1]) / 2 };
            (o - self.plan.early.min(half) <= report).then_some(o)
        })
    }

    /// Whether a report at this time meets the cycle that was due then.
    pub(super) fn covers(&self, report: Seconds, due: Seconds) -> bool {
        match self.plan.rhythm {
            Rhythm::At(..) => self.covered(report).is_some_and(|o| o >= due),
            // Reading: with `every` a report meets what was due before the backup that is due next after it.
            Rhythm::Every(every) => report + every > due,
        }
    }

    /// Due time and deadline of the next backup that is neither covered nor missed.
    fn cycle(&self) -> (Seconds, Seconds) {
        let missed = self.missed.unwrap_or(Seconds::MIN);
        match self.plan.rhythm {
            Rhythm::At(..) => {
                let covered = self.covering.and_then(|time| self.covered(time)).unwrap_or(Seconds::MIN);
                let after = covered.max(self.added).max(self.changed).max(missed);
                let next = self.occurrences.partition_point(|o| *o <= after);
                let expected =
                    self.occurrences[next..].iter().find_map(|due| self.expected(*due, &self.windows));
                expected.unwrap_or((Seconds::MAX / 2, Seconds::MAX / 2))
            }
            Rhythm::Every(every) => {
                let newest = self.covering.map_or(self.added, |time| time.max(self.added));
                let mut first = self.windows.after(newest, every);
                // Reading: what would have been missed before the edit is due again that long after it.
                if self.windows.after(first, self.plan.grace) <= self.changed {
                    first = self.windows.after(self.changed, every);
                }
                let due =
                    (0..).map(|n| self.windows.after(first, n * every)).find(|due| *due > missed).unwrap();
                (due, self.windows.after(due, self.plan.grace))
            }
        }
    }

    /// The cycle of an occurrence, if windows leave it: one inside is not due, and one whose deadline a window reaches is
    /// not missed. Reading: a window costs a job one cycle and never two in a row, so where the first one after it meets
    /// a window before its deadline too, a deadline that falls inside comes as the window ends.
    fn expected(&self, due: Seconds, windows: &Windows) -> Option<(Seconds, Seconds)> {
        if windows.around(due).is_some() {
            return None;
        }
        let deadline = due + self.plan.grace;
        let Some((_, end)) = windows.between(due, deadline) else { return Some((due, deadline)) };
        let mut later = self.occurrences.iter().skip(self.occurrences.partition_point(|o| *o < end));
        let next = later.find(|o| windows.around(**o).is_none())?;
        windows.between(*next, next + self.plan.grace).map(|_| (due, deadline.max(end)))
    }

    /// Reading: maintenance that comes again and again, and leaves nothing for a year of a schedule that has something in
    /// it, does not hold for that job, or nobody would ever hear of it.
    pub(super) fn open_windows(&mut self, now: Seconds) {
        let year = now + 366 * DAY;
        let is_hidden = match self.plan.rhythm {
            Rhythm::At(..) => {
                let coming = self.occurrences.partition_point(|o| *o <= now);
                let coming = &self.occurrences[coming..];
                let coming = &coming[..coming.partition_point(|o| *o <= year)];
                !coming.is_empty() && coming.iter().all(|o| self.expected(*o, &self.recurring).is_none())
            }
            Rhythm::Every(every) => now + every <= year && self.recurring.after(now, every) > year,
        };
        self.windows = if is_hidden { self.dated.clone() } else { self.dated.and(&self.recurring) };
    }

    /// "One entry for every missed cycle." On trial the absence is none.
    pub(super) fn miss(&mut self, now: Seconds) {
        if self.waiting.is_some() || self.retired {
            return;
        }
        while let (due, deadline) = self.cycle()
            && deadline <= now
        {
            self.missed = Some(due);
            if self.trial.is_none() {
                self.judged = Shown { status: "MISSING", cause: Some("no_report") };
            }
        }
    }

    pub(super) fn shown(&self, now: Seconds) -> Shown {
        if self.retired {
            return Shown { status: "RETIRED", cause: None };
        }
        if self.windows.around(now).is_some() {
            // A pause stops LATE and MISSING alone: what came and is bad stays so.
            let cause = self.judged.cause.filter(|_| self.judged.status != "MISSING");
            return Shown { status: "PAUSED", cause };
        }
        if !self.is_critical() && self.cycle().0 <= now {
            return Shown { status: "LATE", ..self.judged.clone() };
        }
        self.judged.clone()
    }

    /// "An older year is over when it was absent from every report that carried a newer one for 14 days." Reading: from
    /// the first good backup of a newer year after its own last report, to another one 14 days later, with a cycle of
    /// its own missed.
    pub(super) fn leave_behind(&mut self, newer_good: Option<Seconds>) {
        let last = self.covering.map_or(self.added, |time| time.max(self.added));
        let Some(newer) = newer_good.filter(|newer| *newer > last && !self.retired) else {
            self.outrun = None;
            return;
        };
        let absent =
            self.missed.is_some_and(|due| self.covering.is_none_or(|covering| !self.covers(covering, due)));
        let (since, over) = self.outrun.filter(|(since, _)| *since > last).unwrap_or((newer, false));
        self.outrun = Some((since, over || (newer - since >= 14 * DAY && absent)));
    }

    pub(super) fn year_is_over(&self) -> bool {
        !self.retired && self.outrun.is_some_and(|(_, over)| over)
    }

    pub(super) fn cover(&mut self, time: Seconds) {
        self.covering = Some(self.covering.map_or(time, |newest| newest.max(time)));
        if let Some(days) = &mut self.trial {
            days.insert(wall(self.plan.zone, time).date());
            if days.len() >= TRIAL_DAYS {
                self.trial = None;
            }
        }
    }

    pub(super) fn judge(&mut self, report: usize, rank: Rank, shown: Shown, found: Option<&Blob>) {
        self.waiting = None;
        self.unmet = None;
        let number = found.map(|blob| blob.number);
        self.last = Some((report, shown.cause, number));
        // "A held backup is SUCCESS in status", and "not a good one for UNCHANGED, medians, families".
        if shown.cause.is_none()
            && let Some(blob) = found
            && self.holding.take(blob, shown.status == "UNCHANGED")
        {
            self.last_good = number;
            self.good_at = self.good_at.max(Some(rank.0));
        }
        // Reading: a report from before it was retired is no new one.
        self.told_again |= self.retired && rank.0 > self.retired_at;
        self.measured.extend(number);
        // "MISSING lasts until a report covers the job"; what is for a cycle before the newest missed one does not.
        let stays_missing =
            self.judged.status == "MISSING" && self.missed.is_some_and(|due| !self.covers(rank.0, due));
        if !stays_missing {
            self.judged = shown;
        }
        self.cover(rank.0);
        self.newest = Some(rank);
    }

    /// Rule 2: an older one changes nothing, unless it brings bytes that were never judged.
    /// Reading: they are looked for once, in the scan that first sees the report.
    pub(super) fn judge_older(
        &mut self,
        received: &Received,
        index: usize,
        database: &str,
        rank: &Rank,
        deposit: &Deposit,
    ) {
        if let Some(Entry::Good { file, blob }) = received.entry(database)
            && !received.report.overall_failed
            && !received.names_twice(file)
            && !self.measured.contains(&blob.number)
            && blob.flaw.is_none()
            && let Some(found) = staged(deposit, received.agent, file).map(|dump| &dump.content)
            && found.number == blob.number
        {
            let rank = (received.time(), rank.1, rank.2.clone());
            self.judge(index, rank, Shown { status: "SUCCESS", cause: None }, Some(found));
        } else {
            self.cover(rank.0);
        }
    }

    /// Section 4: what the entry says and what lies there, and whether that is final.
    pub(super) fn look<'d>(
        &self,
        received: &Received,
        database: &str,
        rank: &Rank,
        now: Seconds,
        deposit: &'d Deposit,
    ) -> Look<'d> {
        let at_once = |shown| Look::Final { shown, found: None };
        let Some(entry) = received.entry(database) else { return Look::OnItsWay };
        let (file, blob) = match entry {
            Entry::Invalid => return at_once(failed("entry_invalid")),
            Entry::Failed("BACKUP") => return at_once(failed("backup_failed")),
            Entry::Failed("COMPRESS") => return at_once(failed("compress_failed")),
            Entry::Failed(_) => return at_once(failed("transfer_failed")),
            _ if received.report.overall_failed => return at_once(failed("agent_failed")),
            Entry::Junk { .. } => {
                return at_once(Shown { status: "HASH_MISMATCH", cause: Some("hash_invalid") });
            }
            Entry::Good { file, .. } if received.names_twice(file) => return at_once(failed("same_file")),
            Entry::Good { file, blob } => (file, blob),
        };
        let dump = staged(deposit, received.agent, file);
        let found = dump.map(|dump| dump.content.number);
        let judged = |shown| Look::Final { shown, found: dump.map(|dump| &dump.content) };
        if found == Some(blob.number) {
            let ok = if self.last_good == found { "UNCHANGED" } else { "SUCCESS" };
            return judged(match blob.flaw {
                Some(flaw) => Shown { status: "CORRUPT", cause: Some(flaw) },
                None => Shown { status: ok, cause: None },
            });
        }
        let report_age = age(received.mtime, received.ctime, received.first_seen, now);
        let dump_age = dump.map(|dump| age(dump.mtime, dump.ctime, now, now));
        let is_old = found.is_some_and(|found| self.measured.contains(&found));
        // Reading: a newer report puts the verdict off by its own settling time, and no more, once somebody has looked
        // when the first one's time was over.
        let counted = self.unmet.filter(|(_, until)| self.looked.is_some_and(|looked| looked >= *until));
        let (since, until) = counted.unwrap_or((Seconds::MAX / 2, Seconds::MAX / 2));
        let patience_is_over = report_age >= ARRIVAL || now >= since + ARRIVAL;
        match dump_age {
            _ if report_age < SETTLE && now < until + SETTLE => Look::OnItsWay,
            None => judged(failed("file_absent")),
            Some(_) if is_old && (patience_is_over || now >= self.deadline(rank.0).min(until)) => {
                judged(failed("file_not_replaced"))
            }
            Some(_) if is_old => Look::OnItsWay,
            Some(age) if age >= SETTLE => {
                judged(Shown { status: "HASH_MISMATCH", cause: Some("hash_differs") })
            }
            Some(_) if patience_is_over => judged(failed("never_settled")),
            Some(_) => Look::OnItsWay,
        }
    }

    /// Remembers the first of the reports that wait.
    pub(super) fn wait(&mut self, index: usize, received: &Received, rank: &Rank, now: Seconds) {
        let since = now - age(received.mtime, received.ctime, received.first_seen, now);
        let until = self.deadline(rank.0).max(since + SETTLE).min(since + ARRIVAL);
        self.waiting = Some(index);
        self.unmet.get_or_insert((since, until));
    }

    /// The deadline of the cycle that a report at this time is for.
    pub(super) fn deadline(&self, report: Seconds) -> Seconds {
        match self.plan.rhythm {
            Rhythm::At(..) => self.covered(report).unwrap_or(report) + self.plan.grace,
            // Reading: the cycle that is open until the report is judged.
            Rhythm::Every(_) => self.cycle().1,
        }
    }
}
