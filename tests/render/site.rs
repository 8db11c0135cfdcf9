//! What the site promises of itself: sizes, languages, links.

use backupmon::domain::Status;
use backupmon::render::Language;
use backupmon::render::site::Site;

use crate::fleet::{Fleet, pages, recents};

/// Largest overview, in bytes (SPEC section 13).
const INDEX_LIMIT: usize = 350_000;

#[test]
fn every_link_leads_to_a_file_of_the_site() {
    let fleet = Fleet::mixed();
    let files = fleet.site();
    let mut links = 0;
    for (path, text) in pages(&files) {
        for part in text.split("href=\"").skip(1).chain(text.split("src=\"").skip(1)) {
            let target = part.split('"').next().unwrap();
            if target.starts_with('#') || target.starts_with("data:") {
                continue;
            }
            let folder = path.rsplit_once('/').map_or("", |(folder, _)| folder);
            let full = match target.strip_prefix("../") {
                Some(rest) => rest.to_owned(),
                None if folder.is_empty() => target.to_owned(),
                None => format!("{folder}/{target}"),
            };
            let full = full.split('#').next().unwrap();
            assert!(files.contains_key(full), "{path} links to {target}");
            links += 1;
        }
    }
    assert!(links > 50);
}

#[test]
fn the_overview_stays_small_at_any_size() {
    let names: Vec<(String, String)> =
        (0..20_000).map(|n| (format!("COMPANY_CITY{}_SITE{}", n % 40, n / 20), format!("db_{n}"))).collect();
    let jobs: Vec<(&str, &str, Status)> = names
        .iter()
        .enumerate()
        .map(|(n, (agent, db))| {
            (agent.as_str(), db.as_str(), if n % 7 == 0 { Status::Failed } else { Status::Success })
        })
        .collect();
    let fleet = Fleet::of(&jobs);
    let view = fleet.view();
    let mut size = 0;
    Site::new(&view)
        .lists(&recents(&view), &mut |path, content| {
            let mut bytes = Vec::new();
            if path == "index.html" {
                content(&mut bytes)?;
                size = bytes.len();
            }
            Ok(())
        })
        .unwrap();
    assert!(size > 10_000 && size < INDEX_LIMIT, "{size}");

    let few: Vec<_> = jobs.iter().take(250).copied().collect();
    let index = Fleet::of(&few).site().remove("index.html").unwrap();
    assert!(index.len() < INDEX_LIMIT, "{}", index.len());
}

#[test]
fn pages_without_a_time_of_their_own_begin_grey() {
    let site = Fleet::mixed().site();
    for (path, text) in pages(&site) {
        let single = path.starts_with("jobs/") || path.starts_with("agents/");
        assert_eq!(text.contains("data-fresh=\"wait\""), single, "{path}");
        assert_eq!(text.contains("data-generated=\""), !single, "{path}");
    }
    assert!(site["data/stamp.js"].len() < 130, "{}", site["data/stamp.js"]);
}

#[test]
fn french_says_the_same() {
    let mut fleet = Fleet::mixed();
    fleet.language = Language::from_code("fr").unwrap();
    let index = &fleet.site()["index.html"];
    assert!(index.contains("<html lang=\"fr\""));
    assert!(index.contains("5 sauvegardes sur 10 sont à risque"));
    assert!(!index.contains("Needs attention"));
}
