//! The verdict in sentences, in the site's language.

use super::terms::quoted;
use super::view::{Health, JobView, UnknownReason, View};
use super::words::{Words, fill};
use crate::domain::newcomer::Newcomer;
use crate::domain::settings::Span;
use crate::domain::text::printable;

impl View<'_> {
    /// The verdict in one sentence.
    #[must_use]
    pub fn headline(&self) -> String {
        let words = self.words();
        let (t, tally) = (self.tally.watched.to_string(), self.tally);
        match self.health {
            Health::Unknown => words.cannot_say.to_owned(),
            Health::Critical if tally.at_risk > 0 => {
                fill(&words.count(words.at_risk, tally.at_risk), &[("t", &t)])
            }
            Health::Warning if tally.warning > 0 => {
                fill(words.worth_a_look, &[("n", &tally.warning.to_string())])
            }
            Health::Critical | Health::Warning => fill(words.agents_trouble, &[("t", &t)]),
            Health::Ok if tally.late > 0 => fill(words.running_late, &[("n", &tally.late.to_string())]),
            Health::Ok => words.count(words.safe, tally.watched),
        }
    }

    /// What stands behind the headline, a sentence each.
    #[must_use]
    pub fn explanation(&self) -> Vec<String> {
        let (words, tally) = (self.words(), self.tally);
        let mut lines: Vec<String> =
            self.unknown.map(|reason| self.explain_unknown(reason)).into_iter().collect();
        for (phrase, n) in [
            (words.verified, tally.good),
            (words.late, tally.late),
            (words.pending, tally.pending),
            (words.paused, tally.paused),
            (words.no_copy, tally.uncovered),
        ] {
            if n > 0 {
                lines.push(words.count(phrase, n));
            }
        }
        let oldest = self.jobs.iter().filter(|j| j.is_critical()).filter_map(JobView::last_good).min();
        if let (Some(oldest), 0) = (oldest, tally.uncovered) {
            lines.push(fill(words.all_covered, &[("x", &self.age(oldest))]));
        }
        lines
    }

    /// What the monitor has to say of itself and of its set-up.
    #[must_use]
    pub fn notices(&self) -> Vec<String> {
        let (words, tally) = (self.words(), self.tally);
        let mut lines = Vec::new();
        for (phrase, n) in [
            (words.undelivered, self.undelivered.count),
            (words.assumed, tally.assumed),
            (words.on_trial, tally.on_trial),
        ] {
            if n > 0 {
                lines.push(words.count(phrase, n));
            }
        }
        if self.backlog_seconds > 0 {
            lines.push(fill(words.backlog, &[("x", &words.span(Span(self.backlog_seconds).delta()))]));
        }
        if !self.watched {
            lines.push(words.unwatched.to_owned());
        }
        lines.extend(self.hints(words));
        lines
    }

    /// What may have to be put right by hand, with the command for it, in the words of a language.
    #[must_use]
    pub fn hints(&self, words: &Words) -> Vec<String> {
        let mut lines = self.newcomer_hints(words);
        lines.extend(self.orphan_hint(words));
        lines
    }

    /// Agents that may have been installed anew.
    #[must_use]
    pub fn newcomer_hints(&self, words: &Words) -> Vec<String> {
        let hint = |found: &Newcomer| {
            let command = format!("backupmon agents rename {} {}", quoted(&found.old), quoted(&found.new));
            let (n, t) = (found.brings.to_string(), found.of.to_string());
            let (old, new) = (printable(&found.old), printable(&found.new));
            fill(words.newcomer, &[("new", &new), ("n", &n), ("t", &t), ("old", &old), ("x", &command)])
        };
        self.newcomers.iter().map(hint).collect()
    }

    fn orphan_hint(&self, words: &Words) -> Option<String> {
        let first = self.orphans.first()?;
        let bytes = self.orphans.iter().map(|orphan| orphan.bytes).sum();
        let command = format!("backupmon jobs add {}", quoted(&first.adopted_as()));
        let line = words.count(words.orphans, self.orphans.len());
        Some(fill(&line, &[("t", &words.bytes(bytes)), ("x", &command)]))
    }

    fn explain_unknown(&self, reason: UnknownReason) -> String {
        let words = self.words();
        match reason {
            UnknownReason::NoJobs => words.no_jobs.to_owned(),
            UnknownReason::NoScan => words.no_scan.to_owned(),
            UnknownReason::NothingJudged => words.nothing_judged.to_owned(),
            UnknownReason::OldScan => {
                let at = self.scan.map_or_else(String::new, |scan| self.when(scan.finished_at));
                fill(words.old_scan, &[("t", &at)])
            }
        }
    }
}
