//! `state check`: every page and value of the state, and the versions that it speaks of.

use anyhow::Result;
use serde::Serialize;

use super::compare::Differences;
use crate::commands::context::Context;
use crate::commands::print;
use crate::domain::text::printable;
use crate::exit::Exit;
use crate::store::Store as _;
use crate::vault::Mounted;

#[derive(Serialize)]
struct Document {
    /// What is wrong with the state itself.
    faults: Vec<String>,
    /// Where state and disk differ; null where the validated folder is not there to be compared.
    differences: Option<Vec<String>>,
}

/// Exits with 1 when something is wrong.
///
/// # Errors
/// When the state cannot be opened or the disk not be read.
pub fn check(context: &Context) -> Result<Exit> {
    let store = context.reader()?;
    let faults: Vec<String> = store.check()?.iter().map(|fault| printable(fault)).collect();
    let vault = context.vault();
    // A damaged state may be unable to say what it knows; what is wrong with it is told all the same.
    let differences = match store.has_versions() {
        Err(_) if !faults.is_empty() => None,
        known => match vault.is_mounted(known?)? {
            Mounted::AbsentOrEmpty => None,
            Mounted::Yes => Some(Differences::find(&store, &vault)?.sentences()),
        },
    };
    let is_well = faults.is_empty() && differences.as_ref().is_some_and(Vec::is_empty);
    let exit = if is_well { Exit::Done } else { Exit::Incomplete };
    if context.json {
        print::json(&Document { faults, differences })?;
        return Ok(exit);
    }
    let mut lines: Vec<String> = faults.iter().map(|fault| format!("damaged: {fault}")).collect();
    match differences {
        Some(differences) => lines.extend(differences.iter().map(|line| format!("differs: {line}"))),
        None => lines.push(format!(
            "not compared: the validated folder `{}` is absent or empty, or what the state knows of it cannot be read",
            vault.root().display()
        )),
    }
    if !faults.is_empty() {
        lines.push(
            "mend: `backupmon state rebuild` makes a new state of the copies, versions and kept reports"
                .to_owned(),
        );
    } else if !is_well {
        lines.push("mend: `backupmon state rebuild` takes over what lies on the disk".to_owned());
    } else {
        lines.push("the state is sound and agrees with the disk".to_owned());
    }
    print::text(&(lines.join("\n") + "\n"))?;
    Ok(exit)
}
