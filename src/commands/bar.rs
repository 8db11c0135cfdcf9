//! Bytes that go by, shown to a person at a terminal.

use std::io::IsTerminal as _;

use indicatif::{ProgressBar, ProgressStyle};

use crate::intake::Progress;

const TEMPLATE: &str = "{bar:30} {bytes} of {total_bytes}, {bytes_per_sec}, {eta} left";

pub struct Bar(ProgressBar);

impl Bar {
    /// Hidden without a terminal, and where `silent` says so.
    #[must_use]
    pub fn new(silent: bool) -> Self {
        let shown = std::io::stderr().is_terminal() && !silent;
        let bar = if shown { ProgressBar::new(0) } else { ProgressBar::hidden() };
        if let Ok(style) = ProgressStyle::with_template(TEMPLATE) {
            bar.set_style(style);
        }
        Self(bar)
    }

    /// So many more bytes are to come.
    pub fn expect(&self, bytes: u64) {
        self.0.set_length(self.0.length().unwrap_or_default().saturating_add(bytes));
    }

    pub fn finish(&self) {
        self.0.finish_and_clear();
    }
}

impl Progress for Bar {
    fn advance(&self, bytes: u64) {
        self.0.inc(bytes);
    }
}
