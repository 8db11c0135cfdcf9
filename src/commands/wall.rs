//! A second wall: the kernel refuses this process every write outside its own folders (Landlock).
//!
//! The first wall is that no foreign text is ever joined to a path. Should that fail once, what a stolen agent gains is
//! then still no write anywhere else. Reading is left open: libraries read certificates, time zones and resolvers'
//! files in many places. Only a single run is walled in: in the foreground, a file system that is mounted later would lie
//! outside. A mailer that is started as a program needs its own folders, and often its own rights.

use std::path::{Path, PathBuf};

use landlock::{
    ABI, AccessFs, CompatLevel, Compatible as _, PathBeneath, PathFd, Ruleset, RulesetAttr as _,
    RulesetCreatedAttr, RulesetStatus,
};

use super::context::Context;
use crate::config::{ArchiveReports, MailTransport};

/// The rights to write that kernel 6.2 knows; of a newer kernel's no more are needed.
const KNOWN: ABI = ABI::V3;

/// Why there is no wall.
#[derive(Debug, thiserror::Error)]
pub enum NoWall {
    #[error("the mailer that [mail] starts needs folders of its own")]
    Mailer,
    #[error("`{0}` cannot be opened")]
    Folder(PathBuf),
    #[error("the kernel has no Landlock, or an old one: {0}")]
    Kernel(String),
}

/// Forbids this thread, and all that it starts from now on, to write anywhere but in the folders of the configuration.
/// There is no way back.
///
/// # Errors
/// When it cannot be built; all is then as it was.
pub fn build(context: &Context) -> Result<(), NoWall> {
    let folders = writable(context)?;
    let write = AccessFs::from_write(KNOWN);
    let build = || {
        let rules = Ruleset::default()
            // Without this right no rename from one folder to another is possible at all.
            .set_compatibility(CompatLevel::HardRequirement)
            .handle_access(AccessFs::Refer)?
            .set_compatibility(CompatLevel::BestEffort)
            .handle_access(write)?
            .create()?;
        let rules = folders
            .into_iter()
            .map(|folder| PathBeneath::new(folder, write))
            .try_fold(rules, RulesetCreatedAttr::add_rule)?;
        rules.restrict_self()
    };
    match build() {
        Ok(status) if status.ruleset != RulesetStatus::NotEnforced => Ok(()),
        Ok(_) => Err(NoWall::Kernel("it is switched off".to_owned())),
        Err(error) => {
            let error: landlock::RulesetError = error;
            Err(NoWall::Kernel(error.to_string()))
        }
    }
}

/// Whether this machine could have one, without building it.
///
/// # Errors
/// When it could not.
pub fn possible(context: &Context) -> Result<(), NoWall> {
    writable(context)?;
    let asked = Ruleset::default()
        .set_compatibility(CompatLevel::HardRequirement)
        .handle_access(AccessFs::Refer)
        .and_then(Ruleset::create);
    asked.map(drop).map_err(|error| NoWall::Kernel(error.to_string()))
}

/// Handles of the folders that are written in. Of one that is not there yet, the nearest above it.
fn writable(context: &Context) -> Result<Vec<PathFd>, NoWall> {
    let config = &context.config;
    if config.mail.as_ref().is_some_and(|mail| mail.transport == MailTransport::Sendmail) {
        return Err(NoWall::Mailer);
    }
    let mut folders = vec![context.state_folder(), config.paths.validated.clone(), config.paths.site.clone()];
    folders.extend(config.paths.metrics.clone());
    if config.scan.archive_reports == ArchiveReports::Move {
        folders.extend(config.paths.deposits.iter().cloned());
    }
    // Where SQLite puts what it sorts and cannot hold in memory.
    let temps = [std::env::temp_dir(), PathBuf::from("/var/tmp")];
    folders.extend(temps.into_iter().filter(|folder| folder.is_dir()));
    folders.iter().map(|folder| handle(folder)).collect()
}

fn handle(folder: &Path) -> Result<PathFd, NoWall> {
    let existing = folder.ancestors().find(|path| path.is_dir()).unwrap_or(Path::new("."));
    PathFd::new(existing).map_err(|_| NoWall::Folder(existing.to_owned()))
}
