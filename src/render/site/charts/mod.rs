//! Charts as plain geometry: pure functions of what they show, drawn as SVG by one template, which escapes.
//!
//! A shape has a class and no colour: the style gives a colour by the class, and every state has its own silhouette, so
//! that nothing is told by colour alone. Each chart has a label that says the same in words.

pub mod arrival;
pub mod fleet;
pub mod ruler;
pub mod sizes;
pub mod steps;
pub mod strip;
pub mod trend;
pub mod volume;

use std::fmt;

/// A length or a place, in the units of the chart; written with one decimal at most.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct At(pub f64);

impl fmt::Display for At {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let tenths = (self.0 * 10.0).round() / 10.0;
        if (tenths - tenths.round()).abs() < 0.05 {
            write!(f, "{tenths:.0}")
        } else {
            write!(f, "{tenths:.1}")
        }
    }
}

#[derive(Debug, Clone, PartialEq)]
pub struct Chart {
    pub width: At,
    pub height: At,
    /// What it shows, in words.
    pub label: String,
    pub shapes: Vec<Shape>,
}

#[derive(Debug, Clone, PartialEq)]
pub enum Shape {
    Bar { class: &'static str, x: At, y: At, width: At, height: At, title: String },
    Line { class: &'static str, path: String, title: String },
    Dot { class: &'static str, x: At, y: At, radius: At, title: String },
    Text { x: At, y: At, anchor: &'static str, text: String },
}

impl Shape {
    fn bar(class: &'static str, (x, y): (f64, f64), (width, height): (f64, f64)) -> Self {
        let (width, height) = (At(width.max(0.0)), At(height.max(0.0)));
        Shape::Bar { class, x: At(x), y: At(y), width, height, title: String::new() }
    }

    fn line(class: &'static str, path: String) -> Self {
        Shape::Line { class, path, title: String::new() }
    }

    fn text(anchor: &'static str, (x, y): (f64, f64), text: impl Into<String>) -> Self {
        Shape::Text { x: At(x), y: At(y), anchor, text: text.into() }
    }

    fn titled(mut self, said: String) -> Self {
        match &mut self {
            Shape::Bar { title, .. } | Shape::Line { title, .. } | Shape::Dot { title, .. } => *title = said,
            Shape::Text { .. } => {}
        }
        self
    }
}

/// For a place in a chart: a pixel is coarser than what is lost.
#[expect(clippy::cast_precision_loss, reason = "a pixel is coarser")]
fn float(n: i64) -> f64 {
    n as f64
}

fn bytes(n: u64) -> f64 {
    float(i64::try_from(n).unwrap_or(i64::MAX))
}

fn count(n: usize) -> f64 {
    float(i64::try_from(n).unwrap_or(i64::MAX))
}

/// The least round number that is not below `most`: an axis ends on it.
fn round_up(most: f64) -> f64 {
    let magnitude = 10_f64.powf(most.max(1.0).log10().floor());
    let steps = [1.0, 1.5, 2.0, 2.5, 3.0, 4.0, 5.0, 6.0, 8.0, 10.0];
    steps.into_iter().map(|step| step * magnitude).find(|end| *end >= most).unwrap_or(most)
}

/// The mark of what became of a backup: its own silhouette for each state.
fn mark(class: &'static str, x: f64, y: f64) -> Shape {
    let path = |path: String| Shape::line(class, path);
    let (x_at, y_at) = (At(x), At(y));
    match class {
        "S" => Shape::Dot { class, x: x_at, y: y_at, radius: At(4.2), title: String::new() },
        "U" => Shape::Dot { class, x: x_at, y: y_at, radius: At(2.6), title: String::new() },
        "L" => path(format!("M{x_at} {}l5.5 10h-11z", At(y - 5.5))),
        "I" => path(format!("M{x_at} {}l6.5 6.5-6.5 6.5-6.5-6.5z", At(y - 6.5))),
        "M" => path(format!("M{} {}h10v10h-10zm2.5 2.5v5h5v-5z", At(x - 5.0), At(y - 5.0))),
        _ => path(format!("M{} {}h10v10h-10z", At(x - 5.0), At(y - 5.0))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_is_written_short() {
        assert_eq!(
            [At(1.0), At(1.04), At(1.26), At(-0.01), At(99.96)].map(|at| at.to_string()).join(" "),
            "1 1 1.3 -0 100"
        );
    }

    #[test]
    fn an_axis_ends_on_a_round_number() {
        for (most, end) in [(0.0, 1.0), (1.0, 1.0), (9.1, 10.0), (1_626.0, 2_000.0), (2_001.0, 2_500.0)] {
            assert!((round_up(most) - end).abs() < 1e-6, "{most}: {}", round_up(most));
        }
    }
}
