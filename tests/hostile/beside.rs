//! One case beside an honest agent: two days on a server, with the hostile agent and without it.
//!
//! What must hold of every case, whatever it is:
//! - the honest agent's rows, history, versions, pages and mails are what they are without the hostile one;
//! - each command ends by itself, within its time and memory, with exit 0 and not a word of error;
//! - nothing in or outside of the deposits has changed, and no byte from outside or of another agent was copied.

use std::collections::BTreeMap;
use std::fs;
use std::io::Read as _;
use std::os::unix::fs::MetadataExt as _;
use std::path::Path;

use chrono::TimeDelta;
use rustix::fs::{AtFlags, CWD, Timespec, Timestamps, utimensat};
use serde_json::Value;

use crate::cases::Case;
use crate::ground::{CANARY, Ground, HONEST, HONEST_DUMP, HOSTILE};
use crate::harness::{Ran, Site};
use crate::is_full;
use crate::mail;
use crate::mail::{Fault, Server};
use crate::report::Report;

const HONEST_RECIPIENT: &str = "honest@example.org";
/// Seconds of processor time that a run may take, for a program that is not optimised, on a loaded machine.
const PROCESSOR: u32 = 20;
/// Seconds after which a run hangs.
const HANGS: &str = "120";
/// Writable memory of its own. The largest window that is allowed takes 128 MiB, and each thread 2 MiB of stack.
const MEMORY: u64 = 256 << 20;

/// The honest agent's part of all outputs, by name.
pub type Seen = BTreeMap<String, String>;

/// Two days, with what `case` does on the first or with nothing.
pub fn live(case: Option<&Case>) -> Result<Seen, String> {
    let server = Server::start(Fault::None, &[]);
    let mut site = begin(&server);
    if let Some(case) = case {
        (case.act)(&Ground { site: &site });
    }
    date(&site);
    let before = untouchable(&site);
    if is_full() {
        // The first look comes before anything has settled.
        run(&site)?;
    }
    site.pass(TimeDelta::minutes(10));
    run(&site)?;
    if let Some(case) = case {
        unchanged(&before, &untouchable(&site))?;
        judged(&site, case)?;
    }
    site.pass(TimeDelta::hours(23));
    site.deposit(&Report::of(HONEST).good("GOOD", "another day").good("BAD", "mended"));
    run(&site)?;
    nothing_foreign(&site)?;
    Ok(seen(&site, &server))
}

fn begin(server: &Server) -> Site {
    let site = Site::in_memory();
    let rule = format!("[[rule]]\nmatch = {{ agent = '{HONEST}' }}\nrecipients = ['{HONEST_RECIPIENT}']\n");
    site.configure(&format!("{}{rule}", mail::section(server.port)));
    for path in ["outside/secret", "outside/databases/DB.bin", "outside/folder.json/x"] {
        site.place(path, CANARY);
    }
    let forged = Report::of(HOSTILE).says("DB", "DB.bin", CANARY).text(site.now());
    site.place("outside/log/x.json", forged);
    site.deposit(&Report::of(HONEST).good("GOOD", HONEST_DUMP).failed("BAD", "BACKUP", "disk full"));
    site
}

/// What is no file was made now, by the machine's clock, and has to settle by the site's.
fn date(site: &Site) {
    let time = Timespec { tv_sec: site.now().timestamp(), tv_nsec: 0 };
    let times = Timestamps { last_access: time, last_modification: time };
    for entry in walkdir::WalkDir::new(site.path("deposits")).into_iter().map(Result::unwrap) {
        if !entry.file_type().is_file() {
            utimensat(CWD, entry.path(), &times, AtFlags::SYMLINK_NOFOLLOW).unwrap();
        }
    }
}

/// A whole run, which must end well and silently.
fn run(site: &Site) -> Result<(), String> {
    let limits = [format!("--data={MEMORY}"), format!("--cpu={PROCESSOR}")];
    let words = [HANGS, "prlimit", &limits[0], &limits[1]];
    let ran: Ran = site.command(["run"]).under("timeout", words).run();
    if ran.status == 0 && ran.stderr.is_empty() && ran.stdout.is_empty() {
        return Ok(());
    }
    Err(format!("a run did not end well and silently:\n{ran}"))
}

/// Jobs of the hostile agents and problems of anybody are those that were expected.
fn judged(site: &Site, case: &Case) -> Result<(), String> {
    let honest = format!("{HONEST}/");
    let mut found: Vec<String> = Vec::new();
    for (name, status) in site.statuses() {
        if !name.starts_with(&honest) {
            let name = name.strip_prefix(&format!("{HOSTILE}/")).unwrap_or(&name);
            found.push(format!("{name}: {status}"));
        }
    }
    for alert in site.document("site/api/alerts.json")["alerts"].as_array().unwrap() {
        let kind = alert["kind"].as_str().unwrap();
        if kind != "job" && alert["resolved_at"].is_null() {
            found.push(kind.to_owned());
        }
    }
    found.dedup();
    if found != case.expected {
        return Err(format!("came to {found:?}, expected {:?}", case.expected));
    }
    let kept = versions(site);
    let accepted = found.iter().filter(|line| line.ends_with(": SUCCESS")).count();
    if kept.len() != accepted {
        return Err(format!("{accepted} accepted, and the versions are {kept:?}"));
    }
    Ok(())
}

