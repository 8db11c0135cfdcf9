//! From a claim and what was measured to a verdict: the table of entries of SPEC section 4.
//!
//! Two passes. [`expectation`] reads the claim alone: either it is decided without a look at the file, or it says
//! what the staged file must be. [`compare`] holds the evidence against that.

use serde::{Deserialize, Serialize};

use super::anomaly::Anomaly;
use super::job::FileIdentity;
use super::status::words;
use super::text::{printable, size};
use super::{Cause, Checksum, Claim, Digest, Status, Step, Warning};

/// The kind of bytes that nothing was recognised in; `unknown bytes in gzip` where they were in a container.
pub const UNKNOWN_KIND: &str = "unknown bytes";

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
    /// What was found inside what was read. Boxed, for a verdict is an error too, and those are handed around.
    pub inside: Option<Box<Inside>>,
    /// It was held for its size alone, and ends that hold: what comes is measured by it.
    pub ends_hold: bool,
}

/// What a verdict keeps of the content, for the history.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Inside {
    /// Size of the stream before compression, where it was read to its end.
    pub content_bytes: Option<u64>,
    /// What it is, where it was looked at.
    pub kind: Option<String>,
}

impl Inside {
    #[must_use]
    pub fn of(content: &Content) -> Self {
        Self { content_bytes: content.stream.map(|stream| stream.bytes), kind: content.kind.clone() }
    }
}

impl Verdict {
    /// Size of the stream before compression, where it was read to its end.
    #[must_use]
    pub fn content_bytes(&self) -> Option<u64> {
        self.inside.as_ref()?.content_bytes
    }

    /// What is inside, where it was looked at.
    #[must_use]
    pub fn kind(&self) -> Option<&str> {
        self.inside.as_ref()?.kind.as_deref()
    }

    fn bad(status: Status, cause: Cause, message: impl Into<String>) -> Self {
        Self {
            status,
            cause: Some(cause),
            message: message.into(),
            warnings: Vec::new(),
            sha256: None,
            size_bytes: None,
            inside: None,
            ends_hold: false,
        }
    }

    /// Good by its checksum, and still odd enough that its version is held.
    #[must_use]
    pub fn is_suspicious(&self) -> bool {
        self.warnings.iter().any(|warning| warning.is_suspicious())
    }

    /// Adds what is odd about a good backup; its status stays.
    pub fn warn(&mut self, anomaly: Anomaly) {
        add(&mut self.message, &mut self.warnings, anomaly.warning, &anomaly.sentence);
    }

    /// Takes the drop in size for what the database is like now, for the reason in `sentence`.
    pub fn take_as_lasting(&mut self, sentence: &str) {
        self.message.push_str("; ");
        self.message.push_str(sentence);
        self.warnings.retain(|warning| *warning != Warning::SizeDrop);
        self.ends_hold = true;
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
    /// No checksum at all: only COMPRESS's size can be compared, with the staged file's.
    Size(u64),
    /// No checksum, and only BACKUP has a size: the staged file's or that of the decompressed stream.
    StagedOrContentSize(u64),
}

impl Expectation {
    /// Whether the digest of the decompressed stream decides anything: with the content check switched off, only where
    /// nothing can be proven without it.
    #[must_use]
    pub fn needs_stream(&self, content_check: bool) -> bool {
        let proof_by_stream = matches!(self.proof, Proof::StagedOrContent(_) | Proof::StagedOrContentSize(_));
        proof_by_stream || (content_check && self.content.sha256.is_some())
    }
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
    /// Kind by magic bytes, for people and for comparison with history: `PostgreSQL plain dump in gzip`.
    pub kind: Option<String>,
    /// What the agent compressed, where it was read to its end.
    pub stream: Option<ContentStream>,
    /// Why it is no whole backup.
    pub fault: Option<ContentFault>,
    /// It could not be looked at to the end (a bomb): the reason.
    pub unchecked: Option<String>,
}

/// The stream before compression: of a known container what it decompresses to, of a recognised dump that was never
/// compressed the file itself. Unknown bytes without a container have none: they may be compressed in a way that
/// we do not know.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct ContentStream {
    pub bytes: u64,
    /// `None` where nobody asked for it: hashing the stream costs as much as hashing the file.
    pub sha256: Option<Digest>,
    pub layer: Layer,
}

