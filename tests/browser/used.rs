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

/// Databases in the order in which they are shown.
const NAMES: &str = "Array.from(document.querySelectorAll('tr[data-s]')).filter(r => r.offsetParent)\
                     .map(r => r.querySelector('.c-j bdi').textContent)";
/// The values of a column, in that order.
fn column(cell: &str) -> String {
    format!(
        "Array.from(document.querySelectorAll('tr[data-s]')).filter(r => r.offsetParent)\
         .map(r => r.querySelector('{cell}').dataset.v ?? '').join(' ')"
    )
}

fn numbers(text: &str) -> Vec<i64> {
    text.split(' ').map(|number| number.parse().unwrap_or(-1)).collect()
}

#[test]
fn the_heads_of_the_columns_order_the_jobs_by_keyboard() {
    let Some(window) = window("the_heads_of_the_columns_order_the_jobs_by_keyboard") else { return };
    let site = site("en");
    window.begin_pages_with(&clock(&site, 60));
    let agent = "agents/SIRPACAM_DOUALA_NEWBELL.html".to_owned();
    for page in ["index.html".to_owned(), agent] {
        window.open(&format!("{}/{page}", on_disk(&site)));
        let names = || -> Vec<String> { serde_json::from_value(window.value(NAMES)).unwrap() };
        let listed = names();
        let head = |key: &str| format!("document.querySelector('th[data-o={key}]')");
        let press = |key: &str| {
            window.value(&format!("{}.querySelector('button').focus()", head(key)));
            window.keys("\u{e007}");
        };
        let sorted = |key: &str| window.value(&format!("{}.getAttribute('aria-sort')", head(key)));
        assert!(sorted("j").is_null(), "{page}");
        press("j");
        window.until(&format!("{}.getAttribute('aria-sort') === 'ascending'", head("j")));
        let up = names();
        let mut ordered = up.clone();
        ordered.sort_by_key(|name| name.to_lowercase());
        assert_eq!(up, ordered, "{page}");
        press("j");
        window.until(&format!("{}.getAttribute('aria-sort') === 'descending'", head("j")));
        let down = names();
        assert_eq!(down.first(), up.last(), "{page}");
        press("j");
        window.until(&format!("!{}.hasAttribute('aria-sort')", head("j")));
        assert_eq!(names(), listed, "{page}: as it was");
        // The largest first, and what has no size last.
        press("z");
        let sizes = numbers(&window.text(&column(".c-z")));
        assert!(sizes.windows(2).all(|two| two[0] >= two[1]), "{page}: {sizes:?}");
        assert_eq!(sorted("z"), "descending", "{page}");
        press("n");
        assert!(sorted("z").is_null() && sorted("n") == "ascending", "one column alone: {page}");
        assert_eq!(window.text("location.hash"), "#o=n", "{page}");
        press("s");
        let worst = "document.querySelector('tr[data-s]').dataset.s[0]";
        assert!("HIFM".contains(&window.text(worst)) || page != "index.html", "{page}");
    }
}

#[test]
fn an_order_goes_with_search_and_folding_and_names_the_agent_of_each_job() {
    let test = "an_order_goes_with_search_and_folding_and_names_the_agent_of_each_job";
    let Some(window) = window(test) else { return };
    let site = site("en");
    window.begin_pages_with(&clock(&site, 60));
    window.open(&format!("{}/index.html", on_disk(&site)));
    let all = window.value(SHOWN).as_u64().unwrap();
    window.value("document.querySelector('.tw').click()");
    window.until(&format!("{SHOWN} < {all}"));
    let folded = window.value(SHOWN).as_u64().unwrap();
    window.value("document.querySelector('th[data-o=j] button').click()");
    window.until(&format!("{SHOWN} === {all}"));
    assert!(
        window.is(
            "!document.querySelector('tr.ag').offsetParent && !document.querySelector('#exp').offsetParent"
        )
    );
    let named = "Array.from(document.querySelectorAll('tr[data-s] .of')).filter(e => e.offsetParent).length";
    assert_eq!(window.value(named).as_u64().unwrap(), all);
    window.keys("/");
    window.keys("newbell");
    window.until(&format!("{SHOWN} === 3"));
    assert!(window.is("location.hash.includes('q=newbell') && location.hash.includes('o=j')"));
    window.keys("\u{e00c}");
    window.until(&format!("{SHOWN} === {all}"));
    for _ in 0..2 {
        window.value("document.querySelector('th[data-o=j] button').click()");
    }
    window.until(&format!("{SHOWN} === {folded}"));
    // On a phone the rows are cards, and what orders them is still there.
    window.width(390);
    assert!(window.is("document.querySelector('th[data-o=g] button').offsetParent !== null"));
}
