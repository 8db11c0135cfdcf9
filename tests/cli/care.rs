//! `init`, `check`, `doctor`, `state`, `completions`, `man`: the care for backupmon itself.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};

use chrono::TimeDelta;
use serde_json::Value;

use crate::harness::{Ran, Site, word};
use crate::report::Report;

const AGENT: &str = "SIRPACAM_DOUALA_NEWBELL";
const SCHEDULED: &str = "[scan]\ntrial_days = 0\n[defaults]\nat = ['13:00']\n";

/// A server that has made one good backup.
fn kept_one(sections: &str) -> Site {
    let site = Site::configured(sections);
    site.deposit(&Report::of(AGENT).good("SDMC", "first"));
    site.run(["run"]).silent();
    site
}

fn init(site: &Site) -> Ran {
    let call = site.command(["init", "--config"]).env("BACKUPMON_PATHS__STATE", site.path("st/state.db"));
    let mut call = call.unconfigured();
    call.command.arg(site.path("etc/backupmon.toml"));
    call.run()
}

#[test]
fn init_writes_what_is_not_there_and_overwrites_nothing() {
    let site = Site::new();
    let told = init(&site).done();
    assert!(told.contains("configuration written: $SITE/etc/backupmon.toml\n"), "{told}");
    assert!(told.contains("empty state written: $SITE/st/state.db\n") && told.contains("doctor"), "{told}");
    for path in ["etc/backupmon.toml", "st/state.db"] {
        assert_eq!(fs::metadata(site.path(path)).unwrap().permissions().mode() & 0o7777, 0o640, "{path}");
    }
    let written = site.read("etc/backupmon.toml");
    assert!(written.contains("learning_until = \"2020-06-22T08:00:00Z\""), "a week of learning");

    fs::write(site.path("etc/backupmon.toml"), "# mine\n").unwrap();
    let told = init(&site).done();
    assert!(told.contains("left as it was: $SITE/etc/backupmon.toml"), "{told}");
    assert_eq!(site.read("etc/backupmon.toml"), "# mine\n");
}

/// The one line of a plug-in, without its figures.
#[track_caller]
fn checked(ran: Ran, status: i32) -> String {
    let ran = ran.exits(status);
    assert!(ran.stderr.is_empty(), "a plug-in speaks on stdout alone:\n{ran}");
    ran.stdout.lines().next().unwrap_or_default().split(" | ").next().unwrap_or_default().to_owned()
}

#[test]
fn check_is_never_green_when_nothing_was_checked() {
    let mut site = Site::configured(SCHEDULED);
    let absent = checked(site.run(["check"]), 3);
    assert!(absent.starts_with("BACKUPMON UNKNOWN: the state") && absent.contains("not there"), "{absent}");
    site.run(["run"]).silent();
    assert_eq!(checked(site.run(["check"]), 3), "BACKUPMON UNKNOWN: no job is watched, nothing was checked");
    site.deposit(&Report::of(AGENT).good("SDMC", "first"));
    site.pass(TimeDelta::minutes(15)).run(["run"]).silent();
    assert_eq!(checked(site.run(["check"]), 0), "BACKUPMON OK: all good of 1 job");
    let nothing = checked(site.run(["check", "--agent", "NOBODY_*"]), 3);
    assert_eq!(nothing, "BACKUPMON UNKNOWN: no job is watched, nothing was checked");
    site.pass(TimeDelta::minutes(31));
    assert_eq!(checked(site.run(["check"]), 3), "BACKUPMON UNKNOWN: the last scan ended 31 min ago");
}

#[test]
fn check_tells_every_error_of_its_own_as_unknown_on_stdout() {
    let site = kept_one(SCHEDULED);
    for (arguments, said) in [
        (&["check", "--bogus"][..], "unexpected argument"),
        (&["--bogus", "check"], "unexpected argument"),
        (&["check", "--max-age", "soon"], "is no duration"),
        (&["check", "--agent", "["], "is no pattern"),
    ] {
        let line = checked(site.run(arguments), 3);
        assert!(line.starts_with("BACKUPMON UNKNOWN: ") && line.contains(said), "{arguments:?}: {line}");
    }
    assert!(site.run(["check", "--help"]).exits(3).stdout.contains("Nagios"));
    site.configure("[scan]\nsettel = '5min'\nthreads = 'x'\n");
    let line = checked(site.run(["check"]), 3);
    assert!(line.contains("settel") && line.contains("threads"), "both faults in the one line: {line}");
}

