//! Deposits and versions that belong to no job: shown with what they take, never removed (SPEC section 7).

use std::collections::{BTreeMap, HashMap, HashSet};

use super::{AgentId, DatabaseName, Job, JobKey};

/// What lies somewhere and is nobody's.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Orphan {
    /// What a job for it would be about; of a dump, by the name of its file.
    pub key: JobKey,
    pub kind: Kind,
    pub bytes: u64,
}

#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    /// Versions in the validated folder.
    Versions { count: usize },
    /// A staged file that no report of a job has named.
    Dump { file: String },
}

impl Orphan {
    /// The words after `backupmon jobs add` that would adopt it; to be quoted for a shell.
    #[must_use]
    pub fn adopted_as(&self) -> String {
        self.key.to_string()
    }
}

/// The versions among `found` (whose, and how many bytes) whose job is not there, or was removed.
#[must_use]
pub fn of_versions<'j>(
    found: impl IntoIterator<Item = (JobKey, u64)>,
    jobs: impl IntoIterator<Item = &'j Job>,
) -> Vec<Orphan> {
    let known: HashSet<&JobKey> = jobs.into_iter().filter(|job| !job.ignored).map(|job| &job.key).collect();
    let mut orphans: BTreeMap<JobKey, (usize, u64)> = BTreeMap::new();
    for (key, bytes) in found.into_iter().filter(|(key, _)| !known.contains(key)) {
        let (count, sum) = orphans.entry(key).or_default();
        *count += 1;
        *sum += bytes;
    }
    orphans
        .into_iter()
        .map(|(key, (count, bytes))| Orphan { key, kind: Kind::Versions { count }, bytes })
        .collect()
}

/// Which staged files are a job's.
#[derive(Debug, Default)]
pub struct Owned<'j>(HashMap<&'j AgentId, HashSet<&'j str>>);

impl<'j> Owned<'j> {
    /// A job owns the files that its reports named, and those that are called as its database: one may be on its way.
    #[must_use]
    pub fn by(jobs: impl IntoIterator<Item = &'j Job>) -> Self {
        let mut owned = Self::default();
        for job in jobs.into_iter().filter(|job| !job.ignored) {
            let names = owned.0.entry(&job.key.agent).or_default();
            names.insert(job.key.database.as_str());
            names.extend(job.state.staged.as_ref().map(|mark| mark.file.as_str()));
            names.extend(job.state.good.as_ref().map(|good| good.file.as_str()));
        }
        owned
    }

    /// The dumps (name and bytes) of an agent that no job owns. What has no name that a job could have is left out.
    #[must_use]
    pub fn orphans<'d>(
        &self,
        agent: &AgentId,
        dumps: impl IntoIterator<Item = (&'d str, u64)>,
    ) -> Vec<Orphan> {
        let names = self.0.get(agent);
        let is_owned = |name: &str| names.is_some_and(|names| names.contains(name));
        dumps
            .into_iter()
            .filter(|(file, _)| !is_owned(file) && !is_owned(database_in(file)))
            .filter_map(|(file, bytes)| {
                let database = DatabaseName::new(database_in(file)).ok()?;
                let key = JobKey { agent: agent.clone(), database };
                Some(Orphan { key, kind: Kind::Dump { file: file.to_owned() }, bytes })
            })
            .collect()
    }
}

/// Extensions of dumps and of what compresses them.
const EXTENSIONS: [&str; 17] = [
    "sql", "gz", "zst", "xz", "bz2", "bak", "db", "dump", "tar", "sqlite", "sqlite3", "tgz", "bin", "backup",
    "pgdump", "dmp", "zip",
];

/// The database that a dump is probably of: its name without the extensions.
fn database_in(file: &str) -> &str {
    let mut name = file;
    while let Some((stem, extension)) = name.rsplit_once('.') {
        if stem.is_empty() || !EXTENSIONS.iter().any(|known| known.eq_ignore_ascii_case(extension)) {
            break;
        }
        name = stem;
    }
    name
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::Digest;
    use crate::domain::Time;
    use crate::domain::job::{FileIdentity, StagedMark};

    fn job(key: &str) -> Job {
        Job::new(key.parse().unwrap(), Time::UNIX_EPOCH, false)
    }

    #[test]
    fn versions_without_a_job_are_counted_by_what_they_would_be_of() {
        let mut removed = job("A/removed");
        removed.ignored = true;
        let jobs = [job("A/db"), removed];
        let found = [("A/db", 1), ("A/removed", 10), ("B/db", 100), ("A/removed", 1000)];
        let orphans = of_versions(found.map(|(key, bytes)| (key.parse().unwrap(), bytes)), &jobs);
        let shown: Vec<_> = orphans.iter().map(|o| (o.adopted_as(), o.kind.clone(), o.bytes)).collect();
        assert_eq!(
            shown,
            [
                ("A/removed".to_owned(), Kind::Versions { count: 2 }, 1010),
                ("B/db".to_owned(), Kind::Versions { count: 1 }, 100)
            ]
        );
    }

    #[test]
    fn a_dump_is_owned_by_name_or_by_a_report_that_named_it() {
        let mut named = job("A/db");
        let identity = FileIdentity { device: 1, inode: 1, size: 1, mtime: 0, ctime: 0 };
        named.state.staged = Some(StagedMark {
            file: "export-of-the-day.gz".into(),
            identity,
            sha256: Digest::of(b""),
            kind: None,
            stream: None,
        });
        let mut removed = job("A/removed");
        removed.ignored = true;
        let jobs = [named, removed, job("B/other")];
        let owned = Owned::by(&jobs);
        let files = ["db.sql.gz", "export-of-the-day.gz", "removed.sql", "other.zst", "v1.2.sql.gz", "..gz"];
        let orphans = owned.orphans(&"A".to_owned().try_into().unwrap(), files.map(|file| (file, 7)));
        let shown: Vec<_> = orphans.iter().map(Orphan::adopted_as).collect();
        assert_eq!(shown, ["A/removed", "A/other", "A/v1.2"]);
    }
}
