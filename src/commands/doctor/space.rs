//! Free space, and what is going to be done with it.

use super::Known;
use super::finding::Findings;
use crate::commands::context::Context;
use crate::domain::forecast::{Filling, Forecast};
use crate::domain::text::size;
use crate::source::Source as _;

pub fn look(context: &Context, known: Option<&Known>, findings: &mut Findings) {
    let space = match context.vault().space() {
        Ok(space) => space,
        Err(error) => return findings.fail("free space", error.to_string()),
    };
    let reserve = context.config.promote.min_free.of(space.total);
    let hint =
        format!("{} of {} free, {} stay so (`min_free`)", size(space.free), size(space.total), size(reserve));
    if space.free <= reserve {
        findings
            .fail("free space", format!("{hint}: nothing more is promoted; make room or lower `min_free`"));
    } else {
        findings.ok("free space", hint);
    }
    let room = space.free.saturating_sub(reserve);
    let is_first = known.is_none_or(|known| known.snapshot.meta.last_scan.is_none());
    if is_first {
        first_run(context, room, findings);
    }
    if let Some(known) = known {
        outlook(known, room, findings);
    }
}

fn first_run(context: &Context, room: u64, findings: &mut Findings) {
    let source = context.source();
    let (mut files, mut bytes) = (0_u64, 0_u64);
    for agent in source.agents().agents {
        for (_, identity) in source.dumps(&agent).unwrap_or_default() {
            files += 1;
            bytes = bytes.saturating_add(identity.size);
        }
    }
    let hint = format!("it reads {files} dumps, and copies at most {}", size(bytes));
    if bytes > room {
        findings.warn("first run", format!("{hint}: more than the {} that there is room for", size(room)));
    } else {
        findings.ok("first run", hint);
    }
}

/// What retention needs when it is full, and whether the disk is full before.
fn outlook(known: &Known, room: u64, findings: &mut Findings) {
    let forecast = match known.snapshot.forecast(&known.store, room) {
        Ok(forecast) => forecast,
        Err(error) => return findings.fail("retention", error.to_string()),
    };
    let Forecast { kept, need, unsized_jobs, .. } = forecast;
    let rest = if unsized_jobs == 0 {
        String::new()
    } else {
        format!("; of {unsized_jobs} jobs no size is known yet")
    };
    findings.ok(
        "retention",
        format!("{} kept now, at most {} when every rule is full{rest}", size(kept), size(need)),
    );
    match forecast.filling {
        Filling::Never => findings
            .ok("disk full", format!("not at the present sizes: there is room for {}", size(room))),
        Filling::Unknown => findings.warn(
            "disk full",
            format!(
                "retention wants {} more, and there is room for {}; when cannot be said before two days of versions",
                size(need.saturating_sub(kept)),
                size(room)
            ),
        ),
        Filling::Standstill => findings.warn("disk full", "nothing grows at present"),
        Filling::On { day, rate } => findings.warn(
            "disk full",
            format!(
                "on about {day} at the present growth of {} a day: give it room, or keep less",
                size(rate)
            ),
        ),
    }
}
