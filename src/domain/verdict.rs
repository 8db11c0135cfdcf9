//! From a claim and what was measured to a verdict: the table of entries of SPEC section 4.
//!
//! Two passes. [`expectation`] reads the claim alone: either it is decided without a look at the file, or it says
//! what the staged file must be. [`compare`] holds the evidence against that.

use super::job::FileIdentity;
use super::text::{printable, size};
use super::{Cause, Checksum, Claim, Digest, Status, Step, Warning};

#[derive(Debug, Clone, PartialEq)]
pub struct Verdict {
    pub status: Status,
    pub cause: Option<Cause>,
    /// A sentence for people. Foreign text in it is already printable.
    pub message: String,
    pub warnings: Vec<Warning>,
    /// What the server measured.
    pub sha256: Option<Digest>,
    pub size_bytes: Option<u64>,
}

impl Verdict {
    fn bad(status: Status, cause: Cause, message: impl Into<String>) -> Self {
        Self { status, cause: Some(cause), message: message.into(), warnings: Vec::new(), sha256: None, size_bytes: None }
    }

    /// Good by its checksum, and still odd enough that its version is held.
    #[must_use]
    pub fn is_suspicious(&self) -> bool {
        self.warnings.iter().any(|warning| warning.is_suspicious())
    }

    #[must_use]
    pub fn failed(cause: Cause, message: impl Into<String>) -> Self {
        Self::bad(Status::Failed, cause, message)
    }
}

/// What the staged file must be for the claim to hold.
#[derive(Debug, Clone, PartialEq)]
pub struct Expectation {
    /// Name inside the agent's databases folder.
    pub file: String,
    pub proof: Proof,
    /// COMPRESS's size, which may be wrong while the checksum is right.
    pub size: Option<u64>,
    /// BACKUP's checksum and size, where they speak of the decompressed stream: for the proof end to end.
    pub content: ContentClaim,
}

#[derive(Debug, Clone, PartialEq)]
pub enum Proof {
    /// COMPRESS's checksum: of the staged bytes.
    Staged(Digest),
    /// Only BACKUP has one: of the staged bytes or of the decompressed stream.
    StagedOrContent(Digest),
    /// No checksum at all: only the size can be compared.
    Size(u64),
}

/// What BACKUP says of the stream before compression, where it says something.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct ContentClaim {
    /// A SHA-256 other than COMPRESS's.
    pub sha256: Option<Digest>,
    pub size: Option<u64>,
}

/// What was found where the staged file should be.
#[derive(Debug, Clone, PartialEq)]
pub enum Evidence {
    Absent,
    /// Holds what it is: `a folder`, `a symbolic link`, …
    NotARegularFile(String),
    /// Holds the reason of the operating system.
    Unreadable(String),
    Read(Measurement),
}

/// One pass over a staged file.
#[derive(Debug, Clone, PartialEq)]
pub struct Measurement {
    pub identity: FileIdentity,
    pub sha256: Digest,
    pub size_bytes: u64,
    pub content: Content,
}

/// What is inside, where it was looked at.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Content {
    /// Kind by magic bytes, for people and for comparison with history: `zstd of PostgreSQL plain dump`.
    pub kind: Option<String>,
    /// Digest and size of the decompressed stream, where the file is a known container that was read to its end.
    pub stream: Option<(Digest, u64)>,
    /// Why it is no whole backup.
    pub fault: Option<ContentFault>,
    /// It could not be looked at to the end (a bomb): the reason.
    pub unchecked: Option<String>,
}

#[derive(Debug, Clone, PartialEq)]
pub struct ContentFault {
    /// `Truncated`, `Empty`, `BadArchive` or `NoDumpTrailer`.
    pub cause: Cause,
    /// A sentence that says what was expected and what was found.
    pub message: String,
}

