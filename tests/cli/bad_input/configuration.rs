//! Configurations that do not hold.

use super::{assert_unharmed, honest, run};
use crate::mail;

#[test]
fn wrong_keys_and_values_are_all_named_with_their_lines() {
    let site = honest();
    site.configure("[scan]\nsettel = '10min'\narrival = '6 hours or so'\ntrial_days = -1\n[mial]\nhost = 'x'\n[defaults]\nat = ['25:00']\ntimezone = 'Africa/Duala'\n");
    insta::assert_snapshot!(run(&site), @r"
    exit 2
    --- stderr
    error: the configuration has 6 faults:
      $SITE/config.toml:9: [scan] settel: is not known; did you mean `settle`?
      $SITE/config.toml:10: [scan] arrival: `6 hours or so` is no duration; write for example `90s`, `15min`, `2h`, `7d` or `4w`
      $SITE/config.toml:11: [scan] trial_days: is integer `-1`, expected a whole number
      $SITE/config.toml:12: [mial]: is no known section; did you mean `mail`?
      $SITE/config.toml:15: [defaults] at: `25:00` is no time of day; write for example `13:00`
      $SITE/config.toml:16: [defaults] timezone: `Africa/Duala` is no time zone; write an IANA name, for example `Africa/Douala`
    ");
    assert!(!site.path("state").exists(), "nothing was done");
}

#[test]
fn a_configuration_that_is_no_toml() {
    let site = honest();
    site.configure("[scan\n");
    insta::assert_snapshot!(run(&site), @r"
    exit 2
    --- stderr
    error: $SITE/config.toml:10: is no TOML: unclosed table, expected `]`
    ");
    site.configure("[mail]\nfrom = \"backupmon\n");
    insta::assert_snapshot!(run(&site), @r#"
    exit 2
    --- stderr
    error: $SITE/config.toml:11: is no TOML: invalid basic string, expected `"`
    "#);
}

#[test]
fn a_configuration_that_is_not_there() {
    let site = honest();
    std::fs::remove_file(site.path("config.toml")).unwrap();
    insta::assert_snapshot!(run(&site), @r"
    exit 2
    --- stderr
    error: cannot read the configuration `$SITE/config.toml`: No such file or directory (os error 2)
    ");
    std::fs::create_dir(site.path("config.toml")).unwrap();
    insta::assert_snapshot!(run(&site), @r"
    exit 2
    --- stderr
    error: cannot read the configuration `$SITE/config.toml`: Is a directory (os error 21)
    ");
}

#[test]
fn a_wrong_override_from_the_environment() {
    let site = honest().env("BACKUPMON_SCAN__SETTLE", "soon").env("BACKUPMON_SCAN__SETTEL", "1h");
    insta::assert_snapshot!(run(&site), @r"
    exit 2
    --- stderr
    error: the configuration has 2 faults:
      environment variable BACKUPMON_SCAN__SETTEL: [scan] settel: is not known; did you mean `settle`?
      environment variable BACKUPMON_SCAN__SETTLE: [scan] settle: `soon` is no duration; write for example `90s`, `15min`, `2h`, `7d` or `4w`
    ");
}

#[test]
fn folders_inside_one_another() {
    let site = honest();
    site.place("config.toml", "[paths]\ndeposits = 'deposits'\nvalidated = 'deposits/validated'\nstate = 'state/state.db'\nsite = 'state'\n");
    insta::assert_snapshot!(run(&site), @r"
    exit 2
    --- stderr
    error: the configuration has 2 faults:
      $SITE/config.toml:3: [paths] validated: `$SITE/deposits/validated` lies inside a deposit folder, where agents write; name another folder
      $SITE/config.toml:4: [paths] state: `$SITE/state/state.db` lies inside `site`, which a web server shows to others; name another folder
    ");
}

#[test]
fn a_password_that_others_can_read() {
    let site = honest();
    let path = site.place("password", "hunter2\n");
    site.configure(&format!("{}username = 'me'\npassword_file = '{}'\n", mail::section(25), path.display()));
    std::fs::set_permissions(&path, std::os::unix::fs::PermissionsExt::from_mode(0o644)).unwrap();
    let refused = run(&site).exits(2);
    insta::assert_snapshot!(refused, @r"
    exit 2
    --- stderr
    error: the configuration has 2 faults:
      $SITE/config.toml:17: [mail] username: has no password; set `password_file`, the systemd credential `mail_password` or `BACKUPMON_MAIL__PASSWORD`
      $SITE/config.toml:18: [mail] password_file: `$SITE/password` can be read by others than its owner; run `chmod 600 $SITE/password`
    ");
    assert!(!refused.to_string().contains("hunter2"));
    site.configure("");
    run(&site).silent();
    assert_unharmed(&site);
}

#[test]
fn a_language_that_nobody_speaks() {
    let site = honest();
    site.configure("[site]\nlanguage = 'de'\n");
    insta::assert_snapshot!(run(&site), @r"
    exit 2
    --- stderr
    error: `language` of [site]: `de` is not spoken
    hint: write `en` or `fr`
    ");
    assert!(!site.path("state").exists(), "nothing was done");
}
