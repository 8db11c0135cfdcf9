//! Single values as typed.

use std::time::Duration;

use chrono::{DateTime, Utc};

pub(super) fn time(text: &str) -> Result<DateTime<Utc>, String> {
    DateTime::parse_from_rfc3339(text)
        .map(|time| time.to_utc())
        .map_err(|_| format!("`{text}` is no moment of RFC 3339; write for example `2026-01-31T08:00:00Z`"))
}

/// Whole seconds, as the configuration takes them.
pub(super) fn duration(text: &str) -> Result<Duration, String> {
    match humantime::parse_duration(text) {
        Ok(duration) if duration.subsec_nanos() == 0 => Ok(duration),
        _ => Err(format!("`{text}` is no duration; write for example `90s`, `15min`, `2h`, `7d` or `4w`")),
    }
}
