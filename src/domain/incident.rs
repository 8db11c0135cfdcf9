//! Incidents: trouble from its first bad entry to its next good one. What alerts are about.

use serde::{Deserialize, Serialize};

use super::{AgentId, JobId, Problem, Severity, Time};

/// A job's own trouble, or a problem of an agent, a version or the server.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum IncidentKind {
    Job,
    Problem(Problem),
}

impl IncidentKind {
    /// `job`, or the problem's word.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            IncidentKind::Job => "job",
            IncidentKind::Problem(problem) => problem.word(),
        }
    }

    #[must_use]
    pub fn from_word(word: &str) -> Option<Self> {
        match word {
            "job" => Some(IncidentKind::Job),
            _ => Problem::from_word(word).map(IncidentKind::Problem),
        }
    }
}

/// What an incident is about. Two open incidents never share a subject.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Subject {
    pub kind: IncidentKind,
    /// `None` for a problem of the server. Text and not [`AgentId`]: a folder whose name is none has a problem too.
    pub agent: Option<String>,
    pub job: Option<JobId>,
}

impl Subject {
    #[must_use]
    pub fn job(agent: &AgentId, job: &JobId) -> Self {
        Self { kind: IncidentKind::Job, agent: Some(agent.to_string()), job: Some(job.clone()) }
    }

    #[must_use]
    pub fn agent(problem: Problem, agent: impl Into<String>) -> Self {
        Self { kind: IncidentKind::Problem(problem), agent: Some(agent.into()), job: None }
    }

    #[must_use]
    pub fn version(problem: Problem, agent: &AgentId, job: &JobId) -> Self {
        Self { kind: IncidentKind::Problem(problem), agent: Some(agent.to_string()), job: Some(job.clone()) }
    }

    #[must_use]
    pub fn server(problem: Problem) -> Self {
        Self { kind: IncidentKind::Problem(problem), agent: None, job: None }
    }
}

#[derive(Debug, Clone, PartialEq)]
pub struct Incident {
    /// Given by the state, ascending; never used twice.
    pub id: i64,
    pub subject: Subject,
    /// The job's database, for readers.
    pub database: Option<String>,
    pub severity: Severity,
    /// A [`super::Cause`] word for a job's own trouble; `None` for a problem, whose kind says it.
    pub cause: Option<String>,
    pub message: String,
    pub opened_at: Time,
    /// When the cause last changed; `opened_at` at first.
    pub changed_at: Time,
    pub resolved_at: Option<Time>,
    pub acknowledged: Option<Acknowledgement>,
}

impl Incident {
    #[must_use]
    pub fn is_open(&self) -> bool {
        self.resolved_at.is_none()
    }
}

/// Somebody took it on: stops reminders, never a recovery.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Acknowledgement {
    pub who: String,
    pub why: String,
    pub at: Time,
    /// `None`: until it is resolved.
    pub until: Option<Time>,
}

/// A change of the set of open incidents, written in the same transaction as what caused it.
#[derive(Debug, Clone, PartialEq)]
pub enum IncidentChange {
    /// Opens the subject's incident; where one is open, changes its cause and message (same cause: message only).
    Raise {
        subject: Subject,
        database: Option<String>,
        severity: Severity,
        cause: Option<String>,
        message: String,
        at: Time,
    },
    /// Resolves the subject's open incident; nothing where none is open.
    Resolve { subject: Subject, at: Time },
}
