//! Sends what is waiting, freezes what is new, and records what a server accepted.

use std::collections::{BTreeSet, HashMap, HashSet};

use super::channels::Channel;
use super::message::{Letter, freeze_mail, freeze_payload};
use super::plan::Plan;
use super::transport::SendError;
use super::{Channels, NotifyError, Post};
use crate::domain::incident::{IncidentChange, Subject};
use crate::domain::notice::{is_attempt_due, next_attempt};
use crate::domain::{Problem, Severity, Time};
use crate::render::mail::Rendered;
use crate::store::{AuditLine, FrozenMail, MailItem, MailKind, Store, Unit};

/// What a delivery came to.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Delivery {
    pub sent: usize,
    /// Not delivered in this run, tried or given up at once; each has its line in `errors`.
    pub failed: usize,
    /// Frozen and not accepted yet, also those whose next attempt is not due.
    pub waiting: usize,
    /// When the oldest of those was frozen.
    pub oldest: Option<Time>,
    /// Recipient and reason, printable.
    pub errors: Vec<String>,
    /// Some message has reached nobody at all: the heartbeat must stay silent.
    pub unheard: bool,
}

/// What a delivery would do with a recipient.
#[derive(Debug, Clone)]
pub enum Planned {
    /// A frozen mail would be tried again.
    Retry(Box<FrozenMail>),
    New {
        recipient: String,
        kind: MailKind,
        rendered: Box<Rendered>,
    },
}

/// One mail per recipient: the oldest frozen one where any waits, else the news, where it is their time.
///
/// # Errors
/// When the state cannot be read or written. A mail that cannot be sent is no error but part of the [`Delivery`].
pub fn deliver(store: &mut dyn Store, post: &Post<'_>, now: Time) -> Result<Delivery, NotifyError> {
    let waiting = store.waiting_mails()?;
    let mut round =
        Round { store, post, now, down: HashMap::new(), refusals: Vec::new(), delivery: Delivery::default() };
    let mut served: BTreeSet<String> = BTreeSet::new();
    for mail in &waiting {
        if is_orphaned(round.store, post, mail)? {
            round.withdraw(mail)?;
        // Newer news wait until the frozen mail is sent, whether it is tried now or not.
        } else if served.insert(mail.recipient.clone()) && is_attempt_due(mail.next_attempt_at, now) {
            round.attempt(mail)?;
        }
    }
    let plan = Plan::new(round.store, post, &waiting, now)?;
    for recipient in plan.recipients(round.store)?.difference(&served) {
        match plan.letter(round.store, recipient).and_then(|letter| freeze(post.channels, letter, now)) {
            Ok(None) => {}
            Ok(Some(mut mail)) => {
                mail.id = round.store.freeze_mail(&mail)?;
                round.attempt(&mail)?;
            }
            Err(NotifyError::Store(error)) => return Err(error.into()),
            Err(error @ NotifyError::Compose { .. }) => {
                round.fail(recipient, &SendError::permanent(&error.to_string()));
            }
        }
    }
    round.finish()
}

/// What [`deliver`] would send now; nothing is frozen.
///
/// # Errors
/// As for [`deliver`], and when a message cannot be made.
pub fn preview(store: &dyn Store, post: &Post<'_>, now: Time) -> Result<Vec<Planned>, NotifyError> {
    let waiting = store.waiting_mails()?;
    let mut planned = Vec::new();
    let mut served: BTreeSet<&str> = BTreeSet::new();
    for mail in &waiting {
        let goes = !is_orphaned(store, post, mail)? && served.insert(&mail.recipient);
        if goes && is_attempt_due(mail.next_attempt_at, now) {
            planned.push(Planned::Retry(Box::new(mail.clone())));
        }
    }
    let plan = Plan::new(store, post, &waiting, now)?;
    for recipient in plan.recipients(store)?.iter().filter(|recipient| !served.contains(recipient.as_str())) {
        if let Some(Letter { recipient, kind, rendered, .. }) = plan.letter(store, recipient)? {
            planned.push(Planned::New { recipient, kind, rendered: Box::new(rendered) });
        }
    }
    Ok(planned)
}

/// Sends a test message to one recipient, an address or `webhook:1`, past the outbox.
///
/// # Errors
/// When nothing leads there, or it was not accepted.
pub fn send_test(channels: &Channels, recipient: &str, now: Time) -> Result<(), SendError> {
    let rendered = crate::render::mail::test_message(channels.language)
        .map_err(|error| SendError::permanent(&error.to_string()))?;
    let letter = Letter {
        recipient: recipient.to_owned(),
        kind: MailKind::Alert,
        items: vec![],
        rendered,
        news: vec![],
    };
    let frozen =
        freeze(channels, Some(letter), now).map_err(|error| SendError::permanent(&error.to_string()))?;
    let transport = channels.to(recipient).and_then(|channel| channels.transport(channel));
    match (frozen, transport) {
        (Some(mail), Some(transport)) => transport.send(&mail),
        _ => Err(SendError::permanent(&format!("nothing in the configuration leads to `{recipient}`"))),
    }
}

fn freeze(channels: &Channels, letter: Option<Letter>, now: Time) -> Result<Option<FrozenMail>, NotifyError> {
    let Some(letter) = letter else { return Ok(None) };
    match (channels.to(&letter.recipient), &channels.mail) {
        (Some(Channel::Mail), Some(mail)) => freeze_mail(&mail.from, letter, now).map(Some),
        (Some(Channel::Webhook(_)), _) => freeze_payload(letter, now).map(Some),
        (Some(Channel::Mail) | None, _) => Ok(None),
    }
}

