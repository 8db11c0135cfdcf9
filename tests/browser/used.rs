//! What a person does on a page: search, filter, fold, by mouse and by keyboard, in either language.

use crate::{clock, on_disk, site, window};

const SHOWN: &str =
    "Array.from(document.querySelectorAll('#list tr[data-s]')).filter(r => r.offsetParent).length";

#[test]
fn search_and_filters_narrow_the_list_and_say_how_far() {
    let Some(window) = window("search_and_filters_narrow_the_list_and_say_how_far") else { return };
    let site = site("fr");
    window.begin_pages_with(&clock(&site, 60));
    window.open(&format!("{}/index.html", on_disk(&site)));
    let all = window.value(SHOWN).as_u64().unwrap();
    assert!(all >= 9, "{all}");
    // The keyboard alone: `/` goes to the search, Escape empties it.
    window.keys("/");
    window.until("document.activeElement.id === 'q'");
    window.keys("newbell paie");
    window.until(&format!("{SHOWN} === 1"));
    assert!(window.text("document.querySelector('#out').textContent").contains('1'));
    window.keys("zzz");
    window.until("!document.querySelector('#zero').hidden");
    window.keys("\u{e00c}");
    window.until(&format!("{SHOWN} === {all}"));
    // A chip filters, and once more takes it back.
    let chip = "document.querySelector('.chip.F, .chip[data-s=F]')";
    window.value(&format!("{chip}.click()"));
    window.until(&format!("{SHOWN} === 1"));
    assert!(window.is("location.hash.includes('s=F')"));
    window.value(&format!("{chip}.click()"));
    window.until(&format!("{SHOWN} === {all}"));
}

#[test]
fn agents_fold_and_open() {
    let Some(window) = window("agents_fold_and_open") else { return };
    let site = site("en");
    window.begin_pages_with(&clock(&site, 60));
    window.open(&format!("{}/index.html", on_disk(&site)));
    let all = window.value(SHOWN).as_u64().unwrap();
    let fold = "document.querySelector('.tw')";
    assert_eq!(window.text(&format!("{fold}.getAttribute('aria-expanded')")), "true");
    window.value(&format!("{fold}.focus()"));
    window.keys("\u{e007}");
    window.until(&format!("{fold}.getAttribute('aria-expanded') === 'false' && {SHOWN} < {all}"));
    window.keys(" ");
    window.until(&format!("{SHOWN} === {all}"));
}

#[test]
fn the_keyboard_reaches_everything_and_shows_where_it_is() {
    let Some(window) = window("the_keyboard_reaches_everything_and_shows_where_it_is") else { return };
    let site = site("en");
    window.begin_pages_with(&clock(&site, 60));
    window.open(&format!("{}/index.html", on_disk(&site)));
    window.keys("\u{e004}");
    assert_eq!(
        window.text("document.activeElement.className"),
        "skip",
        "the first stop skips to the content"
    );
    window.keys("\u{e007}");
    window.until("location.hash === '#main'");
    for _ in 0..5 {
        window.keys("\u{e004}");
        let outline = "(s => s.outlineStyle !== 'none' || s.boxShadow !== 'none')(getComputedStyle(document.activeElement))";
        assert!(window.is(outline), "{}", window.text("document.activeElement.outerHTML"));
    }
}