#[test]
fn check_gives_the_codes_of_nagios_and_is_noted() {
    let mut site = kept_one(SCHEDULED);
    let result = |site: &Site, name: &str| {
        let document = site.run(["doctor", "--json"]).json();
        let checks = document["checks"].as_array().unwrap();
        let found = checks.iter().find(|check| check["name"] == name).unwrap();
        word(&found["result"]).to_owned()
    };
    assert_eq!(result(&site, "watcher"), "warn");
    let document = site.run(["check", "--json"]).exits(0).json();
    assert_eq!((&document["status"], &document["code"]), (&"ok".into(), &0.into()));
    assert_eq!(result(&site, "watcher"), "ok");
    assert!(checked(site.run(["check", "--max-age", "1h"]), 0).starts_with("BACKUPMON OK"));
    site.pass(TimeDelta::minutes(90)).run(["run"]).silent();
    let old = checked(site.run(["check", "--max-age", "1h"]), 2);
    assert_eq!(old, "BACKUPMON CRITICAL: 1 older than 1h of 1 job");
    site.deposit(&Report::of(AGENT).failed("PAIE", "BACKUP", "no|pipe\nno line"));
    site.pass(TimeDelta::minutes(15)).run(["run"]).silent();
    let ran = site.run(["check"]).exits(2);
    assert_eq!(ran.stdout.matches('|').count(), 1, "a second bar would begin figures:\n{ran}");
    assert!(site.run(["check", "--database", "SDMC"]).exits(0).stdout.starts_with("BACKUPMON OK"));
}

#[test]
fn check_works_for_a_user_who_may_only_read() {
    let site = kept_one(SCHEDULED);
    for (path, mode) in [("state", 0o755), ("state/state.db", 0o644), ("config.toml", 0o644)] {
        fs::set_permissions(site.path(path), fs::Permissions::from_mode(mode)).unwrap();
    }
    if !rustix::process::geteuid().is_root() {
        // Only root can be somebody else: for others a folder without write permission is the same case.
        fs::set_permissions(site.path("state"), fs::Permissions::from_mode(0o555)).unwrap();
        assert!(checked(site.run(["check"]), 0).starts_with("BACKUPMON OK"));
        fs::set_permissions(site.path("state"), fs::Permissions::from_mode(0o755)).unwrap();
        return;
    }
    assert!(checked(site.command(["check"]).by_user(65_534).run(), 0).starts_with("BACKUPMON OK"));
}

#[test]
fn doctor_says_what_is_wrong_and_how_to_mend_it() {
    let mut site = kept_one("");
    let told = site.run(["doctor"]).done();
    for line in [
        "configuration: OK ($SITE/config.toml, 0 rules)",
        "deposits: OK ($SITE/deposits: 1 agents, readable)",
        "last scan: OK (number 1, 0 s ago, interval 15min)",
        "schedules: WARN (1 of 1 jobs have one that nobody set (every 24h): `backupmon jobs suggest`",
        "orphans: OK",
        "versions: OK (1, all of known jobs)",
        "mail: WARN (nobody is mailed",
        "watcher: WARN (nobody watches backupmon itself (`check` never ran)",
    ] {
        assert!(told.contains(line), "{line}\n{told}");
    }
    site.dump(AGENT, "FORGOTTEN_2019.sql.gz", "old");
    let told = site.run(["doctor"]).done();
    assert!(told.contains("orphans: WARN (1 dumps of 3 B") && told.contains("FORGOTTEN_2019"), "{told}");

    site.pass(TimeDelta::hours(1));
    fs::rename(site.path("deposits"), site.path("elsewhere")).unwrap();
    let told = site.run(["doctor"]).exits(1).stdout;
    assert!(told.contains("deposits: FAIL ($SITE/deposits: it is not there; mount it"), "{told}");
    assert!(told.contains("last scan: FAIL (number 1, 1 h ago"), "{told}");

    site.configure("[scan]\nsettel = '5min'\n");
    let told = site.run(["doctor"]).exits(2).stdout;
    assert!(told.starts_with("configuration: FAIL (") && told.contains("`settle`"), "{told}");
}

