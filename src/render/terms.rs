//! Small words and marks that several outputs share.

use crate::domain::incident::Acknowledgement;
use crate::domain::retention::Rule;
use crate::domain::{Incident, Status, Time};

/// The word of a retention rule, as the configuration writes it where it does.
#[must_use]
pub fn rule_word(rule: Rule) -> &'static str {
    match rule {
        Rule::Last => "keep_last",
        Rule::Within => "keep_within",
        Rule::Daily => "keep_daily",
        Rule::Weekly => "keep_weekly",
        Rule::Monthly => "keep_monthly",
        Rule::Yearly => "keep_yearly",
        Rule::MinGood => "min_good",
        Rule::Current => "current",
        Rule::Pinned => "pinned",
        Rule::Held => "held",
        Rule::BeforeHold => "keep_suspect",
        Rule::JobIsCritical => "job_is_critical",
        Rule::ClockJumped => "clock_jumped",
        Rule::Damaged => "damaged",
    }
}

/// A mark beside the status's word, so that a column can be read without colour.
#[must_use]
pub fn status_mark(status: Status) -> &'static str {
    match status {
        Status::Pending => "·",
        Status::Success => "✓",
        Status::Unchanged => "=",
        Status::Late => "…",
        Status::Failed | Status::HashMismatch | Status::Corrupt => "✗",
        Status::Missing => "?",
        Status::Paused => "‖",
        Status::Retired => "−",
    }
}

/// The acknowledgement that holds at `now`.
#[must_use]
pub fn acknowledged(incident: &Incident, now: Time) -> Option<&Acknowledgement> {
    incident.acknowledged.as_ref().filter(|by| by.until.is_none_or(|until| now < until))
}
