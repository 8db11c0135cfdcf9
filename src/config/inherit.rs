//! What holds for one job or agent: its own settings, then the last matching rule that sets a key, then
//! `[defaults]`, then `[retention]` or `[scan]` for their keys, then what is built in.
//!
//! The kind of schedule (`cron`, `at` with `days`, `every`) is one group: the nearest level that sets any of it
//! gives all of it, so that a job's `every` never meets a rule's `at`.
//!
//! Thousands of jobs share a handful of results: one result is made per different (own settings, matching
//! rules), and shared. Asking again costs the matching of the rules and one look-up.

use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, Mutex, PoisonError};

use super::{Config, Rule};
use crate::domain::labels::year_in;
use crate::domain::retention::Policy;
use crate::domain::schedule::{
    DEFAULT_EARLY, DEFAULT_EVERY, DEFAULT_GRACE_CALENDAR, DEFAULT_GRACE_EVERY, Schedule,
};
use crate::domain::settings::{ContentCheck, Effective, Settings, Source};
use crate::domain::{Job, JobKey, Labels};

/// Results that were already asked for.
#[derive(Default)]
pub(super) struct Memory(Mutex<HashMap<Question, Arc<Effective>>>);

#[derive(PartialEq, Eq, Hash)]
struct Question {
    own: Settings,
    /// Positions of the rules that match.
    rules: Vec<usize>,
}

/// A copy begins empty: it may be changed before it is asked.
impl Clone for Memory {
    fn clone(&self) -> Self {
        Self::default()
    }
}

impl std::fmt::Debug for Memory {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Memory")
    }
}

impl Config {
    /// Company, city and neighbourhood from an agent's id.
    #[must_use]
    pub fn agent_labels(&self, agent: &str) -> Labels {
        self.scan.agent_pattern.labels(agent)
    }

    /// What holds for a job, and where each value was set.
    ///
    /// A job's own settings were checked when they were stored; where they no longer are a schedule,
    /// inheritance goes on without its schedule keys.
    #[must_use]
    pub fn effective(&self, job: &Job) -> Arc<Effective> {
        let rules = self.matching_rules(job);
        let question = Question { own: Settings::clone(&job.settings), rules };
        // A poisoned memory holds whole results only: each is made before it is put in.
        let mut memory = self.memory.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = memory.get(&question) {
            return Arc::clone(known);
        }
        let effective = Arc::new(self.inherit(&question));
        memory.insert(question, Arc::clone(&effective));
        effective
    }

    fn matching_rules(&self, job: &Job) -> Vec<usize> {
        let labels = if self.rules_ask_labels {
            job.labels_with(&self.agent_labels(job.key.agent.as_str()))
        } else {
            Labels::default()
        };
        let matches = |(_, rule): &(usize, &Rule)| rule.matcher.matches(&job.key, &labels, None);
        self.rules.iter().enumerate().filter(matches).map(|(position, _)| position).collect()
    }

    fn inherit(&self, question: &Question) -> Effective {
        let without_schedule = without_schedule(&question.own);
        [&question.own, &without_schedule]
            .into_iter()
            .find_map(|own| self.try_inherit(own, &question.rules))
            // Rules and `[defaults]` were checked one by one; should they ever not fit together, backups are
            // still expected.
            .unwrap_or_else(|| {
                let levels = Levels { near_to_far: vec![(Source::Job, &without_schedule)] };
                let settings = levels.schedule_settings(self.server_timezone.name());
                self.effective_of(&levels, &question.rules, Schedule::assumed(self.server_timezone), settings)
            })
    }

    /// `None` when the levels together are no schedule.
    fn try_inherit(&self, own: &Settings, rules: &[usize]) -> Option<Effective> {
        let levels = self.levels(own, rules);
        let settings = levels.schedule_settings(self.server_timezone.name());
        let schedule = Schedule::new(&settings, self.server_timezone).ok()?;
        Some(self.effective_of(&levels, rules, schedule, settings))
    }

    fn levels<'a>(&'a self, own: &'a Settings, rules: &[usize]) -> Levels<'a> {
        let of_rules = rules.iter().rev().filter_map(|position| {
            let rule = self.rules.get(*position)?;
            Some((Source::Rule(position + 1), &rule.settings))
        });
        let near_to_far = [(Source::Job, own)]
            .into_iter()
            .chain(of_rules)
            .chain([
                (Source::Defaults, &self.defaults),
                (Source::Retention, &self.retention_level),
                (Source::Scan, &self.scan_level),
            ])
            .collect();
        Levels { near_to_far }
    }

    fn effective_of(
        &self,
        levels: &Levels,
        rules: &[usize],
        schedule: Schedule,
        settings: Settings,
    ) -> Effective {
        let built_in = Policy::default();
        let of_rules = |get: fn(&Rule) -> Option<&String>| {
            rules.iter().rev().find_map(|position| get(self.rules.get(*position)?)).cloned()
        };
        Effective {
            schedule,
            settings,
            assumed: levels.schedule_kind().is_none(),
            timezone_configured: levels.get(|s| s.timezone.as_ref()).is_some(),
            recipients: levels.get(|s| s.recipients.as_ref()).cloned().unwrap_or_default(),
            retention: Policy {
                keep_last: levels.get(|s| s.keep_last).unwrap_or(built_in.keep_last),
                keep_within: levels.get(|s| s.keep_within).unwrap_or(built_in.keep_within),
                keep_daily: levels.get(|s| s.keep_daily).unwrap_or(built_in.keep_daily),
                keep_weekly: levels.get(|s| s.keep_weekly).unwrap_or(built_in.keep_weekly),
                keep_monthly: levels.get(|s| s.keep_monthly).unwrap_or(built_in.keep_monthly),
                keep_yearly: levels.get(|s| s.keep_yearly).unwrap_or(built_in.keep_yearly),
                min_good: levels.get(|s| s.min_good).unwrap_or(built_in.min_good),
                keep_suspect: levels.get(|s| s.keep_suspect).unwrap_or(built_in.keep_suspect),
            },
            content_check: levels.get(|s| s.content_check).unwrap_or(ContentCheck::Auto),
            contact: of_rules(|rule| rule.contact.as_ref()),
            note: of_rules(|rule| rule.note.as_ref()),
            sources: levels.sources(),
        }
    }

