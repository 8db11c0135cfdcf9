//! Who decided that a job is left alone, why, and until when: silence must never look like all is well.

use crate::domain::text::printable;
use crate::domain::{Status, Time};
use crate::render::facts::Rest;
use crate::render::view::{JobView, View};

/// A sentence for a pause, for messages that are stopped, and for an acknowledgement.
pub fn lines(view: &View, job: &JobView) -> Vec<String> {
    let words = view.words();
    let rest = view.rest_of(job).filter(|_| job.standing.status == Status::Paused);
    let mut lines: Vec<String> = rest.map(|rest| pause(view, job, rest)).into_iter().collect();
    if rest.is_some_and(|rest| rest.muted) {
        lines.push(words.text("muted-line").to_owned());
    }
    if let Some(by) = view.acknowledgement_of(job) {
        let until = by.until.map_or_else(|| words.text("until-resolved").to_owned(), |at| until(view, at));
        lines.push(words.say(
            "acknowledged-line",
            [("who", printable(&by.who).into()), ("why", printable(&by.why).into()), ("until", until.into())],
        ));
    }
    lines
}

fn pause(view: &View, job: &JobView, rest: &Rest) -> String {
    let words = view.words();
    let until = rest.until.map_or_else(|| words.text("until-resumed").to_owned(), |at| until(view, at));
    match rest.pause.and_then(|at| job.job.pauses.get(at)) {
        Some(pause) => words.say(
            "paused-line",
            [
                ("who", printable(&pause.who).into()),
                ("why", printable(&pause.reason).into()),
                ("until", until.into()),
            ],
        ),
        None => words.say("maintenance-line", [("until", until.into())]),
    }
}

fn until(view: &View, at: Time) -> String {
    view.words().say("until", [("time", view.when(at).into())])
}
