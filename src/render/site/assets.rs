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
    use super::*;

    #[test]
    fn neither_can_end_the_element_that_it_stands_in() {
        assert!(!STYLE.contains("</") && !SCRIPT.contains("</") && !SCRIPT.contains("<!--"));
    }
}
