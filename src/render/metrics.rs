//! Prometheus text for the textfile collector: gauges, moments instead of ages, no timestamps.
//!
//! Every job is in every series, with 0 for what never happened, so that no alert rule is blind to
//! a job that never succeeded. RETIRED ones are left out: they are ended for good.

use std::borrow::Cow;
use std::io::{self, Write};

use super::view::{Health, JobView, View};
use crate::domain::forecast::Filling;
use crate::domain::{IncidentKind, Problem, Status, Time};

const HEALTHS: [Health; 4] = [Health::Ok, Health::Warning, Health::Critical, Health::Unknown];

/// A figure of one job; `None` is written as 0.
type Value = fn(&JobView) -> Option<i64>;

/// Writes the whole file. For 20,000 jobs that is some tens of megabytes, so it is never held in memory.
///
/// # Errors
/// When `out` cannot be written.
pub fn write(view: &View, out: &mut dyn Write) -> io::Result<()> {
    fleet(view, out)?;
    states(view, out)?;
    years_over(view, out)?;
    let per_job: [(&str, &str, Value); 8] = [
        (
            "backupmon_job_last_success_timestamp_seconds",
            "When the newest good copy that is kept was made, 0 without one.",
            |job| job.last_good().map(seconds),
        ),
        (
            "backupmon_job_last_report_timestamp_seconds",
            "When the last report named the job, 0 for never.",
            |job| job.job.state.last_report_at.map(seconds),
        ),
        (
            "backupmon_job_last_data_change_timestamp_seconds",
            "When a good backup last had new bytes, 0 for never.",
            |job| job.job.state.last_change_at.map(seconds),
        ),
        (
            "backupmon_job_last_verified_timestamp_seconds",
            "When the bytes of the current version were last read and right, 0 for never.",
            |job| job.job.state.last_verified_at.map(seconds),
        ),
        (
            "backupmon_job_deadline_timestamp_seconds",
            "From when on the job is missing, 0 while it waits for nothing.",
            |job| job.standing.cycle.map(|cycle| seconds(cycle.deadline)),
        ),
        ("backupmon_job_size_bytes", "Size of that copy; without one, of the last good backup.", |job| {
            job.digest_and_size().map(|(_, size)| i64::try_from(size).unwrap_or(i64::MAX))
        }),
        ("backupmon_job_held", "1 while the newest version is held.", |job| {
            Some(i64::from(job.job.state.held))
        }),
        ("backupmon_job_damaged", "1 while one of its versions is damaged.", |job| {
            Some(i64::from(job.is_damaged()))
        }),
    ];
    for (name, help, value) in per_job {
        head(out, name, help)?;
        for job in shown(view) {
            writeln!(out, "{name}{{{}}} {}", labels(job), value(job).unwrap_or(0))?;
        }
    }
    Ok(())
}

