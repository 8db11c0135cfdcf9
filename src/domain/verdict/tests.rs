//! Every row of SPEC section 4's "What an entry says, and what it gets" that is decided here. A value of the wrong type
//! is decided where reports are read, two databases with one file where a report is judged as a whole.

use super::*;
use crate::domain::OwnTime;

const STAGED: Digest = Digest([1; 32]);
const RAW: Digest = Digest([2; 32]);
const OTHER: Digest = Digest([9; 32]);

fn step(checksum: Checksum, size: Option<u64>) -> Step {
    Step { checksum, size, ..Step::default() }
}

fn claim(backup: Step, compress: Step) -> Claim {
    Claim { backup, compress, transfer: Step::default(), staged_file: Some("x.sql.gz".to_owned()) }
}

fn failed_step(error: Option<&str>) -> Step {
    Step { done: false, error: error.map(str::to_owned), ended: OwnTime::Absent, ..Step::default() }
}

/// A gzip of 100 bytes that holds 400.
fn measured() -> Measurement {
    Measurement {
        identity: FileIdentity { device: 1, inode: 1, size: 100, mtime: 0, ctime: 0 },
        sha256: STAGED,
        size_bytes: 100,
        content: Content {
            kind: Some("PostgreSQL plain dump in gzip".to_owned()),
            stream: Some(ContentStream { bytes: 400, sha256: Some(RAW), layer: Layer::Dump }),
            fault: None,
            unchecked: None,
        },
    }
}

fn judge(claim: &Claim, found: Measurement) -> Verdict {
    match expectation(claim, None) {
        Ok(expected) => compare(&expected, &Evidence::Read(found), None),
        Err(verdict) => verdict,
    }
}

/// Status, cause, and the warnings' words, as one line.
fn outcome(verdict: &Verdict) -> String {
    let cause = verdict.cause.map_or(String::new(), |cause| format!(" {cause}"));
    let mut outcome = format!("{}{cause}", verdict.status);
    for warning in &verdict.warnings {
        outcome = format!("{outcome} +{warning}");
    }
    outcome
}

#[test]
fn what_an_entry_says_and_what_it_gets() {
    use Checksum::{Absent, Valid};
    let junk = || Checksum::Invalid("INVALID_HASH_1_1".to_owned());
    let rows = [
        // COMPRESS has a checksum: it is compared with the staged bytes.
        (step(Absent, None), step(Valid(STAGED), None), "SUCCESS"),
        (step(Absent, None), step(Valid(STAGED), Some(100)), "SUCCESS"),
        (step(Absent, None), step(Valid(STAGED), Some(9)), "SUCCESS +size_differs"),
        (step(Absent, None), step(Valid(OTHER), Some(100)), "HASH_MISMATCH hash_differs"),
        (step(Absent, None), step(Valid(RAW), None), "HASH_MISMATCH hash_differs"),
        (step(junk(), None), step(Valid(STAGED), None), "SUCCESS"),
        (step(Valid(STAGED), None), step(junk(), None), "HASH_MISMATCH hash_invalid"),
        // Only BACKUP has one: the staged bytes or the decompressed stream.
        (step(Valid(STAGED), None), step(Absent, None), "SUCCESS"),
        (step(Valid(RAW), None), step(Absent, None), "SUCCESS"),
        (step(Valid(RAW), None), step(Absent, Some(9)), "SUCCESS +size_differs"),
        (step(Valid(OTHER), None), step(Absent, None), "HASH_MISMATCH hash_differs"),
        (step(junk(), None), step(Absent, Some(100)), "HASH_MISMATCH hash_invalid"),
        // No checksum: the size decides.
        (step(Absent, None), step(Absent, Some(100)), "SUCCESS +no_checksum"),
        (step(Absent, None), step(Absent, Some(400)), "HASH_MISMATCH size_differs"),
        (step(Absent, Some(100)), step(Absent, None), "SUCCESS +no_checksum"),
        (step(Absent, Some(400)), step(Absent, None), "SUCCESS +no_checksum"),
        (step(Absent, Some(401)), step(Absent, None), "HASH_MISMATCH size_differs"),
        (step(Absent, Some(401)), step(Absent, Some(100)), "SUCCESS +no_checksum +content_short"),
        // Neither.
        (step(Absent, None), step(Absent, None), "FAILED entry_invalid"),
    ];
    for (backup, compress, expected) in rows {
        let claim = claim(backup, compress);
        assert_eq!(outcome(&judge(&claim, measured())), expected, "{claim:?}");
    }
}

#[test]
fn a_step_that_failed_is_told_with_the_agents_words_the_first_one_first() {
    let done = || step(Checksum::Valid(STAGED), None);
    let mut claim = claim(failed_step(Some("disk\nfull")), failed_step(None));
    assert_eq!(outcome(&judge(&claim, measured())), "FAILED backup_failed");
    assert!(judge(&claim, measured()).message.ends_with("BACKUP failed: disk\\u{a}full"));
    // The step says more than the word for the whole report.
    assert_eq!(expectation(&claim, Some("failed_globally")).unwrap_err().cause, Some(Cause::BackupFailed));
    claim.backup = done();
    assert_eq!(outcome(&judge(&claim, measured())), "FAILED compress_failed");
    (claim.compress, claim.transfer) = (done(), failed_step(None));
    assert_eq!(outcome(&judge(&claim, measured())), "FAILED transfer_failed");
    claim.transfer = Step::default();
    assert_eq!(outcome(&judge(&claim, measured())), "SUCCESS");
    assert_eq!(expectation(&claim, Some("FAILED")).unwrap_err().cause, Some(Cause::AgentFailed));
    claim.staged_file = None;
    assert_eq!(outcome(&judge(&claim, measured())), "FAILED entry_invalid");
}

