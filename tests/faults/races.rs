//! R7: an agent writes while the program reads. The program is stopped at one of its calls, the agent does its worst,
//! and the program goes on. The next backup of that agent, an honest one, must be kept as if nothing had been.

use std::fs;
use std::io::Write as _;
use std::os::unix::fs::symlink;
use std::path::Path;

use chrono::TimeDelta;

use crate::checker::{self, Invariant, rows_of_agent};
use crate::harness::Site;
use crate::report::Report;
use crate::set::{Outcome, Set};
use crate::story::Stage;
use crate::strace::{Moment, Stopped, moments};
use crate::tally::Tally;
use crate::work::{AGENTS, BIG_DUMPS, dump};

/// The calls between which somebody else may come.
const CALLS: &str =
    "fcntl,fstat,fsync,getdents64,lseek,newfstatat,openat,openat2,pread64,read,rename,renameat2,statx,write";
const QUICK: usize = 60;
const FULL: usize = 1000;

#[derive(Debug, Clone, Copy)]
enum Deed {
    Rewrite,
    Truncate,
    Grow,
    Replace,
    Delete,
    /// A whole new backup, whose report has the old one's name.
    NextBackup,
    /// The folder of the dumps becomes a link to another agent's.
    Link,
}

const DEEDS: [Deed; 7] =
    [Deed::Rewrite, Deed::Truncate, Deed::Grow, Deed::Replace, Deed::Delete, Deed::NextBackup, Deed::Link];

pub fn suite(set: Set) -> Tally {
    let honest = {
        let mut stage = Stage::set(&BIG_DUMPS, Site::in_memory());
        let mut story = stage.begin();
        story.whole_run();
        rows_of_agent(story.site(), AGENTS[1])
    };
    let moments = moments(&BIG_DUMPS, CALLS).into_iter();
    let cases = moments.flat_map(|moment| DEEDS.map(|deed| (moment.clone(), deed))).collect();
    let cases = set.sample(cases, QUICK, FULL);
    let name = |(moment, deed): &(Moment, Deed)| format!("{deed:?} at {} {}", moment.call, moment.n);
    let stage = || Stage::set(&BIG_DUMPS, Site::in_memory());
    set.sweep(cases, name, stage, |stage, (moment, deed)| one(stage, moment, *deed, &honest))
}

fn one(stage: &mut Stage, moment: &Moment, deed: Deed, honest: &[String]) -> Outcome {
    let mut story = stage.begin();
    let root = story.site().path("deposits").join(AGENTS[0]);
    let stopped = Stopped { moment }.run(&story, || deed.done(story.site(), &root));
    let Some(ran) = stopped else { return Outcome { not_reached: true, ..Outcome::default() } };
    let site = story.site();
    let mut checker = story.checker.clone();
    checker.deposits_changed(site);
    let mut broken = checker.meanwhile(site);
    if !matches!(ran.status, 0 | 1) || ran.stderr.contains("panicked") {
        broken.push(Invariant::ExitIsTrue.broken(format!("{ran}")));
    }
    broken.extend(checker::unharmed(site, AGENTS[1], honest));
    broken.extend(checker::limits(&ran));
    // What was changed has settled; then comes an honest backup.
    story.pass(TimeDelta::hours(7));
    let site = story.site();
    let ran = site.run(["run"]);
    if ran.status != 0 && !matches!(deed, Deed::Link) {
        broken.push(Invariant::OneRunRepairs.broken(format!("{ran}")));
    }
    if fs::symlink_metadata(root.join("databases")).is_ok_and(|meta| meta.is_symlink()) {
        fs::remove_file(root.join("databases")).unwrap();
    }
    site.deposit(&Report::of(AGENTS[0]).good("ONE", dump(9)));
    checker.deposits_changed(site);
    story.whole_run();
    let site = story.site();
    broken.append(&mut story.broken.clone());
    broken.extend(checker.meanwhile(site));
    let job = format!("{}/ONE", AGENTS[0]);
    let status = site.statuses().remove(&job);
    if status.as_deref() != Some("SUCCESS") {
        broken.push(Invariant::OneRunRepairs.broken(format!("{job} is {status:?} after an honest backup")));
    }
    Outcome { broken, ..Outcome::default() }
}

impl Deed {
    fn done(self, site: &Site, root: &Path) {
        let file = root.join("databases/ONE.bin");
        let other = dump(77);
        match self {
            Deed::Rewrite => {
                let length = fs::metadata(&file).unwrap().len();
                let bytes: Vec<u8> =
                    other.iter().copied().cycle().take(usize::try_from(length).unwrap()).collect();
                let mut open = fs::File::options().write(true).open(&file).unwrap();
                open.write_all(&bytes).unwrap();
            }
            Deed::Truncate => fs::File::options().write(true).open(&file).unwrap().set_len(1000).unwrap(),
            Deed::Grow => {
                fs::File::options().append(true).open(&file).unwrap().write_all(&other).unwrap();
            }
            Deed::Replace => {
                let beside = root.join("databases/.ONE.bin.part");
                fs::write(&beside, other).unwrap();
                fs::rename(beside, &file).unwrap();
            }
            Deed::Delete => fs::remove_file(&file).unwrap(),
            Deed::NextBackup => {
                let report = Report::of(AGENTS[0]).good("ONE", other).failed("TWO", "BACKUP", "disk full");
                site.deposit(&report);
            }
            Deed::Link => {
                fs::rename(root.join("databases"), root.join("old")).unwrap();
                let others = site.path("deposits").join(AGENTS[1]).join("databases");
                symlink(others, root.join("databases")).unwrap();
            }
        }
    }
}
