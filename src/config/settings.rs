//! Whether the inheritable keys of one level (a job, a rule, `[defaults]`) hold by themselves.

use chrono_tz::Tz;
use lettre::message::Mailbox;

use crate::domain::Settings;
use crate::domain::schedule::{Schedule, ScheduleError};

/// A key of one level that does not hold, and why.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{key}: {reason}")]
pub struct SettingFault {
    pub key: &'static str,
    pub reason: String,
}

/// Checks what one level sets; what it leaves to others is not looked at. For rules and `[defaults]`, and for
/// a job's own settings before they are stored.
///
/// # Errors
/// Every key that does not hold.
pub fn check(settings: &Settings, server_timezone: Tz) -> Result<(), Vec<SettingFault>> {
    let mut faults = Vec::new();
    let mut schedule = settings.clone();
    while let Err(error) = Schedule::new(&schedule, server_timezone) {
        faults.push(SettingFault { key: key_of(&error, settings), reason: error.to_string() });
        // Behind an unknown time zone, the times themselves can be wrong, too.
        if !matches!(error, ScheduleError::Timezone(_)) || schedule.timezone.take().is_none() {
            break;
        }
    }
    for recipient in settings.recipients.iter().flatten() {
        if let Err(reason) = check_address(recipient) {
            faults.push(SettingFault { key: "recipients", reason });
        }
    }
    if settings.min_good == Some(0) {
        faults.push(SettingFault { key: "min_good", reason: AT_LEAST_ONE.to_owned() });
    }
    if faults.is_empty() { Ok(()) } else { Err(faults) }
}

pub(super) const AT_LEAST_ONE: &str = "must be at least 1";

/// A mail address, with or without a name before it.
pub(super) fn check_address(text: &str) -> Result<(), String> {
    match text.parse::<Mailbox>() {
        Ok(_) if !text.contains(char::is_control) => Ok(()),
        _ => Err(format!("`{}` is no mail address", crate::domain::text::printable(text))),
    }
}

/// The key to look at.
fn key_of(error: &ScheduleError, settings: &Settings) -> &'static str {
    match error {
        ScheduleError::Cron(..) => "cron",
        ScheduleError::TimeOfDay(_) | ScheduleError::NoTime => "at",
        ScheduleError::Days(_) | ScheduleError::DaysWithoutAt => "days",
        ScheduleError::Timezone(_) => "timezone",
        ScheduleError::TooOften => "every",
        ScheduleError::Several | ScheduleError::Never => {
            if settings.cron.is_some() {
                "cron"
            } else {
                "at"
            }
        }
    }
}
