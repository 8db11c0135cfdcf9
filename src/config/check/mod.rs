//! From what was typed to what is meant: values, defaults, secrets. Every fault of a document is found in one look.

mod folders;
mod mail;
mod rules;
mod scan;

use chrono_tz::Tz;

use super::document::Document;
use super::environment::Environment;
use super::error::{ConfigError, Fault, Place};
use super::raw::{self, Raw};
use super::reader::{self, Section};
use super::settings::AT_LEAST_ONE;
use super::{Config, MinFree, Promote, Retention, Site, inherit};
use crate::domain::Settings;
use crate::domain::retention::Policy;

/// What every part of the check needs, and the faults that it found.
struct Check<'a> {
    document: &'a Document,
    environment: &'a Environment,
    faults: Vec<Fault>,
    warnings: Vec<String>,
}

impl Check<'_> {
    fn fault(&mut self, section: &Section, key: &str, reason: impl Into<String>) {
        self.faults.push(section.fault(self.document, key, reason));
    }

    /// A fault of a key of which there is one.
    fn fault_at(&mut self, section: &str, key: &str, reason: impl Into<String>) {
        self.fault(&Section::single(section), key, reason);
    }

    /// `None`, and a fault, when the text is not what it should be.
    fn parsed<T, E: ToString>(&mut self, section: &Section, key: &str, result: Result<T, E>) -> Option<T> {
        result.map_err(|reason| self.fault(section, key, reason.to_string())).ok()
    }

    fn timezone(&mut self, section: &Section, text: Option<&str>) -> Option<Tz> {
        let text = text?;
        let refuse = |_| format!("`{text}` is no time zone; write an IANA name, for example `Africa/Douala`");
        self.parsed(section, "timezone", text.parse().map_err(refuse))
    }

    fn settings(&mut self, section: &Section, settings: &Settings) {
        if let Err(faults) = super::check_settings(settings, self.environment.server_timezone) {
            for fault in faults {
                self.fault(section, fault.key, fault.reason);
            }
        }
    }
}

/// # Errors
/// Every key that does not hold.
pub(super) fn checked(
    mut document: Document,
    deposits: &[std::path::PathBuf],
    environment: &Environment,
) -> Result<Config, ConfigError> {
    let mut faults = std::mem::take(&mut document.faults);
    let raw = reader::read(&document, &mut faults);
    let mut check = Check { document: &document, environment, faults, warnings: Vec::new() };
    let config = check.config(raw, deposits);
    let Check { mut faults, warnings, .. } = check;
    match config {
        Some(config) if faults.is_empty() => Ok(Config { warnings, ..config }),
        _ => {
            faults.sort_by_key(|fault| match &fault.place {
                Place::File { line, .. } => line.unwrap_or(usize::MAX),
                Place::Variable { .. } | Place::CommandLine | Place::Nowhere => usize::MAX,
            });
            Err(ConfigError::Invalid(faults))
        }
    }
}

