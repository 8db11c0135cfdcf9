//! Writes the status site from the state as it is. A page whose content cannot have changed is not made again.
//!
//! Of 20,000 jobs a usual scan changes a hundredth: their history and versions are read, their pages and those of their
//! agents made. Which pages these are follows from the fingerprint of all that a page is made of
//! ([`crate::render::site::Fingerprint`]), which is remembered beside the site ([`memory`]). A page that is not
//! there as it was written is always made. Jobs are read one at a time: neither histories nor versions of a fleet stand in memory.

mod folder;
mod memory;

use std::collections::HashMap;
use std::path::Path;

use anyhow::Result;

pub use self::folder::recover;
use self::folder::{Folder, Shape};
use self::memory::{AgentNote, Common, JobNote, JobPage, Memory};
use super::context::Context;
use super::details::{ENTRIES, details};
use super::snapshot::Snapshot;
use crate::domain::retention::{next_change, scanned_lately};
use crate::domain::{Entry, JobId, Time};
use crate::files;
use crate::render::recent::{DAYS, Recent};
use crate::render::site::{self, Fingerprint, Site};
use crate::render::{JobView, View, metrics};
use crate::scan::keeping::Keeping;
use crate::store::{self, EntryFilter, Store};

/// Writes the site; gives how many of its files changed.
///
/// # Errors
/// When the state cannot be read or a file cannot be written.
pub fn write(context: &Context, store: &dyn Store, folder: &Path) -> Result<usize> {
    let mut memory = Memory::take(folder)?;
    let mut folder = Folder::open(folder)?;
    // Before the state is read: a stamp may be older than what is shown with it, and never newer.
    let stamps = store.job_stamps()?;
    let snapshot = Snapshot::load(context, store)?;
    let view = snapshot.site_view(context, store)?;
    memory.begin(Common {
        frame: site::frame(&view),
        scanned_lately: scanned_lately(view.scan.map(|scan| scan.finished_at), view.generated_at),
        made_at: view.generated_at,
    });
    let mut writer = Writer {
        store,
        keeping: keeping(context, store, &snapshot)?,
        view: &view,
        site: Site::new(&view),
        folder: &mut folder,
        memory,
    };
    let keys = writer.jobs(stamps)?;
    writer.agents(&keys)?;
    let (folder, memory) = (&mut *writer.folder, &writer.memory);
    writer.site.lists(memory.recents(), &mut |path, content| folder.stream(path, content))?;
    let remembered = writer.memory;
    if let Some(metrics) = &context.config.paths.metrics {
        files::stream_if_changed(&metrics.join("backupmon.prom"), |out| metrics::write(&view, out))?;
    }
    // All else is done by then: without it the next run makes all pages again.
    let put_back = remembered.put_back(view.jobs.iter().map(|job| &job.job.key));
    folder.remove_strangers()?;
    put_back?;
    Ok(folder.changed)
}

fn keeping(context: &Context, store: &dyn Store, snapshot: &Snapshot) -> store::Result<Keeping> {
    let suspect = |known: &super::snapshot::Known| known.effective.retention.keep_suspect.delta();
    let longest = snapshot.jobs.iter().map(suspect).max().unwrap_or_default();
    let last_scan = snapshot.meta.last_scan.as_ref().map(|scan| scan.finished_at);
    Keeping::load(store, longest, context.config.server_timezone, last_scan, snapshot.now)
}

struct Writer<'w, 'f> {
    store: &'w dyn Store,
    keeping: Keeping,
    view: &'w View<'w>,
    site: Site<'w>,
    folder: &'w mut Folder<'f>,
    memory: Memory,
}

