//! What the program is doing when it is killed: small, for the number of system calls sets the time of a sweep.

use chrono::TimeDelta;

use crate::harness::Site;
use crate::mail::Server;
use crate::report::Report;

const AGENTS: [&str; 2] = ["SIRPACAM_DOUALA_NEWBELL", "HYDROCAM_KRIBI_PORT"];

/// A `run` of a site that was made ready for it.
pub trait Work: Sync {
    /// All that lies before the run that is killed; the site is then at the time of that run.
    fn begin(&self, site: &mut Site, server: &Server);
}

fn configure(site: &Site, server: &Server, retention: &str) {
    site.configure(&format!("[scan]\nthreads = 1\ntrial_days = 0\n{}{retention}", server.section()));
}

/// A first look at two agents: good, failed and differing backups, versions, incidents, a mail, a site.
pub struct FirstDay;

impl Work for FirstDay {
    fn begin(&self, site: &mut Site, server: &Server) {
        configure(site, server, "");
        site.deposit(&Report::of(AGENTS[0]).good("ONE", "first").failed("TWO", "BACKUP", "disk full"));
        site.dump(AGENTS[1], "TWO.bin", "not what was meant");
        site.deposit(&Report::of(AGENTS[1]).good("ONE", "another").says("TWO", "TWO.bin", "what was meant"));
        // What differs has settled, and is judged at once.
        site.pass(TimeDelta::minutes(10));
    }
}

/// Days later: new versions, one that retention removes, an unchanged backup, a recovery, a missed one.
pub struct LaterDay;

impl Work for LaterDay {
    fn begin(&self, site: &mut Site, server: &Server) {
        let retention = "[retention]\nkeep_last = 1\nkeep_within = '1s'\nkeep_daily = 0\nkeep_weekly = 0\nkeep_monthly = 0\nmin_good = 1\n";
        configure(site, server, retention);
        site.deposit(&Report::of(AGENTS[0]).good("ONE", "first").failed("TWO", "BACKUP", "disk full"));
        site.deposit(&Report::of(AGENTS[1]).good("ONE", "another").good("TWO", "never again"));
        site.run(["run"]).silent();
        site.pass(TimeDelta::days(1));
        site.deposit(&Report::of(AGENTS[0]).good("ONE", "second"));
        site.run(["run"]).silent();
        site.pass(TimeDelta::days(1));
        site.deposit(&Report::of(AGENTS[0]).good("ONE", "third").good("TWO", "at last"));
        site.deposit(&Report::of(AGENTS[1]).good("ONE", "another"));
    }
}
