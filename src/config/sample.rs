//! The commented sample that `init` writes.

use chrono_tz::Tz;

use crate::domain::{Time, text};

const SAMPLE: &str = include_str!("../../contrib/config.toml");

/// The sample with the server's timezone filled in, and with the end of the days in which backupmon learns.
#[must_use]
pub fn sample(timezone: Tz, learning_until: Time) -> String {
    SAMPLE.replace("timezone = \"UTC\"", &format!("timezone = \"{timezone}\"")).replace(
        "learning_until = \"2026-01-08T00:00:00Z\"",
        &format!("learning_until = \"{}\"", text::rfc3339(learning_until)),
    )
}
