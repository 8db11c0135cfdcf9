//! How a frozen message leaves the house.

use crate::domain::text::{cut, printable};
use crate::store::FrozenMail;

/// Longest reason that is kept of a failure, in characters.
const REASON_LIMIT: usize = 300;

pub trait Transport {
    /// Hands the mail over, exactly as it is, to its one recipient.
    ///
    /// # Errors
    /// When the server did not say that it accepted the mail. It may have accepted it all the same.
    fn send(&self, mail: &FrozenMail) -> Result<(), SendError>;
}

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct SendError {
    /// Printable, and without any secret.
    pub message: String,
    /// The server refused for good: trying again makes no sense until somebody mends it.
    pub permanent: bool,
    /// It is no matter of this mail: any other would meet the same, so that no other need be tried in this run.
    pub everyone: bool,
}

impl SendError {
    #[must_use]
    pub fn transient(message: &str) -> Self {
        Self { message: cut(&printable(message), REASON_LIMIT), permanent: false, everyone: false }
    }

    #[must_use]
    pub fn permanent(message: &str) -> Self {
        Self { permanent: true, ..Self::transient(message) }
    }

    #[must_use]
    pub fn for_everyone(self) -> Self {
        Self { everyone: true, ..self }
    }
}
