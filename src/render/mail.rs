//! One mail: a subject that says it all, a text and an HTML part, from plain values.
//!
//! Every sentence stands in `templates/mail/`. Foreign text enters as a [`Line`], which steers nothing and stays on
//! one line; the HTML part escapes on top of that, and the subject lets only plain ASCII through.

use std::fmt;

use askama::Template;
use chrono_tz::Tz;

use crate::domain::grouping::Shape;
use crate::domain::notice::News;
use crate::domain::text::{cut, duration, printable};
use crate::domain::{Severity, Time};

/// Longest foreign text in a mail, in characters.
const LINE_LIMIT: usize = 600;
/// Longest name in a subject, in characters; and how many are named.
const SUBJECT_NAME_LIMIT: usize = 60;
const SUBJECT_NAMES: usize = 2;

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
    pub counts: Vec<(&'static str, usize)>,
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
    /// ASCII without control characters.
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
    let subject = Subject::of(view).render()?;
    let subject = plain_ascii(&subject.split_whitespace().collect::<Vec<_>>().join(" "));
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
pub fn test_message() -> Result<Rendered, RenderError> {
    let text = TestText.render()?;
    let html = TestHtml { text: &text }.render()?;
    Ok(Rendered { subject: "[backupmon] test message".to_owned(), summary: text.clone(), text, html })
}

#[derive(Template)]
#[template(path = "mail/test.txt")]
struct TestText;

#[derive(Template)]
#[template(
    source = "<!DOCTYPE html>\n<html lang=\"en\"><body><p>{{ text }}</p></body></html>\n",
    ext = "html"
)]
struct TestHtml<'a> {
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

#[derive(Template)]
#[template(path = "mail/subject.txt")]
struct Subject<'a> {
    critical: usize,
    warnings: usize,
    /// Incidents behind both, where they are more than the causes.
    jobs: Option<usize>,
    resolved: usize,
    names: Vec<String>,
    more: usize,
    digest: Option<&'a DigestView>,
    still_critical: usize,
    still_warnings: usize,
}

impl<'a> Subject<'a> {
    fn of(view: &'a MailView) -> Self {
        let critical =
            |causes: &[CauseView]| causes.iter().filter(|c| c.severity == Severity::Critical).count();
        let incidents: usize = view.news.iter().map(|cause| cause.total).sum();
        let named: Vec<String> =
            view.news.iter().chain(&view.resolved).map(CauseView::subject_name).collect();
        let open = view.digest.as_ref().map_or(&[][..], |digest| &digest.open);
        Self {
            critical: critical(&view.news),
            warnings: view.news.len() - critical(&view.news),
            jobs: (incidents > view.news.len()).then_some(incidents),
            resolved: view.resolved.len(),
            more: named.len().saturating_sub(SUBJECT_NAMES) + view.omitted.causes,
            names: named.into_iter().take(SUBJECT_NAMES).collect(),
            digest: view.digest.as_ref(),
            still_critical: critical(open),
            still_warnings: open.len() - critical(open),
        }
    }
}

impl CauseView {
    /// Whom it is about, for a subject: no character that a header or an encoded word could be made of.
    fn subject_name(&self) -> String {
        let name = match (&self.shape, &self.agent) {
            (Shape::Region { .. }, _) => self.place.to_string(),
            (Shape::Single, Some(agent)) if self.is_job => match self.databases.first() {
                Some(database) => format!("{agent}/{database}"),
                None => agent.to_string(),
            },
            (Shape::SilentAgent | Shape::HeldTogether | Shape::SameCause | Shape::Single, Some(agent)) => {
                agent.to_string()
            }
            (Shape::SilentAgent | Shape::HeldTogether | Shape::SameCause | Shape::Single, None) => {
                self.word.clone()
            }
        };
        let name: String = name.chars().take(SUBJECT_NAME_LIMIT).map(allowed).collect();
        if name.is_empty() { self.word.clone() } else { name }
    }

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

    /// How long it lasted; `None` while it does.
    fn lasted(&self) -> Option<String> {
        self.until.map(|until| duration(until - self.since))
    }
}

impl MailView {
    /// A time as the people at the server read it.
    fn time(&self, time: &Time) -> String {
        time.with_timezone(&self.timezone).format("%Y-%m-%d %H:%M %Z").to_string()
    }

    fn age(&self, time: &Time) -> String {
        duration(self.now - *time)
    }
}

impl Overview {
    fn all_good(&self) -> bool {
        !self.stale && self.watched > 0 && self.good == self.watched
    }
}

/// What a name may bring into a subject.
fn allowed(c: char) -> char {
    match c {
        'a'..='z' | 'A'..='Z' | '0'..='9' | '_' | '-' | '.' | '/' | ' ' => c,
        _ => '_',
    }
}

/// The subject's own words are ASCII; this holds them to it.
fn plain_ascii(text: &str) -> String {
    text.chars().map(|c| if c.is_ascii_graphic() || c == ' ' { c } else { '_' }).collect()
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
