//! The status site: static files, each small, written one after the other.
//!
//! `index.html`, `alerts.html`, `agents.html` and the lists under `api/` carry the scan that they are
//! from. `agents/<agent>.html`, `jobs/<id>.html` and `api/jobs/<id>.json` carry neither a scan nor a time
//! of the run, so that they change only with their content; in the browser they stay grey until
//! `data/stamp.js` is loaded and fresh. The stamp comes last, so that it never vouches for a page that
//! is not there yet. Pages are HTML by a template that escapes, under a policy that runs nothing inline.

mod agent;
mod alerts;
mod assets;
mod catalogue;
mod charts;
mod frame;
mod index;
mod job;
mod keys;
mod listing;
mod rows;
mod server;

use std::collections::HashMap;
use std::io;

use askama::Template;

use self::assets::{SCRIPT, STYLE};
use self::frame::Frame;
use self::keys::Shared;
pub use self::keys::{Fingerprint, frame};
use super::facts::JobDetails;
use super::recent::Recent;
use super::trouble::Trouble;
use super::view::View;
use super::{badge, feed, json, metrics};
use crate::domain::text::rfc3339;
use crate::domain::{Digest, Incident, JobId};

/// Longest agent id that is its page's name as it is.
const PLAIN_NAME: usize = 100;
const HASH_DIGITS: usize = 8;

/// Writes one file's bytes. Large ones (`metrics.prom`, `api/jobs.json`) are written in pieces.
pub type Content<'c> = dyn Fn(&mut dyn io::Write) -> io::Result<()> + 'c;

/// The pages of one view.
pub struct Site<'v> {
    view: &'v View<'v>,
    /// The causes that each agent, and each job that has any, is part of: indices into [`View::troubles`].
    troubles_of_agents: Vec<Vec<usize>>,
    troubles_of_jobs: HashMap<usize, Vec<usize>>,
    /// Of each job, the newest first.
    incidents: HashMap<&'v str, Vec<&'v Incident>>,
    shared: Shared<'v>,
}

impl<'v> Site<'v> {
    #[must_use]
    pub fn new(view: &'v View<'v>) -> Self {
        let mut troubles_of_jobs: HashMap<usize, Vec<usize>> = HashMap::new();
        for (nth, trouble) in view.troubles.iter().enumerate() {
            for job in &trouble.jobs {
                troubles_of_jobs.entry(*job).or_default().push(nth);
            }
        }
        let mut incidents: HashMap<&str, Vec<&Incident>> = HashMap::new();
        for incident in &view.incidents {
            if let Some(job) = &incident.subject.job {
                incidents.entry(job.as_str()).or_default().push(incident);
            }
        }
        for of_job in incidents.values_mut() {
            of_job.sort_by_key(|incident| std::cmp::Reverse(incident.id));
        }
        Self {
            view,
            troubles_of_agents: agent::troubles_by_agent(view),
            troubles_of_jobs,
            incidents,
            shared: Shared::of(view),
        }
    }

    /// Of the job at this place in [`View::jobs`], open or resolved lately, the newest first.
    #[must_use]
    pub fn incidents_of(&self, job: usize) -> &[&'v Incident] {
        self.incidents.get(self.view.jobs[job].job.id.as_str()).map_or(&[], Vec::as_slice)
    }

    /// Of all that the page and the document of this job are made of. `stamp` changes with the job's history, versions,
    /// incidents and messages.
    #[must_use]
    pub fn job_key(&self, job: usize, stamp: i64) -> Fingerprint {
        let shown = &self.view.jobs[job];
        let rest = self.view.rest_of(shown);
        self.shared.job((shown, rest), stamp, self.troubles_of(job), self.incidents_of(job))
    }

    /// Of all that the page of this agent is made of; `jobs` are the keys of its jobs.
    #[must_use]
    pub fn agent_key(&self, agent: usize, jobs: &[Fingerprint]) -> Fingerprint {
        self.shared.agent(&self.view.agents[agent], jobs, &self.troubles_of_agents[agent])
    }

