//! A sum over the values of a row, beside them: what shows that a bit of them has flipped since they were written.
//!
//! `SQLite` has none. A flag is one bit, and so is the difference between no time and the year 1970: a job that is held,
//! expected or watched would not be so any more, in a file in which every check of `SQLite` finds no fault. CRC-32 sees
//! every flip of one bit, and of all bits within 32; it is no defence against somebody who writes the file on purpose.
//!
//! Jobs have one, for what they say is what all else follows from, and there are few of them. The history, which is large,
//! has none: its statuses are words that no single bit turns into one another.
//!
//! A migration that changes what such a row holds must be followed by a new sum of each.

use rusqlite::types::{ToSql, ToSqlOutput, Type, ValueRef};
use rusqlite::{Error, Result, Row};

use super::errors::refusal;

#[derive(Debug, thiserror::Error)]
#[error("the row of `{0}` is not as it was written")]
struct Changed(String);

/// Usual rows fit, and then take one allocation.
const USUAL_ROW: usize = 1024;

/// Of the values that are about to be written.
pub(super) fn of_parameters(values: &[&dyn ToSql]) -> Result<u32> {
    let mut bytes = Vec::with_capacity(USUAL_ROW);
    for value in values {
        match value.to_sql()? {
            ToSqlOutput::Borrowed(value) => add(&mut bytes, value),
            ToSqlOutput::Owned(value) => add(&mut bytes, ValueRef::from(&value)),
            _ => return Err(refusal("a value that has no sum")),
        }
    }
    Ok(crc32fast::hash(&bytes))
}

/// Of the first so many columns of a row.
pub(super) fn of_row(row: &Row<'_>, columns: usize) -> Result<u32> {
    let mut bytes = Vec::with_capacity(USUAL_ROW);
    for column in 0..columns {
        add(&mut bytes, row.get_ref(column)?);
    }
    Ok(crc32fast::hash(&bytes))
}

/// That the first so many columns still have the sum that stands behind them. `name` says whose row it is.
pub(super) fn verify(row: &Row<'_>, columns: usize, name: &str) -> Result<()> {
    if row.get::<_, i64>(columns)? == i64::from(of_row(row, columns)?) {
        return Ok(());
    }
    Err(Error::FromSqlConversionFailure(columns, Type::Integer, Changed(name.to_owned()).into()))
}

/// Each value with its kind, and with its length where it has one: so that none can stand for another, or for two.
fn add(bytes: &mut Vec<u8>, value: ValueRef<'_>) {
    match value {
        ValueRef::Null => bytes.push(0),
        ValueRef::Integer(number) => {
            bytes.push(1);
            bytes.extend(number.to_le_bytes());
        }
        ValueRef::Real(number) => {
            bytes.push(2);
            bytes.extend(number.to_le_bytes());
        }
        ValueRef::Text(text) => sized(bytes, 3, text),
        ValueRef::Blob(blob) => sized(bytes, 4, blob),
    }
}

fn sized(bytes: &mut Vec<u8>, kind: u8, value: &[u8]) {
    bytes.push(kind);
    bytes.extend((value.len() as u64).to_le_bytes());
    bytes.extend(value);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_of_another_kind_or_cut_otherwise_have_another_sum() {
        let none: Option<i64> = None;
        let rows: [&[&dyn ToSql]; 8] = [
            &[&0],
            &[&false, &0],
            &[&none],
            &[&"ab", &"c"],
            &[&"a", &"bc"],
            &[&"abc"],
            &[&b"abc"[..].to_vec()],
            &[&1.5],
        ];
        let sums: std::collections::HashSet<u32> =
            rows.iter().map(|row| of_parameters(row).unwrap()).collect();
        assert_eq!(sums.len(), rows.len());
    }

    #[test]
    fn what_is_read_has_the_sum_of_what_was_written() {
        let db = rusqlite::Connection::open_in_memory().unwrap();
        let row: &[&dyn ToSql] = &[&7, &"text", &None::<i64>, &b"blob"[..].to_vec(), &-1_i64, &true, &""];
        let sum = of_parameters(row).unwrap();
        let read = |row: &Row<'_>| of_row(row, 7);
        assert_eq!(db.query_row("SELECT ?1, ?2, ?3, ?4, ?5, ?6, ?7", row, read).unwrap(), sum);
    }
}
