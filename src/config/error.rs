//! What can be wrong with a configuration, and how it is said.

use std::fmt;
use std::path::PathBuf;

#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    #[error("cannot read the configuration `{}`: {reason}", path.display())]
    Unreadable {
        path: PathBuf,
        #[source]
        reason: std::io::Error,
    },
    /// The offending line is not shown: it can hold a secret.
    #[error("{place}is no TOML: {reason}")]
    Syntax { place: Place, reason: String },
    /// The offending line is not shown: it can hold a secret.
    #[error("`{}` cannot be read as a list of NAME=value lines: {reason}", path.display())]
    DotEnv { path: PathBuf, reason: String },
    #[error("{}", listed(.0))]
    Invalid(Vec<Fault>),
}

/// One key that does not hold.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    pub place: Place,
    /// `[scan] settle`, `[[rule]] 2 grace`.
    pub key: String,
    /// What is wrong with the value, and what to write instead.
    pub reason: String,
}

/// Where the value was written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Place {
    File {
        path: PathBuf,
        line: Option<usize>,
    },
    Variable {
        name: String,
        dotenv: Option<PathBuf>,
    },
    CommandLine,
    /// Nobody wrote it: there is no file, and the default cannot be had.
    Nowhere,
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Place::File { path, line: Some(line) } => write!(f, "{}:{line}: ", path.display()),
            Place::File { path, line: None } => write!(f, "{}: ", path.display()),
            Place::Variable { name, dotenv: None } => write!(f, "environment variable {name}: "),
            Place::Variable { name, dotenv: Some(path) } => write!(f, "{}: {name}: ", path.display()),
            Place::CommandLine => f.write_str("command line: "),
            Place::Nowhere => Ok(()),
        }
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}{}: {}", self.place, self.key, self.reason)
    }
}

fn listed(faults: &[Fault]) -> String {
    match faults {
        [only] => only.to_string(),
        many => {
            let lines: Vec<String> = many.iter().map(|fault| format!("\n  {fault}")).collect();
            format!("the configuration has {} faults:{}", many.len(), lines.concat())
        }
    }
}
