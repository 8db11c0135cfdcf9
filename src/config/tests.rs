//! What a configuration means, and what is said about one that does not hold.

use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use chrono_tz::Tz;

use super::*;
use crate::domain::settings::{Effective, Source};
use crate::domain::{AgentId, DatabaseName, Job, JobKey};

/// In no folder, so that no `.env` of this machine lies beside it.
const FILE: &str = "/nonexistent/backupmon/config.toml";

fn environment() -> Environment {
    Environment {
        vars: BTreeMap::new(),
        home: Some(PathBuf::from("/home/me")),
        current_dir: PathBuf::from("/srv/dir"),
        system_file: PathBuf::from("/nonexistent/config.toml"),
        server_timezone: Tz::Africa__Douala,
    }
}

fn with(vars: &[(&str, &str)]) -> Environment {
    let vars = vars.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
    Environment { vars, ..environment() }
}

fn parse(text: &str) -> Result<Config, ConfigError> {
    Config::from_toml(text, Path::new(FILE), &environment())
}

fn faults(text: &str) -> Vec<String> {
    match parse(text) {
        Ok(_) => Vec::new(),
        Err(ConfigError::Invalid(faults)) => faults.iter().map(ToString::to_string).collect(),
        Err(other) => vec![other.to_string()],
    }
}

fn job(agent: &str, database: &str) -> Job {
    let key = JobKey { agent: AgentId::new(agent).unwrap(), database: DatabaseName::new(database).unwrap() };
    Job::new(key, "2026-01-01T00:00:00Z".parse().unwrap(), false)
}

/// The sample with every commented key in force.
fn uncommented(sample: &str) -> String {
    let is_key = |line: &str| {
        line.strip_prefix('#')
            .is_some_and(|rest| rest.starts_with(|c: char| c.is_ascii_lowercase() || c == '['))
    };
    sample.lines().map(|line| if is_key(line) { &line[1..] } else { line }).collect::<Vec<_>>().join("\n")
}

#[test]
fn the_sample_says_nothing_but_the_defaults() {
    let until = "2026-03-08T12:00:00Z".parse().unwrap();
    let sample = sample(Tz::Africa__Douala, until);
    assert!(
        sample.contains("timezone = \"Africa/Douala\"")
            && sample.contains("learning_until = \"2026-03-08T12:00:00Z\"")
    );
    let as_is = parse(&sample).unwrap();
    assert!(as_is.mail.is_none() && as_is.rules.is_empty() && as_is.webhooks.is_empty());

    let folder = tempfile::tempdir().unwrap();
    let password = folder.path().join("password");
    fs::write(&password, "x").unwrap();
    fs::set_permissions(&password, fs::Permissions::from_mode(0o600)).unwrap();
    let all = uncommented(&sample)
        .replace("/etc/backupmon/mail_password", password.to_str().unwrap())
        .replace("transport = \"none\"", "transport = \"smtp\"");
    let all = parse(&all).unwrap();
    let shown = |config: &Config| {
        format!(
            "{:?}{:?}{:?}{:?}",
            config.scan,
            config.retention,
            config.promote,
            config.site.title.as_deref().unwrap_or("Backups")
        )
    };
    assert_eq!(shown(&as_is), shown(&all), "a commented key is not its default");
    let mail = all.mail.unwrap();
    assert_eq!(
        (mail.port, mail.tls, mail.gap, mail.learning_until),
        (587, Tls::Starttls, Span::hours(1), Some(until))
    );
    assert_eq!((all.rules.len(), all.webhooks.len(), all.maintenance.len()), (3, 1, 1));
}

