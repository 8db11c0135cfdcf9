//! axe-core without a violation on every page, in both schemes and languages; and no page that scrolls sideways.
//!
//! axe-core (MPL-2.0) is not part of this repository: `contrib/test` puts it under `target/`.

use std::fs;
use std::path::Path;

use serde_json::Value;

use crate::{LANGUAGES, clock, on_disk, pages, site, window};

const AXE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/target/axe/axe.min.js");
/// The innermost of what reaches beyond the screen, beside what scrolls by itself.
const WIDEST: &str = "Array.from(document.querySelectorAll('body *')).filter(e => e.getBoundingClientRect().right > 321 && \
                      !e.closest('.scroll')).map(e => e.tagName + '.' + (e.className.baseVal ?? e.className)).join(' ')";
/// What a large fleet has in its rows, in the language that needs most room.
const LONGEST: &str = "[['time', 'il\\u{a0}y\\u{a0}a 5\\u{a0}h 55\\u{a0}min'], ['.c-z>span:not(.lg)', '999,9\\u{a0}Mo'], \
                       ['time+small', 'mer. 30 sept. 2026, 15:28']].forEach(([what, text]) => \
                       document.querySelectorAll('tr ' + what).forEach(e => { e.textContent = text }))";
const RUN: &str = "axe.run(document, {resultTypes: ['violations']}).then(r => r.violations.map(v => v.id + ': ' + \
                   v.nodes.slice(0, 3).map(n => n.target.join(' ') + ' ' + n.failureSummary).join(' | ')))";

#[test]
fn axe_finds_no_violation() {
    let test = "axe_finds_no_violation";
    let Ok(axe) = fs::read_to_string(Path::new(AXE)) else {
        eprintln!("skipped: {test} needs axe-core, which contrib/test puts at {AXE}");
        return;
    };
    let Some(window) = window(test) else { return };
    let mut violations = Vec::new();
    for language in LANGUAGES {
        let site = site(language);
        let begun = window.begin_pages_with(&clock(&site, 60));
        let axe = window.begin_pages_with(&axe);
        for scheme in ["light", "dark"] {
            window.scheme(scheme);
            for page in pages(&site) {
                window.open(&format!("{}/{}", on_disk(&site), page.replace('~', "%7e")));
                let found = window.value(RUN);
                let found = found.as_array().unwrap_or_else(|| panic!("{page}: {found}"));
                let place = |said: &Value| format!("{language} {scheme} {page}: {said}");
                violations.extend(found.iter().map(place));
            }
        }
        // It would find one.
        window.value("document.body.appendChild(document.createElement('img'))");
        assert!(window.value(RUN).to_string().contains("image-alt"));
        window.begin_pages_without(&begun);
        window.begin_pages_without(&axe);
    }
    assert!(violations.is_empty(), "{}", violations.join("\n"));
}

#[test]
fn no_page_scrolls_sideways_on_the_narrowest_screen() {
    let Some(window) = window("no_page_scrolls_sideways_on_the_narrowest_screen") else { return };
    let mut wide = Vec::new();
    for language in LANGUAGES {
        let site = site(language);
        let begun = window.begin_pages_with(&clock(&site, 60));
        window.width(320);
        for page in pages(&site) {
            window.open(&format!("{}/{}", on_disk(&site), page.replace('~', "%7e")));
            window.value(LONGEST);
            let width = window.value("document.documentElement.scrollWidth").as_u64().unwrap();
            if width > 320 {
                wide.push(format!("{language} {page}: {width}, {}", window.text(WIDEST)));
            }
        }
        window.begin_pages_without(&begun);
    }
    assert!(wide.is_empty(), "{wide:#?}");
}
