//! What surrounds every page: head, navigation, footer, and what the browser judges its freshness by.

use serde_json::json;

use super::assets::{SCRIPT, STYLE, content_policy};
use super::charts::strip;
use super::is_small;
use super::rows::{beside_words, letter};
use crate::domain::Status;
use crate::domain::text::{printable, rfc3339};
use crate::render::recent::Mark;
use crate::render::view::{Health, View};
use crate::render::words::Words;

pub struct Frame {
    pub words: &'static Words,
    /// The page's `h1` and the first part of its title.
    pub heading: String,
    /// Title of the site.
    pub site: String,
    /// What a browser's tab is called: without the site's name, which stands behind it.
    pub title: String,
    /// `../` where the page lies in a folder.
    pub root: &'static str,
    /// Which entry of the navigation it is.
    pub tab: &'static str,
    /// Colour of the favicon, in hex.
    pub icon: &'static str,
    pub version: String,
    pub timezone: &'static str,
    pub times_are: String,
    /// Where the same data are as JSON.
    pub json: String,
    /// `None` on pages that change only with their content.
    pub run: Option<Run>,
    /// Style and script are linked and not carried.
    pub linked: bool,
    pub policy: &'static str,
    pub style: &'static str,
    pub code: &'static str,
    /// What the script must know, as JSON that stands in HTML.
    pub script: String,
}

pub struct Run {
    pub generated: String,
    pub valid: String,
    pub scan: String,
    pub written: String,
    pub alerts: usize,
}

impl Frame {
    /// For a page at the top, which carries its run.
    pub fn dated(view: &View, tab: &'static str, heading: &str, json: &str) -> Self {
        let icon = match view.health {
            Health::Ok => "2a9577",
            Health::Warning => "bd7a00",
            Health::Critical => "b3221a",
            Health::Unknown => "74828e",
        };
        let run = Run {
            generated: rfc3339(view.generated_at),
            valid: rfc3339(view.valid_until),
            scan: view.scan.map_or_else(String::new, |scan| scan.id.to_string()),
            written: view.when(view.generated_at),
            alerts: view.tally.alerts,
        };
        Self { tab, icon, root: "", run: Some(run), ..Self::timeless(view, heading, json.to_owned()) }
    }

    /// Of several tabs with one heading each says which it is.
    #[must_use]
    pub fn titled(self, title: &str) -> Self {
        Self { title: printable(title), ..self }
    }

    /// With the words of the search.
    #[must_use]
    pub fn searching(self, view: &View) -> Self {
        Self { script: told(view, true), ..self }
    }

    /// For a page in a folder, which carries no time of its own.
    pub fn timeless(view: &View, heading: &str, json: String) -> Self {
        let timezone = view.timezone.name();
        Self {
            words: view.words(),
            heading: printable(heading),
            title: printable(heading),
            site: printable(view.title),
            root: "../",
            tab: "",
            icon: "74828e",
            version: view.version.to_owned(),
            timezone,
            times_are: view.words().say("times-are", [("timezone", timezone.into())]),
            json,
            run: None,
            linked: !is_small(view),
            policy: content_policy(!is_small(view)),
            style: STYLE,
            code: SCRIPT,
            script: told(view, false),
        }
    }
}

/// The words that the script says, and what else it must know.
fn told(view: &View, searches: bool) -> String {
    let words = view.words();
    let marks: serde_json::Map<String, serde_json::Value> = [Mark::Nothing]
        .into_iter()
        .chain(Mark::WORST_FIRST)
        .map(|mark| (mark.letter().to_string(), strip::word(words, mark).into()))
        .collect();
    let mut told = json!({
        "unit": [words.text("unit-minute"), words.text("unit-hour"), words.text("unit-day")],
        "measure": words.open("measure"),
        "ago": words.open("ago"),
        "staleHeading": words.text("stale-heading"),
        "staleText": words.open("stale-text"),
        "unknownSince": words.open("unknown-since"),
        "stampMissing": words.text("stamp-missing"),
        "clockAhead": words.text("clock-ahead"),
        "mark": marks,
    });
    if searches {
        told["shown"] = words.open("shown").into();
        told["loading"] = words.text("loading").into();
        told["loadError"] = words.text("load-error").into();
        told["more"] = words.open("show-more").into();
        told["none"] = words.text("none").into();
        told["size"] = words.text("size").into();
        told["lastGood"] = words.text("last-good").into();
        told["strip"] = words.open("strip").into();
        told["decimal"] = words.text("decimal-mark").into();
        let bytes = [
            words.text("unit-byte"),
            words.text("unit-kilo"),
            words.text("unit-mega"),
            words.text("unit-giga"),
            words.text("unit-tera"),
            words.text("unit-peta"),
        ];
        told["bytes"] = json!(bytes);
        told["held"] = words.text("held").into();
        let beside = beside_words(words).map(|(letter, word)| (letter.to_string(), word.into()));
        told["beside"] = serde_json::Map::from_iter(beside).into();
        told["status"] = statuses(words);
        told["total"] = (view.tally.total - view.tally.retired).into();
    }
    in_html(&told)
}

/// The words of the statuses by their letters; `C` is that of content, which shares a look with what differs.
fn statuses(words: &Words) -> serde_json::Value {
    let letter = |status| if status == Status::Corrupt { "C" } else { letter(status) };
    let word = |status: &Status| (letter(*status).to_owned(), words.status(*status).into());
    Status::ALL.iter().map(word).collect::<serde_json::Map<_, _>>().into()
}

/// JSON that cannot end the element that it stands in.
pub fn in_html(document: &serde_json::Value) -> String {
    document.to_string().replace('<', "\\u003c").replace('>', "\\u003e").replace('&', "\\u0026")
}
