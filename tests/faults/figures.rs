//! What is published: the figures of all suites in one paragraph.

use std::fmt::Write as _;
use std::process::Command;

use crate::checker::Invariant;
use crate::set::Set;
use crate::tally::Tally;

/// What must be known to get the same figures again.
pub fn conditions(set: &Set) -> String {
    let said = |program: &str, arguments: &[&str]| {
        let output =
            Command::new(program).args(arguments).output().ok().filter(|output| output.status.success());
        output.map_or_else(
            || "unknown".to_owned(),
            |output| String::from_utf8_lossy(&output.stdout).trim().to_owned(),
        )
    };
    let commit = said("git", &["-C", env!("CARGO_MANIFEST_DIR"), "rev-parse", "--short", "HEAD"]);
    let most =
        if set.most == usize::MAX { String::new() } else { format!(", at most {} of a kind", set.most) };
    format!(
        "faults: {:?} set{most}, seed {}, commit {commit}, kernel {}, on tmpfs, ext4 and xfs",
        set.size,
        set.seed,
        said("uname", &["-r"])
    )
}

pub fn of(all: &Tally, skipped: &[&str]) -> String {
    let mut text = format!("faults tried {}  survived {}", all.tried, all.survived);
    let kinds = [
        ("good versions lost", Invariant::CurrentIsWhole),
        ("false OK", Invariant::GoodHasBytes),
        ("reports lost", Invariant::ReportIsKept),
        ("alerts lost", Invariant::NewsIsTold),
    ];
    for (name, invariant) in kinds {
        let _ = write!(text, "  {name} {}", all.broken_of(invariant));
    }
    let _ = write!(text, "  silently wrong {}", all.silently_wrong.len());
    let _ = writeln!(text, " (mails that came twice {})", all.repeated);
    if !skipped.is_empty() {
        let _ = writeln!(text, "NOT RUN HERE: {}", skipped.join(", "));
    }
    text
}
