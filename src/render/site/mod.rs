//! The status site: static files, each small, written one after the other.
//!
//! `index.html`, `alerts.html`, `agents.html` and the lists under `api/` carry the scan that they are
//! from. `agents/<agent>.html`, `jobs/<id>.html` and `api/jobs/<id>.json` carry neither a scan nor a time
//! of the run, so that they change only with their content; in the browser they stay grey until
//! `data/stamp.js` is loaded and fresh. The stamp comes last, so that it never vouches for a page that
//! is not there yet. Pages are HTML by a template that escapes, under a policy that runs nothing inline.

mod agent;
mod alerts;
mod frame;
mod index;
mod job;
mod rows;

use std::collections::BTreeSet;
use std::io;

use askama::Template;

use super::facts::JobDetails;
use super::view::{JobView, View};
use super::{badge, feed, json, metrics};
use crate::domain::text::rfc3339;
use crate::domain::{Digest, JobId};

const STYLE: &str = include_str!("../../../templates/site/site.css");
const SCRIPT: &str = include_str!("../../../templates/site/site.js");
/// Longest agent id that is its page's name as it is.
const PLAIN_NAME: usize = 100;
const HASH_DIGITS: usize = 8;

/// Writes one file's bytes. Large ones (`metrics.prom`, `api/jobs.json`) are written in pieces.
pub type Content<'c> = dyn Fn(&mut dyn io::Write) -> io::Result<()> + 'c;

/// Renders every file of the site, and gives each to `emit` with its path below the site's folder.
///
/// `details` loads what a job's own page shows; `None` says that the page and its document are as they
/// were and need no writing.
///
/// # Errors
/// What `details` and `emit` report; rendering itself fails only by a fault of our own.
pub fn render(
    view: &View,
    details: &mut dyn FnMut(&JobView) -> io::Result<Option<JobDetails>>,
    emit: &mut dyn FnMut(&str, &Content) -> io::Result<()>,
) -> io::Result<()> {
    let mut text = |path: &str, text: &str| emit(path, &|out| out.write_all(text.as_bytes()));
    text("assets/site.css", STYLE)?;
    text("assets/site.js", SCRIPT)?;
    for job in &view.jobs {
        if let Some(details) = details(job)? {
            text(&job_path(&job.job.id), &page(&job::page(view, job, &details))?)?;
            let document = serde_json::to_string_pretty(&json::job(view, job, &details))?;
            text(&format!("api/jobs/{}.json", job.job.id), &(document + "\n"))?;
        }
    }
    let troubles = agent::troubles_by_agent(view);
    for (agent, troubles) in view.agents.iter().zip(&troubles) {
        text(&agent_path(agent.id), &page(&agent::page(view, agent, troubles))?)?;
    }
    text("agents.html", &page(&index::agents_page(view))?)?;
    text("alerts.html", &page(&alerts::page(view))?)?;
    text("badge.svg", &badge::svg(view))?;
    text("feed.atom", &feed::atom(view).map_err(io::Error::other)?)?;
    let index = page(&index::page(view))?;
    emit("metrics.prom", &|out| metrics::write(view, out))?;
    emit("api/jobs.json", &|out| json::write(&json::jobs(view, |job| !job.is_retired()), out))?;
    emit("api/alerts.json", &|out| json::write(&json::alerts(view, view.incidents.iter().copied()), out))?;
    emit("api/health.json", &|out| json::write(&json::health(view), out))?;
    emit("index.html", &|out| out.write_all(index.as_bytes()))?;
    emit("data/stamp.js", &|out| out.write_all(stamp(view).as_bytes()))
}

/// The files of single jobs and agents that belong to the site: others under `jobs/`, `agents/` and
/// `api/jobs/` are of things that are gone.
#[must_use]
pub fn members(view: &View) -> BTreeSet<String> {
    let jobs = view.jobs.iter().map(|job| &job.job.id);
    let of_job = jobs.flat_map(|id| [job_path(id), format!("api/jobs/{id}.json")]);
    of_job.chain(view.agents.iter().map(|agent| agent_path(agent.id))).collect()
}

#[must_use]
pub fn job_path(id: &JobId) -> String {
    format!("jobs/{id}.html")
}

/// An agent's own name where it is plain (`[A-Za-z0-9._-]`, no dot first, at most 100), which is nearly
/// always; else its plain part, `~` and 8 hex digits of the name's SHA-256. A plain name holds no `~`,
/// so that two agents never share a page.
#[must_use]
pub fn agent_path(agent: &str) -> String {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-');
    if agent.len() <= PLAIN_NAME && !agent.starts_with('.') && agent.chars().all(is_plain) {
        return format!("agents/{agent}.html");
    }
    let plain: String =
        agent.chars().map(|c| if is_plain(c) && c != '.' { c } else { '-' }).take(PLAIN_NAME).collect();
    format!("agents/{plain}~{}.html", Digest::of(agent.as_bytes()).short(HASH_DIGITS))
}

/// What tells every page how fresh the site is.
#[must_use]
pub fn stamp(view: &View) -> String {
    let scan = view.scan.map_or_else(|| "null".to_owned(), |scan| scan.id.to_string());
    let (made, valid) = (rfc3339(view.generated_at), rfc3339(view.valid_until));
    format!("bmStamp({{\"generated_at\":\"{made}\",\"valid_until\":\"{valid}\",\"scan_id\":{scan}}})\n")
}

fn page(template: &impl Template) -> io::Result<String> {
    template.render().map_err(io::Error::other)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_two_agents_share_a_page_and_no_name_leaves_the_folder() {
        assert_eq!(agent_path("SIRPACAM_DOUALA"), "agents/SIRPACAM_DOUALA.html");
        let odd = ["é 😀", "a b", "a'b", ".hidden", "a~b", &"x".repeat(200), "..x"];
        let paths: BTreeSet<String> = odd.iter().map(|name| agent_path(name)).collect();
        assert_eq!(paths.len(), odd.len());
        for path in paths {
            let name = path.strip_prefix("agents/").unwrap();
            assert!(name.contains('~') && !name.starts_with('.'), "{path}");
            assert!(name.bytes().all(|b| b.is_ascii_alphanumeric() || b"._-~".contains(&b)), "{path}");
        }
    }
}
