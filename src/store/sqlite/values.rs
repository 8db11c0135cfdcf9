//! How the domain's values stand in a column, and how they are read back. The only place that knows both.
//!
//! Times are whole microseconds since 1970 UTC, rounded down: all of chrono's range, and exact for what agents write.

use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};

use chrono::DateTime;
use rusqlite::types::{FromSql, FromSqlError, FromSqlResult, ToSql, ToSqlOutput, ValueRef};
use rusqlite::{Result, Row};
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::domain::entry::Hold;
use crate::domain::incident::IncidentKind;
use crate::domain::job::FileIdentity;
use crate::domain::verdict::Layer;
use crate::domain::{AgentId, Cause, DatabaseName, Digest, JobId, Severity, Status, Time, Warning};
use crate::store::{MailKind, News, ReportState};

/// A value that is stored as its stable word.
pub(super) trait Word: Copy {
    fn to_word(self) -> &'static str;
    fn of_word(word: &str) -> Option<Self>;
}

macro_rules! stored_as_word {
    ($($type:ty),*) => {$(
        impl Word for $type {
            fn to_word(self) -> &'static str {
                self.word()
            }
            fn of_word(word: &str) -> Option<Self> {
                Self::from_word(word)
            }
        }
    )*};
}
stored_as_word!(Status, Cause, Severity, IncidentKind, ReportState, News, MailKind, Hold, Layer);

pub(super) struct Worded<T>(pub T);
pub(super) struct Micros(pub Time);
pub(super) struct Sha<'a>(pub &'a Digest);
pub(super) struct Unsigned(pub u64);
pub(super) struct PathBytes<'a>(pub &'a Path);

impl<T: Word> ToSql for Worded<T> {
    fn to_sql(&self) -> Result<ToSqlOutput<'_>> {
        Ok(self.0.to_word().into())
    }
}

impl ToSql for Micros {
    fn to_sql(&self) -> Result<ToSqlOutput<'_>> {
        Ok(self.0.timestamp_micros().into())
    }
}

impl ToSql for Sha<'_> {
    fn to_sql(&self) -> Result<ToSqlOutput<'_>> {
        Ok(ToSqlOutput::Borrowed(ValueRef::Blob(&self.0.0)))
    }
}

impl ToSql for Unsigned {
    fn to_sql(&self) -> Result<ToSqlOutput<'_>> {
        Ok(self.0.cast_signed().into())
    }
}

impl ToSql for PathBytes<'_> {
    fn to_sql(&self) -> Result<ToSqlOutput<'_>> {
        Ok(ToSqlOutput::Borrowed(ValueRef::Blob(self.0.as_os_str().as_bytes())))
    }
}

/// A checksum as its agent wrote it: 32 bytes where that loses nothing, else text.
pub(super) struct Reported<'a>(pub &'a str);

impl ToSql for Reported<'_> {
    fn to_sql(&self) -> Result<ToSqlOutput<'_>> {
        match self.0.parse::<Digest>() {
            Ok(digest) if digest.to_string() == self.0 => Ok(digest.0.to_vec().into()),
            _ => Ok(self.0.into()),
        }
    }
}

/// Optional values, in the words that a list of parameters needs.
pub(super) fn time(time: Option<Time>) -> Option<Micros> {
    time.map(Micros)
}

pub(super) fn unsigned(number: Option<u64>) -> Option<Unsigned> {
    number.map(Unsigned)
}

pub(super) fn sha(digest: Option<&Digest>) -> Option<Sha<'_>> {
    digest.map(Sha)
}

/// `None` for what is empty, so that 20,000 plain jobs need no JSON at all.
pub(super) fn json_unless<T: Serialize>(empty: bool, value: &T) -> Result<Option<String>> {
    if empty {
        return Ok(None);
    }
    serde_json::to_string(value).map(Some).map_err(|e| rusqlite::Error::ToSqlConversionFailure(e.into()))
}

pub(super) fn warnings_json(warnings: &Vec<Warning>) -> Result<Option<String>> {
    json_unless(warnings.is_empty(), warnings)
}

/// The columns of a row, taken from left to right in the order of the query: looking one up by its name takes longer
/// than reading it.
pub(super) struct Columns<'r> {
    row: &'r Row<'r>,
    next: usize,
}

impl<'r> Columns<'r> {
    pub(super) fn of(row: &'r Row<'r>) -> Self {
        Self { row, next: 0 }
    }

    pub(super) fn take<T: FromSql>(&mut self) -> Result<T> {
        let index = self.next;
        self.next += 1;
        self.row.get(index)
    }

    pub(super) fn time(&mut self) -> Result<Time> {
        self.take::<ReadTime>().map(|read| read.0)
    }

    pub(super) fn time_or_none(&mut self) -> Result<Option<Time>> {
        Ok(self.take::<Option<ReadTime>>()?.map(|read| read.0))
    }

    pub(super) fn word<T: Word>(&mut self) -> Result<T> {
        self.take::<ReadWord<T>>().map(|read| read.0)
    }

