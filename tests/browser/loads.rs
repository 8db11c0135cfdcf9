//! Every page loads, without a complaint of the browser.

use crate::harness::Site;
use crate::nginx_server::Server;
use crate::{LANGUAGES, Window, clock, on_disk, pages, site, window};

/// Opens every page there and gives what is wrong with any.
fn faults(window: &Window, site: &Site, root: &str) -> Vec<String> {
    let mut faults = Vec::new();
    for page in pages(site) {
        window.open(&format!("{root}/{}", page.replace('~', "%7e")));
        if !window.is("document.querySelectorAll('h1').length === 1 && document.title.length > 0") {
            faults.push(format!("{page}: has no heading"));
        }
        if window.is("getComputedStyle(document.body).margin !== '0px'") {
            faults.push(format!("{page}: has no style"));
        }
        if window.is("!!window.harmed") {
            faults.push(format!("{page}: ran what an agent wrote"));
        }
        faults.extend(window.complaints().into_iter().map(|said| format!("{page}: {said}")));
    }
    faults
}

#[test]
fn every_page_loads_from_the_disk_without_a_complaint() {
    let Some(window) = window("every_page_loads_from_the_disk_without_a_complaint") else { return };
    for language in LANGUAGES {
        let site = site(language);
        let begun = window.begin_pages_with(&format!(
            "{};window.alert = () => {{ window.harmed = true }}",
            clock(&site, 60)
        ));
        assert_eq!(faults(&window, &site, &on_disk(&site)), [""; 0]);
        assert_eq!(window.text("document.documentElement.lang"), language);
        window.begin_pages_without(&begun);
    }
}

#[test]
fn every_page_loads_behind_nginx_under_the_policy() {
    let test = "every_page_loads_behind_nginx_under_the_policy";
    let Some(window) = window(test) else { return };
    if !["nginx", "openssl"].iter().all(|program| crate::is_there(program)) {
        eprintln!("skipped: {test} needs nginx and openssl");
        return;
    }
    let site = site("en");
    let server = Server::start(&site);
    window.begin_pages_with(&clock(&site, 60));
    let root = format!("https://ops:secret@127.0.0.1:{}", server.port);
    assert_eq!(faults(&window, &site, &root), [""; 0]);
}
