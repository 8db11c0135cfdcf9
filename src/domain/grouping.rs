//! Causes, not jobs: many incidents with one reason are one line (SPEC section 8).

use std::collections::{BTreeMap, HashMap};

use chrono::TimeDelta;

use super::{Cause, Incident, IncidentKind, Labels, Problem, Time};

/// Agents that fall silent within so long of each other may have one reason.
const SILENCE_WINDOW: TimeDelta = TimeDelta::hours(2);
/// At least so many of them, and at least one in so many of all.
const SILENCE_AGENTS: usize = 5;
const SILENCE_ONE_IN: usize = 20;
/// So many jobs of one agent with the same cause are one line.
const SAME_CAUSE: usize = 3;

/// What has to be known of an agent to see that it fell silent.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Site {
    /// Its jobs that can be MISSING: not paused, retired, ignored or on trial.
    pub active_jobs: usize,
    pub labels: Labels,
}

/// All agents that have a job, by name.
pub type Fleet = BTreeMap<String, Site>;

/// Why incidents stand together.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Shape {
    /// Several agents fell silent (or came back) at about the same time.
    Region {
        /// The labels that all of them share.
        shared: Labels,
        agents: usize,
    },
    /// All active jobs of one agent are MISSING (or were).
    SilentAgent,
    /// Several jobs of one agent held in one scan: possible encryption or data loss at the site.
    HeldTogether,
    /// Several jobs of one agent with the same cause.
    SameCause,
    Single,
}

/// One line of a mail or a page.
#[derive(Debug, Clone, PartialEq)]
pub struct Group<'a> {
    pub shape: Shape,
    /// At least one, ascending by id.
    pub members: Vec<&'a Incident>,
}

/// Groups `incidents`, the worst first. `all` are those among which silence is looked for: every open incident for open
/// ones, since half of an agent's silence may have been told before; for resolved ones those themselves.
#[must_use]
pub fn group<'a>(incidents: &[&'a Incident], all: &[&Incident], fleet: &Fleet) -> Vec<Group<'a>> {
    let silent = silent_agents(all, fleet);
    let regions = regions(&silent, fleet.values().filter(|site| site.active_jobs > 0).count());
    let held = HeldTogether::among(all.iter().copied());
    let mut lines: BTreeMap<Line<'a>, Vec<&'a Incident>> = BTreeMap::new();
    for incident in incidents {
        lines.entry(line(incident, &silent, &regions, &held)).or_default().push(incident);
    }
    let mut groups: Vec<Group<'a>> =
        lines.into_iter().flat_map(|(line, members)| groups_of(&line, members, fleet)).collect();
    for group in &mut groups {
        group.members.sort_by_key(|incident| incident.id);
    }
    groups.sort_by_key(|group| {
        let first = group.members.first();
        (std::cmp::Reverse(group.severity()), std::cmp::Reverse(group.members.len()), first.map(|i| i.id))
    });
    groups
}

impl Group<'_> {
    /// The worst of its members'.
    #[must_use]
    pub fn severity(&self) -> super::Severity {
        self.members.iter().map(|incident| incident.severity).max().unwrap_or(super::Severity::Ok)
    }

    /// It is no agent's: the server's own problem.
    #[must_use]
    pub fn is_servers(&self) -> bool {
        self.members.iter().all(|incident| incident.subject.agent.is_none())
    }

    /// The agent that all members belong to.
    #[must_use]
    pub fn agent(&self) -> Option<&str> {
        match self.shape {
            Shape::Region { .. } => None,
            Shape::SilentAgent | Shape::HeldTogether | Shape::SameCause | Shape::Single => {
                self.members.first()?.subject.agent.as_deref()
            }
        }
    }
}

/// The versions of one agent's jobs that were held in one scan, where they are several (SPEC section 7).
#[derive(Debug, Clone, Default)]
pub struct HeldTogether<'a>(HashMap<(&'a str, Time), usize>);

impl<'a> HeldTogether<'a> {
    #[must_use]
    pub fn among(incidents: impl IntoIterator<Item = &'a Incident>) -> Self {
        let mut counts = HashMap::new();
        for hold in incidents.into_iter().filter_map(Self::hold) {
            *counts.entry(hold).or_default() += 1;
        }
        counts.retain(|_, count| *count >= SAME_CAUSE);
        Self(counts)
    }

    #[must_use]
    pub fn contains(&self, incident: &'a Incident) -> bool {
        Self::hold(incident).is_some_and(|hold| self.0.contains_key(&hold))
    }

    /// All that one scan decides has that scan's moment.
    fn hold(incident: &'a Incident) -> Option<(&'a str, Time)> {
        let is_hold = incident.subject.kind == IncidentKind::Problem(Problem::VersionHeld);
        Some((incident.subject.agent.as_deref()?, incident.opened_at)).filter(|_| is_hold)
    }
}

