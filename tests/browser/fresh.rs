//! A page that may be too old says so by itself, and a newer run is shown without losing one's place.

use chrono::TimeDelta;

use crate::report::Report;
use crate::{clock, on_disk, site, window};

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
    site.pass(TimeDelta::minutes(15));
    site.deposit(&Report::of("SOCIA_GAROUA_PLATEAU").good("STOCK", "good again"));
    site.run(["run", "-q"]).silent();
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
