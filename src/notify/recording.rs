//! A transport that keeps what it was given, and fails where it is told to: for tests and simulations.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::transport::{SendError, Transport};
use crate::store::FrozenMail;

/// Clones share what they recorded.
#[derive(Debug, Clone, Default)]
pub struct Recording(Arc<Mutex<Inner>>);

#[derive(Debug, Default)]
struct Inner {
    accepted: Vec<FrozenMail>,
    tried: usize,
    failures: HashMap<String, SendError>,
}

impl Recording {
    fn inner(&self) -> MutexGuard<'_, Inner> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// From now on mails to `recipient` fail so; `None`: they are accepted again.
    pub fn fail(&self, recipient: &str, error: Option<SendError>) {
        let mut inner = self.inner();
        match error {
            Some(error) => inner.failures.insert(recipient.to_owned(), error),
            None => inner.failures.remove(recipient),
        };
    }

    /// Takes out what was accepted since the last call.
    #[must_use]
    pub fn take(&self) -> Vec<FrozenMail> {
        std::mem::take(&mut self.inner().accepted)
    }

    /// How many mails it was ever given.
    #[must_use]
    pub fn tried(&self) -> usize {
        self.inner().tried
    }
}

impl Transport for Recording {
    fn send(&self, mail: &FrozenMail) -> Result<(), SendError> {
        let mut inner = self.inner();
        inner.tried += 1;
        if let Some(error) = inner.failures.get(&mail.recipient) {
            return Err(error.clone());
        }
        inner.accepted.push(mail.clone());
        Ok(())
    }
}
