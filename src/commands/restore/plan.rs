//! Which version of each job is restored.

use std::path::{Path, PathBuf};

use crate::commands::holdings::Shelf;
use crate::domain::{Time, Version};

/// What was asked for.
pub struct Wish<'w> {
    /// Only versions of reports from before.
    pub before: Option<Time>,
    /// This version alone, also a held one: whoever names it has looked at it.
    pub version: Option<&'w str>,
}

/// What is restored of one job.
pub struct Choice<'s> {
    pub shelf: &'s Shelf,
    /// The first is restored; the others, from newer to older, only where those before turn out to be damaged.
    pub candidates: Vec<&'s Version>,
    /// Why there is none.
    pub reason: Option<&'static str>,
}

impl Choice<'_> {
    pub fn chosen(&self) -> Option<&Version> {
        self.candidates.first().copied()
    }

    pub fn size_bytes(&self) -> u64 {
        self.chosen().map_or(0, |version| version.size_bytes)
    }

    /// Agents and databases are checked to be names of folders; two jobs may name their dumps alike.
    pub fn folder(&self, to: &Path) -> PathBuf {
        to.join(self.shelf.key.agent.as_str()).join(self.shelf.key.database.as_str())
    }
}

pub fn choose<'s>(shelves: &'s [Shelf], wish: &Wish) -> Vec<Choice<'s>> {
    shelves.iter().map(|shelf| choose_one(shelf, wish)).collect()
}

fn choose_one<'s>(shelf: &'s Shelf, wish: &Wish) -> Choice<'s> {
    let mut candidates: Vec<&Version> = shelf
        .versions
        .iter()
        .filter(|version| match wish.version {
            Some(named) => version.name == named,
            None => !version.held && !version.damaged,
        })
        .filter(|version| wish.before.is_none_or(|before| version.report_time < before))
        .collect();
    candidates.sort_by_key(|version| std::cmp::Reverse((version.report_time, version.promoted_at)));
    let reason = candidates.is_empty().then_some(match (wish.version, shelf.versions.is_empty()) {
        (_, true) => "it has no version",
        (Some(_), false) => "it has no version of that name",
        (None, false) if wish.before.is_some() => "it has no undamaged, unheld version from before",
        (None, false) => "each of its versions is damaged or held",
    });
    Choice { shelf, candidates, reason }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{AgentId, DatabaseName, Digest, JobKey};

    fn day(n: u32) -> Time {
        format!("2020-06-{n:02}T12:00:00Z").parse().unwrap()
    }

    fn version(n: u32) -> Version {
        Version {
            job: crate::domain::JobId::from_text("a"),
            name: format!("v{n}"),
            file_name: "dump".to_owned(),
            report_time: day(n),
            promoted_at: day(n),
            sha256: Digest::of(b""),
            size_bytes: 10,
            content_bytes: None,
            warnings: Vec::new(),
            pinned: false,
            held: false,
            damaged: false,
            verified_at: day(n),
        }
    }

    #[test]
    fn the_newest_undamaged_unheld_one_is_chosen_and_the_others_stand_behind_it() {
        let key = JobKey { agent: AgentId::new("A").unwrap(), database: DatabaseName::new("b").unwrap() };
        let held = Version { held: true, ..version(5) };
        let damaged = Version { damaged: true, ..version(4) };
        let versions = vec![version(1), version(2), version(3), damaged, held];
        let shelf = Shelf { key: key.clone(), versions, gone: Vec::new(), current: None };
        let none = Shelf { key, versions: Vec::new(), gone: Vec::new(), current: None };
        let chosen = |shelf: &Shelf, before: Option<u32>, version: Option<&str>| {
            let choice = choose_one(shelf, &Wish { before: before.map(day), version });
            let names: Vec<String> = choice.candidates.iter().map(|version| version.name.clone()).collect();
            assert_eq!(choice.reason.is_some(), names.is_empty());
            names.join(" ")
        };
        assert_eq!(chosen(&shelf, None, None), "v3 v2 v1");
        assert_eq!(chosen(&shelf, Some(3), None), "v2 v1");
        assert_eq!(chosen(&shelf, Some(1), None), "");
        assert_eq!(chosen(&shelf, None, Some("v5")), "v5", "a held one that is named");
        assert_eq!(chosen(&shelf, None, Some("v9")), "");
        assert_eq!(chosen(&none, None, None), "");
    }
}
