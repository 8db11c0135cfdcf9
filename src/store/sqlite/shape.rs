//! Whether a state has the schema that its number promises, word for word.
//!
//! `SQLite` keeps the schema as text in a table like any other. A bit that flips in the name of a column leaves a file
//! without a fault: every check passes, each copy has it too, and the first query that needs the column fails. So the text
//! is compared with what the migrations make of nothing. As that takes a millisecond or two, which every command would pay,
//! the digest of the right text is asked first; a digest that is out of date costs that time and nothing else.
//!
//! A state that was migrated has the text of a new one, for both went through the same migrations.

use std::collections::BTreeSet;
use std::path::Path;

use rusqlite::{Connection, Result};

use super::errors::explain;
use super::migrate::{self, MIGRATIONS};
use crate::domain::Digest;
use crate::domain::text::printable;
use crate::store::{self, StoreError};

/// Kind, name and table of an object, and the words that made it; none for an index that `SQLite` makes by itself.
type Object = (String, String, String, Option<String>);

/// Of the text of the newest schema. A test says what it should be.
const NEWEST: &str = "6c2abdad3652cdd3c102de2ae7f24c4a970fb81306413c7f6b4e74227f583938";

/// That the schema is the one that these migrations make.
///
/// # Errors
/// When it is another one, or cannot be read.
pub(super) fn verify(db: &Connection, path: &Path, migrations: &[&str]) -> store::Result<()> {
    let failed = |error| explain(path, "be compared with its schema", &error);
    let found = objects(db).map_err(failed)?;
    if migrations == MIGRATIONS && digest(&found).to_string() == NEWEST {
        return Ok(());
    }
    let promised = promised(migrations).map_err(failed)?;
    let absent = promised.difference(&found);
    let Some((kind, name, ..)) = absent.chain(found.difference(&promised)).next() else { return Ok(()) };
    let (kind, name) = (printable(kind), printable(name));
    let reason = format!("its {kind} `{name}` is not built as backupmon builds it");
    Err(StoreError::Damaged { path: path.to_owned(), reason })
}

fn promised(migrations: &[&str]) -> Result<BTreeSet<Object>> {
    let mut db = Connection::open_in_memory()?;
    migrate::migrate(&mut db, migrations, |_| Ok(()))?;
    objects(&db)
}

/// Of every object, in order; each value with its length, so that none can run into the next.
fn digest(objects: &BTreeSet<Object>) -> Digest {
    let mut text = String::new();
    for (kind, name, table, sql) in objects {
        for value in [kind, name, table, sql.as_deref().unwrap_or_default()] {
            text.push_str(&format!("{}:{value}", value.len()));
        }
    }
    Digest::of(text.as_bytes())
}

/// What `ANALYZE` adds is nobody's promise.
fn objects(db: &Connection) -> Result<BTreeSet<Object>> {
    const OBJECTS: &str = "SELECT type, name, tbl_name, sql FROM sqlite_schema WHERE name NOT LIKE 'sqlite\\_stat%' ESCAPE '\\'";
    let mut query = db.prepare(OBJECTS)?;
    let rows = query.query_map([], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?)))?;
    rows.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const MORE: &str = "ALTER TABLE meta ADD COLUMN note TEXT; CREATE INDEX notes ON meta (note);";

    fn made_by(migrations: &[&str]) -> Connection {
        let mut db = Connection::open_in_memory().unwrap();
        migrate::migrate(&mut db, migrations, |_| Ok(())).unwrap();
        db
    }

    fn found(db: &Connection, migrations: &[&str]) -> String {
        verify(db, Path::new("/s"), migrations)
            .map_or_else(|error| error.to_string(), |()| "as it should".into())
    }

    #[test]
    fn a_state_has_the_same_words_whether_it_was_migrated_or_begun() {
        let more = [MIGRATIONS, &[MORE]].concat();
        let mut migrated = made_by(MIGRATIONS);
        assert_eq!(found(&migrated, MIGRATIONS), "as it should");
        assert!(found(&migrated, &more).contains("its index `notes`"));
        migrate::migrate(&mut migrated, &more, |_| Ok(())).unwrap();
        assert_eq!(found(&migrated, &more), "as it should");
        migrated.execute_batch("VACUUM; ANALYZE").unwrap();
        assert_eq!(found(&migrated, &more), "as it should");
    }

    #[test]
    fn the_digest_is_that_of_the_newest_schema() {
        assert_eq!(digest(&promised(MIGRATIONS).unwrap()).to_string(), NEWEST);
    }

    #[test]
    fn whatever_was_built_otherwise_is_named() {
        for (otherwise, name) in [
            ("ALTER TABLE jobs RENAME COLUMN covered_by TO covered_bx", "its table `jobs`"),
            ("DROP INDEX reports_open", "its index `reports_open`"),
            ("DROP TRIGGER entry_added", "its trigger `entry_added`"),
            ("CREATE TRIGGER spy AFTER INSERT ON jobs BEGIN SELECT 1; END", "its trigger `spy`"),
        ] {
            let db = made_by(MIGRATIONS);
            db.execute_batch(otherwise).unwrap();
            let said = found(&db, MIGRATIONS);
            assert!(said.starts_with("the state `/s` is damaged: "), "{said}");
            assert!(said.contains(name), "{otherwise}: {said}");
        }
    }
}
