//! The feed, as RFC 4287 wants it.

use std::collections::BTreeMap;

use atom_syndication::Feed;

use crate::report::Report;
use crate::{AGENT, site};

fn entries(feed: &Feed) -> BTreeMap<String, (String, String)> {
    let entry = |entry: &atom_syndication::Entry| {
        (entry.id.clone(), (entry.title.as_str().to_owned(), entry.updated.to_rfc3339()))
    };
    feed.entries.iter().map(entry).collect()
}

#[test]
fn an_incident_is_one_entry_that_its_end_updates() {
    let mut site = site();
    let read = |text: &str| text.parse::<Feed>().unwrap();
    let feed = read(&site.read("site/feed.atom"));
    assert!(feed.authors.iter().any(|author| !author.name.is_empty()));
    assert!(feed.links.iter().any(|link| link.rel == "self"), "{:?}", feed.links);
    assert!(feed.id.starts_with("tag:"), "{}", feed.id);
    let before = entries(&feed);
    assert_eq!(before.len(), feed.entries.len(), "no id twice");
    for entry in &feed.entries {
        assert!(entry.updated <= feed.updated, "{}", entry.id);
        assert!(entry.id.starts_with("tag:") && entry.content.is_some(), "{entry:?}");
        assert!(entry.links.iter().all(|link| link.href.starts_with("https://backups.example.org/")));
    }
    let titled = |entries: &BTreeMap<String, (String, String)>, part: &str| -> Vec<String> {
        let is_it = |(_, (title, _)): &(&String, &(String, String))| title.contains(part);
        entries.iter().filter(is_it).map(|(id, _)| id.clone()).collect()
    };
    let open = titled(&before, "SDMC_2020: the transfer failed at the agent");
    assert_eq!(open.len(), 1, "{before:?}");
    assert_eq!(titled(&before, "Recovered: SIRPACAM_DOUALA_NEWBELL/PAIE").len(), 1, "{before:?}");

    site.pass(chrono::TimeDelta::hours(4));
    site.deposit(&Report::of(AGENT).good("PAIE", "more").good("SDMC_2020", "two"));
    site.run(["run", "-q"]).silent();
    let after = entries(&read(&site.read("site/feed.atom")));
    assert_eq!(after.keys().collect::<Vec<_>>(), before.keys().collect::<Vec<_>>());
    let (title, updated) = &after[&open[0]];
    assert!(title.starts_with("Recovered: ") && *updated > before[&open[0]].1, "{title} {updated}");
}
