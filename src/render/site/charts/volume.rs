//! What came from an agent, day by day.

use chrono::{Days, NaiveDate};

use super::{At, Chart, Shape, bytes, count};
use crate::render::recent::DAYS;
use crate::render::view::View;

const WIDTH: f64 = 900.0;
const LEFT: f64 = 60.0;
const BASE: f64 = 104.0;
const TALLEST: f64 = 92.0;

/// `days` are the bytes of each day, the oldest first; the last is `newest`. `None` where nothing came.
pub fn chart(view: &View, newest: NaiveDate, days: &[u64; DAYS]) -> Option<Chart> {
    let most = days.iter().max().copied().filter(|most| *most > 0)?;
    let words = view.words();
    let step = (WIDTH - LEFT - 6.0) / count(DAYS);
    let mut shapes = vec![
        Shape::line("ax", format!("M{LEFT} {}H{WIDTH}", BASE + 0.5)),
        Shape::line("gr", format!("M{LEFT} {}H{WIDTH}", BASE - TALLEST)),
        Shape::text("end", (LEFT - 6.0, BASE - TALLEST + 4.0), words.bytes(most)),
        Shape::text("end", (LEFT - 6.0, BASE + 4.0), "0"),
    ];
    for (nth, size) in days.iter().enumerate() {
        let x = LEFT + count(nth) * step + 2.0;
        let date = newest.checked_sub_days(Days::new((DAYS - 1 - nth) as u64)).unwrap_or(newest);
        if *size > 0 {
            let height = (bytes(*size) / bytes(most) * TALLEST).max(1.0);
            let title = format!("{}: {}", words.day(date), words.bytes(*size));
            shapes.push(Shape::bar("p1", (x, BASE - height), (step - 5.0, height)).titled(title));
        }
        if nth % 7 == 1 || nth + 1 == DAYS {
            shapes.push(Shape::text("middle", (x + step / 2.0 - 3.0, BASE + 17.0), words.day(date)));
        }
    }
    let total = days.iter().fold(0_u64, |sum, size| sum.saturating_add(*size));
    let label = format!("{}: {}", words.text("received-per-day"), words.bytes(total));
    Some(Chart { width: At(WIDTH), height: At(130.0), label, shapes })
}
