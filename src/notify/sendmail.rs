//! The host's own `sendmail`, which queues by itself.

use std::ffi::OsString;
use std::time::Duration;

use lettre::{Address, SendmailTransport, Transport as _};

use super::deadline::within;
use super::message::address;
use super::smtp::envelope;
use super::transport::{SendError, Transport};
use crate::store::FrozenMail;

/// A queue manager that takes longer is abandoned.
const PATIENCE: Duration = Duration::from_secs(60);

pub struct Sendmail {
    command: OsString,
    from: Result<Address, String>,
}

impl Sendmail {
    /// `command` is looked for in `PATH` when it names no folder.
    #[must_use]
    pub fn new(command: impl Into<OsString>, from: &str) -> Self {
        Self { command: command.into(), from: address(from) }
    }
}

impl Transport for Sendmail {
    /// Every failure can be tried again: through lettre a refusal cannot be told from a full queue.
    fn send(&self, mail: &FrozenMail) -> Result<(), SendError> {
        let envelope = envelope(&self.from, &mail.recipient)?;
        let (transport, bytes) = (SendmailTransport::new_with_command(&self.command), mail.bytes.clone());
        match within(PATIENCE, move || transport.send_raw(&envelope, &bytes)) {
            None => {
                Err(SendError::transient(&format!("sendmail did not end within {PATIENCE:?}")).for_everyone())
            }
            Some(Err(error)) => Err(SendError::transient(&format!("sendmail: {error}"))),
            Some(Ok(())) => Ok(()),
        }
    }
}
