//! What was restored, as a list beside the dumps, a table and a document.

use std::path::{Path, PathBuf};

use anyhow::Result;
use serde::Serialize;

use super::Manner;
use super::plan::Choice;
use crate::commands::print;
use crate::domain::text::{rfc3339, size};
use crate::domain::{Time, Version};
use crate::files;
use crate::render::json::Utc;
use crate::render::table;
use crate::render::terms::warning_words;
use crate::vault::{RestoredFile, sums_line};

/// One dump that lies at its place.
pub struct Copied<'c> {
    pub choice: &'c Choice<'c>,
    pub version: &'c Version,
    pub file: RestoredFile,
    /// Why it is not the newest one.
    pub instead_of: Option<String>,
}

pub struct Outcome<'c> {
    pub choices: &'c [Choice<'c>],
    pub copied: Vec<Copied<'c>>,
    /// Sentences of what was not done.
    pub failed: Vec<String>,
}

/// The two files beside the dumps.
pub struct Lists {
    document: PathBuf,
    sums: PathBuf,
}

#[derive(Serialize)]
struct Document<'o> {
    generated_at: Utc,
    dry_run: bool,
    to: &'o Path,
    restored: Vec<Row<'o>>,
    without_version: Vec<Without<'o>>,
    failed: &'o [String],
    total_bytes: u64,
}

#[derive(Serialize)]
struct Row<'o> {
    job_id: String,
    agent: &'o str,
    database: &'o str,
    version: &'o str,
    report_time: Utc,
    promoted_at: Utc,
    sha256: String,
    size_bytes: u64,
    warnings: Vec<&'static str>,
    held: bool,
    /// Below `to`.
    path: PathBuf,
}

#[derive(Serialize)]
struct Without<'o> {
    job_id: String,
    agent: &'o str,
    database: &'o str,
    reason: &'static str,
}

impl Lists {
    /// # Errors
    /// When the folder cannot be made.
    pub fn named(to: &Path, now: Time) -> Result<Self> {
        files::create_dirs(to)?;
        let named = |mark: &str| Self {
            document: to.join(format!("RESTORED{mark}.json")),
            sums: to.join(format!("SHA256SUMS{mark}")),
        };
        let is_taken =
            |lists: &Self| [&lists.document, &lists.sums].iter().any(|path| path.symlink_metadata().is_ok());
        let plain = named("");
        Ok(if is_taken(&plain) { named(&now.format("-%Y%m%dT%H%M%SZ").to_string()) } else { plain })
    }

    /// # Errors
    /// When a list is there already, or cannot be written.
    pub fn write(&self, outcome: &Outcome, now: Time) -> Result<()> {
        let to = self.document.parent().unwrap_or(Path::new("."));
        let mut document = serde_json::to_vec_pretty(&outcome.document(now, to, false))?;
        document.push(b'\n');
        files::write_new(&self.document, &document)?;
        let sums: String = outcome
            .copied
            .iter()
            .map(|copied| sums_line(&copied.file.sha256, &below(&copied.file.path, to).to_string_lossy()))
            .collect();
        Ok(files::write_new(&self.sums, sums.as_bytes())?)
    }
}

fn below(path: &Path, to: &Path) -> PathBuf {
    path.strip_prefix(to).unwrap_or(path).to_owned()
}

impl<'c> Outcome<'c> {
    /// The versions that lie there, or in a dry run would.
    fn rows(&self, to: &Path, dry_run: bool) -> Vec<(&'c Choice<'c>, &'c Version, PathBuf)> {
        if !dry_run {
            let row = |copied: &Copied<'c>| (copied.choice, copied.version, below(&copied.file.path, to));
            return self.copied.iter().map(row).collect();
        }
        let row = |choice: &'c Choice<'c>| {
            let version = choice.chosen()?;
            Some((choice, version, below(&choice.folder(to).join(&version.file_name), to)))
        };
        self.choices.iter().filter_map(row).collect()
    }

    fn without(&self) -> impl Iterator<Item = (&'c Choice<'c>, &'static str)> {
        self.choices.iter().filter_map(|choice| Some((choice, choice.reason?)))
    }

    fn document<'o>(&'o self, now: Time, to: &'o Path, dry_run: bool) -> Document<'o> {
        let rows = self.rows(to, dry_run);
        Document {
            generated_at: Utc(now),
            dry_run,
            to,
            total_bytes: rows.iter().map(|(_, version, _)| version.size_bytes).sum(),
            restored: rows
                .into_iter()
                .map(|(choice, version, path)| Row {
                    job_id: choice.shelf.key.id().to_string(),
                    agent: choice.shelf.key.agent.as_str(),
                    database: choice.shelf.key.database.as_str(),
                    version: &version.name,
                    report_time: Utc(version.report_time),
                    promoted_at: Utc(version.promoted_at),
                    sha256: version.sha256.to_string(),
                    size_bytes: version.size_bytes,
                    warnings: version.warnings.iter().map(|warning| warning.word()).collect(),
                    held: version.held,
                    path,
                })
                .collect(),
            without_version: self
                .without()
                .map(|(choice, reason)| Without {
                    job_id: choice.shelf.key.id().to_string(),
                    agent: choice.shelf.key.agent.as_str(),
                    database: choice.shelf.key.database.as_str(),
                    reason,
                })
                .collect(),
            failed: &self.failed,
        }
    }

    /// `lists` is `None` in a dry run.
    pub fn tell(&self, manner: &Manner, to: &Path, lists: Option<&Lists>) -> Result<()> {
        let dry_run = lists.is_none();
        if manner.json {
            return print::json(&self.document(manner.now, to, dry_run));
        }
        if manner.quiet {
            return Ok(());
        }
        let rows = self.rows(to, dry_run);
        let total = rows.iter().map(|(_, version, _)| version.size_bytes).sum();
        let count = rows.len();
        let mut text = String::new();
        if count > 0 {
            let cells = rows.into_iter().map(|(choice, version, path)| {
                [
                    choice.shelf.key.to_string(),
                    version.name.clone(),
                    rfc3339(version.report_time),
                    size(version.size_bytes),
                    notes(version),
                    path.display().to_string(),
                ]
            });
            let header = ["JOB", "VERSION", "REPORT TIME", "SIZE", "WARNINGS", "PATH"];
            text.push_str(&table::rows(header, cells, manner.style));
            text.push('\n');
        }
        let without: Vec<[String; 2]> = self
            .without()
            .map(|(choice, reason)| [choice.shelf.key.to_string(), reason.to_owned()])
            .collect();
        if !without.is_empty() {
            text.push_str(&table::rows(["WITHOUT", "WHY"], without, manner.style));
            text.push('\n');
        }
        text.push_str(&match lists {
            None => format!("dry run: {count} dumps of {} would be restored\n", size(total)),
            Some(lists) => {
                let list = files::shown(&lists.document);
                format!("{count} dumps of {} restored; the list is {list}\n", size(total))
            }
        });
        print::text(&text)
    }
}

fn notes(version: &Version) -> String {
    let held = if version.held { "held " } else { "" };
    format!("{held}{}", warning_words(&version.warnings)).trim_end().to_owned()
}