impl Writer<'_, '_> {
    /// Makes the pages of the jobs that need one; gives the fingerprint of each job.
    fn jobs(&mut self, mut stamps: HashMap<JobId, i64>) -> Result<Vec<Fingerprint>> {
        let mut keys = Vec::with_capacity(self.view.jobs.len());
        self.memory.expect_jobs(self.view.jobs.len());
        for (nth, job) in self.view.jobs.iter().enumerate() {
            // Without a stamp it came after them: the next run knows it.
            let stamp = stamps.remove(&job.job.id).unwrap_or_default();
            let key = self.site.job_key(nth, stamp);
            let note = self.job(nth, job, stamp, key)?;
            keys.push(key);
            self.memory.put_job(note);
        }
        Ok(keys)
    }

    fn job(&mut self, nth: usize, job: &JobView, stamp: i64, key: Fingerprint) -> Result<JobNote> {
        let id = &job.job.id;
        let paths = [site::job_path(id), site::job_document_path(id)];
        let found = paths.each_ref().map(|path| self.folder.claim(path));
        let known = self.memory.take_job(&job.job.key, stamp);
        let now = self.view.generated_at;
        if let Some(note) = known.filter(|note| note.page.is_valid(key, &found, now)) {
            return Ok(note);
        }
        let entries = newest_entries(self.store, id)?;
        let recent = Recent::of(&entries, self.view.timezone);
        let incidents = self.site.incidents_of(nth).iter().copied().cloned().collect();
        let details = details(self.store, job.job, job.effective, entries, incidents, &self.keeping)?;
        let [page, document] = paths;
        let page = self.folder.put(&page, &self.site.job_page(nth, &details)?)?;
        let document = self.folder.put(&document, &self.site.job_document(nth, &details)?)?;
        let versions: Vec<_> = details.versions.into_iter().map(|(version, _)| version).collect();
        let circumstances = self.keeping.circumstances(job.job, &versions);
        let until = next_change(&job.effective.retention, &versions, &circumstances);
        Ok(JobNote { stamp, recent, page: JobPage { key, until, files: [page, document] } })
    }

    fn agents(&mut self, keys: &[Fingerprint]) -> Result<()> {
        for (nth, agent) in self.view.agents.iter().enumerate() {
            let path = site::agent_path(agent.id);
            let key = self.site.agent_key(nth, &keys[agent.jobs.clone()]);
            let found = self.folder.claim(&path);
            let known = self.memory.take_agent(agent.id);
            let file = match known.filter(|note| note.key == key && is_as_written(note.file, found)) {
                Some(note) => note.file,
                None => self.folder.put(&path, &self.site.agent_page(nth, self.memory.recents())?)?,
            };
            self.memory.put_agent(agent.id, AgentNote { key, file });
        }
        Ok(())
    }
}

impl JobPage {
    fn is_valid(&self, key: Fingerprint, found: &[Option<Shape>; 2], now: Time) -> bool {
        let mut files = self.files.iter().zip(found);
        self.key == key
            && self.until.is_none_or(|until| now < until)
            && files.all(|(written, found)| is_as_written(*written, *found))
    }
}

fn is_as_written(written: Option<Shape>, found: Option<Shape>) -> bool {
    written.is_some() && written == found
}

/// The job's newest entries, newest first: as many as are shown, and as many as its last days hold.
fn newest_entries(store: &dyn Store, job: &JobId) -> store::Result<Vec<Entry>> {
    let jobs = Some(vec![job.clone()]);
    let shown = EntryFilter { jobs: jobs.clone(), limit: Some(ENTRIES + 1), ..EntryFilter::default() };
    let mut entries = store.entries(&shown)?;
    if let [oldest, .., newest] = entries.as_slice() {
        // A day more than the last days, for a cycle may begin on the day before its entry.
        let since = newest.judged_at - chrono::TimeDelta::days(1 + i64::try_from(DAYS).unwrap_or_default());
        if entries.len() > ENTRIES && oldest.judged_at > since {
            let more = EntryFilter { jobs, since: Some(since), ..EntryFilter::default() };
            entries = store.entries(&more)?;
        }
    }
    entries.reverse();
    Ok(entries)
}
