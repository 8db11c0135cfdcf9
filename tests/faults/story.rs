//! One fault from its begin to its end: a server is made ready, the fault happens, one clean run repairs.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;
use std::process::Command;
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use serde_json::Value;
use tempfile::TempDir;

use crate::checker::{self, Accepted, Checker, End, Invariant, Violation};
use crate::harness::{Call, Ran, Site};
use crate::mail::{RECIPIENTS, Server};
use crate::set::Outcome;
use crate::work::Work;

/// Longer than any command of this small work takes: each recipient's mail may wait half a minute for an answer.
pub const PATIENCE: Duration = Duration::from_secs(150);
/// What a command may hold; the promise is this much at 20,000 jobs.
const MEMORY: u64 = 64 << 20;
/// Where nothing waits for a disk.
pub const MEMORY_FOLDER: &str = "/dev/shm";

/// What a work comes to when nobody disturbs it.
pub struct Expected {
    /// After its command.
    pub done: End,
    /// After a whole run.
    pub end: End,
    /// After another one, an hour later, when what was put off is tried again.
    pub later: End,
    /// Of every job, after a whole run.
    pub statuses: BTreeMap<String, String>,
    /// `AGENT/DATABASE` of every job that is critical then.
    critical: BTreeSet<String>,
    /// `KIND AGENT/DATABASE` of every alert that is open then.
    open: BTreeSet<String>,
}

impl Expected {
    pub fn of(work: &Work) -> Self {
        Self::on(work, Site::in_memory())
    }

    /// On a file system that has ways of its own.
    pub fn on(work: &Work, site: Site) -> Self {
        let mut stage = Stage::set(work, site);
        let mut story = stage.begin();
        story.clean();
        story.must_be_undisturbed();
        let done = End::of(story.site());
        story.whole_run();
        story.must_be_undisturbed();
        let (end, statuses) = (End::of(story.site()), story.site().statuses());
        let (critical, open) = (critical_jobs(story.site()), open_alerts(story.site()));
        story.an_hour_later();
        let later = End::of(story.site());
        let untold = checker::news(story.site(), &RECIPIENTS, &story.stage.server.accepted(), 0);
        story.broken.extend(untold);
        story.must_be_undisturbed();
        Self { done, end, later, statuses, critical, open }
    }

    /// What is bad in the undisturbed end and is not called bad here.
    pub fn looks_better(&self, site: &Site) -> Vec<Violation> {
        let (critical, open) = (critical_jobs(site), open_alerts(site));
        let good = self.critical.difference(&critical);
        let good = good.map(|job| Invariant::GoodHasBytes.broken(format!("{job} is not critical any more")));
        let silent = self.open.difference(&open);
        let silent = silent.map(|alert| Invariant::NewsIsTold.broken(format!("the alert `{alert}` is gone")));
        good.chain(silent).collect()
    }

    /// What else is said than in the undisturbed end, if anything is.
    pub fn first_difference(&self, site: &Site) -> Option<String> {
        End::of(site).differences(&self.end).into_iter().next().map(|(_, what)| what)
    }
}

fn critical_jobs(site: &Site) -> BTreeSet<String> {
    let document = site.document("site/api/jobs.json");
    let jobs = document["jobs"].as_array().unwrap().iter();
    jobs.filter(|job| job["severity"] == "critical").map(name_of).collect()
}

fn open_alerts(site: &Site) -> BTreeSet<String> {
    let document = site.document("site/api/alerts.json");
    let alerts = document["alerts"].as_array().unwrap().iter();
    let open = alerts.filter(|alert| alert["resolved_at"].is_null());
    open.map(|alert| format!("{} {}", alert["kind"], name_of(alert))).collect()
}

fn name_of(of_job: &Value) -> String {
    format!("{}/{}", of_job["agent"], of_job["database"])
}

/// A server that was made ready once, and can be made so again without doing all that came before.
pub struct Stage<'w> {
    pub work: &'w Work,
    site: Site,
    server: Server,
    checker: Checker,
    begin: DateTime<Utc>,
    accepted: Vec<Accepted>,
    /// What lay in the folders that may have changed.
    saved: TempDir,
}

/// What a fault, or what happens in its time, may change.
const FOLDERS: [&str; 4] = ["deposits", "validated", "state", "site"];

impl<'w> Stage<'w> {
    pub fn set(work: &'w Work, mut site: Site) -> Self {
        let server = Server::start();
        work.begin(&mut site, &server);
        let saved = TempDir::new_in(MEMORY_FOLDER).unwrap();
        for folder in FOLDERS.into_iter().filter(|folder| site.path(folder).is_dir()) {
            copy(&site.path(folder), &saved.path().join(folder));
        }
        let (checker, begin, accepted) = (Checker::of(&site), site.now(), server.accepted());
        Self { work, site, server, checker, begin, accepted, saved }
    }

    /// All is again as it was when the stage was set.
    pub fn begin(&mut self) -> Story<'_, 'w> {
        let now = self.site.now();
        self.site.pass(self.begin - now);
        self.server.forget_but(self.accepted.clone());
        for folder in &FOLDERS[1..] {
            self.restore(folder);
        }
        // Deposits keep their inodes unless somebody has touched them: the state knows them by these.
        if !self.checker.outside_is_untouched(&self.site) {
            self.restore(FOLDERS[0]);
        }
        let checker = self.checker.clone();
        Story { stage: self, checker, broken: Vec::new(), ambiguous: 0 }
    }

