//! What surrounds every page: head, navigation, footer, and what the browser judges its freshness by.

use crate::domain::text::{printable, rfc3339};
use crate::render::view::{Health, View};
use crate::render::words::Words;

pub struct Frame {
    pub words: &'static Words,
    /// The page's `h1` and the first part of its title.
    pub heading: String,
    /// Title of the site.
    pub site: String,
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

    /// For a page in a folder, which carries no time of its own.
    pub fn timeless(view: &View, heading: &str, json: String) -> Self {
        let timezone = view.timezone.name();
        Self {
            words: view.words(),
            heading: printable(heading),
            site: printable(view.title),
            root: "../",
            tab: "",
            icon: "74828e",
            version: view.version.to_owned(),
            timezone,
            times_are: view.words().say("times-are", [("timezone", timezone.into())]),
            json,
            run: None,
        }
    }
}
