//! Who has news now: one letter per recipient, or none.

use std::cell::OnceCell;
use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use super::channels::Channel;
use super::draft::{Digest, Drafter};
use super::message::Letter;
use super::{NotifyError, Post};
use crate::domain::grouping::Fleet;
use crate::domain::notice::{self, Item, News, Told, is_acknowledged, is_told_once};
use crate::domain::{Incident, Time};
use crate::store::{FrozenMail, MailItem, MailKind, Store};

/// The open incidents as they are at the beginning of a delivery.
pub(super) struct Plan<'a> {
    post: &'a Post<'a>,
    now: Time,
    created_at: Time,
    /// Ids of all open incidents, also muted ones.
    open_ids: HashSet<i64>,
    /// The open incidents that may be told.
    open: Vec<Incident>,
    /// Who is told of which of `open`, by index.
    audience: BTreeMap<String, Vec<usize>>,
    waiting: &'a [FrozenMail],
    fleet: OnceCell<Fleet>,
}

impl<'a> Plan<'a> {
    pub fn new(
        store: &dyn Store,
        post: &'a Post<'a>,
        waiting: &'a [FrozenMail],
        now: Time,
    ) -> Result<Self, NotifyError> {
        let mut open = store.incidents(None)?;
        let open_ids = open.iter().map(|incident| incident.id).collect();
        open.retain(|incident| !post.register.is_muted(incident));
        let mut audience: BTreeMap<String, Vec<usize>> = BTreeMap::new();
        for (index, incident) in open.iter().enumerate() {
            for recipient in post.register.recipients(incident) {
                audience.entry(recipient).or_default().push(index);
            }
        }
        let created_at = store.meta()?.created_at;
        Ok(Self { post, now, created_at, open_ids, open, audience, waiting, fleet: OnceCell::new() })
    }

    /// Everyone who may have news, in a fixed order, as far as something leads there.
    pub fn recipients(&self, store: &dyn Store) -> Result<BTreeSet<String>, NotifyError> {
        let mut all: BTreeSet<String> = self.audience.keys().cloned().collect();
        all.extend(store.recipients()?);
        if self.post.terms.digest.is_some() {
            all.extend(self.post.register.digest_recipients());
        }
        all.retain(|recipient| self.post.channels.to(recipient).is_some());
        Ok(all)
    }

    /// What `recipient` gets now.
    pub fn letter(&self, store: &dyn Store, recipient: &str) -> Result<Option<Letter>, NotifyError> {
        let told = store.told(recipient)?;
        let gone = self.gone(store, &told)?;
        let open = self.open_for(recipient, &told);
        let mut news = notice::news(open.iter().copied().chain(&gone), &told);
        news.retain(|item| self.post.terms.may_tell(item.incident, self.now));

        let last_digest = store.last_mail(recipient, MailKind::Digest)?;
        let digest = self.digest(recipient, last_digest, &open, &news, &told);
        let last_mail = store.last_mail(recipient, MailKind::Alert)?.max(last_digest);
        if digest.is_none() && !self.post.terms.is_time(&news, last_mail, self.now) {
            return Ok(None);
        }
        let kind = if digest.is_some() { MailKind::Digest } else { MailKind::Alert };
        let items = items(&news, digest.as_ref(), &told);
        self.drafter().letter(recipient, kind, &news, items, digest.as_ref()).map(Some)
    }

    fn drafter(&self) -> Drafter<'_> {
        Drafter {
            register: self.post.register,
            fleet: self.fleet.get_or_init(|| self.post.register.fleet()),
            all_open: &self.open,
            language: self.post.channels.language,
            timezone: self.post.terms.timezone,
            site: self.post.site.as_deref(),
            now: self.now,
        }
    }

    /// The incidents that were told as bad and are open no more.
    fn gone(&self, store: &dyn Store, told: &[Told]) -> Result<Vec<Incident>, NotifyError> {
        let gone = told
            .iter()
            .map(|told| told.incident)
            .filter(|id| !self.open_ids.contains(id))
            .collect::<Vec<_>>();
        if gone.is_empty() {
            return Ok(Vec::new());
        }
        let mut gone = store.incidents_by_id(&gone)?;
        gone.retain(|incident| !self.post.register.is_muted(incident));
        Ok(gone)
    }

    /// The open incidents of which `recipient` is told, or was before the configuration changed.
    fn open_for(&self, recipient: &str, told: &[Told]) -> Vec<&Incident> {
        let told: HashSet<i64> = told.iter().map(|told| told.incident).collect();
        let own: HashSet<usize> = self.audience.get(recipient).into_iter().flatten().copied().collect();
        let concerns =
            |(index, incident): &(usize, &Incident)| own.contains(index) || told.contains(&incident.id);
        self.open.iter().enumerate().filter(concerns).map(|(_, incident)| incident).collect()
    }

    /// The digest, where one is due to `recipient`.
    fn digest<'i>(
        &self,
        recipient: &str,
        last: Option<Time>,
        open: &[&'i Incident],
        news: &[Item<'_>],
        told: &[Told],
    ) -> Option<Digest<'i>> {
        if self.post.channels.to(recipient) != Some(Channel::Mail) {
            return None;
        }
        let terms = &self.post.terms;
        let due = terms.digest_due(self.created_at, last, self.now)?;
        let new: HashSet<i64> = news.iter().map(|item| item.incident.id).collect();
        let (taken_on, rest): (Vec<&Incident>, Vec<&Incident>) =
            open.iter().copied().partition(|incident| is_acknowledged(incident, self.now));
        let (reminders, older): (Vec<&Incident>, Vec<&Incident>) = rest
            .into_iter()
            .filter(|i| !new.contains(&i.id) && !is_told_once(i))
            .partition(|i| terms.reminds(i, self.now));

        let whole = self.post.register.digest_recipients().iter().any(|one| one == recipient);
        // Who is told of some jobs only gets a digest when there is something to remind of.
        let before: HashSet<i64> =
            told.iter().filter(|told| told.at < due).map(|told| told.incident).collect();
        if !whole && !reminders.iter().any(|incident| before.contains(&incident.id)) {
            return None;
        }
        Some(Digest {
            reminders,
            older: older.len(),
            taken_on,
            undelivered: self.undelivered_to_others(recipient),
            overview: whole.then(|| self.post.register.overview()),
        })
    }

    fn undelivered_to_others(&self, recipient: &str) -> Option<(usize, Time)> {
        let others =
            self.waiting.iter().filter(|mail| mail.recipient != recipient).map(|mail| mail.created_at);
        others.clone().min().map(|oldest| (others.count(), oldest))
    }
}

/// What the letter tells, to be recorded as told. An incident that the digest merely lists while backupmon is
/// learning is not: it is told when that is over.
fn items(news: &[Item<'_>], digest: Option<&Digest<'_>>, told: &[Told]) -> Vec<MailItem> {
    let told: HashMap<i64, &Told> = told.iter().map(|told| (told.incident, told)).collect();
    let reminders = digest.into_iter().flat_map(|digest| &digest.reminders);
    let reminders = reminders
        .filter(|incident| told.contains_key(&incident.id))
        .map(|incident| Item { incident, news: News::Reminder });
    let item = |item: Item<'_>| MailItem {
        incident: item.incident.id,
        news: item.news,
        cause: item.incident.cause.clone(),
    };
    news.iter().copied().chain(reminders).map(item).collect()
}
