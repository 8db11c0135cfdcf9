//! SMTP: one envelope per recipient, one connection for the mails of a run.
//!
//! A server's whole conversation has a deadline. What lettre does not limit is the length of a line: a server that
//! answers without ever ending its line is given up at the deadline ([`Patience::total`]), and until the process ends,
//! what it goes on sending is held in memory. The server is one that the operator chose, and TLS says that it is that one;
//! the unit in `contrib/systemd` limits the memory of a run.

use std::error::Error as _;
use std::io;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use lettre::Address;
use lettre::address::Envelope;
use lettre::transport::smtp::authentication::{Credentials, Mechanism};
use lettre::transport::smtp::client::{SmtpConnection, TlsParameters};
use lettre::transport::smtp::extension::ClientId;

use super::deadline::within;
use super::message::address;
use super::transport::{SendError, Transport};
use crate::config::{Mail, Secret, Tls};
use crate::store::FrozenMail;

/// What a server may take. Each is for one mail.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Patience {
    /// For one read or write, and for the connection.
    pub step: Duration,
    /// For the whole conversation.
    pub total: Duration,
    /// For the farewell, which changes nothing any more.
    pub farewell: Duration,
}

impl Default for Patience {
    fn default() -> Self {
        Self {
            step: Duration::from_secs(30),
            total: Duration::from_secs(120),
            farewell: Duration::from_secs(2),
        }
    }
}

/// Keeps its connection until it is dropped.
pub struct Smtp {
    server: Arc<Server>,
    patience: Patience,
    idle: Mutex<Option<SmtpConnection>>,
}

struct Server {
    host: String,
    port: u16,
    tls: Tls,
    login: Option<(String, Secret)>,
    from: Result<Address, String>,
    step: Duration,
}

impl Smtp {
    #[must_use]
    pub fn new(mail: &Mail, patience: Patience) -> Self {
        let login = mail.username.clone().zip(mail.password.clone());
        let server = Server {
            host: mail.host.clone(),
            port: mail.port,
            tls: mail.tls,
            login,
            from: address(&mail.from),
            step: patience.step,
        };
        Self { server: Arc::new(server), patience, idle: Mutex::new(None) }
    }

    fn idle(&self) -> std::sync::MutexGuard<'_, Option<SmtpConnection>> {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Transport for Smtp {
    fn send(&self, mail: &FrozenMail) -> Result<(), SendError> {
        let envelope = envelope(&self.server.from, &mail.recipient)?;
        let (server, bytes, idle) = (Arc::clone(&self.server), mail.bytes.clone(), self.idle().take());
        let total = self.patience.total;
        let spoken = within(total, move || server.speak(idle, &envelope, &bytes));
        match spoken {
            None => {
                Err(SendError::transient(&format!("no end of the conversation within {total:?}"))
                    .for_everyone())
            }
            Some(Err(error)) => Err(error),
            Some(Ok(connection)) => {
                *self.idle() = Some(connection);
                Ok(())
            }
        }
    }
}

impl Drop for Smtp {
    fn drop(&mut self) {
        if let Some(mut connection) = self.idle().take() {
            // All mails were accepted before: whether the server says goodbye is of no interest.
            within(self.patience.farewell, move || drop(connection.quit()));
        }
    }
}

/// The envelope of one mail: one sender, one recipient.
pub(super) fn envelope(from: &Result<Address, String>, recipient: &str) -> Result<Envelope, SendError> {
    let from = from.clone().map_err(|reason| SendError::permanent(&reason).for_everyone())?;
    let to = address(recipient).map_err(|reason| SendError::permanent(&reason))?;
    Envelope::new(Some(from), vec![to]).map_err(|error| SendError::permanent(&error.to_string()))
}

impl Server {
    /// Sends over `idle` where that still answers, else over a new connection, which is given back.
    fn speak(
        &self,
        idle: Option<SmtpConnection>,
        envelope: &Envelope,
        bytes: &[u8],
    ) -> Result<SmtpConnection, SendError> {
        let alive = idle.and_then(|mut connection| connection.test_connected().then_some(connection));
        let mut connection = match alive {
            Some(connection) => connection,
            None => self.connect().map_err(SendError::for_everyone)?,
        };
        match connection.send(envelope, bytes) {
            Ok(_) => Ok(connection),
            Err(error) => Err(sorted(&error)),
        }
    }

    fn connect(&self) -> Result<SmtpConnection, SendError> {
        let name = ClientId::default();
        let tls = TlsParameters::new(self.host.clone()).map_err(|error| sorted(&error))?;
        let wrapped = (self.tls == Tls::Tls).then_some(&tls);
        let address = (self.host.as_str(), self.port);
        let mut connection = SmtpConnection::connect(address, Some(self.step), &name, wrapped, None)
            .map_err(|error| self.unreached(&error))?;
        if self.tls == Tls::Starttls {
            if !connection.can_starttls() {
                return Err(self.at("offers no STARTTLS, and nothing is sent unencrypted"));
            }
            connection.starttls(&tls, &name).map_err(|error| self.unreached(&error))?;
        }
        if let Some((user, password)) = &self.login {
            let credentials = Credentials::new(user.clone(), password.reveal().to_owned());
            connection
                .auth(&[Mechanism::Plain, Mechanism::Login], &credentials)
                .map_err(|error| self.unreached(&error))?;
        }
        Ok(connection)
    }

    fn unreached(&self, error: &lettre::transport::smtp::Error) -> SendError {
        let sorted = sorted(error);
        SendError { permanent: sorted.permanent, ..self.at(&sorted.message) }
    }

    fn at(&self, reason: &str) -> SendError {
        SendError::transient(&format!("{}:{}: {reason}", self.host, self.port))
    }
}

/// Only an answer of the class 5 is a refusal. lettre's own `is_timeout` misses what the kernel calls `WouldBlock`.
fn sorted(error: &lettre::transport::smtp::Error) -> SendError {
    if error.is_permanent() {
        SendError::permanent(&error.to_string())
    } else if is_timeout(error) {
        SendError::transient("the server did not answer in time")
    } else {
        SendError::transient(&error.to_string())
    }
}

fn is_timeout(error: &lettre::transport::smtp::Error) -> bool {
    let mut source = error.source();
    while let Some(cause) = source {
        if let Some(cause) = cause.downcast_ref::<io::Error>() {
            return matches!(cause.kind(), io::ErrorKind::TimedOut | io::ErrorKind::WouldBlock);
        }
        source = cause.source();
    }
    false
}