#[test]
fn what_is_no_readable_file_fails_and_the_same_bytes_are_unchanged() {
    let claim = claim(Step::default(), step(Checksum::Valid(STAGED), None));
    let expected = expectation(&claim, None).unwrap();
    for (evidence, outcome_wanted) in [
        (Evidence::Absent, "FAILED file_absent"),
        (Evidence::NotARegularFile("a FIFO".to_owned()), "FAILED not_a_regular_file"),
        (Evidence::Unreadable("permission denied".to_owned()), "FAILED file_unreadable"),
    ] {
        let verdict = compare(&expected, &evidence, None);
        assert_eq!(outcome(&verdict), outcome_wanted);
        assert_eq!((verdict.sha256, verdict.size_bytes), (None, None));
    }
    for (last_good, wanted) in [(STAGED, Status::Unchanged), (OTHER, Status::Success)] {
        let verdict = compare(&expected, &Evidence::Read(measured()), Some(&last_good));
        assert_eq!((verdict.status, verdict.sha256, verdict.size_bytes), (wanted, Some(STAGED), Some(100)));
    }
}

#[test]
fn content_makes_corrupt_only_what_is_proven_to_be_the_agents_bytes() {
    let fault = |found: &mut Measurement| {
        found.content.stream = None;
        found.content.fault =
            Some(ContentFault { cause: Cause::Truncated, message: "gzip ends early".to_owned() });
    };
    let rows = [
        (step(Checksum::Absent, None), step(Checksum::Valid(STAGED), None), "CORRUPT truncated"),
        (step(Checksum::Absent, None), step(Checksum::Absent, Some(100)), "CORRUPT truncated"),
        (step(Checksum::Absent, None), step(Checksum::Valid(OTHER), None), "HASH_MISMATCH hash_differs"),
        (step(Checksum::Valid(RAW), None), step(Checksum::Absent, None), "HASH_MISMATCH hash_differs"),
    ];
    for (backup, compress, expected) in rows {
        let mut found = measured();
        fault(&mut found);
        assert_eq!(outcome(&judge(&claim(backup, compress), found)), expected);
    }
    let only_backup = claim(step(Checksum::Valid(RAW), None), Step::default());
    let mut found = measured();
    fault(&mut found);
    assert!(
        judge(&only_backup, found).message.ends_with("its content could not be compared: gzip ends early")
    );
    let mut given_up = measured();
    given_up.content = Content { unchecked: Some("a bomb".to_owned()), ..Content::default() };
    let claim = claim(Step::default(), step(Checksum::Valid(STAGED), None));
    assert_eq!(outcome(&judge(&claim, given_up)), "SUCCESS +content_unchecked");
}

#[test]
fn backups_own_words_are_held_against_the_stream_where_they_can_mean_it() {
    let backup = |sha256: Option<Digest>, size| step(sha256.map_or(Checksum::Absent, Checksum::Valid), size);
    let rows = [
        (Some(RAW), None, Layer::Dump, "SUCCESS", true),
        // The equal checksum proves more than a size could deny.
        (Some(RAW), Some(500), Layer::Dump, "SUCCESS", true),
        (Some(OTHER), None, Layer::Dump, "SUCCESS +content_short", false),
        (Some(OTHER), Some(500), Layer::Dump, "SUCCESS +content_short", false),
        (None, Some(400), Layer::Dump, "SUCCESS", false),
        (None, Some(399), Layer::Dump, "SUCCESS", false),
        (None, Some(401), Layer::Dump, "SUCCESS +content_short", false),
        // They say nothing: the staged file's own checksum or size, or nothing at all.
        (Some(STAGED), Some(100), Layer::Dump, "SUCCESS", false),
        (None, Some(0), Layer::Dump, "SUCCESS", false),
        // BACKUP may have measured what is packed in the stream.
        (Some(OTHER), None, Layer::Archive, "SUCCESS", false),
        (Some(RAW), None, Layer::Archive, "SUCCESS", true),
        (None, Some(401), Layer::Archive, "SUCCESS +content_short", false),
        (Some(OTHER), Some(9000), Layer::Compressed, "SUCCESS", false),
    ];
    for (sha256, size, layer, expected, end_to_end) in rows {
        let claim = claim(backup(sha256, size), step(Checksum::Valid(STAGED), None));
        let mut found = measured();
        found.content.stream = Some(ContentStream { bytes: 400, sha256: Some(RAW), layer });
        let verdict = judge(&claim, found);
        assert_eq!(outcome(&verdict), expected, "{sha256:?} {size:?} {layer:?}");
        assert_eq!(verdict.message.contains("end to end"), end_to_end, "{}", verdict.message);
    }
    // A wrong COMPRESS size that BACKUP repeats is not a word about the stream; a size alone never was hashed.
    let repeated = claim(step(Checksum::Absent, Some(900)), step(Checksum::Valid(STAGED), Some(900)));
    assert_eq!(outcome(&judge(&repeated, measured())), "SUCCESS +size_differs");
}

#[test]
fn the_stream_is_only_asked_for_where_it_can_decide() {
    let ask = |backup, compress| {
        let expected = expectation(&claim(backup, compress), None).unwrap();
        (expected.needs_stream(true), expected.needs_stream(false))
    };
    let valid = |digest| step(Checksum::Valid(digest), None);
    assert_eq!(ask(Step::default(), valid(STAGED)), (false, false));
    assert_eq!(ask(valid(STAGED), valid(STAGED)), (false, false));
    assert_eq!(ask(valid(RAW), valid(STAGED)), (true, false));
    assert_eq!(ask(valid(RAW), Step::default()), (true, true));
    assert_eq!(ask(step(Checksum::Absent, Some(7)), Step::default()), (true, true));
}
