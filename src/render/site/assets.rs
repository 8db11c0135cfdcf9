//! Style and script of the pages, and the policy that admits them and nothing else.

use std::sync::LazyLock;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use sha2::{Digest as _, Sha256};

pub const STYLE: &str = include_str!("../../../templates/site/site.css");
pub const SCRIPT: &str = include_str!("../../../templates/site/site.js");

/// For pages that carry both: each is admitted by its own hash. `'self'` is for the files under `data/`.
static INLINE: LazyLock<String> = LazyLock::new(|| {
    policy(&format!("'sha256-{}'", hash(STYLE)), &format!("'sha256-{}' 'self'", hash(SCRIPT)))
});
static LINKED: LazyLock<String> = LazyLock::new(|| policy("'self'", "'self'"));

/// What a page may load and run.
pub fn content_policy(linked: bool) -> &'static str {
    if linked { &LINKED } else { &INLINE }
}

fn policy(style: &str, script: &str) -> String {
    format!(
        "default-src 'none'; style-src {style}; script-src {script}; img-src 'self' data:; base-uri 'none'; form-action 'none'"
    )
}

fn hash(text: &str) -> String {
    STANDARD.encode(Sha256::digest(text))
}

#[cfg(test)]
mod tests {
    use regex::Regex;

    use super::*;

    #[test]
    fn neither_can_end_the_element_that_it_stands_in() {
        assert!(!STYLE.contains("</") && !SCRIPT.contains("</") && !SCRIPT.contains("<!--"));
    }

    /// A mark that kept its colour on a page that is out of date would claim to know.
    #[test]
    fn no_mark_keeps_its_colour_on_a_page_that_is_out_of_date() {
        let grey = STYLE.lines().find(|line| line.contains("[data-fresh=old]) :is(.S,")).unwrap();
        let grey = grey.split_once(":is(.S,").unwrap().1.split(')').next().unwrap();
        let marks: Vec<&str> = Regex::new(r"(\.[A-Z])\{--x:")
            .unwrap()
            .captures_iter(STYLE)
            .map(|found| found.get(1).unwrap().as_str())
            .collect();
        assert!(marks.len() > 5, "{marks:?}");
        let coloured: Vec<_> =
            marks.iter().filter(|mark| !grey.split(',').any(|known| known == **mark)).collect();
        assert!(coloured.is_empty(), "{coloured:?} are not in {grey}");
    }
}