    fn troubles_of(&self, job: usize) -> &[usize] {
        self.troubles_of_jobs.get(&job).map_or(&[], Vec::as_slice)
    }

    /// The page of the job at this place in [`View::jobs`].
    ///
    /// # Errors
    /// Only by a fault of our own.
    pub fn job_page(&self, job: usize, details: &JobDetails) -> io::Result<String> {
        let troubles: Vec<&Trouble> =
            self.troubles_of(job).iter().map(|at| &self.view.troubles[*at]).collect();
        page(&job::page(self.view, &self.view.jobs[job], &troubles, details))
    }

    /// Its document under `api/jobs/`.
    ///
    /// # Errors
    /// Only by a fault of our own.
    pub fn job_document(&self, job: usize, details: &JobDetails) -> io::Result<String> {
        let document = serde_json::to_string_pretty(&json::job(self.view, &self.view.jobs[job], details))?;
        Ok(document + "\n")
    }

    /// The page of the agent at this place in [`View::agents`]; `recents` are of each of the view's jobs.
    ///
    /// # Errors
    /// Only by a fault of our own.
    pub fn agent_page(&self, agent: usize, recents: &[Recent]) -> io::Result<String> {
        let troubles: Vec<&Trouble> =
            self.troubles_of_agents[agent].iter().map(|at| &self.view.troubles[*at]).collect();
        page(&agent::page(self.view, recents, &self.view.agents[agent], &troubles))
    }

    /// Gives every other file of the site to `emit`, with its path below the site's folder; the stamp last.
    /// `recents` are of each of the view's jobs.
    ///
    /// # Errors
    /// What `emit` reports; rendering itself fails only by a fault of our own.
    pub fn lists(
        &self,
        recents: &[Recent],
        emit: &mut dyn FnMut(&str, &Content) -> io::Result<()>,
    ) -> io::Result<()> {
        let view = self.view;
        let mut text = |path: &str, text: &str| emit(path, &|out| out.write_all(text.as_bytes()));
        text("assets/site.css", STYLE)?;
        text("assets/site.js", SCRIPT)?;
        text("agents.html", &page(&listing::agents_page(view, recents))?)?;
        text("alerts.html", &page(&alerts::page(view))?)?;
        text("badge.svg", &badge::svg(view))?;
        emit("badge.json", &|out| json::write(&badge::shield(view), out))?;
        let mut text = |path: &str, text: &str| emit(path, &|out| out.write_all(text.as_bytes()));
        text("feed.atom", &feed::atom(view).map_err(io::Error::other)?)?;
        catalogue::write(view, recents, emit)?;
        let index = page(&index::page(view, recents))?;
        emit("metrics.prom", &|out| metrics::write(view, out))?;
        emit("api/jobs.json", &|out| json::write(&json::jobs(view, |job| !job.is_retired()), out))?;
        emit("api/alerts.json", &|out| {
            json::write(&json::alerts(view, view.incidents.iter().copied()), out)
        })?;
        emit("api/health.json", &|out| json::write(&json::health(view), out))?;
        emit("index.html", &|out| out.write_all(index.as_bytes()))?;
        emit("data/stamp.js", &|out| out.write_all(stamp(view).as_bytes()))
    }
}

/// Jobs and agents up to which the overview lists them all.
const ROWS_LISTED: usize = 200;

/// Of a small fleet the overview lists every job, and each page is a whole by itself. Of a large one the overview shows
/// agents and the search loads the jobs, and pages link style and script, so that each is small.
pub(super) fn is_small(view: &View) -> bool {
    view.jobs.len() + view.agents.len() <= ROWS_LISTED
}

#[must_use]
pub fn job_document_path(id: &JobId) -> String {
    format!("api/jobs/{id}.json")
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
    use std::collections::BTreeSet;

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
