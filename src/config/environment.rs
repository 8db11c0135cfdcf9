//! What surrounds the process, as a value: variables, folders, the server's timezone.
//!
//! Loading takes this value and never asks the process, so that a test says what it wants to be true.

use std::collections::BTreeMap;
use std::fmt;
use std::path::PathBuf;

use chrono_tz::Tz;

/// Where the configuration is looked for when nobody names it.
pub const SYSTEM_FILE: &str = "/etc/backupmon/config.toml";

#[derive(Clone, PartialEq, Eq)]
pub struct Environment {
    /// May hold secrets: never printed.
    pub vars: BTreeMap<String, String>,
    pub home: Option<PathBuf>,
    /// Relative paths of the command line, and of overrides without a configuration file, begin here.
    pub current_dir: PathBuf,
    /// [`SYSTEM_FILE`], except in tests.
    pub system_file: PathBuf,
    pub server_timezone: Tz,
}

impl Environment {
    /// The environment of this process: the only place of the configuration that asks for it.
    #[must_use]
    pub fn of_process() -> Self {
        let vars: BTreeMap<String, String> = std::env::vars_os()
            .map(|(name, value)| (name.to_string_lossy().into_owned(), value.to_string_lossy().into_owned()))
            .collect();
        let server_timezone =
            server_timezone(vars.get("TZ").map(String::as_str), || iana_time_zone::get_timezone().ok());
        Self {
            home: etcetera::home_dir().ok(),
            current_dir: std::env::current_dir().unwrap_or_else(|_| PathBuf::from("/")),
            system_file: PathBuf::from(SYSTEM_FILE),
            server_timezone,
            vars,
        }
    }

    /// A variable that is set and not empty.
    #[must_use]
    pub fn var(&self, name: &str) -> Option<&str> {
        self.vars.get(name).map(String::as_str).filter(|value| !value.is_empty())
    }

    /// `$XDG_STATE_HOME/backupmon`, or `~/.local/state/backupmon`; `None` without a home folder.
    #[must_use]
    pub fn state_folder(&self) -> Option<PathBuf> {
        let configured = self.var("XDG_STATE_HOME").map(PathBuf::from).filter(|path| path.is_absolute());
        let base = configured.or_else(|| self.home.as_ref().map(|home| home.join(".local/state")))?;
        Some(base.join("backupmon"))
    }
}

impl fmt::Debug for Environment {
    /// Names of variables only: a value can be a password.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Environment")
            .field("vars", &self.vars.keys())
            .field("home", &self.home)
            .field("current_dir", &self.current_dir)
            .field("system_file", &self.system_file)
            .field("server_timezone", &self.server_timezone)
            .finish()
    }
}

/// `TZ` where it names a zone, then what the system is set to, then UTC.
fn server_timezone(tz: Option<&str>, system: impl FnOnce() -> Option<String>) -> Tz {
    let named = tz.and_then(|name| name.trim_start_matches(':').parse().ok());
    named.or_else(|| system()?.parse().ok()).unwrap_or(Tz::UTC)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tz_comes_before_the_system_and_utc_is_the_last_resort() {
        let system = || Some("Africa/Douala".to_owned());
        assert_eq!(server_timezone(Some(":Europe/Paris"), system), Tz::Europe__Paris);
        assert_eq!(server_timezone(Some("EST5EDT,M3.2.0"), system), Tz::Africa__Douala);
        assert_eq!(server_timezone(None, system), Tz::Africa__Douala);
        assert_eq!(server_timezone(None, || None), Tz::UTC);
        assert_eq!(server_timezone(None, || Some("nonsense".to_owned())), Tz::UTC);
    }

    #[test]
    fn a_variable_is_never_printed() {
        let mut environment = Environment::of_process();
        environment.vars.insert("BACKUPMON_MAIL__PASSWORD".into(), "hunter2".into());
        let text = format!("{environment:?}");
        assert!(text.contains("BACKUPMON_MAIL__PASSWORD") && !text.contains("hunter2"), "{text}");
    }
}
