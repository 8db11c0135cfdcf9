//! History for a spreadsheet. A cell that a spreadsheet would run as a formula gets a `'` before it.

use std::io;

use super::terms::warning_words;
use crate::domain::text::rfc3339;
use crate::domain::{Entry, JobId, JobKey};

const HEADER: [&str; 16] = [
    "id",
    "job_id",
    "agent",
    "database",
    "status",
    "cause",
    "message",
    "warnings",
    "report",
    "report_time",
    "judged_at",
    "cycle",
    "sha256",
    "size_bytes",
    "superseded",
    "version",
];

/// `history --csv`: the fields of `history --json`, one line per entry; empty where nothing is known.
///
/// # Errors
/// When `out` cannot be written.
pub fn history<'e>(
    entries: impl IntoIterator<Item = &'e Entry>,
    key_of: impl Fn(&JobId) -> Option<&'e JobKey>,
    out: &mut dyn io::Write,
) -> io::Result<()> {
    let mut writer = csv::Writer::from_writer(out);
    writer.write_record(HEADER)?;
    for entry in entries {
        let key = key_of(&entry.job);
        let record = [
            entry.id.to_string(),
            entry.job.to_string(),
            key.map(|key| key.agent.to_string()).unwrap_or_default(),
            key.map(|key| key.database.to_string()).unwrap_or_default(),
            entry.status.map(|status| status.to_string()).unwrap_or_default(),
            entry.cause.map(|cause| cause.to_string()).unwrap_or_default(),
            entry.message.clone(),
            warning_words(&entry.warnings),
            entry.report.clone().unwrap_or_default(),
            entry.report_time.map(rfc3339).unwrap_or_default(),
            rfc3339(entry.judged_at),
            entry.cycle.map(rfc3339).unwrap_or_default(),
            entry.sha256.map(|sha256| sha256.to_string()).unwrap_or_default(),
            entry.size_bytes.map(|bytes| bytes.to_string()).unwrap_or_default(),
            entry.superseded.to_string(),
            entry.version.clone().unwrap_or_default(),
        ];
        writer.write_record(record.map(harmless))?;
    }
    writer.flush()
}

/// Any other list.
///
/// # Errors
/// When `out` cannot be written.
pub fn rows<const N: usize>(
    header: [&str; N],
    rows: impl IntoIterator<Item = [String; N]>,
    out: &mut dyn io::Write,
) -> io::Result<()> {
    let mut writer = csv::Writer::from_writer(out);
    writer.write_record(header)?;
    for row in rows {
        writer.write_record(row.map(harmless))?;
    }
    writer.flush()
}

fn harmless(cell: String) -> String {
    if cell.starts_with(['=', '+', '-', '@', '\t', '\r']) { format!("'{cell}") } else { cell }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_cell_is_a_formula() {
        for formula in ["=1+1", "+1", "-1", "@SUM(A1)", "\tx", "\rx"] {
            assert_eq!(harmless(formula.to_owned()), format!("'{formula}"));
        }
        assert_eq!(harmless("a=1".to_owned()), "a=1");
    }
}
