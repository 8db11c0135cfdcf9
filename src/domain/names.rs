//! The names of agents, databases and jobs.
//!
//! A name is any text that SPEC section 3 lets through. It is never joined to a path unchecked:
//! a value of these types cannot hold a separator, a control character, `.` or `..`.
//!
//! Names stand in many places at once (a fleet's jobs, their incidents, whatever is looked up by them), so a copy of one
//! shares its text.

use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::Digest;

/// Longest name of an agent or a database, in bytes.
pub const NAME_LIMIT: usize = 200;
/// Longest job id, in bytes.
pub const ID_LIMIT: usize = 80;
const HASH_DIGITS: usize = 8;

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NameError {
    #[error("the name is empty")]
    Empty,
    #[error("the name is `.` or `..`")]
    Dots,
    #[error("the name is longer than {NAME_LIMIT} bytes")]
    TooLong,
    #[error("the name holds a slash, a backslash or a control character")]
    Forbidden,
}

fn check(name: &str) -> Result<(), NameError> {
    if name.is_empty() {
        return Err(NameError::Empty);
    }
    if name == "." || name == ".." {
        return Err(NameError::Dots);
    }
    if name.len() > NAME_LIMIT {
        return Err(NameError::TooLong);
    }
    if name.chars().any(|c| c == '/' || c == '\\' || c.is_control()) {
        return Err(NameError::Forbidden);
    }
    Ok(())
}

macro_rules! name {
    ($(#[$doc:meta])* $type:ident) => {
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(try_from = "String", into = "String")]
        pub struct $type(Arc<str>);

        impl $type {
            /// # Errors
            /// When the text is no name by SPEC section 3.
            pub fn new(name: impl Into<String>) -> Result<Self, NameError> {
                let name = name.into();
                check(&name)?;
                Ok(Self(name.into()))
            }

            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl TryFrom<String> for $type {
            type Error = NameError;
            fn try_from(name: String) -> Result<Self, NameError> {
                Self::new(name)
            }
        }

        impl From<$type> for String {
            fn from(name: $type) -> String {
                name.0.as_ref().to_owned()
            }
        }

        impl fmt::Display for $type {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }
    };
}

name! {
    /// One site's sender, known by the folder that it writes in.
    AgentId
}
name! {
    /// A database as its agent names it.
    DatabaseName
}

/// What a job is about: one database of one agent. Written `AGENT/DATABASE`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct JobKey {
    pub agent: AgentId,
    pub database: DatabaseName,
}

impl JobKey {
    #[must_use]
    pub fn id(&self) -> JobId {
        JobId::of(self)
    }
}

impl fmt::Display for JobKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.agent, self.database)
    }
}

impl FromStr for JobKey {
    type Err = NameError;

    fn from_str(text: &str) -> Result<Self, NameError> {
        let (agent, database) = text.split_once('/').ok_or(NameError::Forbidden)?;
        Ok(Self { agent: AgentId::new(agent)?, database: DatabaseName::new(database)? })
    }
}

/// A job's stable name in commands, files and JSON: `[a-z0-9._-]`, at most [`ID_LIMIT`] bytes.
///
/// `agent.database-hhhhhhhh`, both lower-cased with other characters as `-`, cut where too long;
/// the 8 hex digits are the start of the SHA-256 of `AGENT/DATABASE`, so that two jobs that look
/// alike never share an id.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(from = "String", into = "String")]
pub struct JobId(Arc<str>);

impl JobId {
    #[must_use]
    pub fn of(key: &JobKey) -> Self {
        let hash = Digest::of(key.to_string().as_bytes()).short(HASH_DIGITS);
        let mut id = format!("{}.{}", slug(key.agent.as_str()), slug(key.database.as_str()));
        id.truncate(ID_LIMIT - HASH_DIGITS - 1);
        Self(format!("{id}-{hash}").into())
    }

    /// An id as somebody typed or stored it; it need not belong to a job.
    #[must_use]
    pub fn from_text(text: impl Into<String>) -> Self {
        Self(text.into().into())
    }

    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl From<String> for JobId {
    fn from(text: String) -> Self {
        Self(text.into())
    }
}

impl From<JobId> for String {
    fn from(id: JobId) -> String {
        id.0.as_ref().to_owned()
    }
}

impl fmt::Display for JobId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// ASCII only, so that cutting it at a byte cannot split a character.
fn slug(name: &str) -> String {
    name.chars()
        .map(|c| match c.to_ascii_lowercase() {
            c @ ('a'..='z' | '0'..='9' | '_' | '.') => c,
            _ => '-',
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(agent: &str, database: &str) -> JobKey {
        JobKey { agent: AgentId::new(agent).unwrap(), database: DatabaseName::new(database).unwrap() }
    }

    #[test]
    fn a_name_may_be_any_text_but_never_a_path() {
        for good in ["SDMC_2025", "é 😀", "<script>", "a.b", "...", " x "] {
            assert!(DatabaseName::new(good).is_ok(), "{good:?}");
        }
        for (bad, why) in [
            ("", NameError::Empty),
            (".", NameError::Dots),
            ("..", NameError::Dots),
            ("a/b", NameError::Forbidden),
            ("a\\b", NameError::Forbidden),
            ("a\nb", NameError::Forbidden),
            ("a\u{85}b", NameError::Forbidden),
        ] {
            assert_eq!(DatabaseName::new(bad), Err(why), "{bad:?}");
        }
        assert!(DatabaseName::new("x".repeat(NAME_LIMIT)).is_ok());
        assert_eq!(DatabaseName::new("x".repeat(NAME_LIMIT + 1)), Err(NameError::TooLong));
    }

    #[test]
    fn an_id_is_short_plain_and_different_for_names_that_differ_only_in_case() {
        let id = key("SIRPACAM_DOUALA", "Éa b").id();
        assert!(id.as_str().starts_with("sirpacam_douala.-a-b-"), "{id}");
        assert!(
            id.as_str().bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b"._-".contains(&b))
        );
        assert_ne!(key("A", "b").id(), key("A", "B").id());
        assert!(key(&"A".repeat(200), &"😀".repeat(50)).id().as_str().len() <= ID_LIMIT);
    }
}
