//! A job that goes on under another agent's name: the site was installed anew, and what it was before is its past.

use super::{Job, JobKey, JobState, Time};

/// Whether `new` began only after `old` had ended, so that the two can be one history.
#[must_use]
pub fn follows(old: &Job, new: &Job) -> bool {
    old.state.last_report_at.is_none_or(|last| last <= new.added_at)
}

/// `new` with the past of `old`: settings that nobody gave the new one, and all that is known of its backups. What was
/// judged last stands.
#[must_use]
pub fn go_on(old: &Job, new: &Job) -> Job {
    let inherits = !new.settings.is_set() && old.settings.is_set();
    let mut pauses = [old.pauses.as_slice(), &new.pauses].concat();
    pauses.sort_by_key(|pause| pause.from);
    Job {
        labels: new.labels.or(&old.labels).into(),
        settings: if inherits { old.settings.clone() } else { new.settings.clone() },
        // Unseen: to get the old one's settings is no edit that the next scan would have to notice.
        schedule_seen: if inherits { String::new() } else { new.schedule_seen.clone() },
        added_at: old.added_at.min(new.added_at),
        schedule_changed_at: old.schedule_changed_at.max(new.schedule_changed_at),
        on_trial: old.on_trial && new.on_trial,
        pauses,
        state: state(&old.state, &new.state),
        ..new.clone()
    }
}

/// What is left under the old name: nothing, and its reports, which still lie there, make no job of it again.
#[must_use]
pub fn left_behind(old: JobKey, at: Time) -> Job {
    Job { ignored: true, ..Job::new(old, at, false) }
}

/// Whether a job is only what is left of one that went on under another name, and may come back.
#[must_use]
pub fn is_left_behind(job: &Job) -> bool {
    job.ignored && job.state == Job::new(job.key.clone(), job.added_at, false).state
}

fn state(old: &JobState, new: &JobState) -> JobState {
    let of_old = old.good.as_ref().map(|good| good.report_time);
    let of_new = new.good.as_ref().map(|good| good.report_time);
    let (good, current_version) = if of_new >= of_old && of_new.is_some() {
        (new.good.clone(), new.current_version.clone())
    } else {
        (old.good.clone(), old.current_version.clone())
    };
    let judged = if new.newest >= old.newest {
        new.clone()
    } else {
        // Its file lies in a folder that is no longer the job's.
        JobState { judged_report: None, judged_cause: None, waiting: None, staged: None, ..old.clone() }
    };
    JobState {
        covered_by: old.covered_by.max(new.covered_by),
        missed_through: old.missed_through.max(new.missed_through),
        last_success_at: old.last_success_at.max(new.last_success_at),
        last_report_at: old.last_report_at.max(new.last_report_at),
        last_change_at: old.last_change_at.max(new.last_change_at),
        last_verified_at: old.last_verified_at.max(new.last_verified_at),
        held: new.held || (old.held && new.good.is_none()),
        good,
        current_version,
        waiting: new.waiting.clone(),
        ..judged
    }
}

#[cfg(test)]
mod tests {
    use chrono::TimeDelta;

    use super::super::job::{GoodBackup, Rank};
    use super::super::{Digest, Status, Time};
    use super::*;
    use crate::domain::Settings;

    fn day(n: i64) -> Time {
        Time::UNIX_EPOCH + TimeDelta::days(n)
    }

    fn job(agent: &str, added: i64) -> Job {
        Job::new(format!("{agent}/D").parse().unwrap(), day(added), true)
    }

    fn judged(mut job: Job, at: i64, status: Status) -> Job {
        job.state.status = status;
        job.state.newest = Some(Rank { time: day(at), own: None, file: format!("{at}.json") });
        job.state.covered_by = Some(day(at));
        job.state.last_report_at = Some(day(at));
        job.state.judged_report = Some(at);
        if status.is_ok() {
            let version = format!("v{at}");
            job.state.good = Some(GoodBackup {
                sha256: Digest::of(version.as_bytes()),
                size_bytes: 1,
                content_bytes: None,
                report_time: day(at),
                report: at,
                file: "f".into(),
                version: Some(version.clone()),
            });
            job.state.current_version = Some(version);
        }
        job
    }

    #[test]
    fn the_newer_judgement_stands_and_the_newer_good_one_is_current() {
        let old = Job { on_trial: false, ..judged(job("OLD", 0), 5, Status::Success) };
        for (new, status, current, report) in [
            (judged(job("NEW", 6), 7, Status::Success), Status::Success, "v7", Some(7)),
            (judged(job("NEW", 6), 7, Status::Failed), Status::Failed, "v5", Some(7)),
            (job("NEW", 6), Status::Success, "v5", None),
        ] {
            let joined = go_on(&old, &new);
            assert_eq!(joined.key, new.key);
            assert_eq!((joined.state.status, joined.state.judged_report), (status, report));
            assert_eq!(joined.state.current_version.as_deref(), Some(current));
            assert_eq!(joined.state.covered_by, old.state.covered_by.max(new.state.covered_by));
            assert_eq!((joined.added_at, joined.on_trial), (day(0), false));
        }
    }

    #[test]
    fn settings_go_along_unless_the_new_one_has_its_own() {
        let set = |timezone: &str| Settings { timezone: Some(timezone.into()), ..Settings::default() };
        let old = Job { settings: set("Africa/Douala").into(), ..job("OLD", 0) };
        let own = Job { settings: set("UTC").into(), ..job("NEW", 1) };
        assert_eq!(go_on(&old, &job("NEW", 1)).settings, old.settings);
        assert_eq!(go_on(&old, &own).settings, own.settings);
    }

    #[test]
    fn two_that_reported_side_by_side_do_not_follow_each_other() {
        let old = judged(job("OLD", 0), 5, Status::Success);
        assert!(follows(&old, &job("NEW", 5)) && follows(&job("OLD", 0), &job("NEW", 1)));
        assert!(!follows(&old, &job("NEW", 4)));
    }

    #[test]
    fn what_is_left_makes_no_job_again() {
        let old = judged(job("OLD", 0), 5, Status::Success);
        let left = left_behind(old.key.clone(), day(6));
        assert!(left.ignored && left.state.good.is_none());
        assert!(is_left_behind(&left) && !is_left_behind(&Job { ignored: true, ..old }));
    }
}
