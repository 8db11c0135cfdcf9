//! The tables: what a hostile agent does, and what must come of it.

mod dumps;
mod folders;
mod names;
mod objects;
mod reports;

use crate::ground::Ground;

pub struct Case {
    pub name: String,
    /// `DATABASE: STATUS cause` of each job of the hostile agent (with `AGENT/` where it is not the usual one), then
    /// the kinds of open problems, as after ten minutes.
    pub expected: Vec<String>,
    pub act: Act,
}

pub type Act = Box<dyn Fn(&Ground<'_>) + Send + Sync>;

impl Case {
    fn new(
        name: impl Into<String>,
        expected: &[&str],
        act: impl Fn(&Ground<'_>) + Send + Sync + 'static,
    ) -> Self {
        let expected = expected.iter().map(|&line| line.to_owned()).collect();
        Self { name: name.into(), expected, act: Box::new(act) }
    }

    /// Odd, and still a backup: at least one is kept.
    pub fn is_accepted(&self) -> bool {
        self.expected.iter().any(|line| line.ends_with(": SUCCESS"))
    }
}

pub fn all() -> Vec<Case> {
    [objects::cases(), names::cases(), folders::cases(), reports::cases(), dumps::cases()]
        .into_iter()
        .flatten()
        .collect()
}
