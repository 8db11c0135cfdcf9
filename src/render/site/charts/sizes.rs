//! How large the last backups were.

use std::fmt::Write as _;

use super::{At, Chart, Shape, bytes, float, mark, round_up};
use crate::domain::{Entry, Time};
use crate::render::view::View;

const WIDTH: f64 = 600.0;
const HEIGHT: f64 = 190.0;
const LEFT: f64 = 64.0;
const RIGHT: f64 = 592.0;
const TOP: f64 = 10.0;
const BOTTOM: f64 = 164.0;

/// `newest_first` is the job's history. `None` without two good backups.
pub fn chart(view: &View, newest_first: &[Entry]) -> Option<Chart> {
    let words = view.words();
    let measured: Vec<(Time, u64, &Entry)> = newest_first
        .iter()
        .rev()
        .filter(|entry| !entry.superseded)
        .filter_map(|entry| Some((entry.report_time.unwrap_or(entry.judged_at), entry.size_bytes?, entry)))
        .collect();
    let mut good: Vec<u64> =
        measured.iter().filter(|(.., e)| e.is_good()).map(|(_, size, _)| *size).collect();
    if good.len() < 2 {
        return None;
    }
    good.sort_unstable();
    let (first, last) = (measured.first()?.0, measured.last()?.0);
    let top = round_up(measured.iter().map(|(_, size, _)| bytes(*size)).fold(1.0, f64::max) * 1.05);
    let span = float((last - first).num_minutes()).max(1.0);
    let x = |at: Time| LEFT + (RIGHT - LEFT - 8.0) * float((at - first).num_minutes()) / span;
    let y = |size: f64| TOP + (BOTTOM - TOP) * (1.0 - size / top);
    let mut shapes = Vec::new();
    for share in [0.0, 0.5, 1.0] {
        let at = y(top * share);
        shapes.push(Shape::line("gr", format!("M{LEFT} {}H{RIGHT}", At(at))));
        shapes.push(Shape::text("end", (LEFT - 6.0, at + 4.0), words.bytes(whole(top * share))));
    }
    let (mut line, mut ends) = (String::new(), None);
    for (at, size, _) in measured.iter().filter(|(.., entry)| entry.is_good()) {
        let lead = if line.is_empty() { 'M' } else { 'L' };
        let _infallible = write!(line, "{lead}{} {}", At(x(*at)), At(y(bytes(*size))));
        ends = Some((ends.map_or(x(*at), |(begin, _)| begin), x(*at)));
    }
    if let Some((begin, end)) = ends {
        shapes.push(Shape::line("area", format!("{line}L{} {BOTTOM}L{} {BOTTOM}z", At(end), At(begin))));
    }
    shapes.push(Shape::line("ln", line));
    for (at, size, entry) in measured.iter().filter(|(.., entry)| !entry.is_good()) {
        let class = entry.status.filter(|status| status.is_critical()).map_or("H", |_| "I");
        let title = format!("{}: {}", words.day(view.day(*at)), words.bytes(*size));
        shapes.push(mark(class, x(*at), y(bytes(*size))).titled(title));
    }
    for (at, anchor) in [(first, "start"), (last, "end")] {
        shapes.push(Shape::text(anchor, (x(at), HEIGHT - 8.0), words.day(view.day(at))));
    }
    let median = words.bytes(good[good.len() / 2]);
    let label = words.say("sizes-label", [("median", median.into())]);
    Some(Chart { width: At(WIDTH), height: At(HEIGHT), label, shapes })
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a size on an axis, never negative"
)]
fn whole(size: f64) -> u64 {
    size as u64
}
