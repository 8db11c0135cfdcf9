//! The verdict in sentences, in the site's language.

use std::borrow::Cow;

use super::terms::quoted;
use super::view::{Health, JobView, UnknownReason, View};
use super::words::Words;
use crate::domain::newcomer::Newcomer;
use crate::domain::settings::Span;
use crate::domain::text::printable;

/// How the clauses begin that say what was found in order.
const IN_ORDER: [&str; 2] = ["verified: ", "content proven "];

impl JobView<'_> {
    /// What its newest judgement said; of a held job, why it is held comes first.
    #[must_use]
    pub fn message(&self) -> Option<Cow<'_, str>> {
        let said = self.standing.message.as_deref()?;
        if !self.job.state.held || self.standing.cause.is_some() {
            return Some(Cow::Borrowed(said));
        }
        let is_in_order = |clause: &&str| IN_ORDER.iter().any(|begin| clause.starts_with(begin));
        let (in_order, mut clauses): (Vec<&str>, Vec<&str>) = said.split("; ").partition(is_in_order);
        clauses.extend(in_order);
        Some(Cow::Owned(clauses.join("; ")))
    }
}

impl View<'_> {
    /// The verdict in one sentence.
    #[must_use]
    pub fn headline(&self) -> String {
        let words = self.words();
        let tally = self.tally;
        match self.health {
            Health::Unknown => words.text("cannot-say").to_owned(),
            Health::Critical if tally.at_risk > 0 => {
                words.say("at-risk", [("n", tally.at_risk.into()), ("total", tally.watched.into())])
            }
            Health::Warning if tally.warning > 0 => words.say("worth-a-look", [("n", tally.warning.into())]),
            Health::Critical | Health::Warning => words.text("agents-trouble").to_owned(),
            Health::Ok if tally.late > 0 => words.say("running-late", [("n", tally.late.into())]),
            Health::Ok if tally.unkept > 0 => {
                words.say("none-kept", [("n", tally.unkept.into()), ("total", tally.watched.into())])
            }
            Health::Ok if tally.good == tally.watched => words.count("safe", tally.watched),
            // Of the others nothing was judged yet: nobody knows.
            Health::Ok => {
                words.say("safe-so-far", [("n", tally.good.into()), ("total", tally.watched.into())])
            }
        }
    }

    /// What stands behind the headline, a sentence each.
    #[must_use]
    pub fn explanation(&self) -> Vec<String> {
        let (words, tally) = (self.words(), self.tally);
        let mut lines: Vec<String> =
            self.unknown.map(|reason| self.explain_unknown(reason)).into_iter().collect();
        let counted = [
            words.some("verified", tally.verified - tally.unkept),
            words.some("unkept", tally.unkept),
            words.some("late", tally.late),
            words.some("pending", tally.pending),
            words.some("paused", tally.paused),
            words.some("years-over", tally.years_over),
            words.some("no-copy", tally.uncovered),
        ];
        lines.extend(counted.into_iter().flatten());
        let oldest = self.jobs.iter().filter(|j| j.is_critical()).filter_map(JobView::last_good).min();
        if let (Some(oldest), 0) = (oldest, tally.uncovered) {
            lines.push(words.say("all-covered", [("span", self.age(oldest).into())]));
        }
        lines
    }

    /// What the monitor has to say of itself and of its set-up.
    #[must_use]
    pub fn notices(&self) -> Vec<String> {
        let (words, tally) = (self.words(), self.tally);
        let mut lines = Vec::new();
        let counted = [
            words.some("undelivered", self.undelivered.count),
            words.some("assumed", tally.assumed),
            words.some("on-trial", tally.on_trial),
        ];
        lines.extend(counted.into_iter().flatten());
        if self.backlog_seconds > 0 {
            lines.push(
                words.say("backlog", [("span", words.span(Span(self.backlog_seconds).delta()).into())]),
            );
        }
        if !self.watched {
            lines.push(words.text("unwatched").to_owned());
        }
        lines.extend(self.space_notice());
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
            words.say(
                "newcomer",
                [
                    ("old", printable(&found.old).into()),
                    ("new", printable(&found.new).into()),
                    ("n", found.brings.into()),
                    ("total", found.of.into()),
                    ("command", command.into()),
                ],
            )
        };
        self.newcomers.iter().map(hint).collect()
    }

    fn orphan_hint(&self, words: &Words) -> Option<String> {
        let first = self.orphans.first()?;
        let bytes = self.orphans.iter().map(|orphan| orphan.bytes).sum();
        let command = format!("backupmon jobs add {}", quoted(&first.adopted_as()));
        Some(words.say(
            "orphans",
            [
                ("n", self.orphans.len().into()),
                ("size", words.bytes(bytes).into()),
                ("command", command.into()),
            ],
        ))
    }

    fn explain_unknown(&self, reason: UnknownReason) -> String {
        let words = self.words();
        match reason {
            UnknownReason::NoJobs => words.text("no-jobs").to_owned(),
            UnknownReason::NoScan => words.text("no-scan").to_owned(),
            UnknownReason::NothingJudged => words.text("nothing-judged").to_owned(),
            UnknownReason::OldScan => {
                let at = self.scan.map_or_else(String::new, |scan| self.when(scan.finished_at));
                words.say("old-scan", [("time", at.into())])
            }
        }
    }
}
