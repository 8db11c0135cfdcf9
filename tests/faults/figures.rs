//! What is published: the figures of all suites in one paragraph.

use std::fmt::Write as _;

use crate::checker::Invariant;
use crate::tally::Tally;

pub fn of(all: &Tally, skipped: &[&str]) -> String {
    let mut text = format!("faults tried {}  survived {}", all.tried, all.survived);
    let kinds = [
        ("good versions lost", Invariant::CurrentIsWhole),
        ("false OK", Invariant::GoodHasBytes),
        ("reports lost", Invariant::ReportIsKept),
        ("alerts lost", Invariant::NewsIsTold),
    ];
    for (name, invariant) in kinds {
        let _ = write!(text, "  {name} {}", all.of(invariant));
    }
    let _ = writeln!(text, " (mails that came twice {})", all.repeated);
    if !skipped.is_empty() {
        let _ = writeln!(text, "NOT RUN HERE: {}", skipped.join(", "));
    }
    text
}
