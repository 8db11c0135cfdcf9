//! Twenty agents in eleven time zones, with two hundred jobs, a hundred of which go on under a new name in January.

use chrono::Weekday;
use chrono_tz::Tz;

use super::calendar::{DAY, HOUR, On, Plan, Rhythm, Seconds};
use super::maintenance::Maintenance;
use super::oracle::{Configured, Key};
use super::rng::Rng;

/// Databases of one agent that are dumped in one go.
#[derive(Clone)]
pub struct Group {
    /// What the names of its databases begin with, and no other's.
    pub prefix: String,
    pub plan: Plan,
    /// From then on the agent's script runs at other times, and an operator says so in the configuration.
    pub edit: Option<(Seconds, Plan)>,
    pub databases: Vec<Database>,
}

#[derive(Clone)]
pub struct Database {
    pub name: String,
    /// It is dumped from then on, until then.
    pub from: Seconds,
    pub to: Seconds,
    /// An operator added it on the first day; else it is discovered.
    pub added: bool,
}

#[derive(Clone)]
pub struct Agent {
    pub name: String,
    pub zone: Tz,
    /// Its reports' times carry no zone.
    pub naive: bool,
    /// Somebody wrote a rule for its groups; else they are assumed to come daily.
    pub configured: bool,
    pub groups: Vec<Group>,
    pub maintenance: Vec<Maintenance>,
    /// An operator pauses it from then on, until then.
    pub pause: Option<(Seconds, Seconds)>,
    /// Then its site gets this name, and so does its folder; an operator says so by `agents rename`.
    pub renamed: Option<(Seconds, String)>,
    /// What it was called before.
    pub former: Option<String>,
    /// Its dumps are of a kind that is recognised.
    pub recognised: bool,
    /// Somebody set it up and forgot its reports: it sends none before.
    pub reports_from: Seconds,
}

pub struct Fleet {
    pub agents: Vec<Agent>,
    pub start: Seconds,
    pub end: Seconds,
    pub new_year: Seconds,
}

/// With daylight saving north and south, without, with half an hour of offset, and with half an hour of daylight saving.
const ZONES: [Tz; 11] = [
    Tz::Europe__Paris,
    Tz::Africa__Douala,
    Tz::America__New_York,
    Tz::Asia__Kolkata,
    Tz::Australia__Lord_Howe,
    Tz::Pacific__Auckland,
    Tz::America__St_Johns,
    Tz::Africa__Casablanca,
    Tz::America__Santiago,
    Tz::UTC,
    Tz::Africa__Cairo,
];

/// Where times meet the hours that do not exist or come twice, as well as where they do not.
const TIMES: [(u32, u32); 10] =
    [(21, 30), (2, 30), (1, 45), (0, 0), (13, 0), (23, 59), (2, 0), (3, 10), (6, 20), (18, 5)];

fn rhythm(number: usize, rng: &mut Rng) -> Rhythm {
    let time = *rng.pick(&TIMES);
    match number % 8 {
        0 | 1 => Rhythm::At(On::Daily, vec![time]),
        2 => Rhythm::At(On::Weekdays, vec![time]),
        3 => Rhythm::At(On::Daily, vec![(6, 20), (18, 5)]),
        4 => Rhythm::At(On::Weekly(*rng.pick(&[Weekday::Sun, Weekday::Wed])), vec![time]),
        5 => Rhythm::At(On::Monthly(*rng.pick(&[1, 13, 29, 31])), vec![time]),
        6 => Rhythm::Every(*rng.pick(&[24, 12, 48]) * HOUR),
        _ => Rhythm::At(On::Weekdays, vec![(2, 30), (13, 0)]),
    }
}

fn plan(zone: Tz, pattern: usize, rng: &mut Rng) -> Plan {
    let rhythm = rhythm(pattern, rng);
    let grace = match rhythm {
        Rhythm::Every(_) => *rng.pick(&[12, 6]) * HOUR,
        Rhythm::At(..) => *rng.pick(&[2, 2, 4, 1]) * HOUR,
    };
    Plan { zone, rhythm, grace, early: *rng.pick(&[HOUR, HOUR, 0, 3 * HOUR]) }
}

