//! HTTP POST: a JSON document, ntfy, or what Slack understands. The address is a secret: it stands in no message.

use std::borrow::Cow;
use std::time::Duration;

use base64::prelude::{BASE64_STANDARD, Engine as _};
use serde::Deserialize;
use ureq::Agent;

use super::transport::{SendError, Transport};
use crate::config::{self, Secret, WebhookKind};
use crate::store::FrozenMail;

/// For the whole exchange.
pub const PATIENCE: Duration = Duration::from_secs(30);
/// ntfy turns longer texts into attachments.
const NTFY_LIMIT: usize = 3500;
const SLACK_LIMIT: usize = 30_000;

pub struct Webhook {
    kind: WebhookKind,
    url: Secret,
    agent: Agent,
}

/// What of the frozen document people read.
#[derive(Deserialize)]
struct Payload {
    title: String,
    message: String,
}

impl Webhook {
    #[must_use]
    pub fn new(hook: &config::Webhook) -> Self {
        Self { kind: hook.kind, url: hook.url.clone(), agent: agent(PATIENCE) }
    }
}

impl Transport for Webhook {
    fn send(&self, mail: &FrozenMail) -> Result<(), SendError> {
        let payload: Payload =
            serde_json::from_slice(&mail.bytes).map_err(|error| SendError::permanent(&error.to_string()))?;
        let request = self.agent.post(self.url.reveal());
        let sent = match self.kind {
            WebhookKind::Json => request.content_type("application/json").send(&mail.bytes[..]),
            WebhookKind::Ntfy => request
                .content_type("text/plain; charset=utf-8")
                .header("Title", header_text(&payload.title).as_ref())
                .send(cut_bytes(&payload.message, NTFY_LIMIT)),
            WebhookKind::Slack => {
                let text = slack_text(&payload);
                request.content_type("application/json").send(serde_json::json!({ "text": text }).to_string())
            }
        };
        judge(sent)
    }
}

/// Without this, `<!channel>` in a name would call everybody.
fn slack_text(payload: &Payload) -> String {
    let escape = |text: &str| text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
    let message = cut_bytes(&payload.message, SLACK_LIMIT);
    format!("*{}*\n{}", escape(&payload.title), escape(message))
}

/// A header holds ASCII: other text is one encoded word (RFC 2047), which ntfy reads.
fn header_text(text: &str) -> Cow<'_, str> {
    if text.is_ascii() {
        return Cow::Borrowed(text);
    }
    Cow::Owned(format!("=?UTF-8?B?{}?=", BASE64_STANDARD.encode(text)))
}

/// At most `limit` bytes, cut between two characters.
fn cut_bytes(text: &str, limit: usize) -> &str {
    let end = (0..=limit.min(text.len())).rfind(|end| text.is_char_boundary(*end)).unwrap_or_default();
    &text[..end]
}

/// An agent that follows no redirect: what it carries is for the address that the operator gave.
pub(super) fn agent(patience: Duration) -> Agent {
    Agent::config_builder()
        .timeout_global(Some(patience))
        .max_redirects(0)
        .max_redirects_will_error(false)
        .http_status_as_error(false)
        .user_agent(concat!("backupmon/", env!("CARGO_PKG_VERSION")))
        .build()
        .new_agent()
}

/// Only 2xx is an answer that the message was taken.
pub(super) fn judge(sent: Result<ureq::http::Response<ureq::Body>, ureq::Error>) -> Result<(), SendError> {
    let status = sent.map_err(|error| SendError::transient(&reason(&error)))?.status();
    let message = format!("the server answered {}", status.as_u16());
    match status.as_u16() {
        200..=299 => Ok(()),
        // A time-out, too early and too many requests say themselves that later is better.
        408 | 425 | 429 => Err(SendError::transient(&message)),
        300..=499 => Err(SendError::permanent(&message)),
        _ => Err(SendError::transient(&message)),
    }
}

/// The library's own words can hold the address.
fn reason(error: &ureq::Error) -> String {
    match error {
        ureq::Error::Timeout(_) => "the server did not answer in time".to_owned(),
        ureq::Error::HostNotFound => "the host is not known".to_owned(),
        ureq::Error::Io(error) => format!("the connection failed: {error}"),
        ureq::Error::Tls(reason) => format!("the connection cannot be encrypted: {reason}"),
        ureq::Error::Rustls(error) => format!("the connection cannot be encrypted: {error}"),
        ureq::Error::BadUri(_) => "the address is none".to_owned(),
        _ => "the request failed".to_owned(),
    }
}
