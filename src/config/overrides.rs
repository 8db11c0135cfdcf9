//! Variables named `BACKUPMON_SECTION__KEY`, of the environment and of the `.env` beside the configuration.
//!
//! `BACKUPMON_SCAN__SETTLE=5min` is `[scan] settle`; `BACKUPMON_RULE__2__GRACE=4h` is `grace` of the second
//! `[[rule]]`. A value is what the key can take, tried in this order: TOML, a list with commas, plain text, a
//! list of one. A secret is always plain text.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use toml::Value;

use super::error::{ConfigError, Place};
use super::secret;

const PREFIX: &str = "BACKUPMON_";

/// One override. `Debug` shows no value.
#[derive(Clone)]
pub(super) struct Override {
    pub variable: String,
    /// `["scan", "settle"]`, `["rule", "2", "grace"]`.
    pub path: Vec<String>,
    text: String,
    dotenv: Option<PathBuf>,
}

impl std::fmt::Debug for Override {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.variable)
    }
}

impl Override {
    pub fn place(&self) -> Place {
        Place::Variable { name: self.variable.clone(), dotenv: self.dotenv.clone() }
    }

    /// What the text can mean, the likeliest first; never empty.
    pub fn candidates(&self) -> Vec<Value> {
        let text = || Value::String(self.text.clone());
        if is_secret(&self.path) {
            return vec![text()];
        }
        let mut candidates = Vec::new();
        candidates.extend(toml_value(&self.text));
        if self.text.contains(',') {
            let items = self.text.split(',').map(str::trim).filter(|item| !item.is_empty());
            candidates.push(Value::Array(items.map(|item| Value::String(item.to_owned())).collect()));
        }
        candidates.push(text());
        candidates.push(Value::Array(vec![text()]));
        candidates
    }
}

/// A password of digits, or one in quotes, is still what was written.
fn is_secret(path: &[String]) -> bool {
    let ends = [path.first(), path.last()].map(|end| end.map(String::as_str));
    matches!(ends, [Some("mail"), Some("password")] | [Some("webhook" | "heartbeat"), Some("url")])
}

/// `text` as the right side of one TOML line; a line break would smuggle in a second key.
fn toml_value(text: &str) -> Option<Value> {
    if text.contains(['\n', '\r']) {
        return None;
    }
    format!("value = {text}").parse::<toml::Table>().ok()?.remove("value")
}

/// All that name a key; other variables of ours (`BACKUPMON_CONFIG`) have no `__`.
pub(super) fn of_variables(vars: &BTreeMap<String, String>, dotenv: Option<&Path>) -> Vec<Override> {
    vars.iter()
        .filter_map(|(name, text)| {
            let path = name.strip_prefix(PREFIX).filter(|rest| rest.contains("__"))?;
            Some(Override {
                variable: name.clone(),
                path: path.split("__").map(str::to_lowercase).collect(),
                text: text.clone(),
                dotenv: dotenv.map(Path::to_path_buf),
            })
        })
        .collect()
}

/// What a `.env` file says, where there is one. The environment of the process stays as it is.
pub(super) fn of_dotenv(path: &Path) -> Result<Vec<Override>, ConfigError> {
    let unreadable = |reason| ConfigError::Unreadable { path: path.to_path_buf(), reason };
    let file = match File::open(path) {
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Vec::new()),
        result => result.map_err(unreadable)?,
    };
    let exposed = secret::others_can_read(&file).map_err(unreadable)?;
    let mut vars = BTreeMap::new();
    for line in dotenvy::Iter::new(file) {
        let (name, value) = line.map_err(|error| dotenv_error(path, error))?;
        vars.insert(name, value);
    }
    let found = of_variables(&vars, Some(path));
    if exposed && let Some(secret) = found.iter().find(|found| is_secret(&found.path)) {
        let path_text = path.display();
        let reason = format!(
            "it holds {} and can be read by others than its owner; run `chmod 600 {path_text}`",
            secret.variable
        );
        return Err(ConfigError::DotEnv { path: path.to_path_buf(), reason });
    }
    Ok(found)
}

fn dotenv_error(path: &Path, error: dotenvy::Error) -> ConfigError {
    match error {
        dotenvy::Error::Io(reason) => ConfigError::Unreadable { path: path.to_path_buf(), reason },
        // The library's own words would show the line, and with it perhaps a password.
        _ => ConfigError::DotEnv {
            path: path.to_path_buf(),
            reason: "a line is no `NAME=value`; put values with blanks or `$` in single quotes".to_owned(),
        },
    }
}

/// Lays the likeliest meaning of one override into the table.
pub(super) fn set(table: &mut toml::Table, found: &Override) -> Result<(), String> {
    let value = found.candidates().swap_remove(0);
    let path: Vec<&str> = found.path.iter().map(String::as_str).collect();
    match path[..] {
        [section, key] => {
            let entry = table.entry(section).or_insert_with(|| Value::Table(toml::Table::new()));
            let section = entry
                .as_table_mut()
                .ok_or("is repeated: write its number, as in `BACKUPMON_RULE__1__GRACE`")?;
            section.insert(key.to_owned(), value);
        }
        [section, number, key] => {
            let place = number.parse::<usize>().ok().and_then(|n| n.checked_sub(1));
            let items = table.get_mut(section).and_then(Value::as_array_mut);
            let item = items.zip(place).and_then(|(items, place)| items.get_mut(place)?.as_table_mut());
            item.ok_or_else(|| format!("there is no `[[{section}]]` {number} in the file"))?
                .insert(key.to_owned(), value);
        }
        _ => return Err("is no key; write `BACKUPMON_SECTION__KEY`".to_owned()),
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn only(name: &str, text: &str) -> Override {
        of_variables(&BTreeMap::from([(name.to_owned(), text.to_owned())]), None).remove(0)
    }

    #[test]
    fn a_text_is_tried_as_toml_first_and_a_secret_never() {
        let first = |name, text| only(name, text).candidates().remove(0);
        assert_eq!(first("BACKUPMON_SCAN__TRIAL_DAYS", "5"), Value::Integer(5));
        assert_eq!(first("BACKUPMON_SCAN__SETTLE", "5min"), Value::String("5min".into()));
        assert_eq!(first("BACKUPMON_MAIL__TO", "a@x.org, b@x.org").as_array().map(Vec::len), Some(2));
        assert_eq!(first("BACKUPMON_MAIL__PASSWORD", "12345"), Value::String("12345".into()));
        assert_eq!(first("BACKUPMON_MAIL__PASSWORD", "\"q\""), Value::String("\"q\"".into()));
        assert_eq!(first("BACKUPMON_SITE__TITLE", "1\nx = 2"), Value::String("1\nx = 2".into()));
    }

    #[test]
    fn a_repeated_section_is_reached_by_number_and_must_exist() {
        let mut table: toml::Table = "[[rule]]\ngrace = '1h'".parse().unwrap();
        set(&mut table, &only("BACKUPMON_RULE__1__GRACE", "4h")).unwrap();
        assert_eq!(table["rule"][0]["grace"].as_str(), Some("4h"));
        for bad in [
            "BACKUPMON_RULE__2__GRACE",
            "BACKUPMON_RULE__0__GRACE",
            "BACKUPMON_RULE__GRACE",
            "BACKUPMON_A__B__C__D",
        ] {
            assert!(set(&mut table, &only(bad, "4h")).is_err(), "{bad}");
        }
    }
}