/// The same days at another time, or another grace, or altogether different.
fn plan_after(plan: &Plan, pattern: usize, rng: &mut Rng) -> Plan {
    match (&plan.rhythm, rng.between(0, 3)) {
        (Rhythm::At(on, _), 0) => {
            Plan { rhythm: Rhythm::At(on.clone(), vec![*rng.pick(&TIMES)]), ..plan.clone() }
        }
        (_, 1) => Plan { grace: plan.grace + HOUR, ..plan.clone() },
        _ => self::plan(plan.zone, pattern + 1, rng),
    }
}

/// What holds where nobody set anything (SPEC section 5).
fn assumed() -> Plan {
    Plan { zone: Tz::UTC, rhythm: Rhythm::Every(DAY), grace: 12 * HOUR, early: HOUR }
}

impl Agent {
    /// When an operator expects nothing of it.
    pub fn windows(&self, start: Seconds, end: Seconds) -> Vec<(Seconds, Seconds)> {
        let maintenance = self.maintenance.iter().flat_map(|maintenance| maintenance.spans(start, end));
        // It begins and ends with a scan that comes some hours later.
        let pause = self.pause.map(|(from, until)| (from, until + DAY));
        maintenance.chain(pause).collect()
    }

    /// Ends at that moment, and gives the one that goes on under a new name.
    fn reinstalled(&mut self, at: Seconds) -> Self {
        let mut new = self.clone();
        new.name.push_str("_NEW");
        new.pause = None;
        for group in &mut self.groups {
            group.databases.retain(|database| database.from < at);
            for database in &mut group.databases {
                database.to = database.to.min(at);
            }
        }
        for group in &mut new.groups {
            group.databases.retain(|database| database.to > at);
            for database in &mut group.databases {
                database.from = database.from.max(at + HOUR);
                database.added = false;
            }
        }
        new
    }
}

impl Fleet {
    /// `agents` agents of ten databases each; the new year's databases begin on the first days of January.
    pub fn new(rng: &mut Rng, agents: usize, start: Seconds, days: i64, new_year: Seconds) -> Self {
        let end = start + days * DAY;
        let mut agents: Vec<Agent> = (0..agents)
            .map(|number| {
                let configured = number % 10 != 9;
                let zone = ZONES[number % ZONES.len()];
                let groups: Vec<Group> = (0..if configured { 2 } else { 1 })
                    .map(|group| {
                        let each = if configured { 5 } else { 10 };
                        let pattern = number * 2 + group + number / 4;
                        let plan = if configured { plan(zone, pattern, rng) } else { assumed() };
                        let edit = (configured && rng.per_mille(250)).then(|| {
                            let at = start + rng.between(days / 4, 3 * days / 4) * DAY + rng.between(0, DAY);
                            (at, plan_after(&plan, pattern, rng))
                        });
                        let prefix = format!("G{group}_");
                        let mut databases = databases(rng, &prefix, each, group, (start, end, new_year));
                        if group == 0 && number % 10 == 3 {
                            databases.extend(archive(&prefix, number > 10, (start, end, new_year)));
                        }
                        Group { prefix, plan, edit, databases }
                    })
                    .collect();
                let name = format!("SIRPACAM_CITY{}_SITE{number}", number % 7);
                let mut some_day = || start + rng.between(days / 5, 4 * days / 5) * DAY + rng.between(0, DAY);
                let (once, paused, renamed) = (some_day(), some_day(), some_day());
                Agent {
                    maintenance: Maintenance::of(number, zone, once),
                    pause: (number % 10 == 8).then(|| (paused, paused + rng.between(20, 200) * HOUR)),
                    renamed: (number % 10 == 5).then(|| (renamed, format!("{name}_MOVED"))),
                    former: None,
                    recognised: number % 3 == 0,
                    reports_from: if number == 9 { start + 5 * DAY } else { start },
                    name,
                    zone,
                    naive: rng.per_mille(600),
                    configured,
                    groups,
                }
            })
            .collect();
        // Some are set up anew on another machine, under another name.
        let count = agents.len();
        for old in [1, 11].into_iter().filter(|old| *old < count) {
            let at = start + rng.between(2 * days / 5, 4 * days / 5) * DAY;
            let new = agents[old].reinstalled(at);
            agents.push(new);
        }
        Self { agents, start, end, new_year }
    }