#[test]
fn the_sample_names_every_key() {
    let text = include_str!("../../contrib/config.toml");
    // From a section's header to the next header of another name.
    let section = |header: &str| -> String {
        let mut inside = false;
        let lines = text.lines().filter(|line| {
            let line = line.trim_start_matches('#');
            if line.starts_with('[') {
                inside = line == header;
            }
            inside
        });
        lines.collect::<Vec<_>>().join("\n")
    };
    let names = |text: &str, key: &str| {
        text.split(|c: char| !c.is_ascii_alphanumeric() && c != '_').any(|word| word == key)
    };
    for (name, keys) in reader::single_sections() {
        let text = section(&format!("[{name}]"));
        for key in keys.iter().filter(|key| **key != "password") {
            assert!(names(&text, key), "[{name}] {key}");
        }
    }
    for (name, keys) in reader::repeated_sections() {
        let text = section(&format!("[[{name}]]"));
        let inherited = keys::keys_of::<Settings>();
        for key in keys.iter().filter(|key| !inherited.contains(&key.as_str())) {
            let last = key.rsplit('.').next().unwrap();
            // The conditions of `match` are told at the first section that has them.
            assert!(names(&text, last) || names(&section("[[rule]]"), last), "[[{name}]] {key}");
        }
    }
}

#[test]
fn all_faults_are_found_in_one_look_each_with_place_key_reason_and_mend() {
    let found = faults(
        "[paths]\ndeposit = '/d'\n[scan]\nsettle = '5 parsecs'\ntrial_days = 'three'\ndiscover = 1\nagent_pattern = '('\n\
         [scna]\n[[rule]]\nmatch = { agnet = 'x', database = '[' }\ngrase = '1h'\nat = ['25:00']\ntimezone = 'Africa/Duala'\n\
         [retention]\nmin_good = 0\n[promote]\nmin_free = 'lots'\n[[maintenance]]\nwhen = 'someday'\nmute = 'most'\n",
    );
    for (n, expected) in [
        "config.toml:2: [paths] deposit: is not known; did you mean `deposits`?",
        "config.toml:4: [scan] settle: `5 parsecs` is no duration; write for example",
        "config.toml:5: [scan] trial_days: is string \"three\", expected a whole number",
        "config.toml:6: [scan] discover: is integer `1`, expected true or false",
        "config.toml:7: [scan] agent_pattern: is no regular expression: ",
        "config.toml:8: [scna]: is no known section; did you mean `scan`?",
        "config.toml:10: [[rule]] 1 match: agnet: is not known; did you mean `agent`?",
        "config.toml:10: [[rule]] 1 match.database: `[` is no pattern: ",
        "config.toml:11: [[rule]] 1 grase: is not known; did you mean `grace`?",
        "config.toml:12: [[rule]] 1 at: `25:00` is no time of day",
        "config.toml:13: [[rule]] 1 timezone: `Africa/Duala` is no time zone",
        "config.toml:15: [retention] min_good: must be at least 1",
        "config.toml:17: [promote] min_free: `lots` is no amount of space",
        "config.toml:19: [[maintenance]] 1 when: `someday` is no time of a window",
        "config.toml:20: [[maintenance]] 1 mute: is `most`, expected `all` or `none`",
    ]
    .iter()
    .enumerate()
    {
        assert!(found.iter().any(|fault| fault.contains(expected)), "{n}: {expected} not in {found:#?}");
    }
    assert_eq!(found.len(), 15, "{found:#?}");
}

