//! The bugs that are planted: `bugs.toml`, which says what its fields mean.

use serde::Deserialize;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Bug {
    pub name: String,
    pub suite: String,
    #[serde(default)]
    pub calls: String,
    #[serde(default)]
    pub work: String,
    pub edit: Vec<Edit>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Edit {
    pub file: String,
    pub sound: String,
    pub planted: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct All {
    bug: Vec<Bug>,
}

pub fn all() -> Vec<Bug> {
    toml::from_str::<All>(include_str!("bugs.toml")).unwrap().bug
}

impl Edit {
    /// Wherever it stands: a bug in one of two places may be hidden by the other.
    pub fn plant(&self, bug: &str, text: &str) -> String {
        let Self { file, sound, planted } = self;
        assert!(text.contains(sound), "{file} has no `{sound}` any more: mend the bug {bug}");
        let choice = if file.ends_with(".html") {
            format!("{{% if !crate::is_planted(\"{bug}\") %}}{sound}{{% else %}}{planted}{{% endif %}}")
        } else {
            format!("(if !crate::is_planted(\"{bug}\") {{ {sound} }} else {{ {planted} }})")
        };
        text.replace(sound, &choice)
    }
}
