//! A small picture of the verdict, for a README or a wiki. It carries the scan that it is from.

use std::fmt::Write as _;

use super::view::{Health, View};

/// Width of a character of the badge's font, in its units; good enough to fit a box around it.
const CHARACTER: usize = 7;
const LABEL: &str = "backups";

/// An SVG of its own, with a colour, a mark and words.
#[must_use]
pub fn svg(view: &View) -> String {
    let (color, mark) = match view.health {
        Health::Ok => ("#0a6650", "✓"),
        Health::Warning => ("#845000", "!"),
        Health::Critical => ("#b3221a", "✗"),
        Health::Unknown => ("#46535d", "?"),
    };
    let message = format!("{mark} {}", message(view));
    let left = (LABEL.len() + 2) * CHARACTER;
    let right = (message.chars().count() + 2) * CHARACTER;
    let (whole, middle) = (left + right, left + right / 2);
    let scan = view.scan.map_or_else(|| "none".to_owned(), |scan| scan.id.to_string());
    let mut svg = String::new();
    let _infallible = writeln!(
        svg,
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{whole}\" height=\"20\" role=\"img\" \
         aria-label=\"{LABEL}: {message}\"><title>{LABEL}: {message}</title><!-- scan_id {scan}, generated_at {at}, \
         valid_until {until} -->\
         <rect width=\"{left}\" height=\"20\" fill=\"#37424a\"/>\
         <rect x=\"{left}\" width=\"{right}\" height=\"20\" fill=\"{color}\"/>\
         <g fill=\"#fff\" text-anchor=\"middle\" font-family=\"Verdana,DejaVu Sans,sans-serif\" font-size=\"11\">\
         <text x=\"{label_at}\" y=\"14\">{LABEL}</text><text x=\"{middle}\" y=\"14\">{message}</text></g></svg>",
        label_at = left / 2,
        at = crate::domain::text::rfc3339(view.generated_at),
        until = crate::domain::text::rfc3339(view.valid_until),
    );
    svg
}

fn message(view: &View) -> String {
    let tally = view.tally;
    match view.health {
        Health::Unknown => "unknown".to_owned(),
        Health::Critical if tally.at_risk > 0 => format!("{} of {} at risk", tally.at_risk, tally.watched),
        Health::Critical => "needs attention".to_owned(),
        Health::Warning => format!("{} of {} good, warning", tally.good, tally.watched),
        Health::Ok => format!("{} of {} good", tally.good, tally.watched),
    }
}
