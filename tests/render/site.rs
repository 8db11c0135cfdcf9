//! What the site promises of itself: sizes, languages, links.

use std::collections::BTreeMap;
use std::io::Write as _;

use backupmon::domain::Status;
use backupmon::render::Language;
use backupmon::render::site::Site;

use flate2::Compression;
use flate2::write::GzEncoder;

use crate::fleet::{Fleet, pages};

/// Largest overview, in bytes (SPEC section 13), and in elements, which a browser must lay out.
const INDEX_LIMIT: usize = 350_000;
const INDEX_LIMIT_ZIPPED: usize = 45_000;
const ELEMENTS_LIMIT: usize = 8_000;

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

/// What one page weighs.
#[derive(Debug)]
struct Weight {
    raw: usize,
    /// As a web server sends it.
    zipped: usize,
    elements: usize,
}

impl Weight {
    fn of(page: &str) -> Self {
        let mut zipped = GzEncoder::new(Vec::new(), Compression::new(6));
        zipped.write_all(page.as_bytes()).unwrap();
        let elements = page.match_indices('<').filter(|(at, _)| !page[at + 1..].starts_with('/')).count();
        Self { raw: page.len(), zipped: zipped.finish().unwrap().len(), elements }
    }
}

/// The lists of a fleet of so many jobs, a seventh of them in trouble.
fn lists(jobs: usize, jobs_each: usize) -> BTreeMap<String, String> {
    let names: Vec<(String, String)> = (0..jobs)
        .map(|n| (n, n / jobs_each))
        .map(|(n, agent)| (format!("COMPANY{}_CITY{}_SITE{agent}", agent % 3, agent % 40), format!("db_{n}")))
        .collect();
    let status = |n: usize| match n % 91 {
        7 => Status::Failed,
        13 => Status::Missing,
        17 => Status::Late,
        _ => Status::Success,
    };
    let jobs: Vec<_> =
        names.iter().enumerate().map(|(n, (agent, db))| (agent.as_str(), db.as_str(), status(n))).collect();
    let fleet = Fleet::of(&jobs);
    let view = fleet.view();
    let mut files = BTreeMap::new();
    Site::new(&view)
        .lists(&crate::fleet::month(&view), &mut |path, content| {
            let mut bytes = Vec::new();
            content(&mut bytes)?;
            files.insert(path.to_owned(), String::from_utf8(bytes).unwrap());
            Ok(())
        })
        .unwrap();
    files
}

#[test]
fn the_overview_stays_small_at_any_size() {
    for (jobs, jobs_each) in [(60, 8), (180, 9), (100, 1), (181, 9), (2_000, 25), (20_000, 50), (20_000, 2)] {
        let files = lists(jobs, jobs_each);
        let weight = Weight::of(&files["index.html"]);
        println!("{jobs} jobs, {jobs_each} each: {weight:?}");
        assert!(weight.raw > 10_000 && weight.raw < INDEX_LIMIT, "{jobs}: {weight:?}");
        assert!(weight.zipped < INDEX_LIMIT_ZIPPED, "{jobs}: {weight:?}");
        assert!(weight.elements < ELEMENTS_LIMIT, "{jobs}: {weight:?}");
        let pieces = files.keys().filter(|path| path.starts_with("data/jobs-")).count();
        assert_eq!(pieces, if jobs > 180 { jobs.div_ceil(1_000) } else { 0 }, "{jobs}");
        let largest =
            files.iter().filter(|(path, _)| path.starts_with("data/jobs-")).map(|(_, f)| f.len()).max();
        assert!(largest.unwrap_or_default() < 200_000, "{largest:?}");
    }
}

#[test]
fn a_page_of_one_job_carries_its_assets_only_in_a_small_fleet() {
    let page_of = |jobs: usize| {
        let names: Vec<String> = (0..jobs).map(|n| format!("db_{n:03}")).collect();
        let jobs: Vec<_> = names.iter().map(|db| ("A", db.as_str(), Status::Success)).collect();
        let fleet = Fleet::of(&jobs);
        let view = fleet.view();
        let details = crate::fleet::long_details(view.jobs[0].job);
        Site::new(&view).job_page(0, &details).unwrap()
    };
    let (whole, linked) = (page_of(199), page_of(200));
    assert!(whole.contains("<style>") && !whole.contains("assets/"));
    assert!(linked.contains("../assets/site.css") && linked.contains("../assets/site.js"));
    assert!(!linked.contains("<style>"));
    assert!(whole.len() < 90_000, "{}", whole.len());
    assert!(linked.len() < 50_000 && Weight::of(&linked).zipped < 9_000, "{:?}", Weight::of(&linked));
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
    let warned = &fleet.site()[&backupmon::render::site::job_path(&fleet.jobs[10].0.id)];
    assert!(warned.contains("<p>Avertissements\u{a0}: "), "{warned}");
}

#[test]
fn a_tab_says_which_job_it_shows_and_the_bar_has_its_figures_in_words() {
    let fleet = Fleet::mixed();
    let site = fleet.site();
    let failed = &site[&backupmon::render::site::job_path(&fleet.jobs[6].0.id)];
    assert!(failed.contains("<title>Failed: paie · NORDAGRI_MAROUA_DOMAYO · backupmon</title>"), "{failed}");
    let bar = site["index.html"].split("viewBox=\"0 0 1000 10\"").nth(1).unwrap();
    let label = bar.split("aria-label=\"").nth(1).unwrap().split('"').next().unwrap();
    assert!(label.contains("1 Hash mismatch") && label.contains("2 Missing"), "{label}");
}
