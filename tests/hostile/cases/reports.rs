//! Reports: their bytes, their JSON, and what stands in an entry.

use super::Case;
use crate::ground::{Ground, HOSTILE, PAYLOAD, digest};
use crate::report::Report;

const REJECTED: &[&str] = &["report_unreadable"];
const INVALID: &[&str] = &["DB: FAILED entry_invalid"];
const ACCEPTED: &[&str] = &["DB: SUCCESS"];

/// A whole report; `DB.bin` lies beside it.
fn raw(name: &str, expected: &[&str], bytes: impl Fn() -> Vec<u8> + Send + Sync + 'static) -> Case {
    Case::new(format!("a report that {name}"), expected, move |ground| {
        ground.dump("DB.bin", PAYLOAD);
        ground.raw_report(bytes());
    })
}

/// The entry of `DB`, which is true where it says nothing else.
fn entry(name: &str, expected: &[&str], entry: impl Into<String>) -> Case {
    let entry = entry.into().replace("SHA", &digest());
    Case::new(format!("an entry with {name}"), expected, move |ground| ground.entry(&entry))
}

pub fn cases() -> Vec<Case> {
    [bytes(), structure(), steps(), checksums(), times(), floods()].into_iter().flatten().collect()
}

fn utf16(text: &str, order: fn(u16) -> [u8; 2]) -> Vec<u8> {
    std::iter::once(0xfeff).chain(text.encode_utf16()).flat_map(order).collect()
}

fn bytes() -> Vec<Case> {
    let good = || Ground::good_report("");
    vec![
        raw("is empty", REJECTED, Vec::new),
        raw("is all blanks", REJECTED, || vec![b' '; 4096]),
        raw("is all zeros", REJECTED, || vec![0; 4096]),
        raw("is binary", REJECTED, || (0..=255).collect()),
        raw("is a gzip file", REJECTED, || b"\x1f\x8b\x08\0\0\0\0\0\0\x03".to_vec()),
        raw("is cut in the middle", REJECTED, move || good().as_bytes()[..100].to_vec()),
        raw("is UTF-16, little end first", REJECTED, move || utf16(&good(), u16::to_le_bytes)),
        raw("is UTF-16, big end first", REJECTED, move || utf16(&good(), u16::to_be_bytes)),
        raw("is Latin-1", REJECTED, || b"{\"agent_id\": \"caf\xe9\", \"databases\": {}}".to_vec()),
        raw("holds half a surrogate", REJECTED, || good_with_name(r"\ud800")),
        raw("has a byte order mark", ACCEPTED, move || format!("\u{feff}{}", good()).into()),
        raw("has two byte order marks", REJECTED, move || format!("\u{feff}\u{feff}{}", good()).into()),
        raw("has Windows line ends", ACCEPTED, move || good().replace(' ', "\r\n").into()),
        raw("is followed by another", REJECTED, move || format!("{}{}", good(), good()).into()),
        raw("is followed by a zero byte", REJECTED, move || format!("{}\0", good()).into()),
        raw("has comments", REJECTED, move || good().replacen('{', "{ // it went well\n", 1).into()),
        raw("has a trailing comma", REJECTED, move || good().replace("}}}", "}},}").into()),
        raw("has single quotes", REJECTED, move || good().replace('"', "'").into()),
        raw("is larger than 16 MiB", REJECTED, move || format!("{}{}", good(), " ".repeat(16 << 20)).into()),
        raw("is nearly 16 MiB and true", ACCEPTED, move || {
            format!("{}{}", good(), " ".repeat(15 << 20)).into()
        }),
    ]
}