    pub fn configured(&self, key: &Key) -> Configured {
        let agent = &self.agents[key.0];
        let group = agent.groups.iter().find(|group| key.1.starts_with(&group.prefix)).unwrap();
        // Some days before, for schedules look back; and a year after, for they look ahead.
        let spans = |of: &Maintenance| of.spans(self.start - 70 * DAY, self.end + 470 * DAY);
        let (recurring, dated): (Vec<_>, Vec<_>) = agent.maintenance.iter().partition(|of| of.recurs());
        let [dated, recurring] = [dated, recurring].map(|all| all.into_iter().flat_map(spans).collect());
        Configured { plan: group.plan.clone(), zone: agent.configured, dated, recurring }
    }

    /// Lets the operator make the edits that are due, and gives whose they were.
    pub fn edit(&mut self, now: Seconds) -> Vec<Key> {
        let mut edited = Vec::new();
        for (number, agent) in self.agents.iter_mut().enumerate() {
            for group in &mut agent.groups {
                if let Some((_, plan)) = group.edit.take_if(|(at, _)| *at <= now) {
                    group.plan = plan;
                    edited.extend(group.databases.iter().map(|database| (number, database.name.clone())));
                }
            }
        }
        edited
    }

    /// The configuration that says the same.
    pub fn config(&self) -> String {
        // What was on its way when it was renamed bears the old name.
        let aliases = self.agents.iter().filter_map(|agent| {
            let former = agent.former.as_ref()?;
            Some(format!("[[rule]]\nmatch = {{ agent = {:?} }}\naliases = [{former:?}]\n", agent.name))
        });
        let rules = self.agents.iter().filter(|agent| agent.configured).flat_map(|agent| {
            agent.groups.iter().map(|group| {
                let Plan { zone, rhythm, grace, early } = &group.plan;
                let schedule = match rhythm {
                    Rhythm::Every(every) => format!("every = \"{every}s\""),
                    Rhythm::At(On::Monthly(day), times) => {
                        format!("cron = \"{} {} {day} * *\"", times[0].1, times[0].0)
                    }
                    Rhythm::At(on, times) => {
                        let times: Vec<String> =
                            times.iter().map(|(hour, minute)| format!("\"{hour:02}:{minute:02}\"")).collect();
                        let days = match on {
                            On::Weekdays => "mon-fri".to_owned(),
                            On::Weekly(day) => day.to_string().to_lowercase(),
                            On::Daily | On::Monthly(_) => "daily".to_owned(),
                        };
                        format!("at = [{}]\ndays = \"{days}\"", times.join(", "))
                    }
                };
                let early = match rhythm {
                    Rhythm::Every(_) => String::new(),
                    Rhythm::At(..) => format!("early = \"{early}s\"\n"),
                };
                format!(
                    "[[rule]]\nmatch = {{ agent = {:?}, database = \"{}*\" }}\n{schedule}\ntimezone = \"{}\"\ngrace = \"{grace}s\"\n{early}",
                    agent.name,
                    group.prefix,
                    zone.name(),
                )
            })
        });
        let maintenance = self
            .agents
            .iter()
            .flat_map(|agent| agent.maintenance.iter().map(|maintenance| maintenance.text(&agent.name)));
        aliases.chain(rules).chain(maintenance).collect()
    }
}

/// Two years that both go on, while the next one begins late or never.
fn archive(prefix: &str, begins: bool, (start, end, new_year): (Seconds, Seconds, Seconds)) -> Vec<Database> {
    let year =
        |year: i32, from| Database { name: format!("{prefix}ARCHIVE_{year}"), from, to: end, added: false };
    let mut years = vec![year(2026, start), year(2027, start)];
    years.extend(begins.then(|| year(2028, new_year + 50 * DAY)));
    years
}

fn databases(
    rng: &mut Rng,
    prefix: &str,
    count: usize,
    group: usize,
    (start, end, new_year): (Seconds, Seconds, Seconds),
) -> Vec<Database> {
    let old_year_goes_on = rng.per_mille(500);
    let mut databases = Vec::new();
    for number in 0..count {
        let added = rng.per_mille(500);
        // Half of each agent's databases carry the year in their names.
        if (number + group).is_multiple_of(2) || number + 1 == count {
            let turn = new_year + rng.between(0, 5 * DAY);
            let to = if old_year_goes_on { end } else { turn };
            databases.push(Database { name: format!("{prefix}BOOKS{number}_2027"), from: start, to, added });
            let name = format!("{prefix}BOOKS{number}_2028");
            databases.push(Database { name, from: turn, to: end, added: false });
        } else {
            databases.push(Database { name: format!("{prefix}STOCK{number}"), from: start, to: end, added });
        }
    }
    databases
}