fn fleet(view: &View, out: &mut dyn Write) -> io::Result<()> {
    head(out, "backupmon_build_info", "Version of backupmon.")?;
    writeln!(out, "backupmon_build_info{{version=\"{}\"}} 1", escaped(view.version))?;
    head(out, "backupmon_health", "The fleet's verdict, 1 for the one that holds.")?;
    for health in HEALTHS {
        let holds = i32::from(view.health == health);
        writeln!(out, "backupmon_health{{status=\"{}\"}} {holds}", health.word())?;
    }
    head(out, "backupmon_jobs", "Jobs by status.")?;
    for (status, n) in &view.counts {
        writeln!(out, "backupmon_jobs{{status=\"{}\"}} {n}", status.word())?;
    }
    alerts(view, out)?;
    let scan = view.scan;
    let single: [(&str, &str, String); 8] = [
        (
            "backupmon_jobs_at_risk",
            "Jobs whose severity is critical: also what is held, damaged, or bad in a pause.",
            view.tally.at_risk.to_string(),
        ),
        (
            "backupmon_scan_last_completion_timestamp_seconds",
            "When the newest scan came to its end, 0 for never.",
            scan.map_or(0, |scan| seconds(scan.finished_at)).to_string(),
        ),
        (
            "backupmon_scan_duration_seconds",
            "How long the newest scan took, 0 before the first.",
            scan.map_or(0, |scan| (scan.finished_at - scan.started_at).num_seconds().max(0)).to_string(),
        ),
        (
            "backupmon_scan_id",
            "The scan that these figures are from.",
            scan.map_or(0, |scan| scan.id).to_string(),
        ),
        (
            "backupmon_report_timestamp_seconds",
            "When this file was rendered.",
            seconds(view.generated_at).to_string(),
        ),
        (
            "backupmon_notifications_pending",
            "Messages that nobody has accepted yet.",
            view.undelivered.count.to_string(),
        ),
        (
            "backupmon_notifications_oldest_timestamp_seconds",
            "When the oldest of them was written, 0 without any.",
            view.undelivered.oldest.map_or(0, seconds).to_string(),
        ),
        (
            "backupmon_backlog_seconds",
            "How long the oldest file waits to be read.",
            view.backlog_seconds.to_string(),
        ),
    ];
    for (name, help, value) in single {
        head(out, name, help)?;
        writeln!(out, "{name} {value}")?;
    }
    if let Some(disk) = view.disk {
        head(out, "backupmon_store_free_bytes", "Free space for versions.")?;
        writeln!(out, "backupmon_store_free_bytes {}", disk.free)?;
        head(out, "backupmon_store_size_bytes", "Size of the file system for versions.")?;
        writeln!(out, "backupmon_store_size_bytes {}", disk.total)?;
    }
    // Where it cannot be known there is no figure: 0 means that none is in sight.
    if view.forecast.is_some_and(|forecast| forecast.filling != Filling::Unknown) {
        let help = "On which day there is no room for versions at the present growth, 0 for none in sight.";
        head(out, "backupmon_store_full_timestamp_seconds", help)?;
        writeln!(out, "backupmon_store_full_timestamp_seconds {}", view.disk_full_at().map_or(0, seconds))?;
    }
    Ok(())
}

/// Every kind, also those without any: the sum over the kinds is what the other outputs call alerts.
fn alerts(view: &View, out: &mut dyn Write) -> io::Result<()> {
    head(out, "backupmon_alerts_open", "Open incidents by kind.")?;
    let problems = Problem::ALL.iter().map(|problem| IncidentKind::Problem(*problem));
    for kind in std::iter::once(IncidentKind::Job).chain(problems) {
        let n = view.open_incidents().filter(|incident| incident.subject.kind == kind).count();
        writeln!(out, "backupmon_alerts_open{{kind=\"{}\"}} {n}", kind.word())?;
    }
    Ok(())
}

/// One-hot: the sum over a state is a count, and no state of a job ever vanishes from a graph.
fn states(view: &View, out: &mut dyn Write) -> io::Result<()> {
    head(out, "backupmon_job_state", "1 for the status that the job has.")?;
    for job in shown(view) {
        let labels = labels(job);
        for status in Status::ALL {
            let holds = i32::from(job.standing.status == *status);
            writeln!(out, "backupmon_job_state{{{labels},state=\"{}\"}} {holds}", status.word())?;
        }
    }
    Ok(())
}

/// Only of those whose year is over: they are MISSING, and no alert of each.
fn years_over(view: &View, out: &mut dyn Write) -> io::Result<()> {
    head(out, "backupmon_job_year_over", "1 for a job that is missing because its year is over.")?;
    for job in shown(view).filter(|job| !job.is_watched() && job.standing.status.is_critical()) {
        writeln!(out, "backupmon_job_year_over{{{}}} 1", labels(job))?;
    }
    Ok(())
}

fn shown<'v, 'a>(view: &'v View<'a>) -> impl Iterator<Item = &'v JobView<'a>> {
    view.jobs.iter().filter(|job| !job.is_retired())
}

fn head(out: &mut dyn Write, name: &str, help: &str) -> io::Result<()> {
    writeln!(out, "# HELP {name} {help}\n# TYPE {name} gauge")
}

fn labels(job: &JobView) -> String {
    format!(
        "agent=\"{}\",database=\"{}\",job=\"{}\"",
        escaped(job.agent()),
        escaped(job.database()),
        escaped(job.job.id.as_str())
    )
}

fn seconds(time: Time) -> i64 {
    time.timestamp()
}

fn escaped(text: &str) -> Cow<'_, str> {
    if !text.contains(['\\', '"', '\n']) {
        return Cow::Borrowed(text);
    }
    Cow::Owned(text.replace('\\', r"\\").replace('"', "\\\"").replace('\n', r"\n"))
}
