//! Reads what was remembered, line by line, as far as it is asked for: first the build and what all pages have in
//! common, then the jobs in the order of their keys, then the agents in the order of their names.

use std::fs::File;
use std::io::{BufReader, Read as _, Take};

use serde::{Deserialize, Serialize};
use serde_json::Deserializer;
use serde_json::de::IoRead;

use super::{AgentNote, Common, JobNote};
use crate::domain::JobKey;

/// More than 200,000 jobs take.
const LIMIT: u64 = 256 * 1024 * 1024;

#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Head {
    /// The build and the start of the machine.
    pub made_by: String,
    pub common: Option<Common>,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Line {
    Job(JobKey, Box<JobNote>),
    Agent(String, AgentNote),
}

#[derive(Default)]
pub(super) struct Before {
    pub common: Option<Common>,
    rest: Option<Deserializer<IoRead<BufReader<Take<File>>>>>,
    /// Read, and not yet asked for.
    next: Option<Line>,
}

impl Before {
    /// Nothing, where another than `made_by` wrote it or it is no memory.
    pub fn of(file: Option<File>, made_by: Option<&str>) -> Self {
        let Some(file) = file else { return Self::default() };
        let mut rest = Deserializer::from_reader(BufReader::new(file.take(LIMIT)));
        match Head::deserialize(&mut rest) {
            Ok(head) if Some(head.made_by.as_str()) == made_by => {
                Self { common: head.common, rest: Some(rest), next: None }
            }
            Ok(_) | Err(_) => Self::default(),
        }
    }

    /// Those before this one are of jobs that are gone.
    pub fn job(&mut self, wanted: &JobKey) -> Option<JobNote> {
        loop {
            match self.line()? {
                Line::Job(key, _) if key < *wanted => {}
                Line::Job(key, note) if key == *wanted => return Some(*note),
                later @ (Line::Job(..) | Line::Agent(..)) => {
                    self.next = Some(later);
                    return None;
                }
            }
        }
    }

    /// Those before this one are of agents that are gone.
    pub fn agent(&mut self, wanted: &str) -> Option<AgentNote> {
        loop {
            match self.line()? {
                Line::Job(..) => {}
                Line::Agent(agent, _) if agent.as_str() < wanted => {}
                Line::Agent(agent, note) if agent == wanted => return Some(note),
                later @ Line::Agent(..) => {
                    self.next = Some(later);
                    return None;
                }
            }
        }
    }

    /// What cannot be read ends it: without a note a page is made anew.
    fn line(&mut self) -> Option<Line> {
        if let Some(line) = self.next.take() {
            return Some(line);
        }
        let line = Line::deserialize(self.rest.as_mut()?);
        if line.is_err() {
            self.rest = None;
        }
        line.ok()
    }
}
