//! `[scan]`.

use chrono::NaiveDate;

use super::Check;
use crate::config::agent_pattern::{AgentPattern, DEFAULT_AGENT_PATTERN};
use crate::config::reader::Section;
use crate::config::settings::AT_LEAST_ONE;
use crate::config::{ArchiveReports, Scan, YearStart, raw};
use crate::domain::settings::{ContentCheck, Span};

impl Check<'_> {
    /// `None` only with a fault.
    pub(super) fn scan(&mut self, raw: raw::Scan) -> Option<Scan> {
        let section = Section::single("scan");
        let log_dir = raw.log_dir.unwrap_or_else(|| "log".to_owned());
        let database_dirs =
            raw.database_dirs.unwrap_or_else(|| vec!["databases".to_owned(), "database".to_owned()]);
        self.parsed(&section, "log_dir", folder_name(&log_dir));
        for name in &database_dirs {
            self.parsed(&section, "database_dirs", folder_name(name));
        }
        if database_dirs.is_empty() {
            self.fault(&section, "database_dirs", "names no folder");
        }
        let pattern = raw.agent_pattern.as_deref().unwrap_or(DEFAULT_AGENT_PATTERN);
        let agent_pattern = self.parsed(&section, "agent_pattern", AgentPattern::new(pattern));
        let year_start = raw.year_start.as_deref().unwrap_or("01-31");
        let year_start = self.parsed(&section, "year_start", day_of_year(year_start));
        let scan = Scan {
            interval: raw.interval.unwrap_or(Span::minutes(15)),
            deadline: raw.deadline.unwrap_or(Span::hours(6)),
            settle: raw.settle.unwrap_or(Span::minutes(10)),
            arrival: raw.arrival.unwrap_or(Span::hours(6)),
            discover: raw.discover.unwrap_or(true),
            trial_days: raw.trial_days.unwrap_or(3),
            max_jobs_per_agent: raw.max_jobs_per_agent.unwrap_or(1000),
            archive_reports: raw.archive_reports.unwrap_or(ArchiveReports::Keep),
            archive_days: raw.archive_days.unwrap_or(400),
            log_dir,
            database_dirs,
            threads: raw.threads.filter(|threads| *threads > 0).unwrap_or_else(cores),
            content_check: raw.content_check.unwrap_or(ContentCheck::Auto),
            agent_pattern: agent_pattern?,
            year_start: year_start?,
        };
        self.scan_limits(&section, &scan);
        Some(scan)
    }

    fn scan_limits(&mut self, section: &Section, scan: &Scan) {
        if scan.interval < Span::minutes(1) {
            self.fault(section, "interval", "must be at least 1 min");
        }
        if scan.deadline < Span::minutes(1) {
            self.fault(section, "deadline", "must be at least 1 min");
        }
        if scan.arrival < scan.settle {
            let reason = format!("{} is shorter than `settle`, {}", scan.arrival, scan.settle);
            self.fault(section, "arrival", reason);
        }
        if scan.max_jobs_per_agent == 0 {
            self.fault(section, "max_jobs_per_agent", AT_LEAST_ONE);
        }
    }
}

fn cores() -> usize {
    std::thread::available_parallelism().map_or(1, usize::from)
}

/// A folder of every agent's: one name, and one that is looked into (SPEC section 3).
fn folder_name(name: &str) -> Result<(), String> {
    let refuse = |reason: &str| Err(format!("`{}` {reason}", crate::domain::text::printable(name)));
    if name.is_empty() || name.contains(|c: char| c == '/' || c == '\\' || c.is_control()) {
        return refuse("is no name of a folder in the agent's folder");
    }
    if name.starts_with(['.', '_']) {
        return refuse("begins with `.` or `_`, and such folders are not looked into");
    }
    Ok(())
}

/// `01-31`. Not 29 February, which most years do not have.
fn day_of_year(text: &str) -> Result<YearStart, String> {
    let refuse = || format!("`{text}` is no day of every year; write month and day, for example `01-31`");
    let (month, day) = text.split_once('-').ok_or_else(refuse)?;
    let (month, day) = (month.parse().map_err(|_| refuse())?, day.parse().map_err(|_| refuse())?);
    NaiveDate::from_ymd_opt(2001, month, day).map(|_| YearStart { month, day }).ok_or_else(refuse)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_day_of_the_year_is_one_of_every_year() {
        assert_eq!(day_of_year("01-31"), Ok(YearStart { month: 1, day: 31 }));
        for bad in ["02-29", "31-01", "january", "1", "01-31-02", ""] {
            assert!(day_of_year(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn a_folder_name_cannot_lead_anywhere_else() {
        assert!(folder_name("log").is_ok());
        for bad in ["", ".", "..", "a/b", "/log", "a\\b", "_log", "a\nb"] {
            assert!(folder_name(bad).is_err(), "{bad}");
        }
    }
}
