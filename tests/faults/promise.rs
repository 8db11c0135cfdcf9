//! What a run that ended with exit 0 has promised: it is there after any power cut.

use crate::checker::{self, Invariant, Violation};
use crate::harness::Site;
use crate::work::AGENTS;

/// What lay there when the program said that all was done.
#[derive(Debug, Clone)]
pub struct Promise {
    current: Vec<String>,
    rows: Vec<String>,
}

impl Promise {
    pub fn of(site: &Site) -> Self {
        Self { current: checker::current_versions(site).into_iter().collect(), rows: rows(site) }
    }

    /// What of it is gone.
    pub fn broken(&self, site: &Site) -> Vec<Violation> {
        let mut broken = Vec::new();
        if rows(site) != self.rows {
            broken.push(Invariant::ExitIsTrue.broken("exit 0, and the state has forgotten it"));
        }
        let kept = checker::current_versions(site);
        let lost = self.current.iter().filter(|link| !kept.contains(*link));
        broken.extend(
            lost.map(|link| Invariant::CurrentIsWhole.broken(format!("{link} was promised and is gone"))),
        );
        broken
    }
}

fn rows(site: &Site) -> Vec<String> {
    AGENTS.iter().flat_map(|agent| checker::rows_of_agent(site, agent)).collect()
}
