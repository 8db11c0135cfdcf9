//! Troubles of an agent or of the server, which are incidents like a job's own (SPEC section 8).

use serde::{Deserialize, Serialize};

use super::status::words;

words! {
    Problem {
        ReportUnreadable = "report_unreadable",
        ClockSkew = "clock_skew",
        DepositUnreadable = "deposit_unreadable",
        AgentNeverReported = "agent_never_reported",
        DumpsWithoutReport = "dumps_without_report",
        PromotionFailed = "promotion_failed",
        VersionHeld = "version_held",
        VersionDamaged = "version_damaged",
        YearNotStarted = "year_not_started",
        /// Years of the fleet that are over and not retired; one item for all.
        YearOver = "year_over",
        /// A retired job reports again.
        RetiredReports = "retired_reports",
        NameInvalid = "name_invalid",
        TooManyJobs = "too_many_jobs",
        DepositsUnavailable = "deposits_unavailable",
        Backlog = "backlog",
        DiskLow = "disk_low",
        StateDamaged = "state_damaged",
        MailRefused = "mail_refused",
    }
}

impl Problem {
    /// It asks for an answer and is no danger that grows: it is told, and never reminded of.
    #[must_use]
    pub fn is_told_once(self) -> bool {
        match self {
            Problem::YearOver | Problem::RetiredReports => true,
            Problem::ReportUnreadable
            | Problem::ClockSkew
            | Problem::DepositUnreadable
            | Problem::AgentNeverReported
            | Problem::DumpsWithoutReport
            | Problem::PromotionFailed
            | Problem::VersionHeld
            | Problem::VersionDamaged
            | Problem::YearNotStarted
            | Problem::NameInvalid
            | Problem::TooManyJobs
            | Problem::DepositsUnavailable
            | Problem::Backlog
            | Problem::DiskLow
            | Problem::StateDamaged
            | Problem::MailRefused => false,
        }
    }

    /// Whose trouble it is decides who is told and what waits for `mail_gap`.
    #[must_use]
    pub fn is_servers_own(self) -> bool {
        match self {
            Problem::DepositsUnavailable
            | Problem::Backlog
            | Problem::DiskLow
            | Problem::StateDamaged
            | Problem::MailRefused
            | Problem::PromotionFailed => true,
            Problem::ReportUnreadable
            | Problem::ClockSkew
            | Problem::DepositUnreadable
            | Problem::AgentNeverReported
            | Problem::DumpsWithoutReport
            | Problem::VersionHeld
            | Problem::VersionDamaged
            | Problem::YearNotStarted
            | Problem::YearOver
            | Problem::RetiredReports
            | Problem::NameInvalid
            | Problem::TooManyJobs => false,
        }
    }
}
