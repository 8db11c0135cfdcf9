//! Families: jobs of one agent whose names differ only in the year, and the turn of the year (SPEC section 5).
//!
//! | what is seen | what follows |
//! | --- | --- |
//! | an older year does not come | LATE and MISSING as ever |
//! | its cycle is missed, and good backups of a newer year span [`PROOF`] since its own last report | its year is *over* |
//! | it reports again | it never was |
//! | two years or more, none of them the running one after `year_start` | `year_not_started`, of the newest year's job |
//!
//! A year that is over keeps its status: nothing came, and nothing else may be said of it. But it is nobody's alarm any
//! more. Its severity is inactive, its own incident ends, and all of them together are one item of the fleet, told once
//! for each year, until they are retired. The span begins with the first newer backup and not with the last older one,
//! so that an agent that was silent for a while proves nothing; held backups prove nothing either.
//!
//! `year_not_started` ends when the running year reports, or is answered: the newest year's job is retired, or somebody
//! takes the incident on. Until `year_start` the year before is the one that must have started, so that what was told
//! in December is still open in January.

use std::collections::BTreeMap;

use chrono::{Datelike, NaiveDate, TimeDelta};

use super::job::Outrun;
use super::labels::without_year;
use super::schedule::Schedule;
use super::text::{cut, printable};
use super::{AgentId, Job, JobId, Time};

/// How long newer years must have come without an older one before that is over.
pub const PROOF: TimeDelta = TimeDelta::days(14);
/// The last cause of a job's own incident that ended because its year did.
pub const ENDED: &str = "year_ended";
/// Databases that a sentence names.
const NAMED: usize = 3;
/// Jobs in one ready-made command, and such commands.
const IN_ONE_COMMAND: usize = 20;
const COMMANDS: usize = 10;

/// The years of one database, ascending; at least two.
#[derive(Debug)]
pub struct Family<'j> {
    members: Vec<Member<'j>>,
}

#[derive(Debug, Clone, Copy)]
struct Member<'j> {
    year: u16,
    job: &'j Job,
    schedule: &'j Schedule,
}

/// Finds the families among jobs that come with their schedules. Removed ones belong to none.
#[must_use]
pub fn families<'j>(jobs: impl IntoIterator<Item = (&'j Job, &'j Schedule)>) -> Vec<Family<'j>> {
    let mut found: BTreeMap<(&AgentId, (&str, &str)), Vec<Member<'j>>> = BTreeMap::new();
    for (job, schedule) in jobs {
        if let (false, Some((name, year))) = (job.ignored, without_year(&job.key.database)) {
            found.entry((&job.key.agent, name)).or_default().push(Member { year, job, schedule });
        }
    }
    let mut families: Vec<Family> =
        found.into_values().filter(|members| members.len() > 1).map(|members| Family { members }).collect();
    for family in &mut families {
        family.members.sort_by_key(|member| member.year);
    }
    families
}

impl<'j> Family<'j> {
    /// The jobs of which something new is known about newer years.
    #[must_use]
    pub fn changes(&self, now: Time) -> Vec<(&'j Job, Option<Outrun>)> {
        let mut changes = Vec::new();
        let mut newest: Option<Time> = None;
        for member in self.members.iter().rev() {
            let outrun = member.outrun(newest, now);
            if outrun != member.job.state.outrun {
                changes.push((member.job, outrun));
            }
            newest = newest.max(member.job.state.last_success_at);
        }
        changes
    }

    /// The newest year's job, when the year that must have started is not there and nobody has answered. A job on trial
    /// says nothing yet: on the first day of a server every old deposit would.
    #[must_use]
    pub fn not_started(&self, expected: u16) -> Option<&'j Job> {
        let newest = self.members.last()?;
        let speaks = !newest.job.on_trial && newest.job.retired_at.is_none();
        (newest.year < expected && speaks).then_some(newest.job)
    }
}

impl Member<'_> {
    /// `newest` is the time of the newest good backup of any newer year.
    fn outrun(&self, newest: Option<Time>, now: Time) -> Option<Outrun> {
        let state = &self.job.state;
        let last = state.covered_by.map_or(self.job.added_at, |covered| covered.max(self.job.added_at));
        let newest = newest.filter(|newest| *newest > last && self.job.retired_at.is_none())?;
        let known = state.outrun.filter(|outrun| outrun.since > last);
        let mut outrun = known.unwrap_or(Outrun { since: newest, over_at: None });
        if outrun.over_at.is_none() && newest - outrun.since >= PROOF && self.job.is_absent(self.schedule) {
            outrun.over_at = Some(now);
        }
        Some(outrun)
    }
}

/// The year that a family must have started by `today`, where it must have done so after the day `start` (month, day).
#[must_use]
pub fn expected_year(today: NaiveDate, start: (u32, u32)) -> u16 {
    let year = if (today.month(), today.day()) > start { today.year() } else { today.year() - 1 };
    u16::try_from(year).unwrap_or_default()
}

/// What is said of all years that are over.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Over {
    /// The newest of these years, as a word: news when another year joins.
    pub cause: String,
    pub message: String,
}

/// The fleet's one item; `None` when no year is over.
#[must_use]
pub fn over<'j>(jobs: impl IntoIterator<Item = &'j Job>) -> Option<Over> {
    let over: Vec<(u16, &Job)> = jobs
        .into_iter()
        .filter(|job| job.year_is_over())
        .filter_map(|job| Some((without_year(&job.key.database)?.1, job)))
        .collect();
    let newest = over.iter().map(|(year, _)| *year).max()?;
    let mut names: Vec<String> =
        over.iter().take(NAMED).map(|(_, job)| cut(&printable(&job.key.to_string()), 80)).collect();
    if over.len() > NAMED {
        names.push(format!("{} more", over.len() - NAMED));
    }
    let (databases, are) =
        if over.len() == 1 { ("1 database", "is") } else { (&*format!("{} databases", over.len()), "are") };
    Some(Over {
        cause: format!("year_over_{newest}"),
        message: format!(
            "{databases} of a year that is over {are} still expected: for {} days newer years came and these did not ({})",
            PROOF.num_days(),
            names.join(", ")
        ),
    })
}

/// The commands that retire these jobs. So many as fit in a mail; what is left over is the next item's.
#[must_use]
pub fn retire_commands<'j>(jobs: impl IntoIterator<Item = &'j JobId>) -> Vec<String> {
    let ids: Vec<&str> = jobs.into_iter().map(JobId::as_str).collect();
    let line = |ids: &[&str]| format!("backupmon jobs retire {} --reason 'year over' --yes", ids.join(" "));
    ids.chunks(IN_ONE_COMMAND).take(COMMANDS).map(line).collect()
}

#[cfg(test)]
#[path = "family_tests.rs"]
mod tests;
