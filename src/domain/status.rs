//! The words of SPEC section 4: statuses, severities, causes, warnings.

use serde::{Deserialize, Serialize};

/// Declares an enum whose variants are stable words, seen by other programs.
macro_rules! words {
    ($(#[$doc:meta])* $type:ident { $($(#[$vdoc:meta])* $variant:ident = $word:literal,)* }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        pub enum $type { $($(#[$vdoc])* #[serde(rename = $word)] $variant,)* }

        impl $type {
            pub const ALL: &'static [$type] = &[$($type::$variant,)*];

            #[must_use]
            pub fn word(self) -> &'static str {
                match self { $($type::$variant => $word,)* }
            }

            #[must_use]
            pub fn from_word(word: &str) -> Option<Self> {
                match word { $($word => Some($type::$variant),)* _ => None }
            }
        }

        impl std::fmt::Display for $type {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.pad(self.word())
            }
        }
    };
}
pub(crate) use words;

words! {
    /// What a job's newest judgement says. `Late`, `Paused` and (until a scan records it) `Missing` are derived.
    Status {
        Pending = "PENDING",
        Success = "SUCCESS",
        Unchanged = "UNCHANGED",
        Late = "LATE",
        Failed = "FAILED",
        HashMismatch = "HASH_MISMATCH",
        Corrupt = "CORRUPT",
        Missing = "MISSING",
        Paused = "PAUSED",
        Retired = "RETIRED",
    }
}

words! {
    Severity {
        Ok = "ok",
        Pending = "pending",
        Inactive = "inactive",
        Warning = "warning",
        Critical = "critical",
    }
}

words! {
    /// Why a status is not ok. A stable word; the sentence beside it is for people.
    Cause {
        BackupFailed = "backup_failed",
        CompressFailed = "compress_failed",
        TransferFailed = "transfer_failed",
        AgentFailed = "agent_failed",
        EntryInvalid = "entry_invalid",
        FileAbsent = "file_absent",
        FileUnreadable = "file_unreadable",
        NotARegularFile = "not_a_regular_file",
        FileNotReplaced = "file_not_replaced",
        NeverSettled = "never_settled",
        SameFile = "same_file",
        HashDiffers = "hash_differs",
        HashInvalid = "hash_invalid",
        SizeDiffers = "size_differs",
        Truncated = "truncated",
        Empty = "empty",
        BadArchive = "bad_archive",
        NoDumpTrailer = "no_dump_trailer",
        NoReport = "no_report",
    }
}

words! {
    /// What is odd about a backup without changing its status.
    Warning {
        SizeDiffers = "size_differs",
        NoChecksum = "no_checksum",
        SizeJump = "size_jump",
        SameBytes = "same_bytes",
        ContentUnchecked = "content_unchecked",
        UnchangedTooLong = "unchanged_too_long",
        SizeDrop = "size_drop",
        KindChanged = "kind_changed",
        Incompressible = "incompressible",
        ContentShort = "content_short",
    }
}

impl Status {
    #[must_use]
    pub fn severity(self) -> Severity {
        match self {
            Status::Success | Status::Unchanged => Severity::Ok,
            Status::Pending | Status::Late => Severity::Pending,
            Status::Failed | Status::HashMismatch | Status::Corrupt | Status::Missing => Severity::Critical,
            Status::Paused | Status::Retired => Severity::Inactive,
        }
    }

    #[must_use]
    pub fn is_ok(self) -> bool {
        self.severity() == Severity::Ok
    }

    #[must_use]
    pub fn is_critical(self) -> bool {
        self.severity() == Severity::Critical
    }
}

impl Cause {
    /// The bytes or the content are wrong: what `HASH_MISMATCH` and CORRUPT say.
    #[must_use]
    pub fn is_about_bytes(self) -> bool {
        match self {
            Cause::HashDiffers
            | Cause::HashInvalid
            | Cause::SizeDiffers
            | Cause::Truncated
            | Cause::Empty
            | Cause::BadArchive
            | Cause::NoDumpTrailer => true,
            Cause::BackupFailed
            | Cause::CompressFailed
            | Cause::TransferFailed
            | Cause::AgentFailed
            | Cause::EntryInvalid
            | Cause::FileAbsent
            | Cause::FileUnreadable
            | Cause::NotARegularFile
            | Cause::FileNotReplaced
            | Cause::NeverSettled
            | Cause::SameFile
            | Cause::NoReport => false,
        }
    }

    /// A verdict with this cause is looked at again when the staged file changes later (SPEC section 4, rule 3).
    #[must_use]
    pub fn heals_by_file(self) -> bool {
        match self {
            Cause::FileAbsent
            | Cause::FileUnreadable
            | Cause::NotARegularFile
            | Cause::FileNotReplaced
            | Cause::NeverSettled
            | Cause::HashDiffers
            | Cause::SizeDiffers => true,
            // `hash_invalid` is no statement about bytes: no file can ever meet it.
            Cause::HashInvalid
            | Cause::BackupFailed
            | Cause::CompressFailed
            | Cause::TransferFailed
            | Cause::AgentFailed
            | Cause::EntryInvalid
            | Cause::SameFile
            | Cause::Truncated
            | Cause::Empty
            | Cause::BadArchive
            | Cause::NoDumpTrailer
            | Cause::NoReport => false,
        }
    }
}

impl Warning {
    /// The suspicious four make a version held (SPEC sections 4 and 7).
    #[must_use]
    pub fn is_suspicious(self) -> bool {
        match self {
            Warning::SizeDrop | Warning::KindChanged | Warning::Incompressible | Warning::ContentShort => {
                true
            }
            Warning::SizeDiffers
            | Warning::NoChecksum
            | Warning::SizeJump
            | Warning::SameBytes
            | Warning::ContentUnchecked
            | Warning::UnchangedTooLong => false,
        }
    }
}