fn good_with_name(name: &str) -> Vec<u8> {
    format!(r#"{{"agent_id": "{HOSTILE}", "databases": {{"{name}": {}}}}}"#, Ground::good_entry()).into()
}

fn structure() -> Vec<Case> {
    let report = |agent: &str, databases: &str| {
        let text = format!(r#"{{"agent_id": {agent}, "databases": {databases}}}"#).replace("SELF", HOSTILE);
        move || text.clone().into_bytes()
    };
    let own = r#""SELF""#;
    let deep = |count: usize| format!(r#""x": {}{},"#, "[".repeat(count), "]".repeat(count));
    let twice = format!(r#"{{"DB": {0}, "DB": {0}}}"#, Ground::good_entry());
    let escaped = format!(r#"{{"DB": {0}, "\u0044B": {0}}}"#, Ground::good_entry());
    vec![
        raw("is a list", REJECTED, || b"[]".to_vec()),
        raw("is a number", REJECTED, || b"1e999".to_vec()),
        raw("is `null`", REJECTED, || b"null".to_vec()),
        raw("is 900,000 open brackets", REJECTED, || vec![b'['; 900_000]),
        raw("is 900,000 open objects", REJECTED, || br#"{"a":"#.repeat(900_000)),
        raw("is true beside a deep list", ACCEPTED, move || Ground::good_report(&deep(100)).into()),
        raw("names no agent", REJECTED, || br#"{"databases": {}}"#.to_vec()),
        raw("names `null` as its agent", REJECTED, report("null", "{}")),
        raw("names a number as its agent", REJECTED, report("1", "{}")),
        raw("names a list of agents", REJECTED, report(r#"["SELF"]"#, "{}")),
        raw("names two agents", REJECTED, report(r#""SELF", "agent_id": "SIRPACAM_DOUALA_NEWBELL""#, "{}")),
        raw("names its agent twice", REJECTED, report(r#""SELF", "agent_id": "SELF""#, "{}")),
        raw("has no databases", REJECTED, || format!(r#"{{"agent_id": "{HOSTILE}"}}"#).into()),
        raw("has a list of databases", REJECTED, report(own, "[]")),
        raw("has databases twice", REJECTED, report(own, r#"{}, "databases": {}"#)),
        raw("has `null` for databases", REJECTED, report(own, "null")),
        raw("names a database twice", REJECTED, report(own, &twice)),
        raw("names a database twice, once escaped", REJECTED, report(own, &escaped)),
        raw("holds NaN", REJECTED, report(own, r#"{"DB": {"BACKUP": {"size": NaN}}}"#)),
        raw("holds an open entry", REJECTED, report(own, r#"{"DB": {"BACKUP": {}"#)),
    ]
}

fn steps() -> Vec<Case> {
    let size = |value: &str| {
        format!(r#"{{"COMPRESS": {{"sha256": "SHA", "size": {value}}}, "staged_file_name": "DB.bin"}}"#)
    };
    let status = |value: &str| {
        format!(r#"{{"COMPRESS": {{"status": {value}, "sha256": "SHA"}}, "staged_file_name": "DB.bin"}}"#)
    };
    vec![
        entry("nothing in it", INVALID, "{}"),
        entry("`null` for all", INVALID, "null"),
        entry("a list for all", INVALID, "[]"),
        entry("a text for all", INVALID, r#""DB.bin""#),
        entry("a section that is a list", INVALID, r#"{"COMPRESS": [], "staged_file_name": "DB.bin"}"#),
        entry(
            "a section twice",
            INVALID,
            r#"{"COMPRESS": {"sha256": "SHA"}, "compress": {"status": false}, "staged_file_name": "DB.bin"}"#,
        ),
        entry(
            "a checksum twice",
            INVALID,
            r#"{"COMPRESS": {"sha256": "SHA", "sha256": "SHA"}, "staged_file_name": "DB.bin"}"#,
        ),
        entry(
            "two names of the file",
            INVALID,
            r#"{"COMPRESS": {"sha256": "SHA"}, "staged_file_name": "DB.bin", "staged_file_name": "X"}"#,
        ),
        entry("a number for the file", INVALID, r#"{"COMPRESS": {"sha256": "SHA"}, "staged_file_name": 1}"#),
        entry("no name of the file", INVALID, r#"{"COMPRESS": {"sha256": "SHA"}}"#),
        entry("a negative size", INVALID, size("-1")),
        entry("half a byte", INVALID, size("29.5")),
        entry("a size in powers of ten", INVALID, size("1e30")),
        entry("a size over all files", INVALID, size("99999999999999999999")),
        entry("a size in words", INVALID, size(r#""many""#)),
        entry("a list for a size", INVALID, size("[29]")),
        entry("another size than the file's", ACCEPTED, size("30")),
        entry("the word `maybe` for a status", INVALID, status(r#""maybe""#)),
        entry("2 for a status", INVALID, status("2")),
        entry("an object for a status", INVALID, status("{}")),
        entry("the text `False` for a status", &["DB: FAILED compress_failed"], status(r#""False""#)),
        entry("the text `0` for a status", &["DB: FAILED compress_failed"], status(r#""0""#)),
        entry(
            "300 KiB of junk",
            INVALID,
            format!(
                r#"{{"x": "{}", "COMPRESS": {{"sha256": "SHA"}}, "staged_file_name": "DB.bin"}}"#,
                "x".repeat(300 << 10)
            ),
        ),
        entry(
            "an error of 100 KiB",
            &["DB: FAILED backup_failed"],
            format!(r#"{{"BACKUP": {{"status": false, "error": "{}"}}}}"#, "\\u001b<script>".repeat(7000)),
        ),
    ]
}

fn checksums() -> Vec<Case> {
    let compress =
        |value: &str| format!(r#"{{"COMPRESS": {{"sha256": {value}}}, "staged_file_name": "DB.bin"}}"#);
    let hash_invalid = &["DB: HASH_MISMATCH hash_invalid"];
    vec![
        entry("a checksum of junk", hash_invalid, compress(r#""INVALID_HASH_1_1""#)),
        entry("a checksum of 63 digits", hash_invalid, compress(&format!(r#""{}""#, &digest()[1..]))),
        entry("a checksum of 65 digits", hash_invalid, compress(&format!(r#""0{}""#, digest()))),
        entry("an MD5 for a checksum", hash_invalid, compress(r#""d41d8cd98f00b204e9800998ecf8427e""#)),
        entry(
            "a checksum in wide digits",
            hash_invalid,
            compress(&format!(r#""{}""#, "\u{ff10}".repeat(64))),
        ),
        entry(
            "two checksums that differ",
            hash_invalid,
            format!(
                r#"{{"COMPRESS": {{"sha256": "SHA", "sha256_checksum": "{}"}}, "staged_file_name": "DB.bin"}}"#,
                "0".repeat(64)
            ),
        ),
        entry("a number for a checksum", INVALID, compress("0")),
        entry(
            "a checksum of other bytes",
            &["DB: HASH_MISMATCH hash_differs"],
            compress(&format!(r#""{}""#, "0".repeat(64))),
        ),
        entry(
            "a checksum in capitals, with blanks",
            ACCEPTED,
            compress(&format!(r#""  {} ""#, digest().to_uppercase())),
        ),
        entry(
            "no checksum and another size",
            &["DB: HASH_MISMATCH size_differs"],
            r#"{"COMPRESS": {"status": true, "size": 30}, "staged_file_name": "DB.bin"}"#,
        ),
        entry(
            "no checksum and no size",
            INVALID,
            r#"{"COMPRESS": {"status": true}, "staged_file_name": "DB.bin"}"#,
        ),
    ]
}

fn times() -> Vec<Case> {
    // The clock of the site stands at 2020-06-15 08:00.
    let at = |name: &str, time: &'static str, expected: &[&str]| {
        raw(&format!("was made {name}"), expected, move || {
            Ground::good_report(&format!(r#""operation_end_time": {time},"#)).into()
        })
    };
    let skewed = &["DB: SUCCESS", "clock_skew"];
    vec![
        at("in 2099", r#""2099-01-01T00:00:00Z""#, skewed),
        at("in 9999", r#""9999-12-31T23:59:59Z""#, skewed),
        at("in an hour", r#""2020-06-15T09:00:00Z""#, skewed),
        at("in a zone that does not exist", r#""2020-06-15T08:00:00+99:99""#, ACCEPTED),
        at("at a leap second", r#""2016-12-31T23:59:60Z""#, ACCEPTED),
        at("in 1970", r#""1970-01-01T00:00:00Z""#, ACCEPTED),
        at("before the epoch", r#""1901-01-01T00:00:00Z""#, ACCEPTED),
        at("in the year 0", r#""0000-00-00T00:00:00Z""#, ACCEPTED),
        at("in a year of nine digits", r#""999999999-01-01T00:00:00Z""#, ACCEPTED),
        at("on 30 February", r#""2020-02-30T00:00:00Z""#, ACCEPTED),
        at("at a number", "1592208000", ACCEPTED),
        at("at a list", "[1]", ACCEPTED),
        at("in words", r#""yesterday; rm -rf /""#, ACCEPTED),
    ]
}

fn floods() -> Vec<Case> {
    vec![
        Case::new("300 reports of one second", &["DB: FAILED backup_failed"], |ground: &Ground<'_>| {
            for n in 0..300 {
                let report = Report::of(HOSTILE).named(&format!("{n}.json")).with("n", n.into());
                ground.report(&report.failed("DB", "BACKUP", "disk full"));
            }
        }),
        Case::new("300 reports that are none", REJECTED, |ground: &Ground<'_>| {
            for n in 0..300 {
                ground.file(&format!("log/{n}.json"), format!("{{{n}"));
            }
        }),
        // All at once they would take more memory than a run may have.
        Case::new(
            "300 reports of 1,000 entries",
            &["name_invalid", "deposit_unreadable"],
            |ground: &Ground<'_>| {
                let entries: Vec<String> = (0..1000).map(|n| format!(r#""/{n}": {{}}"#)).collect();
                let entries = entries.join(",");
                for n in 0..300 {
                    let time = format!("2020-06-14T{:02}:{:02}:00Z", n / 60, n % 60);
                    let report = format!(
                        r#"{{"agent_id": "{HOSTILE}", "operation_end_time": "{time}", "databases": {{{entries}}}}}"#
                    );
                    ground.file(&format!("log/{n:03}.json"), report);
                }
            },
        ),
        raw("names 25,000 databases", REJECTED, || {
            let entries: Vec<String> = (0..25_000).map(|n| format!(r#""D{n}": 0"#)).collect();
            format!(r#"{{"agent_id": "{HOSTILE}", "databases": {{{}}}}}"#, entries.join(",")).into()
        }),
        Case::new("3,000 files that no report names", &["DB: SUCCESS"], |ground: &Ground<'_>| {
            for n in 0..3000 {
                ground.dump(&format!("junk-{n}"), "");
            }
            ground.report(&Report::of(HOSTILE).good("DB", PAYLOAD));
        }),
    ]
}
