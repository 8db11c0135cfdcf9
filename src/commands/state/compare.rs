//! The state beside the disk: which versions one of the two does not know.

use std::collections::HashMap;

use anyhow::Result;

use crate::domain::text::printable;
use crate::domain::{JobId, JobKey, Version};
use crate::files::shown;
use crate::store::Store;
use crate::vault::{Foreign, OnDisk, Vault};

/// What differs, of all versions.
#[derive(Default)]
pub struct Differences {
    /// On the disk, and not in the state.
    pub unknown: Vec<OnDisk>,
    /// In the state, and no longer on the disk; the key is `None` where the state has no such job.
    pub gone: Vec<(JobId, Option<JobKey>, String)>,
    /// In both, with other marks on the disk (`.pinned`, `.held`), which count.
    pub marked: Vec<OnDisk>,
    /// In the tree, and nothing of ours.
    pub foreign: Vec<Foreign>,
}

impl Differences {
    /// # Errors
    /// When the state or a folder of the tree cannot be read.
    pub fn find(store: &dyn Store, vault: &Vault) -> Result<Self> {
        let mut known: HashMap<(JobId, String), Version> = store
            .versions(None)?
            .into_iter()
            .map(|version| ((version.job.clone(), version.name.clone()), version))
            .collect();
        let mut found = Self::default();
        if vault.root().try_exists()? {
            for listing in vault.all()? {
                let listing = listing?;
                found.foreign.extend(listing.foreign);
                for version in listing.versions {
                    match known.remove(&(version.key.id(), version.record.version.clone())) {
                        None => found.unknown.push(version),
                        Some(old) if (old.pinned, old.held) != (version.pinned, version.held) => {
                            found.marked.push(version);
                        }
                        Some(_) => {}
                    }
                }
            }
        }
        let keys: HashMap<JobId, JobKey> = store.jobs()?.into_iter().map(|job| (job.id, job.key)).collect();
        found.gone = known.into_keys().map(|(id, name)| (id.clone(), keys.get(&id).cloned(), name)).collect();
        found.gone.sort_by(|(a, _, of_a), (b, _, of_b)| (a, of_a).cmp(&(b, of_b)));
        Ok(found)
    }

    /// One sentence for each.
    #[must_use]
    pub fn sentences(&self) -> Vec<String> {
        let name = |key: &JobKey| printable(&key.to_string());
        let unknown = self.unknown.iter().map(|version| {
            format!(
                "version {} of {} is not in the state",
                printable(&version.record.version),
                name(&version.key)
            )
        });
        let gone = self.gone.iter().map(|(id, key, version)| {
            let job = key.as_ref().map_or_else(|| id.to_string(), name);
            format!("version {} of {job} is not on the disk", printable(version))
        });
        let marked = self.marked.iter().map(|version| {
            let is = |mark, word| if mark { word } else { "" };
            let marks = [is(version.pinned, " pinned"), is(version.held, " held")].concat();
            let marks = if marks.is_empty() { " neither pinned nor held" } else { marks.as_str() };
            format!(
                "version {} of {} is{marks} on the disk, and the state says otherwise",
                printable(&version.record.version),
                name(&version.key)
            )
        });
        let foreign = self
            .foreign
            .iter()
            .map(|found| format!("{} is no version: {}", shown(&found.path), printable(&found.reason)));
        unknown.chain(gone).chain(marked).chain(foreign).collect()
    }
}
