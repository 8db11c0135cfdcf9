//! `notify`: sends what waits.

use anyhow::{Result, anyhow};

use super::change::patiently;
use super::context::Context;
use super::{outputs, print};
use crate::cli::pipeline::Notify;
use crate::domain::text::{printable, rfc3339};
use crate::exit::{Advise as _, Exit};
use crate::notify::deliver::Planned;
use crate::notify::{Channels, Delivery, preview, send_test};
use crate::render::table;

/// # Errors
/// When the state cannot be used, or a test message was not accepted.
pub fn notify(context: &Context, args: &Notify) -> Result<Exit> {
    if let Some(recipient) = &args.test {
        return test(context, recipient);
    }
    if !outputs::speaks(context) {
        let silent: Result<()> = Err(anyhow!("neither [mail] nor [[webhook]] is configured"));
        silent
            .hint("write one of them into the configuration; `backupmon doctor` looks at them")
            .or_usage()?;
    }
    let lock = if args.dry_run { None } else { Some(patiently(context)?) };
    let mut state = context.state(args.dry_run)?;
    if state.scratch {
        drop(lock);
        return plan(context, &mut state.store);
    }
    let delivery = outputs::deliver(context, &mut state.store)?;
    tell(context, &delivery)?;
    Ok(if delivery.errors.is_empty() { Exit::Done } else { Exit::Incomplete })
}

fn test(context: &Context, recipient: &str) -> Result<Exit> {
    send_test(&Channels::from_config(&context.config), recipient, context.now)
        .map_err(|error| anyhow!("the test message to `{}` was not accepted: {error}", printable(recipient)))
        .hint("a recipient is an address, or `webhook:1` for the first [[webhook]]; `backupmon doctor` looks at [mail]")?;
    if !context.json && !context.quiet {
        print::text(&format!("a test message to {} was accepted\n", printable(recipient)))?;
    }
    Ok(Exit::Done)
}

fn tell(context: &Context, delivery: &Delivery) -> Result<()> {
    for error in &delivery.errors {
        tracing::error!("a message was not delivered: {error}");
    }
    if context.json {
        return print::json(&serde_json::json!({
            "dry_run": false,
            "messages_sent": delivery.sent,
            "failed": delivery.failed,
            "waiting": delivery.waiting,
            "oldest": delivery.oldest.map(rfc3339),
            "errors": delivery.errors,
        }));
    }
    if !context.is_asked() {
        return Ok(());
    }
    print::text(&format!("{} messages sent, {} wait\n", delivery.sent, delivery.waiting))
}

/// What would go to whom.
fn plan(context: &Context, store: &mut dyn crate::store::Store) -> Result<Exit> {
    let planned = outputs::with_post(context, store, |store, post| Ok(preview(store, post, context.now)?))?;
    let rows: Vec<[String; 3]> = planned
        .iter()
        .map(|planned| match planned {
            Planned::Retry(mail) => [
                mail.recipient.clone(),
                mail.kind.word().to_owned(),
                format!(
                    "frozen at {}, failed {} times: {}",
                    rfc3339(mail.created_at),
                    mail.attempts,
                    mail.last_error.as_deref().unwrap_or("never tried")
                ),
            ],
            Planned::New { recipient, kind, rendered } => {
                [recipient.clone(), kind.word().to_owned(), rendered.subject.clone()]
            }
        })
        .collect();
    if context.json {
        let messages: Vec<_> = rows
            .iter()
            .map(|[recipient, kind, about]| {
                serde_json::json!({"recipient": recipient, "kind": kind, "about": about})
            })
            .collect();
        print::json(&serde_json::json!({"dry_run": true, "messages": messages}))?;
        return Ok(Exit::Done);
    }
    let mut text = if rows.is_empty() {
        "nothing is waiting\n".to_owned()
    } else {
        table::rows(["RECIPIENT", "KIND", "ABOUT"], rows, context.style)
    };
    if context.verbose > 0 {
        for planned in &planned {
            if let Planned::New { recipient, rendered, .. } = planned {
                text.push_str(&format!("\n--- to {}\n{}\n", printable(recipient), rendered.text));
            }
        }
    }
    text.push_str("dry run: nothing was sent\n");
    print::text(&text)?;
    Ok(Exit::Done)
}
