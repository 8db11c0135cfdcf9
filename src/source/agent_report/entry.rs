//! What a report says of one database, with sections or flat.

use serde_json::value::RawValue;

use crate::domain::text::size;
use crate::domain::{Checksum, Claim, OwnTime, Step};

use super::fields::{Section, checksum};

/// Longest entry that is read, in bytes. An honest one has under a thousand, and some more with an error's text.
const ENTRY_LIMIT: usize = 256 * 1024;

/// # Errors
/// Why the entry is invalid: a sentence fragment that names the key, what was found and what is expected.
pub(super) fn claim(raw: &RawValue) -> Result<Claim, String> {
    if raw.get().len() > ENTRY_LIMIT {
        let (found, limit) = (size(raw.get().len() as u64), size(ENTRY_LIMIT as u64));
        return Err(format!("the entry has {found}; expected at most {limit}"));
    }
    let entry = Section::read("", raw)?;
    let sections = Sections::find(&entry)?;
    // What stands in the entry itself is about the file that was staged: COMPRESS's.
    let mut compress = step(sections.compress.as_ref(), Some(&entry))?;
    if sections.are_none()
        && entry.status()?.is_none()
        && compress.error.is_some()
        && !carries_a_result(&compress)
    {
        // An error and nothing else: the flat form of a step that failed.
        compress.done = false;
    }
    Ok(Claim {
        backup: step(sections.backup.as_ref(), None)?,
        compress,
        transfer: step(sections.transfer.as_ref(), None)?,
        staged_file: entry.staged_file()?,
    })
}

#[derive(Default)]
struct Sections<'a> {
    backup: Option<Section<'a>>,
    compress: Option<Section<'a>>,
    transfer: Option<Section<'a>>,
}

impl<'a> Sections<'a> {
    fn find(entry: &Section<'a>) -> Result<Self, String> {
        let mut found = Self::default();
        for (key, raw) in entry.pairs().filter(|(_, raw)| raw.get() != "null") {
            let (place, name) = match key.to_lowercase().as_str() {
                "backup" | "backup_process" => (&mut found.backup, "BACKUP"),
                "compress" | "compress_process" => (&mut found.compress, "COMPRESS"),
                "transfer" | "transfer_process" => (&mut found.transfer, "TRANSFER"),
                _ => continue,
            };
            if place.replace(Section::read(name, raw)?).is_some() {
                return Err(format!("the section `{name}` stands twice; expected once"));
            }
        }
        Ok(found)
    }

    fn are_none(&self) -> bool {
        self.backup.is_none() && self.compress.is_none() && self.transfer.is_none()
    }
}

/// One step from its section and from the entry that speaks of the same thing. Where both give a value the section's
/// holds, but for a checksum or a status that contradict each other: then the bad news holds.
fn step(section: Option<&Section>, entry: Option<&Section>) -> Result<Step, String> {
    let sources: Vec<&Section> = section.into_iter().chain(entry).collect();
    let mut texts = Vec::new();
    let mut status = None;
    for source in &sources {
        texts.extend(source.checksums()?);
        status = match (status, source.status()?) {
            (Some(false), _) | (_, Some(false)) => Some(false),
            (earlier, later) => earlier.or(later),
        };
    }
    let mut step = Step { checksum: checksum(&texts), ..Step::default() };
    for source in sources {
        step.size = step.size.map_or_else(|| source.size(), |size| Ok(Some(size)))?;
        step.started = or_else(step.started, || source.time(&["start_time"]))?;
        step.ended = or_else(step.ended, || source.time(&["end_time", "timestamp"]))?;
        step.error = step.error.map_or_else(|| source.error(), |error| Ok(Some(error)))?;
    }
    step.done = status.unwrap_or_else(|| section.is_none() || carries_a_result(&step));
    Ok(step)
}

/// What only a step that was done can give, for agents that give no status.
fn carries_a_result(step: &Step) -> bool {
    step.checksum != Checksum::Absent
        || step.size.is_some_and(|bytes| bytes > 0)
        || step.ended != OwnTime::Absent
}

fn or_else(time: OwnTime, other: impl FnOnce() -> Result<OwnTime, String>) -> Result<OwnTime, String> {
    if time == OwnTime::Absent { other() } else { Ok(time) }
}
