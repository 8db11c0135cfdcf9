//! What a mail says of a cause and of the fleet, in the words of its language.

use super::{CauseView, DigestView, LastGood, MailView, Overview, Paused, TakenOn};
use crate::domain::grouping::Shape;
use crate::domain::{Severity, Status, Time};
use crate::render::words::Words;

/// What stands before the values of a cause, in a column.
const TAGS: [&str; 10] = [
    "mail-databases",
    "mail-was",
    "mail-lasted",
    "mail-since",
    "mail-last-good",
    "mail-said",
    "mail-example",
    "mail-to-do",
    "mail-contact",
    "mail-note",
];

impl MailView {
    pub(super) fn words(&self) -> &'static Words {
        self.language.words()
    }

    /// As the people at the server read it. A mail is read elsewhere too: the zone stands beside it.
    pub(super) fn time(&self, time: &Time) -> String {
        let zone = time.with_timezone(&self.timezone).format("%Z");
        format!("{} {zone}", self.words().when(*time, self.timezone))
    }

    pub(super) fn age(&self, time: &Time) -> String {
        self.words().span(self.now - *time)
    }

    /// What stands before a value, as wide as the widest of them.
    pub(super) fn tag(&self, phrase: &str) -> String {
        format!("  {phrase:<width$}", width = self.indent())
    }

    /// Blanks up to where the values begin.
    pub(super) fn margin(&self) -> String {
        " ".repeat(self.indent() + 2)
    }

    fn indent(&self) -> usize {
        let width = |key: &&str| self.words().text(key).chars().count();
        TAGS.iter().map(width).max().unwrap_or_default() + 2
    }

    /// Causes that did not fit.
    pub(super) fn omitted_note(&self) -> Option<String> {
        let (words, omitted) = (self.words(), self.omitted);
        let alerts = words.count("mail-alerts", omitted.incidents);
        (omitted.causes > 0)
            .then(|| words.say("mail-more-causes", [("n", omitted.causes.into()), ("alerts", alerts.into())]))
    }

    /// As [`MailView::omitted_note`], where nobody can list them.
    pub(super) fn omitted_count(&self) -> Option<String> {
        let (words, omitted) = (self.words(), self.omitted);
        let alerts = words.count("mail-alerts", omitted.incidents);
        (omitted.causes > 0)
            .then(|| words.say("mail-more", [("n", omitted.causes.into()), ("alerts", alerts.into())]))
    }

    /// A line for each status: how many jobs have it.
    pub(super) fn counts(&self, overview: &Overview) -> Vec<String> {
        let words = self.words();
        let line = |(status, count): &(Status, usize)| {
            words.say("digest-count", [("what", words.status(*status).into()), ("n", (*count).into())])
        };
        overview.counts.iter().map(line).collect()
    }

    pub(super) fn severity(&self, cause: &CauseView) -> &'static str {
        match cause.severity {
            Severity::Critical => self.words().text("mail-critical"),
            Severity::Warning | Severity::Ok | Severity::Pending | Severity::Inactive => {
                self.words().text("mail-warning")
            }
        }
    }

    /// Whom a cause concerns, and what is wrong.
    pub(super) fn what(&self, cause: &CauseView) -> String {
        let words = self.words();
        let whom = cause.agent.as_ref().map(ToString::to_string).unwrap_or_default();
        let jobs = || words.count("jobs", cause.total);
        let label = || words.label(&cause.word).to_owned();
        match cause.shape {
            Shape::Region { .. } => self.region(cause, jobs()),
            Shape::SilentAgent if cause.is_resolved() => {
                words.say("mail-reports-again", [("whom", whom.into()), ("jobs", jobs().into())])
            }
            Shape::SilentAgent => words.say("mail-silent", [("whom", whom.into()), ("jobs", jobs().into())]),
            Shape::HeldTogether if cause.is_resolved() => {
                words.say("mail-held", [("whom", whom.into()), ("n", cause.total.into())])
            }
            Shape::HeldTogether => {
                words.say("mail-held-danger", [("whom", whom.into()), ("n", cause.total.into())])
            }
            Shape::SameCause => words.say(
                "mail-same",
                [("whom", whom.into()), ("label", label().into()), ("jobs", jobs().into())],
            ),
            Shape::Single if cause.agent.is_none() => label(),
            Shape::Single => {
                let databases = cause.databases.iter().map(|database| format!("/{database}"));
                let whom = whom + &databases.collect::<String>();
                words.say("mail-single", [("whom", whom.into()), ("label", label().into())])
            }
        }
    }

    fn region(&self, cause: &CauseView, jobs: String) -> String {
        let words = self.words();
        let whom = match cause.place.as_str() {
            "" => words.count("mail-agents", cause.agents()),
            place => words.say("mail-agents-of", [("n", cause.agents().into()), ("place", place.into())]),
        };
        if cause.is_resolved() {
            words.say("mail-report-again", [("whom", whom.into()), ("jobs", jobs.into())])
        } else {
            words.say("mail-silent-together", [("whom", whom.into()), ("jobs", jobs.into())])
        }
    }

    /// Age of the last good copy, or that there is none; empty where it was not asked.
    pub(super) fn last_good(&self, cause: &CauseView) -> String {
        let words = self.words();
        let several = cause.total > 1;
        match cause.last_good {
            LastGood::NotAsked => String::new(),
            LastGood::Never if several => words.text("mail-no-copy-of-one").to_owned(),
            LastGood::Never => words.text("mail-no-copy").to_owned(),
            LastGood::At(time) => {
                let span = self.age(&time);
                let old = if several {
                    words.say("mail-oldest", [("span", span.into())])
                } else {
                    words.say("mail-old", [("span", span.into())])
                };
                format!("{} ({old})", self.time(&time))
            }
        }
    }

    /// The databases that are named, and how many are not; empty where the cause is one database.
    pub(super) fn databases(&self, cause: &CauseView) -> String {
        if cause.total < 2 || cause.databases.is_empty() {
            return String::new();
        }
        let named = cause.databases.iter().map(super::Line::as_str).collect::<Vec<_>>().join(", ");
        match self.words().some("mail-and-more", cause.unnamed()) {
            Some(more) => format!("{named} {more}"),
            None => named,
        }
    }

    /// How long it lasted; `None` while it does.
    pub(super) fn lasted(&self, cause: &CauseView) -> Option<String> {
        cause.until.map(|until| self.words().span(until - cause.since))
    }

    pub(super) fn after(&self, cause: &CauseView) -> Option<String> {
        self.lasted(cause).map(|span| self.words().say("mail-after", [("span", span.into())]))
    }

    /// How long it lasted, and from when to when.
    pub(super) fn lasted_when(&self, cause: &CauseView) -> Option<String> {
        let (span, until) = (self.lasted(cause)?, cause.until?);
        let (from, until) = (self.time(&cause.since), self.time(&until));
        Some(
            self.words().say(
                "mail-lasted-when",
                [("span", span.into()), ("from", from.into()), ("until", until.into())],
            ),
        )
    }

    /// How many are open for so long that only Mondays list them.
    pub(super) fn older(&self, digest: &DigestView) -> Option<String> {
        self.words().some("digest-older", digest.older)
    }

    pub(super) fn on_trial(&self, overview: &Overview) -> Option<String> {
        self.words().some("digest-on-trial", overview.on_trial)
    }

    pub(super) fn assumed(&self, overview: &Overview) -> Option<String> {
        self.words().some("digest-assumed", overview.assumed)
    }

    /// Messages to others that nobody has accepted yet.
    pub(super) fn undelivered(&self, digest: &DigestView) -> Option<String> {
        let (count, oldest) = digest.undelivered?;
        let time = self.time(&oldest);
        Some(self.words().say("digest-undelivered", [("n", count.into()), ("time", time.into())]))
    }

    /// Who took an incident on, and until when.
    pub(super) fn taken(&self, taken: &TakenOn) -> String {
        let words = self.words();
        let (what, who, why) = (taken.what.as_str(), taken.who.as_str(), taken.why.as_str());
        match taken.until {
            Some(until) => words.say(
                "digest-taken-until",
                [
                    ("what", what.into()),
                    ("who", who.into()),
                    ("time", self.time(&until).into()),
                    ("why", why.into()),
                ],
            ),
            None => {
                words.say("digest-taken", [("what", what.into()), ("who", who.into()), ("why", why.into())])
            }
        }
    }

    /// Who paused it, until when and why.
    pub(super) fn pause(&self, pause: &Paused) -> String {
        let words = self.words();
        let (what, who) = (pause.what.as_str(), pause.who.as_str());
        let line = match pause.until {
            Some(until) => words.say(
                "digest-paused-until",
                [("what", what.into()), ("who", who.into()), ("time", self.time(&until).into())],
            ),
            None => words.say("digest-paused-for-good", [("what", what.into()), ("who", who.into())]),
        };
        match pause.why.as_str() {
            "" => line,
            why => format!("{line}: {why}"),
        }
    }

    /// The fleet in a sentence or two.
    pub(super) fn verdict(&self, overview: &Overview) -> String {
        let words = self.words();
        let scan = overview.last_scan.map(|scan| self.time(&scan));
        if overview.stale {
            return match scan {
                Some(scan) => words.say("digest-unknown", [("time", scan.into())]),
                None => words.text("digest-no-scan").to_owned(),
            };
        }
        if overview.watched == 0 {
            return words.text("digest-unwatched").to_owned();
        }
        let good = if overview.all_good() {
            words.count("digest-all-good", overview.watched)
        } else {
            words.say("digest-some-good", [("n", overview.good.into()), ("total", overview.watched.into())])
        };
        match scan {
            Some(scan) => format!("{good} {}", words.say("digest-last-scan", [("time", scan.into())])),
            None => good,
        }
    }

    /// What to do about a cause.
    pub(super) fn advice(&self, cause: &CauseView) -> &'static str {
        let words = self.words();
        match cause.word.as_str() {
            "backup_failed" | "compress_failed" | "agent_failed" => words.text("advice-at-agent"),
            "transfer_failed" => words.text("advice-transfer"),
            "entry_invalid" | "hash_invalid" | "same_file" => words.text("advice-script"),
            "file_absent" | "file_not_replaced" | "never_settled" => words.text("advice-arrival"),
            "file_unreadable" | "not_a_regular_file" | "deposit_unreadable" => words.text("advice-owner"),
            "hash_differs" | "size_differs" => words.text("advice-resend"),
            "truncated" | "empty" | "bad_archive" | "no_dump_trailer" => words.text("advice-new-dump"),
            "no_report" => words.text("advice-silent"),
            "report_unreadable" | "name_invalid" => words.text("advice-unreadable"),
            "clock_skew" => words.text("advice-clock"),
            "agent_never_reported" | "dumps_without_report" => words.text("advice-set-up"),
            "promotion_failed" | "disk_low" => words.text("advice-room"),
            "version_held" => words.text("advice-held"),
            "version_damaged" => words.text("advice-damaged"),
            "year_not_started" => words.text("advice-new-year"),
            "year_over" => words.text("advice-year-over"),
            "retired_reports" => words.text("advice-retired"),
            "too_many_jobs" => words.text("advice-too-many"),
            "deposits_unavailable" => words.text("advice-deposits"),
            "backlog" => words.text("advice-backlog"),
            "state_damaged" => words.text("advice-state"),
            "mail_refused" => words.text("advice-mail"),
            _ => words.text("advice-site"),
        }
    }
}