    fn restore(&self, folder: &str) {
        let (there, saved) = (self.site.path(folder), self.saved.path().join(folder));
        // Not the folder itself, which may be a mount.
        for entry in fs::read_dir(&there).into_iter().flatten().filter_map(Result::ok) {
            let path = entry.path();
            let is_folder = entry.file_type().is_ok_and(|kind| kind.is_dir());
            if is_folder { fs::remove_dir_all(path).unwrap() } else { fs::remove_file(path).unwrap() }
        }
        if saved.is_dir() {
            copy(&saved, &there);
        } else {
            let _ = fs::remove_dir(&there);
        }
    }
}

/// With modes, times and links.
fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    let done = Command::new("cp").arg("-a").arg(from.join(".")).arg(to).status().unwrap();
    assert!(done.success(), "{} could not be copied", from.display());
}

/// A server in the middle of a fault.
pub struct Story<'s, 'w> {
    stage: &'s mut Stage<'w>,
    pub checker: Checker,
    pub broken: Vec<Violation>,
    /// Tries of a mail whose end the sender may not have learnt.
    pub ambiguous: usize,
}

impl Story<'_, '_> {
    pub fn site(&self) -> &Site {
        &self.stage.site
    }

    /// The machine is started anew. What the site remembers of its pages counts only until then; here the machine goes
    /// on, so it is taken away.
    pub fn reboot(&self) {
        let _ = fs::remove_file(self.site().path("site/data/.pages.json"));
    }

    /// What the mail server has taken so far.
    pub fn accepted(&self) -> Vec<Accepted> {
        self.stage.server.accepted()
    }

    /// The mail server has taken just these.
    pub fn pretend_accepted(&self, accepted: Vec<Accepted>) {
        self.stage.server.forget_but(accepted);
    }

    /// Time goes by, and by nothing else.
    pub fn pass(&mut self, span: TimeDelta) {
        self.stage.site.pass(span);
    }

    /// The command that is to be disturbed.
    pub fn command(&self) -> Call<'_> {
        self.site().command([self.stage.work.command])
    }

    fn clean(&mut self) {
        let ran = limited(self.command()).run();
        self.must_be_clean(&ran);
    }

    pub fn whole_run(&mut self) {
        let ran = limited(self.site().command(["run"])).run();
        self.must_be_clean(&ran);
    }

    fn must_be_clean(&mut self, ran: &Ran) {
        if ran.status != 0 || !ran.stderr.is_empty() {
            let what = format!("after the fault a clean run says\n{ran}");
            self.broken.push(Invariant::OneRunRepairs.broken(what));
        }
    }

    /// Before anything is made to fail, all is well.
    fn must_be_undisturbed(&self) {
        assert!(self.broken.is_empty(), "{}, undisturbed: {:?}", self.stage.work.name, self.broken);
    }

    fn an_hour_later(&mut self) {
        self.pass(TimeDelta::hours(1));
        self.whole_run();
    }

    /// The cause is gone, and nobody has repaired anything.
    pub fn look(&mut self) {
        self.broken.extend(self.checker.meanwhile(self.site()));
    }

    /// How a disturbed command ended. `failed` says which write of our data was made to fail.
    pub fn ended(&mut self, ran: &Ran, expected: &Expected, failed: Option<&str>) {
        self.broken.extend(checker::limits(ran));
        self.broken.extend(checker::exit(self.site(), ran, &expected.done, failed));
    }

    /// Lets one clean run repair; gives what the fault came to.
    pub fn repair(mut self, expected: &Expected) -> Outcome {
        self.clean();
        self.whole_run();
        self.broken.extend(self.checker.finally(self.site(), &expected.end));
        self.conclude()
    }

    /// The same where a message may wait: an hour later all is as if nothing had been.
    pub fn repair_later(mut self, expected: &Expected) -> Outcome {
        self.clean();
        self.whole_run();
        self.an_hour_later();
        self.broken.extend(self.checker.finally(self.site(), &expected.later));
        self.conclude()
    }

    fn conclude(mut self) -> Outcome {
        if !checker::news(self.site(), &RECIPIENTS, &self.stage.server.accepted(), self.ambiguous).is_empty()
        {
            // News that came soon after a mail wait for a while.
            self.an_hour_later();
        }
        let accepted = self.stage.server.accepted();
        self.broken.extend(checker::news(self.site(), &RECIPIENTS, &accepted, self.ambiguous));
        // Those of before may have been forgotten with their entries.
        let fresh = &accepted[self.stage.accepted.len()..];
        self.broken.extend(checker::unknown(self.site(), fresh));
        Outcome { broken: self.broken, repeated: checker::repeated(&accepted), ..Outcome::default() }
    }
}

/// Within time and memory.
pub fn limited(call: Call<'_>) -> Call<'_> {
    in_time(within(call, MEMORY))
}

/// Within so many bytes.
pub fn within(call: Call<'_>, memory: u64) -> Call<'_> {
    call.under("prlimit", [format!("--data={memory}")])
}

/// Within time.
pub fn in_time(call: Call<'_>) -> Call<'_> {
    in_seconds(call, PATIENCE.as_secs_f64())
}

/// Within so many of them.
pub fn in_seconds(call: Call<'_>, seconds: f64) -> Call<'_> {
    call.under("timeout", [seconds.to_string()])
}
