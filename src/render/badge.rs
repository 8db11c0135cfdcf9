//! The verdict as a small picture, for a README or a wiki, and as the document of which Shields makes one. The picture
//! carries the scan that it is from; Shields takes no field but its own.

use std::fmt::Write as _;

use serde::Serialize;

use super::view::{Health, View};

/// Width of a character of the badge's font, in its units; good enough to fit a box around it.
const CHARACTER: usize = 7;

/// An SVG of its own, with a colour, a mark and words.
#[must_use]
pub fn svg(view: &View) -> String {
    let (color, mark) = match view.health {
        Health::Ok => ("#0a6650", "✓"),
        Health::Warning => ("#845000", "!"),
        Health::Critical => ("#b3221a", "✗"),
        Health::Unknown => ("#46535d", "?"),
    };
    let label = view.words().text("badge-label");
    let message = format!("{mark} {}", message(view));
    let left = (label.chars().count() + 2) * CHARACTER;
    let right = (message.chars().count() + 2) * CHARACTER;
    let (whole, middle) = (left + right, left + right / 2);
    let scan = view.scan.map_or_else(|| "none".to_owned(), |scan| scan.id.to_string());
    let mut svg = String::new();
    let _infallible = writeln!(
        svg,
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{whole}\" height=\"20\" role=\"img\" \
         aria-label=\"{label}: {message}\"><title>{label}: {message}</title><!-- scan_id {scan}, generated_at {at}, \
         valid_until {until} -->\
         <rect width=\"{left}\" height=\"20\" fill=\"#37424a\"/>\
         <rect x=\"{left}\" width=\"{right}\" height=\"20\" fill=\"{color}\"/>\
         <g fill=\"#fff\" text-anchor=\"middle\" font-family=\"Verdana,DejaVu Sans,sans-serif\" font-size=\"11\">\
         <text x=\"{label_at}\" y=\"14\">{label}</text><text x=\"{middle}\" y=\"14\">{message}</text></g></svg>",
        label_at = left / 2,
        at = crate::domain::text::rfc3339(view.generated_at),
        until = crate::domain::text::rfc3339(view.valid_until),
    );
    svg
}

/// Schema 1 of <https://shields.io/badges/endpoint-badge>.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Shield {
    schema_version: u8,
    label: &'static str,
    message: String,
    color: &'static str,
    /// Shields does not let a user's own colour hide it.
    is_error: bool,
}

#[must_use]
pub fn shield(view: &View) -> Shield {
    let color = match view.health {
        Health::Ok => "success",
        Health::Warning => "important",
        Health::Critical => "critical",
        Health::Unknown => "inactive",
    };
    let is_error = matches!(view.health, Health::Critical | Health::Unknown);
    Shield {
        schema_version: 1,
        label: view.words().text("badge-label"),
        message: message(view),
        color,
        is_error,
    }
}

fn message(view: &View) -> String {
    let (words, tally) = (view.words(), view.tally);
    match view.health {
        Health::Unknown => words.text("badge-unknown").to_owned(),
        Health::Critical if tally.at_risk > 0 => {
            words.say("badge-at-risk", [("n", tally.at_risk.into()), ("total", tally.watched.into())])
        }
        Health::Critical => words.text("badge-attention").to_owned(),
        Health::Warning => {
            words.say("badge-warning", [("n", tally.good.into()), ("total", tally.watched.into())])
        }
        Health::Ok => words.say("badge-good", [("n", tally.good.into()), ("total", tally.watched.into())]),
    }
}