    /// Who is told of an agent's problems: the last matching rule that speaks of the agent, else `[defaults]`, else `[mail] to`.
    #[must_use]
    pub fn agent_recipients(&self, agent: &str) -> Vec<String> {
        self.rules_of_agent(agent)
            .filter_map(|rule| rule.settings.recipients.clone())
            .next_back()
            .or_else(|| self.defaults.recipients.clone())
            .or_else(|| self.mail.as_ref().map(|mail| mail.to.clone()))
            .unwrap_or_default()
    }

    /// Whom to call about an agent: of the last matching rule that speaks of it and names somebody.
    #[must_use]
    pub fn contact_for_agent(&self, agent: &str) -> Option<&str> {
        self.rules_of_agent(agent).filter_map(|rule| rule.contact.as_deref()).next_back()
    }

    /// Other names that the agent may call itself.
    #[must_use]
    pub fn aliases(&self, agent: &str) -> Vec<&str> {
        self.rules_of_agent(agent).flat_map(|rule| &rule.aliases).map(String::as_str).collect()
    }

    /// Whether a rule says that this database is not to become a job.
    #[must_use]
    pub fn ignores(&self, key: &JobKey) -> bool {
        if !self.rules.iter().any(|rule| rule.ignore) {
            return false;
        }
        let labels = Labels { year: year_in(&key.database), ..self.agent_labels(key.agent.as_str()) };
        self.rules.iter().any(|rule| rule.ignore && rule.matcher.matches(key, &labels, None))
    }

    fn rules_of_agent(&self, agent: &str) -> impl DoubleEndedIterator<Item = &Rule> {
        let labels = self.agent_labels(agent);
        self.rules.iter().filter(move |rule| rule.matcher.matches_agent(agent, &labels))
    }
}

/// The levels that speak of one job, the nearest first.
struct Levels<'a> {
    near_to_far: Vec<(Source, &'a Settings)>,
}

impl<'a> Levels<'a> {
    fn get<T>(&self, key: impl Fn(&'a Settings) -> Option<T>) -> Option<T> {
        self.near_to_far.iter().find_map(|(_, settings)| key(settings))
    }

    fn source(&self, is_set: impl Fn(&Settings) -> bool) -> Source {
        self.near_to_far
            .iter()
            .find(|(_, settings)| is_set(settings))
            .map_or(Source::BuiltIn, |(source, _)| source.clone())
    }

    /// The nearest level that says which kind of schedule it is.
    fn schedule_kind(&self) -> Option<&(Source, &'a Settings)> {
        self.near_to_far.iter().find(|(_, settings)| sets_schedule(settings))
    }

    /// The schedule keys with nothing left open, as outputs show them.
    fn schedule_settings(&self, server_timezone: &str) -> Settings {
        let mut found = match self.schedule_kind() {
            None => Settings { every: Some(DEFAULT_EVERY), ..Settings::default() },
            Some((_, kind)) => Settings {
                cron: kind.cron.clone(),
                at: kind.at.clone(),
                days: kind.days.clone(),
                every: kind.every,
                ..Settings::default()
            },
        };
        let grace = if found.every.is_some() { DEFAULT_GRACE_EVERY } else { DEFAULT_GRACE_CALENDAR };
        found.timezone = self.get(|s| s.timezone.clone()).or_else(|| Some(server_timezone.to_owned()));
        found.grace = self.get(|s| s.grace).or(Some(grace));
        found.early = self.get(|s| s.early).or(Some(DEFAULT_EARLY));
        found
    }

    fn sources(&self) -> BTreeMap<&'static str, Source> {
        let schedule = self.schedule_kind().map_or(Source::BuiltIn, |(source, _)| source.clone());
        BTreeMap::from([
            ("schedule", schedule),
            ("timezone", self.source(|s| s.timezone.is_some())),
            ("grace", self.source(|s| s.grace.is_some())),
            ("early", self.source(|s| s.early.is_some())),
            ("recipients", self.source(|s| s.recipients.is_some())),
            ("keep_last", self.source(|s| s.keep_last.is_some())),
            ("keep_within", self.source(|s| s.keep_within.is_some())),
            ("keep_daily", self.source(|s| s.keep_daily.is_some())),
            ("keep_weekly", self.source(|s| s.keep_weekly.is_some())),
            ("keep_monthly", self.source(|s| s.keep_monthly.is_some())),
            ("keep_yearly", self.source(|s| s.keep_yearly.is_some())),
            ("min_good", self.source(|s| s.min_good.is_some())),
            ("keep_suspect", self.source(|s| s.keep_suspect.is_some())),
            ("content_check", self.source(|s| s.content_check.is_some())),
        ])
    }
}

fn sets_schedule(settings: &Settings) -> bool {
    settings.cron.is_some() || settings.at.is_some() || settings.days.is_some() || settings.every.is_some()
}

fn without_schedule(settings: &Settings) -> Settings {
    Settings {
        cron: None,
        at: None,
        days: None,
        every: None,
        timezone: None,
        grace: None,
        early: None,
        ..settings.clone()
    }
}
