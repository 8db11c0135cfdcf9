//! R1: the program may be killed at any call that changes what others see.

use crate::harness::Site;
use crate::set::{Outcome, Set};
use crate::story::{Expected, Stage};
use crate::strace::{Injection, Moment, moments};
use crate::tally::Tally;
use crate::work;

/// The calls that change what others see: files, locks, sockets.
pub const CHANGES: &str = "chmod,fallocate,fchmod,fchown,fdatasync,flock,fsync,ftruncate,link,linkat,mkdir,mkdirat,\
    openat,openat2,pwrite64,rename,renameat,renameat2,rmdir,sendto,symlink,unlink,unlinkat,utimensat,write,writev";
/// Moments of each work that the quick set tries.
const FEW: usize = 25;
/// Of each work.
const MANY: usize = 300;

pub fn suite(set: Set) -> Tally {
    let mut tally = Tally::default();
    for work in set.works(&work::ALL.each_ref()) {
        if set.is_enough(&tally) {
            break;
        }
        let expected = Expected::of(work);
        let moments = moments(work, CHANGES).into_iter().filter(|moment| set.wants(&moment.call));
        let cases = set.sample(moments.collect(), FEW, MANY);
        let name = |moment: &Moment| format!("{} killed at {} {}", work.name, moment.call, moment.n);
        tally += &set.sweep(
            cases,
            name,
            || Stage::set(work, Site::in_memory()),
            |stage, moment| one(stage, moment, &expected),
        );
    }
    tally
}

fn one(stage: &mut Stage, moment: &Moment, expected: &Expected) -> Outcome {
    let mut story = stage.begin();
    let injected = Injection { moment, inject: "signal=KILL", ever_after: false }.run(&story);
    if injected.ran.status == 0 {
        return Outcome { not_reached: true, ..Outcome::default() };
    }
    story.ambiguous = 1;
    story.ended(&injected.ran, expected, None);
    story.look();
    story.repair(expected)
}
