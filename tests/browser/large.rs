//! The site of a large fleet, whose jobs the search loads in pieces, from `file://` too.

use std::fs;

use serde_json::json;

use crate::harness::Site;
use crate::{clock, on_disk, window};

/// Elements that a page may have, so that a browser lays it out at once.
const ELEMENTS: u64 = 8_000;
const ROWS: &str = "document.querySelectorAll('#res tbody tr').length";

/// A fleet that is known and has not reported yet.
fn fleet(agents: usize, jobs_each: usize) -> Site {
    let site = Site::new();
    let job = |agent: usize, n: usize| {
        json!({"agent": format!("COMPANY{}_CITY{}_SITE{agent:03}", agent % 3, agent % 20),
               "database": format!("db_{agent:03}_{n:02}"), "every": "24h"})
    };
    let jobs: Vec<_> = (0..agents).flat_map(|agent| (0..jobs_each).map(move |n| job(agent, n))).collect();
    site.command(["jobs", "import", "-"]).input(json!({"jobs": jobs}).to_string()).run().done();
    site.run(["report", "-q"]).silent();
    site
}

#[test]
fn the_jobs_of_a_large_fleet_are_found_filtered_ordered_and_shown_piece_by_piece() {
    let test = "the_jobs_of_a_large_fleet_are_found_filtered_ordered_and_shown_piece_by_piece";
    let Some(window) = window(test) else { return };
    let site = fleet(80, 25);
    window.begin_pages_with(&clock(&site, 60));
    window.open(&format!("{}/index.html", on_disk(&site)));
    let paint = "performance.getEntriesByName('first-contentful-paint')[0]?.startTime";
    window.until(&format!("{paint} > 0"));
    let elements = window.value("document.querySelectorAll('*').length").as_u64().unwrap();
    println!("2,000 jobs: {elements} elements, first paint after {} ms", window.value(paint));
    assert!(elements < ELEMENTS, "{elements}");

    // What cannot be loaded is told, and asked for again.
    let piece = site.path("site/data/jobs-1.js");
    let content = fs::read(&piece).unwrap();
    fs::remove_file(&piece).unwrap();
    window.keys("/");
    window.keys("site00");
    window.until("/could not|cannot/i.test(document.querySelector('#out').textContent)");
    assert_eq!(window.value(ROWS), 0);
    fs::write(&piece, content).unwrap();
    let begun = window.value("performance.now()").as_f64().unwrap();
    window.keys("7");
    window.until(&format!("{ROWS} === 25"));
    println!("search with loading: {:.0} ms", window.value("performance.now()").as_f64().unwrap() - begun);
    assert!(window.is("document.querySelector('#list').hidden"));
    assert!(window.text("location.hash").contains("q=site007"));

    // In order, over all pieces.
    window.keys("\u{e00c}");
    window.keys("db_");
    window.until(&format!("{ROWS} === 100 && !document.querySelector('#more').hidden"));
    let first = "document.querySelector('#res tbody bdi').textContent";
    for (expected, order) in [("db_000_00", "ascending"), ("db_079_24", "descending")] {
        window.value("document.querySelector('#res th[data-o=j] button').focus()");
        window.keys("\u{e007}");
        window.until(&format!("{first} === '{expected}'"));
        assert_eq!(
            window.text("document.querySelector('#res th[data-o=j]').getAttribute('aria-sort')"),
            order
        );
    }
    window.value("document.querySelector('#more button').click()");
    window.until(&format!("{ROWS} === 200"));

    // By agent; and after that nothing is left of the search.
    window
        .value("(e => { e.value = 'COMPANY0_CITY3_SITE003'; e.onchange() })(document.querySelector('#fa'))");
    window.until(&format!("{ROWS} === 25"));
    window.value("document.querySelector('#clr').click()");
    window.until("!document.querySelector('#list').hidden && document.querySelector('#res').hidden");
    assert_eq!(window.complaints().iter().filter(|said| !said.contains("jobs-1.js")).count(), 0);
}
