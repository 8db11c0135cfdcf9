//! A message is frozen: its bytes and its Message-ID never change again.

use lettre::Address;
use lettre::message::header::{Header, HeaderName, HeaderValue};
use lettre::message::{Mailbox, Message, MultiPart, SinglePart};

use super::NotifyError;
use crate::domain::text::rfc3339;
use crate::domain::{Digest, Time};
use crate::render::mail::Rendered;
use crate::store::{FrozenMail, MailItem, MailKind};

/// What is frozen.
#[derive(Debug, Clone)]
pub struct Letter {
    pub recipient: String,
    pub kind: MailKind,
    pub items: Vec<MailItem>,
    pub rendered: Rendered,
    /// For machines: the news as JSON.
    pub news: Vec<serde_json::Value>,
}

/// The address in `Ada <ada@example.org>` or `ada@example.org`.
///
/// # Errors
/// The reason, naming the text.
pub fn address(text: &str) -> Result<Address, String> {
    mailbox(text).map(|mailbox| mailbox.email)
}

fn mailbox(text: &str) -> Result<Mailbox, String> {
    let mailbox: Mailbox = text.parse().map_err(|error| format!("`{text}` is no mail address: {error}"))?;
    // It would be an option to a program that does not know `--`.
    if mailbox.email.to_string().starts_with('-') {
        return Err(format!("`{text}` is no mail address that is used: it begins with a hyphen"));
    }
    Ok(mailbox)
}

/// The letter as a mail from `from`.
///
/// # Errors
/// When an address is none.
pub fn freeze_mail(from: &str, letter: Letter, now: Time) -> Result<FrozenMail, NotifyError> {
    let refuse = |reason: String| NotifyError::Compose { recipient: letter.recipient.clone(), reason };
    let sender = mailbox(from).map_err(refuse)?;
    let recipient = mailbox(&letter.recipient).map_err(refuse)?;
    let fingerprint = fingerprint(&letter, now);
    let message_id = format!("<{}.{fingerprint}@{}>", now.timestamp(), sender.email.domain());
    let Rendered { subject, text, html, .. } = &letter.rendered;
    // A boundary of our own: the same letter is the same bytes.
    let body = MultiPart::alternative()
        .boundary(format!("=_{fingerprint}"))
        .singlepart(SinglePart::plain(text.clone()))
        .singlepart(SinglePart::html(html.clone()));
    let message = Message::builder()
        .from(sender)
        .to(recipient)
        .subject(subject.clone())
        .date(now.into())
        .message_id(Some(message_id.clone()))
        .header(AutoSubmitted)
        .multipart(body)
        .map_err(|error| refuse(error.to_string()))?;
    Ok(frozen(letter, message_id, message.formatted(), now))
}

/// The letter as a neutral JSON document, which the webhook turns into what its server wants.
///
/// # Errors
/// When it cannot be written as JSON.
pub fn freeze_payload(letter: Letter, now: Time) -> Result<FrozenMail, NotifyError> {
    let message_id = format!("{}.{}", now.timestamp(), fingerprint(&letter, now));
    let payload = serde_json::json!({
        "id": message_id,
        "generated_at": rfc3339(now),
        "title": letter.rendered.subject,
        "message": letter.rendered.summary,
        "news": letter.news,
    });
    let bytes = serde_json::to_vec(&payload).map_err(|error| NotifyError::Compose {
        recipient: letter.recipient.clone(),
        reason: error.to_string(),
    })?;
    Ok(frozen(letter, message_id, bytes, now))
}

fn frozen(letter: Letter, message_id: String, bytes: Vec<u8>, now: Time) -> FrozenMail {
    FrozenMail {
        id: 0,
        recipient: letter.recipient,
        kind: letter.kind,
        message_id,
        bytes,
        items: letter.items,
        created_at: now,
        attempts: 0,
        next_attempt_at: now,
        last_error: None,
        sent_at: None,
    }
}

/// Different for letters that differ in anything that a reader sees.
fn fingerprint(letter: &Letter, now: Time) -> String {
    let Rendered { subject, text, .. } = &letter.rendered;
    Digest::of(format!("{}\0{}\0{subject}\0{text}", rfc3339(now), letter.recipient).as_bytes()).short(24)
}

/// Keeps holiday notices from answering (RFC 3834).
#[derive(Debug, Clone)]
struct AutoSubmitted;

impl Header for AutoSubmitted {
    fn name() -> HeaderName {
        HeaderName::new_from_ascii_str("Auto-Submitted")
    }

    fn parse(_: &str) -> Result<Self, Box<dyn std::error::Error + Send + Sync>> {
        Ok(Self)
    }

    fn display(&self) -> HeaderValue {
        HeaderValue::new(Self::name(), "auto-generated".to_owned())
    }
}