/// Whether the configuration has stopped naming the recipient since the mail was first tried in vain: that is how an
/// operator mends an address that refuses.
fn is_orphaned(store: &dyn Store, post: &Post<'_>, mail: &FrozenMail) -> Result<bool, NotifyError> {
    let named = |recipients: Vec<String>| recipients.contains(&mail.recipient);
    if post.channels.to(&mail.recipient).is_none() {
        return Ok(true);
    }
    if mail.attempts == 0 || named(post.register.digest_recipients()) {
        return Ok(false);
    }
    let about: Vec<i64> = mail.items.iter().map(|item| item.incident).collect();
    let about = store.incidents_by_id(&about)?;
    Ok(!about.iter().any(|incident| named(post.register.recipients(incident))))
}

struct Round<'a> {
    store: &'a mut dyn Store,
    post: &'a Post<'a>,
    now: Time,
    /// Channels over which nothing goes in this run, and why.
    down: HashMap<Channel, SendError>,
    refusals: Vec<String>,
    delivery: Delivery,
}

impl Round<'_> {
    fn withdraw(&mut self, mail: &FrozenMail) -> Result<(), NotifyError> {
        let audit = AuditLine {
            at: self.now,
            who: "notify".to_owned(),
            what: "withdraw mail".to_owned(),
            target: mail.recipient.clone(),
            why: Some("the configuration no longer names the recipient".to_owned()),
        };
        Ok(self.store.withdraw_mail(mail.id, &audit)?)
    }

    /// Tries a frozen mail once and records how that went.
    fn attempt(&mut self, mail: &FrozenMail) -> Result<(), NotifyError> {
        match self.send(mail) {
            Ok(()) => {
                self.store.mail_sent(mail.id, self.now)?;
                self.delivery.sent += 1;
            }
            Err(error) => {
                // What concerns everyone is mended for everyone at once: then nobody should wait for long.
                let rarely = error.permanent && !error.everyone;
                let next = next_attempt(mail.attempts.saturating_add(1), rarely, self.now);
                self.store.mail_failed(mail.id, &error.message, next)?;
                self.fail(&mail.recipient, &error);
            }
        }
        Ok(())
    }

    fn send(&mut self, mail: &FrozenMail) -> Result<(), SendError> {
        let channel = self.post.channels.to(&mail.recipient);
        let Some((channel, transport)) = channel.and_then(|c| Some((c, self.post.channels.transport(c)?)))
        else {
            return Err(SendError::transient("nothing in the configuration leads there any more"));
        };
        if let Some(error) = self.down.get(&channel) {
            return Err(error.clone());
        }
        let sent = transport.send(mail);
        if let Err(error) = &sent
            && error.everyone
        {
            self.down.insert(channel, error.clone());
        }
        sent
    }

    fn fail(&mut self, recipient: &str, error: &SendError) {
        let line = crate::domain::text::printable(&format!("{recipient}: {error}"));
        if error.permanent {
            self.refusals.push(line.clone());
        }
        self.delivery.failed += 1;
        self.delivery.errors.push(line);
    }

    fn finish(mut self) -> Result<Delivery, NotifyError> {
        let waiting = self.store.waiting_mails()?;
        self.delivery.waiting = waiting.len();
        self.delivery.oldest = waiting.iter().map(|mail| mail.created_at).min();
        self.record_refusals(&waiting)?;
        self.delivery.unheard = self.has_unheard(&waiting)?;
        Ok(self.delivery)
    }

    /// A refusal is a problem of the server, so that the other recipients learn of it. It is over when nothing that
    /// failed is waiting any more.
    fn record_refusals(&mut self, waiting: &[FrozenMail]) -> Result<(), NotifyError> {
        let subject = Subject::server(Problem::MailRefused);
        let change = if self.refusals.is_empty() {
            let open = self.store.incidents(None)?.iter().any(|incident| incident.subject == subject);
            if !open || waiting.iter().any(|mail| mail.attempts > 0) {
                return Ok(());
            }
            IncidentChange::Resolve { subject, at: self.now }
        } else {
            IncidentChange::Raise {
                subject,
                database: None,
                severity: Severity::Critical,
                cause: None,
                message: format!("refused for good: {}", self.refusals.join("; ")),
                at: self.now,
            }
        };
        self.store.commit(&Unit { incidents: vec![change], ..Unit::default() })?;
        Ok(())
    }

    /// Whether a waiting mail says something that nobody was told.
    fn has_unheard(&self, waiting: &[FrozenMail]) -> Result<bool, NotifyError> {
        for mail in waiting.iter().filter(|mail| mail.attempts > 0) {
            let heard = if mail.items.is_empty() {
                self.another_had(mail)?
            } else {
                all_heard(self.store, &mail.items)?
            };
            if !heard {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// Whether somebody else got a mail of its kind since: a digest without items says the same to all.
    fn another_had(&self, mail: &FrozenMail) -> Result<bool, NotifyError> {
        for recipient in self.post.register.digest_recipients() {
            if self.store.last_mail(&recipient, mail.kind)?.is_some_and(|at| at >= mail.created_at) {
                return Ok(true);
            }
        }
        Ok(false)
    }
}

/// Whether each of the items was in a mail that somebody's server accepted.
fn all_heard(store: &dyn Store, items: &[MailItem]) -> Result<bool, NotifyError> {
    let incidents: Vec<i64> = items.iter().map(|item| item.incident).collect();
    let mails = store.mails_about(&incidents)?;
    let said = |item: &MailItem| (item.incident, item.news, item.cause.clone());
    let accepted: HashSet<_> =
        mails.iter().filter(|mail| mail.sent_at.is_some()).flat_map(|mail| &mail.items).map(said).collect();
    Ok(items.iter().map(said).all(|item| accepted.contains(&item)))
}
