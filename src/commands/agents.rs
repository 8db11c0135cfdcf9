//! `agents`: who sends, when each was last heard, and what is wrong with it.

use anyhow::{Result, anyhow};
use serde::Serialize;

use super::context::Context;
use super::print;
use super::rename::{self, AgentNames};
use super::snapshot::Snapshot;
use crate::cli::jobs::Agents;
use crate::domain::Incident;
use crate::domain::text::printable;
use crate::exit::{Advise as _, Exit};
use crate::render::json::{AgentFacts, AlertRow, JobRow};
use crate::render::{AgentView, View, json, table};
use crate::store::Store as _;

/// # Errors
/// As each subcommand.
pub fn dispatch(context: &Context, command: &Agents) -> Result<Exit> {
    match command {
        Agents::List => list(context),
        Agents::Show { agent } => show(context, agent),
        Agents::Rename { agent, new, reason, yes, dry_run } => {
            let (from, to, reason) = (agent, new, reason.as_deref());
            rename::agent(context, AgentNames { from, to, reason, yes: *yes, dry_run: *dry_run })
        }
    }
}

fn list(context: &Context) -> Result<Exit> {
    let snapshot = Snapshot::load(context, &context.reader()?)?;
    let view = snapshot.view(context);
    if context.json {
        print::json(&json::agents(&view))?;
    } else {
        print::text(&table::agents(&view, &view.agents, context.style))?;
    }
    Ok(Exit::Done)
}

#[derive(Serialize)]
struct Document<'v> {
    #[serde(flatten)]
    agent: AgentFacts<'v>,
    /// Folder that was seen last; null for an agent that only jobs name.
    folder: Option<String>,
    aliases: Vec<&'v str>,
    contact: Option<&'v str>,
    jobs: Vec<JobRow<'v>>,
    alerts: Vec<AlertRow<'v>>,
}

fn show(context: &Context, name: &str) -> Result<Exit> {
    let store = context.reader()?;
    let snapshot = Snapshot::load(context, &store)?;
    let view = snapshot.view(context);
    let agent = view
        .agents
        .iter()
        .find(|agent| agent.id == name)
        .ok_or_else(|| anyhow!("no agent is called `{}`", printable(name)))
        .hint("`backupmon agents list` lists them; an agent is called as its folder")
        .or_usage()?;
    let alerts: Vec<&Incident> = view
        .incidents
        .iter()
        .copied()
        .filter(|incident| incident.subject.agent.as_deref() == Some(name))
        .collect();
    let folder = store.agents()?.into_iter().find(|known| known.id.as_str() == name);
    let document = Document {
        agent: AgentFacts::new(&view, agent),
        folder: folder.map(|known| known.root.join(known.id.as_str()).display().to_string()),
        aliases: context.config.aliases(name),
        contact: context.config.contact_for_agent(name),
        jobs: view.jobs_of(agent).iter().map(|job| JobRow::new(&view, job)).collect(),
        alerts: alerts.iter().map(|incident| AlertRow::new(incident, context.now)).collect(),
    };
    if context.json {
        print::json(&document)?;
    } else {
        print::text(&text(&document, context, &view, agent, alerts))?;
    }
    Ok(Exit::Done)
}

fn text<'v>(
    document: &Document,
    context: &Context,
    view: &'v View,
    agent: &'v AgentView<'v>,
    alerts: Vec<&'v Incident>,
) -> String {
    let (style, nothing) = (context.style, "-".to_owned());
    let mut lines = vec![format!("folder   {}", document.folder.as_deref().map_or(nothing, printable))];
    if !document.aliases.is_empty() {
        lines.push(format!("aliases  {}", printable(&document.aliases.join(", "))));
    }
    lines.extend(document.contact.map(|contact| format!("contact  {}", printable(contact))));
    let mut parts = vec![
        table::agents(view, [agent], style),
        lines.join("\n") + "\n",
        table::jobs(view, view.jobs_of(agent), style),
    ];
    if !alerts.is_empty() {
        parts.push(table::alerts(view, alerts, style));
    }
    parts.join("\n")
}