/// The key by which incidents come together.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
enum Line<'a> {
    Region(usize),
    Silent(&'a str),
    Held(&'a str, Time),
    Same(&'a str, IncidentKind, Option<&'a str>),
    Alone(i64),
}

fn line<'a>(
    incident: &'a Incident,
    silent: &HashMap<&str, Time>,
    regions: &HashMap<&str, usize>,
    held: &HeldTogether<'_>,
) -> Line<'a> {
    let Some(agent) = incident.subject.agent.as_deref() else { return Line::Alone(incident.id) };
    if is_silence(incident) {
        if let Some(region) = regions.get(agent) {
            return Line::Region(*region);
        }
        if silent.contains_key(agent) {
            return Line::Silent(agent);
        }
    }
    if held.contains(incident) {
        return Line::Held(agent, incident.opened_at);
    }
    Line::Same(agent, incident.subject.kind, incident.cause.as_deref())
}

fn groups_of<'a>(line: &Line<'_>, members: Vec<&'a Incident>, fleet: &Fleet) -> Vec<Group<'a>> {
    let shape = match line {
        Line::Region(_) => region_shape(&members, fleet),
        Line::Silent(_) => Shape::SilentAgent,
        Line::Held(..) => Shape::HeldTogether,
        Line::Same(..) if members.len() >= SAME_CAUSE => Shape::SameCause,
        Line::Same(..) | Line::Alone(_) => {
            return members
                .into_iter()
                .map(|one| Group { shape: Shape::Single, members: vec![one] })
                .collect();
        }
    };
    vec![Group { shape, members }]
}

fn region_shape(members: &[&Incident], fleet: &Fleet) -> Shape {
    let mut agents: Vec<&str> =
        members.iter().filter_map(|incident| incident.subject.agent.as_deref()).collect();
    agents.sort_unstable();
    agents.dedup();
    let mut labels =
        agents.iter().map(|agent| fleet.get(*agent).map(|site| site.labels.clone()).unwrap_or_default());
    let first = labels.next().unwrap_or_default();
    let shared = labels.fold(first, |shared, other| common(&shared, &other));
    Shape::Region { shared, agents: agents.len() }
}

fn common(a: &Labels, b: &Labels) -> Labels {
    Labels {
        company: a.company.clone().filter(|_| a.company == b.company),
        city: a.city.clone().filter(|_| a.city == b.city),
        neighborhood: a.neighborhood.clone().filter(|_| a.neighborhood == b.neighborhood),
        year: None,
    }
}

fn is_silence(incident: &Incident) -> bool {
    incident.subject.kind == IncidentKind::Job && incident.cause.as_deref() == Some(Cause::NoReport.word())
}

/// Agents of whose active jobs none reports, with the moment at which that became so (or ended).
fn silent_agents<'a>(all: &[&'a Incident], fleet: &Fleet) -> HashMap<&'a str, Time> {
    let mut missing: HashMap<&str, (usize, Time)> = HashMap::new();
    for incident in all.iter().filter(|incident| is_silence(incident)) {
        let Some(agent) = incident.subject.agent.as_deref() else { continue };
        let moment = incident.resolved_at.unwrap_or(incident.changed_at);
        let (jobs, newest) = missing.entry(agent).or_insert((0, moment));
        *jobs += 1;
        *newest = moment.max(*newest);
    }
    missing
        .into_iter()
        .filter(|(agent, (jobs, _))| fleet.get(*agent).is_some_and(|site| *jobs >= site.active_jobs.max(1)))
        .map(|(agent, (_, newest))| (agent, newest))
        .collect()
}

/// The silent agents that belong to a region, with its number. The largest region is found first.
fn regions<'a>(silent: &HashMap<&'a str, Time>, agents: usize) -> HashMap<&'a str, usize> {
    let mut rest: Vec<(Time, &str)> = silent.iter().map(|(agent, moment)| (*moment, *agent)).collect();
    rest.sort_unstable();
    let mut found = HashMap::new();
    for number in 0.. {
        let (from, until) = widest_window(&rest);
        let count = until - from;
        if count < SILENCE_AGENTS || count * SILENCE_ONE_IN < agents {
            break;
        }
        found.extend(rest.drain(from..until).map(|(_, agent)| (agent, number)));
    }
    found
}