#[test]
fn doctor_names_rules_and_maintenance_that_match_nothing() {
    let site = kept_one("");
    let speaking = format!("[[rule]]\nmatch = {{ agent = '{AGENT}' }}\ngrace = '3h'\n");
    let ignoring = "[[rule]]\nmatch = { database = 'tmp_*' }\ndiscover = 'ignore'\n";
    site.configure(&format!("{speaking}{ignoring}"));
    let told = site.run(["doctor"]).done();
    assert!(!told.contains("rules: WARN"), "{told}");
    let slip = "[[rule]]\nmatch = { agent = 'NO_SUCH_SITE', year = 2020 }\ngrace = '3h'\n";
    let window = "[[maintenance]]\nwhen = 'daily 01:00-02:00'\nmatch = { city = 'NOWHERE' }\n";
    site.configure(&format!("{speaking}{ignoring}{slip}{window}"));
    let told = site.run(["doctor"]).done();
    let line = "rules: WARN (no job matches rule 3 (agent `NO_SUCH_SITE`, year 2020), maintenance 1 (city `NOWHERE`): ";
    assert!(told.contains(line), "{told}");
}

#[test]
fn doctor_changes_nothing_and_fails_where_there_is_nothing() {
    let site = Site::new();
    let told = site.run(["doctor"]).exits(0).stdout;
    assert!(told.contains("state: WARN ($SITE/state/state.db: there is none yet"), "{told}");
    assert!(!site.path("state").exists() && !site.path("validated").exists() && !site.path("site").exists());
}

#[test]
fn a_state_is_compared_with_the_disk() {
    let site = kept_one("");
    assert_eq!(site.run(["state", "check"]).done(), "the state is sound and agrees with the disk\n");
    let versions = site.path(&format!("validated/{AGENT}/SDMC/versions"));
    let version = fs::read_dir(&versions).unwrap().next().unwrap().unwrap().path();
    fs::write(version.join(".pinned"), "").unwrap();
    let told = site.run(["state", "check"]).exits(1).stdout;
    assert!(told.contains("is pinned on the disk, and the state says otherwise"), "{told}");
    fs::rename(&version, site.path("elsewhere")).unwrap();
    fs::create_dir(versions.join("strange")).unwrap();
    let document = site.run(["state", "check", "--json"]).exits(1).json();
    let differences: Vec<&str> = document["differences"].as_array().unwrap().iter().map(word).collect();
    assert!(
        differences[0].ends_with("of SIRPACAM_DOUALA_NEWBELL/SDMC is not on the disk"),
        "{differences:?}"
    );
    assert!(differences[1].contains("strange is no version"), "{differences:?}");
    assert_eq!(document["faults"], Value::Array(Vec::new()));
}

#[test]
fn each_day_leaves_a_copy_and_seven_stay() {
    let mut site = kept_one("");
    let copies = |site: &Site| site.tree("validated/.backupmon");
    assert_eq!(copies(&site), "jobs-20200615.json\nlast-run.json\nstate-20200615.db");
    let made = fs::metadata(site.path("validated/.backupmon/state-20200615.db")).unwrap();
    site.pass(TimeDelta::minutes(15)).run(["run"]).silent();
    let again = fs::metadata(site.path("validated/.backupmon/state-20200615.db")).unwrap();
    assert_eq!(made.modified().unwrap(), again.modified().unwrap(), "one a day");
    for _ in 0..8 {
        site.pass(TimeDelta::days(1)).run(["run"]).silent();
    }
    let copies = copies(&site);
    assert_eq!(copies.lines().count(), 15, "{copies}");
    assert!(copies.contains("state-20200617.db") && !copies.contains("20200616"), "{copies}");
    let told = site.pass(TimeDelta::days(1)).run(["state", "backup"]).done();
    assert_eq!(
        told,
        "$SITE/validated/.backupmon/state-20200624.db\n$SITE/validated/.backupmon/jobs-20200624.json\n"
    );
    let jobs = site.document("validated/.backupmon/jobs-20200624.json");
    assert_eq!(word(&jobs["jobs"][0]["database"]), "SDMC");
}

