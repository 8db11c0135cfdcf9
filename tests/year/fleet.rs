//! Twenty agents in eleven time zones, with two hundred jobs, a hundred of which go on under a new name in January.

use chrono::Weekday;
use chrono_tz::Tz;

use super::calendar::{DAY, HOUR, On, Plan, Rhythm, Seconds};
use super::oracle::Key;
use super::rng::Rng;

/// Databases of one agent that are dumped in one go.
pub struct Group {
    /// What the names of its databases begin with, and no other's.
    pub prefix: String,
    pub plan: Plan,
    pub databases: Vec<Database>,
}

pub struct Database {
    pub name: String,
    /// It is dumped from then on, until then.
    pub from: Seconds,
    pub to: Seconds,
    /// An operator added it on the first day; else it is discovered.
    pub added: bool,
}

pub struct Agent {
    pub name: String,
    pub zone: Tz,
    /// Its reports' times carry no zone.
    pub naive: bool,
    /// Somebody wrote a rule for its groups; else they are assumed to come daily.
    pub configured: bool,
    pub groups: Vec<Group>,
}

pub struct Fleet {
    pub agents: Vec<Agent>,
    pub start: Seconds,
    pub end: Seconds,
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

impl Fleet {
    /// `agents` agents of ten databases each; the new year's databases begin on the first days of January.
    pub fn new(rng: &mut Rng, agents: usize, start: Seconds, days: i64, new_year: Seconds) -> Self {
        let end = start + days * DAY;
        let agents = (0..agents)
            .map(|number| {
                let configured = number % 10 != 9;
                let zone = ZONES[number % ZONES.len()];
                let groups = (0..if configured { 2 } else { 1 })
                    .map(|group| {
                        let each = if configured { 5 } else { 10 };
                        let plan = if configured {
                            let rhythm = rhythm(number * 2 + group + number / 4, rng);
                            let grace = match rhythm {
                                Rhythm::Every(_) => *rng.pick(&[12, 6]) * HOUR,
                                Rhythm::At(..) => *rng.pick(&[2, 2, 4, 1]) * HOUR,
                            };
                            Plan { zone, rhythm, grace, early: *rng.pick(&[HOUR, HOUR, 0, 3 * HOUR]) }
                        } else {
                            Plan { zone: Tz::UTC, rhythm: Rhythm::Every(DAY), grace: 12 * HOUR, early: HOUR }
                        };
                        let prefix = format!("G{group}_");
                        let databases = databases(rng, &prefix, each, group, (start, end, new_year));
                        Group { prefix, plan, databases }
                    })
                    .collect();
                let name = format!("SIRPACAM_CITY{}_SITE{number}", number % 7);
                Agent { name, zone, naive: rng.per_mille(600), configured, groups }
            })
            .collect();
        Self { agents, start, end }
    }

    pub fn plan_of(&self, key: &Key) -> (Plan, bool) {
        let agent = &self.agents[key.0];
        let group = agent.groups.iter().find(|group| key.1.starts_with(&group.prefix)).unwrap();
        (group.plan.clone(), agent.configured)
    }

    /// The configuration that says the same.
    pub fn config(&self) -> String {
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
        rules.collect()
    }
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
        if (number + group) % 2 == 0 || number + 1 == count {
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
