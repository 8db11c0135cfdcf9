//! Whether somebody is told, and whether somebody watches.

use chrono::TimeDelta;

use super::Known;
use super::finding::Findings;
use crate::commands::context::Context;
use crate::config::{Digest, Mail, MailTransport, Tls};
use crate::domain::text::{duration, printable, rfc3339};
use crate::store::Store as _;

/// A message that waits longer has met more than a busy server.
const PATIENCE: TimeDelta = TimeDelta::hours(1);

pub fn look(context: &Context, known: Option<&Known>, findings: &mut Findings) {
    let config = &context.config;
    match &config.mail {
        Some(mail) => findings.ok("mail", about(mail, context)),
        None => findings.warn("mail", "nobody is mailed: set `transport`, `from` and `to` in [mail], then `backupmon notify --test RECIPIENT`"),
    }
    if !config.webhooks.is_empty() {
        findings.ok("webhooks", format!("{} configured", config.webhooks.len()));
    }
    if let Some(known) = known {
        undelivered(context, known, findings);
        watcher(context, known, findings);
    }
}

fn about(mail: &Mail, context: &Context) -> String {
    let by = match mail.transport {
        MailTransport::Sendmail => "sendmail".to_owned(),
        MailTransport::Smtp => {
            let tls = match mail.tls {
                Tls::Starttls => "starttls",
                Tls::Tls => "tls",
                Tls::None => "not encrypted, to this machine only",
            };
            let login = mail.username.as_ref().map_or("no login", |_| "login with a password that was read");
            format!("{}:{}, {tls}, {login}", mail.host, mail.port)
        }
    };
    let digest = match mail.digest {
        Digest::Daily(time) => format!("digest daily {}", time.format("%H:%M")),
        Digest::Never => "no digest".to_owned(),
    };
    let learning =
        mail.learning_until.filter(|until| *until > context.now).map_or_else(String::new, |until| {
            format!("; until {} only the server's own problems and the digest are mailed", rfc3339(until))
        });
    format!("{by}; to {}; {digest}{learning}", mail.to.join(", "))
}

fn undelivered(context: &Context, known: &Known, findings: &mut Findings) {
    let waiting = match known.store.waiting_mails() {
        Ok(waiting) => waiting,
        Err(error) => return findings.fail("undelivered", error.to_string()),
    };
    let Some(oldest) = waiting.iter().min_by_key(|mail| mail.created_at) else {
        return findings.ok("undelivered", "no message waits");
    };
    let age = context.now - oldest.created_at;
    let reason =
        oldest.last_error.as_deref().map_or_else(String::new, |error| format!(": {}", printable(error)));
    let hint = format!(
        "{} messages, the oldest for {}, to {}{reason}",
        waiting.len(),
        duration(age),
        oldest.recipient
    );
    if age > PATIENCE {
        findings.fail("undelivered", hint);
    } else {
        findings.warn("undelivered", hint);
    }
}

fn watcher(context: &Context, known: &Known, findings: &mut Findings) {
    let meta = &known.snapshot.meta;
    let ago = |at| duration(context.now - at);
    let checked = meta.last_check_at.map(|at| format!("`check` ran {} ago", ago(at)));
    if context.config.heartbeat.is_some() {
        let last = meta
            .last_heartbeat_at
            .map_or_else(|| "never taken yet".to_owned(), |at| format!("last taken {} ago", ago(at)));
        findings.ok("watcher", format!("heartbeat, {last}"));
    } else if known.snapshot.facts(context).watched {
        findings.ok("watcher", checked.unwrap_or_default());
    } else {
        let last = checked.unwrap_or_else(|| "`check` never ran".to_owned());
        findings.warn(
            "watcher",
            format!("nobody watches backupmon itself ({last}): set `url` in [heartbeat], or let Nagios run `backupmon check`"),
        );
    }
}
