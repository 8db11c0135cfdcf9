//! The day, hour by hour: from when on a backup is due, and when it is missing.

use chrono::{TimeDelta, Timelike};
use chrono_tz::Tz;

use super::{At, Chart, Shape, float};
use crate::domain::schedule::Cycle;
use crate::domain::{Entry, Time};
use crate::render::view::View;

const WIDTH: f64 = 600.0;
const LEFT: f64 = 6.0;
const DAY: i64 = 24 * 60;

/// `None` where the cycle lasts longer than a day: then no hour says when.
pub fn chart(view: &View, timezone: Tz, cycle: Cycle, newest_first: &[Entry]) -> Option<Chart> {
    if cycle.deadline - cycle.due > TimeDelta::minutes(DAY) {
        return None;
    }
    let (due, deadline) = (minute(cycle.due, timezone), minute(cycle.deadline, timezone));
    let mut shapes = vec![Shape::bar("rule", (LEFT, 14.0), (WIDTH - 2.0 * LEFT, 22.0))];
    let over_midnight = [(due, DAY), (0, deadline)];
    let spans = if deadline > due { &[(due, deadline)][..] } else { &over_midnight };
    for (from, to) in spans.iter().filter(|(from, to)| to > from) {
        shapes.push(Shape::bar("L", (x(*from), 14.0), (x(*to) - x(*from), 22.0)));
    }
    shapes.push(Shape::line("ax", format!("M{LEFT} 36.5H{}", WIDTH - LEFT)));
    for hour in (0..=24).step_by(3) {
        let at = x(hour * 60);
        shapes.push(Shape::line("ax", format!("M{} 36v4", At(at))));
        shapes.push(Shape::text("middle", (at, 54.0), format!("{hour:02}")));
    }
    let usual = usual_minute(newest_first, timezone);
    if let Some(usual) = usual {
        let title = view.words().say("usual-arrival", [("time", hour_of(usual).into())]);
        shapes.push(Shape::line("S", format!("M{} 14l5 -8h-10z", At(x(usual)))).titled(title));
    }
    let label = view.words().say(
        "ruler-label",
        [
            ("due", hour_of(due).into()),
            ("deadline", hour_of(deadline).into()),
            ("zone", timezone.name().into()),
        ],
    );
    Some(Chart { width: At(WIDTH), height: At(62.0), label, shapes })
}

fn x(minute: i64) -> f64 {
    LEFT + (WIDTH - 2.0 * LEFT) * float(minute) / float(DAY)
}

fn minute(at: Time, timezone: Tz) -> i64 {
    let local = at.with_timezone(&timezone);
    i64::from(local.hour() * 60 + local.minute())
}

/// `08:05`.
pub fn hour_of(minute: i64) -> String {
    format!("{:02}:{:02}", minute / 60, minute % 60)
}

/// The median minute of the day at which good backups come.
pub fn usual_minute(newest_first: &[Entry], timezone: Tz) -> Option<i64> {
    let good = newest_first.iter().filter(|entry| entry.is_good());
    let mut minutes: Vec<i64> =
        good.filter_map(|entry| entry.report_time).map(|at| minute(at, timezone)).collect();
    minutes.sort_unstable();
    minutes.get(minutes.len() / 2).copied()
}
