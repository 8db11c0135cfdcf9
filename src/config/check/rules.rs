//! `[[rule]]` and `[[maintenance]]`: what they match and what they say.

use chrono_tz::Tz;

use super::Check;
use crate::config::reader::Section;
use crate::config::{Maintenance, Rule, raw};
use crate::domain::Selector;
use crate::domain::selector::Pattern;

impl Check<'_> {
    pub(super) fn rules(&mut self, raw: Vec<raw::Rule>) -> Vec<Rule> {
        raw.into_iter()
            .enumerate()
            .map(|(index, rule)| self.rule(&Section::repeated("rule", index + 1), rule))
            .collect()
    }

    fn rule(&mut self, section: &Section, raw: raw::Rule) -> Rule {
        self.settings(section, &raw.settings);
        let aliases = raw.own.aliases.unwrap_or_default();
        let matched = &raw.matcher;
        if !aliases.is_empty()
            && (matched.agent.is_none() || matched.database.is_some() || matched.year.is_some())
        {
            let reason = "are other names of one agent; the rule's `match` must name the `agent`, and no database or year";
            self.fault(section, "aliases", reason);
        }
        if raw.own.discover.is_some()
            && matched.database.is_none()
            && matched.agent.is_none()
            && matched.year.is_none()
        {
            self.warnings.push("a `[[rule]]` with `discover = \"ignore\"` matches neither agent, database nor year: little is discovered".to_owned());
        }
        Rule {
            matcher: self.selector(section, raw.matcher),
            settings: raw.settings,
            contact: raw.own.contact,
            note: raw.own.note,
            ignore: raw.own.discover == Some(raw::Discover::Ignore),
            aliases,
        }
    }

    fn selector(&mut self, section: &Section, raw: raw::Match) -> Selector {
        Selector {
            agent: self.pattern(section, "match.agent", raw.agent),
            database: self.pattern(section, "match.database", raw.database),
            company: self.pattern(section, "match.company", raw.company),
            city: self.pattern(section, "match.city", raw.city),
            year: raw.year,
            ..Selector::default()
        }
    }

    fn pattern(&mut self, section: &Section, key: &str, text: Option<String>) -> Option<Pattern> {
        self.parsed(section, key, Pattern::new(&text?))
    }

    pub(super) fn maintenance(
        &mut self,
        raw: Vec<raw::Maintenance>,
        default_timezone: Tz,
    ) -> Vec<Maintenance> {
        let mut windows = Vec::new();
        for (index, raw) in raw.into_iter().enumerate() {
            let section = Section::repeated("maintenance", index + 1);
            let timezone = self.timezone(&section, raw.own.timezone.as_deref()).unwrap_or(default_timezone);
            let matcher = self.selector(&section, raw.matcher);
            let Some(when) = raw.own.when else {
                self.fault(&section, "when", "is not set; write for example `sun 01:00-05:00`");
                continue;
            };
            if let Some(when) = self.parsed(&section, "when", when.parse()) {
                let mute_all = raw.own.mute == Some(raw::Mute::All);
                windows.push(Maintenance { when, timezone, matcher, mute_all });
            }
        }
        windows
    }
}
