//! Company, city and neighbourhood from an agent's id.

use regex::Regex;

use crate::domain::Labels;

pub const DEFAULT_AGENT_PATTERN: &str = "^(?<company>[^_]+)_(?<city>[^_]+)_(?<neighborhood>.+)$";
const GROUPS: [&str; 3] = ["company", "city", "neighborhood"];

/// A regular expression whose named groups are labels.
#[derive(Debug, Clone)]
pub struct AgentPattern(Regex);

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BadAgentPattern {
    #[error("is no regular expression: {0}")]
    Syntax(String),
    #[error("has a group `{0}`; the groups are `company`, `city` and `neighborhood`")]
    UnknownGroup(String),
    #[error("names nothing; write at least one of `(?<company>…)`, `(?<city>…)`, `(?<neighborhood>…)`")]
    NoGroup,
}

impl AgentPattern {
    /// # Errors
    /// When it is no regular expression, or its named groups are not the three labels.
    pub fn new(text: &str) -> Result<Self, BadAgentPattern> {
        let regex = Regex::new(text).map_err(|error| {
            // The library draws the place under the pattern over several lines; its last line is the reason.
            let reason = error.to_string();
            BadAgentPattern::Syntax(
                reason.lines().last().unwrap_or_default().trim_start_matches("error: ").to_owned(),
            )
        })?;
        let names: Vec<&str> = regex.capture_names().flatten().collect();
        if let Some(unknown) = names.iter().find(|name| !GROUPS.contains(name)) {
            return Err(BadAgentPattern::UnknownGroup((*unknown).to_owned()));
        }
        if names.is_empty() {
            return Err(BadAgentPattern::NoGroup);
        }
        Ok(Self(regex))
    }

    /// The labels of an agent; none for an id that does not match.
    #[must_use]
    pub fn labels(&self, agent: &str) -> Labels {
        let Some(groups) = self.0.captures(agent) else {
            return Labels::default();
        };
        let label =
            |name| groups.name(name).map(|found| found.as_str().to_owned()).filter(|text| !text.is_empty());
        Labels {
            company: label(GROUPS[0]),
            city: label(GROUPS[1]),
            neighborhood: label(GROUPS[2]),
            year: None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_neighbourhood_is_all_the_rest_and_an_id_that_does_not_match_has_no_labels() {
        let labels = |agent: &str| {
            let labels = AgentPattern::new(DEFAULT_AGENT_PATTERN).unwrap().labels(agent);
            [labels.company, labels.city, labels.neighborhood].map(Option::unwrap_or_default).join("|")
        };
        assert_eq!(labels("SIRPACAM_DOUALA_NEWBELL"), "SIRPACAM|DOUALA|NEWBELL");
        assert_eq!(labels("A_B_C_D é"), "A|B|C_D é");
        for other in ["SERVER1", "A_B", "A_B_", "_B_C"] {
            assert_eq!(labels(other), "||", "{other}");
        }
    }

    #[test]
    fn a_pattern_that_cannot_label_is_refused() {
        assert_eq!(
            AgentPattern::new("^(?<town>.+)$").unwrap_err(),
            BadAgentPattern::UnknownGroup("town".into())
        );
        assert_eq!(AgentPattern::new("^(.+)$").unwrap_err(), BadAgentPattern::NoGroup);
        assert!(AgentPattern::new("(?<city>").unwrap_err().to_string().contains("unclosed group"));
    }
}
