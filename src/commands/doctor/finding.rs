//! One line of `doctor`: a name, a result, and a hint that says what was seen and how to mend it.

use serde::Serialize;

use crate::domain::text::printable;

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Level {
    Ok,
    Warn,
    Fail,
}

impl Level {
    fn word(self) -> &'static str {
        match self {
            Level::Ok => "OK",
            Level::Warn => "WARN",
            Level::Fail => "FAIL",
        }
    }
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Finding {
    /// Fixed and short, so that it can be searched for.
    pub name: &'static str,
    pub result: Level,
    /// Also where all is well: what was looked at.
    pub hint: String,
}

/// What was found so far, in the order in which it is told.
#[derive(Debug, Default)]
pub struct Findings(Vec<Finding>);

impl Findings {
    pub fn ok(&mut self, name: &'static str, hint: impl Into<String>) {
        self.add(name, Level::Ok, hint.into());
    }

    pub fn warn(&mut self, name: &'static str, hint: impl Into<String>) {
        self.add(name, Level::Warn, hint.into());
    }

    pub fn fail(&mut self, name: &'static str, hint: impl Into<String>) {
        self.add(name, Level::Fail, hint.into());
    }

    pub fn add(&mut self, name: &'static str, result: Level, hint: String) {
        self.0.push(Finding { name, result, hint });
    }

    #[must_use]
    pub fn worst(&self) -> Level {
        self.0.iter().map(|finding| finding.result).max().unwrap_or(Level::Ok)
    }

    #[must_use]
    pub fn list(&self) -> &[Finding] {
        &self.0
    }

    /// `name: RESULT (hint)`, a line each.
    #[must_use]
    pub fn lines(&self) -> String {
        let line = |finding: &Finding| {
            let hint: Vec<String> = finding.hint.lines().map(|line| printable(line.trim())).collect();
            format!("{}: {} ({})\n", finding.name, finding.result.word(), hint.join(" "))
        };
        self.0.iter().map(line).collect()
    }
}
