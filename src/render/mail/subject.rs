//! The subject that says it all. Names in it are plain ASCII, so that none makes a header or an encoded word; the
//! language's own words may carry accents, which the transport encodes.

use super::{CauseView, DigestView, MailView, Overview};
use crate::domain::Severity;
use crate::domain::grouping::Shape;
use crate::render::words::Words;

pub(super) const MARK: &str = "[backupmon]";
/// Longest name, in characters; and how many are named.
const NAME_LIMIT: usize = 60;
const NAMES: usize = 2;

pub(super) fn subject(view: &MailView) -> String {
    let words = view.words();
    let text = match (&view.digest, view.news.is_empty() && view.resolved.is_empty()) {
        (Some(digest), true) => of_digest(words, digest),
        (None, true) => String::new(),
        (Some(_), false) => format!("{} {}", of_news(view), words.text("subject-with-digest")),
        (None, false) => of_news(view),
    };
    one_line(&format!("{MARK} {text}"))
}

fn of_news(view: &MailView) -> String {
    let words = view.words();
    let mut counts = by_severity(words, &view.news);
    let of_jobs = || view.news.iter().filter(|cause| cause.is_job);
    let jobs: usize = of_jobs().map(|cause| cause.total).sum();
    if let (Some(last), true) = (counts.last_mut(), jobs > of_jobs().count()) {
        *last += &format!(" ({})", words.count("jobs", jobs));
    }
    counts.extend(words.some("subject-resolved", view.resolved.len()));
    let all = view.news.iter().chain(&view.resolved).map(name).collect::<Vec<_>>();
    let more = all.len().saturating_sub(NAMES) + view.omitted.causes;
    let names = all.into_iter().take(NAMES).collect::<Vec<_>>().join(", ");
    let more = words.some("mail-and-more", more).map(|more| format!(" {more}")).unwrap_or_default();
    words.say("subject-news", [("counts", counts.join(", ").into()), ("names", (names + &more).into())])
}

fn of_digest(words: &Words, digest: &DigestView) -> String {
    let open = by_severity(words, &digest.open);
    let reminder = if !open.is_empty() {
        words.say("subject-still-open", [("what", open.join(", ").into())])
    } else if digest.older > 0 {
        words.count("subject-older", digest.older)
    } else {
        words.text("subject-nothing").to_owned()
    };
    let fleet = digest.overview.as_ref().map(|overview| format!(", {}", of_fleet(words, overview)));
    format!("{} {reminder}{}", words.text("subject-digest"), fleet.unwrap_or_default())
}

fn of_fleet(words: &Words, overview: &Overview) -> String {
    if overview.stale {
        words.text("subject-unknown").to_owned()
    } else if overview.watched == 0 {
        words.text("subject-unwatched").to_owned()
    } else if overview.all_good() {
        words.count("subject-all-good", overview.watched)
    } else {
        words.say("subject-some-good", [("n", overview.good.into()), ("total", overview.watched.into())])
    }
}

/// How many causes are critical and how many are not, where there are any.
fn by_severity(words: &Words, causes: &[CauseView]) -> Vec<String> {
    let critical = causes.iter().filter(|cause| cause.severity == Severity::Critical).count();
    let counts =
        [words.some("subject-critical", critical), words.some("subject-warnings", causes.len() - critical)];
    counts.into_iter().flatten().collect()
}

/// Whom it is about: no character that a header or an encoded word could be made of.
fn name(cause: &CauseView) -> String {
    let name = match (&cause.shape, &cause.agent) {
        (Shape::Region { .. }, _) => cause.place.to_string(),
        (Shape::Single, Some(agent)) if cause.is_job => match cause.databases.first() {
            Some(database) => format!("{agent}/{database}"),
            None => agent.to_string(),
        },
        (Shape::SilentAgent | Shape::HeldTogether | Shape::SameCause | Shape::Single, Some(agent)) => {
            agent.to_string()
        }
        (Shape::SilentAgent | Shape::HeldTogether | Shape::SameCause | Shape::Single, None) => {
            cause.word.clone()
        }
    };
    let name: String = name.chars().take(NAME_LIMIT).map(allowed).collect();
    if name.is_empty() { cause.word.clone() } else { name }
}

/// What a name may bring into a subject.
fn allowed(c: char) -> char {
    match c {
        'a'..='z' | 'A'..='Z' | '0'..='9' | '_' | '-' | '.' | '/' | ' ' => c,
        _ => '_',
    }
}

/// Without control characters, and with single blanks.
fn one_line(text: &str) -> String {
    let visible: String = text.chars().map(|c| if c.is_control() { '_' } else { c }).collect();
    visible.split(' ').filter(|part| !part.is_empty()).collect::<Vec<_>>().join(" ")
}