/// The dumps among the versions that are not the honest agent's.
fn versions(site: &Site) -> Vec<String> {
    let tree = site.tree("validated");
    let foreign = tree.lines().filter(|line| !line.starts_with(&format!("{HONEST}/")));
    let dumps = foreign.filter(|line| line.ends_with("/SHA256SUMS"));
    dumps.map(str::to_owned).collect()
}

/// All that backupmon has no business to change: path, kind, size, mtime, number of names.
fn untouchable(site: &Site) -> Vec<String> {
    let mut lines = Vec::new();
    for folder in ["deposits", "outside", "config.toml", "home"] {
        for entry in walkdir::WalkDir::new(site.path(folder)).sort_by_file_name() {
            let entry = entry.unwrap();
            let facts = entry.path().symlink_metadata().unwrap();
            lines.push(format!(
                "{} {:o} {} {}.{} {}",
                entry.path().display(),
                facts.mode(),
                facts.size(),
                facts.mtime(),
                facts.mtime_nsec(),
                facts.nlink()
            ));
        }
    }
    lines
}

fn unchanged(before: &[String], after: &[String]) -> Result<(), String> {
    let lost: Vec<_> = before.iter().filter(|line| !after.contains(line)).collect();
    let new: Vec<_> = after.iter().filter(|line| !before.contains(line)).collect();
    if lost.is_empty() && new.is_empty() { Ok(()) } else { Err(format!("changed: {lost:#?} to {new:#?}")) }
}

/// The canary lies nowhere, and the honest agent's dump only where it belongs.
fn nothing_foreign(site: &Site) -> Result<(), String> {
    for folder in ["validated", "state", "site"] {
        for entry in walkdir::WalkDir::new(site.path(folder)).into_iter().map(Result::unwrap) {
            let path = entry.path();
            if !entry.file_type().is_file() {
                continue;
            }
            let facts = entry.metadata().unwrap();
            if facts.nlink() > 1 {
                return Err(format!("{} has two names", path.display()));
            }
            let bytes = plain(path);
            let holds = |text: &str| bytes.windows(text.len()).any(|window| window == text.as_bytes());
            if holds(CANARY) {
                return Err(format!("{} holds what lies outside", path.display()));
            }
            if holds(HONEST_DUMP) && !path.starts_with(site.path("validated").join(HONEST)) {
                return Err(format!("{} holds the honest agent's dump", path.display()));
            }
        }
    }
    Ok(())
}

/// A file's bytes; of a kept report, what is compressed in it.
fn plain(path: &Path) -> Vec<u8> {
    let bytes = fs::read(path).unwrap();
    let mut inside = Vec::new();
    match zstd::Decoder::new(bytes.as_slice())
        .and_then(|decoder| decoder.take(64 << 20).read_to_end(&mut inside))
    {
        Ok(_) if !inside.is_empty() => inside,
        Ok(_) | Err(_) => bytes,
    }
}

/// What the honest agent's people see.
fn seen(site: &Site, server: &Server) -> Seen {
    let mut seen = Seen::new();
    let jobs = site.document("site/api/jobs.json");
    for job in jobs["jobs"].as_array().unwrap().iter().filter(|job| job["agent"] == HONEST) {
        let id = job["id"].as_str().unwrap();
        seen.insert(format!("row of {id}"), unnumbered(job.clone()));
        seen.insert(
            format!("history of {id}"),
            unnumbered(site.document(&format!("site/api/jobs/{id}.json"))),
        );
        // Without style and script, which a page carries itself only while the fleet is small.
        let page = site.read(&format!("site/jobs/{id}.html"));
        let main = page.split_once("<main").and_then(|(_, rest)| rest.split_once("</main>")).unwrap().0;
        seen.insert(format!("page of {id}"), main.to_owned());
    }
    seen.insert("versions".to_owned(), site.tree(&format!("validated/{HONEST}")));
    let mails: Vec<_> = taken_by(server, HONEST_RECIPIENT)
        .into_iter()
        .map(|(subject, text)| format!("{subject}\n{text}"))
        .collect();
    seen.insert("mails".to_owned(), mails.join("\n----\n"));
    seen
}

/// Without the numbers of incidents and entries, which count those of others too.
fn unnumbered(mut value: Value) -> String {
    fn strip(value: &mut Value) {
        match value {
            Value::Object(fields) => {
                fields.retain(|name, value| !(name == "id" && value.is_number()));
                fields.values_mut().for_each(strip);
            }
            Value::Array(items) => items.iter_mut().for_each(strip),
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
        }
    }
    strip(&mut value);
    value.to_string()
}

/// Names what differs.
pub fn unharmed(without: &Seen, with: &Seen) -> Result<(), String> {
    for (name, expected) in without {
        let found = with.get(name).map_or("nothing", String::as_str);
        if found != expected {
            return Err(format!(
                "the honest agent's {name} is\n{found}\nand without the hostile one\n{expected}"
            ));
        }
    }
    if with.len() == without.len() {
        Ok(())
    } else {
        Err("the honest agent has more jobs than before".to_owned())
    }
}

/// Subject and text of what one recipient was sent, oldest first.
fn taken_by(server: &Server, recipient: &str) -> Vec<(String, String)> {
    let envelopes: Vec<bool> = server.seen(|seen| {
        let to = seen.commands.iter().filter(|command| command.starts_with("RCPT"));
        to.map(|command| command.contains(recipient)).collect()
    });
    // One message for each envelope, for nobody was refused.
    mail::taken(server)
        .into_iter()
        .zip(envelopes)
        .filter(|(_, theirs)| *theirs)
        .map(|(mail, _)| mail)
        .collect()
}
