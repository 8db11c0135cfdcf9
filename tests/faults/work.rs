//! What the program is doing when a fault meets it: small, for the number of system calls sets the time of a sweep.

use chrono::TimeDelta;

use crate::harness::Site;
use crate::mail::Server;
use crate::report::Report;

pub const AGENTS: [&str; 2] = ["SIRPACAM_DOUALA_NEWBELL", "HYDROCAM_KRIBI_PORT"];

/// A command on a server that was made ready for it.
pub struct Work {
    pub name: &'static str,
    /// All that lies before the command that is disturbed; the server is then at the time of that command.
    prepare: fn(&mut Site, &Server),
    /// What is done before, and belongs to the same moment.
    before: &'static [&'static str],
    pub command: &'static str,
}

impl Work {
    pub fn begin(&self, site: &mut Site, server: &Server) {
        (self.prepare)(site, server);
        for command in self.before {
            site.run([command]).silent();
        }
    }
}

/// A first look at two agents.
pub const FIRST_DAY: Work = Work { name: "first run", prepare: first_day, before: &[], command: "run" };
/// Promotion, retention, recovery and news at once.
pub const LATER_DAY: Work = Work { name: "later run", prepare: later_day, before: &[], command: "run" };

/// As the first, with reports that are moved away.
pub const MOVING_DAY: Work =
    Work { name: "run that moves reports", prepare: moving_day, before: &[], command: "run" };

/// A first run over dumps that are read and copied in several pieces.
pub const BIG_DUMPS: Work =
    Work { name: "first run, big dumps", prepare: big_day, before: &[], command: "run" };

/// Every command that changes something, each alone.
pub const ALL: [Work; 8] = [
    FIRST_DAY,
    LATER_DAY,
    MOVING_DAY,
    Work { name: "scan", prepare: later_day, before: &[], command: "scan" },
    Work { name: "promote", prepare: later_day, before: &["scan"], command: "promote" },
    Work { name: "notify", prepare: later_day, before: &["scan", "promote"], command: "notify" },
    Work { name: "report", prepare: later_day, before: &["scan", "promote", "notify"], command: "report" },
    Work { name: "prune", prepare: old_day, before: &[], command: "prune" },
];

fn configure(site: &Site, server: &Server, scan: &str, rest: &str) {
    site.configure(&format!("[scan]\nthreads = 1\ntrial_days = 0\n{scan}{}{rest}", server.section()));
}

/// Good, failed and differing backups, versions, incidents, a mail, a site.
fn first_day(site: &mut Site, server: &Server) {
    configure(site, server, "", "");
    first_deposits(site);
}

fn first_deposits(site: &mut Site) {
    site.deposit(&Report::of(AGENTS[0]).good("ONE", dump(1)).failed("TWO", "BACKUP", "disk full"));
    site.dump(AGENTS[1], "TWO.bin", "not what was meant");
    site.deposit(&Report::of(AGENTS[1]).good("ONE", dump(2)).says("TWO", "TWO.bin", "what was meant"));
    // What differs has settled, and is judged at once.
    site.pass(TimeDelta::minutes(10));
}

fn big_day(site: &mut Site, server: &Server) {
    configure(site, server, "", "");
    site.deposit(&Report::of(AGENTS[0]).good("ONE", big_dump(1)).failed("TWO", "BACKUP", "disk full"));
    site.deposit(&Report::of(AGENTS[1]).good("ONE", big_dump(2)).good("TWO", dump(3)));
    site.pass(TimeDelta::minutes(10));
}

/// The same, where reports are moved away.
fn moving_day(site: &mut Site, server: &Server) {
    configure(site, server, "archive_reports = 'move'\n", "");
    first_deposits(site);
    // Of an agent without another report: one that is judged later would end the trouble.
    site.place("deposits/SOTRACAM_BUEA_TOWN/log/broken.json", "{no report");
    site.pass(TimeDelta::minutes(10));
}

const KEEP_ONE: &str = "[retention]\nkeep_last = 1\nkeep_within = '1s'\nkeep_daily = 0\nkeep_weekly = 0\nkeep_monthly = 0\nmin_good = 1\n";

/// Days later: new versions, one that retention removes, an unchanged backup, a recovery, a missed one.
fn later_day(site: &mut Site, server: &Server) {
    configure(site, server, "", KEEP_ONE);
    days(site);
    site.deposit(&Report::of(AGENTS[0]).good("ONE", dump(4)).good("TWO", dump(5)));
    site.deposit(&Report::of(AGENTS[1]).good("ONE", dump(2)));
}

fn days(site: &mut Site) {
    site.deposit(&Report::of(AGENTS[0]).good("ONE", dump(1)).failed("TWO", "BACKUP", "disk full"));
    site.deposit(&Report::of(AGENTS[1]).good("ONE", dump(2)).good("TWO", dump(6)));
    site.run(["run"]).silent();
    site.pass(TimeDelta::days(1));
    site.deposit(&Report::of(AGENTS[0]).good("ONE", dump(3)));
    site.run(["run"]).silent();
    site.pass(TimeDelta::days(1));
}

/// There are old entries, old kept reports, and a version that a new rule lets go.
fn old_day(site: &mut Site, server: &Server) {
    configure(site, server, "archive_days = 1\n", "");
    days(site);
    site.deposit(&Report::of(AGENTS[0]).good("ONE", dump(4)).good("TWO", dump(5)));
    site.deposit(&Report::of(AGENTS[1]).good("ONE", dump(2)));
    site.run(["run"]).silent();
    site.pass(TimeDelta::hours(1));
    configure(site, server, "archive_days = 1\n", &format!("{KEEP_ONE}history_days = 1\n"));
}

/// Some kilobytes that are no known kind of dump, and that do not look like another one's.
pub fn dump(seed: u64) -> Vec<u8> {
    chance(seed, 12_000)
}

fn big_dump(seed: u64) -> Vec<u8> {
    chance(seed, 300_000)
}

fn chance(seed: u64, bytes: usize) -> Vec<u8> {
    let mut rng = crate::rng::Rng::new(seed);
    (0..bytes / 8).flat_map(|_| rng.next().to_le_bytes()).collect()
}
