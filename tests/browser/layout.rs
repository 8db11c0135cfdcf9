//! How much room the pages take: no list is drawn out, none is cut off, on a screen and on paper.

use serde_json::json;

use crate::{LANGUAGES, clock, on_disk, pages, site, window};

/// A badge, and a sentence of a few lines.
const TALLEST: u64 = 170;
/// A4 between its margins, in CSS pixels.
const PAPER: u32 = 720;

const ROWS: &str = "Math.max(0, ...Array.from(document.querySelectorAll('.scroll tbody tr'), \
                    r => Math.round(r.getBoundingClientRect().height)))";
const CUT_OFF: &str = "Array.from(document.querySelectorAll('.al')).some(t => \
                       t.scrollWidth > t.closest('.scroll').clientWidth + 1)";
const WIDTH: &str = "document.documentElement.scrollWidth";

#[test]
fn lists_are_as_tall_as_what_they_say_and_show_what_happened() {
    let Some(window) = window("lists_are_as_tall_as_what_they_say_and_show_what_happened") else { return };
    let mut faults = Vec::new();
    for language in LANGUAGES {
        let site = site(language);
        let begun = window.begin_pages_with(&clock(&site, 60));
        window.width(1280);
        for page in pages(&site) {
            window.open(&format!("{}/{}", on_disk(&site), page.replace('~', "%7e")));
            let tallest = window.value(ROWS).as_u64().unwrap();
            if tallest > TALLEST {
                faults.push(format!("{language} {page}: a row is {tallest} pixels high"));
            }
            if window.is(CUT_OFF) {
                faults.push(format!("{language} {page}: what happened is cut off"));
            }
        }
        window.begin_pages_without(&begun);
    }
    assert!(faults.is_empty(), "{faults:#?}");
}

#[test]
fn every_page_fits_on_paper() {
    let Some(window) = window("every_page_fits_on_paper") else { return };
    let mut wide = Vec::new();
    for language in LANGUAGES {
        let site = site(language);
        let begun = window.begin_pages_with(&clock(&site, 60));
        window.width(PAPER);
        window.cdp("Emulation.setEmulatedMedia", json!({"media": "print"}));
        for page in pages(&site) {
            window.open(&format!("{}/{}", on_disk(&site), page.replace('~', "%7e")));
            let width = window.value(WIDTH).as_u64().unwrap();
            if width > u64::from(PAPER) {
                wide.push(format!("{language} {page}: {width}"));
            }
        }
        window.begin_pages_without(&begun);
    }
    assert!(wide.is_empty(), "{wide:#?}");
}
