//! `report`: writes the status site from the state as it is.

use anyhow::{Result, anyhow};

use super::context::Context;
use super::{print, site};
use crate::cli::pipeline::Report;
use crate::exit::{Advise as _, Exit};
use crate::store::Store as _;

/// # Errors
/// When the state cannot be read or a file cannot be written.
pub fn report(context: &Context, args: &Report) -> Result<Exit> {
    let store = context.reader()?;
    let meta = store.meta()?;
    if context.fixed_clock && !meta.fixed_clock && args.out.is_none() {
        let pretended: Result<()> = Err(anyhow!("the site shows what is, and no time of --now"));
        pretended.hint("name another folder: `backupmon --now … report --out DIR`").or_usage()?;
    }
    let folder = args.out.as_deref().unwrap_or(&context.config.paths.site);
    let changed = site::write(context, &store, folder)?;
    let page = folder.join("index.html");
    if context.json {
        print::json(&serde_json::json!({"page": page, "files_changed": changed}))?;
    } else if context.is_asked() {
        print::text(&format!("{changed} files changed; page: {}\n", page.display()))?;
    }
    Ok(Exit::Done)
}