words! {
    /// Whether BACKUP, where it speaks of another stream than the staged file, must mean this one.
    Layer {
        /// As the dump tool wrote it, as far as one can see.
        Dump = "dump",
        /// A tar: BACKUP may speak of a member. Never shorter than what it holds.
        Archive = "archive",
        /// Compressed once more: BACKUP may speak of what is in there, of which we know no size.
        Compressed = "compressed",
    }
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
        (Checksum::Absent, Checksum::Absent) => match (claim.compress.size, claim.backup.size) {
            (Some(bytes), _) => Proof::Size(bytes),
            (None, Some(bytes)) => Proof::StagedOrContentSize(bytes),
            (None, None) => {
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
        format!("{step} gives no single SHA-256 to compare with: `{}`", printable(text)),
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
            return Verdict::failed(
                Cause::FileAbsent,
                format!("the staged file `{file}` is not in the deposit"),
            );
        }
        Evidence::NotARegularFile(what) => {
            return Verdict::failed(
                Cause::NotARegularFile,
                format!("`{file}` is {what}, not a regular file"),
            );
        }
        Evidence::Unreadable(reason) => {
            return Verdict::failed(Cause::FileUnreadable, format!("`{file}` cannot be read: {reason}"));
        }
        Evidence::Read(found) => found,
    };
    let mut verdict = match proven(expected, found) {
        Err(verdict) => verdict,
        Ok(proven) => judge_content(expected, found, proven, last_good),
    };
    verdict.sha256 = Some(found.sha256);
    verdict.size_bytes = Some(found.size_bytes);
    verdict.inside = Some(Box::new(Inside::of(&found.content)));
    verdict
}

/// What is proven, as a sentence, and what is odd about it.
struct Proven {
    message: String,
    warnings: Vec<Warning>,
}

impl Proven {
    fn new(message: impl Into<String>) -> Self {
        Self { message: message.into(), warnings: Vec::new() }
    }

    fn warn(&mut self, warning: Warning, sentence: &str) {
        add(&mut self.message, &mut self.warnings, warning, sentence);
    }
}

fn add(message: &mut String, warnings: &mut Vec<Warning>, warning: Warning, sentence: &str) {
    message.push_str("; ");
    message.push_str(sentence);
    if !warnings.contains(&warning) {
        warnings.push(warning);
    }
}

/// Whether the bytes are the ones that the agent reports.
fn proven(expected: &Expectation, found: &Measurement) -> Result<Proven, Verdict> {
    let stream = found.content.stream.as_ref();
    let mut proven = match &expected.proof {
        Proof::Staged(wanted) if found.sha256 == *wanted => {
            Proven::new("verified: SHA-256 of the staged file agrees")
        }
        Proof::StagedOrContent(wanted) if found.sha256 == *wanted => {
            Proven::new("verified: BACKUP's SHA-256 is that of the staged file")
        }
        Proof::StagedOrContent(wanted) if stream.is_some_and(|stream| stream.sha256 == Some(*wanted)) => {
            Proven::new(
                "verified: BACKUP's SHA-256 is that of the decompressed content, which is proven end to end",
            )
        }
        Proof::Staged(wanted) => return Err(hash_differs(wanted, expected, found, "")),
        Proof::StagedOrContent(wanted) => {
            return Err(hash_differs(wanted, expected, found, &why_no_stream(&found.content)));
        }
        Proof::Size(bytes) => return size_alone(*bytes, found, None),
        Proof::StagedOrContentSize(bytes) => return size_alone(*bytes, found, stream),
    };
    if let Some(reported) = expected.size.filter(|reported| *reported != found.size_bytes) {
        let sentence = format!(
            "the reported size is wrong ({} reported, {} found)",
            size(reported),
            size(found.size_bytes)
        );
        proven.warn(Warning::SizeDiffers, &sentence);
    }
    Ok(proven)
}

