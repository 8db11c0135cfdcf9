//! From the selector as typed to the domain's.

use anyhow::Result;

use crate::cli::select;
use crate::domain::selector::Pattern;
use crate::domain::{Selector, Status};
use crate::exit::Advise as _;

/// # Errors
/// When a glob is malformed.
pub fn selector(typed: &select::Selector) -> Result<Selector> {
    let filter = &typed.filter;
    let pattern = |text: &Option<String>| text.as_deref().map(Pattern::new).transpose().or_usage();
    Ok(Selector {
        jobs: filter.jobs.clone(),
        agent: pattern(&filter.agent)?,
        database: pattern(&filter.database)?,
        company: pattern(&filter.company)?,
        city: pattern(&filter.city)?,
        year: filter.year,
        status: typed.status.iter().filter_map(|word| Status::from_word(&word.to_uppercase())).collect(),
    })
}
