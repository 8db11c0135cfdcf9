//! Who is told what, and when (SPEC section 8): pure decisions over incidents and what was told before.
//!
//! The outbox is no queue of messages: it is the set of incidents against the set of what a recipient was told.
//! What healed before anyone was told is therefore no news at all, and what was told as bad stays news until its
//! end was told too.

use std::collections::HashMap;

use chrono::{Datelike, Days, LocalResult, NaiveDateTime, NaiveTime, TimeDelta, TimeZone, Weekday};
use chrono_tz::Tz;
use serde::{Deserialize, Serialize};

use super::status::words;
use super::{Incident, IncidentKind, Problem, Time};

/// Which of its news a recipient has been told.
#[derive(Debug, Clone, PartialEq)]
pub struct Told {
    pub incident: i64,
    pub cause: Option<String>,
    pub resolved: bool,
    pub at: Time,
}

words! {
    News {
        Opened = "opened",
        Changed = "changed",
        Reminder = "reminder",
        Resolved = "resolved",
    }
}

/// One thing that a recipient does not know yet.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Item<'a> {
    pub incident: &'a Incident,
    pub news: News,
}

/// The operator's terms for messages.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Terms {
    /// After a mail, further news to the same recipient wait so long.
    pub gap: TimeDelta,
    /// Until then only the server's own problems and the digest are told.
    pub learning_until: Option<Time>,
    /// Time of day of the digest, in `timezone`; `None` for never.
    pub digest: Option<NaiveTime>,
    /// The server's.
    pub timezone: Tz,
}

/// What of `incidents` is news to somebody who was told `told`, in the order of the incidents.
#[must_use]
pub fn news<'a>(incidents: impl IntoIterator<Item = &'a Incident>, told: &[Told]) -> Vec<Item<'a>> {
    let told: HashMap<i64, &Told> = told.iter().map(|told| (told.incident, told)).collect();
    let of = |incident: &'a Incident| {
        let news = match (told.get(&incident.id), incident.is_open()) {
            (None, true) => News::Opened,
            (Some(told), true) if told.cause != incident.cause => News::Changed,
            (Some(told), false) if !told.resolved => News::Resolved,
            (None | Some(_), _) => return None,
        };
        Some(Item { incident, news })
    };
    incidents.into_iter().filter_map(of).collect()
}

impl Item<'_> {
    /// Held versions, resolved incidents and the server's own problems do not wait for the gap.
    #[must_use]
    pub fn is_urgent(&self) -> bool {
        self.news == News::Resolved
            || self.incident.subject.kind == IncidentKind::Problem(Problem::VersionHeld)
            || is_servers_own(self.incident)
    }
}

fn is_servers_own(incident: &Incident) -> bool {
    match incident.subject.kind {
        IncidentKind::Job => false,
        IncidentKind::Problem(problem) => problem.is_servers_own(),
    }
}

impl Terms {
    #[must_use]
    pub fn is_learning(&self, now: Time) -> bool {
        self.learning_until.is_some_and(|until| now < until)
    }

    /// Whether this may be told at all now.
    #[must_use]
    pub fn may_tell(&self, incident: &Incident, now: Time) -> bool {
        !self.is_learning(now) || is_servers_own(incident)
    }

