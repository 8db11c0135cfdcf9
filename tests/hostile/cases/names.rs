//! Names of files and databases, as a report gives them.

use super::Case;
use crate::ground::{Ground, HONEST, HOSTILE, PAYLOAD};
use crate::report::Report;

const ABSENT: &[&str] = &["DB: FAILED file_absent"];
const INVALID: &[&str] = &["DB: FAILED entry_invalid"];
const ACCEPTED: &[&str] = &["DB: SUCCESS"];
const NO_NAME: &[&str] = &["name_invalid"];

/// `staged_file_name`: only its last component counts, and that is looked up in the agent's own folder.
fn staged_names() -> Vec<(String, &'static [&'static str])> {
    let own = |name: &str| (name.to_owned(), ACCEPTED);
    let absent = |name: &str| (name.to_owned(), ABSENT);
    let invalid = |name: &str| (name.to_owned(), INVALID);
    vec![
        absent("../../../outside/secret"),
        absent("../../../../../../../../etc/passwd"),
        absent("/etc/shadow"),
        (format!("../../{HONEST}/databases/GOOD.bin"), ABSENT),
        absent(r"C:\x\..\..\GOOD.bin"),
        absent(r"\\server\share\GOOD.bin"),
        absent("file:///etc/passwd"),
        absent("%2e%2e%2fDB.bin"),
        absent("DB.bin "),
        absent(" DB.bin"),
        absent("db.BIN"),
        absent("DB.bin\u{202e}"),
        absent("ＤＢ.bin"),
        absent("~"),
        absent("$(touch DB.bin)"),
        absent("*"),
        absent("DB*"),
        absent("-rf"),
        (("x").repeat(255), ABSENT),
        invalid(".."),
        invalid("."),
        invalid(""),
        invalid("   "),
        invalid("DB.bin/"),
        invalid(r"DB.bin\"),
        invalid("databases/.."),
        invalid("DB.bin\0"),
        invalid("DB\n.bin"),
        invalid("DB.bin\r\nBcc: evil@example.org"),
        invalid("\u{1b}[2JDB.bin"),
        invalid("DB.bin\u{85}"),
        (("x").repeat(256), INVALID),
        (("y").repeat(5000), INVALID),
        own("/home/lam/Backup/DB.bin"),
        own(r"root\agent\databases\DB.bin"),
        own("../../../../DB.bin"),
        own("//DB.bin"),
    ]
}

/// Names of databases that are none, and names that only look so.
fn database_names() -> Vec<(String, bool)> {
    let mut names: Vec<(String, bool)> = Vec::new();
    let refused = [
        "../../evil",
        "..",
        ".",
        "",
        "/",
        "/etc/passwd",
        "a/b",
        r"a\b",
        r"..\..\evil",
        "a\nb",
        "a\rb",
        "a\tb",
        "a\0b",
        "\u{1b}[31mred",
        "\u{7f}",
        "\u{85}",
        "\u{9b}31m",
    ];
    names.extend(refused.map(|name| (name.to_owned(), false)));
    names.push(("x".repeat(201), false));
    names.push(("é".repeat(101), false));
    let accepted = [
        "...",
        "-rf",
        "--yes",
        "current_version",
        "versions",
        "SHA256SUMS",
        "report.json",
        ".backupmon",
        ".tmp-1-1",
        "con",
        "a b",
        " ",
        "<script>alert(1)",
        "' OR 1=1; --",
        "=1+1",
        "%s%n",
        "${HOME}",
        "`id`",
        "*",
        "?",
        "😀",
        "\u{202e}evil",
        "\u{feff}",
        "a:b",
        "a|b",
    ];
    names.extend(accepted.map(|name| (name.to_owned(), true)));
    names.push(("x".repeat(200), true));
    names
}

pub fn cases() -> Vec<Case> {
    let mut cases = Vec::new();
    for (name, expected) in staged_names() {
        let shown: String = name.escape_debug().take(60).collect();
        cases.push(Case::new(format!("a staged file called `{shown}`"), expected, move |ground| {
            ground.dump("DB.bin", PAYLOAD);
            ground.report(&Report::of(HOSTILE).says("DB", &name, PAYLOAD));
        }));
    }
    for (name, is_accepted) in database_names() {
        let shown: String = name.escape_debug().take(60).collect();
        let line = format!("{name}: SUCCESS");
        let expected = if is_accepted { vec![line.as_str()] } else { NO_NAME.to_vec() };
        let database = name.clone();
        cases.push(Case::new(format!("a database called `{shown}`"), &expected, move |ground| {
            ground.dump("DB.bin", PAYLOAD);
            ground.report(&Report::of(HOSTILE).says(&database, "DB.bin", PAYLOAD));
        }));
    }
    cases.push(twins());
    cases.push(the_honest_agents_database());
    cases.push(too_many());
    cases
}

/// Names that differ in case alone are two databases, in two folders.
fn twins() -> Case {
    Case::new(
        "databases that differ in case alone",
        &["DB: SUCCESS", "Db: SUCCESS", "db: SUCCESS"],
        |ground| {
            let mut report = Report::of(HOSTILE);
            for name in ["DB", "Db", "db"] {
                report = report.good(name, format!("the dump of {name}"));
            }
            ground.report(&report);
        },
    )
}

/// A database of the honest agent's name is another one: it lies in another agent's folder.
fn the_honest_agents_database() -> Case {
    Case::new("the honest agent's database", &["BAD: SUCCESS", "GOOD: SUCCESS"], |ground| {
        ground.report(&Report::of(HOSTILE).good("GOOD", "not theirs").good("BAD", "not theirs either"));
    })
}

fn too_many() -> Case {
    let mut expected: Vec<String> = (0..1000).map(|n| format!("D{n:04}: FAILED backup_failed")).collect();
    expected.push("too_many_jobs".to_owned());
    let expected: Vec<&str> = expected.iter().map(String::as_str).collect();
    Case::new("1,500 databases in one report", &expected, |ground: &Ground<'_>| {
        let report = (0..1500)
            .fold(Report::of(HOSTILE), |report, n| report.failed(&format!("D{n:04}"), "BACKUP", "disk full"));
        ground.report(&report);
    })
}