#[test]
fn what_does_not_hold_is_refused() {
    let mail = "[mail]\nhost = 'smtp.x.org'\nfrom = 'a@x.org'\nto = ['b@x.org']\n";
    let paths = |rest: &str| format!("[paths]\ndeposits = '/srv/dep'\n{rest}");
    for (text, expected) in [
        ("[scan", "config.toml:1: is no TOML"),
        ("[defaults]\ncron = '0 99 * * *'", "[defaults] cron: "),
        ("[defaults]\ncron = '0 1 * * *'\nevery = '1h'", "[defaults] cron: only one of"),
        ("[defaults]\ndays = 'mon'", "[defaults] days: `days` goes with `at`"),
        (
            "[defaults]\nrecipients = ['not an address']",
            "[defaults] recipients: `not an address` is no mail address",
        ),
        ("[scan]\nlog_dir = '../log'", "[scan] log_dir: "),
        ("[scan]\nsettle = '1h'\narrival = '1min'", "[scan] arrival: 1min is shorter than `settle`, 1h"),
        ("[[paths]]", "[paths]: cannot be repeated"),
        ("[rule]\ngrace = '1h'", "[rule]: can be repeated; write `[[rule]]`"),
        ("[[rule]]\naliases = ['X']", "[[rule]] 1 aliases: are other names of one agent"),
        ("[[webhook]]\nkind = 'irc'\nurl = 'https://x'", "[[webhook]] 1 kind: is `irc`, expected one of"),
        ("[[webhook]]\nurl = 'ftp://x'", "[[webhook]] 1 url: is no web address"),
        (
            &format!("{mail}tls = 'none'"),
            "[mail] tls: `none` would send mail and password in the clear to `smtp.x.org`",
        ),
        (&format!("{mail}username = 'me'"), "[mail] username: has no password"),
        (&format!("{mail}password = 5\nusername = 'me'"), "[mail] password: does not belong in this file"),
        ("[mail]\nhost = 'localhost'\ntls = 'none'", "[mail] from: is not set"),
        (
            &paths("validated = '/srv/dep/ok'"),
            "[paths] validated: `/srv/dep/ok` lies inside a deposit folder",
        ),
        (&paths("validated = '/srv'"), "[paths] deposits: `/srv/dep` lies inside `validated`"),
        (&paths("site = '/s'\nstate = '/s/state.db'"), "[paths] state: `/s/state.db` lies inside `site`"),
        (
            &paths("validated = '/v'\nsite = '/v/x/../site'"),
            "[paths] site: `/v/site` lies inside `validated`",
        ),
        ("[paths]\ndeposits = ['/a', '/a/b']", "[paths] deposits: `/a/b` stands twice"),
    ] {
        let found = faults(text);
        assert!(found.iter().any(|fault| fault.contains(expected)), "{expected} not in {found:#?}");
    }
    assert!(faults(&mail.replace("smtp.x.org", "localhost")).is_empty());
}

#[test]
fn a_secret_never_stands_in_a_message() {
    for text in [
        "[mail]\npassword = \"hunter2",
        "[mail]\npassword = ['hunter2']",
        "[[webhook]]\nurl = 'hunter2'",
        "[heartbeat]\nurl = 'x://hunter2'",
    ] {
        let found = faults(text).join("\n");
        assert!(!found.is_empty() && !found.contains("hunter2"), "{found}");
    }
}

#[test]
fn without_a_file_everything_lies_under_the_state_folder() {
    let config = Config::without_file(&[PathBuf::from("dep/../dumps")], &environment()).unwrap();
    assert_eq!(config.paths.deposits, [PathBuf::from("/srv/dir/dumps")]);
    assert_eq!(config.paths.state, PathBuf::from("/home/me/.local/state/backupmon/state.db"));
    assert_eq!(config.paths.validated, PathBuf::from("/home/me/.local/state/backupmon/validated"));
    assert!(!config.paths.validated_configured);
    let config = Config::without_file(&[], &with(&[("XDG_STATE_HOME", "/var/lib")])).unwrap();
    assert_eq!(config.paths.site, PathBuf::from("/var/lib/backupmon/site"));
    let nowhere = Environment { home: None, ..environment() };
    let error = Config::without_file(&[], &nowhere).unwrap_err().to_string();
    assert!(error.contains("[paths] state: is not set, and there is no home folder"), "{error}");
    let error =
        Config::without_file(&[PathBuf::from("/home/me/.local")], &environment()).unwrap_err().to_string();
    assert!(error.contains("lies inside a deposit folder"), "{error}");
}

#[test]
fn a_relative_path_begins_at_the_folder_of_the_file() {
    let config = parse("[paths]\ndeposits = ['dep', '~/dumps', '/x/./y']\nstate = '../s.db'").unwrap();
    assert_eq!(
        config.paths.deposits,
        ["/nonexistent/backupmon/dep", "/home/me/dumps", "/x/y"].map(PathBuf::from)
    );
    assert_eq!(config.paths.state, PathBuf::from("/nonexistent/s.db"));
}

