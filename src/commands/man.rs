//! `man`: one page for each command, made of its help; the main page has sections of its own.
//!
//! The pages under `man/` are these, committed for packages: `backupmon man --out man` writes them anew, and a test
//! fails while they differ.

use std::fmt::Write as _;
use std::io;

use anyhow::Result;
use clap::{Command, CommandFactory as _};
use clap_mangen::Man;

use super::print;
use crate::cli::Cli;
use crate::cli::care::Man as ManArgs;
use crate::exit::Exit;
use crate::files;

/// What help does not say: files, environment, statuses, what is proven, decisions.
const SECTIONS: &str = include_str!("../../man/sections.roff");

/// # Errors
/// When stdout or the folder cannot be written.
pub fn man(args: &ManArgs) -> Result<Exit> {
    let pages = pages()?;
    let Some(folder) = &args.out else {
        if let Some((_, main)) = pages.first() {
            print::text(main)?;
        }
        return Ok(Exit::Done);
    };
    files::create_dirs(folder)?;
    for (name, page) in pages {
        files::write_if_changed(&folder.join(name), page.as_bytes())?;
    }
    Ok(Exit::Done)
}

/// File name and text of every page, the main one first.
fn pages() -> io::Result<Vec<(String, String)>> {
    let mut root = Cli::command().disable_help_subcommand(true);
    root.build();
    let mut pages = vec![page(&root, true)?];
    below(&root, &mut pages)?;
    Ok(pages)
}

fn below(command: &Command, pages: &mut Vec<(String, String)>) -> io::Result<()> {
    for child in command.get_subcommands() {
        pages.push(page(child, false)?);
        below(child, pages)?;
    }
    Ok(())
}

fn page(command: &Command, main: bool) -> io::Result<(String, String)> {
    // The global options stand on the main page; on the others they would hide what differs.
    let shown = command.clone().mut_args(|arg| {
        let hidden = !main && arg.is_global_set();
        arg.hide(hidden)
    });
    let manual =
        Man::new(shown).source(concat!("backupmon ", env!("CARGO_PKG_VERSION"))).manual("Verified backups");
    let mut page = Vec::new();
    manual.render_title(&mut page)?;
    manual.render_name_section(&mut page)?;
    manual.render_synopsis_section(&mut page)?;
    manual.render_description_section(&mut page)?;
    if main || command.get_arguments().any(|arg| !arg.is_global_set()) {
        manual.render_options_section(&mut page)?;
    }
    if command.has_subcommands() {
        manual.render_subcommands_section(&mut page)?;
    }
    let mut text = String::from_utf8_lossy(&page).into_owned();
    if main {
        text.push_str(&exit_status());
        text.push_str(SECTIONS);
    }
    text.push_str(&examples(command));
    if !main {
        text.push_str(
            ".SH \"SEE ALSO\"\n.BR backupmon (1):\nglobal options, selectors, times, exit status, files.\n",
        );
    }
    Ok((manual.get_filename(), text))
}

fn exit_status() -> String {
    let mut text = ".SH \"EXIT STATUS\"\n".to_owned();
    let mut list = |meanings: &[(u8, &str)]| {
        for (code, meaning) in meanings {
            // Writing to a string cannot fail.
            let _ = write!(text, ".TP\n.B {code}\n{}\n", escaped(meaning));
        }
    };
    list(&Exit::MEANINGS);
    let codes = Exit::CHECK_MEANINGS.map(|(code, meaning)| format!("{code} {meaning}")).join(", ");
    let _ = write!(
        text,
        ".PP\n.B backupmon check\nkeeps to the codes of Nagios: {codes}; every error of its own is 3.\n\
         .B backupmon doctor\nand\n.B backupmon state check\nexit with 1 when they find something that must be mended.\n"
    );
    text
}

/// The examples of the help, as they are typed.
fn examples(command: &Command) -> String {
    let Some(after) = command.get_after_help().map(ToString::to_string) else { return String::new() };
    let mut text = ".SH EXAMPLES\n.nf\n".to_owned();
    for line in after.lines().filter_map(|line| line.strip_prefix("  ")) {
        let _ = writeln!(text, "{}", escaped(line));
    }
    text.push_str(".fi\n");
    text
}

/// Text that means nothing to roff.
fn escaped(text: &str) -> String {
    let text = text.replace('\\', "\\e").replace('-', "\\-").replace('\'', "\\(aq");
    if text.starts_with('.') { format!("\\&{text}") } else { text }
}
