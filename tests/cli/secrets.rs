//! What is secret in the configuration stands in nothing that backupmon prints, writes or sends to anybody else.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;

use chrono::TimeDelta;

use crate::harness::{Ran, Site};
use crate::mail::{Fault, Server, section};
use crate::report::Report;

const AGENT: &str = "SIRPACAM_DOUALA_NEWBELL";
const PASSWORD: &str = "canary-of-the-password";
const HOOK: &str = "canary-of-the-webhook";
const BEAT: &str = "canary-of-the-heartbeat";
const CANARIES: [&str; 3] = [PASSWORD, HOOK, BEAT];

/// As the mail server is told it: what must not be logged either.
const ENCODED: [&str; 2] = ["Y2FuYXJ5LW9mLXRoZS1wYXNzd29yZA", "AG1lAGNhbmFyeS1vZi10aGUtcGFzc3dvcmQ"];

/// A fleet with trouble to tell of, to a mail server with this fault and to addresses where nobody listens.
fn site(fault: Fault) -> (Site, Server) {
    let server = Server::start(fault, &[]);
    let site = Site::configured(&format!(
        "{}username = 'me'\npassword_file = 'password'\n[[webhook]]\nkind = 'json'\nurl = 'http://127.0.0.1:9/{HOOK}?token={HOOK}'\n[heartbeat]\nurl = 'http://127.0.0.1:9/{BEAT}'\n",
        section(server.port)
    ));
    let password = site.place("password", format!("{PASSWORD}\n"));
    for path in [password, site.path("config.toml")] {
        fs::set_permissions(path, fs::Permissions::from_mode(0o600)).unwrap();
    }
    site.deposit(&Report::of(AGENT).good("SDMC", "some bytes").failed("PAIE", "BACKUP", "disk full"));
    (site, server)
}

#[track_caller]
fn assert_kept(ran: &Ran, what: &str) {
    let said = ran.to_string();
    for canary in CANARIES.iter().chain(&ENCODED) {
        assert!(!said.contains(canary), "{what} says {canary}:\n{said}");
    }
}

/// Every byte that was written, but in the two files where an operator put the secrets.
fn assert_not_written(site: &Site) {
    let mut files = 0;
    for folder in ["state", "validated", "site", "deposits", "home"] {
        for entry in walkdir::WalkDir::new(site.path(folder)).into_iter().map(Result::unwrap) {
            if entry.file_type().is_file() {
                let bytes = fs::read(entry.path()).unwrap();
                files += 1;
                for canary in CANARIES.iter().chain(&ENCODED) {
                    let found = bytes.windows(canary.len()).any(|window| window == canary.as_bytes());
                    assert!(!found, "{} holds {canary}", entry.path().display());
                }
            }
        }
    }
    assert!(files > 20, "only {files} files were looked at");
}

#[test]
fn secrets_stand_in_no_output_whatever_fails() {
    for fault in [Fault::None, Fault::LoginRefused, Fault::ContentRefused] {
        let (mut site, _server) = site(fault);
        for arguments in [
            &["run", "-vvv"][..],
            &["notify", "-vvv"],
            &["notify", "--dry-run"],
            &["notify", "--test", "ops@example.org", "-vvv"],
            &["notify", "--test", "webhook:1", "-vvv"],
            &["doctor"],
            &["doctor", "--json"],
            &["check"],
            &["report", "-vv"],
            &["jobs", "list", "--json"],
            &["jobs", "export"],
            &["alerts", "list", "--json"],
            &["history", "--json", "--operators"],
            &["state", "backup"],
            &["state", "check", "--json"],
            &["state", "rebuild", "--yes", "-vv"],
            &["run", "-vvv", "--json"],
        ] {
            site.pass(TimeDelta::hours(2));
            assert_kept(&site.run(arguments), &arguments.join(" "));
        }
        assert_not_written(&site);
    }
}

#[test]
fn secrets_stand_in_no_complaint_about_the_configuration() {
    for (section, variable) in [
        (format!("[mail]\npassword = '{PASSWORD}'\n"), None),
        (format!("[mail]\nhost = 'h'\nusername = '{PASSWORD}' = 3\n"), None),
        (format!("[[webhook]]\nkind = 'none such'\nurl = 'gopher://{HOOK}'\n"), None),
        (format!("[heartbeat]\nurl = '{BEAT}'\n"), None),
        ("[mail]\nport = 'x'\n".to_owned(), Some(("BACKUPMON_MAIL__PASSWORD", PASSWORD))),
        (String::new(), Some(("BACKUPMON_MAIL__PASWORD", PASSWORD))),
        (String::new(), Some(("BACKUPMON_HEARTBEAT__URL", BEAT))),
    ] {
        let site = Site::configured(&section);
        let mut call = site.command(["run", "-vvv"]);
        if let Some((name, value)) = variable {
            call = call.env(name, value);
        }
        assert_kept(&call.run(), &section);
    }
}
