//! Which jobs a command or a rule means.

use globset::{GlobBuilder, GlobMatcher};

use super::{JobId, JobKey, Labels, Status};

/// A shell glob (`*`, `?`, `[a-z]`, `{a,b}`) that must match the whole text; letters count as written.
#[derive(Debug, Clone)]
pub struct Pattern(GlobMatcher);

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is no pattern: {1}")]
pub struct BadPattern(String, String);

impl Pattern {
    /// # Errors
    /// When the glob is malformed.
    pub fn new(text: &str) -> Result<Self, BadPattern> {
        GlobBuilder::new(text)
            .build()
            .map(|glob| Self(glob.compile_matcher()))
            .map_err(|e| BadPattern(text.to_owned(), e.kind().to_string()))
    }

    #[must_use]
    pub fn matches(&self, text: &str) -> bool {
        self.0.is_match(text)
    }

    #[must_use]
    pub fn text(&self) -> &str {
        self.0.glob().glob()
    }
}

/// All conditions must hold; an empty selector means every job.
#[derive(Debug, Clone, Default)]
pub struct Selector {
    /// An id or `AGENT/DATABASE`; several are alternatives.
    pub jobs: Vec<String>,
    pub agent: Option<Pattern>,
    pub database: Option<Pattern>,
    pub company: Option<Pattern>,
    pub city: Option<Pattern>,
    pub year: Option<u16>,
    /// Several are alternatives.
    pub status: Vec<Status>,
}

impl Selector {
    #[must_use]
    pub fn is_everything(&self) -> bool {
        self.jobs.is_empty()
            && self.agent.is_none()
            && self.database.is_none()
            && self.company.is_none()
            && self.city.is_none()
            && self.year.is_none()
            && self.status.is_empty()
    }

    /// `status` is the one derived at now; `None` where none is known (a rule asks for none).
    #[must_use]
    pub fn matches(&self, key: &JobKey, labels: &Labels, status: Option<Status>) -> bool {
        let label = |pattern: &Option<Pattern>, value: &Option<String>| {
            pattern.as_ref().is_none_or(|p| value.as_ref().is_some_and(|v| p.matches(v)))
        };
        (self.jobs.is_empty() || self.jobs.iter().any(|name| names(name, key)))
            && self.agent.as_ref().is_none_or(|p| p.matches(key.agent.as_str()))
            && self.database.as_ref().is_none_or(|p| p.matches(key.database.as_str()))
            && label(&self.company, &labels.company)
            && label(&self.city, &labels.city)
            && self.year.is_none_or(|year| labels.year == Some(year))
            && (self.status.is_empty() || status.is_some_and(|s| self.status.contains(&s)))
    }

    /// Whether it speaks of an agent as a whole: nothing but agent, company and city is asked.
    #[must_use]
    pub fn matches_agent(&self, agent: &str, labels: &Labels) -> bool {
        let label = |pattern: &Option<Pattern>, value: &Option<String>| {
            pattern.as_ref().is_none_or(|p| value.as_ref().is_some_and(|v| p.matches(v)))
        };
        self.jobs.is_empty()
            && self.database.is_none()
            && self.year.is_none()
            && self.status.is_empty()
            && self.agent.as_ref().is_none_or(|p| p.matches(agent))
            && label(&self.company, &labels.company)
            && label(&self.city, &labels.city)
    }
}

/// Whether `name`, an id or `AGENT/DATABASE`, is the job `key`.
#[must_use]
pub fn names(name: &str, key: &JobKey) -> bool {
    name == key.to_string() || JobId::of(key).as_str() == name
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{AgentId, DatabaseName};

    #[test]
    fn all_conditions_must_hold() {
        let key = JobKey {
            agent: AgentId::new("SIRPACAM_DOUALA_NEWBELL").unwrap(),
            database: DatabaseName::new("SDMC_2025").unwrap(),
        };
        let labels = Labels { company: Some("SIRPACAM".into()), year: Some(2025), ..Labels::default() };
        let mut selector =
            Selector { agent: Some(Pattern::new("SIRPACAM_*").unwrap()), ..Selector::default() };
        assert!(selector.matches(&key, &labels, None));
        selector.year = Some(2024);
        assert!(!selector.matches(&key, &labels, None));
        selector.year = None;
        selector.status = vec![Status::Failed];
        assert!(!selector.matches(&key, &labels, Some(Status::Success)));
        assert!(selector.matches(&key, &labels, Some(Status::Failed)));
        let by_name =
            Selector { jobs: vec!["SIRPACAM_DOUALA_NEWBELL/SDMC_2025".into()], ..Selector::default() };
        assert!(by_name.matches(&key, &labels, None));
        let by_city = Selector { city: Some(Pattern::new("*").unwrap()), ..Selector::default() };
        assert!(!by_city.matches(&key, &labels, None), "a label that is absent matches no pattern");
    }
}
