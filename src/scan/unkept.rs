//! Good backups that could not be kept. One cause, as a full disk, has many: it is told once, with how many jobs have it.

use std::collections::{BTreeMap, BTreeSet};

use crate::domain::text::printable;
use crate::domain::{JobId, JobKey};

/// Those of one run.
#[derive(Debug, Clone, Default)]
pub struct Unkept {
    jobs: BTreeSet<JobId>,
    /// What was not told yet, by what the reasons have in common.
    causes: BTreeMap<String, Cause>,
}

#[derive(Debug, Clone)]
struct Cause {
    /// For people: the first job that has it, and its reason.
    job: String,
    reason: String,
    jobs: usize,
}

/// What is said of one job.
#[must_use]
pub fn sentence(key: &JobKey, reason: &str) -> String {
    of_one(&printable(&key.to_string()), reason)
}

fn of_one(job: &str, reason: &str) -> String {
    format!("the verified backup of {job} could not be kept: {reason}")
}

impl Unkept {
    pub fn note(&mut self, key: &JobKey, reason: &str) {
        tracing::info!("{}", sentence(key, reason));
        self.jobs.insert(key.id());
        let first = || Cause { job: printable(&key.to_string()), reason: reason.to_owned(), jobs: 0 };
        self.causes.entry(outline(reason)).or_insert_with(first).jobs += 1;
    }

    #[must_use]
    pub fn contains(&self, job: &JobId) -> bool {
        self.jobs.contains(job)
    }

    /// One sentence for each cause that was not told yet; it counts as told then.
    pub fn take_sentences(&mut self) -> Vec<String> {
        let causes = std::mem::take(&mut self.causes).into_values();
        causes
            .map(|Cause { job, reason, jobs }| match jobs {
                1 => of_one(&job, &reason),
                _ => format!(
                    "the verified backups of {jobs} jobs could not be kept, the first that of {job}: {reason}"
                ),
            })
            .collect()
    }
}

/// A reason without the paths that it names, up to its first number: what those of one cause share.
fn outline(reason: &str) -> String {
    let unquoted = reason.split('`').step_by(2).flat_map(str::chars);
    unquoted.take_while(|c| !c.is_ascii_digit()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cause_is_told_once_with_its_first_job_and_how_many_have_it() {
        let mut unkept = Unkept::default();
        let key = |database: &str| format!("A/{database}").parse::<JobKey>().unwrap();
        for (database, reason) in [
            ("B", "cannot write `/v/1`: No space left on device (os error 28)"),
            ("C", "cannot write `/v/2`: No space left on device (os error 28)"),
            ("D", "too little space: 1.2 MB free, 3 MB needed"),
            ("E", "cannot write `/v/3`: No space left on device (os error 28)"),
        ] {
            unkept.note(&key(database), reason);
        }
        assert!(unkept.contains(&key("C").id()) && !unkept.contains(&key("X").id()));
        let told = [
            "the verified backups of 3 jobs could not be kept, the first that of A/B: cannot write `/v/1`: No space left on \
             device (os error 28)",
            "the verified backup of A/D could not be kept: too little space: 1.2 MB free, 3 MB needed",
        ];
        assert_eq!(unkept.take_sentences(), told);
        assert!(unkept.take_sentences().is_empty(), "once");
        unkept.note(&key("F"), "too little space: 1 MB free, 3 MB needed");
        assert_eq!(unkept.take_sentences().len(), 1, "a later step may fail for the same cause");
    }
}
