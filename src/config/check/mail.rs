//! `[mail]` and `[[webhook]]`: where messages go, and the secrets that they need.

use std::path::Path;

use chrono::{DateTime, NaiveDate, NaiveTime};
use chrono_tz::Tz;

use super::{Check, web_address};
use crate::config::reader::Section;
use crate::config::secret::{self, Guard, SecretError};
use crate::config::settings::check_address;
use crate::config::{Digest, Mail, MailTransport, Secret, Tls, Webhook, WebhookKind, raw};
use crate::domain::Time;
use crate::domain::schedule::local::instant;
use crate::domain::settings::Span;

/// Name of the systemd credential that holds the password.
const CREDENTIAL: &str = "mail_password";

impl Check<'_> {
    /// `None` when mail is switched off, or with a fault.
    pub(super) fn mail(&mut self, raw: raw::Mail) -> Option<Mail> {
        let section = Section::single("mail");
        let digest = raw.digest.as_deref().unwrap_or("daily 08:00");
        let digest = self.parsed(&section, "digest", digest_of(digest));
        let learning_until = raw.learning_until.as_ref().and_then(|value| {
            self.parsed(&section, "learning_until", moment(value, self.environment.server_timezone))
        });
        let transport = match raw.transport.unwrap_or(raw::Transport::Smtp) {
            raw::Transport::None => return None,
            raw::Transport::Smtp => MailTransport::Smtp,
            raw::Transport::Sendmail => MailTransport::Sendmail,
        };
        let (from, to) = self.addresses(&section, raw.from, raw.to);
        let tls = raw.tls.unwrap_or(Tls::Starttls);
        let host = self.host(&section, transport, tls, raw.host);
        let password = self.password(&section, raw.password, raw.password_file.as_deref());
        if password.is_some() && raw.username.is_none() {
            self.fault(&section, "username", "is not set, and a password is");
        }
        if password.is_none() && raw.username.is_some() && transport == MailTransport::Smtp {
            let reason = "has no password; set `password_file`, the systemd credential `mail_password` or `BACKUPMON_MAIL__PASSWORD`";
            self.fault(&section, "username", reason);
        }
        Some(Mail {
            transport,
            host,
            port: raw.port.unwrap_or(match tls {
                Tls::Starttls => 587,
                Tls::Tls => 465,
                Tls::None => 25,
            }),
            tls,
            username: raw.username,
            password,
            from,
            to,
            gap: raw.gap.unwrap_or(Span::hours(1)),
            digest: digest?,
            language: raw.language,
            learning_until,
        })
    }

    fn addresses(
        &mut self,
        section: &Section,
        from: Option<String>,
        to: Option<Vec<String>>,
    ) -> (String, Vec<String>) {
        let (from, to) = (from.unwrap_or_default(), to.unwrap_or_default());
        if from.is_empty() {
            self.fault(section, "from", "is not set; write the address that backupmon sends from");
        } else {
            self.parsed(section, "from", check_address(&from));
        }
        if to.is_empty() {
            self.fault(section, "to", "names nobody; write for example `to = [\"ops@example.org\"]`");
        }
        for address in &to {
            self.parsed(section, "to", check_address(address));
        }
        (from, to)
    }

    fn host(
        &mut self,
        section: &Section,
        transport: MailTransport,
        tls: Tls,
        host: Option<String>,
    ) -> String {
        let host = host.unwrap_or_default();
        if transport == MailTransport::Smtp {
            if host.is_empty() || host.contains(|c: char| c.is_whitespace() || c.is_control() || c == '/') {
                self.fault(section, "host", "names no server; write for example `smtp.example.org`");
            } else if tls == Tls::None && !["localhost", "127.0.0.1", "::1"].contains(&host.as_str()) {
                let reason = format!(
                    "`none` would send mail and password in the clear to `{host}`; write `starttls` or `tls`"
                );
                self.fault(section, "tls", reason);
            }
        }
        host
    }

    /// The environment's, then the file that the configuration names, then the service manager's.
    fn password(
        &mut self,
        section: &Section,
        from_environment: Option<String>,
        file: Option<&Path>,
    ) -> Option<Secret> {
        if let Some(password) = from_environment {
            return Some(Secret::new(password));
        }
        if let Some(file) = file {
            let read = secret::read(&self.resolved(file), Guard::OwnerOnly);
            return self.parsed(section, "password_file", read);
        }
        let folder = self.environment.var("CREDENTIALS_DIRECTORY")?;
        match secret::read(&Path::new(folder).join(CREDENTIAL), Guard::Anyone) {
            // The service may have other credentials, and mail without login.
            Err(SecretError::Unreadable { reason, .. }) if reason.kind() == std::io::ErrorKind::NotFound => {
                None
            }
            read => self.parsed(section, "password_file", read),
        }
    }

    pub(super) fn webhooks(&mut self, raw: Vec<raw::Webhook>) -> Vec<Webhook> {
        let mut webhooks = Vec::new();
        for (index, raw) in raw.into_iter().enumerate() {
            let section = Section::repeated("webhook", index + 1);
            let url = self.webhook_url(&section, raw.url, raw.url_file.as_deref());
            if let Some(url) = url
                && self.parsed(&section, "url", web_address(url.reveal())).is_some()
            {
                webhooks.push(Webhook { kind: raw.kind.unwrap_or(WebhookKind::Json), url });
            }
        }
        webhooks
    }

    fn webhook_url(&mut self, section: &Section, url: Option<String>, file: Option<&Path>) -> Option<Secret> {
        match (url, file) {
            (Some(_), Some(_)) => {
                self.fault(section, "url_file", "is set, and `url` too; set one of them");
                None
            }
            (None, None) => {
                self.fault(section, "url", "is not set");
                None
            }
            (None, Some(file)) => {
                self.parsed(section, "url_file", secret::read(&self.resolved(file), Guard::OwnerOnly))
            }
            (Some(url), None) => {
                if let (true, Some(file)) = (self.document.exposed, &self.document.file) {
                    let file = file.display();
                    self.warnings.push(format!(
                        "`{file}` holds the address of a webhook, which often is a secret, and can be read by others; \
                         run `chmod o= {file}`, or name a file of mode 0600 as `url_file`"
                    ));
                }
                Some(Secret::new(url))
            }
        }
    }
}

