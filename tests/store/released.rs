//! Every schema that was ever released opens, keeps its content, and becomes the newest one.

use std::fs;
use std::path::{Path, PathBuf};

use backupmon::store::{Sqlite, Store};
use rusqlite::Connection;

use crate::sample::{assert_filled, at, fill};

fn fixtures() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/state")
}

fn schema(path: &Path) -> Vec<(String, Option<String>)> {
    let db = Connection::open(path).unwrap();
    let mut query = db.prepare("SELECT name, sql FROM sqlite_schema ORDER BY name").unwrap();
    query.query_map([], |row| Ok((row.get(0)?, row.get(1)?))).unwrap().map(Result::unwrap).collect()
}

/// Also holds that no released migration is edited: its fixture would then keep the schema that it was made with.
#[test]
fn every_released_schema_opens_and_becomes_the_newest() {
    let folder = tempfile::tempdir().unwrap();
    let fresh = folder.path().join("fresh.db");
    drop(Sqlite::open(&fresh, at(0), true).unwrap());
    for version in 1..=Sqlite::schema() {
        let name = format!("v{version}.db");
        let copy = folder.path().join(&name);
        fs::copy(fixtures().join(&name), &copy).expect("each schema has its fixture; see make_fixture");
        {
            let state = Sqlite::open(&copy, at(999), false).unwrap();
            assert_filled(&state);
            let meta = state.meta().unwrap();
            assert_eq!((meta.created_at, meta.fixed_clock), (at(0), true), "{name}");
        }
        assert_eq!(schema(&copy), schema(&fresh), "{name}");
    }
}

/// `cargo test --test store make_fixture -- --ignored`, once, when a schema is about to be released.
#[test]
#[ignore = "writes fixtures/state/v<N>.db of the newest schema, unless it is there"]
fn make_fixture() {
    let folder = tempfile::tempdir().unwrap();
    let mut state = Sqlite::open(&folder.path().join("state.db"), at(0), true).unwrap();
    fill(&mut state);
    let copy = folder.path().join("copy.db");
    state.copy_to(&copy).unwrap();
    // Small pages: most tables hold a row or two.
    let fixture = fixtures().join(format!("v{}.db", Sqlite::schema()));
    let db = Connection::open(&copy).unwrap();
    db.pragma_update(None, "page_size", 512).unwrap();
    db.execute("VACUUM INTO ?1", [fixture.to_str().unwrap()]).unwrap();
}
