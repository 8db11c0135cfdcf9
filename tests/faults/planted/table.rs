//! The table of planted bugs against suites, in Markdown.

use std::collections::BTreeMap;

use super::bugs::Bug;
use super::suites::{Answer, Suite};

/// What the suites said of a bug, by their names.
pub type Row = BTreeMap<&'static str, Answer>;

pub const NOTHING: &str = "nothing planted";

/// One bug, with those that see it, as soon as all were asked.
pub fn line(bug: Option<&Bug>, row: &Row) -> String {
    let seen = row.iter().filter(|(_, answer)| answer.is_caught());
    let seen: Vec<String> = seen.map(|(name, answer)| format!("{name} {}", cell(answer))).collect();
    let by = if seen.is_empty() { "nobody".to_owned() } else { seen.join(", ") };
    format!("  {}: seen by {by}, of {} asked", bug.map_or(NOTHING, |bug| &bug.name), row.len())
}

/// A column for each suite.
pub fn print(suites: &[&Suite], rows: &[(Option<&Bug>, Row)]) {
    let names: Vec<&str> = suites.iter().map(|suite| suite.name).collect();
    println!("| planted bug | its suite | {} |", names.join(" | "));
    println!("| --- | --- |{}", " --- |".repeat(names.len()));
    for (bug, row) in rows {
        let (name, own) = bug.map_or((NOTHING, ""), |bug| (bug.name.as_str(), bug.suite.as_str()));
        let cells: Vec<String> =
            names.iter().map(|suite| row.get(suite).map_or(String::new(), cell)).collect();
        println!("| {} | {own} | {} |", name.replace('-', " "), cells.join(" | "));
    }
    println!();
}

fn cell(answer: &Answer) -> String {
    match answer {
        Answer::Tried { broken: 0, tried } => format!("-/{tried}"),
        Answer::Tried { broken, tried } => format!("**{broken}/{tried}**"),
        Answer::AtOnce => "**at once**".to_owned(),
        Answer::Skipped => "skipped".to_owned(),
        Answer::Hangs => "hangs".to_owned(),
    }
}

/// What the cells mean, and what was asked of whom.
pub fn print_legend(suites: &[&Suite]) {
    println!(
        "`**1/4**`: one of the four that were tried is not as it should be, and the bug is seen; `-/4`: none is; `at once`:"
    );
    println!(
        "the work does not come to its end even undisturbed. A bug's own suite tries until it sees it. The others try a few:"
    );
    for suite in suites {
        println!("{}: {};", suite.name, suite.share());
    }
    println!();
}

/// Which bugs each suite sees, and which it alone sees.
pub fn print_witnesses(suites: &[&Suite], rows: &[(Option<&Bug>, Row)]) {
    let is_seen_by = |row: &Row, name: &str| row.get(name).is_some_and(Answer::is_caught);
    for suite in suites {
        let of_suite = rows.iter().filter(|(bug, row)| bug.is_some() && is_seen_by(row, suite.name));
        let (alone, others): (Vec<_>, Vec<_>) =
            of_suite.partition(|(_, row)| row.values().filter(|answer| answer.is_caught()).count() == 1);
        let names: Vec<&str> =
            alone.iter().filter_map(|(bug, _)| Some(bug.as_ref()?.name.as_str())).collect();
        println!(
            "{} sees {}, {} of them alone: {}",
            suite.name,
            alone.len() + others.len(),
            alone.len(),
            names.join(", ")
        );
    }
}
