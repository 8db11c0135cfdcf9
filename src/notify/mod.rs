//! Tells people: the outbox is delivered, by whatever transport, and the outer watch is fed.
//!
//! [`plan`] finds who has news now, [`draft`] words it, [`message`] freezes it, [`deliver`] sends what is frozen and
//! records only what a server accepted. A crash can repeat a mail but never lose one: what was not recorded as told is
//! still news, and a frozen mail goes out again with the same bytes and the same Message-ID.

pub mod channels;
mod deadline;
pub mod deliver;
mod draft;
pub mod heartbeat;
pub mod message;
pub mod plan;
pub mod recording;
pub mod register;
pub mod sendmail;
pub mod smtp;
pub mod transport;
pub mod webhook;

pub use channels::Channels;
pub use deliver::{Delivery, deliver, preview, send_test};
pub use register::{ConfigRegister, Facts, Register};
pub use transport::{SendError, Transport};

use chrono::TimeDelta;
use chrono_tz::Tz;

use crate::config::{self, Config};
use crate::domain::notice::Terms;
use crate::store::StoreError;

/// After a mail, further news wait so long, where nobody said otherwise.
const DEFAULT_GAP: TimeDelta = TimeDelta::hours(1);

#[derive(Debug, thiserror::Error)]
pub enum NotifyError {
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error("the message to `{recipient}` cannot be made: {reason}")]
    Compose { recipient: String, reason: String },
}

/// All that delivering needs beside the state.
pub struct Post<'a> {
    pub register: &'a dyn Register,
    pub channels: &'a Channels,
    pub terms: Terms,
    /// The status site's address, if it has one.
    pub site: Option<String>,
}

/// The operator's terms. They hold for webhooks too, also without `[mail]`; only the digest is a thing of mail.
#[must_use]
pub fn terms(config: &Config) -> Terms {
    let timezone: Tz = config.server_timezone;
    match &config.mail {
        None => Terms { gap: DEFAULT_GAP, learning_until: None, digest: None, timezone },
        Some(mail) => Terms {
            gap: mail.gap.delta(),
            learning_until: mail.learning_until,
            digest: match mail.digest {
                config::Digest::Daily(at) => Some(at),
                config::Digest::Never => None,
            },
            timezone,
        },
    }
}