fn hash_differs(wanted: &Digest, expected: &Expectation, found: &Measurement, addition: &str) -> Verdict {
    let sizes = match expected.size {
        Some(reported) if reported != found.size_bytes => {
            format!("; {reported} bytes reported, {} found", found.size_bytes)
        }
        _ => String::new(),
    };
    Verdict::bad(
        Status::HashMismatch,
        Cause::HashDiffers,
        format!(
            "the bytes on the server are not the ones that the agent reports: SHA-256 {}…, reported {}…{sizes}{addition}",
            found.sha256.short(12),
            wanted.short(12)
        ),
    )
}

/// Why the decompressed stream could not meet BACKUP's checksum, where it was not read to its end.
fn why_no_stream(content: &Content) -> String {
    let reason = content.fault.as_ref().map(|fault| fault.message.as_str()).or(content.unchecked.as_deref());
    match (&content.stream, reason) {
        (None, Some(reason)) => format!("; its content could not be compared: {reason}"),
        (Some(_) | None, _) => String::new(),
    }
}

fn size_alone(reported: u64, found: &Measurement, stream: Option<&ContentStream>) -> Result<Proven, Verdict> {
    let whose = if reported == found.size_bytes {
        "the size agrees"
    } else if stream.is_some_and(|stream| stream.bytes == reported) {
        "BACKUP's size is that of the decompressed content"
    } else {
        let unpacked = stream.map(|stream| format!(", {} decompressed", stream.bytes)).unwrap_or_default();
        return Err(Verdict::bad(
            Status::HashMismatch,
            Cause::SizeDiffers,
            format!(
                "no checksum, and the size differs: {reported} bytes reported, {} found{unpacked}",
                found.size_bytes
            ),
        ));
    };
    let mut proven = Proven::new(whose);
    proven.warn(Warning::NoChecksum, "the agent gave no checksum, so the bytes are not proven");
    Ok(proven)
}

fn judge_content(
    expected: &Expectation,
    found: &Measurement,
    mut proven: Proven,
    last_good: Option<&Digest>,
) -> Verdict {
    if let Some(fault) = &found.content.fault {
        return Verdict::bad(Status::Corrupt, fault.cause, fault.message.clone());
    }
    if let Some(reason) = &found.content.unchecked {
        proven.warn(Warning::ContentUnchecked, &format!("content not checked: {reason}"));
    }
    if let Some(stream) = &found.content.stream {
        hold_against_backup(expected.content, stream, found.size_bytes, &mut proven);
    }
    let status = if last_good == Some(&found.sha256) { Status::Unchanged } else { Status::Success };
    let Proven { message, warnings } = proven;
    Verdict {
        status,
        cause: None,
        message,
        warnings,
        sha256: None,
        size_bytes: None,
        inside: None,
        ends_hold: false,
    }
}

/// BACKUP's checksum and size against the stream before compression, where they can mean it.
fn hold_against_backup(
    claimed: ContentClaim,
    stream: &ContentStream,
    staged_bytes: u64,
    proven: &mut Proven,
) {
    if let (Some(wanted), Some(sha256)) = (claimed.sha256, stream.sha256) {
        if wanted == sha256 {
            proven.message.push_str("; content proven end to end");
            return;
        }
        if stream.layer == Layer::Dump {
            let sentence = format!(
                "the content is not what BACKUP made (SHA-256 {}…, reported {}…)",
                sha256.short(12),
                wanted.short(12)
            );
            proven.warn(Warning::ContentShort, &sentence);
        }
    }
    let size_means_it = stream.layer != Layer::Compressed;
    if let Some(size) =
        claimed.size.filter(|size| size_means_it && stream.bytes < *size && *size != staged_bytes)
    {
        let sentence =
            format!("the content is shorter than what BACKUP made ({} of {size} bytes)", stream.bytes);
        proven.warn(Warning::ContentShort, &sentence);
    }
}

#[cfg(test)]
mod tests;
