//! When each backup came, against when it was due and when it would have been missing.

use chrono::TimeDelta;

use super::{At, Chart, Shape, float, mark};
use crate::domain::{Entry, Schedule, Status, Time};
use crate::render::site::rows::letter;
use crate::render::view::View;

const WIDTH: f64 = 600.0;
const HEIGHT: f64 = 210.0;
const LEFT: f64 = 74.0;
const RIGHT: f64 = 592.0;
const TOP: f64 = 12.0;
const BOTTOM: f64 = 184.0;

/// Minutes of the vertical axis.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Axis {
    low: f64,
    due: f64,
    missing: f64,
    high: f64,
}

impl Axis {
    /// With a calendar, from the occurrence on; else from the backup before.
    fn of(schedule: &Schedule) -> Self {
        let minutes = |span: TimeDelta| float(span.num_minutes());
        let grace = minutes(schedule.grace);
        let (low, due) = match schedule.every() {
            None => (-minutes(schedule.early), 0.0),
            Some(every) => (0.0, minutes(every)),
        };
        let missing = due + grace;
        Self { low, due, missing, high: missing + (missing - low) * 0.15 }
    }

    fn y(self, minutes: f64) -> f64 {
        let share = (minutes.clamp(self.low, self.high) - self.low) / (self.high - self.low).max(1.0);
        TOP + (BOTTOM - TOP) * (1.0 - share)
    }
}

/// One backup that came, or did not.
struct Point {
    at: Time,
    status: Status,
    /// `None` where nothing came.
    minutes: Option<f64>,
}

/// `newest_first` is the job's history. `None` where nothing was judged.
pub fn chart(view: &View, schedule: &Schedule, newest_first: &[Entry]) -> Option<Chart> {
    let points = points(schedule, newest_first);
    let (first, last) = (points.first()?.at, points.last()?.at);
    let axis = Axis::of(schedule);
    let span = float((last - first).num_minutes()).max(1.0);
    let x = |at: Time| LEFT + 10.0 + (RIGHT - LEFT - 20.0) * float((at - first).num_minutes()) / span;
    let words = view.words();
    let (due, missing) = (axis.y(axis.due), axis.y(axis.missing));
    let mut shapes = vec![
        Shape::bar("band", (LEFT, due), (RIGHT - LEFT, BOTTOM - due)),
        Shape::bar("grace", (LEFT, missing), (RIGHT - LEFT, due - missing)),
    ];
    for (y, text) in [(due, words.text("axis-due")), (missing, words.text("axis-missing"))] {
        shapes.push(Shape::text("end", (LEFT - 6.0, y + 4.0), text));
        shapes.push(Shape::line("gr", format!("M{LEFT} {}H{RIGHT}", At(y))));
    }
    for point in &points {
        let y = point.minutes.map_or(TOP, |minutes| axis.y(minutes));
        let title = format!("{}: {}", view.when(point.at), words.status(point.status));
        shapes.push(mark(letter(point.status), x(point.at), y).titled(title));
    }
    for (at, anchor) in [(first, "start"), (last, "end")] {
        shapes.push(Shape::text(anchor, (x(at), HEIGHT - 8.0), words.day(view.day(at))));
    }
    let came = points.iter().filter(|point| point.minutes.is_some_and(|m| m <= axis.missing)).count();
    let label = words.say("arrival-label", [("n", came.into()), ("total", points.len().into())]);
    Some(Chart { width: At(WIDTH), height: At(HEIGHT), label, shapes })
}

/// Oldest first.
fn points(schedule: &Schedule, newest_first: &[Entry]) -> Vec<Point> {
    let mut before: Option<Time> = None;
    let mut points = Vec::new();
    let judged = newest_first.iter().rev().filter(|entry| !entry.superseded);
    for (entry, status) in judged.filter_map(|entry| Some((entry, entry.status?))) {
        let came = entry.report_time;
        let since = if schedule.every().is_none() { entry.cycle } else { before };
        // The first of a row without a calendar came at a distance that nobody knows: it is taken as due.
        let minutes = came.map(|came| match since {
            Some(since) => float((came - since).num_minutes()),
            None => schedule.every().map_or(0.0, |every| float(every.num_minutes())),
        });
        before = came.or(before);
        points.push(Point { at: came.unwrap_or(entry.judged_at), status, minutes });
    }
    points
}