impl Check<'_> {
    /// `None` only with a fault.
    fn config(&mut self, raw: Raw, deposits: &[std::path::PathBuf]) -> Option<Config> {
        let server_timezone = self.environment.server_timezone;
        self.settings(&Section::single("defaults"), &raw.defaults);
        let default_timezone =
            raw.defaults.timezone.as_deref().and_then(|zone| zone.parse().ok()).unwrap_or(server_timezone);
        let (retention, retention_level) = self.retention(&raw.retention);
        let scan_level = Settings { content_check: raw.scan.content_check, ..Settings::default() };
        let rules = self.rules(raw.rules);
        let rules_ask_labels = rules.iter().any(|rule| {
            rule.matcher.company.is_some() || rule.matcher.city.is_some() || rule.matcher.year.is_some()
        });
        let paths = self.folders(raw.paths, deposits);
        let scan = self.scan(raw.scan);
        let mail = raw.mail.and_then(|mail| self.mail(mail));
        let webhooks = self.webhooks(raw.webhooks);
        let maintenance = self.maintenance(raw.maintenance, default_timezone);
        let promote = self.promote(&raw.promote);
        let heartbeat = self.heartbeat(&raw.heartbeat);
        let site = self.site(raw.site);
        Some(Config {
            file: self.document.file.clone(),
            paths: paths?,
            scan: scan?,
            server_timezone,
            defaults: raw.defaults,
            retention,
            rules,
            promote: promote?,
            mail,
            webhooks,
            heartbeat,
            site,
            maintenance,
            warnings: Vec::new(),
            rules_ask_labels,
            retention_level,
            scan_level,
            memory: inherit::Memory::default(),
        })
    }

    /// The policy, and what of it was set, as a level to inherit from.
    fn retention(&mut self, raw: &raw::Retention) -> (Retention, Settings) {
        let built_in = Policy::default();
        if raw.min_good == Some(0) {
            self.fault_at("retention", "min_good", AT_LEAST_ONE);
        }
        let policy = Policy {
            keep_last: raw.keep_last.unwrap_or(built_in.keep_last),
            keep_within: raw.keep_within.unwrap_or(built_in.keep_within),
            keep_daily: raw.keep_daily.unwrap_or(built_in.keep_daily),
            keep_weekly: raw.keep_weekly.unwrap_or(built_in.keep_weekly),
            keep_monthly: raw.keep_monthly.unwrap_or(built_in.keep_monthly),
            keep_yearly: raw.keep_yearly.unwrap_or(built_in.keep_yearly),
            min_good: raw.min_good.unwrap_or(built_in.min_good),
            keep_suspect: raw.keep_suspect.unwrap_or(built_in.keep_suspect),
        };
        let level = Settings {
            keep_last: raw.keep_last,
            keep_within: raw.keep_within,
            keep_daily: raw.keep_daily,
            keep_weekly: raw.keep_weekly,
            keep_monthly: raw.keep_monthly,
            keep_yearly: raw.keep_yearly,
            min_good: raw.min_good,
            keep_suspect: raw.keep_suspect,
            ..Settings::default()
        };
        (Retention { policy, history_days: raw.history_days.unwrap_or(800) }, level)
    }

    fn promote(&mut self, raw: &raw::Promote) -> Option<Promote> {
        let min_free = match &raw.min_free {
            None => MinFree::Percent(10.0),
            Some(text) => self.parsed(&Section::single("promote"), "min_free", min_free(text))?,
        };
        Some(Promote { min_free })
    }

    fn heartbeat(&mut self, raw: &raw::Heartbeat) -> Option<String> {
        let url = raw.url.as_ref()?;
        self.parsed(&Section::single("heartbeat"), "url", web_address(url))?;
        Some(url.clone())
    }

    fn site(&mut self, raw: raw::Site) -> Site {
        if let Some(url) = &raw.base_url {
            self.parsed(&Section::single("site"), "base_url", web_address(url));
        }
        Site {
            language: raw.language.unwrap_or_else(|| "en".to_owned()),
            title: raw.title,
            base_url: raw.base_url.map(|url| url.trim_end_matches('/').to_owned()),
        }
    }
}

/// Only the form is looked at. The address is not repeated: it can hold a token.
fn web_address(url: &str) -> Result<(), &'static str> {
    let host = ["https://", "http://"].iter().find_map(|scheme| url.strip_prefix(scheme));
    match host {
        Some(host) if !host.is_empty() && !url.contains(|c: char| c.is_whitespace() || c.is_control()) => {
            Ok(())
        }
        _ => Err("is no web address; it begins with `https://` or `http://`"),
    }
}

/// `10%`, `5GiB`, `0`.
fn min_free(text: &str) -> Result<MinFree, String> {
    let refuse = || format!("`{text}` is no amount of space; write for example `10%`, `5GiB` or `0`");
    if let Some(percent) = text.trim().strip_suffix('%') {
        let percent: f64 = percent.trim().parse().map_err(|_| refuse())?;
        return if (0.0..100.0).contains(&percent) { Ok(MinFree::Percent(percent)) } else { Err(refuse()) };
    }
    let size: bytesize::ByteSize = text.trim().parse().map_err(|_| refuse())?;
    Ok(MinFree::Bytes(size.as_u64()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn free_space_is_a_share_or_a_size() {
        assert_eq!(min_free("10%"), Ok(MinFree::Percent(10.0)));
        assert_eq!(min_free("2.5 %"), Ok(MinFree::Percent(2.5)));
        assert_eq!(min_free("5GiB"), Ok(MinFree::Bytes(5 << 30)));
        assert_eq!(min_free("5 GB"), Ok(MinFree::Bytes(5_000_000_000)));
        assert_eq!(min_free("0"), Ok(MinFree::Bytes(0)));
        for bad in ["", "%", "100%", "-1%", "NaN%", "ten", "-5GiB", "5 elephants"] {
            assert!(min_free(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn a_web_address_is_never_repeated() {
        assert!(web_address("https://ntfy.sh/secret").is_ok());
        for bad in
            ["", "https://", "ntfy.sh/secret", "file:///secret", "https://a/secret x", "https://a/secret\nb"]
        {
            assert!(!web_address(bad).unwrap_err().contains("secret"), "{bad}");
        }
    }
}