/// `daily 08:00` or `off`.
fn digest_of(text: &str) -> Result<Digest, String> {
    if text.trim() == "off" {
        return Ok(Digest::Never);
    }
    let time = text
        .trim()
        .strip_prefix("daily ")
        .and_then(|time| NaiveTime::parse_from_str(time.trim(), "%H:%M").ok());
    time.map(Digest::Daily)
        .ok_or_else(|| format!("`{text}` is no time of a digest; write for example `daily 08:00`, or `off`"))
}

/// A moment of RFC 3339, or the start of a day in the server's timezone; as text or as TOML's own.
fn moment(value: &toml::Value, timezone: Tz) -> Result<Time, String> {
    let text = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    let day = || instant(timezone, text.parse::<NaiveDate>().ok()?.and_time(NaiveTime::MIN));
    DateTime::parse_from_rfc3339(&text).map(|time| time.to_utc()).ok().or_else(day).ok_or_else(|| {
        format!("`{text}` is no moment; write for example `2026-01-08` or `2026-01-08T08:00:00Z`")
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_digest_is_daily_or_off() {
        assert_eq!(digest_of("daily 08:00"), Ok(Digest::Daily(NaiveTime::from_hms_opt(8, 0, 0).unwrap())));
        assert_eq!(digest_of("off"), Ok(Digest::Never));
        for bad in ["", "daily", "daily 25:00", "weekly 08:00", "08:00"] {
            assert!(digest_of(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn a_moment_is_a_time_or_the_start_of_a_day() {
        let utc = |line: &str| {
            let table: toml::Table = line.parse().unwrap();
            moment(&table["v"], Tz::Africa__Douala).map(|time| time.to_rfc3339()).unwrap_or_default()
        };
        assert_eq!(utc("v = '2026-01-08T08:00:00Z'"), "2026-01-08T08:00:00+00:00");
        assert_eq!(utc("v = 2026-01-08T08:00:00+01:00"), "2026-01-08T07:00:00+00:00");
        assert_eq!(utc("v = '2026-01-08'"), "2026-01-07T23:00:00+00:00");
        assert_eq!(utc("v = 2026-01-08"), "2026-01-07T23:00:00+00:00");
        for bad in ["v = 'soon'", "v = 5", "v = '2026-01-08 08:00'", "v = '2026-02-30'"] {
            assert_eq!(utc(bad), "", "{bad}");
        }
    }
}
