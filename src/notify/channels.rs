//! Which transport leads to a recipient.

use super::sendmail::Sendmail;
use super::smtp::{Patience, Smtp};
use super::transport::Transport;
use super::webhook::Webhook;
use crate::config::{Config, MailTransport};
use crate::render::Language;

/// The transports of a run. Recipients are addresses, or `webhook:1`, `webhook:2`, … in the order of the configuration.
#[derive(Default)]
pub struct Channels {
    pub mail: Option<MailChannel>,
    pub webhooks: Vec<Box<dyn Transport>>,
    /// In which messages are written.
    pub language: Language,
}

pub struct MailChannel {
    /// What stands in `From`.
    pub from: String,
    pub transport: Box<dyn Transport>,
}

/// One of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Channel {
    Mail,
    /// Counted from 0.
    Webhook(usize),
}

const WEBHOOK: &str = "webhook:";

impl Channels {
    #[must_use]
    pub fn from_config(config: &Config) -> Self {
        let mail = config.mail.as_ref().map(|mail| MailChannel {
            from: mail.from.clone(),
            transport: match mail.transport {
                MailTransport::Smtp => Box::new(Smtp::new(mail, Patience::default())),
                MailTransport::Sendmail => Box::new(Sendmail::new("sendmail", &mail.from)),
            },
        });
        let webhooks = config.webhooks.iter().map(|hook| Box::new(Webhook::new(hook)) as Box<dyn Transport>);
        // A language without a catalogue was refused with the configuration.
        let language = Language::from_code(config.message_language()).unwrap_or_default();
        Self { mail, webhooks: webhooks.collect(), language }
    }

    /// `None` when nothing leads there (any more).
    #[must_use]
    pub fn to(&self, recipient: &str) -> Option<Channel> {
        match recipient.strip_prefix(WEBHOOK) {
            Some(number) => {
                let index = number.parse::<usize>().ok()?.checked_sub(1)?;
                (index < self.webhooks.len()).then_some(Channel::Webhook(index))
            }
            None => self.mail.is_some().then_some(Channel::Mail),
        }
    }

    /// The transport of a channel that [`Channels::to`] gave.
    #[must_use]
    pub fn transport(&self, channel: Channel) -> Option<&dyn Transport> {
        match channel {
            Channel::Mail => self.mail.as_ref().map(|mail| &*mail.transport),
            Channel::Webhook(index) => self.webhooks.get(index).map(|hook| &**hook),
        }
    }
}

/// The name under which a webhook is told, counted from 0.
#[must_use]
pub fn webhook_name(index: usize) -> String {
    format!("{WEBHOOK}{}", index + 1)
}