/// Reads the claim alone.
///
/// # Errors
/// The verdict, where no look at the file can change it.
pub fn expectation(claim: &Claim, overall_failed: Option<&str>) -> Result<Expectation, Verdict> {
    if let Some(word) = overall_failed {
        let said = format!("the agent reports `{}` for the whole operation", printable(word));
        // The step that failed says more than the report as a whole.
        return Err(first_failed_step(claim).unwrap_or_else(|| Verdict::failed(Cause::AgentFailed, said)));
    }
    if let Some(failed) = first_failed_step(claim) {
        return Err(failed);
    }
    let Some(file) = claim.staged_file.clone() else {
        return Err(Verdict::failed(
            Cause::EntryInvalid,
            "the agent reports success but names no staged file (`staged_file_name`)",
        ));
    };
    let proof = match (&claim.compress.checksum, &claim.backup.checksum) {
        (Checksum::Invalid(text), _) => return Err(invalid_checksum("COMPRESS", text)),
        (Checksum::Valid(digest), _) => Proof::Staged(*digest),
        (Checksum::Absent, Checksum::Invalid(text)) => return Err(invalid_checksum("BACKUP", text)),
        (Checksum::Absent, Checksum::Valid(digest)) => Proof::StagedOrContent(*digest),
        (Checksum::Absent, Checksum::Absent) => match claim.compress.size.or(claim.backup.size) {
            Some(bytes) => Proof::Size(bytes),
            None => {
                return Err(Verdict::failed(
                    Cause::EntryInvalid,
                    "the agent reports success but gives neither a checksum nor a size to compare with",
                ));
            }
        },
    };
    Ok(Expectation { file, proof, size: claim.compress.size, content: content_claim(claim) })
}

fn first_failed_step(claim: &Claim) -> Option<Verdict> {
    let steps = [
        (&claim.backup, "BACKUP", Cause::BackupFailed),
        (&claim.compress, "COMPRESS", Cause::CompressFailed),
        (&claim.transfer, "TRANSFER", Cause::TransferFailed),
    ];
    steps.into_iter().find(|(step, _, _)| !step.done).map(|(step, name, cause)| {
        let message = match &step.error {
            Some(error) => format!("the agent reports that {name} failed: {}", printable(error)),
            None => format!("the agent reports that {name} failed, without a message"),
        };
        Verdict::failed(cause, message)
    })
}

fn invalid_checksum(step: &str, text: &str) -> Verdict {
    Verdict::bad(
        Status::HashMismatch,
        Cause::HashInvalid,
        format!("{step}'s checksum is no SHA-256: `{}`", printable(text)),
    )
}

fn content_claim(claim: &Claim) -> ContentClaim {
    let Step { checksum, size, .. } = &claim.backup;
    let sha256 = match (checksum, &claim.compress.checksum) {
        (Checksum::Valid(raw), Checksum::Valid(packed)) if raw != packed => Some(*raw),
        _ => None,
    };
    // The same size for both steps says nothing of the stream before compression.
    let size = size.filter(|bytes| *bytes > 0 && Some(*bytes) != claim.compress.size);
    ContentClaim { sha256, size }
}

/// Holds the evidence against the expectation. `last_good` is the digest of the last good backup.
#[must_use]
pub fn compare(expected: &Expectation, evidence: &Evidence, last_good: Option<&Digest>) -> Verdict {
    let file = printable(&expected.file);
    let found = match evidence {
        Evidence::Absent => {
            return Verdict::failed(Cause::FileAbsent, format!("the staged file `{file}` is not in the deposit"));
        }
        Evidence::NotARegularFile(what) => {
            return Verdict::failed(Cause::NotARegularFile, format!("`{file}` is {what}, not a regular file"));
        }
        Evidence::Unreadable(reason) => {
            return Verdict::failed(Cause::FileUnreadable, format!("`{file}` cannot be read: {reason}"));
        }
        Evidence::Read(found) => found,
    };
    let mut verdict = match proven(expected, found) {
        Err(verdict) => verdict,
        Ok((message, warnings)) => judge_content(expected, found, message, warnings, last_good),
    };
    verdict.sha256 = Some(found.sha256);
    verdict.size_bytes = Some(found.size_bytes);
    verdict
}