/// A day later: a newer version, a failure, and a held one, that the day's copy does not know.
fn a_day_later(site: &mut Site) {
    site.pass(TimeDelta::minutes(30));
    site.deposit(&Report::of(AGENT).good("SDMC", "second").failed("PAIE", "BACKUP", "disk full"));
    site.run(["run"]).silent();
}

#[test]
fn a_lost_state_is_rebuilt_from_its_copy_the_versions_and_the_kept_reports() {
    let mut site = kept_one("");
    a_day_later(&mut site);
    let before = (site.statuses(), site.tree(&format!("validated/{AGENT}")));
    fs::write(site.path("state/state.db"), "no state at all, but long enough to be looked at").unwrap();
    let dry = site.run(["state", "rebuild", "--json"]).exits(0).json();
    assert_eq!((&dry["dry_run"], &dry["versions_adopted"]), (&true.into(), &0.into()));
    assert_eq!((&dry["reports_to_judge"], &dry["versions_to_complete"]), (&1.into(), &1.into()));
    assert!(site.read("state/state.db").starts_with("no state"), "a dry run changes nothing");

    let told = site.run(["state", "rebuild", "--yes"]).done();
    let expected = "0 versions adopted, 0 gone, 1 reports for the next run to judge, with 1 versions";
    assert!(told.contains(expected), "{told}");
    assert!(site.read("state/state.db.before-rebuild-20200615T083000Z").starts_with("no state"));
    site.pass(TimeDelta::minutes(15)).run(["run"]).silent();
    assert_eq!(site.run(["state", "check"]).done(), "the state is sound and agrees with the disk\n");
    assert_eq!(site.statuses(), before.0);
    assert_eq!(site.tree(&format!("validated/{AGENT}")), before.1, "no version came twice, none is gone");
}

#[test]
fn without_any_copy_versions_and_reports_are_enough_and_nothing_is_missing() {
    let mut site = kept_one(SCHEDULED);
    a_day_later(&mut site);
    let versions = site.tree(&format!("validated/{AGENT}"));
    fs::remove_dir_all(site.path("validated/.backupmon")).unwrap();
    for part in ["state.db", "state.db-wal", "state.db-shm"] {
        let _ = fs::remove_file(site.path("state").join(part));
    }
    // Long after: whatever was expected meanwhile was not seen to be missed.
    site.pass(TimeDelta::days(5));
    let told = site.run(["state", "rebuild", "--yes"]).done();
    let expected = "1 jobs, 0 versions adopted, 0 gone, 2 reports for the next run to judge, with 2 versions";
    assert!(told.contains(expected), "{told}");
    site.pass(TimeDelta::minutes(15)).run(["run"]).silent();
    let statuses = site.statuses();
    assert_eq!(statuses[&format!("{AGENT}/PAIE")], "FAILED backup_failed");
    assert!(!statuses.values().any(|status| status.starts_with("MISSING")), "{statuses:?}");
    assert_eq!(site.tree(&format!("validated/{AGENT}")), versions);
    assert_eq!(site.run(["state", "check"]).done(), "the state is sound and agrees with the disk\n");
}

#[test]
fn where_only_the_document_of_the_jobs_is_whole_what_was_set_comes_back() {
    let mut site = kept_one(SCHEDULED);
    let job = format!("{AGENT}/SDMC");
    site.run(["jobs", "edit", &job, "--grace", "5h", "--reason", "slow"]).done();
    site.pass(TimeDelta::days(1)).run(["run"]).silent();
    for copy in ["state-20200615.db", "state-20200616.db"] {
        fs::write(site.path("validated/.backupmon").join(copy), "damaged").unwrap();
    }
    fs::remove_file(site.path("state/state.db")).unwrap();
    let ran = site.run(["state", "rebuild", "--yes"]).exits(0);
    assert!(ran.stderr.contains("state-20200616.db` is left out"), "{ran}");
    assert!(ran.stdout.contains("from $SITE/validated/.backupmon/jobs-20200616.json"), "{ran}");
    let jobs = site.run(["jobs", "export"]).json();
    assert_eq!(jobs["jobs"][0]["grace"], 18_000);
}

