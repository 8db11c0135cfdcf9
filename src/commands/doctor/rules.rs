//! Rules and maintenance windows that say something of nobody: most often a slip of the pen in a name.

use super::Known;
use super::finding::Findings;
use crate::commands::context::Context;
use crate::domain::Selector;
use crate::domain::text::printable;
use crate::store::Store as _;

pub fn look(context: &Context, known: &Known, findings: &mut Findings) {
    // Of a state without any job nothing can be said.
    if known.snapshot.jobs.is_empty() {
        return;
    }
    let agents = match known.store.agents() {
        Ok(agents) => agents,
        Err(error) => return findings.fail("rules", error.to_string()),
    };
    let speaks_of_an_agent = |selector: &Selector| {
        let mut ids = agents.iter().map(|agent| agent.id.as_str());
        ids.any(|id| selector.matches_agent(id, &context.config.agent_labels(id)))
    };
    let is_idle = |selector: &Selector| {
        let mut jobs = known.snapshot.jobs.iter();
        !jobs.any(|known| selector.matches(&known.job.key, &known.labels, None))
            && !speaks_of_an_agent(selector)
    };
    let (rules, maintenance) = (&context.config.rules, &context.config.maintenance);
    // What is ignored is no job: such a rule is meant to match none.
    let of_rules = rules.iter().enumerate().filter(|(_, rule)| !rule.ignore && is_idle(&rule.matcher));
    let of_maintenance = maintenance.iter().enumerate().filter(|(_, window)| is_idle(&window.matcher));
    let idle: Vec<String> = of_rules
        .map(|(nth, rule)| named("rule", nth, &rule.matcher))
        .chain(of_maintenance.map(|(nth, window)| named("maintenance", nth, &window.matcher)))
        .collect();
    if !idle.is_empty() {
        findings.warn(
            "rules",
            format!("no job matches {}: compare the names with `backupmon jobs list`", idle.join(", ")),
        );
    }
}

/// By its place in the configuration, and what it asks for.
fn named(kind: &str, nth: usize, selector: &Selector) -> String {
    let patterns = [
        ("agent", &selector.agent),
        ("database", &selector.database),
        ("company", &selector.company),
        ("city", &selector.city),
    ];
    let mut asked: Vec<String> = patterns
        .into_iter()
        .filter_map(|(key, pattern)| Some(format!("{key} `{}`", printable(pattern.as_ref()?.text()))))
        .collect();
    asked.extend(selector.year.map(|year| format!("year {year}")));
    format!("{kind} {} ({})", nth + 1, asked.join(", "))
}
