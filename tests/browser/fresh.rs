//! A page that may be too old says so by itself, and a newer run is shown without losing one's place.

use chrono::TimeDelta;

use crate::harness::Site;
use crate::nginx_server::Server;
use crate::report::Report;
use crate::{clock, is_there, on_disk, site, window};

/// Lets the page's own timers go 600 times as fast: what it asks each minute, it asks ten times a second.
const FAST: &str =
    "(real => { window.setInterval = (work, ms) => real(work, ms / 600) })(window.setInterval);";

/// A quarter of an hour later, with something to show.
fn newer_run(site: &mut Site) {
    site.pass(TimeDelta::minutes(15));
    site.deposit(&Report::of("SOCIA_GAROUA_PLATEAU").good("STOCK", "good again"));
    site.run(["run", "-q"]).silent();
}

#[test]
fn a_page_older_than_two_intervals_withdraws_its_verdict() {
    let Some(window) = window("a_page_older_than_two_intervals_withdraws_its_verdict") else { return };
    let site = site("en");
    let root = on_disk(&site);
    let job = site.document("site/api/jobs.json")["jobs"][0]["id"].as_str().unwrap().to_owned();
    let verdict = "document.querySelector('.ver').className";
    for (seconds, is_stale) in [(60, false), (29 * 60, false), (31 * 60, true), (-3600, true)] {
        let begun = window.begin_pages_with(&clock(&site, seconds));
        for page in ["index.html".to_owned(), format!("jobs/{job}.html")] {
            window.open(&format!("{root}/{page}"));
            window.until(if is_stale {
                "document.documentElement.dataset.fresh === 'old'"
            } else {
                "document.documentElement.dataset.fresh === 'yes'"
            });
            assert_eq!(window.text(verdict).contains("v-unknown"), is_stale, "{page} at {seconds} s");
            assert_eq!(
                window.is("document.querySelector('#stale').hidden"),
                !is_stale,
                "{page} at {seconds} s"
            );
        }
        window.begin_pages_without(&begun);
    }
    window.begin_pages_with(&clock(&site, 7 * 86_400));
    window.open(&format!("{root}/index.html"));
    window.until("/unknown since/i.test(document.querySelector('.ver').textContent)");
}

#[test]
fn a_newer_run_is_shown_and_the_filters_stay() {
    let Some(window) = window("a_newer_run_is_shown_and_the_filters_stay") else { return };
    let mut site = site("en");
    let begun = window.begin_pages_with(&clock(&site, 60));
    window.open(&format!("{}/index.html#q=paie", on_disk(&site)));
    window.until("document.querySelector('#q').value === 'paie'");
    let before = window.text("document.documentElement.dataset.scan");
    window.begin_pages_without(&begun);
    newer_run(&mut site);
    window.begin_pages_with(&clock(&site, 60));
    // What the page asks each minute; it is asked at once when somebody looks at it again.
    window.value("document.dispatchEvent(new Event('visibilitychange'))");
    for _ in 0..20 {
        window.until("document.readyState === 'complete'");
        if window.text("document.documentElement.dataset.scan") != before {
            break;
        }
    }
    window.until(&format!("document.documentElement.dataset.scan !== '{before}'"));
    window.until("document.querySelector('#q').value === 'paie'");
}

