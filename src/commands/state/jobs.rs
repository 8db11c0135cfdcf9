//! The jobs as a document beside the versions: the form of `jobs export`, which other programs read, and `jobs import`
//! takes.

use serde::{Deserialize, Serialize};

use crate::domain::job::Pause;
use crate::domain::{AgentId, DatabaseName, Job, JobKey, Labels, Settings, Time};

#[derive(Debug, Serialize, Deserialize)]
pub struct Document {
    pub jobs: Vec<Row>,
}

/// What an operator set on a job; what is null or absent is inherited.
#[derive(Debug, Serialize, Deserialize)]
pub struct Row {
    agent: String,
    database: String,
    company: Option<String>,
    city: Option<String>,
    neighborhood: Option<String>,
    year: Option<u16>,
    #[serde(flatten)]
    settings: Settings,
    /// False while it is paused without an end.
    active: bool,
}

impl Document {
    /// All jobs that are still expected.
    #[must_use]
    pub fn of(jobs: &[Job]) -> Self {
        let expected = jobs.iter().filter(|job| !job.ignored && job.retired_at.is_none());
        Self { jobs: expected.map(Row::of).collect() }
    }
}

impl Row {
    fn of(job: &Job) -> Self {
        let labels = job.labels.clone();
        Self {
            agent: job.key.agent.to_string(),
            database: job.key.database.to_string(),
            company: labels.company,
            city: labels.city,
            neighborhood: labels.neighborhood,
            year: labels.year,
            settings: job.settings.clone(),
            active: !job.pauses.iter().any(|pause| pause.until.is_none()),
        }
    }

    /// The job as it begins anew at `now`; `None` where its names are none.
    #[must_use]
    pub fn job(self, now: Time) -> Option<Job> {
        let key = JobKey {
            agent: AgentId::new(self.agent).ok()?,
            database: DatabaseName::new(self.database).ok()?,
        };
        let mut job = Job::new(key, now, false);
        job.labels = Labels {
            company: self.company,
            city: self.city,
            neighborhood: self.neighborhood,
            year: self.year,
        };
        job.settings = self.settings;
        if !self.active {
            let (who, reason) =
                ("state rebuild".to_owned(), "it was not active in the copy of the jobs".to_owned());
            job.pauses.push(Pause { from: now, until: None, who, reason });
        }
        Some(job)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_set_on_a_job_comes_back() {
        let now: Time = "2026-06-15T08:00:00Z".parse().unwrap();
        let key = JobKey {
            agent: AgentId::new("SIRPACAM_DOUALA_NEWBELL").unwrap(),
            database: DatabaseName::new("SDMC_2025").unwrap(),
        };
        let mut job = Job::new(key, now, false);
        job.labels.city = Some("DOUALA".to_owned());
        job.settings.at = Some(vec!["13:00".to_owned()]);
        job.settings.grace = Some("3h".parse().unwrap());
        job.settings.keep_daily = Some(14);
        let mut ignored = job.clone();
        ignored.ignored = true;
        let text = serde_json::to_string(&Document::of(&[job.clone(), ignored])).unwrap();
        assert!(text.contains(r#""grace":"3h""#) && text.contains(r#""company":null"#), "{text}");
        let document: Document = serde_json::from_str(&text).unwrap();
        let back: Vec<Job> = document.jobs.into_iter().filter_map(|row| row.job(now)).collect();
        assert_eq!(back, [job]);
    }
}