/// The range with the most moments within [`SILENCE_WINDOW`]; `moments` are ascending.
fn widest_window(moments: &[(Time, &str)]) -> (usize, usize) {
    let (mut from, mut best) = (0, (0, 0));
    for until in 1..=moments.len() {
        while moments[until - 1].0 - moments[from].0 > SILENCE_WINDOW {
            from += 1;
        }
        if until - from > best.1 - best.0 {
            best = (from, until);
        }
    }
    best
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::incident::Subject;
    use crate::domain::{AgentId, JobId, Problem, Severity};

    fn incident(id: i64, agent: &str, cause: &str, minute: i64) -> Incident {
        let opened_at = Time::UNIX_EPOCH + TimeDelta::minutes(minute);
        Incident {
            id,
            subject: Subject::job(&AgentId::new(agent).unwrap(), &JobId::from_text(format!("{agent}-{id}"))),
            database: Some(format!("DB_{id}")),
            severity: Severity::Critical,
            cause: Some(cause.to_owned()),
            message: String::new(),
            opened_at,
            changed_at: opened_at,
            resolved_at: None,
            acknowledged: None,
        }
    }

    fn fleet(agents: usize, active_jobs: usize) -> Fleet {
        (0..agents)
            .map(|n| {
                let labels = Labels {
                    company: Some("SIRPACAM".into()),
                    city: Some(if n < 6 { "DOUALA" } else { "KRIBI" }.into()),
                    neighborhood: Some(n.to_string()),
                    year: None,
                };
                (format!("AGENT_{n:03}"), Site { active_jobs, labels })
            })
            .collect()
    }

    fn shapes(incidents: &[Incident], fleet: &Fleet) -> Vec<(Shape, usize)> {
        let all: Vec<&Incident> = incidents.iter().collect();
        group(&all, &all, fleet).into_iter().map(|group| (group.shape, group.members.len())).collect()
    }

    #[test]
    fn an_agent_whose_active_jobs_are_all_missing_is_one_line() {
        let two = [incident(1, "AGENT_000", "no_report", 0), incident(2, "AGENT_000", "no_report", 5)];
        assert_eq!(shapes(&two, &fleet(1, 2)), [(Shape::SilentAgent, 2)]);
        assert_eq!(shapes(&two, &fleet(1, 3)), [(Shape::Single, 1), (Shape::Single, 1)]);
        // Half of it was told before: it is silent all the same.
        let all: Vec<&Incident> = two.iter().collect();
        assert_eq!(group(&all[1..], &all, &fleet(1, 2))[0].shape, Shape::SilentAgent);
    }

    #[test]
    fn three_jobs_of_an_agent_with_the_same_cause_are_one_line() {
        let mut some = vec![
            incident(1, "AGENT_000", "truncated", 0),
            incident(2, "AGENT_000", "truncated", 0),
            incident(3, "AGENT_000", "empty", 0),
            incident(4, "AGENT_001", "truncated", 0),
        ];
        assert_eq!(shapes(&some, &fleet(2, 9)).len(), 4);
        some.push(incident(5, "AGENT_000", "truncated", 0));
        assert_eq!(
            shapes(&some, &fleet(2, 9)),
            [(Shape::SameCause, 3), (Shape::Single, 1), (Shape::Single, 1)]
        );
    }

    #[test]
    fn three_jobs_of_an_agent_held_in_one_scan_are_one_line() {
        let held = |id, agent, minute| {
            let mut incident = incident(id, agent, "", minute);
            incident.subject.kind = IncidentKind::Problem(Problem::VersionHeld);
            incident.cause = None;
            incident
        };
        let mut some = vec![held(1, "AGENT_000", 0), held(2, "AGENT_000", 0), held(3, "AGENT_001", 0)];
        assert_eq!(shapes(&some, &fleet(2, 9)), [(Shape::Single, 1), (Shape::Single, 1), (Shape::Single, 1)]);
        some.push(held(4, "AGENT_000", 0));
        assert_eq!(shapes(&some, &fleet(2, 9)), [(Shape::HeldTogether, 3), (Shape::Single, 1)]);
        some.push(held(5, "AGENT_000", 15));
        assert_eq!(shapes(&some, &fleet(2, 9))[0], (Shape::HeldTogether, 3), "another scan is another cause");
        // Two of them were told before.
        let all: Vec<&Incident> = some.iter().collect();
        assert_eq!(group(&all[3..4], &all, &fleet(2, 9))[0].shape, Shape::HeldTogether);
    }

    #[test]
    fn five_agents_and_a_twentieth_of_all_silent_within_two_hours_are_one_line() {
        let silent = |count: i64, step: i64| -> Vec<Incident> {
            (0..count).map(|n| incident(n + 1, &format!("AGENT_{n:03}"), "no_report", n * step)).collect()
        };
        let douala =
            Labels { company: Some("SIRPACAM".into()), city: Some("DOUALA".into()), ..Labels::default() };
        assert_eq!(
            shapes(&silent(5, 30), &fleet(100, 1)),
            [(Shape::Region { shared: douala, agents: 5 }, 5)]
        );
        assert_eq!(shapes(&silent(5, 31), &fleet(100, 1)).len(), 5, "over two hours");
        assert_eq!(shapes(&silent(5, 30), &fleet(101, 1)).len(), 5, "under a twentieth");
        assert_eq!(shapes(&silent(4, 1), &fleet(4, 1)).len(), 4, "too few");
        let all = shapes(&silent(8, 1), &fleet(8, 1));
        let company = Labels { company: Some("SIRPACAM".into()), ..Labels::default() };
        assert_eq!(all, [(Shape::Region { shared: company, agents: 8 }, 8)]);
    }

    #[test]
    fn the_worst_comes_first_and_the_servers_problems_stand_alone() {
        let mut disk = incident(9, "AGENT_000", "x", 0);
        disk.subject = Subject::server(Problem::DiskLow);
        let mut skew = incident(1, "AGENT_000", "x", 0);
        skew.severity = Severity::Warning;
        let incidents = [skew, disk];
        let all: Vec<&Incident> = incidents.iter().collect();
        let ids: Vec<i64> =
            group(&all, &all, &Fleet::new()).iter().map(|group| group.members[0].id).collect();
        assert_eq!(ids, [9, 1]);
    }
}
