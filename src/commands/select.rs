//! From what was typed to the jobs that are meant, and whether so many may be touched.

use anyhow::{Result, anyhow, bail};

use super::snapshot::{Known, Snapshot};
use crate::cli::select::{Change, Filter, Selector as Typed};
use crate::domain::selector::{Pattern, names};
use crate::domain::text::printable;
use crate::domain::{JobKey, Selector, Status};
use crate::exit::Advise as _;

/// So many jobs may be touched without `--yes`.
const UNASKED: usize = 10;
/// Least likeness of a name to be offered for one that is not known; 1 is the same.
const ALIKE: f64 = 0.85;

/// # Errors
/// When a glob is malformed.
pub fn filter(typed: &Filter) -> Result<Selector> {
    let pattern = |text: &Option<String>| text.as_deref().map(Pattern::new).transpose().or_usage();
    Ok(Selector {
        jobs: typed.jobs.clone(),
        agent: pattern(&typed.agent)?,
        database: pattern(&typed.database)?,
        company: pattern(&typed.company)?,
        city: pattern(&typed.city)?,
        year: typed.year,
        status: Vec::new(),
    })
}

/// # Errors
/// When a glob is malformed.
pub fn selector(typed: &Typed) -> Result<Selector> {
    let status = typed.status.iter().filter_map(|word| Status::from_word(&word.to_ascii_uppercase()));
    Ok(Selector { status: status.collect(), ..filter(&typed.filter)? })
}

/// The jobs that a selector means, with the status of now. Globs may match none; a job that is named must be there.
///
/// # Errors
/// When a named job is not known.
pub fn meant<'s>(snapshot: &'s Snapshot, selector: &Selector) -> Result<Vec<&'s Known>> {
    for name in &selector.jobs {
        one(snapshot, name)?;
    }
    Ok(snapshot.select(selector).collect())
}

/// The job of this name, an id or `AGENT/DATABASE`.
///
/// # Errors
/// When there is none.
pub fn one<'s>(snapshot: &'s Snapshot, name: &str) -> Result<&'s Known> {
    snapshot
        .jobs
        .iter()
        .find(|known| names(name, &known.job.key))
        .ok_or_else(|| anyhow!("no job is called `{}`", printable(name)))
        .hint(match nearest(name, snapshot.jobs.iter().map(|known| &known.job.key)) {
            Some(key) => format!("did you mean `{}`?", printable(&key)),
            None => "`backupmon jobs list --all` lists them; a JOB is an id or AGENT/DATABASE".to_owned(),
        })
        .or_usage()
}

/// The known name that is most like `name`, where one is.
fn nearest<'k>(name: &str, keys: impl Iterator<Item = &'k JobKey>) -> Option<String> {
    let lower = name.to_lowercase();
    keys.map(|key| {
        let key = key.to_string();
        (strsim::jaro_winkler(&lower, &key.to_lowercase()), key)
    })
    .filter(|(likeness, _)| *likeness >= ALIKE)
    .max_by(|(a, _), (b, _)| a.total_cmp(b))
    .map(|(_, key)| key)
}

/// The jobs that a change touches. A change wants to be told which, finds at least one, and above [`UNASKED`] wants
/// `--yes`.
///
/// # Errors
/// When any of that does not hold.
pub fn touched<'s>(snapshot: &'s Snapshot, change: &Change) -> Result<Vec<&'s Known>> {
    let selector = selector(&change.selector)?;
    if selector.is_everything() {
        let nothing: Result<()> = Err(anyhow!("no job is named"));
        nothing
            .hint("name jobs or say which, for example --city DOUALA; --agent '*' means every one")
            .or_usage()?;
    }
    let touched = meant(snapshot, &selector)?;
    if touched.is_empty() {
        let none: Result<()> = Err(anyhow!("no job matches, so nothing was changed"));
        none.hint("`backupmon jobs list` takes the same selectors").or_usage()?;
    }
    want_yes(touched.iter().map(|known| &known.job.key), change.yes || change.dry_run).or_usage()?;
    Ok(touched)
}

/// Refuses to touch many jobs unless it was said that this is meant; the refusal names them.
///
/// # Errors
/// When they are too many.
pub fn want_yes<'k>(keys: impl ExactSizeIterator<Item = &'k JobKey>, said: bool) -> Result<()> {
    if said || keys.len() <= UNASKED {
        return Ok(());
    }
    let count = keys.len();
    let list: Vec<String> = keys.map(|key| printable(&key.to_string())).collect();
    let refused: Result<()> =
        (|| bail!("this would touch {count} jobs, so nothing was changed:\n  {}", list.join("\n  ")))();
    refused.hint("say --yes when that is what you mean")
}
