//! What an operator set on one job: nearly always nothing, and then it takes one word.

use std::ops::{Deref, DerefMut};

use serde::{Deserialize, Serialize};

use super::Settings;

/// The settings of a job itself. Reads as [`Settings`]; a fleet of 20,000 jobs that inherit all keeps none of them.
#[derive(Debug, Clone, Default, Eq, Serialize, Deserialize)]
#[serde(from = "Settings", into = "Settings")]
pub struct OwnSettings(Option<Box<Settings>>);

static NONE: Settings = Settings::NONE;

impl Deref for OwnSettings {
    type Target = Settings;

    fn deref(&self) -> &Settings {
        self.0.as_deref().unwrap_or(&NONE)
    }
}

impl DerefMut for OwnSettings {
    fn deref_mut(&mut self) -> &mut Settings {
        self.0.get_or_insert_default()
    }
}

impl From<Settings> for OwnSettings {
    fn from(settings: Settings) -> Self {
        Self((settings != NONE).then(|| Box::new(settings)))
    }
}

impl From<OwnSettings> for Settings {
    fn from(own: OwnSettings) -> Self {
        own.0.map_or(Settings::NONE, |settings| *settings)
    }
}

impl PartialEq for OwnSettings {
    /// What was set and taken back again is nothing.
    fn eq(&self, other: &Self) -> bool {
        **self == **other
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_set_is_kept_and_what_is_taken_back_is_nothing() {
        let mut own = OwnSettings::default();
        assert_eq!(*own, Settings::default());
        own.keep_last = Some(3);
        assert_eq!(*own, Settings { keep_last: Some(3), ..Settings::default() });
        own.keep_last = None;
        assert_eq!(own, OwnSettings::default());
        assert!(OwnSettings::from(Settings::from(own)).0.is_none());
        assert!(size_of::<OwnSettings>() == size_of::<usize>());
    }
}
