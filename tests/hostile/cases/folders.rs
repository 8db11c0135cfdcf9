//! Folders in the deposit root that look like an agent's, and agents that look like another.

use std::ffi::OsStr;
use std::fs;
use std::os::unix::ffi::OsStrExt as _;

use super::Case;
use crate::ground::{Ground, HONEST, HOSTILE, PAYLOAD};
use crate::report::Report;

/// Folders that become agents of their own, beside the honest one.
const AGENTS: [&str; 11] = [
    "sirpacam_douala_newbell",
    "SIRPACAM_DOUALA_NEWBEL",
    "SIRPACAM_DOUALA_NEWBELL_",
    "SIRPACAM_DOUALA_NEWBELL ",
    "SIRPАCAM_DOUALA_NEWBELL",
    "-rf",
    "current_version",
    "<img src=x onerror=alert(1)>",
    "' OR 1=1; --",
    "é 😀",
    "\u{202e}LLEBWEN",
];

/// Folders that no name of an agent can be.
const NO_AGENTS: [&[u8]; 6] =
    [b"line\nbreak", b"\x1b[31mred", b"back\\slash", b"caf\xe9", b"bell\x07", b"\x7f"];

/// Folders that are not looked into.
const IGNORED: [&str; 5] = ["_archive", ".snapshot", "lost+found", "..SIRPACAM", "_SIRPACAM_DOUALA_NEWBELL"];

pub fn cases() -> Vec<Case> {
    let mut cases = Vec::new();
    for agent in AGENTS {
        let line = format!("{agent}/DB: SUCCESS");
        cases.push(Case::new(
            format!("an agent called `{}`", agent.escape_debug()),
            &[&line],
            move |ground| {
                ground.report(&Report::of(agent).good("DB", PAYLOAD));
            },
        ));
    }
    for folder in NO_AGENTS {
        let name = format!("a folder called `{}`", folder.escape_ascii());
        cases.push(Case::new(name, &["name_invalid"], move |ground| {
            let path = ground.site.path("deposits").join(OsStr::from_bytes(folder)).join("log");
            fs::create_dir_all(&path).unwrap();
            fs::write(path.join("x.json"), Ground::good_report("")).unwrap();
        }));
    }
    let long = "X".repeat(201);
    cases.push(Case::new("a folder with a name of 201 bytes", &["name_invalid"], move |ground| {
        ground.site.place(&format!("deposits/{long}/log/x.json"), "{}");
    }));
    for folder in IGNORED {
        cases.push(Case::new(format!("a folder called `{folder}`"), &[], move |ground| {
            ground.report(&Report::of(folder).good("DB", PAYLOAD));
        }));
    }
    cases.extend(speakers());
    cases
}

/// An agent is the folder that it writes in, whatever its report says.
fn speakers() -> Vec<Case> {
    let says = |name: &str, agent_id: &'static str, expected: &[&str]| {
        Case::new(format!("a report that says it is {name}"), expected, move |ground: &Ground<'_>| {
            ground.dump("GOOD.bin", PAYLOAD);
            let report = Report::of(HOSTILE).says("GOOD", "GOOD.bin", PAYLOAD);
            ground.report(&report.with("agent_id", agent_id.into()));
        })
    };
    vec![
        says("the honest agent", HONEST, &["report_unreadable"]),
        says("the honest agent, by a path", "../SIRPACAM_DOUALA_NEWBELL", &["report_unreadable"]),
        says("the honest agent, in lower case", "sirpacam_douala_newbell", &["report_unreadable"]),
        says("nobody", "", &["report_unreadable"]),
        says("everybody", "*", &["report_unreadable"]),
        says(
            "itself and one more line",
            "HYDROCAM_KRIBI_PORT\nSIRPACAM_DOUALA_NEWBELL",
            &["report_unreadable"],
        ),
        says("itself, in lower case", "hydrocam_kribi_port", &["GOOD: SUCCESS"]),
        Case::new(
            "the honest agent's own report, sent again",
            &["report_unreadable"],
            |ground: &Ground<'_>| {
                let theirs =
                    fs::read(ground.site.path(&format!("deposits/{HONEST}/log/2020-06-15_08-00-00.json")))
                        .unwrap();
                ground.raw_report(theirs);
            },
        ),
    ]
}
