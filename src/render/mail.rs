//! One mail: a subject that says it all, a text and an HTML part, from plain values.
//!
//! `templates/mail/` says where everything stands, the catalogue of the mail's language what it says ([`wording`],
//! [`subject`]). Foreign text enters as a [`Line`], which steers nothing and stays on one line; the HTML part escapes
//! on top of that, and the subject lets only plain ASCII of it through.

mod subject;
mod wording;

use std::fmt;

use askama::Template;
use chrono_tz::Tz;

use crate::domain::grouping::Shape;
use crate::domain::notice::News;
use crate::domain::text::{cut, printable};
use crate::domain::{Severity, Status, Time};
use crate::render::Language;

/// Longest foreign text in a mail, in characters.
const LINE_LIMIT: usize = 600;

/// Foreign text made fit for one line of a mail.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line(String);

impl Line {
    #[must_use]
    pub fn new(text: &str) -> Self {
        Self(printable(&cut(text, LINE_LIMIT)))
    }

    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Line {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[derive(Debug, Clone)]
pub struct MailView {
    pub now: Time,
    pub language: Language,
    /// In which times are shown.
    pub timezone: Tz,
    /// Where the status site is, if somebody said.
    pub site: Option<String>,
    /// Opened and changed, the worst first.
    pub news: Vec<CauseView>,
    pub resolved: Vec<CauseView>,
    /// Causes that did not fit, and the incidents in them.
    pub omitted: Omitted,
    pub digest: Option<DigestView>,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Omitted {
    pub causes: usize,
    pub incidents: usize,
}

/// One cause: one line of the table.
#[derive(Debug, Clone)]
pub struct CauseView {
    pub shape: Shape,
    pub news: News,
    pub severity: Severity,
    /// A cause's word for a job's own trouble, else the problem's.
    pub word: String,
    pub is_job: bool,
    /// Labels that the agents of a region share; empty without any.
    pub place: Line,
    pub agent: Option<Line>,
    /// Databases, the first few.
    pub databases: Vec<Line>,
    /// Incidents, also those not named.
    pub total: usize,
    pub since: Time,
    /// When the last of them was resolved.
    pub until: Option<Time>,
    pub last_good: LastGood,
    pub message: Line,
    /// Our own commands that help.
    pub commands: Vec<String>,
    pub contacts: Vec<Line>,
    pub notes: Vec<Line>,
}

/// The oldest last good backup of those concerned.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LastGood {
    /// It is not about backups of one job or more.
    NotAsked,
    /// At least one of them never had any.
    Never,
    At(Time),
}

/// What the digest says beside the news.
#[derive(Debug, Clone)]
pub struct DigestView {
    /// Open and told before: the reminders.
    pub open: Vec<CauseView>,
    /// Open for more than a week, listed on Mondays only.
    pub older: usize,
    pub taken_on: Vec<TakenOn>,
    /// Mails to others that nobody has accepted yet, and since when the oldest waits.
    pub undelivered: Option<(usize, Time)>,
    /// `None` for a recipient who is told of some jobs only.
    pub overview: Option<Overview>,
}

/// An incident that is acknowledged or silenced.
#[derive(Debug, Clone)]
pub struct TakenOn {
    pub what: Line,
    pub who: Line,
    pub why: Line,
    pub until: Option<Time>,
}

/// The fleet as a whole, the good included: silence does not mean ok.
#[derive(Debug, Clone, Default)]
pub struct Overview {
    /// Jobs whose severity is ok.
    pub good: usize,
    /// Jobs that are neither paused nor retired.
    pub watched: usize,
    /// How many jobs have which status, in the order in which they are shown.
    pub counts: Vec<(Status, usize)>,
    /// End of the newest finished scan.
    pub last_scan: Option<Time>,
    /// No scan was finished within two intervals: nothing is known.
    pub stale: bool,
    pub on_trial: usize,
    /// Jobs on trial whose backup did not come.
    pub absent_on_trial: Vec<Line>,
    /// Jobs whose schedule nobody set.
    pub assumed: usize,
    pub paused: Vec<Paused>,
    /// What may have to be put right by hand, with the command for it.
    pub hints: Vec<Line>,
}

#[derive(Debug, Clone)]
pub struct Paused {
    pub what: Line,
    pub who: Line,
    pub why: Line,
    pub until: Option<Time>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rendered {
    /// Without control characters.
    pub subject: String,
    pub text: String,
    pub html: String,
    /// Subject and one line per cause, for a telephone or a chat.
    pub summary: String,
}

#[derive(Debug, thiserror::Error)]
#[error("the mail cannot be rendered: {0}")]
pub struct RenderError(#[from] askama::Error);

/// # Errors
/// None that the view can cause; what the template engine says.
pub fn render(view: &MailView) -> Result<Rendered, RenderError> {
    let subject = subject::subject(view);
    Ok(Rendered {
        text: tidy(&Text { view }.render()?),
        html: Html { view, subject: &subject }.render()?,
        summary: tidy(&Summary { view }.render()?),
        subject,
    })
}

/// What `notify --test` sends.
///
/// # Errors
/// What the template engine says.
pub fn test_message(language: Language) -> Result<Rendered, RenderError> {
    let words = language.words();
    let text = words.text("mail-test").to_owned();
    let html = TestHtml { code: words.code, text: &text }.render()?;
    let subject = format!("{} {}", subject::MARK, words.text("mail-test-subject"));
    Ok(Rendered { subject, summary: text.clone(), text, html })
}

#[derive(Template)]
#[template(
    source = "<!DOCTYPE html>\n<html lang=\"{{ code }}\"><body><p>{{ text }}</p></body></html>\n",
    ext = "html"
)]
struct TestHtml<'a> {
    code: &'a str,
    text: &'a str,
}

#[derive(Template)]
#[template(path = "mail/body.txt")]
struct Text<'a> {
    view: &'a MailView,
}

#[derive(Template)]
#[template(path = "mail/summary.txt")]
struct Summary<'a> {
    view: &'a MailView,
}

#[derive(Template)]
#[template(path = "mail/body.html")]
struct Html<'a> {
    view: &'a MailView,
    subject: &'a str,
}

impl CauseView {
    /// Databases beyond those named.
    fn unnamed(&self) -> usize {
        self.total.saturating_sub(self.databases.len())
    }

    fn agents(&self) -> usize {
        match self.shape {
            Shape::Region { agents, .. } => agents,
            Shape::SilentAgent | Shape::HeldTogether | Shape::SameCause | Shape::Single => 1,
        }
    }

    fn is_changed(&self) -> bool {
        self.news == News::Changed
    }

    fn is_resolved(&self) -> bool {
        self.news == News::Resolved
    }
}

impl Overview {
    fn all_good(&self) -> bool {
        !self.stale && self.watched > 0 && self.good == self.watched
    }
}

/// No blanks at a line's end and never two empty lines, whatever the template's own lines left behind.
fn tidy(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut empty = true;
    for line in text.lines().map(str::trim_end) {
        if !(empty && line.is_empty()) {
            out.push_str(line);
            out.push('\n');
        }
        empty = line.is_empty();
    }
    out
}

#[cfg(test)]
#[path = "mail_tests.rs"]
mod tests;