#[test]
fn the_file_is_the_one_that_was_named_else_the_systems_else_none() {
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, title: &str| {
        let path = folder.path().join(name);
        fs::write(&path, format!("[site]\ntitle = '{title}'")).unwrap();
        path
    };
    let (named, by_variable, system) =
        (write("a.toml", "named"), write("b.toml", "variable"), write("c.toml", "system"));
    let title = |file: Option<&Path>, environment: &Environment| {
        Config::load(file, &[], environment).unwrap().site.title.unwrap_or_default()
    };
    let mut environment = environment();
    assert_eq!(title(None, &environment), "");
    environment.system_file = system;
    assert_eq!(title(None, &environment), "system");
    environment.vars.insert("BACKUPMON_CONFIG".into(), by_variable.to_str().unwrap().into());
    assert_eq!(title(None, &environment), "variable");
    assert_eq!(title(Some(&named), &environment), "named");
    let error =
        Config::load(Some(Path::new("/nonexistent/x.toml")), &[], &environment).unwrap_err().to_string();
    assert!(error.contains("cannot read the configuration `/nonexistent/x.toml`"), "{error}");
    let error = Config::load(Some(folder.path()), &[], &environment).unwrap_err().to_string();
    assert!(error.contains("cannot read"), "{error}");
}

#[test]
fn the_environment_is_laid_over_dotenv_and_dotenv_over_the_file() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("config.toml");
    fs::write(
        &file,
        "[scan]\nsettle = '1min'\ntrial_days = 1\n[site]\ntitle = 'file'\n[[rule]]\ngrace = '1h'\n",
    )
    .unwrap();
    let dotenv = folder.path().join(".env");
    fs::write(&dotenv, "# local\nBACKUPMON_SCAN__TRIAL_DAYS=2\nexport BACKUPMON_SITE__TITLE='Two, words'\n")
        .unwrap();
    let load = |vars: &[(&str, &str)]| Config::load(Some(&file), &[], &with(vars));
    let config = load(&[
        ("BACKUPMON_SCAN__TRIAL_DAYS", "3"),
        ("BACKUPMON_RULE__1__GRACE", "4h"),
        ("BACKUPMON_RULE__1__AT", "13:00,18:30"),
        ("BACKUPMON_PATHS__DEPOSITS", "/a,/b"),
        ("BACKUPMON_DEFAULTS__CRON", "0 1,13 * * *"),
        ("BACKUPMON_DEFAULTS__RECIPIENTS", "a@x.org"),
        ("OTHER__THING", "1"),
    ])
    .unwrap();
    assert_eq!(
        (config.scan.settle, config.scan.trial_days, config.site.title.as_deref()),
        (Span::minutes(1), 3, Some("Two, words"))
    );
    let rule = &config.rules[0].settings;
    assert_eq!(
        (rule.grace, rule.at.as_deref()),
        (Some(Span::hours(4)), Some(&["13:00".to_owned(), "18:30".to_owned()][..]))
    );
    assert_eq!(config.paths.deposits, ["/a", "/b"].map(PathBuf::from));
    assert_eq!(config.defaults.cron.as_deref(), Some("0 1,13 * * *"));
    assert_eq!(config.defaults.recipients, Some(vec!["a@x.org".to_owned()]));

    let error = |vars: &[(&str, &str)]| load(vars).unwrap_err().to_string();
    let wrong = error(&[("BACKUPMON_SCAN__SETTLE", "5x")]);
    assert!(
        wrong.contains("environment variable BACKUPMON_SCAN__SETTLE: [scan] settle: `5x` is no duration"),
        "{wrong}"
    );
    let unknown = error(&[("BACKUPMON_SCNA__SETTLE", "5s")]);
    assert!(
        unknown.contains("BACKUPMON_SCNA__SETTLE: [scna]: is no known section; did you mean `scan`?"),
        "{unknown}"
    );
    let unknown = error(&[("BACKUPMON_SCAN__SETLE", "5s")]);
    assert!(unknown.contains("did you mean `settle`?"), "{unknown}");

    fs::write(&dotenv, "BACKUPMON_MAIL__PASSWORD=hunter2\n").unwrap();
    fs::set_permissions(&dotenv, fs::Permissions::from_mode(0o644)).unwrap();
    let exposed = error(&[]);
    assert!(exposed.contains("chmod 600") && !exposed.contains("hunter2"), "{exposed}");
}