/// Whether the bytes are the ones that the agent reports; how it was proven, and what is odd about it.
fn proven(expected: &Expectation, found: &Measurement) -> Result<(String, Vec<Warning>), Verdict> {
    let differs = |wanted: &Digest| {
        Verdict::bad(
            Status::HashMismatch,
            Cause::HashDiffers,
            format!(
                "the bytes on the server are not the ones that the agent reports: SHA-256 {}…, reported {}…",
                found.sha256.short(12),
                wanted.short(12)
            ),
        )
    };
    match &expected.proof {
        Proof::Staged(wanted) if found.sha256 != *wanted => Err(differs(wanted)),
        Proof::Staged(_) => Ok(match expected.size {
            Some(reported) if reported != found.size_bytes => (
                format!(
                    "verified; the reported size is wrong ({} reported, {} found)",
                    size(reported),
                    size(found.size_bytes)
                ),
                vec![Warning::SizeDiffers],
            ),
            _ => ("verified: SHA-256 of the staged file agrees".to_owned(), Vec::new()),
        }),
        Proof::StagedOrContent(wanted) if found.sha256 == *wanted => {
            Ok(("verified: BACKUP's SHA-256 is that of the staged file".to_owned(), Vec::new()))
        }
        Proof::StagedOrContent(wanted) => match found.content.stream {
            Some((stream, _)) if stream == *wanted => {
                Ok(("verified: BACKUP's SHA-256 is that of the decompressed content".to_owned(), Vec::new()))
            }
            _ => Err(differs(wanted)),
        },
        Proof::Size(reported) if *reported != found.size_bytes => Err(Verdict::bad(
            Status::HashMismatch,
            Cause::SizeDiffers,
            format!("no checksum, and the size differs: {reported} bytes reported, {} found", found.size_bytes),
        )),
        Proof::Size(_) => Ok((
            "the size agrees; the agent gave no checksum, so the bytes are not proven".to_owned(),
            vec![Warning::NoChecksum],
        )),
    }
}

fn judge_content(
    expected: &Expectation,
    found: &Measurement,
    mut message: String,
    mut warnings: Vec<Warning>,
    last_good: Option<&Digest>,
) -> Verdict {
    if let Some(fault) = &found.content.fault {
        return Verdict::bad(Status::Corrupt, fault.cause, fault.message.clone());
    }
    if let Some(reason) = &found.content.unchecked {
        warnings.push(Warning::ContentUnchecked);
        message = format!("{message}; content not checked: {reason}");
    }
    if let Some((stream, bytes)) = found.content.stream {
        let ContentClaim { sha256, size: claimed } = expected.content;
        match sha256 {
            Some(wanted) if wanted == stream => message = format!("{message}; content proven end to end"),
            Some(wanted) => {
                warnings.push(Warning::ContentShort);
                message = format!(
                    "{message}; but the decompressed content is not what BACKUP made (SHA-256 {}…, reported {}…)",
                    stream.short(12),
                    wanted.short(12)
                );
            }
            None => {}
        }
        if sha256 != Some(stream) && claimed.is_some_and(|claimed| bytes < claimed && claimed != found.size_bytes) {
            if !warnings.contains(&Warning::ContentShort) {
                warnings.push(Warning::ContentShort);
            }
            message = format!(
                "{message}; the decompressed content is shorter than BACKUP said ({bytes} of {} bytes)",
                claimed.unwrap_or_default()
            );
        }
    }
    let status = if last_good == Some(&found.sha256) { Status::Unchanged } else { Status::Success };
    Verdict { status, cause: None, message, warnings, sha256: None, size_bytes: None }
}
