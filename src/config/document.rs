//! The configuration as typed: one TOML table with the overrides laid over it, and where each value came from.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{ErrorKind, Read as _};
use std::path::{Path, PathBuf};

use toml::de::{DeTable, DeValue};

use super::environment::Environment;
use super::error::{ConfigError, Fault, Place};
use super::overrides::{self, Override};
use super::secret;

#[derive(Debug, Default)]
pub(super) struct Document {
    pub file: Option<PathBuf>,
    pub table: toml::Table,
    /// Line of each key, from 1, by path (`scan.settle`, `rule.2.grace`).
    lines: BTreeMap<String, usize>,
    /// By path, as [`Document::lines`].
    pub overrides: BTreeMap<String, Override>,
    /// The group or everybody can read the file.
    pub exposed: bool,
    pub faults: Vec<Fault>,
}

impl Document {
    /// Reads the file that `explicit` or the environment names, or the system's where there is one, and lays
    /// the environment over it.
    pub fn find(explicit: Option<&Path>, environment: &Environment) -> Result<Self, ConfigError> {
        let named = explicit
            .map(Path::to_path_buf)
            .or_else(|| environment.var("BACKUPMON_CONFIG").map(PathBuf::from))
            .map(|path| environment.current_dir.join(path));
        let found = match &named {
            Some(path) => Some(read(path)?),
            None if absent(&environment.system_file) => None,
            None => Some(read(&environment.system_file)?),
        };
        let mut document = match found {
            Some(found) => Self::parse(&found.text, &found.path, found.exposed)?,
            None => Self::default(),
        };
        document.overlay(environment)?;
        Ok(document)
    }

    /// A document of `text`, as if it had been read from `file`.
    pub fn parse(text: &str, file: &Path, exposed: bool) -> Result<Self, ConfigError> {
        let text = text.strip_prefix('\u{feff}').unwrap_or(text);
        let syntax = |error: &toml::de::Error| ConfigError::Syntax {
            place: Place::File {
                path: file.to_path_buf(),
                line: error.span().map(|span| line_of(text, span.start)),
            },
            reason: error.message().replace('\n', ", "),
        };
        let table = text.parse().map_err(|error| syntax(&error))?;
        let spanned = DeTable::parse(text).map_err(|error| syntax(&error))?;
        let mut lines = BTreeMap::new();
        number_lines(spanned.get_ref(), text, "", &mut lines);
        Ok(Self { file: Some(file.to_path_buf()), table, lines, exposed, ..Self::default() })
    }

    /// Lays the environment, and under it the `.env` beside the file, over the table.
    pub fn overlay(&mut self, environment: &Environment) -> Result<(), ConfigError> {
        let dotenv = self.file.as_ref().and_then(|file| file.parent()).map(|folder| folder.join(".env"));
        if let Some(path) = dotenv {
            for found in overrides::of_dotenv(&path)? {
                self.set(found);
            }
        }
        for found in overrides::of_variables(&environment.vars, None) {
            self.set(found);
        }
        Ok(())
    }

    fn set(&mut self, found: Override) {
        match overrides::set(&mut self.table, &found) {
            Ok(()) => {
                self.overrides.insert(found.path.join("."), found);
            }
            Err(reason) => {
                self.faults.push(Fault { place: found.place(), key: found.path.join("."), reason });
            }
        }
    }

    /// Where the value at `path` was written, or the nearest table above it.
    pub fn place(&self, path: &str) -> Place {
        if let Some(found) = self.overrides.get(path) {
            return found.place();
        }
        let Some(file) = &self.file else {
            return Place::Nowhere;
        };
        let mut prefix = path;
        loop {
            if let Some(line) = self.lines.get(prefix) {
                return Place::File { path: file.clone(), line: Some(*line) };
            }
            match prefix.rsplit_once('.') {
                Some((parent, _)) => prefix = parent,
                None => {
                    return Place::File { path: file.clone(), line: None };
                }
            }
        }
    }
}

struct Found {
    path: PathBuf,
    text: String,
    exposed: bool,
}

fn read(path: &Path) -> Result<Found, ConfigError> {
    let read = || -> std::io::Result<Found> {
        let mut file = File::open(path)?;
        let exposed = secret::others_can_read(&file)?;
        let mut text = String::new();
        file.read_to_string(&mut text)?;
        Ok(Found { path: path.to_path_buf(), text, exposed })
    };
    read().map_err(|reason| ConfigError::Unreadable { path: path.to_path_buf(), reason })
}

/// Whether it is certain that there is no such file. One that may not be looked at is there.
fn absent(path: &Path) -> bool {
    path.symlink_metadata().is_err_and(|error| error.kind() == ErrorKind::NotFound)
}

fn line_of(text: &str, offset: usize) -> usize {
    text.bytes().take(offset).filter(|byte| *byte == b'\n').count() + 1
}

fn number_lines(table: &DeTable<'_>, text: &str, prefix: &str, lines: &mut BTreeMap<String, usize>) {
    for (key, value) in table {
        let path = format!("{prefix}{}", key.get_ref());
        lines.insert(path.clone(), line_of(text, key.span().start));
        match value.get_ref() {
            DeValue::Table(inner) => number_lines(inner, text, &format!("{path}."), lines),
            DeValue::Array(items) => {
                for (index, item) in items.iter().enumerate() {
                    if let DeValue::Table(inner) = item.get_ref() {
                        let path = format!("{path}.{}", index + 1);
                        lines.insert(path.clone(), line_of(text, item.span().start));
                        number_lines(inner, text, &format!("{path}."), lines);
                    }
                }
            }
            _ => {}
        }
    }
}