#[test]
fn the_password_comes_from_the_environment_or_the_file_or_the_service_manager() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("mail_password"), "of systemd\n").unwrap();
    fs::write(folder.path().join("own"), "of file\n").unwrap();
    fs::set_permissions(folder.path().join("own"), fs::Permissions::from_mode(0o600)).unwrap();
    let password = |with_file: bool, vars: &[(&str, &str)]| {
        let key = if with_file { "password_file = 'own'" } else { "" };
        let text =
            format!("[mail]\nhost = 'x.org'\nusername = 'me'\nfrom = 'a@x.org'\nto = ['a@x.org']\n{key}");
        let config = Config::from_toml(&text, &folder.path().join("config.toml"), &with(vars)).unwrap();
        config.mail.unwrap().password.unwrap().reveal().to_owned()
    };
    let systemd = ("CREDENTIALS_DIRECTORY", folder.path().to_str().unwrap());
    let variable = ("BACKUPMON_MAIL__PASSWORD", "12345");
    assert_eq!(password(false, &[systemd]), "of systemd");
    assert_eq!(password(true, &[systemd]), "of file");
    assert_eq!(password(true, &[systemd, variable]), "12345");
}

#[test]
fn the_nearest_level_gives_a_value_and_the_kind_of_schedule_is_one_value() {
    let config = parse(
        "[defaults]\nat = ['13:00']\ndays = 'mon-fri'\ngrace = '1h'\nkeep_last = 5\n[retention]\nkeep_last = 9\nkeep_daily = 9\n\
         [scan]\ncontent_check = 'off'\n\
         [[rule]]\nmatch = { agent = 'A_*' }\nearly = '30min'\nevery = '3h'\ncontact = 'first'\nrecipients = ['r@x.org']\n\
         [[rule]]\nmatch = { year = 2025 }\nevery = '6h'\ncontact = 'second'\n\
         [[rule]]\nmatch = { company = 'B' }\ngrace = '5h'\n",
    )
    .unwrap();
    let plain = config.effective(&job("C_D_E", "db"));
    assert_eq!(plain.settings.at, Some(vec!["13:00".to_owned()]));
    assert_eq!(
        (plain.retention.keep_last, plain.retention.keep_daily, plain.retention.keep_weekly),
        (5, 9, 4)
    );
    let source = |effective: &Effective, key: &str| effective.sources[key].clone();
    assert_eq!(
        ["schedule", "keep_last", "keep_daily", "keep_weekly", "content_check", "timezone"]
            .map(|key| source(&plain, key).to_string()),
        ["[defaults]", "[defaults]", "[retention]", "built in", "[scan]", "built in"],
    );
    assert!(!plain.assumed && !plain.timezone_configured);
    assert_eq!(plain.schedule.timezone, Tz::Africa__Douala);

    let both = config.effective(&job("A_B_C", "db_2025"));
    assert_eq!(
        (&both.settings.every, &both.settings.at, &both.settings.days),
        (&Some(Span::hours(6)), &None, &None)
    );
    assert_eq!(
        (source(&both, "schedule"), source(&both, "early"), source(&both, "grace")),
        (Source::Rule(2), Source::Rule(1), Source::Defaults)
    );
    assert_eq!(both.contact.as_deref(), Some("second"), "the last one wins");
    assert_eq!(
        config.effective(&job("B_X_Y", "db")).settings.grace,
        Some(Span::hours(5)),
        "a label is matched"
    );

    let mut own = job("A_B_C", "db_2025");
    own.settings = Settings { cron: Some("0 1 * * *".into()), ..Settings::default() }.into();
    let effective = config.effective(&own);
    assert_eq!((source(&effective, "schedule"), effective.settings.every), (Source::Job, None));
    own.settings.cron = Some("no longer a schedule".into());
    assert_eq!(
        source(&config.effective(&own), "schedule"),
        Source::Rule(2),
        "inheritance goes on without it"
    );
    assert!(
        std::sync::Arc::ptr_eq(&both, &config.effective(&job("A_Q_R", "other_2025"))),
        "jobs alike share one answer"
    );
}

