//! An agent that was installed anew under another name: the old one falls silent, and a new one brings its databases.
//!
//! It is only shown, with the line that renames it: two sites may well have databases of the same names.

use std::collections::{HashMap, HashSet};

use super::Time;

/// What must be known of an agent to tell.
#[derive(Debug, Clone)]
pub struct Site<'a> {
    pub agent: &'a str,
    /// `None` when only jobs name it.
    pub first_seen: Option<Time>,
    pub last_report_at: Option<Time>,
    /// None of the backups that are expected of it comes, and there is one at least.
    pub is_silent: bool,
    /// Of the jobs that are expected of it.
    pub databases: Vec<&'a str>,
}

/// A silent agent and the one that may have come in its place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Newcomer {
    pub old: String,
    pub new: String,
    /// How many of the old one's databases the new one brings.
    pub brings: usize,
    pub of: usize,
}

/// For every silent agent the new one that brings the most of its databases, and at least half. New is who was first
/// seen after the silent one's last report, and after the silent one itself: what lay there from the beginning is no
/// newcomer.
#[must_use]
pub fn newcomers(sites: &[Site]) -> Vec<Newcomer> {
    let mut carriers: HashMap<&str, Vec<&Site>> = HashMap::new();
    if sites.iter().any(|site| site.is_silent) {
        for site in sites.iter().filter(|site| !site.is_silent) {
            for database in site.databases.iter().collect::<HashSet<_>>() {
                carriers.entry(database).or_default().push(site);
            }
        }
    }
    sites.iter().filter(|site| site.is_silent).filter_map(|old| newcomer(old, &carriers)).collect()
}

fn newcomer(old: &Site, carriers: &HashMap<&str, Vec<&Site>>) -> Option<Newcomer> {
    let is_new = |site: &Site| {
        let after = |time: Option<Time>| time.is_none_or(|time| site.first_seen >= Some(time));
        site.first_seen > old.first_seen && after(old.last_report_at)
    };
    let mut brings: HashMap<&str, usize> = HashMap::new();
    for database in &old.databases {
        for site in carriers.get(database).into_iter().flatten().filter(|site| is_new(site)) {
            *brings.entry(site.agent).or_default() += 1;
        }
    }
    // Of two that bring as much, always the same one.
    let (new, brings) = brings.into_iter().max_by_key(|(agent, n)| (*n, std::cmp::Reverse(*agent)))?;
    let of = old.databases.len();
    (brings * 2 >= of).then(|| Newcomer { old: old.agent.to_owned(), new: new.to_owned(), brings, of })
}

#[cfg(test)]
mod tests {
    use chrono::TimeDelta;

    use super::*;

    fn day(n: i64) -> Time {
        Time::UNIX_EPOCH + TimeDelta::days(n)
    }

    fn old<'a>(databases: &[&'a str]) -> Site<'a> {
        Site {
            agent: "OLD",
            first_seen: Some(day(0)),
            last_report_at: Some(day(10)),
            is_silent: true,
            databases: databases.to_vec(),
        }
    }

    fn new<'a>(agent: &'a str, seen: i64, databases: &[&'a str]) -> Site<'a> {
        Site {
            agent,
            first_seen: Some(day(seen)),
            last_report_at: Some(day(seen)),
            is_silent: false,
            databases: databases.to_vec(),
        }
    }

    #[test]
    fn a_new_agent_with_half_of_the_databases_of_a_silent_one_may_be_it() {
        let found = |sites: &[Site]| -> Vec<String> {
            newcomers(sites).iter().map(|n| format!("{} {} of {}", n.new, n.brings, n.of)).collect()
        };
        assert_eq!(found(&[old(&["a", "b", "c"]), new("N", 10, &["a", "b", "x", "y"])]), ["N 2 of 3"]);
        assert_eq!(found(&[old(&["a", "b", "c"]), new("N", 10, &["a"])]), [""; 0], "less than half");
        assert_eq!(found(&[old(&["a", "b"]), new("N", 10, &["a"])]), ["N 1 of 2"]);
        assert_eq!(found(&[old(&["a"]), new("N", 9, &["a"])]), [""; 0], "the old one still reported then");
        assert_eq!(found(&[old(&["a", "b"]), new("M", 12, &["a"]), new("N", 11, &["a", "b"])]), ["N 2 of 2"]);
        assert_eq!(found(&[old(&["a"]), new("N", 12, &["a"]), new("M", 11, &["a"])]), ["M 1 of 1"]);
        let mut awake = old(&["a"]);
        awake.is_silent = false;
        assert_eq!(found(&[awake, new("N", 12, &["a"])]), [""; 0]);
        let mut silent = new("N", 12, &["a"]);
        silent.is_silent = true;
        assert_eq!(found(&[old(&["a"]), silent]), [""; 0]);
        let mut never = old(&["a"]);
        never.last_report_at = None;
        assert_eq!(found(&[never, new("N", 0, &["a"])]), [""; 0], "both lay there from the beginning");
    }
}