fn lose_state(site: &Site) {
    for part in ["state.db", "state.db-wal", "state.db-shm"] {
        let _ = fs::remove_file(site.path("state").join(part));
    }
}

#[test]
fn a_rebuilt_state_says_of_versions_what_a_run_would_say() {
    let site = kept_one("");
    fs::remove_dir_all(site.path(&format!("validated/{AGENT}/SDMC/versions"))).unwrap();
    lose_state(&site);
    let told = site.run(["state", "rebuild", "--yes"]).done();
    assert!(told.contains("1 jobs, 0 versions adopted, 1 gone"), "{told}");
    let job = site.run(["jobs", "list", "--json"]).json()["jobs"][0].clone();
    assert_eq!(job["current_version"], Value::Null);

    let site = kept_one("");
    lose_state(&site);
    for lost in ["validated/.backupmon", "state/reports"] {
        fs::remove_dir_all(site.path(lost)).unwrap();
    }
    site.configure("[scan]\ndiscover = false\n");
    let told = site.run(["state", "rebuild", "--yes"]).done();
    assert!(told.contains("0 jobs, 0 versions adopted, 0 gone"), "{told}");
}

#[test]
fn completions_know_the_commands() {
    let site = Site::new();
    for shell in ["bash", "zsh", "fish"] {
        let script = site.run(["completions", shell]).done();
        assert!(script.contains("promote") && script.contains("max-age"), "{shell}");
    }
}

fn committed(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("man").join(name)
}

#[test]
fn the_committed_man_pages_are_those_that_the_program_writes() {
    let site = Site::new();
    site.run(["man", "--out", "pages"]).silent();
    let written = site.tree("pages");
    for name in written.lines() {
        let now = site.read(&format!("pages/{name}"));
        let then = fs::read_to_string(committed(name)).unwrap_or_default();
        assert!(now == then, "man/{name} is not current: run `cargo run -- man --out man`");
    }
    let mut there: Vec<String> = fs::read_dir(committed(""))
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .filter(|name| name != "sections.roff")
        .collect();
    there.sort();
    assert_eq!(there, written.lines().collect::<Vec<_>>(), "a page of a command that is gone: remove it");
    assert_eq!(site.run(["man"]).done(), site.read("pages/backupmon.1"));
}

/// Text of a page without roff's marks.
fn plain(page: &str) -> String {
    page.replace("\\-", "-").replace("\\(aq", "'").replace("\\e", "\\")
}

#[test]
fn the_man_page_explains_every_word_and_repeats_what_the_content_check_proves() {
    use backupmon::domain::{Cause, Problem, Status, Warning};
    let page = plain(&fs::read_to_string(committed("backupmon.1")).unwrap());
    let words = Status::ALL.iter().map(|status| status.word());
    let words = words.chain(Cause::ALL.iter().map(|cause| cause.word()));
    let words = words.chain(Warning::ALL.iter().map(|warning| warning.word()));
    for word in words.chain(Problem::ALL.iter().map(|problem| problem.word())) {
        assert!(page.split(|c: char| !c.is_alphanumeric() && c != '_').any(|other| other == word), "{word}");
    }
    let docs = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/intake/content/mod.rs");
    let docs = fs::read_to_string(docs).unwrap();
    let rows: Vec<Vec<String>> = docs
        .lines()
        .filter_map(|line| line.strip_prefix("//! | ")?.strip_suffix(" |"))
        .map(|row| row.split(" | ").map(|cell| cell.replace('`', "")).collect())
        .skip(2)
        .collect();
    assert!(rows.len() > 8, "the table of the content check was found");
    for row in rows {
        let item = format!(".B {}\nProven: {}.\n.br\nNot proven: {}.\n", row[0], row[1], row[2]);
        assert!(page.contains(&item), "{item}");
    }
}