    /// Whether a mail with `items` goes out now. One that goes takes all along: were news that can wait left out of
    /// mails that cannot, a steady trickle of recoveries would hold them back for ever.
    #[must_use]
    pub fn is_time(&self, items: &[Item<'_>], last_mail: Option<Time>, now: Time) -> bool {
        // A mail from the future says that the clock was set back, not that anybody was just told.
        let waits = |last: Time| last <= now && now - last < self.gap;
        !items.is_empty() && (items.iter().any(Item::is_urgent) || !last_mail.is_some_and(waits))
    }

    /// Since when a digest is due; `None` when none is. `last` is when the newest one was accepted. Of several that were
    /// missed, one goes out.
    #[must_use]
    pub fn digest_due(&self, created_at: Time, last: Option<Time>, now: Time) -> Option<Time> {
        let newest = newest_instant(self.digest?, self.timezone, now)?;
        // One from the future was sent by a clock that has been set back since: it stands for no day.
        let is_of_today = |last: Time| newest <= last && last <= now;
        (created_at < newest && !last.is_some_and(is_of_today)).then_some(newest)
    }

    /// Whether the digest reminds of it: daily for a week, then on Mondays; never when somebody took it on, or when it
    /// is told once.
    #[must_use]
    pub fn reminds(&self, incident: &Incident, now: Time) -> bool {
        let fresh = now - incident.opened_at <= TimeDelta::days(7);
        let monday = now.with_timezone(&self.timezone).weekday() == Weekday::Mon;
        incident.is_open() && !is_told_once(incident) && !is_acknowledged(incident, now) && (fresh || monday)
    }
}

/// It is told, and neither reminded of nor counted among what is.
#[must_use]
pub fn is_told_once(incident: &Incident) -> bool {
    match incident.subject.kind {
        IncidentKind::Job => false,
        IncidentKind::Problem(problem) => problem.is_told_once(),
    }
}

/// Somebody took it on, and that time is not over.
#[must_use]
pub fn is_acknowledged(incident: &Incident, now: Time) -> bool {
    incident.acknowledged.as_ref().is_some_and(|taken| taken.until.is_none_or(|until| now < until))
}

/// The newest moment at or before `now` that a clock in `timezone` shows as `at`.
fn newest_instant(at: NaiveTime, timezone: Tz, now: Time) -> Option<Time> {
    let today = now.with_timezone(&timezone).date_naive();
    [Some(today), today.checked_sub_days(Days::new(1))]
        .into_iter()
        .flatten()
        .filter_map(|day| first_instant(day.and_time(at), timezone))
        .find(|instant| *instant <= now)
}

/// A local time that exists twice means the first; one that does not exist, the first instant after the gap.
fn first_instant(local: NaiveDateTime, timezone: Tz) -> Option<Time> {
    match timezone.from_local_datetime(&local) {
        LocalResult::Single(time) | LocalResult::Ambiguous(time, _) => Some(time.to_utc()),
        LocalResult::None => {
            // No zone has ever skipped more than a day.
            (1..=24 * 60).find_map(|minutes| {
                timezone
                    .from_local_datetime(&(local + TimeDelta::minutes(minutes)))
                    .earliest()
                    .map(|time| time.to_utc())
            })
        }
    }
}

/// Pauses in minutes after the first, second, … failed attempt; the last one holds from then on.
const PAUSES: [i64; 4] = [1, 5, 15, 60];
/// The same where the server refused for good: only a person can mend that, so it is asked rarely.
const REFUSED_PAUSES: [i64; 2] = [60, 6 * 60];

/// When a mail is tried again that failed for the `attempts`-th time, counted from 1.
#[must_use]
pub fn next_attempt(attempts: u32, refused: bool, now: Time) -> Time {
    let pauses: &[i64] = if refused { &REFUSED_PAUSES } else { &PAUSES };
    let index = (attempts.max(1) as usize - 1).min(pauses.len() - 1);
    now + TimeDelta::minutes(pauses[index])
}

/// Whether it is time. An attempt that lies further ahead than any pause was planned by a clock since set back.
#[must_use]
pub fn is_attempt_due(next_attempt_at: Time, now: Time) -> bool {
    let longest = PAUSES.into_iter().chain(REFUSED_PAUSES).max().unwrap_or_default();
    next_attempt_at <= now || next_attempt_at - now > TimeDelta::minutes(longest)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::incident::{Acknowledgement, Subject};
    use crate::domain::{AgentId, JobId, Severity};

    fn at(text: &str) -> Time {
        text.parse().unwrap()
    }

    fn incident(id: i64, subject: Subject, cause: Option<&str>) -> Incident {
        let opened_at = at("2025-06-20T10:00:00Z");
        Incident {
            id,
            subject,
            database: None,
            severity: Severity::Critical,
            cause: cause.map(str::to_owned),
            message: String::new(),
            opened_at,
            changed_at: opened_at,
            resolved_at: None,
            acknowledged: None,
        }
    }

    fn job(id: i64, cause: &str) -> Incident {
        incident(
            id,
            Subject::job(&AgentId::new("A").unwrap(), &JobId::from_text(id.to_string())),
            Some(cause),
        )
    }

    fn resolved(mut incident: Incident) -> Incident {
        incident.resolved_at = Some(at("2025-06-20T12:00:00Z"));
        incident
    }

    fn told(incident: i64, cause: Option<&str>) -> Told {
        Told { incident, cause: cause.map(str::to_owned), resolved: false, at: at("2025-06-20T10:15:00Z") }
    }

    fn terms() -> Terms {
        Terms {
            gap: TimeDelta::hours(1),
            learning_until: None,
            digest: NaiveTime::from_hms_opt(8, 0, 0),
            timezone: chrono_tz::Africa::Douala,
        }
    }

    #[test]
    fn news_is_the_difference_of_what_is_and_what_was_told() {
        let incidents = [
            job(1, "no_report"),                                  // never told
            job(2, "no_report"),                                  // told so
            job(3, "no_report"),                                  // told with another cause
            resolved(job(4, "no_report")),                        // told as bad
            resolved(job(5, "no_report")),                        // healed before anyone was told
            resolved(job(6, "no_report")),                        // told as resolved
            incident(7, Subject::server(Problem::DiskLow), None), // told so, and has no cause
        ];
        let mut six = told(6, Some("no_report"));
        six.resolved = true;
        let told = [
            told(2, Some("no_report")),
            told(3, Some("backup_failed")),
            told(4, Some("backup_failed")),
            six,
            told(7, None),
        ];
        let found: Vec<_> =
            news(&incidents, &told).iter().map(|item| (item.incident.id, item.news)).collect();
        assert_eq!(found, [(1, News::Opened), (3, News::Changed), (4, News::Resolved)]);
    }

    #[test]
    fn further_news_waits_for_the_gap_unless_it_cannot() {
        let (plain, healed) = (job(1, "no_report"), resolved(job(2, "no_report")));
        let disk = incident(3, Subject::server(Problem::DiskLow), None);
        let held = incident(4, Subject::agent(Problem::VersionHeld, "A"), None);
        let opened = |incident| Item { incident, news: News::Opened };
        let cases: [(&[Item<'_>], Option<&str>, bool); 8] = [
            (&[], None, false),
            (&[opened(&plain)], None, true),
            (&[opened(&plain)], Some("2025-06-20T11:00:01Z"), false),
            (&[opened(&plain)], Some("2025-06-20T11:00:00Z"), true),
            (&[opened(&plain)], Some("2025-06-21T11:00:00Z"), true),
            (
                &[opened(&plain), Item { incident: &healed, news: News::Resolved }],
                Some("2025-06-20T11:59:00Z"),
                true,
            ),
            (&[opened(&disk)], Some("2025-06-20T11:59:00Z"), true),
            (&[opened(&held)], Some("2025-06-20T11:59:00Z"), true),
        ];
        for (n, (items, last, expected)) in cases.into_iter().enumerate() {
            assert_eq!(
                terms().is_time(items, last.map(at), at("2025-06-20T12:00:00Z")),
                expected,
                "case {n}"
            );
        }
    }

    #[test]
    fn while_learning_only_the_servers_own_problems_are_told() {
        let mut terms = terms();
        terms.learning_until = Some(at("2025-06-20T12:00:00Z"));
        let disk = incident(3, Subject::server(Problem::DiskLow), None);
        assert!(!terms.may_tell(&job(1, "no_report"), at("2025-06-20T11:59:59Z")));
        assert!(terms.may_tell(&disk, at("2025-06-20T11:59:59Z")));
        assert!(terms.may_tell(&job(1, "no_report"), at("2025-06-20T12:00:00Z")));
    }

    #[test]
    fn the_digest_goes_once_a_day_from_the_first_such_time_on() {
        // 08:00 in Douala is 07:00 UTC.
        for (created, last, now, due) in [
            ("2025-06-20T06:00:00Z", None, "2025-06-20T06:59:59Z", false),
            ("2025-06-20T06:00:00Z", None, "2025-06-20T07:00:00Z", true),
            ("2025-06-20T07:00:00Z", None, "2025-06-20T20:00:00Z", false),
            ("2025-06-20T07:00:01Z", None, "2025-06-21T07:10:00Z", true),
            ("2025-06-01T07:00:01Z", Some("2025-06-20T07:10:00Z"), "2025-06-20T23:59:00Z", false),
            ("2025-06-01T07:00:01Z", Some("2025-06-17T07:10:00Z"), "2025-06-21T03:00:00Z", true),
            ("2025-06-01T07:00:01Z", Some("2025-06-21T03:00:00Z"), "2025-06-21T07:00:00Z", true),
            ("2025-06-01T07:00:01Z", Some("2026-06-21T03:00:00Z"), "2025-06-21T07:00:00Z", true),
        ] {
            assert_eq!(
                terms().digest_due(at(created), last.map(at), at(now)).is_some(),
                due,
                "{created} {last:?} {now}"
            );
        }
        let never = Terms { digest: None, ..terms() };
        assert_eq!(never.digest_due(at("2025-01-01T00:00:00Z"), None, at("2025-06-01T00:00:00Z")), None);
    }

    #[test]
    fn a_digest_at_a_time_that_daylight_saving_skips_comes_after_the_gap() {
        let paris = Terms {
            digest: NaiveTime::from_hms_opt(2, 30, 0),
            timezone: chrono_tz::Europe::Paris,
            ..terms()
        };
        let (created, last) = (at("2025-03-01T00:00:00Z"), Some(at("2025-03-29T02:00:00Z")));
        let gap = at("2025-03-30T01:00:00Z");
        assert_eq!(paris.digest_due(created, last, gap - TimeDelta::seconds(1)), None);
        assert_eq!(paris.digest_due(created, last, gap), Some(gap));
    }

    #[test]
    fn reminders_are_daily_for_a_week_then_on_mondays_and_never_of_what_somebody_took_on() {
        let mut trouble = job(1, "no_report");
        assert!(terms().reminds(&trouble, at("2025-06-27T10:00:00Z")));
        assert!(!terms().reminds(&trouble, at("2025-06-28T07:00:00Z")), "a Saturday");
        assert!(terms().reminds(&trouble, at("2025-06-29T23:30:00Z")), "Monday in Douala, Sunday in UTC");
        let over = incident(2, Subject::server(Problem::YearOver), None);
        assert!(!terms().reminds(&over, at("2025-06-21T07:00:00Z")), "it is told once");
        trouble.acknowledged = Some(Acknowledgement {
            who: "ada".into(),
            why: "on it".into(),
            at: trouble.opened_at,
            until: Some(at("2025-06-22T00:00:00Z")),
        });
        assert!(!terms().reminds(&trouble, at("2025-06-21T07:00:00Z")));
        assert!(terms().reminds(&trouble, at("2025-06-22T07:00:00Z")));
    }

    #[test]
    fn pauses_grow_and_stay_at_the_last() {
        let now = at("2025-06-20T12:00:00Z");
        let pauses =
            |refused| [1, 2, 3, 4, 5, 99].map(|n| (next_attempt(n, refused, now) - now).num_minutes());
        assert_eq!(pauses(false), [1, 5, 15, 60, 60, 60]);
        assert_eq!(pauses(true), [60, 360, 360, 360, 360, 360]);
        assert!(is_attempt_due(now, now));
        assert!(!is_attempt_due(now + TimeDelta::hours(6), now));
        assert!(is_attempt_due(now + TimeDelta::days(300), now), "the clock was set back");
    }
}