#[test]
fn a_schedule_that_nobody_set_is_assumed_with_the_grace_of_its_kind() {
    let effective = parse("").unwrap().effective(&job("A_B_C", "db"));
    assert!(effective.assumed);
    assert_eq!(
        (effective.settings.every, effective.settings.grace),
        (Some(Span::hours(24)), Some(Span::hours(12)))
    );
    let effective = parse("[defaults]\ncron = '0 1 * * *'\ntimezone = 'Europe/Paris'")
        .unwrap()
        .effective(&job("A_B_C", "db"));
    assert_eq!(
        (effective.settings.grace, effective.settings.early),
        (Some(Span::hours(2)), Some(Span::hours(1)))
    );
    assert!(!effective.assumed && effective.timezone_configured);
}

#[test]
fn an_agent_has_recipients_contact_aliases_and_databases_to_ignore() {
    let config = parse(
        "[mail]\nhost = 'localhost'\ntls = 'none'\nfrom = 'b@x.org'\nto = ['all@x.org']\n\
         [[rule]]\nmatch = { city = 'DOUALA' }\nrecipients = ['douala@x.org']\ncontact = 'Site Douala'\n\
         [[rule]]\nmatch = { agent = 'A_DOUALA_X' }\naliases = ['AX', 'OLD']\n\
         [[rule]]\nmatch = { agent = 'A_*', year = 2019 }\ndiscover = 'ignore'\nrecipients = ['nobody@x.org']\n",
    )
    .unwrap();
    assert_eq!(
        config.agent_recipients("A_DOUALA_X"),
        ["douala@x.org"],
        "a rule about one year does not speak of the agent"
    );
    assert_eq!(config.agent_recipients("A_YAOUNDE_X"), ["all@x.org"]);
    assert_eq!(
        (config.contact_for_agent("A_DOUALA_X"), config.contact_for_agent("A_B_C")),
        (Some("Site Douala"), None)
    );
    assert_eq!(config.aliases("A_DOUALA_X"), ["AX", "OLD"]);
    assert!(config.aliases("A_DOUALA_Y").is_empty());
    assert!(config.ignores(&job("A_B_C", "db_2019").key));
    assert!(!config.ignores(&job("A_B_C", "db_2020").key) && !config.ignores(&job("B_B_C", "db_2019").key));
}

#[test]
fn maintenance_is_open_from_its_first_moment_to_before_its_last() {
    let config = parse("[[maintenance]]\nwhen = 'daily 22:00-02:00'\ntimezone = 'Europe/Paris'").unwrap();
    let open = |time: &str| config.maintenance[0].is_open(time.parse().unwrap());
    for (from, until) in [
        ("2026-06-15T20:00:00Z", "2026-06-16T00:00:00Z"),
        // The clocks go forward at 02:00, the window's end, and back an hour after it.
        ("2026-03-28T21:00:00Z", "2026-03-29T01:00:00Z"),
        ("2026-10-24T20:00:00Z", "2026-10-25T00:00:00Z"),
    ] {
        let (from, until) = (from.parse::<Time>().unwrap(), until.parse::<Time>().unwrap());
        let second = chrono::TimeDelta::seconds(1);
        let found = [from - second, from, until - second, until].map(|time| open(&time.to_rfc3339()));
        assert_eq!(found, [false, true, true, false], "{from}");
    }
}

#[test]
fn jobs_that_have_the_same_labels_share_them() {
    let config = parse("").unwrap();
    let mut labelling = Labelling::new(&config);
    let mut labels = |agent: &str, database: &str| labelling.of(&job(agent, database));
    let (one, other) = (labels("A_DOUALA_X", "a_2025"), labels("A_DOUALA_X", "b_2025"));
    assert!(Arc::ptr_eq(&one, &other));
    let later = labels("A_DOUALA_X", "b_2026");
    assert_eq!((later.city.as_deref(), one.year, later.year), (Some("DOUALA"), Some(2025), Some(2026)));
}
