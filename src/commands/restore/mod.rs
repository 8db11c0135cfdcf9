//! `restore`: the newest good version of each job is copied out, verified, with a list. Overwrites nothing.
//!
//! ```text
//! DIR/AGENT/DATABASE/DUMP   one for each job
//! DIR/RESTORED.json         what each is, and the jobs of which there is none
//! DIR/SHA256SUMS            for `sha256sum -c`
//! ```
//!
//! Where one of the two lists is there already, from a restore before this one, both get the time into their names.

mod list;
mod plan;

use std::path::Path;

use anyhow::{Result, bail};

use super::bar::Bar;
use super::context::{self, Context};
use super::holdings::Holdings;
use super::select;
use crate::cli::Global;
use crate::cli::versions::Restore;
use crate::config::Environment;
use crate::domain::text::{printable, size};
use crate::domain::{Selector, Time};
use crate::exit::{Advise as _, Exit};
use crate::files::{self, shown};
use crate::render::table::Style;
use crate::vault::{Vault, VaultError};
use list::{Copied, Lists, Outcome};
use plan::{Choice, Wish};

/// How to speak, whether there is a configuration or not.
struct Manner {
    now: Time,
    json: bool,
    quiet: bool,
    style: Style,
}

/// # Errors
/// When nothing could be restored at all.
pub fn restore(global: &Global, args: &Restore) -> Result<Exit> {
    let selector = select::selector(&args.selector)?;
    let environment = Environment::of_process();
    let Some(root) = &args.tree.tree else {
        let context = Context::new(global, &[])?;
        let before = args.before.as_deref().map(|text| context.moment(text, false)).transpose()?;
        return of_state(&context, args, &selector, before);
    };
    let now = context::clock(global).now();
    let moment = |text: &str| context::moment(text, now, environment.server_timezone, false);
    let before = args.before.as_deref().map(moment).transpose()?;
    let holdings = Holdings::of_tree(root, &selector)?;
    let style = context::style(global.color, &environment);
    let manner = Manner { now, json: global.json, quiet: global.quiet, style };
    carry_out(&holdings, &Wish { before, version: args.version.as_deref() }, args, &manner)
}

fn of_state(context: &Context, args: &Restore, selector: &Selector, before: Option<Time>) -> Result<Exit> {
    let tree = context.config.paths.validated.display().to_string();
    let alone = || format!("without the state: `backupmon restore --tree '{tree}' --to DIR`");
    let store = context.reader().hint(alone())?;
    let holdings = Holdings::of_state(context, &store, selector)?;
    drop(store);
    let manner = Manner { now: context.now, json: context.json, quiet: context.quiet, style: context.style };
    carry_out(&holdings, &Wish { before, version: args.version.as_deref() }, args, &manner)
}

fn carry_out(holdings: &Holdings, wish: &Wish, args: &Restore, manner: &Manner) -> Result<Exit> {
    for foreign in &holdings.foreign {
        tracing::warn!("`{}` is left out: {}", shown(&foreign.path), printable(&foreign.reason));
    }
    for sentence in &holdings.unread {
        tracing::error!("{sentence}");
    }
    let choices = plan::choose(&holdings.shelves, wish);
    let mut outcome = Outcome { choices: &choices, copied: Vec::new(), failed: holdings.unread.clone() };
    if args.dry_run {
        outcome.tell(manner, &args.to, None)?;
        return Ok(done(&outcome));
    }
    want_room(&choices, &args.to)?;
    let lists = Lists::named(&args.to, manner.now)?;
    let bar = Bar::new(manner.quiet || manner.json);
    bar.expect(choices.iter().map(Choice::size_bytes).sum());
    for choice in &choices {
        match copy(choice, &holdings.vault, &args.to, &bar) {
            Ok(copied) => outcome.copied.extend(copied),
            Err(sentence) => {
                tracing::error!("{sentence}");
                outcome.failed.push(sentence);
            }
        }
    }
    bar.finish();
    lists.write(&outcome, manner.now)?;
    outcome.failed.extend(outcome.copied.iter().filter_map(|copied| copied.instead_of.clone()));
    outcome.tell(manner, &args.to, Some(&lists))?;
    Ok(done(&outcome))
}

fn done(outcome: &Outcome) -> Exit {
    if outcome.failed.is_empty() { Exit::Done } else { Exit::Incomplete }
}

/// # Errors
/// When what is to be copied does not fit: half a restore would be found out too late.
fn want_room(choices: &[Choice], to: &Path) -> Result<()> {
    let wanted: u64 = choices.iter().map(Choice::size_bytes).sum();
    let free = files::free_space(to)?.free;
    if wanted > free {
        let full: Result<()> = (|| {
            bail!("{} are to be restored and {} are free under `{}`", size(wanted), size(free), to.display())
        })();
        full.hint("restore fewer jobs, or to another file system; --dry-run shows the sizes")?;
    }
    Ok(())
}

/// Copies the newest version that proves whole while it is read; `None` where the job has none to copy. One that was
/// named is copied or not, but never replaced by another.
fn copy<'c>(
    choice: &'c Choice<'c>,
    vault: &Vault,
    to: &Path,
    bar: &Bar,
) -> std::result::Result<Option<Copied<'c>>, String> {
    let job = printable(&choice.shelf.key.to_string());
    let folder = choice.folder(to);
    let mut damaged: Option<String> = None;
    for version in &choice.candidates {
        match vault.restore(&choice.shelf.key, &version.name, &folder, bar) {
            Ok(file) => {
                let instead_of = damaged.take();
                if let Some(sentence) = &instead_of {
                    tracing::error!("{sentence}; {} is restored in its place", printable(&version.name));
                }
                return Ok(Some(Copied { choice, version, file, instead_of }));
            }
            Err(error @ (VaultError::Damaged(..) | VaultError::Absent(_))) => {
                damaged.get_or_insert(error.to_string());
            }
            Err(error) => return Err(format!("{job} is not restored: {error}")),
        }
    }
    match damaged {
        Some(reason) => Err(format!("{job} is not restored: {reason}")),
        None => Ok(None),
    }
}