    pub(super) fn word_or_none<T: Word>(&mut self) -> Result<Option<T>> {
        Ok(self.take::<Option<ReadWord<T>>>()?.map(|read| read.0))
    }

    pub(super) fn digest(&mut self) -> Result<Digest> {
        self.take::<ReadSha>().map(|read| read.0)
    }

    pub(super) fn digest_or_none(&mut self) -> Result<Option<Digest>> {
        Ok(self.take::<Option<ReadSha>>()?.map(|read| read.0))
    }

    pub(super) fn unsigned(&mut self) -> Result<u64> {
        self.take::<i64>().map(i64::cast_unsigned)
    }

    pub(super) fn unsigned_or_none(&mut self) -> Result<Option<u64>> {
        Ok(self.take::<Option<i64>>()?.map(i64::cast_unsigned))
    }

    pub(super) fn json_or_default<T: DeserializeOwned + Default>(&mut self) -> Result<T> {
        Ok(self.take::<Option<ReadJson<T>>>()?.map(|read| read.0).unwrap_or_default())
    }

    pub(super) fn agent(&mut self) -> Result<AgentId> {
        self.take::<ReadName<AgentId>>().map(|read| read.0)
    }

    pub(super) fn database(&mut self) -> Result<DatabaseName> {
        self.take::<ReadName<DatabaseName>>().map(|read| read.0)
    }

    pub(super) fn job_id(&mut self) -> Result<JobId> {
        self.take::<String>().map(JobId::from_text)
    }

    pub(super) fn path(&mut self) -> Result<PathBuf> {
        self.take::<ReadPath>().map(|read| read.0)
    }

    pub(super) fn reported(&mut self) -> Result<Option<String>> {
        Ok(self.take::<Option<ReadReported>>()?.map(|read| read.0))
    }

    pub(super) fn identity(&mut self) -> Result<FileIdentity> {
        Ok(FileIdentity {
            device: self.unsigned()?,
            inode: self.unsigned()?,
            size: self.unsigned()?,
            mtime: self.take()?,
            ctime: self.take()?,
        })
    }

    /// Leaves out columns whose value is absent because the one before them was.
    pub(super) fn skip(&mut self, columns: usize) {
        self.next += columns;
    }
}

struct ReadTime(Time);
struct ReadWord<T>(T);
struct ReadSha(Digest);
struct ReadJson<T>(T);
struct ReadName<T>(T);
struct ReadPath(PathBuf);
struct ReadReported(String);

#[derive(Debug, thiserror::Error)]
enum Unreadable {
    #[error("{0} is no time")]
    Time(i64),
    #[error("`{0}` is no word of this column")]
    Word(String),
    #[error("{0} bytes are no SHA-256")]
    Sha(usize),
}

impl FromSql for ReadTime {
    fn column_result(value: ValueRef<'_>) -> FromSqlResult<Self> {
        let micros = value.as_i64()?;
        DateTime::from_timestamp_micros(micros)
            .map(Self)
            .ok_or_else(|| FromSqlError::other(Unreadable::Time(micros)))
    }
}

impl<T: Word> FromSql for ReadWord<T> {
    fn column_result(value: ValueRef<'_>) -> FromSqlResult<Self> {
        let word = value.as_str()?;
        T::of_word(word).map(Self).ok_or_else(|| FromSqlError::other(Unreadable::Word(word.to_owned())))
    }
}

impl FromSql for ReadSha {
    fn column_result(value: ValueRef<'_>) -> FromSqlResult<Self> {
        let bytes = value.as_blob()?;
        match bytes.try_into() {
            Ok(sha256) => Ok(Self(Digest(sha256))),
            Err(_) => Err(FromSqlError::other(Unreadable::Sha(bytes.len()))),
        }
    }
}

impl<T: DeserializeOwned> FromSql for ReadJson<T> {
    fn column_result(value: ValueRef<'_>) -> FromSqlResult<Self> {
        serde_json::from_str(value.as_str()?).map(Self).map_err(FromSqlError::other)
    }
}

impl<T: TryFrom<String, Error: std::error::Error + Send + Sync + 'static>> FromSql for ReadName<T> {
    fn column_result(value: ValueRef<'_>) -> FromSqlResult<Self> {
        T::try_from(value.as_str()?.to_owned()).map(Self).map_err(FromSqlError::other)
    }
}

impl FromSql for ReadPath {
    fn column_result(value: ValueRef<'_>) -> FromSqlResult<Self> {
        Ok(Self(OsStr::from_bytes(value.as_blob()?).into()))
    }
}

impl FromSql for ReadReported {
    fn column_result(value: ValueRef<'_>) -> FromSqlResult<Self> {
        match value {
            ValueRef::Blob(_) => ReadSha::column_result(value).map(|sha256| Self(sha256.0.to_string())),
            _ => Ok(Self(value.as_str()?.to_owned())),
        }
    }
}
