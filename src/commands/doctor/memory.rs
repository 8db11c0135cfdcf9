//! The state, the scans that it remembers, and the clock.

use chrono::TimeDelta;

use super::Known;
use super::finding::{Findings, Level};
use crate::commands::context::Context;
use crate::domain::settings::Span;
use crate::domain::text::{duration, printable, rfc3339, size};
use crate::files::{Lock, shown};
use crate::store::{Sqlite, Store as _};

/// A larger state takes too long to be read whole here.
const READ_WHOLE: u64 = 64 * 1024 * 1024;
/// A scan may end so long after the frozen moment of its run; further ahead, a clock was set back.
const LEAD: TimeDelta = TimeDelta::hours(6);

/// The state, where there is one that can be read.
pub fn open(context: &Context, findings: &mut Findings) -> Option<Sqlite> {
    let path = &context.config.paths.state;
    if !path.try_exists().unwrap_or(true) {
        findings.warn(
            "state",
            format!("{}: there is none yet; the first `backupmon run` creates it", shown(path)),
        );
        return None;
    }
    let store = match Sqlite::open_read_only(path) {
        Ok(store) => store,
        Err(error) => {
            findings.fail(
                "state",
                format!("{error}; `backupmon state rebuild` makes a new one of copies and versions"),
            );
            return None;
        }
    };
    let length = std::fs::metadata(path).map_or(0, |meta| meta.len());
    let about = format!("{}: schema {}, {}", shown(path), Sqlite::schema(), size(length));
    if length > READ_WHOLE {
        findings.ok("state", format!("{about}; `backupmon state check` reads it whole"));
        return Some(store);
    }
    match store.check() {
        Ok(faults) if faults.is_empty() => findings.ok("state", format!("{about}, sound")),
        Ok(faults) => {
            let first = faults.first().map(|fault| printable(fault)).unwrap_or_default();
            let mend = "`backupmon state rebuild` makes a new one of copies and versions";
            findings.fail("state", format!("{about}, damaged in {} places: {first}; {mend}", faults.len()));
        }
        Err(error) => findings.fail("state", error.to_string()),
    }
    Some(store)
}

pub fn look(context: &Context, known: &Known, findings: &mut Findings) {
    last_scan(context, known, findings);
    running(context, findings);
    clock(context, known, findings);
}

fn last_scan(context: &Context, known: &Known, findings: &mut Findings) {
    let interval = context.config.scan.interval;
    let Some(scan) = &known.snapshot.meta.last_scan else {
        findings.warn("last scan", "none has come to its end yet: `backupmon -v run`");
        return;
    };
    let age = context.now - scan.finished_at;
    let hint = format!("number {}, {} ago, interval {interval}", scan.id, duration(age));
    if age > Span(interval.0.saturating_mul(2)).delta() {
        findings.fail(
            "last scan",
            format!("{hint}: nothing calls `backupmon run`; see `systemctl list-timers backupmon.timer` or /etc/cron.d/backupmon"),
        );
    } else {
        findings.ok("last scan", hint);
    }
}

/// Whether a run is at work, and goes on.
fn running(context: &Context, findings: &mut Findings) {
    let path = context.config.paths.state.with_file_name("lock");
    let Ok(Some(holder)) = Lock::holder(&path) else { return };
    let pid = holder.pid.filter(|pid| std::path::Path::new(&format!("/proc/{pid}")).exists());
    let Some(pid) = pid else {
        findings.ok("lock", "nobody holds it");
        return;
    };
    let beat = duration(context.now - holder.last_beat);
    let goes_on = holder.makes_progress(context.now, context.config.scan.deadline.delta());
    let level = if goes_on { Level::Ok } else { Level::Warn };
    let hint =
        format!("last taken by process {pid}, which still lives; its last sign of progress was {beat} ago");
    findings.add("lock", level, hint);
}

fn clock(context: &Context, known: &Known, findings: &mut Findings) {
    let meta = &known.snapshot.meta;
    let newest =
        meta.last_scan.as_ref().map_or(meta.created_at, |scan| scan.finished_at.max(meta.created_at));
    let now = rfc3339(context.now);
    if newest - context.now > LEAD {
        findings.fail(
            "clock",
            format!(
                "it is {now}, and the state speaks of {}: one of the two is wrong; set the clock",
                rfc3339(newest)
            ),
        );
    } else {
        findings.ok("clock", format!("{now}, timezone {}", context.config.server_timezone));
    }
}
