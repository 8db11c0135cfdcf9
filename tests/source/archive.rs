//! Reports that are put away: nothing of anybody else's is touched, nothing is overwritten, nothing unread goes.

use std::fs;
use std::os::unix::fs::symlink;

use backupmon::source::{Fault, Shelf, Source};

use crate::tree::{HONEST, HOSTILE, Tree};

/// Puts a report of the hostile agent away as it now is.
fn put_away(tree: &Tree, file: &str) -> Result<bool, Fault> {
    let agent = tree.agent(HOSTILE);
    let identity = tree.source.look_at_report(&agent, file)?;
    tree.source.put_away(&agent, file, &identity, Shelf::Archive)
}

fn read(tree: &Tree, path: &str) -> String {
    fs::read_to_string(tree.path(HOSTILE, path)).unwrap()
}

#[test]
fn reports_of_one_name_are_numbered_and_the_very_same_one_stays() {
    let tree = Tree::new();
    for (content, moved) in [("one", true), ("second", true), ("a third", true)] {
        tree.write(HOSTILE, "log/r.json", content.as_bytes());
        assert_eq!(put_away(&tree, "r.json"), Ok(moved), "{content}");
    }
    let names = ["r.json", "r.1.json", "r.2.json"];
    assert_eq!(names.map(|name| read(&tree, &format!("log/_archive/{name}"))), ["one", "second", "a third"]);
    // An agent that synchronises its folder sends the same file, with the same times, again and again.
    fs::copy(tree.path(HOSTILE, "log/_archive/r.1.json"), tree.path(HOSTILE, "log/r.json")).unwrap();
    let of = |name: &str| fs::File::options().write(true).open(tree.path(HOSTILE, name)).unwrap();
    let mtime = of("log/_archive/r.1.json").metadata().unwrap().modified().unwrap();
    of("log/r.json").set_modified(mtime).unwrap();
    assert_eq!(put_away(&tree, "r.json"), Ok(false));
    assert_eq!(read(&tree, "log/r.json"), "second");
    assert!(tree.listed().iter().all(|(name, _)| name == "r.json"), "shelves are not looked into");
}

#[test]
fn what_came_in_its_place_is_left_to_be_read() {
    let tree = Tree::new();
    tree.write(HOSTILE, "log/r.json", b"judged");
    let agent = tree.agent(HOSTILE);
    let judged = tree.source.look_at_report(&agent, "r.json").unwrap();
    tree.write(HOSTILE, "log/new.json", b"not yet read");
    fs::rename(tree.path(HOSTILE, "log/new.json"), tree.path(HOSTILE, "log/r.json")).unwrap();
    assert_eq!(tree.source.put_away(&agent, "r.json", &judged, Shelf::Archive), Ok(false));
    assert_eq!(read(&tree, "log/r.json"), "not yet read");
    fs::remove_file(tree.path(HOSTILE, "log/r.json")).unwrap();
    assert_eq!(tree.source.put_away(&agent, "r.json", &judged, Shelf::Archive), Err(Fault::Absent));
}

#[test]
fn a_shelf_that_leads_elsewhere_is_refused() {
    let tree = Tree::new();
    tree.write(HOSTILE, "log/r.json", b"x");
    let shelf = tree.path(HOSTILE, "log/_archive");
    for target in [tree.path(HONEST, "log"), tree.path(HONEST, "databases"), "../..".into()] {
        symlink(&target, &shelf).unwrap();
        let refused = Fault::Agents("its folder `_archive` is a symbolic link".to_owned());
        assert_eq!(put_away(&tree, "r.json"), Err(refused), "{}", target.display());
        fs::remove_file(&shelf).unwrap();
    }
    fs::write(&shelf, "a file").unwrap();
    assert!(matches!(put_away(&tree, "r.json"), Err(Fault::Agents(_))));
    assert_eq!(read(&tree, "log/r.json"), "x");
    let whole = tree.source.put_away(
        &tree.agent(HOSTILE),
        "../../HONEST_SITE_A/log/2026-06-15_05-00-00.json",
        &tree.source.look_at_report(&tree.agent(HOSTILE), "r.json").unwrap(),
        Shelf::Rejected,
    );
    assert!(whole.is_err(), "{whole:?}");
}
