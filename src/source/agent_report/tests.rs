use proptest::prelude::*;

use super::*;
use crate::domain::{Checksum, Claim, Step};

const SHA: &str = "292394b639b625ea7e1a79cd1a2a122c16b6e0955b20095ca693751656b6739f";

fn agent() -> AgentId {
    AgentId::new("SITE").unwrap()
}

/// Reads a report with one database.
fn claim(entry: &str) -> Result<Claim, String> {
    let text = format!(r#"{{"agent_id": "SITE", "databases": {{"DB": {entry}}}}}"#);
    read(text.as_bytes(), &agent(), &[]).unwrap().entries.remove(0).claim
}

#[test]
fn a_status_is_a_known_word_in_any_case_or_no_status() {
    let status = |value: &str| {
        claim(&format!(r#"{{"BACKUP": {{"status": {value}, "size": 5}}}}"#)).map(|c| c.backup.done)
    };
    for word in
        ["true", "1", r#""True""#, r#"" TRUE ""#, r#""1""#, r#""success""#, r#""Ok""#, r#""completed""#]
    {
        assert_eq!(status(word), Ok(true), "{word}");
    }
    for word in ["false", "0", r#""False""#, r#""0""#, r#""failed""#, r#""FAILURE""#, r#""error""#] {
        assert_eq!(status(word), Ok(false), "{word}");
    }
    for word in ["null", r#""""#, r#""null""#] {
        assert_eq!(status(word), Ok(true), "{word}: the size says that it is done");
    }
    for word in ["2", "1.0", "[]", "{}", r#""maybe""#, r#""\ud800""#] {
        assert!(status(word).is_err_and(|why| why.starts_with("`BACKUP.status` is `")), "{word}");
    }
}

#[test]
fn a_step_without_status_is_done_when_it_carries_a_result_or_is_absent() {
    for (section, done) in [
        ("{}", false),
        ("null", true),
        (r#"{"size": 0}"#, false),
        (r#"{"size": "7"}"#, true),
        (r#"{"size": "", "size_bytes": 7}"#, true),
        (r#"{"sha256": "", "sha256_checksum": null}"#, false),
        (r#"{"sha256": "placeholder-raw-hash"}"#, true),
        (r#"{"start_time": "2026-06-15T04:00:00Z", "end_time": ""}"#, false),
        (r#"{"timestamp": "2026-06-15T04:00:00Z"}"#, true),
        (r#"{"error": "disk full"}"#, false),
    ] {
        assert_eq!(claim(&format!(r#"{{"TRANSFER": {section}}}"#)).unwrap().transfer.done, done, "{section}");
    }
    assert!(claim("{}").unwrap().transfer.done);
}

#[test]
fn checksums_agree_whatever_their_case_or_are_invalid() {
    let upper = SHA.to_uppercase();
    let valid = Checksum::Valid(SHA.parse().unwrap());
    for (keys, wanted) in [
        (format!(r#""sha256": " {upper} ""#), valid.clone()),
        (format!(r#""sha256": "{upper}", "sha256_checksum": "{SHA}\n""#), valid.clone()),
        (format!(r#""sha256": "", "sha256_checksum": "{SHA}""#), valid),
        (r#""sha256": null"#.into(), Checksum::Absent),
        (r#""sha256": "INVALID_HASH_1_1""#.into(), Checksum::Invalid("INVALID_HASH_1_1".into())),
        (
            r#""sha256": "a", "sha256_checksum": "b""#.into(),
            Checksum::Invalid("two that differ: b and a".into()),
        ),
    ] {
        assert_eq!(
            claim(&format!(r#"{{"COMPRESS": {{{keys}}}}}"#)).unwrap().compress.checksum,
            wanted,
            "{keys}"
        );
    }
    assert!(claim(r#"{"COMPRESS": {"sha256": 5}}"#).is_err());
    let contradiction =
        format!(r#"{{"COMPRESS": {{"sha256": "{SHA}"}}, "sha256": "{}"}}"#, SHA.replace('2', "3"));
    assert!(matches!(claim(&contradiction).unwrap().compress.checksum, Checksum::Invalid(_)));
}

#[test]
fn a_size_is_a_whole_number_that_a_file_can_have() {
    let size =
        |value: &str| claim(&format!(r#"{{"COMPRESS": {{"size": {value}}}}}"#)).map(|c| c.compress.size);
    for (value, bytes) in [
        ("62233088", Some(62_233_088)),
        (r#"" 62233088 ""#, Some(62_233_088)),
        ("9223372036854775807", Some(i64::MAX.unsigned_abs())),
        ("0", Some(0)),
        (r#""""#, None),
        ("null", None),
    ] {
        assert_eq!(size(value), Ok(bytes), "{value}");
    }
    for junk in
        ["-1", "-0", "1.5", "1e3", "9223372036854775808", "1e400", r#""+5""#, r#""12 kB""#, "true", "[1]"]
    {
        assert!(size(junk).is_err_and(|why| why.ends_with("expected a whole number of bytes")), "{junk}");
    }
}

#[test]
fn times_are_read_in_all_forms_with_and_without_zone() {
    let utc = |text: &str| OwnTime::Zoned(text.parse().unwrap());
    let naive = |text: &str| OwnTime::Naive(text.parse().unwrap());
    for (text, wanted) in [
        ("2025-06-12T12:53:52Z", utc("2025-06-12T12:53:52Z")),
        ("2025-06-12t12:53:52z", utc("2025-06-12T12:53:52Z")),
        ("2025-06-19T23:09:10.967071", naive("2025-06-19T23:09:10.967071")),
        (" 2025-06-20 08:10:40.262965 ", naive("2025-06-20T08:10:40.262965")),
        ("2025-06-20 08:37:35.142592Z", utc("2025-06-20T08:37:35.142592Z")),
        ("2025-06-20T08:37:35+01:00", utc("2025-06-20T07:37:35Z")),
        ("2025-06-20 08:37:35.5 +0530", utc("2025-06-20T03:07:35.5Z")),
        ("2025-06-20 08:37:35-03", utc("2025-06-20T11:37:35Z")),
    ] {
        assert_eq!(fields::time(text), wanted, "{text}");
    }
    for junk in [
        "",
        "yesterday",
        "2025-06-20",
        "2025-13-01T00:00:00Z",
        "0000-00-00 00:00:00",
        "0001-01-01T00:00:00",
        "+99999-01-01T00:00:00Z",
        "2025-06-20T08:37:35Z and more",
    ] {
        assert_eq!(fields::time(junk), OwnTime::Absent, "{junk}");
    }
    assert!(claim(r#"{"BACKUP": {"end_time": 1750408655}}"#).is_err());
}

#[test]
fn of_a_path_on_the_agents_machine_only_the_last_component_counts() {
    let staged = |path: &str| claim(&format!(r#"{{"staged_file_name": {path}}}"#)).map(|c| c.staged_file);
    for (path, name) in [
        (r#""X.zst""#, Some("X.zst")),
        (r#""/home/lam/Backup/X.zst""#, Some("X.zst")),
        (r#""root\\agent\\databases\\X.zst""#, Some("X.zst")),
        (r#""../../../etc/passwd""#, Some("passwd")),
        (r#""C:\\a/b\\é 😀.sql""#, Some("é 😀.sql")),
        (r#""""#, None),
        (r#""folder/""#, None),
        ("null", None),
    ] {
        assert_eq!(staged(path), Ok(name.map(str::to_owned)), "{path}");
    }
    let long = format!(r#""{}""#, "x".repeat(256));
    for bad in [r#""..""#, r#""a/.""#, r#""a\nb""#, r#""a\u0000b""#, r#""a\u0085b""#, "5", "[]", &long] {
        assert!(staged(bad).is_err_and(|why| why.starts_with("`staged_file_name` is `")), "{bad}");
    }
}

#[test]
fn a_flat_entry_speaks_of_the_staged_file() {
    let flat =
        claim(&format!(r#"{{"staged_file_name": "X", "sha256_checksum": "{SHA}", "size_bytes": "9"}}"#))
            .unwrap();
    assert_eq!((flat.compress.done, flat.compress.size), (true, Some(9)));
    assert_eq!(flat.compress.checksum, Checksum::Valid(SHA.parse().unwrap()));
    assert_eq!(flat.backup, Step::default());
    let failed = claim(r#"{"error": "no space left"}"#).unwrap().compress;
    assert_eq!((failed.done, failed.error.as_deref()), (false, Some("no space left")));
    // Sections that say "done" do not outvote an entry that says "failed".
    assert!(!claim(r#"{"COMPRESS": {"status": true}, "status": "failed"}"#).unwrap().compress.done);
    // A remark beside sections is no failure of a section that is absent.
    assert!(claim(r#"{"BACKUP": {"status": true}, "error": "slow"}"#).unwrap().compress.done);
}

#[test]
fn one_bad_entry_leaves_the_others_alone_and_says_what_is_wrong() {
    for (entry, reason) in [
        ("5", "the entry is `5`; expected an object"),
        (r#"{"BACKUP": "done"}"#, "`BACKUP` is `\"done\"`; expected an object"),
        (r#"{"BACKUP": {}, "backup_process": {}}"#, "the section `BACKUP` stands twice; expected once"),
        (r#"{"BACKUP": {}, "BACKUP": {}}"#, "`BACKUP` stands twice; expected once"),
        (r#"{"COMPRESS": {"size": 1, "size": 2}}"#, "`COMPRESS.size` stands twice; expected once"),
        (r#"{"TRANSFER": {"error": ["x"]}}"#, "`TRANSFER.error` is `[\"x\"]`; expected text"),
    ] {
        assert_eq!(claim(entry), Err(reason.to_owned()));
    }
    let text = format!(
        r#"{{"agent_id": "site", "databases": {{"BAD": {}, "GOOD": {{"size": 5}}}}}}"#,
        "[".repeat(9) + &"]".repeat(9)
    );
    let report = read(text.as_bytes(), &agent(), &[]).unwrap();
    assert!(report.entries[0].claim.is_err() && report.entries[1].claim.is_ok());
    assert_eq!(report.entries[1].value(), serde_json::json!({"size": 5}));
}

#[test]
fn floods_and_depth_cost_no_more_than_their_bytes() {
    let deep = "[".repeat(900_000) + &"]".repeat(900_000);
    assert_eq!(read(deep.as_bytes(), &agent(), &[]), Err(Rejection::NotAnObject { found: "a list" }));
    assert!(claim(&deep).is_err_and(|why| why == "the entry has 1.8 MB; expected at most 262.1 kB"));
    assert!(claim(&format!(r#"{{"other": {}}}"#, &deep[899_000..901_000])).is_ok());
    let same = r#""agent_id": "SITE","#.repeat(1000);
    assert_eq!(
        read(format!(r#"{{{same} "databases": {{}}}}"#).as_bytes(), &agent(), &[]),
        Err(Rejection::KeyTwice { key: "agent_id" })
    );
    let many: Vec<String> = (0..=DATABASE_LIMIT).map(|n| format!(r#""{n}":{{}}"#)).collect();
    let many = format!(r#"{{"agent_id": "SITE", "databases": {{{}}}}}"#, many.join(","));
    assert_eq!(read(many.as_bytes(), &agent(), &[]), Err(Rejection::TooManyDatabases));
}

/// Text that is close to a report: what we look for, in the wrong places.
fn almost_a_report() -> impl Strategy<Value = String> {
    let keys =
        r"BACKUP|compress|transfer_process|status|sha256|size|end_time|staged_file_name|error|é|\\ud800";
    let scalar = prop_oneof![
        Just("null".to_owned()),
        any::<f64>().prop_map(|n| n.to_string()),
        any::<i64>().prop_map(|n| n.to_string()),
        ".*".prop_map(|text| serde_json::json!(text).to_string())
    ];
    let value = scalar.prop_recursive(4, 32, 4, move |inner| {
        prop_oneof![
            prop::collection::vec((keys, inner.clone()), 0..4).prop_map(|pairs| {
                let pairs: Vec<String> =
                    pairs.into_iter().map(|(key, value)| format!(r#""{key}":{value}"#)).collect();
                format!("{{{}}}", pairs.join(","))
            }),
            prop::collection::vec(inner, 0..4).prop_map(|items| format!("[{}]", items.join(","))),
        ]
    });
    (value.clone(), value).prop_map(|(databases, other)| {
        format!(r#"{{"agent_id": "SITE", "operation_end_time": {other}, "databases": {databases}}}"#)
    })
}

proptest! {
    #[test]
    fn any_bytes_are_read_or_rejected(bytes in prop::collection::vec(any::<u8>(), 0..400)) {
        let _ = read(&bytes, &agent(), &[]).map_err(|rejection| rejection.to_string());
    }

    #[test]
    fn what_is_almost_a_report_is_read_or_rejected(text in almost_a_report(), cut in any::<prop::sample::Index>()) {
        if let Ok(report) = read(text.as_bytes(), &agent(), &[]) {
            for claim in report.entries.into_iter().filter_map(|entry| entry.claim.ok()) {
                prop_assert!(claim.staged_file.is_none_or(|file| !file.contains(['/', '\\', '\0'])));
            }
        }
        // Cut off anywhere, it is never a report.
        let cut = cut.index(text.len());
        prop_assert!(read(&text.as_bytes()[..cut], &agent(), &[]).is_err());
    }
}
