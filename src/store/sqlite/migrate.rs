//! Numbered, append-only migrations, counted by `SQLite`'s `user_version`.
//!
//! A released file under `sql/` is never edited: a change of the schema is the next number, and one more line here.

use rusqlite::{Connection, Result, TransactionBehavior};

use super::errors::refusal;

/// Migration n brings schema n-1 to schema n.
pub(super) const MIGRATIONS: &[&str] = &[include_str!("../sql/0001_first.sql")];

/// The schema that this program reads and writes.
pub(super) fn newest(migrations: &[&str]) -> i64 {
    i64::try_from(migrations.len()).unwrap_or(i64::MAX)
}

pub(super) fn version(db: &Connection) -> Result<i64> {
    db.pragma_query_value(None, "user_version", |row| row.get(0))
}

/// Brings the schema to the newest, in one exclusive transaction; `begin` runs in it first where the schema is new.
///
/// # Errors
/// Whatever fails leaves the old schema with the old content.
pub(super) fn migrate(
    db: &mut Connection,
    migrations: &[&str],
    begin: impl FnOnce(&Connection) -> Result<()>,
) -> Result<()> {
    // Rebuilding a table drops it for a moment, which the keys that point to it would forbid.
    // They are checked as a whole before the commit instead.
    db.pragma_update(None, "foreign_keys", false)?;
    let outcome = migrate_unguarded(db, migrations, begin);
    db.pragma_update(None, "foreign_keys", true)?;
    outcome
}

fn migrate_unguarded(
    db: &mut Connection,
    migrations: &[&str],
    begin: impl FnOnce(&Connection) -> Result<()>,
) -> Result<()> {
    let transaction = db.transaction_with_behavior(TransactionBehavior::Exclusive)?;
    // Read under the lock: another process may have migrated since this one looked.
    let found = version(&transaction)?;
    let done = usize::try_from(found).unwrap_or(usize::MAX);
    let Some(pending @ [_, ..]) = migrations.get(done..) else { return Ok(()) };
    for sql in pending {
        transaction.execute_batch(sql)?;
    }
    if found == 0 {
        begin(&transaction)?;
    }
    transaction.pragma_update(None, "user_version", newest(migrations))?;
    if transaction.prepare("PRAGMA foreign_key_check")?.exists([])? {
        return Err(refusal("a row would point to one that is not there"));
    }
    transaction.commit()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tables(db: &Connection) -> Vec<String> {
        let mut query =
            db.prepare("SELECT name FROM sqlite_schema WHERE name LIKE 't_' ORDER BY name").unwrap();
        query.query_map([], |row| row.get(0)).unwrap().map(Result::unwrap).collect()
    }

    #[test]
    fn each_migration_is_applied_once_and_in_order() {
        let mut db = Connection::open_in_memory().unwrap();
        let one = "CREATE TABLE t1 (a); INSERT INTO t1 VALUES (1);";
        let two = "CREATE TABLE t2 AS SELECT a + 1 AS a FROM t1;";
        let mut begun = 0;
        for migrations in [&[one][..], &[one], &[one, two], &[one, two]] {
            migrate(&mut db, migrations, |_| {
                begun += 1;
                Ok(())
            })
            .unwrap();
            assert_eq!(version(&db).unwrap(), newest(migrations));
        }
        assert_eq!(begun, 1, "only a new schema is begun");
        assert_eq!(tables(&db), ["t1", "t2"]);
        assert_eq!(db.query_row("SELECT a FROM t2", [], |row| row.get::<_, i64>(0)).unwrap(), 2);
    }

    #[test]
    fn a_migration_that_fails_half_way_leaves_the_old_state() {
        let mut db = Connection::open_in_memory().unwrap();
        let one = "CREATE TABLE t1 (a);";
        migrate(&mut db, &[one], |_| Ok(())).unwrap();
        let dangling = "CREATE TABLE t3 (a REFERENCES t4 (a)); CREATE TABLE t4 (a PRIMARY KEY); INSERT INTO t3 VALUES (1);";
        for broken in ["CREATE TABLE t2 (a); DROP TABLE t1; no sql;", dangling] {
            assert!(migrate(&mut db, &[one, "CREATE TABLE t5 (a);", broken], |_| Ok(())).is_err());
            assert_eq!(version(&db).unwrap(), 1);
            assert_eq!(tables(&db), ["t1"]);
            assert!(db.pragma_query_value(None, "foreign_keys", |row| row.get::<_, bool>(0)).unwrap());
        }
    }
}
