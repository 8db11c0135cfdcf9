//! A state that was lost is another state, and whoever is told of backups is told of that.

use std::fs;

use chrono::TimeDelta;

use crate::harness::Site;
use crate::mail::{self, Server};
use crate::report::Report;

const AGENT: &str = "BONABERI";

/// A server that mails, with one backup of Monday, and its state as of then beside the versions.
fn one_day_old(server: &Server) -> Site {
    let site = Site::configured(&mail::section(server.port));
    site.deposit(&Report::of(AGENT).good("stock", "bytes of Monday").good("caisse", "cash of Monday"));
    site.run(["run"]).silent();
    assert!(mail::taken(server).is_empty());
    site
}

fn lose(site: &Site, folders: &[&str]) {
    for folder in folders {
        fs::remove_dir_all(site.path(folder)).unwrap();
    }
}

fn subjects(server: &Server) -> Vec<String> {
    mail::taken(server).into_iter().map(|(subject, _)| subject).collect()
}

#[test]
fn a_state_that_began_again_from_its_copy_is_told_for_a_day() {
    let server = Server::start(mail::Fault::None, &[]);
    let mut site = one_day_old(&server);
    lose(&site, &["state"]);
    site.pass(TimeDelta::minutes(15));
    let ran = site.run(["run"]).exits(0);
    assert!(ran.stderr.contains("was gone: it begins again from its copy"), "{ran}");
    let alerts = site.alerts();
    assert!(
        alerts.starts_with("state_damaged -/-: the state was gone and began again from its copy"),
        "{alerts}"
    );
    assert!(alerts.contains("that of 2020-06-15T08:00:00Z: "), "{alerts}");
    assert!(site.run(["check"]).exits(1).stdout.contains("state_damaged"));
    let (subject, text) = mail::taken(&server).pop().unwrap();
    assert!(subject.contains("1 warning"), "{subject}");
    assert!(text.contains("what operators did since is lost"), "{text}");

    site.pass(TimeDelta::hours(23));
    site.run(["run"]).silent();
    assert_eq!(site.alerts(), alerts, "a day is not over");
    site.pass(TimeDelta::hours(2));
    site.run(["run"]).silent();
    assert!(!site.alerts().contains("state_damaged"));
    assert!(subjects(&server).last().unwrap().contains("resolved"), "{:?}", subjects(&server));
}

#[test]
fn a_state_that_began_again_stays_told_until_somebody_could_be_reached() {
    let server = Server::start(mail::Fault::None, &[]);
    let mut site = one_day_old(&server);
    // Nobody listens there.
    site.configure(&mail::section(1));
    lose(&site, &["state"]);
    for _ in 0..3 {
        site.pass(TimeDelta::hours(20));
        let _unsent = site.run(["run"]);
    }
    assert!(site.alerts().contains("state_damaged"), "nobody knows yet: {}", site.alerts());
    site.configure(&mail::section(server.port));
    site.pass(TimeDelta::hours(20));
    site.run(["run"]).silent();
    assert!(mail::taken(&server).iter().any(|(_, text)| text.contains("what operators did since is lost")));
}

#[test]
fn versions_of_a_state_that_left_nothing_behind_are_told() {
    let server = Server::start(mail::Fault::None, &[]);
    let mut site = one_day_old(&server);
    // The reports are no longer there to be judged again, either.
    lose(&site, &["state", "validated/.backupmon", "deposits/BONABERI/log"]);
    site.pass(TimeDelta::minutes(15));
    site.run(["run"]).silent();
    let alerts = site.alerts();
    assert!(alerts.contains("state_damaged -/-: the state did not know the last run"), "{alerts}");
    assert!(alerts.contains("2 versions were taken over"), "{alerts}");
    assert_eq!(subjects(&server).len(), 1, "{:?}", subjects(&server));
}

#[test]
fn what_an_operator_did_is_in_the_copy_after_the_next_run() {
    let server = Server::start(mail::Fault::None, &[]);
    let mut site = one_day_old(&server);
    site.pass(TimeDelta::hours(1));
    site.run(["jobs", "add", "BONABERI/paie", "--cron", "0 8 * * *"]).done();
    site.run(["jobs", "remove", "BONABERI/stock", "--reason", "sold"]).done();
    site.pass(TimeDelta::hours(1));
    site.run(["run"]).silent();
    let listed = site.run(["jobs", "list"]).stdout;
    let history = site.run(["history", "--operators"]).stdout;
    lose(&site, &["state"]);
    site.pass(TimeDelta::minutes(15));
    let _told = site.run(["run"]).exits(0);
    assert_eq!(site.run(["history", "--operators"]).stdout, history);
    assert!(listed.contains("paie") && !listed.contains("stock"), "{listed}");
    let jobs = site.statuses().into_keys().collect::<Vec<_>>();
    assert_eq!(jobs, ["BONABERI/caisse", "BONABERI/paie"]);
}
