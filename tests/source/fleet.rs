//! The example fleet shows what its README says it shows.

use std::fmt::Write as _;
use std::path::Path;

use backupmon::domain::{Checksum, Digest, Report};
use backupmon::source::deposit::{DepositTree, FolderNames};
use backupmon::source::{FoundAgent, Source, agent_report};

/// Agent, database and what its newest report amounts to, before anybody looks inside.
const SHOWN: &str = "\
HYDROCAM_GAROUA_PLATEAU PERSONNEL_GAROUA_2026 agrees
HYDROCAM_GAROUA_PLATEAU RELEVES_GAROUA_2025 agrees
HYDROCAM_GAROUA_PLATEAU RELEVES_GAROUA_2026 agrees
HYDROCAM_KRIBI_PORT ABONNES_KRIBI_2026 it is not there
HYDROCAM_KRIBI_PORT FACTURES_KRIBI_2026 agrees
HYDROCAM_KRIBI_PORT RELEVES_KRIBI_2026 agrees
SIRPACAM_DOUALA_NEWBELL COMPTA_NEWBELL_2024 agrees, as the day before
SIRPACAM_DOUALA_NEWBELL COMPTA_NEWBELL_2025 agrees, as the day before
SIRPACAM_DOUALA_NEWBELL COMPTA_NEWBELL_2026 agrees
SIRPACAM_DOUALA_NEWBELL PAIE_NEWBELL_2026 failed
SIRPACAM_YAOUNDE_MOKOLO CAISSE_MOKOLO_2026 agrees
SIRPACAM_YAOUNDE_MOKOLO STOCK_MOKOLO_2026 agrees
SIRPACAM_YAOUNDE_MOKOLO VENTES_MOKOLO_2026 differs
";

#[test]
fn the_example_fleet_shows_what_it_is_to_show() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/deposits");
    let source = DepositTree::new(vec![root], FolderNames::default());
    let mut shown = String::new();
    let found = source.agents();
    assert!(found.invalid.is_empty() && found.unreadable_roots.is_empty());
    for agent in found.agents {
        let mut reports: Vec<Report> = source
            .reports(&agent)
            .unwrap()
            .files
            .iter()
            .map(|report| {
                let (bytes, _) = source.read_report(&agent, &report.file).unwrap();
                agent_report::read(&bytes, &agent.id, &[]).unwrap()
            })
            .collect();
        let newest = reports.pop().unwrap();
        let mut lines: Vec<String> = newest
            .entries
            .iter()
            .map(|entry| {
                let claim = entry.claim.as_ref().unwrap();
                let steps_done = claim.backup.done && claim.compress.done && claim.transfer.done;
                let outcome = if steps_done {
                    compared(&source, &agent, claim.staged_file.as_deref(), &claim.compress.checksum)
                } else {
                    "failed".to_owned()
                };
                let earlier = reports
                    .iter()
                    .flat_map(|report| &report.entries)
                    .find(|earlier| earlier.name == entry.name);
                let same = earlier.is_some_and(|earlier| {
                    earlier.claim.as_ref().unwrap().compress.checksum == claim.compress.checksum
                });
                format!(
                    "{} {} {outcome}{}",
                    agent.id,
                    entry.name,
                    if same { ", as the day before" } else { "" }
                )
            })
            .collect();
        lines.sort();
        for line in lines {
            writeln!(shown, "{line}").unwrap();
        }
    }
    assert_eq!(shown, SHOWN);
}

fn compared(source: &DepositTree, agent: &FoundAgent, file: Option<&str>, said: &Checksum) -> String {
    let mut bytes = Vec::new();
    match source.open(agent, file.unwrap()) {
        Err(fault) => return fault.to_string(),
        Ok(mut staged) => staged.read_to_end(&mut bytes).unwrap(),
    };
    if *said == Checksum::Valid(Digest::of(&bytes)) { "agrees" } else { "differs" }.to_owned()
}
