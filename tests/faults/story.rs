//! One fault from its begin to its end: a server is made ready, the fault happens, one clean run repairs.

use std::time::Duration;

use crate::checker::{self, Checker, End, Invariant, Violation};
use crate::harness::{Call, Ran, Site};
use crate::mail::{RECIPIENTS, Server};
use crate::set::Outcome;
use crate::work::Work;

/// Longer than any command of this small work takes on a busy machine.
pub const PATIENCE: Duration = Duration::from_secs(60);
/// What a command may hold; the promise is this much at 20,000 jobs.
const MEMORY: u64 = 64 << 20;

/// What a work comes to when nobody disturbs it.
pub struct Expected {
    /// After its command.
    pub done: End,
    /// After a whole run.
    pub end: End,
}

impl Expected {
    pub fn of(work: &Work) -> Self {
        let mut story = Story::begin(work, Site::in_memory());
        story.clean();
        let done = End::of(&story.site);
        story.whole_run();
        let end = End::of(&story.site);
        let untold = checker::news(&story.site, &RECIPIENTS, &story.server.accepted(), 0);
        assert!(untold.is_empty(), "{}, undisturbed: {untold:?}", work.name);
        Self { done, end }
    }
}

/// A server in the middle of a fault.
pub struct Story<'w> {
    work: &'w Work,
    pub site: Site,
    pub server: Server,
    pub checker: Checker,
    pub broken: Vec<Violation>,
    /// Tries of a mail whose end the sender may not have learnt.
    pub ambiguous: usize,
}

impl<'w> Story<'w> {
    pub fn begin(work: &'w Work, mut site: Site) -> Self {
        let server = Server::start();
        work.begin(&mut site, &server);
        let checker = Checker::of(&site);
        Self { work, site, server, checker, broken: Vec::new(), ambiguous: 0 }
    }

    /// The command that is to be disturbed.
    pub fn command(&self) -> Call<'_> {
        self.site.command([self.work.command])
    }

    fn clean(&mut self) {
        let ran = limited(self.command()).run();
        self.must_be_clean(&ran);
    }

    fn whole_run(&mut self) {
        let ran = limited(self.site.command(["run"])).run();
        self.must_be_clean(&ran);
    }

    fn must_be_clean(&mut self, ran: &Ran) {
        if ran.status != 0 || !ran.stderr.is_empty() {
            let what = format!("after the fault a clean run says\n{ran}");
            self.broken.push(Invariant::OneRunRepairs.broken(what));
        }
    }

    /// The cause is gone, and nobody has repaired anything.
    pub fn look(&mut self) {
        self.broken.extend(self.checker.meanwhile(&self.site));
    }

    /// How a disturbed command ended. `failed` says which write of our data was made to fail.
    pub fn ended(&mut self, ran: &Ran, expected: &Expected, failed: Option<&str>) {
        if ran.status == TIMED_OUT {
            self.broken.push(Invariant::EndsInTime.broken(format!("killed after {PATIENCE:?}\n{ran}")));
        }
        self.broken.extend(checker::exit(&self.site, ran, &expected.done, failed));
    }

    /// Lets one clean run repair; gives what the fault came to.
    pub fn repair(mut self, expected: &Expected) -> Outcome {
        self.clean();
        self.whole_run();
        self.broken.extend(self.checker.finally(&self.site, &expected.end));
        self.conclude()
    }

    fn conclude(mut self) -> Outcome {
        let accepted = self.server.accepted();
        self.broken.extend(checker::news(&self.site, &RECIPIENTS, &accepted, self.ambiguous));
        Outcome { broken: self.broken, repeated: checker::repeated(&accepted), not_reached: false }
    }
}

/// What `timeout` gives when it had to end what it ran.
const TIMED_OUT: i32 = 124;

/// Within time and memory.
pub fn limited(call: Call<'_>) -> Call<'_> {
    in_time(call.under("prlimit", [format!("--data={MEMORY}")]))
}

/// Within time.
pub fn in_time(call: Call<'_>) -> Call<'_> {
    call.under("timeout", [PATIENCE.as_secs().to_string()])
}
