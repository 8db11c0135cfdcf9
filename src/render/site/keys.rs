//! Fingerprints of all that a page is made of: two equal ones mean that a page would come out the same.
//!
//! A job's history, versions, incidents and messages come into it by the state's stamp ([`crate::render::site::Site`]
//! is given it), which changes with each of them; what follows from the moment (its standing, the causes that it is
//! part of, an acknowledgement that ends) comes into it by value.

use std::collections::HashMap;
use std::fmt::Write as _;
use std::hash::{Hash, Hasher};

use serde::{Deserialize, Serialize};

use crate::domain::settings::Effective;
use crate::domain::{Digest, Incident, Time};
use crate::render::facts::Rest;
use crate::render::terms::acknowledged;
use crate::render::trouble::Trouble;
use crate::render::view::{AgentView, JobView, View};

/// The first half of a SHA-256.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Fingerprint([u64; 2]);

impl Fingerprint {
    fn of(bytes: &[u8]) -> Self {
        let Digest(digest) = Digest::of(bytes);
        let mut halves = [0_u64; 2];
        for (half, bytes) in halves.iter_mut().zip(digest.chunks_exact(8)) {
            *half = bytes.iter().fold(0, |half, byte| half << 8 | u64::from(*byte));
        }
        Self(halves)
    }
}

/// Gathers bytes. It hashes nothing by itself: a page's ingredients are short.
#[derive(Default)]
struct Ingredients(Vec<u8>);

impl Hasher for Ingredients {
    fn write(&mut self, bytes: &[u8]) {
        self.0.extend_from_slice(bytes);
    }

    fn finish(&self) -> u64 {
        self.0.iter().fold(0, |sum, byte| sum.wrapping_mul(31).wrapping_add(u64::from(*byte)))
    }
}

impl Ingredients {
    fn fingerprint(&self) -> Fingerprint {
        Fingerprint::of(&self.0)
    }
}

/// Of what stands on every page: the version, the language, the title, the zone.
#[must_use]
pub fn frame(view: &View) -> Fingerprint {
    let mut of = Ingredients::default();
    (view.version, view.title, view.base_url, view.timezone.name()).hash(&mut of);
    view.words().code.hash(&mut of);
    super::is_small(view).hash(&mut of);
    of.fingerprint()
}

/// What several pages share, hashed once.
pub(super) struct Shared<'v> {
    troubles: Vec<Fingerprint>,
    /// By the address of the settings: jobs under one rule share them.
    settings: HashMap<*const Effective, Fingerprint>,
    /// Open incidents whose acknowledgement holds now, by job.
    acknowledged: HashMap<&'v str, Vec<i64>>,
    now: Time,
}

impl<'v> Shared<'v> {
    pub fn of(view: &View<'v>) -> Self {
        let mut settings = HashMap::new();
        for job in &view.jobs {
            let address = std::ptr::from_ref(job.effective);
            settings.entry(address).or_insert_with(|| text(&format!("{:?}", job.effective)));
        }
        let mut acknowledged: HashMap<&str, Vec<i64>> = HashMap::new();
        let holds = |incident: &&'v Incident| self::acknowledged(incident, view.generated_at).is_some();
        for incident in view.incidents.iter().copied().filter(holds) {
            if let Some(job) = &incident.subject.job {
                acknowledged.entry(job.as_str()).or_default().push(incident.id);
            }
        }
        let troubles = view.troubles.iter().map(|t| trouble(view, t)).collect();
        Self { troubles, settings, acknowledged, now: view.generated_at }
    }

    pub fn job(
        &self,
        (job, rest): (&JobView, Option<&Rest>),
        stamp: i64,
        troubles: &[usize],
        incidents: &[&Incident],
    ) -> Fingerprint {
        let mut of = Ingredients::default();
        (stamp, &job.standing, &job.labels, rest).hash(&mut of);
        self.settings.get(&std::ptr::from_ref(job.effective)).hash(&mut of);
        self.acknowledged.get(job.job.id.as_str()).hash(&mut of);
        if let Some(pause) = job.pause(self.now) {
            (pause.until, &pause.who, &pause.reason).hash(&mut of);
        }
        for incident in incidents {
            incident.id.hash(&mut of);
        }
        self.troubles_into(troubles, &mut of);
        of.fingerprint()
    }

    pub fn agent(&self, agent: &AgentView, jobs: &[Fingerprint], troubles: &[usize]) -> Fingerprint {
        let mut of = Ingredients::default();
        (&agent.labels, agent.first_seen, agent.last_report_at, jobs).hash(&mut of);
        self.troubles_into(troubles, &mut of);
        of.fingerprint()
    }

    fn troubles_into(&self, troubles: &[usize], of: &mut Ingredients) {
        for trouble in troubles {
            self.troubles[*trouble].hash(of);
        }
    }
}

fn trouble(view: &View, trouble: &Trouble) -> Fingerprint {
    // Places in the view change with jobs that have no part in it: the ids stand for them.
    let mut written = format!("{:?}", Trouble { jobs: Vec::new(), ..trouble.clone() });
    for job in &trouble.jobs {
        let _infallible = write!(written, "{}", view.jobs[*job].job.id);
    }
    text(&written)
}

fn text(text: &str) -> Fingerprint {
    Fingerprint::of(text.as_bytes())
}
