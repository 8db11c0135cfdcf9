//! Reports that are none, and names that are none.

use std::fs;
use std::os::unix::fs::symlink;
use std::process::Command;

use chrono::TimeDelta;
use rustix::fs::{CWD, FileType, Mode, mknodat};

use super::{HONEST, HOSTILE, assert_unharmed, honest, is_skipped, run};
use crate::harness::Site;
use crate::report::Report;

/// The site with one more file in the hostile agent's `log/`.
fn with_report(bytes: impl AsRef<[u8]>) -> Site {
    let site = honest();
    site.place(&format!("deposits/{HOSTILE}/log/bad.json"), bytes);
    site
}

/// Rejected once it has settled, told, and nobody else is harmed; gives the words.
fn rejected(mut site: Site) -> String {
    run(&site).silent();
    assert_unharmed(&site);
    site.pass(TimeDelta::minutes(10)).run(["run"]).silent();
    assert_unharmed(&site);
    let told = site.alerts();
    // A readable report ends the trouble.
    site.deposit(&Report::of(HOSTILE).good("DB", "at last"));
    run(&site).silent();
    assert_eq!(site.alerts(), "");
    told
}

#[test]
fn reports_that_cannot_be_read() {
    let half = Report::of(HOSTILE).good("DB", "x").text("2020-06-15T07:00:00Z".parse().unwrap());
    let cases: [(&str, Vec<u8>); 6] = [
        ("empty", vec![]),
        ("half-written", half.as_bytes()[..half.len() / 2].to_vec()),
        ("17 MiB", vec![b' '; 17 << 20]),
        ("binary", vec![0xff; 4096]),
        ("deep", vec![b'['; 900_000]),
        (
            "of another agent",
            Report::of(HONEST).good("DB", "x").text("2020-06-15T07:00:00Z".parse().unwrap()).into(),
        ),
    ];
    let told: Vec<String> =
        cases.map(|(name, bytes)| format!("{name}: {}", rejected(with_report(bytes)))).into();
    insta::assert_snapshot!(told.concat(), @r"
    empty: report_unreadable SIRPACAM_DOUALA_AKWA/-: report `bad.json` is rejected: the report is empty; it may have been cut off on its way
    half-written: report_unreadable SIRPACAM_DOUALA_AKWA/-: report `bad.json` is rejected: the report ends too early: EOF while parsing a string at line 1 column 144; it may have been cut off on its way, send it again whole
    17 MiB: report_unreadable SIRPACAM_DOUALA_AKWA/-: report `bad.json` is rejected: it is larger than 16 MiB
    binary: report_unreadable SIRPACAM_DOUALA_AKWA/-: report `bad.json` is rejected: the report is not UTF-8 (byte 0xFF in line 1); write it as UTF-8
    deep: report_unreadable SIRPACAM_DOUALA_AKWA/-: report `bad.json` is rejected: the report ends too early: EOF while parsing a list at line 1 column 900000; it may have been cut off on its way, send it again whole
    of another agent: report_unreadable SIRPACAM_DOUALA_AKWA/-: report `bad.json` is rejected: the report speaks for another agent: `agent_id` is `SIRPACAM_DOUALA_NEWBELL`, but it lies in the folder of `SIRPACAM_DOUALA_AKWA`; if the agent may call itself so, add that to `aliases` in a rule for it
    ");
}

#[test]
fn reports_that_are_no_regular_files() {
    let path = |site: &Site| {
        let log = site.path(&format!("deposits/{HOSTILE}/log"));
        fs::create_dir_all(&log).unwrap();
        log.join("bad.json")
    };
    let mut told = String::new();
    let mut case = |name: &str, make: &dyn Fn(&std::path::Path)| {
        let site = honest();
        make(&path(&site));
        told.push_str(&format!("{name}: {}", rejected(site)));
    };
    case("folder", &|path| fs::create_dir(path).unwrap());
    case("link", &|path| symlink("/etc/passwd", path).unwrap());
    case("dangling link", &|path| symlink("/nonexistent", path).unwrap());
    case("FIFO", &|path| mknodat(CWD, path, FileType::Fifo, Mode::from_raw_mode(0o644), 0).unwrap());
    if is_skipped("a report that is a device") {
        told.push_str("device: report_unreadable SIRPACAM_DOUALA_AKWA/-: report `bad.json` is rejected: it is a device\n");
    } else {
        case("device", &|path| {
            let made = Command::new("mknod").arg(path).args(["c", "1", "5"]).status().unwrap();
            assert!(made.success());
        });
    }
    insta::assert_snapshot!(told, @r"
    folder: report_unreadable SIRPACAM_DOUALA_AKWA/-: report `bad.json` is rejected: it is a folder
    link: report_unreadable SIRPACAM_DOUALA_AKWA/-: report `bad.json` is rejected: it is a symbolic link
    dangling link: report_unreadable SIRPACAM_DOUALA_AKWA/-: report `bad.json` is rejected: it is a symbolic link
    FIFO: report_unreadable SIRPACAM_DOUALA_AKWA/-: report `bad.json` is rejected: it is a FIFO
    device: report_unreadable SIRPACAM_DOUALA_AKWA/-: report `bad.json` is rejected: it is a device
    ");
}

#[test]
fn dumps_that_are_no_regular_files() {
    let site = honest();
    let names = ["FOLDER", "LINK", "FIFO", "OUTSIDE", "EMPTY"];
    let mut report = Report::of(HOSTILE);
    for name in names {
        report = report.says(name, &format!("{name}.bin"), "the dump");
    }
    report = report.says("OUTSIDE", "../../../../etc/passwd", "the dump");
    site.deposit(&report);
    let dump = |name: &str| site.path(&format!("deposits/{HOSTILE}/databases/{name}.bin"));
    fs::create_dir_all(dump("FOLDER")).unwrap();
    symlink("/etc/passwd", dump("LINK")).unwrap();
    mknodat(CWD, dump("FIFO"), FileType::Fifo, Mode::from_raw_mode(0o644), 0).unwrap();
    site.dump(HOSTILE, "EMPTY.bin", "");
    run(&site).silent();
    let mut site = site;
    site.pass(TimeDelta::minutes(10)).run(["run"]).silent();
    insta::assert_snapshot!(site.alerts(), @r"
    job SIRPACAM_DOUALA_AKWA/EMPTY: the bytes on the server are not the ones that the agent reports: SHA-256 e3b0c44298fc…, reported 2c724c509950…
    job SIRPACAM_DOUALA_AKWA/OUTSIDE: the staged file `passwd` is not in the deposit
    job SIRPACAM_DOUALA_AKWA/FIFO: `FIFO.bin` is a FIFO, not a regular file
    job SIRPACAM_DOUALA_AKWA/LINK: `LINK.bin` is a symbolic link, not a regular file
    job SIRPACAM_DOUALA_AKWA/FOLDER: `FOLDER.bin` is a folder, not a regular file
    ");
    assert_unharmed(&site);
    assert!(!site.tree("validated").contains(HOSTILE));
}

#[test]
fn names_are_foreign_text() {
    let site = honest();
    let good = [
        "quotes \" and ' and `",
        "<img src=x onerror=alert(1)>",
        "émoji 🦀",
        "%s %n ${HOME} $(id)",
        "-rf",
        "con.",
        " blanks ",
    ];
    let bad = ["../../evil", "line\nbreak", "\u{1b}[31mred", "", "..", "back\\slash", &"x".repeat(201)];
    let mut report = Report::of(HOSTILE);
    for (index, name) in good.iter().chain(&bad).enumerate() {
        let (file, bytes) = (format!("{index}.bin"), format!("dump {index}"));
        report = report.says(name, &file, &bytes);
        site.dump(HOSTILE, &file, &bytes);
    }
    site.deposit(&report);
    run(&site).silent();
    insta::assert_snapshot!(site.alerts(), @"name_invalid SIRPACAM_DOUALA_AKWA/-: 7 database names in report `2020-06-15_08-00-00.json` are no names, the first is `../../evil`: no job is made of them");
    let statuses: Vec<String> =
        site.statuses().iter().map(|(name, status)| format!("{name:?} {status}")).collect();
    insta::assert_snapshot!(statuses.join("\n"), @r#"
    "SIRPACAM_DOUALA_AKWA/ blanks " SUCCESS
    "SIRPACAM_DOUALA_AKWA/%s %n ${HOME} $(id)" SUCCESS
    "SIRPACAM_DOUALA_AKWA/-rf" SUCCESS
    "SIRPACAM_DOUALA_AKWA/<img src=x onerror=alert(1)>" SUCCESS
    "SIRPACAM_DOUALA_AKWA/con." SUCCESS
    "SIRPACAM_DOUALA_AKWA/quotes \" and ' and `" SUCCESS
    "SIRPACAM_DOUALA_AKWA/émoji 🦀" SUCCESS
    "SIRPACAM_DOUALA_NEWBELL/DB" SUCCESS
    "#);
    assert_eq!(site.proven_versions(), 1 + good.len());
    assert_unharmed(&site);
    let links = site.tree("validated");
    insta::assert_snapshot!(
        links.lines().filter(|line| line.contains("current_version")).collect::<Vec<_>>().join("\n"), @r#"
        SIRPACAM_DOUALA_AKWA/ blanks /current_version -> versions/20200615T080000Z-2b85da9d
        SIRPACAM_DOUALA_AKWA/%s %n ${HOME} $(id)/current_version -> versions/20200615T080000Z-ea86db81
        SIRPACAM_DOUALA_AKWA/-rf/current_version -> versions/20200615T080000Z-9378a8f6
        SIRPACAM_DOUALA_AKWA/<img src=x onerror=alert(1)>/current_version -> versions/20200615T080000Z-d82d9410
        SIRPACAM_DOUALA_AKWA/con./current_version -> versions/20200615T080000Z-e7566c4f
        SIRPACAM_DOUALA_AKWA/quotes " and ' and `/current_version -> versions/20200615T080000Z-87a70719
        SIRPACAM_DOUALA_AKWA/émoji 🦀/current_version -> versions/20200615T080000Z-7bf863a3
        SIRPACAM_DOUALA_NEWBELL/DB/current_version -> versions/20200615T080000Z-8b9152c4
        "#);
    for entry in walkdir::WalkDir::new(site.path("site")).into_iter().map(Result::unwrap) {
        let name = entry.file_name().to_str().unwrap();
        assert!(name.bytes().all(|b| b.is_ascii_alphanumeric() || b"._-".contains(&b)), "{name:?}");
        if name.ends_with(".html") {
            let page = fs::read_to_string(entry.path()).unwrap();
            assert!(!page.contains("<img src=x"), "{name}");
        }
    }
}

fn run_json(site: &Site) -> serde_json::Value {
    site.run(["run", "--json"]).exits(0).json()
}

#[test]
fn thousands_of_reports_at_once() {
    const MANY: usize = 5_000;
    let site = Site::in_memory();
    site.deposit(&Report::of(HONEST).good("DB", "an honest dump"));
    for index in 0..MANY {
        let report = Report::of(HOSTILE)
            .at(&format!("2020-06-15T07:{:02}:{:02}Z", index / 60 % 60, index % 60))
            .named(&format!("{index}.json"))
            .with("n", index.into())
            .failed("DB", "BACKUP", "disk full");
        site.deposit(&report);
    }
    // What does not fit into the agent's share of a run comes in the next ones, the newest first.
    let first = run_json(&site);
    let judged = |run: &serde_json::Value| run["reports"]["judged"].as_u64().unwrap();
    let mut all = judged(&first);
    assert!((1_000..MANY as u64).contains(&all), "{all}");
    assert_eq!(first["reports"]["waiting"], MANY as u64 + 1 - all);
    assert_unharmed(&site);
    assert!(site.alerts().contains("more new reports than are read in one scan"), "{}", site.alerts());
    while all <= MANY as u64 {
        let next = run_json(&site);
        assert!(judged(&next) >= 1_000.min(MANY as u64 + 1 - all), "{all} {next}");
        all += judged(&next);
    }
    let last = run_json(&site);
    assert_eq!((&last["reports"]["judged"], &last["files_read"]), (&0.into(), &0.into()));
    insta::assert_snapshot!(site.alerts(), @"job SIRPACAM_DOUALA_AKWA/DB: the agent reports that BACKUP failed: disk full");
}
