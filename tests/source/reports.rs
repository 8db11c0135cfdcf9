//! Every shape of SPEC section 3, one file each: `valid/NAME.json` beside `NAME.snap`, which says what was read, and
//! `invalid/NAME.json` beside `NAME.expected`, which holds the message.
//!
//! To add a variant, put a file there; `INSTA_UPDATE=always cargo test --test source` writes what a valid one reads as.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

use backupmon::domain::{AgentId, Checksum, Claim, OwnTime, Report, Step};
use backupmon::source::agent_report::read;

const ALIASES: [&str; 1] = ["newbell-srv01"];

fn agent() -> AgentId {
    AgentId::new("SIRPACAM_DOUALA_NEWBELL").unwrap()
}

#[test]
fn every_valid_report_reads_as_expected() {
    let folder = folder("valid");
    for name in names(&folder, "snap") {
        let bytes = fs::read(folder.join(format!("{name}.json"))).unwrap();
        let report = read(&bytes, &agent(), &ALIASES).unwrap_or_else(|why| panic!("{name}: {why}"));
        let mut settings = insta::Settings::new();
        settings.set_snapshot_path(&folder);
        settings.set_prepend_module_to_snapshot(false);
        settings.set_omit_expression(true);
        settings.bind(|| insta::assert_snapshot!(name.as_str(), summary(&report)));
    }
}

#[test]
fn every_invalid_report_is_rejected_with_its_message() {
    let folder = folder("invalid");
    let mut wrong = Vec::new();
    for name in names(&folder, "expected") {
        let bytes = fs::read(folder.join(format!("{name}.json"))).unwrap();
        let message = read(&bytes, &agent(), &ALIASES).expect_err(&name).to_string();
        let expected = fs::read_to_string(folder.join(format!("{name}.expected"))).unwrap_or_default();
        if expected.trim_end() != message {
            wrong.push(format!("{name}\n  says     {message}\n  not      {expected}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

fn folder(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/reports").join(name)
}

/// The reports of a folder by name. None may be without its expectation, and no expectation without its report;
/// a snapshot that is not written yet is insta's to complain about.
fn names(folder: &Path, expectation: &str) -> BTreeSet<String> {
    let with = |extension: &str| -> BTreeSet<String> {
        let paths = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
        let wanted = paths.filter(|path| path.extension().is_some_and(|found| found == extension));
        wanted.map(|path| path.file_stem().unwrap().to_str().unwrap().to_owned()).collect()
    };
    let (reports, expected) = (with("json"), with(expectation));
    assert!(reports.len() > 20, "{} reports", reports.len());
    assert!(expected.is_subset(&reports), "expectation without a report in {}", folder.display());
    reports
}

fn summary(report: &Report) -> String {
    let mut out = format!("started {}, ended {}\n", time(report.started), time(report.own));
    if let Some(word) = &report.overall_failed {
        writeln!(out, "all failed: {word:?}").unwrap();
    }
    if let Some(text) = &report.logs_summary {
        writeln!(out, "logs: {text:?}").unwrap();
    }
    for entry in &report.entries {
        writeln!(out, "\n{:?}", entry.name).unwrap();
        match &entry.claim {
            Err(reason) => writeln!(out, "  invalid: {reason}").unwrap(),
            Ok(Claim { backup, compress, transfer, staged_file }) => {
                for (name, said) in [("backup", backup), ("compress", compress), ("transfer", transfer)] {
                    if *said != Step::default() {
                        writeln!(out, "  {name:<8} {}", step(said)).unwrap();
                    }
                }
                writeln!(out, "  file     {staged_file:?}").unwrap();
            }
        }
    }
    out
}

fn step(step: &Step) -> String {
    let mut out = if step.done { "done" } else { "FAILED" }.to_owned();
    match &step.checksum {
        Checksum::Absent => {}
        Checksum::Valid(digest) => write!(out, ", sha256 {}…", digest.short(8)).unwrap(),
        Checksum::Invalid(text) => write!(out, ", no sha256 {text:?}").unwrap(),
    }
    if let Some(bytes) = step.size {
        write!(out, ", {bytes} bytes").unwrap();
    }
    for (word, at) in [("from", step.started), ("to", step.ended)] {
        if at != OwnTime::Absent {
            write!(out, ", {word} {}", time(at)).unwrap();
        }
    }
    if let Some(error) = &step.error {
        write!(out, ", says {error:?}").unwrap();
    }
    out
}

fn time(time: OwnTime) -> String {
    match time {
        OwnTime::Absent => "never".to_owned(),
        OwnTime::Zoned(time) => time.format("%Y-%m-%dT%H:%M:%S%.fZ").to_string(),
        OwnTime::Naive(time) => time.format("%Y-%m-%dT%H:%M:%S%.f without zone").to_string(),
    }
}
