//! `alerts ack` and `alerts silence`: somebody sees to it, so nobody need be reminded. What heals is told all the same.

use anyhow::{Result, anyhow, bail};

use super::Meant;
use crate::cli::alerts::{Ack, Silence};
use crate::cli::select::Change as Which;
use crate::commands::change::Change;
use crate::commands::context::Context;
use crate::commands::{print, select};
use crate::domain::incident::Acknowledgement;
use crate::domain::text::{printable, rfc3339};
use crate::domain::{Incident, Time};
use crate::exit::{Advise as _, Exit};
use crate::render::json;
use crate::store::Store as _;

pub fn ack(context: &Context, args: &Ack) -> Result<Exit> {
    let until = args.until.as_deref().map(|text| end(context, text)).transpose()?;
    Order { word: "ack", which: &args.change, alerts: &args.alerts, until, reason: &args.reason }
        .carry_out(context)
}

pub fn silence(context: &Context, args: &Silence) -> Result<Exit> {
    let until = args.until.as_deref().map(|text| end(context, text)).transpose()?;
    Order { word: "silence", which: &args.change, alerts: &args.alerts, until, reason: &args.reason }
        .carry_out(context)
}

fn end(context: &Context, text: &str) -> Result<Time> {
    let until = context.moment(text, true)?;
    if until <= context.now {
        let past: Result<()> = (|| bail!("--until {} is over already", rfc3339(until)))();
        past.hint("name a time that is to come, or a span from now such as `3d`").or_usage()?;
    }
    Ok(until)
}

struct Order<'a> {
    /// For the record.
    word: &'static str,
    which: &'a Which,
    alerts: &'a [i64],
    until: Option<Time>,
    reason: &'a str,
}

impl Order<'_> {
    fn carry_out(&self, context: &Context) -> Result<Exit> {
        let mut change = Change::begin(context, self.which.dry_run)?;
        let incidents = self.meant(&change)?;
        if incidents.is_empty() {
            let none: Result<()> = Err(anyhow!("no open alert is meant, so nothing was changed"));
            none.hint("`backupmon alerts list` shows what is open").or_usage()?;
        }
        let taken = Acknowledgement {
            who: context.who.clone(),
            why: self.reason.to_owned(),
            at: context.now,
            until: self.until,
        };
        for incident in &incidents {
            let what = match self.until {
                Some(until) => format!("{} alert {} until {}", self.word, incident.id, rfc3339(until)),
                None => format!("{} alert {}", self.word, incident.id),
            };
            let line = change.line(what, target(incident), Some(self.reason));
            change.state.store.acknowledge(incident.id, Some(&taken), &line)?;
        }
        self.tell(&change, &incidents)
    }

    /// The open ones that are named by number or by their job.
    fn meant(&self, change: &Change) -> Result<Vec<Incident>> {
        let open = change.state.store.incidents(None)?;
        for id in self.alerts {
            if !open.iter().any(|incident| incident.id == *id) {
                let absent: Result<()> = (|| bail!("no open alert has the number {id}"))();
                absent.hint("`backupmon alerts list` shows the numbers").or_usage()?;
            }
        }
        let snapshot = change.snapshot()?;
        let selector = select::selector(&self.which.selector)?;
        // Numbers alone need no selector; without either the refusal says what is missing.
        let jobs = if selector.is_everything() && !self.alerts.is_empty() {
            Vec::new()
        } else {
            select::touched(&snapshot, self.which)?
        };
        let meant = Meant::new(change.context, &selector, &jobs);
        let by_selector = |incident: &Incident| !selector.is_everything() && meant.has(incident);
        Ok(open
            .iter()
            .filter(|incident| self.alerts.contains(&incident.id) || by_selector(incident))
            .cloned()
            .collect())
    }

    fn tell(&self, change: &Change, incidents: &[Incident]) -> Result<Exit> {
        let context = change.context;
        let ids: Vec<i64> = incidents.iter().map(|incident| incident.id).collect();
        if context.json {
            let snapshot = change.snapshot()?;
            let now_so = change.state.store.incidents_by_id(&ids)?;
            print::json(&json::alerts(&snapshot.view(context), &now_so))?;
        } else if !context.quiet {
            let until = self.until.map_or_else(|| "it is resolved".to_owned(), rfc3339);
            let line = |incident: &Incident| {
                format!("no reminders of alert {} ({}) until {until}\n", incident.id, whom(incident))
            };
            let mut text: String = incidents.iter().map(line).collect();
            text.push_str(change.dry_note());
            print::text(&text)?;
        }
        Ok(Exit::Done)
    }
}

/// What the record is about, so that `history --operators` finds it by its job or agent.
fn target(incident: &Incident) -> &str {
    match (&incident.subject.job, &incident.subject.agent) {
        (Some(job), _) => job.as_str(),
        (None, Some(agent)) => agent,
        (None, None) => "server",
    }
}

fn whom(incident: &Incident) -> String {
    let kind = incident.cause.as_deref().unwrap_or(incident.subject.kind.word());
    match (&incident.subject.agent, &incident.database) {
        (Some(agent), Some(database)) => printable(&format!("{kind}, {agent}/{database}")),
        (Some(agent), None) => printable(&format!("{kind}, {agent}")),
        (None, _) => kind.to_owned(),
    }
}
