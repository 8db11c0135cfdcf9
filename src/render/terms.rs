//! Small words and marks that several outputs share.

use chrono::TimeDelta;

use super::words::Words;
use crate::domain::incident::Acknowledgement;
use crate::domain::retention::Rule;
use crate::domain::settings::{ContentCheck, Effective, Span};
use crate::domain::text::printable;
use crate::domain::{Incident, Status, Time, Warning};

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

/// The rule as people read it on the site.
pub fn kept_by(words: &Words, rule: Rule) -> &str {
    words.text(match rule {
        Rule::Last => "kept-last",
        Rule::Within => "kept-within",
        Rule::Daily => "kept-daily",
        Rule::Weekly => "kept-weekly",
        Rule::Monthly => "kept-monthly",
        Rule::Yearly => "kept-yearly",
        Rule::MinGood => "kept-least",
        Rule::Current => "kept-current",
        Rule::Pinned => "kept-pinned",
        Rule::Held => "kept-held",
        Rule::BeforeHold => "kept-before-hold",
        Rule::JobIsCritical => "kept-critical",
        Rule::ClockJumped => "kept-clock",
        Rule::Damaged => "kept-damaged",
    })
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

/// One word for a shell, which reads it as `text` to the last byte. What cannot be shown is escaped in a way that bash, zsh
/// and ksh understand.
#[must_use]
pub fn quoted(text: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.' | '/');
    if !text.is_empty() && !text.starts_with('-') && text.chars().all(plain) {
        return text.to_owned();
    }
    if printable(text) == text {
        return format!("'{}'", text.replace('\'', r"'\''"));
    }
    format!("$'{}'", text.chars().map(escaped).collect::<String>())
}

/// As it stands between `$'` and `'`.
fn escaped(c: char) -> String {
    let text = c.to_string();
    match c {
        '\'' | '\\' => format!("\\{c}"),
        _ if printable(&text) == text => text,
        _ => text.as_bytes().escape_ascii().to_string(),
    }
}

/// The words that make a command mean the jobs of an agent, of which these are the ids: its name, where that is a pattern
/// that only the name itself matches and that people can type, else the ids.
pub fn meaning<'j>(agent: &str, jobs: impl IntoIterator<Item = &'j str>) -> String {
    let is_plain = |c: char| !matches!(c, '*' | '?' | '[' | ']' | '{' | '}' | '\\' | '!');
    if !agent.starts_with('-') && agent.chars().all(is_plain) && printable(agent) == agent {
        return format!("--agent {}", quoted(agent));
    }
    jobs.into_iter().collect::<Vec<_>>().join(" ")
}

/// The warnings' words, for a line of text.
pub fn warning_words(warnings: &[Warning]) -> String {
    warnings.iter().map(|warning| warning.word()).collect::<Vec<_>>().join(", ")
}

/// As people read them on the site.
pub fn warnings_said(words: &Words, warnings: &[Warning]) -> String {
    warnings.iter().map(|warning| words.label(warning.word())).collect::<Vec<_>>().join(", ")
}

/// What holds for a job, key by key, as people write it.
pub fn settings_in_force(effective: &Effective) -> Vec<(&'static str, String)> {
    let (schedule, set, policy) = (&effective.schedule, &effective.settings, &effective.retention);
    let seconds = |span: TimeDelta| Span(span.num_seconds().unsigned_abs()).to_string();
    let mut rows: Vec<(&'static str, Option<String>)> = vec![
        ("cron", set.cron.clone()),
        ("at", set.at.as_ref().map(|times| times.join(", "))),
        ("days", set.days.clone()),
        ("every", set.every.map(|every| every.to_string())),
        ("timezone", Some(schedule.timezone.name().to_owned())),
        ("grace", Some(seconds(schedule.grace))),
        ("early", Some(seconds(schedule.early))),
    ];
    rows.extend(
        [
            ("keep_last", policy.keep_last),
            ("keep_daily", policy.keep_daily),
            ("keep_weekly", policy.keep_weekly),
            ("keep_monthly", policy.keep_monthly),
            ("keep_yearly", policy.keep_yearly),
            ("min_good", policy.min_good),
        ]
        .map(|(key, n)| (key, Some(n.to_string()))),
    );
    rows.push(("keep_within", Some(policy.keep_within.to_string())));
    rows.push(("keep_suspect", Some(policy.keep_suspect.to_string())));
    let content_check = match effective.content_check {
        ContentCheck::Auto => "auto",
        ContentCheck::Off => "off",
    };
    rows.push(("content_check", Some(content_check.to_owned())));
    let recipients = Some(effective.recipients.join(", ")).filter(|list| !list.is_empty());
    rows.push(("recipients", recipients));
    rows.into_iter().filter_map(|(key, value)| Some((key, value?))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_quoted_word_is_the_text_for_the_shell_whatever_is_in_it() {
        for text in [
            "plain_1",
            "a b",
            "it's",
            "SIR_\u{202e}ABC",
            " ",
            "back\\slash\u{200b}'",
            "-rf",
            "é\u{2028}f",
            "$(id)`",
        ] {
            let shell = std::process::Command::new("bash")
                .args(["-c", &format!("printf %s {}", quoted(text))])
                .output();
            assert_eq!(String::from_utf8(shell.unwrap().stdout).unwrap(), text, "{}", quoted(text));
            assert_eq!(printable(&quoted(text)), quoted(text), "shown as it is");
        }
    }

    #[test]
    fn jobs_are_meant_by_the_agents_name_where_no_other_matches_it() {
        assert_eq!(meaning("SIR_A", ["a-1", "b-2"]), "--agent SIR_A");
        assert_eq!(meaning("a b", ["a-1"]), "--agent 'a b'");
        for agent in ["SIR_\u{202e}A", "SIR_*", "x[1]", "-x", " "] {
            assert_eq!(meaning(agent, ["a-1", "b-2"]), "a-1 b-2", "{agent:?}");
        }
    }
}
