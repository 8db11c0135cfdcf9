//! Thirty days of the whole fleet: how many backups were missing or bad on each.

use chrono::{Days, NaiveDate};

use super::{Chart, Shape, count};
use crate::render::recent::{DAYS, Mark};
use crate::render::view::View;

const WIDTH: f64 = 900.0;
const HEIGHT: f64 = 96.0;
const BASE: f64 = 74.0;
/// Height of the day with the most trouble.
const TALLEST: f64 = 60.0;
/// What is stacked, from below.
const BAD: [(Mark, &str); 4] =
    [(Mark::Missing, "M"), (Mark::Failed, "F"), (Mark::Integrity, "I"), (Mark::Held, "H")];

/// What thirty days come to.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Sum {
    pub expected: usize,
    pub good: usize,
    /// Days on which something was expected, and all of it was good.
    pub clean: usize,
}

#[derive(Debug, Clone, Copy, Default)]
struct Day {
    expected: usize,
    bad: [usize; BAD.len()],
}

impl Day {
    fn bad(&self) -> usize {
        self.bad.iter().sum()
    }
}

/// `jobs` are the marks of each, the oldest day first; the last is `today`.
pub fn chart<'m>(
    view: &View,
    today: NaiveDate,
    jobs: impl IntoIterator<Item = &'m [Mark; DAYS]>,
) -> (Chart, Sum) {
    let mut days = [Day::default(); DAYS];
    for marks in jobs {
        for (day, mark) in days.iter_mut().zip(marks) {
            day.expected += usize::from(mark.is_expected());
            if let Some(kind) = BAD.iter().position(|(bad, _)| bad == mark) {
                day.bad[kind] += 1;
            }
        }
    }
    let expected: usize = days.iter().map(|day| day.expected).sum();
    let bad: usize = days.iter().map(Day::bad).sum();
    let clean = days.iter().filter(|day| day.expected > 0 && day.bad() == 0).count();
    let sum = Sum { expected, good: expected - bad, clean };
    let words = view.words();
    let label = words.say("strip-several", [("n", sum.good.into()), ("total", expected.into())]);
    let mut shapes = vec![Shape::line("ax", format!("M0 {}H{WIDTH}", BASE + 0.5))];
    let most = days.iter().map(Day::bad).max().unwrap_or(0).max(1);
    for (nth, day) in days.iter().enumerate() {
        let date = today.checked_sub_days(Days::new((DAYS - 1 - nth) as u64)).unwrap_or(today);
        shapes.extend(bars(view, nth, date, day, most));
        if nth + 1 == DAYS || nth % 7 == 1 {
            let text = if nth + 1 == DAYS { words.text("today").to_owned() } else { words.day(date) };
            shapes.push(Shape::text("middle", (middle(nth), BASE + 16.0), text));
        }
    }
    (Chart { width: super::At(WIDTH), height: super::At(HEIGHT), label, shapes }, sum)
}

fn step() -> f64 {
    WIDTH / count(DAYS)
}

fn middle(nth: usize) -> f64 {
    count(nth) * step() + step() / 2.0
}

fn bars(view: &View, nth: usize, date: NaiveDate, day: &Day, most: usize) -> Vec<Shape> {
    let words = view.words();
    let (x, width) = (count(nth) * step() + 2.0, step() - 5.0);
    let title = || {
        let date = words.day(date);
        words.say("day-bad", [("day", date.into()), ("n", day.bad().into()), ("total", day.expected.into())])
    };
    let mut shapes = Vec::new();
    if day.expected > 0 && day.bad() == 0 {
        shapes.push(Shape::bar("S", (x, BASE - 5.0), (width, 5.0)).titled(title()));
    }
    let mut y = BASE;
    for ((_, class), n) in BAD.iter().zip(day.bad).filter(|(_, n)| *n > 0) {
        let height = (count(n) / count(most) * TALLEST).max(4.0);
        y -= height;
        shapes.push(Shape::bar(class, (x, y), (width, height - 1.0)).titled(title()));
    }
    if day.bad() > 0 {
        let text = words.number(day.bad() as u64);
        shapes.push(Shape::text("middle", (middle(nth), (y - 4.0).max(9.0)), text));
    }
    shapes
}