#[test]
fn the_pages_own_timer_shows_a_newer_run_and_keeps_place_filter_and_order() {
    let Some(window) = window("the_pages_own_timer_shows_a_newer_run_and_keeps_place_filter_and_order")
    else {
        return;
    };
    let mut site = site("en");
    // The newer run is made while the page is open: the clock is then a minute after it.
    let (now, later) = (clock(&site, 60), clock(&site, 16 * 60));
    let begun = window.begin_pages_with(&format!("{FAST}{now}"));
    window.open(&format!("{}/index.html#q=newbell&o=z-", on_disk(&site)));
    let before = window.text("document.documentElement.dataset.scan");
    window.value("scrollTo(0, 350)");
    window.until("scrollY === 350");
    window.begin_pages_without(&begun);
    window.begin_pages_with(&format!("{FAST}{later}"));
    newer_run(&mut site);
    window.until_another_page(&format!("document.documentElement.dataset.scan !== '{before}'"));
    window.until("Math.abs(scrollY - 350) < 3");
    assert_eq!(window.text("location.hash"), "#q=newbell&o=z-");
    assert_eq!(window.text("document.querySelector('#q').value"), "newbell");
    assert!(window.is("document.querySelector('th[data-o=z]').getAttribute('aria-sort') === 'descending'"));
    // Who types is not disturbed, and is told.
    let before = window.text("document.documentElement.dataset.scan");
    window.value("document.querySelector('#q').focus()");
    newer_run(&mut site);
    window.until("!document.querySelector('#new').hidden");
    assert_eq!(window.text("document.documentElement.dataset.scan"), before);
    // Nor who has switched it off.
    window.value("document.querySelector('#q').blur()");
    window.value("document.querySelector('#auto').click()");
    window.value("document.querySelector('#new').hidden = true");
    window.until("!document.querySelector('#new').hidden");
    assert_eq!(window.text("document.documentElement.dataset.scan"), before);
}

#[test]
fn a_page_left_open_behind_nginx_turns_unknown_by_itself_and_recovers_with_the_next_run() {
    let test = "a_page_left_open_behind_nginx_turns_unknown_by_itself_and_recovers_with_the_next_run";
    let Some(window) = window(test) else { return };
    if !["nginx", "openssl"].iter().all(|program| is_there(program)) {
        eprintln!("skipped: {test} needs nginx and openssl");
        return;
    }
    let mut site = site("en");
    let server = Server::start(&site);
    let root = format!("https://ops:secret@127.0.0.1:{}", server.port);
    let skip = "(now => { window.skipped = 0; Date.now = () => now() + window.skipped })(Date.now);";
    let begun = window.begin_pages_with(&format!("{FAST}{};{skip}", clock(&site, 60)));
    let job = site.document("site/api/jobs.json")["jobs"][0]["id"].as_str().unwrap().to_owned();
    let icon = "document.querySelector('link[rel=icon]').href";
    for page in ["index.html".to_owned(), format!("jobs/{job}.html")] {
        window.open(&format!("{root}/{page}"));
        window.until("document.documentElement.dataset.fresh === 'yes'");
        let (title, shown) = (window.text("document.title"), window.text(icon));
        assert!(!window.is("document.querySelector('.ver').classList.contains('v-unknown')"), "{page}");
        window.value("window.skipped = 28 * 60 * 1000");
        window.value("new Promise(done => setTimeout(done, 300))");
        assert!(!window.is("document.querySelector('.ver').classList.contains('v-unknown')"), "{page}");
        window.value("window.skipped = 31 * 60 * 1000");
        window.until("document.querySelector('.ver').classList.contains('v-unknown')");
        assert!(window.is("/unknown since/i.test(document.querySelector('.ver').textContent)"), "{page}");
        assert!(window.is("!document.querySelector('#stale').hidden"), "{page}");
        assert!(window.is("!document.querySelector('.ver .ex').textContent.includes('verified')"), "{page}");
        assert_ne!(window.text("document.title"), title, "{page}: the tab says so too");
        assert!(page.starts_with("jobs/") || window.text(icon) != shown, "{page}: the icon is grey");
        assert!(window.text(icon).contains("74828e"), "{page}");
    }
    window.open(&format!("{root}/index.html"));
    window.value("window.skipped = 31 * 60 * 1000");
    window.until("document.querySelector('.ver').classList.contains('v-unknown')");
    window.begin_pages_without(&begun);
    window.begin_pages_with(&format!("{FAST}{}", clock(&site, 16 * 60)));
    newer_run(&mut site);
    window.until_another_page("document.documentElement.dataset.fresh === 'yes'");
    window.until("!document.querySelector('.ver').classList.contains('v-unknown')");
}
